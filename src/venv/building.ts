import {
  errnoOf,
  listFolder,
  makeFolder,
  PenError,
  readLink,
  readTextIfAny,
  removeEmptyFolder,
  removeTree,
  rename,
  statusOf,
  temporaryBeside,
  join,
} from "#foundation";
import type { Entry } from "./entries.ts";
import { buildFresh, makeEntry } from "./making.ts";

/**
 * Makes the entries in a folder that holds something. What is there and right stays; what is replaced is kept beside it until all
 * is done, and put back when anything fails. `stale` are files to take away, relative paths.
 */
export function buildOver(root: string, entries: readonly Entry[], stale: readonly string[]): void {
  const undo: (() => void)[] = [];
  const kept: string[] = [];
  const setAside = (path: string) => {
    const aside = temporaryBeside(path);
    rename(path, aside);
    kept.push(aside);
    undo.push(() => rename(aside, path));
  };
  try {
    for (const name of stale) setAside(join(root, name));
    for (const entry of entries) {
      const path = `${root}/${entry.path}`;
      if (isRight(path, entry)) continue;
      if (statusOf(path) !== undefined) setAside(path);
      undo.push(() => removeTree(path));
      try {
        makeEntry(root, entry);
      } catch (error) {
        // What another program made there meanwhile is not this one's to remove.
        if (errnoOf(error) === "EEXIST") undo.pop();
        throw error;
      }
    }
  } catch (error) {
    for (const step of undo.reverse()) attemptQuietly(step);
    throw error;
  }
  for (const path of kept) removeTree(path);
}

function isRight(path: string, entry: Entry): boolean {
  const status = statusOf(path);
  if (status === undefined) return false;
  switch (entry.kind) {
    case "folder":
      if (status.kind === "folder") return true;
      throw new PenError("ENV_EXISTS", `${path} is not a folder`, {
        why:
          status.kind === "link"
            ? "It is a link, and pen does not write through links into other folders."
            : "An environment needs a folder there.",
        hint: "Choose another place for the environment.",
        data: { path },
      });
    case "courtesy":
      return true;
    case "file":
      return status.kind === "file" && readTextIfAny(path) === entry.text;
    case "link":
      if (entry.source === undefined && status.kind === "folder") return true; // A real lib64 does the same as the link.
      return status.kind === "link" && readLink(path) === entry.target;
    case "copy":
      return false;
  }
}

/**
 * Replaces all that is in `root` by the entries. They are made in a folder inside it, then the old ones are moved aside and the new
 * ones into place, and only then the old ones removed: the folder itself, which may be a link's target, a mount point or somebody's working
 * directory, stays. When anything fails before that, all is as it was.
 */
export function buildInstead(root: string, entries: readonly Entry[]): void {
  const old = listFolder(root).map(({ name }) => name);
  const stage = temporaryBeside(join(root, "x"));
  const aside = temporaryBeside(join(root, "x"));
  const undo: (() => void)[] = [];
  const make = (folder: string) => {
    makeFolder(folder);
    undo.push(() => removeTree(folder));
  };
  const move = (name: string, from: string, to: string) => {
    rename(join(from, name), join(to, name));
    undo.push(() => rename(join(to, name), join(from, name)));
  };
  try {
    make(stage);
    buildFresh(stage, entries);
    make(aside);
    for (const name of old) move(name, root, aside);
    for (const { name } of listFolder(stage)) move(name, stage, root);
  } catch (error) {
    for (const step of undo.reverse()) attemptQuietly(step);
    throw error;
  }
  removeEmptyFolder(stage);
  try {
    removeTree(aside);
  } catch (error) {
    throw new PenError("FILE_SYSTEM", `The environment in ${root} is new and whole, but the old one could not be removed`, {
      why: error instanceof PenError ? (error.why ?? error.message) : String(error),
      hint: `Remove what is left of it: ${aside}`,
      data: { path: aside },
      cause: error,
    });
  }
}

/** Undoing goes on when one step of it fails: the first error is the one to report. */
function attemptQuietly(step: () => void): void {
  try {
    step();
  } catch {
    // Reported is what went wrong first.
  }
}
