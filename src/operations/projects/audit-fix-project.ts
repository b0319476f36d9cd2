import { compareVersions, parseVersion, specifiersContain, specifiersText, type NormalizedName } from "#standards";
import type { PipfileLock } from "#lock";
import type { Context } from "../context.ts";
import type { AuditOptions, AuditReport } from "./audit.ts";
import { changeProject } from "./change-project.ts";
import { lockProject } from "./lock-project.ts";
import { findProjectPython } from "./project-python.ts";
import { inTurn } from "./project-turn.ts";
import { openProject, pipfileCategory, type Project } from "./project.ts";

/** A vulnerable package and the version that mends it. */
export interface FixTarget {
  readonly name: NormalizedName;
  readonly version: string;
  readonly fixed: string;
}

interface Fixing {
  readonly options: AuditOptions;
  readonly context: Context;
  readonly source: AuditReport["source"];
}

/**
 * Moves locked packages to the versions that mend them: in the lock, and where the environment was audited, in it too, all or nothing. Gives the
 * reasons why some could not be moved; they stay as they are. Errors: those of locking and installing.
 */
export async function fixLocked({ options, context, source }: Fixing, targets: readonly FixTarget[]): Promise<Map<NormalizedName, string>> {
  const { host, cacheFolder, emit, signal } = context;
  const own = { host, cacheFolder, onEvent: emit, ...(signal === undefined ? {} : { signal }) };
  return inTurn(context, openProject({ host }).root, async () => {
    const project = openProject({ host });
    const interpreter = await findProjectPython(context, project, source.kind === "environment" ? source.path : options.python);
    const locking = { ...own, project, interpreter, fetching: options.indexes ?? {} };
    const preferences = (list: readonly FixTarget[]): Map<NormalizedName, string> => new Map(list.map(({ name, fixed }) => [name, fixed]));
    const { after } = await lockProject({ ...locking, preferences: preferences(targets) });
    const reasons = new Map(targets.flatMap((target) => reasonAgainst(project, after, target)));
    const moving = preferences(targets.filter(({ name }) => !reasons.has(name)));
    if (moving.size === 0) return reasons;
    if (source.kind === "lock") await lockProject({ ...locking, preferences: moving, write: true });
    else {
      const lock = { kind: "renew", upgrade: "none", preferences: moving } as const;
      const change = { edits: [], lock, install: "yes" } as const;
      const holding = [...after.categories].filter(([, entries]) => entries.some(({ name }) => moving.has(name)));
      const categories = new Set(["packages", ...holding.map(([name]) => pipfileCategory(name))]);
      await changeProject(context, project, { change, options: { ...own, categories: [...categories], fetching: options.indexes ?? {} } });
    }
    return reasons;
  });
}

function reasonAgainst(project: Project, after: PipfileLock, { name, fixed }: FixTarget): Array<[NormalizedName, string]> {
  const wanted = parseVersion(fixed);
  const locked = [...after.categories.values()].flat().filter((entry) => entry.name === name);
  if (locked.every(({ version }) => version !== undefined && compareVersions(parseVersion(version), wanted) >= 0)) return [];
  const holder = [...project.pipfile.categories.values()]
    .flat()
    .find((entry) => entry.name === name && !specifiersContain(entry.specifiers, wanted, { prereleases: true }));
  const why =
    holder === undefined
      ? `another locked package holds it back (pen outdated --locked says which)`
      : `the Pipfile asks for ${holder.key}${specifiersText(holder.specifiers)}`;
  return [[name, `failed to upgrade dependency ${name} to fix version ${fixed}: ${why}`]];
}

/** The packages that the lock of the project here names; undefined where there is no project with a lock. */
export function lockedNames({ host }: Context): ReadonlySet<NormalizedName> | undefined {
  const lock = openProject({ host }).readLock();
  return lock && new Set([...lock.categories.values()].flat().map(({ name }) => name));
}
