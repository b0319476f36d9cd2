import { join, resolve } from "node:path";
import {
  excerpt,
  isFolder,
  listFolder,
  makeFolder,
  makeFolders,
  PenError,
  pathExists,
  removeTree,
  statusOf,
  errnoOf,
  type Host,
} from "#foundation";
import type { Interpreter } from "#python";
import type { ActivatorName } from "./activators.ts";
import { buildFresh, buildInstead, buildOver } from "./building.ts";
import { isBeingReplaced, isCutOff, isUnfinished, letOthersFinish } from "./interrupted.ts";
import { environmentContents, ownFolder } from "./contents.ts";
import type { Entry } from "./entries.ts";
import { inheritedRoots } from "./inheritance.ts";
import { environmentPaths, executableAliases, foldersAbove, scriptsFolder } from "./layout.ts";
import { executablePath } from "./platform-files.ts";
import { pyvenvConfig, readPyvenvConfig } from "./pyvenv-config.ts";
import { isEnvironment, placeInUse, refuseDangerousPlace, someNames } from "./safety.ts";
import type { Environment } from "./types.ts";

export interface CreateEnvironmentOptions {
  readonly host: Host;
  /** Where: absolute, or under the working directory. */
  readonly root: string;
  /** The Python to use; the environment points at its base. */
  readonly interpreter: Interpreter;
  /** Packages of the base Python can be imported too. Default false. */
  readonly systemSitePackages?: boolean | undefined;
  /** The name shown while the environment is active; `.` is the name of the working directory. Default: the name of the environment's folder. */
  readonly prompt?: string | undefined;
  /** Copy the executable instead of linking to it. */
  readonly copies?: boolean | undefined;
  /** Delete what is in the folder first. */
  readonly clear?: boolean | undefined;
  /** Use a folder that is not empty; what is in it stays. */
  readonly allowExisting?: boolean | undefined;
  /** With `clear`, also a folder that is not an environment; with `allowExisting`, also over files of the same names. */
  readonly force?: boolean | undefined;
  /** `.gitignore` and `CACHEDIR.TAG`. Default true. */
  readonly vcsIgnore?: boolean | undefined;
  /** Which activation scripts to write; default all. */
  readonly activators?: readonly ActivatorName[] | undefined;
  /** Write what virtualenv writes too: its keys of `pyvenv.cfg`, and `CACHEDIR.TAG` even without `.gitignore`. */
  readonly asVirtualenv?: boolean | undefined;
  /**
   * Environments (absolute paths, for the same kind of Python) whose packages can be imported too, after its own, in this order. Default: none; with
   * `allowExisting` those that the environment has.
   */
  readonly inherits?: readonly string[] | undefined;
  /** Write `relocatable = true`, as uv does: every environment of pen can be moved, and then says so. */
  readonly relocatable?: boolean | undefined;
  /** Packages are put in right after: when that is cut off, {@link isLeftUnseeded} knows the environment. */
  readonly seeded?: boolean | undefined;
}

/**
 * Makes a virtual environment (PEP 405) without any package. When it fails, nothing is left that was not there before, and
 * what was there is as it was. Errors: ENV_EXISTS for a place in use, TARGET_UNSUPPORTED for a path that no environment can have and,
 * on Windows, for packages to follow, INVALID_CONFIG for a prompt with control characters, FILE_SYSTEM.
 */
export function createEnvironment(options: CreateEnvironmentOptions): Environment {
  const { interpreter } = options;
  const root = usableRoot(options);
  const { entries, config } = environmentContents(withInherited(root, options));
  const first = makeRoot(root);
  if (first === undefined) planInExisting(root, entries, options)();
  else {
    try {
      buildFresh(root, entries);
    } catch (error) {
      // EEXIST: another program has taken the empty folder meanwhile, which shows at the first entry.
      if (errnoOf(error) !== "EEXIST") removeTree(first);
      throw error;
    }
  }
  return {
    root,
    python: join(root, executablePath(interpreter)),
    paths: environmentPaths(root, interpreter),
    interpreter,
    config: pyvenvConfig(config),
  };
}

/** Throws what {@link createEnvironment} would throw because of the place; makes nothing. */
export function checkPlace(options: CreateEnvironmentOptions): void {
  const root = usableRoot(options);
  const { entries } = environmentContents(withInherited(root, options));
  if (statusOf(root) !== undefined) planInExisting(root, entries, options);
}

/**
 * True when the environment at `root` is what a command with these options (and `seeded`) made and was killed before it put packages in: all is
 * there, and nothing else. Call it with the environment's lock held and its journal settled.
 */
export function isLeftUnseeded(options: CreateEnvironmentOptions): boolean {
  const root = usableRoot(options);
  const { entries } = environmentContents({ ...withInherited(root, options), seeded: true });
  return (
    isEnvironment(root) &&
    !isCutOff(root, entries) &&
    isUnfinished(root, entries, [ownFolder]) &&
    entries.every(({ path }) => statusOf(join(root, path)) !== undefined)
  );
}

/** An environment that is laid over keeps what it inherits, unless told otherwise. */
function withInherited(root: string, options: CreateEnvironmentOptions): CreateEnvironmentOptions {
  if (options.inherits !== undefined || options.allowExisting !== true) return options;
  const config = readPyvenvConfig(join(root, "pyvenv.cfg"));
  return config === undefined ? options : { ...options, inherits: inheritedRoots(config) };
}

/** The absolute path, when an environment can stand there. */
function usableRoot({ host, root, seeded }: CreateEnvironmentOptions): string {
  const isWindows = host.platform === "win32";
  if (isWindows && seeded === true) {
    throw new PenError("TARGET_UNSUPPORTED", "pen cannot put packages into environments on Windows yet", {
      why: "What holds other programs off while it installs is not written for Windows.",
      hint: "Make it without packages (pen venv --no-seed), then type in it: python -m ensurepip",
    });
  }
  const refuse = (why: string) =>
    new PenError("TARGET_UNSUPPORTED", `An environment cannot stand at ${excerpt(root, 200)}`, {
      why,
      hint: "Choose another path, for example .venv",
      data: { path: root },
    });
  if (root === "") throw refuse("The path is empty.");
  if (root.includes("\0")) throw refuse("The path holds a NUL character.");
  const absolute = resolve(host.cwd, root);
  const separator = isWindows ? ";" : ":";
  if (absolute.includes(separator))
    throw refuse(
      `The path holds a ${isWindows ? "semicolon" : "colon"} ('${separator}'), which separates the folders of PATH: the environment could not be activated.`,
    );
  return absolute;
}

/** Makes the folder and those above it: the topmost one that is new, or undefined when something stands at `root`. */
function makeRoot(root: string): string | undefined {
  try {
    return makeFolder(root) ? root : undefined;
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw error;
  }
  let first = root;
  for (const folder of foldersAbove(root)) {
    if (pathExists(folder)) break;
    first = folder;
  }
  try {
    makeFolders(root);
  } catch (error) {
    removeTree(first);
    throw error;
  }
  return first;
}

/** Judges a place where something stands. The answer does the work. */
function planInExisting(root: string, entries: readonly Entry[], options: CreateEnvironmentOptions): () => void {
  if (!isFolder(root)) {
    throw new PenError("ENV_EXISTS", `${root} exists and is not a folder`, {
      why: pathExists(root) ? "A file stands there." : "A link stands there whose target does not exist.",
      hint: "Remove it, or choose another place.",
      data: { path: root },
    });
  }
  const { host, interpreter, clear = false } = options;
  if (!isEnvironment(root) && isUnfinished(root, entries)) letOthersFinish(root, host.now);
  const old = listFolder(root).map(({ name }) => name);
  if (old.length === 0) return () => buildOver(root, entries, []);
  const known = (isEnvironment(root) && !isCutOff(root, entries)) || isBeingReplaced(root);
  if (!known && isUnfinished(root, entries)) return () => buildOver(root, entries.map(exactly), []);
  if (clear) {
    if (!known && options.force !== true) throw placeInUse(root, old);
    refuseDangerousPlace(root, { host, interpreter, clear });
    return () => buildInstead(root, entries);
  }
  if (options.allowExisting !== true) throw placeInUse(root, old);
  refuseDangerousPlace(root, { host, interpreter, clear });
  if (known) return () => buildOver(root, entries, staleExecutables(root, interpreter));
  // A .gitignore of "*" in a folder with other things would hide them all.
  const wanted = entries.filter((entry) => entry.kind !== "courtesy");
  if (options.force !== true) refuseConflicts(root, wanted);
  return () => buildOver(root, wanted, []);
}

/** A courtesy that a killed command only began is no other one that somebody wrote. */
function exactly(entry: Entry): Entry {
  return entry.kind === "courtesy" ? { kind: "file", path: entry.path, text: entry.text } : entry;
}

/** Links of another Python version that an environment had before, which would now lead to this one. */
function staleExecutables(root: string, interpreter: Interpreter): string[] {
  const names = new Set(["python", ...executableAliases(interpreter)]);
  const folder = scriptsFolder(interpreter);
  return listFolder(join(root, folder))
    .filter(({ name, kind }) => kind === "link" && /^(?:python|pypy|graalpy)[\d.]*t?$/.test(name) && !names.has(name))
    .map(({ name }) => `${folder}/${name}`);
}

function refuseConflicts(root: string, entries: readonly Entry[]): void {
  const taken = entries.filter(({ kind, path }) => kind !== "folder" && statusOf(join(root, path)) !== undefined).map(({ path }) => path);
  if (taken.length === 0) return;
  throw new PenError("ENV_EXISTS", `${root} is not a virtual environment and has files that one needs to be pen's`, {
    why: `It holds ${someNames(taken)}.`,
    hint: "Choose another folder, or add `--force` to overwrite these files.",
    data: { path: root, files: taken },
  });
}
