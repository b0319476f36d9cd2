import { printableLine } from "#foundation";
import type { OptionSpec } from "../arguments/types.ts";
import type { HelpHere } from "../command.ts";
import type { ConfigFile } from "./ini.ts";
import type { Sourced, Values } from "./sources.ts";

const defaults: Readonly<Record<string, string>> = {
  discovery: "builtin",
  creator: "builtin",
  seeder: "app-data",
  pip: "bundle",
  activators: "all",
  verbose: "2",
  quiet: "0",
};

/** What each option is now, and where that comes from; and which file was read. */
export function helpHere(values: Values, file: ConfigFile, options: readonly OptionSpec[]): HelpHere {
  const notes = new Map<string, string>();
  for (const option of options) {
    const note = option.hidden === true || option.name === "version" || option.name === "help" ? undefined : noteOf(option, values);
    if (note !== undefined) notes.set(option.name, note);
  }
  const { path, state, isNamed, problem } = file;
  const why = problem === undefined ? "" : `\n  ${printableLine(problem)}`;
  const end = `Each option is also read from VIRTUALENV_<OPTION>, else from [virtualenv] in the config file.\nconfig file ${printableLine(path)} ${state} (change${isNamed ? "d" : ""} via env var VIRTUALENV_CONFIG_FILE)${why}`;
  return { notes, end };
}

function noteOf(option: OptionSpec, values: Values): string | undefined {
  if (option.kind === "count" && (option.name === "verbose" || option.name === "quiet"))
    return written(values.count(option.name, option.name === "verbose" ? 2 : 0), option.name);
  if (option.negation !== undefined) return written(values.choice(option.name, option.negation), option.name);
  switch (option.kind) {
    case "flag":
      return written(values.flag(option.name, option.name === "symlinks"), option.name);
    case "value":
      return written(values.text(option.name), option.name);
    case "list":
      return written(values.list(option.name), option.name);
    case "count":
      return undefined;
  }
}

function written(
  { value, source, from }: Sourced<boolean | number | string | readonly string[] | undefined>,
  name: string,
): string | undefined {
  const usual = source === "default" ? defaults[name] : undefined;
  const nothing = value === undefined || value === false || (Array.isArray(value) && value.length === 0);
  if (source === "default") return nothing && usual === undefined ? undefined : ` (default: ${usual ?? String(value)})`;
  const shown = printableLine(Array.isArray(value) ? value.join(" ") : String(value));
  return ` (default: ${shown} -> from ${source === "variable" ? `env var ${from ?? ""}` : "file"})`;
}
