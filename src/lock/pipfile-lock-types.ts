import type { JsonValue } from "#foundation";
import type { Marker, NormalizedName } from "#standards";

/** A JSON object of the file, with everything that stands in it. */
export type PipfileLockTable = { readonly [key: string]: JsonValue };

/** The format that pen reads and writes: `_meta.pipfile-spec`. */
export const pipfileSpec = 6;

/** A package index as the lock names it. `url` is unexpanded: `${VARIABLES}` stand in it. */
export interface PipfileLockSource {
  readonly name: string;
  readonly url: string;
  readonly verifySsl: boolean;
}

/** `_meta`: what the lock was made for. */
export interface PipfileLockMeta {
  /** Of the Pipfile, SHA-256 in lower-case hexadecimal; undefined where there is none, which makes the lock a stale one. */
  readonly hash: string | undefined;
  readonly requires: PipfileLockTable;
  readonly sources: readonly PipfileLockSource[];
  readonly raw: PipfileLockTable;
}

/** Where a locked package comes from. Paths and URLs are as written: relative ones count from the lock's folder. */
export type PipfileLockOrigin =
  | { readonly kind: "index" }
  | { readonly kind: "path"; readonly path: string }
  | { readonly kind: "file"; readonly url: string }
  | {
      readonly kind: "vcs";
      readonly vcs: "git" | "hg" | "svn" | "bzr";
      readonly url: string;
      /** The full commit in a lock that a tool wrote. */
      readonly ref: string | undefined;
      readonly subdirectory: string | undefined;
    };

export interface PipfileLockEntry {
  readonly name: NormalizedName;
  /** The name as it stands in the file: pipenv keeps dots. */
  readonly key: string;
  /** Without `==`. Undefined for folders, archives and repositories, and for `"*"` and `"==<2"`, which pipenv writes where it has not resolved a package. */
  readonly version: string | undefined;
  /** `sha256:…`, as they stand. */
  readonly hashes: readonly string[];
  /** The name of the source that alone may be asked. */
  readonly index: string | undefined;
  readonly extras: readonly NormalizedName[];
  readonly marker: Marker | undefined;
  /** The marker as it is written. */
  readonly markerText: string | undefined;
  readonly origin: PipfileLockOrigin;
  readonly editable: boolean;
  readonly noBinary: boolean;
  /** The entry as it stands, with what pen does not know of. This is what is written. */
  readonly raw: PipfileLockTable;
}

/** A Pipfile.lock, read and checked. */
export interface PipfileLock {
  readonly meta: PipfileLockMeta;
  /** `default` and `develop` are always there; entries in order of name. */
  readonly categories: ReadonlyMap<string, readonly PipfileLockEntry[]>;
}
