import { isPenError, type HeldLock } from "#foundation";
import type { Context } from "./context.ts";

/**
 * While the store is held, no other process prunes what is about to be linked. Undefined where the cache cannot be written to: then
 * nobody can be kept out, and what is stored can be used all the same.
 */
export async function holdStore({ store, signal }: Context): Promise<HeldLock | undefined> {
  try {
    return await store.hold(signal);
  } catch (error) {
    if (isPenError(error, "FILE_SYSTEM")) return undefined;
    throw error;
  }
}
