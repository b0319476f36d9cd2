import { dirname } from "node:path";
import { PenError, printableLine, targetStatusOf, type FileKind } from "#foundation";
import type { Survey } from "./survey.ts";

/** What a transaction creates, in the order of creation. Paths are absolute. Filled by {@link createAdditions}. */
export interface Additions {
  /** Folders that did not exist, parents first. */
  readonly folders: string[];
  /** Those of {@link folders} whose parent existed: removing them undoes everything below them. */
  readonly newRoots: string[];
  /** Files and links in folders that existed: each must be removed to undo. */
  readonly newFiles: string[];
  /** Existing files that a new one replaces. */
  readonly replaced: string[];
  /** File `from[n]` of the store becomes `to[n]`. */
  readonly from: string[];
  readonly to: string[];
  readonly symlinks: Array<{ readonly target: string; readonly path: string }>;
  readonly writes: Array<{ readonly path: string; readonly content: string }>;
}

/** What happens to one wanted path. */
export type Place = "free" | "taken" | "planned";

export interface AdditionsBuilder {
  readonly additions: Additions;
  /** Makes sure that `folder` will exist, for `owner`. Errors: FILE_CONFLICT when something else stands there. */
  folder(folder: string, owner: string): FolderState;
  /** Reserves the folder `path`, and `below` (folders in it, parents first), for `owner` alone. False when it stands there or is planned already. */
  tree(path: string, below: readonly string[], owner: string): boolean;
  /** Reserves `path` in its folder, which was made sure of. `owner` is the distribution that wants it. */
  claim(path: string, state: FolderState, owner: string): Place;
  /** Who reserved `path`. */
  ownerOf(path: string): string | undefined;
  /** Takes the existing file at `path` away and reserves the place. */
  replace(path: string, owner: string): void;
}

export interface FolderState {
  /** The names in an existing folder; undefined for a folder that the transaction creates. */
  readonly names: Map<string, FileKind> | undefined;
  /** The first distribution that put something here. */
  owner: string | undefined;
  /** What it put here, until a second one comes: within one wheel no path comes twice, and most folders have one owner. */
  readonly paths: string[];
  /** From then on every path with its owner. */
  owners: Map<string, string> | undefined;
}

function folderState(names: Map<string, FileKind> | undefined): FolderState {
  return { names, owner: undefined, paths: [], owners: undefined };
}

/** Notes that `owner` puts `path` here; the other owner when the path is taken. */
function enter(state: FolderState, path: string, owner: string): string | undefined {
  if (state.owners === undefined) {
    if (state.owner === undefined || state.owner === owner) {
      state.owner = owner;
      state.paths.push(path);
      return undefined;
    }
    const first = state.owner;
    state.owners = new Map(state.paths.map((path) => [path, first]));
  }
  const other = state.owners.get(path);
  if (other === undefined) state.owners.set(path, owner);
  return other;
}

/** Collects additions to the tree below `root` against what `survey` finds there. No file is touched, and no new folder is ever looked at. */
export function createAdditions(root: string, survey: Survey): AdditionsBuilder {
  const additions: Additions = { folders: [], newRoots: [], newFiles: [], replaced: [], from: [], to: [], symlinks: [], writes: [] };
  const known = new Map<string, FolderState>();
  const find = (path: string, owner: string): FolderState => {
    if (path === root) return folderState(survey.names(root) ?? new Map());
    if (path.length <= root.length) throw new PenError("INTERNAL", `${path} is outside of ${root}`);
    const parent = folder(dirname(path), owner);
    const kind = parent.names?.get(nameOf(path));
    if (kind === undefined) {
      const other = enter(parent, path, owner);
      if (other !== undefined) throw inTheWay(path, `${other} brings a file of that name, and ${owner} a folder.`);
      additions.folders.push(path);
      if (parent.names !== undefined) additions.newRoots.push(path);
      return folderState(undefined);
    }
    const names = kind === "folder" || kind === "link" ? survey.names(path) : undefined;
    if (names !== undefined) return folderState(names);
    const leadsOut = kind === "link" && targetStatusOf(path)?.kind === "folder";
    throw inTheWay(path, leadsOut ? "It is a link to a folder outside of the environment." : "A folder is needed there.");
  };
  const folder = (path: string, owner: string): FolderState => {
    let state = known.get(path);
    if (state === undefined) known.set(path, (state = find(path, owner)));
    return state;
  };
  return {
    additions,
    folder,
    tree: (path, below, owner) => {
      if (known.has(path) || folder(dirname(path), owner).names?.has(nameOf(path)) === true) return false;
      folder(path, owner);
      for (const one of below) known.set(one, folderState(undefined));
      additions.folders.push(...below);
      return true;
    },
    ownerOf: (path) => {
      const state = known.get(dirname(path));
      return state?.owners === undefined ? state?.owner : state.owners.get(path);
    },
    claim: (path, state, owner) => {
      const kind = state.names?.get(nameOf(path));
      if (kind === "folder") throw inTheWay(path, `${owner} brings a file of that name, and a folder stands there.`);
      if (kind !== undefined) return "taken";
      if (enter(state, path, owner) !== undefined) {
        if (known.has(path)) throw inTheWay(path, `${owner} brings a file where another distribution has a folder.`);
        return "planned";
      }
      if (state.names !== undefined) additions.newFiles.push(path);
      return "free";
    },
    replace: (path, owner) => replace({ additions, survey, state: known.get(dirname(path)) }, path, owner),
  };
}

interface Replacing {
  readonly additions: Additions;
  readonly survey: Survey;
  readonly state: FolderState | undefined;
}

function replace({ additions, survey, state }: Replacing, path: string, owner: string): void {
  if (state !== undefined && enter(state, path, owner) !== undefined) return;
  survey.forget(path);
  additions.replaced.push(path);
  additions.newFiles.push(path);
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function inTheWay(path: string, why: string): PenError {
  return new PenError("FILE_CONFLICT", `${printableLine(path)} is in the way`, {
    why,
    hint: "Move it away and run the command again.",
    data: { path },
  });
}
