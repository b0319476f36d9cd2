import { PenError } from "#foundation";
import { runInProject } from "#operations";
import type { Command } from "../command.ts";
import { checkSystem, systemOption } from "../pipenv/system.ts";

export const command: Command = {
  forProjects: true,
  summary: "Run a script of the Pipfile, or a command, in the project's environment",
  arguments: [{ name: "COMMAND", help: "A name of [scripts], or a command, with its arguments.", repeated: true }],
  options: [systemOption],
  passRest: true,
  examples: [
    ["pen pipenv run python app.py", "with the environment's Python"],
    ["pen pipenv run tests", "the script that the Pipfile calls so"],
  ],
  async run(context) {
    const { parsed } = context;
    checkSystem(context);
    const words = [...parsed.arguments, ...parsed.rest];
    if (words.length === 0)
      throw new PenError("NOTHING_NAMED", "Missing argument 'command'.", { hint: "See what there is: pen pipenv scripts" });
    await runInProject({ host: context.host, onEvent: context.emit, command: words });
  },
};
