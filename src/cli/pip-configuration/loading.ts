import { environmentRoot } from "#operations";
import type { Host } from "#foundation";
import type { OptionSettings, OptionSpec, Parsed } from "../arguments/types.ts";
import { readPipConfiguration } from "./reading.ts";
import type { Settings } from "../configuration/settings.ts";
import { optionSettings } from "./settings.ts";

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
  const environment = await environmentRoot({ host, python });
  const configuration = readPipConfiguration({ host, environment, isolated: parsed.flag("isolated") });
  const rules = { host, command, options };
  const settings = new Map([
    ...files.project,
    ...optionSettings({ ...configuration, variables: [] }, rules),
    ...files.own,
    ...optionSettings({ ...configuration, files: [] }, rules),
  ]);
  if (!asPip || !has("index-strategy")) return settings;
  return new Map([["index-strategy", { values: ["best-match"], origin: "pip's own rule, as the program is called pip" }], ...settings]);
}
