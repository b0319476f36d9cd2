import type { JsonValue } from "#foundation";
import type { PipfileLock } from "./pipfile-lock-types.ts";

/**
 * The text of Pipfile.lock, byte for byte as pipenv writes it: keys sorted, four blanks, ASCII only, one line break at the end. Everything is
 * written that was read, also what pen does not know of.
 */
export function formatPipfileLock(lock: PipfileLock, { newline = "\n" }: { readonly newline?: "\n" | "\r\n" } = {}): string {
  const document: Record<string, JsonValue> = { _meta: lock.meta.raw };
  for (const [category, entries] of lock.categories) define(document, category, tableOf(entries.map(({ key, raw }) => [key, raw])));
  const text = `${pythonJson(document, "")}\n`;
  return newline === "\n" ? text : text.replace(/\n/g, newline);
}

// `__proto__` may be the name of a category.
function define(table: Record<string, JsonValue>, key: string, value: JsonValue): void {
  Object.defineProperty(table, key, { value, enumerable: true, configurable: true, writable: true });
}

function tableOf(entries: ReadonlyArray<readonly [string, JsonValue]>): JsonValue {
  const table: Record<string, JsonValue> = {};
  for (const [key, value] of entries) define(table, key, value);
  return table;
}

/** `json.dumps(value, indent=4, separators=(",", ": "), sort_keys=True)`. */
function pythonJson(value: JsonValue, indent: string): string {
  if (typeof value !== "object" || value === null) return asciiJson(value);
  const inner = `${indent}    `;
  if (isList(value)) {
    if (value.length === 0) return "[]";
    return `[\n${value.map((item) => inner + pythonJson(item, inner)).join(",\n")}\n${indent}]`;
  }
  const keys = Object.keys(value).sort(byCodePoint);
  if (keys.length === 0) return "{}";
  return `{\n${keys.map((key) => `${inner}${asciiJson(key)}: ${pythonJson(value[key] ?? null, inner)}`).join(",\n")}\n${indent}}`;
}

const isList = (value: JsonValue): value is readonly JsonValue[] => Array.isArray(value);

function asciiJson(value: string | number | boolean | null): string {
  return JSON.stringify(value).replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** The order of Python's strings, by code point, which is also that of their bytes in UTF-8; JavaScript's goes by UTF-16 unit. */
function byCodePoint(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
