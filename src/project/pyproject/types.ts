import type { Requirement, SpecifierSet } from "#standards";
import type { PipfileOrigin } from "../pipfile/types.ts";
import type { TomlTable } from "../toml/reading.ts";

/** A list of requirements in a pyproject.toml: `[project] dependencies`, an extra of the project, or a dependency group (PEP 735). */
export type PyprojectPlace =
  | { readonly kind: "main" }
  | { readonly kind: "extra"; readonly name: string }
  | { readonly kind: "group"; readonly name: string };

/** One requirement, whoever's table it stands in. */
export interface PyprojectRequirement {
  /** PEP 508. Where `origin` is no index, it has neither specifiers nor a URL. */
  readonly requirement: Requirement;
  readonly origin: PipfileOrigin;
  readonly editable: boolean;
  /** The name of the only index that may be asked. */
  readonly index: string | undefined;
  /** Prereleases of this package are allowed. */
  readonly prereleases: boolean;
  /** Of the requirement in the file, from 1. */
  readonly line: number;
  readonly column: number;
}

export interface PyprojectGroup {
  readonly place: PyprojectPlace;
  /** Whose table: the standards' own, or a tool's. */
  readonly from: "standard" | "poetry" | "uv";
  /** With those of the groups that it includes, each at its place. */
  readonly requirements: readonly PyprojectRequirement[];
  /** Poetry: only installed when asked for. */
  readonly optional: boolean;
}

/** A package index that a tool's table names. */
export interface PyprojectIndex {
  readonly name: string;
  /** As written. */
  readonly url: string;
  /** Asked first for everything that names no index; at most one is. */
  readonly isDefault: boolean;
  /** Asked only for packages that name it. */
  readonly isExplicit: boolean;
}

/** Something that is passed over, or that could not be carried over as it is. */
export interface PyprojectWarning {
  readonly message: string;
  /** From 1. */
  readonly line: number;
}

/** A pyproject.toml, as far as requirements go. */
export interface Pyproject {
  readonly path: string;
  /** The text that was read, unchanged. */
  readonly text: string;
  readonly name: string | undefined;
  readonly version: string | undefined;
  readonly description: string | undefined;
  /** `requires-python`, or the `python` among the dependencies of poetry. */
  readonly requiresPython: SpecifierSet | undefined;
  /** Fields that a build backend fills in: if `dependencies` is among them, the file does not say them. */
  readonly dynamic: readonly string[];
  /** `main` first (always there), then extras, then groups, in the file's order. */
  readonly groups: readonly PyprojectGroup[];
  readonly indexes: readonly PyprojectIndex[];
  readonly warnings: readonly PyprojectWarning[];
  /** The parsed TOML; whole numbers are bigints. */
  readonly raw: TomlTable;
}

/** One change of a pyproject.toml's text. */
export type PyprojectEdit =
  /** Adds a requirement (PEP 508) to a list, or replaces the one of that name. What is missing is made. */
  | { readonly kind: "put"; readonly place: PyprojectPlace; readonly requirement: string }
  /** Removes every requirement of that name from a list; nothing where there is none. */
  | { readonly kind: "remove"; readonly place: PyprojectPlace; readonly name: string }
  /** Sets a text of `[project]`, such as `requires-python`. */
  | { readonly kind: "set"; readonly key: string; readonly value: string };
