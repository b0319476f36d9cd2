import { warn } from "#foundation";
import { cleanProject } from "#operations";
import type { Command } from "../command.ts";
import { changeOptions } from "../pipenv/common.ts";
import { bareOption, commonPipenv } from "../pipenv/options.ts";

export const command: Command = {
  forProjects: true,
  summary: "Remove from the environment what Pipfile.lock does not name",
  description: "pip, setuptools and wheel stay.",
  arguments: [],
  options: [bareOption, { name: "dry-run", kind: "flag", help: "Only say what would be removed." }, ...commonPipenv],
  examples: [["pen pipenv clean --dry-run", "look first"]],
  async run(context) {
    const dryRun = context.parsed.flag("dry-run");
    const { extra, status } = await cleanProject({ ...changeOptions(context), dryRun });
    if (status === "stale") warn(context.emit, "lock-stale", "Pipfile.lock is out of date: lock it anew with `pen lock`");
    if (context.json) context.result({ removed: extra, dryRun });
    else if (!context.parsed.flag("bare"))
      for (const name of extra) context.terminal.out(dryRun ? `${name}\n` : `Uninstalling ${name}...\n`);
  },
};
