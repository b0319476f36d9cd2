import type { Settings } from "../settings.ts";
import { locateProjectEnvironment } from "./environment-location.ts";
import { ensureProjectEnvironment, type EnsuredEnvironment } from "./project-environment.ts";
import { inTurn } from "./project-turn.ts";
import type { Project } from "./project.ts";

/**
 * The environment of a project for a command that changes nothing of it: the one that is there, without waiting for anybody; else it is made, by one
 * command at a time. Errors: as `ensureProjectEnvironment`.
 */
export function readyEnvironment(context: Settings, project: Project, python: string | undefined): Promise<EnsuredEnvironment> {
  const { exists, rule } = locateProjectEnvironment(project, context.host);
  const ensure = (): Promise<EnsuredEnvironment> => ensureProjectEnvironment(context, project, { python });
  return exists && rule !== "moved" && python === undefined ? ensure() : inTurn(context, project.root, ensure);
}
