import { removeProject } from "#operations";
import type { Command } from "../command.ts";

export const command: Command = {
  forProjects: true,
  summary: "Delete the project's environment",
  arguments: [],
  options: [],
  examples: [["pen pipenv remove", "the Pipfile and the lock stay"]],
  async run(context) {
    const root = await removeProject({ host: context.host, onEvent: context.emit });
    if (context.json) context.result({ removed: root });
    else if (context.quiet === 0) context.terminal.out(`Removing virtualenv (${root})...\n`);
  },
};
