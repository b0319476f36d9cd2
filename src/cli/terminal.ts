import { fileSystemError, isTerminal, writeDescriptor } from "#foundation";
import type { Terminal } from "./arguments/types.ts";

const ascii = /^[\u0000-\u007f]*$/;

/** Writes everything, also to a pipe that takes only a part at a time; a reader that went away (`| head`) ends the program quietly. */
function writeAll(descriptor: number, text: string): void {
  // Short texts in ASCII, most there are, are taken whole: to make bytes of them costs ten times as much as to write them.
  const taken = ascii.test(text) ? write(descriptor, text) : 0;
  if (taken === text.length) return;
  let bytes: Uint8Array = Buffer.from(text, "utf8").subarray(taken);
  while (bytes.length > 0) bytes = bytes.subarray(write(descriptor, bytes));
}

/** How many bytes were taken: none when it has to be tried again. */
function write(descriptor: number, content: string | Uint8Array): number {
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
