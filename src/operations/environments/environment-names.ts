import {
  closest,
  dataDir,
  excerpt,
  isPenError,
  listFolder,
  pathExists,
  PenError,
  printableLine,
  type Host,
  isAbsolute,
  join,
  resolve,
} from "#foundation";
import { isRequestWord } from "#python";

/** The folder of the environments that pen keeps by name, beside those of projects. */
export function environmentsFolder(host: Host): string {
  return join(dataDir(host), "environments");
}

/** Where environments stand by name, in the order in which a name is looked for: pen's own folder, then those of virtualenvwrapper. */
export function namedFolders(host: Host): ReadonlyArray<readonly [place: "named" | "virtualenvwrapper", folder: string]> {
  const workon = [host.env["WORKON_HOME"] ?? "", join(host.home, ".virtualenvs")].filter(isAbsolute);
  return [["named", environmentsFolder(host)], ...workon.map((folder) => ["virtualenvwrapper", folder] as const)];
}

const pattern = /^[\p{L}\p{N}][\p{L}\p{N}\p{M}._+-]*$/u;
const windowsDevice = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;

/** Refuses what cannot be the name of an environment: a path, a word that means a Python, what systems or shells give a meaning. Throws `USAGE`. */
export function checkEnvironmentName(name: string): void {
  const why =
    name === ""
      ? "It is empty."
      : Buffer.byteLength(name) > 100
        ? "It is longer than 100 bytes."
        : !pattern.test(name)
          ? "A name has letters, digits, and `.`, `_`, `+`, `-` after the first; no blanks and no slashes."
          : isRequestWord(name)
            ? "That word means a Python."
            : windowsDevice.test(name) || name.endsWith(".")
              ? "Windows gives that name another meaning."
              : undefined;
  if (why === undefined) return;
  throw new PenError("USAGE", `${excerpt(name)} cannot be the name of an environment`, {
    why,
    hint: "Choose a plain word, for example: pen env create science",
    data: { name },
  });
}

/** The folder of the environment that is called `name`; undefined when there is none. */
export function environmentNamed(name: string, host: Host): string | undefined {
  if (name.startsWith(".") || !isPlain(name)) return undefined;
  return namedFolders(host)
    .map(([, folder]) => join(folder, name))
    .find(isEnvironmentFolder);
}

/**
 * The folder that a person means by ENV: a path where an environment stands there, else the name of an environment that pen or
 * virtualenvwrapper keeps, else the path as it is. Absolute.
 */
export function environmentFolder(text: string, host: Host): string {
  const path = resolve(host.cwd, text);
  if (text !== "" && isEnvironmentFolder(path)) return path;
  return environmentNamed(text, host) ?? path;
}

/** The same where a Python may be named as well (`--python`): `3.12` and `pypy` mean that, whatever environments are called. */
export function environmentOrPython(text: string, host: Host): string {
  return isRequestWord(text) ? resolve(host.cwd, text) : environmentFolder(text, host);
}

/** `work` for `wrok`: the name of an environment that is close to what was typed, for hints; undefined for paths, and when none is. */
export function similarName(text: string, host: Host): string | undefined {
  if (!isPlain(text)) return undefined;
  return closest(text, new Set(namedFolders(host).flatMap(([, folder]) => namesIn(folder))));
}

/** The hint for an ENV that was not found. */
export function notFoundHint(text: string, host: Host, otherwise: string): string {
  const near = similarName(text, host);
  return near === undefined ? otherwise : `Did you mean the environment ${printableLine(near)}? All of them: pen env list`;
}

const isPlain = (text: string): boolean => text !== "" && !/[/\\\0]/.test(text);

const isEnvironmentFolder = (root: string): boolean => pathExists(join(root, "pyvenv.cfg"));

function namesIn(folder: string): string[] {
  try {
    return listFolder(folder).flatMap(({ name, kind }) => (kind === "folder" && isEnvironmentFolder(join(folder, name)) ? [name] : []));
  } catch (error) {
    if (isPenError(error, "FILE_SYSTEM")) return [];
    throw error;
  }
}
