/** A line with its continuations joined and its comment gone. */
export interface LogicalLine {
  readonly text: string;
  /** Number of its first physical line, from 1. */
  readonly number: number;
  /** Where the character at `offset` of the text stands in the file, both from 1. Inside a variable's value: where the variable stands. */
  placeOf(offset: number): FilePlace;
}

export interface FilePlace {
  readonly line: number;
  readonly column: number;
}

/** A part of a physical line. */
interface Piece extends FilePlace {
  readonly text: string;
}

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Splits a requirements file into logical lines, as pip does: a backslash at the end continues a line, `#` at the start or
 * after white space begins a comment (a comment line inside a continuation ends it), blank lines vanish, and
 * `${NAME}` becomes the variable's value when it is set and its name is in capitals.
 */
export function logicalLines(text: string, variables: Variables): LogicalLine[] {
  const lines: LogicalLine[] = [];
  let pending: Piece[] = [];
  const finish = (): void => {
    const line = joined(pending, variables);
    if (line !== undefined) lines.push(line);
    pending = [];
  };
  const physical = text.replace(/^\ufeff/, "").split(/\r\n|[\n\r\u000b\u000c\u001c-\u001e\u0085\u2028\u2029]/);
  for (const [at, raw] of physical.entries()) {
    const isComment = /^\s*#/.test(raw);
    if (raw.endsWith("\\") && !isComment) {
      pending.push(withoutBackslashes(raw, at + 1));
      continue;
    }
    // A space before the comment keeps `a \` + `# words` from gluing the two together.
    if (isComment) pending.push({ text: " ", line: at + 1, column: 1 });
    pending.push({ text: raw, line: at + 1, column: 1 });
    finish();
  }
  finish();
  return lines;
}

/** pip takes away all of them, at both ends. */
function withoutBackslashes(raw: string, line: number): Piece {
  let [start, end] = [0, raw.length];
  while (end > 0 && raw[end - 1] === "\\") end -= 1;
  while (start < end && raw[start] === "\\") start += 1;
  return { text: raw.slice(start, end), line, column: start + 1 };
}

function joined(pieces: readonly Piece[], variables: Variables): LogicalLine | undefined {
  const whole = pieces.map((piece) => piece.text).join("");
  const comment = /(?:^|\s)#/.exec(whole);
  const kept = (comment === null ? whole : whole.slice(0, comment.index)).trimEnd();
  const bare = kept.trimStart();
  const [first] = pieces;
  if (bare === "" || first === undefined) return undefined;
  const { text, before } = expand(bare, variables);
  const placeOf = (offset: number): FilePlace => {
    let rest = before(offset) + kept.length - bare.length;
    let place: FilePlace = first;
    for (const piece of pieces) {
      if (piece.text === "") continue;
      place = { line: piece.line, column: piece.column + Math.min(rest, piece.text.length) };
      if (rest < piece.text.length) break;
      rest -= piece.text.length;
    }
    return place;
  };
  return { text, number: first.line, placeOf };
}

/** `before` gives the offset in `text` for an offset in the expanded text. */
function expand(text: string, variables: Variables): { readonly text: string; before(offset: number): number } {
  const edits: Array<{ readonly at: number; readonly written: number; readonly value: number }> = [];
  const expanded = text.replace(/\$\{([A-Z0-9_]+)\}/g, (written, name: string, at: number) => {
    const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
    if (!value) return written;
    edits.push({ at, written: written.length, value: value.length });
    return value;
  });
  const before = (offset: number): number => {
    let shift = 0;
    for (const { at, written, value } of edits) {
      if (offset < at + shift) break;
      if (offset < at + shift + value) return at;
      shift += value - written;
    }
    return offset - shift;
  };
  return { text: expanded, before };
}

/**
 * Splits a line into words as a POSIX shell does: quotes group, a backslash escapes (between double quotes only a quote or another
 * backslash). Undefined when a quote is not closed or nothing follows a backslash.
 */
export function shellWords(text: string): string[] | undefined {
  const words: string[] = [];
  let word: string[] | undefined;
  let quote = "";
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at] ?? "";
    const next = text[at + 1];
    if (char === "\\" && quote !== "'" && (quote === "" || next === '"' || next === "\\")) {
      if (next === undefined) return undefined;
      (word ??= []).push(next);
      at += 1;
    } else if (char === quote) quote = "";
    else if (quote !== "") word?.push(char);
    else if (char === "'" || char === '"') {
      quote = char;
      word ??= [];
    } else if (/\s/.test(char)) {
      if (word !== undefined) words.push(word.join(""));
      word = undefined;
    } else (word ??= []).push(char);
  }
  if (quote !== "") return undefined;
  if (word !== undefined) words.push(word.join(""));
  return words;
}
