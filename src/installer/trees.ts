/** Folders that one wheel brings and nothing else meets: nearly all files of nearly all wheels. What is below them needs no judgement file by file. */
import { fileAt, sourcesOf, type StoredFile, type StoredWheel, type WheelManifest } from "#store";
import { isInside, schemeFolders } from "./layout.ts";
import { newBatch, type AdditionsBuilder } from "./additions.ts";
import type { InstallTarget, WantedWheel } from "./types.ts";

/** Tells which names in site-packages at most one of `wheels` brings. None where files of other schemes may come to stand below one. */
export function namesOfOne(target: InstallTarget, wheels: readonly WantedWheel[]): (name: string) => boolean {
  const { purelib, platlib, scripts, data } = target.paths;
  const meet = (lib: string, folder: string): boolean => isInside(lib, folder) || isInside(folder, lib);
  const meets = (folder: string): boolean => meet(purelib, folder) || meet(platlib, folder);
  const holdsOthers = (lib: string): boolean => isInside(lib, target.root) || isInside(lib, scripts);
  const [once, again] = [new Set<string>(), new Set<string>()];
  if (holdsOthers(purelib) || holdsOthers(platlib)) return () => false;
  for (const { wheel } of wheels) {
    const { headers } = schemeFolders(target, wheel);
    for (const { name, scheme } of wheel.manifest.topLevel) {
      if (scheme === "lib") (once.has(name) ? again : once).add(name);
      if ((scheme === "data" && meets(`${data}/${name}`)) || (scheme === "headers" && meets(headers))) return () => false;
    }
  }
  return (name) => !again.has(name);
}

interface Placing {
  readonly target: InstallTarget;
  readonly builder: AdditionsBuilder;
  readonly isAlone: (name: string) => boolean;
}

/** Places whole folders of `wheel`, each as a batch, and gives the files that are left to be placed one by one. */
export function placeTrees({ target, builder, isAlone }: Placing, { folder, manifest }: StoredWheel): readonly StoredFile[] {
  const lib = manifest.rootIsPurelib ? target.paths.purelib : target.paths.platlib;
  const folders = foldersByTop(manifest.folders);
  const sources = sourcesOf(manifest);
  const runs = runsOf(sources);
  const taken: Run[] = [];
  for (const { name, kind, scheme, source } of manifest.topLevel) {
    const run = runs.get(source);
    const below = folders.get(name) ?? [];
    if (kind !== "folder" || scheme !== "lib" || run === undefined || !isAlone(name) || hasBytecode(below)) continue;
    const files = sources.slice(run.begin, run.end);
    const batch = { ...newBatch(lib, folder), folders: [name, ...below], existing: files, cut: source.length - name.length };
    const batches = name === manifest.distInfo ? "infoBatches" : "batches";
    if (builder.tree(batch, manifest.name, batches)) taken.push(run);
  }
  return taken.length === 0 ? manifest.files : filesBetween(manifest, taken);
}

/** Files that stand below one folder, by their positions. */
interface Run {
  readonly begin: number;
  readonly end: number;
}

/**
 * By the two first folders of their paths (`tree/django`) the files below them. The store lists those below one folder one after the other, so most need no look: there are
 * twenty thousand files in an environment, and in a short command no part of this is ever compiled.
 */
function runsOf(sources: readonly string[]): ReadonlyMap<string, Run> {
  const runs = new Map<string, Run>();
  const torn = new Set<string>();
  for (let at = 0; at < sources.length;) {
    const first = sources[at] as string;
    const slash = first.indexOf("/", first.indexOf("/") + 1);
    const begin = at;
    if (slash < 0) {
      at += 1;
      continue;
    }
    const folder = first.slice(0, slash);
    at = endOfRun(sources, begin, first.slice(0, slash + 1));
    if (runs.has(folder)) torn.add(folder);
    runs.set(folder, { begin, end: at });
  }
  for (const folder of torn) runs.delete(folder);
  return runs;
}

/** Where those end that begin with `start`, as `sources[begin]` does: first by longer and longer steps, then by halves. */
function endOfRun(sources: readonly string[], begin: number, start: string): number {
  const isWithin = (at: number): boolean => at < sources.length && (sources[at] as string).startsWith(start);
  let [last, step] = [begin, 1];
  for (; isWithin(last + step); step *= 2) last += step;
  let end = last + step;
  while (last + 1 < end) {
    const middle = (last + end) >> 1;
    if (isWithin(middle)) last = middle;
    else end = middle;
  }
  return end;
}

function filesBetween(manifest: WheelManifest, taken: readonly Run[]): StoredFile[] {
  const files: StoredFile[] = [];
  let at = 0;
  for (const { begin, end } of [...taken.toSorted((a, b) => a.begin - b.begin), { begin: sourcesOf(manifest).length, end: 0 }]) {
    for (; at < begin; at += 1) files.push(fileAt(manifest, at));
    at = end;
  }
  return files;
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
function hasBytecode(folders: readonly string[]): boolean {
  for (const folder of folders) if (folder.endsWith("/__pycache__")) return true;
  return false;
}
