import type { DirectUrl, Marker, NormalizedName, Requirement, SpecifierSet } from "#standards";

/** A file that a lock allows for a package. */
export interface LockedFile {
  readonly filename: string;
  readonly url: string | undefined;
  /** Path relative to the lock, for local files. */
  readonly path: string | undefined;
  /** By algorithm, lower-case hexadecimal. */
  readonly hashes: Readonly<Record<string, string>>;
  readonly size: number | undefined;
  readonly uploadTime: number | undefined;
}

export interface LockedPackage {
  readonly name: NormalizedName;
  /** Undefined only for folders and version-control sources whose version is not known before building. */
  readonly version: string | undefined;
  readonly marker: Marker | undefined;
  readonly requiresPython: SpecifierSet | undefined;
  readonly extras: readonly NormalizedName[];
  /** Where it came from when not from an index (PEP 610 words). */
  readonly direct: DirectUrl | undefined;
  /** The index that it was found on, without credentials. */
  readonly index: string | undefined;
  readonly files: readonly LockedFile[];
  /** Who asked for it: names of packages and origins of direct requirements. */
  readonly requiredBy: readonly string[];
  readonly dependencies: readonly LockedDependency[];
}

/** A need of a locked package for another one. */
export interface LockedDependency {
  readonly name: NormalizedName;
  readonly extras: readonly NormalizedName[];
  readonly marker: Marker | undefined;
  /** As the package states it, where that is known. */
  readonly requirement?: Requirement;
}

/** The format-neutral lock: the resolver's side makes one, the installer's side takes one. Sorted by name, then version. */
export interface Lock {
  readonly requiresPython: SpecifierSet | undefined;
  /** The environments it was made for; empty means the one it was made in. */
  readonly environments: readonly Marker[];
  readonly packages: readonly LockedPackage[];
  /** The extras and dependency groups of the project itself that the packages' markers may ask about (PEP 751). */
  readonly extras?: readonly NormalizedName[];
  readonly dependencyGroups?: readonly NormalizedName[];
  /** The groups that are installed unless others are chosen. */
  readonly defaultGroups?: readonly NormalizedName[];
}
