import {
  isProcessAlive,
  isTemporaryName,
  listFolder,
  readTextIfAny,
  realPath,
  removeFile,
  rename,
  targetStatusOf,
  temporaryBeside,
  temporaryOwner,
  writeAtomic,
  writeNew,
  dirname,
  join,
} from "#foundation";

/** Files that are written beside their places, to be put there in one step each. */
export interface StagedFiles {
  /** Puts them in place. When one cannot be, those before it get back what they held. */
  commit(): void;
  /** Removes what was written. Does nothing after `commit`. */
  drop(): void;
}

/**
 * Writes new texts of files beside them: what can fail for want of space or rights fails here, before anything else of a command is done. A link
 * stays one: the file it leads to gets the text. Files that hold the text already are left alone. Errors: `FILE_SYSTEM`; nothing is left behind.
 */
export function stageFiles(files: ReadonlyArray<readonly [path: string, text: string]>): StagedFiles {
  const staged: Array<{ readonly from: string; readonly to: string; readonly before: string | undefined }> = [];
  const drop = (): void => {
    for (const { from } of staged.splice(0)) removeFile(from);
  };
  try {
    for (const [path, text] of files) {
      const before = readTextIfAny(path);
      if (before === text) continue;
      const to = before === undefined ? path : realPath(path);
      tidy(dirname(to));
      const from = temporaryBeside(to);
      writeNew(from, text, modeOf(to));
      staged.push({ from, to, before });
    }
  } catch (error) {
    drop();
    throw error;
  }
  return { commit: () => commit(staged), drop };
}

/** Removes what a command that was killed has left beside the files. */
function tidy(folder: string): void {
  for (const { name, kind } of listFolder(folder))
    if (kind === "file" && isTemporaryName(name) && !isProcessAlive(temporaryOwner(name))) removeFile(join(folder, name));
}

function modeOf(path: string): number {
  return (targetStatusOf(path)?.mode ?? 0o644) & 0o777;
}

function commit(staged: Array<{ readonly from: string; readonly to: string; readonly before: string | undefined }>): void {
  const done: typeof staged = [];
  for (let next = staged.shift(); next !== undefined; next = staged.shift()) {
    try {
      rename(next.from, next.to);
      done.push(next);
    } catch (error) {
      removeFile(next.from);
      for (const { from } of staged.splice(0)) removeFile(from);
      for (const { to, before } of done.reverse()) putBack(to, before);
      throw error;
    }
  }
}

function putBack(path: string, before: string | undefined): void {
  if (before === undefined) removeFile(path);
  else writeAtomic(path, before);
}
