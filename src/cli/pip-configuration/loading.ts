import { environmentRoot } from "#operations";
import { pathExists, type Host } from "#foundation";
import type { OptionSettings, OptionSpec, Parsed } from "../arguments/types.ts";
import type { Settings } from "../configuration/settings.ts";
import { absolutePlace, pipPlaces } from "./places.ts";

export interface LoadOptions {
  readonly host: Host;
  /** The command's word: `install`. */
  readonly command: string;
  readonly options: readonly OptionSpec[];
  /** The program was started under pip's name: then pip's own rules hold where pen has others. */
  readonly asPip: boolean;
  /** What pen's own files say. */
  readonly files: Settings;
}

/**
 * pip's configuration for one command, as the command line (which says `--isolated` and which environment) wants it, together with pen's own. docs/pip.md
 * tells the order: a project's file, pip's files, the person's file of pen's, `PIP_*` variables. Errors: `INVALID_CONFIG` with file and key.
 */
export async function loadPipSettings(parsed: Parsed, { host, command, options, asPip, files }: LoadOptions): Promise<OptionSettings> {
  const has = (name: string): boolean => options.some((spec) => spec.name === name);
  const python = has("python") ? parsed.value("python") : undefined;
  // Where no file counts, none of an environment does.
  const environment = pipPlaces(host, undefined).isOff ? undefined : await environmentRoot({ host, python });
  const settings = saysNothing(host, environment)
    ? new Map([...files.project, ...files.own])
    : await readSettings({ host, command, options, files, environment, isolated: parsed.flag("isolated") });
  if (!asPip || !has("index-strategy")) return settings;
  return new Map([["index-strategy", { values: ["best-match"], origin: "pip's own rule, as the program is called pip" }], ...settings]);
}

/** True where neither a file nor a variable of pip's is there, as on most machines: then their readers are not even loaded. */
function saysNothing(host: Host, environment: string | undefined): boolean {
  for (const name in host.env) if (name.startsWith("PIP_") && name !== "PIP_CONFIG_FILE") return false;
  const places = pipPlaces(host, environment);
  return places.isOff || !places.files.some(([, paths]) => paths.some((path) => pathExists(absolutePlace(path, host))));
}

interface ReadOptions extends Pick<LoadOptions, "host" | "command" | "options" | "files"> {
  readonly environment: string | undefined;
  readonly isolated: boolean;
}

async function readSettings({ host, command, options, files, environment, isolated }: ReadOptions): Promise<OptionSettings> {
  const [{ readPipConfiguration }, { optionSettings }] = await Promise.all([import("./reading.ts"), import("./settings.ts")]);
  const configuration = readPipConfiguration({ host, environment, isolated });
  const rules = { host, command, options };
  return new Map([
    ...files.project,
    ...optionSettings({ ...configuration, variables: [] }, rules),
    ...files.own,
    ...optionSettings({ ...configuration, files: [] }, rules),
  ]);
}
