import { basename, dirname, join } from "node:path";
import { isExecutableFile, isPenError, lastTouched, listFolder, readTextUnnoticed, realPath, statusOf, type Host } from "#foundation";
import { parsePyvenvConfig, type PyvenvConfig } from "#venv";
import { openContext, type OperationOptions } from "./context.ts";
import { placedEnvironments, type EnvironmentPlace, type PlacedEnvironment } from "./environment-places.ts";
import { measureEnvironments, type EnvironmentSize, type MeasuredFolders } from "./environment-sizes.ts";

export interface ListEnvironmentsOptions extends OperationOptions {
  /** Bytes on disk; the first time every file is looked at, then only where something was installed. Default true. */
  readonly sizes?: boolean;
}

/** `gone`: its base Python is not there any more; `changed`: that is now another version; `broken`: it has no Python or no `home`. */
export type EnvironmentHealth = "ok" | "gone" | "changed" | "broken";

/** An environment of this machine, at a glance. Plain data. */
export interface KnownEnvironment {
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
 * out.
 */
export async function listEnvironments(options: ListEnvironmentsOptions = {}): Promise<KnownEnvironment[]> {
  const context = openContext(options);
  const used = context.store.uses().map(({ sitePackages }) => sitePackages);
  const seen = placedEnvironments(context.host, used).flatMap((placed) => {
    try {
      return [glance(placed, context.host)];
    } catch (error) {
      if (isPenError(error, "FILE_SYSTEM")) return [];
      throw error;
    }
  });
  const sizes = options.sizes === false ? new Map<string, EnvironmentSize>() : measureEnvironments(context, seen);
  return seen
    .map(({ known }) => ({ ...known, size: sizes.get(known.path) ?? null }))
    .sort((a, b) => (b.lastUsed ?? "").localeCompare(a.lastUsed ?? "") || a.path.localeCompare(b.path));
}

/** An environment before it is measured, and the folders that tell whether it was. */
interface Glance extends MeasuredFolders {
  readonly known: Omit<KnownEnvironment, "size">;
}

function glance({ root, place }: PlacedEnvironment, host: Host): Glance {
  const folders = packageFolders(root);
  const facts = place === "conda" ? condaFacts(root) : ownFacts(root, place, folders);
  return { path: root, folders, known: { path: root, place, ...facts, lastUsed: lastUse(root, folders, host) } };
}

type Facts = Omit<KnownEnvironment, "path" | "place" | "size" | "lastUsed">;

function ownFacts(root: string, place: EnvironmentPlace, folders: readonly string[]): Facts {
  const config = parsePyvenvConfig(readTextUnnoticed(join(root, "pyvenv.cfg")) ?? "");
  return {
    tool: toolOf(config),
    project: projectOf(root, place),
    python: versionOf(config),
    home: config.get("home") ?? null,
    packages: folders.flatMap((folder) => listFolder(folder)).filter(({ name }) => /\.(?:dist-info|egg-info|egg-link)$/.test(name)).length,
    health: healthOf(root, config),
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

function healthOf(root: string, config: PyvenvConfig): EnvironmentHealth {
  const names = ["bin/python", "bin/python3", "bin/pypy3", "Scripts/python.exe"].map((name) => join(root, name));
  const python = names.find((path) => statusOf(path) !== undefined);
  const home = config.get("home");
  if (python === undefined || home === undefined) return "broken";
  if (!isExecutableFile(python) || !homeHasPython(home)) return "gone";
  const wanted = /^\d+\.\d+/.exec(versionOf(config) ?? "")?.[0];
  const actual = /^(?:python|pypy)(\d+\.\d+)t?$/.exec(basename(realPath(python)))?.[1];
  return wanted === undefined || actual === undefined || wanted === actual ? "ok" : "changed";
}

function homeHasPython(home: string): boolean {
  return ["python3", "python", "pypy3", "python.exe", "graalpy"].some((name) => isExecutableFile(join(home, name)));
}

/** `site-packages` and pen's linked folder beside it. */
function packageFolders(root: string): string[] {
  const libraries = listIfAny(join(root, "lib")).filter(({ kind }) => kind === "folder");
  const versioned = libraries.filter(({ name }) => /^(?:python|pypy)\d/.test(name)).map(({ name }) => join(root, "lib", name));
  const candidates = versioned.flatMap((folder) => [join(folder, "site-packages"), join(folder, "linked-packages")]);
  return [...candidates, join(root, "Lib", "site-packages"), join(root, "site-packages")].filter(
    (folder) => statusOf(folder)?.kind === "folder",
  );
}

function listIfAny(folder: string): ReturnType<typeof listFolder> {
  return statusOf(folder)?.kind === "folder" ? listFolder(folder) : [];
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
function lastUse(root: string, folders: readonly string[], { platform }: Host): string | null {
  const names = ["activate", "activate.fish", "activate.csh", "activate.nu", "activate.ps1", "Activate.ps1", "activate_this.py"];
  const scripts = names.map((name) => join(root, "bin", name));
  const noted = [...(platform === "linux" ? [join(root, "pyvenv.cfg")] : []), ...scripts].map(lastTouched);
  // A folder's reading time would be that of this very look.
  const installed = folders.map((folder) => statusOf(folder)?.mtimeMs);
  const times = [...noted, ...installed].filter((time) => time !== undefined);
  return times.length === 0 ? null : new Date(Math.max(...times)).toISOString();
}
