/** The verbs for what a machine has for all environments, its Pythons and pen's store, each loaded when it is first called. */
import type { Interpreter } from "#python";
import type { Removed } from "#store";
import type { CacheSize, VerifyOptions, VerifyReport } from "./cache.ts";
import type { FindPythonOptions } from "./pythons.ts";
import type { OperationOptions } from "./settings.ts";

/** Every interpreter of this machine, in the order in which pen would take them. */
export async function listPythons(options: OperationOptions = {}): Promise<Interpreter[]> {
  const verb = await import("./pythons.ts");
  return verb.listPythons(options);
}

/** The interpreter that a request means. Errors: `PYTHON_NOT_FOUND`, naming those that exist. */
export async function findPython(options: FindPythonOptions = {}): Promise<Interpreter> {
  const verb = await import("./pythons.ts");
  return verb.findPython(options);
}

/** How many wheels the store holds, and the bytes of their files. */
export async function cacheSize(options: OperationOptions = {}): Promise<CacheSize> {
  const verb = await import("./cache.ts");
  return verb.cacheSize(options);
}

/** Compares every stored file with its hash; with `repair`, drops the wheels that are damaged. */
export async function verifyCache(options: VerifyOptions = {}): Promise<VerifyReport> {
  const verb = await import("./cache.ts");
  return verb.verifyCache(options);
}

/** Removes what no environment uses any more, damaged entries, and what killed processes left. */
export async function pruneCache(options: OperationOptions = {}): Promise<Removed> {
  const verb = await import("./cache.ts");
  return verb.pruneCache(options);
}

/** Removes all wheels and all that indexes answered. */
export async function cleanCache(options: OperationOptions = {}): Promise<Removed> {
  const verb = await import("./cache.ts");
  return verb.cleanCache(options);
}
