import { PenError, acquireLock, makeTemporaryFolder, threadCount } from "#foundation";
import { bootId } from "./boot.ts";
import { openBytecode } from "./bytecode.ts";
import type { StoreContext, StoreOptions } from "./context.ts";
import { compareContent, findDamage } from "./damage.ts";
import { discard, findEntry } from "./entries.ts";
import { openInventory } from "./inventory.ts";
import type { Store, WheelFile } from "./interface.ts";
import { withPassingStore } from "./passing.ts";
import { isSha256, storePlaces } from "./places.ts";
import type { StoredWheel } from "./types.ts";

/** Opens the store in a cache folder. Touches nothing until it is used. A cache folder that is read-only is used as far as it goes. */
export function openStore(options: StoreOptions): Store {
  return withPassingStore(openShelf(options), options, openShelf);
}

function openShelf(options: StoreOptions): Store {
  const places = storePlaces(options.cacheFolder);
  let known: string | undefined;
  const boot = () => (known ??= bootId(options.host));
  const context: StoreContext = { ...options, places, boot, find: (sha256) => findEntry(places, sha256) };
  const inventory = openInventory({ ...context, remove: (sha256) => removeEntry(sha256, context) });
  return {
    ...inventory,
    ...openBytecode(context, () => inventory.uses()),
    find: context.find,
    add: (wheel) => add(wheel, context),
    check: (wheels) => findDamage(wheels, boot()),
    checkContent: compareContent,
    folder: places.root,
    workFolder: () => makeTemporaryFolder(`${places.root}/growing`),
    remove: (sha256) => removeEntry(sha256, context),
    hold: (signal) =>
      acquireLock(places.useLock, { shared: true, emit: options.emit, resource: "the store", ...(signal === undefined ? {} : { signal }) }),
  };
}

/** What checks and unpacks wheels is loaded with the first that comes. */
async function add(wheel: WheelFile, context: StoreContext): Promise<StoredWheel> {
  if (wheel.oneOfMany !== true || threadCount() === 0) return (await import("./adding.ts")).addWheel(wheel, context);
  const { addInThread } = await import("./apart.ts");
  const stored = context.find(await addInThread(wheel, context));
  if (stored === undefined) throw new PenError("STORE_DAMAGED", `The stored wheel ${wheel.filename} is gone again`);
  return stored;
}

async function removeEntry(sha256: string, context: StoreContext): Promise<void> {
  if (!isSha256(sha256)) return;
  const lock = await acquireLock(context.places.lock(sha256), { emit: context.emit, resource: "the store" });
  try {
    discard(context.places.entry(sha256), context.places.growing(sha256));
  } finally {
    lock.release();
  }
}
