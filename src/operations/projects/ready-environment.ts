import { printableLine } from "#foundation";
import type { Settings } from "../settings.ts";
import { locateProjectEnvironment } from "./environment-location.ts";
import { ensureProjectEnvironment, type EnsuredEnvironment } from "./project-environment.ts";
import { inTurn } from "./project-turn.ts";
import type { Project } from "./project.ts";

/**
 * The environment of a project for a command that changes nothing of it: the one that is there, without waiting for anybody; else it is made, by one
 * command at a time, and said where. Errors: as `ensureProjectEnvironment`.
 */
export async function readyEnvironment(context: Settings, project: Project, python: string | undefined): Promise<EnsuredEnvironment> {
  const { exists, rule } = locateProjectEnvironment(project, context.host);
  const ensure = (): Promise<EnsuredEnvironment> => ensureProjectEnvironment(context, project, { python });
  if (exists && rule !== "moved" && python === undefined) return ensure();
  const ready = await inTurn(context, project.root, ensure);
  if (ready.made) {
    const message = `Virtualenv location: ${printableLine(ready.place.root)}`;
    context.emit({ type: "log", level: "info", code: "environment-made", message });
  }
  return ready;
}
