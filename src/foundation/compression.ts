import type { Transform } from "node:stream";
import { zlib } from "./builtins.ts";
import { PenError } from "./errors.ts";
import { zstdCompressor } from "./runtime.ts";

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
