/** Finding an interpreter. Searching the machine is loaded when it comes to that: a path that was asked before needs none of it. */
import { inspectInterpreter } from "./inspect.ts";
import type { PythonRequest } from "./request.ts";
import type { FindOptions } from "./search.ts";
import type { Interpreter } from "./types.ts";

/**
 * All working interpreters, each once, in the order in which pen looks. `python`, `python3` and `python3.12` of one installation are
 * one; so are shims and the version they stand for. Broken ones are passed over (`onSkipped`) and remembered.
 */
export async function findInterpreters(options: FindOptions): Promise<Interpreter[]> {
  const searching = await import("./search.ts");
  return searching.findInterpreters(options);
}

/**
 * The interpreter for a request (undefined: any). A path is taken at its word; else the first that fits, in the order in
 * which pen looks; a pre-release, a free-threaded or debug build and another implementation than CPython only when asked for, or when
 * nothing else fits. Asks no interpreter beyond the one it returns, but for those it had to rule out. Errors: PYTHON_NOT_FOUND with
 * the list of those that exist; for a path also what `inspectInterpreter` throws.
 */
export async function findInterpreter(request: PythonRequest | undefined, options: FindOptions): Promise<Interpreter> {
  if (request?.kind !== "path") return (await import("./search.ts")).searchInterpreter(request, options);
  const interpreter = await inspectInterpreter(request.path, { ...options, source: "explicit" });
  if (options.preference === undefined) return interpreter;
  return (await import("./search.ts")).checkPreference(interpreter, options);
}
