import {
  isFolder,
  listFolder,
  makeFolder,
  PenError,
  pathExists,
  printableLine,
  symbolicLink,
  basename,
  dirname,
  join,
  relative,
} from "#foundation";
import type { Interpreter } from "#python";
import { copyTree, placeFile } from "./tree.ts";

/** What of the standard library only those need who test, teach or build with it. */
const slimmed = /^(?:test|idlelib|turtledemo|ensurepip|config-[^/]*|.*\/(?:tests?|idle_test)|.*\.a)$/;
/** The packages of the base Python itself, what Python makes again by itself, and the mark by which a distributor keeps pip out of its Python. */
const foreign = /^(?:site-packages|dist-packages|EXTERNALLY-MANAGED|(?:.*\/)?__pycache__)$/;

/** Folders that belong to the system: what stands in their `lib` is no part of a Python. */
const systemPrefixes: ReadonlySet<string> = new Set(["/", "/usr", "/usr/local"]);

export const isSystemPrefix = (prefix: string): boolean => systemPrefixes.has(prefix);

/**
 * Copies a Python into `stage`, laid out as it was under its prefix: there it finds its standard library by its own place. Errors:
 * TARGET_UNSUPPORTED for one whose standard library stands somewhere else.
 */
export function stagePython(interpreter: Interpreter, stage: string, { slim }: { readonly slim: boolean }): void {
  const { basePrefix, paths } = interpreter;
  const skip = (path: string): boolean => foreign.test(path) || (slim && slimmed.test(path));
  for (const folder of new Set([paths.stdlib, paths.platstdlib])) {
    copyTree(folder, join(stage, placeBelow(basePrefix, folder)), { skip });
  }
  makeFolder(join(stage, "bin"));
  placeFile(interpreter.realExecutable, join(stage, "bin", "python"));
  for (const name of executableNames(interpreter)) symbolicLink("python", join(stage, "bin", name));
  if (interpreter.sharedLibrary !== undefined) placeFile(interpreter.sharedLibrary, join(stage, sharedPlace(interpreter)));
  if (!slim) {
    const headers = paths.include;
    if (isFolder(headers) && headers.startsWith(`${basePrefix}/`)) copyTree(headers, join(stage, placeBelow(basePrefix, headers)));
  }
  // Tk of a Python that brings its own.
  if (isSystemPrefix(basePrefix)) return;
  for (const { name, kind } of listFolder(join(basePrefix, "lib"))) {
    if (kind === "folder" && /^(?:tcl|tk|itcl|thread)\d/.test(name)) copyTree(join(basePrefix, "lib", name), join(stage, "lib", name));
  }
  const terminals = join(basePrefix, "share", "terminfo");
  if (pathExists(terminals)) copyTree(terminals, join(stage, "share", "terminfo"));
}

/** Where the executable looks for its shared library first: PyPy beside itself, CPython in `../lib`. */
export function sharedPlace({ implementation, sharedLibrary }: Interpreter): string {
  return `${implementation === "pypy" ? "bin" : "lib"}/${basename(sharedLibrary ?? "")}`;
}

function executableNames({ implementation, versionInfo: [major, minor], freeThreaded }: Interpreter): string[] {
  const names = [`python${major}`, `python${major}.${minor}${freeThreaded ? "t" : ""}`];
  return implementation === "pypy" ? [...names, "pypy", `pypy${major}`, `pypy${major}.${minor}`] : names;
}

function placeBelow(prefix: string, folder: string): string {
  const place = relative(prefix, folder);
  if (place !== "" && !place.startsWith("..") && dirname(place) !== "/") return place;
  throw new PenError("TARGET_UNSUPPORTED", `The Python of this environment cannot be bundled`, {
    why: `Its standard library ${printableLine(folder)} is not below its prefix ${printableLine(prefix)}: elsewhere it would not be found.`,
    hint: "Make the environment from another Python; `pen python list` shows them.",
    data: { folder, prefix },
  });
}
