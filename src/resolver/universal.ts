import { PenError } from "#foundation";
import {
  andMarkers,
  markerImplies,
  markerIsFalse,
  markersDisjoint,
  markerText,
  negateMarker,
  orMarkers,
  restrictMarker,
  simplifyMarker,
  trueMarker,
  falseMarker,
  type Marker,
  type NormalizedName,
  type SpecifierSet,
  type Version,
} from "#standards";
import { metadataOf, type Answers } from "./answers.ts";
import { attemptToSolve, type Attempt, type Failure, type ResolveOptions } from "./attempt.ts";
import type { Incompatibility } from "./incompatibility.ts";
import type { Edge, Graph } from "./resolution.ts";
import type { Environments } from "./rules.ts";
import { realPythons, supportedPythons } from "./supported-pythons.ts";
import type { ResolutionRequest, ResolutionTarget } from "./types.ts";

type UniversalTarget = ResolutionTarget & { readonly kind: "universal" };

/** A part of the target in which every package has one version (docs/solver.md#fork). */
export interface Fork {
  /** What sets this fork apart from the other ones, the target's own bounds left out. */
  readonly condition: Marker;
  readonly graph: Graph;
  /** Under which environments of the target each project is needed. */
  readonly needs: ReadonlyMap<NormalizedName, Marker>;
}

/** More parts than this and the requirements are not worth one lock. */
const mostForks = 200;

/** All environments in which a marker holds. */
class MarkedEnvironments implements Environments {
  readonly text: string;
  private readonly marker: Marker;
  private readonly outcomes = new Map<Marker, Map<NormalizedName | undefined, Marker | boolean>>();
  private readonly pythons = new Map<SpecifierSet, boolean>();

  constructor(marker: Marker) {
    this.marker = marker;
    this.text = `these are environments with ${markerText(simplifyMarker(marker))}`;
  }

  activates(marker: Marker | undefined, extra: NormalizedName | undefined): Marker | boolean {
    if (marker === undefined) return true;
    let byExtra = this.outcomes.get(marker);
    if (byExtra === undefined) this.outcomes.set(marker, (byExtra = new Map()));
    let outcome = byExtra.get(extra);
    if (outcome === undefined) byExtra.set(extra, (outcome = this.outcomeOf(marker, extra)));
    return outcome;
  }

  private outcomeOf(marker: Marker, extra: NormalizedName | undefined): Marker | boolean {
    const plain = restrictMarker(marker, new Set(extra === undefined ? [] : [extra]));
    if (markersDisjoint(plain, this.marker)) return false;
    return markerImplies(this.marker, plain) ? true : plain;
  }

  admitsPython(specifiers: SpecifierSet): boolean {
    let admits = this.pythons.get(specifiers);
    if (admits === undefined) this.pythons.set(specifiers, (admits = !markersDisjoint(supportedPythons(specifiers), this.marker)));
    return admits;
  }
}

/** The environments of a universal target as one marker. */
export function targetMarker(target: UniversalTarget): Marker {
  return andMarkers(target.environments, supportedPythons(target.requiresPython));
}

/**
 * Solves for every environment of the target. The target is taken whole first; a part whose requirements clash, or that holds
 * Pythons which a chosen version does not support, is split by the marker in question and both halves are solved.
 * The forks come in the order of solving. Fails as soon as a part that cannot be split has no answer.
 */
export async function solveForks(
  request: ResolutionRequest,
  target: UniversalTarget,
  { answers, options }: { readonly answers: Answers; readonly options: ResolveOptions },
): Promise<readonly Fork[] | Failure> {
  const whole = targetMarker(target);
  const preferences = new Map<NormalizedName, Version>(request.preferences);
  const forks: Fork[] = [];
  const open: Marker[] = [trueMarker];
  for (let condition = open.pop(); condition !== undefined; condition = open.pop()) {
    const marker = andMarkers(whole, condition);
    const environments = new MarkedEnvironments(marker);
    const partial = partialUrl(request, environments);
    if (partial !== undefined) {
      open.push(...halves(condition, partial));
      continue;
    }
    const attempt = await attemptToSolve({ request: { ...request, preferences }, environments, answers }, options);
    const outcome = judge(attempt, marker, answers);
    if (outcome.kind === "split") {
      if (forks.length + open.length >= mostForks) throw tooManyForks();
      open.push(...halves(condition, outcome.by));
      continue;
    }
    if (outcome.kind === "failed") return outcome.failure;
    forks.push({ condition, graph: outcome.graph, needs: outcome.needs });
    // Later forks keep to these versions where they can, so that the forks differ no more than they must.
    for (const [name, candidate] of outcome.graph.chosen) if (!preferences.has(name)) preferences.set(name, candidate.version);
  }
  return forks;
}

// A stack: the half in which the marker holds is solved first, so that it gets the versions that were wanted here.
function halves(condition: Marker, by: Marker): readonly [Marker, Marker] {
  return [simplifyMarker(andMarkers(condition, negateMarker(by))), simplifyMarker(andMarkers(condition, by))];
}

// A project comes from a URL or from the index; which of them must be the same all over a fork.
function partialUrl(request: ResolutionRequest, environments: Environments): Marker | undefined {
  const all = [...request.requirements.map((one) => one.requirement), ...request.constraints, ...request.overrides];
  for (const { url, marker } of all) {
    const outcome = url === undefined ? true : environments.activates(marker, undefined);
    if (typeof outcome === "object") return outcome;
  }
  return undefined;
}

type Judgement =
  | { readonly kind: "fits"; readonly graph: Graph; readonly needs: ReadonlyMap<NormalizedName, Marker> }
  | { readonly kind: "split"; readonly by: Marker }
  | { readonly kind: "failed"; readonly failure: Failure };

function judge(attempt: Attempt, marker: Marker, answers: Answers): Judgement {
  if (attempt.kind === "failed") {
    const by = splittingMarker(attempt.failure.conflict);
    return by === undefined ? attempt : { kind: "split", by };
  }
  const needs = needsOf(attempt.graph);
  for (const [name, candidate] of [...attempt.graph.chosen].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const where = andMarkers(marker, needs.get(name));
    for (const specifiers of [candidate.requiresPython, metadataOf(answers, candidate).requiresPython]) {
      if (specifiers === undefined || specifiers.specifiers.length === 0) continue;
      const supported = realPythons(specifiers);
      if (!markerImplies(where, supported)) return { kind: "split", by: supported };
    }
  }
  return { kind: "fits", graph: attempt.graph, needs };
}

function tooManyForks(): PenError {
  return new PenError("TARGET_UNSUPPORTED", "One lock for all environments would fall into too many parts", {
    why: `After splitting the environments into ${mostForks} parts, the requirements still clash in some of them.`,
    hint: "Limit the environments or Pythons to lock for, or lock for each platform by itself.",
  });
}

/** The first marker, in the order of the proof, that holds only in a part of the environments. */
function splittingMarker(conflict: Incompatibility): Marker | undefined {
  const seen = new Set<Incompatibility>();
  const stack = [conflict];
  for (let one = stack.pop(); one !== undefined; one = stack.pop()) {
    if (seen.has(one)) continue;
    seen.add(one);
    const { cause } = one;
    if (cause.kind === "conflict") stack.push(cause.right, cause.left);
    else if (
      (cause.kind === "dependency" || cause.kind === "requirement" || cause.kind === "other-url") &&
      cause.requirement.marker !== undefined
    ) {
      return cause.requirement.marker;
    }
  }
  return undefined;
}

// Who is needed where: what asks for it, where that itself is needed. Repeated until nothing grows, as needs may go in circles.
function needsOf(graph: Graph): Map<NormalizedName, Marker> {
  const outgoing = new Map<string, Edge[]>();
  const places = new Map<string, Marker>([["", trueMarker]]);
  for (const edge of graph.edges) {
    const from = placeOf(edge.from, edge.fromExtra);
    outgoing.set(from, [...(outgoing.get(from) ?? []), edge]);
  }
  const queue = [""];
  // The queue grows while it is gone through.
  for (const from of queue) {
    const where = places.get(from) ?? falseMarker;
    for (const edge of outgoing.get(from) ?? []) {
      const reached = andMarkers(where, edge.active.marker);
      for (const extra of [undefined, ...edge.active.requirement.extras]) {
        const to = placeOf(edge.to, extra);
        const known = places.get(to) ?? falseMarker;
        if (markerImplies(reached, known)) continue;
        places.set(to, simplifyMarker(orMarkers(known, reached)));
        queue.push(to);
      }
    }
  }
  const needs = new Map<NormalizedName, Marker>();
  for (const name of graph.chosen.keys()) needs.set(name, places.get(name) ?? falseMarker);
  return needs;
}

function placeOf(name: NormalizedName | undefined, extra: NormalizedName | undefined): string {
  return extra === undefined ? (name ?? "") : `${name}[${extra}]`;
}

/** True when a package is needed nowhere in the target. */
export function isNeverNeeded(needed: Marker, target: Marker): boolean {
  return markerIsFalse(andMarkers(needed, target));
}
