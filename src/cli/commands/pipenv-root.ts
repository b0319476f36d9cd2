import { PenError, penVersion } from "#foundation";
import { cleanCache, hasProject, installProject, listPythons, locateProject, prepareProject, projectPython } from "#operations";
import type { Command, CommandContext } from "../command.ts";
import { changeOptions } from "../pipenv/common.ts";
import { bareOption, commonPipenv, siteOptions } from "../pipenv/options.ts";
import { knownVariables } from "../pipenv/variables.ts";
import { command as remove } from "./pipenv-remove.ts";

/** `pipenv` without a command. */
export const command: Command = {
  forProjects: true,
  summary: "Projects with a Pipfile, with pipenv's words",
  arguments: [],
  options: [
    { name: "where", kind: "flag", help: "Print the folder of the project." },
    { name: "venv", kind: "flag", help: "Print the folder of its environment." },
    { name: "py", kind: "flag", help: "Print the Python of its environment." },
    { name: "envs", kind: "flag", help: "List the variables that are heeded." },
    { name: "rm", kind: "flag", help: "The same as `remove`." },
    { name: "support", kind: "flag", help: "Print what a report of a problem should hold." },
    { name: "man", kind: "flag", help: "Say where the manual is." },
    bareOption,
    ...commonPipenv,
    ...siteOptions,
  ],
  examples: [
    ["pen pipenv --venv", "where is the environment?"],
    ["pen pipenv --python 3.12", "make it, with this Python"],
  ],
  async run(context) {
    const { parsed, host, terminal } = context;
    const operation = { host, onEvent: context.emit };
    if (parsed.flag("envs"))
      terminal.out(knownVariables.map(([name, meaning]) => `  - ${name}  ${context.colour.dim(meaning)}\n`).join(""));
    else if (parsed.flag("man")) terminal.out("The manual is docs/pipenv.md; every command has --help.\n");
    else if (parsed.flag("where")) terminal.out(`${(await locateProject(operation)).project.root}\n`);
    else if (parsed.flag("venv")) terminal.out(`${await environmentRoot(context)}\n`);
    else if (parsed.flag("py")) terminal.out(`${await projectPython(operation)}\n`);
    else if (parsed.flag("rm")) return remove.run(context);
    else if (parsed.flag("support")) await support(context);
    else if (parsed.value("python") !== undefined || parsed.flagIfGiven("site-packages") !== undefined) await prepare(context);
    else if (parsed.flag("clear")) {
      const { bytes } = await cleanCache(operation);
      terminal.err(`Cleared pen's cache (${Math.round(bytes / 1e6)} MB).\n`);
    } else throw new PenError("USAGE", "pipenv needs a command", { hint: "See: pen pipenv --help" });
    return 0;
  },
};

async function environmentRoot({ host, emit }: CommandContext): Promise<string> {
  const { project, environment } = await locateProject({ host, onEvent: emit });
  if (environment.exists) return environment.root;
  throw new PenError("ENV_NOT_FOUND", `No virtualenv has been created for this project ${project.root} yet!`, {
    hint: "Make it, with all packages: pen pipenv install",
  });
}

async function prepare(context: CommandContext): Promise<void> {
  if (!(await hasProject({ host: context.host }))) await installProject({ ...changeOptions(context), categories: [] });
  const { place } = await prepareProject(changeOptions(context));
  context.terminal.err(`Virtualenv location: ${place.root}\n`);
}

async function support(context: CommandContext): Promise<void> {
  const { host, terminal } = context;
  const lines = [`pen ${penVersion}`, `platform: ${host.platform} ${host.arch}`, "", "Pythons:"];
  for (const { version, executable } of await listPythons({ host })) lines.push(`  - ${version}: ${executable}`);
  lines.push(
    "",
    "Variables:",
    ...Object.keys(host.env)
      .filter((name) => /^(PIPENV|PEN|PIP|VIRTUAL_ENV|WORKON_HOME)/.test(name))
      .map((name) => `  - ${name}`),
  );
  terminal.out(`${lines.join("\n")}\n`);
}
