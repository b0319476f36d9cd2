import type { PipfileSource, PipfileTable } from "../pipfile/types.ts";

/** A package as a Pipfile has it, with the comments that stood beside it. */
export interface MigratedEntry {
  readonly name: string;
  readonly value: string | PipfileTable;
  /** Lines above it, each with its `#`. */
  readonly above: readonly string[];
  /** Behind it on its line, with its `#`. */
  readonly behind: string | undefined;
}

/** What a Pipfile can say of a project that another tool's files describe. */
export interface MigratedProject {
  /** Lines at the top of the file, each with its `#`. */
  readonly head: readonly string[];
  /** The first one is asked for every package that names none. */
  readonly sources: readonly PipfileSource[];
  /** The default index is the first one, before all of `sources`. */
  readonly usesDefault: boolean;
  /** `packages`, `dev-packages`, and others by name. */
  readonly categories: ReadonlyMap<string, readonly MigratedEntry[]>;
  /** `3.12`, or specifiers. */
  readonly python: string | undefined;
  readonly allowPrereleases: boolean;
  /** What has no place in the new file, for people. */
  readonly notes: readonly string[];
}
