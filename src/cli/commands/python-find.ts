import { describeInterpreter, findPython } from "#operations";
import type { Command } from "../command.ts";

export const command: Command = {
  summary: "Find the Python that a request means",
  arguments: [{ name: "REQUEST", help: "3.12, >=3.10,<3.13, pypy3.10, 3.13t, a path, a folder with an environment." }],
  options: [],
  examples: [
    ["pen python find", "the one pen would take"],
    ['pen python find ">=3.10,<3.13"', "the first that fits"],
  ],
  async run(context) {
    const interpreter = await findPython({
      host: context.host,
      onEvent: context.emit,
      signal: context.signal,
      request: context.parsed.arguments[0],
    });
    if (context.json) context.result({ ...describeInterpreter(interpreter) });
    else context.terminal.out(`${interpreter.executable}\n`);
  },
};
