import { isProjectMeant, run, runInProject } from "#operations";
import { pythonOption } from "../arguments/common.ts";
import type { Command } from "../command.ts";

export const command: Command = {
  forProjects: true,
  summary: "Run a command inside the environment",
  description:
    "As after activation, but for this one command. Its exit status is pen's. In a project with a Pipfile: in its environment, with the variables of its .env, and a name of its [scripts] runs that script.",
  arguments: [{ name: "COMMAND", help: "The command, or a script of the Pipfile, with its arguments; default python.", repeated: true }],
  options: [pythonOption],
  passRest: true,
  examples: [
    ["pen run python app.py", "with the environment's Python"],
    ['pen run python -c "import flask"', "one line"],
    ["pen run flask --version", "a program that a package brought"],
    ["pen run tests -x", "the script `tests` of the Pipfile"],
  ],
  async run(context) {
    const { parsed } = context;
    const operation = { host: context.host, onEvent: context.emit };
    const command = [...parsed.arguments, ...parsed.rest];
    const python = parsed.value("python");
    if (python === undefined && (await isProjectMeant(operation))) await runInProject({ ...operation, command });
    else await run({ ...operation, python, command });
  },
};
