import { closest, PenError, printableLine } from "#foundation";

/** One section of a configuration file, as it was parsed. */
export interface Section {
  readonly values: Readonly<Record<string, unknown>>;
  /** The error for one key (undefined: for the section), with file and line. */
  fail(key: string | undefined, message: string, hint?: string): PenError;
}

/** Makes a typed value of a section. Errors: `INVALID_CONFIG`. */
export type SectionReader<T> = (section: Section) => T;

/** Refuses keys that a section does not have, with the nearest that it has. Throws `INVALID_CONFIG`. */
export function checkKeys({ values, fail }: Section, name: string, known: readonly string[]): void {
  const unknown = Object.keys(values).find((key) => !known.includes(key));
  if (unknown === undefined) return;
  const near = closest(unknown, known);
  throw fail(
    unknown,
    `[${name}] has no key ${printableLine(unknown)}`,
    `${near === undefined ? "" : `Did you mean ${near}? `}It has: ${known.join(", ")}.`,
  );
}

/** `text`, `a number`, …: what a TOML value is called in messages. */
export function kindOf(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "string") return "a text";
  if (typeof value === "boolean") return value ? "true" : "false";
  if (typeof value === "number" || typeof value === "bigint") return "a number";
  return value instanceof Date ? "a date" : "a table";
}

/** The error for something in a configuration file. Lines count from 1. */
export function failure(about: {
  readonly file: string;
  readonly line: number | undefined;
  readonly message: string;
  readonly why?: string;
  readonly hint?: string;
}): PenError {
  const place = `${printableLine(about.file)}${about.line === undefined ? "" : `, line ${about.line}`}`;
  return new PenError("INVALID_CONFIG", about.message, {
    why: about.why === undefined ? `In ${place}.` : `In ${place}: ${about.why}`,
    hint: about.hint ?? "Correct the file, or go without it once: --no-config",
    data: { path: about.file, ...(about.line === undefined ? {} : { line: about.line }) },
  });
}
