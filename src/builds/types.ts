import type { Emit } from "#foundation";
import type { NormalizedName, Version } from "#standards";

/** What a project says about its build (PEP 518 and 517), or what holds where it says nothing. */
export interface BuildSystem {
  /** PEP 508. */
  readonly requires: readonly string[];
  /** `module:object`. */
  readonly backend: string;
  /** Absolute folders inside the project that the backend is imported from. */
  readonly backendPath: readonly string[];
  /** True for projects without a `[build-system]` backend: setuptools with their setup.py. */
  readonly legacy: boolean;
}

/** `--config-settings`: a key that is given several times has a list. PEP 517. */
export type ConfigSettings = Readonly<Record<string, string | readonly string[]>>;

/** A Python with build requirements in it. The operations make one; this room only runs hooks there. */
export interface BuildEnvironment {
  /** Path of the program. */
  readonly python: string;
  /** All variables that hooks see. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** What is there, as it was asked for. Undefined when the environment is the person's own and nothing is added to it. */
  readonly requires: readonly string[] | undefined;
  /** Adds what a hook asks for. Never called when {@link requires} is undefined. */
  add(requirements: readonly string[]): Promise<void>;
  close(): void;
}

/** A project as a tree on the disk, ready to be built. */
export interface SourceTree {
  /** The folder with `pyproject.toml` or `setup.py`. Hooks run in it. */
  readonly root: string;
  /** A folder that the hooks may fill: outside of {@link root}. */
  readonly scratch: string;
}

/** What resolving needs to know of a project, and where it was read. */
export interface SourceMetadata {
  readonly name: NormalizedName;
  readonly version: Version;
  /** As the source writes it. */
  readonly versionText: string;
  readonly requiresDist: readonly string[];
  readonly requiresPython: string | undefined;
  readonly providesExtra: readonly string[];
}

export interface BuildOptions {
  readonly editable: boolean;
  readonly settings: ConfigSettings;
  /** Milliseconds for one run of the backend; undefined for no limit. */
  readonly timeoutMs: number | undefined;
  readonly emit: Emit;
  readonly signal: AbortSignal | undefined;
  /** What people call the thing that is built: `markupsafe 3.0.2`. */
  readonly label: string;
  /** Keeps the log of a build that failed and gives its place; undefined where it cannot be kept. */
  readonly keepLog: (text: string) => string | undefined;
}

/** A wheel that a backend made, in a scratch folder. */
export interface BuiltWheel {
  readonly path: string;
  readonly filename: string;
}
