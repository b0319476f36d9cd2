import { PenError, pathExists, printableLine } from "#foundation";
import { locatePipfile } from "#project";
import type { Context } from "../context.ts";
import { locateProjectEnvironment } from "./environment-location.ts";
import { isProjectMeant } from "./meant-project.ts";
import { openProject, pylockPath } from "./project.ts";

/** What a report is about: an environment, in the words of `--python` (undefined for the nearest one), or the lock of the project here. */
export type Reported = { readonly kind: "environment"; readonly python: string | undefined } | { readonly kind: "lock" };

/**
 * What a report is about. `locked` says the lock and `python` an environment; else it is the environment of the Pipfile's project wherever that stands, and where
 * the project has none yet, its lock, which says the same without one. Outside a project, and where an environment stands nearer than the Pipfile, the nearest
 * environment. Errors: `INVALID_PROJECT`; `ENV_NOT_FOUND` for a project that has neither environment nor lock.
 */
export function whatIsReported(
  { host, emit }: Context,
  { python, locked = false }: { readonly python?: string | undefined; readonly locked?: boolean | undefined },
): Reported {
  if (locked) return { kind: "lock" };
  if (python !== undefined || !isProjectMeant(host)) return { kind: "environment", python };
  const project = openProject({ host });
  const place = locateProjectEnvironment(project, host);
  if (place.exists) return { kind: "environment", python: place.root };
  if (!pathExists(project.lockPath) && pylockPath(project) === undefined) {
    throw new PenError("ENV_NOT_FOUND", "This project has no environment and no lock yet", {
      why: `Nothing is installed or locked for ${printableLine(project.pipfile.path)}.`,
      hint: "Lock it and make its environment: pen lock && pen sync",
      data: { path: place.root },
    });
  }
  emit({ type: "log", level: "info", code: "from-lock", message: "The project has no environment yet: this is what its lock says." });
  return { kind: "lock" };
}

/** The Pipfile of the project that a report is about; undefined outside one, and where an environment that stands nearer is meant. */
export const reportedPipfile = ({ host }: Pick<Context, "host">): string | undefined =>
  isProjectMeant(host) ? locatePipfile(host) : undefined;
