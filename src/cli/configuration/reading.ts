import { parse } from "smol-toml";
import { closest, isPenError, PenError, printableLine, readText, targetStatusOf, warn, type Emit } from "#foundation";
import { root } from "../commands.ts";
import type { Configuration } from "./configuration.ts";
import { lineOf } from "./lines.ts";
import { readSeedSection } from "./seed.ts";
import { failure, type Section, type SectionReader } from "./section.ts";

/** Every section by its name; a new one joins here and in {@link Configuration}. */
const sections: { readonly [Name in keyof Configuration]-?: SectionReader<NonNullable<Configuration[Name]>> } = { seed: readSeedSection };

/** More is no configuration that a person wrote. */
const longest = 1_000_000;

/** Reads and checks a configuration file. A section that pen does not know is warned of. Errors: `INVALID_CONFIG` with file and line, `FILE_SYSTEM`. */
export function readConfiguration(file: string, emit: Emit): Configuration {
  const { text, table } = readDocument(file);
  const found: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(table)) {
    const reader = Object.hasOwn(sections, name) ? sections[name as keyof typeof sections] : undefined;
    if (reader !== undefined) found[name] = reader(sectionOf(name, value, { file, text }));
    else if (typeof value === "object" && !Object.hasOwn(root.commands, name) && name !== "global") warnUnknown(name, { file, text, emit });
  }
  return found;
}

/** A configuration file, parsed. `prefix` leads to `table` from the top of the file: `tool`, `pen`. */
export interface TomlDocument {
  readonly file: string;
  readonly text: string;
  readonly table: Readonly<Record<string, unknown>>;
  readonly prefix: readonly string[];
}

/** Reads a TOML file. Errors: `INVALID_CONFIG` with file and line, `FILE_SYSTEM`. */
export function readDocument(file: string): TomlDocument {
  const text = textOf(file);
  return { file, text, table: parsed(file, text), prefix: [] };
}

interface Source {
  readonly file: string;
  readonly text: string;
}

function textOf(file: string): string {
  const status = targetStatusOf(file);
  const refuse = (why: string): PenError =>
    new PenError("INVALID_CONFIG", `${printableLine(file)} is no configuration file`, {
      why,
      hint: "Correct or remove it.",
      data: { path: file },
    });
  if (status?.kind !== "file") throw refuse("It is not a file.");
  if (status.size > longest) throw refuse("It is larger than a megabyte.");
  return readText(file);
}

function parsed(file: string, text: string): Readonly<Record<string, unknown>> {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof Error) || isPenError(error)) throw error;
    const line = "line" in error && typeof error.line === "number" ? error.line : undefined;
    const [what = "It is no TOML."] = error.message.replace(/^Invalid TOML document: /, "").split("\n");
    throw failure({ file, line, message: "The configuration is not valid TOML", why: `${what[0]?.toUpperCase() ?? ""}${what.slice(1)}` });
  }
}

function sectionOf(name: string, value: unknown, { file, text }: Source): Section {
  const fail: Section["fail"] = (key, message, hint) =>
    failure({ file, line: lineOf(text, key === undefined ? [name] : [name, key]), message, ...(hint === undefined ? {} : { hint }) });
  if (typeof value !== "object" || value === null || Array.isArray(value) || value instanceof Date)
    throw fail(undefined, `${name} is a section`, `Write [${name}] on a line of its own, and its keys below.`);
  return { values: value as Readonly<Record<string, unknown>>, fail };
}

function warnUnknown(name: string, { file, text, emit }: Source & { readonly emit: Emit }): void {
  const near = closest(name, [...Object.keys(sections), "global", ...Object.keys(root.commands)]);
  const line = lineOf(text, [name]);
  warn(
    emit,
    "unknown-section",
    `${printableLine(file)}${line === undefined ? "" : `, line ${line}`}: pen knows no section [${printableLine(name)}]${near === undefined ? "" : `; did you mean [${near}]?`}`,
  );
}
