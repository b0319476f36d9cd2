import { printableLine } from "#foundation";
import { check } from "#operations";
import { pipHabits, pythonOption } from "../arguments/common.ts";
import type { Command } from "../command.ts";
import { problemText } from "../output/problems.ts";

export const command: Command = {
  summary: "Check that installed packages fit together",
  arguments: [],
  options: [pythonOption, ...pipHabits],
  examples: [["pen pip check", "exit status 1 when something is missing or does not fit"]],
  async run(context) {
    const problems = await check({ host: context.host, onEvent: context.emit, python: context.parsed.value("python") });
    if (context.json) context.result({ problems: problems.map((problem) => ({ ...problem })) });
    else if (context.quiet === 0 && problems.length === 0) context.terminal.out("No broken requirements found.\n");
    else if (context.quiet === 0) context.terminal.out(problems.map((problem) => `${printableLine(problemText(problem))}\n`).join(""));
    return problems.length === 0 ? 0 : 1;
  },
};
