import { PenError, printableLine } from "#foundation";
import { applyPlan, planInstall, readInstalled, type Plan, type Report } from "#installer";
import type { PipfileLock } from "#lock";
import type { PipfileEdit } from "#project";
import { normalizeName, type NormalizedName } from "#standards";
import { openContext, type Context } from "../context.ts";
import { environmentDestination, exclusively } from "../environment.ts";
import { changeProject, type ProjectChangeOptions, type ProjectReport } from "./change-project.ts";
import { keptPackages, namesOf } from "./install-locked.ts";
import type { LockChange } from "./lock-changes.ts";
import { locateProjectEnvironment } from "./environment-location.ts";
import { openProjectEnvironment } from "./project-environment.ts";
import { inTurn } from "./project-turn.ts";
import { lockStatus, openProject, type Project } from "./project.ts";

export interface UninstallFromProjectOptions extends ProjectChangeOptions {
  readonly packages?: readonly string[];
  /** From these categories of the Pipfile; default wherever they are. */
  readonly from?: readonly string[] | undefined;
  /** Everything of this category goes out of the Pipfile, the lock and the environment. */
  readonly clear?: string | undefined;
  /** Remove from the environment also what leaves the lock with them. Default: only what is named. */
  readonly prune?: boolean | undefined;
  /** False: the environment stays as it is, and none is made. */
  readonly sync?: boolean | undefined;
}

export interface ProjectUninstallReport {
  readonly removed: readonly NormalizedName[];
  readonly project: ProjectReport | undefined;
  /** Undefined when there is no environment. */
  readonly plan: Plan | undefined;
  readonly report: Report | undefined;
}

/**
 * Takes packages out of the Pipfile, the lock and the environment. What others still need stays in the lock and the environment; what nobody needs leaves the lock. All or
 * nothing. Errors: `NOT_INSTALLED` for a name that the project does not have, and those of locking.
 */
export async function uninstallFromProject(options: UninstallFromProjectOptions): Promise<ProjectUninstallReport> {
  const context = openContext(options);
  return inTurn(context, openProject(options).root, async () => {
    const project = openProject(options);
    const names = namedBy(project, options);
    const edits = editsOf(project, names, options);
    const hasEnvironment = options.sync !== false && locateProjectEnvironment(project, context.host).exists;
    if (edits.length === 0) checkInstalled(await installedNames(context, project, hasEnvironment), names);
    // Asked first: a lock that may not be used is an error before anything of it is let go.
    const unchanged = lockStatus(project) !== "stale" && edits.length === 0;
    let gone: Pick<ProjectUninstallReport, "plan" | "report"> = { plan: undefined, report: undefined };
    const removeNamed = async (lockChanges: readonly LockChange[]): Promise<void> => {
      if (!hasEnvironment) return;
      const needed = neededAfter(project.readLock(), lockChanges);
      const doomed = new Set([...names, ...(options.prune === true ? goneFrom(lockChanges) : [])]);
      gone = await removeFrom(context, project, (installed) =>
        installed.filter((name) => !needed.has(name) && doomed.has(name) && (names.includes(name) || !keptPackages.has(name))),
      );
    };
    if (unchanged) await removeNamed([]);
    const install = options.sync === false ? "lock-only" : "no";
    const change = { edits, lock: { kind: "renew", upgrade: "none" }, install, also: removeNamed } as const;
    const changed = unchanged ? undefined : await changeProject(context, project, { change, options });
    return { removed: names, project: changed, ...gone };
  });
}

/** What the lock names once it is changed so. */
function neededAfter(lock: PipfileLock | undefined, changes: readonly LockChange[]): Set<NormalizedName> {
  const named = new Map([...(lock?.categories ?? [])].map(([category, entries]) => [category, new Set(entries.map(({ name }) => name))]));
  for (const { category, name, kind } of changes) {
    const names = named.get(category) ?? new Set();
    named.set(category, names);
    if (kind === "removed") names.delete(name);
    else names.add(name);
  }
  return new Set([...named.values()].flatMap((names) => [...names]));
}

const goneFrom = (changes: readonly LockChange[]): NormalizedName[] =>
  changes.flatMap(({ kind, name }) => (kind === "removed" ? [name] : []));

/** Empties the environment of a project but for pip, setuptools and wheel. The Pipfile and the lock stay. */
export async function purgeProject(
  options: ProjectChangeOptions = {},
): Promise<{ readonly plan: Plan; readonly report: Report | undefined }> {
  const context = openContext(options);
  const project = openProject(options);
  return removeFrom(context, project, (installed) => installed.filter((name) => !keptPackages.has(name)));
}

/** What `cleanProject` would remove, or removed. Errors: `INVALID_LOCK` without a lock, `ENV_NOT_FOUND`. */
export async function cleanProject(
  options: ProjectChangeOptions & { readonly dryRun?: boolean | undefined } = {},
): Promise<{ readonly extra: readonly NormalizedName[]; readonly status: "stale" | "fresh" | "missing" }> {
  const context = openContext(options);
  const project = openProject(options);
  const lock = project.readLock();
  if (lock === undefined) {
    throw new PenError("INVALID_LOCK", "Pipfile.lock not found", {
      why: "Nothing says what belongs into the environment.",
      hint: "Make it: pen lock",
    });
  }
  const named = namesOf(lock);
  const isExtra = (name: NormalizedName): boolean => !named.has(name) && !keptPackages.has(name);
  const status = lockStatus(project);
  if (options.dryRun === true) return { extra: (await installedNames(context, project, true)).filter(isExtra), status };
  let extra: readonly NormalizedName[] = [];
  await removeFrom(context, project, (installed) => (extra = installed.filter(isExtra)));
  return { extra, status };
}

function namedBy(project: Project, { packages = [], clear }: UninstallFromProjectOptions): NormalizedName[] {
  const cleared = clear === undefined ? [] : (project.pipfile.categories.get(clear) ?? []).map(({ name }) => name);
  return [...cleared, ...packages.map((text) => normalizeName(text.split(/[=<>!~[;@ ]/, 1)[0] ?? text))];
}

function editsOf(project: Project, names: readonly NormalizedName[], { from, clear }: UninstallFromProjectOptions): PipfileEdit[] {
  if (clear !== undefined) return [{ kind: "clear", category: clear }];
  const categories = from ?? [...project.pipfile.categories.keys()];
  return categories.flatMap((category) =>
    (project.pipfile.categories.get(category) ?? []).flatMap(({ name }) =>
      names.includes(name) ? [{ kind: "remove", category, name } as const] : [],
    ),
  );
}

async function installedNames(context: Context, project: Project, has: boolean): Promise<NormalizedName[]> {
  if (!has) return [];
  const destination = environmentDestination(await openProjectEnvironment(context, project));
  return readInstalled(destination.target).map(({ name }) => name);
}

function checkInstalled(installed: readonly NormalizedName[], names: readonly NormalizedName[]): void {
  const absent = names.filter((name) => !installed.includes(name));
  if (absent.length === 0) return;
  throw new PenError("NOT_INSTALLED", `Nothing to uninstall: ${absent.map(printableLine).join(", ")}`, {
    why: "Neither the Pipfile nor the environment has it.",
    hint: "See what there is: pen tree",
    data: { packages: absent },
  });
}

async function removeFrom(
  context: Context,
  project: Project,
  choose: (installed: readonly NormalizedName[]) => readonly NormalizedName[],
): Promise<{ readonly plan: Plan; readonly report: Report | undefined }> {
  const destination = environmentDestination(await openProjectEnvironment(context, project));
  return exclusively(context, destination, async () => {
    const installed = readInstalled(destination.target);
    const plan = planInstall(installed, [], { remove: choose(installed.map(({ name }) => name)) });
    const report = await applyPlan(plan, destination.target, {
      linkMode: "auto",
      emit: context.emit,
      ...(context.signal === undefined ? {} : { signal: context.signal }),
    });
    return { plan, report };
  });
}
