import { isFolder, listFolder, statusOf, join } from "#foundation";
import { openContext, type OperationOptions } from "../context.ts";
import { cleanCache } from "../cache.ts";

/** One wheel of the store, as `pip cache` sees it. */
export interface CachedWheel {
  readonly filename: string;
  /** Bytes of its files. */
  readonly size: number;
  /** The folder that it is unpacked in. */
  readonly path: string;
  readonly sha256: string;
}

/** Where pen caches, and how much. */
export interface CacheInfo {
  readonly folder: string;
  readonly indexFolder: string;
  /** Bytes of what indexes answered. */
  readonly indexSize: number;
  readonly indexFiles: number;
  readonly wheelsFolder: string;
  readonly wheelsSize: number;
  readonly wheels: number;
}

/** `pen pip cache info`: places and sizes. */
export function cacheInfo(options: OperationOptions = {}): CacheInfo {
  const { cacheFolder, store } = openContext(options);
  const indexFolder = join(cacheFolder, "index");
  const { files, size } = countFiles(indexFolder);
  const all = store.size();
  return {
    folder: cacheFolder,
    indexFolder,
    indexSize: size,
    indexFiles: files,
    wheelsFolder: store.folder,
    wheelsSize: all.bytes,
    wheels: all.wheels,
  };
}

function countFiles(folder: string): { readonly files: number; readonly size: number } {
  let [files, size] = [0, 0];
  const open = isFolder(folder) ? [folder] : [];
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    for (const { name, kind } of listFolder(place)) {
      const path = join(place, name);
      if (kind === "folder") open.push(path);
      else if (kind === "file") {
        files += 1;
        size += statusOf(path)?.size ?? 0;
      }
    }
  }
  return { files, size };
}

/** `pen pip cache list`: the wheels whose file name fits a pattern of pip's, by file name: `flask`, `flask-3.*`, `*`. */
export function cachedWheels(options: OperationOptions & { readonly pattern?: string } = {}): CachedWheel[] {
  const fits = patternOf(options.pattern ?? "*");
  return openContext(options)
    .store.list()
    .filter(({ manifest }) => fits(manifest.filename))
    .map(({ manifest, folder }) => ({ filename: manifest.filename, size: manifest.size, path: folder, sha256: manifest.sha256 }))
    .sort((a, b) => (a.filename < b.filename ? -1 : 1));
}

export interface RemovedFromCache {
  readonly files: number;
  readonly bytes: number;
}

/** `pen pip cache remove`: drops the wheels that fit, and for `*` also what indexes answered. Environments keep their files. */
export async function removeFromCache(options: OperationOptions & { readonly pattern: string }): Promise<RemovedFromCache> {
  if (options.pattern === "*") {
    const { indexFiles, indexSize } = cacheInfo(options);
    const { wheels, bytes } = await cleanCache(options);
    return { files: wheels + indexFiles, bytes: bytes + indexSize };
  }
  const { store } = openContext(options);
  const found = cachedWheels(options);
  for (const { sha256 } of found) await store.remove(sha256);
  return { files: found.length, bytes: found.reduce((sum, { size }) => sum + size, 0) };
}

/**
 * A pattern as pip reads it: with a `-` it is the beginning of a file name, otherwise the whole name before the version. `*` and `?` stand for any
 * characters and any one, `[…]` for one of a set. Only the last star is ever tried again, so the time is at most that of name times pattern.
 */
function patternOf(pattern: string): (filename: string) => boolean {
  const parts = globParts(`${pattern}${pattern.includes("-") ? "*.whl" : "-*.whl"}`);
  return (filename) => matches(parts, filename);
}

type GlobPart = "any" | ((char: string) => boolean);

function globParts(glob: string): GlobPart[] {
  const parts: GlobPart[] = [];
  for (let at = 0; at < glob.length; at += 1) {
    const char = glob[at] ?? "";
    const end = char === "[" ? glob.indexOf("]", at + 2 + (glob[at + 1] === "!" ? 1 : 0)) : -1;
    if (char === "*") parts.push("any");
    else if (char === "?") parts.push(() => true);
    else if (end > 0) {
      parts.push(charSet(glob.slice(at + 1, end)));
      at = end;
    } else parts.push((other) => other === char);
  }
  return parts;
}

function charSet(text: string): (char: string) => boolean {
  const isNot = text.startsWith("!");
  const set = isNot ? text.slice(1) : text;
  const has = (char: string): boolean => {
    for (let at = 0; at < set.length; at += 1) {
      if (set[at + 1] === "-" && at + 2 < set.length) {
        if ((set[at] ?? "") <= char && char <= (set[at + 2] ?? "")) return true;
        at += 2;
      } else if (set[at] === char) return true;
    }
    return false;
  };
  return (char) => has(char) !== isNot;
}

function matches(parts: readonly GlobPart[], text: string): boolean {
  let [at, part, star, from] = [0, 0, -1, 0];
  while (at < text.length) {
    const wanted = parts[part];
    if (wanted === "any") {
      star = part;
      part += 1;
      from = at;
    } else if (wanted?.(text[at] ?? "") === true) {
      at += 1;
      part += 1;
    } else if (star >= 0) {
      part = star + 1;
      from += 1;
      at = from;
    } else return false;
  }
  return parts.slice(part).every((rest) => rest === "any");
}
