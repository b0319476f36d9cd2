/**
 * The parts of an ELF executable that the kernel maps into memory, moved in the file so that large pages can hold them.
 *
 * The kernel can map 2 MiB of a file at once only where address and place in the file have the same remainder by 2 MiB. Linkers that align
 * to 4 KiB leave that to chance, and each start then takes some 300 page faults for code alone. Format: System V ABI, "Object Files".
 */

/** What one entry of an x86-64 or arm64 page table of the second level holds. */
export const largePage: number = 2 * 1024 * 1024;

/** One `PT_LOAD` entry: bytes `offset` to `offset + size` of the file stand at `address`. All in bytes. */
export interface Segment {
  readonly address: number;
  readonly offset: number;
  readonly size: number;
}

const programHeaderSize = 56;
const sectionHeaderSize = 64;
const loadable = 1;

/** Whether this is an ELF file of 64 bits, little endian: the only kind that is laid out anew. */
export function isElf64(file: Buffer): boolean {
  return file.length > 64 && file.readUInt32BE(0) === 0x7f454c46 && file[4] === 2 && file[5] === 1;
}

function fieldAt(file: Buffer, position: number): number {
  return Number(file.readBigUInt64LE(position));
}

function setField(file: Buffer, position: number, value: number): void {
  file.writeBigUInt64LE(BigInt(value), position);
}

/** Where the program headers begin in the file. */
function programHeaders(file: Buffer): number[] {
  const start = fieldAt(file, 32);
  return Array.from({ length: file.readUInt16LE(56) }, (_, index) => start + index * programHeaderSize);
}

/** The segments of the file in the order of their places in it. */
export function segmentsOf(file: Buffer): Segment[] {
  return programHeaders(file)
    .filter((header) => file.readUInt32LE(header) === loadable)
    .map((header) => ({ offset: fieldAt(file, header + 8), address: fieldAt(file, header + 16), size: fieldAt(file, header + 32) }))
    .toSorted((one, other) => one.offset - other.offset);
}

/** What is put in before the byte `before` of the old file. */
interface Gap {
  readonly before: number;
  readonly size: number;
}

function gapsOf(segments: readonly Segment[]): Gap[] {
  const gaps: Gap[] = [];
  let moved = 0;
  for (const { address, offset } of segments) {
    const size = (((address - offset - moved) % largePage) + largePage) % largePage;
    if (size === 0) continue;
    gaps.push({ before: offset, size });
    moved += size;
  }
  return gaps;
}

/**
 * The same program with every segment at a place in the file that fits its address; no address changes. In: an ELF file of 64 bits. Out: a
 * new one, longer by less than 2 MiB for each segment.
 */
export function alignSegments(file: Buffer): Buffer {
  const gaps = gapsOf(segmentsOf(file));
  const moved = (offset: number): number => gaps.reduce((sum, gap) => (offset >= gap.before ? sum + gap.size : sum), offset);
  const parts: Buffer[] = [];
  let taken = 0;
  for (const { before, size } of gaps) {
    parts.push(file.subarray(taken, before), Buffer.alloc(size));
    taken = before;
  }
  const aligned = Buffer.concat([...parts, file.subarray(taken)]);
  for (const header of programHeaders(file)) {
    setField(aligned, header + 8, moved(fieldAt(file, header + 8)));
    if (file.readUInt32LE(header) === loadable) setField(aligned, header + 48, largePage);
  }
  const sections = fieldAt(file, 40);
  setField(aligned, 40, moved(sections));
  for (let index = 0; index < file.readUInt16LE(60); index++) {
    const field = sections + index * sectionHeaderSize + 24;
    setField(aligned, moved(field), moved(fieldAt(file, field)));
  }
  return aligned;
}
