/** The half of the quick calls (quick-calls.ts) that changes, and locks. */
import { fs } from "./builtins.ts";
import { callNumbers, emptyFolder, fromHere, lockFile, newFile, noFollow, ofDescriptor } from "./linux-libc.ts";
import { statusIn, statusMask } from "./quick-looks.ts";
import { putContent, type Tools } from "./quick-memory.ts";

export interface QuickChanges {
  /** How many bytes were taken. */
  write(descriptor: number, bytes: Uint8Array): number | undefined;
  /** False: it was not made, and so on. */
  makeFolder(path: string): boolean;
  symbolicLink(target: string, path: string): boolean;
  /** Less than a MiB, into a file that does not exist. Nothing is left behind where it fails. */
  writeNew(path: string, text: string, mode: number): boolean;
  rename(from: string, to: string): boolean;
  removeFile(path: string): boolean;
  removeEmptyFolder(path: string): boolean;
  /** Opens the file of a lock, makes it where it is missing, and tries to take the lock. */
  lock(path: string, operation: number): LockedFile | "taken" | undefined;
}

/** An open file with a lock on it. */
export interface LockedFile {
  /** Writes a short text as all that is in it. On a full disk nothing may be. */
  note(text: string): void;
  close(): void;
}

export function quickChanges(tools: Tools): QuickChanges {
  return { ...changingCalls(tools), ...lockCalls(tools) };
}

const [interrupted, again] = [4, 11];

function changingCalls(tools: Tools): Omit<QuickChanges, "lock"> {
  const { calls, name, second } = tools;
  const { call, close } = calls;
  const both = (one: string, other: string): boolean => name.put(one) !== undefined && second.put(other) !== undefined;
  return {
    write: (descriptor, bytes) => {
      const wrote = call(callNumbers.write, descriptor, calls.addressOf(bytes), bytes.length, 0, 0);
      return wrote < 0 ? undefined : wrote;
    },
    makeFolder: (path) => name.put(path) !== undefined && call(callNumbers.mkdirat, fromHere, name.address, 0o777, 0, 0) === 0,
    symbolicLink: (target, path) => both(target, path) && call(callNumbers.symlinkat, name.address, fromHere, second.address, 0, 0) === 0,
    writeNew: (path, text, mode) => {
      const length = putContent(text, tools);
      if (length === undefined || name.put(path) === undefined) return false;
      const file = call(callNumbers.openat, fromHere, name.address, newFile, mode, 0);
      if (file < 0) return false;
      const whole = length === 0 || call(callNumbers.write, file, tools.content.address, length, 0, 0) === length;
      if (close(file) === 0 && whole) return true;
      try {
        fs().unlinkSync(path);
      } catch {
        // The usual way finds it there and says so.
      }
      return false;
    },
    rename: (from, to) => both(from, to) && call(callNumbers.renameat, fromHere, name.address, fromHere, second.address, 0) === 0,
    removeFile: (path) => name.put(path) !== undefined && call(callNumbers.unlinkat, fromHere, name.address, 0, 0, 0) === 0,
    removeEmptyFolder: (path) =>
      name.put(path) !== undefined && call(callNumbers.unlinkat, fromHere, name.address, emptyFolder, 0, 0) === 0,
  };
}

function lockCalls({ calls, name }: Tools): Pick<QuickChanges, "lock"> {
  const { call, close, errno } = calls;
  /** Whether the open file is still the one that has the name. */
  const isAt = (path: string, file: number): boolean => {
    const [opened, standing] = [new Uint32Array(new ArrayBuffer(256)), new Uint32Array(new ArrayBuffer(256))];
    name.put("");
    if (call(callNumbers.statx, file, name.address, ofDescriptor, statusMask, calls.addressOf(opened)) !== 0) return false;
    name.put(path);
    if (call(callNumbers.statx, fromHere, name.address, noFollow, statusMask, calls.addressOf(standing)) !== 0) return false;
    const [one, other] = [statusIn(opened), statusIn(standing)];
    return one.inode === other.inode && one.device === other.device;
  };
  const note = (file: number, text: string): void => {
    const length = name.put(text) ?? 0;
    if (call(callNumbers.ftruncate, file, 0, 0, 0, 0) === 0 && length > 0) call(callNumbers.pwrite64, file, name.address, length, 0, 0);
  };
  return {
    lock: (path, operation) => {
      const file = name.put(path) === undefined ? -1 : call(callNumbers.openat, fromHere, name.address, lockFile, 0o644, 0);
      if (file < 0) return undefined;
      const refused = call(callNumbers.flock, file, operation, 0, 0, 0) === 0 ? 0 : errno();
      if (refused === 0 && isAt(path, file)) return { note: (text) => note(file, text), close: () => void close(file) };
      close(file);
      return refused === 0 || refused === again || refused === interrupted ? "taken" : undefined;
    },
  };
}
