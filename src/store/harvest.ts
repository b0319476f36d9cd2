import { changeMode, copyFile, errnoOf, hardLink, makeFolder, readRange, statusOf } from "#foundation";

/** Where Python looks for the bytecode of the module `path`: `a/__pycache__/b.cpython-311.pyc` for `a/b.py`. */
export function compiledPath(path: string, cacheTag: string): string {
  const slash = path.lastIndexOf("/") + 1;
  return `${path.slice(0, slash)}__pycache__/${path.slice(slash, -".py".length)}.${cacheTag}.pyc`;
}

/** Bytes of the head of a `.pyc` since Python 3.7 (PEP 552): magic number, flags, time and size of the source. */
const headerSize = 16;

function readHeader(path: string): Buffer | undefined {
  try {
    const bytes = readRange(path, 0, headerSize);
    return bytes.length === headerSize ? Buffer.from(bytes) : undefined;
  } catch {
    return undefined;
  }
}

/** The magic number of a compiled module in hexadecimal; undefined when it is none. */
export function headerMagic(path: string): string | undefined {
  const header = readHeader(path);
  // Every magic number ends in CR LF.
  return header?.readUInt16LE(2) === 0x0a0d ? header.toString("hex", 0, 4) : undefined;
}

/** True when the compiled module at `path` has this magic number and is of the source as the store has it: by time and size, as Python itself decides. */
export function checkHeader(path: string, source: string, magic: string): boolean {
  const header = readHeader(path);
  const status = statusOf(source);
  if (header === undefined || status === undefined || statusOf(path)?.kind !== "file") return false;
  const time = Math.floor(status.mtimeMs / 1000) >>> 0;
  return (
    header.toString("hex", 0, 4) === magic &&
    header.readUInt32LE(4) === 0 &&
    header.readUInt32LE(8) === time &&
    header.readUInt32LE(12) === status.size
  );
}

/** Gives the compiled module `origin` its place in the entry, read-only. False when that cannot be done. */
export function adoptCompiled(origin: string, entry: string, place: string): boolean {
  const target = `${entry}/${place}`;
  try {
    inOpenFolder(target.slice(0, target.lastIndexOf("/")), () => linkOrCopy(origin, target));
    changeMode(target, 0o444);
    return true;
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return false;
  }
}

function linkOrCopy(origin: string, target: string): void {
  // It is there when this environment links the store's own folders, or when a process was killed before it listed it.
  const present = statusOf(target);
  const wanted = statusOf(origin);
  if (present !== undefined && present.inode === wanted?.inode && present.device === wanted.device) return;
  try {
    hardLink(origin, target);
  } catch (error) {
    if (errnoOf(error) === "EEXIST") return;
    copyFile(origin, target);
  }
}

/** Runs `work` while the `__pycache__` folder, which is made when missing, can be written to. The folders of the store cannot. */
function inOpenFolder(cache: string, work: () => void): void {
  const parent = cache.slice(0, cache.lastIndexOf("/"));
  if (statusOf(cache) === undefined) {
    changeMode(parent, 0o755);
    makeFolder(cache);
    changeMode(parent, 0o555);
  } else changeMode(cache, 0o755);
  try {
    work();
  } finally {
    changeMode(cache, 0o555);
  }
}
