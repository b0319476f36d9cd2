import { isPenError, printableLine } from "#foundation";
import { parseSpecifiers, tryNormalizeName, type SpecifierSet } from "#standards";
import { TomlPlaces } from "../toml/places.ts";
import { isTomlArray, isTomlTable, kindOf, own, readToml, type TomlTable, type TomlValue } from "../toml/reading.ts";
import { listOfTexts, parsed, type ReadingContext } from "./context.ts";
import { PoetryReader } from "./poetry.ts";
import type { Pyproject, PyprojectGroup, PyprojectPlace, PyprojectRequirement, PyprojectWarning } from "./types.ts";
import { UvReader } from "./uv.ts";

/**
 * Reads the requirements of a pyproject.toml: `[project]` (PEP 621), `[dependency-groups]` (PEP 735), and what poetry (`[tool.poetry]`) and uv
 * (`[tool.uv]`) write beside them or instead. What cannot be said in PEP 508 is in the values (repositories, paths, indexes) or a warning. Errors:
 * `INVALID_PROJECT` with line, column and the line with a caret.
 */
export function parsePyproject(text: string, path: string): Pyproject {
  const source = { path, text: text.replace(/^\ufeff/, "") };
  const raw = readToml(source);
  return new PyprojectReader(raw, new TomlPlaces(source)).read({ path, text });
}

class PyprojectReader {
  readonly #raw: TomlTable;
  readonly #places: TomlPlaces;
  readonly #warnings: PyprojectWarning[] = [];
  readonly #uv: UvReader;
  readonly #poetry: PoetryReader;

  constructor(raw: TomlTable, places: TomlPlaces) {
    this.#raw = raw;
    this.#places = places;
    const context: ReadingContext = {
      places,
      warn: (at, message) => {
        this.#warnings.push({ message, line: places.position(at).line });
      },
    };
    const tools = this.#table(raw, ["tool"]) ?? {};
    this.#uv = new UvReader(this.#table(tools, ["tool", "uv"]), context);
    this.#poetry = new PoetryReader(this.#table(tools, ["tool", "poetry"]), context);
  }

  read({ path, text }: Pick<Pyproject, "path" | "text">): Pyproject {
    const project = this.#table(this.#raw, ["project"]) ?? {};
    const requires = this.#text(project, ["project", "requires-python"]);
    const [main, ...extras] = this.#projectGroups(project);
    return {
      path,
      text,
      name: this.#text(project, ["project", "name"]) ?? this.#poetry.text("name"),
      version: this.#text(project, ["project", "version"]) ?? this.#poetry.text("version"),
      description: this.#text(project, ["project", "description"]) ?? this.#poetry.text("description"),
      requiresPython: requires === undefined ? this.#poetry.requiresPython() : this.#specifiers(requires),
      dynamic: this.#texts(own(project, "dynamic"), ["project", "dynamic"]),
      groups: this.#poetry.join(main, [...extras, ...this.#dependencyGroups(), ...this.#uv.groups()]),
      indexes: [...this.#uv.indexes(), ...this.#poetry.indexes()],
      warnings: this.#warnings,
      raw: this.#raw,
    };
  }

  #projectGroups(project: TomlTable): [PyprojectGroup, ...PyprojectGroup[]] {
    const at = ["project", "dependencies"];
    const main = this.#group({ kind: "main" }, this.#texts(own(project, "dependencies"), at), at);
    const extras = this.#table(project, ["project", "optional-dependencies"]) ?? {};
    return [
      main,
      ...Object.entries(extras).map(([name, list]) => {
        const here = ["project", "optional-dependencies", name];
        return this.#group({ kind: "extra", name }, this.#texts(list, here), here);
      }),
    ];
  }

  #dependencyGroups(): PyprojectGroup[] {
    const table = this.#table(this.#raw, ["dependency-groups"]) ?? {};
    const known = new Map<string, { readonly name: string; readonly items: readonly TomlValue[] }>();
    for (const [name, items] of Object.entries(table)) {
      const at = ["dependency-groups", name];
      const key = tryNormalizeName(name);
      if (key === undefined) throw this.#places.error(at, { message: `has a group called ${printableLine(name)}, which is no name` });
      if (known.has(key)) throw this.#places.error(at, { message: `has two groups called ${key}`, hint: "Join them." });
      if (!isTomlArray(items))
        throw this.#places.error(at, { message: `has ${kindOf(items)} as the group ${key}`, hint: `Write ${key} = ["…"]` });
      known.set(key, { name, items });
    }
    return [...known].map(([key, { name }]) => ({
      place: { kind: "group", name },
      from: "standard",
      requirements: this.#groupItems(known, key, []),
      optional: false,
    }));
  }

  #groupItems(
    known: ReadonlyMap<string, { readonly name: string; readonly items: readonly TomlValue[] }>,
    key: string,
    above: readonly string[],
  ): PyprojectRequirement[] {
    const group = known.get(key);
    const at = ["dependency-groups", known.get(above.at(-1) ?? key)?.name ?? key];
    if (group === undefined) throw this.#places.error(at, { message: `includes a group ${printableLine(key)} that it does not have` });
    if (above.includes(key))
      throw this.#places.error(at, { message: `has a group ${key} that includes itself: ${[...above, key].join(" → ")}` });
    return group.items.flatMap((item) => {
      if (typeof item === "string") return [this.#requirement(item, ["dependency-groups", group.name])];
      const included = isTomlTable(item) && Object.keys(item).length === 1 ? own(item, "include-group") : undefined;
      if (typeof included !== "string")
        throw this.#places.error(["dependency-groups", group.name], {
          message: `has something in the group ${key} that is neither a requirement nor {include-group = "…"}`,
        });
      return this.#groupItems(known, tryNormalizeName(included) ?? included, [...above, key]);
    });
  }

  #group(place: PyprojectPlace, texts: readonly string[], at: readonly string[]): PyprojectGroup {
    return { place, from: "standard", requirements: texts.map((text) => this.#requirement(text, at)), optional: false };
  }

  #requirement(text: string, at: readonly string[]): PyprojectRequirement {
    return this.#uv.placed(parsed(text, at, this.#places), this.#places.position(at));
  }

  #specifiers(text: string): SpecifierSet {
    try {
      return parseSpecifiers(text);
    } catch (error) {
      if (!isPenError(error)) throw error;
      throw this.#places.error(["project", "requires-python"], {
        message: "has a requires-python that cannot be understood",
        why: error.why,
        hint: error.hint,
      });
    }
  }

  #table(parent: TomlTable, path: readonly string[]): TomlTable | undefined {
    const value = own(parent, path.at(-1) ?? "");
    return value === undefined ? undefined : this.#places.table(value, path);
  }

  #text(parent: TomlTable, path: readonly string[]): string | undefined {
    const value = own(parent, path.at(-1) ?? "");
    if (value === undefined || typeof value === "string") return value;
    throw this.#places.error(path, { message: `has ${kindOf(value)} as ${path.join(".")}`, hint: `Write ${path.at(-1) ?? ""} = "…"` });
  }

  #texts(value: TomlValue | undefined, path: readonly string[]): readonly string[] {
    return listOfTexts(value, path, this.#places);
  }
}
