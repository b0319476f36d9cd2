import {
  isExecutableFile,
  isFolder,
  listFolder,
  pathExists,
  readTextIfAny,
  realPath,
  type FolderEntry,
  type Host,
  basename,
  dirname,
  isAbsolute,
  join,
} from "#foundation";
import { compareHints, hintOf } from "./fit.ts";

/**
 * Shims are small programs that a version manager puts on PATH; which Python they start depends on the working directory. pen
 * works out the real one instead of asking the shim: that is quicker, and what is remembered stays true elsewhere.
 */
interface Shim {
  readonly manager: "pyenv" | "asdf" | "mise";
  /** The folder of the installed versions. */
  readonly versions: string;
  readonly root: string;
}

/** The Pythons that the shim `path` stands for here, in the manager's order; undefined when `path` is no shim. */
export function resolveShim(path: string, host: Host): string[] | undefined {
  const shim = shimAt(path);
  if (shim === undefined) return undefined;
  const name = basename(path);
  return wantedVersions(shim, host)
    .flatMap((wanted) => versionFolder(shim.versions, wanted) ?? [])
    .flatMap((folder) => [join(folder, "bin", name), join(folder, name)].find(isExecutableFile) ?? []);
}

function shimAt(path: string): Shim | undefined {
  const folder = dirname(path);
  const root = dirname(folder);
  if (basename(folder) === "shims") {
    if (isFolder(join(root, "versions"))) return { manager: "pyenv", versions: join(root, "versions"), root };
    if (isFolder(join(root, "installs")))
      return { manager: isMise(path) ? "mise" : "asdf", versions: join(root, "installs", "python"), root };
  }
  return undefined;
}

function isMise(path: string): boolean {
  try {
    return /^mise(?:\.exe)?$/.test(basename(realPath(path)));
  } catch {
    return false;
  }
}

function wantedVersions(shim: Shim, host: Host): string[] {
  switch (shim.manager) {
    case "pyenv": {
      const start = host.env["PYENV_DIR"];
      const named = words(host.env["PYENV_VERSION"], ":");
      return (
        named ??
        upwards(start !== undefined && isAbsolute(start) ? start : host.cwd, (folder) => linesOf(join(folder, ".python-version"))) ??
        linesOf(join(shim.root, "version")) ??
        []
      );
    }
    case "asdf":
      return words(host.env["ASDF_PYTHON_VERSION"], " ") ?? upwards(host.cwd, toolVersions) ?? toolVersions(host.home) ?? [];
    case "mise":
      return (
        words(host.env["MISE_PYTHON_VERSION"], " ") ?? upwards(host.cwd, miseVersions) ?? miseVersions(host.home) ?? miseGlobal(host) ?? []
      );
  }
}

function words(text: string | undefined, separator: string): string[] | undefined {
  const found = (text ?? "")
    .split(separator)
    .map((word) => word.trim())
    .filter(Boolean);
  return found.length === 0 ? undefined : found;
}

/** The first answer on the way from `start` to the root. */
function upwards(start: string, look: (folder: string) => string[] | undefined): string[] | undefined {
  for (let folder = start; ; folder = dirname(folder)) {
    const found = look(folder);
    if (found !== undefined || folder === dirname(folder)) return found;
  }
}

const maxFile = 64 * 1024;

function readSmall(path: string): string | undefined {
  try {
    return readTextIfAny(path)?.slice(0, maxFile);
  } catch {
    return undefined; // A folder of that name, or no permission.
  }
}

function linesOf(path: string): string[] | undefined {
  const text = readSmall(path);
  if (text === undefined) return undefined;
  const found = text
    .split("\n")
    .flatMap((line) => line.replace(/#.*/, "").trim().split(/\s+/))
    .filter(Boolean);
  return found.length === 0 ? undefined : found;
}

/** The words after `python` in a `.tool-versions` file. */
function toolVersions(folder: string): string[] | undefined {
  const line = readSmall(join(folder, ".tool-versions"))
    ?.split("\n")
    .map((text) => text.replace(/#.*/, "").trim().split(/\s+/))
    .find(([tool]) => tool === "python");
  return line === undefined || line.length < 2 ? undefined : line.slice(1);
}

function miseVersions(folder: string): string[] | undefined {
  return (
    ["mise.toml", ".mise.toml", join(".config", "mise.toml"), join("mise", "config.toml")]
      .map((name) => miseTools(join(folder, name)))
      .find((found) => found !== undefined) ?? toolVersions(folder)
  );
}

function miseGlobal(host: Host): string[] | undefined {
  return miseTools(join(host.env["XDG_CONFIG_HOME"] || join(host.home, ".config"), "mise", "config.toml"));
}

/** The quoted versions of the line `python = …` in the table `[tools]`. */
function miseTools(path: string): string[] | undefined {
  let inTools = false;
  for (const raw of (readSmall(path) ?? "").split("\n")) {
    const line = raw.trim();
    if (line.startsWith("[")) inTools = line.startsWith("[tools]");
    const value = inTools && line.startsWith("python") ? /^python\s*=(.*)$/.exec(line)?.[1] : undefined;
    const found = [...(value ?? "").matchAll(/["']([^"']+)["']/g)].map((match) => match[1] ?? "");
    if (found.length > 0) return found;
  }
  return undefined;
}

/** The folder of an installed version: that very name, else the newest one that begins with it (`3.12`, `3`, `latest`). */
function versionFolder(versions: string, wanted: string): string | undefined {
  const name = wanted.replace(/^(?:python-|prefix:)/, "");
  if (name === "system" || name.includes("/") || name.includes("\\") || name.startsWith(".")) return undefined;
  const exact = join(versions, name);
  if (pathExists(exact)) return exact;
  const best = installedVersions(versions).find((folder) => name === "latest" || folder.startsWith(`${name}.`));
  return best === undefined ? undefined : join(versions, best);
}

/** The names of the folders in a manager's folder of versions, the newest Python first. */
export function installedVersions(versions: string): string[] {
  return foldersIn(versions).sort((a, b) => compareHints(hintOf(a), hintOf(b)) || (a < b ? -1 : 1));
}

function foldersIn(folder: string): string[] {
  let entries: FolderEntry[];
  try {
    entries = listFolder(folder);
  } catch {
    return [];
  }
  return entries
    .filter(({ name, kind }) => !name.startsWith(".") && (kind === "folder" || (kind === "link" && isFolder(join(folder, name)))))
    .map(({ name }) => name);
}
