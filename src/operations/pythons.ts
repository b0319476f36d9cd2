import { findInterpreter, findInterpreters, parseRequest, type Interpreter } from "#python";
import { readSettings, type OperationOptions } from "./settings.ts";

/** `pen python list`: every interpreter of this machine, in the order in which pen would take them. */
export function listPythons(options: OperationOptions = {}): Promise<Interpreter[]> {
  const { host, cacheFolder, signal } = readSettings(options);
  return findInterpreters({ host, cacheFolder, signal });
}

export interface FindPythonOptions extends OperationOptions {
  /** `3.12`, `>=3.10`, `pypy`, a path, … */
  readonly request?: string | undefined;
}

/** `pen python find`: the interpreter that a request means. Errors: `PYTHON_NOT_FOUND`, naming those that exist. */
export function findPython(options: FindPythonOptions = {}): Promise<Interpreter> {
  const { host, cacheFolder, signal } = readSettings(options);
  return findInterpreter(options.request === undefined ? undefined : parseRequest(options.request, host), { host, cacheFolder, signal });
}
