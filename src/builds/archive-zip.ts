import { crc32, openFile, zlib, type OpenFile } from "#foundation";
import type { ArchiveMember } from "./archive.ts";
import type { RefuseSource } from "./refusal.ts";

const endSize = 22;
const longestComment = 65_535;
const centralSize = 46;
const localSize = 30;

interface ZipEntry {
  readonly name: string;
  readonly nameBytes: Buffer;
  readonly method: number;
  readonly crc: number;
  readonly compressedSize: number;
  readonly size: number;
  readonly offset: number;
  readonly mode: number;
}

/**
 * The members of a zip file in the order of its directory: deflated or stored, not encrypted, each where the directory says and
 * named alike in both places. A comment at the end is allowed (GitHub writes one), other data before or behind is not. Errors: INVALID_SOURCE.
 */
export async function* readZip(path: string, { refuse }: { readonly refuse: RefuseSource }): AsyncGenerator<ArchiveMember> {
  const file = openFile(path);
  try {
    const { entries, directory } = readDirectory(file, refuse);
    checkOverlaps(entries, directory, refuse);
    for (const entry of entries) yield memberOf(entry, () => readContent(file, entry, refuse));
  } finally {
    file.close();
  }
}

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function readDirectory(file: OpenFile, refuse: RefuseSource): { entries: ZipEntry[]; directory: number } {
  const tailStart = Math.max(0, file.size - endSize - longestComment);
  const tail = asBuffer(file.read(tailStart, file.size - tailStart));
  let at = tail.length - endSize;
  while (at >= 0 && !(tail.readUInt32LE(at) === 0x06054b50 && at + endSize + tail.readUInt16LE(at + 20) === tail.length)) at -= 1;
  if (at < 0) throw refuse("broken-archive", "It does not end as a zip file does.");
  const [count, size, offset] = [tail.readUInt16LE(at + 10), tail.readUInt32LE(at + 12), tail.readUInt32LE(at + 16)];
  if (count === 0xffff || size === 0xffffffff || offset === 0xffffffff)
    throw refuse("unsupported-archive", "It uses the zip64 form, which pen does not read in sources.");
  if (offset + size !== tailStart + at) throw refuse("broken-archive", "Its directory is not where its end record says.");
  const bytes = asBuffer(file.read(offset, size));
  const entries: ZipEntry[] = [];
  let place = 0;
  while (place < bytes.length) {
    const read = readEntry(bytes, place, refuse);
    entries.push(read.entry);
    place = read.next;
  }
  if (entries.length !== count) throw refuse("broken-archive", "Its end record counts other members than its directory holds.");
  return { entries, directory: offset };
}

function readEntry(bytes: Buffer, at: number, refuse: RefuseSource): { entry: ZipEntry; next: number } {
  if (at + centralSize > bytes.length || bytes.readUInt32LE(at) !== 0x02014b50) throw refuse("broken-archive", "Its directory is damaged.");
  const nameEnd = at + centralSize + bytes.readUInt16LE(at + 28);
  const next = nameEnd + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  if (next > bytes.length) throw refuse("broken-archive", "Its directory is cut off.");
  const nameBytes = bytes.subarray(at + centralSize, nameEnd);
  const name = nameBytes.toString("utf8");
  if ((bytes.readUInt16LE(at + 8) & 1) !== 0) throw refuse("encrypted-member", "It is encrypted.", name);
  const entry: ZipEntry = {
    name,
    nameBytes,
    method: bytes.readUInt16LE(at + 10),
    crc: bytes.readUInt32LE(at + 16),
    compressedSize: bytes.readUInt32LE(at + 20),
    size: bytes.readUInt32LE(at + 24),
    offset: bytes.readUInt32LE(at + 42),
    mode: bytes.readUInt16LE(at + 40),
  };
  if (entry.method !== 0 && entry.method !== 8) throw refuse("unsupported-archive", `It is packed in the way ${entry.method}.`, name);
  return { entry, next };
}

/** Members that share bytes are how a small file unpacks to a huge one. */
function checkOverlaps(entries: readonly ZipEntry[], directory: number, refuse: RefuseSource): void {
  let end = 0;
  for (const { name, nameBytes, offset, compressedSize } of [...entries].sort((a, b) => a.offset - b.offset)) {
    if (offset < end) throw refuse("compression-bomb", "It shares bytes with another member.", name);
    if (end === 0 && offset !== 0) throw refuse("broken-archive", "There is data before its first member.", name);
    end = offset + localSize + nameBytes.length + compressedSize;
  }
  if (end > directory) throw refuse("broken-archive", "Its members reach into its directory.");
}

function memberOf(entry: ZipEntry, content: () => Uint8Array): ArchiveMember {
  return {
    name: entry.name,
    // As pip has it, a link in a zip file is a file with the link's text.
    kind: entry.name.endsWith("/") ? "folder" : "file",
    target: "",
    size: entry.name.endsWith("/") ? 0 : entry.size,
    executable: (entry.mode & 0o111) !== 0 && (entry.mode & 0o170000) !== 0o040000,
    mtimeMs: undefined,
    content: async function* () {
      yield content();
    },
  };
}

function readContent(file: OpenFile, entry: ZipEntry, refuse: RefuseSource): Uint8Array {
  const { name } = entry;
  const head = asBuffer(file.read(entry.offset, localSize + entry.nameBytes.length));
  if (head.length < localSize || head.readUInt32LE(0) !== 0x04034b50)
    throw refuse("broken-archive", "It does not stand where the directory says.", name);
  const nameLength = head.readUInt16LE(26);
  if (nameLength !== entry.nameBytes.length || !head.subarray(localSize, localSize + nameLength).equals(entry.nameBytes))
    throw refuse("broken-archive", "It has another name in its own header.", name);
  const start = entry.offset + localSize + nameLength + head.readUInt16LE(28);
  const packed = file.read(start, entry.compressedSize);
  let content: Uint8Array;
  try {
    // One byte more than promised is enough to know that the size is a lie.
    content = entry.method === 0 ? packed : zlib().inflateRawSync(packed, { maxOutputLength: entry.size + 1 });
  } catch {
    throw refuse("broken-archive", "Its data is damaged, or longer than the directory says.", name);
  }
  if (content.length !== entry.size) throw refuse("broken-archive", "It is not as long as the directory says.", name);
  if (crc32(content) !== entry.crc) throw refuse("broken-archive", "Its data does not have the promised checksum.", name);
  return content;
}
