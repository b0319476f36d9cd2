/** The system calls on files of Linux, from libc: opened once for all that use them (folder-calls.ts, quick-calls.ts). */
import { ffi, i32, i64, openLibrary, pointer, u32, u64, type Ffi } from "./ffi.ts";

/** Numbers are descriptors, flags, lengths and places in memory. What fails gives a negative number, and `errno` says why. */
export interface LinuxLibc {
  close(file: number): number;
  faccessat(folder: number, path: number, rights: number, flags: number): number;
  flock(file: number, operation: number): number;
  ftruncate(file: number, length: number): number;
  linkat(from: number, existing: number, to: number, path: number, flags: number): number;
  mkdirat(folder: number, path: number, mode: number): number;
  openat(folder: number, path: number, flags: number, mode: number): number;
  pread(file: number, bytes: number, length: number, offset: number): number | bigint;
  pwrite(file: number, bytes: number, length: number, offset: number): number | bigint;
  read(file: number, bytes: number, length: number): number | bigint;
  readlink(path: number, bytes: number, length: number): number | bigint;
  rename(from: number, to: number): number;
  statfs(path: number, words: number): number;
  statx(folder: number, path: number, flags: number, mask: number, words: number): number;
  symlink(target: number, path: number): number;
  /** A call that not every libc has a name for. */
  syscall(call: number, file: number, bytes: number, length: number): number | bigint;
  unlinkat(folder: number, path: number, flags: number): number;
  write(file: number, bytes: number, length: number): number | bigint;
  __errno_location(): number;
}

const signatures = {
  close: { args: [i32], returns: i32 },
  faccessat: { args: [i32, pointer, i32, i32], returns: i32 },
  flock: { args: [i32, i32], returns: i32 },
  ftruncate: { args: [i32, i64], returns: i32 },
  linkat: { args: [i32, pointer, i32, pointer, i32], returns: i32 },
  mkdirat: { args: [i32, pointer, u32], returns: i32 },
  openat: { args: [i32, pointer, i32, u32], returns: i32 },
  pread: { args: [i32, pointer, u64, i64], returns: i64 },
  pwrite: { args: [i32, pointer, u64, i64], returns: i64 },
  read: { args: [i32, pointer, u64], returns: i64 },
  readlink: { args: [pointer, pointer, u64], returns: i64 },
  rename: { args: [pointer, pointer], returns: i32 },
  statfs: { args: [pointer, pointer], returns: i32 },
  statx: { args: [i32, pointer, i32, u32, pointer], returns: i32 },
  symlink: { args: [pointer, pointer], returns: i32 },
  syscall: { args: [i64, i32, pointer, u64], returns: i64 },
  unlinkat: { args: [i32, pointer, i32], returns: i32 },
  write: { args: [i32, pointer, u64], returns: i64 },
  __errno_location: { args: [], returns: pointer },
} satisfies Readonly<Record<keyof LinuxLibc, unknown>>;

/** Libc with what its calls are made with. */
export interface LinuxCalls {
  readonly libc: LinuxLibc;
  /** The number of the error of the call before. */
  errno(): number;
  /** As `ptr` of {@link Ffi}. */
  readonly addressOf: Ffi["ptr"];
}

let opened: LinuxCalls | undefined;

/** {@link LinuxCalls} under Bun on Linux; undefined elsewhere, and where libc has no `statx`. */
export function linuxCalls(): LinuxCalls | undefined {
  return process.platform === "linux" ? (opened ??= openCalls()) : undefined;
}

function openCalls(): LinuxCalls | undefined {
  const bun = ffi();
  const libc = openLibrary(["libc.so.6", "libc.so"], signatures) as LinuxLibc | undefined;
  if (bun === undefined || libc === undefined) return undefined;
  return { libc, errno: () => bun.read.i32(libc.__errno_location()), addressOf: bun.ptr };
}

/** Flags of Linux. Some differ between the machines that Bun runs on: x64 and arm64. */
const isArm = process.arch === "arm64";
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
/** The number of `getdents64`. */
export const listCall: number = isArm ? 61 : 217;
