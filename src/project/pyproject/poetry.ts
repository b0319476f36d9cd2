import { excerpt, isPenError } from "#foundation";
import {
  andMarkers,
  anySpecifiers,
  parseMarker,
  specifierText,
  tryNormalizeName,
  type Marker,
  type NormalizedName,
  type SpecifierSet,
} from "#standards";
import { repository } from "../pipfile/repositories.ts";
import type { PipfileOrigin } from "../pipfile/types.ts";
import { isTomlArray, isTomlTable, kindOf, own, type TomlTable, type TomlValue } from "../toml/reading.ts";
import { readConstraint } from "./constraints.ts";
import { listOfTexts, type ReadingContext } from "./context.ts";
import type { PyprojectGroup, PyprojectIndex, PyprojectRequirement } from "./types.ts";

const root = ["tool", "poetry"];

/** `[tool.poetry]`: requirements in poetry's own words, beside `[project]` or instead of it. */
export class PoetryReader {
  readonly #table: TomlTable;
  readonly #context: ReadingContext;

  constructor(table: TomlTable | undefined, context: ReadingContext) {
    this.#table = table ?? {};
    this.#context = context;
  }

  text(key: string): string | undefined {
    const value = own(this.#table, key);
    return typeof value === "string" ? value : undefined;
  }

  /** The `python` among the dependencies. */
  requiresPython(): SpecifierSet | undefined {
    const value = own(this.#dependencies([...root, "dependencies"]), "python");
    return typeof value === "string" ? this.#constraint(value, [...root, "dependencies", "python"]) : undefined;
  }

  indexes(): PyprojectIndex[] {
    const value = own(this.#table, "source");
    const at = [...root, "source"];
    if (value === undefined) return [];
    if (!isTomlArray(value))
      throw this.#context.places.error(at, { message: "has a tool.poetry.source that is no list", hint: "Write [[tool.poetry.source]]." });
    return value.flatMap((item, index) => {
      const table = this.#context.places.table(item, [...at, String(index)], "Write [[tool.poetry.source]].");
      const [name, url, priority] = [own(table, "name"), own(table, "url"), own(table, "priority")];
      // The one that poetry knows by its name alone is the default index.
      if (typeof name !== "string" || typeof url !== "string") return [];
      return [
        {
          name,
          url,
          isDefault: priority === "primary" || priority === "default" || own(table, "default") === true,
          isExplicit: priority === "explicit",
        },
      ];
    });
  }

  /**
   * The groups of the standards' tables with poetry's. With dependencies in `[project]`, poetry's only say where a package comes from.
   */
  join(main: PyprojectGroup, others: readonly PyprojectGroup[]): PyprojectGroup[] {
    const dependencies = this.#requirements([...root, "dependencies"]);
    const isBeside = main.requirements.length > 0 || others.some(({ place }) => place.kind === "extra");
    if (isBeside) return [...[main, ...others].map((group) => enriched(group, dependencies)), ...this.#groups()];
    const requirements = dependencies.filter(({ isOptional }) => !isOptional).map(({ requirement }) => requirement);
    const whole: PyprojectGroup = requirements.length === 0 ? main : { ...main, from: "poetry", requirements };
    return [whole, ...this.#extras(dependencies), ...others, ...this.#groups()];
  }

  #groups(): PyprojectGroup[] {
    const at = [...root, "group"];
    const value = own(this.#table, "group");
    const table = value === undefined ? {} : this.#context.places.table(value, at);
    const legacy = this.#requirements([...root, "dev-dependencies"]);
    const groups = Object.entries(table).map(([name, group]): PyprojectGroup => {
      const here = [...at, name];
      return {
        place: { kind: "group", name },
        from: "poetry",
        requirements: this.#requirements([...here, "dependencies"]).map(({ requirement }) => requirement),
        optional: own(this.#context.places.table(group, here), "optional") === true,
      };
    });
    if (legacy.length === 0) return groups;
    return [
      {
        place: { kind: "group", name: "dev" },
        from: "poetry",
        requirements: legacy.map(({ requirement }) => requirement),
        optional: false,
      },
      ...groups,
    ];
  }

  /** `[tool.poetry.extras]`: names of optional dependencies. */
  #extras(dependencies: readonly PoetryRequirement[]): PyprojectGroup[] {
    const at = [...root, "extras"];
    const value = own(this.#table, "extras");
    if (value === undefined) return [];
    return Object.entries(this.#context.places.table(value, at)).map(([name, list]): PyprojectGroup => {
      const names = new Set(listOfTexts(list, [...at, name], this.#context.places).map((text) => tryNormalizeName(text)));
      const requirements = dependencies
        .filter(({ requirement }) => names.has(requirement.requirement.name))
        .map(({ requirement }) => requirement);
      return { place: { kind: "extra", name }, from: "poetry", requirements, optional: false };
    });
  }

  #dependencies(path: readonly string[]): TomlTable {
    let table: TomlTable = this.#table;
    for (let length = root.length + 1; length <= path.length; length += 1) {
      const value = own(table, path[length - 1] ?? "");
      if (value === undefined) return {};
      table = this.#context.places.table(value, path.slice(0, length));
    }
    return table;
  }

  #requirements(path: readonly string[]): PoetryRequirement[] {
    return Object.entries(this.#dependencies(path)).flatMap(([key, value]) => {
      if (key === "python") return [];
      const at = [...path, key];
      const name = tryNormalizeName(key);
      if (name === undefined)
        throw this.#context.places.error(at, { message: `has a dependency called ${excerpt(key)}, which is no name` });
      const values = isTomlArray(value) ? value : [value];
      return values.map((one) => this.#requirement({ key, name, at }, one));
    });
  }

  #requirement(named: Named, value: TomlValue): PoetryRequirement {
    const { key, name, at } = named;
    if (typeof value !== "string" && !isTomlTable(value))
      throw this.#context.places.error(at, { message: `has ${kindOf(value)} for ${excerpt(key)}`, hint: `Write ${key} = "^1.0"` });
    const table: TomlTable = typeof value === "string" ? { version: value } : value;
    const text = (word: string): string | undefined => {
      const found = own(table, word);
      return typeof found === "string" ? found : undefined;
    };
    const origin = originIn(text);
    const marker = this.#marker(text, at);
    return {
      isOptional: own(table, "optional") === true,
      requirement: {
        requirement: {
          name,
          rawName: key,
          extras: this.#extraNames(table, at),
          specifiers: origin.kind === "index" ? this.#constraint(text("version") ?? "*", at) : anySpecifiers,
          ...(marker === undefined ? {} : { marker }),
        },
        origin,
        editable: own(table, "develop") === true,
        index: text("source"),
        prereleases: own(table, "allow-prereleases") === true,
        ...this.#context.places.position(at),
      },
    };
  }

  #extraNames(table: TomlTable, at: readonly string[]): NormalizedName[] {
    return listOfTexts(own(table, "extras"), [...at, "extras"], this.#context.places).flatMap((extra) => tryNormalizeName(extra) ?? []);
  }

  #marker(text: (key: string) => string | undefined, at: readonly string[]): Marker | undefined {
    const parts: string[] = [];
    const [python, platform, markers] = [text("python"), text("platform"), text("markers")];
    if (python !== undefined) parts.push(...pythonMarkers(this.#constraint(python, at)));
    if (platform !== undefined) parts.push(`sys_platform == '${platform}'`);
    if (markers !== undefined) parts.push(markers);
    try {
      return parts.length === 0 ? undefined : andMarkers(...parts.map((part) => parseMarker(part)));
    } catch (error) {
      if (!isPenError(error)) throw error;
      throw this.#context.places.error(at, { message: "has a marker that cannot be understood", why: error.why, hint: error.hint });
    }
  }

  #constraint(text: string, at: readonly string[]): SpecifierSet {
    const found = readConstraint(text);
    if (found === undefined)
      throw this.#context.places.error(at, {
        message: `has a version constraint that cannot be understood: ${excerpt(text)}`,
        hint: 'Write "^1.2" or ">=1.2,<2"',
      });
    if (found.isCut)
      this.#context.warn(at, `${excerpt(text)} has alternatives, for which PEP 440 has no words; only the last one is taken.`);
    return found.specifiers;
  }
}

interface Named {
  readonly key: string;
  readonly name: NormalizedName;
  readonly at: readonly string[];
}

interface PoetryRequirement {
  readonly isOptional: boolean;
  readonly requirement: PyprojectRequirement;
}

/** With where poetry's table says that a package comes from. */
function enriched(group: PyprojectGroup, dependencies: readonly PoetryRequirement[]): PyprojectGroup {
  const places = new Map(dependencies.map(({ requirement }) => [requirement.requirement.name, requirement]));
  return {
    ...group,
    requirements: group.requirements.map((one) => {
      const place = places.get(one.requirement.name);
      if (place === undefined) return one;
      const more = { editable: place.editable, index: place.index, prereleases: place.prereleases };
      if (place.origin.kind === "index") return { ...one, ...more };
      const { url: _, ...bare } = one.requirement;
      return { ...one, ...more, origin: place.origin, requirement: { ...bare, specifiers: anySpecifiers } };
    }),
  };
}

function originIn(text: (key: string) => string | undefined): PipfileOrigin {
  const [git, url, path] = [text("git"), text("url"), text("path") ?? text("file")];
  if (git !== undefined)
    return repository("git", git, { ref: text("rev") ?? text("tag") ?? text("branch"), subdirectory: text("subdirectory") });
  if (url !== undefined) return { kind: "file", url };
  return path === undefined ? { kind: "index" } : { kind: "path", path };
}

/** Poetry's `python = ">=3.8"` of one dependency. */
function pythonMarkers({ specifiers }: SpecifierSet): string[] {
  return specifiers.map((specifier) => {
    const version = specifierText(specifier).slice(specifier.operator.length);
    const variable = version.replace(/\.\*$/, "").split(".").length > 2 ? "python_full_version" : "python_version";
    return `${variable} ${specifier.operator} '${version}'`;
  });
}
