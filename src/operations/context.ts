import type { Fetch } from "#foundation";
import type { Credentials, IndexRoutes } from "#index";
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
