import { fileURLToPath, isPenError, PenError, printableLine, dirname, isAbsolute, relative, resolve } from "#foundation";
import type { PipfileLock } from "#lock";
import type { Pipfile } from "#project";

/**
 * A lock may come from a stranger, and what lies at a path in it is built: a path that leads out of the project must be one of the Pipfile, or lie
 * below one. Errors: `INVALID_LOCK`.
 */
export function checkLockedPaths(lock: PipfileLock, pipfile: Pipfile): void {
  const stray = strayPath(lock, pipfile);
  if (stray !== undefined) throw stray;
}

/** The error about the first path that `checkLockedPaths` refuses; undefined for a lock without one. */
export function strayPath(lock: PipfileLock, pipfile: Pipfile): PenError | undefined {
  const root = dirname(resolve(pipfile.path));
  let allowed: string[] | undefined;
  for (const [category, entries] of lock.categories) {
    for (const { key, origin } of entries) {
      const path = origin.kind === "path" ? localPath(origin.path, root) : origin.kind === "file" ? localPath(origin.url, root) : undefined;
      if (path === undefined || isBelow(path, root)) continue;
      allowed ??= pathsOf(pipfile, root);
      if (allowed.some((one) => isBelow(path, dirname(one)))) continue;
      return new PenError("INVALID_LOCK", `Pipfile.lock names a path outside of the project: ${printableLine(path)}`, {
        why: `${printableLine(key)} in ${printableLine(category)} comes from there, and the Pipfile names nothing there.`,
        hint: "If you want it, name it in the Pipfile. Otherwise remove the lock and make it anew with: pen lock",
        data: { place: `${category}.${key}` },
      });
    }
  }
  return undefined;
}

function pathsOf(pipfile: Pipfile, root: string): string[] {
  return [...pipfile.categories.values()].flat().flatMap(({ origin }) => {
    const path = origin.kind === "path" ? localPath(origin.path, root) : origin.kind === "file" ? localPath(origin.url, root) : undefined;
    return path === undefined ? [] : [path];
  });
}

function isBelow(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way !== ".." && !/^\.\.[/\\]/.test(way) && !isAbsolute(way);
}

/** Undefined for what is on the network. */
export function localPath(location: string, root: string): string | undefined {
  if (!/^[a-z][a-z0-9+.-]+:/i.test(location)) return resolve(root, location);
  if (!/^file:/i.test(location)) return undefined;
  try {
    return fileURLToPath(location);
  } catch (error) {
    if (isPenError(error) || !(error instanceof Error)) throw error;
    return undefined;
  }
}
