import { parse, TomlError } from "smol-toml";
import { PenError, printable, printableLine, redactUrl } from "#foundation";

/** A value of a TOML document. Whole numbers are bigints, floats are numbers. */
export type TomlValue = string | number | bigint | boolean | Date | readonly TomlValue[] | TomlTable;

/** A table of a TOML document. Read own keys only: a document may call a key `__proto__`. */
export interface TomlTable {
  readonly [key: string]: TomlValue;
}

/** A document with what messages about it need. */
export interface TomlSource {
  /** What to call the file. */
  readonly path: string;
  /** Without a byte order mark. */
  readonly text: string;
}

/** More is nothing that a person wrote. */
const longest = 4_000_000;
const deepest = 64;

/**
 * The values of a TOML file. Errors: `INVALID_PROJECT` with line, column, and the line with a caret below the place.
 */
export function readToml(source: TomlSource): TomlTable {
  if (source.text.length > longest)
    throw new PenError("INVALID_PROJECT", `${printableLine(source.path)} cannot be read`, {
      why: "It is larger than four megabytes.",
      data: { path: source.path },
    });
  try {
    return parse(source.text, { integersAsBigInt: true, maxDepth: deepest });
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const [reason = ""] = error.message.replace(/^Invalid TOML document: /, "").split("\n");
    throw placedError(source, {
      offset: offsetOf(source.text, error.line, error.column),
      message: "is not valid TOML",
      why: `${reason.charAt(0).toUpperCase()}${reason.slice(1)}.`,
    });
  }
}

export function isTomlTable(value: TomlValue | undefined): value is TomlTable {
  return typeof value === "object" && !Array.isArray(value) && !(value instanceof Date);
}

export function isTomlArray(value: TomlValue | undefined): value is readonly TomlValue[] {
  return Array.isArray(value);
}

/** A key of a table's own: not what every object inherits. */
export function own(table: TomlTable, key: string): TomlValue | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

/** What a person calls the kind of a value. */
export function kindOf(value: TomlValue): string {
  if (typeof value === "string") return "a text";
  if (typeof value === "boolean") return "true or false";
  if (typeof value === "bigint" || typeof value === "number") return "a number";
  if (value instanceof Date) return "a date";
  return isTomlArray(value) ? "a list" : "a table";
}

export interface PlacedFault {
  /** Where in the text. */
  readonly offset: number;
  /** What is wrong, to be read behind the file's name. */
  readonly message: string;
  readonly why?: string | undefined;
  readonly hint?: string | undefined;
}

/** An `INVALID_PROJECT` error that shows the place: line and column in `message` and `data`, the line with a caret in `why`. */
export function placedError({ path, text }: TomlSource, { offset, message, why, hint }: PlacedFault): PenError {
  const { line, column } = positionOf(text, offset);
  const shown = pointAt(text, offset);
  return new PenError("INVALID_PROJECT", `${printableLine(path)} ${message} (line ${line}, column ${column})`, {
    why: why === undefined ? shown : `${printable(redactUrl(why))}\n${shown}`,
    ...(hint === undefined ? {} : { hint }),
    data: { path, line, column },
  });
}

/** Line and column of a place, both from 1. */
function positionOf(text: string, offset: number): { readonly line: number; readonly column: number } {
  let line = 1;
  let start = 0;
  for (let at = text.indexOf("\n"); at >= 0 && at < offset; at = text.indexOf("\n", at + 1)) {
    line += 1;
    start = at + 1;
  }
  return { line, column: offset - start + 1 };
}

function offsetOf(text: string, line: number, column: number): number {
  let start = 0;
  for (let count = 1; count < line; count += 1) start = text.indexOf("\n", start) + 1;
  return Math.min(text.length, start + column - 1);
}

const unsafe = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** The line around a place with a caret below it; where it holds a password, that is covered and the caret left out. */
function pointAt(text: string, offset: number): string {
  const start = text.lastIndexOf("\n", offset - 1) + 1;
  const end = text.indexOf("\n", offset);
  const line = text.slice(start, end < 0 ? text.length : end).replace(/\r$/, "");
  const column = offset - start;
  const from = column > 70 ? column - 60 : 0;
  const covered = redactUrl(line);
  const window = (whole: string): string => `${from > 0 ? "…" : ""}${whole.slice(from, from + 100)}${whole.length > from + 100 ? "…" : ""}`;
  // One character for each, so that the caret stays below its place.
  const shown = window(covered).replace(unsafe, (char) => (char === "\t" ? " " : "\ufffd"));
  return covered === line ? `  ${shown}\n  ${" ".repeat(column - from + (from > 0 ? 1 : 0))}^` : `  ${shown}`;
}
