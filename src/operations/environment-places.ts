import { dirname, isAbsolute, join, resolve } from "node:path";
import { dataDir, isFolder, isPenError, listFolder, pathExists, readTextIfAny, type Host } from "#foundation";
import { projectEnvironment } from "#python";

/** How an environment was found. */
export type EnvironmentPlace =
  | "active"
  | "project"
  | "folder"
  | "named"
  | "store"
  | "virtualenvwrapper"
  | "pipenv"
  | "poetry"
  | "hatch"
  | "uv"
  | "pipx"
  | "pyenv"
  | "conda";

export interface PlacedEnvironment {
  readonly root: string;
  readonly place: EnvironmentPlace;
}

/**
 * Every environment in the places that pen knows: the active one, the project's, those beside it, those that took wheels from the store
 * (`sitePackages` folders), and where other tools keep theirs. A folder that comes by two ways is told of once, by the first.
 */
export function placedEnvironments(host: Host, usedPackages: readonly string[]): PlacedEnvironment[] {
  const found = new Map<string, EnvironmentPlace>();
  const add = (root: string, place: EnvironmentPlace): void => {
    if (!found.has(root)) found.set(root, place);
  };
  const active = host.env["VIRTUAL_ENV"];
  if (active && isEnvironmentFolder(resolve(host.cwd, active))) add(resolve(host.cwd, active), "active");
  const project = projectEnvironment(host);
  if (project !== undefined) add(project, "project");
  for (const root of [host.cwd, ...foldersIn(host.cwd), ...[".tox", ".nox"].flatMap((name) => foldersIn(join(host.cwd, name)))])
    if (isEnvironmentFolder(root)) add(root, "folder");
  for (const packages of usedPackages) {
    const root = environmentAbove(packages);
    if (root !== undefined) add(root, "store");
  }
  for (const [place, folder, depth] of toolFolders(host)) for (const root of environmentsBelow(folder, depth)) add(root, place);
  for (const root of condaEnvironments(host)) add(root, "conda");
  return [...found].map(([root, place]) => ({ root, place }));
}

/** `lib/python3.12/site-packages`, PyPy's `site-packages` and Windows' `Lib/site-packages` stand at most three folders deep. */
function environmentAbove(packages: string): string | undefined {
  let folder = dirname(packages);
  for (let step = 0; step < 3; step += 1) {
    if (isEnvironmentFolder(folder)) return folder;
    folder = dirname(folder);
  }
  return undefined;
}

const isEnvironmentFolder = (root: string): boolean => pathExists(join(root, "pyvenv.cfg"));

function environmentsBelow(folder: string, depth: number): string[] {
  return foldersIn(folder).flatMap((root) => (isEnvironmentFolder(root) ? [root] : depth > 1 ? environmentsBelow(root, depth - 1) : []));
}

/** Real folders only: a link would lead to the same environment under another name, or in a circle. */
function foldersIn(folder: string): string[] {
  try {
    return listFolder(folder).flatMap(({ name, kind }) => (kind === "folder" ? [join(folder, name)] : []));
  } catch (error) {
    if (isPenError(error, "FILE_SYSTEM")) return []; // A place that may not be looked into.
    throw error;
  }
}

type ToolFolder = readonly [place: EnvironmentPlace, folder: string, depth: number];

function toolFolders(host: Host): ToolFolder[] {
  const { env, home, platform } = host;
  const data = env["XDG_DATA_HOME"] || join(home, ".local", "share");
  const cache = env["XDG_CACHE_HOME"] || join(home, platform === "darwin" ? "Library/Caches" : ".cache");
  const support = platform === "darwin" ? join(home, "Library", "Application Support") : data;
  const folders: ToolFolder[] = [
    ["named", join(dataDir(host), "environments"), 1],
    ...(env["WORKON_HOME"] ? [["virtualenvwrapper", env["WORKON_HOME"], 1] as const] : []),
    ["virtualenvwrapper", join(home, ".virtualenvs"), 1],
    ["pipenv", join(data, "virtualenvs"), 1],
    ["poetry", env["POETRY_VIRTUALENVS_PATH"] || join(env["POETRY_CACHE_DIR"] || join(cache, "pypoetry"), "virtualenvs"), 1],
    ["hatch", join(env["HATCH_DATA_DIR"] || join(support, "hatch"), "env", "virtual"), 3],
    ["uv", env["UV_TOOL_DIR"] || join(data, "uv", "tools"), 1],
    ["uv", join(env["UV_CACHE_DIR"] || join(cache, "uv"), "environments-v2"), 1],
    ["pipx", join(env["PIPX_HOME"] || join(data, "pipx"), "venvs"), 1],
    // pyenv-virtualenv keeps them inside the version that they are made from.
    ...foldersIn(join(env["PYENV_ROOT"] || join(home, ".pyenv"), "versions")).map(
      (version) => ["pyenv", join(version, "envs"), 1] as const,
    ),
  ];
  return folders.filter(([, folder]) => isAbsolute(folder));
}

/** conda lists its environments in a file; they are no virtual environments, and pen only shows them. */
function condaEnvironments({ env, home }: Host): string[] {
  const listed = (textOf(join(home, ".conda", "environments.txt")) ?? "").split("\n").map((line) => line.trim());
  const bases = ["miniconda3", "anaconda3", "miniforge3", "mambaforge", "micromamba"].map((name) => join(home, name));
  const roots = [env["CONDA_PREFIX"] ?? "", ...listed, ...bases, ...bases.flatMap((base) => foldersIn(join(base, "envs")))];
  return [...new Set(roots)].filter((root) => isAbsolute(root) && isFolder(join(root, "conda-meta")));
}

function textOf(path: string): string | undefined {
  try {
    return readTextIfAny(path);
  } catch (error) {
    if (isPenError(error, "FILE_SYSTEM")) return undefined; // A folder, or somebody else's.
    throw error;
  }
}
