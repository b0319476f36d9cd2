import { printableLine } from "#foundation";
import { createNamedEnvironment } from "#operations";
import type { Command } from "../command.ts";
import { contentText, createdJson } from "./created.ts";
import { creationChoices, creationOptions } from "./env-naming.ts";

export const command: Command = {
  summary: "Make an environment that is kept by its name",
  description:
    "It stands in pen's data folder and belongs to no project. Wherever a command takes an environment, its name does: pen activate NAME, pen shell NAME, pen pip install --python NAME. `pen venv` makes one in a folder that you choose.",
  arguments: [{ name: "NAME", help: "Letters, digits, and . _ + - inside.", required: true }],
  options: [...creationOptions, { name: "clear", kind: "flag", help: "Make an existing environment anew." }],
  examples: [
    ["pen env create science -p 3.12", "for things that belong to no project"],
    ['eval "$(pen activate science)"', "work in it"],
    ["pen env remove science", "delete it"],
  ],
  async run(context) {
    const { parsed, host } = context;
    const name = parsed.arguments[0] ?? "";
    const options = { host, onEvent: context.emit, signal: context.signal, ...creationChoices(parsed) };
    const created = await createNamedEnvironment({ ...options, name, clear: parsed.flag("clear") });
    if (context.json) context.result({ name, environment: createdJson(created) });
    else if (context.quiet === 0) {
      context.terminal.out(`Made ${context.colour.bold(name)}: ${contentText(created)}.\n  ${printableLine(created.environment.root)}\n`);
      context.terminal.out(`Activate it: eval "$(pen activate ${name})". Tie a project to it: pen env use ${name}\n`);
    }
  },
};
