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
import { buildFresh, buildInstead, buildOver } from "./building.ts";
import { isBeingReplaced, isUnfinished, letOthersFinish } from "./interrupted.ts";
import { environmentContents, type Entry } from "./contents.ts";
import { environmentPaths, executableAliases, foldersAbove } from "./layout.ts";
import { pyvenvConfig } from "./pyvenv-config.ts";
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
}

/**
 * Makes a virtual environment (PEP 405) without any package. When it fails, nothing is left that was not there before, and
 * what was there is as it was. Errors: ENV_EXISTS for a place in use, TARGET_UNSUPPORTED for a path that no environment can have and
 * on Windows, INVALID_CONFIG for a prompt with control characters, FILE_SYSTEM.
 */
export function createEnvironment(options: CreateEnvironmentOptions): Environment {
  const { interpreter } = options;
  const root = usableRoot(options);
  const { entries, config } = environmentContents(options);
  const first = makeRoot(root);
  if (first === undefined) buildInExisting(root, entries, options);
  else {
    try {
      buildFresh(root, entries);
    } catch (error) {
      // EEXIST: another program has taken the empty folder meanwhile, which shows at the first entry.
      if (errnoOf(error) !== "EEXIST") removeTree(first);
      throw error;
    }
  }
  return { root, python: `${root}/bin/python`, paths: environmentPaths(root, interpreter), interpreter, config: pyvenvConfig(config) };
}

/** The absolute path, when an environment can stand there. */
function usableRoot({ host, root }: CreateEnvironmentOptions): string {
  if (host.platform === "win32") {
    throw new PenError("TARGET_UNSUPPORTED", "pen cannot make environments on Windows yet", { hint: "Use: py -m venv .venv" });
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
  if (absolute.includes(":"))
    throw refuse("The path holds a colon (':'), which separates the folders of PATH: the environment could not be activated.");
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

function buildInExisting(root: string, entries: readonly Entry[], options: CreateEnvironmentOptions): void {
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
  if (old.length === 0) return buildOver(root, entries, []);
  const known = isEnvironment(root) || isBeingReplaced(root);
  if (!known && isUnfinished(root, entries)) return buildOver(root, entries.map(exactly), []);
  if (clear) {
    if (!known && options.force !== true) throw placeInUse(root, old);
    refuseDangerousPlace(root, { host, interpreter, clear });
    return buildInstead(root, entries);
  }
  if (options.allowExisting !== true) throw placeInUse(root, old);
  refuseDangerousPlace(root, { host, interpreter, clear });
  if (known) return buildOver(root, entries, staleExecutables(root, interpreter));
  // A .gitignore of "*" in a folder with other things would hide them all.
  const wanted = entries.filter((entry) => entry.kind !== "courtesy");
  if (options.force !== true) refuseConflicts(root, wanted);
  buildOver(root, wanted, []);
}

/** A courtesy that a killed command only began is no other one that somebody wrote. */
function exactly(entry: Entry): Entry {
  return entry.kind === "courtesy" ? { kind: "file", path: entry.path, text: entry.text } : entry;
}

/** Links of another Python version that an environment had before, which would now lead to this one. */
function staleExecutables(root: string, interpreter: Interpreter): string[] {
  const names = new Set(["python", ...executableAliases(interpreter)]);
  return listFolder(join(root, "bin"))
    .filter(({ name, kind }) => kind === "link" && /^(?:python|pypy|graalpy)[\d.]*t?$/.test(name) && !names.has(name))
    .map(({ name }) => `bin/${name}`);
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
