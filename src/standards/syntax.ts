import { PenError, type PenErrorCode } from "#foundation";

/** A parser's internal complaint: `offset` counts UTF-16 units from 0. The public parsers turn it into a PenError. */
class SyntaxFault extends Error {
  readonly offset: number;

  constructor(reason: string, offset: number) {
    super(reason);
    this.offset = offset;
  }
}

/** A position in a text, moved forward by the scanners that share it. */
export class Cursor {
  readonly text: string;
  at = 0;

  constructor(text: string) {
    this.text = text;
  }

  /** The character code here, or -1 at the end. */
  peek(): number {
    return this.at < this.text.length ? this.text.charCodeAt(this.at) : -1;
  }

  atEnd(): boolean {
    return this.at >= this.text.length;
  }

  skipSpace(): void {
    while (this.at < this.text.length && isSpace(this.text.charCodeAt(this.at))) this.at += 1;
  }

  /** Moves over `literal` when it stands here. */
  accept(literal: string): boolean {
    if (!this.text.startsWith(literal, this.at)) return false;
    this.at += literal.length;
    return true;
  }

  /** Moves while `holds` accepts the character code, and returns what was passed. */
  takeWhile(holds: (code: number) => boolean): string {
    const start = this.at;
    while (this.at < this.text.length && holds(this.text.charCodeAt(this.at))) this.at += 1;
    return this.text.slice(start, this.at);
  }

  fail(reason: string, offset: number = this.at): never {
    throw new SyntaxFault(reason, offset);
  }
}

/** Space, tab, line feed, carriage return, vertical tab, form feed. */
export function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13);
}

/** Runs a parser over `text`; its SyntaxFault becomes a PenError of `code` that shows the place with a caret. `data` has `text` (cut to 1000 characters) and `column` (from 1). */
export function parseWith<T>(code: PenErrorCode, text: string, parse: (cursor: Cursor) => T): T {
  try {
    return parse(new Cursor(text));
  } catch (error) {
    if (error instanceof SyntaxFault) throw syntaxError(code, text, error);
    throw error;
  }
}

const subjects: { readonly [code in PenErrorCode]?: readonly [name: string, hint: string] } = {
  INVALID_SPECIFIER: ["version specifier", "Write version specifiers as in >=1.2,<2.0 or ==1.4.*"],
  INVALID_MARKER: ["environment marker", "Write environment markers as in python_version >= '3.9' and sys_platform == 'linux'"],
  INVALID_REQUIREMENT: ["requirement", "Write requirements as in requests[socks]>=2.31,<3; python_version >= '3.9'"],
};

function syntaxError(code: PenErrorCode, text: string, fault: SyntaxFault): PenError {
  const column = fault.offset + 1;
  const [subject, hint] = subjects[code] ?? ["text", undefined];
  return new PenError(code, `Not a valid ${subject}: ${excerpt(text, 80)}`, {
    why: `${fault.message} (column ${column}):\n${pointAt(text, fault.offset)}`,
    ...(hint === undefined ? {} : { hint }),
    data: { text: text.slice(0, 1000), column },
    cause: fault,
  });
}

/** Two lines: the text around `offset`, and a caret below it. */
function pointAt(text: string, offset: number): string {
  const start = offset > 70 ? offset - 60 : 0;
  const shown = plain(text.slice(start, start + 100));
  const before = start > 0 ? "..." : "";
  const after = text.length > start + 100 ? "..." : "";
  return `  ${before}${shown}${after}\n  ${" ".repeat(before.length + offset - start)}^`;
}

/** The text on one line in quotes, cut to `limit` characters. */
export function excerpt(text: string, limit: number): string {
  return text.length <= limit ? `'${plain(text)}'` : `'${plain(text.slice(0, limit))}...'`;
}

// Each unsafe character becomes one replacement character, so that the caret stays under its place.
function plain(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, "\ufffd");
}
