import {
  acquireLock,
  errnoOf,
  isFolder,
  isPenError,
  listFolder,
  readTextIfAny,
  removeFile,
  removeTree,
  sha256Hex,
  statusOf,
  writeAtomic,
} from "#foundation";
import { compareContent, findUnexpected } from "./damage.ts";
import { seal, unseal } from "./manifest.ts";
import { isSha256 } from "./places.ts";
import type { StoreContext } from "./context.ts";
import type { StoreProblem, StoredWheel, Use } from "./types.ts";

/** What was taken away. */
export interface Removed {
  readonly wheels: number;
  /** Bytes of their files by manifest; files that environments still link keep their space. */
  readonly bytes: number;
}

/** The store as a whole, for `pen cache`, and which environments use what. */
export interface Inventory {
  /** All wheels with a readable manifest, by SHA-256. */
  list(): StoredWheel[];
  /** How many wheels, and the bytes of their files by manifest. */
  size(): { readonly wheels: number; readonly bytes: number };
  /** Compares every file of every wheel with its hash, and finds files that do not belong there. */
  verify(): AsyncGenerator<StoreProblem>;
  /** Removes all wheels. Waits until no process holds the store. */
  clean(): Promise<Removed>;
  /** Removes what no environment uses any more, damaged entries, and what killed processes left. Waits until no process holds the store. */
  prune(): Promise<Removed>;
  /** Notes that the environment with this site-packages has these wheels; replaces what was noted of it. */
  recordUse(sitePackages: string, wheels: readonly StoredWheel[]): void;
  /** The SHA-256 of the wheels that were noted of the environment with this site-packages. */
  usedBy(sitePackages: string): readonly string[];
  /** The environments that use wheels, the latest first; those that are gone are left out. */
  uses(): Use[];
}

interface InventoryContext extends StoreContext {
  remove(sha256: string): Promise<void>;
}

export function openInventory(context: InventoryContext): Inventory {
  const list = () => [...entryNames(context)].map((sha256) => context.find(sha256)).filter((wheel) => wheel !== undefined);
  return {
    list,
    size: () => totalOf(list()),
    verify: () => verifyAll(context),
    clean: () => removeWhere(context, () => true),
    prune: async () => {
      const used = new Set(readUses(context).flatMap(({ wheels }) => wheels));
      return removeWhere(context, (wheel) => !used.has(wheel.manifest.sha256) && !isLinked(wheel));
    },
    recordUse: (sitePackages, wheels) => {
      const use: Use = { sitePackages, wheels: wheels.map(({ manifest }) => manifest.sha256) };
      writeUse(context, use);
    },
    usedBy: (sitePackages) => readable(() => readUse(usePath(context, sitePackages)))?.wheels ?? [],
    uses: () => readable(() => readUses(context)) ?? [],
  };
}

function* entryNames(context: StoreContext): Generator<string> {
  for (const { name, kind } of listFolder(context.places.root)) {
    if (kind !== "folder" || !/^[0-9a-f]{2}$/.test(name)) continue;
    for (const entry of listFolder(`${context.places.root}/${name}`)) if (isSha256(entry.name) && entry.kind === "folder") yield entry.name;
  }
}

function totalOf(wheels: readonly StoredWheel[]): Removed {
  return { wheels: wheels.length, bytes: wheels.reduce((sum, { manifest }) => sum + manifest.size, 0) };
}

async function* verifyAll(context: StoreContext): AsyncGenerator<StoreProblem> {
  for (const sha256 of entryNames(context)) {
    const wheel = context.find(sha256);
    if (wheel === undefined) {
      yield { sha256, path: context.places.entry(sha256), kind: "manifest" };
      continue;
    }
    yield* compareContent(wheel);
    yield* findUnexpected(wheel);
    // Others get a turn between two wheels: a progress bar, an interrupt.
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
}

/** A file of it has more names than the entry itself gives it: an environment that nobody noted holds it. */
function isLinked({ folder, manifest }: StoredWheel): boolean {
  const [file, second] = [`tree/${manifest.distInfo}`, manifest.requested.info].map((info) => statusOf(`${folder}/${info}/METADATA`));
  const own = second !== undefined && second.inode === file?.inode ? 2 : 1;
  return (file?.links ?? 0) > own;
}

async function removeWhere(context: InventoryContext, unwanted: (wheel: StoredWheel) => boolean): Promise<Removed> {
  if (!isFolder(context.places.root)) return { wheels: 0, bytes: 0 };
  const lock = await acquireLock(context.places.useLock, { emit: context.emit, resource: "the store" });
  try {
    const removed: StoredWheel[] = [];
    for (const sha256 of entryNames(context)) {
      const wheel = context.find(sha256);
      if (wheel !== undefined && !unwanted(wheel)) continue;
      if (wheel !== undefined) removed.push(wheel);
      await context.remove(sha256);
    }
    await removeLeftovers(context);
    return totalOf(removed);
  } finally {
    lock.release();
  }
}

/** What killed processes left half-done. A living process holds the lock of what it works on. */
async function removeLeftovers(context: StoreContext): Promise<void> {
  const folder = `${context.places.root}/growing`;
  for (const { name } of listFolder(folder)) {
    if (!isSha256(name)) {
      removeTree(`${folder}/${name}`);
      continue;
    }
    try {
      const lock = await acquireLock(context.places.lock(name), { timeoutMs: 0 });
      removeTree(`${folder}/${name}`);
      lock.release();
    } catch (error) {
      if (!isPenError(error, "LOCK_HELD")) throw error;
    }
  }
}

function usePath({ places }: StoreContext, sitePackages: string): string {
  return `${places.uses}/${sha256Hex(sitePackages).slice(0, 24)}.json`;
}

function readUse(path: string): Use | undefined {
  const text = readTextIfAny(path);
  return text === undefined ? undefined : (unseal(text) as Use | undefined);
}

function writeUse(context: StoreContext, use: Use): void {
  const path = usePath(context, use.sitePackages);
  try {
    writeAtomic(path, seal(JSON.stringify(use)));
  } catch (error) {
    // A store that cannot be written to does without; there nobody prunes either. The folder is there once something was added.
    const errno = errnoOf(error);
    if (isFolder(context.places.uses) && errno !== "ENOENT" && errno !== "EACCES" && errno !== "EPERM" && errno !== "EROFS") throw error;
  }
}

/** The notes of a cache that this user may not look into are somebody else's. Who prunes must know them all, and does not ask this way. */
function readable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (errnoOf(error) === "EACCES") return undefined;
    throw error;
  }
}

function readUses(context: StoreContext): Use[] {
  const found: Array<Use & { readonly time: number }> = [];
  for (const { name } of listFolder(context.places.uses)) {
    const path = `${context.places.uses}/${name}`;
    const use = name.endsWith(".json") ? readUse(path) : undefined;
    if (use === undefined || !isFolder(use.sitePackages)) removeFile(path);
    else found.push({ ...use, time: statusOf(path)?.mtimeMs ?? 0 });
  }
  return found.sort((a, b) => b.time - a.time).map(({ sitePackages, wheels }) => ({ sitePackages, wheels }));
}
