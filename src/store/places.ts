import { join } from "#foundation";

/** Where everything of the store stands. */
export interface StorePlaces {
  /** `<cacheFolder>/wheels/v1`. */
  readonly root: string;
  entry(sha256: string): string;
  /** Where the entry grows until it is published, and where it goes when it is removed. Only the holder of the entry's lock works there. */
  growing(sha256: string): string;
  lock(sha256: string): string;
  /** Held shared by whoever links files, exclusively by whoever removes entries that are in order. */
  readonly useLock: string;
  readonly uses: string;
  magic(cacheTag: string): string;
}

export function storePlaces(cacheFolder: string): StorePlaces {
  const root = join(cacheFolder, "wheels", "v1");
  return {
    root,
    entry: (sha256) => `${root}/${sha256.slice(0, 2)}/${sha256}`,
    growing: (sha256) => `${root}/growing/${sha256}`,
    lock: (sha256) => `${root}/locks/${sha256}`,
    useLock: `${root}/locks/use`,
    uses: `${root}/uses`,
    magic: (cacheTag) => `${root}/magic/${cacheTag}`,
  };
}

/** True for a SHA-256 in lower-case hexadecimal. */
export function isSha256(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}
