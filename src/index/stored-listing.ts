/**
 * The form in which the answer of an index is kept: a header (where it came from, how long it is fresh, the versions newest
 * first) and then the files of each version as JSON. A reader takes the header alone, and later the versions that somebody looks at.
 *
 *     pen-listing 4 <crc32 of the header> <bytes of the header> <bytes of the rest> <crc32 of the rest>\n<header JSON><files of version 0>…
 *
 * The header has the checksum of each version's files, so that one of them can be read without the others. A file is a record of pen's own, or a piece of a
 * JSON page as it was.
 */
import { checksum, crc32, LazyList, PenError } from "#foundation";
import { type NormalizedName, type Version, parseVersion } from "#standards";
import { type FileRecord, fromRecord, isOtherRecord } from "./file-record.ts";
import { pieceReader } from "./page-entries.ts";
import type { IndexFile, ListedVersion, OtherFile, ProjectListing } from "./types.ts";

/** What a server said about its answer. */
export interface Freshness {
  readonly etag: string | undefined;
  readonly lastModified: string | undefined;
  /** Milliseconds since 1970. */
  readonly fetched: number;
  /** Seconds for which the answer need not be asked for again. */
  readonly maxAge: number;
}

export interface Header extends Freshness {
  readonly index: string;
  readonly name: string;
  /** The index does not have the project. */
  readonly absent: boolean;
  readonly versions: readonly string[];
  /** Bytes of each version's files, which are a list in JSON. */
  readonly sizes: readonly number[];
  /** Their CRC-32. */
  readonly sums: readonly number[];
  /** Scheme and host of the page of which pieces are among the files. */
  readonly origin?: string;
}

/** A kept answer, opened. */
export interface StoredListing {
  readonly freshness: Freshness;
  readonly listing: ProjectListing | undefined;
  /** The same content with a new date, after a 304; undefined when the content cannot be read any more. */
  renew(freshness: Freshness): Uint8Array | undefined;
}

/** Where the bytes of an answer are: ranges of a file that other processes may replace, or a buffer. Undefined where there are none. */
interface ListingBytes {
  /** Bytes from an offset, fewer at the end, and the size of all. */
  read(offset: number, length: number): { readonly bytes: Buffer; readonly size: number } | undefined;
  /** The content is damaged: nobody shall read it again. */
  discard(): void;
}

/** Enough for the whole answer of most projects, and for the header of nearly all. */
const firstRead = 48 * 1024;

/** Which listed files exist for this client. Undefined means all. */
export type FileFilter = ((file: OtherFile) => boolean) | undefined;

/** The bytes of an answer with this header and these files. */
export function seal(header: Header, body: Uint8Array | string): Uint8Array {
  const head = JSON.stringify(header);
  const headLength = Buffer.byteLength(head, "utf8");
  const length = typeof body === "string" ? Buffer.byteLength(body, "utf8") : body.length;
  const line = `pen-listing 4 ${checksum(head)} ${headLength} ${length} ${checksum(body)}\n`;
  // Twenty megabytes of pages in one command: copied once.
  const bytes = Buffer.allocUnsafe(line.length + headLength + length);
  bytes.write(line, 0, "latin1");
  bytes.write(head, line.length, "utf8");
  if (typeof body === "string") bytes.write(body, line.length + headLength, "utf8");
  else bytes.set(body, line.length + headLength);
  return bytes;
}

/** Bytes that are at hand. */
export function listingBytes(bytes: Uint8Array): ListingBytes {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { read: (offset, length) => ({ bytes: buffer.subarray(offset, offset + length), size: buffer.length }), discard: () => {} };
}

interface Opened {
  readonly header: Header;
  readonly bodyStart: number;
  /** The checksum of what comes after the header. */
  readonly bodyChecksum: string;
  /** The first line: it changes with the content. */
  readonly line: string;
  /** What was read on the way, from offset 0. */
  readonly bytes: Buffer;
}

/** The header, when it is whole and the size is the promised one. */
function openHeader(source: ListingBytes): Opened | undefined {
  const first = source.read(0, firstRead);
  const lineEnd = first?.bytes.indexOf(10) ?? -1;
  if (first === undefined || lineEnd < 0 || lineEnd > 80) return undefined;
  const line = first.bytes.toString("latin1", 0, lineEnd);
  const match = /^pen-listing 4 ([0-9a-f]{8}) (\d{1,9}) (\d{1,10}) ([0-9a-f]{8})$/.exec(line);
  const bodyStart = lineEnd + 1 + Number(match?.[2]);
  if (match === null || bodyStart + Number(match[3]) !== first.size) return undefined;
  const head =
    bodyStart <= first.bytes.length ? first.bytes.subarray(lineEnd + 1, bodyStart) : source.read(lineEnd + 1, Number(match[2]))?.bytes;
  if (head === undefined || checksum(head) !== match[1]) return undefined;
  // The checksum holds: this is what pen wrote.
  return { header: JSON.parse(head.toString("utf8")) as Header, bodyStart, bodyChecksum: match[4] ?? "", line, bytes: first.bytes };
}

/** Opens a kept answer for this index and project; undefined when it is damaged or of something else. */
export function openListing(
  source: ListingBytes,
  about: { readonly index: string; readonly name: NormalizedName },
  filter: FileFilter,
): StoredListing | undefined {
  const opened = openHeader(source);
  if (opened === undefined || opened.header.index !== about.index || opened.header.name !== about.name) return undefined;
  const { header, bodyStart, bytes } = opened;
  const { etag, lastModified, fetched, maxAge, index } = header;
  const bodyLength = header.sizes.reduce((sum, size) => sum + size, 0);
  const whole = bytes.length === bodyStart + bodyLength;
  if (whole && checksum(bytes.subarray(bodyStart)) !== opened.bodyChecksum) return undefined;
  const pages: Pages = { source: whole ? listingBytes(bytes) : source, line: opened.line, index, name: about.name, filter };
  return {
    freshness: { etag, lastModified, fetched, maxAge },
    listing: header.absent ? undefined : new StoredProject(about.name, { pages, header, bodyStart }),
    renew: (freshness) => {
      const body = pages.source.read(bodyStart, bodyLength)?.bytes;
      return body === undefined || !recordsHold(body, header, 0) ? undefined : seal({ ...header, ...freshness }, body);
    },
  };
}

function recordsHold(bytes: Buffer, header: Header, bodyStart: number): boolean {
  let start = bodyStart;
  return header.sizes.every((size, which) => {
    const record = bytes.subarray(start, start + size);
    start += size;
    return record.length === size && crc32(record) === header.sums[which];
  });
}

interface Pages {
  readonly source: ListingBytes;
  readonly line: string;
  readonly index: string;
  readonly name: NormalizedName;
  readonly filter: FileFilter;
}

interface Content {
  readonly pages: Pages;
  readonly header: Header;
  readonly bodyStart: number;
}

/** A listing whose versions are made when somebody wants to see all of them: for one that is known by its text, only that one is. */
class StoredProject implements ProjectListing {
  readonly name: NormalizedName;
  private readonly content: Content;
  readonly lazily: LazyList<StoredVersion>;
  readonly texts: readonly string[];
  private all: readonly StoredVersion[] | undefined;

  constructor(name: NormalizedName, content: Content) {
    this.name = name;
    this.content = content;
    this.texts = content.header.versions;
    this.lazily = new LazyList(content.header.versions.length, (which) => new StoredVersion(content, which));
  }

  get versions(): readonly StoredVersion[] {
    return (this.all ??= [...this.lazily]);
  }

  only(text: string): ListedVersion | undefined {
    const { versions } = this.content.header;
    const which = versions.indexOf(text);
    if (which < 0 || versions.some((other) => other.startsWith(`${text}+`))) return undefined;
    return this.lazily.at(which);
  }
}

/** The bytes of one version's files, when they are whole. */
function readRecord(source: ListingBytes, { header, bodyStart }: Pick<Content, "header" | "bodyStart">, which: number): Buffer | undefined {
  const { sizes, sums } = header;
  let start = bodyStart;
  for (let at = 0; at < which; at += 1) start += sizes[at] ?? 0;
  const record = source.read(start, sizes[which] ?? 0)?.bytes;
  return record !== undefined && record.length === sizes[which] && crc32(record) === sums[which] ? record : undefined;
}

/** The files of a version. Another process may have replaced the answer since it was opened: then they stand at another place in it. */
function readRecords(content: Content, which: number): Array<FileRecord | Record<string, unknown>> {
  const { pages, header } = content;
  const record = readRecord(pages.source, content, which) ?? readMovedRecord(pages, header.versions[which] ?? "");
  if (record !== undefined) return JSON.parse(record.toString("utf8")) as Array<FileRecord | Record<string, unknown>>;
  pages.source.discard();
  throw new PenError("STORE_DAMAGED", `The kept answer of the index for ${pages.name} is damaged`, {
    why: "Its checksum does not hold. pen has removed it.",
    hint: "Run the command again: pen asks the index anew.",
    data: { index: pages.index, name: pages.name },
  });
}

function readMovedRecord(pages: Pages, text: string): Buffer | undefined {
  const now = openHeader(pages.source);
  const which = now?.header.versions.indexOf(text) ?? -1;
  if (now === undefined || now.line === pages.line || which < 0) return undefined;
  return readRecord(pages.source, now, which);
}

/** A version whose own number and files are parsed when first asked for. */
class StoredVersion implements ListedVersion {
  readonly text: string;
  private readonly content: Content;
  private readonly which: number;
  private parsed: Version | undefined;
  private opened: readonly IndexFile[] | undefined;
  private rest: readonly OtherFile[] = [];

  constructor(content: Content, which: number) {
    this.content = content;
    this.which = which;
    this.text = content.header.versions[which] ?? "";
  }

  get version(): Version {
    return (this.parsed ??= parseVersion(this.text));
  }

  files(): readonly IndexFile[] {
    const { filter } = this.content.pages;
    return (this.opened ??= filter === undefined ? this.open() : this.open().filter(filter));
  }

  tooNew(): readonly IndexFile[] {
    const { filter } = this.content.pages;
    return filter === undefined ? [] : this.open().filter((file) => !filter(file));
  }

  others(): readonly OtherFile[] {
    this.files();
    const { filter } = this.content.pages;
    return filter === undefined ? this.rest : this.rest.filter(filter);
  }

  private open(): readonly IndexFile[] {
    const { pages, header } = this.content;
    const files: IndexFile[] = [];
    const rest: OtherFile[] = [];
    let readPiece: ((piece: Record<string, unknown>) => IndexFile | undefined) | undefined;
    for (const record of readRecords(this.content, this.which)) {
      if (isRecord(record)) {
        (isOtherRecord(record) ? rest : files).push(fromRecord(record, pages.index));
        continue;
      }
      readPiece ??= fileReader(pages.index, header.origin ?? "");
      const file = readPiece(record);
      if (file !== undefined) files.push(file);
    }
    if (rest.length > 0) this.rest = rest;
    return files;
  }
}

/** As text that is no list, an entry is a piece of a page. */
const isRecord = (entry: FileRecord | Record<string, unknown>): entry is FileRecord => Array.isArray(entry);

function fileReader(index: string, page: string): (piece: Record<string, unknown>) => IndexFile | undefined {
  const read = pieceReader(page);
  return (piece) => {
    const file = read(piece);
    return file && { ...file, kind: file.kind === "wheel" ? "wheel" : "sdist", index };
  };
}
