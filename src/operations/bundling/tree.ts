import {
  changeMode,
  copyFile,
  isPenError,
  listFolder,
  makeFolders,
  readLink,
  realPath,
  removeFile,
  setTime,
  statusOf,
  symbolicLink,
  targetStatusOf,
  type FileKind,
  dirname,
  isAbsolute,
  join,
  resolve,
} from "#foundation";

interface TreeOptions {
  /** Relative paths that are left out, with all below them. */
  readonly skip?: (path: string, isFolder: boolean) => boolean;
}

/** Folders deeper than this are a circle of links. */
const maxDepth = 64;

/**
 * Copies a folder for a bundle: files with their times and with plain modes (0755 for what can be executed, else 0644). A relative link that stays
 * inside remains one; any other is replaced by what it leads to, so that nothing leads out. Dangling links are left out. Later copies go over earlier ones.
 */
export function copyTree(from: string, to: string, { skip }: TreeOptions = {}): void {
  const real = realPath(from);
  const waiting = [{ source: from, path: "", depth: 0 }];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    makeFolders(join(to, folder.path));
    if (folder.depth > maxDepth) continue;
    for (const { name, kind } of listFolder(folder.source)) {
      const path = folder.path === "" ? name : `${folder.path}/${name}`;
      const source = join(folder.source, name);
      const found = kind === "link" ? targetKind(source) : kind;
      if (found === undefined || found === "other" || found === "link" || skip?.(path, found === "folder") === true) continue;
      if (kind === "link" && staysInside(source, folder.source, real)) placeLink(readLink(source), join(to, path));
      else if (found === "folder") waiting.push({ source, path, depth: folder.depth + 1 });
      else placeFile(source, join(to, path));
    }
  }
}

function targetKind(path: string): FileKind | undefined {
  try {
    return targetStatusOf(path)?.kind;
  } catch (error) {
    if (isPenError(error, "FILE_SYSTEM")) return undefined; // A circle.
    throw error;
  }
}

/** A link whose text names something beside or below, and which stands in the tree itself, not in a folder that a link leads to. */
function staysInside(link: string, folder: string, real: string): boolean {
  const target = readLink(link);
  if (isAbsolute(target)) return false;
  const home = realPath(folder);
  const full = resolve(home, target);
  return (home === real || home.startsWith(`${real}/`)) && full.startsWith(`${real}/`) && !/\/__pycache__(?:\/|$)/.test(full);
}

function placeLink(target: string, path: string): void {
  removeFile(path);
  symbolicLink(target, path);
}

/** Copies one file, links followed, with its time; over what stands there. */
export function placeFile(source: string, path: string): void {
  const status = targetStatusOf(source);
  if (status === undefined) return;
  makeFolders(dirname(path));
  if (statusOf(path) !== undefined) removeFile(path);
  copyFile(realPath(source), path);
  changeMode(path, (status.mode & 0o111) === 0 ? 0o644 : 0o755);
  setTime(path, status.mtimeMs);
}

/** All files below a folder with their paths relative to it, in the order of the paths; links are listed as such, folders too. */
export function listTree(root: string): Array<{ readonly path: string; readonly kind: "file" | "folder" | "link" }> {
  const found: Array<{ readonly path: string; readonly kind: "file" | "folder" | "link" }> = [];
  const waiting = [""];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    for (const { name, kind } of listFolder(join(root, folder))) {
      const path = folder === "" ? name : `${folder}/${name}`;
      if (kind === "other") continue;
      found.push({ path, kind });
      if (kind === "folder") waiting.push(path);
    }
  }
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}
