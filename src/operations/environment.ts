import {
  isFolder,
  isPenError,
  isWritable,
  pathExists,
  PenError,
  printableLine,
  removeEmptyFolder,
  warn,
  type HeldLock,
  type Host,
  join,
  resolve,
} from "#foundation";
import { lockEnvironment, needsRecovery, recover, tidyFolder, type InstallTarget, targetOf } from "#installer";
import { findInterpreter, parseRequest, type Interpreter } from "#python";
import { isEnvironment, locateEnvironment, openEnvironment, tryOpenEnvironmentCached, type Environment } from "#venv";
import type { Context } from "./context.ts";
import { environmentOrPython, similarName } from "./environments/environment-names.ts";
import { rememberEnvironment } from "./environments/environment-entry.ts";
import type { Settings } from "./settings.ts";
import { holdStore } from "./store-holding.ts";

/** Which environment a command means. */
export interface EnvironmentChoice {
  /** `--python`: an environment, or the Python in one; a global Python is refused. */
  readonly python?: string | undefined;
}

/**
 * The environment that a command works in: `--python`, else the active one (`VIRTUAL_ENV`), else `.venv` here or in a folder
 * above. Errors: `ENV_NOT_FOUND`, `ENV_BROKEN`, and `EXTERNALLY_MANAGED` for a Python outside any environment: the golden rule.
 */
export async function findEnvironment(context: Settings, choice: EnvironmentChoice = {}): Promise<Environment> {
  const environment = await (choice.python === undefined ? nearestEnvironment(context) : chosenEnvironment(context, choice.python));
  // One that was moved, or that another tool made, is known from now on.
  rememberEnvironment(environment.root, context);
  return environment;
}

async function nearestEnvironment({ host, cacheFolder, signal }: Settings): Promise<Environment> {
  const root = locateEnvironment(host, {});
  if (root === undefined) throw notFound(host.cwd);
  return tryOpenEnvironmentCached(root, { host, cacheFolder, signal }) ?? openEnvironment(root, { host, cacheFolder, signal });
}

async function chosenEnvironment(context: Settings, text: string): Promise<Environment> {
  const { host, cacheFolder, signal } = context;
  const path = environmentOrPython(text, host);
  if (isFolder(path) && pathExists(join(path, "pyvenv.cfg"))) return openEnvironment(path, { host, cacheFolder, signal });
  const interpreter = await findInterpreter(requestFor(text, host), { host, cacheFolder, signal });
  if (interpreter.isVirtualEnvironment) return openEnvironment(interpreter.prefix, { host, cacheFolder, signal });
  throw goldenRule(interpreter);
}

/** As `parseRequest`; a word that is nearly the name of an environment is an `ENV_NOT_FOUND` that says so. */
export function requestFor(text: string, host: Host): ReturnType<typeof parseRequest> {
  try {
    return parseRequest(text, host);
  } catch (error) {
    const near = isPenError(error, "USAGE") ? similarName(text, host) : undefined;
    if (near === undefined) throw error;
    throw new PenError("ENV_NOT_FOUND", `There is no environment and no Python ${printableLine(text)}`, {
      why: "Nothing of that name stands here, no environment is called so, and it is no version of Python.",
      hint: `Did you mean the environment ${printableLine(near)}? All of them: pen env list`,
      data: { name: text },
    });
  }
}

function notFound(cwd: string): PenError {
  return new PenError("ENV_NOT_FOUND", "There is no virtual environment here", {
    why: `No environment is active, and there is no .venv in ${printableLine(cwd)} or a folder above. pen never installs into the global Python.`,
    hint: "Make one with `pen venv`, then run this again (or name one with --python PATH).",
  });
}

/** The refusal to write into a global Python. */
function goldenRule(interpreter: Interpreter): PenError {
  const marker = interpreter.externallyManaged === undefined ? "" : " It is also marked as externally managed by its distributor.";
  return new PenError("EXTERNALLY_MANAGED", `pen does not touch the global Python ${printableLine(interpreter.executable)}`, {
    why: `Two projects that share one Python cannot have two versions of one library, and system tools may depend on what is installed there.${marker}`,
    hint: "Make an environment with `pen venv` and install into that; or put the files elsewhere with --target DIR.",
    data: { python: interpreter.executable },
  });
}

/** Where a command installs: an environment, or a folder of its own. */
export interface Destination {
  readonly target: InstallTarget;
  readonly interpreter: Interpreter;
  readonly environment: Environment | undefined;
  /** What people call it. */
  readonly label: string;
}

export function environmentDestination(environment: Environment): Destination {
  return { target: targetOf(environment), interpreter: environment.interpreter, environment, label: environment.root };
}

/** `--target DIR`: packages flat in one folder, scripts in its `bin`. `--prefix DIR`: laid out like an installation. */
export async function folderDestination(
  context: Settings,
  kind: "target" | "prefix",
  options: { path: string; python: string | undefined },
): Promise<Destination> {
  const root = resolve(context.host.cwd, options.path);
  const interpreter = await interpreterForFolder(context, options.python);
  const [major, minor] = interpreter.versionInfo;
  const library = kind === "target" ? root : join(root, "lib", `python${major}.${minor}`, "site-packages");
  const paths = {
    purelib: library,
    platlib: library,
    scripts: join(root, "bin"),
    data: root,
    include: join(root, "include", `python${major}.${minor}`),
  };
  return {
    target: { root, paths, cacheTag: interpreter.cacheTag, pythonVersion: interpreter.version },
    interpreter,
    environment: undefined,
    label: root,
  };
}

/** For a folder of its own any Python may lend its version and tags: nothing is written into it. */
export async function interpreterForFolder(context: Settings, python: string | undefined): Promise<Interpreter> {
  const { host, cacheFolder, signal } = context;
  const environment = await environmentAround(context, python);
  return (
    environment?.interpreter ??
    findInterpreter(python === undefined ? undefined : parseRequest(python, host), { host, cacheFolder, signal })
  );
}

/** The environment that a command stands in which needs none: that of `--python`, else the active one. Undefined where there is none. */
export async function environmentAround(context: Settings, python: string | undefined): Promise<Environment | undefined> {
  const { host, cacheFolder, signal } = context;
  if (python !== undefined) {
    const path = environmentOrPython(python, host);
    return isEnvironment(path) ? openEnvironment(path, { host, cacheFolder, signal }) : undefined;
  }
  const root = locateEnvironment(host, {});
  if (root === undefined) return undefined;
  try {
    return await openEnvironment(root, { host, cacheFolder, signal });
  } catch (error) {
    if (!isPenError(error)) throw error;
    return undefined;
  }
}

/** Runs `work` alone in the destination, after a command that was killed there has been undone or finished. */
export async function exclusively<T>(context: Context, destination: Destination, work: () => Promise<T>): Promise<T> {
  const { target } = destination;
  if (pathExists(target.root) && !isWritable(target.root)) {
    throw new PenError("FILE_SYSTEM", `Cannot write into ${printableLine(target.root)}`, {
      why: "The folder is read-only for you.",
      hint: "Check its owner and mode, or make an environment of your own with `pen venv`.",
      data: { path: target.root, errno: "EACCES" },
    });
  }
  if (destination.environment !== undefined) return whileStill(context, target, work);
  // A plain folder is shipped as it is: nothing of pen's stays in it.
  const isNew = !pathExists(target.root);
  const tidy = (): void => {
    tidyFolder(target);
    if (isNew) removeEmptyFolder(target.root);
  };
  return whileStill(context, target, () => work().finally(tidy));
}

/** Runs `work` while nobody changes what is at the target or prunes the store; a command that was killed in it is brought to its end first. */
export async function whileStill<T>(context: Context, target: InstallTarget, work: () => Promise<T>): Promise<T> {
  const held: HeldLock[] = [];
  try {
    held.push(await lockEnvironment(target, context.emit, context.signal));
    recover(target, context.emit);
    const store = await holdStore(context);
    if (store !== undefined) held.push(store);
    return await work();
  } finally {
    for (const lock of held.reverse()) lock.release();
  }
}

/**
 * For commands that only read: brings what a killed command left to its end, and waits for one that is at work. An environment that
 * cannot be written to is read as it is, with a warning.
 */
export async function settle(context: Settings, target: InstallTarget): Promise<void> {
  if (!needsRecovery(target)) return;
  try {
    const lock = await lockEnvironment(target, context.emit, context.signal);
    try {
      recover(target, context.emit);
    } finally {
      lock.release();
    }
  } catch (error) {
    if (!isPenError(error, "FILE_SYSTEM")) throw error;
    warn(
      context.emit,
      "not-recovered",
      `An earlier command was cut off in ${printableLine(target.root)}, and cannot be undone now: ${error.message}`,
    );
  }
}
