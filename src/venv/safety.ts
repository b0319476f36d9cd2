import { excerpt, listFolder, PenError, pathExists, realPath, statusOf, type FolderEntry, type Host, join } from "#foundation";
import type { Interpreter } from "#python";
import { isWithin } from "./layout.ts";

const pythonNames = ["bin/python", "bin/python3", "bin/pypy3", "Scripts/python.exe"];

/**
 * True when `root` is a virtual environment as far as safety goes: it has a `pyvenv.cfg`, a regular file, and a Python in its `bin`,
 * which may be a link whose target is gone. A broken environment may be cleared like a whole one, any other folder may not.
 */
export function isEnvironment(root: string): boolean {
  return statusOf(join(root, "pyvenv.cfg"))?.kind === "file" && pythonNames.some((name) => statusOf(join(root, name)) !== undefined);
}

/** `bin`, or `Scripts` in an environment as Windows has it (also one that stands on a disk of another system). Absolute `root`. */
export function scriptsFolderIn(root: string): "bin" | "Scripts" {
  return statusOf(join(root, "bin")) === undefined && statusOf(join(root, "Scripts")) !== undefined ? "Scripts" : "bin";
}

/** Refuses a place whose files must never be replaced or deleted, forced or not. `root` exists. Throws ENV_EXISTS. */
export function refuseDangerousPlace(
  root: string,
  { host, interpreter, clear }: { host: Host; interpreter: Interpreter; clear: boolean },
): void {
  const real = realPath(root);
  const reason = dangerOf(real, { host, interpreter, clear });
  if (reason === undefined) return;
  throw new PenError("ENV_EXISTS", clear ? `pen does not clear ${root}` : `pen does not make an environment in ${root}`, {
    why: reason,
    hint: "Choose a folder of its own for the environment, for example .venv",
    data: { path: root },
  });
}

function dangerOf(
  real: string,
  { host, interpreter, clear }: { host: Host; interpreter: Interpreter; clear: boolean },
): string | undefined {
  if (real === "/") return "It is the root of the file system.";
  if (isWithin(realOrSame(host.home), real)) return "It is your home folder, or one above it.";
  if (holdsInstallation(real) || [interpreter.realExecutable, interpreter.basePrefix].some((path) => isWithin(realOrSame(path), real))) {
    return "A Python is installed in it.";
  }
  if (!clear) return undefined;
  const cwd = realOrSame(host.cwd);
  if (cwd === real) return isEnvironment(real) ? undefined : "It is the working directory, and not an environment.";
  return isWithin(cwd, real) ? "The working directory is inside it." : undefined;
}

/** True for the folder of a Python: it has a standard library, which no environment has. */
export function holdsInstallation(real: string): boolean {
  return ["lib", "lib64", "Lib"].some((library) => {
    const folder = join(real, library);
    if (pathExists(join(folder, "os.py"))) return true;
    return entriesOf(folder).some(({ name }) => /^(?:python|pypy|graalpy)[\d.]/.test(name) && pathExists(join(folder, name, "os.py")));
  });
}

function entriesOf(folder: string): readonly FolderEntry[] {
  try {
    return listFolder(folder);
  } catch {
    return [];
  }
}

function realOrSame(path: string): string {
  try {
    return realPath(path);
  } catch {
    return path;
  }
}

/** The error for a place that is in use; `old` are the names that stand there. */
export function placeInUse(root: string, old: readonly string[]): PenError {
  const data = { path: root };
  if (isEnvironment(root)) {
    return new PenError("ENV_EXISTS", `${root} is a virtual environment already`, {
      why: "Making it again would lose what is installed in it.",
      hint: "`--clear` makes it anew and empty, `--allow-existing` repairs it and keeps what is installed.",
      data,
    });
  }
  return new PenError("ENV_EXISTS", `${root} exists and is not a virtual environment`, {
    why: `It holds ${someNames(old)}. pen never deletes or overwrites what it did not make.`,
    hint: "Choose another folder, or `--allow-existing` to put the environment beside what is there, or `--clear --force` to delete all of it.",
    data,
  });
}

/** `a, b, c and 4 more`, for messages. */
export function someNames(names: readonly string[]): string {
  const shown = names.slice(0, 3).map((name) => excerpt(name, 40));
  return names.length > 3 ? `${shown.join(", ")} and ${names.length - 3} more` : shown.join(" and ");
}
