import { activate, prepareProject } from "#operations";
import type { Command } from "../command.ts";
import { changeOptions } from "../pipenv/common.ts";
import { commonPipenv } from "../pipenv/options.ts";

export const command: Command = {
  forProjects: true,
  summary: "Print the line that activates the project's environment in your shell",
  arguments: [],
  options: commonPipenv,
  examples: [['eval "$(pen pipenv activate)"', "in bash, zsh and sh"]],
  async run(context) {
    const { host } = context;
    const { environment } = await prepareProject(changeOptions(context));
    const { root, shell, script, line } = await activate({ host, path: environment.root, shell: host.env["PIPENV_SHELL"] });
    if (context.json) context.result({ environment: root, shell, script, line });
    else context.terminal.out(`${line}\n`);
  },
};
