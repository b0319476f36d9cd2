import { bytesOf, fileSystemError, isTerminal, writeDescriptor } from "#foundation";
import type { Terminal } from "./arguments/types.ts";

/** Writes everything, also to a pipe that takes only a part at a time; a reader that went away (`| head`) ends the program quietly. */
function writeAll(descriptor: number, text: string): void {
  let bytes: Uint8Array = bytesOf(text);
  while (bytes.length > 0) {
    const taken = write(descriptor, bytes);
    if (taken === bytes.length) return;
    bytes = bytes.subarray(taken);
  }
}

/** How many bytes were taken: none when it has to be tried again. */
function write(descriptor: number, content: Uint8Array): number {
  try {
    return writeDescriptor(descriptor, content);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "EAGAIN") return 0;
    if (code === "EPIPE") process.exit(descriptor === 1 ? 141 : 1);
    throw fileSystemError("write to", descriptor === 1 ? "standard output" : "standard error", error);
  }
}

/** The terminal of this process. */
export const processTerminal: Terminal = {
  out: (text) => writeAll(1, text),
  err: (text) => writeAll(2, text),
  get outIsTerminal() {
    return isTerminal(1);
  },
  get errIsTerminal() {
    return isTerminal(2);
  },
  get inIsTerminal() {
    return isTerminal(0);
  },
  get columns() {
    // The streams of the process cost ten milliseconds to load: only a terminal has a width worth that.
    const columns = isTerminal(2) ? process.stderr.columns : isTerminal(1) ? process.stdout.columns : undefined;
    // A terminal that nobody gave a size says 0.
    return columns === undefined || columns === 0 ? 80 : columns;
  },
};
