/** Files of a page in the short form in which the cache keeps them. */
import type { PageFile } from "./page.ts";
import type { IndexFile } from "./types.ts";

/** A file in a record: name, URL (only its folder when it ends with the name), sha256 or all hashes, size, requires-python, yanked, upload time, twin, 1 for one of another form than what is installed. */
export type FileRecord = readonly [
  string,
  string,
  string | Record<string, string>,
  (number | null)?,
  (string | null)?,
  (string | null)?,
  (number | null)?,
  (string | Record<string, string> | null)?,
  1?,
];

/** A file for the cache, as short as it can be. */
export function toRecord(file: PageFile, isOther = false): FileRecord {
  // A URL that ends with the file's name is kept without it; one that ends with a slash of its own gets an empty fragment as a mark.
  const start = file.url.length - file.filename.length;
  const url =
    file.url.endsWith(file.filename) && file.url[start - 1] === "/"
      ? file.url.slice(0, start)
      : file.url.endsWith("/")
        ? `${file.url}#`
        : file.url;
  const twin = file.metadata && shortHashes(file.metadata);
  const { filename, size, requiresPython, yanked, uploadTime } = file;
  const record: unknown[] = [
    filename,
    url,
    shortHashes(file.hashes),
    size,
    requiresPython,
    yanked,
    uploadTime,
    twin,
    isOther ? 1 : undefined,
  ];
  let length = record.length;
  while (record[length - 1] === undefined) length -= 1;
  record.length = length;
  return record as unknown as FileRecord;
}

function shortHashes(hashes: Readonly<Record<string, string>>): string | Readonly<Record<string, string>> {
  for (const algorithm in hashes) if (algorithm !== "sha256") return hashes;
  return hashes["sha256"] ?? hashes;
}

function longHashes(hashes: string | Record<string, string>): Readonly<Record<string, string>> {
  return typeof hashes === "string" ? { sha256: hashes } : hashes;
}

/** Whether a record is of a file that is not installed. */
export const isOtherRecord = (record: FileRecord): boolean => record[8] === 1;

/** The file that a record stands for. */
export function fromRecord(record: FileRecord, index: string): IndexFile {
  const [filename, url, hashes, size, requiresPython, yanked, uploadTime, twin] = record;
  return {
    filename,
    kind: filename.endsWith(".whl") ? "wheel" : "sdist",
    url: url.endsWith("/") ? url + filename : url.endsWith("#") ? url.slice(0, -1) : url,
    hashes: longHashes(hashes),
    size: size ?? undefined,
    requiresPython: requiresPython ?? undefined,
    yanked: yanked ?? undefined,
    uploadTime: uploadTime ?? undefined,
    metadata: twin === undefined || twin === null ? undefined : longHashes(twin),
    index,
  };
}
