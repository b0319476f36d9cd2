import { PenError, printableLine, join } from "#foundation";
import type { Interpreter } from "#python";
import { environmentPaths, packagesFolder } from "./layout.ts";
import type { PyvenvConfig } from "./types.ts";

/** The key of `pyvenv.cfg` that names an inherited environment; it comes once for each, in order. */
export const inheritsKey = "inherits";

/**
 * The file in site-packages that makes Python see inherited packages. Such files are read in the order of their names: this one comes after those of
 * packages, so that all that belongs to the environment itself stands before.
 */
export const inheritanceFile = "zz-pen-inherits.pth";

/** The environments that one inherits from, in order, as `pyvenv.cfg` names them. Absolute paths. */
export function inheritedRoots(config: PyvenvConfig): string[] {
  return config.entries.flatMap(([key, value]) => (key === inheritsKey && value !== "" ? [value] : []));
}

/** The path of {@link inheritanceFile} in an environment, relative to its root. */
export function inheritancePath(interpreter: Interpreter): string {
  return `${packagesFolder(interpreter)}/${inheritanceFile}`;
}

/**
 * The text of {@link inheritanceFile} for inherited environments at `roots` (absolute). Each line is one statement that lets `site` add the folder as
 * it adds its own, with the `.pth` files in it, so that what that environment inherits is inherited too. A folder that is there
 * already (a circle made by hand) or gone is passed by.
 */
export function inheritanceText(roots: readonly string[], interpreter: Interpreter): string {
  return roots
    .map((root) => {
      const folder = environmentPaths(root, interpreter).purelib;
      return `${beginning}${bytesLiteral(folder)}${ending}\n`;
    })
    .join("");
}

const beginning = "import os, sys, site; _pen = os.fsdecode(b'";
const ending = "'); _pen in sys.path or not os.path.isdir(_pen) or site.addsitedir(_pen)";

/** The folder that a line of {@link inheritanceText} adds; undefined for any other line. */
export function inheritedFolder(line: string): string | undefined {
  if (!line.startsWith(beginning) || !line.endsWith(ending)) return undefined;
  const literal = line.slice(beginning.length, -ending.length);
  if (/['\\]/.test(literal.replace(/\\x[0-9a-f]{2}/g, ""))) return undefined;
  const latin1 = literal.replace(/\\x([0-9a-f]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
  return Buffer.from(latin1, "latin1").toString("utf8");
}

/** Bytes, because a Python in a C locale cannot write every name as text; and nothing but plain letters stays as it is. */
function bytesLiteral(path: string): string {
  return [...Buffer.from(path)]
    .map((byte) => {
      const char = String.fromCharCode(byte);
      return /[A-Za-z0-9_./+-]/.test(char) ? char : `\\x${byte.toString(16).padStart(2, "0")}`;
    })
    .join("");
}

/** Refuses a path that `pyvenv.cfg` cannot hold as it is. Throws TARGET_UNSUPPORTED. */
export function checkInheritable(root: string): void {
  if (root.trim() === root && !/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(root)) return;
  throw new PenError("TARGET_UNSUPPORTED", `The environment ${printableLine(root)} cannot be inherited from`, {
    why: "Its path has a blank at the end or a control character, and pyvenv.cfg (PEP 405) has no way to write that.",
    hint: "Rename the folder.",
    data: { path: root },
  });
}

/** What two environments have to share so that the packages of one work in the other; undefined when they do, else what differs. */
export function inheritanceObstacle(heir: Interpreter, parent: Interpreter): string | undefined {
  const traits: ReadonlyArray<readonly [(interpreter: Interpreter) => string]> = [
    [({ implementation, versionInfo }) => `${names[implementation]} ${versionInfo[0]}.${versionInfo[1]}`],
    [({ freeThreaded }) => (freeThreaded ? "a free-threaded Python" : "a Python with its lock (GIL)")],
    [({ debug }) => (debug ? "a debug build of Python" : "a usual build of Python")],
    [({ pointerBits }) => `a Python of ${pointerBits} bits`],
    [({ markers }) => `a Python for ${markers.platform_machine}`],
  ];
  for (const [trait] of traits) if (trait(heir) !== trait(parent)) return `It is for ${trait(parent)}, and this one for ${trait(heir)}.`;
  return undefined;
}

const names: Readonly<Record<Interpreter["implementation"], string>> = {
  cpython: "Python",
  pypy: "PyPy",
  graalpy: "GraalPy",
  other: "Python",
};

/** Where a Python of this kind would find the packages of the environment at `root`. */
export function inheritedSitePackages(root: string, interpreter: Interpreter): string {
  return join(environmentPaths(root, interpreter).purelib);
}
