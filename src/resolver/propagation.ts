import { resolveConflict, type Incompatibility } from "./incompatibility.ts";
import { PartialSolution } from "./partial-solution.ts";
import type { PackageId } from "./packages.ts";
import { inverse, relationOf, type Term } from "./term.ts";

/** All incompatibilities known so far and what follows from them: unit propagation and conflict resolution (docs/solver.md#unit-propagation). */
export class Propagation {
  readonly solution: PartialSolution = new PartialSolution();
  private readonly mentioning: Incompatibility[][] = [];
  private readonly toVisit: PackageId[] = [];
  private readonly queued = new Set<PackageId>();

  add(incompatibility: Incompatibility): void {
    for (const term of incompatibility.terms) (this.mentioning[term.package] ??= []).push(incompatibility);
  }

  /** Puts `by` in the place of `old`, which it implies. */
  replace(old: Incompatibility, by: Incompatibility): void {
    for (const term of old.terms) {
      const list = this.mentioning[term.package];
      if (list !== undefined) list[list.lastIndexOf(old)] = by;
    }
  }

  /** Has the incompatibilities about a package looked at by the next {@link Propagation.propagate}. */
  visit(of: PackageId): void {
    if (this.queued.has(of)) return;
    this.queued.add(of);
    this.toVisit.push(of);
  }

  /** Derives all that follows. The incompatibility that proves failure, if it comes to that. */
  propagate(): Incompatibility | undefined {
    for (let of = this.toVisit.pop(); of !== undefined; of = this.toVisit.pop()) {
      this.queued.delete(of);
      const list = this.mentioning[of] ?? [];
      for (let at = list.length - 1; at >= 0; at -= 1) {
        const incompatibility = list[at] as Incompatibility;
        if (this.isContradicted(incompatibility) || this.deriveFrom(incompatibility)) continue;
        const learned = this.learnFrom(incompatibility);
        if (learned.isFailure) return learned;
        // What was queued belonged to beliefs that are taken back; what stayed was visited before.
        this.toVisit.length = 0;
        this.queued.clear();
        this.deriveFrom(learned);
        break;
      }
    }
    return undefined;
  }

  private isContradicted(incompatibility: Incompatibility): boolean {
    const level = incompatibility.contradictedLevel;
    return level >= 0 && level <= this.solution.level && this.solution.stamps[level] === incompatibility.contradictedStamp;
  }

  /** Derives the inverse of the only term that is open, if there is just one. False when all terms hold: a conflict. */
  private deriveFrom(incompatibility: Incompatibility): boolean {
    const { solution } = this;
    let open: Term | undefined;
    for (const term of incompatibility.terms) {
      const known = solution.known(term.package);
      const relation = known === undefined ? "inconclusive" : relationOf(known, term);
      if (relation === "contradicted") {
        incompatibility.contradictedLevel = solution.level;
        incompatibility.contradictedStamp = solution.stamps[solution.level] ?? 0;
        return true;
      }
      if (relation === "satisfied") continue;
      if (open !== undefined) return true;
      open = term;
    }
    if (open === undefined) return false;
    solution.derive(inverse(open), incompatibility);
    this.visit(open.package);
    return true;
  }

  /** Finds the root cause of a conflict, takes back what led to it, and remembers it (docs/solver.md#conflict-resolution). */
  private learnFrom(conflict: Incompatibility): Incompatibility {
    let learned = conflict;
    while (!learned.isFailure) {
      const { assignment, previousLevel } = this.solution.satisfierOf(learned);
      if (assignment.cause === undefined || previousLevel < assignment.level) {
        this.solution.backtrack(previousLevel);
        if (learned !== conflict) this.add(learned);
        return learned;
      }
      learned = resolveConflict(learned, assignment.cause, assignment.term.package);
    }
    return learned;
  }
}
