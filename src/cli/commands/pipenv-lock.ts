import { lockHere } from "#operations";
import type { Command } from "../command.ts";
import { changeOptions, splitList } from "../pipenv/common.ts";
import { lockLines, lockJson } from "../pipenv/lock-text.ts";
import { baseOptions } from "../pipenv/options.ts";

export const command: Command = {
  forProjects: true,
  summary: "Solve the Pipfile anew and write Pipfile.lock",
  description: "Everything moves to the newest version that fits. `pen lock` keeps what can stay.",
  arguments: [],
  options: [
    ...baseOptions,
    {
      name: "dev",
      short: "d",
      kind: "flag",
      help: "Changes nothing: all tables are locked.",
      idle: "all tables of the Pipfile are locked",
    },
    { name: "dev-only", kind: "flag", help: "Changes nothing: all tables are locked.", idle: "all tables of the Pipfile are locked" },
    { name: "categories", kind: "value", metavar: "NAMES", variable: "PIPENV_CATEGORIES", help: "Lock these tables of the Pipfile alone." },
    {
      name: "backend",
      kind: "value",
      metavar: "NAME",
      choices: ["pip", "pure-python"],
      help: "Changes nothing: pen has one resolver.",
      idle: "pen has one resolver of its own",
      hidden: true,
    },
  ],
  examples: [["pen pipenv lock", "for every platform"]],
  async run(context) {
    const named = splitList(context.parsed.value("categories"));
    const report = await lockHere({ ...changeOptions(context), categories: named.length > 0 ? named : undefined, upgradePackages: "all" });
    if (context.json) context.result(lockJson(report));
    else if (context.quiet === 0) context.terminal.err(`${lockLines(report, context.colour).join("\n")}\n`);
  },
};
