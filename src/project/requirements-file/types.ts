import type { Requirement } from "#standards";

/** Where a line stands: for messages and for `# via -r file`. */
export interface LineOrigin {
  /** Path or URL (redacted), as written on the command line or in the including file. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

/** What a requirement line asks for. */
export type RequirementSource =
  | { readonly kind: "named"; readonly requirement: Requirement }
  /** A wheel, archive, folder or repository given by place instead of by name. `location` is an absolute path or a URL. */
  | { readonly kind: "location"; readonly location: string; readonly extras: readonly string[]; readonly marker: string | undefined };

export interface RequirementEntry {
  readonly source: RequirementSource;
  readonly editable: boolean;
  /** `--hash` values: `sha256:…`. */
  readonly hashes: readonly string[];
  /** `--config-settings`, `--global-option`: they matter only when a source is built. */
  readonly buildOptions: readonly string[];
  readonly origin: LineOrigin;
}

/** The options that pip takes in a requirements file and that hold for the whole command. */
export interface FileOptions {
  readonly indexUrl: string | undefined;
  readonly extraIndexUrls: readonly string[];
  readonly noIndex: boolean;
  readonly findLinks: readonly string[];
  readonly noBinary: readonly string[];
  readonly onlyBinary: readonly string[];
  readonly preferBinary: boolean;
  readonly prereleases: boolean;
  readonly requireHashes: boolean;
  readonly trustedHosts: readonly string[];
  readonly features: readonly string[];
}

/** A requirements file with all that it includes. */
export interface LoadedRequirements {
  readonly requirements: readonly RequirementEntry[];
  readonly constraints: readonly RequirementEntry[];
  readonly options: FileOptions;
}

/** One parsed line. */
export type RequirementsLine =
  | { readonly kind: "requirement"; readonly entry: RequirementEntry }
  | { readonly kind: "include"; readonly place: string; readonly constraint: boolean; readonly origin: LineOrigin }
  | { readonly kind: "option"; readonly option: Partial<FileOptions>; readonly origin: LineOrigin };
