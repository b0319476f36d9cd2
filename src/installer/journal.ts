import { PenError, readTextIfAny, removeFile, rename, syncFolder, writeAtomic, randomHex } from "#foundation";
import { penFolderName } from "./layout.ts";
import type { Change, InstallTarget } from "./types.ts";

/**
 * What a transaction is about to do, enough to undo it without the store: written before the first change. While the file
 * is called `journal.json` the transaction can be undone; renaming it to `committed.json` is the commit, after which only backups remain to be deleted.
 * Paths are relative to the root of the target, with `/`.
 */
export interface Journal {
  readonly format: 1;
  readonly id: string;
  readonly changes: readonly Change[];
  /** Folders that do not exist before; undone with all that is in them. */
  readonly newRoots: readonly string[];
  /** Files and links made in folders that exist before. */
  readonly newFiles: readonly string[];
  /** Files and links moved to the backup folder, where number `n` has the name `n`. */
  readonly removed: readonly string[];
}

export function newJournal(parts: Omit<Journal, "format" | "id">): Journal {
  return { format: 1, id: randomHex(8), ...parts };
}

function pathOf(target: InstallTarget, state: "journal" | "committed"): string {
  return `${target.root}/${penFolderName}/${state}.json`;
}

/** The folder of the files that the transaction moved away. */
export function backupFolder(target: InstallTarget, journal: Journal): string {
  return `${target.root}/${penFolderName}/undo-${journal.id}`;
}

/** Opens the transaction. With `durable` the journal is on the disk when this returns. */
export function writeJournal(target: InstallTarget, journal: Journal, durable: boolean): void {
  writeAtomic(pathOf(target, "journal"), JSON.stringify(journal), { durable });
}

/**
 * The commit: one rename. With `durable` it is on the disk when this returns, as it must be before backups are deleted. Without backups a power cut
 * may take it back, and then all is undone.
 */
export function commitJournal(target: InstallTarget, durable: boolean): void {
  rename(pathOf(target, "journal"), pathOf(target, "committed"));
  if (durable) syncFolder(`${target.root}/${penFolderName}`);
}

/** Closes a transaction that is undone or finished. */
export function removeJournal(target: InstallTarget, state: "journal" | "committed"): void {
  removeFile(pathOf(target, state));
}

/** The journal in a state, or undefined. Errors: ENV_BROKEN when it cannot be understood or leads out of the target. */
export function readJournal(target: InstallTarget, state: "journal" | "committed"): Journal | undefined {
  const path = pathOf(target, state);
  const text = readTextIfAny(path);
  if (text === undefined) return undefined;
  try {
    const value = JSON.parse(text) as Partial<Journal> | null;
    if (value !== null && isJournal(value)) return value;
  } catch {
    // Told below.
  }
  throw new PenError("ENV_BROKEN", `${path} is damaged`, {
    why: "An earlier command was cut off, and the journal that would undo it cannot be read or names files outside of the environment.",
    hint: "Make the environment anew.",
    data: { path },
  });
}

function isJournal(value: Partial<Journal>): value is Journal {
  const lists = [value.newRoots, value.newFiles, value.removed];
  return (
    value.format === 1 &&
    typeof value.id === "string" &&
    /^[0-9a-f]{16}$/.test(value.id) &&
    Array.isArray(value.changes) &&
    lists.every((list) => Array.isArray(list) && list.every((path) => typeof path === "string" && isContained(path)))
  );
}

/** A journal may come with a project folder from elsewhere: it must not lead out. */
function isContained(path: string): boolean {
  if (path === "" || path.startsWith("/") || path.includes("\0") || path.includes("\\")) return false;
  return path.split("/").every((part) => part !== "" && part !== "." && part !== "..");
}
