import {
  isExecutableFile,
  isPenError,
  pathExists,
  PenError,
  printableLine,
  type Host,
  basename,
  isAbsolute,
  join,
  resolve,
} from "#foundation";
import { allCandidates } from "./candidates.ts";
import { couldFit, type NameHint } from "./fit.ts";
import { findInterpreter } from "./find.ts";
import { inspectInterpreter } from "./inspect.ts";
import { parseWord, pathFolders } from "./request.ts";
import { ask, fileIdentity, findInterpreters, type FindOptions } from "./search.ts";
import type { Interpreter } from "./types.ts";
import { parseVirtualenvSpec, specHolds, type VirtualenvSpec } from "./virtualenv-spec.ts";

export interface VirtualenvFindOptions extends FindOptions {
  /** `-p`, in the order in which they are tried; none: the Python that pen takes by default. */
  readonly specs: readonly string[];
  /** `--try-first-with`: paths of interpreters that are looked at before all others. */
  readonly tryFirst: readonly string[];
}

/**
 * The interpreter for requests in virtualenv's words: the first request that anything fits. Looked at are the interpreters that were named
 * first, PATH, and then every place where pen looks, among them versions of pyenv that are not active. Errors: PYTHON_NOT_FOUND
 * with the list of those that exist; for a single path what `inspectInterpreter` throws.
 */
export async function findVirtualenvPython(options: VirtualenvFindOptions): Promise<Interpreter> {
  if (options.specs.length === 0) return (await firstNamed(undefined, options)) ?? findInterpreter(undefined, options);
  const failures: PenError[] = [];
  for (const text of options.specs) {
    try {
      const found = await findOne(parseVirtualenvSpec(text), options);
      if (found !== undefined) return found;
    } catch (error) {
      if (!isPenError(error) || options.signal?.aborted === true) throw error;
      failures.push(error);
    }
  }
  const [failure] = failures;
  if (failure !== undefined && options.specs.length === 1) throw failure;
  throw nothingFits(options.specs, await findInterpreters(options));
}

async function findOne(spec: VirtualenvSpec, options: VirtualenvFindOptions): Promise<Interpreter | undefined> {
  if (spec.path !== undefined && isAbsolute(spec.path)) return inspectInterpreter(spec.path, { ...options, source: "explicit" });
  const named = await firstNamed(spec, options);
  if (named !== undefined) return named;
  if (spec.path === undefined) return (await search(spec, options)) ?? onPath(spec, options);
  if (/[\\/]/.test(spec.path)) return inspectInterpreter(expandHome(spec.path, options.host), { ...options, source: "explicit" });
  return onPath(spec, options);
}

const expandHome = (path: string, host: Host): string => (path.startsWith("~/") ? join(host.home, path.slice(1)) : path);

/** The first of `--try-first-with` that is there, works and fits. */
async function firstNamed(spec: VirtualenvSpec | undefined, options: VirtualenvFindOptions): Promise<Interpreter | undefined> {
  const { host } = options;
  for (const path of options.tryFirst.map((text) => resolve(host.cwd, text))) {
    if (!pathExists(path)) continue;
    const interpreter = await inspected(path, options);
    if (interpreter !== undefined && (spec === undefined || (specHolds(spec, interpreter) && pathHolds(spec, path, host))))
      return interpreter;
  }
  return undefined;
}

function pathHolds({ path }: VirtualenvSpec, candidate: string, host: Host): boolean {
  return path === undefined || resolve(host.cwd, path) === candidate || basename(candidate) === path;
}

/** The interpreter at a path; undefined when it does not work, which `onSkipped` is told. */
async function inspected(path: string, options: VirtualenvFindOptions): Promise<Interpreter | undefined> {
  try {
    return await inspectInterpreter(path, { ...options, source: "explicit" });
  } catch (error) {
    if (!isPenError(error) || options.signal?.aborted === true) throw error;
    options.onSkipped?.(path, error);
    return undefined;
  }
}

/** A name that is no request: a program of that name on PATH. The working directory is not looked at. */
async function onPath(spec: VirtualenvSpec, options: VirtualenvFindOptions): Promise<Interpreter | undefined> {
  if (!/^[\w+. -]+$/.test(spec.text)) return undefined;
  for (const folder of pathFolders(options.host)) {
    const path = join(folder, options.host.platform === "win32" ? `${spec.text}.exe` : spec.text);
    const interpreter = isExecutableFile(path) ? await inspected(path, options) : undefined;
    if (interpreter !== undefined) return interpreter;
  }
  return undefined;
}

/** The first that fits; pre-releases, debug builds and other implementations only when asked for, or when nothing else fits. */
async function search(spec: VirtualenvSpec, options: VirtualenvFindOptions): Promise<Interpreter | undefined> {
  if (isOpen(spec)) return findInterpreter(undefined, options);
  const files = new Set<string>();
  let second: Interpreter | undefined;
  for await (const candidate of allCandidates(options, spec.release.length > 1 ? spec.release : undefined)) {
    if (!hintCouldFit(spec, candidate.hint)) continue;
    const identity = fileIdentity(candidate.path);
    if (files.has(identity)) continue;
    files.add(identity);
    const interpreter = await ask(candidate, options);
    if (interpreter === undefined || !specHolds(spec, interpreter)) continue;
    if (!isUnasked(spec, interpreter)) return interpreter;
    second ??= interpreter;
  }
  return second;
}

const isOpen = (spec: VirtualenvSpec): boolean =>
  spec.implementation === undefined &&
  spec.release.length === 0 &&
  spec.debug === undefined &&
  spec.pointerBits === undefined &&
  spec.machine === undefined &&
  spec.clauses === undefined;

function isUnasked(spec: VirtualenvSpec, interpreter: Interpreter): boolean {
  if (spec.implementation === undefined && interpreter.implementation !== "cpython") return true;
  if (interpreter.debug && spec.debug === undefined) return true;
  if (interpreter.freeThreaded && spec.freeThreaded === undefined) return true;
  return interpreter.versionInfo[3] !== "final" && spec.clauses?.some(({ prerelease }) => prerelease !== undefined) !== true;
}

/** Believes the name of a file or folder when it says that another version or implementation is in it. */
function hintCouldFit(spec: VirtualenvSpec, hint: NameHint | undefined): boolean {
  const implementation = spec.implementation?.toLowerCase();
  if (implementation !== undefined && !["cpython", "pypy", "graalpy"].includes(implementation)) return false;
  const request = parseWord(`${implementation ?? ""}${spec.release.join(".")}`);
  return request === undefined || couldFit(request, hint);
}

function nothingFits(specs: readonly string[], existing: readonly Interpreter[]): PenError {
  const lines = existing.map((one) => `  ${one.version}${one.freeThreaded ? "t" : ""}  ${one.executable}`);
  return new PenError("PYTHON_NOT_FOUND", `No Python fits ${specs.map(printableLine).join(" or ")}`, {
    why: existing.length === 0 ? "There is no Python on this machine." : `These are here:\n${lines.join("\n")}`,
    hint: "Ask for one of them with -p, or install the one you need.",
    data: { requests: [...specs] },
  });
}
