import { createLimiter, PenError, removeTree, wakeThreads } from "#foundation";
import type { IndexClient, IndexFile } from "#index";
import type { NormalizedName } from "#standards";
import type { StoredWheel } from "#store";
import type { Context } from "../context.ts";
import { downloadProgress } from "./download-progress.ts";
import { findWholeOnes } from "./whole-wheel.ts";

/** A wheel file that is wanted in the store. */
export interface WantedWheel {
  readonly name: NormalizedName;
  readonly version: string;
  readonly file: IndexFile;
  /** `sha256:…` promises by the person or the lock; empty when only the index vouches. */
  readonly hashes: readonly string[];
}

const unpackAtOnce = 4;
/** So many wheels have files enough for more than one thread. */
const manyWheels = 16;
/** So many to be unpacked are worth the start of a thread. */
const manyMissing = 6;

/**
 * Brings wheels into the store: those that are there cost one look each, the others are downloaded side by side, checked and
 * unpacked. The answer is in the order of `wanted`. Errors: `NETWORK`, `HASH_MISMATCH`, `INVALID_WHEEL`, `OFFLINE`, …
 */
export async function fetchWheels(
  context: Context,
  client: IndexClient,
  { wanted }: { readonly wanted: readonly WantedWheel[] },
): Promise<StoredWheel[]> {
  if (wanted.length >= manyWheels) wakeThreads(1);
  const found = await findWholeOnes(context, wanted.map(promisedHash));
  if (found.every((wheel) => wheel !== undefined)) return found;
  context.emit({ type: "phase", phase: "download" });
  const oneOfMany = found.filter((wheel) => wheel === undefined).length >= manyMissing;
  const ending = new AbortController();
  const fetching = {
    context,
    client,
    folder: context.store.workFolder(),
    unpacking: createLimiter(unpackAtOnce),
    oneOfMany,
    signal: ending.signal,
  };
  const wheels = wanted.map(async (wheel, at) => found[at] ?? fetchOne(fetching, wheel));
  try {
    return await Promise.all(wheels);
  } finally {
    // After a failure the others are of no use, and shall not write any more when the folder goes.
    ending.abort(new PenError("INTERNAL", "Another wheel has failed"));
    await Promise.allSettled(wheels);
    removeTree(fetching.folder);
  }
}

/** The SHA-256 that the index states, where it is one that was promised. */
function promisedHash(wheel: WantedWheel): string | undefined {
  const { sha256 } = wheel.file.hashes;
  return sha256 !== undefined && isPromised(wheel, `sha256:${sha256}`) ? sha256 : undefined;
}

const isPromised = (wheel: WantedWheel, hash: string): boolean => wheel.hashes.length === 0 || wheel.hashes.includes(hash);

interface Fetching {
  readonly context: Context;
  readonly client: IndexClient;
  readonly folder: string;
  readonly unpacking: ReturnType<typeof createLimiter>;
  readonly oneOfMany: boolean;
  readonly signal: AbortSignal;
}

async function fetchOne({ context, client, folder, unpacking, oneOfMany, signal }: Fetching, wheel: WantedWheel): Promise<StoredWheel> {
  const { file } = wheel;
  const unpacked = (done: 0 | 1): void =>
    context.emit({ type: "progress", phase: "unpack", id: file.filename, done, total: 1, unit: "items" });
  const downloaded = await client.download(file, folder, { onProgress: downloadProgress(context.emit, file.filename), signal });
  unpacked(0);
  await checkPromise(wheel, downloaded.path, downloaded.sha256);
  const add = (): Promise<StoredWheel> => {
    signal.throwIfAborted();
    return context.store.add({
      path: downloaded.path,
      filename: file.filename,
      sha256: downloaded.sha256,
      verified: true,
      oneOfMany,
      expectedName: wheel.name,
      expectedVersion: wheel.version,
    });
  };
  // The largest first: so at the end no thread waits for one that has begun a large one late.
  const stored = await unpacking.run(add, downloaded.size);
  unpacked(1);
  return stored;
}

/** A promised hash may be of another strong algorithm than the index states: then the file itself is hashed again. */
export async function checkPromise(wheel: WantedWheel, path: string, sha256: string): Promise<void> {
  if (isPromised(wheel, `sha256:${sha256}`)) return;
  const { fileHashes } = await import("./hash.ts");
  const others = [...new Set(wheel.hashes.map((hash) => hash.split(":", 1)[0] ?? ""))].filter((algorithm) => algorithm !== "sha256");
  const actual = others.map((algorithm) => `${algorithm}:${fileHashes(path, [algorithm])[algorithm] ?? ""}`);
  if (actual.some((hash) => wheel.hashes.includes(hash))) return;
  throw new PenError("HASH_MISMATCH", `${wheel.file.filename} does not have a hash that was promised for ${wheel.name}`, {
    why: `Expected ${wheel.hashes.length === 1 ? wheel.hashes[0] : `one of\n  ${wheel.hashes.join("\n  ")}`}\ngot      sha256:${sha256}\nfrom     ${wheel.file.url}`,
    hint: "If the release was changed on purpose, take up its new hash; otherwise someone may have tampered with it.",
    data: { expected: [...wheel.hashes], got: `sha256:${sha256}`, url: wheel.file.url },
  });
}
