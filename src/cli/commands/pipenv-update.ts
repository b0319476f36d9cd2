import { outdatedLock, updateProject } from "#operations";
import type { Command, CommandContext } from "../command.ts";
import { categoriesOf, changeOptions, tellProject } from "../pipenv/common.ts";
import { lockJson } from "../pipenv/lock-text.ts";
import { addingOptions, bareOption, lockOnlyOption, packagesArgument } from "../pipenv/options.ts";
import { refuseAdding } from "../pipenv/updating.ts";
import { checkSystem } from "../pipenv/system.ts";

export const command: Command = {
  forProjects: true,
  summary: "Move packages to the newest versions that fit, in the lock and the environment",
  arguments: [packagesArgument],
  options: [
    bareOption,
    { name: "outdated", kind: "flag", help: "Only list what would move; status 1 when something would." },
    { name: "dry-run", kind: "flag", help: "The same." },
    ...addingOptions,
    lockOnlyOption,
  ],
  examples: [
    ["pen pipenv update", "everything"],
    ["pen pipenv update flask", "flask, and what must move with it"],
    ["pen pipenv update --outdated", "only look"],
  ],
  async run(context) {
    const { parsed } = context;
    checkSystem(context);
    refuseAdding(context);
    if (parsed.flag("outdated") || parsed.flag("dry-run")) return listOutdated(context);
    const started = Date.now();
    const report = await updateProject({
      ...changeOptions(context),
      packages: parsed.arguments,
      categories: await categoriesOf(context),
      lockOnly: parsed.flag("lock-only"),
    });
    await tellProject(context, report, { started, last: "All dependencies are now up-to-date!" });
    return 0;
  },
};

async function listOutdated(context: CommandContext): Promise<number> {
  const report = await outdatedLock(changeOptions(context));
  const moved = report.changes.filter(({ kind }) => kind !== "removed" && kind !== "added");
  if (context.json) context.result(lockJson(report));
  else {
    for (const { name, before, after } of moved)
      context.terminal.out(`Package '${name}' out-of-date: '==${before ?? ""}' installed, '==${after ?? ""}' available.\n`);
    if (moved.length === 0) context.terminal.out("All packages are up to date!\n");
  }
  return moved.length > 0 ? 1 : 0;
}
