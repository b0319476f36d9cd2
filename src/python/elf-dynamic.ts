import { openFile } from "#foundation";

/** What a dynamically linked ELF file asks of the system. */
export interface ElfLinkage {
  /** The names of the libraries that it needs: `libc.so.6`. */
  readonly needed: readonly string[];
  readonly soname: string | undefined;
  /** The folders of `DT_RUNPATH` or `DT_RPATH`, as written (`$ORIGIN/../lib`). */
  readonly searched: readonly string[];
  /** True when these are of `DT_RUNPATH`: then those of the program that loads the file do not count for it. */
  readonly isClosed: boolean;
  /** The highest `GLIBC_2.x` that it asks for, as `[2, x]`. */
  readonly glibc: readonly [number, number] | undefined;
}

const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const PT_NOTE = 4;
const DT_NULL = 0;
const DT_NEEDED = 1;
const DT_STRTAB = 5;
const DT_STRSZ = 10;
const DT_SONAME = 14;
const DT_RPATH = 15;
const DT_RUNPATH = 29;
const DT_VERNEED = 0x6ffffffe;
const DT_VERNEEDNUM = 0x6fffffff;
const maxTable = 16 * 2 ** 20;

type Read = (offset: number, length: number) => Buffer;

interface Segment {
  readonly type: number;
  /** Where its entry of the program header stands in the file. */
  readonly entry: number;
  readonly offset: number;
  readonly address: number;
  readonly fileSize: number;
  readonly memorySize: number;
  readonly alignment: number;
}

interface Dynamic {
  readonly segments: readonly Segment[];
  readonly table: Segment;
  readonly entries: ReadonlyArray<{ readonly tag: number; readonly value: number }>;
  readonly strings: Buffer;
}

/**
 * Reads how a 64-bit little-endian ELF program or library is linked; undefined for any other file, for a static one and for one that is damaged.
 */
export function readLinkage(path: string): ElfLinkage | undefined {
  try {
    const file = openFile(path);
    try {
      const read: Read = (offset, length) => asBuffer(file.read(offset, length));
      const dynamic = readDynamic(read);
      return dynamic === undefined ? undefined : linkageOf(dynamic, read);
    } finally {
      file.close();
    }
  } catch {
    return undefined; // A truncated or lying header is no ELF file for our purpose.
  }
}

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function readDynamic(read: Read): Dynamic | undefined {
  const head = read(0, 64);
  if (head.length < 64 || head.readUInt32BE(0) !== 0x7f454c46 || head[4] !== 2 || head[5] !== 1) return undefined;
  const segments = readSegments(read, head);
  const table = segments.find(({ type }) => type === PT_DYNAMIC);
  if (table === undefined || table.fileSize > maxTable) return undefined;
  const bytes = read(table.offset, table.fileSize);
  const entries = [];
  for (let at = 0; at + 16 <= bytes.length; at += 16)
    entries.push({ tag: Number(bytes.readBigUInt64LE(at)), value: Number(bytes.readBigUInt64LE(at + 8)) });
  const end = entries.findIndex(({ tag }) => tag === DT_NULL);
  const used = end < 0 ? entries : entries.slice(0, end);
  const value = (tag: number): number | undefined => used.find((entry) => entry.tag === tag)?.value;
  const place = fileOffset(segments, value(DT_STRTAB));
  const size = value(DT_STRSZ);
  if (place === undefined || size === undefined || size > maxTable) return undefined;
  return { segments, table, entries, strings: read(place, size) };
}

function readSegments(read: Read, head: Buffer): Segment[] {
  const start = Number(head.readBigUInt64LE(32));
  const size = head.readUInt16LE(54);
  const count = Math.min(head.readUInt16LE(56), 64);
  const table = read(start, size * count);
  const segments: Segment[] = [];
  for (let at = 0; size >= 56 && at + 56 <= table.length; at += size) {
    const wide = (offset: number): number => Number(table.readBigUInt64LE(at + offset));
    segments.push({
      type: table.readUInt32LE(at),
      entry: start + at,
      offset: wide(8),
      address: wide(16),
      fileSize: wide(32),
      memorySize: wide(40),
      alignment: wide(48),
    });
  }
  return segments;
}

function fileOffset(segments: readonly Segment[], address: number | undefined): number | undefined {
  if (address === undefined) return undefined;
  const segment = segments.find((one) => one.type === PT_LOAD && address >= one.address && address < one.address + one.fileSize);
  return segment && address - segment.address + segment.offset;
}

function textAt(strings: Buffer, at: number): string {
  const end = strings.indexOf(0, at);
  return strings.toString("utf8", at, end < 0 ? strings.length : end);
}

function linkageOf({ segments, entries, strings }: Dynamic, read: Read): ElfLinkage {
  const texts = (...tags: readonly number[]): string[] =>
    entries.flatMap(({ tag, value }) => (tags.includes(tag) ? [textAt(strings, value)] : []));
  const [runpath] = [...texts(DT_RUNPATH), ...texts(DT_RPATH)];
  const value = (tag: number): number | undefined => entries.find((entry) => entry.tag === tag)?.value;
  const place = fileOffset(segments, value(DT_VERNEED));
  return {
    needed: texts(DT_NEEDED),
    soname: texts(DT_SONAME)[0],
    isClosed: texts(DT_RUNPATH).length > 0,
    searched: (runpath ?? "").split(":").filter((folder) => folder !== ""),
    glibc: place === undefined ? undefined : highestGlibc(versionNames(read, { place, count: value(DT_VERNEEDNUM) ?? 0, strings })),
  };
}

/** The names in the table of needed versions (`GLIBC_2.34`). */
function versionNames(read: Read, table: { readonly place: number; readonly count: number; readonly strings: Buffer }): string[] {
  const names: string[] = [];
  let at = table.place;
  for (let file = 0; file < Math.min(table.count, 256); file += 1) {
    const head = read(at, 16);
    let auxiliary = at + head.readUInt32LE(8);
    for (let number = 0; number < Math.min(head.readUInt16LE(2), 1024); number += 1) {
      const entry = read(auxiliary, 16);
      names.push(textAt(table.strings, entry.readUInt32LE(8)));
      auxiliary += entry.readUInt32LE(12);
    }
    at += head.readUInt32LE(12);
  }
  return names;
}

function highestGlibc(names: readonly string[]): readonly [number, number] | undefined {
  const versions = names.flatMap((name) => {
    const match = /^GLIBC_(\d{1,4})\.(\d{1,4})/.exec(name);
    return match === null ? [] : [[Number(match[1]), Number(match[2])] as const];
  });
  return versions.sort(([a, b], [c, d]) => c - a || d - b)[0];
}

/**
 * The same ELF file with one folder list (`$ORIGIN/../lib`) in which it looks for its libraries; with `inherited` all that it loads look there, too, but for
 * files with a list of their own that is closed. The new text goes to the end of the
 * file, in a segment of its own that takes the place of a note, as there is no room in the old table of strings. Undefined when that cannot be
 * done: no 64-bit little-endian dynamic file, no note to give up, no spare entry.
 */
export function withRunpath(bytes: Uint8Array, runpath: string, inherited = false): Uint8Array | undefined {
  try {
    return patched(asBuffer(bytes), runpath, inherited ? DT_RPATH : DT_RUNPATH);
  } catch (error) {
    if (error instanceof RangeError) return undefined; // A truncated or lying header.
    throw error;
  }
}

function patched(old: Buffer, runpath: string, tag: number): Buffer | undefined {
  const dynamic = readDynamic((offset, length) => old.subarray(offset, offset + length));
  if (dynamic === undefined) return undefined;
  const { segments, table, entries, strings } = dynamic;
  const loads = segments.filter(({ type }) => type === PT_LOAD);
  const last = loads.at(-1);
  const note = segments.findLast(({ type, entry }) => type === PT_NOTE && entry > (last?.entry ?? Infinity));
  const slot = runpathSlot(entries);
  if (last === undefined || note === undefined || slot === undefined) return undefined;
  const alignment = Math.max(4096, ...loads.map((load) => load.alignment));
  const up = (value: number): number => Math.ceil(value / alignment) * alignment;
  const offset = up(old.length);
  const address = up(Math.max(...loads.map((load) => load.address + load.memorySize)));
  const text = Buffer.concat([strings, Buffer.from(`${runpath}\0`)]);
  const made = Buffer.alloc(offset + text.length);
  old.copy(made);
  text.copy(made, offset);
  const load = [address, address, text.length, text.length, alignment];
  made.writeUInt32LE(PT_LOAD, note.entry);
  made.writeUInt32LE(4, note.entry + 4); // Readable.
  [offset, ...load].forEach((value, at) => made.writeBigUInt64LE(BigInt(value), note.entry + 8 + 8 * at));
  const put = (index: number, tag: number, value: number): void => {
    made.writeBigUInt64LE(BigInt(tag), table.offset + 16 * index);
    made.writeBigUInt64LE(BigInt(value), table.offset + 16 * index + 8);
  };
  entries.forEach((entry, index) => {
    if (entry.tag === DT_STRTAB) put(index, DT_STRTAB, address);
    if (entry.tag === DT_STRSZ) put(index, DT_STRSZ, text.length);
  });
  put(slot, tag, strings.length);
  return made;
}

/** The entry that holds the folder list, or a spare one at the end: linkers leave a few, and one must remain. */
function runpathSlot(entries: Dynamic["entries"]): number | undefined {
  const known = entries.findIndex(({ tag }) => tag === DT_RUNPATH || tag === DT_RPATH);
  if (known >= 0) return known;
  const end = entries.findIndex(({ tag }) => tag === DT_NULL);
  return end >= 0 && entries[end + 1]?.tag === DT_NULL ? end : undefined;
}
