import type { Emit, Fetch, Host } from "#foundation";
import type { NormalizedName } from "#standards";
import type { Grounds } from "./grounds.ts";
import type { IndexFile, MaybePromise, ProjectListing, ReleaseMetadata } from "./types.ts";

/** The index that is asked when nothing else is said. The only place that names it. */
export const defaultIndexUrl = "https://pypi.org/simple";

/** A user name and password for Basic authentication. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** Where projects are looked for. */
export interface IndexLocation {
  /** `https:`, `http:` or `file:`; a user name and password in it are moved out at once. */
  readonly url: string;
  /** By it the variables `PEN_INDEX_<NAME>_USERNAME` and `PEN_INDEX_<NAME>_PASSWORD` give credentials. */
  readonly name?: string;
  /** `simple` (default): one page per project below the URL (PEP 503, 691). `flat`: one page or folder with the files of all projects. */
  readonly format?: "simple" | "flat";
  /** Statuses that mean 'this index does not have the project'; 404 and 410 always do. Some object stores answer 403. */
  readonly missingStatuses?: readonly number[];
}

/** Which of the named indexes may answer for a project: what stops one index from answering for the packages of another. */
export interface IndexRoutes {
  /** The same text for routes that lead to the same answers. */
  readonly standpoint: string;
  /** Names of indexes, in the order of asking: the first that knows the project answers alone. Nobody else is asked. */
  indexesOf(name: NormalizedName): readonly string[];
  /** True where the answers of all of them are merged instead: for a project whose files are known by their hashes. */
  isMerged?(name: NormalizedName): boolean;
}

/** How the network is reached. */
export interface ConnectionSettings {
  readonly host: Host;
  /** pen's cache folder; the room keeps to `index/v1` below it. */
  readonly cacheFolder: string;
  /** Never touch the network: cached answers of any age, else OFFLINE. */
  readonly offline: boolean;
  /** Requests under way at most; default 50. */
  readonly concurrency?: number;
  /** Further tries after a failure that may pass; default 3. */
  readonly retries?: number;
  /** Milliseconds to connect; default 10,000. Enforced where the runtime lets us: see `createFetch` of #foundation. */
  readonly connectTimeoutMs?: number;
  /** Milliseconds without a byte; default 30,000. */
  readonly stallTimeoutMs?: number;
  /** Replaces the transport (and with it proxies and certificates). */
  readonly fetch?: Fetch;
  /** Asked for the credentials of a URL that answered 401, before keyring. */
  readonly auth?: (url: string) => Promise<Credentials | undefined>;
  /** `host` or `host:port` whose certificate is not checked and for which plain http is no warning. */
  readonly trustedHosts?: readonly string[];
  /** A PEM file or folder that replaces the authorities; default SSL_CERT_FILE, REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE, SSL_CERT_DIR of the host. */
  readonly certificate?: string;
  /** The proxy for everything, instead of the host's variables. */
  readonly proxy?: string;
  readonly keyring?: "disabled" | "subprocess";
  /** Default: one that drops everything. */
  readonly emit?: Emit;
  readonly signal?: AbortSignal;
  /** Replaces the wait between tries (tests). */
  readonly sleep?: (milliseconds: number) => Promise<void>;
}

export interface IndexSettings extends ConnectionSettings {
  /** In order of trust. */
  readonly indexes: readonly IndexLocation[];
  /** Folders, `file:` URLs and pages whose files are candidates under every strategy. Relative paths count from the host's working directory. */
  readonly findLinks: readonly string[];
  /** `first-index`: the first index that knows a project answers for it alone. `best-match`: the answers of all are merged. */
  readonly strategy: "first-index" | "best-match";
  /** Takes the place of {@link strategy}, for indexes that have names. */
  readonly routes?: IndexRoutes;
  /** Ask again although the cache is fresh: everything, or these projects. */
  readonly refresh?: boolean | readonly NormalizedName[];
  /** Files uploaded later do not exist. Milliseconds since 1970, see {@link parseExcludeNewer}. */
  readonly excludeNewer?: number;
}

/** What {@link IndexClient.download} needs to know of a file. An {@link IndexFile} is one. */
export interface DownloadRequest {
  /** `https:`, `http:`, `file:` or a path. */
  readonly url: string;
  readonly filename: string;
  /** All are checked. By algorithm, lower-case hexadecimal. */
  readonly hashes: Readonly<Record<string, string>>;
  readonly size?: number | undefined;
}

export interface DownloadOptions {
  readonly onProgress?: (done: number, total: number | undefined) => void;
  readonly signal?: AbortSignal;
}

export interface DownloadedFile {
  /** A temporary file in the folder that was given, which is the caller's to move or remove; a local file is named where it stands. */
  readonly path: string;
  readonly sha256: string;
  readonly size: number;
  /** sha256 and every algorithm asked for. */
  readonly hashes: Readonly<Record<string, string>>;
}

/** Reads indexes through one cache. One client serves one command: what it said once, it says again. */
export interface IndexClient {
  /** The same text for clients that give the same answers from the same kept pages; undefined for one that shall ask anew, or looks into folders. */
  readonly standpoint: string | undefined;
  /** What all answers so far rest on, or the one on a project; undefined when that is more than kept pages. */
  grounds(only?: NormalizedName): Grounds | undefined;
  /** Says that an answer on these grounds was taken from elsewhere: what is worked out from now on rests on them too. */
  takeGrounds(grounds: Grounds): void;
  /** True while what was worked out on these grounds would be worked out again: the pages are the same, and fresh. */
  isGrounded(grounds: Grounds): boolean;
  /**
   * What the indexes know of a project; undefined when none knows it. At hand (no promise) when the cache has a fresh answer, or offline.
   * Errors: NETWORK, AUTH_REQUIRED, OFFLINE.
   */
  listing(name: NormalizedName): MaybePromise<ProjectListing | undefined>;
  /**
   * What resolving needs to know of a wheel: from the cache (at hand), its `.metadata` file, ranges of it, or all of it.
   * Errors: those of `listing`, HASH_MISMATCH, INVALID_METADATA, INVALID_WHEEL; BUILD_REQUIRED for a source distribution without metadata.
   */
  metadata(file: IndexFile): MaybePromise<ReleaseMetadata>;
  /** The whole METADATA text; errors as in `metadata`. */
  coreMetadata(file: IndexFile): Promise<string>;
  /**
   * Streams a file into `folder` (made when missing), checking size and hashes. Progress in bytes; the total is undefined when nobody says it.
   * Errors: HASH_MISMATCH, NETWORK, AUTH_REQUIRED, OFFLINE, FILE_SYSTEM; the reason of `signal`, which ends this download alone.
   */
  download(file: DownloadRequest, folder: string, options?: DownloadOptions): Promise<DownloadedFile>;
  /** The text at a URL (requirements files), at most 64 MiB, never cached. */
  fetchText(url: string): Promise<string>;
}
