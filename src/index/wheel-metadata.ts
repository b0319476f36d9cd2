/** Finds METADATA in a wheel with as few ranged reads as possible. Which bytes to read next is asked for by a generator, so that files and servers share the code. */
import { crc32, zlib, PenError, excerpt } from "#foundation";
import { tryNormalizeName, tryParseVersion, compareVersions, parseWheelFilename } from "#standards";

/** A range of the archive that is wanted: offset and length in bytes. */
export type WantedRange = readonly [offset: number, length: number];

/** The bytes of the first read, at the end of the archive: enough for the directory of most wheels, and often METADATA with it. */
export const tailLength: number = 32 * 1024;

const longestDirectory = 64 * 1024 * 1024;
const longestMetadata = 16 * 1024 * 1024;

/** The bytes that were read so far: the tail, and what was asked for since. */
interface Window {
  readonly offset: number;
  readonly bytes: Buffer;
}

/**
 * Reads the METADATA of the wheel `filename` of `size` bytes. Yields the ranges that it needs and receives their bytes. Throws INVALID_WHEEL.
 * It does not judge the wheel as a whole: that is done before anything is installed.
 */
export function* readWheelMetadata(size: number, filename: string): Generator<WantedRange, string, Uint8Array> {
  const start = Math.max(0, size - tailLength);
  const tail: Window = { offset: start, bytes: toBuffer(yield [start, size - start]) };
  const directory = findDirectory(tail, size, filename);
  const entries = yield* read(tail, [directory.offset, directory.length]);
  const entry = findEntry(entries, filename);
  // The local header repeats the name and has an extra field of its own length: ask for some more at once.
  const headLength = 30 + entry.nameLength;
  const available = Math.max(0, size - entry.offset);
  const guess = yield* read(tail, [entry.offset, Math.min(available, headLength + entry.extraLength + 64 + entry.compressedSize)]);
  if (guess.length < 30 || guess.readUInt32LE(0) !== 0x04034b50)
    throw broken(filename, "The header of METADATA is not where the directory says.");
  const dataStart = 30 + guess.readUInt16LE(26) + guess.readUInt16LE(28);
  const data =
    dataStart + entry.compressedSize <= guess.length
      ? guess.subarray(dataStart, dataStart + entry.compressedSize)
      : yield* read(tail, [entry.offset + dataStart, entry.compressedSize]);
  return unpack(data, entry, filename);
}

function* read(tail: Window, [offset, length]: WantedRange): Generator<WantedRange, Buffer, Uint8Array> {
  if (offset >= tail.offset && offset + length <= tail.offset + tail.bytes.length) {
    return tail.bytes.subarray(offset - tail.offset, offset - tail.offset + length);
  }
  return toBuffer(yield [offset, length]);
}

function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function broken(filename: string, why: string): PenError {
  return new PenError("INVALID_WHEEL", `${excerpt(filename)} is not a readable wheel`, {
    why,
    hint: "The file on the index is broken or was made to deceive; choose another version.",
  });
}

function findDirectory(tail: Window, size: number, filename: string): { offset: number; length: number } {
  const { bytes } = tail;
  // Wheels have no archive comment as a rule; a comment of any length is still found as long as it fits the tail.
  let at = bytes.length - 22;
  while (at >= 0 && !(bytes.readUInt32LE(at) === 0x06054b50 && at + 22 + bytes.readUInt16LE(at + 20) === bytes.length)) at -= 1;
  if (at < 0) throw broken(filename, "It has no directory: it is no zip archive, or it is cut off.");
  let length = bytes.readUInt32LE(at + 12);
  let offset = bytes.readUInt32LE(at + 16);
  if ((length === 0xffffffff || offset === 0xffffffff) && at >= 20 + 56 && bytes.readUInt32LE(at - 20) === 0x07064b50) {
    const end = Number(bytes.readBigUInt64LE(at - 12)) - tail.offset;
    if (end < 0 || end + 56 > bytes.length || bytes.readUInt32LE(end) !== 0x06064b50)
      throw broken(filename, "Its zip64 directory is not where it should be.");
    length = Number(bytes.readBigUInt64LE(end + 40));
    offset = Number(bytes.readBigUInt64LE(end + 48));
  }
  if (length > longestDirectory || offset + length > tail.offset + at || offset + length > size)
    throw broken(filename, "Its directory lies about its place.");
  return { offset, length };
}

interface Entry {
  readonly offset: number;
  readonly nameLength: number;
  readonly extraLength: number;
  readonly method: number;
  readonly crc: number;
  readonly size: number;
  readonly compressedSize: number;
}

function findEntry(directory: Buffer, filename: string): Entry {
  const wheel = parseWheelFilename(filename);
  let found: Entry | undefined;
  for (let at = 0; at + 46 <= directory.length;) {
    if (directory.readUInt32LE(at) !== 0x02014b50) throw broken(filename, "Its directory is malformed.");
    const nameLength = directory.readUInt16LE(at + 28);
    const extraLength = directory.readUInt16LE(at + 30);
    const end = at + 46 + nameLength;
    const isMetadata = nameLength > 19 && directory.toString("latin1", end - 19, end) === ".dist-info/METADATA";
    if (isMetadata && isOwn(directory.toString("utf8", at + 46, end - 19), wheel)) {
      if (found !== undefined) throw broken(filename, "It holds METADATA twice.");
      found = entryAt(directory, at);
    }
    at = end + extraLength + directory.readUInt16LE(at + 32);
  }
  if (found === undefined) throw broken(filename, "It holds no METADATA for the name and version of the file.");
  if (found.size > longestMetadata || found.compressedSize > longestMetadata) throw broken(filename, "Its METADATA is longer than 16 MiB.");
  return found;
}

function isOwn(stem: string, wheel: ReturnType<typeof parseWheelFilename>): boolean {
  const at = stem.lastIndexOf("-");
  if (at < 0 || stem.includes("/") || tryNormalizeName(stem.slice(0, at)) !== wheel.name) return false;
  const version = tryParseVersion(stem.slice(at + 1).replaceAll("_", "-"));
  return version !== undefined && compareVersions(version, wheel.version) === 0;
}

function entryAt(directory: Buffer, at: number): Entry {
  const nameLength = directory.readUInt16LE(at + 28);
  const extraLength = directory.readUInt16LE(at + 30);
  const values = [directory.readUInt32LE(at + 24), directory.readUInt32LE(at + 20), directory.readUInt32LE(at + 42)];
  const extraStart = at + 46 + nameLength;
  const extra = directory.subarray(extraStart, extraStart + extraLength);
  for (let field = 0; field + 4 <= extra.length;) {
    const length = extra.readUInt16LE(field + 2);
    if (extra.readUInt16LE(field) === 1) {
      let place = field + 4;
      values.forEach((value, which) => {
        if (value !== 0xffffffff || place + 8 > Math.min(extra.length, field + 4 + length)) return;
        values[which] = Number(extra.readBigUInt64LE(place));
        place += 8;
      });
    }
    field += 4 + length;
  }
  const [size = 0, compressedSize = 0, offset = 0] = values;
  return {
    offset,
    nameLength,
    extraLength,
    method: directory.readUInt16LE(at + 10),
    crc: directory.readUInt32LE(at + 16),
    size,
    compressedSize,
  };
}

function unpack(data: Buffer, entry: Entry, filename: string): string {
  if (data.length !== entry.compressedSize) throw broken(filename, "It is shorter than its directory says.");
  if (entry.method !== 0 && entry.method !== 8)
    throw broken(filename, `Its METADATA is packed by a method that wheels may not use (${entry.method}).`);
  let bytes: Buffer;
  try {
    bytes = entry.method === 0 ? data : zlib().inflateRawSync(data, { maxOutputLength: entry.size + 1 });
  } catch (error) {
    throw broken(filename, `Its METADATA cannot be unpacked: ${error instanceof Error ? error.message : "unknown"}`);
  }
  if (bytes.length !== entry.size || crc32(bytes) !== entry.crc)
    throw broken(filename, "Its METADATA does not have the size and checksum that the directory promises.");
  return bytes.toString("utf8");
}
