import { printableLine, warn } from "#foundation";
import { checkSync, syncProject, verifyProject } from "#operations";
import type { Command, CommandContext } from "../command.ts";
import { tellInstall } from "../output/installed.ts";
import { changingOptions, chosenTables, projectOptions, tableOptions } from "../short-forms/options.ts";
import { tellChange } from "../short-forms/telling.ts";

export const command: Command = {
  forProjects: true,
  summary: "Make the project's environment hold what its lock names",
  description:
    "Exactly the versions and files of Pipfile.lock, checked by their hashes; nothing is solved. The environment is made where there is none.",
  arguments: [],
  options: [
    ...tableOptions,
    { name: "prune", kind: "flag", help: "Also remove what the lock does not name." },
    { name: "check", kind: "flag", help: "Change nothing; status 1 when something would be changed." },
    { name: "deploy", kind: "flag", help: "Fail when the lock is not that of the Pipfile, or the Python not one that it asks for." },
    ...changingOptions,
  ],
  examples: [
    ["pen sync", "after the lock has changed"],
    ["pen sync --dev --prune", "with the packages for development, and nothing else"],
    ["pen sync --deploy", "on a server or in a container"],
    ["pen sync --check --all", "is the environment what the lock says?"],
  ],
  async run(context) {
    const { parsed, host, emit } = context;
    const started = Date.now();
    const categories = await chosenTables(context);
    const options = { ...projectOptions(context), categories, prune: parsed.flag("prune"), deploy: parsed.flag("deploy") };
    if (parsed.flag("check")) return tellCheck(context, await checkSync(options), started);
    const report = await syncProject(options);
    await tellChange(context, report, started);
    if (!options.deploy && (await verifyProject({ host, onEvent: emit })) === "stale")
      warn(emit, "stale-lock", "The Pipfile was changed since it was locked; what is new in it is not installed. Lock again: pen lock");
    return 0;
  },
};

async function tellCheck(context: CommandContext, check: Awaited<ReturnType<typeof checkSync>>, started: number): Promise<number> {
  const { root, installed } = check;
  if (installed === undefined) {
    if (context.json) context.result({ ...placesJson(check), inSync: false, packages: [] });
    else if (context.quiet === 0) context.terminal.out(`There is no environment yet: it would be made at ${printableLine(root)}\n`);
    return 1;
  }
  const steps = installed.plan.steps.filter(({ action }) => action !== "keep");
  if (context.json)
    context.result({
      ...placesJson(check),
      inSync: steps.length === 0,
      packages: steps.map(({ action, name, version }) => ({ action, name, version })),
    });
  else await tellInstall(context, installed, { started, dryRun: true });
  return steps.length === 0 ? 0 : 1;
}

const placesJson = ({ project, root }: Awaited<ReturnType<typeof checkSync>>): Record<string, string> => ({
  project: project.root,
  pipfile: project.pipfile.path,
  lock: project.lockPath,
  environment: root,
});
