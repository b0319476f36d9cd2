import type { JsonValue } from "#foundation";
import type { Marker, NormalizedName, SpecifierSet } from "#standards";
import type { TomlTable } from "../toml/reading.ts";

/** A `[[source]]` of a Pipfile: a package index. */
export interface PipfileSource {
  readonly name: string;
  /** As written: `${VARIABLES}` stand in it unexpanded, see `expandVariables`. */
  readonly url: string;
  /** As written; where it is not, true for https. */
  readonly verifySsl: boolean;
}

/** Where a package comes from. */
export type PipfileOrigin =
  | { readonly kind: "index" }
  /** A folder or an archive on this machine, as written: relative to the Pipfile's folder. */
  | { readonly kind: "path"; readonly path: string }
  /** The URL or the path of an archive, as written. */
  | { readonly kind: "file"; readonly url: string }
  | {
      readonly kind: "vcs";
      readonly vcs: "git" | "hg" | "svn" | "bzr";
      /** As written, without a `git+` before it and an `@ref` behind it. `${VARIABLES}` are unexpanded. */
      readonly url: string;
      readonly ref: string | undefined;
      readonly subdirectory: string | undefined;
    };

/** One package of a category: `name = "specifier"` or `name = {…}`. */
export interface PipfileEntry {
  /** The name as written. */
  readonly key: string;
  readonly name: NormalizedName;
  /** How it is written: a text (`">=1"`) or a table (`{version = ">=1"}`). What goes into a lock depends on it. */
  readonly form: "text" | "table";
  /** Empty for `"*"`; a bare version means `==`. */
  readonly specifiers: SpecifierSet;
  readonly extras: readonly NormalizedName[];
  /** `markers`, `os_markers` and the variables of PEP 508 as keys (`sys_platform = "== 'win32'"`), all of which must hold. */
  readonly marker: Marker | undefined;
  /** The name of the only source that may be asked. */
  readonly index: string | undefined;
  readonly origin: PipfileOrigin;
  readonly editable: boolean;
  /** Only sources, never wheels. */
  readonly noBinary: boolean;
  /** `sha256:…` as written. */
  readonly hashes: readonly string[];
  /** Goes into the lock as it stands; what it needs is not asked. */
  readonly skipResolver: boolean;
  /** Options of pip for this package alone: `--config-settings` and its value. */
  readonly pipArguments: readonly string[];
  /** Of the key in the file, from 1. */
  readonly line: number;
  readonly column: number;
}

/** A `[scripts]` entry in one of its three forms. */
export type PipfileScript =
  | { readonly kind: "shell"; readonly text: string }
  /** `{call = "module:function(arguments)"}`. */
  | { readonly kind: "call"; readonly target: string }
  /** One after the other, until one fails. */
  | { readonly kind: "sequence"; readonly commands: readonly string[] };

/** `[pipenv]`; undefined is what is not written. Defaults are the business of who asks. */
export interface PipfileSettings {
  readonly allowPrereleases: boolean | undefined;
  readonly sortPipfile: boolean | undefined;
  readonly useDefaultConstraints: boolean | undefined;
  readonly installSearchAllSources: boolean | undefined;
  readonly disablePipInput: boolean | undefined;
  readonly venvInProject: boolean | undefined;
  readonly usePylock: boolean | undefined;
  readonly pylockName: string | undefined;
  /** `resolver_backend`, else `resolver`. */
  readonly resolver: string | undefined;
  readonly resolverTimeoutSeconds: number | undefined;
  readonly prefetchIndexManifests: boolean | undefined;
  readonly packageNameCase: "off" | "canonical" | "pypi" | undefined;
  /** `cool-down-period = "30d"`: no release younger than that many days. */
  readonly coolDownDays: number | undefined;
}

/** `[requires]`. */
export interface PipfileRequires {
  /** As written; neither `"*"` nor an empty text, which ask for nothing. */
  readonly pythonVersion?: string;
  readonly pythonFullVersion?: string;
  /** The Pythons that fit: of `python_full_version`, else of `python_version`. `3.11` means `==3.11.*`; empty when nothing is asked for. Prereleases of Python fit too. */
  readonly specifiers: SpecifierSet;
  /** The table as it stands, for the lock. */
  readonly raw: { readonly [key: string]: JsonValue };
}

/** Something in a Pipfile that is passed over. */
export interface PipfileWarning {
  readonly message: string;
  readonly hint: string | undefined;
  /** From 1. */
  readonly line: number;
}

/** A Pipfile, read and checked. */
export interface Pipfile {
  readonly path: string;
  /** The text that was read, unchanged. */
  readonly text: string;
  /** As in the file; empty where it names none, which means the default index. */
  readonly sources: readonly PipfileSource[];
  readonly requires: PipfileRequires;
  /** `packages` first, then `dev-packages` (both always there), then the others in the file's order. */
  readonly categories: ReadonlyMap<string, readonly PipfileEntry[]>;
  readonly scripts: ReadonlyMap<string, PipfileScript>;
  readonly settings: PipfileSettings;
  /** `[build-system] requires`. */
  readonly buildRequires: readonly string[];
  readonly warnings: readonly PipfileWarning[];
  /** The parsed TOML, for the hash. Whole numbers are bigints, so that they differ from `1.0`. */
  readonly raw: TomlTable;
}
/** The table of an entry, as it is to be written: keys in this order, `undefined` ones left out. */
export interface PipfileTable {
  readonly [key: string]: string | boolean | readonly string[] | undefined;
}

/** One change of a Pipfile's text. */
export type PipfileEdit =
  /** Adds or replaces the entry of that name, under whatever spelling it stands. A missing category is made. */
  | { readonly kind: "put"; readonly category: string; readonly name: string; readonly value: string | PipfileTable }
  /** Removes the entry of that name; nothing where there is none. */
  | { readonly kind: "remove"; readonly category: string; readonly name: string }
  /** Removes every entry of a category and keeps its header. */
  | { readonly kind: "clear"; readonly category: string }
  | { readonly kind: "add-source"; readonly source: PipfileSource }
  | { readonly kind: "set"; readonly table: "requires" | "pipenv"; readonly key: string; readonly value: string | boolean };
