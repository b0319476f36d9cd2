import { nameAt, PenError, type Emit } from "#foundation";
import type { StoredFile, StoredWheel } from "#store";
import { newBatch, type AdditionsBuilder, type Batch, type FolderState } from "./additions.ts";
import { protectedFile, type ConflictCheck } from "./conflicts.ts";
import { isProtected, penFolderName, schemeFolders } from "./layout.ts";
import { hasStoredRecord, personalFiles, personalRecord } from "./record.ts";
import type { Survey } from "./survey.ts";
import { placeTrees } from "./trees.ts";
import type { BytecodeOf, InstallTarget, WantedWheel } from "./types.ts";
import { placedFiles } from "./versioned-scripts.ts";

/** What the placing of wheels works on. */
export interface Placement {
  readonly target: InstallTarget;
  readonly survey: Survey;
  readonly builder: AdditionsBuilder;
  readonly conflicts: ConflictCheck;
  readonly emit: Emit;
  readonly bytecode: BytecodeOf | undefined;
  /** True for a name in site-packages that at most one wheel of the plan brings. */
  readonly isAlone: (name: string) => boolean;
  /** Files of dist-info folders that do not come with their folder: after all others, so that other tools never see a distribution that is not there. */
  readonly late: Batch[];
}

/** Places every file of a wheel as a file of its own. */
export function placeWheel(placement: Placement, wanted: WantedWheel): void {
  const { target, builder, bytecode } = placement;
  const { wheel } = wanted;
  checkPlatform(target, wheel);
  const late = newBatch(target.root, wheel.folder);
  placement.late.push(late);
  builder.batch(wheel.folder, (batch) => placeBatch(placement, wanted, { batch, late }));
  if (bytecode === undefined) return;
  const list = { owner: wheel.manifest.name, files: bytecode(wheel) };
  builder.laterBatch(wheel.folder, (batch) => placeBytecode(builder, schemeFolders(target, wheel).lib, { ...list, batch }));
}

function placeBatch(placement: Placement, wanted: WantedWheel, { batch, late }: { readonly batch: Batch; readonly late: Batch }): void {
  const { target, builder } = placement;
  const { wheel } = wanted;
  const { manifest } = wheel;
  const { lib } = schemeFolders(target, wheel);
  const isStored = hasStoredRecord(target, wanted);
  const place = placer(placement, wheel, batch);
  const placeLate = placer(placement, wheel, late);
  const infoPrefix = `${manifest.distInfo}/`;
  const recordPath = `${infoPrefix}RECORD`;
  for (const file of placedFiles(target, manifest, placeTrees(placement, wheel))) {
    if (file.scheme !== "lib" || !file.path.startsWith(infoPrefix)) place(file);
    else if (file.path !== recordPath || (isStored && !wanted.requested)) placeLate(file);
  }
  if (!isStored) writePersonal(placement, wanted, `${lib}/${manifest.distInfo}`);
  else if (wanted.requested) placeRequested(builder, wheel, { info: `${lib}/${manifest.distInfo}`, late });
}

function writePersonal({ target, builder }: Placement, wanted: WantedWheel, info: string): void {
  const owner = wanted.wheel.manifest.name;
  const personal = personalFiles(wanted);
  for (const { name, content } of personal) write(builder, `${info}/${name}`, { content, owner });
  write(builder, `${info}/RECORD`, { content: personalRecord(target, wanted, personal), owner });
}

/** REQUESTED and the RECORD that lists it, which the store has ready. */
function placeRequested(
  builder: AdditionsBuilder,
  { manifest }: StoredWheel,
  { info, late }: { readonly info: string; readonly late: Batch },
): void {
  const sources = { REQUESTED: `${manifest.requested.info}/REQUESTED`, RECORD: manifest.requested.record };
  for (const [name, source] of Object.entries(sources)) {
    claimOwn(builder, `${info}/${name}`, manifest.name);
    late.existing.push(source);
    late.names.push(`${info}/${name}`.slice(late.to.length + 1));
  }
}

/** A function that places single files of `wheel`, to be linked with the others of `batch`. */
export function placer(placement: Placement, wheel: StoredWheel, batch: Batch): (file: StoredFile) => string {
  const { target, builder, conflicts } = placement;
  const folders = schemeFolders(target, wheel);
  const owner = wheel.manifest.name;
  const above = target.root.length + 1;
  let within = "\0";
  let state: FolderState | undefined;
  return (file) => {
    const path = `${folders[file.scheme]}/${file.path}`;
    if (file.scheme === "lib" ? reservesName(target, folders.lib, file.path) : isProtected(target, path))
      throw protectedFile({ path, owner });
    // Files come folder by folder: only a change of folder costs a look-up.
    if (state === undefined || file.scheme !== "lib" || !file.path.startsWith(within) || file.path.indexOf("/", within.length) >= 0) {
      const slash = file.path.lastIndexOf("/");
      within = file.scheme === "lib" ? file.path.slice(0, slash + 1) : "\0";
      state = builder.folder(slash < 0 ? folders[file.scheme] : `${folders[file.scheme]}/${file.path.slice(0, slash)}`, owner);
    }
    switch (builder.claim(path, state, owner)) {
      case "free":
        batch.existing.push(file.source);
        batch.names.push(path.slice(above));
        break;
      case "taken":
        conflicts.taken({ path, owner, file, source: `${wheel.folder}/${file.source}` });
        break;
      case "planned":
        conflicts.planned({ path, owner, file, source: `${wheel.folder}/${file.source}` }, { source: plannedSource(placement, path) });
    }
    return path;
  };
}

/** With --target, site-packages is the root itself: no wheel may reach pen's folder there. */
function reservesName(target: InstallTarget, lib: string, path: string): boolean {
  return lib === target.root && (path.startsWith(`${penFolderName}/`) || path === "pyvenv.cfg" || path === penFolderName);
}

function plannedSource({ builder, late }: Placement, path: string): string {
  const { batches, laterBatches, infoBatches } = builder.additions;
  for (const batch of [...batches, ...laterBatches, ...infoBatches, ...late]) {
    const at = batch.existing.findIndex((_, at) => `${batch.to}/${nameAt(batch, at)}` === path);
    if (at >= 0) return `${batch.from}/${batch.existing[at] ?? ""}`;
  }
  return "";
}

/** Takes a place that only an installer may fill, from whoever has it. */
function claimOwn(builder: AdditionsBuilder, path: string, owner: string): void {
  switch (builder.claim(path, builder.folder(path.slice(0, path.lastIndexOf("/")), owner), owner)) {
    case "planned":
      throw new PenError("INVALID_WHEEL", `${owner} brings ${path}, which only an installer may write`);
    case "taken":
      builder.replace(path, owner);
      break;
    case "free":
      break;
  }
}

/** Plans a file with a text of its own. */
export function write(builder: AdditionsBuilder, path: string, file: { readonly content: string; readonly owner: string }): void {
  const state = builder.folder(path.slice(0, path.lastIndexOf("/")), file.owner);
  switch (builder.claim(path, state, file.owner)) {
    case "planned":
      throw new PenError("INVALID_WHEEL", `${file.owner} brings ${path}, which only an installer may write`);
    case "taken":
      builder.replace(path, file.owner);
      break;
    case "free":
      break;
  }
  builder.additions.writes.push({ path, content: file.content });
}

function placeBytecode(
  builder: AdditionsBuilder,
  lib: string,
  list: { readonly owner: string; readonly files: ReturnType<BytecodeOf>; readonly batch: Batch },
): void {
  const { existing, names, to } = list.batch;
  let last = "";
  let state: FolderState | undefined;
  for (const file of list.files) {
    const path = `${lib}/${file.path}`;
    const folder = path.slice(0, path.lastIndexOf("/"));
    if (state === undefined || folder !== last) {
      state = builder.folder(folder, list.owner);
      last = folder;
    }
    // Bytecode that is there already is checked by Python against its source, and needs no judgement here.
    if (builder.claim(path, state, list.owner) !== "free") continue;
    existing.push(file.source);
    names.push(path.slice(to.length + 1));
  }
}

/** Launchers are shell scripts: on Windows they would do nothing. */
export function checkPlatform(target: InstallTarget, wheel: StoredWheel): void {
  if (!target.paths.scripts.endsWith("Scripts") || wheel.manifest.scripts.length === 0) return;
  throw new PenError("TARGET_UNSUPPORTED", `The commands of ${wheel.manifest.name} cannot be installed on Windows yet`, {
    why: "pen makes launchers for Linux and macOS only.",
    hint: "Use pip in this environment.",
  });
}
