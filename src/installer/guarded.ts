import { copyFile, errnoOf, hardLink, makeFolder, makeFolders, PenError, readLink, statusOf, symbolicLink } from "#foundation";
import { revert } from "./apply.ts";
import { backupFolder, commitJournal, newJournal, writeJournal } from "./journal.ts";
import { isInside, penFolderName } from "./layout.ts";
import { finish } from "./recovery.ts";
import type { InstallTarget } from "./types.ts";

/** What a piece of work may touch. Absolute paths below the root of the target; folders above them exist or are among {@link newFolders}. */
export interface GuardedPaths {
  /** Files and links that stand there and may be replaced or removed, each by a rename and never by writing into it. */
  readonly replaced: readonly string[];
  /** Files and links that do not exist yet. */
  readonly created: readonly string[];
  /** Folders that do not exist yet; undone with all that is in them. */
  readonly newFolders?: readonly string[];
}

/** Gives a path where nothing stands, on the file system of the environment: what is made there and not moved away goes with the transaction. */
export type Stage = () => string;

/**
 * Runs `work` as one transaction on files that belong to the environment itself: when it throws, or its process is killed, everything is
 * put back as it was, at once or by {@link recover}. Nothing is missing in between: the old files stay in place until `work` replaces
 * them. Call it under {@link lockEnvironment} with {@link recover} done. Errors: those of `work`, FILE_SYSTEM, ENV_BROKEN.
 */
export function changeGuarded<T>(target: InstallTarget, paths: GuardedPaths, work: (stage: Stage) => T): T {
  const cut = (path: string): string => {
    if (path === target.root || !isInside(target.root, path))
      throw new PenError("INTERNAL", `${path} is not inside ${target.root}`, { data: { path } });
    return path.slice(target.root.length + 1);
  };
  makeFolders(`${target.root}/${penFolderName}`);
  const journal = newJournal({
    changes: [],
    newRoots: (paths.newFolders ?? []).map(cut),
    newFiles: paths.created.map(cut),
    removed: paths.replaced.map(cut),
  });
  writeJournal(target, journal, true);
  try {
    const backup = backupFolder(target, journal);
    makeFolder(backup);
    paths.replaced.forEach((path, number) => keep(path, `${backup}/${number}`));
    let staged = 0;
    const answer = work(() => `${backup}/new-${(staged += 1)}`);
    commitJournal(target, true);
    finish(target, journal);
    return answer;
  } catch (error) {
    revert(target, journal, error);
    throw error;
  }
}

/** A second name keeps the old content, because the first one only ever gets another file. */
function keep(path: string, backup: string): void {
  const kind = statusOf(path)?.kind;
  if (kind === "link") return symbolicLink(readLink(path), backup);
  if (kind !== "file") return;
  try {
    hardLink(path, backup);
  } catch (error) {
    if (!["EPERM", "EMLINK", "EXDEV", "ENOTSUP", "EOPNOTSUPP"].includes(errnoOf(error) ?? "")) throw error;
    copyFile(path, backup);
  }
}
