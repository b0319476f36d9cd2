import {
  isFolder,
  pathExists,
  PenError,
  printableLine,
  realPath,
  warn,
  type Emit,
  type Host,
  basename,
  dirname,
  join,
  resolve,
} from "#foundation";
import { readInstalled, targetOf, type InstalledDistribution } from "#installer";
import type { Interpreter } from "#python";
import {
  checkInheritable,
  inheritanceObstacle,
  inheritedRoots,
  inheritedSitePackages,
  locateEnvironment,
  openEnvironment,
  environmentPaths,
  readPyvenvConfig,
  type Environment,
} from "#venv";
import { environmentFolder } from "./environment-names.ts";
import type { Settings } from "../settings.ts";
import { shellWord } from "../shells/shell-word.ts";

/** The environments that a new one shall inherit from, opened, in order. Errors: `ENV_NOT_FOUND`, `ENV_BROKEN`, `USAGE` for one that is named twice. */
export async function openInherited(texts: readonly string[], { host, cacheFolder, signal, emit }: Settings): Promise<Environment[]> {
  const parents: Environment[] = [];
  const seen = new Set<string>();
  for (const text of texts) {
    const parent = await openEnvironment(parentFolder(text, host), { host, cacheFolder, signal });
    checkInheritable(parent.root);
    if (seen.has(identityOf(parent.root))) {
      throw new PenError("USAGE", `${printableLine(parent.root)} is inherited twice`, { hint: "Name every environment once." });
    }
    seen.add(identityOf(parent.root));
    for (const { root } of inheritedOf(parent).filter(({ state }) => state !== "present")) warnGone(root, parent.root, emit);
    parents.push(parent);
  }
  return parents;
}

function parentFolder(text: string, host: Host): string {
  if (text === "")
    throw new PenError("USAGE", "The environment to inherit from has no name", { hint: "Type for example: --inherit ../base/.venv" });
  const folder = environmentFolder(text, host);
  return pathExists(join(folder, "pyvenv.cfg")) ? folder : (locateEnvironment(host, { python: text }) ?? folder);
}

function warnGone(root: string, heir: string, emit: Emit): void {
  warn(
    emit,
    "inherited-gone",
    `${printableLine(heir)} inherits from ${printableLine(root)}, which is gone or for another Python: its packages are not seen.`,
  );
}

/**
 * Refuses parents whose packages could not work in the environment at `root` (absolute, there or not), and circles. Errors:
 * `TARGET_UNSUPPORTED`.
 */
export function checkInherited(
  parents: readonly Environment[],
  { root, interpreter }: { readonly root: string; readonly interpreter: Interpreter },
): void {
  for (const parent of parents) {
    const why = inheritanceObstacle(interpreter, parent.interpreter);
    if (why !== undefined) {
      const request = requestFor(parent.interpreter);
      throw refusal(parent.root, why, `Use one Python for both: pen venv --python ${request} --inherit ${shellWord(parent.root)}`);
    }
    const chain = chainTo(root, parent);
    if (chain === undefined) continue;
    const circle =
      chain.length === 1 ? "It is the environment itself." : `It inherits from this one already: ${chain.map(printableLine).join(" → ")}`;
    throw refusal(parent.root, circle, "An environment can inherit only from those that do not inherit from it.");
  }
}

/** What an environment inherits already has to fit another Python that it shall be led to. A parent that is gone is the doctor's to tell of. */
export async function checkKept(root: string, interpreter: Interpreter, { host, cacheFolder, signal }: Settings): Promise<void> {
  for (const parent of parentsOf(root)) {
    if (!pathExists(join(parent, "pyvenv.cfg"))) continue;
    checkInherited([await openEnvironment(parent, { host, cacheFolder, signal })], { root, interpreter });
  }
}

/** `3.12`, `3.13t`, `pypy3.10`. */
function requestFor({ implementation, versionInfo: [major, minor], freeThreaded }: Interpreter): string {
  return `${implementation === "cpython" || implementation === "other" ? "" : implementation}${major}.${minor}${freeThreaded ? "t" : ""}`;
}

function refusal(parent: string, why: string, hint: string): PenError {
  return new PenError("TARGET_UNSUPPORTED", `The environment cannot inherit from ${printableLine(parent)}`, {
    why,
    hint,
    data: { path: parent },
  });
}

/** The way from a parent to `root` by what each inherits; undefined when there is none. */
function chainTo(root: string, parent: Environment): string[] | undefined {
  const goal = identityOf(root);
  const waiting: string[][] = [[parent.root]];
  const seen = new Set<string>();
  for (let chain = waiting.pop(); chain !== undefined; chain = waiting.pop()) {
    const at = chain.at(-1) ?? "";
    const identity = identityOf(at);
    if (identity === goal) return chain;
    if (seen.has(identity)) continue;
    seen.add(identity);
    for (const next of parentsOf(at)) waiting.push([...chain, next]);
  }
  return undefined;
}

function parentsOf(root: string): string[] {
  try {
    const config = readPyvenvConfig(join(root, "pyvenv.cfg"));
    return config === undefined ? [] : inheritedRoots(config).map((path) => resolve(root, path));
  } catch {
    return []; // What cannot be read inherits nothing that anybody would see.
  }
}

/** One name for one folder, whatever links lead there; also for a folder that does not exist yet. */
function identityOf(root: string): string {
  try {
    return pathExists(root) ? realPath(root) : join(realPath(dirname(root)), basename(root));
  } catch {
    return root;
  }
}

/** An environment that another one inherits from, at once or over others. */
export interface InheritedEnvironment {
  readonly root: string;
  /** The environment that names it. */
  readonly heir: string;
  /** `gone`: there is no environment any more; `other`: it is one for another Python now. */
  readonly state: "present" | "gone" | "other";
  /** The folder of its packages. */
  readonly sitePackages: string;
}

/** All that an environment inherits from, in the order in which Python looks there. Reads only `pyvenv.cfg` files. */
export function inheritedOf(environment: Pick<Environment, "root" | "config" | "interpreter">): InheritedEnvironment[] {
  const found: InheritedEnvironment[] = [];
  const seen = new Set([identityOf(environment.root)]);
  const waiting = inheritedRoots(environment.config)
    .map((root) => ({ root: resolve(environment.root, root), heir: environment.root }))
    .reverse();
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { root, heir } = next;
    if (seen.has(identityOf(root))) continue;
    seen.add(identityOf(root));
    const sitePackages = inheritedSitePackages(root, environment.interpreter);
    const state = !pathExists(join(root, "pyvenv.cfg")) ? "gone" : isFolder(sitePackages) ? "present" : "other";
    found.push({ root, heir, state, sitePackages });
    if (state === "present")
      waiting.push(
        ...parentsOf(root)
          .map((parent) => ({ root: parent, heir: root }))
          .reverse(),
      );
  }
  return found;
}

/** A distribution of an inherited environment. */
export interface InheritedDistribution {
  readonly distribution: InstalledDistribution;
  /** The environment that it is installed in. */
  readonly from: string;
}

/**
 * What an environment can import from those that it inherits from, each name once: what it has itself (`own`), and what comes first, hides the rest. A
 * parent that is gone is warned of.
 */
export function inheritedDistributions(
  environment: Environment,
  own: readonly InstalledDistribution[],
  emit: Emit,
): InheritedDistribution[] {
  const names = new Set<string>(own.map(({ name }) => name));
  return inheritedOf(environment).flatMap(({ root, heir, state }) => {
    if (state !== "present") {
      warnGone(root, heir, emit);
      return [];
    }
    const target = targetOf({ ...environment, root, paths: environmentPaths(root, environment.interpreter) });
    const visible = readInstalled(target).filter(({ name }) => !names.has(name));
    for (const { name } of visible) names.add(name);
    return visible.map((distribution) => ({ distribution, from: root }));
  });
}
