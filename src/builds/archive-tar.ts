import { createTarDecoder, type ParsedTarEntry } from "modern-tar";
import { gunzip, isPenError, openFile } from "#foundation";
import type { ArchiveMember } from "./archive.ts";
import type { RefuseSource } from "./refusal.ts";

const pieceSize = 2 ** 18;

/**
 * The members of a tar file, compressed with gzip or not, in their order. Headers with a wrong checksum, data behind the end and an
 * archive that is cut off are refused. Errors: INVALID_SOURCE.
 */
export async function* readTar(
  path: string,
  options: { readonly gzip: boolean; readonly refuse: RefuseSource },
): AsyncGenerator<ArchiveMember> {
  const decoder = createTarDecoder({ strict: true });
  const writer = decoder.writable.getWriter();
  const feed = async (): Promise<void> => {
    for await (const piece of options.gzip ? gunzip(piecesOf(path)) : piecesOf(path)) await writer.write(piece);
    await writer.close();
  };
  let failure: unknown;
  const feeding = feed().catch(async (error: unknown) => {
    failure ??= error;
    // Whoever waits for a member is told.
    await writer.abort(error).catch(() => {});
  });
  const reader = decoder.readable.getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      let taken = false;
      const entry = next.value;
      yield memberOf(entry, () => ((taken = true), contentOf(entry.body, options.refuse)));
      if (!taken) await entry.body.cancel();
    }
    await feeding;
    if (failure !== undefined) throw failure;
  } catch (error) {
    await feeding;
    throw asRefusal(failure ?? error, options.refuse);
  } finally {
    await reader.cancel().catch(() => {});
    await writer.abort().catch(() => {});
    await feeding;
  }
}

/** What the file system said is no fault of the archive; all else is. */
function asRefusal(error: unknown, refuse: RefuseSource): Error {
  if (isPenError(error)) return error;
  return refuse("broken-archive", `It cannot be read as a tar file: ${error instanceof Error ? error.message : String(error)}`);
}

function memberOf({ header }: ParsedTarEntry, content: ArchiveMember["content"]): ArchiveMember {
  const mtimeMs = header.mtime?.getTime();
  return {
    name: header.name,
    kind: kindOf(header),
    target: header.linkname ?? "",
    size: header.size,
    executable: ((header.mode ?? 0) & 0o111) !== 0,
    mtimeMs: mtimeMs === undefined || Number.isNaN(mtimeMs) ? undefined : mtimeMs,
    content,
  };
}

function kindOf(header: ParsedTarEntry["header"]): ArchiveMember["kind"] {
  // What such a file really holds is known to few readers, and no tool that makes source distributions writes one.
  if (Object.keys(header.pax ?? {}).some((key) => key.startsWith("GNU.sparse"))) return "sparse";
  switch (header.type) {
    case undefined:
    case "file":
      return "file";
    case "directory":
      return "folder";
    case "symlink":
      return "link";
    case "link":
      return "hard-link";
    case "block-device":
    case "character-device":
    case "fifo":
    // Headers for the next member, which the reader has applied already.
    case "gnu-long-link-name":
    case "gnu-long-name":
    case "pax-global-header":
    case "pax-header":
      break;
  }
  return "device";
}

async function* contentOf(body: ReadableStream<Uint8Array>, refuse: RefuseSource): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  const read = (): ReturnType<typeof reader.read> =>
    reader.read().catch((error: unknown) => {
      throw asRefusal(error, refuse);
    });
  for (let part = await read(); !part.done; part = await read()) yield part.value;
}

function* piecesOf(path: string): Generator<Uint8Array> {
  const file = openFile(path);
  try {
    for (let at = 0; at < file.size; at += pieceSize) yield file.read(at, Math.min(pieceSize, file.size - at));
  } finally {
    file.close();
  }
}
