import { locatePipfile } from "#project";
import type { Context } from "../context.ts";
import { locateProjectEnvironment } from "./environment-location.ts";
import { openProject } from "./project.ts";

/**
 * The environment that a report is about, in the words of `--python`: the one that was named, else that of the Pipfile's project wherever it stands, else
 * undefined for the nearest one. Errors: INVALID_PROJECT.
 */
export function reportedEnvironment({ host }: Context, python: string | undefined): string | undefined {
  if (python !== undefined || locatePipfile(host) === undefined) return python;
  const place = locateProjectEnvironment(openProject({ host }), host);
  return place.exists ? place.root : undefined;
}
