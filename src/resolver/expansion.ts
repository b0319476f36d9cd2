import {
  complementRange,
  fullRange,
  rangeContains,
  rangeIsFull,
  rangeIsSubset,
  rangeOf,
  rangesEqual,
  requirementText,
  unionRanges,
  type NormalizedName,
  type VersionRange,
} from "#standards";
import { Incompatibility, type ExternalCause } from "./incompatibility.ts";
import { rootPackage, type PackageId, type PackageTable } from "./packages.ts";
import type { Problem } from "./problem.ts";
import type { Propagation } from "./propagation.ts";
import { sameUrl, type ActiveRequirement } from "./rules.ts";
import { negative, positive, type PositiveTerm } from "./term.ts";
import type { Candidate } from "./types.ts";

// How many of the latest dependencies of a package are compared with a new one to be joined with it.
const joinWindow = 64;

/** Turns what people and distributions ask for into incompatibilities (docs/solver.md#dependencies). */
export class Expansion {
  /** True when the solver has relied on something that does not hold any more. */
  mustRestart: boolean = false;
  private readonly problem: Problem;
  private readonly packages: PackageTable;
  private readonly propagation: Propagation;
  private readonly byDependant: Incompatibility[][] = [];
  private readonly byVersion: Map<Candidate, Incompatibility[]>[] = [];
  /** What the version that is being expanded needs. */
  private current: Incompatibility[] = [];
  private readonly bounded = new Set<PackageId>();

  constructor(problem: Problem, packages: PackageTable, propagation: Propagation) {
    this.problem = problem;
    this.packages = packages;
    this.propagation = propagation;
  }

  /** What one version of a package needs, after {@link Expansion.expand}. */
  dependenciesOf(of: PackageId, candidate: Candidate): readonly Incompatibility[] {
    return this.byVersion[of]?.get(candidate) ?? [];
  }

  /** States the direct requirements. */
  expandRoot(): void {
    const root = positive(rootPackage, fullRange);
    for (const { active, origin } of this.problem.direct) {
      const conflict = this.urlConflict(active, origin);
      if (conflict === undefined) this.require(root, active, { kind: "requirement", requirement: active, origin });
      else this.propagation.add(new Incompatibility([root], conflict));
    }
    this.problem.answers.prefetch([...new Set(this.problem.direct.map((one) => one.active.requirement.name))]);
  }

  /** States what the one version in `slot` needs. `candidate` is that version. */
  expand(of: PackageId, slot: VersionRange, candidate: Candidate, requirements: readonly ActiveRequirement[]): void {
    const { urls, answers } = this.problem;
    this.current = [];
    (this.byVersion[of] ??= new Map()).set(candidate, this.current);
    const fromUrl = urls.has(this.packages.get(of).name);
    const discovered: NormalizedName[] = [];
    for (const active of requirements) {
      const { requirement } = active;
      if (fromUrl && requirement.url !== undefined && !urls.has(requirement.name)) {
        urls.set(requirement.name, requirement);
        // The index may have been asked for it already.
        this.mustRestart = true;
      }
      const conflict = this.urlConflict(active, undefined);
      const isOwn = this.packages.project(requirement.name) === of;
      if (conflict !== undefined) this.propagation.add(new Incompatibility([positive(of, slot)], conflict));
      else if (isOwn && !rangeContains(active.range, candidate.version)) {
        this.propagation.add(new Incompatibility([positive(of, slot)], { kind: "dependency", dependant: of, requirement: active }));
      } else if (this.require(positive(of, slot), active, { kind: "dependency", dependant: of, requirement: active })) {
        discovered.push(requirement.name);
      }
    }
    answers.prefetch(discovered);
  }

  private urlConflict(active: ActiveRequirement, origin: string | undefined): ExternalCause | undefined {
    const { requirement } = active;
    const url = requirement.url;
    if (url === undefined) return undefined;
    const known = this.problem.urls.get(requirement.name)?.url;
    if (known === undefined) return { kind: "unasked-url", requirement: active, url };
    return sameUrl(known, url) ? undefined : { kind: "other-url", requirement: active, url, other: known, origin };
  }

  /** Records that `dependant` needs what the requirement asks for. True when the project was not met before. */
  private require(dependant: PositiveTerm, active: ActiveRequirement, cause: ExternalCause): boolean {
    const { requirement } = active;
    const base = this.packages.project(requirement.name);
    const isNew = !this.bounded.has(base);
    if (isNew) this.bound(base);
    const facts = this.problem.selection.of(requirement.name);
    const candidates = facts.exhausted ? this.problem.answers.knownCandidates(requirement.name) : [];
    if (this.problem.selection.note(facts, active, candidates)) this.mustRestart = true;
    if (base !== dependant.package) this.depend(dependant, base, active, cause);
    for (const extra of requirement.extras) this.depend(dependant, this.packages.extra(requirement.name, extra), active, cause);
    return isNew;
  }

  // Versions that need the same share one incompatibility: shorter proofs, and texts that speak of ranges.
  private depend(dependant: PositiveTerm, on: PackageId, active: ActiveRequirement, cause: ExternalCause): void {
    const of = dependant.package;
    if (of === on) return;
    const list = (this.byDependant[of] ??= []);
    const since = Math.max(0, list.length - joinWindow);
    for (let at = list.length - 1; at >= since; at -= 1) {
      const known = list[at];
      const [who, what] = known?.terms ?? [];
      if (known === undefined || who === undefined || of === rootPackage || what?.package !== on || !rangesEqual(what.range, active.range))
        continue;
      if (rangeIsSubset(dependant.range, who.range)) {
        this.current.push(known);
        return;
      }
      const wider = new Incompatibility([positive(of, unionRanges(who.range, dependant.range)), what], known.cause);
      list[at] = wider;
      this.current.push(wider);
      this.propagation.replace(known, wider);
      return;
    }
    const incompatibility = new Incompatibility([dependant, negative(on, active.range)], cause);
    list.push(incompatibility);
    this.current.push(incompatibility);
    this.propagation.add(incompatibility);
  }

  // Constraints bound a project without asking for it.
  private bound(of: PackageId): void {
    this.bounded.add(of);
    const { rules, urls } = this.problem;
    const { name } = this.packages.get(of);
    for (const constraint of rules.constraintsOn(name)) {
      const admitted = rangeOf(constraint.specifiers);
      const refused = constraint.url !== undefined && !sameUrl(urls.get(name)?.url ?? "", constraint.url);
      const range = refused ? fullRange : complementRange(admitted);
      if (refused || !rangeIsFull(admitted)) {
        this.propagation.add(new Incompatibility([positive(of, range)], { kind: "constraint", text: requirementText(constraint) }));
      }
    }
  }
}
