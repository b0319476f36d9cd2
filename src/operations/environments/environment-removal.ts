import {
  isFolder,
  isPenError,
  listFolder,
  pathExists,
  PenError,
  printableLine,
  realPath,
  removeTree,
  rename,
  statusOf,
  temporaryBeside,
  type Host,
  basename,
  join,
  resolve,
} from "#foundation";
import { lockEnvironment } from "#installer";
import { holdsInstallation, isEnvironment } from "#venv";
import { openContext, type Context, type OperationOptions } from "../context.ts";
import { heirsByRoot } from "./environment-heirs.ts";
import { notFoundHint } from "./environment-names.ts";
import { forgetEnvironment } from "./environment-registry.ts";
import { measure } from "./environment-sizes.ts";
import { listEnvironments, type KnownEnvironment } from "./environments.ts";

/** An environment that is to go. */
export interface DoomedEnvironment {
  readonly path: string;
  /** Bytes that deleting it gives back. */
  readonly own: number;
  /** ISO time, where it is known. */
  readonly lastUsed: string | null;
}

export interface RemovalOptions extends OperationOptions {
  /** Asked before anything is deleted; without it nothing is asked. */
  readonly confirm?: (environments: readonly DoomedEnvironment[]) => Promise<boolean> | boolean;
}

export interface RemoveEnvironmentsOptions extends RemovalOptions {
  /** Paths, or names of environments that `listEnvironments` knows. */
  readonly names: readonly string[];
}

export interface PruneEnvironmentsOptions extends RemovalOptions {
  /** Days without use after which an environment goes. */
  readonly unusedDays: number;
}

export interface RemovalReport {
  readonly environments: readonly DoomedEnvironment[];
  /** Those that would go by their age, and may not. */
  readonly kept: ReadonlyArray<{ readonly path: string; readonly why: string }>;
  /** False when `confirm` said no, and when there was nothing to do. */
  readonly done: boolean;
}

/**
 * Deletes environments, after all of them were found to be nothing else. Links are never followed. Errors, with nothing deleted:
 * `ENV_NOT_FOUND`, `USAGE` for a name that several have, `ENV_EXISTS` for what may not be deleted.
 */
export async function removeEnvironments(options: RemoveEnvironmentsOptions): Promise<RemovalReport> {
  const context = openContext(options);
  const roots: string[] = [];
  for (const name of options.names) {
    const root = await locate(name, context, options);
    refuseOther(root, context.host);
    if (!roots.includes(root)) roots.push(root);
  }
  const heirs = heirsByRoot(context);
  for (const root of roots) {
    const why = heirsLeft(root, heirs, roots);
    if (why !== undefined) throw refusal(root, why, "Remove those first, or together with it.");
  }
  const doomed = roots.map((path) => ({ path, own: measure(path).own, lastUsed: null }));
  return { environments: doomed, kept: [], done: await remove(doomed, context, options) };
}

/**
 * Deletes environments that nobody has used for so many days. Those that are active or belong to the project here, those of conda, and those
 * that are programs (uv's tools, pipx) stay; so does one whose last use nobody knows.
 */
export async function pruneEnvironments(options: PruneEnvironmentsOptions): Promise<RemovalReport> {
  const context = openContext(options);
  const limit = context.host.now() - options.unusedDays * 86_400_000;
  const known = await listEnvironments({ ...options, sizes: false });
  const old = known.filter(({ place, lastUsed }) => !untouched.has(place) && lastUsed !== null && Date.parse(lastUsed) < limit);
  const heirs = heirsByRoot(context);
  const judged = old.map(({ path, lastUsed }) => ({ path, lastUsed, why: reasonToKeep(path, context.host) }));
  // Whoever keeps an heir keeps what it inherits from, and so on upwards.
  for (let changed = true; changed;) {
    const going = judged.flatMap(({ path, why }) => (why === undefined ? [path] : []));
    const saved = judged.filter((one) => one.why === undefined && heirsLeft(one.path, heirs, going) !== undefined);
    for (const one of saved) one.why = heirsLeft(one.path, heirs, going);
    changed = saved.length > 0;
  }
  const doomed = judged.flatMap(({ path, lastUsed, why }) => (why === undefined ? [{ path, own: measure(path).own, lastUsed }] : []));
  const kept = judged.flatMap(({ path, why }) => (why === undefined ? [] : [{ path, why }]));
  return { environments: doomed, kept, done: await remove(doomed, context, options) };
}

/** Why an environment has to stay for the sake of those that inherit from it and stay; undefined when there are none. */
function heirsLeft(root: string, heirs: ReadonlyMap<string, readonly string[]>, going: readonly string[]): string | undefined {
  const left = (heirs.get(realPath(root)) ?? []).filter((heir) => !going.includes(heir));
  return left.length === 0 ? undefined : `Its packages are inherited by ${left.map(printableLine).join(", ")}`;
}

const untouched: ReadonlySet<KnownEnvironment["place"]> = new Set(["active", "project", "conda", "uv", "pipx"]);

async function locate(name: string, { host }: Context, options: OperationOptions): Promise<string> {
  const path = resolve(host.cwd, name);
  const stands = name !== "" && statusOf(path) !== undefined;
  if (stands && (name.includes("/") || pathExists(join(path, "pyvenv.cfg")))) return path;
  const known = name.includes("/") ? [] : await listEnvironments({ ...options, sizes: false });
  const same = known.filter((one) => one.name === name || basename(one.path) === name);
  const [first, ...more] = same;
  if (first === undefined && stands) return path;
  if (first === undefined) {
    throw new PenError("ENV_NOT_FOUND", `There is no environment ${printableLine(name)}`, {
      why: "Nothing stands there, and no environment that pen knows of has that name.",
      hint: notFoundHint(name, host, "See them: pen env list"),
      data: { name },
    });
  }
  if (more.length === 0) return first.path;
  throw new PenError("USAGE", `Several environments are called ${printableLine(name)}`, {
    why: same.map((one) => printableLine(one.path)).join("\n"),
    hint: "Name the one that you mean by its path.",
    data: { name },
  });
}

function refuseOther(root: string, host: Host): void {
  const why = reasonToKeep(root, host);
  if (why !== undefined)
    throw refusal(root, why, "pen deletes virtual environments and nothing else. Look at it, and delete by hand what you are sure of.");
}

function refusal(root: string, why: string, hint: string): PenError {
  return new PenError("ENV_EXISTS", `pen does not delete ${printableLine(root)}`, { why, hint, data: { path: root } });
}

/** What stands at the top of environments, made by any tool, and of packages that bring data files. */
const usual: ReadonlySet<string> = new Set(
  (
    "bin lib lib64 include share etc man Scripts Lib Include pyvenv.cfg .gitignore CACHEDIR.TAG .pen .project .lock " +
    "pip-selfcheck.json .hatch uv-receipt.toml pipx_metadata.json .DS_Store"
  ).split(" "),
);

/** Why `root` may not be deleted; undefined when it is an environment, and nothing else. */
function reasonToKeep(root: string, host: Host): string | undefined {
  const status = statusOf(root);
  if (status?.kind === "link") return "It is a link. Name the folder that it leads to.";
  if (status?.kind !== "folder" || !isEnvironment(root))
    return "It is no virtual environment: it has no pyvenv.cfg with a Python beside it.";
  const real = realPath(root);
  if (holdsInstallation(real)) return "A Python is installed in it.";
  const active = host.env["VIRTUAL_ENV"];
  if (active && isFolder(resolve(host.cwd, active)) && realPath(resolve(host.cwd, active)) === real)
    return "It is active in this shell. Leave it first: deactivate";
  for (const [place, what] of [
    [host.home, "your home folder"],
    [host.cwd, "the working directory"],
  ] as const) {
    const inside = isFolder(place) ? realPath(place) : place;
    if (inside === real || inside.startsWith(real === "/" ? real : `${real}/`)) return `It is ${what}, or above it.`;
  }
  const foreign = listFolder(root).flatMap(({ name }) => (usual.has(name) ? [] : [printableLine(name)]));
  return foreign.length === 0 ? undefined : `It holds what belongs to no environment: ${foreign.slice(0, 3).join(", ")}`;
}

async function remove(doomed: readonly DoomedEnvironment[], context: Context, { confirm }: RemovalOptions): Promise<boolean> {
  if (doomed.length === 0 || (confirm !== undefined && !(await confirm(doomed)))) return false;
  for (const { path } of doomed) {
    context.signal?.throwIfAborted();
    await removeOne(path, context);
  }
  return true;
}

/** Waits for a command that works in it; then it is gone in one step, and its files after that. */
async function removeOne(root: string, { emit, signal, host }: Context): Promise<void> {
  // Between the question and the answer somebody may have put something else there.
  refuseOther(root, host);
  const paths = { purelib: root, platlib: root, scripts: root, data: root, include: root };
  const lock = await lockEnvironment({ root, paths, pythonVersion: "" }, emit, signal);
  try {
    refuseOther(root, host);
    const real = realPath(root);
    removeTree(setAside(root));
    forgetEnvironment(real, host);
  } finally {
    lock.release();
  }
}

function setAside(root: string): string {
  const aside = temporaryBeside(root);
  try {
    rename(root, aside);
    return aside;
  } catch (error) {
    if (isPenError(error, "FILE_SYSTEM")) return root; // The folder above may not be written to, or it is a mount point.
    throw error;
  }
}
