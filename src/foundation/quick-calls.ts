/**
 * The few looks and changes of a short command, straight from libc by `bun:ffi`: loading `node:fs` takes several times as long as all of them. Whatever is out of
 * the ordinary gives `undefined` (or false), and whoever asked goes through `node:fs` then, which has the answer or the error.
 */
import type * as BunFfi from "bun:ffi";
import type { FileStatus } from "./file-status.ts";
import { fs } from "./builtins.ts";
import { firstThatOpens, isBun, loadFfi } from "./runtime.ts";

export interface QuickCalls {
  /** Whether something stands there, links followed. */
  exists(path: string): boolean | undefined;
  /** What stands there; `missing` also where something above it is missing or no folder. */
  status(path: string, links: "follow" | "look at"): FileStatus | "missing" | undefined;
  /** The text of a file of less than 64 KiB. */
  readText(path: string): string | undefined;
  realPath(path: string): string | undefined;
  /** False for what can be no terminal. */
  mayBeTerminal(descriptor: number): boolean;
  /** False: it was not made. So for the following. */
  makeFolder(path: string): boolean;
  symbolicLink(target: string, path: string): boolean;
  /** Less than 64 KiB, into a file that does not exist. Nothing is left behind where it fails. */
  writeNew(path: string, text: string, mode: number): boolean;
  rename(from: string, to: string): boolean;
}

let chosen: QuickCalls | undefined;

/** From now on {@link quickCalls} gives them, under Bun on Linux. For commands of which the usual course needs nothing else of the file system. */
export function chooseQuickCalls(): void {
  if (isBun && process.platform === "linux") chosen ??= loadQuickCalls();
}

/** Undefined unless they were chosen. */
export const quickCalls = (): QuickCalls | undefined => chosen;

/** Flags and errors of Linux, the same on all its 64-bit machines. */
const closeOnExec = 0o2000000;
const pathOnly = 0o10000000;
/** O_WRONLY, O_CREAT, O_EXCL. */
const newFile = 0o301 | closeOnExec;
/** O_NOCTTY. */
const noTerminal = 0o400;
const noFollow = 0x100;
const ofDescriptor = 0x1000;
const fromHere = -100;
/** All of the basic ones. */
const statusMask = 0x7ff;
const [missing, noFolder] = [2, 20];
/** `/dev/null`, `/dev/zero` and their like. */
const memoryDevices = 1;

function openLibrary(ffi: typeof BunFfi) {
  const { i32, u32, ptr, u64_fast, i64_fast } = ffi.FFIType;
  const functions = {
    close: { args: [i32], returns: i32 },
    mkdir: { args: [ptr, u32], returns: i32 },
    openat: { args: [i32, ptr, i32, u32], returns: i32 },
    read: { args: [i32, ptr, u64_fast], returns: i64_fast },
    readlink: { args: [ptr, ptr, u64_fast], returns: i64_fast },
    rename: { args: [ptr, ptr], returns: i32 },
    statx: { args: [i32, ptr, i32, u32, ptr], returns: i32 },
    symlink: { args: [ptr, ptr], returns: i32 },
    write: { args: [i32, ptr, u64_fast], returns: i64_fast },
    __errno_location: { args: [], returns: ptr },
  } as const;
  return firstThatOpens(["libc.so.6", "libc.so"], (name) => ffi.dlopen(name, functions)).symbols;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** A piece of memory that libc reads texts from and writes to. */
interface Place {
  readonly address: BunFfi.Pointer;
  readonly size: number;
  /** Puts a text there, ended by a NUL. How many bytes it has; undefined for one that is too long or holds a NUL itself. */
  put(text: string): number | undefined;
  /** The first `length` bytes as a text. */
  text(length: number): string;
}

function placeOf(ffi: typeof BunFfi, size: number): Place {
  const bytes = new Uint8Array(new ArrayBuffer(size));
  return {
    address: ffi.ptr(bytes),
    size,
    put: (text) => {
      const { read, written } = encoder.encodeInto(text, bytes);
      if (read < text.length || written >= size || text.includes("\0")) return undefined;
      bytes[written] = 0;
      return written;
    },
    text: (length) => decoder.decode(bytes.subarray(0, length)),
  };
}

/** What the calls work with: libc, a place for one name, one for another, and one for what stands in a file. */
interface Tools {
  readonly ffi: typeof BunFfi;
  readonly libc: ReturnType<typeof openLibrary>;
  readonly name: Place;
  readonly second: Place;
  readonly content: Place;
}

function loadQuickCalls(): QuickCalls | undefined {
  const ffi = loadFfi() as typeof BunFfi;
  let libc: ReturnType<typeof openLibrary>;
  try {
    libc = openLibrary(ffi);
  } catch {
    return undefined; // A libc without statx.
  }
  const tools = { ffi, libc, name: placeOf(ffi, 4096), second: placeOf(ffi, 4096), content: placeOf(ffi, 65_536) };
  return { ...statusCalls(tools), ...readingCalls(tools), ...changingCalls(tools) };
}

function statusCalls({ ffi, libc, name }: Tools): Pick<QuickCalls, "exists" | "status" | "mayBeTerminal"> {
  const words = new Uint32Array(new ArrayBuffer(256));
  const place = ffi.ptr(words);
  return {
    exists: (path) => (name.put(path) === undefined ? undefined : libc.statx(fromHere, name.address, 0, statusMask, place) === 0),
    status: (path, links) => {
      if (name.put(path) === undefined) return undefined;
      if (libc.statx(fromHere, name.address, links === "follow" ? 0 : noFollow, statusMask, place) === 0) return statusIn(words);
      const error = ffi.read.i32(libc.__errno_location() as BunFfi.Pointer);
      return error === missing || error === noFolder ? "missing" : undefined;
    },
    mayBeTerminal: (descriptor) => {
      name.put("");
      if (libc.statx(descriptor, name.address, ofDescriptor, statusMask, place) !== 0) return true;
      return ((words[7] as number) & 0o170000) === 0o020000 && words[32] !== memoryDevices;
    },
  };
}

function readingCalls({ libc, name, second, content }: Tools): Pick<QuickCalls, "readText" | "realPath"> {
  const readAll = (file: number): number | undefined => {
    for (let length = 0; length < content.size;) {
      const got = Number(libc.read(file, (content.address + length) as BunFfi.Pointer, content.size - length));
      if (got <= 0) return got === 0 ? length : undefined;
      length += got;
    }
    return undefined;
  };
  const open = (path: string, flags: number): number =>
    name.put(path) === undefined ? -1 : libc.openat(fromHere, name.address, flags | closeOnExec, 0);
  return {
    readText: (path) => {
      const file = open(path, noTerminal);
      if (file < 0) return undefined;
      const length = readAll(file);
      libc.close(file);
      return length === undefined ? undefined : content.text(length);
    },
    realPath: (path) => {
      const file = open(path, pathOnly);
      if (file < 0) return undefined;
      name.put(`/proc/self/fd/${file}`);
      const length = Number(libc.readlink(name.address, second.address, second.size));
      libc.close(file);
      const text = length <= 0 || length === second.size ? "" : second.text(length);
      return text.startsWith("/") ? text : undefined;
    },
  };
}

function changingCalls({ libc, name, second, content }: Tools): Pick<QuickCalls, "makeFolder" | "symbolicLink" | "writeNew" | "rename"> {
  const both = (one: string, other: string): boolean => name.put(one) !== undefined && second.put(other) !== undefined;
  return {
    makeFolder: (path) => name.put(path) !== undefined && libc.mkdir(name.address, 0o777) === 0,
    symbolicLink: (target, path) => both(target, path) && libc.symlink(name.address, second.address) === 0,
    writeNew: (path, text, mode) => {
      const length = content.put(text);
      if (length === undefined || name.put(path) === undefined) return false;
      const file = libc.openat(fromHere, name.address, newFile, mode);
      if (file < 0) return false;
      const whole = length === 0 || Number(libc.write(file, content.address, length)) === length;
      if (libc.close(file) === 0 && whole) return true;
      try {
        fs().unlinkSync(path);
      } catch {
        // The usual way finds it there and says so.
      }
      return false;
    },
    rename: (from, to) => both(from, to) && libc.rename(name.address, second.address) === 0,
  };
}

/** What a `struct statx` says, in the numbers that `node:fs` would give. */
function statusIn(words: Uint32Array): FileStatus {
  const at = (index: number): number => words[index] as number;
  const whole = (index: number): number => at(index) + at(index + 1) * 2 ** 32;
  const mode = at(7) & 0xffff;
  const type = mode & 0o170000;
  const [major, minor] = [at(34), at(35)];
  return {
    kind: type === 0o100000 ? "file" : type === 0o040000 ? "folder" : type === 0o120000 ? "link" : "other",
    size: whole(10),
    mtimeMs: (at(28) + (at(29) | 0) * 2 ** 32) * 1000 + at(30) / 1_000_000,
    mode: mode & 0o7777,
    inode: whole(8),
    device: (major & 0xfff) * 2 ** 8 + (minor & 0xff) + (minor >>> 8) * 2 ** 20 + (major >>> 12) * 2 ** 44,
    links: at(4),
    disk: whole(12) * 512,
    owner: at(5),
  };
}
