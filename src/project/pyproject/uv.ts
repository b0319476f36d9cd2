import { andMarkers, anySpecifiers, parseMarker, tryNormalizeName, type Marker, type Requirement } from "#standards";
import { isPenError } from "#foundation";
import { repository } from "../pipfile/repositories.ts";
import type { PipfileOrigin } from "../pipfile/types.ts";
import { isTomlArray, own, type TomlTable, type TomlValue } from "../toml/reading.ts";
import { originOf } from "./origins.ts";
import { listOfTexts, parsed, type ReadingContext } from "./context.ts";
import type { PyprojectGroup, PyprojectIndex, PyprojectRequirement } from "./types.ts";

interface Position {
  readonly line: number;
  readonly column: number;
}

/** `[tool.uv]`: indexes, where single packages come from, and development dependencies of before PEP 735. */
export class UvReader {
  readonly #table: TomlTable;
  readonly #context: ReadingContext;
  readonly #sources: ReadonlyMap<string, { readonly key: string; readonly value: TomlValue }>;

  constructor(table: TomlTable | undefined, context: ReadingContext) {
    this.#table = table ?? {};
    this.#context = context;
    const sources = own(this.#table, "sources");
    const named = sources === undefined ? {} : context.places.table(sources, ["tool", "uv", "sources"]);
    this.#sources = new Map(Object.entries(named).map(([key, value]) => [tryNormalizeName(key) ?? key, { key, value }]));
    for (const key of ["constraint-dependencies", "override-dependencies"])
      if (own(this.#table, key) !== undefined) context.warn(["tool", "uv", key], `${key} of [tool.uv] has no counterpart and is left out.`);
  }

  /** `dev-dependencies`, as the group `dev`. */
  groups(): PyprojectGroup[] {
    const at = ["tool", "uv", "dev-dependencies"];
    const value = own(this.#table, "dev-dependencies");
    if (value === undefined) return [];
    const texts = listOfTexts(value, at, this.#context.places);
    const position = this.#context.places.position(at);
    const requirements = texts.map((text) => this.placed(parsed(text, at, this.#context.places), position));
    return [{ place: { kind: "group", name: "dev" }, from: "uv", requirements, optional: false }];
  }

  indexes(): PyprojectIndex[] {
    const value = own(this.#table, "index");
    const at = ["tool", "uv", "index"];
    if (value === undefined) return [];
    if (!isTomlArray(value))
      throw this.#context.places.error(at, { message: "has a tool.uv.index that is no list", hint: "Write [[tool.uv.index]]." });
    return value.map((item, index) => {
      const here = [...at, String(index)];
      const table = this.#context.places.table(item, here, "Write [[tool.uv.index]].");
      const url = own(table, "url");
      if (typeof url !== "string") throw this.#context.places.error(here, { message: "has an index of uv without a url" });
      const name = own(table, "name");
      return {
        name: typeof name === "string" ? name : `index-${index + 1}`,
        url,
        isDefault: own(table, "default") === true,
        isExplicit: own(table, "explicit") === true,
      };
    });
  }

  /** A requirement with what `[tool.uv.sources]` says of its package. */
  placed(requirement: Requirement, position: Position): PyprojectRequirement {
    const plain = { ...originOf(requirement), editable: false, index: undefined, prereleases: false, ...position };
    const source = this.#sources.get(requirement.name);
    if (source === undefined) return plain;
    const at = ["tool", "uv", "sources", source.key];
    let { value } = source;
    if (isTomlArray(value)) {
      if (value.length > 1) this.#context.warn(at, `${source.key} has several sources in [tool.uv.sources]; only the first is taken.`);
      value = value[0] ?? {};
    }
    const table = this.#context.places.table(value, at);
    const text = (key: string): string | undefined => {
      const found = own(table, key);
      return typeof found === "string" ? found : undefined;
    };
    const marker = this.#marker(text("marker"), at);
    const marked = marker === undefined ? requirement : { ...requirement, marker: andMarkers(requirement.marker, marker) };
    if (text("index") !== undefined) return { ...plain, requirement: marked, index: text("index") };
    const origin = originIn(text);
    if (origin === undefined) {
      const what = own(table, "workspace") === true ? "is a member of a workspace" : "has a source that pen does not know";
      this.#context.warn(at, `${source.key} ${what}; it is taken from the index.`);
      return plain;
    }
    const { url: _, ...bare } = marked;
    return { ...plain, requirement: { ...bare, specifiers: anySpecifiers }, origin, editable: own(table, "editable") === true };
  }

  #marker(text: string | undefined, at: readonly string[]): Marker | undefined {
    if (text === undefined) return undefined;
    try {
      return parseMarker(text);
    } catch (error) {
      if (!isPenError(error)) throw error;
      throw this.#context.places.error(at, { message: "has a marker that cannot be understood", why: error.why, hint: error.hint });
    }
  }
}

function originIn(text: (key: string) => string | undefined): PipfileOrigin | undefined {
  const [git, url, path] = [text("git"), text("url"), text("path")];
  if (git !== undefined)
    return repository("git", git, { ref: text("rev") ?? text("tag") ?? text("branch"), subdirectory: text("subdirectory") });
  if (url !== undefined) return { kind: "file", url };
  return path === undefined ? undefined : { kind: "path", path };
}
