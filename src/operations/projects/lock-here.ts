import { openContext } from "../context.ts";
import { contextOptions, type ProjectChangeOptions } from "./change-project.ts";
import { lockProject, type LockReport } from "./lock-project.ts";
import { findProjectPython } from "./project-python.ts";
import { inTurn } from "./project-turn.ts";
import { openProject, type Project } from "./project.ts";

export interface LockCommandOptions extends ProjectChangeOptions {
  /** Move these (`all`: everything) to the newest version that fits; default none. */
  readonly upgradePackages?: readonly string[] | "all";
  /** Mend a lock in which git has left both sides of a merge. */
  readonly resolveConflict?: boolean | undefined;
  /** Only say what would change. */
  readonly dryRun?: boolean | undefined;
}

/** Locks the project that the working folder belongs to. Errors: those of `lockProject`; the lock is then as it was. */
export async function lockHere(options: LockCommandOptions = {}): Promise<LockReport & { readonly project: Project }> {
  const context = openContext(options);
  return inTurn(context, openProject(options).root, async () => {
    const project = openProject(options);
    const report = await lockProject({
      ...contextOptions(context),
      project,
      interpreter: await findProjectPython(context, project, options.python),
      categories: options.categories,
      upgradePackages: options.upgradePackages ?? [],
      prereleases: options.prereleases,
      builds: options.builds,
      fetching: options.fetching ?? {},
      resolveConflict: options.resolveConflict ?? false,
      write: options.dryRun !== true,
    });
    return { ...report, project };
  });
}
