import { elementAt } from "./elements.ts";
import { compareVersions, type Version } from "./versions.ts";

/**
 * A set of versions: disjoint intervals in ascending order, as the places where membership changes. A cut lies just below its
 * version; `fromStart` tells whether the versions below the first cut are inside. Equal sets have equal cuts (by comparison), so
 * complement, equality and the merges are exact and linear. A cut need not be a version that can be written: see specifier-ranges.ts.
 */
export interface VersionRange {
  readonly fromStart: boolean;
  readonly cuts: readonly Version[];
}

/** Every version. */
export const fullRange: VersionRange = { fromStart: true, cuts: [] };

/** No version. */
export const emptyRange: VersionRange = { fromStart: false, cuts: [] };

/** True when `version` is inside. Logarithmic in the number of intervals. */
export function rangeContains(range: VersionRange, version: Version): boolean {
  const cuts = range.cuts;
  let low = 0;
  let high = cuts.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareVersions(elementAt(cuts, middle), version) <= 0) low = middle + 1;
    else high = middle;
  }
  return range.fromStart !== ((low & 1) === 1);
}

/** The versions that are in both. */
export function intersectRanges(a: VersionRange, b: VersionRange): VersionRange {
  if (a === b) return a;
  if (a.cuts.length === 0) return a.fromStart ? b : emptyRange;
  if (b.cuts.length === 0) return b.fromStart ? a : emptyRange;
  return merge(a, b, false);
}

/** The versions that are in one of them or in both. */
export function unionRanges(a: VersionRange, b: VersionRange): VersionRange {
  if (a === b) return a;
  if (a.cuts.length === 0) return a.fromStart ? fullRange : b;
  if (b.cuts.length === 0) return b.fromStart ? fullRange : a;
  return merge(a, b, true);
}

/** The versions that are not in it. Takes constant time. */
export function complementRange(range: VersionRange): VersionRange {
  if (range.cuts.length === 0) return range.fromStart ? emptyRange : fullRange;
  return { fromStart: !range.fromStart, cuts: range.cuts };
}

// One walk over the cuts of both; a version is in the union (or intersection) when it is in either (or both).
function merge(a: VersionRange, b: VersionRange, union: boolean): VersionRange {
  let inA = a.fromStart;
  let inB = b.fromStart;
  const fromStart = union ? inA || inB : inA && inB;
  const cuts: Version[] = [];
  let inside = fromStart;
  let atA = 0;
  let atB = 0;
  while (atA < a.cuts.length || atB < b.cuts.length) {
    const order = compareCuts(a.cuts[atA], b.cuts[atB]);
    const cut = order <= 0 ? elementAt(a.cuts, atA) : elementAt(b.cuts, atB);
    if (order <= 0) {
      inA = !inA;
      atA += 1;
    }
    if (order >= 0) {
      inB = !inB;
      atB += 1;
    }
    const now = union ? inA || inB : inA && inB;
    if (now !== inside) {
      cuts.push(cut);
      inside = now;
    }
  }
  if (cuts.length === 0) return fromStart ? fullRange : emptyRange;
  return { fromStart, cuts };
}

// A missing cut lies above all others.
function compareCuts(a: Version | undefined, b: Version | undefined): number {
  if (a === undefined) return 1;
  if (b === undefined) return -1;
  return compareVersions(a, b);
}

/** True when no version is inside. */
export function rangeIsEmpty(range: VersionRange): boolean {
  return range.cuts.length === 0 && !range.fromStart;
}

/** True when every version is inside. */
export function rangeIsFull(range: VersionRange): boolean {
  return range.cuts.length === 0 && range.fromStart;
}

/** True when both hold the same versions. */
export function rangesEqual(a: VersionRange, b: VersionRange): boolean {
  if (a === b) return true;
  if (a.fromStart !== b.fromStart || a.cuts.length !== b.cuts.length) return false;
  return a.cuts.every((cut, at) => compareVersions(cut, elementAt(b.cuts, at)) === 0);
}

/** True when every version of `a` is in `b`. Allocates nothing. */
export function rangeIsSubset(a: VersionRange, b: VersionRange): boolean {
  return a === b || neverBoth(a, b, true);
}

/** True when no version is in both. Allocates nothing. */
export function rangesDisjoint(a: VersionRange, b: VersionRange): boolean {
  return neverBoth(a, b, false);
}

function neverBoth(a: VersionRange, b: VersionRange, complementB: boolean): boolean {
  let inA = a.fromStart;
  let inB = b.fromStart !== complementB;
  let atA = 0;
  let atB = 0;
  for (;;) {
    if (inA && inB) return false;
    if (atA >= a.cuts.length && atB >= b.cuts.length) return true;
    const order = compareCuts(a.cuts[atA], b.cuts[atB]);
    if (order <= 0) {
      inA = !inA;
      atA += 1;
    }
    if (order >= 0) {
      inB = !inB;
      atB += 1;
    }
  }
}
