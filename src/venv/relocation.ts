import { createHasher, listFolder, readBytes, readRange, readTextIfAny, statusOf, writeAtomic, dirname, join, posix } from "#foundation";
import { formatRecord, parseRecord, type RecordEntry } from "#standards";
import { relocatableScript, scriptPython } from "./script-heads.ts";
import type { EnvironmentPaths } from "./types.ts";

/** Where {@link relocateScripts} works: an {@link Environment}'s folders, or what is known of them. */
export type RelocationPaths = Pick<EnvironmentPaths, "purelib" | "platlib" | "scripts">;

/** The scripts in `bin` that name a Python by its whole path, with that path. Links are passed by. */
export function pinnedScripts(scripts: string): Array<{ readonly path: string; readonly python: string }> {
  return listFolder(scripts).flatMap(({ name, kind }) => {
    const path = join(scripts, name);
    const python = kind === "file" ? pythonOf(path) : undefined;
    return python === undefined ? [] : [{ path, python }];
  });
}

function pythonOf(path: string): string | undefined {
  // Programs are not read as a whole: the head of a script is short.
  const start = readRange(path, 0, Math.min(statusOf(path)?.size ?? 0, 16_384));
  return scriptPython(start);
}

/**
 * Scripts of other tools that start a Python for which `belongs` says true get a head that finds the `python` beside them: right here and wherever
 * the environment is moved to afterwards. Each is replaced in one step with its mode kept, and RECORD gets its new hash; a
 * script that is linked from the store is replaced by a file of its own. Gives the paths that were changed. Errors: FILE_SYSTEM.
 */
export function relocateScripts(paths: RelocationPaths, belongs: (python: string) => boolean): string[] {
  const changed: string[] = [];
  for (const { path, python } of pinnedScripts(paths.scripts)) {
    if (!belongs(python)) continue;
    const text = relocatableScript(readBytes(path));
    const mode = statusOf(path)?.mode;
    if (text === undefined || mode === undefined) continue;
    writeAtomic(path, text, { mode: mode | 0o200 });
    changed.push(path);
  }
  updateRecords(paths, changed);
  return changed;
}

/** Writes size and hash of files that were changed on purpose into the RECORDs that list them. A RECORD that cannot be read stays as it is. */
export function updateRecords({ purelib, platlib }: RelocationPaths, changed: readonly string[]): void {
  if (changed.length === 0) return;
  const wanted = new Set(changed);
  for (const library of new Set([purelib, platlib])) {
    for (const { name, kind } of listFolder(library)) {
      if (kind !== "folder" || !name.endsWith(".dist-info")) continue;
      const record = join(library, name, "RECORD");
      const rows = rowsOf(record);
      if (rows === undefined) continue;
      const renewed = rows.map((row) => renewedRow(row, library, wanted));
      if (renewed.some((row, at) => row !== rows[at])) writeAtomic(record, formatRecord(renewed));
    }
  }
}

function rowsOf(record: string): readonly RecordEntry[] | undefined {
  const text = readTextIfAny(record);
  if (text === undefined) return undefined;
  try {
    return parseRecord(text);
  } catch {
    return undefined; // `pen env doctor` tells of it.
  }
}

function renewedRow(row: RecordEntry, library: string, wanted: ReadonlySet<string>): RecordEntry {
  const path = posix.isAbsolute(row.path) ? posix.normalize(row.path) : posix.join(library, row.path);
  if (!wanted.has(path) || row.hash === undefined) return row;
  const bytes = readBytes(path);
  const hasher = createHasher();
  hasher.update(bytes);
  return { path: row.path, hash: { algorithm: "sha256", digest: hasher.base64url() }, size: bytes.length };
}

/** True for a Python in the `bin` of one of `roots` (absolute): the predicate for scripts of an environment that stood there. */
export function isPythonOf(roots: readonly string[]): (python: string) => boolean {
  const folders = new Set(roots.map((root) => join(root, "bin")));
  return (python) => folders.has(posix.normalize(dirname(python)));
}
