import { excerpt, isPenError, printableLine } from "#foundation";
import {
  andMarkers,
  anySpecifiers,
  parseHash,
  parseMarker,
  parseSpecifiers,
  tryNormalizeName,
  type Marker,
  type NormalizedName,
  type SpecifierSet,
} from "#standards";
import { isTomlArray, isTomlTable, kindOf, own, type TomlTable, type TomlValue } from "../toml/reading.ts";
import { didYouMean, type TomlPlaces } from "../toml/places.ts";
import { isRepository, repository, versionSystems } from "./repositories.ts";
import type { PipfileEntry, PipfileOrigin } from "./types.ts";

const markerVariables = [
  "os_name",
  "sys_platform",
  "platform_machine",
  "platform_python_implementation",
  "platform_release",
  "platform_system",
  "platform_version",
  "python_version",
  "python_full_version",
  "implementation_name",
  "implementation_version",
] as const;

const entryKeys: readonly string[] = [
  ...versionSystems,
  ..."path file ref subdirectory version extras markers index editable no_binary hashes skip_resolver pip_args".split(" "),
  "name",
  "os_markers",
  ...markerVariables,
];

/** What people write who come from other tools. */
const foreignKeys: Readonly<Record<string, string>> = {
  commit: "ref",
  rev: "ref",
  branch: "ref",
  tag: "ref",
  marker: "markers",
  extra: "extras",
  url: "file",
  source: "index",
  develop: "editable",
};

/** The packages of a category. Errors: `INVALID_PROJECT`. */
export function readCategory(category: string, table: TomlTable, places: TomlPlaces): PipfileEntry[] {
  const seen = new Map<string, string>();
  return Object.entries(table).map(([key, value]) => {
    const entry = new EntryReader(category, key, places).read(value);
    const other = seen.get(entry.name);
    if (other !== undefined)
      throw places.error([category, key], {
        message: `names one package twice: ${excerpt(other)} and ${excerpt(key)} are the same`,
        hint: `Keep one of the two lines below [${category}].`,
      });
    seen.set(entry.name, key);
    return entry;
  });
}

class EntryReader {
  readonly #path: readonly [category: string, key: string];
  readonly #places: TomlPlaces;

  constructor(category: string, key: string, places: TomlPlaces) {
    this.#path = [category, key];
    this.#places = places;
  }

  read(value: TomlValue): PipfileEntry {
    const [, key] = this.#path;
    const name = tryNormalizeName(key);
    if (name === undefined)
      throw this.#fail([], `has an entry ${excerpt(key)}, which is no name of a package`, {
        hint: key.includes("[")
          ? `Extras go into the value: ${printableLine(key.split("[")[0] ?? "")} = {extras = ["…"], version = "*"}`
          : undefined,
      });
    const common = { key, name, ...this.#places.position(this.#path) };
    if (typeof value === "string") return { ...common, ...this.#fromText(value) };
    if (isTomlTable(value)) return { ...common, ...this.#fromTable(value) };
    throw this.#fail([], `has ${kindOf(value)} for ${excerpt(key)}`, {
      hint:
        typeof value === "number" || typeof value === "bigint"
          ? `Write the version in quotes: ${key} = "==${String(value)}"`
          : `Write ${key} = "*"`,
    });
  }

  #fromText(text: string): Omit<PipfileEntry, "key" | "name" | "line" | "column"> {
    const vcs = isRepository(text);
    const version = vcs === undefined ? this.#version(text, []) : { specifiers: anySpecifiers, marker: undefined };
    return {
      ...version,
      form: "text",
      extras: [],
      index: undefined,
      origin: vcs === undefined ? { kind: "index" } : repository(vcs, text, { ref: undefined, subdirectory: undefined }),
      editable: false,
      noBinary: false,
      hashes: [],
      skipResolver: false,
      pipArguments: [],
    };
  }

  #fromTable(table: TomlTable): Omit<PipfileEntry, "key" | "name" | "line" | "column"> {
    for (const key of Object.keys(table)) if (!entryKeys.includes(key)) throw this.#unknown(key);
    const version = this.#version(this.#text(table, "version") ?? "*", ["version"]);
    this.#checkName(table);
    return {
      form: "table",
      specifiers: version.specifiers,
      marker: this.#marker(table, version.marker),
      extras: this.#texts(table, "extras").map((extra) => this.#extra(extra)),
      index: this.#text(table, "index"),
      origin: this.#origin(table),
      editable: this.#flag(table, "editable"),
      noBinary: this.#flag(table, "no_binary"),
      hashes: this.#texts(table, "hashes").map((hash) => this.#hash(hash)),
      skipResolver: this.#flag(table, "skip_resolver"),
      pipArguments: this.#texts(table, "pip_args"),
    };
  }

  #origin(table: TomlTable): PipfileOrigin {
    const given = [...versionSystems, "path", "file"].filter((key) => own(table, key) !== undefined);
    const [place, second] = given;
    if (second !== undefined)
      throw this.#fail([second], `has both ${String(place)} and ${second} for ${this.#name()}`, { hint: "Keep one of them." });
    const [ref, subdirectory] = [this.#text(table, "ref"), this.#text(table, "subdirectory")];
    const vcs = versionSystems.find((one) => one === place);
    const stray = vcs === undefined ? (ref === undefined ? subdirectory && "subdirectory" : "ref") : undefined;
    if (stray)
      throw this.#fail([stray], `has a ${stray} for ${this.#name()}, which comes from no repository`, {
        hint: 'Name the repository: git = "https://…"',
      });
    if (place === undefined) return { kind: "index" };
    const text = this.#text(table, place) ?? "";
    if (text === "") throw this.#fail([place], `has an empty ${place} for ${this.#name()}`, {});
    for (const key of [place, "ref", "subdirectory"]) this.#checkPlace(table, key, vcs !== undefined);
    if (vcs !== undefined) return repository(vcs, text, { ref, subdirectory });
    return place === "path" ? { kind: "path", path: text } : { kind: "file", url: text };
  }

  /** What goes to the file system or to another program says only what it seems to say. */
  #checkPlace(table: TomlTable, key: string, isArgument: boolean): void {
    const text = this.#text(table, key) ?? "";
    if (/[\u0000-\u001f\u007f]/.test(text)) throw this.#fail([key], `has a ${key} of ${this.#name()} with a control character`, {});
    if (isArgument && text.startsWith("-")) throw this.#fail([key], `has a ${key} of ${this.#name()} that begins like an option`, {});
  }

  #version(text: string, at: readonly string[]): { readonly specifiers: SpecifierSet; readonly marker: Marker | undefined } {
    const semicolon = text.indexOf(";");
    const [before, behind] = semicolon < 0 ? [text, undefined] : [text.slice(0, semicolon), text.slice(semicolon + 1)];
    const bare = before
      .trim()
      .replace(/^\((.*)\)$/s, "$1")
      .trim();
    const marker = behind === undefined || behind.trim() === "" ? undefined : this.#parse(at, () => parseMarker(behind), "marker");
    if (bare === "" || bare === "*" || bare === "==*") return { specifiers: anySpecifiers, marker };
    const written = /^[0-9]/.test(bare) ? `==${bare}` : bare;
    return { specifiers: this.#parse(at, () => parseSpecifiers(written), "version"), marker };
  }

  #marker(table: TomlTable, inVersion: Marker | undefined): Marker | undefined {
    const parts: Marker[] = inVersion === undefined ? [] : [inVersion];
    for (const key of markerVariables) {
      const text = this.#text(table, key);
      if (text !== undefined) parts.push(this.#parse([key], () => parseMarker(`${key} ${text}`), "marker", `Write ${key} = "== 'value'"`));
    }
    for (const key of ["markers", "os_markers"]) {
      const text = this.#text(table, key);
      if (text !== undefined && text.trim() !== "") parts.push(this.#parse([key], () => parseMarker(text), "marker"));
    }
    return parts.length === 0 ? undefined : andMarkers(...parts);
  }

  #parse<T>(at: readonly string[], parse: () => T, what: string, hint?: string): T {
    try {
      return parse();
    } catch (error) {
      if (!isPenError(error)) throw error;
      throw this.#fail(at, `has a ${what} for ${this.#name()} that cannot be understood`, { why: error.why, hint: hint ?? error.hint });
    }
  }

  #extra(text: string): NormalizedName {
    const name = tryNormalizeName(text);
    if (name === undefined) throw this.#fail(["extras"], `has an extra ${excerpt(text)} for ${this.#name()}, which is no name`, {});
    return name;
  }

  #hash(text: string): string {
    try {
      parseHash(text);
    } catch (error) {
      if (!isPenError(error)) throw error;
      throw this.#fail(["hashes"], `has a hash for ${this.#name()} that is none: ${excerpt(text)}`, {
        hint: 'Write hashes = ["sha256:0123…"]',
      });
    }
    return text;
  }

  /** pipenv knows `name` and does not use it: it may not say something else than the key. */
  #checkName(table: TomlTable): void {
    const text = this.#text(table, "name");
    if (text !== undefined && tryNormalizeName(text) !== tryNormalizeName(this.#path[1]))
      throw this.#fail(["name"], `calls ${this.#name()} ${excerpt(text)} as well`, { hint: "The key is the name: remove name." });
  }

  #text(table: TomlTable, key: string): string | undefined {
    const found = own(table, key);
    if (found === undefined || typeof found === "string") return found;
    throw this.#fail([key], `has ${kindOf(found)} as ${key} of ${this.#name()}`, { hint: `Write ${key} = "…"` });
  }

  #flag(table: TomlTable, key: string): boolean {
    const found = own(table, key);
    if (found === undefined || typeof found === "boolean") return found ?? false;
    throw this.#fail([key], `has ${kindOf(found)} as ${key} of ${this.#name()}`, { hint: `Write ${key} = true` });
  }

  #texts(table: TomlTable, key: string): string[] {
    const found = own(table, key);
    if (found === undefined) return [];
    if (isTomlArray(found) && found.every((item) => typeof item === "string")) return [...found];
    throw this.#fail([key], `has a ${key} of ${this.#name()} that is no list of texts`, { hint: `Write ${key} = ["…"]` });
  }

  #unknown(key: string): Error {
    if (this.#places.isDotted([...this.#path, key]))
      return this.#fail([key], `has an unknown key ${excerpt(key)} for ${this.#name()}`, {
        hint: `A name with a dot stands in quotes: "${printableLine(`${this.#path[1]}.${key}`)}" = …`,
      });
    const foreign = Object.hasOwn(foreignKeys, key) ? foreignKeys[key] : undefined;
    return this.#fail([key], `has an unknown key ${excerpt(key)} for ${this.#name()}`, {
      hint:
        (foreign === undefined ? didYouMean(key, entryKeys) : `Pipfiles call it ${foreign}.`) ??
        `Known are ${entryKeys.slice(0, 17).join(", ")} and the variables of markers.`,
    });
  }

  #name(): string {
    return excerpt(this.#path[1]);
  }

  #fail(at: readonly string[], message: string, more: { readonly why?: string | undefined; readonly hint?: string | undefined }): Error {
    return this.#places.error([...this.#path, ...at], { message, ...more });
  }
}
