import { PenError } from "#foundation";
import type { PipfileLock } from "#lock";
import { openContext, type Context } from "../context.ts";
import { changeProject, type ProjectChangeOptions, type ProjectReport } from "./change-project.ts";
import { findProjectPython } from "./project-python.ts";
import { inTurn } from "./project-turn.ts";
import { lockStatus, openProject, pylockPath, type Project } from "./project.ts";

export interface SyncProjectOptions extends ProjectChangeOptions {
  /** Remove what the lock does not name. */
  readonly prune?: boolean | undefined;
  /** Fail when the lock is not that of the Pipfile. */
  readonly check?: boolean | undefined;
}

/**
 * Puts what the lock names into the project's environment, which is made where there is none. Nothing is solved and no file of the project is changed. Errors:
 * `INVALID_LOCK` without a lock, and those of installing; the environment is then as it was.
 */
export async function syncProject(options: SyncProjectOptions = {}): Promise<ProjectReport> {
  const context = openContext(options);
  return inTurn(context, openProject(options).root, async () => {
    const project = openProject(options);
    const lock = project.readLock() ?? (await pylockInstead(context, project, options.python));
    if (lock === undefined) {
      throw new PenError("INVALID_LOCK", "Pipfile.lock not found", {
        why: "There is nothing that says which versions to install.",
        hint: "Make it: pen lock",
        data: { path: project.lockPath },
      });
    }
    if (options.check === true && lockStatus(project) === "stale") {
      throw new PenError("CHECK_FAILED", "The Pipfile.lock is not that of the Pipfile", {
        why: "The Pipfile was changed after it was locked.",
        hint: "Lock again: pen lock",
        data: { path: project.lockPath },
      });
    }
    const change = { edits: [], lock: { kind: "keep", lock }, install: options.prune === true ? "prune" : "yes" } as const;
    return changeProject(context, project, { change, options });
  });
}

/** Where there is no Pipfile.lock, a pylock.toml says what to install. */
async function pylockInstead(context: Context, project: Project, python: string | undefined): Promise<PipfileLock | undefined> {
  if (pylockPath(project) === undefined) return undefined;
  const { readPylock } = await import("./pylock.ts");
  return readPylock(project, (await findProjectPython(context, project, python)).markers);
}
