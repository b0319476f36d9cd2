import { uninstallFromProject } from "#operations";
import type { Command } from "../command.ts";
import { changeLines } from "../pipenv/lock-text.ts";
import { noSyncOption, projectOptions, solvingOptions, tablesOf } from "../short-forms/options.ts";
import { tellMade } from "../short-forms/telling.ts";

export const command: Command = {
  forProjects: true,
  summary: "Take packages out of the project: out of its Pipfile, its lock and its environment",
  description: "What only they needed goes with them; what others need stays. All or nothing.",
  arguments: [{ name: "PACKAGE", help: "Names of the Pipfile.", repeated: true, required: true }],
  options: [
    { name: "dev", short: "d", kind: "flag", help: "Out of [dev-packages] alone; default wherever they are." },
    { name: "from", kind: "list", metavar: "CATEGORY", help: "Out of this table of the Pipfile alone; may be repeated." },
    noSyncOption,
    ...solvingOptions,
  ],
  examples: [
    ["pen remove flask", "wherever the Pipfile has it"],
    ["pen remove --dev pytest", "out of [dev-packages]"],
  ],
  async run(context) {
    const { parsed, terminal, colour } = context;
    const tables = [...tablesOf(parsed.list("from")), ...(parsed.flag("dev") ? ["dev-packages"] : [])];
    const report = await uninstallFromProject({
      ...projectOptions(context),
      packages: parsed.arguments,
      from: tables.length > 0 ? tables : undefined,
      prune: true,
      sync: !parsed.flag("no-sync"),
    });
    const steps = (report.plan?.steps ?? []).filter(({ action }) => action === "uninstall");
    const changes = report.project?.lockChanges ?? [];
    if (context.json) {
      return context.result({
        removed: report.removed,
        uninstalled: steps.map(({ name, version }) => ({ name, version })),
        lockChanges: changes.map((change) => ({ ...change, before: change.before ?? null, after: change.after ?? null })),
      });
    }
    if (context.quiet > 0) return;
    tellMade(context, report.project?.environment);
    if (changes.length > 0) terminal.err(`Pipfile.lock:\n${changeLines(changes, colour).join("\n")}\n`);
    for (const { name, version } of steps) terminal.out(` ${colour.red("-")} ${name} ${colour.dim(version)}\n`);
    const kept = report.removed.filter((name) => report.plan !== undefined && !steps.some((step) => step.name === name));
    if (kept.length > 0) terminal.out(`Not removed from the environment, since others need it or it was not there: ${kept.join(", ")}\n`);
  },
};
