import { PenError } from "#foundation";
import { excerpt } from "./syntax.ts";

/** A project, extra or group name in the one spelling that PEP 503 compares: lower case, with single hyphens. */
export type NormalizedName = string & { readonly __brand: "NormalizedName" };

/**
 * The normalised spelling of a project or extra name (PEP 503 and 685): `Foo._Bar` gives `foo-bar`.
 * Throws INVALID_NAME when the text is no name by PEP 508 (ASCII letters, digits, `.`, `_`, `-`, a letter or digit at both ends).
 */
export function normalizeName(text: string): NormalizedName {
  const name = tryNormalizeName(text);
  if (name !== undefined) return name;
  throw new PenError("INVALID_NAME", `Not a valid name: ${excerpt(text, 60)}`, {
    why: "A name consists of ASCII letters, digits, '.', '_' and '-', and starts and ends with a letter or digit.",
    hint: "Check the spelling of the name.",
    data: { text: text.slice(0, 200) },
  });
}

/** As {@link normalizeName}, but `undefined` for text that is no name. */
export function tryNormalizeName(text: string): NormalizedName | undefined {
  if (isNormalized(text)) return text;
  if (!isName(text)) return undefined;
  return text.toLowerCase().replace(/[-_.]+/g, "-") as NormalizedName;
}

const normalized = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
const written = /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/;

const isNormalized = (text: string): text is NormalizedName => normalized.test(text);
const isName = (text: string): boolean => written.test(text);

/** True for the code of an ASCII letter or digit. */
export function isAlphanumericCode(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 48 && code <= 57);
}

/** True for the code of a character that may stand inside a name: an ASCII letter or digit, `-`, `.` or `_`. */
export function isNameCode(code: number): boolean {
  return isAlphanumericCode(code) || code === 45 || code === 46 || code === 95;
}
