/** System calls on names below open folders, by libc: for thousands of files the price of a path is what counts. Whoever uses them has a way without. */
import {
  callNumbers,
  closeOnExec,
  fromHere,
  linuxCalls,
  newFile,
  onlyFolder,
  pathOnly,
  type LinuxCalls,
  type SystemCall,
} from "./linux-libc.ts";
import { errnoName } from "./runtime.ts";

/** Where a look leaves what stands at a name, without what nobody asks for where thousands are looked at: a `struct statx`, the same on all machines. */
export interface StatusWords {
  /** The mode, with the bits of the file's type, is the 15th. */
  readonly halves: Uint16Array;
  /** The size is the 11th and the 12th, the time of writing the 29th and the 30th for the seconds since 1970 and the 31st for the nanoseconds; lower halves first. */
  readonly words: Uint32Array;
  /** Where they stand in memory. */
  readonly place: number;
}

/** Calls on names below an open folder: what stands above it is walked once, and nothing is made for the garbage collector. */
export interface FolderCalls {
  /** The name of the error, or undefined. */
  writeNew(folder: number, name: string, content: Uint8Array, mode: number): string | undefined;
  /** Where `bytes` stand in memory, for the calls that take the address of a name: UTF-8, ended by a NUL. Good for as long as somebody holds `bytes`. */
  addressOf(bytes: Uint8Array): number;
  /** Opens a folder for calls on names below it, as far as it may be passed. The descriptor, or the name of the error. */
  open(path: number): number | string;
  close(folder: number): void;
  /** For those that are made thousands of times. */
  readonly call: SystemCall;
  /** Where `statx` leaves what it finds, in memory at `place`. */
  readonly status: StatusWords;
  /** The name of the error of the call before. */
  errno(): string;
}

let folderCallsLoaded: FolderCalls | undefined;

/** {@link FolderCalls} under Bun on Linux; `undefined` elsewhere. */
export function folderCalls(): FolderCalls | undefined {
  return (folderCallsLoaded ??= loadFolderCalls());
}

/** Type, mode, time and size: what {@link StatusWords} are told of. */
export const briefMask = 0x243;
const longestName = 4096;
const mostAtOnce = 2 ** 30;

function loadFolderCalls(): FolderCalls | undefined {
  const calls = linuxCalls();
  if (calls === undefined) return undefined;
  const { call, close } = calls;
  const errno = (): string => errnoName(calls.errno());
  const bytes = new ArrayBuffer(256);
  const [halves, words] = [new Uint16Array(bytes), new Uint32Array(bytes)];
  const place = calls.addressOf(words);
  return {
    writeNew: writerOf(calls, errno),
    addressOf: (bytes) => calls.addressOf(bytes),
    open: (path) => {
      const folder = call(callNumbers.openat, fromHere, path, pathOnly | onlyFolder | closeOnExec, 0, 0);
      return folder < 0 ? errno() : folder;
    },
    close: (folder) => void close(folder),
    call,
    status: { halves, words, place },
    errno,
  };
}

function writerOf({ call, close, addressOf }: LinuxCalls, errno: () => string): FolderCalls["writeNew"] {
  const { openat, write } = callNumbers;
  let name: ReturnType<typeof namePlace> | undefined;
  const writeAll = (file: number, content: Uint8Array): string | undefined => {
    for (let done = 0; done < content.length;) {
      const wrote = call(write, file, addressOf(content, done), Math.min(content.length - done, mostAtOnce), 0, 0);
      if (wrote >= 0) done += wrote;
      else if (errno() !== "EINTR") return errno();
    }
    return undefined;
  };
  return (folder, path, content, mode) => {
    name ??= namePlace(addressOf);
    const refused = name.set(path);
    if (refused !== undefined) return refused;
    let file = call(openat, folder, name.place, newFile, mode, 0);
    while (file < 0) {
      if (errno() !== "EINTR") return errno();
      file = call(openat, folder, name.place, newFile, mode, 0);
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
