import { commonOptions } from "./arguments/common.ts";
import { metavarOf } from "./arguments/parse.ts";
import type { OptionSpec } from "./arguments/types.ts";
import { isGroup, type Colours, type Command, type CommandGroup, type HelpHere } from "./command.ts";

/** What help is written for. */
export interface HelpPage {
  readonly colour: Colours;
  /** Columns of the widest line that the reader can see. */
  readonly columns: number;
}

/** The help of one command: what it does, how it is called, examples first, then the options. */
export function commandHelp(name: string, command: Command, { colour, columns }: HelpPage, here?: HelpHere): string {
  const page = { colour, columns: Math.min(columns, most) };
  const words = command.arguments.map((argument) => {
    const shown = `${argument.name}${argument.repeated === true ? "…" : ""}`;
    return argument.required === true ? shown : `[${shown}]`;
  });
  const usage = [name, "[options]", ...words].join(" ");
  const argumentRows = command.arguments.map((argument) => [argument.name, argument.help] as const);
  const sections = [
    wrapped(`${command.summary}.${command.description === undefined ? "" : `\n\n${command.description}`}`, page.columns).join("\n"),
    `${colour.bold("Usage:")} ${usage}`,
    section("Examples:", command.examples, page),
    section("Arguments:", argumentRows, page),
    section("Options:", optionRows(command.options, here), page),
    section("Everywhere:", optionRows(commonOptions, here), page),
    wrapped(here?.end ?? "", page.columns).join("\n"),
  ];
  return `${sections.filter((text) => text !== "").join("\n\n")}\n`;
}

/** The help of a group: its commands. */
export function groupHelp(name: string, group: CommandGroup, { colour, columns }: HelpPage): string {
  const page = { colour, columns: Math.min(columns, most) };
  const rows = Object.entries(group.commands).map(([word, entry]) => [isGroup(entry) ? `${word} …` : word, entry.summary] as const);
  const start: ReadonlyArray<readonly [string, string]> =
    name === "pen"
      ? [
          ["pen venv", "make an environment in .venv"],
          [". .venv/bin/activate", "work in it"],
          ["pen pip install flask", "put a package in"],
          ['pen run python -c "import flask"', "run something in it without activating"],
        ]
      : [];
  const sections = [
    wrapped(`${group.summary}.`, page.columns).join("\n"),
    `${colour.bold("Usage:")} ${name} COMMAND [options]`,
    section("Commands:", rows, page),
    section("To begin:", start, page),
    `${name} COMMAND --help shows a command's options, with examples.`,
  ];
  return `${sections.filter((text) => text !== "").join("\n\n")}\n`;
}

/** Longer lines are hard to read, however wide a terminal is. */
const most = 100;
/** Explanations get at least this much, on lines of their own if need be. */
const leastText = 30;

function section(title: string, rows: ReadonlyArray<readonly [string, string]>, { colour, columns }: HelpPage): string {
  if (rows.length === 0) return "";
  const width = Math.min(34, Math.max(...rows.map(([left]) => left.length)));
  const isNarrow = columns - width - 4 < leastText;
  const margin = " ".repeat(isNarrow ? 6 : width + 4);
  const lines = rows.map(([left, right]) => {
    const words = wrapped(right, Math.max(leastText, columns - margin.length)).join(`\n${margin}`);
    return isNarrow || left.length > width
      ? `  ${colour.cyan(left)}\n${margin}${words}`
      : `  ${colour.cyan(left)}${" ".repeat(width - left.length)}  ${words}`;
  });
  return [colour.bold(title), ...lines].join("\n");
}

/** Lines of at most `columns`, broken between words; a longer word stays whole. */
function wrapped(text: string, columns: number): string[] {
  return text.split("\n").flatMap((paragraph) => {
    const lines = [""];
    for (const word of paragraph.split(" ")) {
      const last = lines.at(-1) ?? "";
      if (last === "") lines[lines.length - 1] = word;
      else if (last.length + 1 + word.length <= columns) lines[lines.length - 1] = `${last} ${word}`;
      else lines.push(word);
    }
    return lines;
  });
}

function optionRows(options: readonly OptionSpec[], here?: HelpHere): Array<readonly [string, string]> {
  return options
    .filter((option) => option.hidden !== true)
    .map((option) => [optionWords(option), `${describeOption(option)}${here?.notes.get(option.name) ?? ""}`] as const);
}

function optionWords(option: OptionSpec): string {
  const takesValue = option.kind === "value" || option.kind === "list";
  const long = `--${option.name}${takesValue ? ` ${metavarOf(option)}` : ""}`;
  return option.short === undefined ? `    ${long}` : `-${option.short}, ${long}`;
}

function describeOption(option: OptionSpec): string {
  const also = [
    ...(option.negation === undefined ? [] : [`off: --${option.negation}`]),
    ...(option.variable === undefined ? [] : [option.variable]),
  ];
  return `${option.help}${also.length === 0 ? "" : ` [${also.join("; ")}]`}`;
}
