import { removeTree } from "#foundation";
import type { IndexClient, OtherFile } from "#index";
import { isStrongHash } from "#standards";
import type { Context } from "../context.ts";

/**
 * The same files, each with a strong hash: one for which its index states none (a folder, a plain page) is read or fetched to compute it, as
 * pip-compile does. Errors: those of downloading.
 */
export async function withHashes(context: Context, client: IndexClient, files: readonly OtherFile[]): Promise<readonly OtherFile[]> {
  if (files.every(hasHash)) return files;
  const folder = context.store.workFolder();
  try {
    return await Promise.all(
      files.map(async (file) => {
        if (hasHash(file)) return file;
        const { sha256, size } = await client.download(file, folder);
        return { ...file, size, hashes: { ...file.hashes, sha256 } };
      }),
    );
  } finally {
    removeTree(folder);
  }
}

const hasHash = ({ hashes }: OtherFile): boolean => Object.keys(hashes).some(isStrongHash);
