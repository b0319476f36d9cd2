import { PenError } from "#foundation";
import type { PipfileLock } from "#lock";
import type { Context } from "../context.ts";
import { findProjectPython } from "./project-python.ts";
import { pylockPath, type Project } from "./project.ts";

/**
 * The lock of a project: its Pipfile.lock, and where there is none, its pylock.toml. `python` as `findProjectPython`, which says what a pylock.toml means.
 * Errors: `INVALID_LOCK` where there is neither, and those of reading.
 */
export async function lockOnDisk(context: Context, project: Project, python: string | undefined): Promise<PipfileLock> {
  const lock = project.readLock() ?? (await pylockInstead(context, project, python));
  if (lock !== undefined) return lock;
  throw new PenError("INVALID_LOCK", "Pipfile.lock not found", {
    why: "There is nothing that says which versions to install.",
    hint: "Make it: pen lock",
    data: { path: project.lockPath },
  });
}

async function pylockInstead(context: Context, project: Project, python: string | undefined): Promise<PipfileLock | undefined> {
  if (pylockPath(project) === undefined) return undefined;
  const { readPylock } = await import("./pylock.ts");
  return readPylock(project, (await findProjectPython(context, project, python)).markers);
}
