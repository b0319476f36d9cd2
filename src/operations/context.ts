import { resolve } from "node:path";
import { pathExists, PenError, printableLine, type Fetch } from "#foundation";
import {
  createIndexClient,
  defaultIndexUrl,
  parseExcludeNewer,
  type Credentials,
  type IndexClient,
  type IndexLocation,
  type IndexRoutes,
} from "#index";
import type { NormalizedName } from "#standards";
import { openStore, type Store } from "#store";
import { readSettings, type OperationOptions, type Settings } from "./settings.ts";

export type { OperationOptions, Settings } from "./settings.ts";

/** The settings of an operation with the store at hand. */
export interface Context extends Settings {
  readonly store: Store;
}

/** An index that is called by a name. */
export interface NamedIndex {
  readonly name: string;
  /** With credentials, where it needs them. */
  readonly url: string;
  /** False: its certificate is not checked. */
  readonly verifySsl: boolean;
}

/** Where packages may come from and how to get at them. */
export interface IndexOptions {
  /** The main index; default is the public one. */
  readonly indexUrl?: string | undefined;
  readonly extraIndexUrls?: readonly string[];
  /** Use only `findLinks`. */
  readonly noIndex?: boolean;
  /** Indexes with names, instead of {@link indexUrl} and {@link extraIndexUrls}; `routes` says which of them answers for what. */
  readonly named?: readonly NamedIndex[];
  readonly routes?: IndexRoutes;
  readonly findLinks?: readonly string[];
  /** `first-index`: the first index that knows a project is the only one for it; `best-match`: the best version of all. */
  readonly indexStrategy?: "first-index" | "best-match";
  readonly offline?: boolean;
  /** Ignore cached index answers: all of them, or those of these projects. */
  readonly refresh?: boolean | readonly NormalizedName[];
  /** A date, a moment, or an age: files that are newer do not exist. */
  readonly excludeNewer?: string | undefined;
  readonly keyring?: "disabled" | "subprocess";
  readonly retries?: number | undefined;
  /** Milliseconds without a byte after which a connection counts as dead. */
  readonly stallTimeoutMs?: number | undefined;
  readonly trustedHosts?: readonly string[];
  /** Replaces the transport, and with it proxies and certificates. */
  readonly fetch?: Fetch;
  /** Asked for the credentials of a URL that answered 401. */
  readonly auth?: (url: string) => Promise<Credentials | undefined>;
  /** A PEM file or folder that replaces the certificate authorities. */
  readonly certificate?: string | undefined;
  /** The proxy for everything, instead of what the variables say. */
  readonly proxy?: string | undefined;
}

/** Opens the store for an operation; nothing is read until it is used. */
export function openContext(options: OperationOptions): Context {
  const settings = readSettings(options);
  return { ...settings, store: openStore(settings) };
}

/** A client for the indexes that `options` name. Errors: `USAGE` for a cut-off date that is not understood. */
export function openIndexes(context: Context, options: IndexOptions): IndexClient {
  const urls = [options.indexUrl ?? defaultIndexUrl, ...(options.extraIndexUrls ?? [])];
  const indexes: readonly IndexLocation[] =
    options.noIndex === true ? [] : (options.named?.map(({ name, url }) => ({ name, url })) ?? urls.map((url) => ({ url })));
  for (const { url } of indexes) checkIndexUrl(url, context.host.cwd);
  const trustedHosts = [...(options.trustedHosts ?? []), ...(options.named ?? []).flatMap(unverifiedHost)];
  return createIndexClient({
    host: context.host,
    cacheFolder: context.cacheFolder,
    indexes,
    findLinks: options.findLinks ?? [],
    strategy: options.indexStrategy ?? "first-index",
    offline: options.offline ?? false,
    emit: context.emit,
    ...(options.refresh === undefined ? {} : { refresh: options.refresh }),
    ...(options.excludeNewer === undefined ? {} : { excludeNewer: parseExcludeNewer(options.excludeNewer, context.host.now()) }),
    ...(options.keyring === undefined ? {} : { keyring: options.keyring }),
    ...(options.retries === undefined ? {} : { retries: options.retries }),
    ...(options.stallTimeoutMs === undefined ? {} : { stallTimeoutMs: options.stallTimeoutMs }),
    ...(trustedHosts.length === 0 ? {} : { trustedHosts }),
    ...(options.routes === undefined ? {} : { routes: options.routes }),
    ...(options.fetch === undefined ? {} : { fetch: options.fetch }),
    ...(options.certificate === undefined ? {} : { certificate: options.certificate }),
    ...(options.proxy === undefined ? {} : { proxy: options.proxy }),
    ...(options.auth === undefined ? {} : { auth: options.auth }),
    ...(context.signal === undefined ? {} : { signal: context.signal }),
  });
}

function unverifiedHost({ url, verifySsl }: NamedIndex): string[] {
  return !verifySsl && URL.canParse(url) ? [new URL(url).host] : [];
}

/** An index is a URL, or a folder that is there; anything else would look like an index without packages. */
function checkIndexUrl(url: string, cwd: string): void {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(url) || pathExists(resolve(cwd, url))) return;
  throw new PenError("INVALID_CONFIG", `${printableLine(url)} is no index`, {
    why: "It is neither a URL nor a folder that exists.",
    hint: "Write the URL of its Simple API, for example https://packages.example.org/simple/.",
  });
}
