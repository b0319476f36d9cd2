import { acquireLock, sha256Hex, join } from "#foundation";
import type { Settings } from "../settings.ts";

/**
 * Runs `work` while no other command changes the files of the same project: the others wait, and find the files as this one left them. The lock is the
 * kernel's, and stands in pen's cache folder: a project gets no file of pen's.
 */
export async function inTurn<T>(context: Settings, root: string, work: () => Promise<T>): Promise<T> {
  const { cacheFolder, emit, signal } = context;
  const lock = await acquireLock(join(cacheFolder, "projects", sha256Hex(root)), {
    emit,
    resource: "the project",
    ...(signal === undefined ? {} : { signal }),
  });
  try {
    return await work();
  } finally {
    lock.release();
  }
}
