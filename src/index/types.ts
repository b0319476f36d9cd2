import type { Sequence } from "#foundation";
import type { NormalizedName, Version } from "#standards";

/** One file of a project on an index (PEP 503, 691, 700). */
export interface IndexFile {
  readonly filename: string;
  readonly kind: "wheel" | "sdist";
  /** Absolute; `https:`, `http:` or `file:`. Never with credentials. */
  readonly url: string;
  /** By algorithm, lower-case hexadecimal. */
  readonly hashes: Readonly<Record<string, string>>;
  readonly size: number | undefined;
  readonly requiresPython: string | undefined;
  /** The reason, `""` when none was given; undefined when the file is not yanked (PEP 592). */
  readonly yanked: string | undefined;
  /** Milliseconds since 1970. */
  readonly uploadTime: number | undefined;
  /** The file has a `.metadata` twin (PEP 658/714), with these hashes (possibly none). */
  readonly metadata: Readonly<Record<string, string>> | undefined;
  /** The index that listed it, without credentials. */
  readonly index: string;
}

/** A file of a version that is neither a wheel nor a source distribution. */
export type OtherFile = Omit<IndexFile, "kind">;

/** One version of a project; its files are parsed only when asked for. */
export interface ListedVersion {
  readonly version: Version;
  /** Normalised. */
  readonly text: string;
  files(): readonly IndexFile[];
  /** The files that `excludeNewer` hides; absent where nothing is hidden. */
  tooNew?(): readonly IndexFile[];
  /** Its files of forms that nothing installs any more, as eggs and installers of Windows are; absent where there are none. */
  others?(): readonly OtherFile[];
}

/** What an index (or several, merged by the index strategy) knows of a project, newest version first. */
export interface ProjectListing {
  readonly name: NormalizedName;
  readonly versions: readonly ListedVersion[];
  /** The same, each made when somebody looks at it. */
  readonly lazily: Sequence<ListedVersion>;
  /** Their texts, in the same order. */
  readonly texts: readonly string[];
  /**
   * The version whose normalised text this is, without a look at the others; undefined when it is not listed so, or when a local version of it
   * (`1.0+cpu` of `1.0`) is listed too. Absent where there is no quicker way than {@link versions}.
   */
  only?(text: string): ListedVersion | undefined;
}

/** The part of core metadata that resolving needs, as the file states it. */
export interface ReleaseMetadata {
  readonly name: NormalizedName;
  readonly version: string;
  readonly requiresDist: readonly string[];
  readonly requiresPython: string | undefined;
  readonly providesExtra: readonly string[];
}

/** A value that is at hand, or will be: callers on the hot path look before they wait. */
export type MaybePromise<T> = T | Promise<T>;
