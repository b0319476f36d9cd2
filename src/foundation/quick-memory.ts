/** The memory that the quick calls (quick-calls.ts) hand texts and bytes over in. */
import type { LinuxCalls } from "./linux-libc.ts";

/** Its own: a call between would be made for each path. */
const encoder = new TextEncoder();

/** A piece of memory that libc reads texts from and writes to. */
export interface Place {
  readonly address: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Puts a text there, ended by a NUL. How many bytes it has; undefined for one that is too long or holds a NUL itself. */
  put(text: string): number | undefined;
}

export function placeOf({ addressOf }: LinuxCalls, size: number): Place {
  const bytes = new Uint8Array(new ArrayBuffer(size));
  return {
    address: addressOf(bytes),
    bytes,
    put: (text) => {
      const { read, written } = encoder.encodeInto(text, bytes);
      if (read < text.length || written >= size || text.includes("\0")) return undefined;
      bytes[written] = 0;
      return written;
    },
  };
}

/** What the calls work with: libc, a place for one name, one for another, and one for what stands in a file or folder. */
export interface Tools {
  readonly calls: LinuxCalls;
  readonly name: Place;
  readonly second: Place;
  /** Larger once something larger has come. */
  content: Place;
}

const usualSize = 65_536;
/** Larger files are not read and written here. */
export const mostAtOnce: number = 2 ** 20;

/** All of it, for one thread. */
export function newTools(calls: LinuxCalls): Tools {
  return { calls, name: placeOf(calls, 4096), second: placeOf(calls, 4096), content: placeOf(calls, usualSize) };
}

/** As {@link Place.put}, in a larger place where it is needed. */
export function putContent(text: string, tools: Tools): number | undefined {
  if (text.length >= tools.content.bytes.length && text.length < mostAtOnce / 4) tools.content = placeOf(tools.calls, mostAtOnce);
  return tools.content.put(text);
}
