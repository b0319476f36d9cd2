import {
  type LeftFiles,
  changeMode,
  createHasher,
  isModeAsLeft,
  isTimeAsLeft,
  listFolder,
  notAsLeft,
  openFile,
  pathExists,
  setTime,
  statusOf,
  writeNew,
} from "#foundation";
import { type SingleFile, entryManifest, fileAt } from "./manifest.ts";
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

/**
 * Looks for damage before anything is linked; the problems of each wheel. Each file is asked for its size, time and mode (one `lstat`); one whose time or
 * mode is not as it was left is read and compared by hash, and set right when its content is whole. The files of an entry
 * that was written in an earlier boot are all read once: after a power cut names and sizes can be there without the content.
 */
export async function findDamage(wheels: readonly StoredWheel[], boot: string): Promise<StoreProblem[][]> {
  const lists: LeftFiles[] = [];
  const places: Array<number | undefined> = [];
  for (const wheel of wheels) {
    const isFresh = entryManifest(wheel).boot === boot || pathExists(`${wheel.folder}/${durableMark}`);
    places.push(isFresh ? lists.push(leftFiles(wheel)) - 1 : undefined);
  }
  const suspects = await notAsLeft(lists);
  return wheels.map((wheel, number) => {
    const at = places[number];
    return at === undefined ? checkAfterBoot(wheel, boot) : compareFiles(wheel, suspects?.[at]);
  });
}

/** The files of a wheel as they were left, those in no column last. */
function leftFiles(wheel: StoredWheel): LeftFiles {
  const { columns, extra, written } = entryManifest(wheel);
  const [names, sizes, executables] = [[...columns.sources], [...columns.sizes], [...columns.executables]];
  for (const { source, size, executable } of extra) {
    if (executable) executables.push(names.length);
    names.push(source);
    sizes.push(size);
  }
  return { folder: wheel.folder, names, sizes, executables, written };
}

function checkAfterBoot(wheel: StoredWheel, boot: string): StoreProblem[] {
  const problems = compareContent(wheel);
  if (problems.length > 0) return problems;
  try {
    writeNew(`${wheel.folder}/${durableMark}`, `${boot}\n`, 0o444);
  } catch {
    // Another process was quicker, or the store is read-only: then the next one reads it again.
  }
  return problems;
}

/** Compares every file with its hash. */
export function compareContent(wheel: StoredWheel): StoreProblem[] {
  return [...compareSome(wheel, undefined, true), ...compareRequested(wheel)];
}

/** What of a wheel is damaged, where only `suspects` may be, by their positions in {@link leftFiles}; all of its files where that is not known. */
function compareFiles(wheel: StoredWheel, suspects: readonly number[] | undefined): StoreProblem[] {
  return [...compareSome(wheel, suspects, false), ...compareRequested(wheel)];
}

function compareSome(wheel: StoredWheel, positions: readonly number[] | undefined, content: boolean): StoreProblem[] {
  if (positions?.length === 0) return [];
  const { columns, extra, written } = entryManifest(wheel);
  const count = columns.sources.length;
  return (positions ?? Array.from({ length: count + extra.length }, (_, at) => at)).flatMap((at) => {
    const file = extra[at - count] ?? fileAt(wheel.manifest, at);
    const path = `${wheel.folder}/${file.source}`;
    const kind = compareFile(path, { ...file, written }, content);
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

interface Expected extends Omit<SingleFile, "source"> {
  readonly written: LeftFiles["written"];
}

function compareFile(path: string, wanted: Expected, content: boolean): StoreProblem["kind"] | undefined {
  const status = statusOf(path);
  if (status === undefined || status.kind !== "file") return "missing";
  if (status.size !== wanted.size) return "size";
  const timeIsRight = isTimeAsLeft(status.mtimeMs, wanted.written);
  const modeIsRight = isModeAsLeft(status.mode, wanted.executable);
  if (timeIsRight && modeIsRight && !content) return undefined;
  let found: string;
  try {
    found = hashFile(path);
  } catch {
    return "mode";
  }
  if (found !== wanted.hash) return "content";
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
