import {
  PenError,
  kernelText,
  makeFolders,
  pathExists,
  readText,
  realPath,
  sha256Hex,
  targetStatusOf,
  writeAtomic,
  type PenErrorCode,
  join,
} from "#foundation";
import { configOf, externallyManagedFile } from "./environment-config.ts";
import type { Interpreter } from "./types.ts";

/** What pen remembers of one path. Files: `<cacheFolder>/interpreters/v1/<hash of the path>.json`. */
export type CacheEntry =
  | { readonly kind: "interpreter"; readonly interpreter: Interpreter }
  | { readonly kind: "failure"; readonly error: PenError };

/** A broken Python may be mended without a change of its executable (a library comes back): ask again after a day. */
const failureLifeMs = 24 * 60 * 60 * 1000;

/** The state of everything outside an executable's path that its answer depends on. Compared as a whole. */
interface Fingerprint {
  readonly real: string;
  readonly size: number;
  readonly mtimeMs: number;
  /** The kernel is part of the markers. */
  readonly system: string;
  /** The `pyvenv.cfg` that makes it an environment's, with its time. */
  readonly config: string;
  readonly configTime: number;
}

interface StoredEntry {
  readonly path: string;
  readonly fingerprint: Fingerprint;
  readonly savedAt: number;
  /** Files whose change also makes the answer stale: the loader (C library), the program behind a wrapper. */
  readonly watched: readonly { readonly path: string; readonly mtimeMs: number }[];
  readonly interpreter?: Interpreter;
  readonly failure?: { readonly code: PenErrorCode; readonly message: string; readonly why: string; readonly hint: string };
}

/** The present fingerprint of the executable at `path`; undefined when there is none or it cannot be read. */
export function fingerprintOf(path: string): Fingerprint | undefined {
  try {
    const status = targetStatusOf(path);
    if (status?.kind !== "file") return undefined;
    const config = configOf(path);
    const configTime = config === undefined ? 0 : (targetStatusOf(config)?.mtimeMs ?? 0);
    return { real: realPath(path), size: status.size, mtimeMs: status.mtimeMs, system: kernelText(), config: config ?? "", configTime };
  } catch {
    return undefined;
  }
}

function entryFile(cacheFolder: string, path: string): string {
  return join(cacheFolder, "interpreters", "v1", `${sha256Hex(path).slice(0, 40)}.json`);
}

/**
 * The remembered entry of `path`, if the executable has not changed since. Synchronous: one small file and four looks at
 * the file system. Anything unreadable is a miss. `now` is milliseconds since 1970.
 */
export function readCache(cacheFolder: string, path: string, now: number): CacheEntry | undefined {
  try {
    const file = entryFile(cacheFolder, path);
    const stored = storedEntry(JSON.parse(readText(file)));
    const present = fingerprintOf(path);
    if (stored === undefined || present === undefined || stored.path !== path || !sameFingerprint(stored.fingerprint, present))
      return undefined;
    for (const watched of stored.watched) if (targetStatusOf(watched.path)?.mtimeMs !== watched.mtimeMs) return undefined;
    if (stored.failure !== undefined) {
      const age = now - stored.savedAt;
      if (age < 0 || age > failureLifeMs) return undefined;
      const { code, message, why, hint } = stored.failure;
      return { kind: "failure", error: new PenError(code, message, { why, hint, data: { path } }) };
    }
    return stored.interpreter === undefined || !stillHolds(stored.interpreter)
      ? undefined
      : { kind: "interpreter", interpreter: revive(stored.interpreter) };
  } catch {
    return undefined;
  }
}

/** What was asked of the interpreter, and the state of its executable before it was asked. */
export interface CacheRecord {
  readonly path: string;
  readonly fingerprint: Fingerprint;
  readonly watched: readonly string[];
  readonly now: number;
}

/** Remembers an answer or a failure. A cache that cannot be written is no error: pen asks again next time. */
export function writeCache(cacheFolder: string, entry: CacheEntry, facts: CacheRecord): void {
  try {
    const watched = facts.watched.flatMap((path) => {
      const status = targetStatusOf(path);
      return status === undefined ? [] : [{ path, mtimeMs: status.mtimeMs }];
    });
    const stored: StoredEntry = { path: facts.path, fingerprint: facts.fingerprint, savedAt: facts.now, watched, ...payload(entry) };
    makeFolders(join(cacheFolder, "interpreters", "v1"));
    writeAtomic(entryFile(cacheFolder, facts.path), JSON.stringify(stored));
  } catch {
    // Read-only or full: the answer is used without being remembered.
  }
}

function payload(entry: CacheEntry): Pick<StoredEntry, "interpreter" | "failure"> {
  if (entry.kind === "interpreter") return { interpreter: entry.interpreter };
  const { code, message, why, hint } = entry.error;
  return { failure: { code, message, why: why ?? "", hint: hint ?? "" } };
}

function sameFingerprint(a: Fingerprint, b: Fingerprint): boolean {
  return (
    a.real === b.real &&
    a.size === b.size &&
    a.mtimeMs === b.mtimeMs &&
    a.system === b.system &&
    a.config === b.config &&
    a.configTime === b.configTime
  );
}

/** Two cheap facts that change without the executable: the base of an environment goes away, a system puts up the PEP 668 mark. */
function stillHolds(interpreter: Interpreter): boolean {
  if (!pathExists(interpreter.baseExecutable)) return false;
  return (
    interpreter.isVirtualEnvironment || externallyManagedFile(interpreter.paths.stdlib) === (interpreter.externallyManaged ?? undefined)
  );
}

/** JSON has no `undefined`: the optional fields come back as own fields, so that cached and fresh values are alike. Nobody else has what was just read. */
function revive(interpreter: { -readonly [Field in keyof Interpreter]: Interpreter[Field] }): Interpreter {
  interpreter.ensurepipWheels ??= undefined;
  interpreter.externallyManaged ??= undefined;
  interpreter.sharedLibrary ??= undefined;
  return interpreter;
}

/** The shape of a damaged file can be anything: only what the reader touches is checked, entry by entry. */
function storedEntry(value: unknown): StoredEntry | undefined {
  if (!isObject(value) || !isObject(value["fingerprint"]) || typeof value["path"] !== "string" || !Array.isArray(value["watched"]))
    return undefined;
  const { interpreter, failure } = value;
  if (failure !== undefined)
    return isObject(failure) && typeof failure["code"] === "string" ? (value as unknown as StoredEntry) : undefined;
  return looksLikeInterpreter(interpreter) ? (value as unknown as StoredEntry) : undefined;
}

function looksLikeInterpreter(value: unknown): value is Interpreter {
  return (
    isObject(value) &&
    typeof value["executable"] === "string" &&
    typeof value["realExecutable"] === "string" &&
    typeof value["implementation"] === "string" &&
    typeof value["version"] === "string" &&
    typeof value["prefix"] === "string" &&
    typeof value["basePrefix"] === "string" &&
    typeof value["baseExecutable"] === "string" &&
    typeof value["cacheTag"] === "string" &&
    typeof value["platlibdir"] === "string" &&
    isObject(value["markers"]) &&
    isObject(value["tagTarget"]) &&
    isObject(value["paths"]) &&
    Array.isArray(value["versionInfo"]) &&
    typeof value["isVirtualEnvironment"] === "boolean"
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
