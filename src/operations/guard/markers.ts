import { dataDir, isFolder, isWritable, listFolder, pathExists, readTextIfAny, realPath, statusOf, type Host, join } from "#foundation";
import type { Interpreter } from "#python";
import { baseSiteFolders, userSite } from "../explain/path.ts";

/** The marker of PEP 668 that `pen guard on` puts beside the standard library. */
export const markerText: string = `[externally-managed]
Error=This Python is guarded: pip installs into environments only, because
 two projects that share one Python cannot have two versions of one library.

 Make an environment, and install into that:
     pen venv
     pen pip install PACKAGE

 Undo the guard: pen guard off
`;

export const markerFile = (interpreter: Interpreter): string => join(interpreter.paths.stdlib, "EXTERNALLY-MANAGED");

/** What stands at the place of the marker: nothing, pen's own (`cut` when its writing was cut off), or somebody else's. */
export function markerAt(path: string): "none" | "pen" | "cut" | "other" {
  try {
    const text = readTextIfAny(path);
    if (text === undefined) return statusOf(path) === undefined ? "none" : "other";
    return text === markerText ? "pen" : markerText.startsWith(text) ? "cut" : "other";
  } catch {
    return "other";
  }
}

/**
 * Why pen puts no marker into this Python: undefined when it may. A Python is the person's own when they own its library, and it stands in their
 * home folder or where pyenv, asdf, mise, uv or pen keep Pythons. So the system's stays as it is, for the administrator too.
 */
export function reasonForNoMarker(interpreter: Interpreter, host: Host): string | undefined {
  if (isFolder(join(interpreter.prefix, "conda-meta"))) return "conda manages it";
  const { stdlib } = interpreter.paths;
  try {
    const real = realPath(stdlib);
    const isOwn = host.uid < 0 || statusOf(real)?.owner === host.uid;
    if (!isOwn || !ownFolders(host).some((folder) => real.startsWith(`${folder}/`))) return "it is not a Python of your own";
    return isWritable(real) ? undefined : "its folder is read-only";
  } catch {
    return "its library cannot be looked at";
  }
}

function ownFolders({ env, home, ...host }: Host): string[] {
  const data = env["XDG_DATA_HOME"] || join(home, ".local", "share");
  const folders = [
    home,
    env["PYENV_ROOT"],
    env["ASDF_DATA_DIR"],
    env["MISE_DATA_DIR"],
    env["UV_PYTHON_INSTALL_DIR"],
    data,
    dataDir({ env, home, ...host }),
  ];
  // The root of the file system as home (some containers) makes nothing one's own.
  return folders.flatMap((folder) => (folder && isFolder(folder) && realPath(folder) !== "/" ? [realPath(folder)] : []));
}

/** The version of the pip that this Python would run; undefined when it has none. */
export function pipVersion(interpreter: Interpreter, host: Host): string | undefined {
  for (const folder of [userSite(interpreter, host), ...baseSiteFolders(interpreter)]) {
    for (const { name } of isFolder(folder) ? listFolder(folder) : []) {
      const version = /^pip-(\d[^-]*)\.(?:dist|egg)-info$/i.exec(name)?.[1];
      if (version !== undefined && pathExists(join(folder, "pip"))) return version;
    }
  }
  return undefined;
}

/** pip obeys the marker from 23.0.1 on; Debian taught its 23.0 the same, and calls it 23.0.1. */
export function obeysMarker(pip: string): boolean {
  const [major = 0, minor = 0, micro = 0] = pip.split(".").map((part) => Number.parseInt(part, 10) || 0);
  return major > 23 || (major === 23 && (minor > 0 || micro > 0));
}
