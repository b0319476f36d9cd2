import { penVersion, PenError, printable, printableLine, virtualenvRelease, warn, type Host } from "#foundation";
import { makeVirtualenv, upgradeSeeds } from "#operations";
import { commonOptions } from "../arguments/common.ts";
import { parseArguments } from "../arguments/parse.ts";
import type { Parsed } from "../arguments/types.ts";
import type { Command, CommandContext } from "../command.ts";
import { readChoices, type Choices } from "../virtualenv/choices.ts";
import { helpHere } from "../virtualenv/help.ts";
import { readConfigFile, type ConfigFile } from "../virtualenv/ini.ts";
import { configurableOptions, virtualenvOptions } from "../virtualenv/options.ts";
import { reportText, stepsText } from "../virtualenv/report.ts";
import { openValues, type Values } from "../virtualenv/sources.ts";
import { indexesOf } from "./sources.ts";

const options = [...virtualenvOptions, ...commonOptions];

export const command: Command = {
  summary: "Make a virtual environment, with virtualenv's words",
  description:
    "Takes every option of virtualenv, its variables and its virtualenv.ini, and prints its lines. Started under the name virtualenv (a link to pen is enough), pen is this command. It makes what `pen venv` makes: pip comes from pen's store, and an index is asked as `pen venv` asks it (PEN_INDEX_URL, --index-url, --offline, …).",
  arguments: [{ name: "DEST", help: "Where. What is there already stays; an environment is mended." }],
  options: virtualenvOptions,
  examples: [
    ["pen virtualenv env", "an environment in env, with pip"],
    ["pen virtualenv -p 3.12 -p '>=3.10' env", "with Python 3.12, else with any from 3.10 on"],
    ["pen virtualenv --no-seed --activators bash,fish env", "without pip, and with two activation scripts"],
  ],
  helpHere: (host) => {
    const file = readConfigFile(host);
    const nothing = parseArguments([], { options, arguments: [], command: "virtualenv", variables: {} });
    return Promise.resolve(helpHere(valuesOf(nothing, { host, file, warn: () => {} }), file, options));
  },
  async run(context) {
    const file = readConfigFile(context.host);
    if (file.state === "failed to parse")
      warn(context.emit, "virtualenv-ini", `The config file ${printableLine(file.path)} is passed over: ${file.problem ?? ""}`);
    const seen = new Set<string>();
    const once = (message: string): void => {
      if (!seen.has(message)) warn(context.emit, "virtualenv-value", message);
      seen.add(message);
    };
    const values = valuesOf(context.parsed, { host: context.host, file, warn: once });
    if (context.verbose > 0)
      for (const message of [...values.origins(configurableOptions), ...furtherOrigins(context.host)])
        context.emit({ type: "log", level: "debug", code: "setting", message });
    const choices = readChoices(values, context.host);
    try {
      await perform(context, choices);
    } catch (error) {
      if (choices.withTraceback && error instanceof Error) context.terminal.err(`${printable(error.stack ?? error.message)}\n`);
      throw error;
    }
  },
};

function valuesOf(parsed: Parsed, about: { host: Host; file: ConfigFile; warn: (message: string) => void }): Values {
  const separator = about.host.platform === "win32" ? ";" : ":";
  return openValues({ options, parsed, variables: about.host.env, file: about.file, separator, warn: about.warn });
}

async function perform(context: CommandContext, choices: Choices): Promise<void> {
  const { host, terminal } = context;
  switch (choices.task) {
    case "version":
      if (context.json) context.result({ virtualenv: virtualenvRelease, pen: penVersion });
      else terminal.out(`virtualenv ${virtualenvRelease} from ${printableLine(host.executable)} (pen ${penVersion})\n`);
      return;
    case "upgrade":
      return upgrade(context, choices);
    case "create":
      return create(context, choices);
  }
}

async function upgrade(context: CommandContext, choices: Choices): Promise<void> {
  const { host, emit: onEvent, signal, parsed } = context;
  const upgraded = await upgradeSeeds({ host, onEvent, signal, appData: choices.appData, indexes: indexesOf(parsed) });
  if (context.json) {
    context.result({
      upgraded: upgraded.map(({ python, version, seeds }) => ({ python, version, seeds: seeds.map((seed) => ({ ...seed })) })),
    });
    return;
  }
  if (choices.verbosity < 2) return;
  for (const { python, version, seeds } of upgraded)
    context.terminal.out(
      `Python ${version} (${printableLine(python)}): ${seeds.map((seed) => `${seed.name} ${seed.version}`).join(", ")}\n`,
    );
}

async function create(context: CommandContext, choices: Choices): Promise<void> {
  const { host, emit: onEvent, signal, parsed, terminal } = context;
  const [path] = parsed.arguments;
  if (path === undefined)
    throw new PenError("USAGE", "virtualenv needs DEST, the folder to make the environment in", {
      hint: `Type for example: ${context.calledAs} env`,
    });
  if (choices.saysWheel) {
    warn(
      onEvent,
      "virtualenv-wheel",
      "DEPRECATION: --wheel and --no-wheel do nothing, since wheel is no seed any more. virtualenv removes them after 2026-12: leave them out.",
    );
  }
  const started = performance.now();
  const report = await makeVirtualenv({ ...choices.options, path, host, onEvent, signal, indexes: indexesOf(parsed), ...linkModeOf(host) });
  const { environment, interpreter } = report;
  if (context.json) {
    context.result({
      path: environment.root,
      python: environment.python,
      version: interpreter.version,
      base: interpreter.baseExecutable,
      spec: report.spec,
      creator: report.creator,
      seeder: choices.options.seeder ?? "app-data",
      seeded: report.seeded.map(({ name, version }) => ({ name, version })),
      redirect: report.redirect ?? null,
    });
    return;
  }
  if (choices.verbosity >= 3) terminal.out(stepsText(report));
  if (choices.verbosity >= 2) terminal.out(reportText(report, choices, performance.now() - started));
}

/** What has no option. */
function furtherOrigins({ env }: Host): string[] {
  const variables = ["VIRTUALENV_CONFIG_FILE", "VIRTUALENV_OVERRIDE_APP_DATA", "PEN_LINK_MODE"];
  return variables.flatMap((name) => (env[name] ? [`${name} is ${printableLine(env[name])} (from the variable)`] : []));
}

/** `PEN_LINK_MODE` counts here as for every other command. */
function linkModeOf({ env }: Host): { linkMode?: "clone" | "hardlink" | "copy" | "symlink" } {
  const mode = env["PEN_LINK_MODE"];
  return mode === "clone" || mode === "hardlink" || mode === "copy" || mode === "symlink" ? { linkMode: mode } : {};
}
