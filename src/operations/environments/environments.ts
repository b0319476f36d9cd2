import {
  isExecutableFile,
  isPenError,
  lastTouched,
  listFolder,
  readTextUnnoticed,
  realPath,
  statusOf,
  type Host,
  basename,
  dirname,
  isAbsolute,
  join,
  resolve,
} from "#foundation";
import { parsePyvenvConfig, type PyvenvConfig } from "#venv";
import { openContext, type OperationOptions } from "../context.ts";
import { placedEnvironments, type EnvironmentPlace, type PlacedEnvironment } from "./environment-places.ts";
import { rememberEnvironment } from "./environment-entry.ts";
import { rememberedEnvironments } from "./environment-registry.ts";
import { measureEnvironments, type EnvironmentSize, type MeasuredFolders } from "./environment-sizes.ts";

export interface ListEnvironmentsOptions extends OperationOptions {
  /** Bytes on disk; the first time every file is looked at, then only where something was installed. Default true. */
  readonly sizes?: boolean;
  /** Folders to look below for environments that nobody knows of yet. Those that are found are remembered from then on. */
  readonly searches?: readonly string[];
  /** Only those whose name fits one of these: `*` is any text, `?` any character. Default: all. */
  readonly names?: readonly string[];
  /** Only those of these places. */
  readonly places?: readonly EnvironmentPlace[];
  /** Only those in one of these states. */
  readonly health?: readonly EnvironmentHealth[];
}

/** `gone`: its base Python is not there any more; `changed`: that is now another version; `broken`: it has no Python or no `home`. */
export type EnvironmentHealth = "ok" | "gone" | "changed" | "broken";

/** An environment of this machine, at a glance. Plain data. */
export interface KnownEnvironment {
  /** The name of its folder; of its project's, for one that is called `.venv`. */
  readonly name: string;
  readonly path: string;
  readonly place: EnvironmentPlace;
  /** What made it, as far as `pyvenv.cfg` tells. */
  readonly tool: "pen" | "uv" | "virtualenv" | "venv" | "conda";
  /** The project that it belongs to, where its place or a `.project` file tells. */
  readonly project: string | null;
  /** `3.12.1`. */
  readonly python: string | null;
  /** The folder of the base Python's executable. */
  readonly home: string | null;
  /** How many distributions are installed. */
  readonly packages: number;
  readonly size: EnvironmentSize | null;
  /** ISO time; null when nobody knows. The newest of: something was installed, `pyvenv.cfg` or an activation script was read. */
  readonly lastUsed: string | null;
  readonly health: EnvironmentHealth;
}

/**
 * Every environment that pen knows of, those used last first. Starts no Python and changes nothing. Environments that cannot be read are left
 * out. Errors: ENV_NOT_FOUND for a folder to search that is not there.
 */
export async function listEnvironments(options: ListEnvironmentsOptions = {}): Promise<KnownEnvironment[]> {
  const context = openContext(options);
  for (const folder of options.searches ?? []) {
    const { searchEnvironments } = await import("./environment-search.ts");
    for (const root of await searchEnvironments(folder, context)) rememberEnvironment(root, context);
  }
  const usedPackages = context.store.uses().map(({ sitePackages }) => sitePackages);
  const homes = new Map<string, boolean>();
  const placed = placedEnvironments(context.host, { roots: rememberedEnvironments(context.host), usedPackages });
  const seen = placed.flatMap((one) => {
    if (options.places !== undefined && !options.places.includes(one.place)) return [];
    try {
      const glanced = glance(one, context.host, homes);
      return isWanted(glanced.known, options) ? [glanced] : [];
    } catch (error) {
      if (isPenError(error, "FILE_SYSTEM")) return [];
      throw error;
    }
  });
  const sizes = options.sizes === false ? new Map<string, EnvironmentSize>() : await measureEnvironments(context, seen);
  return seen
    .map(({ known }) => ({ ...known, size: sizes.get(known.path) ?? null }))
    .sort((a, b) => inOrder(b.lastUsed ?? "", a.lastUsed ?? "") || inOrder(a.path, b.path));
}

/** By code units: moments in ISO 8601 and paths need no language, whose rules cost milliseconds to load. */
const inOrder = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function isWanted({ name, health }: Glance["known"], options: ListEnvironmentsOptions): boolean {
  if (options.health !== undefined && !options.health.includes(health)) return false;
  return options.names === undefined || options.names.some((pattern) => fits(name, pattern));
}

/** True when the whole of `name` fits a pattern with `*` and `?`. Linear but for the last `*`, to which it goes back. */
function fits(name: string, pattern: string): boolean {
  let [at, in_, star, from] = [0, 0, -1, 0];
  while (at < name.length) {
    if (pattern[in_] === "*") [star, from, in_] = [in_, at, in_ + 1];
    else if (in_ < pattern.length && (pattern[in_] === "?" || pattern[in_] === name[at])) [at, in_] = [at + 1, in_ + 1];
    else if (star >= 0) [from, at, in_] = [from + 1, from + 1, star + 1];
    else return false;
  }
  return pattern.slice(in_).replaceAll("*", "") === "";
}

/** An environment before it is measured, and the folders that tell whether it was. */
interface Glance extends MeasuredFolders {
  readonly known: Omit<KnownEnvironment, "size">;
}

/** `homes` remembers which folders have a Python: most environments share a few. */
function glance({ root, place }: PlacedEnvironment, host: Host, homes: Map<string, boolean>): Glance {
  const changes = packageFolders(root);
  const folders = [...changes.keys()];
  const facts = place === "conda" ? condaFacts(root) : ownFacts(root, place, { folders, homes });
  const name = nameOf(root, facts.project);
  return { path: root, changes, known: { name, path: root, place, ...facts, lastUsed: lastUse(root, changes, host) } };
}

/** A folder called `.venv` says nothing: its project's name does. */
function nameOf(root: string, project: string | null): string {
  const name = basename(root);
  return (/^\.?v?env$/.test(name) ? basename(project ?? dirname(root)) : name) || name;
}

type Facts = Omit<KnownEnvironment, "name" | "path" | "place" | "size" | "lastUsed">;

function ownFacts(
  root: string,
  place: EnvironmentPlace,
  { folders, homes }: { readonly folders: readonly string[]; readonly homes: Map<string, boolean> },
): Facts {
  const config = parsePyvenvConfig(readTextUnnoticed(join(root, "pyvenv.cfg")) ?? "");
  return {
    tool: toolOf(config),
    project: projectOf(root, place),
    python: versionOf(config),
    home: config.get("home") ?? null,
    packages: folders.flatMap((folder) => listFolder(folder)).filter(({ name }) => /\.(?:dist-info|egg-info|egg-link)$/.test(name)).length,
    health: healthOf(root, config, homes),
  };
}

function toolOf(config: PyvenvConfig): KnownEnvironment["tool"] {
  for (const tool of ["pen", "uv", "virtualenv"] as const) if (config.get(tool) !== undefined) return tool;
  return "venv";
}

function versionOf(config: PyvenvConfig): string | null {
  const text = config.get("version") ?? config.get("version_info") ?? "";
  return /^\d+(?:\.\d+){1,2}(?:(?:a|b|rc)\d+)?/.exec(text)?.[0] ?? null;
}

/** pipenv and virtualenvwrapper note the project in a file; `.venv` stands in it. */
function projectOf(root: string, place: EnvironmentPlace): string | null {
  const file = join(root, ".project");
  const noted = statusOf(file)?.kind === "file" ? readTextUnnoticed(file)?.trim() : undefined;
  if (noted) return noted;
  return place === "project" || basename(root) === ".venv" ? dirname(root) : null;
}

/** The health of the environment at `root`, from its files alone. */
export function environmentHealth(root: string): EnvironmentHealth {
  return healthOf(root, parsePyvenvConfig(readTextUnnoticed(join(root, "pyvenv.cfg")) ?? ""));
}

function healthOf(root: string, config: PyvenvConfig, homes: Map<string, boolean> = new Map()): EnvironmentHealth {
  const names = ["bin/python", "bin/python3", "bin/pypy3", "Scripts/python.exe"];
  const python = names.map((name) => `${root}/${name}`).find((path) => statusOf(path) !== undefined);
  const home = config.get("home");
  if (python === undefined || home === undefined) return "broken";
  const hasPython = homes.get(home) ?? homeHasPython(resolve(root, home));
  if (isAbsolute(home)) homes.set(home, hasPython);
  if (!hasPython || !isExecutableFile(python)) return "gone";
  const wanted = /^\d+\.\d+/.exec(versionOf(config) ?? "")?.[0];
  const actual = /^(?:python|pypy)(\d+\.\d+)t?$/.exec(basename(realPath(python)))?.[1];
  return wanted === undefined || actual === undefined || wanted === actual ? "ok" : "changed";
}

function homeHasPython(home: string): boolean {
  if (["python3", "python", "pypy3", "python.exe", "graalpy"].some((name) => isExecutableFile(join(home, name)))) return true;
  // One that was installed beside others has only the names with its version.
  return entriesIn(home).some(({ name }) => /^(?:python|pypy)\d\.\d+t?$/.test(name) && isExecutableFile(join(home, name)));
}

/** `site-packages` and pen's linked folder beside it, with the time of their last change. */
function packageFolders(root: string): ReadonlyMap<string, number> {
  const versioned = foldersIn(`${root}/lib`).flatMap((name) => (/^(?:python|pypy)\d/.test(name) ? [`${root}/lib/${name}`] : []));
  const usual = versioned.flatMap((folder) => [`${folder}/site-packages`, `${folder}/linked-packages`]);
  // Windows, and the old layout of PyPy.
  const candidates = usual.length > 0 ? usual : [`${root}/Lib/site-packages`, `${root}/site-packages`];
  return new Map(
    candidates.flatMap((folder) => {
      const status = statusOf(folder);
      return status?.kind === "folder" ? [[folder, status.mtimeMs] as const] : [];
    }),
  );
}

const foldersIn = (folder: string): string[] => entriesIn(folder).flatMap(({ name, kind }) => (kind === "folder" ? [name] : []));

function entriesIn(folder: string): ReturnType<typeof listFolder> {
  try {
    return listFolder(folder);
  } catch (error) {
    if (isPenError(error, "FILE_SYSTEM") && error.data["errno"] === "ENOTDIR") return [];
    throw error;
  }
}

function condaFacts(root: string): Facts {
  const names = listFolder(join(root, "conda-meta")).flatMap(({ name }) => (name.endsWith(".json") ? [name] : []));
  const python = names.map((name) => /^python-(\d[\w.]*)-[^-]*\.json$/.exec(name)?.[1]).find((version) => version !== undefined);
  const hasPython = python === undefined || isExecutableFile(join(root, "bin", "python"));
  return { tool: "conda", project: null, python: python ?? null, home: null, packages: names.length, health: hasPython ? "ok" : "broken" };
}

/**
 * Reading `pyvenv.cfg` is what every start of its Python does. pen reads it here without a trace, which only Linux allows: elsewhere its
 * time would be that of this very look.
 */
function lastUse(root: string, changes: ReadonlyMap<string, number>, { platform }: Host): string | null {
  const names = ["activate", "activate.fish", "activate.csh", "activate.nu", "activate.ps1", "Activate.ps1", "activate_this.py"];
  const scripts = names.map((name) => `${root}/bin/${name}`);
  const noted = [...(platform === "linux" ? [`${root}/pyvenv.cfg`] : []), ...scripts].map(lastTouched);
  // A folder's reading time would be that of this very look.
  const times = [...noted, ...changes.values()].filter((time) => time !== undefined);
  return times.length === 0 ? null : new Date(Math.max(...times)).toISOString();
}
