import type { Transform } from "node:stream";
import { zlib } from "./builtins.ts";
import { PenError } from "./errors.ts";
import { gunzipAtOnce, isBun, zstdCompressor } from "./runtime.ts";

export type Compression = "none" | "gzip" | "zstd";

/**
 * Passes bytes through a compressor to `write`, piece by piece. The same bytes in give the same bytes out. Errors: TARGET_UNSUPPORTED where the
 * runtime has no zstd (Node before 22.15).
 */
export async function compress(kind: Compression, source: AsyncIterable<Uint8Array>, write: (bytes: Uint8Array) => void): Promise<void> {
  if (kind === "none") {
    for await (const bytes of source) write(bytes);
    return;
  }
  const through = kind === "gzip" ? zlib().createGzip() : zstdOrThrow();
  let failure: unknown;
  const ended = new Promise<void>((resolve) => {
    through.on("data", (bytes: Uint8Array) => {
      try {
        write(bytes);
      } catch (error) {
        failure ??= error;
      }
    });
    through.on("error", (error: unknown) => ((failure ??= error), resolve()));
    through.on("end", resolve);
  });
  for await (const bytes of source) {
    if (failure !== undefined) break;
    if (!through.write(bytes)) await new Promise<void>((resolve) => through.once("drain", resolve));
  }
  through.end();
  await ended;
  if (failure !== undefined) throw failure;
}

function zstdOrThrow(): Transform {
  const made = zstdCompressor();
  if (made !== undefined) return made;
  throw new PenError("TARGET_UNSUPPORTED", "This Node cannot compress with zstd", {
    why: "Node has zstd from version 22.15 on; the pen executable always has it.",
    hint: "Write a .tar.gz instead.",
  });
}

/** The bytes that gzip packed, piece by piece. Throws what zlib throws for bytes that are not gzip's, or end too early. */
export async function* gunzip(source: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const through = zlib().createGunzip();
  let goOn = (): void => {};
  for (const event of ["drain", "close"]) through.on(event, () => goOn());
  const feed = async (): Promise<void> => {
    for (const bytes of source) {
      if (through.destroyed) return;
      if (!through.write(bytes)) await new Promise<void>((resolve) => (goOn = resolve));
    }
    through.end();
  };
  const feeding = feed().catch((error: unknown) => void through.destroy(error instanceof Error ? error : new Error(String(error))));
  for await (const bytes of through) yield bytes as Uint8Array;
  await feeding;
}

/** Deflate makes no more than this of one byte, and what is inflated without a limit shall stay small. */
const mostGrowth = 1032;
const mostQuick = 65536;
const gzipHeader = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
let quick: Buffer<ArrayBuffer> | undefined;

/**
 * Inflates raw deflate data that are promised to become `size` bytes with this CRC-32, in half the time of zlib. Undefined when this cannot be done quickly here, or when the promise
 * does not hold in every point: then zlib, which knows limits and tells what is wrong, has the word.
 *
 * The quick inflater does not tell where the data ended, so it gets them as gzip, with the promise behind them: it only ends well when the eight bytes behind the end of the data are
 * checksum and size of what came out. That size, which is the promised one, stands nowhere before its own place, so the data ended right before the promise, and both are true.
 */
export function inflatePromised(data: Uint8Array, promise: { readonly size: number; readonly crc: number }): Buffer | undefined {
  const { length } = data;
  if (length > mostQuick || promise.size > mostQuick * mostGrowth || !isBun) return undefined;
  if (quick === undefined) gzipHeader.copy((quick = Buffer.alloc(gzipHeader.length + mostQuick + 8)));
  const end = gzipHeader.length + length;
  quick.set(data, gzipHeader.length);
  quick.writeUInt32LE(promise.crc, end);
  quick.writeUInt32LE(promise.size, end + 4);
  if (quick.indexOf(quick.subarray(end + 4, end + 8), gzipHeader.length + 4) !== end + 4) return undefined;
  const content = gunzipAtOnce(quick.subarray(0, end + 8));
  return content?.length === promise.size ? Buffer.from(content.buffer, content.byteOffset, content.length) : undefined;
}
