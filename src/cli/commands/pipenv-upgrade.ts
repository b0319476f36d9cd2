import { updateProject } from "#operations";
import type { Command } from "../command.ts";
import { changeOptions, splitList, tellProject } from "../pipenv/common.ts";
import { addingOptions, lockOnlyOption, packagesArgument } from "../pipenv/options.ts";
import { refuseAdding } from "../pipenv/updating.ts";
import { checkSystem } from "../pipenv/system.ts";

export const command: Command = {
  forProjects: true,
  summary: "Move packages to the newest versions that fit, in the lock alone",
  arguments: [packagesArgument],
  options: [...addingOptions, lockOnlyOption],
  examples: [
    ["pen pipenv upgrade flask", "the environment stays as it is"],
    ['pen pipenv upgrade "flask<3"', "and the Pipfile gets the specifier"],
  ],
  async run(context) {
    const { parsed } = context;
    checkSystem(context);
    refuseAdding(context);
    const started = Date.now();
    const named = splitList(parsed.value("categories"));
    const report = await updateProject({
      ...changeOptions(context),
      packages: parsed.arguments,
      into: named.length > 0 ? named : parsed.flag("dev") ? ["dev-packages"] : undefined,
      keepPipfile: parsed.flag("lock-only"),
      lockOnly: true,
    });
    const same = { last: "Nothing to upgrade: what is named is locked in the newest version that fits." };
    await tellProject(context, report, { started, ...(report.lockChanges.length === 0 ? same : {}) });
  },
};
