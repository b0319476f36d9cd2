/** System calls on names below open folders, by libc: for thousands of files the price of a path is what counts. Whoever uses them has a way without. */
import { closeOnExec, fromHere, linuxCalls, newFile, noFollow, onlyFolder, pathOnly, type LinuxCalls } from "./linux-libc.ts";
import { errnoName } from "./runtime.ts";

/** Where a look leaves what stands at a name, without what nobody asks for where thousands are looked at: a `struct statx`, the same on all machines. */
export interface StatusWords {
  /** The mode, with the bits of the file's type, is the 15th. */
  readonly halves: Uint16Array;
  /** The size is the 11th and the 12th, the time of writing the 29th and the 30th for the seconds since 1970 and the 31st for the nanoseconds; lower halves first. */
  readonly words: Uint32Array;
}

/**
 * Calls on names below an open folder: what stands above it is walked once, and nothing is made for the garbage collector. Most are called thousands of times
 * by functions that are never compiled, where each call between two functions and each object counts: they give 0, or -1 with the error in `errno`.
 */
export interface FolderCalls {
  /** The name of the error, or undefined. */
  writeNew(folder: number, name: string, content: Uint8Array, mode: number): string | undefined;
  /** Where `bytes` stand in memory, for the calls that take the address of a name: UTF-8, ended by a NUL. Good for as long as somebody holds `bytes`. */
  addressOf(bytes: Uint8Array): number;
  /** Opens a folder for calls on names below it, as far as it may be passed. The descriptor, or the name of the error. */
  open(path: number): number | string;
  close(folder: number): void;
  /** Fills {@link status} with what stands there itself (a link is a link). */
  look(folder: number, name: number): number;
  readonly status: StatusWords;
  makeFolder(folder: number, name: number): number;
  /** Gives the file `existing` below the folder `from` a second name below the folder `to`. */
  link(from: number, existing: number, to: number, name: number): number;
  /** The name of the error of the call before. */
  errno(): string;
}

let folderCallsLoaded: FolderCalls | undefined;

/** {@link FolderCalls} under Bun on Linux; `undefined` elsewhere. */
export function folderCalls(): FolderCalls | undefined {
  return (folderCallsLoaded ??= loadFolderCalls());
}

/** Type, mode, time and size. */
const statusMask = 0x243;
const longestName = 4096;
const mostAtOnce = 2 ** 30;

function loadFolderCalls(): FolderCalls | undefined {
  const calls = linuxCalls();
  if (calls === undefined) return undefined;
  const { openat, linkat, mkdirat, close, statx } = calls.libc;
  const errno = (): string => errnoName(calls.errno());
  const bytes = new ArrayBuffer(256);
  const [halves, words] = [new Uint16Array(bytes), new Uint32Array(bytes)];
  const place = calls.addressOf(words);
  return {
    writeNew: writerOf(calls, errno),
    addressOf: (bytes) => calls.addressOf(bytes),
    open: (path) => {
      const folder = openat(fromHere, path, pathOnly | onlyFolder | closeOnExec, 0);
      return folder < 0 ? errno() : folder;
    },
    close: (folder) => void close(folder),
    look: (folder, path) => statx(folder, path, noFollow, statusMask, place),
    status: { halves, words },
    makeFolder: (folder, path) => mkdirat(folder, path, 0o777),
    link: (from, existing, to, path) => linkat(from, existing, to, path, 0),
    errno,
  };
}

function writerOf({ libc, addressOf }: LinuxCalls, errno: () => string): FolderCalls["writeNew"] {
  const { openat, write, close } = libc;
  let name: ReturnType<typeof namePlace> | undefined;
  const writeAll = (file: number, content: Uint8Array): string | undefined => {
    for (let done = 0; done < content.length;) {
      const wrote = Number(write(file, addressOf(content, done), Math.min(content.length - done, mostAtOnce)));
      if (wrote >= 0) done += wrote;
      else if (errno() !== "EINTR") return errno();
    }
    return undefined;
  };
  return (folder, path, content, mode) => {
    name ??= namePlace(addressOf);
    const refused = name.set(path);
    if (refused !== undefined) return refused;
    let file = openat(folder, name.place, newFile, mode);
    while (file < 0) {
      if (errno() !== "EINTR") return errno();
      file = openat(folder, name.place, newFile, mode);
    }
    const failure = writeAll(file, content);
    return close(file) === 0 ? failure : (failure ?? errno());
  };
}

/** A place for one name, where libc reads it. `set` gives the error for a name that no file can have. */
function namePlace(addressOf: LinuxCalls["addressOf"]): { readonly place: number; set(name: string): string | undefined } {
  const bytes = Buffer.alloc(longestName);
  return {
    place: addressOf(bytes),
    set: (name) => {
      if (name.length * 3 >= longestName && Buffer.byteLength(name) >= longestName) return "ENAMETOOLONG";
      bytes[bytes.write(name)] = 0;
      return name.includes("\0") ? "EINVAL" : undefined;
    },
  };
}
