import { isPenError, makeTemporaryFolder, removeTree, warn, type HeldLock } from "#foundation";
import type { StoreOptions } from "./context.ts";
import type { Store } from "./interface.ts";
import type { StoredWheel } from "./types.ts";

/** What a system answers where this user may look and not write, and where there can be no folder: below `/dev/null`, which is the home of some users. */
const readOnlyErrors = new Set(["EROFS", "EACCES", "EPERM", "ENOTDIR"]);

/**
 * A store for a cache folder that may be read-only. What it holds is used; what must be added goes into a store of its own in the temporary folder, which
 * is removed when the last holder lets go. So a command works with a cache that it cannot fill, only not faster the next time.
 */
export function withPassingStore(shelf: Store, { host, emit, cacheFolder }: StoreOptions, open: (options: StoreOptions) => Store): Store {
  let passing: { readonly folder: string; readonly store: Store } | undefined;
  let holders = 0;
  const openPassing = (error: unknown): Store => {
    if (passing !== undefined) return passing.store;
    if (!isReadOnly(error, cacheFolder)) throw error;
    warn(emit, "cache-read-only", `pen's cache cannot be written to: ${cacheFolder}. What it lacks is used for this command alone.`);
    const folder = makeTemporaryFolder(host.tmp);
    passing = { folder, store: open({ host, emit, cacheFolder: folder }) };
    return passing.store;
  };
  const letGo = (): void => {
    holders -= 1;
    if (holders > 0 || passing === undefined) return;
    removeTree(passing.folder);
    passing = undefined;
  };
  return {
    ...shelf,
    find: (sha256) => shelf.find(sha256) ?? passingOnly(passing?.store.find(sha256)),
    add: async (wheel) => {
      if (passing !== undefined) return passingOnly(await passing.store.add(wheel));
      try {
        return await shelf.add(wheel);
      } catch (error) {
        return passingOnly(await openPassing(error).add(wheel));
      }
    },
    workFolder: () => {
      try {
        return (passing?.store ?? shelf).workFolder();
      } catch (error) {
        return openPassing(error).workFolder();
      }
    },
    hold: async (signal) => {
      const held = await holdOrPass(shelf, signal, cacheFolder);
      holders += 1;
      return {
        release: () => {
          held?.release();
          letGo();
        },
      };
    },
  };
}

function passingOnly<T extends StoredWheel | undefined>(wheel: T): T {
  return wheel === undefined ? wheel : { ...wheel, passing: true };
}

/** Nobody prunes what cannot be written to: where there is no place for the lock, none is needed. */
async function holdOrPass(shelf: Store, signal: AbortSignal | undefined, cacheFolder: string): Promise<HeldLock | undefined> {
  try {
    return await shelf.hold(signal);
  } catch (error) {
    if (isReadOnly(error, cacheFolder)) return undefined;
    throw error;
  }
}

function isReadOnly(error: unknown, cacheFolder: string): boolean {
  if (!isPenError(error, "FILE_SYSTEM")) return false;
  const { errno, path } = error.data;
  return typeof errno === "string" && readOnlyErrors.has(errno) && typeof path === "string" && path.startsWith(cacheFolder);
}
