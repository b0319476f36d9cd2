import {
  type Emit,
  isPenError,
  makeFolders,
  openFile,
  pathExists,
  readBytesIfAny,
  removeFile,
  statusOf,
  warn,
  writeAtomic,
  type WrittenFile,
  dirname,
  join,
} from "#foundation";

/** The room's part of the cache folder: whole files by relative path, each replaced in one step. What cannot be read is a miss. */
export interface DiskCache {
  read(path: string): Uint8Array | undefined;
  /** A part of a file, and the size of all of it. */
  readRange(path: string, offset: number, length: number): { readonly bytes: Buffer; readonly size: number } | undefined;
  /** Changes when another file takes the place of this one; undefined when there is none. */
  identity(path: string): string | undefined;
  /** Takes a damaged file away. Never fails. */
  remove(path: string): void;
  /** The identity of the file that was written. A cache that cannot be written to is said once and then does without. */
  write(path: string, content: Uint8Array | string): string | undefined;
  /** A folder for files in the making, or undefined when the cache cannot be written to. */
  scratch(): string | undefined;
}

export function createDiskCache(cacheFolder: string, emit: Emit): DiskCache {
  const root = join(cacheFolder, "index", "v1");
  const made = new Set<string>();
  let broken = false;
  const ensure = (folder: string) => {
    if (made.has(folder)) return;
    makeFolders(folder);
    made.add(folder);
  };
  const attempt = <T>(work: () => T): T | undefined => {
    if (broken) return undefined;
    try {
      return work();
    } catch (error) {
      broken = true;
      const why = isPenError(error) ? `${error.message}. ${error.why ?? ""}` : String(error);
      warn(emit, "cache-not-writable", `pen's cache cannot be written to, so answers of indexes are not kept: ${why}`);
      return undefined;
    }
  };
  return {
    read: (path) => {
      try {
        return readBytesIfAny(join(root, path));
      } catch {
        return undefined;
      }
    },
    readRange: (path, offset, length) => readPart(join(root, path), offset, length),
    identity: (path) => identityOf(join(root, path)),
    remove: (path) => {
      try {
        removeFile(join(root, path));
      } catch {
        // What cannot be removed is found damaged again.
      }
    },
    write: (path, content) =>
      attempt(() => {
        const full = join(root, path);
        ensure(dirname(full));
        return identityText(writeAtomic(full, content));
      }),
    scratch: () => {
      const folder = join(root, "scratch");
      attempt(() => ensure(folder));
      return broken ? undefined : folder;
    },
  };
}

const identityText = ({ inode, size, mtimeMs }: WrittenFile): string => `${inode} ${size} ${mtimeMs}`;

function identityOf(path: string): string | undefined {
  try {
    const status = statusOf(path);
    return status && identityText(status);
  } catch {
    return undefined;
  }
}

function readPart(path: string, offset: number, length: number): { readonly bytes: Buffer; readonly size: number } | undefined {
  // Asking first costs less than an error.
  if (!pathExists(path)) return undefined;
  try {
    const file = openFile(path);
    try {
      const bytes = file.read(offset, Math.min(length, Math.max(0, file.size - offset)));
      return { bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), size: file.size };
    } finally {
      file.close();
    }
  } catch {
    return undefined;
  }
}
