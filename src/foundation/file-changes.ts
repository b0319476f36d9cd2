/** The half of the door that changes files and folders: by writing beside and renaming, never through a link that was not asked for. */
import { dirname, join } from "./paths.ts";
import type * as Fs from "node:fs";
import { fs } from "./builtins.ts";
import { fileSystemError } from "./errors.ts";
import { attempt, errnoOf, unlessMissing } from "./file-errors.ts";
import { quickCalls } from "./quick-calls.ts";
import { randomHex } from "./random.ts";

/** A file in the making, written piece by piece. */
export interface FileWriter {
  write(bytes: Uint8Array): void;
  close(): void;
}

/** Creates a file that must not exist yet (links are not followed), for content too large to hold at once. */
export function createFile(path: string, mode = 0o644): FileWriter {
  const descriptor = attempt("write", path, () => fs().openSync(path, "wx", mode));
  return {
    write: (bytes) =>
      attempt("write", path, () => {
        for (let done = 0; done < bytes.length;) done += fs().writeSync(descriptor, bytes, done);
      }),
    close: () => fs().closeSync(descriptor),
  };
}

/** Creates the folder and the missing ones above it. */
export function makeFolders(path: string): void {
  const calls = quickCalls();
  const standing = calls?.status(path, "follow");
  if (typeof standing === "object" ? standing.kind === "folder" : calls?.makeFolder(path) === true) return;
  attempt("create the folder", path, () => fs().mkdirSync(path, { recursive: true }));
}

/** Creates one folder; false when something stands there already. */
export function makeFolder(path: string): boolean {
  if (quickCalls()?.makeFolder(path) === true) return true;
  try {
    fs().mkdirSync(path);
    return true;
  } catch (error) {
    if (errnoOf(error) === "EEXIST") return false;
    throw fileSystemError("create the folder", path, error);
  }
}

/** Writes a new file that must not exist yet (links are not followed). `mode` defaults to 0o644. One that cannot be written whole is removed again. */
export function writeNew(path: string, content: string | Uint8Array, mode = 0o644): void {
  if (typeof content === "string" && quickCalls()?.writeNew(path, content, mode) === true) return;
  attempt("write", path, () => {
    const descriptor = fs().openSync(path, "wx", mode);
    try {
      fs().writeFileSync(descriptor, content);
    } catch (error) {
      fs().rmSync(path, { force: true });
      throw error;
    } finally {
      fs().closeSync(descriptor);
    }
  });
}

/** Adds text at the end of a file, which is made when it is not there (a log). */
export function appendText(path: string, text: string): void {
  attempt("write", path, () => fs().appendFileSync(path, text));
}

/** Writes to an open descriptor (standard output, say) and gives how many bytes it took. Errors: those of the operating system, as they are. */
export function writeDescriptor(descriptor: number, content: Uint8Array): number {
  return quickCalls()?.write(descriptor, content) ?? fs().writeSync(descriptor, content);
}

/** By what a file that was written is known again, while nothing else takes its place: as `statusOf` gives it. */
export interface WrittenFile {
  readonly inode: number;
  readonly size: number;
  readonly mtimeMs: number;
}

/** Replaces a file in one step: readers see the old content or the new, never a mix. `durable` also forces it to the disk. */
export function writeAtomic(path: string, content: string | Uint8Array, options: { mode?: number; durable?: boolean } = {}): WrittenFile {
  const temporary = temporaryBeside(path);
  return attempt("write", path, () => {
    const isQuick = typeof content === "string" && options.durable !== true;
    const quick = isQuick ? replaceQuickly(path, { temporary, content, mode: options.mode }) : undefined;
    if (quick !== undefined) return quick;
    let stats: Fs.Stats;
    try {
      const descriptor = fs().openSync(temporary, "wx", options.mode ?? 0o644);
      try {
        fs().writeFileSync(descriptor, content);
        if (options.durable === true) fs().fsyncSync(descriptor);
        stats = fs().fstatSync(descriptor);
      } finally {
        fs().closeSync(descriptor);
      }
      fs().renameSync(temporary, path);
      if (options.durable === true) syncFolder(dirname(path));
      return { inode: stats.ino, size: stats.size, mtimeMs: stats.mtimeMs };
    } catch (error) {
      fs().rmSync(temporary, { force: true });
      throw error;
    }
  });
}

interface Replacement {
  readonly temporary: string;
  readonly content: string;
  readonly mode: number | undefined;
}

/** What {@link writeAtomic} does, by {@link quickCalls}; undefined, with nothing left behind, where that is not to be had. */
function replaceQuickly(path: string, { temporary, content, mode }: Replacement): WrittenFile | undefined {
  const calls = quickCalls();
  if (calls?.writeNew(temporary, content, mode ?? 0o644) !== true) return undefined;
  const status = calls.status(temporary, "look at");
  if (typeof status === "object" && calls.rename(temporary, path)) return status;
  fs().rmSync(temporary, { force: true });
  return undefined;
}

/**
 * A name beside `path` that nobody uses: hidden, and recognised by {@link isTemporaryName}. Chance only keeps names apart here, as what stands there is
 * never written over.
 */
export function temporaryBeside(path: string): string {
  return join(dirname(path), `.pen-tmp-${process.pid}-${randomHex(6)}`);
}

/** True for the names that {@link temporaryBeside} gives. */
export function isTemporaryName(name: string): boolean {
  return /^\.pen-tmp-\d+-[0-9a-f]{12}$/.test(name);
}

/** The process that made a name of {@link temporaryBeside}. */
export function temporaryOwner(name: string): number {
  return Number(/^\.pen-tmp-(\d+)-/.exec(name)?.[1]);
}

/** Forces the entries of a folder to the disk, where the platform can. */
export function syncFolder(path: string): void {
  let descriptor: number;
  try {
    descriptor = fs().openSync(path, "r");
  } catch {
    return;
  }
  try {
    fs().fsyncSync(descriptor);
  } catch {
    // Some file systems refuse fsync on a folder; then there is nothing stronger to do.
  } finally {
    fs().closeSync(descriptor);
  }
}

/** Forces the content of a file to the disk. */
export function syncFile(path: string): void {
  attempt("sync", path, () => {
    const descriptor = fs().openSync(path, "r+");
    try {
      fs().fsyncSync(descriptor);
    } finally {
      fs().closeSync(descriptor);
    }
  });
}

export function rename(from: string, to: string): void {
  if (quickCalls()?.rename(from, to) !== true) attempt(`move ${from} to`, to, () => fs().renameSync(from, to));
}

/** A second name for the same file. */
export function hardLink(existing: string, path: string): void {
  attempt("link", path, () => fs().linkSync(existing, path));
}

export function symbolicLink(target: string, path: string): void {
  if (quickCalls()?.symbolicLink(target, path) !== true) attempt("link", path, () => fs().symlinkSync(target, path));
}

/** Copies one file that must not exist at `to` yet; `clone` demands a copy-on-write clone and fails where there is none. */
export function copyFile(from: string, to: string, options: { clone?: boolean } = {}): void {
  const mode =
    fs().constants.COPYFILE_EXCL | (options.clone === true ? fs().constants.COPYFILE_FICLONE_FORCE : fs().constants.COPYFILE_FICLONE);
  attempt("copy to", to, () => fs().copyFileSync(from, to, mode));
}

export function changeMode(path: string, mode: number): void {
  attempt("change the mode of", path, () => fs().chmodSync(path, mode));
}

/** Sets access and modification time, in milliseconds since 1970. */
export function setTime(path: string, timeMs: number): void {
  attempt("set the time of", path, () => fs().utimesSync(path, timeMs / 1000, timeMs / 1000));
}

/** Removes a file or link (never what a link points at); false when there was none. */
export function removeFile(path: string): boolean {
  if (quickCalls()?.removeFile(path) === true) return true;
  if (isKnownMissing(path)) return false;
  return attempt("remove", path, () => unlessMissing(() => (fs().unlinkSync(path), true))) ?? false;
}

/** True where nothing stands at `path`; false also where that takes `node:fs` to tell. */
const isKnownMissing = (path: string): boolean => quickCalls()?.status(path, "look at") === "missing";

/** Removes an empty folder; false when it is missing or not empty. */
export function removeEmptyFolder(path: string): boolean {
  if (quickCalls()?.removeEmptyFolder(path) === true) return true;
  if (isKnownMissing(path)) return false;
  try {
    fs().rmdirSync(path);
    return true;
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === "ENOENT" || errno === "ENOTEMPTY" || errno === "EEXIST" || errno === "ENOTDIR") return false;
    throw fileSystemError("remove the folder", path, error);
  }
}

/** Removes whatever stands at `path`, folders with all that is in them. Links are removed, never followed. */
export function removeTree(path: string): void {
  if (isKnownMissing(path)) return;
  attempt("remove", path, () => {
    const stats = unlessMissing(() => fs().lstatSync(path));
    if (stats === undefined) return;
    if (!stats.isDirectory()) return fs().unlinkSync(path);
    try {
      fs().rmSync(path, { recursive: true, force: true });
    } catch (error) {
      if (errnoOf(error) !== "EACCES" && errnoOf(error) !== "EPERM") throw error;
      unlockFolders(path);
      fs().rmSync(path, { recursive: true, force: true });
    }
  });
}

/** Read-only folders (pen's store has them) keep their entries; make them writable, without following links. */
function unlockFolders(path: string): void {
  fs().chmodSync(path, 0o755);
  for (const entry of fs().readdirSync(path, { withFileTypes: true })) {
    if (entry.isDirectory()) unlockFolders(join(path, entry.name));
  }
}

/** A new folder of its own under `parent`, with a name from {@link temporaryBeside}. */
export function makeTemporaryFolder(parent: string): string {
  makeFolders(parent);
  const path = temporaryBeside(join(parent, "x"));
  attempt("create the folder", path, () => fs().mkdirSync(path, { mode: 0o700 }));
  return path;
}
