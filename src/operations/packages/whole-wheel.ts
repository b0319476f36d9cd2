import { warn } from "#foundation";
import type { StoredWheel } from "#store";
import type { Context } from "../context.ts";

/** A stored wheel, unless it is damaged: then it is dropped with a warning, so that it is fetched again and never linked in silence. */
export async function findWhole({ store, emit }: Context, sha256: string): Promise<StoredWheel | undefined> {
  const stored = store.find(sha256);
  const [damage] = stored === undefined ? [] : store.check(stored);
  if (stored === undefined || damage === undefined) return stored;
  const { name, version } = stored.manifest;
  warn(emit, "store-damaged", `The store's copy of ${name} ${version} was damaged (${damage.kind}: ${damage.path}); it is fetched again.`);
  await store.remove(sha256);
  return undefined;
}
