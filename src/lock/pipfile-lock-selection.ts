import { pathToFileURL, PenError, printableLine, resolve } from "#foundation";
import { orMarkers, parseHash, trueMarker, type DirectUrl, type Marker, type NormalizedName } from "#standards";
import { sortLock } from "./lock.ts";
import type { PipfileLock, PipfileLockEntry } from "./pipfile-lock-types.ts";
import type { Lock, LockedFile, LockedPackage } from "./types.ts";

/**
 * What these categories of a Pipfile.lock want, as a lock. A package of several categories is needed where one of them needs it, in the version of
 * the last one, as pipenv installs them one after the other. Files are known by their hashes only: their `filename` is empty. `folder` is the one
 * that the lock lies in, absolute. Fails with INVALID_LOCK for a category that is not there.
 */
export function lockOfCategories(lock: PipfileLock, categories: readonly string[], folder: string): Lock {
  const chosen = new Map<NormalizedName, LockedPackage>();
  for (const category of categories) {
    const entries = lock.categories.get(category);
    if (entries === undefined) throw missingCategory(lock, category);
    for (const entry of entries) chosen.set(entry.name, merged(chosen.get(entry.name), lockedPackage(entry, lock, folder)));
  }
  return sortLock({ requiresPython: undefined, environments: [], packages: [...chosen.values()] });
}

function missingCategory(lock: PipfileLock, category: string): PenError {
  return new PenError("INVALID_LOCK", `The lock has no category ${printableLine(category)}`, {
    why: `It has: ${[...lock.categories.keys()].map(printableLine).join(", ")}.`,
    hint: "Lock again, or name a category that is there.",
    data: { place: category },
  });
}

function merged(before: LockedPackage | undefined, after: LockedPackage): LockedPackage {
  if (before === undefined) return after;
  return { ...after, marker: eitherMarker(before.marker, after.marker), extras: [...new Set([...before.extras, ...after.extras])].sort() };
}

function eitherMarker(a: Marker | undefined, b: Marker | undefined): Marker | undefined {
  const either = orMarkers(a, b);
  return either === trueMarker ? undefined : either;
}

function lockedPackage(entry: PipfileLockEntry, lock: PipfileLock, folder: string): LockedPackage {
  return {
    name: entry.name,
    version: entry.version,
    marker: entry.marker,
    requiresPython: undefined,
    extras: entry.extras,
    direct: directUrl(entry, folder),
    index: lock.meta.sources.find(({ name }) => name === entry.index)?.url,
    files: entry.hashes.map(lockedFile),
    requiredBy: [],
    dependencies: [],
  };
}

function lockedFile(text: string): LockedFile {
  const { algorithm, digest } = parseHash(text);
  return { filename: "", url: undefined, path: undefined, hashes: { [algorithm]: digest }, size: undefined, uploadTime: undefined };
}

function directUrl({ origin, editable, hashes }: PipfileLockEntry, folder: string): DirectUrl | undefined {
  switch (origin.kind) {
    case "index":
      return undefined;
    case "path":
      return { url: fileUrl(origin.path, folder), info: { kind: "dir", editable } };
    case "file": {
      const promised = Object.fromEntries(hashes.map(parseHash).map(({ algorithm, digest }) => [algorithm, digest]));
      return { url: fileUrl(origin.url, folder), info: { kind: "archive", hashes: promised } };
    }
    case "vcs": {
      const { vcs, url, ref = "", subdirectory } = origin;
      return { url, ...(subdirectory === undefined ? {} : { subdirectory }), info: { kind: "vcs", vcs, commitId: ref } };
    }
  }
}

function fileUrl(location: string, folder: string): string {
  return /^[a-z][a-z0-9+.-]+:/i.test(location) ? location : pathToFileURL(resolve(folder, location)).href;
}
