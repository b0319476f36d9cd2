import { createTarPacker } from "modern-tar";
import { compress, createFile, openFile, readLink, statusOf, type Compression, join } from "#foundation";
import { listTree } from "./tree.ts";

interface ArchiveOptions {
  /** The one folder that everything in the archive stands in. */
  readonly top: string;
  readonly compression: Compression;
  /** Seconds since 1970 that no time in the archive is after. */
  readonly epoch: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

const pieceSize = 2 ** 20;

/**
 * Writes the folder `stage` as a tar file that must not exist yet: sorted by path, owned by 0:0, with the times of the files, those of folders and links
 * that of the latest file. The same tree gives the same bytes. Gives the size.
 */
export async function writeArchive(stage: string, file: string, options: ArchiveOptions): Promise<number> {
  const { readable, controller } = createTarPacker();
  const writer = createFile(file);
  let size = 0;
  try {
    const packed = pack(stage, controller, options).catch((error: unknown) => controller.error(error));
    await compress(options.compression, chunks(readable), (bytes) => {
      writer.write(bytes);
      size += bytes.length;
    });
    await packed;
  } finally {
    writer.close();
  }
  return size;
}

async function* chunks(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) yield part.value;
}

type Controller = ReturnType<typeof createTarPacker>["controller"];

async function pack(stage: string, controller: Controller, { top, epoch, signal }: ArchiveOptions): Promise<void> {
  const entries = listTree(stage);
  const seconds = (path: string): number => Math.min(Math.floor((statusOf(join(stage, path))?.mtimeMs ?? 0) / 1000), epoch ?? Infinity);
  const latest = entries.reduce((time, { path, kind }) => (kind === "file" ? Math.max(time, seconds(path)) : time), 0);
  const common = { uid: 0, gid: 0, uname: "", gname: "" };
  const still = { ...common, size: 0, mtime: new Date(latest * 1000) };
  await controller.add({ ...still, name: `${top}/`, type: "directory", mode: 0o755 }).close();
  for (const { path, kind } of entries) {
    signal?.throwIfAborted();
    const name = `${top}/${path}`;
    const full = join(stage, path);
    if (kind === "folder") await controller.add({ ...still, name: `${name}/`, type: "directory", mode: 0o755 }).close();
    else if (kind === "link") await controller.add({ ...still, name, type: "symlink", mode: 0o777, linkname: readLink(full) }).close();
    else await packFile(full, controller, { ...common, name, mtime: new Date(seconds(path) * 1000) });
  }
  controller.finalize();
}

async function packFile(
  path: string,
  controller: Controller,
  header: { readonly name: string; readonly mtime: Date; readonly uid: number; readonly gid: number },
): Promise<void> {
  const mode = ((statusOf(path)?.mode ?? 0) & 0o111) === 0 ? 0o644 : 0o755;
  const file = openFile(path);
  try {
    const sink = controller.add({ ...header, type: "file", mode, size: file.size }).getWriter();
    for (let at = 0; at < file.size; at += pieceSize) await sink.write(file.read(at, Math.min(pieceSize, file.size - at)));
    await sink.close();
  } finally {
    file.close();
  }
}
