import type { Refuse } from "./invalid.ts";
import type { WheelLimits } from "./limits.ts";
import type { ByteSource } from "./source.ts";
import { findEnd } from "./zip-end.ts";
import { readExtras, zip64Sizes } from "./zip-extras.ts";

/** One member as the central directory describes it. */
export interface ZipMember {
  readonly name: string;
  /** As they stand in the directory; the local header must have the same. */
  readonly nameBytes: Buffer;
  readonly isFolder: boolean;
  readonly method: 0 | 8;
  readonly flags: number;
  readonly crc: number;
  readonly compressedSize: number;
  readonly size: number;
  /** Where its local header begins, and where the next one (or the directory) begins. */
  readonly offset: number;
  readonly end: number;
  /** Unix mode with file type; 0 when the archive has none. */
  readonly mode: number;
}

type Entry = Omit<ZipMember, "end">;

const centralSignature = 0x02014b50;
const centralSize = 46;
/** Version 6.3 of the format, as headers write it. */
const newestVersion = 63;
const maxDirectorySize = 256 * 2 ** 20;

/**
 * Reads the central directory (APPNOTE 6.3, sections 4.3.12 to 4.3.16) of an archive that is nothing but an archive: its members stand one after the
 * other from the first byte to the directory, and the end record ends the file. In the order of their place in the file.
 * Throws INVALID_WHEEL.
 */
export function readDirectory(source: ByteSource, limits: WheelLimits, refuse: Refuse): ZipMember[] {
  const end = findEnd(source, refuse);
  if (end.count > limits.maxMembers) throw refuse("too-many-members", `It has ${end.count} members; ${limits.maxMembers} are allowed.`);
  if (end.size > maxDirectorySize) throw refuse("directory-too-large", `Its directory has ${end.size} bytes.`);
  if (end.offset + end.size !== end.position)
    throw refuse(
      end.offset + end.size < end.position ? "prefix-data" : "directory-mismatch",
      "Its directory is not where its end record says.",
    );
  const bytes = source.read(end.offset, end.size);
  const entries: Entry[] = [];
  let at = 0;
  while (at < bytes.length && entries.length < end.count) {
    const entry = readEntry(bytes, at, refuse);
    entries.push(entry.value);
    at = entry.next;
  }
  if (entries.length !== end.count || at !== bytes.length)
    throw refuse("directory-mismatch", `Its end record counts ${end.count} members, its directory holds others.`);
  return inFileOrder(entries, end.offset, refuse);
}

function readEntry(bytes: Buffer, at: number, refuse: Refuse): { value: Entry; next: number } {
  if (at + centralSize > bytes.length || bytes.readUInt32LE(at) !== centralSignature)
    throw refuse("directory-mismatch", "A record of its directory is cut off or no record.");
  const nameEnd = at + centralSize + bytes.readUInt16LE(at + 28);
  const extraEnd = nameEnd + bytes.readUInt16LE(at + 30);
  const next = extraEnd + bytes.readUInt16LE(at + 32);
  if (next > bytes.length) throw refuse("directory-mismatch", "A record of its directory is cut off.");
  const flags = bytes.readUInt16LE(at + 8);
  const nameBytes = bytes.subarray(at + centralSize, nameEnd);
  const name = readName(nameBytes, flags, refuse);
  const method = bytes.readUInt16LE(at + 10);
  checkKind({ name, flags, method, disk: bytes.readUInt16LE(at + 34) }, refuse);
  if ((bytes[at + 6] ?? 0) > newestVersion)
    throw refuse("unsupported-method", "It needs a newer version of the zip format.", { member: name });
  const extras = readExtras(bytes.subarray(nameEnd, extraEnd), name, nameBytes, refuse);
  const sizes = zip64Sizes(
    { size: bytes.readUInt32LE(at + 24), compressedSize: bytes.readUInt32LE(at + 20), offset: bytes.readUInt32LE(at + 42) },
    extras,
    (why) => refuse("zip64-mismatch", why, { member: name }),
  );
  const isFolder = name.endsWith("/");
  if (isFolder && (sizes.size !== 0 || sizes.compressedSize > 2))
    throw refuse("folder-with-content", "A folder has no content.", { member: name });
  // The mode is Unix's only when a Unix-like system wrote the member, but every installer reads it without looking.
  const mode = bytes.readUInt32LE(at + 38) >>> 16;
  const value: Entry = { name, nameBytes, isFolder, method: method === 0 ? 0 : 8, flags, crc: bytes.readUInt32LE(at + 16), ...sizes, mode };
  return { value, next };
}

function checkKind(entry: { name: string; flags: number; method: number; disk: number }, refuse: Refuse): void {
  const { name: member, flags, method, disk } = entry;
  // Bit 0 encrypted, 5 patch data, 6 strong encryption, 13 masked headers.
  if ((flags & 0x2061) !== 0) throw refuse("encrypted-member", "It is encrypted or patched.", { member });
  if (method !== 0 && method !== 8)
    throw refuse("unsupported-method", `Its compression method is ${method}; wheels use 0 (stored) and 8 (deflate).`, { member });
  if (disk !== 0) throw refuse("split-archive", "It stands on another disk of a split archive.", { member });
}

let strictUtf8: TextDecoder | undefined;

function readName(bytes: Buffer, flags: number, refuse: Refuse): string {
  let ascii = true;
  for (const byte of bytes) if (byte >= 0x80) ascii = false;
  if (ascii) return bytes.toString("latin1");
  try {
    const name = (strictUtf8 ??= new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })).decode(bytes);
    if ((flags & 0x800) !== 0) return name;
  } catch {
    // Told below.
  }
  throw refuse("name-encoding", "Its name is not ASCII, and not marked as UTF-8 or no UTF-8.", { member: bytes.toString("latin1") });
}

/** Sorted by place; each must begin where the one before can end, the first with the file. The exact ends are checked when the members are read. */
function inFileOrder(entries: Entry[], directory: number, refuse: Refuse): ZipMember[] {
  const sorted = entries.sort((a, b) => a.offset - b.offset);
  const members: ZipMember[] = [];
  for (const [at, entry] of sorted.entries()) {
    const end = sorted[at + 1]?.offset ?? directory;
    if (at === 0 && entry.offset !== 0) throw refuse("prefix-data", `${entry.offset} bytes stand before its first member.`);
    if (end - entry.offset < 30 + entry.nameBytes.length + entry.compressedSize)
      throw refuse("overlapping-members", "It overlaps the member after it.", { member: entry.name });
    members.push({ ...entry, end });
  }
  if (members.length === 0 && directory !== 0) throw refuse("prefix-data", "It lists no members, but bytes stand before its directory.");
  return members;
}
