import { activate } from "#operations";
import type { Command } from "../command.ts";

export const command: Command = {
  forProjects: true,
  summary: "Print the line that activates an environment in your shell",
  description: "For a shell to evaluate; whatever stands in the path stays a name. `deactivate` undoes it.",
  arguments: [{ name: "ENV", help: "The environment, by its path or its name; default .venv here or in a folder above." }],
  options: [
    {
      name: "shell",
      kind: "value",
      metavar: "SHELL",
      help: "sh, dash, bash, zsh, ksh, mksh, yash, fish, csh, tcsh, nu, xonsh, powershell or cmd; default is the shell you use.",
    },
  ],
  examples: [
    ['eval "$(pen activate)"', "in bash, zsh, ksh and sh"],
    ["pen activate | source", "in fish"],
    ["pen activate --shell csh", 'in csh: eval "`pen activate --shell csh`"'],
    ["pen activate --shell powershell", "in PowerShell: pen activate --shell powershell | Out-String | Invoke-Expression"],
    ["pen activate --shell cmd", "in cmd: for /f \"delims=\" %i in ('pen activate --shell cmd') do %i"],
    ["pen activate --shell xonsh", "in xonsh: execx($(pen activate --shell xonsh))"],
  ],
  async run(context) {
    const { parsed, host } = context;
    const { root, shell, script, line } = await activate({ host, path: parsed.arguments[0], shell: parsed.value("shell") });
    if (context.json) context.result({ environment: root, shell, script, line });
    else context.terminal.out(`${line}\n`);
  },
};
