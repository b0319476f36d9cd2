import { PenError } from "#foundation";
import { purgeProject, uninstallFromProject, type ProjectUninstallReport } from "#operations";
import type { Command, CommandContext } from "../command.ts";
import { changeOptions, splitList } from "../pipenv/common.ts";
import { baseOptions, categoryOptions, packagesArgument } from "../pipenv/options.ts";
import { checkSystem, systemOption } from "../pipenv/system.ts";

export const command: Command = {
  forProjects: true,
  summary: "Take packages out of the Pipfile, the lock and the environment",
  arguments: [packagesArgument],
  options: [
    { name: "all-dev", kind: "flag", help: "All of [dev-packages]." },
    { name: "all", kind: "flag", help: "Empty the environment; Pipfile and lock stay." },
    ...baseOptions,
    ...categoryOptions.filter(({ name }) => name !== "all"),
    { name: "editable", short: "e", kind: "list", metavar: "PATH", help: "A project that is worked on, by its name." },
    {
      name: "skip-lock",
      kind: "flag",
      variable: "PIPENV_SKIP_LOCK",
      help: "Changes nothing here.",
      idle: "the lock loses what is taken out, and nothing is solved anew that need not be",
    },
    systemOption,
  ],
  examples: [
    ["pen pipenv uninstall flask", "wherever the Pipfile has it"],
    ["pen pipenv uninstall --all", "empties the environment"],
  ],
  async run(context) {
    const { parsed } = context;
    checkSystem(context);
    const options = changeOptions(context);
    const packages = [...parsed.arguments, ...parsed.list("editable")];
    if (packages.length === 0 && !parsed.flag("all") && !parsed.flag("all-dev")) {
      throw new PenError("NOTHING_NAMED", "No package provided!", { hint: "Type for example: pen pipenv uninstall flask" });
    }
    if (parsed.flag("all")) {
      tell(context, { removed: [], project: undefined, ...(await purgeProject(options)) });
      return;
    }
    const named = splitList(parsed.value("categories"));
    const from = named.length > 0 ? named : parsed.flag("dev") ? ["dev-packages"] : undefined;
    const clear = parsed.flag("all-dev") ? "dev-packages" : undefined;
    tell(context, await uninstallFromProject({ ...options, packages, from, clear }));
  },
};

function tell(context: CommandContext, report: ProjectUninstallReport): void {
  const { terminal, quiet, json } = context;
  const steps = (report.plan?.steps ?? []).filter(({ action }) => action === "uninstall");
  if (json) {
    context.result({
      removed: report.removed,
      uninstalled: steps.map(({ name, version }) => ({ name, version })),
      lockChanges: (report.project?.lockChanges ?? []).map((change) => ({
        ...change,
        before: change.before ?? null,
        after: change.after ?? null,
      })),
    });
    return;
  }
  if (quiet > 0) return;
  for (const name of report.project === undefined ? [] : report.removed) terminal.out(`Removed ${name} from Pipfile.\n`);
  for (const { name, version } of steps) terminal.out(`Uninstalled ${name} ${version}\n`);
  const kept = report.removed.filter((name) => !steps.some((step) => step.name === name));
  if (kept.length > 0 && report.plan !== undefined) terminal.out(`Others still need, or the environment lacks: ${kept.join(", ")}\n`);
}
