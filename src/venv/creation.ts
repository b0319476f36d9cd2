import { isFolder, listFolder, PenError, pathExists, statusOf, join } from "#foundation";
import type { Interpreter } from "#python";
import { buildInstead, buildOver } from "./building.ts";
import { environmentContents, ownFolder } from "./contents.ts";
import type { Entry } from "./entries.ts";
import { environmentOf, makeFresh, usableRoot, type CreateEnvironmentOptions } from "./fresh.ts";
import { inheritedRoots } from "./inheritance.ts";
import { isBeingReplaced, isCutOff, isUnfinished, letOthersFinish } from "./interrupted.ts";
import { executableAliases, scriptsFolder } from "./layout.ts";
import { readPyvenvConfig } from "./pyvenv-config.ts";
import { isEnvironment, placeInUse, refuseDangerousPlace, someNames } from "./safety.ts";
import type { Environment } from "./types.ts";

/**
 * Makes a virtual environment (PEP 405) without any package. When it fails, nothing is left that was not there before, and
 * what was there is as it was. Errors: ENV_EXISTS for a place in use, TARGET_UNSUPPORTED for a path that no environment can have and,
 * on Windows, for packages to follow, INVALID_CONFIG for a prompt with control characters, FILE_SYSTEM.
 */
export function createEnvironment(options: CreateEnvironmentOptions): Environment {
  const how = withInherited(usableRoot(options), options);
  return makeFresh(how) ?? makeInExisting(how);
}

function makeInExisting(options: CreateEnvironmentOptions): Environment {
  const root = usableRoot(options);
  const { entries, config } = environmentContents(options);
  planInExisting(root, entries, options)();
  return environmentOf(root, options, config);
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
