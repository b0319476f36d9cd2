import type { PackageId } from "./packages.ts";
import { rootPackage } from "./packages.ts";
import type { ActiveRequirement } from "./rules.ts";
import { bothTerms, eitherTerm, type Term } from "./term.ts";

/** Terms that cannot all hold at once, at most one for each package (docs/solver.md#incompatibility). */
export class Incompatibility {
  readonly terms: readonly Term[];
  readonly cause: Cause;
  /** Used by the solver: the decision level at which a term was found contradicted, and the stamp of that level. */
  contradictedLevel: number = -1;
  contradictedStamp: number = 0;

  constructor(terms: readonly Term[], cause: Cause) {
    this.terms = terms;
    this.cause = cause;
  }

  /** True when nothing can be chosen any more: the proof that there is no answer. */
  get isFailure(): boolean {
    return this.terms.length === 0 || (this.terms.length === 1 && this.subject === rootPackage);
  }

  /** The package that the first term is about: for a fact from outside, the one that it is told of. */
  get subject(): PackageId {
    return this.terms[0]?.package ?? rootPackage;
  }
}

/** Why terms cannot all hold (docs/solver.md#cause). */
export type Cause = ExternalCause | { readonly kind: "conflict"; readonly left: Incompatibility; readonly right: Incompatibility };

/** A fact that comes from outside the solver: the person, an index, a distribution. */
export type ExternalCause =
  | { readonly kind: "root" }
  | { readonly kind: "requirement"; readonly requirement: ActiveRequirement; readonly origin: string }
  | { readonly kind: "dependency"; readonly dependant: PackageId; readonly requirement: ActiveRequirement }
  | { readonly kind: "constraint"; readonly text: string }
  | { readonly kind: "lockstep" }
  | { readonly kind: "no-versions" }
  | { readonly kind: "unknown-package" }
  | { readonly kind: "broken-metadata"; readonly detail: string }
  | { readonly kind: "python"; readonly specifiers: string }
  | {
      readonly kind: "other-url";
      readonly requirement: ActiveRequirement;
      readonly url: string;
      readonly other: string;
      readonly origin: string | undefined;
    }
  | { readonly kind: "unasked-url"; readonly requirement: ActiveRequirement; readonly url: string };

/**
 * The rule of resolution: from `conflict` and the incompatibility that forced its term about `pivot`, the incompatibility
 * that follows without that package (or with a weaker term about it). See docs/solver.md#conflict-resolution.
 */
export function resolveConflict(conflict: Incompatibility, forced: Incompatibility, pivot: PackageId): Incompatibility {
  const terms = new Map<PackageId, Term>();
  for (const term of conflict.terms) terms.set(term.package, term);
  for (const term of forced.terms) {
    const known = terms.get(term.package);
    if (known === undefined) terms.set(term.package, term);
    else if (term.package !== pivot) terms.set(term.package, bothTerms(known, term));
    else {
      const either = eitherTerm(known, term);
      if (either === undefined) terms.delete(pivot);
      else terms.set(pivot, either);
    }
  }
  // The root is always chosen: naming it beside others says nothing.
  if (terms.size > 1) terms.delete(rootPackage);
  return new Incompatibility([...terms.values()], { kind: "conflict", left: conflict, right: forced });
}
