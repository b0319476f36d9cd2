import {
  isFolder,
  isPenError,
  listFolder,
  pathExists,
  PenError,
  printableLine,
  statusOf,
  targetStatusOf,
  join,
  resolve,
} from "#foundation";
import type { Settings } from "../settings.ts";

/** Folders that hold no projects, and very many files. */
const passed: ReadonlySet<string> = new Set(["node_modules", "__pycache__", "site-packages", ".git", ".hg", ".svn"]);

/**
 * All environments below a folder, which is told relative to the working directory or absolute. Follows no links, stays on the file system, and looks into
 * no environment. What may not be read is passed over. Errors: ENV_NOT_FOUND when there is no such folder; the reason of `signal`.
 */
export async function searchEnvironments(folder: string, { host, signal }: Pick<Settings, "host" | "signal">): Promise<string[]> {
  const start = resolve(host.cwd, folder);
  if (!isFolder(start))
    throw new PenError("ENV_NOT_FOUND", `There is no folder ${printableLine(start)} to search`, {
      hint: "Name the folder that your projects are in: pen env list --search DIR",
      data: { path: start },
    });
  const device = targetStatusOf(start)?.device;
  const found: string[] = [];
  const waiting = [start];
  let count = 0;
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    count += 1;
    if (count % 256 === 0) await new Promise((done) => setImmediate(done));
    signal?.throwIfAborted();
    if (pathExists(join(at, "pyvenv.cfg"))) found.push(at);
    else waiting.push(...foldersIn(at, device));
  }
  return found.sort();
}

function foldersIn(folder: string, device: number | undefined): string[] {
  try {
    const names = listFolder(folder).flatMap(({ name, kind }) => (kind === "folder" && !passed.has(name) ? [name] : []));
    return names.map((name) => join(folder, name)).filter((inside) => statusOf(inside)?.device === device);
  } catch (error) {
    if (isPenError(error, "FILE_SYSTEM")) return []; // Somebody else's.
    throw error;
  }
}
