/** Writes the reference pages that come from tables in the code: docs/errors.md and docs/commands.md. `--check` only compares. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { errorCodes } from "../src/foundation/index.ts";
import { commonOptions, withCommonOptions } from "../src/cli/arguments/common.ts";
import { metavarOf, onlyOnCommandLine, variableName } from "../src/cli/arguments/parse.ts";
import { withPipOptions } from "../src/cli/arguments/pip.ts";
import type { OptionSpec } from "../src/cli/arguments/types.ts";
import { isGroup, type CommandGroup } from "../src/cli/command.ts";
import { root as commands } from "../src/cli/commands.ts";
import { projectOptions } from "../src/cli/configuration/project-file.ts";

const root = join(import.meta.dirname, "..");

function errorsPage(): string {
  const rows = Object.entries(errorCodes).map(([code, { exit, meaning }]) => `| \`${code}\` | ${exit} | ${meaning} |`);
  return [
    "# Errors and exit statuses",
    "",
    "Made from `src/foundation/errors.ts` by `bun scripts/docs.ts`. `--json` prints an error as",
    '`{"schemaVersion":1,"type":"error","error":{"code","message","why","hint","data"}}`; the library throws a `PenError` with the same fields.',
    "Status 0 means success; `pen run` ends with the status of the command it ran; a second Ctrl-C ends pen at once.",
    "",
    "| code | exit status | meaning |",
    "|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}

const cell = (text: string): string => text.replaceAll("|", "\\|");

function optionRows(options: readonly OptionSpec[]): string[] {
  const shown = options.filter((option) => option.hidden !== true);
  if (shown.length === 0) return [];
  const words = (option: OptionSpec): string => {
    const value = option.kind === "value" || option.kind === "list" ? ` ${metavarOf(option)}` : "";
    const names = [
      ...(option.short === undefined ? [] : [`-${option.short}`]),
      `--${option.name}${value}`,
      ...(option.aliases ?? []).map((alias) => `--${alias}`),
    ];
    return names.map((name) => `\`${name}\``).join(", ");
  };
  const more = (option: OptionSpec): string =>
    [
      option.help,
      ...(option.kind === "list" ? ["May be repeated."] : []),
      ...(option.negation === undefined ? [] : [`Off: \`--${option.negation}\`.`]),
      ...(option.variable === undefined ? [] : [`Variable: \`${option.variable}\`.`]),
    ].join(" ");
  return ["", "| option | meaning |", "|---|---|", ...shown.map((option) => `| ${words(option)} | ${cell(more(option))} |`)];
}

async function commandSections(group: CommandGroup, name: string): Promise<string[]> {
  const lines: string[] = [];
  for (const [word, entry] of Object.entries(group.commands)) {
    if (isGroup(entry)) {
      lines.push(...(await commandSections(entry, `${name} ${word}`)));
      continue;
    }
    const command = await entry.load();
    const words = command.arguments.map(
      (argument) => (argument.required === true ? argument.name : `[${argument.name}]`) + (argument.repeated === true ? "…" : ""),
    );
    lines.push(
      "",
      `## ${name} ${word}`,
      "",
      `${command.summary}.${command.description === undefined ? "" : ` ${command.description}`}`,
      "",
    );
    lines.push(
      "```sh",
      [`${name} ${word}`, "[options]", ...words].join(" "),
      ...command.examples.map(([line, meaning]) => `${line}  # ${meaning}`),
      "```",
    );
    lines.push(...optionRows(command.options));
  }
  return lines;
}

async function commandsPage(): Promise<string> {
  const intro = [
    "# Commands",
    "",
    "Made from the option tables of `src/cli/commands` by `bun scripts/docs.ts`.",
    "",
    "Every command also takes:",
    ...optionRows(commonOptions),
  ];
  return [...intro, ...(await commandSections(commands, "pen")), ""].join("\n");
}

interface Setting {
  readonly spec: OptionSpec;
  readonly commands: string[];
}

/** Every option that can be set, with the commands that have it. Options of one name and different kinds are several. */
async function settings(
  group: CommandGroup,
  path: readonly string[] = [],
  found = new Map<string, Setting>(),
): Promise<Map<string, Setting>> {
  for (const [word, entry] of Object.entries(group.commands)) {
    // virtualenv has variables and a file of its own.
    if (word === "virtualenv") continue;
    if (isGroup(entry)) {
      await settings(entry, [...path, word], found);
      continue;
    }
    const own = (await entry.load()).options;
    const options = path[0] === "pip" ? withPipOptions(word, own) : own;
    for (const spec of withCommonOptions(options)) {
      const key = `${spec.name} ${spec.kind}`;
      const known = found.get(key) ?? { spec, commands: [] };
      known.commands.push([...path, word].join(" "));
      found.set(key, known);
    }
  }
  return found;
}

const kinds = { flag: "true or false", count: "a number", value: "a text", list: "a list of texts" } as const;

function settingsPage(all: ReadonlyMap<string, Setting>): string {
  const everywhere = new Set(commonOptions.map(({ name }) => name));
  const total = new Set([...all.values()].flatMap(({ commands: names }) => names)).size;
  const rows = [...all.values()]
    .filter(({ spec }) => !onlyOnCommandLine.has(spec.name) && spec.hidden !== true && spec.refused === undefined)
    .sort((a, b) => (a.spec.name < b.spec.name ? -1 : 1))
    .map(({ spec, commands: names }) => {
      const unique = [...new Set(names)];
      const where = everywhere.has(spec.name) || unique.length === total ? "all" : unique.map((name) => `\`${name}\``).join(", ");
      const isFile = spec.name !== "config-file" && spec.name !== "no-config";
      const kind = spec.number === true ? "a number" : kinds[spec.kind];
      const project = projectOptions.get(spec.name);
      return `| \`${spec.name}\` | ${isFile ? kind : "not in a file"} | \`${variableName(spec) ?? ""}\` | ${project ?? ""} | ${where} |`;
    });
  return [
    "# Settings",
    "",
    "Made from the option tables of `src/cli/commands` by `bun scripts/docs.ts`. [configuration.md](configuration.md) says where they may stand and which of",
    "them goes first; [commands.md](commands.md) what each of them does. Empty in the fourth column: a project's file may not have it.",
    "",
    "| key | kind | variable | in a project | commands |",
    "|---|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}

function knownOptionsSource(all: ReadonlyMap<string, Setting>): string {
  const names = [...all.values()].flatMap(({ spec: { name, aliases = [], negation } }) => [
    name,
    ...aliases,
    ...(negation === undefined ? [] : [negation]),
  ]);
  const words = [...new Set(names)].sort().join(" ");
  return [
    "/** Every name of every option of every command: what keys of a configuration file may be called. Made by `bun scripts/docs.ts`. */",
    "export const knownOptions: ReadonlySet<string> = new Set(",
    `  ${JSON.stringify(words)}.split(`,
    '    " ",',
    "  ),",
    ");",
    "",
  ].join("\n");
}

/** The pages, and the one table of the code, that are made from other tables: by their path. */
export async function referencePages(): Promise<Readonly<Record<string, string>>> {
  const all = await settings(commands);
  return {
    "docs/errors.md": errorsPage(),
    "docs/commands.md": await commandsPage(),
    "docs/settings.md": settingsPage(all),
    "src/cli/configuration/known-options.ts": knownOptionsSource(all),
  };
}

if (import.meta.main) {
  for (const [name, text] of Object.entries(await referencePages())) {
    const path = join(root, name);
    if (!process.argv.includes("--check")) writeFileSync(path, text);
    else if (readFileSync(path, "utf8") !== text) {
      console.error(`${name} is out of date: run bun scripts/docs.ts`);
      process.exit(1);
    }
  }
}
