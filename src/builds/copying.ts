import {
  copyFile,
  listFolder,
  makeFolder,
  makeFolders,
  pathExists,
  readLink,
  statusOf,
  symbolicLink,
  changeMode,
  setTime,
  basename,
  dirname,
  join,
} from "#foundation";

/** Never part of a project, often huge. */
const passedOver: ReadonlySet<string> = new Set([
  ".tox",
  ".nox",
  "node_modules",
  "__pycache__",
  ".mypy_cache",
  ".pytest_cache",
  ".ruff_cache",
  ".eggs",
]);

/** More neighbours than these are no repository that projects of one folder share. */
const mostNeighbours = 200;

/**
 * Copies a project into `into` and gives its new folder, so that a build leaves nothing behind in the person's own. Environments, caches of tools and
 * sockets are left out, links stay links. Beside the copy stand links to what stands beside the project: builds read `../README.md`.
 */
export function copyProject(folder: string, into: string): string {
  const parent = dirname(folder);
  const copy = join(into, basename(folder) || "project");
  makeFolders(into);
  const neighbours = parent === folder ? [] : listFolder(parent);
  if (neighbours.length <= mostNeighbours)
    for (const { name } of neighbours) if (name !== basename(folder)) symbolicLink(join(parent, name), join(into, name));
  copyTree(folder, copy);
  return copy;
}

function copyTree(from: string, to: string): void {
  makeFolder(to);
  for (const { name, kind } of listFolder(from)) {
    const [source, target] = [join(from, name), join(to, name)];
    if (kind === "file") copyWithTime(source, target);
    else if (kind === "link") symbolicLink(readLink(source), target);
    else if (kind === "folder" && !passedOver.has(name) && !pathExists(join(source, "pyvenv.cfg"))) copyTree(source, target);
  }
}

/** Times matter to make, and to git, which else reads every file again. */
function copyWithTime(source: string, target: string): void {
  const status = statusOf(source);
  copyFile(source, target);
  if (status === undefined) return;
  if ((status.mode & 0o200) === 0) changeMode(target, status.mode | 0o200);
  setTime(target, status.mtimeMs);
}
