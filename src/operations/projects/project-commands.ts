import { openContext, type OperationOptions } from "../context.ts";
import { contextOptions, type ProjectChangeOptions } from "./change-project.ts";
import { locateProjectEnvironment, type ProjectEnvironmentPlace } from "./environment-location.ts";
import { lockProject, type LockReport } from "./lock-project.ts";
import {
  ensureProjectEnvironment,
  openProjectEnvironment,
  removeProjectEnvironment,
  type EnsuredEnvironment,
} from "./project-environment.ts";
import { findProjectPython } from "./project-python.ts";
import { inTurn } from "./project-turn.ts";
import { lockStatus, openProject, type Project } from "./project.ts";

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

/** Where a project's things are. */
export interface ProjectPlaces {
  readonly project: Project;
  readonly environment: ProjectEnvironmentPlace;
}

/** The project that the working folder belongs to, and where its environment is or would be. Errors: `INVALID_PROJECT`. */
export function locateProject(options: OperationOptions = {}): ProjectPlaces {
  const context = openContext(options);
  const project = openProject(options);
  return { project, environment: locateProjectEnvironment(project, context.host) };
}

/** The Python of the project's environment. Errors: `ENV_NOT_FOUND`, `ENV_BROKEN`. */
export async function projectPython(options: OperationOptions = {}): Promise<string> {
  const context = openContext(options);
  return (await openProjectEnvironment(context, openProject(options))).python;
}

/** Makes the environment of the project, where there is none, or of another Python than is asked for. */
export async function prepareProject(options: ProjectChangeOptions = {}): Promise<EnsuredEnvironment> {
  const context = openContext(options);
  const project = openProject(options);
  return inTurn(context, project.root, () =>
    ensureProjectEnvironment(context, project, { python: options.python, systemSitePackages: options.systemSitePackages }),
  );
}

/** Deletes the environment of the project. Gives its folder. Errors: `ENV_NOT_FOUND`, `USAGE`. */
export async function removeProject(options: OperationOptions = {}): Promise<string> {
  const context = openContext(options);
  const project = openProject(options);
  return inTurn(context, project.root, () => removeProjectEnvironment(context, project));
}

/** Whether the lock is that of the Pipfile. Errors: `INVALID_PROJECT`, `INVALID_LOCK`. */
export function verifyProject(options: OperationOptions = {}): "missing" | "stale" | "fresh" {
  return lockStatus(openProject(options));
}
