import { checksum, PenError, textOf } from "#foundation";
import type { EntryPoint, NormalizedName } from "#standards";
import type { StoredFile, StoredWheel, TopLevelEntry, WheelManifest, WheelScheme } from "./types.ts";

/** What only the store itself reads of a manifest. */
export interface EntryManifest extends WheelManifest {
  /** The files by column: quicker to read when not all of it is needed. */
  readonly columns: FileColumns;
  /** Times of the file system in milliseconds between which all files were written. */
  readonly written: readonly [from: number, to: number];
  /** The boot of the machine in which they were written. */
  readonly boot: string;
  /** The files of {@link columns} that stand directly in the folder of their scheme: what is linked as a file where folders are linked whole. */
  readonly single: readonly SingleFile[];
  /** Files that are in no column: RECORD and REQUESTED for a wheel that a person asked for. */
  readonly extra: readonly SingleFile[];
}

/** A file with what {@link FileColumns} says of it. */
export interface SingleFile {
  readonly source: string;
  readonly size: number;
  readonly hash: string;
  readonly executable: boolean;
}

/** The files of a manifest by column. */
export interface FileColumns {
  /** Relative to {@link StoredWheel.folder}; the first part is the folder of the scheme: `tree/`, `scripts/`, `data/`, `headers/`. RECORD alone stands in none. */
  readonly sources: readonly string[];
  readonly sizes: readonly number[];
  /** 43 characters for each file. */
  readonly hashes: string;
  /** Positions of the executable ones, ascending. */
  readonly executables: readonly number[];
}

/** The manifest of a wheel that came from `find` or `add`. */
export function entryManifest(wheel: StoredWheel): EntryManifest {
  if (!(wheel.manifest instanceof LazyManifest)) throw new PenError("INTERNAL", `The wheel in ${wheel.folder} did not come from the store`);
  return wheel.manifest;
}

/** Folders of a store entry by scheme. */
export const schemeFolders: Readonly<Record<WheelScheme, string>> = { lib: "tree", scripts: "scripts", data: "data", headers: "headers" };

/** The folder that holds what {@link WheelManifest.requested} names. */
export const requestedFolder = "requested";

const folderSchemes: ReadonlyMap<string, WheelScheme> = new Map(
  (Object.keys(schemeFolders) as WheelScheme[]).map((scheme) => [schemeFolders[scheme], scheme]),
);

/** Characters of a SHA-256 in base64. */
export const hashLength = 43;

/** What stands in manifest.json: everything but what can be made from it. */
export type ManifestContent = Omit<EntryManifest, "files" | "name" | "single"> & { readonly name: string };

/** The second line of manifest.json. */
type Lists = Pick<ManifestContent, "folders" | "columns">;

/** The first line of manifest.json. */
interface Head extends Omit<ManifestContent, keyof Lists> {
  readonly single: readonly SingleFile[];
  /** Checksum of the second line. */
  readonly lists: string;
}

/**
 * The text of manifest.json: two lines, each a JSON object. The first says what the wheel is and what stands at its top, the second lists
 * all files: an install that links whole folders never parses it. The first key is a checksum of the line, another one is of the second line, so that a
 * flipped bit or a missing end is found without a look at the files.
 */
export function formatManifest(content: ManifestContent): string {
  const { folders, columns, ...about } = content;
  const lists = `${JSON.stringify({ folders, columns } satisfies Lists)}\n`;
  const head: Head = { ...about, single: singlesOf(columns), lists: checksum(lists) };
  return `${seal(JSON.stringify(head))}\n${lists}`;
}

function singlesOf(columns: FileColumns): SingleFile[] {
  return columns.sources.flatMap((_, at) => {
    const file = plainFileAt(columns, at);
    return file.source.indexOf("/", file.source.indexOf("/") + 1) < 0 ? [{ ...file, executable: columns.executables.includes(at) }] : [];
  });
}

function plainFileAt({ sources, sizes, hashes }: FileColumns, at: number): Omit<SingleFile, "executable"> {
  return { source: sources[at] ?? "", size: sizes[at] ?? 0, hash: hashes.slice(at * hashLength, (at + 1) * hashLength) };
}

/** Puts the checksum in front of the JSON text of an object. */
export function seal(json: string): string {
  const body = json.slice(1);
  return `{"checksum":"${checksum(body)}",${body}`;
}

/** The JSON value of a sealed text; undefined when the checksum is missing or wrong. */
export function unseal(text: string): unknown {
  const match = /^\{"checksum":"([0-9a-f]{8})",/.exec(text);
  if (match === null || checksum(text.slice(match[0].length)) !== match[1]) return undefined;
  return JSON.parse(text) as unknown;
}

/** The manifest of the wheel `sha256`, or undefined when the bytes are damaged, of another format, or of another wheel. */
export function parseManifest(bytes: Uint8Array, sha256: string): EntryManifest | undefined {
  const end = bytes.indexOf(10);
  const head = end < 0 ? undefined : (unseal(textOf(bytes.subarray(0, end))) as Partial<Head> | undefined);
  if (head === undefined || head.format !== 1 || head.sha256 !== sha256) return undefined;
  const lists = bytes.subarray(end + 1);
  return checksum(lists) === head.lists ? new LazyManifest(head as Head, lists) : undefined;
}

/** Reads the lists when somebody asks for them: an install that links whole folders never does. Their checksum holds, so they can be read. */
class LazyManifest implements EntryManifest {
  declare readonly format: 1;
  declare readonly filename: string;
  declare readonly name: NormalizedName;
  declare readonly version: string;
  declare readonly sha256: string;
  declare readonly size: number;
  declare readonly rootIsPurelib: boolean;
  declare readonly distInfo: string;
  declare readonly requested: WheelManifest["requested"];
  declare readonly scripts: readonly EntryPoint[];
  declare readonly record: string;
  declare readonly topLevel: readonly TopLevelEntry[];
  declare readonly written: readonly [number, number];
  declare readonly boot: string;
  declare readonly single: readonly SingleFile[];
  declare readonly extra: readonly SingleFile[];
  readonly #text: Uint8Array;
  #lists: Lists | undefined;
  #executables: ReadonlySet<number> | undefined;
  #files: readonly StoredFile[] | undefined;

  constructor(head: Head, lists: Uint8Array) {
    Object.assign(this, head);
    this.#text = lists;
  }

  get columns(): FileColumns {
    return this.#read().columns;
  }

  get folders(): readonly string[] {
    return this.#read().folders;
  }

  #read(): Lists {
    return (this.#lists ??= JSON.parse(textOf(this.#text)) as Lists);
  }

  get files(): readonly StoredFile[] {
    return (this.#files ??= this.columns.sources.map((_, at) => this.fileAt(at)));
  }

  /** One of the files, without making the others. */
  fileAt(at: number): StoredFile {
    const { columns, record, distInfo } = this;
    this.#executables ??= new Set(columns.executables);
    const { source, size, hash } = plainFileAt(columns, at);
    const slash = source.indexOf("/");
    return {
      path: source === record ? `${distInfo}/RECORD` : source.slice(slash + 1),
      scheme: folderSchemes.get(source.slice(0, slash)) ?? "lib",
      source,
      size,
      hash,
      executable: this.#executables.has(at),
    };
  }
}

/** Where all files of a manifest stand ({@link StoredFile.source}), in their order: known before anything is made of it. */
export function sourcesOf(manifest: WheelManifest): readonly string[] {
  return manifest instanceof LazyManifest ? manifest.columns.sources : manifest.files.map(({ source }) => source);
}

/** One file of a manifest, without making the others. */
export function fileAt(manifest: WheelManifest, at: number): StoredFile {
  return manifest instanceof LazyManifest ? manifest.fileAt(at) : (manifest.files[at] as StoredFile);
}
