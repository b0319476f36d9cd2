import type { JsonValue } from "#foundation";
import {
  evaluateMarker,
  markerImplies,
  markerIsFalse,
  markerIsTrue,
  markerText,
  restrictGroups,
  trueMarker,
  type Marker,
  type MarkerEnvironment,
  type NormalizedName,
} from "#standards";
import { packagingText } from "./pipfile-lock-markers.ts";
import { newPipfileLockEntry } from "./pipfile-lock-reading.ts";
import type { PipfileLock, PipfileLockEntry, PipfileLockMeta } from "./pipfile-lock-types.ts";
import type { Lock, LockedPackage } from "./types.ts";

export interface CategoriesReading {
  /** Which of several entries for one package counts. */
  readonly environment: MarkerEnvironment;
  readonly meta: PipfileLockMeta;
  /** The category of a dependency group. */
  readonly categoryOf: (group: NormalizedName) => string;
  /** The path of a `file:` URL as Pipfile.lock has it: `./lib`. */
  readonly pathOf: (url: string) => string | undefined;
}

/**
 * A pylock.toml as the categories of a Pipfile.lock: what needs no dependency group is `default`, what a group needs beside it is its category.
 * Markers lose their questions about groups. Fails with INVALID_LOCK for what a Pipfile.lock cannot say.
 */
export function categoriesOfPylock(lock: Lock, reading: CategoriesReading): PipfileLock {
  const categories = new Map<string, PipfileLockEntry[]>([
    ["default", partOf(lock, new Set(), reading)],
    ["develop", []],
  ]);
  const defaults = new Map((categories.get("default") ?? []).map((entry) => [entry.name, entry]));
  for (const group of lock.dependencyGroups ?? []) {
    const category = reading.categoryOf(group);
    const known = categories.get(category) ?? [];
    const more = partOf(lock, new Set([group]), reading).filter((entry) => {
      const main = defaults.get(entry.name);
      return main === undefined || !markerImplies(entry.marker ?? trueMarker, main.marker ?? trueMarker) || main.version !== entry.version;
    });
    const names = new Set(known.map(({ name }) => name));
    categories.set(
      category,
      [...known, ...more.filter(({ name }) => !names.has(name))].sort((a, b) => (a.name < b.name ? -1 : 1)),
    );
  }
  return { meta: reading.meta, categories };
}

function partOf(lock: Lock, groups: ReadonlySet<string>, reading: CategoriesReading): PipfileLockEntry[] {
  const byName = new Map<NormalizedName, { one: LockedPackage; marker: Marker }[]>();
  for (const one of lock.packages) {
    const marker = restrictGroups(one.marker ?? trueMarker, groups);
    if (markerIsFalse(marker)) continue;
    byName.set(one.name, [...(byName.get(one.name) ?? []), { one, marker }]);
  }
  return [...byName.values()].flatMap((all) => {
    const chosen = all.length === 1 ? all[0] : all.find(({ marker }) => evaluateMarker(marker, reading.environment));
    return chosen === undefined ? [] : [entryOf(chosen.one, chosen.marker, reading)];
  });
}

function entryOf(one: LockedPackage, marker: Marker, reading: CategoriesReading): PipfileLockEntry {
  const hashes = [...new Set(one.files.flatMap(({ hashes }) => (hashes["sha256"] === undefined ? [] : [`sha256:${hashes["sha256"]}`])))];
  return newPipfileLockEntry(one.name, {
    ...originOf(one, reading),
    ...(hashes.length === 0 ? {} : { hashes: hashes.sort() }),
    ...(one.extras.length === 0 ? {} : { extras: one.extras }),
    ...(markerIsTrue(marker) ? {} : { markers: packagingText(markerText(marker)) }),
  });
}

function originOf({ direct, version }: LockedPackage, { pathOf }: CategoriesReading): Record<string, JsonValue> {
  if (direct === undefined) return { version: version === undefined ? "*" : `==${version}` };
  const { info, url, subdirectory } = direct;
  const inside = subdirectory === undefined ? {} : { subdirectory };
  switch (info.kind) {
    case "vcs":
      return { [info.vcs]: url, ref: info.commitId, ...inside };
    case "dir":
      return { path: pathOf(url) ?? url, ...(info.editable ? { editable: true } : {}), ...inside };
    case "archive": {
      const path = pathOf(url);
      return path === undefined ? { file: url, ...inside } : { path, ...inside };
    }
  }
}
