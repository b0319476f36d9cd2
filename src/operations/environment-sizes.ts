import { join } from "node:path";
import { isPenError, listFolder, readTextIfAny, statusOf, writeAtomic } from "#foundation";
import type { Context } from "./context.ts";

/** Bytes of the files of an environment. */
export interface EnvironmentSize {
  /** Of files that have no other name: what deleting it gives back. */
  readonly own: number;
  /** Of files that are hard links, to the store or to other environments. */
  readonly shared: number;
}

/** An environment, and its folders that change when something is installed. */
export interface MeasuredFolders {
  readonly path: string;
  readonly folders: readonly string[];
}

interface Remembered extends EnvironmentSize {
  /** The times of the folders that change when something is installed. */
  readonly state: string;
}

/**
 * The sizes of environments by path. What was measured is remembered in the cache folder until something is installed or removed: looking at
 * every file of a thousand environments takes seconds. Links are not followed.
 */
export function measureEnvironments(context: Context, environments: readonly MeasuredFolders[]): Map<string, EnvironmentSize> {
  const file = join(context.cacheFolder, "environment-sizes.json");
  const known = readKnown(file);
  const next: Record<string, Remembered> = {};
  let isNew = false;
  for (const { path, folders } of environments) {
    const state = stateOf(path, folders);
    const before = Object.hasOwn(known, path) ? known[path] : undefined;
    if (before?.state === state) next[path] = before;
    else {
      next[path] = { ...measure(path), state };
      isNew = true;
    }
  }
  if (isNew) remember(file, next);
  return new Map(Object.entries(next).map(([path, { own, shared }]) => [path, { own, shared }]));
}

function stateOf(root: string, folders: readonly string[]): string {
  return [root, join(root, "bin"), ...folders].map((folder) => statusOf(folder)?.mtimeMs ?? 0).join(" ");
}

/** The size of one environment, looked at now. */
export function measure(root: string): EnvironmentSize {
  let own = 0;
  let shared = 0;
  const waiting = [root];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    for (const { name, kind } of entriesOf(folder)) {
      const path = `${folder}/${name}`;
      if (kind === "folder") waiting.push(path);
      if (kind !== "file") continue;
      const status = statusOf(path);
      if (status === undefined) continue;
      if (status.links > 1) shared += status.size;
      else own += status.size;
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
