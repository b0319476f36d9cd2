import {
  isFolder,
  isPenError,
  isProcessAlive,
  isTemporaryName,
  listFolder,
  pathExists,
  removeFile,
  temporaryOwner,
  dirname,
  join,
} from "#foundation";
import { changeGuarded, lockEnvironment, recover } from "#installer";
import type { Interpreter } from "#python";
import { applyMendings, environmentPaths, findMendings, mendedPaths, openEnvironment, readPyvenvConfig, type Environment } from "#venv";
import { bareTarget } from "../doctor/skeleton.ts";
import type { DoctorCode } from "../doctor/types.ts";
import { choosePython, fits, madeFor } from "./python.ts";
import { planStranded, whyNotAll } from "./stranded.ts";
import type { Case, Treatment } from "./types.ts";

/** What is mended by putting the environment's own files right. */
export const skeletonCodes: ReadonlySet<DoctorCode> = new Set([
  "python-gone",
  "python-changed",
  "python-moved",
  "python-upgraded",
  "python-name",
  "environment-broken",
  "home-relative",
  "activation-missing",
  "activation-stale",
]);

/** Undoes or finishes what a killed command began. */
export async function finishJournal({ root, context }: Case): Promise<void> {
  const target = bareTarget(root);
  const lock = await lockEnvironment(target, context.emit, context.signal);
  try {
    recover(target, context.emit);
  } finally {
    lock.release();
  }
}

interface SkeletonPlan extends Treatment {
  /** The environment as it will be. */
  readonly environment: Environment;
}

/**
 * How to make the environment's own files fit its Python, or another one. Errors: `PYTHON_NOT_FOUND`, `ENV_BROKEN`; when its
 * packages are not to be had for a Python of another version `PACKAGE_NOT_FOUND`, `BUILD_REFUSED` or why a build failed: then nothing is touched.
 */
export async function planSkeleton(one: Case, request: string | undefined): Promise<SkeletonPlan> {
  const { root, context } = one;
  const { host } = context;
  const interpreter = (request === undefined ? await present(one) : undefined) ?? (await choosePython(root, context, request));
  const environment = environmentOf(root, interpreter);
  const other = madeFor(root);
  const stranded = other === undefined || fits(interpreter, other) ? undefined : await planStranded(one, environment);
  const refused = stranded === undefined ? undefined : whyNotAll(one, stranded, environment);
  if (refused !== undefined) throw refused;
  const mendings = findMendings(root, { host, interpreter });
  const points = mendings.some(({ why }) => why === "python" || why === "config" || why === "copy");
  return {
    environment,
    how: points ? `Leads it to Python ${interpreter.version} at ${interpreter.baseExecutable}` : "Writes its own files anew",
    run: async () => {
      // What cannot be fetched or built leaves the environment as it is.
      await stranded?.prepare();
      const target = bareTarget(root);
      const lock = await lockEnvironment(target, context.emit, context.signal);
      try {
        recover(target, context.emit);
        const now = findMendings(root, { host, interpreter });
        if (now.length > 0) changeGuarded(target, mendedPaths(now), (stage) => applyMendings(now, stage));
        sweepLeft(environment);
      } finally {
        lock.release();
      }
    },
  };
}

/** The Python that the environment has, where it works and is the right one. */
async function present({ root, context }: Case): Promise<Interpreter | undefined> {
  const { host, cacheFolder, signal } = context;
  try {
    return (await openEnvironment(root, { host, cacheFolder, signal })).interpreter;
  } catch (error) {
    if (!isPenError(error) || signal?.aborted === true) throw error;
    return undefined;
  }
}

/** The environment as it is with this Python, whether it can be opened now or not. */
function environmentOf(root: string, interpreter: Interpreter): Environment {
  const config = readPyvenvConfig(join(root, "pyvenv.cfg")) ?? { entries: [], get: () => undefined };
  return { root, python: join(root, "bin", "python"), paths: environmentPaths(root, interpreter), interpreter, config };
}

/** Removes files that a killed command was just writing, where it will never come back to them. */
export function sweepLeft({ root, paths }: Pick<Environment, "root" | "paths">): void {
  const library = isFolder(paths.purelib) ? listFolder(paths.purelib) : [];
  const infos = library.flatMap(({ name, kind }) => (kind === "folder" && name.endsWith(".dist-info") ? [join(paths.purelib, name)] : []));
  for (const folder of [root, join(root, "bin"), dirname(paths.purelib), paths.purelib, ...infos]) {
    if (!isFolder(folder)) continue;
    for (const { name, kind } of listFolder(folder)) {
      if (kind === "folder" || !isTemporaryName(name) || isProcessAlive(temporaryOwner(name))) continue;
      if (pathExists(folder)) removeFile(join(folder, name));
    }
  }
}
