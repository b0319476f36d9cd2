import { basename, dirname, join, relative, resolve } from "node:path";
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
} from "#foundation";
import { readLinkage, withRunpath, type ElfLinkage, type Interpreter } from "#python";
import { isSystemPrefix, sharedPlace } from "./python.ts";
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
 * Brings the libraries of the Python's own prefix along and makes every program and module in the bundle find them by its own place. Tells
 * what is left for the system. Errors: TARGET_UNSUPPORTED for a file that cannot be made to find them.
 */
export function settleLibraries(interpreter: Interpreter, stage: string): SystemNeeds {
  const own = ownLibraries(interpreter);
  const linked = new Map<string, ElfLinkage>();
  const look = (path: string): void => {
    const linkage = readLinkage(join(stage, path));
    if (linkage !== undefined) linked.set(path, linkage);
  };
  const programs = listTree(stage).filter(({ path, kind }) => kind === "file" && mayBeElf(path));
  for (const { path } of programs) look(path);
  // Each library that is brought along may need more of them.
  for (const [, { needed }] of linked) {
    for (const name of needed) {
      const source = own.get(name);
      const place = source?.place ?? "";
      if (source === undefined || linked.has(place)) continue;
      if (!pathExists(join(stage, place))) placeFile(source.path, join(stage, place));
      look(place);
    }
  }
  for (const [path, linkage] of linked) findBeside(path, linkage, { stage, own });
  return needsOf(linked);
}

const mayBeElf = (path: string): boolean =>
  /\.so(?:\.[\w.]+)?$/.test(path) || /^bin\/[^/]+$/.test(path) || !/\.[A-Za-z]\w*$/.test(basename(path));

interface OwnLibrary {
  readonly path: string;
  readonly place: string;
}

/** The libraries that belong to the Python, by name: those of its prefix, and libpython wherever it stands. */
function ownLibraries(interpreter: Interpreter): Map<string, OwnLibrary> {
  const folder = join(interpreter.basePrefix, "lib");
  const found = new Map<string, OwnLibrary>();
  if (!isSystemPrefix(interpreter.basePrefix) && isFolder(folder)) {
    for (const { name, kind } of listFolder(folder))
      if (kind !== "folder" && /\.so(?:\.|$)/.test(name)) found.set(name, { path: join(folder, name), place: `lib/${name}` });
  }
  const { sharedLibrary } = interpreter;
  if (sharedLibrary !== undefined) found.set(basename(sharedLibrary), { path: sharedLibrary, place: sharedPlace(interpreter) });
  return found;
}

/** Lets a file find the libraries of the bundle that it needs: by `$ORIGIN`, its own folder. */
function findBeside(
  path: string,
  { needed, searched }: ElfLinkage,
  { stage, own }: { readonly stage: string; readonly own: ReadonlyMap<string, OwnLibrary> },
): void {
  const folders = new Set(
    needed.flatMap((name) => {
      const place = own.get(name)?.place;
      return place === undefined ? [] : [dirname(place)];
    }),
  );
  const folder = dirname(path);
  const reached = new Set(
    searched.map((one) => one.replace(/^\$(?:ORIGIN|\{ORIGIN\})/, join(stage, folder))).map((one) => resolve("/", one)),
  );
  const missing = [...folders].filter((one) => !reached.has(join(stage, one)));
  if (missing.length === 0) return;
  const relativeOnes = searched.filter((one) => one.startsWith("$"));
  const wanted = [...missing.map((one) => `$ORIGIN/${relative(folder, one)}`), ...relativeOnes].join(":");
  const file = join(stage, path);
  const patched = withRunpath(readBytes(file), wanted);
  if (patched === undefined) {
    throw new PenError("TARGET_UNSUPPORTED", "The Python of this environment cannot be bundled", {
      why: `${printableLine(path)} needs a library of this Python, finds it by a fixed place, and has no room for another one.`,
      hint: "Make the environment from another Python; `pen python list` shows them.",
      data: { path },
    });
  }
  const status = statusOf(file);
  writeAtomic(file, patched, { mode: status?.mode ?? 0o755 });
  changeMode(file, status?.mode ?? 0o755);
  setTime(file, status?.mtimeMs ?? 0);
}

function needsOf(linked: ReadonlyMap<string, ElfLinkage>): SystemNeeds {
  const brought = new Set([...linked].flatMap(([path, { soname }]) => [basename(path), ...(soname === undefined ? [] : [soname])]));
  const users = new Map<string, string[]>();
  for (const [path, { needed }] of linked)
    for (const name of needed) if (!brought.has(name) && !name.startsWith("ld-linux")) users.set(name, [...(users.get(name) ?? []), path]);
  const libraries = [...users].map(([name, usedBy]) => ({ name, usedBy: usedBy.sort() }));
  const versions = [...linked.values()].flatMap(({ glibc }) => (glibc === undefined ? [] : [glibc]));
  const [highest] = versions.sort(([a, b], [c, d]) => c - a || d - b);
  return { glibc: highest?.join("."), libraries: libraries.sort((a, b) => (a.name < b.name ? -1 : 1)) };
}
