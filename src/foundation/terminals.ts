import { fs } from "./builtins.ts";
import { quickCalls } from "./quick-calls.ts";
import { libc } from "./runtime.ts";

/**
 * True when the open file `fd` is a terminal. Asking the streams of the process, or `node:tty`, would load them all: ten milliseconds. Only a
 * device can be one, and not that of `/dev/null`, so that a program that reads pen's answer through a pipe, or throws it away, does not even pay for libc.
 */
export function isTerminal(fd: number): boolean {
  const quick = quickCalls();
  if (quick !== undefined) {
    if (!quick.mayBeTerminal(fd)) return false;
  } else if (!isDevice(fd)) return false;
  return libc()?.isatty(fd) ?? process.getBuiltinModule("node:tty").isatty(fd);
}

/** False for what is no device, or one of memory. */
function isDevice(fd: number): boolean {
  try {
    const status = fs().fstatSync(fd);
    return status.isCharacterDevice() && !isMemoryDevice(status.rdev);
  } catch {
    return false; // Closed.
  }
}

/** On Linux the devices of the first kind are those of memory: `/dev/null`, `/dev/zero` and their like. */
function isMemoryDevice(device: number): boolean {
  return process.platform === "linux" && ((device >> 8) & 0xfff) === 1;
}
