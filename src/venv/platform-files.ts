import { listFolder, PenError, pathExists, readTextIfAny, posix, win32 } from "#foundation";
import type { Interpreter } from "#python";
import { executableAliases, isWindowsPython, scriptsFolder } from "./layout.ts";
import type { Entry } from "./entries.ts";

/** What stands in the folders of a base Python. A table in tests, the disk otherwise. */
export interface BaseFiles {
  readonly has: (path: string) => boolean;
  /** Names in a folder; none where there is no such folder. */
  readonly list: (folder: string) => readonly string[];
  readonly text: (path: string) => string | undefined;
}

export const filesOnDisk: BaseFiles = {
  has: pathExists,
  list: (folder) => (pathExists(folder) ? listFolder(folder).map(({ name }) => name) : []),
  text: readTextIfAny,
};

/** What the plan depends on. */
export type PlatformInterpreter = Pick<
  Interpreter,
  | "implementation"
  | "versionInfo"
  | "freeThreaded"
  | "debug"
  | "pointerBits"
  | "markers"
  | "baseExecutable"
  | "basePrefix"
  | "paths"
  | "sharedLibrary"
>;

export interface PlatformChoice {
  readonly interpreter: PlatformInterpreter;
  readonly copies: boolean;
  readonly base: BaseFiles;
}

/**
 * The entries that make the environment's Python: executables with all their names, and the libraries that an executable needs beside it. Which ones is
 * decided as CPython's `venv`, PyPy's and virtualenv do it on each platform. Nothing is made. Throws TARGET_UNSUPPORTED for copies
 * of a Python that cannot be copied.
 */
export function platformEntries(choice: PlatformChoice): readonly Entry[] {
  const { interpreter, copies } = choice;
  if (isWindowsPython(interpreter)) return interpreter.implementation === "cpython" ? windowsEntries(choice) : windowsWhole(choice);
  if (copies && isFramework(interpreter)) {
    throw new PenError("TARGET_UNSUPPORTED", `${interpreter.baseExecutable} cannot be copied into an environment`, {
      why: "It belongs to a macOS framework (as python.org and Homebrew build it): a copy does not find the framework's library.",
      hint: "Leave out --copies: the environment then links to it.",
    });
  }
  const source = interpreter.baseExecutable;
  const executable = (name: string, target: string): Entry =>
    copies ? { kind: "copy", path: `bin/${name}`, source } : { kind: "link", path: `bin/${name}`, target, source };
  const executables = [executable("python", source)];
  for (const name of executableAliases(interpreter)) executables.push(executable(name, "python"));
  return executables;
}

/** Libraries that stand elsewhere than in the folder of executables; they follow the folders that they stand in. */
export function platformLibraries(choice: PlatformChoice): readonly Entry[] {
  const { interpreter, copies } = choice;
  if (interpreter.implementation === "graalpy") return graalLibraries(choice);
  if (isWindowsPython(interpreter) || !copies) return [];
  const { sharedLibrary } = interpreter;
  // Where the executable's own search path finds it: PyPy looks beside itself, CPython in ../lib.
  const folder = interpreter.implementation === "pypy" ? "bin" : "lib";
  const shared: readonly Entry[] =
    sharedLibrary === undefined ? [] : [{ kind: "copy", path: `${folder}/${posix.basename(sharedLibrary)}`, source: sharedLibrary }];
  return [...shared, ...portableLibraries(choice)];
}

/** True for the frameworks of python.org, of Homebrew and of Xcode. */
export function isFramework({ markers, basePrefix }: Pick<Interpreter, "markers" | "basePrefix">): boolean {
  return markers.sys_platform === "darwin" && /\/Python(?:3|T)?\.framework\/Versions\//.test(`${basePrefix}/`);
}

/** The folder that `home` of `pyvenv.cfg` names: that of the base executable, and for GraalPy up to Python 3.10 the one above. */
export function homeFolder({
  interpreter,
}: {
  readonly interpreter: Pick<Interpreter, "implementation" | "versionInfo" | "markers" | "baseExecutable">;
}): string {
  const path = isWindowsPython(interpreter) ? win32() : posix;
  const folder = path.dirname(interpreter.baseExecutable);
  const isOldGraal = interpreter.implementation === "graalpy" && interpreter.versionInfo[1] <= 10;
  return isOldGraal && path.basename(folder) === "bin" ? path.dirname(folder) : folder;
}

/**
 * CPython on Windows: since 3.7 copies of the small launchers that come with its `venv`, which start the base Python that `pyvenv.cfg` names; a Python without
 * them (an older or a cut one) is copied itself, with the DLLs it needs.
 */
function windowsEntries({ interpreter, base }: PlatformChoice): readonly Entry[] {
  const debug = interpreter.debug ? "_d" : "";
  const folder = win32().dirname(interpreter.baseExecutable);
  const launchers = win32().join(interpreter.paths.stdlib, "venv", "scripts", "nt");
  const launcher = (window: "" | "w"): string | undefined => {
    const name = `venv${window}launcher${interpreter.freeThreaded ? "t" : ""}${debug}.exe`;
    return [win32().join(launchers, name), win32().join(launchers, `python${window}${debug}.exe`), win32().join(folder, name)].find(
      base.has,
    );
  };
  const console = launcher("");
  const windowed = launcher("w") ?? [win32().join(folder, `pythonw${debug}.exe`)].find(base.has);
  const copy = (name: string, source: string): Entry => ({ kind: "copy", path: `Scripts/${name}`, source });
  const named = (window: "" | "w", source: string): Entry[] => windowsNames(interpreter, window).map((name) => copy(name, source));
  const executables = [...named("", console ?? interpreter.baseExecutable), ...(windowed === undefined ? [] : named("w", windowed))];
  if (console !== undefined) return executables;
  const libraries = base.list(folder).filter((name) => /^(?:python|vcruntime).*\.dll$/i.test(name));
  return [...executables, ...libraries.map((name) => copy(name, win32().join(folder, name)))];
}

/** `python.exe`, then the names of `venv` for debug and free-threaded builds, and virtualenv's `python3.exe`. */
function windowsNames({ debug, freeThreaded, versionInfo }: PlatformInterpreter, window: "" | "w"): readonly string[] {
  const threads = freeThreaded ? [`python${window}${versionInfo[0]}.${versionInfo[1]}t`] : [];
  const plain = [`python${window}`, `python${window}3`, ...threads];
  return [...plain, ...(debug ? [`python${window}_d`, ...threads.map((name) => `${name}_d`)] : [])].map((name) => `${name}.exe`);
}

/** PyPy and GraalPy have no launchers on Windows: the executable itself, under every name, with all DLLs beside it. */
function windowsWhole({ interpreter, base }: PlatformChoice): readonly Entry[] {
  const folder = win32().dirname(interpreter.baseExecutable);
  const copy = (name: string, source: string): Entry => ({ kind: "copy", path: `Scripts/${name}`, source });
  const names = ["python", ...executableAliases(interpreter)].map((name) => copy(`${name}.exe`, interpreter.baseExecutable));
  const windowed = [win32().join(folder, "pypyw.exe"), win32().join(folder, "pypy3w.exe")].find(base.has);
  const libraries = base.list(folder).filter((name) => /\.dll$/i.test(name));
  return [
    ...names,
    ...(windowed === undefined ? [] : [copy("pythonw.exe", windowed)]),
    ...libraries.map((name) => copy(name, win32().join(folder, name))),
  ];
}

/** Portable builds of PyPy carry what they link to in `lib`; those of a distribution (`/usr`) do not. */
function portableLibraries({ interpreter, base }: PlatformChoice): readonly Entry[] {
  if (interpreter.implementation !== "pypy" || interpreter.basePrefix === "/usr") return [];
  const folder = posix.join(interpreter.basePrefix, "lib");
  const told = base
    .text(posix.join(folder, "PYPY_PORTABLE_DEPS.txt"))
    ?.split("\n")
    .map((line) => line.trim());
  // Without the list, what looks like a library; the standard library is not copied.
  const names = told ?? base.list(folder).filter((name) => /\.(?:so|dylib)(?:\.|$)/.test(name));
  return names
    .filter((name) => name !== "" && !name.includes("/") && name !== ".." && base.has(posix.join(folder, name)))
    .map((name) => ({ kind: "copy", path: `lib/${name}`, source: posix.join(folder, name) }));
}

/** GraalPy looks for its virtual machine beside the environment's folder of executables. Folders are linked, also where the executable is copied. */
function graalLibraries({ interpreter, copies, base }: PlatformChoice): readonly Entry[] {
  const isWindows = isWindowsPython(interpreter);
  const path = isWindows ? win32() : posix;
  const folder = path.dirname(interpreter.baseExecutable);
  const home = ["bin", "Scripts"].includes(path.basename(folder)) ? path.dirname(folder) : folder;
  const name = isWindows ? "pythonvm.dll" : interpreter.markers.sys_platform === "darwin" ? "libpythonvm.dylib" : "libpythonvm.so";
  const native = path.join(home, "lib", name);
  const library: Entry =
    copies || isWindows
      ? { kind: "copy", path: `lib/${name}`, source: native }
      : { kind: "link", path: `lib/${name}`, target: native, source: native };
  const folders = ["jvm", "jvmlibs", "modules"]
    .map((one) => ({ name: one, target: path.join(home, one) }))
    .filter(({ target }) => base.has(target));
  return [
    ...(base.has(native) ? [library] : []),
    ...folders.map(({ name: one, target }): Entry => ({ kind: "link", path: one, target, source: undefined })),
  ];
}

/** The environment's own Python, relative to its root. */
export function executablePath(interpreter: Pick<Interpreter, "markers">): string {
  return isWindowsPython(interpreter) ? "Scripts/python.exe" : `${scriptsFolder(interpreter)}/python`;
}
