/**
 * The form in which the answer of an index is kept: a header (where it came from, how long it is fresh, the versions newest
 * first) and then the files of each version as JSON. A reader takes the header alone, and later the versions that somebody looks at.
 *
 *     pen-listing 3 <crc32 of the header> <bytes of the header> <bytes of the rest> <crc32 of the rest>\n<header JSON><files of version 0>…
 *
 * The files of a version are `<crc32><JSON>`, so that one of them can be read without the others.
 */
import { crc32, LazyList, PenError } from "#foundation";
import { type NormalizedName, type Version, compareVersions, parseVersion, versionText } from "#standards";
import { type FileRecord, fromRecord, isOtherRecord, toRecord } from "./file-record.ts";
import { type PageFile, versionOfOtherFile, versionsOfFiles } from "./page.ts";
import { defaultIndexUrl } from "./settings.ts";
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

interface Header extends Freshness {
  readonly index: string;
  readonly name: string;
  /** The index does not have the project. */
  readonly absent: boolean;
  readonly versions: readonly string[];
  /** Bytes of each version's files. */
  readonly sizes: readonly number[];
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

const checksumLength = 8;
/** Enough for the whole answer of most projects, and for the header of nearly all. */
const firstRead = 48 * 1024;

/** Which listed files exist for this client. Undefined means all. */
export type FileFilter = ((file: OtherFile) => boolean) | undefined;

/** Packs the files of a page that are distributions of `name`; `files` undefined for a project that the index does not have. */
export function encodeListing(
  files: readonly PageFile[] | undefined,
  about: Freshness & { readonly index: string; readonly name: NormalizedName },
): Uint8Array {
  const groups = groupByVersion(files ?? [], about);
  const records = groups.map(({ files: own, others }) =>
    sealRecord(JSON.stringify([...own.map((file) => toRecord(file)), ...others.map((file) => toRecord(file, true))])),
  );
  const text = records.join("");
  const body = Buffer.from(text, "utf8");
  const isAscii = body.length === text.length;
  const header: Header = {
    etag: about.etag,
    lastModified: about.lastModified,
    fetched: about.fetched,
    maxAge: about.maxAge,
    index: about.index,
    name: about.name,
    absent: files === undefined,
    versions: groups.map((group) => group.text),
    sizes: records.map((record) => (isAscii ? record.length : Buffer.byteLength(record, "utf8"))),
  };
  return seal(header, body);
}

function checksum(bytes: Uint8Array | string): string {
  return crc32(bytes).toString(16).padStart(checksumLength, "0");
}

const sealRecord = (json: string): string => checksum(json) + json;

function seal(header: Header, body: Uint8Array): Uint8Array {
  const head = Buffer.from(JSON.stringify(header), "utf8");
  const line = `pen-listing 3 ${checksum(head)} ${head.length} ${body.length} ${checksum(body)}\n`;
  return Buffer.concat([Buffer.from(line, "latin1"), head, body]);
}

interface VersionGroup {
  readonly version: Version;
  readonly text: string;
  readonly files: PageFile[];
  /** Of forms that nothing installs. */
  readonly others: PageFile[];
}

function groupByVersion(files: readonly PageFile[], about: { readonly index: string; readonly name: NormalizedName }): VersionGroup[] {
  const groups = new Map<string, VersionGroup>();
  // Files of one version mostly come with the very same value.
  const known = new Map<Version, VersionGroup>();
  const groupOf = (version: Version): VersionGroup => {
    const text = versionText(version);
    const group = groups.get(text) ?? { version, text, files: [], others: [] };
    groups.set(text, group);
    known.set(version, group);
    return group;
  };
  const seen = new Set<string>();
  const unplaced: PageFile[] = [];
  const versionOf = versionsOfFiles(about.name);
  for (const file of files) {
    if (seen.has(file.filename)) continue;
    seen.add(file.filename);
    const version = file.kind === "other" ? undefined : versionOf(file.filename);
    if (version === undefined) unplaced.push(file);
    else (known.get(version) ?? groupOf(version)).files.push(file);
  }
  if (unplaced.length > 0) placeOthers(unplaced, groups, about);
  const sorted = [...groups.values()].sort((a, b) => compareVersions(b.version, a.version));
  // `1.0` and `1.0.0` are one version, under the spelling that came first.
  return sorted.reduce<VersionGroup[]>((merged, group) => {
    const last = merged.at(-1);
    if (last !== undefined && compareVersions(last.version, group.version) === 0) {
      last.files.push(...group.files);
      last.others.push(...group.others);
    } else merged.push(group);
    return merged;
  }, []);
}

/**
 * Puts files of other forms beside their versions. Of a project of the public index that has ever had a version which is none (`2004d`) they are left out: pipenv, whose
 * locks alone name them, cannot read the list of such a project's files.
 */
function placeOthers(
  files: readonly PageFile[],
  groups: ReadonlyMap<string, VersionGroup>,
  { index, name }: { readonly index: string; readonly name: NormalizedName },
): void {
  const versions = new Set(groups.keys());
  const placed = files.map((file) => ({ file, version: versionOfOtherFile(file.filename, name, versions) }));
  if (index.startsWith(defaultIndexUrl) && placed.some(({ file, version }) => version === "unknown" && file.kind !== "other")) return;
  for (const { file, version } of placed) groups.get(version ?? "")?.others.push(file);
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
  const match = /^pen-listing 3 ([0-9a-f]{8}) (\d{1,9}) (\d{1,10}) ([0-9a-f]{8})$/.exec(line);
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
  return header.sizes.every((size) => {
    const record = bytes.subarray(start, start + size);
    start += size;
    return record.length === size && holds(record);
  });
}

function holds(record: Buffer): boolean {
  return record.toString("latin1", 0, checksumLength) === checksum(record.subarray(checksumLength));
}

interface Pages {
  readonly source: ListingBytes;
  readonly line: string;
  readonly index: string;
  readonly name: string;
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

function placeInBody({ sizes }: Header, bodyStart: number, which: number): readonly [start: number, size: number] {
  let start = bodyStart;
  for (let at = 0; at < which; at += 1) start += sizes[at] ?? 0;
  return [start, sizes[which] ?? 0];
}

/** The files of a version. Another process may have replaced the answer since it was opened: then they stand at another place in it. */
function readRecord(pages: Pages, text: string, place: readonly [start: number, size: number]): FileRecord[] {
  let record = pages.source.read(...place)?.bytes;
  if (record?.length !== place[1] || !holds(record)) record = readMovedRecord(pages, text);
  if (record !== undefined && holds(record)) return JSON.parse(record.toString("utf8", checksumLength)) as FileRecord[];
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
  return pages.source.read(...placeInBody(now.header, now.bodyStart, which))?.bytes;
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
    const { pages, header, bodyStart } = this.content;
    const records = readRecord(pages, this.text, placeInBody(header, bodyStart, this.which));
    // They stand at the end.
    const count = records.findIndex(isOtherRecord);
    const file = (record: FileRecord): IndexFile => fromRecord(record, pages.index);
    if (count < 0) return records.map(file);
    this.rest = records.slice(count).map(file);
    return records.slice(0, count).map(file);
  }
}
