/** Finding what is in the store, and taking it out: without the parts that check and unpack wheels. */
import { errnoOf, PenError, readBytesIfAny, removeTree, rename, temporaryBeside } from "#foundation";
import { parseManifest } from "./manifest.ts";
import { type StorePlaces, isSha256 } from "./places.ts";
import type { StoredWheel } from "./types.ts";

/** The entry of a wheel, when it is there and its manifest is in order. */
export function findEntry(places: StorePlaces, sha256: string): StoredWheel | undefined {
  if (!isSha256(sha256)) return undefined;
  const folder = places.entry(sha256);
  const bytes = readableBytes(`${folder}/manifest.json`);
  const manifest = bytes === undefined ? undefined : parseManifest(bytes, sha256);
  return manifest && { folder, manifest };
}

/** What this user may not read is not there for them: the cache of another one, as when HOME is still that of root. */
function readableBytes(path: string): Uint8Array | undefined {
  try {
    return readBytesIfAny(path);
  } catch (error) {
    if (errnoOf(error) === "EACCES") return undefined;
    throw error;
  }
}

/** Takes an entry out of sight in one step, then deletes it; also what a killed process left. Only with the entry's lock. */
export function discard(folder: string, growing: string): void {
  removeTree(growing);
  const away = temporaryBeside(growing);
  try {
    rename(folder, away);
  } catch (error) {
    if (error instanceof PenError && error.data["errno"] === "ENOENT") return;
    throw error;
  }
  removeTree(away);
}
