import { PenError, printableLine } from "#foundation";
import { locateProject, type FetchOptions, type ProjectChangeOptions, type ProjectReport } from "#operations";
import type { CommandContext } from "../command.ts";
import { buildsOf } from "../commands/building.ts";
import { linkModeOf } from "../commands/sources.ts";
import { tellInstall } from "../output/installed.ts";

/** A list with blanks or commas between, as pipenv takes them. */
export const splitList = (text: string | undefined): string[] => (text ?? "").split(/[ ,]+/).filter((word) => word !== "");

/** What the options of a pipenv command say, in the words of the operations. */
export function changeOptions(context: CommandContext): ProjectChangeOptions {
  const { parsed, host } = context;
  if (parsed.count("verbose") > 0 && parsed.count("quiet") > 0) {
    throw new PenError("USAGE", "--verbose and --quiet are mutually exclusive! Please choose one!");
  }
  const mirror = parsed.value("pypi-mirror");
  return {
    host: mirror === undefined ? host : { ...host, env: { ...host.env, PIPENV_PYPI_MIRROR: mirror } },
    onEvent: context.emit,
    signal: context.signal,
    python: parsed.value("python"),
    systemSitePackages: has(context, "site-packages") ? parsed.flagIfGiven("site-packages") : undefined,
    prereleases: has(context, "pre") && parsed.flag("pre") ? true : undefined,
    linkMode: has(context, "link-mode") ? linkModeOf(parsed) : undefined,
    builds: has(context, "allow-builds") ? buildsOf(context) : undefined,
    fetching: fetchingOf(context),
  };
}

/** Options that only some of the commands have. */
const has = ({ parsed }: CommandContext, name: string): boolean => parsed.knows(name);

function fetchingOf(context: CommandContext): FetchOptions {
  const { parsed, host } = context;
  const seconds = host.env["PIPENV_REQUESTS_TIMEOUT"];
  return {
    refresh: parsed.flag("clear"),
    keyring: (host.env["PIPENV_KEYRING_PROVIDER"] ?? "disabled") === "disabled" ? "disabled" : "subprocess",
    ...(seconds !== undefined && /^\d{1,5}$/.test(seconds) ? { stallTimeoutMs: Number(seconds) * 1000 } : {}),
    ...(host.env["PEN_OFFLINE"] ? { offline: true } : {}),
    ...(host.env["PEN_EXCLUDE_NEWER"] ? { excludeNewer: host.env["PEN_EXCLUDE_NEWER"] } : {}),
  };
}

/** The tables of the Pipfile that a command installs. */
export async function categoriesOf(context: CommandContext): Promise<string[]> {
  const { parsed, host } = context;
  if (has(context, "all") && parsed.flag("all")) {
    const { project } = await locateProject({ host, onEvent: context.emit });
    return [...project.pipfile.categories.keys()];
  }
  const named = splitList(parsed.value("categories"));
  const extras = splitList(parsed.value("extras"));
  const own = named.length > 0 ? named : splitList(parsed.flag("dev") ? "" : host.env["PIPENV_DEFAULT_CATEGORIES"]);
  const chosen = own.length > 0 ? own : parsed.flag("dev") ? ["packages", "dev-packages"] : ["packages"];
  for (const name of chosen) checkCategory(name);
  return [...new Set([...chosen, ...extras])];
}

/** Errors: `USAGE` for the name of a category that only the lock has. */
export function checkCategory(name: string): void {
  const meant = { default: "packages", develop: "dev-packages" }[name];
  if (meant === undefined) return;
  throw new PenError("USAGE", `Cannot use ${printableLine(name)} as a category: it is called so in the lock alone`, {
    hint: `In a Pipfile it is ${meant}: --categories ${meant}`,
  });
}

/** Tells what a command did to a project. */
export async function tellProject(
  context: CommandContext,
  report: ProjectReport,
  { started, last }: { started: number; last?: string },
): Promise<void> {
  const { terminal, quiet, json, colour } = context;
  if (json) {
    context.result(projectJson(report));
    return;
  }
  if (quiet > 0 || (has(context, "bare") && context.parsed.flag("bare"))) return;
  if (report.environment?.made === true) terminal.err(`Virtualenv location: ${report.environment.place.root}\n`);
  if (report.lockChanges.length > 0) terminal.err(`${colour.green("Updated Pipfile.lock")}: ${changesText(report)}\n`);
  if (report.installed !== undefined) await tellInstall(context, report.installed, { started, dryRun: false });
  if (last !== undefined) terminal.out(`${last}\n`);
}

function changesText({ lockChanges }: ProjectReport): string {
  const count = (kind: string): number => lockChanges.filter((change) => change.kind === kind).length;
  const words = ["added", "upgraded", "downgraded", "removed", "changed"].flatMap((kind) =>
    count(kind) > 0 ? [`${count(kind)} ${kind}`] : [],
  );
  return words.join(", ");
}

/** What a command did to a project, for programs. */
export function projectJson({ project, lockChanges, environment, installed }: ProjectReport): Parameters<CommandContext["result"]>[0] {
  return {
    project: project.root,
    pipfile: project.pipfile.path,
    lock: project.lockPath,
    environment: environment?.place.root,
    made: environment?.made ?? false,
    lockChanges: lockChanges.map((change) => ({ ...change, before: change.before ?? null, after: change.after ?? null })),
    packages: (installed?.plan.steps ?? []).map((step) => ({ action: step.action, name: step.name, version: step.version })),
  };
}
