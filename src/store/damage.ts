import {
  type FileStatus,
  changeMode,
  createHasher,
  listFolder,
  openFile,
  openFolder,
  pathExists,
  setTime,
  statusOf,
  writeNew,
} from "#foundation";
import { type SingleFile, entryManifest, hashLength } from "./manifest.ts";
import type { StoreProblem, StoredWheel } from "./types.ts";

const pieceSize = 2 ** 20;

/** SHA-256 of a file's content, URL-safe base64 without padding. */
export function hashFile(path: string): string {
  const file = openFile(path);
  try {
    const hasher = createHasher();
    for (let at = 0; at < file.size; at += pieceSize) hasher.update(file.read(at, Math.min(pieceSize, file.size - at)));
    return hasher.base64url();
  } finally {
    file.close();
  }
}

/** The name of the mark that an entry's content was read back in a later boot than the one it was written in. */
const durableMark = "durable";
interface Checking {
  readonly boot: string;
}

/**
 * Looks for damage before anything is linked. Each file is asked for its size, time and mode (one `lstat`); one whose time or
 * mode is not as it was left is read and compared by hash, and set right when its content is whole. The files of an entry
 * that was written in an earlier boot are all read once: after a power cut names and sizes can be there without the content.
 */
export function findDamage(wheel: StoredWheel, { boot }: Checking): StoreProblem[] {
  const isFresh = entryManifest(wheel).boot === boot || pathExists(`${wheel.folder}/${durableMark}`);
  return isFresh ? compareFiles(wheel, false) : checkAfterBoot(wheel, boot);
}

function checkAfterBoot(wheel: StoredWheel, boot: string): StoreProblem[] {
  const problems = compareFiles(wheel, true);
  if (problems.length > 0) return problems;
  try {
    writeNew(`${wheel.folder}/${durableMark}`, `${boot}\n`, 0o444);
  } catch {
    // Another process was quicker, or the store is read-only: then the next one reads it again.
  }
  return problems;
}

/** Compares every file with the manifest; with `content` by hash, whatever its status says. */
export function compareFiles(wheel: StoredWheel, content: boolean): StoreProblem[] {
  return [...compareColumns(wheel, content), ...compareSome(wheel, entryManifest(wheel).extra, content), ...compareRequested(wheel)];
}

function compareColumns(wheel: StoredWheel, content: boolean): StoreProblem[] {
  const { columns, written } = entryManifest(wheel);
  const executables = new Set(columns.executables);
  return filesToCompare(wheel, executables, content).flatMap((at) => {
    const path = `${wheel.folder}/${columns.sources[at] ?? ""}`;
    const hash = (): string => columns.hashes.slice(at * hashLength, (at + 1) * hashLength);
    const expected = { size: columns.sizes[at] ?? -1, executable: executables.has(at), written };
    const kind = compareFile(path, expected, { hash, content });
    return kind === undefined ? [] : [problemOf(wheel, path, kind)];
  });
}

/** Positions of the files that one look does not settle; with `content` all. */
function filesToCompare(wheel: StoredWheel, executables: ReadonlySet<number>, content: boolean): number[] {
  const { columns, written } = entryManifest(wheel);
  const { sources, sizes } = columns;
  if (content) return sources.map((_, at) => at);
  const found: number[] = [];
  const folder = openFolder(wheel.folder);
  try {
    const about = { executable: false, written };
    for (let at = 0; at < sources.length; at += 1) {
      about.executable = executables.has(at);
      if (!isAsLeft(folder.look(sources[at] ?? ""), sizes[at] ?? -1, about)) found.push(at);
    }
  } finally {
    folder.close();
  }
  return found;
}

function compareSome(wheel: StoredWheel, files: readonly SingleFile[], content: boolean): StoreProblem[] {
  const { written } = entryManifest(wheel);
  return files.flatMap((file) => {
    const path = `${wheel.folder}/${file.source}`;
    const kind = compareFile(path, { ...file, written }, { hash: () => file.hash, content });
    return kind === undefined ? [] : [problemOf(wheel, path, kind)];
  });
}

/** The second `.dist-info` folder shares its files with the first: that it has them is all there is to see. */
function compareRequested(wheel: StoredWheel): StoreProblem[] {
  const path = `${wheel.folder}/${wheel.manifest.requested.info}/METADATA`;
  return statusOf(path)?.kind === "file" ? [] : [problemOf(wheel, path, "missing")];
}

/** A problem with one file of `wheel`. */
function problemOf(wheel: StoredWheel, path: string, kind: StoreProblem["kind"]): StoreProblem {
  return { sha256: wheel.manifest.sha256, wheel: `${wheel.manifest.name} ${wheel.manifest.version}`, path, kind };
}

/** Milliseconds by which a time can be rounded on its way through the system calls. */
const timeGrain = 0.002;

interface Expected {
  readonly size: number;
  readonly executable: boolean;
  readonly written: readonly [from: number, to: number];
}

type SeenStatus = Pick<FileStatus, "kind" | "size" | "mtimeMs" | "mode">;

/** True when size, time and mode are those with which the file was left. */
function isAsLeft(status: SeenStatus | undefined, size: number, about: Pick<Expected, "executable" | "written">): boolean {
  return status !== undefined && status.kind === "file" && status.size === size && isTimeRight(status, about) && isModeRight(status, about);
}

function isTimeRight({ mtimeMs }: SeenStatus, { written }: Pick<Expected, "written">): boolean {
  return mtimeMs >= written[0] - timeGrain && mtimeMs <= written[1] + timeGrain;
}

/** The umask may take the rights of others away; writable or not executable by its owner it may not be. */
function isModeRight({ mode }: SeenStatus, { executable }: Pick<Expected, "executable">): boolean {
  return (mode & 0o7222) === 0 && (mode & 0o500) === (executable ? 0o500 : 0o400);
}

function compareFile(
  path: string,
  wanted: Expected,
  { hash, content }: { readonly hash: () => string; readonly content: boolean },
): StoreProblem["kind"] | undefined {
  const status = statusOf(path);
  if (status === undefined || status.kind !== "file") return "missing";
  if (status.size !== wanted.size) return "size";
  const timeIsRight = isTimeRight(status, wanted);
  const modeIsRight = isModeRight(status, wanted);
  if (timeIsRight && modeIsRight && !content) return undefined;
  let found: string;
  try {
    found = hashFile(path);
  } catch {
    return "mode";
  }
  if (found !== hash()) return "content";
  if (timeIsRight && modeIsRight) return undefined;
  return setRight(
    { path, timeIsRight, mode: modeIsRight ? undefined : wanted.executable ? 0o555 : 0o444 },
    (wanted.written[0] + wanted.written[1]) / 2,
  );
}

/** The content is whole: only its mode or time were changed, through an environment or by a copy of the cache. */
function setRight(file: { path: string; timeIsRight: boolean; mode: number | undefined }, time: number): "mode" | undefined {
  try {
    if (file.mode !== undefined) changeMode(file.path, file.mode);
    if (!file.timeIsRight) setTime(file.path, time);
    return undefined;
  } catch {
    return "mode";
  }
}

/** Files and links under the entry that its manifest does not know (compiled modules do not count). */
export function* findUnexpected(wheel: StoredWheel): Generator<StoreProblem> {
  const known = new Set(entryManifest(wheel).columns.sources);
  const waiting = ["tree", "scripts", "data", "headers"];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    for (const { name, kind } of listFolder(`${wheel.folder}/${folder}`)) {
      const path = `${folder}/${name}`;
      if (kind === "folder" && name !== "__pycache__") waiting.push(path);
      else if (kind !== "folder" && !known.has(path)) yield problemOf(wheel, `${wheel.folder}/${path}`, "unexpected");
    }
  }
}
