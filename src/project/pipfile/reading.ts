import { parseSpecifiers, type SpecifierSet } from "#standards";
import { excerpt, isPenError, type JsonValue } from "#foundation";
import { isTomlArray, isTomlTable, kindOf, own, readToml, type TomlTable, type TomlValue } from "../toml/reading.ts";
import { readCategory } from "./entries.ts";
import { didYouMean, TomlPlaces, type WarnAt } from "../toml/places.ts";
import { readScript } from "./scripts.ts";
import { readSettings } from "./settings.ts";
import type { Pipfile, PipfileEntry, PipfileRequires, PipfileScript, PipfileSource, PipfileWarning } from "./types.ts";

/** The tables of a Pipfile that hold no packages. */
const ownTables: ReadonlySet<string> = new Set(["source", "requires", "scripts", "pipenv", "pipfile", "build-system"]);

/** What a lock calls the two categories of every Pipfile; as tables of a Pipfile they would not be read. */
const lockNames: ReadonlyMap<string, string> = new Map([
  ["default", "packages"],
  ["develop", "dev-packages"],
]);

/**
 * Reads a Pipfile and checks all of it. Errors: `INVALID_PROJECT` with line, column and the line with a caret, for TOML that is none, values of
 * the wrong kind, keys of an entry that Pipfiles do not have, two entries for one name, specifiers and markers that cannot be understood.
 * Unknown keys of `[pipenv]` and `[requires]` are warnings. With `entries: false` the categories are neither read nor checked and stay empty: for
 * commands that only run something, where every millisecond is felt.
 */
export function parsePipfile(text: string, path: string, { entries = true }: { readonly entries?: boolean } = {}): Pipfile {
  const source = { path, text: text.replace(/^\ufeff/, "") };
  const raw = readToml(source);
  const places = new TomlPlaces(source);
  const warnings: PipfileWarning[] = [];
  const warn = (at: readonly string[], message: string, hint?: string): void => {
    warnings.push({ message, hint, line: places.position(at).line });
  };
  return {
    path,
    text,
    raw,
    sources: readSources(raw["source"], places),
    requires: readRequires(raw["requires"], places, warn),
    categories: entries ? readCategories(raw, places) : new Map(),
    scripts: readScripts(raw["scripts"], places),
    settings: readSettings(raw["pipenv"], places, warn),
    buildRequires: readBuildRequires(raw["build-system"], places),
    warnings,
  };
}

function readSources(value: TomlValue | undefined, places: TomlPlaces): PipfileSource[] {
  if (value === undefined) return [];
  if (!isTomlArray(value))
    throw places.error(["source"], { message: `has ${kindOf(value)} called source`, hint: "Write [[source]], with two brackets." });
  const seen = new Set<string>();
  return value.map((item, at) => {
    const here = ["source", String(at)];
    const table = places.table(item, here, "Write [[source]] on a line of its own, and name, url and verify_ssl below it.");
    const text = (key: string): string => {
      const found = own(table, key);
      if (typeof found === "string" && found !== "") return found;
      throw places.error([...here, key], {
        message: found === undefined ? `has a source without ${key}` : `has a source whose ${key} is no text`,
        hint: 'A source has the lines name = "…", url = "https://…" and verify_ssl = true.',
      });
    };
    const [name, url, verify] = [text("name"), text("url"), own(table, "verify_ssl")];
    if (seen.has(name))
      throw places.error([...here, "name"], { message: `names two sources ${excerpt(name)}`, hint: "Give each source a name of its own." });
    seen.add(name);
    if (verify !== undefined && typeof verify !== "boolean")
      throw places.error([...here, "verify_ssl"], {
        message: "has a verify_ssl that is neither true nor false",
        hint: "Write verify_ssl = true",
      });
    return { name, url, verifySsl: verify ?? url.includes("https://") };
  });
}

function readRequires(value: TomlValue | undefined, places: TomlPlaces, warn: WarnAt): PipfileRequires {
  if (value === undefined) return { specifiers: { specifiers: [] }, raw: {} };
  const table = places.table(value, ["requires"]);
  for (const key of Object.keys(table))
    if (key !== "python_version" && key !== "python_full_version")
      warn(
        ["requires", key],
        `[requires] knows no key ${excerpt(key)}; it is passed over.`,
        didYouMean(key, ["python_version", "python_full_version"]),
      );
  const version = (key: string): { readonly written: string; readonly specifiers: SpecifierSet } | undefined => {
    const found = own(table, key);
    if (found === undefined || found === "" || found === "*") return undefined;
    const hint = `Write ${key} = "${key === "python_version" ? "3.12" : "3.12.4"}"`;
    if (typeof found !== "string") throw places.error(["requires", key], { message: `has a ${key} that is no text`, hint });
    const specifiers = pythonSpecifiers(found);
    if (specifiers === undefined)
      throw places.error(["requires", key], { message: `asks for a Python that cannot be: ${excerpt(found)}`, hint });
    return { written: found, specifiers };
  };
  const [full, short] = [version("python_full_version"), version("python_version")];
  return {
    ...(short === undefined ? {} : { pythonVersion: short.written }),
    ...(full === undefined ? {} : { pythonFullVersion: full.written }),
    specifiers: (full ?? short)?.specifiers ?? { specifiers: [] },
    raw: jsonTable(table),
  };
}

/** `3.11` is every 3.11, `3.11.4` only that one; specifiers are what they are. Undefined for what is neither. */
function pythonSpecifiers(text: string): SpecifierSet | undefined {
  const bare = /^\s*(\d{1,3}(?:\.\d{1,5}){0,2})((?:a|b|rc)\d{1,3}|-dev)?(\.\*)?\s*$/.exec(text);
  const [, release = "", suffix = ""] = bare ?? [];
  const isWhole = release.split(".").length === 3;
  try {
    return parseSpecifiers(bare === null ? text : isWhole ? `==${release}${suffix}` : `==${release}.*`);
  } catch (error) {
    if (isPenError(error)) return undefined;
    throw error;
  }
}

function readCategories(raw: TomlTable, places: TomlPlaces): Map<string, readonly PipfileEntry[]> {
  const categories = new Map<string, readonly PipfileEntry[]>([
    ["packages", []],
    ["dev-packages", []],
  ]);
  for (const [name, value] of Object.entries(raw)) {
    if (ownTables.has(name)) continue;
    const real = lockNames.get(name) ?? (name === "sources" ? "source" : undefined);
    if (real !== undefined)
      throw places.error([name], {
        message: `has a table called ${name}, which no Pipfile has`,
        hint: name === "sources" ? "Write [[source]]." : `Only Pipfile.lock calls it so: write [${real}].`,
      });
    if (!isTomlTable(value))
      throw places.error([name], {
        message: `has ${kindOf(value)} called ${excerpt(name)} outside of the tables that Pipfiles have`,
        hint: `A category of packages is a table: [${name}]. Packages stand below [packages] or [dev-packages].`,
      });
    categories.set(name, readCategory(name, value, places));
  }
  return categories;
}

function readScripts(value: TomlValue | undefined, places: TomlPlaces): Map<string, PipfileScript> {
  const scripts = new Map<string, PipfileScript>();
  if (value === undefined) return scripts;
  for (const [name, script] of Object.entries(places.table(value, ["scripts"]))) scripts.set(name, readScript(name, script, places));
  return scripts;
}

function readBuildRequires(value: TomlValue | undefined, places: TomlPlaces): string[] {
  if (value === undefined) return [];
  const requires = own(places.table(value, ["build-system"]), "requires");
  if (requires === undefined) return [];
  if (isTomlArray(requires) && requires.every((item) => typeof item === "string")) return [...requires];
  throw places.error(["build-system", "requires"], {
    message: "has a build-system.requires that is no list of texts",
    hint: 'Write requires = ["setuptools>=40.8"]',
  });
}

function jsonTable(table: TomlTable): { readonly [key: string]: JsonValue } {
  return Object.fromEntries(Object.entries(table).map(([key, value]) => [key, jsonValue(value)]));
}

function jsonValue(value: TomlValue): JsonValue {
  if (typeof value === "bigint") return Number(value);
  if (value instanceof Date) return value.toISOString();
  if (isTomlArray(value)) return value.map(jsonValue);
  return isTomlTable(value) ? jsonTable(value) : value;
}
