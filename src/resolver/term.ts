import { complementRange, intersectRanges, rangeIsEmpty, rangeIsSubset, rangesDisjoint, unionRanges, type VersionRange } from "#standards";
import type { PackageId } from "./packages.ts";

/**
 * A statement about one package (docs/solver.md#term). Positive: a version in `range` is chosen. Negative: no version
 * in `range` is chosen, which also holds when the package is not chosen at all.
 */
export type Term = PositiveTerm | NegativeTerm;

export interface PositiveTerm {
  readonly kind: "positive";
  readonly package: PackageId;
  readonly range: VersionRange;
}

export interface NegativeTerm {
  readonly kind: "negative";
  readonly package: PackageId;
  readonly range: VersionRange;
}

/** What is known about a term, given another one about the same package. */
export type Relation = "satisfied" | "contradicted" | "inconclusive";

/** The term that a version of `range` is chosen. */
export function positive(of: PackageId, range: VersionRange): PositiveTerm {
  return { kind: "positive", package: of, range };
}

/** The term that no version of `range` is chosen. */
export function negative(of: PackageId, range: VersionRange): NegativeTerm {
  return { kind: "negative", package: of, range };
}

/** The term that holds exactly when `term` does not. */
export function inverse(term: Term): Term {
  return term.kind === "positive" ? negative(term.package, term.range) : positive(term.package, term.range);
}

/** What `known` says about `asked`; both are about the same package. Allocates nothing. */
export function relationOf(known: Term, asked: Term): Relation {
  if (known.kind === "positive") {
    if (asked.kind === "positive") {
      if (rangeIsSubset(known.range, asked.range)) return "satisfied";
      return rangesDisjoint(known.range, asked.range) ? "contradicted" : "inconclusive";
    }
    if (rangesDisjoint(known.range, asked.range)) return "satisfied";
    return rangeIsSubset(known.range, asked.range) ? "contradicted" : "inconclusive";
  }
  if (!rangeIsSubset(asked.range, known.range)) return "inconclusive";
  return asked.kind === "positive" ? "contradicted" : "satisfied";
}

/** The term that holds when both do; both are about the same package. */
export function bothTerms(a: Term, b: Term): Term {
  if (a.kind === "positive") {
    return positive(a.package, intersectRanges(a.range, b.kind === "positive" ? b.range : complementRange(b.range)));
  }
  if (b.kind === "positive") return positive(a.package, intersectRanges(b.range, complementRange(a.range)));
  return negative(a.package, unionRanges(a.range, b.range));
}

/** The term that holds when one of them does, or undefined when that is always so; both are about the same package. */
export function eitherTerm(a: Term, b: Term): Term | undefined {
  if (a.kind === "positive" && b.kind === "positive") return positive(a.package, unionRanges(a.range, b.range));
  const without = a.kind === "negative" ? a.range : b.range;
  const other = a.kind === "negative" ? b : a;
  const range = intersectRanges(without, other.kind === "positive" ? complementRange(other.range) : other.range);
  return rangeIsEmpty(range) ? undefined : negative(a.package, range);
}
