import {
  compareVersions,
  intersectRanges,
  isPrerelease,
  rangeContains,
  specifiersMentionPrerelease,
  type NormalizedName,
  type Requirement,
  type VersionRange,
} from "#standards";
import { firstNotAbove, placeOf } from "./answers.ts";
import { type ActiveRequirement, type Rules } from "./rules.ts";
import type { Candidate, Candidates, ResolutionRequest } from "./types.ts";

/** Why a version is passed over though it lies in the range that is asked for. */
export type PassedOver = "unusable" | "python" | "prerelease" | "yanked";

/** What is known of a project beside its versions. It only ever grows, also when the solver starts again. */
export interface ProjectFacts {
  readonly name: NormalizedName;
  /** A direct requirement names it. */
  readonly direct: boolean;
  /** Every different requirement met so far, of versions that were looked at. */
  readonly requirements: ActiveRequirement[];
  /** A requirement names one exact version: there is nothing to choose. */
  pinned: boolean;
  /** Pre-releases may be chosen. */
  prereleases: boolean;
  /** The solver has relied on there being no version left in some range. */
  exhausted: boolean;
}

/** Decides which version of a project is tried first, and which never (docs/solver.md#choosing-a-version). */
export class Selection {
  private readonly request: ResolutionRequest;
  private readonly rules: Rules;
  private readonly facts = new Map<NormalizedName, ProjectFacts>();
  private readonly directNames: ReadonlySet<NormalizedName>;

  constructor(request: ResolutionRequest, rules: Rules, direct: readonly ActiveRequirement[]) {
    this.request = request;
    this.rules = rules;
    this.directNames = new Set(direct.map((one) => one.requirement.name));
  }

  of(name: NormalizedName): ProjectFacts {
    let facts = this.facts.get(name);
    if (facts === undefined) {
      const constraints = this.rules.constraintsOn(name);
      const mode = this.request.prereleases;
      facts = {
        name,
        direct: this.directNames.has(name),
        requirements: [],
        pinned: constraints.some(isPin),
        prereleases: mode === "allow" || (heedsMentions(mode) && constraints.some((one) => specifiersMentionPrerelease(one.specifiers))),
        exhausted: false,
      };
      this.facts.set(name, facts);
    }
    return facts;
  }

  /**
   * Takes note of a requirement on a project. True when a version that the solver has already ruled out for good may be chosen
   * because of it: then the solver has to start again.
   */
  note(facts: ProjectFacts, active: ActiveRequirement, candidates: Candidates): boolean {
    const last = facts.requirements[facts.requirements.length - 1];
    if (last !== undefined && last.range === active.range) return false;
    facts.requirements.push(active);
    let reopens = false;
    if (isPin(active.requirement)) {
      facts.pinned = true;
      reopens = facts.exhausted && [...candidates].some((one) => one.yanked !== undefined && rangeContains(active.range, one.version));
    }
    if (facts.prereleases) return reopens;
    const mentioned = heedsMentions(this.request.prereleases) && specifiersMentionPrerelease(active.requirement.specifiers);
    if (mentioned || (facts.exhausted && this.needsPrerelease(facts, active, candidates))) {
      facts.prereleases = true;
      reopens ||= facts.exhausted;
    }
    return reopens;
  }

  /** The place in `candidates` (newest first) of the version to try in `range`, or -1 when there is none. */
  choose(facts: ProjectFacts, candidates: Candidates, range: VersionRange): number {
    const preferred = this.request.preferences.get(facts.name);
    if (preferred !== undefined && rangeContains(range, preferred)) {
      const at = placeOf(candidates, preferred);
      if (at >= 0 && this.isUsable(candidates.at(at) as Candidate)) return at;
    }
    const at = this.scan(facts, candidates, range);
    if (at >= 0 || facts.prereleases) return at;
    if (!facts.requirements.some((active) => this.needsPrerelease(facts, active, candidates))) return -1;
    facts.prereleases = true;
    return this.scan(facts, candidates, range);
  }

  private scan(facts: ProjectFacts, candidates: Candidates, range: VersionRange): number {
    const [start, end] = spanOf(candidates, range);
    const lowest = this.request.mode === "lowest" || (this.request.mode === "lowest-direct" && facts.direct);
    for (let step = 0; step < end - start; step += 1) {
      const at = lowest ? end - 1 - step : start + step;
      const candidate = candidates.at(at) as Candidate;
      if (rangeContains(range, candidate.version) && this.passedOver(facts, candidate) === undefined) return at;
    }
    return -1;
  }

  /** Why a version is never chosen, as far as is known now; undefined when it may be. */
  passedOver(facts: ProjectFacts, candidate: Candidate): PassedOver | undefined {
    if (candidate.unusable !== undefined) return candidate.unusable.kind === "requires-python" ? "python" : "unusable";
    if (candidate.requiresPython !== undefined && !this.rules.environments.admitsPython(candidate.requiresPython)) return "python";
    if (candidate.yanked !== undefined && !this.isPinnedTo(facts, candidate)) return "yanked";
    return !facts.prereleases && isPrerelease(candidate.version) ? "prerelease" : undefined;
  }

  private isUsable(candidate: Candidate): boolean {
    return (
      candidate.unusable === undefined &&
      (candidate.requiresPython === undefined || this.rules.environments.admitsPython(candidate.requiresPython))
    );
  }

  // PEP 592: a yanked version is taken only when a requirement pins exactly it.
  private isPinnedTo(facts: ProjectFacts, candidate: Candidate): boolean {
    if (!facts.pinned) return false;
    return (
      facts.requirements.some((one) => isPin(one.requirement) && rangeContains(one.range, candidate.version)) ||
      this.rules
        .constraintsOn(facts.name)
        .some((one) => isPin(one) && rangeContains(this.rules.constrainedRange(facts.name), candidate.version))
    );
  }

  // PEP 440: a requirement that only pre-releases can fulfil asks for them.
  private needsPrerelease(facts: ProjectFacts, active: ActiveRequirement, candidates: Candidates): boolean {
    if (!heedsNecessity(this.request.prereleases)) return false;
    const range = intersectRanges(active.range, this.rules.constrainedRange(facts.name));
    let found = false;
    for (const candidate of candidates) {
      if (!rangeContains(range, candidate.version) || !this.isUsable(candidate)) continue;
      // A final version that fits keeps pre-releases away, also when it was withdrawn: as in pip.
      if (!isPrerelease(candidate.version)) return false;
      if (candidate.yanked !== undefined && !this.isPinnedTo(facts, candidate)) continue;
      found = true;
    }
    return found;
  }
}

function heedsMentions(mode: ResolutionRequest["prereleases"]): boolean {
  return mode === "explicit" || mode === "if-necessary-or-explicit";
}

function heedsNecessity(mode: ResolutionRequest["prereleases"]): boolean {
  return mode === "if-necessary" || mode === "if-necessary-or-explicit";
}

/** True when the requirement names one exact version: `==1.0` or `===1.0`, but not `==1.*`. */
function isPin(requirement: Requirement): boolean {
  return requirement.specifiers.specifiers.some((one) => one.operator === "===" || (one.operator === "==" && !one.wildcard));
}

/** The part of the list outside of which nothing can be in the range. */
export function spanOf(candidates: Candidates, range: VersionRange): readonly [start: number, end: number] {
  const { cuts, fromStart } = range;
  const top = cuts[cuts.length - 1];
  if (top === undefined) return [0, fromStart ? candidates.length : 0];
  const open = fromStart === (cuts.length % 2 === 0);
  const start = open ? 0 : firstNotAbove(candidates, top);
  if (fromStart) return [start, candidates.length];
  const bottom = cuts[0] as Candidate["version"];
  let end = firstNotAbove(candidates, bottom);
  while (end < candidates.length && compareVersions((candidates.at(end) as Candidate).version, bottom) === 0) end += 1;
  return [start, end];
}

/** The versions from a candidate up to, but without, the next newer one: nothing but the candidate exists in there. */
export function slotOf(candidates: Candidates, at: number): VersionRange {
  const candidate = (candidates.at(at) as Candidate).version;
  const newer = at === 0 ? undefined : candidates.at(at - 1)?.version;
  if (candidates.length === 1) return { fromStart: true, cuts: [] };
  const low = at === candidates.length - 1 ? undefined : candidate;
  const cuts = [...(low === undefined ? [] : [low]), ...(newer === undefined ? [] : [newer])];
  return { fromStart: low === undefined, cuts };
}
