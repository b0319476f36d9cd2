import { parse, TomlError } from "smol-toml";
import { isPenError, readTextIfAny, type Host, isAbsolute, join, resolve } from "#foundation";
import { namedFolders } from "./environment-names.ts";

/** The tools whose places are known. */
export type ToolPlace = "named" | "virtualenvwrapper" | "pipenv" | "poetry" | "hatch" | "pdm" | "uv" | "pipx" | "pyenv";

/** A folder in which a tool keeps environments, and how many levels deep they stand in it. */
export type ToolFolder = readonly [place: ToolPlace, folder: string, depth: number];

/**
 * Where other tools keep their environments, by what they document: their variables, their own configuration files, their defaults on this
 * platform. Absolute; folders that are not there are named, too.
 */
export function toolFolders(host: Host): ToolFolder[] {
  const { env, home } = host;
  const { data, support, cache } = userFolders(host);
  const pipx = env["PIPX_HOME"]
    ? [env["PIPX_HOME"]]
    : [...new Set([join(data, "pipx"), join(home, ".local", "pipx"), join(support, "pipx")])];
  const folders: ToolFolder[] = [
    ...namedFolders(host).map(([place, folder]) => [place, folder, 1] as const),
    ["pipenv", join(data, "virtualenvs"), 1],
    ["poetry", poetryFolder(host), 1],
    ...hatchFolders(host),
    ["pdm", pdmFolder(host), 1],
    ["uv", env["UV_TOOL_DIR"] || join(data, "uv", "tools"), 1],
    ["uv", join(env["UV_CACHE_DIR"] || join(cache.xdg, "uv"), "environments-v2"), 1],
    ...[...pipx, env["PIPX_GLOBAL_HOME"] || "/opt/pipx"].map((folder) => ["pipx", join(folder, "venvs"), 1] as const),
  ];
  return folders.filter(([, folder]) => isAbsolute(folder));
}

/** The folders of a person that tools build on. On macOS some follow Apple (`support`, `cache.own`), and some XDG as elsewhere. */
function userFolders({ env, home, platform }: Host): {
  readonly data: string;
  readonly support: string;
  readonly config: string;
  readonly cache: { readonly own: string; readonly xdg: string };
} {
  const isMac = platform === "darwin";
  const data = env["XDG_DATA_HOME"] || join(home, ".local", "share");
  const cache = env["XDG_CACHE_HOME"] || join(home, ".cache");
  const support = isMac ? join(home, "Library", "Application Support") : data;
  return {
    data,
    support,
    config: isMac ? support : env["XDG_CONFIG_HOME"] || join(home, ".config"),
    cache: { own: isMac ? join(home, "Library", "Caches") : cache, xdg: cache },
  };
}

function poetryFolder(host: Host): string {
  const { env } = host;
  const { config, cache } = userFolders(host);
  const file = readSettings(join(env["POETRY_CONFIG_DIR"] || join(config, "pypoetry"), "config.toml"));
  const cacheFolder = env["POETRY_CACHE_DIR"] || file("cache-dir") || join(cache.own, "pypoetry");
  const folder = env["POETRY_VIRTUALENVS_PATH"] || file("virtualenvs", "path") || "{cache-dir}/virtualenvs";
  return expanded(folder.replace("{cache-dir}", cacheFolder), host);
}

/** hatch keeps them by project, by a hash of its place, and by name; or in the project, where a relative folder is set. */
function hatchFolders(host: Host): ToolFolder[] {
  const { env, cwd } = host;
  const { config, support } = userFolders(host);
  const file = readSettings(env["HATCH_CONFIG"] || join(config, "hatch", "config.toml"));
  const data = env["HATCH_DATA_DIR"] || file("dirs", "data") || join(support, "hatch");
  const folder = file("dirs", "env", "virtual");
  const own = folder === undefined ? undefined : expanded(folder, host);
  const usual: ToolFolder = ["hatch", join(expanded(data, host), "env", "virtual"), 3];
  if (own === undefined) return [usual];
  return [usual, isAbsolute(own) ? ["hatch", own, 3] : ["hatch", resolve(cwd, own), 1]];
}

function pdmFolder(host: Host): string {
  const { config, support } = userFolders(host);
  const file = readSettings(host.env["PDM_CONFIG_FILE"] || join(config, "pdm", "config.toml"));
  return expanded(file("venv", "location") || join(support, "pdm", "venvs"), host);
}

function expanded(path: string, { home }: Host): string {
  return path === "~" || path.startsWith("~/") ? join(home, path.slice(2)) : path;
}

/** A reader of the texts in a TOML file, by their keys. A file that is not there, or that is none, has none. */
function readSettings(file: string): (...keys: readonly string[]) => string | undefined {
  const root = isAbsolute(file) ? tableIn(file) : undefined;
  return (...keys) => {
    let value: unknown = root;
    for (const key of keys) value = isTable(value) && Object.hasOwn(value, key) ? value[key] : undefined;
    return typeof value === "string" && value !== "" ? value : undefined;
  };
}

function tableIn(file: string): unknown {
  try {
    return parse(readTextIfAny(file) ?? "");
  } catch (error) {
    // Somebody else's, a folder, or not TOML: the tool itself will say so.
    if (isPenError(error, "FILE_SYSTEM") || error instanceof TomlError) return undefined;
    throw error;
  }
}

const isTable = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === "object" && value !== null;
