import { becomeProcess, PenError, printable, printableLine, type JsonValue } from "#foundation";
import { environmentRoot } from "#operations";
import { pythonOption } from "../arguments/common.ts";
import type { Command, CommandContext } from "../command.ts";
import {
  fileToEdit,
  noSuchKey,
  setPipValue,
  splitKey,
  unsetPipValue,
  usualChoice,
  type EditOptions,
  type PipFileChoice,
} from "../pip-configuration/editing.ts";
import { pipName } from "#standards";
import { readPipConfiguration, type PipConfiguration } from "../pip-configuration/reading.ts";
import { pythonText } from "../output/python-text.ts";

const actions = ["debug", "edit", "get", "list", "set", "unset"] as const;
type Action = (typeof actions)[number];

export const command: Command = {
  summary: "Look at and change pip's configuration",
  description:
    "Which settings count, from which file or variable: docs/pip.md has the order. Changes keep the comments and the order of the file, and are made in one step.",
  arguments: [
    { name: "ACTION", help: "list, get NAME, set NAME VALUE, unset NAME, edit or debug. A NAME is SECTION.OPTION: global.index-url." },
    { name: "WORD", help: "What the action works on.", repeated: true },
  ],
  options: [
    { name: "global", kind: "flag", help: "Work on the file for all users." },
    { name: "user", kind: "flag", help: "Work on your own file." },
    { name: "site", kind: "flag", help: "Work on the pip.conf of the environment." },
    { name: "editor", kind: "value", metavar: "COMMAND", help: "The editor for edit; without it $VISUAL or $EDITOR." },
    pythonOption,
  ],
  examples: [
    ["pen pip config list", "what is set, and where"],
    ["pen pip config set global.index-url https://packages.example.org/simple", "in your own file"],
    ["pen pip config debug", "which files are looked for"],
  ],
  async run(context) {
    const [action, ...words] = context.parsed.arguments;
    if (!isAction(action))
      throw new PenError("NOTHING_NAMED", `Need an action (${actions.join(", ")}) to perform.`, {
        hint: "Type for example: pen pip config list",
      });
    const { parsed, host } = context;
    const environment = await environmentRoot({ host, python: parsed.value("python") });
    const choice = chosen(parsed);
    const isolated = parsed.flag("isolated");
    const edit: EditOptions = { host, environment, isolated, choice: choice ?? usualChoice(host, environment), emit: context.emit };
    const [first = "", second = ""] = checkWords(action, words);
    switch (action) {
      case "list":
        return list(context, readPipConfiguration({ host, environment, isolated, only: choice }));
      case "debug":
        return debug(context, readPipConfiguration({ host, environment, isolated, only: choice }));
      case "get":
        return get(context, readPipConfiguration({ host, environment, isolated, only: edit.choice }), first);
      case "set":
        return changed(context, first, setPipValue(edit, first, second));
      case "unset":
        return changed(context, first, unsetPipValue(edit, first));
      case "edit":
        return openEditor(context, fileToEdit(edit).path);
    }
  },
};

const isAction = (word: string | undefined): word is Action => actions.some((action) => action === word);

const wordCounts: Readonly<Record<Action, readonly string[]>> = {
  list: [],
  debug: [],
  edit: [],
  get: ["NAME"],
  unset: ["NAME"],
  set: ["NAME", "VALUE"],
};

function checkWords(action: Action, words: readonly string[]): readonly string[] {
  const needed = wordCounts[action];
  if (words.length === needed.length) return words;
  throw new PenError("NOTHING_NAMED", `Got unexpected number of arguments, expected ${needed.length}.`, {
    hint: `Type: pen pip config ${[action, ...needed].join(" ")}`,
  });
}

function chosen(parsed: CommandContext["parsed"]): PipFileChoice | undefined {
  const [one, ...others] = (["user", "global", "site"] as const).filter((name) => parsed.flag(name));
  if (others.length > 0)
    throw new PenError("OPTION_CONFLICT", "Need exactly one file to operate upon (--user, --site, --global) to perform.", {
      hint: "Name one of the three.",
    });
  return one;
}

function list({ json, quiet, result, terminal }: CommandContext, { files, variables }: PipConfiguration): void {
  // By the name of the file, and within it by key, as pip sorts them; a file that counts twice is shown once.
  const blocks = [...files.map(({ path, items }) => ({ path, items })), { path: ":env:", items: variables }].sort((a, b) =>
    a.path < b.path ? -1 : 1,
  );
  const settings = blocks.flatMap(({ path, items }) =>
    items.map(({ section, name, value }) => ({ key: `${section}.${name}`, value, source: path })).sort((a, b) => (a.key < b.key ? -1 : 1)),
  );
  if (json) result({ settings });
  else if (quiet === 0) terminal.out(settings.map(({ key, value }) => `${printableLine(key)}=${pythonText(value)}\n`).join(""));
}

function get({ json, quiet, result, terminal }: CommandContext, { files, variables }: PipConfiguration, key: string): void {
  const wanted = pipName(key);
  const found = [...files.flatMap(({ items }) => items), ...variables].findLast(({ section, name }) => `${section}.${name}` === wanted);
  if (found === undefined) {
    splitKey(key);
    throw noSuchKey(key);
  }
  if (json) result({ key: wanted, value: found.value, source: found.variable ?? found.origin });
  else if (quiet === 0) terminal.out(printable(`${found.value}\n`));
}

function changed({ json, result, terminal, quiet }: CommandContext, key: string, file: string): void {
  if (json) result({ key: pipName(key), file });
  else if (quiet === 0) terminal.out(`Writing to ${printableLine(file)}\n`);
}

function debug({ json, result, terminal }: CommandContext, { files, variables, places }: PipConfiguration): void {
  const sorted = [...variables].sort((a, b) => ((a.variable ?? "") < (b.variable ?? "") ? -1 : 1));
  if (json) {
    const shown = files.map(({ kind, path, exists, items }): JsonValue => ({
      kind,
      path,
      exists,
      settings: items.map(({ section, name, value }) => ({ key: `${section}.${name}`, value })),
    }));
    return result({ variables: sorted.map(({ variable = "", value }) => ({ name: variable, value })), files: shown });
  }
  const lines = [
    "env_var:",
    ...sorted.map(({ variable = "", value }) => `  PIP_${printableLine(variable.slice(4).toUpperCase())}=${pythonText(value)}`),
  ];
  for (const kind of ["env", "global", "site", "user"] as const) {
    if (kind === "user" && files.every((file) => file.kind !== "user") && places.files.length > 0) continue;
    lines.push(`${kind}:`);
    for (const file of files.filter((one) => one.kind === kind)) {
      lines.push(`  ${printableLine(file.path)}, exists: ${file.exists ? "True" : "False"}`);
      for (const { section, name, value } of file.items)
        lines.push(`    ${printableLine(`${section}.${name}`)}: ${printable(value).replaceAll("\n", "\n    ")}`);
    }
  }
  terminal.out(`${lines.join("\n")}\n`);
}

/** The editor is a command line of the person's own, so the shell reads it; the file's name is never part of it. */
async function openEditor({ parsed, host }: CommandContext, file: string): Promise<void> {
  const editor = parsed.value("editor") ?? host.env["VISUAL"] ?? host.env["EDITOR"];
  if (editor === undefined || editor.trim() === "")
    throw new PenError("NOTHING_NAMED", "Could not determine editor to use.", {
      hint: "Name one: pen pip config edit --editor nano, or set EDITOR.",
    });
  const script = `${editor} "$1"\nstatus=$?\n[ "$status" -eq 0 ] && exit 0\necho "error: The editor ended with exit status $status" >&2\nexit 1`;
  await becomeProcess("/bin/sh", ["sh", "-c", script, "sh", file], host.env);
}
