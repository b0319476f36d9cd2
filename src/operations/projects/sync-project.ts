import type { PipfileLock } from "#lock";
import { openContext, type Context } from "../context.ts";
import type { InstallReport } from "../packages/install.ts";
import { changeProject, type ProjectChangeOptions, type ProjectReport } from "./change-project.ts";
import { checkDeploy, checkPython } from "./deploying.ts";
import { locateProjectEnvironment } from "./environment-location.ts";
import { installLocked } from "./install-locked.ts";
import { lockOnDisk } from "./lock-on-disk.ts";
import { openProjectEnvironment } from "./project-environment.ts";
import { findProjectPython } from "./project-python.ts";
import { inTurn } from "./project-turn.ts";
import { lockStatus, openProject, type Project } from "./project.ts";

export interface SyncProjectOptions extends ProjectChangeOptions {
  /** Remove what the lock does not name. */
  readonly prune?: boolean | undefined;
  /** Fail when the lock is not that of the Pipfile, or the Python not one that the Pipfile asks for. */
  readonly deploy?: boolean | undefined;
}

/**
 * Puts what the lock names into the project's environment, which is made where there is none. Nothing is solved and no file of the project is changed. Errors:
 * `INVALID_LOCK` without a lock, `CHECK_FAILED` and `TARGET_UNSUPPORTED` with `deploy`, and those of installing; the environment is then as it was.
 */
export async function syncProject(options: SyncProjectOptions = {}): Promise<ProjectReport> {
  const context = openContext(options);
  return inTurn(context, openProject(options).root, async () => {
    const project = openProject(options);
    const lock = await lockToSync(context, project, options);
    const change = { edits: [], lock: { kind: "keep", lock }, install: options.prune === true ? "prune" : "yes" } as const;
    return changeProject(context, project, { change, options });
  });
}

/** What `syncProject` would do. */
export interface SyncCheck {
  readonly project: Project;
  readonly root: string;
  /** Undefined when there is no environment yet. */
  readonly installed: InstallReport | undefined;
}

/** What `syncProject` would do to the environment. Nothing is changed and none is made. Errors: as `syncProject`. */
export async function checkSync(options: SyncProjectOptions = {}): Promise<SyncCheck> {
  const context = openContext(options);
  const project = openProject(options);
  const lock = await lockToSync(context, project, options);
  const { root, exists } = locateProjectEnvironment(project, context.host);
  if (!exists) return { project, root, installed: undefined };
  const environment = await openProjectEnvironment(context, project);
  const installed = await installLocked(
    context,
    { project, lock, environment },
    {
      categories: options.categories ?? ["packages"],
      prune: options.prune,
      dryRun: true,
      builds: options.builds,
      fetching: options.fetching ?? {},
    },
  );
  return { project, root, installed };
}

async function lockToSync(context: Context, project: Project, options: SyncProjectOptions): Promise<PipfileLock> {
  if (options.deploy === true) {
    checkDeploy(project, lockStatus(project));
    checkPython(project, (await findProjectPython(context, project, options.python)).version);
  }
  return lockOnDisk(context, project, options.python);
}
