import { isPenError, warn } from "#foundation";
import type { IndexClient, IndexFile } from "#index";
import type { InstalledDistribution } from "#installer";
import type { LockedFile } from "#lock";
import type { WheelManifest } from "#store";
import type { Context } from "../context.ts";

export interface FoundFile {
  readonly file: LockedFile;
  readonly index: string | undefined;
}

/**
 * Finds the files that installed versions came from: the very wheel where the store has it, by the hashes in RECORD; else all that the index publishes.
 * The index is asked for their places only; unreachable, it is not asked again.
 */
export class WheelOrigins {
  readonly #context: Context;
  readonly #client: IndexClient;
  readonly #used: readonly WheelManifest[];
  #all: readonly WheelManifest[] | undefined;
  #reachable = true;
  readonly #placeless: string[] = [];

  /** `used`: the SHA-256 of the wheels that the store noted of the environment. */
  constructor(context: Context, client: IndexClient, used: readonly string[]) {
    this.#context = context;
    this.#client = client;
    this.#used = used.flatMap((sha256) => context.store.find(sha256)?.manifest ?? []);
  }

  async find(distribution: InstalledDistribution, version: string): Promise<FoundFile[]> {
    const stored = this.#storedWheel(distribution, version);
    const listed = (await this.#listed(distribution.name, version)).filter(({ hashes }) => hashes["sha256"] !== undefined);
    if (stored === undefined) {
      const sdists = listed.filter(({ kind }) => kind === "sdist").slice(0, 1);
      return [...listed.filter(({ kind }) => kind === "wheel"), ...sdists].map(foundFile);
    }
    const { filename, sha256 } = stored;
    const very = listed.find(({ hashes }) => hashes["sha256"] === sha256);
    if (very !== undefined) return [foundFile(very)];
    this.#placeless.push(distribution.name);
    const file = { filename, url: undefined, path: filename, hashes: { sha256 }, size: undefined, uploadTime: undefined };
    return [{ file, index: undefined }];
  }

  /** Tells of files without a URL: each stands for one beside the lock, or in a store. */
  tellOfPlaceless(): void {
    if (this.#placeless.length === 0) return;
    const names = this.#placeless.join(", ");
    warn(
      this.#context.emit,
      "no-url",
      `The index was not asked, or does not have the very wheels of: ${names}. They are locked by hash; \`pen env import\` takes them from the store, other tools from beside the lock.`,
    );
  }

  #storedWheel(distribution: InstalledDistribution, version: string): WheelManifest | undefined {
    const fits = (wheel: WheelManifest): boolean =>
      wheel.name === distribution.name && wheel.version === version && isInstalledFrom(distribution, wheel);
    const noted = this.#used.find(fits);
    if (noted !== undefined || distribution.installer() !== "pen") return noted;
    this.#all ??= this.#context.store.list().map(({ manifest }) => manifest);
    return this.#all.find(fits);
  }

  async #listed(name: InstalledDistribution["name"], version: string): Promise<readonly IndexFile[]> {
    if (!this.#reachable) return [];
    try {
      const listing = await this.#client.listing(name);
      return listing?.versions.find(({ text }) => text === version)?.files() ?? [];
    } catch (error) {
      if (!isPenError(error) || error.code === "CANCELLED") throw error;
      if (error.code === "NETWORK") this.#reachable = false;
      return [];
    }
  }
}

/** What an installer writes into every `.dist-info` by itself. */
const personal = /\.dist-info\/(?:RECORD|INSTALLER|REQUESTED|direct_url\.json)$/;

/** Every file of the wheel is in RECORD with the same hash: another build of the version has another one somewhere. */
function isInstalledFrom(distribution: InstalledDistribution, wheel: WheelManifest): boolean {
  try {
    const rows = new Map((distribution.record() ?? []).map(({ path, hash }) => [path, hash?.digest] as const));
    return wheel.files.every(({ scheme, path, hash }) => scheme !== "lib" || personal.test(path) || rows.get(path) === hash);
  } catch (error) {
    if (isPenError(error)) return false; // A RECORD that cannot be read.
    throw error;
  }
}

function foundFile(file: IndexFile): FoundFile {
  const { filename, url, hashes, size, uploadTime } = file;
  return { file: { filename, url, path: undefined, hashes, size, uploadTime }, index: file.index === "" ? undefined : file.index };
}
