import { crc32 } from "#foundation";

/** A file for an archive. */
export interface ZipContent {
  readonly name: string;
  readonly content: Uint8Array;
  readonly executable?: boolean;
}

const headerOf = (signature: number, fields: ReadonlyArray<readonly [width: 2 | 4, value: number]>): Buffer => {
  const out = Buffer.alloc(4 + fields.reduce((sum, [width]) => sum + width, 0));
  out.writeUInt32LE(signature, 0);
  let at = 4;
  for (const [width, value] of fields) {
    out.writeUIntLE(value, at, width);
    at += width;
  }
  return out;
};

/** 1980-01-01, the first day that the format knows. */
const day = 0x21;
const plainFile = 0o100644;
const program = 0o100755;

/** A zip file with its members stored as they are; the same members give the same bytes. */
export function zipOf(members: readonly ZipContent[]): Uint8Array {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, content, executable } of members) {
    const nameBytes = Buffer.from(name, "utf8");
    const flags = nameBytes.length === name.length ? 0 : 0x800;
    const common: ReadonlyArray<readonly [2 | 4, number]> = [
      [2, 20],
      [2, flags],
      [2, 0],
      [2, 0],
      [2, day],
      [4, crc32(content)],
      [4, content.length],
      [4, content.length],
      [2, nameBytes.length],
      [2, 0],
    ];
    parts.push(headerOf(0x04034b50, common), nameBytes, Buffer.from(content));
    // Comment, disk, internal and external attributes, place.
    const own: ReadonlyArray<readonly [2 | 4, number]> = [
      [2, 0],
      [2, 0],
      [2, 0],
      [4, (executable === true ? program : plainFile) * 2 ** 16],
      [4, offset],
    ];
    directory.push(headerOf(0x02014b50, [[2, (3 << 8) | 20], ...common, ...own]), nameBytes);
    offset += 30 + nameBytes.length + content.length;
  }
  const size = directory.reduce((sum, part) => sum + part.length, 0);
  const end = headerOf(0x06054b50, [
    [2, 0],
    [2, 0],
    [2, members.length],
    [2, members.length],
    [4, size],
    [4, offset],
    [2, 0],
  ]);
  return Buffer.concat([...parts, ...directory, end]);
}
