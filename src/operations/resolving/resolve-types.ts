import type { IndexFile } from "#index";
import type { InstalledDistribution } from "#installer";
import type { Lock, LockedPackage } from "#lock";
import type { RequirementEntry } from "#project";
import type { PrereleaseMode, ResolutionMode, ResolutionTarget } from "#resolver";
import type { NormalizedName, SupportedTags, Version } from "#standards";
import type { StoredWheel } from "#store";
import type { Source, Sources } from "../building/source-types.ts";

/** What to solve and for whom. */
export interface ResolveInput {
  readonly requirements: readonly RequirementEntry[];
  readonly constraints: readonly RequirementEntry[];
  readonly overrides: readonly RequirementEntry[];
  readonly excludes: readonly NormalizedName[];
  readonly target: ResolutionTarget;
  readonly tags: SupportedTags;
  readonly mode: ResolutionMode;
  readonly prereleases: PrereleaseMode;
  readonly preferences: ReadonlyMap<NormalizedName, Version>;
  readonly followDependencies: boolean;
  readonly requireHashes: boolean;
  /** Hashes are checked where there are some, and nothing is asked of the others: a lock has none for folders and repositories. */
  readonly partialHashes?: boolean;
  readonly noBinary: ReadonlySet<string>;
  /** Distributions of the environment that may stay as they are. */
  readonly installed: readonly InstalledDistribution[];
  /** Those that a newer version may take the place of: `--upgrade`. They stay where nothing newer fits. */
  readonly movable?: readonly InstalledDistribution[];
  /** Take versions that state they need another Python. */
  readonly ignoreRequiresPython?: boolean;
  /** Which files of a version the lock names: the one to install, those of every platform, or also those of forms that nothing installs any more. */
  readonly files: "chosen" | "installable" | "listed";
  /** For all platforms: pass over what is of no use here while other versions are. */
  readonly fitHere?: boolean;
  /** Told what a package of an index turned out to need. */
  readonly onNeeds?: ((index: string, names: readonly NormalizedName[]) => void) | undefined;
  /** What may be built from source; without it nothing is. */
  readonly sources?: Sources;
}

/** One package of the answer with the way to get it. */
export interface Pin {
  readonly locked: LockedPackage;
  /** True when the person named it. */
  readonly requested: boolean;
  /** Stays as it is. */
  readonly installed: InstalledDistribution | undefined;
  /** To fetch from an index. */
  readonly file: IndexFile | undefined;
  /** In the store already (wheels named by path or URL). */
  readonly stored: StoredWheel | undefined;
  /** To be built. */
  readonly source?: Source | undefined;
  /** Hashes the person promised. */
  readonly hashes: readonly string[];
}

export interface Resolved {
  readonly lock: Lock;
  readonly pins: readonly Pin[];
}
