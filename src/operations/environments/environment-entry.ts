/** Remembering one environment. Apart from the rest of the registry, because every command that works in one does it. */
import { dataDir, isPenError, makeFolders, pathExists, realPath, sha256Hex, writeAtomic, type Emit, type Host, join } from "#foundation";

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
    writeEntry(file, path, host);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    emit({ type: "log", level: "debug", code: "environment-not-remembered", message: `\`pen env list\` will not know ${root}: ${why}` });
  }
}

/** Where the entries of all environments stand. */
export const registryFolder = (host: Host): string => join(dataDir(host), "registry", "v1");

/** The entry of the environment at `path`. */
export function entryFile(path: string, host: Host): string {
  return join(registryFolder(host), nameOf(path));
}

/** What the entry of the environment at `path` is called. */
export const nameOf = (path: string): string => `${sha256Hex(path).slice(0, 32)}.json`;

/** Writes an entry. Errors: FILE_SYSTEM. */
export function writeEntry(file: string, path: string, host: Host): void {
  const text = `${JSON.stringify({ path })}\n`;
  try {
    writeAtomic(file, text, { mode: 0o600 });
  } catch (error) {
    if (!isPenError(error, "FILE_SYSTEM") || error.data["errno"] !== "ENOENT") throw error;
    makeFolders(registryFolder(host));
    writeAtomic(file, text, { mode: 0o600 });
  }
}
