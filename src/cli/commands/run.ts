import { run } from "#operations";
import { pythonOption } from "../arguments/common.ts";
import type { Command } from "../command.ts";

export const command: Command = {
  summary: "Run a command inside the environment",
  description: "As after activation, but for this one command. Its exit status is pen's.",
  arguments: [{ name: "COMMAND", help: "The command with its arguments; default python.", repeated: true }],
  options: [pythonOption],
  passRest: true,
  examples: [
    ["pen run python app.py", "with the environment's Python"],
    ['pen run python -c "import flask"', "one line"],
    ["pen run flask --version", "a program that a package brought"],
  ],
  async run(context) {
    const { parsed } = context;
    await run({
      host: context.host,
      onEvent: context.emit,
      python: parsed.value("python"),
      command: [...parsed.arguments, ...parsed.rest],
    });
  },
};
