import type { Sequence } from "#foundation";
import type { Marker, MarkerEnvironment, NormalizedName, Requirement, SpecifierSet, Version } from "#standards";

/** A value that is at hand, or will be. The solver runs without waiting as long as everything is at hand. */
export type MaybePromise<T> = T | Promise<T>;

/**
 * One version that the catalog offers. `unusable`, `yanked` and `requiresPython` may be computed on first look (they cost a parse):
 * look at them only for a version that is in range and about to be tried, never for whole lists.
 */
export interface Candidate {
  readonly name: NormalizedName;
  readonly version: Version;
  readonly versionText: string;
  /** Set when it cannot be used: it takes part in explanations only. */
  readonly unusable: UnusableReason | undefined;
  /** Yanked files are taken only for an exact `==` or `===` of the same version, or when a lock preferred them. */
  readonly yanked: string | undefined;
  /** What the index states; checked against the target before the candidate is tried. */
  readonly requiresPython: SpecifierSet | undefined;
}

/** The versions of a project, newest first. Thousands are listed and a few are tried: they may be made when somebody looks at them. */
export type Candidates = Sequence<Candidate>;

/**
 * Why a version has no wheel to use: none at all, none for this Python and platform, forbidden by the person (where there is no source, and where there is one),
 * or no files.
 */
export type NoWheel = "source-only" | "other-tags" | "forbidden" | "forbidden-here" | "no-files";

export type UnusableReason =
  /**
   * `sort` groups versions that are told together; `detail` is the example that stands for the group. `buildable`: there is a source that would be
   * built if that were allowed; `sourceForbidden`: there is one, and the person wants wheels alone.
   */
  | {
      readonly kind: "no-wheel";
      readonly sort: NoWheel;
      readonly detail: string;
      readonly buildable?: boolean;
      readonly sourceForbidden?: boolean;
    }
  | { readonly kind: "requires-python"; readonly specifiers: string }
  | { readonly kind: "excluded-newer"; readonly uploaded: string }
  | { readonly kind: "metadata"; readonly detail: string };

export interface CandidateDependencies {
  readonly requirements: readonly Requirement[];
  /** Those of them that count in the environment solved for when no extra is asked for, where that is known already. */
  readonly plain?: readonly Requirement[] | undefined;
  readonly requiresPython: SpecifierSet | undefined;
  readonly extras: ReadonlySet<NormalizedName>;
}

/** Everything the solver asks of the world. Calls for the same thing must give the same answer within one resolution. */
export interface PackageCatalog {
  /** All versions, newest first; undefined when no index knows the project. */
  candidates(name: NormalizedName): MaybePromise<Candidates | undefined>;
  /** The one candidate at a direct URL. */
  direct(requirement: Requirement): MaybePromise<Candidate>;
  dependencies(candidate: Candidate): MaybePromise<CandidateDependencies>;
  /** A hint that these will be asked for soon; must return at once. */
  prefetch(names: readonly NormalizedName[]): void;
}

export type ResolutionMode = "highest" | "lowest" | "lowest-direct";
/** As PEP 440 has it by default: only when nothing else fits or the requirement names one. */
export type PrereleaseMode = "if-necessary-or-explicit" | "allow" | "disallow" | "explicit" | "if-necessary";

/** For whom to solve: one interpreter, or every environment in which a marker holds. */
export type ResolutionTarget =
  | { readonly kind: "single"; readonly markers: MarkerEnvironment; readonly python: Version }
  | { readonly kind: "universal"; readonly environments: Marker | undefined; readonly requiresPython: SpecifierSet };

export interface ResolutionRequest {
  /** The direct requirements, each with the words that tell a person where it comes from (`requirements.txt line 3`). */
  readonly requirements: ReadonlyArray<{ readonly requirement: Requirement; readonly origin: string }>;
  readonly constraints: readonly Requirement[];
  readonly overrides: readonly Requirement[];
  readonly excludes: readonly NormalizedName[];
  readonly target: ResolutionTarget;
  readonly mode: ResolutionMode;
  readonly prereleases: PrereleaseMode;
  /** Versions to keep when they fit: an existing lock, or what is installed. */
  readonly preferences: ReadonlyMap<NormalizedName, Version>;
  readonly followDependencies: boolean;
}

/** One package of the answer. */
export interface ResolvedPackage {
  readonly name: NormalizedName;
  readonly candidate: Candidate;
  /** The extras that are asked for, sorted. */
  readonly extras: readonly NormalizedName[];
  /** When it is needed, relative to the target; undefined means always. */
  readonly marker: Marker | undefined;
  /** The direct URL, when it was asked for by one. */
  readonly url: string | undefined;
  /** True when a direct requirement names it. */
  readonly direct: boolean;
  /** Who asks for it: package names and origins of direct requirements, sorted. */
  readonly requiredBy: readonly string[];
  /** The names it needs in this answer, with the extras asked for and the marker of the edge, sorted by name. */
  readonly dependencies: ReadonlyArray<{
    readonly name: NormalizedName;
    readonly extras: readonly NormalizedName[];
    readonly marker: Marker | undefined;
    /** As the package states it; the first of several. */
    readonly requirement: Requirement;
  }>;
}

/** The answer, sorted by name (then version): the same input gives the same answer. */
export interface Resolution {
  readonly packages: readonly ResolvedPackage[];
}
