import type { Emit, Host } from "#foundation";
import type { StorePlaces } from "./places.ts";
import type { StoredWheel } from "./types.ts";

export interface StoreOptions {
  readonly host: Host;
  /** pen's cache folder (see `cacheDir`); made when something is added. */
  readonly cacheFolder: string;
  readonly emit: Emit;
}

/** What the parts of the store share. */
export interface StoreContext extends StoreOptions {
  readonly places: StorePlaces;
  boot(): string;
  find(sha256: string): StoredWheel | undefined;
}
