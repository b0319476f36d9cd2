import { printableLine } from "#foundation";
import { locateProject } from "#operations";
import type { Command } from "../command.ts";
import { scriptText } from "../pipenv/script-text.ts";

export const command: Command = {
  forProjects: true,
  summary: "List the scripts of the project's Pipfile",
  description: "Each is run by its name: pen run NAME. Further words become its arguments.",
  arguments: [],
  options: [],
  examples: [["pen scripts", "what `pen run` knows by name here"]],
  async run(context) {
    const { terminal, colour } = context;
    const { project } = await locateProject({ host: context.host, onEvent: context.emit });
    const rows = [...project.pipfile.scripts].map(([name, script]) => [printableLine(name), scriptText(script)] as const);
    if (context.json) return context.result({ scripts: Object.fromEntries(rows) });
    if (rows.length === 0) {
      if (context.quiet === 0) terminal.err("The Pipfile has no [scripts].\n");
      return;
    }
    const width = Math.max(...rows.map(([name]) => name.length));
    terminal.out(rows.map(([name, text]) => `${colour.bold(name.padEnd(width))}  ${text}\n`).join(""));
  },
};
