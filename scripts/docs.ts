/** Writes the reference pages that come from tables in the code: docs/errors.md and docs/commands.md. `--check` only compares. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { errorCodes } from "../src/foundation/index.ts";
import { commonOptions } from "../src/cli/arguments/common.ts";
import { metavarOf } from "../src/cli/arguments/parse.ts";
import type { OptionSpec } from "../src/cli/arguments/types.ts";
import { isGroup, type CommandGroup } from "../src/cli/command.ts";
import { root as commands } from "../src/cli/commands.ts";

const docs = join(import.meta.dirname, "..", "docs");

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

/** The pages by file name. */
export async function referencePages(): Promise<Readonly<Record<string, string>>> {
  return { "errors.md": errorsPage(), "commands.md": await commandsPage() };
}

if (import.meta.main) {
  for (const [name, text] of Object.entries(await referencePages())) {
    const path = join(docs, name);
    if (!process.argv.includes("--check")) writeFileSync(path, text);
    else if (readFileSync(path, "utf8") !== text) {
      console.error(`docs/${name} is out of date: run bun scripts/docs.ts`);
      process.exit(1);
    }
  }
}
