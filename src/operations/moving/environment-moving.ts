import {
  excerpt,
  isFolder,
  isProcessAlive,
  isTemporaryName,
  listFolder,
  makeFolders,
  pathExists,
  PenError,
  printableLine,
  realPath,
  removeTree,
  statusOf,
  temporaryBeside,
  temporaryOwner,
  basename,
  dirname,
  isAbsolute,
  join,
  resolve,
} from "#foundation";
import type { InstallTarget } from "#installer";
import { holdsInstallation, isEnvironment, type RelocationPaths } from "#venv";
import type { Context } from "../context.ts";
import { checkEnvironmentName, environmentFolder, notFoundHint } from "../environments/environment-names.ts";

/** An environment that is to be copied, moved or packed up, whole or broken. */
export interface StandingEnvironment {
  /** Absolute. */
  readonly root: string;
  /** The same with links followed. */
  readonly real: string;
  readonly target: InstallTarget;
  /** Every folder of packages: more than one where an environment had another Python once. */
  readonly libraries: readonly RelocationPaths[];
}

/** The environment that a person means by `text`. Errors: ENV_NOT_FOUND; ENV_EXISTS for a link, and for the folder of a Python. */
export function standingEnvironment(text: string, { host }: Context): StandingEnvironment {
  const root = environmentFolder(text, host);
  if (statusOf(root)?.kind === "link") {
    throw new PenError("ENV_EXISTS", `${printableLine(root)} is a link`, {
      why: "What it leads to would stay where it is.",
      hint: `Name the folder itself: ${pathExists(root) ? printableLine(realPath(root)) : "the link leads nowhere"}`,
      data: { path: root },
    });
  }
  if (!isEnvironment(root)) {
    throw new PenError("ENV_NOT_FOUND", `There is no virtual environment at ${printableLine(root)}`, {
      why: statusOf(root) === undefined ? "Nothing stands there." : "It has no pyvenv.cfg with a Python beside it.",
      hint: notFoundHint(text, host, "See them: pen env list"),
      data: { path: root },
    });
  }
  const real = realPath(root);
  if (holdsInstallation(real)) {
    throw new PenError("ENV_EXISTS", `A Python is installed in ${printableLine(root)}`, {
      why: "It is more than an environment, and others may stand on it.",
      hint: "Make an environment from it: pen venv",
      data: { path: root },
    });
  }
  return { root, real, ...foldersOf(root) };
}

/** The folders as they are on disk: that needs no Python, so that broken environments can be moved too. */
export function foldersOf(root: string): Pick<StandingEnvironment, "target" | "libraries"> {
  const scripts = join(root, "bin");
  const versioned = listFolder(join(root, "lib")).flatMap(({ name, kind }) =>
    kind === "folder" && /^(?:python|pypy)\d/.test(name) ? [join(root, "lib", name, "site-packages")] : [],
  );
  const found = [...versioned, join(root, "site-packages")].filter(isFolder);
  const libraries = found.map((library) => ({ purelib: library, platlib: library, scripts }));
  const first = libraries[0] ?? { purelib: root, platlib: root, scripts };
  return { target: { root, paths: { ...first, data: root, include: join(root, "include") }, pythonVersion: "" }, libraries };
}

/**
 * The absolute place that `text` means for a new environment; a plain word, where the old one was named by a word too, is a name beside it.
 * Errors: ENV_EXISTS when anything stands there, USAGE, TARGET_UNSUPPORTED for a path that no environment can have.
 */
export function freePlace(text: string, { host }: Context, old?: { readonly named: string; readonly root: string }): string {
  const isNamed = old !== undefined && isWord(old.named) && isWord(text) && resolve(host.cwd, old.named) !== old.root;
  if (isNamed) checkEnvironmentName(text);
  const path = isNamed ? join(dirname(old.root), text) : resolve(host.cwd, text);
  if (text === "" || /[:\0]/.test(path)) {
    throw new PenError("TARGET_UNSUPPORTED", `An environment cannot stand at ${excerpt(text, 200)}`, {
      why: text === "" ? "The path is empty." : "The path holds a colon (':') or NUL: the environment could not be activated.",
      hint: "Choose another path, for example .venv",
      data: { path },
    });
  }
  if (statusOf(path) !== undefined) {
    throw new PenError("ENV_EXISTS", `${printableLine(path)} is taken`, {
      why: `${statusOf(path)?.kind === "folder" ? "A folder" : "Something"} stands there, and pen never overwrites what it did not make.`,
      hint: "Name a place where nothing stands.",
      data: { path },
    });
  }
  if (old !== undefined && path.startsWith(`${old.root}/`)) {
    throw new PenError("USAGE", `${printableLine(path)} is inside the environment itself`, { hint: "Name a place outside of it." });
  }
  return path;
}

const isWord = (text: string): boolean => text !== "" && !isAbsolute(text) && basename(text) === text && !text.startsWith(".");

const leftoverAge = 3_600_000;

/**
 * A new name beside `place`, whose folder is made; what commands that were killed left there is removed. Their process must be gone, and an hour over: in
 * another container the same number may be that of a living one.
 */
export function makingPlace(place: string, { host }: Context): string {
  const folder = dirname(place);
  makeFolders(folder);
  for (const { name } of listFolder(folder)) {
    if (!isTemporaryName(name) || isProcessAlive(temporaryOwner(name))) continue;
    const path = join(folder, name);
    const time = statusOf(path)?.mtimeMs;
    if (time !== undefined && host.now() - time > leftoverAge) removeTree(path);
  }
  return temporaryBeside(place);
}

/** Notes in the store what the environment's packages will be at the new place, so that nothing of it is pruned. */
export function announceCopy({ store }: Context, from: StandingEnvironment, to: string): void {
  for (const { purelib } of from.libraries) {
    const wheels = store.usedBy(purelib).flatMap((sha256) => store.find(sha256) ?? []);
    if (wheels.length > 0) store.recordUse(join(to, purelib.slice(from.root.length + 1)), wheels);
  }
}
