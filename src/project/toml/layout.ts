import { parse } from "smol-toml";

/**
 * Where everything stands in a TOML document: what an edit needs to touch one value and leave every other byte alone. It reads text that
 * is known to be valid (`readToml` was there before), in one pass and without recursion.
 */

/** A half-open range of the text. */
export interface TomlRange {
  readonly start: number;
  readonly end: number;
}

/** `key = value`. */
export interface TomlPair {
  /** The parts of a dotted key, unquoted. */
  readonly path: readonly string[];
  readonly key: TomlRange;
  readonly value: TomlRange;
}

/** `[name]` or `[[name]]` with the pairs below it; the first one of a document has no header and the empty path. */
export interface TomlSection {
  readonly kind: "root" | "table" | "array";
  readonly path: readonly string[];
  /** From the first to the last bracket; empty for the root. */
  readonly header: TomlRange;
  readonly pairs: readonly TomlPair[];
}

/** The sections of a valid document, in its order. */
export function tomlLayout(text: string): TomlSection[] {
  const scanner = new Scanner(text, text.startsWith("\ufeff") ? 1 : 0);
  let pairs: TomlPair[] = [];
  const sections: TomlSection[] = [{ kind: "root", path: [], header: { start: scanner.at, end: scanner.at }, pairs }];
  for (;;) {
    scanner.skipBlank();
    if (scanner.atEnd()) return sections;
    if (text[scanner.at] === "[") {
      const start = scanner.at;
      const kind = text[start + 1] === "[" ? "array" : "table";
      scanner.at += kind === "array" ? 2 : 1;
      const path = scanner.keyPath();
      scanner.at += kind === "array" ? 2 : 1;
      pairs = [];
      sections.push({ kind, path, header: { start, end: scanner.at }, pairs });
    } else pairs.push(scanner.pair());
  }
}

/** The pairs of an inline table, whose braces `value` includes. */
export function inlinePairs(text: string, value: TomlRange): TomlPair[] {
  const scanner = new Scanner(text, value.start + 1);
  const pairs: TomlPair[] = [];
  for (;;) {
    scanner.skipBlank();
    if (text[scanner.at] === ",") scanner.at += 1;
    else if (scanner.at >= value.end - 1) return pairs;
    else pairs.push(scanner.pair());
  }
}

/** The items of an array, whose brackets `value` includes. */
export function arrayItems(text: string, value: TomlRange): TomlRange[] {
  const scanner = new Scanner(text, value.start + 1);
  const items: TomlRange[] = [];
  for (;;) {
    scanner.skipBlank();
    if (text[scanner.at] === ",") scanner.at += 1;
    else if (scanner.at >= value.end - 1) return items;
    else items.push(scanner.value());
  }
}

const bareKey = /[A-Za-z0-9_-]+/y;

class Scanner {
  readonly #text: string;
  at: number;

  constructor(text: string, at: number) {
    this.#text = text;
    this.at = at;
  }

  atEnd(): boolean {
    return this.at >= this.#text.length;
  }

  /** Past white space, line ends and comments. */
  skipBlank(): void {
    for (;;) {
      this.#skipAll(" \t\r\n");
      if (this.#text[this.at] !== "#") return;
      const end = this.#text.indexOf("\n", this.at);
      this.at = end < 0 ? this.#text.length : end + 1;
    }
  }

  /** key "=" value */
  pair(): TomlPair {
    const start = this.at;
    const path = this.keyPath();
    const key = { start, end: this.#keyEnd };
    this.at += 1;
    this.#skipAll(" \t");
    return { path, key, value: this.value() };
  }

  #keyEnd = 0;

  /** A dotted key; stops before what follows the space behind it. */
  keyPath(): string[] {
    const path: string[] = [];
    for (;;) {
      this.#skipAll(" \t");
      path.push(this.#keyPart());
      this.#keyEnd = this.at;
      this.#skipAll(" \t");
      if (this.#text[this.at] !== ".") return path;
      this.at += 1;
    }
  }

  #keyPart(): string {
    const quote = this.#text[this.at];
    if (quote === '"' || quote === "'") {
      const start = this.at;
      this.#skipString();
      return textOf(this.#text.slice(start, this.at));
    }
    bareKey.lastIndex = this.at;
    const word = bareKey.exec(this.#text)?.[0] ?? "";
    this.at += word.length;
    return word;
  }

  /** A value of any kind, from here. */
  value(): TomlRange {
    const start = this.at;
    let depth = 0;
    do {
      if (depth > 0) this.skipBlank();
      const char = this.#text[this.at];
      if (char === '"' || char === "'") this.#skipString();
      else if (char === "[" || char === "{") {
        depth += 1;
        this.at += 1;
      } else if (char === "]" || char === "}") {
        depth -= 1;
        this.at += 1;
      } else if (depth > 0) this.at += 1;
      else return this.#scalar(start);
    } while (depth > 0 && !this.atEnd());
    return { start, end: this.at };
  }

  /** A number, a date, true or false: to the comma, bracket, comment or end of the line. */
  #scalar(start: number): TomlRange {
    while (!this.atEnd() && !",]}#\r\n".includes(this.#text[this.at] ?? "")) this.at += 1;
    let end = this.at;
    while (end > start && " \t".includes(this.#text[end - 1] ?? "")) end -= 1;
    this.at = end;
    return { start, end };
  }

  #skipString(): void {
    const quote = this.#text[this.at] ?? "";
    const isLong = this.#text.startsWith(quote.repeat(3), this.at);
    const close = isLong ? quote.repeat(3) : quote;
    this.at += close.length;
    while (!this.atEnd() && !this.#text.startsWith(close, this.at)) this.at += quote === '"' && this.#text[this.at] === "\\" ? 2 : 1;
    this.at += close.length;
    // A long text may end with one or two quotes of its own.
    for (let extra = 0; isLong && extra < 2 && this.#text[this.at] === quote; extra += 1) this.at += 1;
  }

  #skipAll(chars: string): void {
    while (!this.atEnd() && chars.includes(this.#text[this.at] ?? "")) this.at += 1;
  }
}

/** A quoted key is written like a text. */
function textOf(quoted: string): string {
  const { key } = parse(`key = ${quoted}`);
  return typeof key === "string" ? key : "";
}
