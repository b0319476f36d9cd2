import { dirname, win32 } from "#foundation";
import type { Interpreter } from "#python";
import type { EnvironmentPaths } from "./types.ts";

/** What the layout depends on. */
export type LayoutInterpreter = Pick<Interpreter, "implementation" | "versionInfo" | "freeThreaded" | "pointerBits" | "markers">;

/** The folders of the environment at `root` (absolute), as the interpreter's own `venv` lays them out and pip uses them. Nothing is read. */
export function environmentPaths(root: string, interpreter: LayoutInterpreter): EnvironmentPaths {
  // Here pip names neither implementation nor threads.
  const headers = `python${shortVersion(interpreter)}`;
  if (isWindowsPython(interpreter)) {
    const library = win32().join(root, ...packagesFolder(interpreter).split("/"));
    const include = win32().join(root, "Include", "site", headers);
    return { purelib: library, platlib: library, scripts: win32().join(root, "Scripts"), data: root, include };
  }
  // lib64 is a link to lib in every environment, so platlib is the same folder: one spelling keeps RECORD free of doubles.
  const library = `${root}/${packagesFolder(interpreter)}`;
  return { purelib: library, platlib: library, scripts: `${root}/bin`, data: root, include: `${root}/include/site/${headers}` };
}

/** True for a Python on Windows. One of Cygwin or MSYS is a POSIX one. */
export function isWindowsPython({ markers }: Pick<Interpreter, "markers">): boolean {
  return markers.os_name === "nt";
}

/** The folder of executables and scripts. */
export function scriptsFolder(interpreter: Pick<Interpreter, "markers">): "bin" | "Scripts" {
  return isWindowsPython(interpreter) ? "Scripts" : "bin";
}

/** `3.12`. */
export function shortVersion(interpreter: Pick<Interpreter, "versionInfo">): string {
  return `${interpreter.versionInfo[0]}.${interpreter.versionInfo[1]}`;
}

/** The name of the versioned folders: `python3.12`, `python3.13t`, `pypy3.10`. */
function versionedName(interpreter: LayoutInterpreter): string {
  const prefix = interpreter.implementation === "pypy" ? "pypy" : "python";
  return `${prefix}${shortVersion(interpreter)}${interpreter.freeThreaded ? "t" : ""}`;
}

/** The folders above and with `site-packages`, relative, parents first. PyPy before 3.8 has it at the top. */
export function libraryFolders(interpreter: LayoutInterpreter): readonly string[] {
  const isOldPypy = interpreter.implementation === "pypy" && interpreter.versionInfo[1] < 8;
  if (isWindowsPython(interpreter)) return isOldPypy ? ["site-packages"] : ["Lib", "Lib/site-packages"];
  if (isOldPypy) return ["lib", "site-packages"];
  const versioned = `lib/${versionedName(interpreter)}`;
  return ["lib", versioned, `${versioned}/site-packages`];
}

/** `site-packages`, relative. */
export function packagesFolder(interpreter: LayoutInterpreter): string {
  const folders = libraryFolders(interpreter);
  return folders[folders.length - 1] ?? "";
}

/** The folders for headers: `venv` names the version since 3.11, but not on Windows. */
export function headerFolders(interpreter: LayoutInterpreter): readonly string[] {
  if (isWindowsPython(interpreter)) return ["Include"];
  return interpreter.versionInfo[1] < 11 ? ["include"] : ["include", `include/${versionedName(interpreter)}`];
}

/** True where CPython's `venv` makes the link `lib64` to `lib`: 64 bits, POSIX, but not macOS. */
export function hasLib64(interpreter: LayoutInterpreter): boolean {
  return interpreter.pointerBits === 64 && interpreter.markers.os_name === "posix" && interpreter.markers.sys_platform !== "darwin";
}

/** The names in `bin` that lead to `python`: `python3`, `python3.12`, and those the implementation is known by. */
export function executableAliases(interpreter: LayoutInterpreter): readonly string[] {
  const version = shortVersion(interpreter);
  const names = ["python3", `python${version}`];
  if (interpreter.freeThreaded) names.push(`python${version}t`);
  if (interpreter.implementation === "pypy") names.push("pypy", "pypy3", `pypy${version}`);
  if (interpreter.implementation === "graalpy") names.push("graalpy");
  return names;
}

/** True when the path is `folder` or stands below it. Both absolute and normal; nothing is read. */
export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith("/") ? folder : `${folder}/`);
}

/** The folders above `path`, nearest first. */
export function foldersAbove(path: string): string[] {
  const found: string[] = [];
  for (let at = dirname(path); found.at(-1) !== at; at = dirname(at)) found.push(at);
  return found;
}
