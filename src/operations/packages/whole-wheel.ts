import { warn } from "#foundation";
import type { StoredWheel } from "#store";
import type { Context } from "../context.ts";

/** A stored wheel, unless it is damaged: then it is dropped with a warning, so that it is fetched again and never linked in silence. */
export async function findWhole(context: Context, sha256: string): Promise<StoredWheel | undefined> {
  return (await findWholeOnes(context, [sha256]))[0];
}

/** The same for many, which costs less than one after the other. Undefined where there is none. */
export async function findWholeOnes(
  { store, emit }: Context,
  hashes: ReadonlyArray<string | undefined>,
): Promise<Array<StoredWheel | undefined>> {
  const found: Array<StoredWheel | undefined> = [];
  const stored: StoredWheel[] = [];
  for (const sha256 of hashes) {
    const wheel = sha256 === undefined ? undefined : store.find(sha256);
    found.push(wheel);
    if (wheel !== undefined) stored.push(wheel);
  }
  const damaged = new Set<StoredWheel>();
  for (const [at, [damage]] of (await store.check(stored)).entries()) {
    const wheel = stored[at];
    if (wheel === undefined || damage === undefined) continue;
    const { name, version, sha256 } = wheel.manifest;
    warn(
      emit,
      "store-damaged",
      `The store's copy of ${name} ${version} was damaged (${damage.kind}: ${damage.path}); it is fetched again.`,
    );
    await store.remove(sha256);
    damaged.add(wheel);
  }
  return damaged.size === 0 ? found : found.map((wheel) => (wheel === undefined || damaged.has(wheel) ? undefined : wheel));
}
