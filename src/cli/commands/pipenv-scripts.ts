import { locateProject } from "#operations";
import type { Command } from "../command.ts";
import { commonPipenv } from "../pipenv/options.ts";
import { scriptText } from "../pipenv/script-text.ts";

export const command: Command = {
  forProjects: true,
  summary: "List the scripts of the Pipfile",
  arguments: [],
  options: commonPipenv.map((option) => ({ ...option, idle: "no environment is made, and nothing is fetched", hidden: true })),
  examples: [["pen pipenv scripts", "what `pen pipenv run` knows by name"]],
  async run(context) {
    const { project } = await locateProject({ host: context.host, onEvent: context.emit });
    const rows = [...project.pipfile.scripts].map(([name, script]) => [name, scriptText(script)] as const);
    if (context.json) {
      context.result({ scripts: Object.fromEntries(rows) });
      return;
    }
    const [first, second] = [0, 1].map((at) => Math.max(...[["Command", "Script"], ...rows].map((row) => (row[at] ?? "").length))) as [
      number,
      number,
    ];
    const lines = [`${"Command".padEnd(first)}  Script`, `${"-".repeat(first)}  ${"-".repeat(second)}`];
    context.terminal.out([...lines, ...rows.map(([name, text]) => `${name.padEnd(first)}  ${text}`)].map((line) => `${line}\n`).join(""));
  },
};
