import { listFolder, realPath, statusOf, type FileKind, dirname } from "#foundation";
import { isInside } from "./layout.ts";

/**
 * What stands in the folders of an environment as a transaction will find it: each folder is read once, and names that the
 * transaction removes are taken out.
 */
export interface Survey {
  /** The names in a folder; undefined when there is no such folder, or links lead it out of the root. */
  names(folder: string): Map<string, FileKind> | undefined;
  kindOf(path: string): FileKind | undefined;
  /** Counts `path` as removed. */
  forget(path: string): void;
}

export function surveyOf(root: string): Survey {
  const folders = new Map<string, Map<string, FileKind> | undefined>();
  let realRoot: string | undefined;
  const read = (folder: string): Map<string, FileKind> | undefined => {
    const status = statusOf(folder);
    if (status === undefined || status.kind === "file" || status.kind === "other") return undefined;
    realRoot ??= realPath(root);
    if (!leadsInside(realRoot, folder)) return undefined;
    return new Map(listFolder(folder).map(({ name, kind }) => [name, kind]));
  };
  const names = (folder: string): Map<string, FileKind> | undefined => {
    if (!folders.has(folder)) folders.set(folder, read(folder));
    return folders.get(folder);
  };
  return {
    names,
    kindOf: (path) => names(dirname(path))?.get(path.slice(path.lastIndexOf("/") + 1)),
    forget: (path) => void names(dirname(path))?.delete(path.slice(path.lastIndexOf("/") + 1)),
  };
}

function leadsInside(realRoot: string, folder: string): boolean {
  try {
    return isInside(realRoot, realPath(folder));
  } catch {
    return false; // A link that leads nowhere.
  }
}
