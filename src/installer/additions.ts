import { PenError, printableLine, targetStatusOf, type FileKind, type ManyNames, dirname } from "#foundation";
import type { Survey } from "./survey.ts";

/** What a transaction creates, in the order of creation. Paths are absolute. Filled by {@link createAdditions}. */
export interface Additions {
  /** Folders that did not exist and belong to no batch alone, parents first. All others come after them. */
  readonly folders: string[];
  /** What each wheel brings. None needs a folder of another. */
  readonly batches: Batch[];
  /** What comes into folders of {@link batches} and needs no folder of another one here. */
  readonly laterBatches: Batch[];
  /** `.dist-info` folders, each with all that is in it but what an installer writes: they come after all other batches. */
  readonly infoBatches: Batch[];
  /** New folders whose parent existed: removing them undoes everything below them. */
  readonly newRoots: string[];
  /** Files and links in folders that existed: each must be removed to undo. */
  readonly newFiles: string[];
  /** Existing files that a new one replaces. */
  readonly replaced: string[];
  /** Files of the store that come into places of {@link replaced}, when all batches are made. */
  readonly replacements: Array<{ readonly source: string; readonly path: string }>;
  readonly symlinks: Array<{ readonly target: string; readonly path: string }>;
  readonly writes: Array<{ readonly path: string; readonly content: string }>;
}

/** Folders and files below the root of the target that are made by themselves. */
export interface Batch extends ManyNames {
  folders: string[];
  readonly existing: string[];
  readonly names: string[];
}

/** A batch of names below the folder `to` for files below the folder `from`, still empty. */
export function newBatch(to: string, from: string): Batch {
  return { to, from, folders: [], existing: [], names: [] };
}

/** What happens to one wanted path. */
export type Place = "free" | "taken" | "planned";

export interface AdditionsBuilder {
  readonly additions: Additions;
  /** A batch for what the wheel in the folder `from` brings; folders that `place` wants first belong to it. */
  batch(from: string, place: (batch: Batch) => void): void;
  /** The same for what comes into folders of any batch, when all of them are made. */
  laterBatch(from: string, place: (batch: Batch) => void): void;
  /** When all is placed: folders of a batch that another one needs too come before all batches. */
  settle(): void;
  /** Makes sure that `folder` will exist, for `owner`. Errors: FILE_CONFLICT when something else stands there. */
  folder(folder: string, owner: string): FolderState;
  /**
   * Reserves for `owner` the first folder of `batch`, in which all others are and all of its files come, and puts it among `batches`. False when it stands there or
   * is planned already.
   */
  tree(batch: Batch, owner: string, batches: "batches" | "infoBatches"): boolean;
  /** Reserves `path` in its folder, which was made sure of. `owner` is the distribution that wants it. */
  claim(path: string, state: FolderState, owner: string): Place;
  /** Who reserved `path`. */
  ownerOf(path: string): string | undefined;
  /** Takes the existing file at `path` away and reserves the place. */
  replace(path: string, owner: string): void;
}

export interface FolderState {
  readonly path: string;
  /** The batch that a new folder belongs to. */
  readonly batch: Batch | undefined;
  /** Of a folder in a tree: whether another path is that of a folder in it. */
  readonly isInTree?: ((path: string) => boolean) | undefined;
  /** The names in an existing folder; undefined for a folder that the transaction creates. */
  readonly names: Map<string, FileKind> | undefined;
  /** The first distribution that put something here. */
  owner: string | undefined;
  /** What it put here, until a second one comes: within one wheel no path comes twice, and most folders have one owner. */
  readonly paths: string[];
  /** From then on every path with its owner. */
  owners: Map<string, string> | undefined;
}

function folderState(path: string, names: Map<string, FileKind> | undefined, batch?: Batch): FolderState {
  return { path, batch, names, owner: undefined, paths: [], owners: undefined };
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

function noAdditions(): Additions {
  return {
    folders: [],
    batches: [],
    laterBatches: [],
    infoBatches: [],
    newRoots: [],
    newFiles: [],
    replaced: [],
    replacements: [],
    symlinks: [],
    writes: [],
  };
}

/** Collects additions to the tree below `root` against what `survey` finds there. No file is touched, and no new folder is ever looked at. */
export function createAdditions(root: string, survey: Survey): AdditionsBuilder {
  const additions = noAdditions();
  const known = new Map<string, FolderState>();
  const batches = createBatches(root, additions, known);
  const find = (path: string, owner: string): FolderState => {
    if (path === root) return folderState(path, survey.names(root) ?? new Map());
    if (path.length <= root.length) throw new PenError("INTERNAL", `${path} is outside of ${root}`);
    const parent = folder(dirname(path), owner);
    const kind = parent.names?.get(nameOf(path));
    if (parent.isInTree?.(path) === true) return { ...folderState(path, undefined, parent.batch), isInTree: parent.isInTree };
    if (kind === undefined) {
      const other = enter(parent, path, owner);
      if (other !== undefined) throw inTheWay(path, `${other} brings a file of that name, and ${owner} a folder.`);
      batches.add(path, parent);
      return folderState(path, undefined, batches.current());
    }
    const names = kind === "folder" || kind === "link" ? survey.names(path) : undefined;
    if (names !== undefined) return folderState(path, names);
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
    batch: (from, place) => batches.fill(additions.batches, from, place),
    laterBatch: (from, place) => batches.fill(additions.laterBatches, from, place),
    settle: batches.settle,
    folder,
    tree: (batch, owner, list) => {
      const parent = folder(batch.to, owner);
      const path = `${batch.to}/${batch.folders[0] ?? ""}`;
      if (known.has(path) || parent.names?.has(nameOf(path)) === true || enter(parent, path, owner) !== undefined) return false;
      known.set(path, batches.addTree(batch, parent, list));
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
      batches.enter(state);
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

interface Batches {
  current(): Batch | undefined;
  fill(list: Batch[], from: string, place: (batch: Batch) => void): void;
  settle: AdditionsBuilder["settle"];
  /** A new folder comes into `parent`. */
  add(path: string, parent: FolderState): void;
  /** A batch comes into `parent` with a new folder, and all in it, that nothing else meets. */
  addTree(batch: Batch, parent: FolderState, list: "batches" | "infoBatches"): FolderState;
  /** A file comes into the folder. */
  enter(state: FolderState): void;
}

/** Gives each new folder to the batch that wants it, and those that another one needs too a place before all batches. */
function createBatches(root: string, additions: Additions, known: ReadonlyMap<string, FolderState>): Batches {
  const first = new Set<string>();
  const later = new Set<Batch>();
  const infos = new Set<Batch>();
  const isLater = (batch: Batch | undefined): boolean => batch !== undefined && later.has(batch);
  let current: Batch | undefined;
  const comesFirst = (state: FolderState): void => {
    for (let at: FolderState | undefined = state; at !== undefined && at.names === undefined; at = known.get(dirname(at.path)))
      first.add(at.path);
  };
  /** What is added now comes into the folder `state`. */
  const needs = (state: FolderState): void => {
    // What an installer writes beside metadata comes when all else is there.
    if (state.batch !== undefined && infos.has(state.batch)) return;
    const isMadeBefore = isLater(current) && !isLater(state.batch);
    if (state.batch !== current && !isMadeBefore) comesFirst(state);
  };
  return {
    current: () => current,
    fill: (list, from, place) => {
      current = newBatch(root, from);
      list.push(current);
      if (list === additions.laterBatches) later.add(current);
      place(current);
      current = undefined;
    },
    add: (path, parent) => {
      needs(parent);
      if (parent.names !== undefined) additions.newRoots.push(path);
      if (current === undefined) first.add(path);
      else current.folders.push(path.slice(root.length + 1));
    },
    addTree: (batch, parent, list) => {
      const path = `${batch.to}/${batch.folders[0] ?? ""}`;
      if (parent.names === undefined) comesFirst(parent);
      else additions.newRoots.push(path);
      additions[list].push(batch);
      if (list === "infoBatches") infos.add(batch);
      let folders: Set<string> | undefined;
      const isInTree = (path: string): boolean => (folders ??= new Set(batch.folders)).has(path.slice(batch.to.length + 1));
      return { ...folderState(path, undefined, batch), isInTree };
    },
    // What is in no batch comes after all of them.
    enter: (state) => {
      if (current !== undefined) needs(state);
    },
    settle: () => {
      for (const batch of first.size === 0 ? [] : [...additions.batches, ...additions.laterBatches, ...additions.infoBatches])
        batch.folders = batch.folders.filter((folder) => !first.has(`${batch.to}/${folder}`));
      for (const path of [...first].sort()) additions.folders.push(path);
    },
  };
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
