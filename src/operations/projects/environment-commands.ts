import { readSettings, type OperationOptions } from "../settings.ts";
import type { ProjectChangeOptions } from "./change-project.ts";
import {
  ensureProjectEnvironment,
  openProjectEnvironment,
  removeProjectEnvironment,
  type EnsuredEnvironment,
} from "./project-environment.ts";
import { inTurn } from "./project-turn.ts";
import { openProject } from "./project.ts";

/** The Python of the project's environment. Errors: `ENV_NOT_FOUND`, `ENV_BROKEN`. */
export async function projectPython(options: OperationOptions = {}): Promise<string> {
  const context = readSettings(options);
  return (await openProjectEnvironment(context, openProject(options))).python;
}

/** Makes the environment of the project, where there is none, or of another Python than is asked for. */
export async function prepareProject(options: ProjectChangeOptions = {}): Promise<EnsuredEnvironment> {
  const context = readSettings(options);
  const project = openProject(options);
  return inTurn(context, project.root, () =>
    ensureProjectEnvironment(context, project, { python: options.python, systemSitePackages: options.systemSitePackages }),
  );
}

/** Deletes the environment of the project. Gives its folder. Errors: `ENV_NOT_FOUND`, `USAGE`. */
export async function removeProject(options: OperationOptions = {}): Promise<string> {
  const context = readSettings(options);
  const project = openProject(options);
  return inTurn(context, project.root, () => removeProjectEnvironment(context, project));
}
