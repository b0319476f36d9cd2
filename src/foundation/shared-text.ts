/** Names in memory that all threads see, one after the other and each ended by a NUL, as the system reads them. */

/** Lists of names, each with a place of its own. */
interface SharedText {
  readonly text: SharedArrayBuffer;
  /** Where each list begins. */
  readonly places: readonly number[];
}

/** Undefined where a name has a NUL in it, which would be the end of it. */
export function shareText(lists: ReadonlyArray<readonly string[]>): SharedText | undefined {
  const joined: string[] = [];
  let length = 0;
  for (const names of lists) {
    // To join them by something else is much quicker than to look at each.
    if (names.join("/").includes("\0")) return undefined;
    const text = names.join("\0");
    joined.push(text);
    length += Buffer.byteLength(text) + 1;
  }
  const text = new SharedArrayBuffer(length);
  const bytes = Buffer.from(text);
  const places: number[] = [];
  let end = 0;
  for (const names of joined) {
    places.push(end);
    end += bytes.write(names, end) + 1;
  }
  return { text, places };
}
