import { PenError, writeAtomic, join } from "#foundation";
import type { Lock } from "#lock";
import { openContext } from "../context.ts";
import { contextOptions, type ProjectChangeOptions } from "./change-project.ts";
import { sourceIndexes } from "./project-sources.ts";
import { findProjectPython } from "./project-python.ts";
import { inTurn } from "./project-turn.ts";
import { openProject, pylockPath } from "./project.ts";
import { lockPyproject } from "./pylock-pyproject.ts";
import { exportPylock, pylockTarget, validatePylock } from "./pylock.ts";

export interface PylockOptions extends ProjectChangeOptions {
  /** `lock`: write Pipfile.lock as pylock.toml. `pyproject`: solve pyproject.toml. Without it the file that is there is read and checked. */
  readonly from?: "lock" | "pyproject" | undefined;
  /** Where to write; default beside the Pipfile. */
  readonly path?: string | undefined;
  /** The dependency groups that the development packages become. */
  readonly groups?: readonly string[] | undefined;
}

export interface PylockReport {
  /** Absolute. */
  readonly path: string;
  readonly written: boolean;
  readonly lock: Lock;
}

/**
 * The pylock.toml of the project here: written from its Pipfile.lock or its pyproject.toml, or read and checked; undefined when there is none to read.
 * The file is replaced only when all went well. Errors: `INVALID_LOCK`, `INVALID_PROJECT`, those of resolving.
 */
export async function pylockHere(options: PylockOptions = {}): Promise<PylockReport | undefined> {
  const context = openContext(options);
  const project = openProject(options);
  if (options.from === undefined) {
    const path = pylockPath(project);
    return path === undefined ? undefined : { path, written: false, lock: validatePylock(path) };
  }
  const common = { ...contextOptions(context), path: options.path ?? pylockTarget(project) };
  const file = await inTurn(context, project.root, async () => {
    if (options.from === "pyproject") {
      const [main, ...others] = sourceIndexes(project.sources, context.host);
      return lockPyproject({
        ...common,
        pyproject: join(project.root, "pyproject.toml"),
        interpreter: await findProjectPython(context, project, options.python),
        indexes: { ...options.fetching, indexUrl: main?.url, extraIndexUrls: others.map(({ url }) => url) },
        builds: options.builds,
      });
    }
    const lock = project.readLock();
    if (lock === undefined) {
      throw new PenError("INVALID_LOCK", "No Pipfile.lock found", {
        why: "A pylock.toml is made of what is locked.",
        hint: "Make it: pen lock",
        data: { path: project.lockPath },
      });
    }
    return exportPylock({ ...common, project, lock, groups: options.groups, fetching: options.fetching ?? {} });
  });
  writeAtomic(file.path, file.text);
  return { path: file.path, written: true, lock: validatePylock(file.path) };
}
