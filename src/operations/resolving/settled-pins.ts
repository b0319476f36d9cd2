import type { InstalledDistribution } from "#installer";
import type { RequirementEntry } from "#project";
import { evaluateMarker, sameVersion, tryParseVersion, type MarkerEnvironment, type NormalizedName } from "#standards";
import type { Pin } from "./resolve-types.ts";

interface Settled {
  /** Pins that the environment holds already. */
  readonly inPlace: readonly Pin[];
  /** Entries that are left to solve. */
  readonly open: readonly RequirementEntry[];
}

/**
 * Sets apart the entries that pin the very version that is installed, so that neither a solver nor an index is asked about them.
 * Entries whose marker does not hold ask for nothing. A name that stands twice is left to the solver, which sees a contradiction.
 */
export function settle(
  entries: readonly RequirementEntry[],
  installed: readonly InstalledDistribution[],
  markers: MarkerEnvironment,
): Settled {
  const present = new Map<NormalizedName, InstalledDistribution>(installed.map((distribution) => [distribution.name, distribution]));
  const wanted = entries.filter(
    ({ source }) =>
      source.kind !== "named" || source.requirement.marker === undefined || evaluateMarker(source.requirement.marker, markers),
  );
  const counts = new Map<NormalizedName, number>();
  for (const { source } of wanted)
    if (source.kind === "named") counts.set(source.requirement.name, (counts.get(source.requirement.name) ?? 0) + 1);
  const inPlace: Pin[] = [];
  const open: RequirementEntry[] = [];
  for (const entry of wanted) {
    const { source } = entry;
    const distribution =
      source.kind === "named" && counts.get(source.requirement.name) === 1 ? present.get(source.requirement.name) : undefined;
    if (distribution !== undefined && isAsPinned(distribution, entry)) inPlace.push(keptPin(distribution));
    else open.push(entry);
  }
  return { inPlace, open };
}

function isAsPinned(distribution: InstalledDistribution, { source }: RequirementEntry): boolean {
  if (source.kind !== "named" || source.requirement.url !== undefined) return false;
  const [only, ...more] = source.requirement.specifiers.specifiers;
  if (only === undefined || more.length > 0 || only.operator !== "==" || only.wildcard) return false;
  return isVersion(distribution.version, only.version) && distribution.directUrl() === undefined;
}

function isVersion(present: string, pinned: string): boolean {
  if (present === pinned) return true;
  const [a, b] = [tryParseVersion(present), tryParseVersion(pinned)];
  return a !== undefined && b !== undefined && sameVersion(a, b);
}

function keptPin(distribution: InstalledDistribution): Pin {
  const { name, version } = distribution;
  return {
    locked: {
      name,
      version,
      marker: undefined,
      requiresPython: undefined,
      extras: [],
      direct: undefined,
      index: undefined,
      files: [],
      requiredBy: [],
      dependencies: [],
    },
    requested: true,
    installed: distribution,
    file: undefined,
    stored: undefined,
    source: undefined,
    hashes: [],
  };
}

/** Left alone unless the files name them: without them the word `pip` would be the global one. */
const kept: ReadonlySet<string> = new Set(["pip", "setuptools", "wheel"]);

/** What is installed beside `pins` and has to go. */
export function extraBeside(pins: readonly Pin[], installed: readonly InstalledDistribution[]): NormalizedName[] {
  const names = new Set<string>(kept);
  for (const { locked } of pins) names.add(locked.name);
  const extra: NormalizedName[] = [];
  for (const { name } of installed) if (!names.has(name)) extra.push(name);
  return extra;
}
