import { printableLine, redactUrl } from "#foundation";
import { compareVersions, rangeIsFull, rangeText, requirementText, type NormalizedName, type VersionRange } from "#standards";
import type { Failure } from "./attempt.ts";
import { firstNotAbove, pending } from "./answers.ts";
import type { Incompatibility } from "./incompatibility.ts";
import { rootPackage, type PackageId } from "./packages.ts";
import type { ActiveRequirement } from "./rules.ts";
import type { Candidate } from "./types.ts";

const mostRuns = 3;

/** Says things about packages in words, with the versions that really exist. */
export class Wording {
  private readonly failure: Failure;

  constructor(failure: Failure) {
    this.failure = failure;
  }

  /** `flask` or `flask[async]`. */
  label(of: PackageId): string {
    const { name, extra } = this.failure.solver.packages.get(of);
    return extra === undefined ? name : `${name}[${extra}]`;
  }

  /** The versions that the solver has seen of a project, newest first. */
  candidates(name: NormalizedName): readonly Candidate[] {
    if (!this.failure.problem.urls.has(name)) return [...this.failure.problem.answers.knownCandidates(name)];
    const candidates = this.failure.solver.candidatesOf(name);
    return candidates === pending || candidates === undefined ? [] : [...candidates];
  }

  /** `flask 2.0 to 2.3`, `every version of flask`: by the versions that exist. The number tells singular from plural. */
  versions(of: PackageId, range: VersionRange): { readonly text: string; readonly many: boolean } {
    const label = this.label(of);
    const candidates = this.candidates(this.failure.solver.packages.get(of).name);
    const runs = runsIn(candidates, range);
    const count = sizeOf(runs);
    if (rangeIsFull(range) || (count === candidates.length && count > 1)) {
      const [only, another] = candidates;
      return {
        text: only !== undefined && another === undefined ? `${label} ${only.versionText}` : `every version of ${label}`,
        many: false,
      };
    }
    if (count === 0) return { text: `${label} ${rangeText(range)}`, many: false };
    return { text: `${label} ${runsText(candidates, runs)}`, many: count > 1 };
  }

  /** What follows, as a clause: `flask 2.0 cannot be used`, `celery 5.0 needs kombu>=5`. */
  conclusion(incompatibility: Incompatibility): string {
    const terms = incompatibility.terms.filter((term) => term.package !== rootPackage);
    const subjects = terms.filter((term) => term.kind === "positive").map((term) => this.versions(term.package, term.range));
    const chosen = subjects.map((subject) => subject.text);
    const many = subjects.length > 1 || subjects.some((subject) => subject.many);
    const missing = terms
      .filter((term) => term.kind === "negative")
      .map((term) => `${this.label(term.package)} ${this.within(term.package, term.range)}`);
    if (terms.length === 0) return "your requirements cannot all be met";
    if (missing.length === 0) {
      if (chosen.length > 1) return `${listText(chosen)} cannot be used together`;
      const [only = ""] = chosen;
      return only.startsWith("every ") ? `no ${only.slice("every ".length)} can be used` : `${only} cannot be used`;
    }
    if (chosen.length === 0) return missing.length === 1 ? `${missing[0]} is needed` : `${listText(missing, "or")} is needed`;
    return `${listText(chosen)} ${many ? "need" : "needs"} ${listText(missing, "or")}`;
  }

  private within(of: PackageId, range: VersionRange): string {
    const candidates = this.candidates(this.failure.solver.packages.get(of).name);
    if (rangeIsFull(range)) return "in any version";
    const runs = runsIn(candidates, range);
    return runs.length === 0 ? rangeText(range) : runsText(candidates, runs);
  }
}

/** `werkzeug>=3`, without marker and without credentials. */
export function askedText({ requirement }: ActiveRequirement): string {
  const { marker: _, ...plain } = requirement;
  return printableLine(redactUrl(requirementText({ ...plain, rawName: requirement.name })));
}

/** Neighbours in a list of versions that is newest first: the place of the newest, and the one after the oldest. */
export type Run = readonly [start: number, end: number];

/** The versions in a range as runs of neighbours, the oldest run first. */
function runsIn(candidates: readonly Candidate[], range: VersionRange): Run[] {
  const runs: Run[] = [];
  const add = (start: number, end: number): void => {
    if (start >= end) return;
    const last = runs.at(-1);
    if (last !== undefined && last[0] === end) runs[runs.length - 1] = [start, last[1]];
    else runs.push([start, end]);
  };
  let end = range.fromStart ? candidates.length : undefined;
  for (const cut of range.cuts) {
    const below = firstBelow(candidates, cut);
    if (end === undefined) end = below;
    else {
      add(below, end);
      end = undefined;
    }
  }
  if (end !== undefined) add(0, end);
  return runs;
}

/** Some versions of a list as runs of neighbours, the oldest run first. */
export function runsOf(candidates: readonly Candidate[], some: ReadonlySet<Candidate>): Run[] {
  const runs: Run[] = [];
  for (let at = candidates.length - 1; at >= 0; at -= 1) {
    if (!some.has(candidates[at] as Candidate)) continue;
    const last = runs.at(-1);
    if (last !== undefined && last[0] === at + 1) runs[runs.length - 1] = [at, last[1]];
    else runs.push([at, at + 1]);
  }
  return runs;
}

function firstBelow(candidates: readonly Candidate[], cut: Candidate["version"]): number {
  let at = firstNotAbove(candidates, cut);
  while (at < candidates.length && compareVersions((candidates[at] as Candidate).version, cut) === 0) at += 1;
  return at;
}

function sizeOf(runs: readonly Run[]): number {
  return runs.reduce((sum, [start, end]) => sum + end - start, 0);
}

/** Runs as text, the oldest first: `1.0, 1.2 to 1.4`. */
export function runsText(candidates: readonly Candidate[], runs: readonly Run[]): string {
  const text = ([start, end]: Run): string => {
    const oldest = candidates[end - 1]?.versionText ?? "";
    return end - start === 1 ? oldest : `${oldest} to ${candidates[start]?.versionText}`;
  };
  const [first, second] = runs;
  const last = runs.at(-1);
  if (runs.length <= mostRuns || first === undefined || second === undefined || last === undefined) return runs.map(text).join(", ");
  return `${text(first)}, ${text(second)}, … ${text(last)} (${sizeOf(runs)} versions)`;
}

/** `a`, `a and b`, `a, b and c`. */
export function listText(parts: readonly string[], conjunction: "and" | "or" = "and"): string {
  if (parts.length < 2) return parts[0] ?? "";
  return `${parts.slice(0, -1).join(", ")} ${conjunction} ${parts[parts.length - 1]}`;
}
