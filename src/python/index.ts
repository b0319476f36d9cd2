/**
 * python: the interpreters of this machine. Enters: a request as people write it, and the {@link Host}. Leaves: `Interpreter`
 * values (version, marker values, tags, folders), asked once and remembered by path, size and time of the executable.
 */
export type { Interpreter, InterpreterSource, SchemePaths } from "./types.ts";
export { isRequestWord, parseRequest } from "./request.ts";
export type { PythonRequest, RequestTraits } from "./request.ts";
export { pathRequest } from "./request-path.ts";
export { findInterpreter, findInterpreters } from "./find.ts";
export type { FindOptions } from "./search.ts";
export type { PythonPreference } from "./preference.ts";
export { projectEnvironment, projectRedirectOrFolder } from "./project-environment.ts";
export { followRedirect } from "./redirect.ts";
export type { Redirect } from "./redirect.ts";
export { findVirtualenvPython } from "./virtualenv-find.ts";
export type { VirtualenvFindOptions } from "./virtualenv-find.ts";
export { virtualenvSpecText } from "./virtualenv-spec.ts";
export type { SearchPlaces } from "./candidates.ts";
export { inspectInterpreter, inspectInterpreterCached } from "./inspect.ts";
export type { InspectOptions } from "./inspect.ts";
export type { RegistryPort, RegistryPython } from "./registry.ts";
export { describeInterpreter } from "./describe.ts";
export type { InterpreterDescription } from "./describe.ts";
export { readLinkage, withRunpath } from "./elf-dynamic.ts";
export type { ElfLinkage } from "./elf-dynamic.ts";
