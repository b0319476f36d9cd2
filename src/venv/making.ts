/** Making what stands in an environment, where nothing stands yet. */
import { copyFile, errnoOf, hardLink, makeFolder, PenError, symbolicLink, writeNew, dirname } from "#foundation";
import type { Entry } from "./entries.ts";

/** Makes the entries in a folder that holds nothing yet: one system call for each. */
export function buildFresh(root: string, entries: readonly Entry[]): void {
  for (const entry of entries) makeEntry(root, entry);
}

/** Makes one entry below `root`. Errors: FILE_SYSTEM when something stands there. */
export function makeEntry(root: string, entry: Entry): void {
  const path = `${root}/${entry.path}`;
  switch (entry.kind) {
    case "folder":
      if (!makeFolder(path))
        throw new PenError("FILE_SYSTEM", `Another program makes ${path} at the same time`, { data: { path, errno: "EEXIST" } });
      return;
    case "file":
      return writeNew(path, entry.text, entry.executable === true ? 0o755 : undefined);
    case "courtesy":
      return writeNew(path, entry.text);
    case "copy":
      return copyExecutable(root, path, entry.source);
    case "link":
      return makeLink(root, path, entry);
  }
}

const withoutLinks: readonly string[] = ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EINVAL"];

function makeLink(root: string, path: string, entry: Entry & { kind: "link" }): void {
  try {
    symbolicLink(entry.target, path);
  } catch (error) {
    if (!withoutLinks.includes(errnoOf(error) ?? "")) throw error;
    if (entry.source !== undefined) copyExecutable(root, path, entry.source);
  }
}

/** The second name of a copy is a link to the first, where the file system can. */
function copyExecutable(root: string, path: string, source: string): void {
  const first = `${root}/bin/python`;
  if (path !== first && dirname(path) === dirname(first) && /\/(?:python|pypy|graalpy)[\d.]*t?$/.test(path)) {
    try {
      return hardLink(first, path);
    } catch {
      // A file system without hard links gets a second copy.
    }
  }
  copyFile(source, path);
}
