import {
  acquireLock,
  errnoOf,
  isFolder,
  isTemporaryName,
  listFolder,
  makeFolders,
  pathExists,
  realPath,
  removeEmptyFolder,
  removeFile,
  removeTree,
  rename,
  statusOf,
  warn,
  type Emit,
  type HeldLock,
  dirname,
} from "#foundation";
import { backupFolder, readJournal, removeJournal, type Journal } from "./journal.ts";
import { isInside, penFolderName } from "./layout.ts";
import type { InstallTarget, RecoveryReport } from "./types.ts";

/**
 * Takes the lock of a target, for everyone who changes it. Emits `waiting` when another process has it for a second.
 * Errors: LOCK_HELD after five minutes; FILE_SYSTEM when the target cannot be written to; the reason of `signal`.
 */
export async function lockEnvironment(target: InstallTarget, emit: Emit, signal?: AbortSignal): Promise<HeldLock> {
  const path = `${target.root}/${penFolderName}/lock`;
  return acquireLock(path, { emit, resource: `the environment ${target.root}`, ...(signal === undefined ? {} : { signal }) });
}

/**
 * Takes pen's own folder out of a target that is no environment. To be called under the lock: whoever waits for it opens the file anew. What an
 * interrupted transaction left is kept.
 */
export function tidyFolder(target: InstallTarget): void {
  const folder = `${target.root}/${penFolderName}`;
  if (needsRecovery(target) || !isFolder(folder)) return;
  removeFile(`${folder}/lock`);
  removeEmptyFolder(folder);
}

/** True when an earlier command was cut off and {@link recover} has work: for commands that only read, and take no lock. */
export function needsRecovery(target: InstallTarget): boolean {
  const folder = `${target.root}/${penFolderName}`;
  return pathExists(`${folder}/journal.json`) || pathExists(`${folder}/committed.json`);
}

/**
 * Brings the transaction of an earlier command that was cut off to its end: undone before its commit, finished after it. To be
 * called under the lock. Undefined when there is none, which costs two look-ups. Can itself be cut off and called again.
 * Errors: ENV_BROKEN, FILE_SYSTEM.
 */
export function recover(target: InstallTarget, emit: Emit): RecoveryReport | undefined {
  const committed = readJournal(target, "committed");
  if (committed !== undefined) finish(target, committed);
  const open = readJournal(target, "journal");
  if (open !== undefined) undo(target, open);
  const journal = open ?? committed;
  if (journal === undefined) return undefined;
  for (const { name, kind } of listFolder(`${target.root}/${penFolderName}`)) {
    if (isTemporaryName(name) && kind === "file") removeFile(`${target.root}/${penFolderName}/${name}`);
  }
  const action = open === undefined ? "finished" : "undone";
  const what = journal.changes.map(({ action, name, version }) => `${action} ${name} ${version}`);
  const shown =
    what.length === 0 ? "a repair" : what.length > 5 ? `${what.slice(0, 5).join(", ")} and ${what.length - 5} more` : what.join(", ");
  warn(emit, "recovered", `An earlier command was cut off (${shown}): it has been ${action}`);
  return { action, changes: journal.changes };
}

/** After the commit: only the backups are left to go. */
export function finish(target: InstallTarget, journal: Journal): void {
  removeTree(backupFolder(target, journal));
  removeJournal(target, "committed");
}

/**
 * Puts everything back as it was before the transaction. Each step may be repeated: what is gone is passed over, and an old
 * file goes back as long as its backup exists.
 */
export function undo(target: InstallTarget, journal: Journal): void {
  const { root } = target;
  const backup = backupFolder(target, journal);
  const inside = guard(root);
  const wasThere = new Set(journal.removed);
  for (const path of journal.newFiles) {
    // Where an old file comes back, only its return may remove the new one: it could be the old one already.
    if (!wasThere.has(path) && inside(path)) removeUnlessFolder(`${root}/${path}`);
  }
  for (const path of journal.newRoots) {
    if (!wasThere.has(path) && inside(path) && statusOf(`${root}/${path}`)?.kind === "folder") removeTree(`${root}/${path}`);
  }
  journal.removed.forEach((path, number) => {
    if (inside(path)) restore(`${backup}/${number}`, `${root}/${path}`);
  });
  removeTree(backup);
  removeJournal(target, "journal");
}

/** Tells whether the folder above a path of the journal is, after all links, inside the root. */
function guard(root: string): (path: string) => boolean {
  const realRoot = realPath(root);
  const known = new Map<string, boolean>();
  return (path) => {
    let folder = dirname(`${root}/${path}`);
    while (folder !== root && statusOf(folder) === undefined) folder = dirname(folder);
    let answer = known.get(folder);
    if (answer === undefined) known.set(folder, (answer = leadsInside(realRoot, folder)));
    return answer;
  };
}

function leadsInside(realRoot: string, folder: string): boolean {
  try {
    return isInside(realRoot, realPath(folder));
  } catch {
    return false;
  }
}

function removeUnlessFolder(path: string): void {
  const status = statusOf(path);
  if (status !== undefined && status.kind !== "folder") removeFile(path);
}

function restore(backup: string, path: string): void {
  const [old, standing] = [statusOf(backup), statusOf(path)];
  if (old === undefined) return;
  // A folder takes the place of nothing else by a rename, nor anything else that of a folder.
  if (standing !== undefined && (standing.kind === "folder" || old.kind === "folder")) removeTree(path);
  try {
    rename(backup, path);
  } catch (error) {
    if (errnoOf(error) !== "ENOENT" && errnoOf(error) !== "ENOTDIR") throw error;
    makeFolders(dirname(path));
    rename(backup, path);
  }
}
