import {
  complementRange,
  fullRange,
  rangeContains,
  rangeIsSubset,
  specifiersText,
  type NormalizedName,
  type VersionRange,
} from "#standards";
import { metadataOf, pending, placeOf, type Pending } from "./answers.ts";
import { Expansion } from "./expansion.ts";
import { Incompatibility, type ExternalCause } from "./incompatibility.ts";
import { PackageTable, rootPackage, type PackageId } from "./packages.ts";
import type { PartialSolution } from "./partial-solution.ts";
import type { Problem } from "./problem.ts";
import { Propagation } from "./propagation.ts";
import { defect, type ActiveRequirement } from "./rules.ts";
import { slotOf, type ProjectFacts } from "./selection.ts";
import { negative, positive, relationOf } from "./term.ts";
import type { Candidate, Candidates } from "./types.ts";

/** How a run of the solver ended: with an answer, waiting for the catalog, having to start again, or with a proof that there is none. */
export type Outcome =
  | { readonly kind: "solved" }
  | { readonly kind: "waiting" }
  | { readonly kind: "again" }
  | { readonly kind: "failed"; readonly conflict: Incompatibility };

const solved: Outcome = { kind: "solved" };
const waiting: Outcome = { kind: "waiting" };
const again: Outcome = { kind: "again" };

/** A package whose versions were refused this often is decided before the others, so that its choice is made where it matters. */
const troubleThreshold = 5;

/** The loop of docs/solver.md: propagate, decide, and so on. Runs without waiting; see {@link Solver.run}. */
export class Solver {
  readonly packages: PackageTable = new PackageTable();
  private readonly propagation = new Propagation();
  private readonly expansion: Expansion;
  private readonly problem: Problem;
  private readonly expanded = new Set<Candidate | string>();
  private readonly facts: ProjectFacts[] = [];
  private readonly actives = new Map<Candidate, Map<NormalizedName | undefined, readonly ActiveRequirement[]>>();
  private readonly trouble: number[] = [];
  private started = false;

  constructor(problem: Problem) {
    this.problem = problem;
    this.expansion = new Expansion(problem, this.packages, this.propagation);
  }

  get solution(): PartialSolution {
    return this.propagation.solution;
  }

  /** Works until there is an outcome. After `waiting`, call it again when the answer has arrived: it goes on where it was. */
  run(): Outcome {
    if (!this.started) {
      this.started = true;
      this.propagation.solution.derive(
        positive(rootPackage, fullRange),
        new Incompatibility([negative(rootPackage, fullRange)], { kind: "root" }),
      );
      this.expansion.expandRoot();
      this.propagation.visit(rootPackage);
    }
    for (;;) {
      const conflict = this.propagation.propagate();
      if (this.expansion.mustRestart) return again;
      if (conflict !== undefined) return { kind: "failed", conflict };
      const outcome = this.decideNext();
      if (outcome !== undefined) return outcome;
    }
  }

  /** The versions of a project: those the index has, or the one at its URL. */
  candidatesOf(name: NormalizedName): Candidates | undefined | Pending {
    const direct = this.problem.urls.get(name);
    if (direct === undefined) return this.problem.answers.candidates(name);
    const candidate = this.problem.answers.direct(direct);
    return candidate === pending ? pending : [candidate];
  }

  /** What a version that was looked at needs; with `extra`, what the extra adds. */
  activeOf(candidate: Candidate, extra: NormalizedName | undefined): readonly ActiveRequirement[] {
    let byExtra = this.actives.get(candidate);
    if (byExtra === undefined) this.actives.set(candidate, (byExtra = new Map()));
    let active = byExtra.get(extra);
    if (active === undefined) {
      const needs = metadataOf(this.problem.answers, candidate);
      active = this.problem.followDependencies ? this.problem.rules.activeOf(needs, extra) : [];
      byExtra.set(extra, active);
    }
    return active;
  }

  // docs/solver.md#decision
  private decideNext(): Outcome | undefined {
    const next = this.mostUrgent();
    if (next === undefined) return solved;
    const known = this.solution.known(next);
    if (known?.kind !== "positive") throw defect("A package that is not needed is to be decided");
    return this.packages.get(next).extra === undefined ? this.decideProject(next, known.range) : this.decideExtra(next, known.range);
  }

  // Extras follow their project at once; then what leaves least choice: a URL, an exact version, what made trouble; then first come, first served.
  private mostUrgent(): PackageId | undefined {
    let best: PackageId | undefined;
    let bestRank = Infinity;
    for (const of of this.solution.openPackages) {
      const rank = this.rankOf(of);
      if (best === undefined || rank < bestRank || (rank === bestRank && of < best)) {
        best = of;
        bestRank = rank;
      }
    }
    return best;
  }

  private rankOf(of: PackageId): number {
    const { name, extra, base } = this.packages.get(of);
    if (extra !== undefined) return this.solution.decided(base) === undefined ? Infinity : 0;
    const facts = (this.facts[of] ??= this.problem.selection.of(name));
    if (this.problem.urls.size > 0 && this.problem.urls.has(name)) return 1;
    if (facts.pinned) return 2;
    const trouble = this.trouble[of] ?? 0;
    return trouble < troubleThreshold ? 4 : 3 - Math.min(trouble / 1e9, 0.5);
  }

  private decideProject(of: PackageId, range: VersionRange): Outcome | undefined {
    const { answers, selection, urls, rules } = this.problem;
    const { name } = this.packages.get(of);
    const candidates = this.candidatesOf(name);
    if (candidates === pending) return waiting;
    if (candidates === undefined) return this.exclude(of, fullRange, { kind: "unknown-package" });
    const facts = selection.of(name);
    const place = urls.has(name) ? chooseDirect(candidates, range) : selection.choose(facts, candidates, range);
    if (place < 0) {
      facts.exhausted = true;
      return this.exclude(of, range, { kind: "no-versions" });
    }
    const candidate = candidates.at(place) as Candidate;
    if (!this.expanded.has(candidate)) {
      const dependencies = answers.dependencies(candidate);
      if (dependencies === pending) return waiting;
      this.expanded.add(candidate);
      const slot = slotOf(candidates, place);
      if ("detail" in dependencies) return this.exclude(of, slot, { kind: "broken-metadata", detail: dependencies.detail });
      const { requiresPython } = dependencies;
      if (requiresPython !== undefined && !rules.environments.admitsPython(requiresPython)) {
        return this.exclude(of, slot, { kind: "python", specifiers: specifiersText(requiresPython) });
      }
      this.expansion.expand(of, slot, candidate, this.activeOf(candidate, undefined));
    }
    return this.take(of, candidate);
  }

  // An extra has the version of its project, which is decided first because whoever asks for the extra asks for the project.
  private decideExtra(of: PackageId, range: VersionRange): Outcome | undefined {
    const { name, base, extra } = this.packages.get(of);
    const version = this.solution.decided(base);
    const candidates = this.candidatesOf(name);
    if (version === undefined || candidates === undefined || candidates === pending)
      throw defect("An extra is to be decided before its project");
    const place = placeOf(candidates, version);
    const candidate = candidates.at(place) as Candidate;
    const slot = slotOf(candidates, place);
    if (!rangeIsSubset(range, slot)) {
      this.propagation.add(new Incompatibility([positive(base, slot), positive(of, complementRange(slot))], { kind: "lockstep" }));
      this.propagation.visit(base);
      return undefined;
    }
    if (!rangeContains(range, version)) return this.exclude(of, range, { kind: "no-versions" });
    const key = `${of} ${place}`;
    if (!this.expanded.has(key)) {
      this.expanded.add(key);
      this.expansion.expand(of, slot, candidate, this.activeOf(candidate, extra));
    }
    return this.take(of, candidate);
  }

  /** Decides for the candidate, unless that would be a conflict at once: then propagation will rule it out. */
  private take(of: PackageId, candidate: Candidate): undefined {
    const conflict = this.immediateConflict(of, candidate);
    this.propagation.visit(of);
    if (conflict === undefined) {
      this.solution.decide(of, candidate.version);
      return;
    }
    let reached = false;
    for (const term of conflict.terms) {
      const trouble = (this.trouble[term.package] ?? 0) + 1;
      this.trouble[term.package] = trouble;
      reached ||= trouble === troubleThreshold && term.package !== rootPackage;
    }
    if (reached) this.startOver();
  }

  // With what was learned kept, the order of decisions is made anew.
  private startOver(): void {
    this.solution.backtrack(0);
    for (const { id } of this.packages.all) this.propagation.visit(id);
  }

  private immediateConflict(of: PackageId, candidate: Candidate): Incompatibility | undefined {
    return this.expansion.dependenciesOf(of, candidate).find((incompatibility) => {
      return incompatibility.terms.every((term) => {
        if (term.package === of) return rangeContains(term.range, candidate.version);
        const known = this.solution.known(term.package);
        return known !== undefined && relationOf(known, term) === "satisfied";
      });
    });
  }

  private exclude(of: PackageId, range: VersionRange, cause: ExternalCause): undefined {
    this.propagation.add(new Incompatibility([positive(of, range)], cause));
    this.propagation.visit(of);
  }
}

function chooseDirect(candidates: Candidates, range: VersionRange): number {
  const candidate = candidates.at(0);
  return candidate !== undefined && candidate.unusable === undefined && rangeContains(range, candidate.version) ? 0 : -1;
}
