/** One statement of a `.env` file. */
export interface DotenvEntry {
  readonly key: string;
  /** Undefined for a key without `=`, which sets nothing. Its `${references}` are not filled in yet. */
  readonly value: string | undefined;
  /** From 1: where the statement begins, with the blank lines above it. */
  readonly line: number;
}

// What Python's `\s` means for texts, and the same without line ends.
const spaces = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const space = `[${spaces}]`;
const gap = `[${spaces.replace("\\t-\\r", "\\t\\v\\f")}]`;
const sticky = (source: string): RegExp => new RegExp(source, "y");

const patterns = {
  blank: sticky(`${space}*`),
  gap: sticky(`${gap}*`),
  export: sticky(`(?:export${gap}+)?`),
  quotedKey: sticky("'([^']+)'"),
  bareKey: sticky(`([^=#${spaces}]+)`),
  equals: sticky(`=(${gap}*)`),
  single: sticky(String.raw`'([^'\\]*(?:\\[^][^'\\]*)*)'`),
  double: sticky(String.raw`"([^"\\]*(?:\\[^][^"\\]*)*)"`),
  bareValue: sticky("([^\\n]*)"),
  comment: sticky(`(?:${gap}*#[^\\n]*)?`),
  end: sticky(`${gap}*(?:\\n|$)`),
  rest: sticky("[^\\n]*\\n?"),
};

/**
 * Reads a `.env` file as python-dotenv does: `KEY=value`, `export KEY=value`, quotes with escapes (both kinds over several lines), comments. What is
 * no statement is passed over to the end of its line, and `onFault` gets the line (from 1). Pure; never fails.
 */
export function parseDotenv(text: string, onFault: (line: number) => void = () => {}): DotenvEntry[] {
  // As a file read in Python's text mode.
  const reader = new Reader(text.replace(/^\ufeff/, "").replace(/\r\n?/g, "\n"));
  const entries: DotenvEntry[] = [];
  while (!reader.atEnd()) {
    const line = reader.line();
    const found = statement(reader);
    if (found === undefined) {
      reader.take(patterns.rest);
      onFault(line);
    } else if (found.key !== undefined) entries.push({ key: found.key, value: found.value, line });
  }
  return entries;
}

/** One statement, or a blank rest or a comment (without a key); undefined for what is neither. */
function statement(reader: Reader): { readonly key: string | undefined; readonly value: string | undefined } | undefined {
  reader.take(patterns.blank);
  if (reader.atEnd()) return { key: undefined, value: undefined };
  reader.take(patterns.export);
  let key: string | undefined;
  if (reader.peek() !== "#") {
    key = reader.take(reader.peek() === "'" ? patterns.quotedKey : patterns.bareKey)?.[1];
    if (key === undefined) return undefined;
  }
  reader.take(patterns.gap);
  let value: string | undefined;
  if (reader.peek() === "=") {
    const gap = reader.take(patterns.equals)?.[1] ?? "";
    // `KEY= # comment` is empty, `KEY=#value` is not.
    const found = gap !== "" && reader.peek() === "#" ? "" : readValue(reader);
    if (found === undefined) return undefined;
    value = found;
  }
  reader.take(patterns.comment);
  return reader.take(patterns.end) === undefined ? undefined : { key, value };
}

function readValue(reader: Reader): string | undefined {
  switch (reader.peek()) {
    case "'":
      return reader.take(patterns.single)?.[1]?.replace(/\\([\\'])/g, "$1");
    case '"':
      return reader.take(patterns.double)?.[1]?.replace(/\\([\\'"abfnrtv])/g, (_, char: string) => escapes[char] ?? char);
    case "":
    case "\n":
      return "";
    default:
      return bareText(reader.take(patterns.bareValue)?.[1] ?? "");
  }
}

const escapes: Readonly<Record<string, string>> = { a: "\u0007", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" };

/** Without the comment behind it and the space around that. */
function bareText(text: string): string {
  const comment = commentStart.exec(text);
  return (comment === null ? text : text.slice(0, comment.index)).replace(trailing, "");
}

const commentStart = new RegExp(`(?<!${space})${space}+#`);
const trailing = new RegExp(`(?<!${space})${space}+$`);

class Reader {
  readonly #text: string;
  #at = 0;
  #line = 1;
  #counted = 0;

  constructor(text: string) {
    this.#text = text;
  }

  atEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  peek(): string {
    return this.#text.charAt(this.#at);
  }

  /** What matches here, which is then behind the reader; undefined where nothing does. */
  take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found === null) return undefined;
    this.#at += found[0].length;
    return found;
  }

  line(): number {
    for (; this.#counted < this.#at; this.#counted += 1) if (this.#text[this.#counted] === "\n") this.#line += 1;
    return this.#line;
  }
}

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * The variables after a `.env` file: `env` with what the file sets, the later of two statements for one key. `${NAME}` and `${NAME:-default}` are
 * filled in from the file above and from `env`; with `override` the file wins over `env`, there and in the answer, else `env` does. A name that
 * nobody knows is empty. What no system can hold (`=` in a name, NUL) is left out.
 */
export function applyDotenv(
  entries: readonly DotenvEntry[],
  env: Variables,
  { override }: { readonly override: boolean },
): Record<string, string> {
  const known = new Map(
    Object.entries(env).flatMap(([key, value]): Array<[string, string]> => (value === undefined ? [] : [[key, value]])),
  );
  const set = new Map<string, string | undefined>();
  for (const { key, value } of entries) {
    const lookUp = (name: string, otherwise: string): string => {
      const [first, second] = override ? [set, known] : [known, set];
      return (first.has(name) ? first.get(name) : second.has(name) ? second.get(name) : otherwise) ?? "";
    };
    set.set(key, value === undefined ? undefined : fillIn(value, lookUp));
  }
  const result = new Map(known);
  for (const [key, value] of set)
    if (value !== undefined && isPossible(key, value) && (override || !known.has(key))) result.set(key, value);
  return Object.fromEntries(result);
}

function isPossible(key: string, value: string): boolean {
  return !key.includes("=") && !key.includes("\0") && !value.includes("\0");
}

/** A text with its `${NAME}` and `${NAME:-default}` filled in: those of a regular expression, in one pass over the text. */
function fillIn(text: string, valueOf: (name: string, otherwise: string) => string): string {
  const filled: string[] = [];
  let [done, stop] = [0, 0];
  for (let start = text.indexOf("${"); start >= 0; start = text.indexOf("${", Math.max(done, start + 2))) {
    // The first of the two that may end a name.
    if (stop < start + 2) stop = firstOf(text, start + 2);
    if (stop < 0) break;
    let end = stop;
    if (text[stop] === ":") {
      if (text[stop + 1] !== "-") continue;
      end = text.indexOf("}", stop + 2);
      if (end < 0) break;
    }
    filled.push(text.slice(done, start), valueOf(text.slice(start + 2, stop), text.slice(stop + 2, end)));
    done = end + 1;
  }
  return filled.join("") + text.slice(done);
}

function firstOf(text: string, from: number): number {
  const ends = /[}:]/g;
  ends.lastIndex = from;
  return ends.exec(text)?.index ?? -1;
}
