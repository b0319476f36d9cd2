import type { ProjectChangeOptions } from "#operations";
import { locateProject } from "#operations";
import { buildOptions } from "../arguments/builds.ts";
import { linkOptions } from "../arguments/common.ts";
import type { OptionSpec } from "../arguments/types.ts";
import type { CommandContext } from "../command.ts";
import { buildsOf } from "../commands/building.ts";
import { fetchingOptions } from "../commands/installing.ts";
import { fetchingOf, linkModeOf } from "../commands/sources.ts";
import { checkCategory, splitList } from "../pipenv/common.ts";

/** Which Python the environment of a project has. */
const projectPythonOption: OptionSpec = {
  name: "python",
  short: "p",
  kind: "value",
  metavar: "PYTHON",
  help: "The Python of the project's environment; one of another Python is made anew.",
};

export const prereleaseOption: OptionSpec = { name: "pre", kind: "flag", help: "Take pre-releases too." };

/** How commands that solve reach the indexes and build. Which indexes there are says the Pipfile. */
export const solvingOptions: readonly OptionSpec[] = [
  projectPythonOption,
  ...fetchingOptions,
  ...buildOptions.filter(({ name }) => !name.startsWith("config-settings")),
];

/** The same for commands that change the environment too. */
export const changingOptions: readonly OptionSpec[] = [...solvingOptions, ...linkOptions];

export const noSyncOption: OptionSpec = {
  name: "no-sync",
  kind: "flag",
  help: "Change the Pipfile and the lock, and leave the environment as it is.",
};

/** Which tables of the Pipfile a command works on. */
export const tableOptions: readonly OptionSpec[] = [
  { name: "dev", short: "d", kind: "flag", help: "With the packages of [dev-packages]." },
  { name: "all", kind: "flag", help: "With those of all tables." },
  {
    name: "categories",
    aliases: ["category"],
    kind: "list",
    metavar: "NAMES",
    help: "With those of these tables, and of no others, with commas between; packages and dev-packages are two of them.",
  },
];

/** What the options of a project command say, in the words of the operations. */
export function projectOptions(context: CommandContext): ProjectChangeOptions {
  const { parsed } = context;
  return {
    host: context.host,
    onEvent: context.emit,
    signal: context.signal,
    python: parsed.value("python"),
    prereleases: parsed.knows("pre") && parsed.flag("pre") ? true : undefined,
    linkMode: parsed.knows("link-mode") ? linkModeOf(parsed) : undefined,
    builds: buildsOf(context),
    fetching: fetchingOf(parsed),
  };
}

/** Names of tables as `--categories` takes them. Errors: `USAGE` for a name that only the lock has. */
export function tablesOf(texts: readonly string[]): string[] {
  const names = texts.flatMap((text) => splitList(text));
  for (const name of names) checkCategory(name);
  return [...new Set(names)];
}

/** The tables that `tableOptions` choose; without any of them the packages. */
export async function chosenTables({ parsed, host, emit }: CommandContext): Promise<string[]> {
  if (parsed.flag("all")) return [...(await locateProject({ host, onEvent: emit })).project.pipfile.categories.keys()];
  const named = tablesOf(parsed.list("categories"));
  const dev = parsed.flag("dev") ? ["dev-packages"] : [];
  return [...new Set([...(named.length > 0 ? named : ["packages"]), ...dev])];
}
