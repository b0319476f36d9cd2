import { sha256Hex } from "#foundation";
import { isTomlArray, isTomlTable, own, type TomlTable, type TomlValue } from "../toml/reading.ts";
import { byCodePoints } from "./order.ts";
import type { Pipfile, PipfileSource } from "./types.ts";

/** The hashes of a Pipfile, in hexadecimal. */
export interface PipfileHashes {
  /** What a lock made today carries. */
  readonly current: string;
  /** What a lock may carry and still belong to this Pipfile: the hash over names as PEP 503 has them, and the one over names as written. */
  readonly accepted: ReadonlySet<string>;
}

/** Tables that do not go into the hash, or not under their own name. */
const apart: ReadonlySet<string> = new Set([
  "source",
  "packages",
  "dev-packages",
  "requires",
  "scripts",
  "pipfile",
  "pipenv",
  "default",
  "develop",
]);

/**
 * The hash by which a lock knows its Pipfile, as pipenv makes it: over sources, `[requires]` and every category, variables unexpanded. A Pipfile
 * that names no source is hashed with the sources it gets instead.
 */
export function pipfileHashes(pipfile: Pick<Pipfile, "raw">, ...defaultSources: readonly PipfileSource[]): PipfileHashes {
  const canonical = hashedText(pipfile.raw, defaultSources, canonicalName);
  const written = hashedText(pipfile.raw, defaultSources, (name) => name);
  const current = sha256Hex(canonical);
  return { current, accepted: new Set(written === canonical ? [current] : [current, sha256Hex(written)]) };
}

function hashedText(raw: TomlTable, defaultSources: readonly PipfileSource[], spell: (name: string) => string): string {
  const sources = own(raw, "source") ?? defaultSources.map(({ name, url, verifySsl }) => ({ name, url, verify_ssl: verifySsl }));
  const category = (value: TomlValue | undefined): string => (isTomlTable(value) ? objectText(Object.entries(value), spell) : "{}");
  const members = new Map([
    [
      "_meta",
      objectText([
        ["sources", sources],
        ["requires", own(raw, "requires") ?? {}],
      ]),
    ],
    ["default", category(own(raw, "packages"))],
    ["develop", category(own(raw, "dev-packages"))],
  ]);
  for (const [name, value] of Object.entries(raw)) if (!apart.has(name)) members.set(name, category(value));
  return membersText([...members]);
}

/** PEP 503, for what need not be a name. */
function canonicalName(name: string): string {
  return name.replace(/[-_.]+/g, "-").toLowerCase();
}

function objectText(entries: ReadonlyArray<readonly [string, TomlValue]>, spell: (name: string) => string = (name) => name): string {
  return membersText([...new Map(entries.map(([key, value]) => [spell(key), valueText(value)]))]);
}

/** JSON as Python writes it with sorted keys and no spaces. */
function membersText(members: ReadonlyArray<readonly [string, string]>): string {
  const sorted = [...members].sort(([a], [b]) => byCodePoints(a, b));
  return `{${sorted.map(([key, value]) => `${textText(key)}:${value}`).join(",")}}`;
}

function valueText(value: TomlValue): string {
  if (typeof value === "string") return textText(value);
  if (typeof value === "number") return floatText(value);
  if (typeof value === "bigint" || typeof value === "boolean") return String(value);
  if (value instanceof Date) return textText(value.toISOString());
  if (isTomlArray(value)) return `[${value.map(valueText).join(",")}]`;
  return isTomlTable(value) ? objectText(Object.entries(value)) : "null";
}

/** ASCII only, as Python's json escapes. */
function textText(text: string): string {
  return JSON.stringify(text).replace(/[\u007f-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** As Python's `repr` of a float. */
function floatText(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "Infinity" : "-Infinity";
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e16)) return value.toExponential().replace(/e([+-])(\d)$/, "e$10$2");
  if (Object.is(value, -0)) return "-0.0";
  return Number.isInteger(value) ? `${value}.0` : String(value);
}
