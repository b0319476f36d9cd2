import { PenError, dirname, isAbsolute, posix, relative, sep } from "#foundation";
import type { StoredWheel, WheelScheme } from "#store";
import type { Environment } from "#venv";
import type { InstallTarget } from "./types.ts";

/** A virtual environment as a target. */
export function targetOf({ root, paths, interpreter }: Environment): InstallTarget {
  return { root, paths, cacheTag: interpreter.cacheTag, pythonVersion: interpreter.version };
}

/** The folder of pen inside an environment: lock, journal and the list of linked packages. */
export const penFolderName = ".pen";

/** Absolute folders that the schemes of one wheel go to, and the folder that RECORD's paths are relative to. */
export type SchemeFolders = Readonly<Record<WheelScheme, string>>;

/** Where the files of `wheel` go in `target`. Headers get a folder of the distribution's name, as pip gives them. */
export function schemeFolders(target: InstallTarget, wheel: StoredWheel): SchemeFolders {
  const { paths } = target;
  const { manifest } = wheel;
  return {
    lib: manifest.rootIsPurelib ? paths.purelib : paths.platlib,
    scripts: paths.scripts,
    data: paths.data,
    headers: `${paths.include}/${manifest.name}`,
  };
}

/** True when the RECORD that the store made for `lib/pythonX.Y/site-packages` is right for these folders as it stands. */
export function hasUsualLayout(target: InstallTarget, folders: SchemeFolders): boolean {
  return relativePath(folders.lib, folders.scripts) === "../../../bin" && relativePath(folders.lib, target.paths.data) === "../../..";
}

/** `to` as seen from the folder `from`, with `/`. */
export function relativePath(from: string, to: string): string {
  return relative(from, to).split(sep).join("/");
}

/** True when `path` is `folder` or lies in it, by the letters alone. Both absolute and normalised. */
export function isInside(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder.endsWith("/") ? folder : `${folder}/`);
}

/** The absolute path of a row of RECORD, normalised; undefined when it is not inside `root`. */
export function recordedPath(root: string, location: string, path: string): string | undefined {
  if (path.includes("\0")) return undefined;
  // Nearly every row is this plain, and normalising costs more than all else that is done with it.
  if (!path.startsWith("/") && !path.includes("./") && !path.includes("//") && !path.endsWith(".") && path !== "") {
    const plain = `${location}/${path}`;
    return isInside(root, plain) ? plain : undefined;
  }
  const full = posix.normalize(isAbsolute(path) ? path : `${location}/${path}`);
  return full !== root && isInside(root, full) ? full : undefined;
}

const interpreters = /^(python|pypy|graalpy)[\d.]*t?w?(-config)?(\.exe)?$/i;
const activators = /^(de)?activate([._].*)?$/i;

/** True for what makes the place an environment (interpreter, activation scripts, `pyvenv.cfg`, pen's own folder): no distribution may replace or remove it. */
export function isProtected(target: InstallTarget, path: string): boolean {
  if (isInside(`${target.root}/${penFolderName}`, path) || path === `${target.root}/pyvenv.cfg`) return true;
  if (dirname(path) !== target.paths.scripts) return false;
  const name = path.slice(path.lastIndexOf("/") + 1);
  return interpreters.test(name) || activators.test(name);
}

/** Refuses a target with a folder outside of its root: the journal could not undo there. */
export function checkTarget(target: InstallTarget): void {
  for (const folder of Object.values(target.paths) as string[]) {
    if (isInside(target.root, folder)) continue;
    throw new PenError("ENV_BROKEN", `${folder} is not inside ${target.root}`, {
      why: "pen installs only below one folder, so that everything it does can be undone.",
      data: { root: target.root, folder },
    });
  }
}
