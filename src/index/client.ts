import { createFetch, type Emit, type Fetch, PenError, printableLine, proxiesFromEnvironment, proxyUrl, silent, warn } from "#foundation";
import type { NormalizedName } from "#standards";
import { readAuthorities } from "./certificates.ts";
import { type CredentialStore, createCredentialStore, credentialsByName } from "./credentials.ts";
import { createDiskCache } from "./disk-cache.ts";
import { downloadFile } from "./download.ts";
import { createFlatSource } from "./flat-source.ts";
import { createMetadataReader } from "./metadata.ts";
import { GroundNotes } from "./grounds.ts";
import type { ConnectionSettings, IndexClient, IndexLocation, IndexSettings } from "./settings.ts";
import { type ListingSource, type SourceContext, createSimpleIndex } from "./simple-index.ts";
import type { FileFilter } from "./stored-listing.ts";
import { allMerged, firstKnown, withExtras } from "./strategies.ts";
import { type Transport, createTransport } from "./transport.ts";
import type { IndexFile, MaybePromise, ProjectListing } from "./types.ts";
import { locationUrl, shownUrl } from "./urls.ts";

const longestText = 64 * 1024 * 1024;

/** Makes the client for one command. Reads no file and opens no connection yet. Throws USAGE for a location that is no URL or path. */
export function createIndexClient(settings: IndexSettings): IndexClient {
  const emit = settings.emit ?? silent;
  const credentials = createCredentialStore(settings);
  const cache = createDiskCache(settings.cacheFolder, emit);
  const transport = transportOf(settings, credentials, emit);
  const notes = new GroundNotes();
  const context: SourceContext = {
    notes,
    transport,
    cache,
    emit,
    now: settings.host.now,
    offline: settings.offline,
    mustRefresh: refreshRule(settings.refresh),
    filter: newerFilter(settings.excludeNewer, emit),
  };
  const take = (location: string) => credentials.take(locationUrl(location, settings.host.cwd), true);
  const indexes = settings.indexes.map((index) => {
    const url = take(index.url);
    const named = index.name === undefined ? undefined : credentialsByName(settings.host.env, index.name);
    if (named !== undefined) credentials.give(url, named);
    return createIndex(index, url, context);
  });
  const extras = settings.findLinks.map((place) => createFlatSource(take(place), context));
  const metadata = createMetadataReader({ transport, cache, host: settings.host, emit });
  return {
    standpoint: standpointOf(settings, credentials),
    grounds: (only) => notes.grounds(only),
    takeGrounds: (grounds) => notes.take(grounds),
    isGrounded: ({ freshUntil, pages }) =>
      (settings.offline || settings.host.now() < freshUntil) && pages.every(([path, identity]) => cache.identity(path) === identity),
    listing: remembered((name) => listingBy(settings, { indexes, extras }, name)),
    metadata: (file) => metadata.metadata(withoutUser(file, credentials)),
    coreMetadata: (file) => metadata.coreMetadata(withoutUser(file, credentials)),
    download: async (file, folder, options = {}) => {
      const request = { url: credentials.take(file.url, false), filename: file.filename, hashes: file.hashes, size: file.size };
      return downloadFile(transport, request, { folder, ...options });
    },
    fetchText: (url) => fetchText(transport, take(url)),
  };
}

/** The places and rules that decide what a client answers. */
function standpointOf(settings: IndexSettings, credentials: CredentialStore): string | undefined {
  const { indexes, host, strategy, routes, excludeNewer, findLinks, refresh } = settings;
  const asksAnew = Array.isArray(refresh) ? refresh.length > 0 : refresh === true;
  if (findLinks.length > 0 || asksAnew || indexes.some(({ format }) => format === "flat")) return undefined;
  const places = indexes.map(({ url, missingStatuses }) => [credentials.take(locationUrl(url, host.cwd), true), missingStatuses ?? []]);
  return JSON.stringify([places, routes === undefined ? strategy : [routes.standpoint], excludeNewer ?? null]);
}

/** Files of direct URLs come with the URL that a person wrote. */
function withoutUser(file: IndexFile, credentials: CredentialStore): IndexFile {
  return file.url.includes("@") ? { ...file, url: credentials.take(file.url, false) } : file;
}

function createIndex(index: IndexLocation, url: string, context: SourceContext): ListingSource {
  return index.format === "flat"
    ? createFlatSource(url, context)
    : createSimpleIndex({ url, missingStatuses: index.missingStatuses ?? [] }, context);
}

function listingBy(
  { strategy, routes, indexes }: IndexSettings,
  sources: { indexes: readonly ListingSource[]; extras: readonly ListingSource[] },
  name: NormalizedName,
): MaybePromise<ProjectListing | undefined> {
  const main = (): MaybePromise<ProjectListing | undefined> => {
    if (routes !== undefined) {
      const places = routes.indexesOf(name).map((wanted) => indexes.findIndex((index) => index.name === wanted));
      const chosen = places.map((at) => sources.indexes[at]).filter((source) => source !== undefined);
      return routes.isMerged?.(name) === true ? allMerged(chosen, name) : firstKnown(chosen, name);
    }
    return strategy === "first-index" ? firstKnown(sources.indexes, name) : allMerged(sources.indexes, name);
  };
  return sources.extras.length === 0 ? main() : withExtras(() => allMerged(sources.extras, name), main);
}

/** The first answer is the answer for as long as the client lives; a failure may be asked again. */
function remembered(find: IndexClient["listing"]): IndexClient["listing"] {
  const known = new Map<NormalizedName, MaybePromise<ProjectListing | undefined>>();
  return (name) => {
    if (known.has(name)) return known.get(name);
    const answer = find(name);
    known.set(name, answer);
    if (answer instanceof Promise) {
      answer.then(
        (listing) => known.set(name, listing),
        () => known.delete(name),
      );
    }
    return answer;
  };
}

function refreshRule(refresh: IndexSettings["refresh"]): SourceContext["mustRefresh"] {
  if (refresh === undefined || typeof refresh === "boolean") return () => refresh === true;
  const names = new Set(refresh);
  return (name) => (name === undefined ? names.size > 0 : names.has(name));
}

function newerFilter(limit: number | undefined, emit: Emit): FileFilter {
  if (limit === undefined) return undefined;
  const warned = new Set<string>();
  return ({ uploadTime, index }) => {
    if (uploadTime !== undefined) return uploadTime <= limit;
    // Without a date nobody can say that a file is old enough.
    if (!warned.has(index))
      warn(
        emit,
        "no-upload-times",
        `${shownUrl(index)} does not say when files were uploaded; with --exclude-newer none of those files can be used.`,
      );
    warned.add(index);
    return false;
  };
}

/** The way to the network that these settings ask for. */
export function transportOf(settings: ConnectionSettings, credentials: CredentialStore, emit: Emit): Transport {
  const trusted = new Set((settings.trustedHosts ?? []).map((host) => host.toLowerCase()));
  const isTrusted = (url: URL) => trusted.has(url.hostname) || trusted.has(url.host);
  return createTransport({
    fetch: settings.fetch ?? lazyFetch(settings, isTrusted),
    ownsChunks: settings.fetch === undefined,
    credentials,
    concurrency: settings.concurrency ?? 50,
    retries: settings.retries ?? 3,
    stallTimeoutMs: settings.stallTimeoutMs ?? 30_000,
    offline: settings.offline,
    emit,
    signal: settings.signal,
    sleep: settings.sleep ?? ((milliseconds) => sleep(milliseconds, settings.signal)),
    now: settings.host.now,
    isTrusted,
  });
}

/** Certificates are read when the first request is made: most commands make none. */
function lazyFetch(settings: ConnectionSettings, isTrusted: (url: URL) => boolean): Fetch {
  let made: Fetch | undefined;
  const make = () => {
    const proxy = settings.proxy === undefined ? undefined : proxyUrl(settings.proxy);
    return createFetch({
      proxyFor: proxy === undefined ? proxiesFromEnvironment(settings.host.env) : () => proxy,
      ca: readAuthorities(settings.host, settings.certificate),
      insecure: isTrusted,
      connectTimeoutMs: settings.connectTimeoutMs,
    });
  };
  return async (url, init) => (made ??= make())(url, init);
}

function sleep(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal?.addEventListener("abort", done, { once: true });
  });
}

async function fetchText(transport: Transport, url: string): Promise<string> {
  if (!/^https?:/i.test(url)) throw new PenError("USAGE", `${printableLine(shownUrl(url))} is not a http: or https: URL`);
  return transport.request(
    () => ({ url, headers: { accept: "text/plain, */*;q=0.5" } }),
    async (answer) => {
      if (answer.status === 200) return Buffer.from(await answer.bytes(longestText)).toString("utf8");
      throw new PenError("NETWORK", `Could not fetch ${shownUrl(url)}`, {
        why: `The server answered ${answer.status}.`,
        data: { url: shownUrl(url), status: answer.status },
      });
    },
  );
}
