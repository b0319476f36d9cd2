import {
  isFolder,
  isPenError,
  listFolder,
  pathExists,
  readTextIfAny,
  targetStatusOf,
  type Host,
  delimiter,
  dirname,
  isAbsolute,
  join,
  resolve,
} from "#foundation";
import { projectEnvironment } from "#python";
import { toolFolders, type ToolFolder, type ToolPlace } from "./tool-places.ts";

/** How an environment was found. */
export type EnvironmentPlace = "active" | "project" | "folder" | ToolPlace | "conda" | "pen" | "store";

/** What pen itself knows of environments that stand anywhere. */
export interface RememberedPlaces {
  /** Those that pen made, or worked in. */
  readonly roots: readonly string[];
  /** The `site-packages` that took wheels from the store. */
  readonly usedPackages: readonly string[];
}

export interface PlacedEnvironment {
  readonly root: string;
  readonly place: EnvironmentPlace;
}

/**
 * Every environment in the places that pen knows: the active one, the project's, those beside it, where other tools keep theirs, and those
 * that pen made or worked in wherever they stand. A folder that comes by two ways, or by two names, is told of once, by the first.
 */
export function placedEnvironments(host: Host, remembered: RememberedPlaces): PlacedEnvironment[] {
  const found = new Map<string, PlacedEnvironment>();
  const add = (root: string, place: EnvironmentPlace): void => {
    const identity = identityOf(root);
    if (!found.has(identity)) found.set(identity, { root, place });
  };
  const active = host.env["VIRTUAL_ENV"];
  if (active && isEnvironmentFolder(resolve(host.cwd, active))) add(resolve(host.cwd, active), "active");
  const project = projectEnvironment(host);
  if (project !== undefined) add(project, "project");
  for (const root of foldersHere(host.cwd)) if (isEnvironmentFolder(root)) add(root, "folder");
  const uvs = resolve(host.cwd, host.env["UV_PROJECT_ENVIRONMENT"] ?? "");
  if (host.env["UV_PROJECT_ENVIRONMENT"] && isEnvironmentFolder(uvs)) add(uvs, "uv");
  for (const [place, folder, depth] of [...toolFolders(host), ...pyenvFolders(host)])
    for (const root of environmentsBelow(folder, depth)) add(root, place);
  for (const root of condaEnvironments(host)) add(root, "conda");
  for (const root of remembered.roots) if (isEnvironmentFolder(root)) add(root, "pen");
  for (const packages of remembered.usedPackages) {
    const root = environmentAbove(packages);
    if (root !== undefined) add(root, "store");
  }
  return [...found.values()];
}

/** This folder and those in it, the environments of test runners, and the `.venv` of each project below this folder. */
function foldersHere(cwd: string): string[] {
  const inside = foldersIn(cwd);
  const runners = [".tox", ".nox"].flatMap((name) => foldersIn(join(cwd, name)));
  return [cwd, ...inside, ...runners, ...inside.map((folder) => join(folder, ".venv"))];
}

/** What is the same for all names of one folder. */
function identityOf(root: string): string {
  try {
    const status = targetStatusOf(root);
    return status === undefined ? root : `${status.device} ${status.inode}`;
  } catch {
    return root;
  }
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

/** pyenv-virtualenv keeps them inside the version that they are made from. */
function pyenvFolders({ env, home }: Host): ToolFolder[] {
  const versions = join(env["PYENV_ROOT"] || join(home, ".pyenv"), "versions");
  return isAbsolute(versions) ? foldersIn(versions).map((version) => ["pyenv", join(version, "envs"), 1] as const) : [];
}

/** conda lists its environments in a file; they are no virtual environments, and pen only shows them. */
function condaEnvironments({ env, home }: Host): string[] {
  const listed = (textOf(join(home, ".conda", "environments.txt")) ?? "").split("\n").map((line) => line.trim());
  const names = ["miniconda3", "anaconda3", "miniforge3", "mambaforge", "micromamba", ".local/share/mamba"];
  const bases = [env["MAMBA_ROOT_PREFIX"] ?? "", ...names.map((name) => join(home, name)), "/opt/conda"].filter(isAbsolute);
  const places = [
    ...[env["CONDA_ENVS_PATH"], env["CONDA_ENVS_DIRS"]].flatMap((paths) => (paths ?? "").split(delimiter)),
    join(home, ".conda", "envs"),
    ...bases.map((base) => join(base, "envs")),
  ];
  const roots = [env["CONDA_PREFIX"] ?? "", ...listed, ...bases, ...places.filter(isAbsolute).flatMap(foldersIn)];
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
