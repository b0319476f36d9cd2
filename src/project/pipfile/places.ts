import { closest, type PenError } from "#foundation";
import { inlinePairs, tomlLayout, type TomlRange, type TomlSection } from "../toml/layout.ts";
import {
  isTomlTable,
  kindOf,
  placedError,
  positionOf,
  type PlacedFault,
  type TomlSource,
  type TomlTable,
  type TomlValue,
} from "../toml/reading.ts";

/** Notes something that is passed over. */
export type WarnAt = (at: readonly string[], message: string, hint?: string) => void;

/** A hint for a word that is not known. */
export function didYouMean(word: string, known: Iterable<string>): string | undefined {
  const near = closest(word, known);
  return near === undefined ? undefined : `Did you mean ${near}?`;
}

/** Knows where the keys of a file stand. */
export class TomlPlaces {
  readonly source: TomlSource;
  #sections: readonly TomlSection[] | undefined;
  #index: Map<string, TomlRange> | undefined;

  constructor(source: TomlSource) {
    this.source = source;
  }

  get sections(): readonly TomlSection[] {
    return (this.#sections ??= tomlLayout(this.source.text));
  }

  /** Where a key (or the header of a table) stands. A key that the file does not hold stands where its table does. */
  offset(path: readonly string[]): number {
    this.#index ??= indexOf(this.source.text, this.sections);
    for (let length = path.length; length > 0; length -= 1) {
      const range = this.#index.get(keyOf(path.slice(0, length)));
      if (range !== undefined) return range.start;
    }
    return 0;
  }

  position(path: readonly string[]): { readonly line: number; readonly column: number } {
    return positionOf(this.source.text, this.offset(path));
  }

  error(path: readonly string[], fault: Omit<PlacedFault, "offset">): PenError {
    return placedError(this.source, { ...fault, offset: this.offset(path) });
  }

  /** The table at a place of the document. */
  table(value: TomlValue, path: readonly string[], hint?: string): TomlTable {
    if (isTomlTable(value)) return value;
    throw this.error(path, {
      message: `has ${kindOf(value)} where ${path.join(".")} must be a table`,
      hint: hint ?? `Write [${path.join(".")}] on a line of its own.`,
    });
  }
}

const keyOf = (path: readonly string[]): string => path.join("\0");

function indexOf(text: string, sections: readonly TomlSection[]): Map<string, TomlRange> {
  const index = new Map<string, TomlRange>();
  const add = (path: readonly string[], range: TomlRange): void => {
    // A table may be known by its sub-tables alone: `[packages.requests]`.
    for (let length = path.length; length > 0; length -= 1) {
      const key = keyOf(path.slice(0, length));
      if (index.has(key)) return;
      index.set(key, range);
    }
  };
  const counts = new Map<string, number>();
  for (const section of sections) {
    const base = [...section.path];
    if (section.kind === "array") {
      const key = keyOf(base);
      const count = counts.get(key) ?? 0;
      counts.set(key, count + 1);
      base.push(String(count));
    }
    if (section.kind !== "root") add(base, section.header);
    for (const pair of section.pairs) {
      const path = [...base, ...pair.path];
      add(path, pair.key);
      if (text[pair.value.start] === "{") for (const inner of inlinePairs(text, pair.value)) add([...path, ...inner.path], inner.key);
    }
  }
  return index;
}
