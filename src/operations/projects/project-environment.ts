import { PenError, printableLine, removeTree, warn, type Emit, basename } from "#foundation";
import type { Pipfile } from "#project";
import { openEnvironment, tryOpenEnvironmentCached, type Environment } from "#venv";
import type { IndexOptions } from "../context.ts";
import type { Settings } from "../settings.ts";
import { locateProjectEnvironment, nameOwner, type ProjectEnvironmentPlace } from "./environment-location.ts";
import { activeEnvironment, pipenvFlag, pipenvText } from "./variables.ts";

/** What a project's environment depends on. */
export interface EnvironmentProject {
  /** The folder of the Pipfile, absolute. */
  readonly root: string;
  readonly pipfile: Pick<Pipfile, "path" | "settings" | "requires">;
}

export interface EnsureEnvironmentOptions {
  /** Which Python; an environment of another one is made anew. Default: what the variables, then the Pipfile ask for. */
  readonly python?: string | undefined;
  /** Let it see the packages of its base Python; where this is said, an environment that is there is made anew. */
  readonly systemSitePackages?: boolean | undefined;
  readonly indexes?: IndexOptions;
}

export interface EnsuredEnvironment {
  readonly environment: Environment;
  readonly place: ProjectEnvironmentPlace;
  /** It was made by this call. */
  readonly made: boolean;
}

/** The environment of a project that exists. Errors: `ENV_NOT_FOUND`, `ENV_BROKEN`. */
export async function openProjectEnvironment(context: Settings, project: EnvironmentProject): Promise<Environment> {
  const place = locateProjectEnvironment(project, context.host);
  if (!place.exists) {
    throw new PenError("ENV_NOT_FOUND", `No environment has been made for this project yet`, {
      why: `It would stand at ${printableLine(place.root)}.`,
      hint: "Make it, with all packages: pen sync",
      data: { path: place.root },
    });
  }
  return open(place.root, context);
}

async function open(root: string, { host, cacheFolder, signal }: Settings): Promise<Environment> {
  return tryOpenEnvironmentCached(root, { host, cacheFolder, signal }) ?? openEnvironment(root, { host, cacheFolder, signal });
}

/**
 * The environment of a project, made where there is none: with the Python that is asked for, pip in it, and the file `.project` by which pipenv and others
 * know whose it is. One that was made before the project was moved is led to its proper place. Never touches an active environment but by working in it.
 * Errors: those of `createEnvironment`; nothing is left behind.
 */
export async function ensureProjectEnvironment(
  context: Settings,
  project: EnvironmentProject,
  options: EnsureEnvironmentOptions = {},
): Promise<EnsuredEnvironment> {
  const place = locateProjectEnvironment(project, context.host);
  warnOfLostEnvironment(context, place);
  if (place.rule === "moved" && place.proper !== undefined) {
    const { moveEnvironment } = await import("../moving/move-environment.ts");
    await moveEnvironment({ ...asOptions(context), environment: place.root, to: place.proper });
    nameOwner(place.proper, project);
    return ensureProjectEnvironment(context, project, options);
  }
  const anew = options.python !== undefined || options.systemSitePackages !== undefined;
  if (place.exists && !(anew && (await differs(context, place.root, options))))
    return { environment: await open(place.root, context), place, made: false };
  if (place.exists && place.rule === "active") throw activeIsOther(place.root);
  const { createEnvironment } = await import("../environments/create-environment.ts");
  const { environment } = await createEnvironment({
    ...asOptions(context),
    path: place.root,
    python: options.python ?? pythonFor(project, context),
    prompt: basename(project.root),
    systemSitePackages: options.systemSitePackages ?? false,
    copies: pipenvFlag(context.host, "VIRTUALENV_COPIES") ?? false,
    clear: place.exists,
    ...(options.indexes === undefined ? {} : { indexes: options.indexes }),
  });
  nameOwner(place.root, project);
  return { environment, place: { ...place, exists: true }, made: true };
}

/** Who was told already: a command may ensure it several times. */
const told = new WeakSet<Emit>();

/** An environment that is active in name alone would have gone before the project's own. */
function warnOfLostEnvironment({ host, emit }: Settings, { rule, root }: ProjectEnvironmentPlace): void {
  const lost = rule === "active" ? undefined : activeEnvironment(host);
  if (lost === undefined || told.has(emit)) return;
  told.add(emit);
  const message = `VIRTUAL_ENV names ${printableLine(lost)}, where no environment is (any more): the project's own is used, ${printableLine(root)}`;
  warn(emit, "lost-environment", message);
}

const asOptions = (
  context: Settings,
): { host: Settings["host"]; cacheFolder: string; onEvent: Settings["emit"]; signal?: AbortSignal } => ({
  host: context.host,
  cacheFolder: context.cacheFolder,
  onEvent: context.emit,
  ...(context.signal === undefined ? {} : { signal: context.signal }),
});

/** Whether an environment is not the one that is asked for. */
async function differs(context: Settings, root: string, { python, systemSitePackages }: EnsureEnvironmentOptions): Promise<boolean> {
  const environment = await open(root, context).catch(() => undefined);
  if (environment === undefined) return true;
  if (systemSitePackages !== undefined && (environment.config.get("include-system-site-packages") === "true") !== systemSitePackages)
    return true;
  if (python === undefined) return false;
  const { wantedPython } = await import("./wanted-python.ts");
  const wanted = await wantedPython(python, context);
  // By what they are: one installation has several names for its executable.
  const { basePrefix, version, implementation } = environment.interpreter;
  return wanted.basePrefix !== basePrefix || wanted.version !== version || wanted.implementation !== implementation;
}

function activeIsOther(root: string): PenError {
  return new PenError("ENV_EXISTS", "The active environment is not made anew", {
    why: `${printableLine(root)} is active, so it is taken for this project, and it is of another kind than asked for.`,
    hint: "Deactivate it first, or set PIPENV_IGNORE_VIRTUALENVS=1.",
    data: { path: root },
  });
}

/** As pipenv: PIPENV_PYTHON, what the Pipfile requires, PIPENV_DEFAULT_PYTHON_VERSION, else the first Python there is. */
export function pythonFor(project: Pick<EnvironmentProject, "pipfile"> | undefined, { host }: Pick<Settings, "host">): string | undefined {
  const { pythonFullVersion, pythonVersion } = project?.pipfile.requires ?? {};
  return pipenvText(host, "PYTHON") ?? pythonFullVersion ?? pythonVersion ?? pipenvText(host, "DEFAULT_PYTHON_VERSION");
}

/**
 * Deletes the environment of a project. Gives its folder. Errors: `ENV_NOT_FOUND`, and `USAGE` for an active one that the project does not own: whoever
 * activated it may need it elsewhere.
 */
export async function removeProjectEnvironment({ host }: Settings, project: EnvironmentProject): Promise<string> {
  const { root, rule, exists } = locateProjectEnvironment(project, host);
  if (rule === "active") {
    throw new PenError("USAGE", "The active environment is not removed", {
      why: `${printableLine(root)} was activated by you; it may be needed elsewhere.`,
      hint: "Deactivate it first, then this command removes the project's own environment.",
      data: { path: root },
    });
  }
  if (!exists) {
    throw new PenError("ENV_NOT_FOUND", "No environment has been made for this project yet", {
      why: `Nothing stands at ${printableLine(root)}.`,
      data: { path: root },
    });
  }
  const { forgetEnvironment } = await import("../environments/environment-registry.ts");
  removeTree(root);
  forgetEnvironment(root, host);
  return root;
}
