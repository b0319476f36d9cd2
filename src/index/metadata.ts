/** What a distribution says about itself: from the cache, its `.metadata` file, ranges of the wheel, or the whole wheel. */
import {
  sealText,
  unsealText,
  type Emit,
  type Host,
  type OpenFile,
  PenError,
  excerpt,
  isPenError,
  openFile,
  printableLine,
  removeFile,
  sha256Hex,
  warn,
  join,
} from "#foundation";
import {
  type CoreMetadata,
  compareVersions,
  isStrongHash,
  parseMetadata,
  tryNormalizeName,
  tryParseSdistFilename,
  tryParseVersion,
  tryParseWheelFilename,
} from "#standards";
import type { DiskCache } from "./disk-cache.ts";
import { digestOf, downloadFile, hashMismatch } from "./download.ts";
import type { Answer, Transport } from "./transport.ts";
import type { IndexFile, MaybePromise, ReleaseMetadata } from "./types.ts";
import { localPath, shownUrl } from "./urls.ts";
import { type WantedRange, readWheelMetadata, tailLength } from "./wheel-metadata.ts";

interface MetadataContext {
  readonly transport: Transport;
  readonly cache: DiskCache;
  readonly host: Host;
  readonly emit: Emit;
}

interface MetadataReader {
  metadata(file: IndexFile): MaybePromise<ReleaseMetadata>;
  coreMetadata(file: IndexFile): Promise<string>;
}

/** Bytes of a `.metadata` file. */
const longestTwin = 16 * 1024 * 1024;

export function createMetadataReader(context: MetadataContext): MetadataReader {
  const known = new Map<string, MaybePromise<ReleaseMetadata>>();
  const texts = createTextReader(context);
  const find = (file: IndexFile, key: string): MaybePromise<ReleaseMetadata> => {
    const local = localPath(file.url);
    if (local !== undefined) return releaseOf(texts.local(local, file), file);
    const path = cachePath(key, "json");
    const kept = openRelease(context.cache.read(path), file);
    if (kept !== undefined) return kept;
    const found = texts.remote(file).then((text) => {
      const release = releaseOf(text, file);
      context.cache.write(path, sealText(JSON.stringify(release)));
      known.set(key, release);
      return release;
    });
    found.catch(() => known.delete(key));
    return found;
  };
  return {
    metadata: (file) => {
      const key = keyOf(file);
      let answer = known.get(key);
      if (answer === undefined) {
        answer = find(file, key);
        known.set(key, answer);
      }
      return answer;
    },
    coreMetadata: async (file) => {
      const local = localPath(file.url);
      if (local !== undefined) return texts.local(local, file);
      const path = cachePath(keyOf(file), "txt");
      const kept = unsealText(context.cache.read(path));
      if (kept !== undefined) return kept;
      const text = await texts.remote(file);
      releaseOf(text, file);
      context.cache.write(path, sealText(text));
      return text;
    },
  };
}

/** The content of a file names it; without a hash, its place does. */
function keyOf(file: IndexFile): string {
  return file.hashes["sha256"] ?? sha256Hex(`${file.url}\n${Object.values(file.hashes).join(" ")}`);
}

function cachePath(key: string, ending: string): string {
  // Sixteen folders: on an empty cache, making each costs as much as a file.
  return join("metadata", key.slice(0, 1), `${key.slice(1)}.${ending}`);
}

function openRelease(bytes: Uint8Array | undefined, file: IndexFile): ReleaseMetadata | undefined {
  const text = unsealText(bytes);
  if (text === undefined) return undefined;
  // JSON has no undefined: the field is there again, so that all values have one shape.
  const release = { requiresPython: undefined, ...(JSON.parse(text) as Omit<ReleaseMetadata, "requiresPython">) };
  return describes(release, file) ? release : undefined;
}

function describes(metadata: { readonly name: string; readonly version: string }, file: IndexFile): boolean {
  const name = tryNormalizeName(metadata.name);
  const expected = file.kind === "wheel" ? tryParseWheelFilename(file.filename) : name && tryParseSdistFilename(file.filename, name);
  const version = tryParseVersion(metadata.version);
  return expected !== undefined && name === expected.name && version !== undefined && compareVersions(version, expected.version) === 0;
}

/** The part that resolving needs. Throws INVALID_METADATA, also for metadata of another name or version than the file's. */
function releaseOf(text: string, file: IndexFile): ReleaseMetadata {
  let core: CoreMetadata;
  try {
    core = parseMetadata(text);
  } catch (error) {
    const why = error instanceof PenError ? `${error.message}${error.why === undefined ? "" : `: ${error.why}`}` : String(error);
    throw new PenError("INVALID_METADATA", `The metadata of ${printableLine(file.filename)} cannot be read`, {
      why: printableLine(why),
      data: { filename: file.filename, url: shownUrl(file.url) },
      cause: error,
    });
  }
  const name = tryNormalizeName(core.name);
  if (name === undefined || !describes(core, file)) {
    throw new PenError("INVALID_METADATA", `The metadata of ${printableLine(file.filename)} is of something else`, {
      why: `It says ${excerpt(core.name)} ${excerpt(core.version)}.`,
      hint: "The file on the index is broken or was made to deceive; choose another version.",
      data: { filename: file.filename, url: shownUrl(file.url) },
    });
  }
  return {
    name,
    version: core.version,
    requiresDist: core.requiresDist,
    requiresPython: core.requiresPython,
    providesExtra: core.providesExtra,
  };
}

interface TextReader {
  local(path: string, file: IndexFile): string;
  remote(file: IndexFile): Promise<string>;
}

function createTextReader(context: MetadataContext): TextReader {
  const withoutRanges = new Set<string>();
  const remote = async (file: IndexFile): Promise<string> => {
    if (file.metadata !== undefined) {
      const text = await readTwin(context, file, file.metadata);
      if (text !== undefined) return text;
    }
    if (file.kind === "sdist") throw mustBuild(file);
    const { origin } = new URL(file.url);
    if (!withoutRanges.has(origin)) {
      const text = await readRanges(context.transport, file);
      if (text !== undefined) return text;
      withoutRanges.add(origin);
    }
    return readWhole(context, file);
  };
  return { remote, local: readLocal };
}

function mustBuild(file: IndexFile): PenError {
  return new PenError("BUILD_REQUIRED", `${printableLine(file.filename)} must be built before anybody knows what it needs`, {
    why: "It is a source distribution, and the index has no metadata for it.",
    data: { filename: file.filename, url: shownUrl(file.url) },
  });
}

async function readTwin(
  context: MetadataContext,
  file: IndexFile,
  promised: Readonly<Record<string, string>>,
): Promise<string | undefined> {
  const [place = "", query] = file.url.split("?", 2);
  const url = `${place}.metadata${query === undefined ? "" : `?${query}`}`;
  const bytes = await context.transport.request(
    () => ({ url, headers: { accept: "*/*" } }),
    async (answer) => (answer.status === 200 ? answer.bytes(longestTwin) : undefined),
  );
  if (bytes === undefined) {
    warn(context.emit, "metadata-missing", `The index promises ${shownUrl(url)} and does not have it; pen reads the file itself.`);
    return undefined;
  }
  for (const [algorithm, expected] of Object.entries(promised)) {
    if (!isStrongHash(algorithm)) continue;
    const actual = digestOf(algorithm, bytes);
    if (actual !== expected) throw hashMismatch(`${file.filename}.metadata`, { algorithm, expected, actual, url: shownUrl(url) });
  }
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
}

function readLocal(path: string, file: IndexFile): string {
  if (file.kind === "sdist") throw mustBuild(file);
  const opened: OpenFile = openFile(path);
  try {
    const reading = readWheelMetadata(opened.size, file.filename);
    let step = reading.next();
    while (step.done !== true) step = reading.next(opened.read(...step.value));
    return step.value;
  } finally {
    opened.close();
  }
}

interface RangeAnswer {
  readonly bytes: Uint8Array;
  readonly offset: number;
  readonly total: number;
}

/** The METADATA by ranges; undefined when the server has none, or answers other ranges than were asked for. */
async function readRanges(transport: Transport, file: IndexFile): Promise<string | undefined> {
  const tail = await readRange(transport, file.url, `bytes=-${tailLength}`);
  if (tail === undefined || tail.offset + tail.bytes.length !== tail.total || tail.offset !== Math.max(0, tail.total - tailLength))
    return undefined;
  const reading = readWheelMetadata(tail.total, file.filename);
  let step = reading.next();
  let bytes: Uint8Array = tail.bytes;
  for (let first = true; step.done !== true; first = false) {
    if (!first) {
      const part = await readPart(transport, file.url, step.value, tail.total);
      if (part === undefined) return undefined;
      bytes = part;
    }
    step = reading.next(bytes);
  }
  return step.value;
}

async function readPart(
  transport: Transport,
  url: string,
  ...[[offset, length], total]: [WantedRange, number]
): Promise<Uint8Array | undefined> {
  if (length === 0) return new Uint8Array();
  const part = await readRange(transport, url, `bytes=${offset}-${offset + length - 1}`);
  return part?.offset === offset && part.total === total && part.bytes.length === length ? part.bytes : undefined;
}

function readRange(transport: Transport, url: string, range: string): Promise<RangeAnswer | undefined> {
  return transport.request(
    () => ({ url, headers: { accept: "*/*", "accept-encoding": "identity", range }, statuses: [400, 405, 501] }),
    async (answer) => rangeOf(answer),
  );
}

async function rangeOf(answer: Answer): Promise<RangeAnswer | undefined> {
  const match = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/.exec(answer.headers.get("content-range") ?? "");
  if (answer.status === 404 || answer.status === 410) {
    throw new PenError("NETWORK", `Could not fetch ${shownUrl(answer.url)}`, {
      why: "The server does not have it.",
      data: { url: shownUrl(answer.url), status: answer.status },
    });
  }
  if (answer.status !== 206 || match === null || answer.headers.get("content-encoding") !== null) return undefined;
  const [offset, last, total] = [Number(match[1]), Number(match[2]), Number(match[3])];
  if (last - offset >= 128 * 1024 * 1024) return undefined;
  // More than was announced is no range either.
  const bytes = await answer.bytes(last - offset + 1).catch((error: unknown) => {
    if (isPenError(error, "NETWORK")) return undefined;
    throw error;
  });
  return bytes?.length === last - offset + 1 ? { bytes, offset, total } : undefined;
}

async function readWhole(context: MetadataContext, file: IndexFile): Promise<string> {
  const folder = context.cache.scratch() ?? context.host.tmp;
  const { path } = await downloadFile(context.transport, file, { folder });
  try {
    return readLocal(path, file);
  } finally {
    removeFile(path);
  }
}
