import { printableLine, redactUrl } from "#foundation";
import { rangeContains, rangeText, specifiersText, unionRanges, type VersionRange } from "#standards";
import type { Failure } from "./attempt.ts";
import type { FactKind } from "./conflict-tree.ts";
import type { Incompatibility } from "./incompatibility.ts";
import { askedText, listText, runsOf, runsText, type Wording } from "./wording.ts";
import type { Candidate } from "./types.ts";

/** What an explanation can rest on: facts from outside, those that say the same of several versions taken together. */
export interface Fact {
  readonly kind: FactKind;
  /** Facts with the same key are told in one clause. */
  readonly key: string;
  readonly first: Incompatibility;
  /** Facts of the same key that are told together with this one. */
  readonly more: readonly Fact[];
  /** Needed for the proof, but known to everyone: not told. */
  readonly trivial: boolean;
}

/** The one fact that stands for both, which have the same key. */
export function joinFacts(a: Fact, b: Fact): Fact {
  return a === b ? a : { ...a, trivial: a.trivial && b.trivial, more: [...(a.more.length < 8 ? a.more : [a]), b] };
}

/** The incompatibilities that a fact was put together from, each once. */
export function sourcesOf(fact: Fact): readonly Incompatibility[] {
  const sources = new Set<Incompatibility>();
  const seen = new Set<Fact>();
  const stack = [fact];
  for (let one = stack.pop(); one !== undefined; one = stack.pop()) {
    if (seen.has(one)) continue;
    seen.add(one);
    sources.add(one.first);
    for (let at = one.more.length - 1; at >= 0; at -= 1) stack.push(one.more[at] as Fact);
  }
  return [...sources];
}

/** Groups and tells the facts of one failure. Each kind of cause owns its clause here. */
export class FactTeller {
  private readonly failure: Failure;
  private readonly wording: Wording;
  /** The packages of whose versions the proof speaks otherwise than by their absence. */
  private readonly discussed: ReadonlySet<number>;

  constructor(failure: Failure, wording: Wording, order: readonly Incompatibility[]) {
    this.failure = failure;
    this.wording = wording;
    const discussed = new Set<number>();
    for (const { cause, subject } of order) {
      if (cause.kind === "dependency") discussed.add(cause.dependant);
      else if (cause.kind === "python" || cause.kind === "broken-metadata" || cause.kind === "unasked-url") discussed.add(subject);
    }
    this.discussed = discussed;
  }

  /** The fact that an external incompatibility states; undefined for a derived one. */
  factOf(incompatibility: Incompatibility): Fact | undefined {
    const { cause } = incompatibility;
    const of = incompatibility.subject;
    const fact = (key: string, trivial = false): Fact | undefined =>
      cause.kind === "conflict" ? undefined : { kind: cause.kind, key, first: incompatibility, more: [], trivial };
    switch (cause.kind) {
      case "conflict":
        return undefined;
      case "root":
      case "lockstep":
        return fact(cause.kind, true);
      case "requirement":
        return fact(`requirement ${askedText(cause.requirement)} ${cause.origin}`);
      case "dependency":
        return fact(`dependency ${cause.dependant} ${cause.requirement.requirement.name}`);
      case "no-versions": {
        const trivial = this.passedOver(incompatibility).length === 0 && this.discussed.has(of);
        return fact(`no-versions ${of}`, trivial);
      }
      case "constraint":
        return fact(`constraint ${cause.text}`);
      case "unknown-package":
        return fact(`unknown-package ${of}`);
      case "broken-metadata":
        return fact(`broken-metadata ${of} ${cause.detail}`);
      case "python":
        return fact(`python ${of} ${cause.specifiers}`);
      case "other-url":
      case "unasked-url":
        return fact(`${cause.kind} ${of} ${cause.url}`);
    }
  }

  /** The fact as clauses without a full stop, each of which can stand for itself. */
  clauses(fact: Fact): readonly string[] {
    return fact.first.cause.kind === "no-versions" ? this.tellAbsence(fact.first, rangeOfAll(sourcesOf(fact))) : [this.tell(fact)];
  }

  /** The fact as one clause without a full stop. */
  tell(fact: Fact): string {
    const { first } = fact;
    const sources = sourcesOf(fact);
    const { cause } = first;
    const of = first.subject;
    const versions = this.wording.versions(of, rangeOfAll(sources));
    const need = versions.many ? "need" : "needs";
    const name = this.wording.label(of);
    switch (cause.kind) {
      case "conflict":
      case "root":
        return "you ask for it";
      case "lockstep":
        return "an extra has the version of its project";
      case "requirement":
        return `you require ${askedText(cause.requirement)} (${cause.origin})`;
      case "dependency":
        return this.tellDependency(sources, `${versions.text} ${need}`);
      case "constraint":
        return `a constraint says ${printableLine(redactUrl(cause.text))}`;
      case "no-versions":
        return listText(this.tellAbsence(first, rangeOfAll(sources)));
      case "unknown-package":
        return `no index knows a project named ${name}`;
      case "broken-metadata":
        return `the metadata of ${versions.text} cannot be used (${printableLine(cause.detail)})`;
      case "python":
        return `${versions.text} ${need} Python ${cause.specifiers} (${this.failure.problem.rules.environments.text})`;
      case "other-url": {
        const who = cause.origin === undefined ? `${versions.text} ${need}` : `you require`;
        const from = cause.origin === undefined ? "" : ` (${cause.origin})`;
        return `${who} ${askedText(cause.requirement)}${from}, while it is to come from ${redactUrl(cause.other)}`;
      }
      case "unasked-url":
        return `${versions.text} ${need} ${askedText(cause.requirement)}, a URL that you have not asked for yourself`;
    }
  }

  private tellDependency(sources: readonly Incompatibility[], who: string): string {
    const asked = [...new Set(sources.map(({ cause }) => (cause.kind === "dependency" ? askedText(cause.requirement) : "")))];
    if (asked.length <= 2) return `${who} ${listText(asked, "or")}`;
    return `${who} ${asked[0]}, ${asked[1]} or others like it (${asked.length} in all)`;
  }

  private tellAbsence(incompatibility: Incompatibility, range: VersionRange): readonly string[] {
    const of = incompatibility.subject;
    const label = this.wording.label(of);
    const { name } = this.failure.solver.packages.get(of);
    const passed = this.wording.candidates(name).filter((one) => rangeContains(range, one.version));
    if (passed.length > 0) return this.reasons(name, passed);
    if (this.discussed.has(of)) return [`no other version of ${label} fits`];
    const url = this.failure.problem.urls.get(name)?.url;
    const [only] = this.wording.candidates(name);
    if (url !== undefined && only !== undefined) return [`${redactUrl(url)} is ${label} ${only.versionText}`];
    return [`${label}${rangeText(range)} does not exist (${this.existing(incompatibility)})`];
  }

  /** `there are 3.1.3, 3.1.2, … and 58 older ones`. */
  existing(incompatibility: Incompatibility): string {
    const { name } = this.failure.solver.packages.get(incompatibility.subject);
    const candidates = this.wording.candidates(name);
    if (candidates.length === 0) return "no version of it does";
    const newest = candidates.slice(0, 5).map((one) => one.versionText);
    if (candidates.length <= 5) return `there ${candidates.length === 1 ? "is" : "are"} ${listText(newest)}`;
    return `there are ${newest.join(", ")} and ${candidates.length === 6 ? "an older one" : `${candidates.length - 5} older ones`}`;
  }

  /** The versions that exist in the range of a `no-versions` fact, none of which may be used. */
  passedOver(incompatibility: Incompatibility): readonly Candidate[] {
    const term = incompatibility.terms[0];
    if (incompatibility.cause.kind !== "no-versions" || term === undefined) return [];
    const { name } = this.failure.solver.packages.get(term.package);
    return this.wording.candidates(name).filter((one) => rangeContains(term.range, one.version));
  }

  /** Why versions are passed over, one clause for each reason, the newest version's reason first. */
  private reasons(name: Candidate["name"], passed: readonly Candidate[]): string[] {
    const groups = new Map<string, Candidate[]>();
    for (const candidate of passed) {
      const { unusable } = candidate;
      const group = unusable?.kind === "no-wheel" ? unusable.sort : this.reason(candidate, false);
      const list = groups.get(group);
      if (list === undefined) groups.set(group, [candidate]);
      else list.push(candidate);
    }
    const told = [...groups.values()].map(
      (list) => `${name} ${this.listed(name, list)} ${list[0] === undefined ? "" : this.reason(list[0], list.length > 1)}`,
    );
    return told.length <= 4 ? told : [...told.slice(0, 4), `${told.length - 4} more reasons like these`];
  }

  private listed(name: Candidate["name"], list: readonly Candidate[]): string {
    const candidates = this.wording.candidates(name);
    return runsText(candidates, runsOf(candidates, new Set(list)));
  }

  private reason(candidate: Candidate, many: boolean): string {
    const { unusable } = candidate;
    const { problem } = this.failure;
    const need = many ? "need" : "needs";
    const were = many ? "were" : "was";
    if (unusable !== undefined) {
      switch (unusable.kind) {
        case "no-wheel":
          return printableLine(many ? unusable.detail.replace(/^has /, "have ") : unusable.detail);
        case "requires-python":
          return `${need} Python ${unusable.specifiers} (${problem.rules.environments.text})`;
        case "excluded-newer":
          return `cannot be used (uploaded ${unusable.uploaded}, after the cut-off)`;
        case "metadata":
          return `cannot be used (${printableLine(unusable.detail)})`;
      }
    }
    switch (problem.selection.passedOver(problem.selection.of(candidate.name), candidate)) {
      case "python":
        return `${need} Python ${candidate.requiresPython === undefined ? "" : specifiersText(candidate.requiresPython)} (${problem.rules.environments.text})`;
      case "yanked":
        return candidate.yanked === "" ? `${were} yanked` : `${were} yanked (${printableLine(candidate.yanked ?? "")})`;
      case "prerelease":
        return many ? "are pre-releases" : "is a pre-release";
      case "unusable":
      case undefined:
        return "cannot be used";
    }
  }
}

function rangeOfAll(sources: readonly Incompatibility[]): VersionRange {
  let range: VersionRange = { fromStart: false, cuts: [] };
  for (const { terms } of sources) if (terms[0] !== undefined) range = unionRanges(range, terms[0].range);
  return range;
}
