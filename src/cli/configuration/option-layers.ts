import { closest, printableLine } from "#foundation";
import type { OptionSetting, OptionSettings, OptionSpec } from "../arguments/types.ts";
import { onlyOnCommandLine } from "../arguments/parse.ts";
import { knownOptions } from "./known-options.ts";
import { lineOf } from "./lines.ts";
import { optionOfKey, optionValues } from "./option-values.ts";
import { failure } from "./section.ts";
import type { TomlDocument } from "./reading.ts";

export interface LayerOptions {
  /** The words of the command: `["pip", "install"]`. */
  readonly command: readonly string[];
  readonly options: readonly OptionSpec[];
  /** Called for every key that means an option of the command, before its value is looked at; throws where it may not stand here. */
  readonly admit?: (key: PlacedKey, value: unknown) => void;
}

/** A key with its place, for messages. */
export interface PlacedKey {
  readonly name: string;
  readonly document: TomlDocument;
  readonly line: number | undefined;
}

/** Of the two that say which file is read, none can stand in a file. */
const isBarred = (key: string): boolean => onlyOnCommandLine.has(key) || key === "config-file" || key === "no-config";

type Table = Readonly<Record<string, unknown>>;

const isTable = (value: unknown): value is Table =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);

/**
 * What a configuration file says about the options of one command: the keys at its top and `[global]`, then the sections of its words, as `[pip]` and `[pip.install]`; later
 * ones win. Errors: `INVALID_CONFIG` with file and line for a key that no command has, or that the named command does not have, and for a wrong value.
 */
export function optionLayers(document: TomlDocument, { command, options, admit }: LayerOptions): OptionSettings {
  const found = new Map<string, OptionSetting>();
  for (const path of [[], ["global"], ...command.map((_, at) => command.slice(0, at + 1))]) {
    const section = tableAt(document, path);
    if (section === undefined) continue;
    const isOwn = path.length > 0 && path.length === command.length && path[0] === command[0];
    for (const [key, value] of Object.entries(section)) {
      // What is called as a section and is none is told when the section is looked for.
      if (isTable(value) || (path.length === 0 && (key === "global" || key === command[0]))) continue;
      const line = lineOf(document.text, [...document.prefix, ...path, key]);
      const name = path.length === 0 ? "the top" : `[${[...document.prefix, ...path].join(".")}]`;
      const meant = isBarred(key) ? undefined : optionOfKey(key, options);
      if (meant === undefined) {
        checkKnown(key, { document, line, section: name, options: isOwn ? options : undefined });
        continue;
      }
      admit?.({ name: meant.spec.name, document, line }, value);
      const fail = (message: string, hint: string): Error =>
        failure({ file: document.file, line, message: `${message} (in ${name})`, hint });
      const values = optionValues(value, meant, fail as Parameters<typeof optionValues>[2]);
      found.set(meant.spec.name, { values, origin: originText(document, line, `${key} in ${name}`) });
    }
  }
  return found;
}

function originText({ file }: TomlDocument, line: number | undefined, what: string): string {
  return `${printableLine(file)}${line === undefined ? "" : `, line ${line}`}, ${printableLine(what)}`;
}

function tableAt(document: TomlDocument, path: readonly string[]): Table | undefined {
  let table: Table = document.table;
  for (const [at, word] of path.entries()) {
    const next = Object.hasOwn(table, word) ? table[word] : undefined;
    if (next === undefined) return undefined;
    if (!isTable(next)) {
      // An option of the group may be called as one of its commands.
      if (at > 0) return undefined;
      throw failure({
        file: document.file,
        line: lineOf(document.text, [...document.prefix, ...path]),
        message: `${word} is a section`,
        hint: `Write [${word}] on a line of its own, and its keys below.`,
      });
    }
    table = next;
  }
  return table;
}

/** `options`: of the one command whose section this is; undefined for sections that several commands read, each of which takes what it has. */
function checkKnown(
  key: string,
  {
    document,
    line,
    section,
    options,
  }: {
    readonly document: TomlDocument;
    readonly line: number | undefined;
    readonly section: string;
    readonly options: readonly OptionSpec[] | undefined;
  },
): void {
  if (isBarred(key))
    throw failure({ file: document.file, line, message: `${key} stands on the command line only`, hint: "Take the line away." });
  const known = options === undefined ? knownOptions : new Set(options.map(({ name }) => name));
  if (options === undefined && known.has(key)) return;
  const near = closest(
    key,
    [...known].filter((name) => !isBarred(name)),
  );
  throw failure({
    file: document.file,
    line,
    message: options === undefined ? `No command has an option ${printableLine(key)}` : `${section} has no option ${printableLine(key)}`,
    hint: near === undefined ? "Correct or remove the line." : `Did you mean ${near}?`,
  });
}
