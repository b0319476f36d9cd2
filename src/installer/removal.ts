import { isPenError, listFolder, PenError, readText, readTextIfAny, warn, type Emit, dirname } from "#foundation";
import { parseEntryPoints } from "#standards";
import { claimedFiles } from "./claims.ts";
import { isComplete } from "./installed.ts";
import { isProtected, recordedPath } from "./layout.ts";
import { linkedFolder, readLinkedList } from "./linked-list.ts";
import type { InstalledDistribution, InstallTarget, Plan } from "./types.ts";
import type { Survey } from "./survey.ts";

/** What must go away for a plan. Paths are absolute. */
export interface Removal {
  /** Files and links, and folders that go with all that is in them. */
  readonly paths: readonly string[];
  /** How many files and links that makes. */
  readonly files: number;
  /** Folders that may be empty afterwards, the deepest first. */
  readonly folders: readonly string[];
  /** Files that get a new content (they are in {@link paths} too). */
  readonly writes: ReadonlyArray<{ readonly path: string; readonly content: string }>;
}

interface Collection {
  readonly target: InstallTarget;
  readonly survey: Survey;
  readonly emit: Emit;
  readonly paths: Set<string>;
  readonly writes: Map<string, string>;
}

/**
 * Finds the files of everything that the plan replaces or uninstalls: the rows of RECORD with the bytecode of the listed modules.
 * Rows that lead out of the environment, to its interpreter, or to a file of another distribution are passed over with a warning.
 * Errors: ENV_BROKEN when nobody knows the files of a distribution.
 */
export function collectRemoval(plan: Plan, context: { target: InstallTarget; survey: Survey; emit: Emit }): Removal {
  const leaving = new Set<InstalledDistribution>();
  const collection: Collection = { ...context, paths: new Set(), writes: new Map() };
  for (const step of plan.steps) {
    if (!("replaces" in step)) continue;
    for (const distribution of step.replaces) {
      leaving.add(distribution);
      addDistribution(collection, distribution, step.action === "uninstall");
    }
  }
  if (leaving.size === 0) return { paths: [], files: 0, folders: [], writes: [] };
  const staying = plan.installed.filter((distribution) => !leaving.has(distribution));
  for (const [path, owner] of claimedFiles(context.target, staying, collection.paths)) {
    collection.paths.delete(path);
    warn(context.emit, "shared-file", `${path} stays: it also belongs to ${owner}`);
  }
  const paths = [...collection.paths];
  const writes = [...collection.writes].map(([path, content]) => ({ path, content }));
  return { files: paths.length, writes, ...forget(collection, paths) };
}

/**
 * Takes the removed files out of the survey. A folder that would be empty then goes as a whole: one rename instead of one for each
 * file, and the same to undo.
 */
function forget({ target, survey, writes }: Collection, paths: readonly string[]): Pick<Removal, "paths" | "folders"> {
  const folders = foldersOf(target, paths);
  // What is written anew keeps its folder.
  for (const path of paths) if (!writes.has(path)) survey.forget(path);
  const whole = new Set<string>();
  for (const folder of folders) {
    if (survey.names(folder)?.size !== 0 || survey.kindOf(folder) !== "folder") continue;
    whole.add(folder);
    survey.forget(folder);
  }
  const single = (path: string): boolean => !whole.has(path.slice(0, path.lastIndexOf("/")));
  return { paths: [...paths.filter(single), ...[...whole].filter(single)], folders: folders.filter((folder) => !whole.has(folder)) };
}

function addDistribution(collection: Collection, distribution: InstalledDistribution, uninstall: boolean): void {
  switch (distribution.kind) {
    case "egg-link":
      return addEggLink(collection, distribution);
    case "egg-info":
      return addEggInfo(collection, distribution);
    case "wheel":
      if (distribution.linked) return addLinked(collection, distribution);
  }
  // What another tool left half-installed has no RECORD: installing anew adopts the files that are right.
  const rows = distribution.record() ?? (uninstall || isComplete(distribution) ? undefined : []);
  if (rows === undefined) throw unknownFiles(distribution);
  const outside: string[] = [];
  for (const { path } of rows) addRow(collection, recordedPath(collection.target.root, distribution.location, path), path, outside);
  addTree(collection, distribution.path);
  tellOutside(collection, distribution, outside);
}

function tellOutside({ emit }: Collection, { name }: InstalledDistribution, outside: readonly string[]): void {
  if (outside.length === 0) return;
  const more = outside.length > 1 ? ` and ${outside.length - 1} more` : "";
  warn(emit, "foreign-file", `${name} lists ${outside[0]}${more}, which is not its own to remove: kept`);
}

function addRow(collection: Collection, path: string | undefined, row: string, outside: string[]): void {
  if (path === undefined || isProtected(collection.target, path)) return void outside.push(row);
  const kind = collection.survey.kindOf(path);
  if (kind === undefined || kind === "folder") return;
  collection.paths.add(path);
  if (path.endsWith(".py")) addBytecode(collection, path);
}

/** `pkg/__pycache__/module.*.pyc` of `pkg/module.py`. */
function addBytecode({ survey, paths }: Collection, path: string): void {
  const slash = path.lastIndexOf("/");
  const folder = `${path.slice(0, slash)}/__pycache__`;
  if (survey.kindOf(folder) !== "folder") return;
  const names = survey.names(folder);
  if (names === undefined) return;
  const stem = path.slice(slash + 1, -2);
  for (const name of modulesOf(names).get(stem) ?? []) paths.add(`${folder}/${name}`);
}

const indexed = new WeakMap<ReadonlyMap<string, unknown>, Map<string, string[]>>();

/** The names in a `__pycache__`, by the module that they belong to (with its dot). */
function modulesOf(names: ReadonlyMap<string, unknown>): Map<string, string[]> {
  let modules = indexed.get(names);
  if (modules !== undefined) return modules;
  modules = new Map();
  for (const name of names.keys()) {
    if (!name.endsWith(".pyc")) continue;
    // `app.cpython-312.opt-1.pyc` belongs to `app.`; a module's own name has no dot.
    const stem = name.slice(0, name.indexOf(".") + 1);
    const list = modules.get(stem);
    if (list === undefined) modules.set(stem, [name]);
    else list.push(name);
  }
  indexed.set(names, modules);
  return modules;
}

/** A `.dist-info` or `.egg-info` folder is its distribution's own, with all that is in it. */
function addTree({ survey, paths }: Collection, folder: string): void {
  const waiting = [folder];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (survey.kindOf(next) !== "folder") {
      if (survey.kindOf(next) !== undefined) paths.add(next);
      continue;
    }
    for (const [name, kind] of survey.names(next) ?? []) {
      if (kind === "folder") waiting.push(`${next}/${name}`);
      else paths.add(`${next}/${name}`);
    }
  }
}

function addLinked(collection: Collection, distribution: InstalledDistribution): void {
  const { target, survey, paths } = collection;
  const entry = readLinkedList(target)[distribution.path.slice(distribution.path.lastIndexOf("/") + 1)];
  const outside: string[] = [];
  for (const path of entry?.paths ?? []) {
    const full = recordedPath(target.root, target.root, path);
    if (full === undefined || isProtected(target, full)) outside.push(path);
    else if (survey.kindOf(full) !== undefined && survey.kindOf(full) !== "folder") {
      paths.add(full);
      if (full.endsWith(".py")) addBytecode(collection, full);
    }
  }
  addTree(collection, distribution.path);
  tellOutside(collection, distribution, outside);
}

function addEggInfo(collection: Collection, distribution: InstalledDistribution): void {
  const list = readTextIfAny(`${distribution.path}/installed-files.txt`);
  if (list === undefined) throw unknownFiles(distribution);
  const outside: string[] = [];
  for (const line of list.split("\n")) {
    const row = line.trim();
    if (row !== "") addRow(collection, recordedPath(collection.target.root, distribution.path, row), row, outside);
  }
  addTree(collection, distribution.path);
  tellOutside(collection, distribution, outside);
}

/** An old editable install: the link, its line in `easy-install.pth`, and the commands that the project says are its own. */
function addEggLink({ target, survey, paths, writes }: Collection, distribution: InstalledDistribution): void {
  paths.add(distribution.path);
  const folder = readText(distribution.path).split("\n")[0]?.trim() ?? "";
  for (const command of developedCommands(folder)) {
    const path = `${target.paths.scripts}/${command}`;
    if (survey.kindOf(path) === "file" && !isProtected(target, path)) paths.add(path);
  }
  const pathFile = `${distribution.location}/easy-install.pth`;
  if (survey.kindOf(pathFile) !== "file") return;
  const lines = (writes.get(pathFile) ?? readText(pathFile)).split("\n");
  const rest = lines.filter((line) => line.trim() !== folder);
  if (rest.length === lines.length) return;
  paths.add(pathFile);
  if (rest.every((line) => line.trim() === "")) writes.delete(pathFile);
  else writes.set(pathFile, rest.join("\n"));
}

/** The commands of a project in development mode, by the notes in its `.egg-info`; none where these cannot be understood. */
function developedCommands(project: string): string[] {
  try {
    const info = listFolder(project).find(({ name }) => name.endsWith(".egg-info"));
    const text = info && readTextIfAny(`${project}/${info.name}/entry_points.txt`);
    return parseEntryPoints(text ?? "").flatMap(({ group, name }) =>
      /^(?:console|gui)_scripts$/.test(group) && !/[/\\\0]|^\.{1,2}$/.test(name) ? [name] : [],
    );
  } catch (error) {
    if (isPenError(error)) return [];
    throw error;
  }
}

function unknownFiles(distribution: InstalledDistribution): PenError {
  const { name, version, kind, path } = distribution;
  const tool = distribution.installer();
  return new PenError("ENV_BROKEN", `Cannot uninstall ${name} ${version}`, {
    why:
      kind === "egg-info"
        ? `It is a distutils installed project without a list of its files (${path}): which files belong to it is unknown, and removing some would be a partial uninstall.`
        : `Its contents are unknown: there is no RECORD in ${path}.${tool === undefined ? "" : ` It was installed by ${tool}.`}`,
    hint: hintFor(distribution, tool),
    data: { name, path },
  });
}

/** Tools that find the files of what they installed by RECORD alone; others (conda, apt) have lists of their own. */
const knowsRecordOnly = /^(?:pen|pip|uv|poetry|pdm)\b/;

function hintFor({ name, version, kind }: InstalledDistribution, tool: string | undefined): string {
  if (kind === "egg-info") return "Make the environment anew, or remove its files by hand.";
  if (tool !== undefined && !knowsRecordOnly.test(tool)) return `Remove it with ${tool}.`;
  return `Install it again, which writes its RECORD anew, and then remove it: pen pip install --force-reinstall --no-deps ${name}==${version}`;
}

/** The folders of the removed files and those above them, up to the places that every environment has. */
function foldersOf(target: InstallTarget, paths: readonly string[]): string[] {
  const kept = new Set([target.root, target.paths.purelib, target.paths.platlib, linkedFolder(target)]);
  const folders = new Set<string>();
  for (const path of paths) {
    for (
      let folder = dirname(path);
      !kept.has(folder) && folder.length > target.root.length && !folders.has(folder);
      folder = dirname(folder)
    )
      folders.add(folder);
  }
  return [...folders].sort((a, b) => b.length - a.length);
}
