import { removeTree } from "#foundation";
import type { PipfileLock } from "#lock";
import { editPipfile, type PipfileEdit } from "#project";
import type { NormalizedName } from "#standards";
import type { BuildChoices } from "../building/build-choices.ts";
import type { Context, OperationOptions } from "../context.ts";
import type { InstallReport, LinkMode } from "../packages/install.ts";
import { installLocked } from "./install-locked.ts";
import type { LockChange } from "./lock-changes.ts";
import { lockProject } from "./lock-project.ts";
import { ensureProjectEnvironment, type EnsuredEnvironment } from "./project-environment.ts";
import { findProjectPython } from "./project-python.ts";
import type { FetchOptions } from "./project-sources.ts";
import { withPipfile, type Project } from "./project.ts";
import type { PylockFile } from "./pylock.ts";
import { stageFiles } from "./staged-files.ts";

/** What every command that changes a project takes. */
export interface ProjectChangeOptions extends OperationOptions {
  /** The Python of the environment; one of another Python is made anew. */
  readonly python?: string | undefined;
  readonly systemSitePackages?: boolean | undefined;
  /** Take pre-releases when locking. */
  readonly prereleases?: boolean | undefined;
  /** The categories of the Pipfile that are installed. */
  readonly categories?: readonly string[] | undefined;
  readonly linkMode?: LinkMode | undefined;
  readonly builds?: BuildChoices | undefined;
  /** How indexes are asked; which ones there are is the business of the Pipfile. */
  readonly fetching?: FetchOptions | undefined;
}

/** How the lock comes about that is installed. */
export type LockPlan =
  /** The one that is there. */
  | { readonly kind: "keep"; readonly lock: PipfileLock }
  /** A new one; all that it has stays where it fits, but for these, or all. */
  | {
      readonly kind: "renew";
      readonly upgrade: readonly string[] | "all" | "none";
      /** Versions to take where they fit. */
      readonly preferences?: ReadonlyMap<NormalizedName, string>;
    };

export interface ProjectChange {
  readonly edits: readonly PipfileEdit[];
  readonly lock: LockPlan;
  /** Whether the environment follows: with all of the lock, and nothing else (`prune`), or not at all; with `lock-only` none is made for it either. */
  readonly install: "yes" | "prune" | "no" | "lock-only";
  /** What else belongs to the change: it is done before the files are put in place. */
  readonly also?: (lockChanges: readonly LockChange[]) => Promise<void>;
  /** Install the new answer without writing it down. */
  readonly keepLock?: boolean;
}

/** What a command did to a project. */
export interface ProjectReport {
  readonly project: Project;
  readonly lock: PipfileLock;
  /** What is another version in the lock, new in it, or gone. */
  readonly lockChanges: readonly LockChange[];
  /** Undefined when the environment was not asked about. */
  readonly environment: EnsuredEnvironment | undefined;
  readonly installed: InstallReport | undefined;
}

/**
 * Carries a change of a project out as a whole: the Pipfile and the lock are worked out and written beside their places, then the environment is
 * changed in one transaction, then both files are put in place. Whatever fails, all three are as they were; an environment that was made for it is gone. Errors: those
 * of locking and installing.
 */
export async function changeProject(
  context: Context,
  project: Project,
  { change, options }: { readonly change: ProjectChange; readonly options: ProjectChangeOptions },
): Promise<ProjectReport> {
  const text = change.edits.length === 0 ? project.pipfile.text : editPipfile(project.pipfile.text, change.edits);
  const after = text === project.pipfile.text ? project : withPipfile(project, text);
  const environment =
    change.install === "lock-only"
      ? undefined
      : await ensureProjectEnvironment(context, after, { python: options.python, systemSitePackages: options.systemSitePackages });
  try {
    const locked = await lockFor(context, after, { plan: change.lock, options, environment });
    const staged = stageFiles([
      [after.pipfile.path, text],
      ...(locked.text === undefined || change.keepLock === true ? [] : ([[after.lockPath, locked.text]] as const)),
      ...(locked.pylock === undefined || change.keepLock === true ? [] : ([[locked.pylock.path, locked.pylock.text]] as const)),
    ]);
    try {
      const installed =
        change.install === "no" || environment === undefined
          ? undefined
          : await follow(context, after, { locked, options, environment, prune: change.install === "prune" });
      await change.also?.(locked.changes);
      staged.commit();
      return { project: after, lock: locked.lock, lockChanges: change.keepLock === true ? [] : locked.changes, environment, installed };
    } finally {
      staged.drop();
    }
  } catch (error) {
    if (environment?.made === true) removeTree(environment.place.root);
    throw error;
  }
}

interface Locked {
  readonly lock: PipfileLock;
  /** Undefined when the file stays as it is. */
  readonly text: string | undefined;
  readonly pylock: PylockFile | undefined;
  readonly changes: readonly LockChange[];
}

interface LockInput {
  readonly plan: LockPlan;
  readonly options: ProjectChangeOptions;
  readonly environment: EnsuredEnvironment | undefined;
}

async function lockFor(context: Context, project: Project, { plan, options, environment }: LockInput): Promise<Locked> {
  if (plan.kind === "keep") return { lock: plan.lock, text: undefined, pylock: undefined, changes: [] };
  const { after, text, pylock, changes } = await lockProject({
    ...contextOptions(context),
    project,
    interpreter: environment?.environment.interpreter ?? (await findProjectPython(context, project, options.python)),
    upgradePackages: plan.upgrade === "none" ? [] : plan.upgrade,
    ...(plan.preferences === undefined ? {} : { preferences: plan.preferences }),
    prereleases: options.prereleases,
    builds: options.builds,
    fetching: options.fetching ?? {},
    write: false,
  });
  return { lock: after, text, pylock, changes };
}

interface FollowInput {
  readonly locked: Locked;
  readonly options: ProjectChangeOptions;
  readonly environment: EnsuredEnvironment;
  readonly prune: boolean;
}

function follow(context: Context, project: Project, { locked, options, environment, prune }: FollowInput): Promise<InstallReport> {
  return installLocked(
    context,
    { project, lock: locked.lock, environment: environment.environment },
    {
      categories: options.categories ?? ["packages"],
      prune,
      linkMode: options.linkMode,
      builds: options.builds,
      fetching: options.fetching ?? {},
    },
  );
}

/** The options of another operation within the same command. */
export function contextOptions({ host, cacheFolder, emit, signal }: Context): OperationOptions {
  return { host, cacheFolder, onEvent: emit, ...(signal === undefined ? {} : { signal }) };
}
