import { PenError, excerpt, listFolder, pathExists, readTextIfAny, statusOf, writeAtomic } from "#foundation";
import type { CompileJob, CompileOptions, Compiler } from "./compilation.ts";
import { hashFile } from "./damage.ts";
import { adoptCompiled, checkHeader, compiledPath, headerMagic } from "./harvest.ts";
import { entryManifest, hashLength, seal, unseal } from "./manifest.ts";
import type { StoreContext } from "./context.ts";
import type { StoredBytecode, StoredWheel, Use } from "./types.ts";

/**
 * Compiled modules of stored wheels, kept once for each kind of interpreter and linked beside the sources. They stand in
 * the `__pycache__` folders of the stored tree, so environments that link whole folders have them too. A `.pyc` names the
 * time and size of its source, which links share; Python checks both and puts the right path in on import (PEP 3147, 552).
 */
export interface Bytecode {
  /** True when the wheel has compiled modules for such interpreters at all. One look, not at the modules. */
  hasBytecode(wheel: StoredWheel, cacheTag: string): boolean;
  /** The compiled modules of a wheel for interpreters with this `sys.implementation.cache_tag`; those that were damaged are left out. */
  bytecode(wheel: StoredWheel, cacheTag: string): StoredBytecode[];
  /**
   * Compiles the modules that have no bytecode yet, all wheels with the same process (or as many as asked for) of the interpreter
   * `executable`, started with `-I -S`. No code of the packages is run. An interpreter that fails leaves modules uncompiled.
   */
  compileBytecode(wheels: readonly StoredWheel[], executable: string, cacheTag: string, options?: CompileOptions): Promise<Gained>;
  /**
   * Takes over what Python itself compiled in an environment that has the wheel: in `sitePackages`, else in the environments that
   * were noted last (`recordUse`). Costs some looks at folders when there is nothing new.
   */
  harvestBytecode(wheel: StoredWheel, cacheTag: string, sitePackages?: string): Gained;
}

/** How many modules got bytecode by a call. */
export interface Gained {
  readonly modules: number;
}

/** `pyc-<cacheTag>.json` of an entry. */
interface BytecodeList {
  readonly cacheTag: string;
  /** The boot in which it was written; empty when its files were read back in a later one. */
  readonly boot: string;
  /** Relative to site-packages. */
  readonly modules: readonly string[];
  readonly sizes: readonly number[];
  /** Modification times in milliseconds. */
  readonly times: readonly number[];
  readonly hashes: string;
}

interface Module {
  readonly path: string;
  readonly size: number;
  readonly time: number;
  readonly hash: string;
}

export function openBytecode(context: StoreContext, uses: () => readonly Use[]): Bytecode {
  let noted: Map<string, string[]> | undefined;
  const placesOf = (wheel: StoredWheel): readonly string[] => (noted ??= latestPlaces(uses())).get(wheel.manifest.sha256) ?? [];
  return {
    hasBytecode: (wheel, cacheTag) => pathExists(listPath(wheel, cacheTag)),
    bytecode: (wheel, cacheTag) => usableOf(wheel, cacheTag, context),
    compileBytecode: (wheels, executable, cacheTag, options) => compile(wheels, { ...options, executable, cacheTag }, context),
    harvestBytecode: (wheel, cacheTag, sitePackages) =>
      harvest(wheel, { cacheTag, from: sitePackages === undefined ? placesOf(wheel) : [sitePackages] }, context),
  };
}

/** For each wheel the environments to look in, the latest first. */
function latestPlaces(uses: readonly Use[]): Map<string, string[]> {
  const places = new Map<string, string[]>();
  for (const { sitePackages, wheels } of uses) {
    for (const sha256 of wheels) {
      const list = places.get(sha256);
      if (list === undefined) places.set(sha256, [sitePackages]);
      else if (list.length < mostPlaces) list.push(sitePackages);
    }
  }
  return places;
}

/** More environments than these are not asked for the bytecode of one wheel. */
const mostPlaces = 3;

function listPath(wheel: StoredWheel, cacheTag: string): string {
  // The tag comes from an interpreter, and becomes a part of file names.
  if (!/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(cacheTag)) throw new PenError("PYTHON_BROKEN", `${excerpt(cacheTag)} is not a cache tag`);
  return `${wheel.folder}/pyc-${cacheTag}.json`;
}

function readList(wheel: StoredWheel, cacheTag: string): BytecodeList | undefined {
  const text = readTextIfAny(listPath(wheel, cacheTag));
  const list = text === undefined ? undefined : (unseal(text) as BytecodeList | undefined);
  return list?.cacheTag === cacheTag ? list : undefined;
}

/** What the list names and is still there as it was; by hash when the machine was started anew since. */
function modulesOf(wheel: StoredWheel, cacheTag: string, boot: string): Module[] {
  const list = readList(wheel, cacheTag);
  if (list === undefined) return [];
  const byContent = list.boot !== "" && list.boot !== boot;
  const modules: Module[] = [];
  for (const [at, path] of list.modules.entries()) {
    const module = {
      path,
      size: list.sizes[at] ?? -1,
      time: list.times[at] ?? -1,
      hash: list.hashes.slice(at * hashLength, (at + 1) * hashLength),
    };
    const file = `${wheel.folder}/tree/${path}`;
    const status = statusOf(file);
    if (status?.kind !== "file" || status.size !== module.size || status.mtimeMs !== module.time) continue;
    if (byContent && hashFile(file) !== module.hash) continue;
    modules.push(module);
  }
  if (byContent) saveList(wheel, { cacheTag, boot: "" }, modules);
  return modules;
}

function usableOf(wheel: StoredWheel, cacheTag: string, context: StoreContext): StoredBytecode[] {
  return modulesOf(wheel, cacheTag, context.boot()).map(({ path, size }) => ({ path, size, source: `tree/${path}` }));
}

function saveList(wheel: StoredWheel, facts: { cacheTag: string; boot: string }, modules: readonly Module[]): void {
  const sorted = [...modules].sort((a, b) => (a.path < b.path ? -1 : 1));
  const list: BytecodeList = {
    ...facts,
    modules: sorted.map(({ path }) => path),
    sizes: sorted.map(({ size }) => size),
    times: sorted.map(({ time }) => time),
    hashes: sorted.map(({ hash }) => hash).join(""),
  };
  try {
    writeAtomic(listPath(wheel, facts.cacheTag), seal(JSON.stringify(list)), { mode: 0o444 });
  } catch (error) {
    // Bytecode only makes things quicker: a store that cannot be written to, or an entry that is gone, goes without.
    if (!(error instanceof PenError && error.code === "FILE_SYSTEM")) throw error;
  }
}

/** Python sources of a wheel whose bytecode place is not taken by a file of the wheel itself. */
function sourcesOf(wheel: StoredWheel, cacheTag: string): string[] {
  const { sources } = entryManifest(wheel).columns;
  const all = new Set(sources);
  const modules: string[] = [];
  for (const source of sources) {
    if (!source.startsWith("tree/") || !source.endsWith(".py")) continue;
    const path = source.slice("tree/".length);
    if (!all.has(`tree/${compiledPath(path, cacheTag)}`)) modules.push(path);
  }
  return modules;
}

/**
 * Adds modules that stand at their place in the tree to the list. Returns how many were new. Without a lock: of two processes that do
 * this at once one list wins, and what the other knew is found again by the next.
 */
function enlist(wheel: StoredWheel, facts: { cacheTag: string; boot: string }, paths: readonly string[]): number {
  const known = new Map(modulesOf(wheel, facts.cacheTag, facts.boot).map((module) => [module.path, module]));
  let added = 0;
  for (const path of paths) {
    const file = `${wheel.folder}/tree/${path}`;
    const status = statusOf(file);
    if (known.has(path) || status?.kind !== "file") continue;
    known.set(path, { path, size: status.size, time: status.mtimeMs, hash: hashFile(file) });
    added += 1;
  }
  if (added > 0) saveList(wheel, facts, [...known.values()]);
  return added;
}

/** What is compiled in this process at the moment: builds begin side by side, and most want the same. */
const underWay = new Map<string, Promise<unknown>>();

/** One after the other for interpreters of one kind: what the one has compiled, the next need not. */
async function compile(wheels: readonly StoredWheel[], compiler: Compiler, context: StoreContext): Promise<Gained> {
  const key = `${context.places.root} ${compiler.cacheTag}`;
  const before = underWay.get(key);
  const own = (async () => {
    await before?.catch(() => undefined);
    compiler.signal?.throwIfAborted();
    return compileMissing(wheels, compiler, context);
  })();
  underWay.set(key, own);
  try {
    return await own;
  } finally {
    if (underWay.get(key) === own) underWay.delete(key);
  }
}

async function compileMissing(wheels: readonly StoredWheel[], compiler: Compiler, context: StoreContext): Promise<Gained> {
  const { cacheTag } = compiler;
  const jobs: CompileJob[] = [];
  for (const wheel of wheels) {
    const known = new Set(modulesOf(wheel, cacheTag, context.boot()).map(({ path }) => path));
    const modules = sourcesOf(wheel, cacheTag).filter((path) => !known.has(compiledPath(path, cacheTag)));
    if (modules.length > 0) jobs.push({ wheel, modules });
  }
  let gained = 0;
  const { compileModules } = await import("./compilation.ts");
  for (const { wheel, compiled, magic } of await compileModules(jobs, compiler, context)) {
    learnMagic(cacheTag, magic, context);
    gained += enlist(wheel, { cacheTag, boot: context.boot() }, compiled);
  }
  return { modules: gained };
}

function harvest(wheel: StoredWheel, { cacheTag, from }: { cacheTag: string; from: readonly string[] }, context: StoreContext): Gained {
  let magic: string | undefined;
  let known: Set<string> | undefined;
  const adopted = new Set<string>();
  for (const sitePackages of from) {
    if (isUntouched(wheel, { sitePackages, cacheTag })) continue;
    for (const source of candidatesIn(wheel, { sitePackages, cacheTag })) {
      const path = compiledPath(source, cacheTag);
      known ??= new Set(modulesOf(wheel, cacheTag, context.boot()).map((module) => module.path));
      if (known.has(path) || adopted.has(path)) continue;
      const origin = `${sitePackages}/${path}`;
      magic ??= readTextIfAny(context.places.magic(cacheTag))?.trim();
      if (magic === undefined) learnMagic(cacheTag, (magic = headerMagic(origin)), context);
      if (magic === undefined || !checkHeader(origin, `${wheel.folder}/tree/${source}`, magic)) continue;
      if (adoptCompiled(origin, wheel.folder, `tree/${path}`)) adopted.add(path);
    }
  }
  return { modules: adopted.size === 0 ? 0 : enlist(wheel, { cacheTag, boot: context.boot() }, [...adopted]) };
}

function learnMagic(cacheTag: string, magic: string | undefined, context: StoreContext): void {
  const path = context.places.magic(cacheTag);
  if (magic === undefined || pathExists(path)) return;
  try {
    writeAtomic(path, `${magic}\n`);
  } catch {
    // As with the lists: without it harvesting waits for a store that can be written to.
  }
}

/** True when the environment has no bytecode of anything that stands at the top of the wheel: a few looks that spare the list of its files. */
function isUntouched({ folder, manifest }: StoredWheel, { sitePackages, cacheTag }: { sitePackages: string; cacheTag: string }): boolean {
  return manifest.topLevel.every(({ name, kind, scheme }) => {
    if (scheme !== "lib" || name === manifest.distInfo) return true;
    if (kind === "file") return !name.endsWith(".py") || !pathExists(`${sitePackages}/${compiledPath(name, cacheTag)}`);
    // A folder without `__init__.py` may have modules below it that were imported all the same.
    return !pathExists(`${sitePackages}/${name}/__pycache__`) && pathExists(`${folder}/tree/${name}/__init__.py`);
  });
}

/**
 * Modules of the wheel that the environment has bytecode for. Goes down from the top: a package whose own `__init__` was
 * never compiled was never imported, nor was anything in it.
 */
function candidatesIn(wheel: StoredWheel, { sitePackages, cacheTag }: { sitePackages: string; cacheTag: string }): string[] {
  const byFolder = new Map<string, string[]>();
  for (const path of sourcesOf(wheel, cacheTag)) {
    const folder = path.slice(0, Math.max(0, path.lastIndexOf("/")));
    const list = byFolder.get(folder);
    if (list === undefined) byFolder.set(folder, [path]);
    else list.push(path);
  }
  const found: string[] = [];
  const untouched = new Set<string>();
  for (const folder of [...byFolder.keys()].sort()) {
    if (isBelow(folder, untouched)) continue;
    const cache = `${sitePackages}/${folder === "" ? "" : `${folder}/`}__pycache__`;
    const names = new Set(pathExists(cache) ? listFolder(cache).map(({ name }) => name) : []);
    const modules = byFolder.get(folder) ?? [];
    const compiled = modules.filter((path) =>
      names.has(compiledPath(path, cacheTag).slice(folder.length === 0 ? "__pycache__/".length : folder.length + "/__pycache__/".length)),
    );
    if (compiled.length === 0 && modules.includes(`${folder}/__init__.py`)) untouched.add(folder);
    found.push(...compiled);
  }
  return found;
}

function isBelow(folder: string, untouched: ReadonlySet<string>): boolean {
  for (let at = folder.lastIndexOf("/"); at > 0; at = folder.lastIndexOf("/", at - 1)) if (untouched.has(folder.slice(0, at))) return true;
  return false;
}
