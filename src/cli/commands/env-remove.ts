import { removeEnvironments } from "#operations";
import type { Command } from "../command.ts";
import { confirmation, removalOptions, reportRemoval } from "./env-removing.ts";

export const command: Command = {
  summary: "Delete environments",
  description:
    "Shows what would go and asks. Deletes virtual environments and nothing else: no link, no folder with other things in it, no installation of Python, not the place where you are, not the active one, and none that another environment inherits from.",
  arguments: [{ name: "ENV", help: "A path, or the name of an environment of `pen env list`.", required: true, repeated: true }],
  options: removalOptions,
  examples: [
    ["pen env remove .venv", "shows it and asks"],
    ["pen env remove --yes old-project", "by its name, without asking"],
  ],
  async run(context) {
    const confirm = confirmation(context);
    const options = { host: context.host, onEvent: context.emit, signal: context.signal, confirm };
    return reportRemoval(context, await removeEnvironments({ ...options, names: context.parsed.arguments }));
  },
};
