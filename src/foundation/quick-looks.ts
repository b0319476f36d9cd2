/** The half of the quick calls (quick-calls.ts) that looks. */
import { fileSystemError } from "./errors.ts";
import type { FileKind, FileStatus, OpenFile } from "./file-status.ts";
import {
  callNumbers,
  closeOnExec,
  fromHere,
  noFollow,
  noTerminal,
  noTime,
  noWaiting,
  ofDescriptor,
  onlyFolder,
  pathOnly,
} from "./linux-libc.ts";
import { mostAtOnce, placeOf, type Tools } from "./quick-memory.ts";
import { errnoName } from "./runtime.ts";
import { textOf } from "./utf8.ts";

export interface QuickLooks {
  /** Whether something stands there, links followed. */
  exists(path: string): boolean | undefined;
  /** What stands there; `missing` also where something above it is missing or no folder. */
  status(path: string, links: "follow" | "look at"): FileStatus | "missing" | undefined;
  /** As `lastTouched` of files.ts. */
  lastTouched(path: string): number | undefined;
  /** Whether this user may execute, or write to, what stands at the end of the links. */
  may(path: string, right: "execute" | "write"): boolean | undefined;
  /** The text of a file of less than a MiB. `unnoticed`: without the system's note of when it was read, which only its owner may ask for. */
  readText(path: string, how?: "unnoticed"): string | undefined;
  /** The text of the first `length` bytes of a file, at most 64 KiB. */
  readStart(path: string, length: number): string | undefined;
  /** A regular file, to be read by range. */
  open(path: string): OpenFile | undefined;
  /** Its bytes, in memory of their own. */
  readBytes(path: string): Uint8Array<ArrayBuffer> | undefined;
  realPath(path: string): string | undefined;
  /** The text of a symbolic link. */
  readLink(path: string): string | undefined;
  list(path: string): Listing | undefined;
  /** The number of the file system that a folder is on. */
  fileSystem(path: string): number | undefined;
  /** False for what can be no terminal. */
  mayBeTerminal(descriptor: number): boolean;
}

/** What is in a folder, without `.` and `..`. */
export interface Listing {
  /** In the order that the system has them in. */
  readonly names: string[];
  readonly kinds: ReadonlyMap<string, FileKind>;
}

export function quickLooks(tools: Tools): QuickLooks {
  return { ...statusCalls(tools), ...readingCalls(tools), open: (path) => openQuickly(path, tools) };
}

/** All of the basic ones. */
export const statusMask = 0x7ff;
const [missing, noFolder] = [2, 20];
/** `/dev/null`, `/dev/zero` and their like. */
const memoryDevices = 1;

function statusCalls({
  calls,
  name,
}: Tools): Pick<QuickLooks, "exists" | "status" | "lastTouched" | "may" | "fileSystem" | "mayBeTerminal"> {
  const { call, errno } = calls;
  const words = new Uint32Array(new ArrayBuffer(256));
  const place = calls.addressOf(words);
  return {
    exists: (path) =>
      name.put(path) === undefined ? undefined : call(callNumbers.statx, fromHere, name.address, 0, statusMask, place) === 0,
    status: (path, links) => {
      if (name.put(path) === undefined) return undefined;
      if (call(callNumbers.statx, fromHere, name.address, links === "follow" ? 0 : noFollow, statusMask, place) === 0)
        return statusIn(words);
      const error = errno();
      return error === missing || error === noFolder ? "missing" : undefined;
    },
    lastTouched: (path) => {
      if (name.put(path) === undefined || call(callNumbers.statx, fromHere, name.address, noFollow, statusMask, place) !== 0)
        return undefined;
      return Math.max(timeAt(words, 16), timeAt(words, 28));
    },
    may: (path, right) =>
      name.put(path) === undefined
        ? undefined
        : call(callNumbers.faccessat, fromHere, name.address, right === "execute" ? 1 : 2, 0, 0) === 0,
    fileSystem: (path) =>
      name.put(path) !== undefined && call(callNumbers.statfs, name.address, place, 0, 0, 0) === 0 ? words[0] : undefined,
    mayBeTerminal: (descriptor) => {
      name.put("");
      if (call(callNumbers.statx, descriptor, name.address, ofDescriptor, statusMask, place) !== 0) return true;
      return ((words[7] as number) & 0o170000) === 0o020000 && words[32] !== memoryDevices;
    },
  };
}

function readingCalls(tools: Tools): Pick<QuickLooks, "readText" | "readStart" | "readBytes" | "realPath" | "readLink" | "list"> {
  const { calls, name, second } = tools;
  const { call, close } = calls;
  const open = (path: string, flags: number): number =>
    name.put(path) === undefined ? -1 : call(callNumbers.openat, fromHere, name.address, flags | closeOnExec, 0, 0);
  const linkText = (path: string): string | undefined => {
    const length =
      name.put(path) === undefined ? 0 : call(callNumbers.readlinkat, fromHere, name.address, second.address, second.bytes.length, 0);
    return length <= 0 || length === second.bytes.length ? undefined : textOf(second.bytes.subarray(0, length));
  };
  const read = (path: string, flags: number): Uint8Array<ArrayBuffer> | undefined => {
    const file = open(path, flags);
    if (file < 0) return undefined;
    const length = readAll(file, tools);
    close(file);
    return length === undefined ? undefined : tools.content.bytes.subarray(0, length);
  };
  let start: Uint8Array | undefined;
  return {
    readText: (path, how) => {
      const bytes = read(path, how === "unnoticed" ? noTerminal | noTime : noTerminal);
      return bytes === undefined ? undefined : textOf(bytes);
    },
    readStart: (path, length) => {
      const { address, bytes } = tools.content;
      const file = open(path, noTerminal);
      const got = file < 0 ? -1 : call(callNumbers.read, file, address, length < bytes.length ? length : bytes.length, 0, 0);
      if (file >= 0) close(file);
      if (got < 0) return undefined;
      // Asked of hundreds of files one after another: most give as much.
      if (start?.length !== got || start.buffer !== bytes.buffer) start = bytes.subarray(0, got);
      return textOf(start);
    },
    readBytes: (path) => read(path, noTerminal)?.slice(),
    realPath: (path) => {
      const file = open(path, pathOnly);
      if (file < 0) return undefined;
      const text = linkText(`/proc/self/fd/${file}`);
      close(file);
      return text?.startsWith("/") === true ? text : undefined;
    },
    readLink: linkText,
    list: (path) => {
      const folder = open(path, onlyFolder);
      if (folder < 0) return undefined;
      const entries = listAll(folder, tools);
      close(folder);
      return entries;
    },
  };
}

function openQuickly(path: string, { calls, name }: Tools): OpenFile | undefined {
  const { call, close, addressOf } = calls;
  const file = name.put(path) === undefined ? -1 : call(callNumbers.openat, fromHere, name.address, noWaiting | closeOnExec, 0, 0);
  if (file < 0) return undefined;
  const words = new Uint32Array(new ArrayBuffer(256));
  const look = (): FileStatus | undefined => {
    name.put("");
    return call(callNumbers.statx, file, name.address, ofDescriptor, statusMask, addressOf(words)) === 0 ? statusIn(words) : undefined;
  };
  const opened = look();
  if (opened?.kind !== "file") {
    close(file);
    return undefined;
  }
  const read = (offset: number, length: number): Uint8Array => {
    const bytes = new Uint8Array(new ArrayBuffer(length));
    let filled = 0;
    while (filled < length) {
      const got = call(callNumbers.pread64, file, addressOf(bytes, filled), length - filled, offset + filled, 0);
      if (got < 0) throw fileSystemError("read", path, Object.assign(new Error("pread"), { code: errnoName(calls.errno()) }));
      if (got === 0) break;
      filled += got;
    }
    return bytes.subarray(0, filled);
  };
  const changed = (): boolean => {
    const now = look();
    return now?.size !== opened.size || now.mtimeMs !== opened.mtimeMs;
  };
  return { size: opened.size, read, changed, close: () => void close(file) };
}

/** Reads a file to its end, into {@link Tools.content}. How many bytes it has; undefined for one that cannot be read or is too large. */
function readAll(file: number, tools: Tools): number | undefined {
  const { calls } = tools;
  for (let length = 0; ;) {
    const { address, bytes } = tools.content;
    const got = calls.call(callNumbers.read, file, address + length, bytes.length - length, 0, 0);
    if (got <= 0) return got === 0 ? length : undefined;
    length += got;
    if (length < bytes.length) continue;
    if (length >= mostAtOnce) return undefined;
    tools.content = placeOf(calls, length * 4);
    tools.content.bytes.set(bytes);
  }
}

/** By the number that the system has for it. Without one it does not know. */
const kinds: Readonly<Record<number, FileKind>> = { 1: "other", 2: "other", 4: "folder", 6: "other", 8: "file", 10: "link", 12: "other" };

/** Undefined where the system does not say of everything what it is, and where two names are the same once they are texts. */
function listAll(folder: number, { calls, content }: Tools): Listing | undefined {
  const { address, bytes } = content;
  const names: string[] = [];
  const found = new Map<string, FileKind>();
  for (;;) {
    const length = calls.call(callNumbers.getdents64, folder, address, bytes.length, 0, 0);
    if (length <= 0) return length === 0 && names.length === found.size ? { names, kinds: found } : undefined;
    // An entry: 16 bytes, two of its length, one of its kind, and the name to a NUL.
    for (let at = 0; at < length; at += (bytes[at + 16] as number) + (bytes[at + 17] as number) * 256) {
      const name = textOf(bytes.subarray(at + 19, bytes.indexOf(0, at + 19)));
      if (name === "." || name === "..") continue;
      const kind = kinds[bytes[at + 18] as number];
      if (kind === undefined) return undefined;
      names.push(name);
      found.set(name, kind);
    }
  }
}

/** Milliseconds since 1970: whole seconds with a sign in two words, and the nanoseconds. */
function timeAt(words: Uint32Array, index: number): number {
  const seconds = (words[index] as number) + ((words[index + 1] as number) | 0) * 2 ** 32;
  return seconds * 1000 + (words[index + 2] as number) / 1_000_000;
}

/** What a `struct statx` says, in the numbers that `node:fs` would give. */
export function statusIn(words: Uint32Array): FileStatus {
  const at = (index: number): number => words[index] as number;
  const whole = (index: number): number => at(index) + at(index + 1) * 2 ** 32;
  const mode = at(7) & 0xffff;
  const type = mode & 0o170000;
  const [major, minor] = [at(34), at(35)];
  return {
    kind: type === 0o100000 ? "file" : type === 0o040000 ? "folder" : type === 0o120000 ? "link" : "other",
    size: whole(10),
    mtimeMs: timeAt(words, 28),
    mode: mode & 0o7777,
    inode: whole(8),
    device: (major & 0xfff) * 2 ** 8 + (minor & 0xff) + (minor >>> 8) * 2 ** 20 + (major >>> 12) * 2 ** 44,
    links: at(4),
    disk: whole(12) * 512,
    owner: at(5),
  };
}
