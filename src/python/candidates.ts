import {
  dataDir,
  isExecutableFile,
  listFolder,
  pathExists,
  targetStatusOf,
  type Host,
  basename,
  dirname,
  isAbsolute,
  join,
  resolve,
} from "#foundation";
import { compareHints, hintOf, type NameHint } from "./fit.ts";
import { executableIn } from "./inspect.ts";
import { projectEnvironment } from "./project-environment.ts";
import { windowsRegistry, type RegistryPort } from "./registry.ts";
import { pathFolders } from "./request.ts";
import { installedVersions, resolveShim } from "./shims.ts";
import type { InterpreterSource } from "./types.ts";

/** A file that may be a Python. */
export interface Candidate {
  readonly path: string;
  readonly source: InterpreterSource;
  readonly hint: NameHint | undefined;
}

/** Where to look beside the usual places. */
export interface SearchPlaces {
  readonly host: Host;
  /** Folders of executables that are searched before PATH, as if they stood at its front. */
  readonly extraFolders?: readonly string[];
  /** Folders of executables that every system has; default `/usr/local/bin`, `/usr/bin` and the usual ones of macOS. */
  readonly systemFolders?: readonly string[];
  /** Default: the real registry on Windows, none elsewhere. */
  readonly registry?: RegistryPort;
}

/**
 * Every candidate, in the order in which pen looks: active environment, `.venv`, PATH, pyenv, asdf, mise, pen's and uv's managed
 * folders, system folders, registry. Lazy: a place is looked at when its turn comes. The same file may come twice. With a
 * `release` (`[3, 12]`), folders of executables are tried for the names that promise it instead of being listed.
 */
export async function* allCandidates(places: SearchPlaces, release?: readonly number[]): AsyncGenerator<Candidate> {
  const names = release === undefined ? undefined : releaseNames(release, places.host);
  yield* environments(places.host);
  for (const folder of searchFolders(places)) yield* folderCandidates(folder, "path", { host: places.host, names });
  yield* remaining(places, names);
}

/** The order for a request that leaves all open: environments, `python3` and `python` of PATH, then the newest by name of all others. */
export async function* openCandidates(places: SearchPlaces): AsyncGenerator<Candidate> {
  yield* environments(places.host);
  const folders = searchFolders(places);
  for (const folder of folders) yield* plainNames(folder, "path", places.host);
  const rest: Candidate[] = [];
  for (const folder of folders) rest.push(...folderCandidates(folder, "path", { host: places.host, names: undefined }));
  for await (const candidate of remaining(places)) rest.push(candidate);
  yield* rest.sort((a, b) => compareHints(a.hint, b.hint));
}

function searchFolders(places: SearchPlaces): string[] {
  return [...(places.extraFolders ?? []).map((folder) => resolve(places.host.cwd, folder)), ...pathFolders(places.host)];
}

async function* remaining(places: SearchPlaces, names?: readonly string[]): AsyncGenerator<Candidate> {
  const { host } = places;
  for (const [source, versions] of managerFolders(host)) yield* installations(source, versions, host);
  for (const folder of places.systemFolders ?? systemFolders(host)) yield* folderCandidates(folder, "system", { host, names });
  const registry = places.registry ?? (host.platform === "win32" ? windowsRegistry(host) : undefined);
  for (const python of (await registry?.pythons()) ?? []) {
    const path = python.executable ?? (python.installFolder === undefined ? undefined : executableIn(python.installFolder, host));
    if (path !== undefined && isExecutableFile(path)) yield { path, source: "registry", hint: undefined };
  }
}

function* environments(host: Host): Generator<Candidate> {
  for (const name of ["VIRTUAL_ENV", "CONDA_PREFIX"]) {
    const folder = host.env[name];
    const path = folder !== undefined && isAbsolute(folder) ? executableIn(folder, host) : undefined;
    if (path !== undefined) yield { path, source: "active-environment", hint: undefined };
  }
  const project = projectEnvironment(host);
  const path = project === undefined ? undefined : executableIn(project, host);
  if (path !== undefined) yield { path, source: "project-environment", hint: undefined };
}

const executableName = /^(?:python|pypy|graalpy)(?:\d(?:\.\d{1,3})?)?t?d?(?:\.exe)?$/i;

interface FolderLook {
  readonly host: Host;
  /** The names to try; undefined: list the folder. */
  readonly names: readonly string[] | undefined;
}

/** The Pythons of one folder of executables: `python3` and `python`, then the others, the newest name first. */
function* folderCandidates(folder: string, source: InterpreterSource, look: FolderLook): Generator<Candidate> {
  const { host } = look;
  yield* plainNames(folder, source, host);
  const plain = new Set(plainFileNames(host));
  const names = look.names ?? entryNames(folder).filter((name) => executableName.test(name) && !plain.has(name));
  const fitting = host.platform === "win32" ? names.filter((name) => /\.exe$/i.test(name)) : names;
  const hinted = fitting.map((name) => ({ name, hint: hintOf(name) })).sort((a, b) => compareHints(a.hint, b.hint));
  for (const { name, hint } of hinted) yield* fileCandidates(join(folder, name), { source, hint, host });
}

function releaseNames(release: readonly number[], host: Host): string[] | undefined {
  const [major, minor] = release;
  if (minor === undefined) return undefined;
  const version = `${major}.${minor}`;
  const names = [...["", "t", "d", "td"].map((build) => `python${version}${build}`), `pypy${version}`, "pypy3", "pypy", "graalpy"];
  return host.platform === "win32" ? names.map((name) => `${name}.exe`) : names;
}

function plainFileNames(host: Host): string[] {
  return host.platform === "win32" ? ["python.exe", "python3.exe"] : ["python3", "python"];
}

function* plainNames(folder: string, source: InterpreterSource, host: Host): Generator<Candidate> {
  for (const name of plainFileNames(host)) yield* fileCandidates(join(folder, name), { source, hint: hintOf(name), host });
}

/** A file as a candidate; a shim becomes the Pythons it stands for, and a stub of the Windows Store nothing. */
function* fileCandidates(path: string, about: { source: InterpreterSource; hint: NameHint | undefined; host: Host }): Generator<Candidate> {
  if (!isExecutableFile(path) || isStoreStub(path, about.host) || isDeveloperToolsStub(path, about.host)) return;
  for (const real of resolveShim(path, about.host) ?? [path]) yield { path: real, source: about.source, hint: about.hint };
}

/** The empty files in WindowsApps open the Store instead of running Python. */
function isStoreStub(path: string, host: Host): boolean {
  return host.platform === "win32" && basename(dirname(path)).toLowerCase() === "windowsapps" && targetStatusOf(path)?.size === 0;
}

/** Without Apple's developer tools, macOS answers this name with a dialogue that offers to install them. */
function isDeveloperToolsStub(path: string, host: Host): boolean {
  return (
    host.platform === "darwin" &&
    path === "/usr/bin/python3" &&
    !["/Library/Developer/CommandLineTools", "/Applications/Xcode.app"].some(pathExists)
  );
}

function entryNames(folder: string): string[] {
  try {
    return listFolder(folder).map((entry) => entry.name);
  } catch {
    return []; // PATH may name folders that cannot be read.
  }
}

function managerFolders(host: Host): Array<readonly [InterpreterSource, string]> {
  const { env, home } = host;
  const shared =
    env["XDG_DATA_HOME"] ||
    (host.platform === "win32" ? (env["LOCALAPPDATA"] ?? join(home, "AppData", "Local")) : join(home, ".local", "share"));
  const pyenv = env["PYENV_ROOT"] || join(home, ".pyenv", ...(host.platform === "win32" ? ["pyenv-win"] : []));
  const uvShared = host.platform === "win32" ? join(env["APPDATA"] ?? join(home, "AppData", "Roaming"), "uv", "data") : join(shared, "uv");
  const folders: Array<readonly [InterpreterSource, string]> = [
    ["pyenv", join(pyenv, "versions")],
    ["asdf", join(env["ASDF_DATA_DIR"] || join(home, ".asdf"), "installs", "python")],
    ["mise", join(env["MISE_DATA_DIR"] || join(shared, "mise"), "installs", "python")],
    ["managed", join(dataDir(host), "python")],
    ["uv-managed", env["UV_PYTHON_INSTALL_DIR"] || join(uvShared, "python")],
  ];
  return folders.filter(([, folder]) => isAbsolute(folder));
}

/** The folders where uv and pen keep the Pythons that they installed. */
export function managedFolders(host: Host): string[] {
  return managerFolders(host).flatMap(([source, folder]) => (source === "managed" || source === "uv-managed" ? [folder] : []));
}

/** One candidate per installed version, the newest first. Environments that live there (pyenv-virtualenv) are no installations. */
function* installations(source: InterpreterSource, versions: string, host: Host): Generator<Candidate> {
  for (const name of installedVersions(versions)) {
    const folder = join(versions, name);
    if (pathExists(join(folder, "pyvenv.cfg"))) continue;
    const path = executableIn(folder, host);
    if (path !== undefined) yield { path, source, hint: hintOf(name) };
  }
}

function systemFolders(host: Host): string[] {
  if (host.platform === "win32") return [];
  if (host.platform !== "darwin") return ["/usr/local/bin", "/usr/bin"];
  const framework = "/Library/Frameworks/Python.framework/Versions";
  return ["/opt/homebrew/bin", "/usr/local/bin", ...installedVersions(framework).map((name) => join(framework, name, "bin")), "/usr/bin"];
}
