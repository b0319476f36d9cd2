import { isProcessAlive, isTemporaryName, listFolder, readTextIfAny, removeFile, statusOf, temporaryOwner, type Host } from "#foundation";
import { entryFile, nameOf, registryFolder, writeEntry } from "./environment-entry.ts";

/** Forgets the environment that stood at `root`. Never throws. */
export function forgetEnvironment(root: string, host: Host): void {
  try {
    removeFile(entryFile(root, host));
  } catch {
    // The next list drops it.
  }
}

/** The folders of all environments that are remembered and still there; the others are forgotten. */
export function rememberedEnvironments(host: Host): string[] {
  const folder = registryFolder(host);
  return entryNames(folder).flatMap((name) => {
    const file = `${folder}/${name}`;
    if (isTemporaryName(name)) {
      if (!isProcessAlive(temporaryOwner(name))) tryRemove(file);
      return [];
    }
    const path = pathIn(file, name);
    if (path === undefined) tryRemove(file);
    else if (stands(path)) return [path];
    else drop(file, path, host);
    return [];
  });
}

/** Another process may make the environment in this very moment: it writes its entry after the folder, so looking again afterwards is enough. */
function drop(file: string, path: string, host: Host): void {
  tryRemove(file);
  if (!stands(path)) return;
  try {
    writeEntry(file, path, host);
  } catch {
    // It is remembered when pen next works in it.
  }
}

function entryNames(folder: string): string[] {
  try {
    return listFolder(folder).flatMap(({ name, kind }) => (kind === "file" ? [name] : []));
  } catch {
    return []; // Somebody else's, or no folder at all.
  }
}

/** The path that an entry holds; undefined for what pen did not write. */
function pathIn(file: string, name: string): string | undefined {
  try {
    const value: unknown = JSON.parse(readTextIfAny(file) ?? "null");
    if (typeof value !== "object" || value === null || !("path" in value) || typeof value.path !== "string") return undefined;
    return nameOf(value.path) === name ? value.path : undefined;
  } catch {
    return undefined;
  }
}

/** False only when nothing is there: a folder that may not be looked at may well stand. */
function stands(path: string): boolean {
  try {
    return statusOf(path) !== undefined;
  } catch {
    return true;
  }
}

function tryRemove(file: string): void {
  try {
    removeFile(file);
  } catch {
    // Read-only: it is passed over every time.
  }
}
