/**
 * The system calls on files of Linux, for all that use them (folder-calls.ts, quick-calls.ts): by the one function of libc that makes any of them, for each function
 * that is opened costs a short command as much as a file.
 */
import { ffi, i32, openLibrary, pointer } from "./ffi.ts";

/**
 * Makes a system call, of {@link callNumbers}. What it takes are descriptors, flags, lengths and places in memory; 0 for what a call does not take. What it gives is
 * the call's own answer; -1 where it failed, and {@link LinuxCalls.errno} says why.
 */
export type SystemCall = (call: number, ...words: [first: number, second: number, third: number, fourth: number, fifth: number]) => number;

export interface LinuxCalls {
  readonly call: SystemCall;
  close(file: number): number;
  /** The number of the error of the call before. */
  errno(): number;
  /** As `ptr` of `Ffi`. */
  addressOf(view: ArrayBufferView, offset?: number): number;
}

/** Some things differ between the machines that Bun runs on: x64 and arm64. */
const isArm = process.arch === "arm64";

type CallName =
  | "close"
  | "faccessat"
  | "flock"
  | "ftruncate"
  | "getdents64"
  | "linkat"
  | "mkdirat"
  | "openat"
  | "pread64"
  | "pwrite64"
  | "read"
  | "readlinkat"
  | "renameat"
  | "statfs"
  | "statx"
  | "symlinkat"
  | "unlinkat"
  | "write";

/** The numbers of the calls (unistd.h of Linux). */
export const callNumbers: Readonly<Record<CallName, number>> = isArm
  ? {
      close: 57,
      faccessat: 48,
      flock: 32,
      ftruncate: 46,
      getdents64: 61,
      linkat: 37,
      mkdirat: 34,
      openat: 56,
      pread64: 67,
      pwrite64: 68,
      read: 63,
      readlinkat: 78,
      renameat: 38,
      statfs: 43,
      statx: 291,
      symlinkat: 36,
      unlinkat: 35,
      write: 64,
    }
  : {
      close: 3,
      faccessat: 269,
      flock: 73,
      ftruncate: 77,
      getdents64: 217,
      linkat: 265,
      mkdirat: 258,
      openat: 257,
      pread64: 17,
      pwrite64: 18,
      read: 0,
      readlinkat: 267,
      renameat: 264,
      statfs: 137,
      statx: 332,
      symlinkat: 266,
      unlinkat: 263,
      write: 1,
    };

let opened: LinuxCalls | undefined;

/** {@link LinuxCalls} under Bun on Linux; undefined elsewhere, and where the system has no `statx` or does not let it be called. */
export function linuxCalls(): LinuxCalls | undefined {
  return process.platform === "linux" ? (opened ??= openCalls()) : undefined;
}

interface Functions {
  readonly syscall: SystemCall;
  __errno_location(): number;
}

const badAddress = 14;

function openCalls(): LinuxCalls | undefined {
  const bun = ffi();
  const libc = openLibrary(["libc.so.6", "libc.so"], {
    // Whole numbers of up to 53 bits, as the kind that Bun hands over fastest.
    syscall: { args: [i32, pointer, pointer, pointer, pointer, pointer], returns: i32 },
    __errno_location: { args: [], returns: pointer },
  }) as Functions | undefined;
  if (bun === undefined || libc === undefined) return undefined;
  const call = libc.syscall;
  const errno = (): number => bun.read.i32(libc.__errno_location());
  // Old systems and sandboxes refuse it before they look at what it is given, and nothing would seem to be there.
  if (call(callNumbers.statx, fromHere, 0, 0, 0, 0) === -1 && errno() !== badAddress) return undefined;
  return { call, close: (file) => call(callNumbers.close, file, 0, 0, 0, 0), errno, addressOf: bun.ptr };
}

/** Flags of Linux. */
export const fromHere = -100;
export const closeOnExec: number = 0o2000000;
export const pathOnly = 0o10000000;
/** O_WRONLY, O_CREAT, O_EXCL. */
export const newFile: number = 0o301 | closeOnExec;
/** O_RDWR, O_CREAT, O_NONBLOCK, O_NOFOLLOW. */
export const lockFile: number = 0o4102 | closeOnExec | (isArm ? 0o100000 : 0o400000);
export const onlyFolder: number = isArm ? 0o40000 : 0o200000;
/** O_NONBLOCK. */
export const noWaiting = 0o4000;
/** O_NOCTTY and O_NOATIME. */
export const noTerminal = 0o400;
export const noTime = 0o1000000;
/** AT_SYMLINK_NOFOLLOW, AT_EMPTY_PATH and AT_REMOVEDIR. */
export const noFollow = 0x100;
export const ofDescriptor = 0x1000;
export const emptyFolder = 0x200;
