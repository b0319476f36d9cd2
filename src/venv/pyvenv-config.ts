import { PenError, excerpt, readTextIfAny } from "#foundation";
import type { PyvenvConfig } from "./types.ts";

/**
 * Reads a `pyvenv.cfg` (PEP 405): `key = value` lines in UTF-8, keys compared in lower case. Lines without `=` are passed by,
 * as Python does. The value of `prompt` comes out unquoted: files of pen hold it between quotes as it is, other tools
 * write it as a Python literal or bare. Undefined when there is no file; throws FILE_SYSTEM when it cannot be read.
 */
export function readPyvenvConfig(path: string): PyvenvConfig | undefined {
  const text = readTextIfAny(path);
  return text === undefined ? undefined : parsePyvenvConfig(text);
}

/** The same from the text. */
export function parsePyvenvConfig(text: string): PyvenvConfig {
  const raw: (readonly [string, string])[] = [];
  for (const line of text.replace(/^\ufeff/, "").split(/\r\n|\n|\r/)) {
    const at = line.indexOf("=");
    if (at >= 0) raw.push([line.slice(0, at).trim().toLowerCase(), line.slice(at + 1).trim()]);
  }
  const literal = !raw.some(([key]) => key === "pen");
  return pyvenvConfig(raw.map(([key, value]) => [key, key === "prompt" ? unquote(value, literal) : value] as const));
}

/** A {@link PyvenvConfig} of `entries`; for a key that comes twice the first one counts, as in CPython's search for `home`. */
export function pyvenvConfig(entries: PyvenvConfig["entries"]): PyvenvConfig {
  return { entries, get: (key) => entries.find(([name]) => name === key)?.[1] };
}

const escapes: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t" };

function unquote(value: string, literal: boolean): string {
  const quote = value[0];
  if (value.length < 2 || (quote !== "'" && quote !== '"') || !value.endsWith(quote)) return value;
  const inner = value.slice(1, -1);
  if (!literal) return inner;
  return inner.replace(
    /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|(['"\\nrt]))/g,
    (_, two: string | undefined, four: string | undefined, one: string | undefined) =>
      one === undefined ? String.fromCharCode(Number.parseInt(two ?? four ?? "", 16)) : (escapes[one] ?? one),
  );
}

/** Everything that some reader takes for the end of a line, and what a terminal would obey. */
const unwritable = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

/**
 * The text of a `pyvenv.cfg` with these entries, in their order. `prompt` stands between quotes without any escape, which is
 * what CPython's own reader (Activate.ps1) and the activation scripts take off again. Throws INVALID_CONFIG for a value
 * with a control character or a line break: there is no way to write it that every reader would understand.
 */
export function formatPyvenvConfig(entries: PyvenvConfig["entries"]): string {
  let text = "";
  for (const [key, value] of entries) {
    if (unwritable.test(key + value) || key.includes("=")) {
      throw new PenError("INVALID_CONFIG", `${excerpt(value)} cannot be written into pyvenv.cfg as '${key}'`, {
        why: "It holds a line break or another control character, and the file has one line for each value.",
        hint: key === "prompt" ? "Choose a prompt without control characters." : "Use a path without control characters.",
        data: { key },
      });
    }
    text += `${key} = ${key === "prompt" ? quoted(value) : value}\n`;
  }
  return text;
}

function quoted(value: string): string {
  return value.includes("'") && !value.includes('"') ? `"${value}"` : `'${value}'`;
}
