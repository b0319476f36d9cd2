import type { Emit } from "#foundation";
import type { DownloadOptions } from "#index";

/** Tells how far the download of a file is. */
export function downloadProgress(emit: Emit, filename: string): NonNullable<DownloadOptions["onProgress"]> {
  return (done, total) =>
    emit({ type: "progress", phase: "download", id: filename, done, unit: "bytes", ...(total === undefined ? {} : { total }) });
}
