import {
  folderIdentity,
  isFolder,
  listFolder,
  pathExists,
  readTextIfAny,
  sha256Hex,
  targetStatusOf,
  writeAtomic,
  type Host,
  basename,
  dirname,
  isAbsolute,
  join,
  resolve,
} from "#foundation";
import type { Pipfile } from "#project";
import { isEnvironment } from "#venv";
import { activeEnvironment, pipenvFlag, pipenvText } from "./variables.ts";

/** By which rule an environment is a project's. */
export type LocationRule =
  /** It is active. */
  | "active"
  /** A file `.venv` names it. */
  | "venv-file"
  /** It is the folder `.venv`. */
  | "in-project"
  /** It stands among those of all projects, by the project's name and the hash of its place. */
  | "by-name"
  /** The same, but it was made where the project stood before it was moved. */
  | "moved";

export interface ProjectEnvironmentPlace {
  readonly root: string;
  readonly rule: LocationRule;
  /** There is an environment. */
  readonly exists: boolean;
  /** For `moved`: where it will stand once a command works in it. */
  readonly proper?: string;
}

/** What tells where the environment of a project is. */
export type LocatedProject = { readonly root: string; readonly pipfile: Pick<Pipfile, "path" | "settings"> };

/**
 * Where the environment of a Pipfile project is, or would be made: exactly as pipenv 2026.10 has it, so that both work in the same one. Beside
 * that, a project that was moved finds the environment that was made for its old place, by the `.project` file in it.
 */
export function locateProjectEnvironment(project: LocatedProject, host: Host): ProjectEnvironmentPlace {
  const active = activeEnvironment(host);
  // One that was deleted since is active in name alone: pipenv makes the project's own then, and fails over the folder that is not there.
  if (active !== undefined && isEnvironment(resolve(host.cwd, active))) return placed(resolve(host.cwd, active), "active");
  const file = join(project.root, ".venv");
  const kind = targetStatusOf(file)?.kind;
  const byName = join(workonHome(host), environmentName(project, host));
  if (kind === "file") {
    const name = (readTextIfAny(file) ?? "").trim();
    if (name !== "") return placed(name.includes("/") ? resolve(project.root, name) : join(workonHome(host), name), "venv-file");
  } else {
    const chosen = wantsInProject(project, host);
    if (chosen === true) return placed(file, "in-project");
    // A `.venv` that nobody asked pipenv for gives way to the environment that pipenv made before it.
    if (chosen === undefined && kind === "folder" && !pathExists(byName)) return placed(file, "in-project");
  }
  if (!pathExists(byName)) {
    const moved = movedEnvironment(project, host);
    if (moved !== undefined) return { root: moved, rule: "moved", exists: true, proper: byName };
  }
  return placed(byName, "by-name");
}

const placed = (root: string, rule: LocationRule): ProjectEnvironmentPlace => ({ root, rule, exists: isEnvironment(root) });

/** Undefined where neither the variable nor the Pipfile says anything. */
function wantsInProject({ pipfile }: LocatedProject, host: Host): boolean | undefined {
  return pipenvFlag(host, "VENV_IN_PROJECT") ?? pipfile.settings.venvInProject;
}

/** The folder of all projects' environments: `WORKON_HOME`, else pipenv's own place. Absolute. */
function workonHome({ env, home, cwd, platform }: Host): string {
  const data = env["XDG_DATA_HOME"] ?? "~/.local/share";
  const written = env["WORKON_HOME"] || (platform === "win32" ? "~/.virtualenvs" : join(data, "virtualenvs"));
  const expanded = written.replace(
    /\$(?:\{(\w+)\}|(\w+))/g,
    (whole, braced?: string, plain?: string) => env[braced ?? plain ?? ""] ?? whole,
  );
  return resolve(cwd, expanded.replace(/^~(?=\/|$)/, home));
}

/** The name of a project's environment: its folder's name, made harmless and short, and the hash of where its Pipfile is. */
function environmentName(project: LocatedProject, host: Host): string {
  const custom = pipenvText(host, "CUSTOM_VENV_NAME");
  if (custom !== undefined) return custom;
  const python = pipenvText(host, "PYTHON");
  const suffix = python === undefined ? "" : `-${isAbsolute(python) ? basename(python) : python}`;
  return `${harmlessName(project)}-${placeHash(project.pipfile.path)}${suffix}`;
}

const harmlessName = ({ pipfile }: LocatedProject): string =>
  Array.from(basename(dirname(pipfile.path)).replace(/[ &$`!*@"()[\]\\\r\n\t]/g, "_"))
    .slice(0, 42)
    .join("");

/** The first six bytes of the SHA-256 of a path, in URL-safe base64. */
function placeHash(path: string): string {
  return Buffer.from(sha256Hex(Buffer.from(path)).slice(0, 12), "hex").toString("base64url");
}

/**
 * The environment of this project from before it was moved: one whose own project is gone, and which was made for this very folder, as far as that is known; else
 * the one by this project's name. With several nobody can know.
 */
function movedEnvironment(project: LocatedProject, host: Host): string | undefined {
  const folder = workonHome(host);
  if (pipenvText(host, "CUSTOM_VENV_NAME") !== undefined || !isFolder(folder)) return undefined;
  const orphans = listFolder(folder).flatMap(({ name, kind }) => {
    if (kind !== "folder" || !/-[\w-]{8}$/.test(name)) return [];
    const root = join(folder, name);
    const home = readTextIfAny(join(root, ".project"))?.trim();
    return home && isAbsolute(home) && !pathExists(home) && isEnvironment(root) ? [{ name, root }] : [];
  });
  if (orphans.length === 0) return undefined;
  const identity = folderIdentity(project.root);
  const own = orphans.filter(({ root }) => identity !== undefined && readTextIfAny(join(root, identityFile)) === identity);
  const start = `${harmlessName(project)}-`;
  const likely = own.length > 0 ? own : orphans.filter(({ name }) => name.slice(0, -8) === start);
  return likely.length === 1 ? likely[0]?.root : undefined;
}

/** Beside `.project`, which names the place of the project: by what its folder is known again when it is called otherwise. */
const identityFile = ".project-folder";

/** Notes in an environment whose it is, for pipenv and others by the project's place. */
export function nameOwner(root: string, project: Pick<LocatedProject, "root">): void {
  writeAtomic(join(root, ".project"), project.root);
  const identity = folderIdentity(project.root);
  if (identity !== undefined) writeAtomic(join(root, identityFile), identity);
}
