/** One index with a page per project (PEP 503, 691), read through the cache. */
import { type Emit, PenError, readTextIfAny, sha256Hex, join } from "#foundation";
import type { NormalizedName } from "#standards";
import type { DiskCache } from "./disk-cache.ts";
import type { GroundNotes } from "./grounds.ts";
import { conditionalHeaders, isFresh, readFreshness } from "./freshness.ts";
import { encodeListing } from "./listing-encoding.ts";
import { listFiles } from "./page-entries.ts";
import { type PageFile, type PageSource, acceptedPages, parsePage } from "./page.ts";
import { type FileFilter, type Freshness, type StoredListing, listingBytes, openListing } from "./stored-listing.ts";
import type { Answer, Transport } from "./transport.ts";
import type { MaybePromise, ProjectListing } from "./types.ts";
import { localPath, shownUrl } from "./urls.ts";

/** Something that may know a project: an index, a folder, a page. */
export interface ListingSource {
  listing(name: NormalizedName): MaybePromise<ProjectListing | undefined>;
}

/** What every source shares. */
export interface SourceContext {
  readonly transport: Transport;
  readonly cache: DiskCache;
  readonly emit: Emit;
  readonly now: () => number;
  readonly offline: boolean;
  /** True when the cache must not answer without asking the server. `undefined` asks for pages of many projects. */
  readonly mustRefresh: (name: NormalizedName | undefined) => boolean;
  readonly filter: FileFilter;
  readonly notes: GroundNotes;
}

/** Bytes of a page, decoded. The greatest known ones have a fifth of that. */
const longestPage = 200 * 1024 * 1024;

interface SimpleIndexOptions {
  /** Without credentials. */
  readonly url: string;
  readonly missingStatuses: readonly number[];
}

/** The index at `url`, which may also be a `file:` URL of a folder with `<name>/index.html`. */
export function createSimpleIndex(options: SimpleIndexOptions, context: SourceContext): ListingSource {
  const base = options.url.endsWith("/") ? options.url : `${options.url}/`;
  const local = localPath(base);
  if (local !== undefined) {
    return {
      listing: (name) => {
        context.notes.restElsewhere(name);
        return localListing(local, { base, index: options.url, name }, context);
      },
    };
  }
  const folder = sha256Hex(base).slice(0, 16);
  return {
    listing: (name) => {
      const about = { index: options.url, name };
      const path = join(folder, `${name.length > 180 ? `long-${sha256Hex(name)}` : name}.listing`);
      const source = {
        read: (offset: number, length: number) => context.cache.readRange(path, offset, length),
        discard: () => context.cache.remove(path),
      };
      const identity = context.cache.identity(path);
      const stored = openListing(source, about, context.filter);
      if (stored !== undefined && (context.offline || (isFresh(stored.freshness, context.now()) && !context.mustRefresh(name)))) {
        context.notes.restOn(name, { path, identity }, stored.freshness);
        return stored.listing;
      }
      context.notes.await(name, path);
      return fetchListing({ ...about, url: `${base}${name}/`, path, stored, missingStatuses: options.missingStatuses }, context);
    },
  };
}

function localListing(
  root: string,
  about: { base: string; index: string; name: NormalizedName },
  context: SourceContext,
): ProjectListing | undefined {
  const html = readTextIfAny(join(root, about.name, "index.html"));
  if (html === undefined) return undefined;
  const files = parsePage(html, { url: `${about.base}${about.name}/`, contentType: "text/html", emit: context.emit });
  // What stands on this machine has no upload time and was chosen by name: no date hides it.
  return listingOf(files, about, undefined);
}

/** A listing that was never kept. */
export function listingOf(
  files: readonly PageFile[],
  about: { index: string; name: NormalizedName },
  filter: FileFilter,
): ProjectListing | undefined {
  const freshness: Freshness = { etag: undefined, lastModified: undefined, fetched: 0, maxAge: 0 };
  return openListing(
    listingBytes(
      encodeListing(
        files.map((file) => ({ filename: file.filename, kind: file.kind, entry: file })),
        { ...freshness, ...about },
      ),
    ),
    about,
    filter,
  )?.listing;
}

interface Wanted {
  readonly index: string;
  readonly name: NormalizedName;
  readonly url: string;
  /** In the cache. */
  readonly path: string;
  readonly stored: StoredListing | undefined;
  readonly missingStatuses: readonly number[];
}

function fetchListing(wanted: Wanted, context: SourceContext): Promise<ProjectListing | undefined> {
  const headers = { accept: acceptedPages, ...conditionalHeaders(wanted.stored?.freshness) };
  return context.transport.request(
    () => ({ url: wanted.url, headers, statuses: wanted.missingStatuses }),
    async (answer) => {
      const absent = [404, 410, ...wanted.missingStatuses].includes(answer.status);
      const { store, ...freshness } = readFreshness(answer.headers, { now: context.now(), absent });
      if (answer.status === 304 && wanted.stored !== undefined) {
        const { etag = wanted.stored.freshness.etag, lastModified = wanted.stored.freshness.lastModified } = freshness;
        const renewed = store ? wanted.stored.renew({ ...freshness, etag, lastModified }) : undefined;
        const identity = renewed && context.cache.write(wanted.path, renewed);
        context.notes.restOn(wanted.name, { path: wanted.path, identity }, freshness);
        return wanted.stored.listing;
      }
      const files = absent ? undefined : listFiles(await readText(answer), sourceOf(answer, context.emit));
      const bytes = encodeListing(files, { ...freshness, index: wanted.index, name: wanted.name, origin: new URL(answer.url).origin });
      const identity = store ? context.cache.write(wanted.path, bytes) : undefined;
      context.notes.restOn(wanted.name, { path: wanted.path, identity }, freshness);
      return openListing(listingBytes(bytes), wanted, context.filter)?.listing;
    },
  );
}

/** The files of a page that was asked for. Throws NETWORK when it is none. */
export async function readPage(answer: Answer, emit: Emit): Promise<PageFile[]> {
  return parsePage(await readText(answer), sourceOf(answer, emit));
}

const sourceOf = (answer: Answer, emit: Emit): PageSource => ({
  url: answer.url,
  contentType: answer.headers.get("content-type") ?? "",
  emit,
});

async function readText(answer: Answer): Promise<string> {
  if (answer.status !== 200) {
    throw new PenError("NETWORK", `Could not read ${shownUrl(answer.url)}`, {
      why: `The server answered ${answer.status} where a page was expected.`,
      data: { url: shownUrl(answer.url), status: answer.status },
    });
  }
  const bytes = await answer.bytes(longestPage);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
}
