/**
 * The one door to the file system. Every function names the path in its error (`FILE_SYSTEM`), and every
 * function that replaces a file does it by writing beside it and renaming. Synchronous on purpose: the work is
 * many small calls, and a call through the event loop costs more than the call itself.
 */
import * as fs from "node:fs";
import { dirname, join } from "node:path";
import { fileSystemError } from "./errors.ts";

import { randomHex } from "./random.ts";

export type FileKind = "file" | "folder" | "link" | "other";

export interface FileStatus {
  readonly kind: FileKind;
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since 1970, with a fraction. */
  readonly mtimeMs: number;
  readonly mode: number;
  readonly inode: number;
  readonly device: number;
  readonly links: number;
}

export interface FolderEntry {
  readonly name: string;
  readonly kind: FileKind;
}

function attempt<T>(action: string, path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw fileSystemError(action, path, error);
  }
}

/** The errno name (`ENOENT`) of an error, also of a `FILE_SYSTEM` PenError; undefined for any other. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ("data" in error && typeof error.data === "object" && error.data !== null && "errno" in error.data) return String(error.data.errno);
  return "code" in error && typeof error.code === "string" && error.code.startsWith("E") ? error.code : undefined;
}

/** The answer of `work`, or undefined when the file or a folder above it does not exist. */
function unlessMissing<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === "ENOENT" || errno === "ENOTDIR") return undefined;
    throw error;
  }
}

export function readText(path: string): string {
  return attempt("read", path, () => fs.readFileSync(path, "utf8"));
}

export function readBytes(path: string): Uint8Array {
  return attempt("read", path, () => fs.readFileSync(path));
}

/** The text of a file, or undefined when there is none. */
export function readTextIfAny(path: string): string | undefined {
  return unlessMissing(() => readText(path));
}

/** The bytes of a file, or undefined when there is none. */
export function readBytesIfAny(path: string): Uint8Array | undefined {
  return unlessMissing(() => readBytes(path));
}

/** `length` bytes from `offset`; fewer at the end of the file. */
export function readRange(path: string, offset: number, length: number): Uint8Array {
  return attempt("read", path, () => {
    const descriptor = fs.openSync(path, "r");
    try {
      return readFully(descriptor, offset, length);
    } finally {
      fs.closeSync(descriptor);
    }
  });
}

function readFully(descriptor: number, offset: number, length: number): Uint8Array {
  const buffer = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const got = fs.readSync(descriptor, buffer, filled, length - filled, offset + filled);
    if (got === 0) break;
    filled += got;
  }
  return buffer.subarray(0, filled);
}

/** An open file that is read by range: what is read is one file even when its name is given to another meanwhile. */
export interface OpenFile {
  /** Bytes, when it was opened. */
  readonly size: number;
  /** As {@link readRange}. */
  read(offset: number, length: number): Uint8Array;
  /** True when size or time of change are not what they were when it was opened. */
  changed(): boolean;
  close(): void;
}

/** Opens a regular file to read ranges of it. */
export function openFile(path: string): OpenFile {
  // Without O_NONBLOCK a pipe would wait here for its writer.
  const descriptor = attempt("read", path, () => fs.openSync(path, fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0)));
  const status = fs.fstatSync(descriptor);
  if (!status.isFile()) {
    fs.closeSync(descriptor);
    throw fileSystemError("read", path, Object.assign(new Error("not a file"), { code: status.isDirectory() ? "EISDIR" : "EINVAL" }));
  }
  return {
    size: status.size,
    read: (offset, length) => attempt("read", path, () => readFully(descriptor, offset, length)),
    changed: () => {
      const now = fs.fstatSync(descriptor);
      return now.size !== status.size || now.mtimeMs !== status.mtimeMs;
    },
    close: () => fs.closeSync(descriptor),
  };
}

/** A file in the making, written piece by piece. */
export interface FileWriter {
  write(bytes: Uint8Array): void;
  close(): void;
}

/** Creates a file that must not exist yet (links are not followed), for content too large to hold at once. */
export function createFile(path: string, mode = 0o644): FileWriter {
  const descriptor = attempt("write", path, () => fs.openSync(path, "wx", mode));
  return {
    write: (bytes) => attempt("write", path, () => fs.writeFileSync(descriptor, bytes)),
    close: () => fs.closeSync(descriptor),
  };
}

function toStatus(stats: fs.Stats): FileStatus {
  return {
    kind: kindOf(stats),
    size: stats.size,
    mtimeMs: stats.mtimeMs,
    mode: stats.mode & 0o7777,
    inode: stats.ino,
    device: stats.dev,
    links: stats.nlink,
  };
}

function kindOf(entry: fs.Stats | fs.Dirent): FileKind {
  if (entry.isSymbolicLink()) return "link";
  if (entry.isFile()) return "file";
  return entry.isDirectory() ? "folder" : "other";
}

/** What stands at `path` itself (a link is a link), or undefined. */
export function statusOf(path: string): FileStatus | undefined {
  // Called for every file before it is linked: no closures here.
  try {
    const stats = fs.lstatSync(path, quiet);
    return stats && toStatus(stats);
  } catch (error) {
    if (errnoOf(error) === "ENOENT" || errnoOf(error) === "ENOTDIR") return undefined;
    throw fileSystemError("look at", path, error);
  }
}

const quiet = { throwIfNoEntry: false } as const;

/** What stands at the end of the links of `path`, or undefined (also for a dangling link). */
export function targetStatusOf(path: string): FileStatus | undefined {
  const stats = attempt("look at", path, () => unlessMissing(() => fs.statSync(path)));
  return stats && toStatus(stats);
}

/**
 * When the file or folder `path` was last read or written, in milliseconds since 1970; undefined when it is not there or may not be looked
 * at. Most systems note reading once a day only, and some never.
 */
export function lastTouched(path: string): number | undefined {
  try {
    const stats = fs.lstatSync(path, { throwIfNoEntry: false });
    return stats && Math.max(stats.atimeMs, stats.mtimeMs);
  } catch {
    return undefined;
  }
}

/** The text of a file as {@link readTextIfAny}, where the system allows it without noting that the file was read. */
export function readTextUnnoticed(path: string): string | undefined {
  const quiet = (fs.constants as Partial<Record<string, number>>)["O_NOATIME"];
  if (quiet !== undefined) {
    try {
      const descriptor = fs.openSync(path, fs.constants.O_RDONLY | quiet);
      try {
        return fs.readFileSync(descriptor, "utf8");
      } finally {
        fs.closeSync(descriptor);
      }
    } catch {
      // Only the owner may read so; and what is missing is told below.
    }
  }
  return readTextIfAny(path);
}

/** True when something stands at `path`, links followed. Never throws. */
export function pathExists(path: string): boolean {
  return fs.existsSync(path);
}

/** True when `path` is (a link to) a folder. Never throws. */
export function isFolder(path: string): boolean {
  try {
    return fs.statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  } catch {
    return false; // No permission, a circle of links, a name that is too long.
  }
}

/** True when `path` is (a link to) a regular file that this user may execute. Never throws. */
export function isExecutableFile(path: string): boolean {
  try {
    fs.accessSync(path, fs.constants.X_OK);
    return fs.statSync(path).isFile();
  } catch {
    return false;
  }
}

/** True when this user may create entries in the folder `path`. Never throws. */
export function isWritable(path: string): boolean {
  try {
    fs.accessSync(path, fs.constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** `path` with all links resolved. */
export function realPath(path: string): string {
  return attempt("resolve", path, () => fs.realpathSync.native(path));
}

/** The text of a symbolic link. */
export function readLink(path: string): string {
  return attempt("read the link", path, () => fs.readlinkSync(path));
}

/** The entries of a folder, in the order of the names; none when the folder does not exist. */
export function listFolder(path: string): FolderEntry[] {
  const entries = attempt("list", path, () => unlessMissing(() => fs.readdirSync(path, { withFileTypes: true }))) ?? [];
  return entries
    .map((entry) => ({ name: entry.name, kind: kindOf(entry) }))
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** Creates the folder and the missing ones above it. */
export function makeFolders(path: string): void {
  attempt("create the folder", path, () => fs.mkdirSync(path, { recursive: true }));
}

/** Creates one folder; false when something stands there already. */
export function makeFolder(path: string): boolean {
  try {
    fs.mkdirSync(path);
    return true;
  } catch (error) {
    if (errnoOf(error) === "EEXIST") return false;
    throw fileSystemError("create the folder", path, error);
  }
}

/** Writes a new file that must not exist yet (links are not followed). `mode` defaults to 0o644. */
export function writeNew(path: string, content: string | Uint8Array, mode = 0o644): void {
  attempt("write", path, () => fs.writeFileSync(path, content, { flag: "wx", mode }));
}

/** Writes to an open descriptor (standard output, say) and gives how many bytes it took. Errors: those of the operating system, as they are. */
export function writeDescriptor(descriptor: number, bytes: Uint8Array): number {
  return fs.writeSync(descriptor, bytes);
}

/** Replaces a file in one step: readers see the old content or the new, never a mix. `durable` also forces it to the disk. */
export function writeAtomic(path: string, content: string | Uint8Array, options: { mode?: number; durable?: boolean } = {}): void {
  const temporary = temporaryBeside(path);
  attempt("write", path, () => {
    try {
      const descriptor = fs.openSync(temporary, "wx", options.mode ?? 0o644);
      try {
        fs.writeFileSync(descriptor, content);
        if (options.durable === true) fs.fsyncSync(descriptor);
      } finally {
        fs.closeSync(descriptor);
      }
      fs.renameSync(temporary, path);
      if (options.durable === true) syncFolder(dirname(path));
    } catch (error) {
      fs.rmSync(temporary, { force: true });
      throw error;
    }
  });
}

/** A name beside `path` that nobody uses: hidden, and recognised by {@link isTemporaryName}. */
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
    descriptor = fs.openSync(path, "r");
  } catch {
    return;
  }
  try {
    fs.fsyncSync(descriptor);
  } catch {
    // Some file systems refuse fsync on a folder; then there is nothing stronger to do.
  } finally {
    fs.closeSync(descriptor);
  }
}

/** Forces the content of a file to the disk. */
export function syncFile(path: string): void {
  attempt("sync", path, () => {
    const descriptor = fs.openSync(path, "r+");
    try {
      fs.fsyncSync(descriptor);
    } finally {
      fs.closeSync(descriptor);
    }
  });
}

export function rename(from: string, to: string): void {
  attempt(`move ${from} to`, to, () => fs.renameSync(from, to));
}

/** A second name for the same file. */
export function hardLink(existing: string, path: string): void {
  attempt("link", path, () => fs.linkSync(existing, path));
}

export function symbolicLink(target: string, path: string): void {
  attempt("link", path, () => fs.symlinkSync(target, path));
}

/** Copies one file that must not exist at `to` yet; `clone` demands a copy-on-write clone and fails where there is none. */
export function copyFile(from: string, to: string, options: { clone?: boolean } = {}): void {
  const mode = fs.constants.COPYFILE_EXCL | (options.clone === true ? fs.constants.COPYFILE_FICLONE_FORCE : fs.constants.COPYFILE_FICLONE);
  attempt("copy to", to, () => fs.copyFileSync(from, to, mode));
}

export function changeMode(path: string, mode: number): void {
  attempt("change the mode of", path, () => fs.chmodSync(path, mode));
}

/** Sets access and modification time, in milliseconds since 1970. */
export function setTime(path: string, timeMs: number): void {
  attempt("set the time of", path, () => fs.utimesSync(path, timeMs / 1000, timeMs / 1000));
}

/** Removes a file or link (never what a link points at); false when there was none. */
export function removeFile(path: string): boolean {
  return attempt("remove", path, () => unlessMissing(() => (fs.unlinkSync(path), true))) ?? false;
}

/** Removes an empty folder; false when it is missing or not empty. */
export function removeEmptyFolder(path: string): boolean {
  try {
    fs.rmdirSync(path);
    return true;
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === "ENOENT" || errno === "ENOTEMPTY" || errno === "EEXIST" || errno === "ENOTDIR") return false;
    throw fileSystemError("remove the folder", path, error);
  }
}

/** Removes whatever stands at `path`, folders with all that is in them. Links are removed, never followed. */
export function removeTree(path: string): void {
  attempt("remove", path, () => {
    const stats = unlessMissing(() => fs.lstatSync(path));
    if (stats === undefined) return;
    if (!stats.isDirectory()) return fs.unlinkSync(path);
    try {
      fs.rmSync(path, { recursive: true, force: true });
    } catch (error) {
      if (errnoOf(error) !== "EACCES" && errnoOf(error) !== "EPERM") throw error;
      unlockFolders(path);
      fs.rmSync(path, { recursive: true, force: true });
    }
  });
}

/** Read-only folders (pen's store has them) keep their entries; make them writable, without following links. */
function unlockFolders(path: string): void {
  fs.chmodSync(path, 0o755);
  for (const entry of fs.readdirSync(path, { withFileTypes: true })) {
    if (entry.isDirectory()) unlockFolders(join(path, entry.name));
  }
}

/** A new folder of its own under `parent`, with a name from {@link temporaryBeside}. */
export function makeTemporaryFolder(parent: string): string {
  makeFolders(parent);
  const path = temporaryBeside(join(parent, "x"));
  attempt("create the folder", path, () => fs.mkdirSync(path, { mode: 0o700 }));
  return path;
}
