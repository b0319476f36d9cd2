/** Where the benchmark keeps the peers and does its work: on the same disk as the project, in a folder that git ignores. */
import { chmod, mkdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { output } from "./measure.ts";

export const scratchFolder: string = join(import.meta.dir, "..", "node_modules", ".cache", "pen-bench");

const rubbish = join(scratchFolder, "rubbish");
let count = 0;

/**
 * Takes a file or folder out of the way. Nothing is deleted before {@link emptyRubbish}: a file system without a journal walks past every inode that
 * was deleted in the last minutes when it makes a new one, and whoever is measured next would pay for that, twenty times what its own work takes.
 */
export async function remove(path: string): Promise<void> {
  await mkdir(rubbish, { recursive: true });
  const place = join(rubbish, `${process.pid}-${(count += 1)}`);
  try {
    await rename(path, place);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT" || code === "ENOTDIR") return;
    // A folder of a store is read-only, and to be moved it must be writable.
    for (const folder of [dirname(path), path]) await chmod(folder, 0o755);
    await rename(path, place);
  }
}

/** Deletes what {@link remove} took away: when everything is measured. */
export async function emptyRubbish(): Promise<void> {
  try {
    await rm(rubbish, { recursive: true, force: true });
  } catch {
    await output(["/bin/chmod", "-R", "u+w", rubbish], { env: {}, cwd: "/" });
    await rm(rubbish, { recursive: true, force: true });
  }
}
