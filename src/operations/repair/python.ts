import {
  isExecutableFile,
  isFolder,
  isPenError,
  listFolder,
  PenError,
  readLink,
  statusOf,
  basename,
  dirname,
  isAbsolute,
  join,
  resolve,
} from "#foundation";
import { findInterpreter, inspectInterpreter, parseRequest, type Interpreter } from "#python";
import { environmentPaths, readPyvenvConfig } from "#venv";
import { libraryNames } from "../doctor/skeleton.ts";
import type { Settings } from "../settings.ts";

/**
 * The Python to lead an environment to: the one that is asked for; else one of the version that it was made for: where its own was, beside
 * that (another patch release under the same tool), or wherever pen finds one. Errors: `PYTHON_NOT_FOUND`; `ENV_BROKEN` when nothing
 * tells the version.
 */
export async function choosePython(root: string, settings: Settings, request: string | undefined): Promise<Interpreter> {
  const { host, cacheFolder, signal } = settings;
  if (request !== undefined) return baseOf(await findInterpreter(parseRequest(request, host), { host, cacheFolder, signal }), settings);
  const wanted = madeFor(root);
  if (wanted === undefined)
    throw new PenError("ENV_BROKEN", "Nothing in it tells for which Python it was made", {
      hint: "Name one: pen env repair --python 3.12",
    });
  const old = oldPythons(root, wanted);
  for (const path of [...old, ...neighbours(old, wanted)]) {
    const found = await tryInspect(path, settings);
    if (found !== undefined && fits(found, wanted)) return found;
  }
  return baseOf(await findInterpreter(parseRequest(wanted.replace(/^python/, ""), host), { host, cacheFolder, signal }), settings);
}

async function baseOf(interpreter: Interpreter, settings: Settings): Promise<Interpreter> {
  return interpreter.isVirtualEnvironment ? inspectInterpreter(interpreter.baseExecutable, settings) : interpreter;
}

/** `python3.12`, `python3.13t`, `pypy3.10`, as its folder in `lib` is called. */
export function madeFor(root: string): string | undefined {
  const config = readPyvenvConfig(join(root, "pyvenv.cfg"));
  const text = config?.get("version_info") ?? config?.get("version") ?? config?.get("python-version");
  const version = text === undefined ? undefined : /^\d+\.\d+/.exec(text)?.[0];
  const names = libraryNames(root);
  const named = names.find((name) => version !== undefined && /\d+\.\d+/.exec(name)?.[0] === version);
  if (named !== undefined) return named;
  if (names.length === 1) return names[0];
  if (version === undefined) return undefined;
  return `${config?.get("implementation")?.toLowerCase() === "pypy" ? "pypy" : "python"}${version}`;
}

export const fits = (interpreter: Interpreter, library: string): boolean =>
  basename(dirname(environmentPaths("/", interpreter).purelib)) === library && !interpreter.isVirtualEnvironment;

/** Where its Python was, by `pyvenv.cfg` and by the links in `bin`. Absolute, also of what is gone. */
function oldPythons(root: string, library: string): string[] {
  const config = readPyvenvConfig(join(root, "pyvenv.cfg"));
  const home = config?.get("home");
  const links = ["python", "python3"].flatMap((name) => {
    const path = join(root, "bin", name);
    return statusOf(path)?.kind === "link" ? [resolve(dirname(path), readLink(path))] : [];
  });
  const inHome = home === undefined ? [] : [join(home, library), join(home, "python3")];
  const named = [config?.get("base-executable"), config?.get("executable")].filter((path) => path !== undefined);
  const all = [...named, ...inHome, ...links];
  return [...new Set(all)].filter((path) => isAbsolute(path) && dirname(path) !== join(root, "bin"));
}

/** Pythons of the wanted version that stand beside the old ones (`…/versions/3.12.1` and `…/versions/3.12.2`), the newest first. */
function neighbours(old: readonly string[], library: string): string[] {
  const version = /\d+\.\d+/.exec(library)?.[0] ?? "";
  const parents = old.flatMap((path) => {
    const prefix = dirname(dirname(path));
    return /\d/.test(basename(prefix)) ? [dirname(prefix)] : [];
  });
  return [...new Set(parents)].filter(isFolder).flatMap((parent) =>
    namesIn(parent)
      .filter((one) => one.includes(version))
      .sort((a, b) => b.localeCompare(a, "en", { numeric: true }))
      .map((one) => join(parent, one, "bin", library))
      .filter(isExecutableFile),
  );
}

function namesIn(folder: string): string[] {
  try {
    return listFolder(folder).map(({ name }) => name);
  } catch (error) {
    if (isPenError(error, "FILE_SYSTEM")) return [];
    throw error;
  }
}

async function tryInspect(path: string, settings: Settings): Promise<Interpreter | undefined> {
  if (!isExecutableFile(path)) return undefined;
  try {
    return await inspectInterpreter(path, settings);
  } catch (error) {
    if (!isPenError(error) || settings.signal?.aborted === true) throw error;
    return undefined;
  }
}
