import { singletonRange, type Version } from "#standards";
import type { Incompatibility } from "./incompatibility.ts";
import { rootPackage, type PackageId } from "./packages.ts";
import { bothTerms, positive, relationOf, type Term } from "./term.ts";

/** One step of the way: a decision (no cause), or a derivation that `cause` forced (docs/solver.md#assignment). */
export interface Assignment {
  readonly term: Term;
  /** What all assignments about the package up to this one say together. */
  readonly accumulated: Term;
  /** Place in the whole history. */
  readonly index: number;
  readonly level: number;
  readonly cause: Incompatibility | undefined;
  /** True for the assignment that first made the package needed. */
  readonly needs: boolean;
}

/** The assignment that made an incompatibility's terms all hold, and the level at which the others already did. */
export interface Satisfier {
  readonly assignment: Assignment;
  readonly term: Term;
  readonly previousLevel: number;
}

/** What the solver believes for now, in order, so that it can be taken back (docs/solver.md#partial-solution). */
export class PartialSolution {
  /** Number of decisions in force. */
  level: number = 0;
  /** Distinguishes visits of the same level: an observation made at a level holds while its stamp is the same. */
  readonly stamps: number[] = [0];
  private readonly order: Assignment[] = [];
  private readonly byPackage: Assignment[][] = [];
  private readonly chosen: (Version | undefined)[] = [];
  /** The packages with a positive accumulated term, in the order of the assignments that made it so. */
  private readonly needed: PackageId[] = [];
  /** Those of {@link needed} that are not decided, in no order; undefined when that has to be found out again. */
  private open: PackageId[] | undefined = [];
  private nextStamp = 1;

  /** The version decided for a package. */
  decided(of: PackageId): Version | undefined {
    return this.chosen[of];
  }

  /** What is believed about a package; undefined when nothing is. */
  known(of: PackageId): Term | undefined {
    const history = this.byPackage[of];
    return history === undefined || history.length === 0 ? undefined : (history[history.length - 1] as Assignment).accumulated;
  }

  decide(of: PackageId, version: Version): void {
    this.level += 1;
    this.stamps[this.level] = this.nextStamp;
    this.nextStamp += 1;
    this.chosen[of] = version;
    this.push(positive(of, singletonRange(version)), undefined);
    const { open } = this;
    const at = open?.indexOf(of) ?? -1;
    if (open === undefined || at < 0) return;
    open[at] = open[open.length - 1] as PackageId;
    open.pop();
  }

  derive(term: Term, cause: Incompatibility): void {
    this.push(term, cause);
  }

  private push(term: Term, cause: Incompatibility | undefined): void {
    const known = this.known(term.package);
    const accumulated = known === undefined || cause === undefined ? term : bothTerms(known, term);
    const needs = accumulated.kind === "positive" && known?.kind !== "positive" && term.package !== rootPackage;
    const assignment: Assignment = { term, accumulated, index: this.order.length, level: this.level, cause, needs };
    this.order.push(assignment);
    if (needs) {
      this.needed.push(term.package);
      this.open?.push(term.package);
    }
    (this.byPackage[term.package] ??= []).push(assignment);
  }

  /** Takes back everything above `level`. */
  backtrack(level: number): void {
    for (let assignment = this.order.at(-1); assignment !== undefined && assignment.level > level; assignment = this.order.at(-1)) {
      this.order.pop();
      this.byPackage[assignment.term.package]?.pop();
      if (assignment.needs) this.needed.pop();
      if (assignment.cause === undefined) this.chosen[assignment.term.package] = undefined;
    }
    this.level = level;
    this.open = undefined;
  }

  /** The packages that must be there and are not decided, in no order. */
  get openPackages(): readonly PackageId[] {
    return (this.open ??= this.needed.filter((of) => this.chosen[of] === undefined));
  }

  /** The packages that must be there, decided or not, in the order in which they became needed. */
  get neededPackages(): readonly PackageId[] {
    return this.needed;
  }

  /** Finds who completed the incompatibility, all terms of which hold. */
  satisfierOf(incompatibility: Incompatibility): Satisfier {
    let latest: Assignment | undefined;
    let latestTerm: Term | undefined;
    let previousLevel = 0;
    for (const term of incompatibility.terms) {
      const satisfier = this.firstSatisfying(term, undefined);
      if (latest === undefined || satisfier.index > latest.index) {
        if (latest !== undefined) previousLevel = Math.max(previousLevel, latest.level);
        latest = satisfier;
        latestTerm = term;
      } else previousLevel = Math.max(previousLevel, satisfier.level);
    }
    if (latest === undefined || latestTerm === undefined) throw new Error("An incompatibility without terms has no satisfier");
    if (relationOf(latest.term, latestTerm) !== "satisfied") {
      previousLevel = Math.max(previousLevel, this.firstSatisfying(latestTerm, latest.term).level);
    }
    return { assignment: latest, term: latestTerm, previousLevel };
  }

  // What is believed only ever grows stronger, so the first assignment after which the term holds is found by halving.
  private firstSatisfying(term: Term, together: Term | undefined): Assignment {
    const history = this.byPackage[term.package] ?? [];
    let low = 0;
    let high = history.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const { accumulated } = history[middle] as Assignment;
      const known = together === undefined ? accumulated : bothTerms(accumulated, together);
      if (relationOf(known, term) === "satisfied") high = middle;
      else low = middle + 1;
    }
    return history[low] as Assignment;
  }
}
