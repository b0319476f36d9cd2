/** Where an entry of `sys.path` comes from. */
export type PathSource =
  | "start"
  | "pythonpath"
  | "zip"
  | "standard-library"
  | "extensions"
  | "site-packages"
  | "linked-packages"
  | "path-file"
  | "inherited"
  | "user-site"
  | "base-site-packages";

/** One entry of `sys.path`. */
export interface PathEntry {
  readonly path: string;
  readonly source: PathSource;
  /** False for a folder or archive that is not there; Python passes it over. */
  readonly exists: boolean;
  /** For `path-file`, `linked-packages` and `inherited`: the `.pth` file and the line in it, counted from 1. */
  readonly file?: string;
  readonly line?: number;
}

/** A line of a `.pth` file that Python runs as code when it starts, or a module that it imports then. pen does not run it. */
export interface StartupCode {
  readonly file: string;
  /** Counted from 1; absent for `sitecustomize` and `usercustomize`, which are imported whole. */
  readonly line?: number;
  readonly text: string;
}

/** A key of `pyvenv.cfg`, what it is set to and what it does. */
export interface ConfigKey {
  readonly key: string;
  readonly value: string;
  readonly meaning: string;
  /** True for what Python itself obeys when it starts; the others are notes of the tool that made the environment. */
  readonly obeyed: boolean;
}

/** Something around the environment that a person should know. */
export interface ExplainNote {
  readonly code: "pythonhome" | "pythonpath" | "other-environment" | "system-site-packages" | "conda" | "inherited-gone";
  readonly message: string;
  readonly hint: string;
}

export interface ExplainedPackages {
  readonly folder: string;
  /** How many distributions are installed there. */
  readonly count: number;
}

/** A variable of the shell that activation changes; null where it is not set. */
export interface VariableChange {
  readonly variable: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** A command word as the shell would find it. */
export interface FoundCommand {
  readonly name: string;
  /** Null when no folder of PATH has it. */
  readonly path: string | null;
  /** Whose it is: this environment's, another one's, or a Python's outside of all environments. */
  readonly owner: "this" | "other" | "global" | "none";
  /** The other environment. */
  readonly environment: string | null;
  /** What it is after activation. */
  readonly after: string | null;
}

export interface ExplainedActivation {
  /** True when this very shell has this environment active. */
  readonly active: boolean;
  /** What to type. */
  readonly command: string;
  readonly changes: readonly VariableChange[];
}

/** One place that has a module of the name. */
export interface ModuleCopy {
  readonly kind: "builtin" | "frozen" | "package" | "module" | "extension" | "namespace";
  /** The file or folder; null for what is part of the executable. */
  readonly path: string | null;
  /** Its entry of `sys.path`, counted from 0; null when it is not reached from there. */
  readonly entry: number | null;
  readonly source: PathSource | "executable";
  readonly imported: boolean;
  /** False for copies in folders that this Python does not look into. */
  readonly reachable: boolean;
  readonly distribution: string | null;
  readonly version: string | null;
}

export interface ExplainedModule {
  readonly name: string;
  readonly found: boolean;
  readonly why: string;
  readonly hint: string | null;
  /** In the order of the search; those out of reach last. */
  readonly copies: readonly ModuleCopy[];
}

/** Everything that `pen explain` knows. Plain data. */
export interface Explanation {
  /** Null when there is no environment and the global Python is explained. */
  readonly environment: string | null;
  readonly implementation: string;
  readonly version: string;
  readonly executable: string;
  /** From `executable` over every link to the file that runs. */
  readonly links: readonly string[];
  readonly prefix: string;
  readonly basePrefix: string;
  readonly standardLibrary: string;
  readonly sitePackages: readonly ExplainedPackages[];
  readonly baseSitePackages: readonly ExplainedPackages[];
  readonly systemSitePackages: boolean;
  readonly externallyManaged: string | null;
  readonly configFile: string | null;
  readonly config: readonly ConfigKey[];
  readonly path: readonly PathEntry[];
  readonly startup: readonly StartupCode[];
  readonly activation: ExplainedActivation | null;
  readonly commands: readonly FoundCommand[];
  readonly notes: readonly ExplainNote[];
  readonly module: ExplainedModule | null;
}
