import { syncProject } from "#operations";
import type { Command } from "../command.ts";
import { categoriesOf, changeOptions, tellProject } from "../pipenv/common.ts";
import { bareOption, siteOptions, syncOptions } from "../pipenv/options.ts";
import { checkSystem, systemOption } from "../pipenv/system.ts";

export const command: Command = {
  forProjects: true,
  summary: "Install what Pipfile.lock names, and solve nothing",
  arguments: [],
  options: [
    bareOption,
    { name: "clean", aliases: ["prune"], kind: "flag", help: "Also remove what the lock does not name." },
    ...syncOptions,
    systemOption,
    ...siteOptions,
  ],
  examples: [
    ["pen pipenv sync", "the packages"],
    ["pen pipenv sync --dev --prune", "those of [dev-packages] too, and nothing else"],
  ],
  async run(context) {
    checkSystem(context);
    const started = Date.now();
    const report = await syncProject({
      ...changeOptions(context),
      categories: await categoriesOf(context),
      prune: context.parsed.flag("clean"),
    });
    await tellProject(context, report, { started, last: "All dependencies are now up-to-date!" });
  },
};
