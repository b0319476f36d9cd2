import { type PlatformTarget, normalizeTagPart, platformTags } from "./platform-tags.ts";
import { type Tag, tagText } from "./tags.ts";
import type { WheelFilename } from "./wheel-filename.ts";

/** Everything about an interpreter that decides which wheels it can use. */
export interface TagTarget {
  readonly implementation: "cpython" | "pypy" | "graalpy" | "other";
  /** Of the language: [3, 12]. */
  readonly version: readonly [number, number];
  /** Of PyPy or GraalPy itself: [7, 3]. */
  readonly implementationVersion?: readonly [number, number];
  readonly freeThreaded: boolean;
  readonly debug?: boolean;
  /** The interpreter's own binary interface where it is known, as SOABI gives it: `cp37m`, `pypy310_pp73`, `graalpy242_311_native`. */
  readonly abi?: string;
  readonly platform: PlatformTarget;
}

/** The tags that a target can use. A lower rank is the better fit. */
export interface SupportedTags {
  /** Most specific first, without repetitions. */
  readonly ordered: readonly Tag[];
  /** The place of a single tag, written `py3-none-any` in lower case; undefined when the target cannot use it. */
  rank(tag: string): number | undefined;
}

const memo = new Map<string, SupportedTags>();
const maxMemo = 64;

/**
 * The tags that `target` can use, in the order of the `packaging` library (`sys_tags`). PEP 425, 600, 656; PEP 384 for
 * abi3 and PEP 803 for abi3t (free-threaded builds use abi3t and never abi3). Memoised: equal targets share one answer.
 */
export function supportedTags(target: TagTarget): SupportedTags {
  const key = JSON.stringify([
    target.implementation,
    target.version,
    target.implementationVersion,
    target.freeThreaded,
    target.debug,
    target.abi,
    target.platform,
  ]);
  const known = memo.get(key);
  if (known !== undefined) return known;
  if (memo.size >= maxMemo) memo.clear();
  const made = indexTags(orderTags(target));
  memo.set(key, made);
  return made;
}

/**
 * The tags that any of the targets can use, as pip has it for a repeated `--platform` or `--abi`: by interpreter and binary interface first, those that a
 * target names itself before all, and then by target.
 */
export function combinedTags(targets: readonly TagTarget[]): SupportedTags {
  const groups = new Map<string, { readonly own: boolean; readonly tags: Tag[] }>();
  const named = new Set(targets.flatMap(({ abi }) => (abi === undefined || abi === "none" ? [] : [normalizeTagPart(abi)])));
  for (const target of targets) {
    for (const tag of supportedTags(target).ordered) {
      const key = `${tag.python}-${tag.abi}-${tag.platform === "any"}`;
      const group = groups.get(key) ?? { own: named.has(tag.abi), tags: [] };
      groups.set(key, group);
      group.tags.push(tag);
    }
  }
  const all = [...groups.values()];
  return indexTags([...all.filter(({ own }) => own), ...all.filter(({ own }) => !own)].flatMap(({ tags }) => tags));
}

function indexTags(ordered: readonly Tag[]): SupportedTags {
  const ranks = new Map<string, number>();
  const unique: Tag[] = [];
  for (const tag of ordered) {
    const text = tagText(tag);
    if (ranks.has(text)) continue;
    ranks.set(text, unique.length);
    unique.push(tag);
  }
  return { ordered: unique, rank: (tag) => ranks.get(tag) };
}

function orderTags(target: TagTarget): Tag[] {
  const platforms = platformTags(target.platform);
  const nodot = target.version.join("");
  switch (target.implementation) {
    case "cpython":
      return [...cpythonTags(target, platforms), ...compatibleTags(target.version, platforms, `cp${nodot}`)];
    case "pypy":
      return [...cross([`pp${nodot}`], [abiOf(target), "none"], platforms), ...compatibleTags(target.version, platforms, "pp3")];
    case "graalpy":
      return [...cross([`graalpy${nodot}`], [abiOf(target), "none"], platforms), ...compatibleTags(target.version, platforms)];
    case "other":
      return compatibleTags(target.version, platforms);
  }
}

function cpythonTags(target: TagTarget, platforms: readonly string[]): Tag[] {
  const [major, minor] = target.version;
  const python = `cp${major}${minor}`;
  const abis = cpythonAbis(target);
  const stable = /^cp\d+[a-z]*t/.test(abis[0] ?? "") ? "abi3t" : "abi3";
  if (major !== 3 || minor < 2) return cross([python], [...abis, "none"], platforms);
  const older = Array.from({ length: Math.max(0, minor - 2) }, (_, at) => `cp3${minor - 1 - at}`);
  return [...cross([python], [...abis, stable, "none"], platforms), ...cross(older, [stable], platforms)];
}

function cpythonAbis(target: TagTarget): string[] {
  const [major, minor] = target.version;
  const python = `cp${major}${minor}`;
  const threading = target.freeThreaded ? "t" : "";
  const ancient = major === 3 && minor < 8;
  const own =
    target.abi === undefined ? `${python}${threading}${target.debug ? "d" : ""}${ancient ? "m" : ""}` : normalizeTagPart(target.abi);
  // Since 3.8 a debug build loads the extension modules of a normal one.
  return target.debug && !ancient ? [...new Set([own, `${python}${threading}`])] : [own];
}

/** The binary interface of PyPy and GraalPy: as given, else as their releases form it. */
function abiOf(target: TagTarget): string | undefined {
  if (target.abi !== undefined) return normalizeTagPart(target.abi);
  if (target.implementationVersion === undefined) return undefined;
  const own = target.implementationVersion.join("");
  const python = target.version.join("");
  return target.implementation === "pypy" ? `pypy${python}_pp${own}` : `graalpy${own}_${python}_native`;
}

/** Tags for wheels without binary parts: for this platform first, then for any. */
function compatibleTags(version: readonly [number, number], platforms: readonly string[], interpreter?: string): Tag[] {
  const [major, minor] = version;
  const pythons = [`py${major}${minor}`, `py${major}`, ...Array.from({ length: minor }, (_, at) => `py${major}${minor - 1 - at}`)];
  return [
    ...cross(pythons, ["none"], platforms),
    ...cross(interpreter === undefined ? [] : [interpreter], ["none"], ["any"]),
    ...cross(pythons, ["none"], ["any"]),
  ];
}

function cross(pythons: readonly string[], abis: readonly (string | undefined)[], platforms: readonly string[]): Tag[] {
  return pythons.flatMap((python) =>
    abis.flatMap((abi) => (abi === undefined ? [] : platforms.map((platform) => ({ python, abi, platform })))),
  );
}

const wheelRanks = new WeakMap<SupportedTags, Map<string, number | undefined>>();
const maxWheelRanks = 4096;

/**
 * The best rank that any tag of the wheel has among `supported`; undefined when the wheel cannot be used. Thousands of
 * files share a few tag sets, so each set is looked up once.
 */
export function wheelRank(supported: SupportedTags, wheel: WheelFilename): number | undefined {
  let known = wheelRanks.get(supported);
  if (known === undefined) wheelRanks.set(supported, (known = new Map()));
  const text = wheel.tagSet;
  const before = known.get(text);
  if (before !== undefined || known.has(text)) return before;
  let best: number | undefined;
  for (const tag of text.includes(".") ? wheel.tags.map(tagText) : [text]) {
    const rank = supported.rank(tag);
    if (rank !== undefined && (best === undefined || rank < best)) best = rank;
  }
  if (known.size >= maxWheelRanks) known.clear();
  known.set(text, best);
  return best;
}
