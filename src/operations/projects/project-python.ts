import { findInterpreter, parseRequest, type Interpreter } from "#python";
import type { Context } from "../context.ts";
import { locateProjectEnvironment } from "./environment-location.ts";
import { openProjectEnvironment, pythonFor } from "./project-environment.ts";
import type { Project } from "./project.ts";

/**
 * The Python of a project: the one that is asked for, else that of its environment, else the one that an environment would be made with. Errors:
 * `PYTHON_NOT_FOUND`, `PYTHON_BROKEN`.
 */
export async function findProjectPython(context: Context, project: Project | undefined, python: string | undefined): Promise<Interpreter> {
  const { host, cacheFolder, signal } = context;
  if (python === undefined && project !== undefined && locateProjectEnvironment(project, host).exists)
    return (await openProjectEnvironment(context, project)).interpreter;
  const text = python ?? pythonFor(project, context);
  return findInterpreter(text === undefined ? undefined : parseRequest(text, host), { host, cacheFolder, signal });
}
