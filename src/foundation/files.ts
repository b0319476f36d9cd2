/**
 * The one door to the file system, this half for looking (file-changes.ts is for changing). Every function names the path in its
 * error (`FILE_SYSTEM`). Synchronous on purpose: the work is
 * many small calls, and a call through the event loop costs more than the call itself.
 */
import type * as Fs from "node:fs";
import { fs } from "./builtins.ts";
import { fileSystemError } from "./errors.ts";
import { attempt, errnoOf, unlessMissing } from "./file-errors.ts";
import type { FileKind, FileStatus, OpenFile } from "./file-status.ts";
import { quickCalls } from "./quick-calls.ts";
import type { Listing } from "./quick-looks.ts";

export interface FolderEntry {
  readonly name: string;
  readonly kind: FileKind;
}

export function readText(path: string): string {
  return quickCalls()?.readText(path) ?? attempt("read", path, () => fs().readFileSync(path, "utf8"));
}

export function readBytes(path: string): Uint8Array {
  return quickCalls()?.readBytes(path) ?? attempt("read", path, () => fs().readFileSync(path));
}

/** The text of a file, or undefined when there is none. */
export function readTextIfAny(path: string): string | undefined {
  const text = quickCalls()?.readText(path);
  return text !== undefined || isKnownMissing(path) ? text : unlessMissing(() => readText(path));
}

/** The bytes of a file, or undefined when there is none. */
export function readBytesIfAny(path: string): Uint8Array | undefined {
  const bytes = quickCalls()?.readBytes(path);
  return bytes !== undefined || isKnownMissing(path) ? bytes : unlessMissing(() => readBytes(path));
}

/** True where nothing stands at the end of the links of `path`; false also where that takes `node:fs` to tell. */
const isKnownMissing = (path: string): boolean => quickCalls()?.status(path, "follow") === "missing";

/** `length` bytes from `offset`; fewer at the end of the file. */
export function readRange(path: string, offset: number, length: number): Uint8Array {
  return attempt("read", path, () => {
    const descriptor = fs().openSync(path, "r");
    try {
      return readFully(descriptor, offset, length);
    } finally {
      fs().closeSync(descriptor);
    }
  });
}

/**
 * The text in UTF-8 of the first `length` bytes of a file (at most 64 KiB); a character that is cut is U+FFFD. Undefined when there is no file. Errors:
 * FILE_SYSTEM.
 */
export function readStartIfAny(path: string, length: number): string | undefined {
  const start = quickCalls()?.readStart(path, length);
  if (start !== undefined) return start;
  if (isKnownMissing(path)) return undefined;
  // Called for hundreds of files one after another: one buffer for all, and no closures.
  if (startBuffer === undefined || startBuffer.length < length) startBuffer = Buffer.allocUnsafe(length);
  try {
    const descriptor = fs().openSync(path, "r");
    try {
      return startBuffer.toString("utf8", 0, fs().readSync(descriptor, startBuffer, 0, length, 0));
    } finally {
      fs().closeSync(descriptor);
    }
  } catch (error) {
    if (errnoOf(error) === "ENOENT" || errnoOf(error) === "ENOTDIR") return undefined;
    throw fileSystemError("read", path, error);
  }
}

/** Made when it is needed: a program that never says `Buffer` starts 0.1 ms sooner. */
let startBuffer: Buffer | undefined;

function readFully(descriptor: number, offset: number, length: number): Uint8Array {
  const buffer = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const got = fs().readSync(descriptor, buffer, filled, length - filled, offset + filled);
    if (got === 0) break;
    filled += got;
  }
  return buffer.subarray(0, filled);
}

/** Opens a regular file to read ranges of it. */
export function openFile(path: string): OpenFile {
  const quick = quickCalls()?.open(path);
  if (quick !== undefined) return quick;
  // Without O_NONBLOCK a pipe would wait here for its writer.
  const descriptor = attempt("read", path, () => fs().openSync(path, fs().constants.O_RDONLY | (fs().constants.O_NONBLOCK ?? 0)));
  const status = fs().fstatSync(descriptor);
  if (!status.isFile()) {
    fs().closeSync(descriptor);
    throw fileSystemError("read", path, Object.assign(new Error("not a file"), { code: status.isDirectory() ? "EISDIR" : "EINVAL" }));
  }
  return {
    size: status.size,
    read: (offset, length) => attempt("read", path, () => readFully(descriptor, offset, length)),
    changed: () => {
      const now = fs().fstatSync(descriptor);
      return now.size !== status.size || now.mtimeMs !== status.mtimeMs;
    },
    close: () => fs().closeSync(descriptor),
  };
}

function toStatus(stats: Fs.Stats): FileStatus {
  return {
    kind: kindOf(stats),
    size: stats.size,
    mtimeMs: stats.mtimeMs,
    mode: stats.mode & 0o7777,
    inode: stats.ino,
    device: stats.dev,
    links: stats.nlink,
    // Windows counts no blocks.
    disk: stats.blocks === undefined ? stats.size : stats.blocks * 512,
    owner: stats.uid,
  };
}

function kindOf(entry: Fs.Stats | Fs.Dirent): FileKind {
  if (entry.isSymbolicLink()) return "link";
  if (entry.isFile()) return "file";
  return entry.isDirectory() ? "folder" : "other";
}

/** What stands at `path` itself (a link is a link), or undefined. */
export function statusOf(path: string): FileStatus | undefined {
  const known = quickCalls()?.status(path, "look at");
  if (known !== undefined) return known === "missing" ? undefined : known;
  // Called for every file before it is linked: no closures here.
  try {
    const stats = fs().lstatSync(path, quiet);
    return stats && toStatus(stats);
  } catch (error) {
    if (errnoOf(error) === "ENOENT" || errnoOf(error) === "ENOTDIR") return undefined;
    throw fileSystemError("look at", path, error);
  }
}

const quiet = { throwIfNoEntry: false } as const;

/** What stands at the end of the links of `path`, or undefined (also for a dangling link). */
export function targetStatusOf(path: string): FileStatus | undefined {
  const known = quickCalls()?.status(path, "follow");
  if (known !== undefined) return known === "missing" ? undefined : known;
  const stats = attempt("look at", path, () => unlessMissing(() => fs().statSync(path)));
  return stats && toStatus(stats);
}

/**
 * By what a folder is known again after it was renamed: its inode with the time it was made at, since numbers are given again. Undefined where there is no
 * folder, and where the file system does not know that time.
 */
export function folderIdentity(path: string): string | undefined {
  const stats = attempt("look at", path, () => unlessMissing(() => fs().statSync(path)));
  return stats?.isDirectory() === true && stats.birthtimeMs > 0 ? `${stats.dev}-${stats.ino}-${stats.birthtimeMs}` : undefined;
}

/**
 * When the file or folder `path` was last read or written, in milliseconds since 1970; undefined when it is not there or may not be looked
 * at. Most systems note reading once a day only, and some never.
 */
export function lastTouched(path: string): number | undefined {
  const known = quickCalls()?.lastTouched(path);
  if (known !== undefined || isKnownMissing(path)) return known;
  try {
    const stats = fs().lstatSync(path, { throwIfNoEntry: false });
    return stats && Math.max(stats.atimeMs, stats.mtimeMs);
  } catch {
    return undefined;
  }
}

/** The text of a file as {@link readTextIfAny}, where the system allows it without noting that the file was read. */
export function readTextUnnoticed(path: string): string | undefined {
  const text = quickCalls()?.readText(path, "unnoticed");
  if (text !== undefined || isKnownMissing(path)) return text;
  const quiet = (fs().constants as Partial<Record<string, number>>)["O_NOATIME"];
  if (quiet !== undefined) {
    try {
      const descriptor = fs().openSync(path, fs().constants.O_RDONLY | quiet);
      try {
        return fs().readFileSync(descriptor, "utf8");
      } finally {
        fs().closeSync(descriptor);
      }
    } catch {
      // Only the owner may read so; and what is missing is told below.
    }
  }
  return readTextIfAny(path);
}

/** True when something stands at `path`, links followed. Never throws. */
export function pathExists(path: string): boolean {
  return quickCalls()?.exists(path) ?? fs().existsSync(path);
}

/** True when `path` is (a link to) a folder. Never throws. */
export function isFolder(path: string): boolean {
  const known = quickCalls()?.status(path, "follow");
  if (known !== undefined) return known !== "missing" && known.kind === "folder";
  try {
    return fs().statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  } catch {
    return false; // No permission, a circle of links, a name that is too long.
  }
}

/** True when `path` is (a link to) a regular file that this user may execute. Never throws. */
export function isExecutableFile(path: string): boolean {
  try {
    const isAllowed = quickCalls()?.may(path, "execute");
    if (isAllowed !== undefined) return isAllowed && targetStatusOf(path)?.kind === "file";
    fs().accessSync(path, fs().constants.X_OK);
    return fs().statSync(path).isFile();
  } catch {
    return false;
  }
}

/** True when this user may create entries in the folder `path`. Never throws. */
export function isWritable(path: string): boolean {
  const isAllowed = quickCalls()?.may(path, "write");
  if (isAllowed !== undefined) return isAllowed;
  try {
    fs().accessSync(path, fs().constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Linux's numbers of file systems: ext2 to ext4 have one. */
const ext = 0xef53;
const tmpfs = 0x01021994;
const ramfs = 0x858458f6;

/** False where the file system that the folder `path` is on is known to make no clones (two files that share their blocks until one is written to). Never throws. */
export function mayClone(path: string): boolean {
  if (process.platform !== "linux") return true;
  try {
    const type = quickCalls()?.fileSystem(path) ?? fs().statfsSync(path).type;
    return type !== ext && type !== tmpfs && type !== ramfs;
  } catch {
    return true;
  }
}

/** `path` with all links resolved. */
export function realPath(path: string): string {
  return quickCalls()?.realPath(path) ?? attempt("resolve", path, () => fs().realpathSync.native(path));
}

/** The text of a symbolic link. */
export function readLink(path: string): string {
  return quickCalls()?.readLink(path) ?? attempt("read the link", path, () => fs().readlinkSync(path));
}

/** The entries of a folder, in the order of the names; none when the folder does not exist. */
export function listFolder(path: string): FolderEntry[] {
  const { names, kinds } = quickCalls()?.list(path) ?? (isKnownMissing(path) ? nothing : listUsually(path));
  const entries: FolderEntry[] = [];
  // The engine sorts plain texts by itself, in the same order as `<`.
  for (const name of names.sort()) entries.push({ name, kind: kinds.get(name) ?? "other" });
  return entries;
}

const nothing: Listing = { names: [], kinds: new Map() };

function listUsually(path: string): Listing {
  const entries = attempt("list", path, () => unlessMissing(() => fs().readdirSync(path, { withFileTypes: true }))) ?? [];
  const kinds = new Map<string, FileKind>();
  const names: string[] = [];
  for (const entry of entries) {
    names.push(entry.name);
    kinds.set(entry.name, kindOf(entry));
  }
  return { names, kinds };
}
