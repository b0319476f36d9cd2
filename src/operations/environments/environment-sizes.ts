import { isPenError, listFolder, pathExists, readTextIfAny, statusOf, writeAtomic, join } from "#foundation";
import type { Context } from "../context.ts";

/** Bytes that an environment takes on the disk. */
export interface EnvironmentSize {
  /** Its folders, and the files that have no other name: what deleting it gives back. */
  readonly own: number;
  /** Files that are hard links, to the store or to other environments. */
  readonly shared: number;
}

/** An environment, and its folders that change when something is installed. */
export interface MeasuredFolders {
  readonly path: string;
  /** The folders of packages, and when they were changed last (milliseconds since 1970). */
  readonly changes: ReadonlyMap<string, number>;
}

interface Remembered extends EnvironmentSize {
  /** The times of the folders that change when something is installed. */
  readonly state: string;
}

/**
 * The sizes of environments by path. What was measured is remembered in the cache folder until something is installed or removed: looking at
 * every file of a thousand environments takes seconds. Links are not followed. Between two that are measured `signal` can end it. Errors: its reason.
 */
export async function measureEnvironments(
  context: Context,
  environments: readonly MeasuredFolders[],
): Promise<Map<string, EnvironmentSize>> {
  const file = join(context.cacheFolder, "environment-sizes.json");
  const known = readKnown(file);
  const next: Record<string, Remembered> = {};
  let isNew = false;
  for (const { path, changes } of environments) {
    const state = stateOf(path, changes);
    const before = Object.hasOwn(known, path) ? known[path] : undefined;
    if (before?.state === state) next[path] = before;
    else {
      await new Promise((resolve) => setImmediate(resolve));
      context.signal?.throwIfAborted();
      next[path] = { ...measure(path), state };
      isNew = true;
    }
  }
  if (isNew) remember(file, { ...othersIn(known, next), ...next });
  return new Map(Object.entries(next).map(([path, { own, shared }]) => [path, { own, shared }]));
}

/** What is remembered of environments that were not asked for this time, and are still there. */
function othersIn(known: Readonly<Record<string, Remembered>>, now: object): Record<string, Remembered> {
  return Object.fromEntries(Object.entries(known).filter(([path]) => !Object.hasOwn(now, path) && pathExists(path)));
}

function stateOf(root: string, changes: ReadonlyMap<string, number>): string {
  return [...[root, `${root}/bin`].map((folder) => statusOf(folder)?.mtimeMs ?? 0), ...changes.values()].join(" ");
}

/** The size of one environment, looked at now. */
export function measure(root: string): EnvironmentSize {
  let own = statusOf(root)?.disk ?? 0;
  let shared = 0;
  const waiting = [root];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    for (const { name, kind } of entriesOf(folder)) {
      const path = `${folder}/${name}`;
      if (kind === "folder") waiting.push(path);
      const status = statusOf(path);
      if (status === undefined) continue;
      if (kind === "file" && status.links > 1) shared += status.disk;
      else own += status.disk;
    }
  }
  return { own, shared };
}

function entriesOf(folder: string): ReturnType<typeof listFolder> {
  try {
    return listFolder(folder);
  } catch (error) {
    if (isPenError(error, "FILE_SYSTEM")) return []; // What cannot be looked into is not counted.
    throw error;
  }
}

function readKnown(file: string): Readonly<Record<string, Remembered>> {
  try {
    const value = JSON.parse(readTextIfAny(file) ?? "{}") as unknown;
    if (typeof value !== "object" || value === null) return {};
    const entries = Object.entries(value as Record<string, Partial<Remembered> | null>);
    return Object.fromEntries(entries.filter((entry): entry is [string, Remembered] => isRemembered(entry[1])));
  } catch {
    return {}; // It is measured anew.
  }
}

function isRemembered(value: Partial<Remembered> | null): boolean {
  return value !== null && typeof value.own === "number" && typeof value.shared === "number" && typeof value.state === "string";
}

function remember(file: string, sizes: Readonly<Record<string, Remembered>>): void {
  try {
    writeAtomic(file, JSON.stringify(sizes));
  } catch (error) {
    if (!isPenError(error, "FILE_SYSTEM")) throw error; // Where nothing can be remembered, it is measured again.
  }
}
