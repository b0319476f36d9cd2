import type { Host } from "#foundation";
import type { OptionSettings, OptionSpec, Parsed } from "../arguments/types.ts";
import { configurationFile, isWithoutConfiguration } from "./configuration.ts";
import { projectPlace } from "./project-place.ts";

export interface SettingsOptions {
  readonly host: Host;
  /** The words of the command: `["pip", "install"]`. */
  readonly command: readonly string[];
  readonly options: readonly OptionSpec[];
  /** A project's file counts as well: not under pip's own name, as pip reads none. */
  readonly projects: boolean;
}

export interface Settings {
  /** What the person's own file says. */
  readonly own: OptionSettings;
  /** What the file of the project says, which everything else goes before. */
  readonly project: OptionSettings;
}

const nothing: OptionSettings = new Map();

/** The commands whose project file counts: those that solve, and those that make an environment. */
const projectCommands: ReadonlySet<string> = new Set([
  ...["install", "download", "wheel", "lock", "sync", "compile"].map((name) => `pip ${name}`),
  "venv",
  "env create",
]);

/**
 * What configuration files say about the options of a command. Costs one look where there is no file. Errors: `INVALID_CONFIG` with file and line.
 */
export async function loadSettings(parsed: Parsed, { host, command, options, projects }: SettingsOptions): Promise<Settings> {
  if (isWithoutConfiguration(parsed)) return { own: nothing, project: nothing };
  const file = configurationFile(host, parsed);
  const isAlone = parsed.knows("no-project") && parsed.flag("no-project");
  const looksInProject = projects && !isAlone && projectCommands.has(command.join(" "));
  if (file === undefined && !looksInProject) return { own: nothing, project: nothing };
  const project = looksInProject ? projectPlace(host) : undefined;
  if (file === undefined && project === undefined) return { own: nothing, project: nothing };
  // The reader of TOML is loaded only where there is something to read.
  const [{ optionLayers }, { readDocument }] = await Promise.all([import("./option-layers.ts"), import("./reading.ts")]);
  const own = file === undefined ? nothing : optionLayers(readDocument(file), { command, options });
  if (project === undefined) return { own, project: nothing };
  const { admitInProject, projectDocument } = await import("./project-file.ts");
  const document = projectDocument(project);
  // What `pen pip` calls --python is an environment, and no wish for a Python.
  const rules = {
    command,
    options: command[0] === "pip" ? options.filter(({ name }) => name !== "python") : options,
    admit: admitInProject,
  };
  return { own, project: document === undefined ? nothing : optionLayers(document, rules) };
}
