/**
 * Makes wheels and zip archives for tests: honest ones in one call, and every kind of lie on request. The same
 * description gives the same bytes (fixed times, fixed order).
 */
import { createHash } from "node:crypto";
import { crc32, deflateRawSync } from "node:zlib";

/** The header fields of a member that may lie. Each is written as given, in the header it is given for. */
export interface HeaderLies {
  readonly name?: string | Uint8Array;
  readonly crc?: number;
  readonly size?: number;
  readonly compressedSize?: number;
  readonly method?: number;
  readonly flags?: number;
  readonly extra?: Uint8Array;
}

export interface ZipEntry {
  readonly name: string | Uint8Array;
  readonly content?: string | Uint8Array;
  /** 0 stored, 8 deflated (the default). Any other number is written as it is, over stored bytes. */
  readonly method?: number;
  /** Unix mode with the file type; default 0o100644. */
  readonly mode?: number;
  /** Replaces the general-purpose flags in both headers. */
  readonly flags?: number;
  /** In both headers. */
  readonly extra?: Uint8Array;
  readonly comment?: string;
  readonly local?: HeaderLies;
  readonly central?: HeaderLies & { readonly offset?: number };
  /** The compressed bytes as they stand in the archive, instead of those made from `content`. */
  readonly raw?: Uint8Array;
  /** Sizes and CRC stand after the data, as a streaming writer leaves them; an object lies about them. */
  readonly dataDescriptor?:
    | boolean
    | { readonly crc?: number; readonly size?: number; readonly compressedSize?: number; readonly signature?: boolean };
  /** Sizes stand in zip64 extra fields of both headers. */
  readonly zip64?: boolean;
  /** A local member that the central directory does not know. */
  readonly hidden?: boolean;
  /** A central entry without a local member. */
  readonly centralOnly?: boolean;
}

export interface ZipOptions {
  /** Bytes before the first member. Offsets in the archive count them only with `countPrefix`. */
  readonly prefix?: Uint8Array;
  readonly countPrefix?: boolean;
  /** Bytes after the end record. */
  readonly suffix?: Uint8Array;
  readonly comment?: string | Uint8Array;
  /** Lies of the end record. */
  readonly count?: number;
  readonly directorySize?: number;
  readonly directoryOffset?: number;
  /** Bytes between the last member and the central directory. */
  readonly gap?: Uint8Array;
  /** Writes the zip64 end record and locator; an object lies in them. */
  readonly zip64?:
    | boolean
    | { readonly count?: number; readonly directorySize?: number; readonly directoryOffset?: number; readonly keep32?: boolean };
}

/** 2020-02-02 00:00:00 in MS-DOS form. */
const fixedTime = 0;
const fixedDate = ((2020 - 1980) << 9) | (2 << 5) | 2;

const utf8 = (text: string | Uint8Array): Uint8Array => (typeof text === "string" ? new TextEncoder().encode(text) : text);
const isAscii = (bytes: Uint8Array): boolean => bytes.every((byte) => byte < 0x80);

/** Little-endian numbers: `bytes("2:20 4:67324752")` by pairs of width and value. */
export function little(...fields: ReadonlyArray<readonly [width: 1 | 2 | 4 | 8, value: number]>): Uint8Array {
  const out = Buffer.alloc(fields.reduce((sum, [width]) => sum + width, 0));
  let at = 0;
  for (const [width, value] of fields) {
    if (width === 8) out.writeBigUInt64LE(BigInt(value), at);
    else out.writeUIntLE(width === 4 ? value >>> 0 : value & (2 ** (8 * width) - 1), at, width);
    at += width;
  }
  return out;
}

/** One extra field: its id and its bytes. */
export function extraField(id: number, content: Uint8Array): Uint8Array {
  return Buffer.concat([little([2, id], [2, content.length]), content]);
}

/** The Info-ZIP Unicode path extra field, which some readers prefer to the name in the header. */
export function unicodePath(headerName: string, name: string): Uint8Array {
  return extraField(0x7075, Buffer.concat([little([1, 1], [4, crc32(Buffer.from(utf8(headerName)))]), utf8(name)]));
}

interface Prepared {
  readonly name: Uint8Array;
  readonly data: Uint8Array;
  readonly crc: number;
  readonly size: number;
  readonly method: number;
  readonly flags: number;
}

function prepare(entry: ZipEntry): Prepared {
  const name = utf8(entry.name);
  const content = utf8(entry.content ?? "");
  const method = entry.method ?? (content.length === 0 ? 0 : 8);
  const data = entry.raw ?? (method === 8 ? deflateRawSync(content) : content);
  const flags = entry.flags ?? (isAscii(name) ? 0 : 0x800) | (entry.dataDescriptor ? 8 : 0);
  return { name, data, crc: crc32(Buffer.from(content)), size: content.length, method, flags };
}

function localRecord(entry: ZipEntry, made: Prepared): Uint8Array {
  const lies = entry.local ?? {};
  const later = entry.dataDescriptor !== undefined && entry.dataDescriptor !== false;
  const name = utf8(lies.name ?? made.name);
  const size = lies.size ?? (later ? 0 : made.size);
  const compressed = lies.compressedSize ?? (later ? 0 : made.data.length);
  const zip64 = entry.zip64 === true ? extraField(1, little([8, size], [8, compressed])) : new Uint8Array();
  const extra = Buffer.concat([zip64, lies.extra ?? entry.extra ?? new Uint8Array()]);
  const header = little(
    [4, 0x04034b50],
    [2, entry.zip64 === true ? 45 : 20],
    [2, lies.flags ?? made.flags],
    [2, lies.method ?? made.method],
    [2, fixedTime],
    [2, fixedDate],
    [4, lies.crc ?? (later ? 0 : made.crc)],
    [4, entry.zip64 === true ? 0xffffffff : compressed],
    [4, entry.zip64 === true ? 0xffffffff : size],
    [2, name.length],
    [2, extra.length],
  );
  return Buffer.concat([header, name, extra, made.data, later ? descriptor(entry, made) : new Uint8Array()]);
}

function descriptor(entry: ZipEntry, made: Prepared): Uint8Array {
  const lies = typeof entry.dataDescriptor === "object" ? entry.dataDescriptor : {};
  const width = entry.zip64 === true ? 8 : 4;
  const sums = little([4, lies.crc ?? made.crc], [width, lies.compressedSize ?? made.data.length], [width, lies.size ?? made.size]);
  return lies.signature === false ? sums : Buffer.concat([little([4, 0x08074b50]), sums]);
}

function centralRecord(entry: ZipEntry, made: Prepared, offset: number): Uint8Array {
  const lies = entry.central ?? {};
  const name = utf8(lies.name ?? made.name);
  const comment = utf8(entry.comment ?? "");
  const size = lies.size ?? made.size;
  const compressed = lies.compressedSize ?? made.data.length;
  const zip64 = entry.zip64 === true ? extraField(1, little([8, size], [8, compressed])) : new Uint8Array();
  const extra = Buffer.concat([zip64, lies.extra ?? entry.extra ?? new Uint8Array()]);
  const header = little(
    [4, 0x02014b50],
    [2, (3 << 8) | 20],
    [2, entry.zip64 === true ? 45 : 20],
    [2, lies.flags ?? made.flags],
    [2, lies.method ?? made.method],
    [2, fixedTime],
    [2, fixedDate],
    [4, lies.crc ?? made.crc],
    [4, entry.zip64 === true ? 0xffffffff : compressed],
    [4, entry.zip64 === true ? 0xffffffff : size],
    [2, name.length],
    [2, extra.length],
    [2, comment.length],
    [2, 0],
    [2, 0],
    [4, (entry.mode ?? 0o100644) * 65536],
    [4, lies.offset ?? offset],
  );
  return Buffer.concat([header, name, extra, comment]);
}

/** An archive of exactly these members, in this order, with exactly these lies. */
export function buildZip(entries: readonly ZipEntry[], options: ZipOptions = {}): Uint8Array {
  const prefix = options.prefix ?? new Uint8Array();
  const base = options.countPrefix === true ? prefix.length : 0;
  const parts: Uint8Array[] = [prefix];
  const directory: Uint8Array[] = [];
  let offset = base;
  for (const entry of entries) {
    const made = prepare(entry);
    if (entry.hidden !== true) directory.push(centralRecord(entry, made, offset));
    if (entry.centralOnly === true) continue;
    const record = localRecord(entry, made);
    parts.push(record);
    offset += record.length;
  }
  if (options.gap !== undefined) {
    parts.push(options.gap);
    offset += options.gap.length;
  }
  const central = Buffer.concat(directory);
  parts.push(central, ...endRecords(options, { count: directory.length, size: central.length, offset }));
  parts.push(options.suffix ?? new Uint8Array());
  return new Uint8Array(Buffer.concat(parts));
}

function endRecords(options: ZipOptions, directory: { count: number; size: number; offset: number }): Uint8Array[] {
  const count = options.count ?? directory.count;
  const size = options.directorySize ?? directory.size;
  const offset = options.directoryOffset ?? directory.offset;
  const comment = utf8(options.comment ?? "");
  const wide = options.zip64 === true ? {} : options.zip64 === false ? undefined : options.zip64;
  const out: Uint8Array[] = [];
  if (wide !== undefined) {
    const at = directory.offset + directory.size;
    const wideCount = wide.count ?? count;
    out.push(
      little(
        [4, 0x06064b50],
        [8, 44],
        [2, 45],
        [2, 45],
        [4, 0],
        [4, 0],
        [8, wideCount],
        [8, wideCount],
        [8, wide.directorySize ?? size],
        [8, wide.directoryOffset ?? offset],
      ),
      little([4, 0x07064b50], [4, 0], [8, at], [4, 1]),
    );
  }
  const masked = wide !== undefined && wide.keep32 !== true;
  const shownCount = masked ? 0xffff : count;
  out.push(
    little(
      [4, 0x06054b50],
      [2, 0],
      [2, 0],
      [2, shownCount],
      [2, shownCount],
      [4, masked ? 0xffffffff : size],
      [4, masked ? 0xffffffff : offset],
      [2, comment.length],
    ),
    comment,
  );
  return out;
}

export interface WheelOptions {
  readonly name: string;
  readonly version: string;
  /** By path inside the wheel. Default: one module `<name>/__init__.py` with `__version__`. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  readonly requires?: readonly string[];
  readonly requiresPython?: string;
  readonly extras?: readonly string[];
  /** By group: name and target, `{ console_scripts: { hello: "hello:main" } }`. */
  readonly entryPoints?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Default `py3-none-any`. */
  readonly tag?: string;
  /** Files of the `.data` folder: `scripts/run` and the like. Those under `scripts/` are executable. */
  readonly dataFiles?: Readonly<Record<string, string | Uint8Array>>;
  /** Text to put in place of METADATA, or a function of the honest text; `undefined` from it leaves the file out. */
  readonly metadata?: string | ((honest: string) => string | undefined);
  /** The same for WHEEL. */
  readonly wheel?: string | ((honest: string) => string | undefined);
  /** The same for RECORD. */
  readonly record?: string | ((honest: string) => string | undefined);
  /** The same for entry_points.txt. */
  readonly entryPointsText?: string;
  /** Default `{name}-{version}.dist-info`. */
  readonly distInfo?: string;
  /** Default the name that the other options give. */
  readonly filename?: string;
  /** Last change of the members before they are packed: lies, hidden members, other orders. */
  readonly members?: (honest: ZipEntry[]) => readonly ZipEntry[];
  readonly zip?: ZipOptions;
}

export interface BuiltWheel {
  readonly filename: string;
  readonly bytes: Uint8Array;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
}

function metadataText(options: WheelOptions): string {
  const lines = ["Metadata-Version: 2.1", `Name: ${options.name}`, `Version: ${options.version}`];
  if (options.requiresPython !== undefined) lines.push(`Requires-Python: ${options.requiresPython}`);
  for (const requirement of options.requires ?? []) lines.push(`Requires-Dist: ${requirement}`);
  for (const extra of options.extras ?? []) lines.push(`Provides-Extra: ${extra}`);
  return `${lines.join("\n")}\n`;
}

function entryPointsText(options: WheelOptions): string | undefined {
  if (options.entryPointsText !== undefined) return options.entryPointsText;
  if (options.entryPoints === undefined) return undefined;
  return Object.entries(options.entryPoints)
    .map(
      ([group, points]) =>
        `[${group}]\n${Object.entries(points)
          .map(([name, target]) => `${name} = ${target}\n`)
          .join("")}`,
    )
    .join("\n");
}

function overridden(honest: string, change: WheelOptions["metadata"]): string | undefined {
  return typeof change === "function" ? change(honest) : (change ?? honest);
}

/** One line of RECORD: path, `sha256=` in URL-safe base64, size. */
function recordLine(path: string, content: string | Uint8Array): string {
  const bytes = utf8(content);
  const quoted = /[",\n\r]/.test(path) ? `"${path.replaceAll('"', '""')}"` : path;
  return `${quoted},sha256=${createHash("sha256").update(bytes).digest("base64url")},${bytes.length}`;
}

/** A wheel: honest as far as the options leave it so. Every file is listed in RECORD with its hash. */
export function buildWheel(options: WheelOptions): BuiltWheel {
  const escaped = options.name.replace(/[-_.]+/g, "_").toLowerCase();
  const distInfo = options.distInfo ?? `${escaped}-${options.version}.dist-info`;
  const dataFolder = `${escaped}-${options.version}.data`;
  const tag = options.tag ?? "py3-none-any";
  const members: ZipEntry[] = [];
  const record: string[] = [];
  const addText = (path: string, content: string | Uint8Array | undefined, mode = 0o100644) => {
    if (content === undefined) return;
    members.push({ name: path, content, mode });
    record.push(recordLine(path, content));
  };
  for (const [path, content] of Object.entries(options.files ?? { [`${escaped}/__init__.py`]: `__version__ = "${options.version}"\n` }))
    addText(path, content);
  for (const [path, content] of Object.entries(options.dataFiles ?? {}))
    addText(`${dataFolder}/${path}`, content, path.startsWith("scripts/") ? 0o100755 : 0o100644);
  addText(`${distInfo}/METADATA`, overridden(metadataText(options), options.metadata));
  const pure = tag.endsWith("-none-any");
  addText(`${distInfo}/WHEEL`, overridden(`Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: ${pure}\nTag: ${tag}\n`, options.wheel));
  addText(`${distInfo}/entry_points.txt`, entryPointsText(options));
  const recordText = overridden(`${[...record, `${distInfo}/RECORD,,`].join("\n")}\n`, options.record);
  if (recordText !== undefined) members.push({ name: `${distInfo}/RECORD`, content: recordText });
  const bytes = buildZip(options.members?.(members) ?? members, options.zip);
  return {
    filename: options.filename ?? `${escaped}-${options.version}-${tag}.whl`,
    bytes,
    sha256: createHash("sha256").update(bytes).digest("hex"),
  };
}
