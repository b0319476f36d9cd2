import {
  acquireLock,
  copyFile,
  isPenError,
  isTemporaryName,
  listFolder,
  makeFolders,
  makeTemporaryFolder,
  pathExists,
  readTextIfAny,
  removeTree,
  rename,
  sha256Hex,
  temporaryBeside,
  writeAtomic,
  type HeldLock,
  join,
} from "#foundation";
import type { BuiltWheel, SourceMetadata } from "#builds";
import { parseVersion, normalizeName } from "#standards";
import type { StoredWheel } from "#store";
import type { Context } from "../context.ts";
import { findWhole } from "../packages/whole-wheel.ts";

/** Most logs of failed builds that are kept. */
const mostLogs = 20;

/** What building has found out, kept by what decides the result: the source, the Python, the settings. */
export interface BuildCache {
  metadata(key: string): SourceMetadata | undefined;
  keepMetadata(key: string, metadata: SourceMetadata): void;
  /** The wheel that was built of this before, in the store. */
  wheel(key: string): Promise<StoredWheel | undefined>;
  /** The file of that wheel; undefined where it is gone. */
  wheelFile(key: string): BuiltWheel | undefined;
  keepWheel(key: string, built: BuiltWheel, stored: StoredWheel): void;
  /** Held while something is built, so that two commands do not do it twice. Undefined where the cache cannot be written to. */
  lock(key: string, label: string): Promise<HeldLock | undefined>;
  /** A new folder for sources and environments; to be removed by the caller. */
  workFolder(): string;
  /** Keeps the log of a build that failed and gives its path; undefined where that cannot be done. */
  keepLog(label: string, text: string): string | undefined;
}

interface KeptWheel {
  readonly filename: string;
  readonly sha256: string;
}

/** The key of a build: everything that its result depends on, as JSON can hold it. */
export function buildKey(facts: readonly unknown[]): string {
  return sha256Hex(JSON.stringify(facts));
}

/** Opens `builds/v1` of the cache folder. Touches nothing until it is used; a cache that cannot be written to only makes builds happen again. */
export function openBuildCache(context: Context): BuildCache {
  const root = join(context.cacheFolder, "builds", "v1");
  const place = (key: string): string => join(root, key.slice(0, 2), key);
  return {
    metadata: (key) => readMetadata(join(place(key), "metadata.json")),
    keepMetadata: (key, metadata) =>
      quietly(() => {
        makeFolders(place(key));
        const { name, versionText, requiresDist, requiresPython, providesExtra } = metadata;
        writeAtomic(
          join(place(key), "metadata.json"),
          JSON.stringify({ name, version: versionText, requiresDist, requiresPython, providesExtra }),
        );
      }),
    wheel: (key) => storedWheel(context, place(key)),
    wheelFile: (key) => {
      const filename = readKept(place(key))?.filename;
      const path = filename === undefined ? undefined : join(place(key), filename);
      return path === undefined || filename === undefined || !pathExists(path) ? undefined : { path, filename };
    },
    keepWheel: (key, built, stored) =>
      quietly(() => {
        const folder = place(key);
        makeFolders(folder);
        const target = join(folder, built.filename);
        const temporary = temporaryBeside(target);
        copyFile(built.path, temporary);
        rename(temporary, target);
        const kept: KeptWheel = { filename: built.filename, sha256: stored.manifest.sha256 };
        writeAtomic(join(folder, "wheel.json"), JSON.stringify(kept));
      }),
    lock: async (key, label) => {
      try {
        return await acquireLock(join(root, "locks", key), {
          emit: context.emit,
          resource: `the build of ${label}`,
          timeoutMs: 24 * 3600_000,
          ...(context.signal === undefined ? {} : { signal: context.signal }),
        });
      } catch (error) {
        if (isPenError(error, "FILE_SYSTEM")) return undefined;
        throw error;
      }
    },
    workFolder: () => quietly(() => makeTemporaryFolder(join(root, "work"))) ?? makeTemporaryFolder(context.host.tmp),
    keepLog: (label, text) =>
      text === "" ? undefined : quietly(() => keepLog(join(root, "logs"), { label, text, now: context.host.now() })),
  };
}

function quietly<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (isPenError(error, "FILE_SYSTEM")) return undefined;
    throw error;
  }
}

function readJson(path: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(readTextIfAny(path) ?? "null");
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined; // Damaged: it is made again.
  }
}

const isTexts = (value: unknown): value is readonly string[] => Array.isArray(value) && value.every((item) => typeof item === "string");

function readMetadata(path: string): SourceMetadata | undefined {
  const kept = readJson(path);
  if (kept === undefined) return undefined;
  const { name, version, requiresDist, requiresPython, providesExtra } = kept;
  if (typeof name !== "string" || typeof version !== "string" || !isTexts(requiresDist) || !isTexts(providesExtra)) return undefined;
  if (requiresPython !== undefined && typeof requiresPython !== "string") return undefined;
  try {
    return {
      name: normalizeName(name),
      version: parseVersion(version),
      versionText: version,
      requiresDist,
      requiresPython,
      providesExtra,
    };
  } catch {
    return undefined;
  }
}

function readKept(folder: string): KeptWheel | undefined {
  const kept = readJson(join(folder, "wheel.json"));
  const { filename, sha256 } = kept ?? {};
  return typeof filename === "string" && typeof sha256 === "string" && !filename.includes("/") ? { filename, sha256 } : undefined;
}

async function storedWheel(context: Context, folder: string): Promise<StoredWheel | undefined> {
  const kept = readKept(folder);
  if (kept === undefined) return undefined;
  const { filename, sha256 } = kept;
  const found = await findWhole(context, sha256);
  if (found !== undefined) return found;
  try {
    return await context.store.add({ path: join(folder, filename), filename, sha256 });
  } catch (error) {
    // Pruned from the store and damaged here: it is built again.
    if (!isPenError(error)) throw error;
    quietly(() => removeTree(folder));
    return undefined;
  }
}

function keepLog(folder: string, { label, text, now }: { label: string; text: string; now: number }): string {
  makeFolders(folder);
  const logs = listFolder(folder).filter(({ name }) => !isTemporaryName(name));
  for (const { name } of logs.slice(0, Math.max(0, logs.length - mostLogs + 1))) removeTree(join(folder, name));
  const stem = label.replace(/[^A-Za-z0-9._-]+/g, "-").slice(0, 80);
  const path = join(folder, `${String(Math.floor(now)).padStart(14, "0")}-${stem}.log`);
  writeAtomic(path, text, { mode: 0o600 });
  return path;
}
