import { excerpt, isExecutableFile, isPenError, PenError, readLink, statusOf, type Host, join, resolve } from "#foundation";
import { inspectInterpreter, inspectInterpreterCached, type Interpreter } from "#python";
import { environmentPaths, shortVersion } from "./layout.ts";
import { readPyvenvConfig } from "./pyvenv-config.ts";
import type { Environment, PyvenvConfig } from "./types.ts";

export interface OpenOptions {
  readonly host: Host;
  /** pen's cache folder, where the answers of interpreters are remembered. */
  readonly cacheFolder: string;
  /** Ends the asking of an interpreter with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * The environment at `root`, made by any tool, also when it has been moved. Starts its base Python at most once (when nothing is
 * remembered of it). Errors: ENV_NOT_FOUND when there is no environment, ENV_BROKEN when its Python is gone or is another version than
 * the one it was made for, and those of `inspectInterpreter`.
 */
export async function openEnvironment(root: string, deps: OpenOptions): Promise<Environment> {
  const found = readEnvironment(resolve(deps.host.cwd, root));
  let interpreter = await inspectInterpreter(found.base, deps);
  // The link may lead to another environment's Python, when a tool did not follow it to the end.
  if (interpreter.isVirtualEnvironment) interpreter = await inspectInterpreter(interpreter.baseExecutable, deps);
  return assemble(found, interpreter);
}

/** The same without starting a process and without errors: undefined when pen has to ask, or when {@link openEnvironment} would fail. */
export function tryOpenEnvironmentCached(root: string, deps: OpenOptions): Environment | undefined {
  try {
    const found = readEnvironment(resolve(deps.host.cwd, root));
    const interpreter = inspectInterpreterCached(found.base, deps);
    return interpreter === undefined || interpreter.isVirtualEnvironment ? undefined : assemble(found, interpreter);
  } catch (error) {
    if (isPenError(error)) return undefined;
    throw error;
  }
}

interface FoundEnvironment {
  readonly root: string;
  readonly python: string;
  /** The base executable. */
  readonly base: string;
  readonly config: PyvenvConfig;
}

function readEnvironment(root: string): FoundEnvironment {
  const config = readPyvenvConfig(join(root, "pyvenv.cfg"));
  if (config === undefined) {
    throw new PenError("ENV_NOT_FOUND", `There is no virtual environment at ${root}`, {
      why: statusOf(root) === undefined ? "Nothing stands there." : "It has no pyvenv.cfg, which every virtual environment has (PEP 405).",
      hint: "Make one: pen venv",
      data: { path: root },
    });
  }
  if (config.get("home") === undefined)
    throw broken(root, "Its pyvenv.cfg does not say where the base Python is (the key `home` of PEP 405).", config);
  const names = ["bin/python", "bin/python3", "bin/pypy3", "Scripts/python.exe"].map((name) => join(root, name));
  const python = names.find((path) => statusOf(path) !== undefined);
  if (python === undefined) throw broken(root, "It has no Python in its bin folder.", config);
  const candidates = baseCandidates(python, config);
  const base = candidates.find(isExecutableFile);
  if (base === undefined || !isExecutableFile(python)) {
    const missing = candidates[0] ?? python;
    throw broken(root, `The Python it was made from is gone: ${missing}`, config);
  }
  return { root, python, base, config };
}

/** Where the base executable may be: at the end of the link, else (copies) where `pyvenv.cfg` says. */
function baseCandidates(python: string, config: PyvenvConfig): string[] {
  const candidates: string[] = [];
  if (statusOf(python)?.kind === "link") {
    let target = resolve(python, "..", readLink(python));
    // Within bin, one name leads to another (python -> python3 in environments of venv).
    for (let step = 0; step < 8 && resolve(target, "..") === resolve(python, "..") && statusOf(target)?.kind === "link"; step += 1) {
      target = resolve(target, "..", readLink(target));
    }
    candidates.push(target);
  }
  const executable = config.get("executable") ?? config.get("base-executable");
  if (executable !== undefined) candidates.push(executable);
  const home = config.get("home");
  if (home !== undefined) {
    const version = madeFor(config);
    const prefix = config.get("implementation")?.toLowerCase() === "pypy" ? "pypy" : "python";
    for (const name of [...(version === undefined ? [] : [`${prefix}${version}`]), `${prefix}3`, prefix]) candidates.push(join(home, name));
  }
  return candidates;
}

/** `3.12`: the version that `pyvenv.cfg` names. */
function madeFor(config: PyvenvConfig): string | undefined {
  const text = config.get("version_info") ?? config.get("version") ?? config.get("python-version");
  return text === undefined ? undefined : /^\d+\.\d+/.exec(text)?.[0];
}

function assemble(found: FoundEnvironment, interpreter: Interpreter): Environment {
  const { root, python, config } = found;
  const expected = madeFor(config);
  const actual = shortVersion(interpreter);
  if (expected !== undefined && expected !== actual) {
    throw broken(root, `It was made for Python ${expected}, but ${found.base} is now Python ${actual}.`, config);
  }
  return { root, python, config, interpreter, paths: environmentPaths(root, interpreter) };
}

function broken(root: string, why: string, config: PyvenvConfig): PenError {
  const version = madeFor(config);
  const request = version === undefined ? "" : ` --python ${version}`;
  const place = /^[\w@%+=:,./-]+$/.test(root) ? root : excerpt(root, 400);
  return new PenError("ENV_BROKEN", `The virtual environment ${root} is broken`, {
    why,
    hint: `Mend it with \`pen env repair ${place}\`, or make it anew: pen venv --clear${request} ${place}`,
    data: { path: root },
  });
}
