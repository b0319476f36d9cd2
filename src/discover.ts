/**
 * `pen-env/discover`: the Pythons of this machine. It loads nothing that resolves, downloads or installs. Each interpreter is
 * started once and asked what it is; the answer is kept in pen's cache folder until the file changes.
 */
export { findPython, listPythons } from "./operations/index.ts";
export type { FindPythonOptions, Interpreter, OperationOptions } from "./operations/index.ts";
export { isPenError, PenError, readHost } from "./foundation/index.ts";
export type { Host, JsonValue, PenErrorCode, PenErrorDetails } from "./foundation/index.ts";
