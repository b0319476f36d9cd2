import { compareVersions, type Marker, type NormalizedName } from "#standards";
import { pending, placeOf } from "./answers.ts";
import type { Problem } from "./problem.ts";
import { defect, type ActiveRequirement } from "./rules.ts";
import type { Solver } from "./solver.ts";
import type { Candidate, ResolvedPackage } from "./types.ts";

/** A need of one chosen package, or of the person, for another. */
export interface Edge {
  /** Undefined for a direct requirement. */
  readonly from: NormalizedName | undefined;
  readonly fromExtra: NormalizedName | undefined;
  readonly to: NormalizedName;
  readonly active: ActiveRequirement;
  readonly origin: string | undefined;
}

/** The versions that were chosen, and why each is there. */
export interface Graph {
  readonly chosen: ReadonlyMap<NormalizedName, Candidate>;
  readonly edges: readonly Edge[];
  readonly urls: ReadonlyMap<NormalizedName, string>;
}

/** Reads the answer out of a solver that has solved: what can be reached from the direct requirements. */
export function graphOf(solver: Solver, problem: Problem): Graph {
  const chosen = new Map<NormalizedName, Candidate>();
  const edges: Edge[] = [];
  const urls = new Map<NormalizedName, string>();
  const visited = new Set<string>();
  const queue: Array<readonly [NormalizedName, NormalizedName | undefined]> = [];
  const reach = (edge: Edge): void => {
    edges.push(edge);
    if (!visited.has(edge.to)) queue.push([edge.to, undefined]);
    visited.add(edge.to);
    for (const extra of edge.active.requirement.extras) {
      const key = `${edge.to}[${extra}]`;
      if (!visited.has(key)) queue.push([edge.to, extra]);
      visited.add(key);
    }
  };
  for (const { active, origin } of problem.direct) {
    reach({ from: undefined, fromExtra: undefined, to: active.requirement.name, active, origin });
  }
  // The queue grows while it is gone through.
  for (const [name, extra] of queue) {
    const candidate = chosen.get(name) ?? chosenCandidate(solver, name);
    chosen.set(name, candidate);
    const url = problem.urls.get(name)?.url;
    if (url !== undefined) urls.set(name, url);
    for (const active of solver.activeOf(candidate, extra)) {
      reach({ from: name, fromExtra: extra, to: active.requirement.name, active, origin: undefined });
    }
  }
  return { chosen, edges, urls };
}

function chosenCandidate(solver: Solver, name: NormalizedName): Candidate {
  const version = solver.solution.decided(solver.packages.project(name));
  const candidates = solver.candidatesOf(name);
  if (version === undefined || candidates === undefined || candidates === pending) throw defect(`The answer lacks ${name}`);
  return candidates.at(placeOf(candidates, version)) as Candidate;
}

/** The markers that a universal resolution adds; a single environment has none. */
export interface GraphMarkers {
  packageMarker(name: NormalizedName): Marker | undefined;
  edgeMarker(edge: Edge): Marker | undefined;
}

/** The packages of a graph, sorted by name. */
export function packagesOf(graph: Graph, markers: GraphMarkers): ResolvedPackage[] {
  const into = new Map<NormalizedName, Edge[]>();
  const outOf = new Map<NormalizedName, Edge[]>();
  for (const edge of graph.edges) {
    push(into, edge.to, edge);
    if (edge.from !== undefined && edge.from !== edge.to) push(outOf, edge.from, edge);
  }
  const packages: ResolvedPackage[] = [];
  for (const [name, candidate] of [...graph.chosen].sort(([a], [b]) => order(a, b))) {
    const asked = into.get(name) ?? [];
    const extras: NormalizedName[] = [];
    const requiredBy: string[] = [];
    let direct = false;
    for (const edge of asked) {
      extras.push(...edge.active.requirement.extras);
      if (edge.from === undefined) direct = true;
      if (edge.from !== name) requiredBy.push(edge.from ?? edge.origin ?? "");
    }
    packages.push({
      name,
      candidate,
      extras: sorted(extras),
      marker: markers.packageMarker(name),
      url: graph.urls.get(name),
      direct,
      requiredBy: sorted(requiredBy),
      dependencies: dependenciesOf(outOf.get(name) ?? [], markers),
    });
  }
  return packages;
}

type Dependency = ResolvedPackage["dependencies"][number];

// By name. Edges to the same project with the same marker become one.
function dependenciesOf(edges: readonly Edge[], markers: GraphMarkers): Dependency[] {
  const sortedEdges = [...edges].sort((a, b) => order(a.to, b.to));
  const dependencies: Dependency[] = [];
  let first = 0;
  for (const edge of sortedEdges) {
    const marker = markers.edgeMarker(edge);
    const { requirement } = edge.active;
    const { extras } = requirement;
    while (first < dependencies.length && dependencies[first]?.name !== edge.to) first += 1;
    let at = first;
    while (at < dependencies.length && dependencies[at]?.marker !== marker) at += 1;
    const known = dependencies[at];
    if (known === undefined) dependencies.push({ name: edge.to, extras: sorted(extras), marker, requirement });
    else if (extras.length > 0) dependencies[at] = { ...known, extras: sorted([...known.extras, ...extras]) };
  }
  return dependencies;
}

function push<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

function sorted<T extends string>(values: readonly T[]): readonly T[] {
  return values.length < 2 ? values : [...new Set(values)].sort(order);
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Orders packages by name, then version, older first. */
export function byNameAndVersion(a: ResolvedPackage, b: ResolvedPackage): number {
  return order(a.name, b.name) || compareVersions(a.candidate.version, b.candidate.version) || order(a.url ?? "", b.url ?? "");
}
