import { PenError, printableLine } from "#foundation";
import { shellInProject } from "#operations";
import type { Command } from "../command.ts";
import { commonPipenv } from "../pipenv/options.ts";

export const command: Command = {
  forProjects: true,
  summary: "Start your shell with the project's environment active",
  arguments: [],
  options: [
    {
      name: "fancy",
      kind: "flag",
      variable: "PIPENV_SHELL_FANCY",
      help: "Changes nothing.",
      idle: "your own start-up files are always read",
    },
    { name: "anyway", kind: "flag", help: "Also inside a shell that was started so." },
    ...commonPipenv,
  ],
  examples: [["pen pipenv shell", "exit brings you back"]],
  async run(context) {
    const { parsed, host } = context;
    if (host.env["PIPENV_ACTIVE"] !== undefined && !parsed.flag("anyway")) {
      throw new PenError(
        "USAGE",
        `Shell for ${printableLine(host.env["VIRTUAL_ENV"] ?? "UNKNOWN_VIRTUAL_ENVIRONMENT")} already activated.`,
        {
          why: "New shell not activated to avoid nested environments.",
          hint: "Leave it with `exit` first, or add --anyway.",
        },
      );
    }
    if (context.quiet === 0) context.terminal.err("Launching subshell in virtual environment...\n");
    await shellInProject({
      host,
      onEvent: context.emit,
      python: parsed.value("python"),
      shell: host.env["PIPENV_SHELL"],
      anyway: true,
    });
  },
};
