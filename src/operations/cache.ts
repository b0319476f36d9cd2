import { isProcessAlive, isTemporaryName, listFolder, removeTree, temporaryOwner, join } from "#foundation";
import type { Removed, StoreProblem } from "#store";
import { openContext, type OperationOptions } from "./context.ts";

export interface CacheSize {
  readonly wheels: number;
  readonly bytes: number;
}

/** How many wheels the store holds, and the bytes of their files. */
export function cacheSize(options: OperationOptions = {}): CacheSize {
  return openContext(options).store.size();
}

export interface VerifyOptions extends OperationOptions {
  readonly repair?: boolean;
}

export interface VerifyReport {
  readonly wheels: number;
  readonly problems: readonly StoreProblem[];
  /** SHA-256 of the wheels that were dropped. */
  readonly dropped: readonly string[];
}

/** Compares every stored file with its hash; with `repair`, drops the wheels that are damaged. */
export async function verifyCache(options: VerifyOptions = {}): Promise<VerifyReport> {
  const { store } = openContext(options);
  const problems: StoreProblem[] = [];
  const { wheels } = store.size();
  for await (const problem of store.verify()) problems.push(problem);
  const dropped = options.repair === true ? [...new Set(problems.map(({ sha256 }) => sha256))] : [];
  for (const sha256 of dropped) await store.remove(sha256);
  return { wheels, problems, dropped };
}

/** Removes what no environment uses any more, damaged entries, and what killed processes left. */
export async function pruneCache(options: OperationOptions = {}): Promise<Removed> {
  const { store, cacheFolder } = openContext(options);
  const removed = await store.prune();
  for (const folder of ["builds", "index", "seeds", "interpreters", "answers", "catalogs"]) removeAbandoned(join(cacheFolder, folder));
  return removed;
}

/** Files in the making whose process is gone. */
function removeAbandoned(folder: string): void {
  for (const { name, kind } of listFolder(folder)) {
    if (isTemporaryName(name)) {
      if (!isProcessAlive(temporaryOwner(name))) removeTree(join(folder, name));
    } else if (kind === "folder") removeAbandoned(join(folder, name));
  }
}

/** Removes all wheels and all that indexes answered. */
export async function cleanCache(options: OperationOptions = {}): Promise<Removed> {
  const { store, cacheFolder } = openContext(options);
  const removed = await store.clean();
  for (const folder of ["builds", "index", "interpreters", "seeds", "answers", "catalogs"]) removeTree(join(cacheFolder, folder));
  return removed;
}
