import { isFolder, isWritable, pathExists, PenError, printableLine, realPath, statusOf, type Host, resolve } from "#foundation";
import { foldersAbove } from "#venv";

/**
 * The absolute place for an environment in virtualenv's rules: not blank, a folder if it exists, without a colon, in a folder that may be written to; with
 * `clear` not a link. Errors: `USAGE`.
 */
export function usableDestination(text: string, clear: boolean, host: Host): string {
  if (text.trim() === "") throw refused(text, "It is empty.", "Name a folder; `.` is the working directory.");
  if (text.includes("\0")) throw refused(text, "It holds a NUL character.");
  const path = resolve(host.cwd, text);
  if (pathExists(path) && !isFolder(path)) throw refused(text, "It exists and is not a directory.");
  const colon = [text, realOrSame(path)].find((one) => one.includes(":"));
  if (colon !== undefined && host.platform !== "win32")
    throw refused(text, "It holds the path separator (:), with which no activation script could put it on PATH.");
  checkWritable(path, text);
  if (clear && statusOf(path)?.kind === "link") {
    throw refused(text, "--clear cannot have a link as its destination.", `Name the folder itself: ${printableLine(realOrSame(path))}`);
  }
  return path;
}

function checkWritable(path: string, text: string): void {
  const nearest = [path, ...foldersAbove(path)].find(pathExists) ?? "/";
  if (!isFolder(nearest)) throw refused(text, `It is inside ${printableLine(nearest)}, which is not a directory.`);
  if (!isWritable(nearest)) throw refused(text, `${printableLine(nearest)} cannot be written to.`);
}

function refused(text: string, why: string, hint = "Choose another place, for example .venv"): PenError {
  return new PenError("USAGE", `The destination ${printableLine(JSON.stringify(text))} cannot be used`, {
    why,
    hint,
    data: { path: text },
  });
}

function realOrSame(path: string): string {
  try {
    return realPath(path);
  } catch {
    return path;
  }
}
