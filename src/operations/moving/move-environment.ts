import {
  errnoOf,
  isPenError,
  readTextIfAny,
  removeTree,
  rename,
  statusOf,
  syncFolder,
  temporaryBeside,
  writeAtomic,
  dirname,
  join,
  resolve,
} from "#foundation";
import {
  inheritedRoots,
  makeRelocatable,
  parsePyvenvConfig,
  recordedRoots,
  replaceOldRoots,
  type RelocatedFile,
  type StaleFile,
} from "#venv";
import type { CloneEnvironmentOptions, RelocationReport } from "./clone-environment.ts";
import { openContext, type Context } from "../context.ts";
import { whileStill } from "../environment.ts";
import { copyEnvironment } from "./environment-copy.ts";
import { announceCopy, foldersOf, freePlace, makingPlace, standingEnvironment, type StandingEnvironment } from "./environment-moving.ts";
import { heirsByRoot } from "../environments/environment-heirs.ts";
import { setEnvironment } from "../environments/environment-settings.ts";
import { rememberEnvironment } from "../environments/environment-entry.ts";
import { forgetEnvironment } from "../environments/environment-registry.ts";

export type MoveEnvironmentOptions = CloneEnvironmentOptions;

/**
 * Moves or renames an environment, made by any tool. First its scripts are made to find their place themselves, which is right where they are too;
 * then the folder moves by one rename (across file systems: is copied whole, and removed); last, the few files that must name a place get the new one.
 * Cut off anywhere, there is one whole environment that works. Errors: ENV_NOT_FOUND, ENV_EXISTS, USAGE, FILE_SYSTEM.
 */
export async function moveEnvironment(options: MoveEnvironmentOptions): Promise<RelocationReport> {
  const context = openContext(options);
  const from = standingEnvironment(options.environment, context);
  const to = freePlace(options.to, context, { named: options.environment, root: from.root });
  const report = await whileStill(context, from.target, async () => {
    const roots = recordedRoots(from.root, from.real);
    const early = from.libraries.flatMap((library) => makeRelocatable(from.root, library, roots));
    const heirs = heirsByRoot(context).get(from.real) ?? [];
    const making = makingPlace(to, context);
    announceCopy(context, from, to);
    const left = shift(from, { to, making }, context);
    const changed: RelocatedFile[] = early.map((one) => ({ ...one, path: join(to, one.path.slice(from.root.length + 1)) }));
    const stale: StaleFile[] = [...left];
    for (const library of foldersOf(to).libraries) {
      const replaced = replaceOldRoots(to, library, { roots, to });
      changed.push(...replaced.changed);
      stale.push(...replaced.stale);
    }
    changed.push(...renamedInProject(to, roots));
    return { from: from.root, to, changed, stale, heirs };
  });
  forgetEnvironment(from.real, context.host);
  rememberEnvironment(to, context);
  const { heirs, ...moved } = report;
  return tellHeirs(moved, heirs, options);
}

/** Gives what is left at the old place, when a copy was made and the old one could not be removed. */
function shift(
  { root }: StandingEnvironment,
  { to, making }: { readonly to: string; readonly making: string },
  { signal }: Context,
): StaleFile[] {
  try {
    rename(root, to);
    return [];
  } catch (error) {
    if (errnoOf(error) !== "EXDEV") throw error;
  }
  try {
    copyEnvironment(root, making, { share: false, signal });
    rename(making, to);
    syncFolder(dirname(to));
  } catch (error) {
    removeTree(making);
    throw error;
  }
  try {
    const aside = temporaryBeside(root);
    rename(root, aside);
    removeTree(aside);
    return [];
  } catch (error) {
    return [
      { path: root, why: `It was copied, and the old one could not be removed: ${error instanceof Error ? error.message : String(error)}` },
    ];
  }
}

/** Environments that inherit from the one that moved get its new place. One at which that fails is told of. */
async function tellHeirs(report: RelocationReport, heirs: readonly string[], options: MoveEnvironmentOptions): Promise<RelocationReport> {
  const changed = [...report.changed];
  const stale = [...report.stale];
  for (const heir of heirs) {
    const path = join(heir, "pyvenv.cfg");
    const parents = inheritedRoots(parsePyvenvConfig(readTextIfAny(path) ?? "")).map((root) => (root === report.from ? report.to : root));
    try {
      await setEnvironment({ ...options, environment: heir, key: "inherits", value: parents.join(":") });
      changed.push({ path, kind: "config" });
    } catch (error) {
      if (!isPenError(error)) throw error;
      stale.push({ path, why: `It inherits from the old place. ${error.message}` });
    }
  }
  return { ...report, changed, stale };
}

/** A project may say by a `.venv` file (PEP 832) where its environment is; the environment says by `.project` where the project is. */
function renamedInProject(root: string, roots: readonly string[]): RelocatedFile[] {
  const project = readTextIfAny(join(root, ".project"))?.trim();
  if (project === undefined || !project.startsWith("/")) return [];
  const path = join(project, ".venv");
  if (statusOf(path)?.kind !== "file") return [];
  const named = readTextIfAny(path)?.trim() ?? "";
  if (named === "" || !roots.includes(resolve(project, named))) return [];
  writeAtomic(path, `${root}\n`);
  return [{ path, kind: "project" }];
}
