import { isProjectMeant, shell, shellInProject } from "#operations";
import type { Command } from "../command.ts";

export const command: Command = {
  forProjects: true,
  summary: "Start your shell with the environment active",
  description:
    "Your own start-up files are read first. `exit` brings you back; this shell is not changed. In a project with a Pipfile: with its environment, and the variables of its .env.",
  arguments: [
    {
      name: "ENV",
      help: "The environment, by its path or its name; default that of the Pipfile's project, or .venv here or in a folder above.",
    },
  ],
  options: [
    { name: "shell", kind: "value", metavar: "SHELL", help: "Another shell than the one you use: bash, zsh, fish, …" },
    { name: "anyway", kind: "flag", help: "Also inside a shell that `pen shell` started." },
  ],
  examples: [
    ["pen shell", "in .venv"],
    ["pen shell env --shell fish", "in env, with fish"],
  ],
  async run(context) {
    const { parsed } = context;
    const operation = { host: context.host, onEvent: context.emit };
    const options = { ...operation, shell: parsed.value("shell"), anyway: parsed.flag("anyway") };
    const [path] = parsed.arguments;
    if (path === undefined && (await isProjectMeant(operation))) await shellInProject(options);
    else await shell({ ...options, path });
  },
};
