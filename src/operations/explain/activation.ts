import { isExecutableFile, isFolder, pathExists, realPath, type Host, basename, delimiter, dirname, join, resolve } from "#foundation";
import type { Environment } from "#venv";
import { shellWord } from "../shells/shell-word.ts";
import type { ExplainedActivation, FoundCommand, VariableChange } from "./types.ts";

/** What `source bin/activate` would change in the shell that started pen. Nothing is changed. */
export function explainActivation(environment: Environment, host: Host): ExplainedActivation {
  const active = host.env["VIRTUAL_ENV"];
  const changes = [
    changeOf(host, "PATH", activatedPath(environment, host)),
    changeOf(host, "VIRTUAL_ENV", environment.root),
    changeOf(host, "VIRTUAL_ENV_PROMPT", promptOf(environment)),
    changeOf(host, "PYTHONHOME", null),
    ...(setsPkgConfig(environment) ? [changeOf(host, "PKG_CONFIG_PATH", activatedPkgConfig(environment, host))] : []),
  ].filter(({ before, after }) => before !== after);
  return {
    active: active !== undefined && active !== "" && samePlace(resolve(host.cwd, active), environment.root),
    command: activationCommand(environment, host),
    changes,
  };
}

/** The scripts of pen and of virtualenv do, those of `venv` and uv do not. */
function setsPkgConfig({ config }: Environment): boolean {
  return config.get("pen") !== undefined || config.get("virtualenv") !== undefined;
}

function activatedPkgConfig(environment: Environment, host: Host): string {
  const active = host.env["VIRTUAL_ENV"];
  const old = active ? join(active, "lib", "pkgconfig") : undefined;
  const rest = (host.env["PKG_CONFIG_PATH"] ?? "")
    .split(delimiter)
    .filter((folder, place) => folder !== "" && (place > 0 || folder !== old));
  return [join(environment.root, "lib", "pkgconfig"), ...rest].join(delimiter);
}

function changeOf(host: Host, variable: string, after: string | null): VariableChange {
  return { variable, before: host.env[variable] ?? null, after };
}

/** The name that the prompt shows. */
function promptOf(environment: Environment): string {
  return environment.config.get("prompt") || basename(environment.root);
}

/** PATH after activation: an active environment is left first, then this one's folder goes in front. */
function activatedPath(environment: Environment, host: Host): string {
  const folders = (host.env["PATH"] ?? "").split(delimiter);
  const active = host.env["VIRTUAL_ENV"];
  const old = active ? join(active, basename(environment.paths.scripts)) : undefined;
  const at = old === undefined ? -1 : folders.indexOf(old);
  const rest = at < 0 ? folders : folders.toSpliced(at, 1);
  return [environment.paths.scripts, ...rest.filter((folder, place) => folder !== "" || place > 0)].join(delimiter);
}

function activationCommand(environment: Environment, host: Host): string {
  const shell = basename(host.env["SHELL"] ?? "");
  const name = shell === "fish" ? "activate.fish" : shell === "csh" || shell === "tcsh" ? "activate.csh" : "activate";
  const script = join(environment.paths.scripts, pathExists(join(environment.paths.scripts, name)) ? name : "activate");
  return `${name === "activate" ? "." : "source"} ${shellWord(script)}`;
}

const words = ["python", "python3", "pip"] as const;

/** Which `python`, `python3` and `pip` the shell finds now, and after activation. */
export function findCommands(environment: Environment | undefined, host: Host): FoundCommand[] {
  const now = (host.env["PATH"] ?? "").split(delimiter);
  const then = environment === undefined ? undefined : activatedPath(environment, host).split(delimiter);
  return words.map((name) => {
    const path = find(name, now, host.cwd);
    const after = then === undefined ? path : find(name, then, host.cwd);
    return { name, path: path ?? null, ...ownerOf(path, environment), after: after ?? null };
  });
}

function find(name: string, folders: readonly string[], cwd: string): string | undefined {
  return folders.map((folder) => join(folder === "" ? cwd : resolve(cwd, folder), name)).find(isExecutableFile);
}

function ownerOf(path: string | undefined, environment: Environment | undefined): Pick<FoundCommand, "owner" | "environment"> {
  if (path === undefined) return { owner: "none", environment: null };
  const root = dirname(dirname(path));
  if (environment !== undefined && samePlace(root, environment.root)) return { owner: "this", environment: null };
  return pathExists(join(root, "pyvenv.cfg")) ? { owner: "other", environment: root } : { owner: "global", environment: null };
}

function samePlace(a: string, b: string): boolean {
  return a === b || (isFolder(a) && isFolder(b) && realPath(a) === realPath(b));
}
