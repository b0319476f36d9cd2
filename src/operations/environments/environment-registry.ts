import { join } from "node:path";
import {
  dataDir,
  isPenError,
  isProcessAlive,
  isTemporaryName,
  listFolder,
  makeFolders,
  pathExists,
  readTextIfAny,
  realPath,
  removeFile,
  sha256Hex,
  statusOf,
  temporaryOwner,
  writeAtomic,
  type Emit,
  type Host,
} from "#foundation";

/** Whom a registry belongs to, and whom to tell. */
interface Owner {
  readonly host: Host;
  readonly emit: Emit;
}

/**
 * Remembers that an environment stands at `root` (absolute), for `pen env list`: one small file in pen's data folder, named by the hash of the
 * path. Costs one look where it is known already. Never throws: what cannot be written is told as a `debug` event.
 */
export function rememberEnvironment(root: string, { host, emit }: Owner): void {
  try {
    const path = realPath(root);
    const file = entryFile(path, host);
    if (pathExists(file)) return;
    write(file, path, host);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    emit({ type: "log", level: "debug", code: "environment-not-remembered", message: `\`pen env list\` will not know ${root}: ${why}` });
  }
}

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
    write(file, path, host);
  } catch {
    // It is remembered when pen next works in it.
  }
}

const registryFolder = (host: Host): string => join(dataDir(host), "registry", "v1");

function entryFile(path: string, host: Host): string {
  return join(registryFolder(host), nameOf(path));
}

const nameOf = (path: string): string => `${sha256Hex(path).slice(0, 32)}.json`;

function write(file: string, path: string, host: Host): void {
  const text = `${JSON.stringify({ path })}\n`;
  try {
    writeAtomic(file, text, { mode: 0o600 });
  } catch (error) {
    if (!isPenError(error, "FILE_SYSTEM") || error.data["errno"] !== "ENOENT") throw error;
    makeFolders(registryFolder(host));
    writeAtomic(file, text, { mode: 0o600 });
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
