import {
  andMarkers,
  markerIsFalse,
  negateMarker,
  orMarkers,
  simplifyMarker,
  trueMarker,
  type Marker,
  type NormalizedName,
} from "#standards";
import { sortLock } from "./lock.ts";
import type { Lock, LockedPackage } from "./types.ts";

/** What one part of a project needs: a dependency group, an extra, a category. */
export interface LockPart {
  /** When the part is wanted (`'dev' in dependency_groups`); undefined means always. */
  readonly condition: Marker | undefined;
  readonly packages: readonly LockedPackage[];
}

/**
 * The parts of a project as one list: each version of a package once, with the marker that tells which part needs it. Where parts have different
 * versions of one package, the later part's is taken when both are wanted.
 */
export function joinParts(parts: readonly LockPart[]): readonly LockedPackage[] {
  const byName = new Map<NormalizedName, { one: LockedPackage; marker: Marker; condition: Marker }[]>();
  for (const { condition, packages } of parts) {
    for (const one of packages) {
      const found = byName.get(one.name) ?? [];
      const same = found.find((known) => known.one.version === one.version && known.one.direct?.url === one.direct?.url);
      const marker = andMarkers(condition, one.marker);
      if (same === undefined) found.push({ one, marker, condition: condition ?? trueMarker });
      else {
        same.marker = orMarkers(same.marker, marker);
        same.condition = orMarkers(same.condition, condition);
      }
      byName.set(one.name, found);
    }
  }
  const packages = [...byName.values()].flatMap((found) =>
    found.flatMap(({ one, marker }, at) => {
      const later = found.slice(at + 1).map(({ condition }) => negateMarker(condition));
      const final = simplifyMarker(andMarkers(marker, ...later));
      return markerIsFalse(final) ? [] : [{ ...one, marker: final.kind === "constant" ? undefined : final }];
    }),
  );
  return sortLock({ requiresPython: undefined, environments: [], packages } satisfies Lock).packages;
}
