import {
  changeMode,
  isFolder,
  listFolder,
  pathExists,
  PenError,
  printableLine,
  readBytes,
  setTime,
  statusOf,
  writeAtomic,
  basename,
  dirname,
  join,
  relative,
  resolve,
} from "#foundation";
import { readLinkage, withRunpath, type ElfLinkage, type Interpreter } from "#python";
import { isSystemPrefix, sharedPlace } from "./python.ts";
import { SystemLibraries } from "./system-libraries.ts";
import { listTree, placeFile } from "./tree.ts";

/** A library that the system must have. */
export interface NeededLibrary {
  /** `libssl.so.3`. */
  readonly name: string;
  /** The files in the bundle that are linked to it, relative. Where none of them is used, it may be missing. */
  readonly usedBy: readonly string[];
}

/** What a bundle needs of the machine that it runs on. */
export interface SystemNeeds {
  /** The least version of glibc, `2.34`; undefined for other C libraries. */
  readonly glibc: string | undefined;
  readonly libraries: readonly NeededLibrary[];
}

/**
 * Brings along the libraries that the Python and the packages are linked to, of its own prefix and of this system, but for those that every machine has; and
 * makes every program and module in the bundle find them by its own place. Tells what is left for the system. Errors: TARGET_UNSUPPORTED for a
 * file that cannot be made to find what belongs to the Python.
 */
export function settleLibraries(interpreter: Interpreter, stage: string): SystemNeeds {
  const libraries = new Libraries(interpreter);
  const linked = new Map<string, ElfLinkage>();
  const look = (path: string): void => {
    const linkage = readLinkage(join(stage, path));
    if (linkage !== undefined) linked.set(path, linkage);
  };
  const programs = listTree(stage).filter(({ path, kind }) => kind === "file" && mayBeElf(path));
  for (const { path } of programs) look(path);
  const carried = new Set([...linked].flatMap(([path, { soname }]) => [basename(path), soname ?? ""]));
  // Each library that is brought along may need more of them.
  for (const [, { needed }] of linked) {
    for (const name of needed) {
      const source = libraries.own(name) ?? (carried.has(name) ? undefined : libraries.system(name));
      const place = source?.place ?? "";
      if (source === undefined || linked.has(place)) continue;
      if (!pathExists(join(stage, place))) placeFile(source.path, join(stage, place));
      look(place);
    }
  }
  const stuck = [...linked].flatMap(([path, linkage]) => (findBeside(path, linkage, { stage, libraries }) ? [] : [path]));
  // What a program cannot show the way to, none of the modules that it loads finds.
  const isLost = (name: string, path: string): boolean =>
    libraries.own(name) === undefined && libraries.system(name) !== undefined && (stuck.includes(path) || stuck.some(isProgram));
  return needsOf(linked, isLost);
}

const isProgram = (path: string): boolean => dirname(path) === "bin";

const mayBeElf = (path: string): boolean =>
  /\.so(?:\.[\w.]+)?$/.test(path) || /^bin\/[^/]+$/.test(path) || !/\.[A-Za-z]\w*$/.test(basename(path));

interface Library {
  readonly path: string;
  /** In the bundle, relative. */
  readonly place: string;
}

/** Where libraries come from, by name. */
class Libraries {
  readonly #own: ReadonlyMap<string, Library>;
  readonly #system: SystemLibraries;

  constructor(interpreter: Interpreter) {
    this.#own = ownLibraries(interpreter);
    this.#system = new SystemLibraries(interpreter.markers.platform_machine);
  }

  /** One that belongs to the Python: of its prefix, or its libpython wherever that stands. */
  own(name: string): Library | undefined {
    return this.#own.get(name);
  }

  /** One of this system that not every machine has. */
  system(name: string): Library | undefined {
    const path = this.#system.find(name);
    return path === undefined ? undefined : { path, place: `lib/${name}` };
  }
}

function ownLibraries(interpreter: Interpreter): Map<string, Library> {
  const folder = join(interpreter.basePrefix, "lib");
  const found = new Map<string, Library>();
  if (!isSystemPrefix(interpreter.basePrefix) && isFolder(folder)) {
    for (const { name, kind } of listFolder(folder))
      if (kind !== "folder" && /\.so(?:\.|$)/.test(name)) found.set(name, { path: join(folder, name), place: `lib/${name}` });
  }
  const { sharedLibrary } = interpreter;
  if (sharedLibrary !== undefined) found.set(basename(sharedLibrary), { path: sharedLibrary, place: sharedPlace(interpreter) });
  return found;
}

interface Settling {
  readonly stage: string;
  readonly libraries: Libraries;
}

/**
 * Lets a file find the libraries of the bundle that it needs: by `$ORIGIN`, its own folder. What the system's libraries are brought for finds them by the list
 * of the program that loads it, unless it has a closed one of its own. False when there was no room to write the way to the system's.
 */
function findBeside(path: string, linkage: ElfLinkage, { stage, libraries }: Settling): boolean {
  const { needed, searched, isClosed } = linkage;
  const folder = dirname(path);
  const foldersOf = (find: (name: string) => Library | undefined): string[] =>
    needed.flatMap((name) => {
      const place = find(name)?.place;
      return place !== undefined && pathExists(join(stage, place)) ? [dirname(place)] : [];
    });
  const own = foldersOf((name) => libraries.own(name));
  const system = isProgram(path) ? ["lib"] : isClosed ? foldersOf((name) => libraries.system(name)) : [];
  const reached = new Set(
    searched.map((one) => one.replace(/^\$(?:ORIGIN|\{ORIGIN\})/, join(stage, folder))).map((one) => resolve("/", one)),
  );
  const missing = (folders: readonly string[]): string[] => [...new Set(folders)].filter((one) => !reached.has(join(stage, one)));
  const wanted = missing([...own, ...system]);
  if (wanted.length === 0 && !(isProgram(path) && isClosed)) return true;
  const relativeOnes = searched.filter((one) => one.startsWith("$"));
  const list = [...wanted.map((one) => `$ORIGIN/${relative(folder, one)}`), ...relativeOnes].join(":");
  const file = join(stage, path);
  const patched = withRunpath(readBytes(file), list, isProgram(path));
  if (patched !== undefined) replaceContent(file, patched);
  else if (missing(own).length > 0)
    throw new PenError("TARGET_UNSUPPORTED", "The Python of this environment cannot be bundled", {
      why: `${printableLine(path)} needs a library of this Python, finds it by a fixed place, and has no room for another one.`,
      hint: "Make the environment from another Python; `pen python list` shows them.",
      data: { path },
    });
  return patched !== undefined;
}

function replaceContent(file: string, bytes: Uint8Array): void {
  const status = statusOf(file);
  writeAtomic(file, bytes, { mode: status?.mode ?? 0o755 });
  changeMode(file, status?.mode ?? 0o755);
  setTime(file, status?.mtimeMs ?? 0);
}

function needsOf(linked: ReadonlyMap<string, ElfLinkage>, isLost: (name: string, path: string) => boolean): SystemNeeds {
  const brought = new Set([...linked].flatMap(([path, { soname }]) => [basename(path), ...(soname === undefined ? [] : [soname])]));
  const users = new Map<string, string[]>();
  for (const [path, { needed }] of linked)
    for (const name of needed)
      if ((!brought.has(name) || isLost(name, path)) && !name.startsWith("ld-linux")) users.set(name, [...(users.get(name) ?? []), path]);
  const libraries = [...users].map(([name, usedBy]) => ({ name, usedBy: usedBy.sort() }));
  const versions = [...linked.values()].flatMap(({ glibc }) => (glibc === undefined ? [] : [glibc]));
  const [highest] = versions.sort(([a, b], [c, d]) => c - a || d - b);
  return { glibc: highest?.join("."), libraries: libraries.sort((a, b) => (a.name < b.name ? -1 : 1)) };
}
