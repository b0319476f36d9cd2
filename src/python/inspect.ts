import { PenError, isExecutableFile, isFolder, isPenError, pathExists, statusOf, type Host, join, resolve } from "#foundation";
import { readCache, type CacheEntry } from "./interpreter-cache.ts";
import type { Interpreter, InterpreterSource } from "./types.ts";

export interface InspectOptions {
  readonly host: Host;
  /** pen's cache folder; the entries live in `interpreters/v1` under it. */
  readonly cacheFolder: string;
  /** How the path was come by; default `explicit`. */
  readonly source?: InterpreterSource;
  /** Milliseconds until an interpreter that does not answer is killed; default 10 s. */
  readonly timeoutMs?: number;
  /** Ends the question, and the process, with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * The interpreter at `path`: an executable, or the folder of an environment or an installation; relative paths start at
 * the working directory. Asks it once and remembers the answer until the executable changes. Errors: PYTHON_NOT_FOUND when nothing
 * is there, PYTHON_BROKEN when it does not work, TARGET_UNSUPPORTED when it is older than 3.6. A remembered failure is asked again.
 */
export async function inspectInterpreter(path: string, options: InspectOptions): Promise<Interpreter> {
  const executable = executableAt(path, options.host);
  return inspectInterpreterCached(executable, options) ?? (await askAndRemember(executable, options));
}

/** The same from the cache alone, without a process and without waiting: undefined when pen has to ask. Well under a millisecond. */
export function inspectInterpreterCached(path: string, options: InspectOptions): Interpreter | undefined {
  const entry = recall(resolve(options.host.cwd, path), options);
  return entry?.kind === "interpreter" ? entry.interpreter : undefined;
}

/** For a search: like {@link inspectInterpreter} for an executable, but a remembered failure is believed. Errors are values. */
export async function inspectForSearch(executable: string, options: InspectOptions): Promise<CacheEntry> {
  const known = recall(executable, options);
  if (known !== undefined) return known;
  try {
    return { kind: "interpreter", interpreter: await askAndRemember(executable, options) };
  } catch (error) {
    if (isPenError(error) && options.signal?.aborted !== true) return { kind: "failure", error };
    throw error;
  }
}

/** Starts the interpreter, and loads what that needs. */
async function askAndRemember(executable: string, options: InspectOptions): Promise<Interpreter> {
  const asking = await import("./asking.ts");
  return asking.askAndRemember(executable, options);
}

function recall(executable: string, options: InspectOptions): CacheEntry | undefined {
  const entry = readCache(options.cacheFolder, executable, options.host.now());
  if (entry?.kind !== "interpreter") return entry;
  return { kind: "interpreter", interpreter: { ...entry.interpreter, source: options.source ?? "explicit" } };
}

/** The executable that `path` (absolute or under the working directory) means. Throws PYTHON_NOT_FOUND and, for a dangling link, PYTHON_BROKEN. */
function executableAt(path: string, host: Host): string {
  const absolute = resolve(host.cwd, path);
  if (!isFolder(absolute)) {
    if (pathExists(absolute)) return absolute;
    throw missing(absolute);
  }
  const found = executableIn(absolute, host) ?? executableIn(join(absolute, ".venv"), host);
  if (found !== undefined) return found;
  const dangling = folderCandidates(absolute, host).find((candidate) => statusOf(candidate) !== undefined);
  if (dangling !== undefined) throw missing(dangling);
  throw new PenError("PYTHON_NOT_FOUND", `There is no Python in ${absolute}`, {
    why: "The folder is neither an environment nor a Python installation.",
    hint: "Make an environment with `pen venv`, or name the executable itself.",
    data: { path: absolute },
  });
}

function missing(path: string): PenError {
  if (statusOf(path) === undefined) {
    return new PenError("PYTHON_NOT_FOUND", `${path} does not exist`, {
      why: "The path leads nowhere.",
      hint: "See the Pythons that work with `pen python list`.",
      data: { path },
    });
  }
  return new PenError("PYTHON_BROKEN", `${path} points at a Python that is gone`, {
    why: "It is a link, and what it points at does not exist: that Python was upgraded or removed.",
    hint: "If it belongs to an environment, make that anew with `pen venv`.",
    data: { path },
  });
}

/** The Python of an environment's or an installation's folder; undefined when there is none. */
export function executableIn(folder: string, host: Host): string | undefined {
  return folderCandidates(folder, host).find(isExecutableFile);
}

function folderCandidates(folder: string, host: Host): string[] {
  if (host.platform === "win32") {
    return ["Scripts\\python.exe", "python.exe", "bin\\python.exe", "pypy3.exe", "bin\\graalpy.exe"].map((name) =>
      join(folder, ...name.split("\\")),
    );
  }
  return ["python3", "python", "pypy3", "pypy", "graalpy"].map((name) => join(folder, "bin", name));
}
