import { printableLine } from "#foundation";
import type { PlacedKey } from "./option-layers.ts";
import type { ProjectPlace } from "./project-place.ts";
import { readDocument, type TomlDocument } from "./reading.ts";
import { failure, kindOf } from "./section.ts";

/**
 * What a project may say about the commands that are run in it. A folder is often somebody else's work, so it may say which versions are wanted, how
 * answers look, and be stricter than the person is; never where packages come from, what is run, or where anything is written.
 */
export const projectOptions: ReadonlyMap<string, "any" | "only true" | "a version"> = new Map([
  ["python", "a version"],
  ["resolution", "any"],
  ["prerelease", "any"],
  ["pre", "any"],
  ["upgrade-strategy", "any"],
  ["exclude-newer", "any"],
  ["only-binary", "any"],
  ["require-hashes", "only true"],
  ["generate-hashes", "any"],
  ["universal", "any"],
  ["no-annotate", "any"],
  ["no-header", "any"],
  ["no-strip-extras", "any"],
  ["offline", "only true"],
] as const);

/** A Python by its version and never by its place: a path would start what lies in the folder. */
const versionRequest = /^(?:(?:cpython|pypy|python)[-@]?)?(?:\d+(?:\.\d+){0,2}|(?:[<>=!~]=?\s*\d+(?:\.\d+){0,2}(?:\.\*)?\s*,?\s*)+)$/i;

/** What the file says to pen; undefined for a `pyproject.toml` without `[tool.pen]`. */
export function projectDocument({ file, isOwn }: ProjectPlace): TomlDocument | undefined {
  const document = readDocument(file);
  if (isOwn) return document;
  const tool = inside(inside(document.table, "tool"), "pen");
  return tool === undefined ? undefined : { ...document, table: tool, prefix: ["tool", "pen"] };
}

function inside(table: unknown, key: string): TomlDocument["table"] | undefined {
  if (typeof table !== "object" || table === null || !Object.hasOwn(table, key)) return undefined;
  const value = (table as Record<string, unknown>)[key];
  return typeof value === "object" && value !== null ? (value as TomlDocument["table"]) : undefined;
}

/** Refuses what a project may not say. Throws `INVALID_CONFIG` with file and line: passed over in silence, it would have packages fetched from elsewhere. */
export function admitInProject({ name, document, line }: PlacedKey, value: unknown): void {
  const rule = projectOptions.get(name);
  const refuse = (message: string, why: string, hint: string): Error => failure({ file: document.file, line, message, why, hint });
  if (rule === undefined)
    throw refuse(
      `A project may not set ${name}`,
      "A folder that you only look into must not say where packages come from, what is run, or where anything is written.",
      `Write it into your own file instead (docs/configuration.md), or on the command line: --${name}`,
    );
  if (rule === "only true" && value !== true)
    throw refuse(`A project may only switch ${name} on`, "It may be stricter than you are, and not laxer.", "Take the line away.");
  if (rule === "a version" && (typeof value !== "string" || !versionRequest.test(value.trim())))
    throw refuse(
      `A project names a Python by its version, not ${typeof value === "string" ? printableLine(JSON.stringify(value)) : kindOf(value)}`,
      "A path would start a program that lies in the folder.",
      'Write for example: python = "3.12", or python = ">=3.11"',
    );
}
