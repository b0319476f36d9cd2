import { crc32, inflatePromised, isHelper, zlib, isPenError, util } from "#foundation";
import type { Refuse } from "./invalid.ts";
import type { ByteSource } from "./source.ts";
import type { ZipMember } from "./zip-directory.ts";
import { readExtras, zip64Sizes } from "./zip-extras.ts";

const localSignature = 0x04034b50;
const descriptorSignature = 0x08074b50;
const localSize = 30;
/** Flags that change how a member is read: descriptor, and the encoding of the name. */
const meaningfulFlags = 0x0808;

/** Where the data of a member begin. Checks the local header against the directory, and that nothing stands between this member and the next. Throws INVALID_WHEEL. */
function locateData(source: ByteSource, member: ZipMember, refuse: Refuse): number {
  const header = source.read(member.offset, localSize + member.nameBytes.length);
  const differs = (what: string) => refuse("header-mismatch", `Its local header has ${what} than the directory.`, { member: member.name });
  if (header.length < localSize + member.nameBytes.length || header.readUInt32LE(0) !== localSignature) throw differs("another place");
  const nameLength = header.readUInt16LE(26);
  if (nameLength !== member.nameBytes.length || !header.subarray(localSize).equals(member.nameBytes)) throw differs("another name");
  if (header.readUInt16LE(8) !== member.method) throw differs("another method");
  const flags = header.readUInt16LE(6);
  if ((flags & 0x2061) !== 0)
    throw refuse("encrypted-member", "Its local header marks it as encrypted or patched.", { member: member.name });
  if (((flags ^ member.flags) & meaningfulFlags) !== 0) throw differs("other flags");
  const extraLength = header.readUInt16LE(28);
  const extras =
    extraLength === 0
      ? undefined
      : readExtras(source.read(member.offset + localSize + nameLength, extraLength), member.name, member.nameBytes, refuse);
  const later = (flags & 8) !== 0;
  const sizes = zip64Sizes({ size: header.readUInt32LE(22), compressedSize: header.readUInt32LE(18), offset: 0 }, extras, (why) =>
    refuse("zip64-mismatch", why, { member: member.name }),
  );
  const fits = (value: number, real: number) => value === real || (later && value === 0);
  if (!fits(header.readUInt32LE(14), member.crc)) throw differs("another checksum");
  if (!fits(sizes.size, member.size) || !fits(sizes.compressedSize, member.compressedSize)) throw differs("other sizes");
  const start = member.offset + localSize + nameLength + extraLength;
  checkEnd(source, { member, later, dataEnd: start + member.compressedSize }, refuse);
  return start;
}

/** Behind the data comes the next member, or the data descriptor and then the next member: the length of the gap tells its form. */
function checkEnd(source: ByteSource, place: { member: ZipMember; later: boolean; dataEnd: number }, refuse: Refuse): void {
  const { member, later, dataEnd } = place;
  const gap = member.end - dataEnd;
  if (gap < 0) throw refuse("overlapping-members", "It overlaps the member after it.", { member: member.name });
  if (!later) {
    if (gap !== 0) throw refuse("hidden-data", `${gap} bytes that the directory does not know stand behind it.`, { member: member.name });
    return;
  }
  const fail = () => refuse("descriptor-mismatch", "The descriptor behind its data differs from the directory.", { member: member.name });
  if (gap !== 12 && gap !== 16 && gap !== 20 && gap !== 24)
    throw refuse("hidden-data", "Bytes that the directory does not know stand behind it.", { member: member.name });
  let bytes = source.read(dataEnd, gap);
  if (gap === 16 || gap === 24) {
    if (bytes.readUInt32LE(0) !== descriptorSignature) throw fail();
    bytes = bytes.subarray(4);
  }
  const wide = bytes.length === 20;
  const compressedSize = wide ? Number(bytes.readBigUInt64LE(4)) : bytes.readUInt32LE(4);
  const size = wide ? Number(bytes.readBigUInt64LE(12)) : bytes.readUInt32LE(8);
  if (bytes.readUInt32LE(0) !== member.crc || compressedSize !== member.compressedSize || size !== member.size) throw fail();
}

interface Inflated {
  readonly buffer: Buffer;
  /** `bytesWritten` counts the compressed bytes that were used. */
  readonly engine: { readonly bytesWritten: number };
}

type InflateOptions = { readonly info: true; readonly maxOutputLength: number; readonly chunkSize: number };
const inflateNow = (): ((data: Buffer, options: InflateOptions) => Inflated) => zlib().inflateRawSync as never;
const inflateSoon = (): ((data: Buffer, options: InflateOptions) => Promise<Inflated>) => util().promisify(zlib().inflateRaw) as never;

/**
 * From this many compressed bytes on a thread of the pool pays: handing over and taking back costs as much as inflating a few tens of kilobytes. Where
 * wheels are unpacked in several threads anyway it never does.
 */
const poolPays = (): number => (isHelper() ? Infinity : 16384);

/**
 * The content of a member that is small enough to hold; the size that the directory declares is the limit. Small ones are
 * done at once, the others in the thread pool. Throws (or rejects with) INVALID_WHEEL.
 */
export function readContent(source: ByteSource, member: ZipMember, refuse: Refuse): Buffer | Promise<Buffer> {
  const start = locateData(source, member, refuse);
  const data = source.read(start, member.compressedSize);
  if (data.length !== member.compressedSize) throw refuse("broken-data", "Its data are cut off.", { member: member.name });
  if (member.method === 0) return checkContent(data, data.length, { member, refuse });
  const quick = inflatePromised(data, member);
  if (quick !== undefined) return quick;
  const options: InflateOptions = {
    info: true,
    maxOutputLength: Math.max(1, member.size),
    // One byte more than it needs: the inflater is done at once, and does not ask for a second buffer to find that there is no more.
    chunkSize: Math.max(64, member.size + 1),
  };
  if (data.length >= poolPays()) {
    return inflateSoon()(data, options).then(
      ({ buffer, engine }) => checkContent(buffer, engine.bytesWritten, { member, refuse }),
      (error: unknown) => {
        throw inflateError(error, member, refuse);
      },
    );
  }
  let inflated: Inflated;
  try {
    inflated = inflateNow()(data, options);
  } catch (error) {
    throw inflateError(error, member, refuse);
  }
  return checkContent(inflated.buffer, inflated.engine.bytesWritten, { member, refuse });
}

function inflateError(error: unknown, member: ZipMember, refuse: Refuse): Error {
  const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
  if (code === "ERR_BUFFER_TOO_LARGE")
    return refuse("size-mismatch", `It inflates to more than the ${member.size} bytes it declares.`, { member: member.name });
  return refuse("broken-data", `Its compressed data are broken (${code}).`, { member: member.name });
}

function checkContent(content: Buffer, used: number, of: { member: ZipMember; refuse: Refuse }): Buffer {
  checkTotals({ size: content.length, crc: crc32(content), used }, of.member, of.refuse);
  return content;
}

function checkTotals(got: { size: number; crc: number; used: number }, member: ZipMember, refuse: Refuse): void {
  if (got.size !== member.size)
    throw refuse("size-mismatch", `It holds ${got.size} bytes and declares ${member.size}.`, { member: member.name });
  if (got.used !== member.compressedSize)
    throw refuse("hidden-data", "Bytes stand behind the end of its compressed data.", { member: member.name });
  if (got.crc !== member.crc) throw refuse("crc-mismatch", "Its checksum is wrong.", { member: member.name });
}

const pieceSize = 2 ** 20;

/** The content of a member of any size, piece by piece. A piece is only good when the last one has come without an error. Throws INVALID_WHEEL. */
export async function* streamContent(source: ByteSource, member: ZipMember, refuse: Refuse): AsyncGenerator<Buffer> {
  const start = locateData(source, member, refuse);
  const total = { size: 0, crc: 0, used: 0 };
  const count = (piece: Buffer) => {
    total.size += piece.length;
    if (total.size > member.size)
      throw refuse("size-mismatch", `It inflates to more than the ${member.size} bytes it declares.`, { member: member.name });
    total.crc = crc32(piece, total.crc);
    return piece;
  };
  if (member.method === 0) {
    for (const piece of pieces(source, start, member.compressedSize)) yield count(piece);
    total.used = total.size;
  } else {
    const inflater = zlib().createInflateRaw({ chunkSize: pieceSize });
    const feeding = feed(inflater, pieces(source, start, member.compressedSize)).catch(
      (error: unknown) => void inflater.destroy(error as Error),
    );
    try {
      for await (const piece of inflater) yield count(piece as Buffer);
    } catch (error) {
      throw isPenError(error) ? error : inflateError(error, member, refuse);
    } finally {
      inflater.destroy();
      await feeding;
    }
    total.used = inflater.bytesWritten;
  }
  checkTotals(total, member, refuse);
}

function* pieces(source: ByteSource, start: number, length: number): Generator<Buffer> {
  for (let at = 0; at < length; at += pieceSize) yield source.read(start + at, Math.min(pieceSize, length - at));
}

/** Writes the pieces as fast as the inflater takes them. Ends quietly when it is destroyed: its reader has the error. */
async function feed(inflater: NodeJS.WritableStream & { destroyed?: boolean }, input: Iterable<Buffer>): Promise<void> {
  for (const piece of input) {
    if (inflater.destroyed === true) return;
    if (!inflater.write(piece)) {
      await new Promise<void>((resolve) => {
        const done = () => {
          for (const name of ["drain", "close", "error"]) inflater.removeListener(name, done);
          resolve();
        };
        for (const name of ["drain", "close", "error"]) inflater.once(name, done);
      });
    }
  }
  if (inflater.destroyed !== true) inflater.end();
}
