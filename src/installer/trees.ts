/** Folders that one wheel brings and nothing else meets: nearly all files of nearly all wheels. What is below them needs no judgement file by file. */
import { fileAt, sourcesOf, type StoredFile, type StoredWheel } from "#store";
import { isInside, schemeFolders } from "./layout.ts";
import type { AdditionsBuilder, Batch } from "./additions.ts";
import type { InstallTarget, WantedWheel } from "./types.ts";

/** Tells which names in site-packages at most one of `wheels` brings. None where files of other schemes may come to stand below one. */
export function namesOfOne(target: InstallTarget, wheels: readonly WantedWheel[]): (name: string) => boolean {
  const { purelib, platlib, scripts } = target.paths;
  const meets = [purelib, platlib].some((lib) => isInside(lib, target.root) || isInside(lib, scripts));
  const [once, again] = [new Set<string>(), new Set<string>()];
  for (const { wheel } of wheels) {
    for (const { name, scheme } of wheel.manifest.topLevel) {
      if (meets || scheme === "data" || scheme === "headers") return () => false;
      if (scheme === "lib") (once.has(name) ? again : once).add(name);
    }
  }
  return (name) => !again.has(name);
}

interface Placing {
  readonly target: InstallTarget;
  readonly builder: AdditionsBuilder;
  readonly isAlone: (name: string) => boolean;
}

/** Places whole folders of `wheel` in its batch, and gives the files that are left to be placed one by one. */
export function placeTrees({ target, builder, isAlone }: Placing, wheel: StoredWheel, batch: Batch): readonly StoredFile[] {
  const { manifest } = wheel;
  const { lib } = schemeFolders(target, wheel);
  const folders = foldersByTop(manifest.folders);
  const trees = new Set<string>();
  for (const { name, kind, scheme, source } of manifest.topLevel) {
    const below = folders.get(name) ?? [];
    if (kind !== "folder" || scheme !== "lib" || name === manifest.distInfo || !isAlone(name) || hasBytecode(below)) continue;
    const paths = below.map((folder) => `${lib}/${folder}`);
    if (builder.tree(`${lib}/${name}`, paths, manifest.name)) trees.add(`${source}/`);
  }
  return trees.size === 0 ? manifest.files : placeBelow(wheel, { lib: lib.slice(target.root.length + 1), trees, batch });
}

interface Trees {
  /** Relative to the root of the target. */
  readonly lib: string;
  /** Folders of the store, relative to the wheel's, each with a slash at its end. */
  readonly trees: ReadonlySet<string>;
  readonly batch: Batch;
}

/** A plain loop: there are twenty thousand files in an environment, and in a short command no part of this is ever compiled. */
function placeBelow({ manifest }: StoredWheel, { lib, trees, batch: { existing, names } }: Trees): StoredFile[] {
  const sources = sourcesOf(manifest);
  const left: StoredFile[] = [];
  // With the slash before the path.
  let schemeLength = 0;
  let within = "\0";
  for (let at = 0; at < sources.length; at += 1) {
    const source = sources[at] as string;
    if (!source.startsWith(within)) {
      schemeLength = source.indexOf("/");
      const top = source.slice(0, source.indexOf("/", schemeLength + 1) + 1);
      within = trees.has(top) ? top : "\0";
      if (within === "\0") {
        left.push(fileAt(manifest, at));
        continue;
      }
    }
    existing.push(source);
    names.push(lib + source.slice(schemeLength));
  }
  return left;
}

/** The folders below each folder of site-packages, parents first. */
function foldersByTop(folders: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const byTop = new Map<string, string[]>();
  for (const folder of folders) {
    const slash = folder.indexOf("/");
    if (slash < 0) continue;
    const top = folder.slice(0, slash);
    const known = byTop.get(top);
    if (known === undefined) byTop.set(top, [folder]);
    else known.push(folder);
  }
  return byTop;
}

/** Bytecode that a wheel brings may be what pen has compiled, too: then they are compared. */
const hasBytecode = (folders: readonly string[]): boolean => folders.some((folder) => folder.endsWith("/__pycache__"));
