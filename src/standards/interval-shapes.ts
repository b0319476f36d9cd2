import { elementAt } from "./elements.ts";
/** A set over an ordered domain, as the places where membership changes (see VersionRange). */
interface CutSet<Cut> {
  readonly fromStart: boolean;
  readonly cuts: readonly Cut[];
}

/** One readable part of a set: an interval, less some points or small intervals inside it. A missing bound is open to that side. */
export interface IntervalShape<Cut> {
  readonly from: Cut | undefined;
  readonly to: Cut | undefined;
  readonly without: readonly (readonly [from: Cut, to: Cut])[];
}

/**
 * The parts of a set in ascending order. Neighbouring intervals become one part when `excludable` says that the gap between
 * them can be written as an exclusion, as in `>=1.0,!=1.5`.
 */
export function intervalShapes<Cut>(set: CutSet<Cut>, excludable: (from: Cut, to: Cut) => boolean): IntervalShape<Cut>[] {
  const shapes: IntervalShape<Cut>[] = [];
  let from: Cut | undefined;
  let without: (readonly [Cut, Cut])[] = [];
  let at = set.fromStart ? 0 : 1;
  if (at === 1) from = set.cuts[0];
  if (at === 1 && from === undefined) return shapes;
  for (; at < set.cuts.length; at += 2) {
    const to = elementAt(set.cuts, at);
    const next = set.cuts[at + 1];
    if (next === undefined) {
      shapes.push({ from, to, without });
      return shapes;
    }
    if (excludable(to, next)) {
      without.push([to, next]);
      continue;
    }
    shapes.push({ from, to, without });
    from = next;
    without = [];
  }
  shapes.push({ from, to: undefined, without });
  return shapes;
}
