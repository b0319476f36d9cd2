import { installProject } from "#operations";
import { normalizeName } from "#standards";
import type { Command } from "../command.ts";
import { categoriesOf, changeOptions, splitList, tellProject } from "../pipenv/common.ts";
import { extraPipArguments } from "../pipenv/extra-pip-arguments.ts";
import { addingOptions, packagesArgument } from "../pipenv/options.ts";
import { checkSystem } from "../pipenv/system.ts";

export const command: Command = {
  forProjects: true,
  summary: "Add packages to the Pipfile and install them; without packages, install the lock",
  arguments: [packagesArgument],
  options: [
    {
      name: "deploy",
      kind: "flag",
      variable: "PIPENV_DEPLOY",
      help: "Change nothing but the environment; fail when the lock is stale or for another Python.",
    },
    ...addingOptions,
  ],
  examples: [
    ["pen pipenv install flask", "into [packages], the lock and the environment"],
    ["pen pipenv install --dev pytest", "into [dev-packages]"],
    ["pen pipenv install --deploy", "exactly the lock, in a container or on a server"],
  ],
  async run(context) {
    const { parsed } = context;
    checkSystem(context);
    const started = Date.now();
    const own = parsed.value("categories") === undefined ? [] : splitList(parsed.value("categories"));
    const adding = parsed.arguments.length + parsed.list("editable").length > 0 || parsed.value("requirements") !== undefined;
    const into = own.length > 0 ? own : [parsed.flag("dev") ? "dev-packages" : "packages"];
    const extra = extraPipArguments(parsed.value("extra-pip-args"));
    const report = await installProject({
      ...changeOptions(context),
      packages: parsed.arguments,
      editables: parsed.list("editable"),
      into,
      // What is added is installed with all that the project has in the same tables.
      categories: adding && own.length > 0 ? own : await categoriesOf(context),
      index: parsed.origin("index") === undefined ? (parsed.value("index") ?? extra.index) : undefined,
      requirementsFile: parsed.value("requirements"),
      deploy: parsed.flag("deploy"),
      ignorePipfile: parsed.flag("ignore-pipfile"),
      skipLock: parsed.flag("skip-lock"),
      noBinary: new Set(extra.noBinary.map(normalizeName)),
      configSettings: [...parsed.list("config-settings"), ...extra.configSettings],
    });
    const { terminal, quiet, json } = context;
    if (!json && quiet === 0) {
      if (report.began) terminal.err(`Creating a Pipfile for this project: ${report.project.pipfile.path}\n`);
      if (!adding && report.lockBefore === "stale" && report.lockChanges.length > 0)
        terminal.err("Pipfile.lock out of date: updated it.\n");
    }
    const last =
      "To activate this project's virtualenv, run pipenv shell.\nAlternatively, run a command inside the virtualenv with pipenv run.";
    await tellProject(context, report, { started, last });
  },
};
