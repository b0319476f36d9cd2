import {
  isTemporaryName,
  listFolder,
  makeFolder,
  makeFolders,
  pathExists,
  PenError,
  removeEmptyFolder,
  removeFile,
  rename,
  symbolicLink,
  syncFile,
  warn,
  writeNew,
} from "#foundation";
import { createAdditions, newBatch, type Additions, type Batch } from "./additions.ts";
import { checkConflicts } from "./conflicts.ts";
import { backupFolder, commitJournal, newJournal, readJournal, writeJournal, type Journal } from "./journal.ts";
import { checkTarget, isInside, penFolderName } from "./layout.ts";
import { libraryFolders } from "./installed.ts";
import { placeLinked } from "./linked.ts";
import { linkedFolder } from "./linked-list.ts";
import { placeFiles } from "./linking.ts";
import { placeWheel, type Placement } from "./placement.ts";
import { finish, undo } from "./recovery.ts";
import { collectRemoval, type Removal } from "./removal.ts";
import { surveyOf, type Survey } from "./survey.ts";
import { namesOfOne } from "./trees.ts";
import type { ApplyOptions, Change, InstalledDistribution, InstallTarget, LinkMode, Plan, Report, WantedWheel } from "./types.ts";

/**
 * Does what the plan says, as one transaction: after it every distribution of the plan is whole and new, or, when anything
 * fails, everything is as it was. Call it under {@link lockEnvironment}, with {@link recover} done before the plan was made.
 * Everything is judged before the first change. Errors: FILE_CONFLICT, ENV_BROKEN, TARGET_UNSUPPORTED, FILE_SYSTEM, and the reason of `signal`.
 */
export async function applyPlan(plan: Plan, place: InstallTarget, options: ApplyOptions): Promise<Report> {
  checkTarget(place);
  const target = withOneLibrary(place);
  const changes = changesOf(plan);
  if (changes.length === 0) return { changes, linkMode: undefined, files: 0, folders: 0, removed: 0 };
  for (const step of plan.steps)
    if ("wanted" in step && "unbuilt" in step.wanted) throw new PenError("INTERNAL", `${step.name} was planned without a wheel`);
  options.signal?.throwIfAborted();
  options.emit({ type: "phase", phase: "install" });
  const work = prepare(plan, target, options);
  makeFolders(`${target.root}/${penFolderName}`);
  sweep(target);
  const journal = newJournal({ changes, ...relativeTo(target.root, work) });
  writeJournal(target, journal, options.durable !== false);
  try {
    const linkMode = await execute(work, { target, journal, options });
    commitJournal(target, options.durable !== false && journal.removed.length > 0);
    finishQuietly(target, journal, options);
    for (const change of changes) options.emit({ type: "change", ...change });
    const { symlinks, writes } = work.additions;
    const { files, folders } = countNew(work);
    return { changes, linkMode, files: files + symlinks.length + writes.length, folders, removed: work.removedFiles };
  } catch (error) {
    revert(target, journal, error);
    throw error;
  }
}

/** A failure to delete backups changes nothing for anyone: the next command does it. */
function finishQuietly(target: InstallTarget, journal: Journal, { emit }: ApplyOptions): void {
  try {
    finish(target, journal);
  } catch (error) {
    warn(
      emit,
      "backup-left",
      `The backup of the replaced files could not be deleted yet: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/** Undoes at once. When that fails too, the journal stays, and the next command does it. */
export function revert(target: InstallTarget, journal: Journal, cause: unknown): void {
  try {
    if (readJournal(target, "journal")?.id === journal.id) undo(target, journal);
  } catch (error) {
    throw new PenError("ENV_BROKEN", "The command failed, and its changes could not be undone yet", {
      why: `${cause instanceof Error ? cause.message : String(cause)}; then: ${error instanceof Error ? error.message : String(error)}`,
      hint: "The next pen command in this environment undoes them; make sure that its folders can be written to.",
      data: { root: target.root },
      cause,
    });
  }
}

/** The same target with platlib named as purelib where both are one folder (`lib64` is a link to `lib`), so that a file has one name. */
function withOneLibrary(target: InstallTarget): InstallTarget {
  if (target.paths.purelib === target.paths.platlib || libraryFolders(target).length > 1) return target;
  return { ...target, paths: { ...target.paths, platlib: target.paths.purelib } };
}

function changesOf(plan: Plan): Change[] {
  const changes: Change[] = [];
  for (const step of plan.steps) {
    if (step.action === "keep") continue;
    const { action, name, version } = step;
    changes.push({ action, name, version, ...("previous" in step ? { previous: step.previous } : {}) });
  }
  return changes;
}

interface Work {
  readonly additions: Additions;
  /** Single files of `.dist-info` folders, which come when all others are there. */
  readonly late: readonly Batch[];
  /** Absolute; in the order of their numbers in the backup. */
  readonly removed: readonly string[];
  readonly removedFiles: number;
  readonly emptied: readonly string[];
  readonly mode: LinkMode;
}

/**
 * Judges a plan as {@link applyPlan} would and changes nothing: for `--dry-run`. Errors: FILE_CONFLICT, ENV_BROKEN, TARGET_UNSUPPORTED.
 */
export function checkPlan(plan: Plan, target: InstallTarget, options: ApplyOptions): void {
  checkTarget(target);
  prepare(plan, withOneLibrary(target), options);
}

/** Finds and judges everything, and changes nothing. */
function prepare(plan: Plan, target: InstallTarget, options: ApplyOptions): Work {
  if (readJournal(target, "journal") !== undefined)
    throw new PenError("INTERNAL", "An earlier transaction is open", {
      why: "recover() has to come before a plan is made.",
      data: { root: target.root },
    });
  const { emit } = options;
  const survey = surveyOf(target.root);
  const removal = collectRemoval(plan, { target, survey, emit });
  const leaving: InstalledDistribution[] = [];
  const wanted: WantedWheel[] = [];
  for (const step of plan.steps) {
    if ("replaces" in step) leaving.push(...step.replaces);
    if ("wanted" in step && !("unbuilt" in step.wanted)) wanted.push(step.wanted);
  }
  const staying = leaving.length === 0 ? plan.installed : plan.installed.filter((distribution) => !leaving.includes(distribution));
  const builder = createAdditions(target.root, survey);
  const conflicts = checkConflicts({ target, staying, builder, emit, overwrite: options.overwrite === true });
  const late: Batch[] = [];
  const mode = modeFor(target, wanted, options);
  const [linked, real] = divide(wanted, { mode, target, survey });
  const isAlone = namesOfOne(target, wanted);
  const placement: Placement = { target, survey, builder, conflicts, emit, bytecode: options.bytecode, isAlone, late };
  placeLinked(placement, linked, leaving);
  for (const wheel of real) placeWheel(placement, wheel);
  for (const { path, owner, source } of conflicts.settle()) {
    builder.replace(path, owner);
    builder.additions.replacements.push({ source, path });
  }
  builder.settle();
  return combine(target, builder.additions, { removal, mode, late });
}

function combine(
  target: InstallTarget,
  additions: Additions,
  { removal, mode, late }: { removal: Removal; mode: LinkMode; late: readonly Batch[] },
): Work {
  for (const { path, content } of removal.writes) {
    additions.newFiles.push(path);
    additions.writes.push({ path, content });
  }
  const removed = additions.replaced.length === 0 ? removal.paths : [...new Set([...removal.paths, ...additions.replaced])];
  const removedFiles = removal.files + removed.length - removal.paths.length;
  return { additions, removed, removedFiles, emptied: [...removal.folders, linkedFolder(target)], mode, late };
}

/** `symlink` needs an environment whose Python reads `.pth` files, and a store outside of it, where no other tool takes links for its own files. */
function modeFor(target: InstallTarget, wanted: readonly WantedWheel[], { linkMode, emit }: ApplyOptions): LinkMode {
  if (linkMode !== "symlink") return linkMode;
  const inside = wanted.some(({ wheel }) => isInside(target.root, wheel.folder));
  const passing = wanted.some(({ wheel }) => wheel.passing === true);
  if (!inside && !passing && pathExists(`${target.root}/pyvenv.cfg`)) return "symlink";
  const why = inside
    ? "the store lies inside the environment"
    : passing
      ? "the cache is read-only and links need a store that stays"
      : `${target.root} is not a virtual environment`;
  warn(emit, "link-mode", `Packages cannot be symlinked here, because ${why}: using hardlink`);
  return "hardlink";
}

function unlinkable(name: string): PenError {
  return new PenError("FILE_SYSTEM", `${name} cannot be put beside the linked packages of this environment`, {
    why: "It shares a folder with them, so it would have to be a link into pen's cache, which is read-only and does not hold it.",
    hint: "Make the cache writable (PEN_CACHE_DIR names it), or fill a new environment.",
  });
}

/** Wheels for links and wheels for files. One that shares a name with a linked package joins it, or Python would find only one of the two. */
function divide(
  wanted: readonly WantedWheel[],
  { mode, target, survey }: { mode: LinkMode; target: InstallTarget; survey: Survey },
): readonly [linked: WantedWheel[], real: WantedWheel[]] {
  if (mode === "symlink") return [[...wanted], []];
  const names = survey.names(linkedFolder(target));
  if (names === undefined || names.size === 0) return [[], [...wanted]];
  const joins = ({ wheel }: WantedWheel): boolean =>
    wheel.manifest.topLevel.some(({ scheme, name }) => scheme === "lib" && names.has(name));
  const joining = wanted.filter(joins);
  const passing = joining.find(({ wheel }) => wheel.passing === true)?.wheel.manifest;
  if (passing !== undefined) throw unlinkable(passing.name);
  return [joining, wanted.filter((wheel) => !joins(wheel))];
}

function relativeTo(root: string, { additions, removed }: Work): Pick<Journal, "newRoots" | "newFiles" | "removed"> {
  const cut = (path: string): string => path.slice(root.length + 1);
  return { newRoots: additions.newRoots.map(cut), newFiles: additions.newFiles.map(cut), removed: removed.map(cut) };
}

/** What killed commands left beside the journal. */
function sweep(target: InstallTarget): void {
  for (const { name } of listFolder(`${target.root}/${penFolderName}`)) {
    if (isTemporaryName(name)) removeFile(`${target.root}/${penFolderName}/${name}`);
  }
}

interface Execution {
  readonly target: InstallTarget;
  readonly journal: Journal;
  readonly options: ApplyOptions;
}

async function execute(work: Work, { target, journal, options }: Execution): Promise<Report["linkMode"]> {
  const { additions, removed, emptied, late } = work;
  moveAway(removed, backupFolder(target, journal));
  const { files, folders } = countNew(work);
  const total = files + folders;
  const tell = (done: number): void => options.emit({ type: "progress", phase: "install", id: "files", done, total, unit: "items" });
  const { symlinks, replacements } = additions;
  const first = { ...newBatch(target.root, target.root), folders: additions.folders.map((path) => path.slice(target.root.length + 1)) };
  const steps = [[first], additions.batches, additions.laterBatches, replacements.map(asBatch), additions.infoBatches, late];
  const mode = await placeFiles(steps, work.mode, { ...options, onProgress: tell });
  for (const { target, path } of symlinks) symbolicLink(target, path);
  for (const { path, content } of additions.writes) {
    writeNew(path, content);
    if (options.durable !== false && content !== "") syncFile(path);
  }
  for (const folder of emptied) removeEmptyFolder(folder);
  options.signal?.throwIfAborted();
  tell(total);
  if (additions.symlinks.length > 0) return "symlink";
  return files > 0 ? mode : undefined;
}

function asBatch({ source, path }: Additions["replacements"][number]): Batch {
  const [above, name] = [source.lastIndexOf("/"), path.lastIndexOf("/")];
  return { ...newBatch(path.slice(0, name), source.slice(0, above)), existing: [source.slice(above + 1)], names: [path.slice(name + 1)] };
}

/** How many files of the store and how many folders come. */
function countNew({ additions, late }: Work): { readonly files: number; readonly folders: number } {
  const { folders, batches, laterBatches, infoBatches, replacements } = additions;
  const all = [...batches, ...laterBatches, ...infoBatches, ...late];
  const count = { files: replacements.length, folders: folders.length };
  for (const batch of all) {
    count.files += batch.existing.length;
    count.folders += batch.folders.length;
  }
  return count;
}

function moveAway(removed: readonly string[], backup: string): void {
  if (removed.length === 0) return;
  makeFolder(backup);
  removed.forEach((path, number) => rename(path, `${backup}/${number}`));
}
