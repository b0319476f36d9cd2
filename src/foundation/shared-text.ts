/** Names in memory that all threads see, one after the other and each ended by a NUL, as the system reads them. */
import { bytesOf } from "./utf8.ts";

/** Lists of names, each with a place of its own. */
interface SharedText {
  readonly text: SharedArrayBuffer;
  /** Where each list begins. */
  readonly places: readonly number[];
}

/** Undefined where a name has a NUL in it, which would be the end of it. */
export function shareText(lists: ReadonlyArray<readonly string[]>): SharedText | undefined {
  const joined: Array<Uint8Array<ArrayBuffer>> = [];
  let length = 0;
  for (const names of lists) {
    // To join them by something else is much quicker than to look at each.
    if (names.join("/").includes("\0")) return undefined;
    const own = bytesOf(names.join("\0"));
    joined.push(own);
    length += own.length + 1;
  }
  const text = new SharedArrayBuffer(length);
  const bytes = new Uint8Array(text);
  const places: number[] = [];
  let end = 0;
  for (const own of joined) {
    places.push(end);
    bytes.set(own, end);
    end += own.length + 1;
  }
  return { text, places };
}
