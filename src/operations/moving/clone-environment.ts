import { removeTree, rename, join } from "#foundation";
import { makeRelocatable, recordedRoots, replaceOldRoots, type RelocatedFile, type StaleFile } from "#venv";
import { openContext, type OperationOptions } from "../context.ts";
import { whileStill } from "../environment.ts";
import { copyEnvironment } from "./environment-copy.ts";
import { announceCopy, foldersOf, freePlace, makingPlace, standingEnvironment } from "./environment-moving.ts";
import { rememberEnvironment } from "../environments/environment-entry.ts";

export interface CloneEnvironmentOptions extends OperationOptions {
  /** A path, or the name of an environment. */
  readonly environment: string;
  /** Where the copy is to stand: nothing stands there yet. Beside a named environment, a name. */
  readonly to: string;
}

/** What happened to an environment that was copied or moved. */
export interface RelocationReport {
  readonly from: string;
  readonly to: string;
  /** Files that held the old place and were changed; paths at the new place. */
  readonly changed: readonly RelocatedFile[];
  /** Files that still hold the old place. */
  readonly stale: readonly StaleFile[];
}

export interface CloneReport extends RelocationReport {
  /** Files that are one and the same in both environments (and mostly in the store). */
  readonly linked: number;
  readonly copied: number;
}

/**
 * Makes a copy of an environment that works at its own place. Files with several names (hard links to the store) get one more, links stay
 * links; all else is copied, by a clone where the file system can. The copy appears whole by one rename; the old one is only read.
 * Errors: ENV_NOT_FOUND, ENV_EXISTS, USAGE, FILE_SYSTEM; nothing is left at the new place then.
 */
export async function cloneEnvironment(options: CloneEnvironmentOptions): Promise<CloneReport> {
  const context = openContext(options);
  const from = standingEnvironment(options.environment, context);
  const to = freePlace(options.to, context, { named: options.environment, root: from.root });
  const report = await whileStill(context, from.target, async () => {
    const making = makingPlace(to, context);
    try {
      const counts = copyEnvironment(from.root, making, { share: true, signal: context.signal });
      const roots = recordedRoots(from.root, from.real);
      const changed: RelocatedFile[] = [];
      const stale: StaleFile[] = [];
      for (const library of foldersOf(making).libraries) {
        changed.push(...makeRelocatable(making, library, roots));
        const replaced = replaceOldRoots(making, library, { roots, to });
        changed.push(...replaced.changed);
        stale.push(...replaced.stale);
      }
      announceCopy(context, from, to);
      // A folder that somebody made there meanwhile is replaced only when it is empty; anything else fails.
      rename(making, to);
      const atNew = <T extends { readonly path: string }>(one: T): T => ({ ...one, path: join(to, one.path.slice(making.length + 1)) });
      return { from: from.root, to, changed: changed.map(atNew), stale: stale.map(atNew), ...counts };
    } catch (error) {
      removeTree(making);
      throw error;
    }
  });
  rememberEnvironment(to, context);
  return report;
}
