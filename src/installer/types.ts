import type { BriefMetadata, CoreMetadata, DirectUrl, NormalizedName, RecordEntry } from "#standards";
import type { Emit } from "#foundation";
import type { StoredBytecode, StoredWheel } from "#store";
import type { EnvironmentPaths } from "#venv";

/**
 * A place that distributions are installed into: an environment, or the folder of `--target` or `--prefix`. All folders of
 * {@link paths} lie inside {@link root}, which also holds `.pen` with the lock and, during a command, the journal.
 */
export interface InstallTarget {
  /** Absolute. */
  readonly root: string;
  readonly paths: EnvironmentPaths;
  /** `cpython-312`; without it no bytecode is linked. */
  readonly cacheTag?: string;
  /** `3.12.1`. */
  readonly pythonVersion: string;
}

/** How a distribution was found: `.dist-info`, `.egg-info` (a folder or a file), or `.egg-link` of an old editable install. */
export type InstalledKind = "wheel" | "egg-info" | "egg-link";

/** A distribution that is installed. Name and version come from the name of its folder; the functions open files, once. */
export interface InstalledDistribution {
  readonly name: NormalizedName;
  /** As the folder's name has it; empty where only the metadata knows. */
  readonly version: string;
  readonly kind: InstalledKind;
  /** True for one that `symlink` mode made of links into the store. */
  readonly linked: boolean;
  /** The folder on `sys.path` that it was found in. */
  readonly location: string;
  /** The `.dist-info` or `.egg-info`, or the `.egg-link` file. */
  readonly path: string;
  /** Errors: INVALID_METADATA, also when the file is missing. */
  metadata(): CoreMetadata;
  /** The rows of RECORD; undefined when there is none. Errors: INVALID_RECORD. */
  record(): readonly RecordEntry[] | undefined;
  /** `direct_url.json` (PEP 610); undefined when there is none or it cannot be read. */
  directUrl(): DirectUrl | undefined;
  editable(): boolean;
  /** The tool that installed it (`pip`, `pen`); undefined when nobody signed. */
  installer(): string | undefined;
  /** True when a person asked for it by name, false when it came as a dependency. */
  requested(): boolean;
  /** The name as the metadata write it, from their first lines where these will do. Errors as `metadata`. */
  writtenName(): string;
  /** The few fields of the metadata that listing needs, quickly. Errors as `metadata`. */
  brief(): BriefMetadata;
}

/** A wheel that shall be installed afterwards. */
export interface WantedWheel {
  readonly wheel: StoredWheel;
  readonly requested: boolean;
  readonly directUrl?: DirectUrl;
  /** Replace it even when this version is there. */
  readonly reinstall?: boolean;
}

/** One that is not there yet: it would have to be built. A plan with such a one can be told, and not carried out. */
export interface UnbuiltWheel extends Omit<WantedWheel, "wheel"> {
  readonly unbuilt: true;
  readonly name: NormalizedName;
  readonly version: string;
}

export type PlanStep =
  | { readonly action: "keep"; readonly name: NormalizedName; readonly version: string }
  | { readonly action: "install"; readonly name: NormalizedName; readonly version: string; readonly wanted: WantedWheel | UnbuiltWheel }
  | {
      readonly action: "upgrade" | "downgrade" | "reinstall";
      readonly name: NormalizedName;
      readonly version: string;
      readonly previous: string;
      readonly wanted: WantedWheel | UnbuiltWheel;
      readonly replaces: readonly InstalledDistribution[];
    }
  | {
      readonly action: "uninstall";
      readonly name: NormalizedName;
      readonly version: string;
      readonly replaces: readonly InstalledDistribution[];
    };

/** What a command will do to an environment, by name. */
export interface Plan {
  readonly steps: readonly PlanStep[];
  /** Everything that was installed when the plan was made: the owners of the files that must stay. */
  readonly installed: readonly InstalledDistribution[];
  /** Names that should be removed and are not installed. */
  readonly missing: readonly NormalizedName[];
}

export type LinkMode = "auto" | "clone" | "hardlink" | "copy" | "symlink";

/** The compiled modules of a wheel that are linked beside its own. */
export type BytecodeOf = (wheel: StoredWheel) => ReadonlyArray<Pick<StoredBytecode, "path" | "source">>;

export interface ApplyOptions {
  readonly linkMode: LinkMode;
  readonly emit: Emit;
  readonly signal?: AbortSignal;
  /** Default true: the journal is on the disk before the first change, so that a power cut can be undone too. */
  readonly durable?: boolean;
  /** The bytecode of a wheel for the target's Python, to be linked beside its sources. */
  readonly bytecode?: BytecodeOf;
  /** Replace files of other distributions and files that nobody owns. The interpreter and its scripts are never replaced. */
  readonly overwrite?: boolean;
}

/** One line of what was done. */
export interface Change {
  readonly action: "install" | "upgrade" | "downgrade" | "reinstall" | "uninstall";
  readonly name: string;
  readonly version: string;
  readonly previous?: string;
}

export interface Report {
  readonly changes: readonly Change[];
  /** The mode that was used; undefined when nothing had to be linked. */
  readonly linkMode: Exclude<LinkMode, "auto"> | undefined;
  /** Files and links that were created. */
  readonly files: number;
  readonly folders: number;
  /** Files and links that were removed. */
  readonly removed: number;
}

/** How the transaction of an earlier command that was cut off was brought to an end. */
export interface RecoveryReport {
  readonly action: "undone" | "finished";
  /** What that command was doing. */
  readonly changes: readonly Change[];
}
