import { andMarkers, markerImplies, orMarkers, simplifyMarker, type Marker, type NormalizedName } from "#standards";
import { byNameAndVersion, packagesOf, type Edge } from "./resolution.ts";
import type { ResolvedPackage } from "./types.ts";
import { isNeverNeeded, type Fork } from "./universal.ts";

/**
 * The answers of all forks as one list: each version of each project once, with the marker that tells where it is needed,
 * relative to `target`.
 */
export function mergeForks(forks: readonly Fork[], target: Marker): ResolvedPackage[] {
  const merged = new Map<string, { first: ResolvedPackage; marker: Marker; all: ResolvedPackage[] }>();
  for (const fork of forks) {
    const markers = {
      packageMarker: (name: NormalizedName): Marker => andMarkers(fork.condition, fork.needs.get(name)),
      edgeMarker: (edge: Edge): Marker => andMarkers(fork.condition, edge.active.marker),
    };
    for (const one of packagesOf(fork.graph, markers)) {
      const marker = one.marker ?? fork.condition;
      if (isNeverNeeded(marker, target)) continue;
      const key = `${one.name} ${one.candidate.versionText} ${one.url ?? ""}`;
      const known = merged.get(key);
      if (known === undefined) merged.set(key, { first: one, marker, all: [one] });
      else {
        known.marker = orMarkers(known.marker, marker);
        known.all.push(one);
      }
    }
  }
  return [...merged.values()]
    .map(({ first, marker, all }) => join({ ...first, marker: relativeTo(marker, target) }, all, target))
    .sort(byNameAndVersion);
}

function join(into: ResolvedPackage, all: readonly ResolvedPackage[], target: Marker): ResolvedPackage {
  return {
    ...into,
    extras: sortedUnion(all.map((one) => one.extras)),
    direct: all.some((one) => one.direct),
    requiredBy: sortedUnion(all.map((one) => one.requiredBy)),
    dependencies: joinDependencies(
      all.flatMap((one) => one.dependencies),
      andMarkers(target, into.marker),
    ),
  };
}

type Dependency = ResolvedPackage["dependencies"][number];

// One edge for each name and choice of extras; its marker is relative to where the package itself is needed.
function joinDependencies(dependencies: readonly Dependency[], where: Marker): Dependency[] {
  const byKey = new Map<string, { first: Dependency; marker: Marker }>();
  for (const one of dependencies) {
    const key = `${one.name}[${one.extras.join(",")}]`;
    const known = byKey.get(key);
    const marker = one.marker ?? where;
    if (known === undefined) byKey.set(key, { first: one, marker });
    else known.marker = orMarkers(known.marker, marker);
  }
  return [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, { first, marker }]) => ({ ...first, marker: relativeTo(marker, where) }));
}

/** The marker without what holds in `target` anyway; undefined when it always holds there. */
function relativeTo(marker: Marker, target: Marker): Marker | undefined {
  if (markerImplies(target, marker)) return undefined;
  const simple = simplifyMarker(marker);
  return dropImplied(simple, target);
}

// Leaves out the parts of a conjunction without which, inside the target, the same environments remain.
function dropImplied(marker: Marker, target: Marker): Marker {
  if (marker.kind === "or") return simplifyMarker(orMarkers(...marker.operands.map((operand) => dropImplied(operand, target))));
  if (marker.kind !== "and") return marker;
  let operands = [...marker.operands];
  for (const operand of marker.operands) {
    const rest = operands.filter((one) => one !== operand);
    if (rest.length > 0 && markerImplies(andMarkers(target, ...rest), operand)) operands = rest;
  }
  return andMarkers(...operands);
}

function sortedUnion<T extends string>(lists: ReadonlyArray<readonly T[]>): T[] {
  return [...new Set(lists.flat())].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}
