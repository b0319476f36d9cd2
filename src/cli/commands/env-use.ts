import { PenError, printableLine } from "#foundation";
import { disuseEnvironment, useEnvironment } from "#operations";
import type { Command, CommandContext } from "../command.ts";
import { contentText, createdJson } from "./created.ts";
import { creationChoices, creationOptions } from "./env-naming.ts";

export const command: Command = {
  forProjects: true,
  summary: "Let the project here use an environment that stands elsewhere",
  description:
    "Writes the file .venv, which holds the path of the environment (PEP 832): pen and other tools then take it for the project's own. An environment of a name that nobody has is made first, in pen's data folder. Several projects may use one environment.",
  arguments: [{ name: "ENV", help: "A name, which is made when it is missing; or the path of an environment." }],
  options: [
    { name: "unset", kind: "flag", help: "Remove the file .venv again; the environment stays." },
    { name: "project", kind: "value", metavar: "DIR", help: "The project's folder; default is the one you are in." },
    ...creationOptions,
  ],
  examples: [
    ["pen env use science", "this folder works in the environment science from now on"],
    ["pen env use science -p 3.12", "made with Python 3.12 when it is missing"],
    ["pen env use --unset", "no more"],
  ],
  async run(context) {
    const { parsed } = context;
    const name = parsed.arguments[0];
    if (parsed.flag("unset")) {
      if (name !== undefined) throw new PenError("USAGE", "--unset takes no name", { hint: "Type: pen env use --unset" });
      return unset(context);
    }
    if (name === undefined)
      throw new PenError("USAGE", "pen env use needs ENV", { hint: "See what there is: pen env list. Then: pen env use NAME" });
    await use(name, context);
  },
};

async function use(name: string, context: CommandContext): Promise<void> {
  const { parsed, host, terminal, colour } = context;
  const options = { host, onEvent: context.emit, signal: context.signal, project: parsed.value("project"), ...creationChoices(parsed) };
  const { root, project, redirect, previous, created } = await useEnvironment({ ...options, name });
  if (context.json) {
    context.result({ environment: root, project, redirect, previous, created: created === null ? null : createdJson(created) });
    return;
  }
  if (context.quiet > 0) return;
  if (created !== null) terminal.out(`Made ${colour.bold(printableLine(name))}: ${contentText(created)}.\n`);
  terminal.out(`${printableLine(project)} uses ${colour.bold(printableLine(name))} now:\n  ${printableLine(root)}\n`);
  if (previous !== null) terminal.out(`Before, it used ${printableLine(previous)}\n`);
  const active = host.env["VIRTUAL_ENV"];
  if (active && active !== root) terminal.out(`In this shell another one is active: ${printableLine(active)} (leave it: deactivate)\n`);
}

async function unset(context: CommandContext): Promise<void> {
  const { parsed, host, terminal } = context;
  const { project, redirect, previous } = await disuseEnvironment({ host, onEvent: context.emit, project: parsed.value("project") });
  if (context.json) context.result({ environment: null, project, redirect, previous, created: null });
  else if (context.quiet > 0) return;
  else if (previous === null) terminal.out(`${printableLine(project)} uses no environment from elsewhere.\n`);
  else terminal.out(`${printableLine(project)} no longer uses ${printableLine(previous)}, which stays.\n`);
}
