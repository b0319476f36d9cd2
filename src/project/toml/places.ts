import { closest, type PenError } from "#foundation";
import { inlinePairs, tomlLayout, type TomlRange, type TomlSection } from "./layout.ts";
import { isTomlTable, kindOf, placedError, type PlacedFault, type TomlSource, type TomlTable, type TomlValue } from "./reading.ts";

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
  #lines: readonly number[] | undefined;

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

  /** Whether a key is written with dots, like `a.b = 1`. */
  isDotted(path: readonly string[]): boolean {
    return this.sections.some((section) =>
      section.pairs.some(
        (pair) =>
          pair.path.length > 1 &&
          section.path.length + pair.path.length === path.length &&
          keyOf([...section.path, ...pair.path]) === keyOf(path),
      ),
    );
  }

  position(path: readonly string[]): { readonly line: number; readonly column: number } {
    const lines = (this.#lines ??= lineStarts(this.source.text));
    const offset = this.offset(path);
    let [low, high] = [0, lines.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((lines[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (lines[low] ?? 0) + 1 };
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

/** No key that pen reads lies deeper. */
const deepest = 8;

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

const keyOf = (path: readonly string[]): string => path.join("\0");

function indexOf(text: string, sections: readonly TomlSection[]): Map<string, TomlRange> {
  const index = new Map<string, TomlRange>();
  const add = (path: readonly string[], range: TomlRange): void => {
    // A table may be known by its sub-tables alone: `[packages.requests]`.
    for (let length = Math.min(path.length, deepest); length > 0; length -= 1) {
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
