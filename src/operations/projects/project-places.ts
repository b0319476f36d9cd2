/** What can be told of a project from its two files: quick commands load nothing more. */
import { readSettings, type OperationOptions } from "../settings.ts";
import { locateProjectEnvironment, type ProjectEnvironmentPlace } from "./environment-location.ts";
import { lockStatus, openProject, type Project } from "./project.ts";

/** Where a project's things are. */
export interface ProjectPlaces {
  readonly project: Project;
  readonly environment: ProjectEnvironmentPlace;
}

/** The project that the working folder belongs to, and where its environment is or would be. Errors: `INVALID_PROJECT`. */
export function locateProject(options: OperationOptions = {}): ProjectPlaces {
  const project = openProject(options);
  return { project, environment: locateProjectEnvironment(project, readSettings(options).host) };
}

/** Whether the lock is that of the Pipfile. Errors: `INVALID_PROJECT`, `INVALID_LOCK`. */
export function verifyProject(options: OperationOptions = {}): "missing" | "stale" | "fresh" {
  return lockStatus(openProject(options));
}
