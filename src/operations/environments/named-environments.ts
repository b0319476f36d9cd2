import {
  isFolder,
  isPenError,
  makeFolders,
  PenError,
  printableLine,
  readTextIfAny,
  removeFile,
  statusOf,
  warn,
  writeAtomic,
  type FileStatus,
  type Host,
  dirname,
  join,
  resolve,
} from "#foundation";
import { findInterpreter, parseRequest } from "#python";
import { isEnvironment, parsePyvenvConfig } from "#venv";
import { createEnvironment, type CreatedEnvironment, type CreateEnvironmentOptions } from "./create-environment.ts";
import { checkEnvironmentName, environmentFolder, environmentNamed, environmentsFolder, similarName } from "./environment-names.ts";
import { rememberEnvironment } from "./environment-entry.ts";
import { readSettings, type OperationOptions, type Settings } from "../settings.ts";
import { shellWord } from "../shells/shell-word.ts";

export interface CreateNamedEnvironmentOptions extends Omit<CreateEnvironmentOptions, "path"> {
  /** Letters, digits, `.`, `_`, `+`, `-`. */
  readonly name: string;
}

export interface UseEnvironmentOptions extends Omit<CreateNamedEnvironmentOptions, "name"> {
  /** The name of an environment, which is made when nobody has it; or the path of one that stands. */
  readonly name: string;
  /** The project's folder; default: the working directory. */
  readonly project?: string | undefined;
}

export interface UsedEnvironment {
  /** The environment. */
  readonly root: string;
  readonly project: string;
  /** The file that ties the two: `.venv` in the project's folder, with the path of the environment (PEP 832). */
  readonly redirect: string;
  /** Where the project's `.venv` led before; null where there was none. */
  readonly previous: string | null;
  /** What was made for it; null when the environment was there. */
  readonly created: CreatedEnvironment | null;
}

export interface DisusedEnvironment {
  readonly project: string;
  readonly redirect: string;
  /** Where the file led that was removed; null when there was none. */
  readonly previous: string | null;
}

/**
 * Makes an environment that is kept by its name, in pen's data folder. Errors: `USAGE` for what cannot be a name, those of
 * `createEnvironment`.
 */
export async function createNamedEnvironment(options: CreateNamedEnvironmentOptions): Promise<CreatedEnvironment> {
  const { name, ...rest } = options;
  const { host } = readSettings(options);
  checkEnvironmentName(name);
  const path = join(environmentsFolder(host), name);
  if (isEnvironment(path) && options.clear !== true && options.allowExisting !== true) {
    throw new PenError("ENV_EXISTS", `There is an environment ${printableLine(name)} already`, {
      why: `It stands at ${printableLine(path)}.`,
      hint: `Tie the project here to it: pen env use ${shellWord(name)}. Make it anew: pen env create --clear ${shellWord(name)}`,
      data: { path },
    });
  }
  makeFolders(environmentsFolder(host));
  return createEnvironment({ ...rest, path });
}

/**
 * Ties a project's folder to an environment that stands elsewhere, which pen and others then take for the project's own (PEP 832). Errors:
 * `USAGE` for a bad name, `ENV_EXISTS` when the project has an environment of its own or the environment is of another Python than asked for,
 * `ENV_NOT_FOUND` for a path without an environment, those of `createEnvironment`.
 */
export async function useEnvironment(options: UseEnvironmentOptions): Promise<UsedEnvironment> {
  const settings = readSettings(options);
  const project = projectFolder(options.project, settings.host);
  const redirect = join(project, ".venv");
  // A place that is taken is refused before anything is made.
  const previous = readRedirect(redirect);
  const { root, created } = await findOrMake(options, settings);
  if (unwritable.test(root) || root.trim() !== root)
    throw new PenError("TARGET_UNSUPPORTED", `The path ${printableLine(root)} cannot be written on one line`, {
      hint: "Move the environment to a path without control characters and outer blanks: pen env move",
    });
  if (previous !== root) writeAtomic(redirect, `${root}\n`);
  if (created === null) rememberEnvironment(root, settings);
  if (previous !== null && previous !== root) forgetProject(previous, project);
  noteProject(root, project, settings.host);
  return { root, project, redirect, previous: previous === root ? null : previous, created };
}

/** What no line of a file can hold for every reader. */
const unwritable = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

/** Undoes {@link useEnvironment}: the environment stays. Errors: `ENV_EXISTS` when `.venv` is no such file. */
export async function disuseEnvironment(
  options: OperationOptions & { readonly project?: string | undefined } = {},
): Promise<DisusedEnvironment> {
  const { host } = readSettings(options);
  const project = projectFolder(options.project, host);
  const redirect = join(project, ".venv");
  const previous = readRedirect(redirect);
  if (previous !== null) {
    removeFile(redirect);
    forgetProject(previous, project);
  }
  return { project, redirect, previous };
}

function projectFolder(path: string | undefined, host: Host): string {
  const project = resolve(host.cwd, path ?? ".");
  if (isFolder(project)) return project;
  throw new PenError("USAGE", `There is no folder ${printableLine(project)}`, { hint: "Name the folder of a project." });
}

async function findOrMake(
  options: UseEnvironmentOptions,
  settings: Settings,
): Promise<{ readonly root: string; readonly created: CreatedEnvironment | null }> {
  const { name, project: _project, ...creation } = options;
  const { host } = settings;
  const isPath = /[/\\]/.test(name) || name === "." || name === "..";
  const root = isPath ? environmentFolder(name, host) : environmentNamed(name, host);
  if (root !== undefined && isEnvironment(root)) {
    await refuseOtherPython(root, options, settings);
    return { root, created: null };
  }
  if (isPath) {
    throw new PenError("ENV_NOT_FOUND", `There is no virtual environment at ${printableLine(root ?? name)}`, {
      why: "A path names an environment that stands; a plain name makes one that pen keeps.",
      hint: "Make it first: pen venv DIR. Or use one by name: pen env use NAME",
    });
  }
  const similar = similarName(name, host);
  const created = await createNamedEnvironment({ ...creation, name });
  if (similar !== undefined)
    warn(
      settings.emit,
      "similar-name",
      `There is also an environment ${similar}. If you meant that one: pen env use ${shellWord(similar)} && pen env remove ${shellWord(name)}`,
    );
  return { root: created.environment.root, created };
}

/** `--python` for an environment that stands is a wish that can only be checked. */
async function refuseOtherPython(root: string, { python, name }: UseEnvironmentOptions, settings: Settings): Promise<void> {
  if (python === undefined) return;
  const { host, cacheFolder, signal } = settings;
  const wanted = await findInterpreter(parseRequest(python, host), { host, cacheFolder, signal });
  const config = parsePyvenvConfig(textOf(join(root, "pyvenv.cfg")) ?? "");
  const version = config.get("version") ?? config.get("version_info") ?? "";
  if (version === wanted.version || version.startsWith(`${wanted.version}.`)) return;
  throw new PenError("ENV_EXISTS", `The environment ${printableLine(name)} stands already, with another Python`, {
    why: `It was made for Python ${printableLine(version || "of an unknown version")}, and ${printableLine(python)} is Python ${wanted.version}.`,
    hint: `Leave --python away to use it as it is, choose another name, or remove it first: pen env remove ${shellWord(name)}`,
    data: { path: root },
  });
}

/** Where the redirect file leads; null when nothing is there. Throws `ENV_EXISTS` for all that is no such file. */
function readRedirect(redirect: string): string | null {
  const status = statusOf(redirect);
  if (status === undefined) return null;
  const line = status.kind === "file" && status.size <= 4096 ? (textOf(redirect) ?? "").replace(/\r?\n$/, "") : "";
  if (line.trim() !== "" && !/[\r\n\0]/.test(line)) return resolve(dirname(redirect), line);
  throw new PenError("ENV_EXISTS", `The project has a .venv already: ${printableLine(redirect)}`, {
    why: whatStands(redirect, status),
    hint:
      status.kind === "folder" && isEnvironment(redirect)
        ? "Remove it first if you do not need it: pen env remove .venv"
        : "Look at it, and delete it by hand if you do not need it.",
    data: { path: redirect },
  });
}

function whatStands(redirect: string, { kind }: FileStatus): string {
  if (kind === "link") return "It is a link. pen writes a file there that holds the path of the environment (PEP 832).";
  if (kind === "folder") return isEnvironment(redirect) ? "It is the project's own environment." : "It is a folder.";
  return "It does not hold the one path that such a file holds (PEP 832).";
}

/** As virtualenvwrapper does it: the first project that uses an environment is told of in `pen env list`. */
function noteProject(root: string, project: string, host: Host): void {
  const file = join(root, ".project");
  if (dirname(root) !== environmentsFolder(host) || statusOf(file) !== undefined) return;
  try {
    writeAtomic(file, `${project}\n`);
  } catch (error) {
    if (!isPenError(error, "FILE_SYSTEM")) throw error; // The list does without.
  }
}

function forgetProject(root: string, project: string): void {
  try {
    if (textOf(join(root, ".project"))?.trim() === project) removeFile(join(root, ".project"));
  } catch (error) {
    if (!isPenError(error, "FILE_SYSTEM")) throw error;
  }
}

function textOf(path: string): string | undefined {
  try {
    return readTextIfAny(path);
  } catch (error) {
    if (isPenError(error, "FILE_SYSTEM")) return undefined;
    throw error;
  }
}
