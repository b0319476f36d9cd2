import { PenError } from "#foundation";
import { lockHere, verifyProject, type LockReport } from "#operations";
import type { Command, CommandContext } from "../command.ts";
import { changeLines, lockJson, lockLines } from "../pipenv/lock-text.ts";
import { prereleaseOption, projectOptions, solvingOptions, tablesOf } from "../short-forms/options.ts";

export const command: Command = {
  forProjects: true,
  summary: "Lock the project: solve its Pipfile and write Pipfile.lock, for every platform",
  description: "What is locked already keeps its version where it fits. Neither the Pipfile nor the environment is touched.",
  arguments: [],
  options: [
    { name: "upgrade", short: "U", kind: "flag", help: "Move everything to the newest version that fits." },
    {
      name: "upgrade-package",
      short: "P",
      kind: "list",
      metavar: "NAME",
      help: "Move this package, and what must move with it; may be repeated.",
    },
    { name: "check", kind: "flag", help: "Write nothing; status 1 when there is no lock, or the Pipfile was changed since." },
    { name: "diff", kind: "flag", help: "Write nothing; show what would change, and why." },
    {
      name: "resolve-conflict",
      kind: "flag",
      help: "Mend a lock in which git left both sides of a merge: what both lock is kept, of two versions the newer one.",
    },
    {
      name: "categories",
      aliases: ["category"],
      kind: "list",
      metavar: "NAMES",
      help: "Lock these tables of the Pipfile alone, with commas between.",
    },
    prereleaseOption,
    ...solvingOptions,
  ],
  examples: [
    ["pen lock", "after the Pipfile was changed"],
    ["pen lock --upgrade --diff", "what would an upgrade of everything bring?"],
    ["pen lock -P urllib3", "this one alone"],
    ["pen lock --check", "for a job that guards the repository"],
    ["pen lock --resolve-conflict", "after a merge"],
  ],
  async run(context) {
    const { parsed, host, emit, terminal, colour } = context;
    checkOptions(context);
    if (parsed.flag("check")) {
      const status = await verifyProject({ host, onEvent: emit });
      if (context.json) context.result({ status, written: false, changes: [] });
      else if (context.quiet === 0) terminal.err(checkText[status]);
      return status === "fresh" ? 0 : 1;
    }
    const named = tablesOf(parsed.list("categories"));
    const dryRun = parsed.flag("diff");
    const report = await lockHere({
      ...projectOptions(context),
      categories: named.length > 0 ? named : undefined,
      upgradePackages: parsed.flag("upgrade") ? "all" : parsed.list("upgrade-package"),
      resolveConflict: parsed.flag("resolve-conflict"),
      dryRun,
    });
    if (context.json) context.result({ ...lockJson(report), status: "fresh", written: !dryRun });
    else if (dryRun) terminal.out(diffText(report, context));
    else if (context.quiet === 0) terminal.err(`${lockLines(report, colour).join("\n")}\n`);
    return 0;
  },
};

const checkText = {
  fresh: "Pipfile.lock is that of the Pipfile.\n",
  stale: "Pipfile.lock is stale: the Pipfile was changed since. Lock again: pen lock\n",
  missing: "There is no Pipfile.lock. Make it: pen lock\n",
} as const;

function diffText({ changes }: LockReport, { colour }: CommandContext): string {
  return changes.length === 0
    ? "No package would change.\n"
    : changeLines(changes, colour)
        .map((line) => `${line}\n`)
        .join("");
}

function checkOptions({ parsed }: CommandContext): void {
  const modes = ["check", "diff", "resolve-conflict"].filter((name) => parsed.flag(name));
  const [first, second] = parsed.flag("check") && parsed.flag("upgrade") ? ["check", "upgrade"] : modes;
  if (second === undefined) return;
  throw new PenError("OPTION_CONFLICT", `--${first ?? ""} cannot be used with --${second}`, { hint: "See: pen lock --help" });
}
