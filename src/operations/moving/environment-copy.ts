import {
  changeMode,
  copyFile,
  errnoOf,
  hardLink,
  listFolder,
  makeFolders,
  readLink,
  setTime,
  statusOf,
  symbolicLink,
  type FileStatus,
  join,
} from "#foundation";

interface CopyOptions {
  /** Give files that have several names already one more instead of copying their bytes. */
  readonly share: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** pen's own notes of a command at work are not for the copy. */
const transient = /^\.pen\/(?:lock|journal\.json|committed\.json|undo-[^/]*|\.pen-tmp-[^/]*)$/;
/** Files of the environment itself, which its owner may edit: never one file with another environment. */
const personal = /^(?:[^/]+|bin\/(?:(?:de)?activate[^/]*|(?:python|pypy|graalpy)[^/]*))$/;

/**
 * Copies the environment at `from` to `to`, which does not exist; its folders are made. Links stay links; modes and times are kept, without which
 * Python would compile everything again. `pyvenv.cfg` comes last of all: without it a copy that was cut off is no environment.
 */
export function copyEnvironment(from: string, to: string, options: CopyOptions): { readonly linked: number; readonly copied: number } {
  const counts = { linked: 0, copied: 0 };
  const seen = new Map<string, string>();
  const place = (path: string): void => {
    const status = statusOf(join(from, path));
    if (status === undefined) return;
    const shared = placeFile({ source: join(from, path), target: join(to, path) }, status, {
      seen,
      share: options.share && !personal.test(path),
    });
    counts[shared ? "linked" : "copied"] += 1;
  };
  makeFolders(to);
  const waiting = [""];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    options.signal?.throwIfAborted();
    for (const { name, kind } of listFolder(join(from, folder))) {
      const path = folder === "" ? name : `${folder}/${name}`;
      if (transient.test(path) || path === "pyvenv.cfg" || kind === "other") continue;
      if (kind === "folder") {
        makeFolders(join(to, path));
        waiting.push(path);
      } else if (kind === "link") symbolicLink(readLink(join(from, path)), join(to, path));
      else place(path);
    }
  }
  place("pyvenv.cfg");
  return counts;
}

/** True when the file got one more name instead of a copy. Names that are one file in the old environment are one in the new. */
function placeFile(
  { source, target }: { readonly source: string; readonly target: string },
  status: FileStatus,
  { seen, share }: { readonly seen: Map<string, string>; readonly share: boolean },
): boolean {
  if (status.links > 1) {
    const key = `${status.device}:${status.inode}`;
    const first = share ? source : seen.get(key);
    if (first !== undefined && tryHardLink(first, target)) return true;
    seen.set(key, target);
  }
  copyFile(source, target);
  changeMode(target, status.mode);
  setTime(target, status.mtimeMs);
  return false;
}

function tryHardLink(existing: string, path: string): boolean {
  try {
    hardLink(existing, path);
    return true;
  } catch (error) {
    if (["EXDEV", "EPERM", "EMLINK", "ENOTSUP", "EOPNOTSUPP"].includes(errnoOf(error) ?? "")) return false;
    throw error;
  }
}
