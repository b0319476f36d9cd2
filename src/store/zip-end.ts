import type { Refuse } from "./invalid.ts";
import type { ByteSource } from "./source.ts";

/** What the end of an archive says about its directory. */
export interface ZipEnd {
  readonly count: number;
  /** Bytes of the directory, and where it begins. */
  readonly size: number;
  readonly offset: number;
  /** Where the end records begin: the directory must end there. */
  readonly position: number;
}

const endSignature = 0x06054b50;
const endSize = 22;
const locatorSignature = 0x07064b50;
const locatorSize = 20;
const wideSignature = 0x06064b50;
const wideSize = 56;

/** Finds the one end record, which must end the file, and the zip64 end record before it. Throws INVALID_WHEEL. */
export function findEnd(source: ByteSource, refuse: Refuse): ZipEnd {
  const tailSize = Math.min(source.size, endSize + 0xffff);
  const tail = source.read(source.size - tailSize, tailSize);
  const at = locateEnd(tail, refuse);
  const position = source.size - tailSize + at;
  const counts = [tail.readUInt16LE(at + 8), tail.readUInt16LE(at + 10)] as const;
  if (tail.readUInt16LE(at + 4) !== 0 || tail.readUInt16LE(at + 6) !== 0 || counts[0] !== counts[1])
    throw refuse("split-archive", "It is one part of a split archive.");
  const narrow: ZipEnd = { count: counts[1], size: tail.readUInt32LE(at + 12), offset: tail.readUInt32LE(at + 16), position };
  return readWide(source, narrow, refuse) ?? narrow;
}

function locateEnd(tail: Buffer, refuse: Refuse): number {
  const last = tail.length - endSize;
  if (last >= 0 && tail.readUInt32LE(last) === endSignature && tail.readUInt16LE(last + 20) === 0) return last;
  let anywhere = false;
  for (let at = last; at >= 0; at -= 1) {
    if (tail[at] !== 0x50 || tail.readUInt32LE(at) !== endSignature) continue;
    anywhere = true;
    if (at + endSize + tail.readUInt16LE(at + 20) !== tail.length) continue;
    // A comment could hold a second archive, and readers differ in which one they see.
    if (holdsSignature(tail.subarray(at + endSize))) throw refuse("archive-comment", "Its comment holds records of another archive.");
    return at;
  }
  if (anywhere) throw refuse("trailing-data", "Bytes stand behind its end record.");
  throw refuse("not-a-zip", "It is no zip archive, or it is cut off.");
}

function holdsSignature(comment: Buffer): boolean {
  for (let at = comment.indexOf("PK"); at >= 0; at = comment.indexOf("PK", at + 1)) {
    if ((comment[at + 2] ?? 255) < 32) return true;
  }
  return false;
}

function readWide(source: ByteSource, narrow: ZipEnd, refuse: Refuse): ZipEnd | undefined {
  const place = narrow.position - locatorSize;
  if (place < 0) return undefined;
  const locator = source.read(place, locatorSize);
  if (locator.readUInt32LE(0) !== locatorSignature) return undefined;
  const fail = (why: string) => refuse("zip64-mismatch", why);
  const position = place - wideSize;
  if (locator.readUInt32LE(4) !== 0 || locator.readUInt32LE(16) > 1) throw refuse("split-archive", "It is one part of a split archive.");
  if (position < 0 || locator.readBigUInt64LE(8) !== BigInt(position)) throw fail("Its zip64 end record is not where it must be.");
  const wide = source.read(position, wideSize);
  if (wide.readUInt32LE(0) !== wideSignature || wide.readBigUInt64LE(4) !== BigInt(wideSize - 12))
    throw fail("Its zip64 end record is not well formed.");
  const [onDisk, count, size, offset] = [24, 32, 40, 48].map((at) => Number(wide.readBigUInt64LE(at))) as [number, number, number, number];
  if (wide.readUInt32LE(16) !== 0 || wide.readUInt32LE(20) !== 0 || onDisk !== count)
    throw refuse("split-archive", "It is one part of a split archive.");
  const agrees = (short: number, long: number, most: number) => short === most || short === long;
  if (!agrees(narrow.count, count, 0xffff) || !agrees(narrow.size, size, 0xffffffff) || !agrees(narrow.offset, offset, 0xffffffff))
    throw fail("Its two end records say different things.");
  return { count, size, offset, position };
}
