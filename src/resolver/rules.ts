import { PenError } from "#foundation";
import {
  intersectRanges,
  rangeOf,
  fullRange,
  type Marker,
  type NormalizedName,
  type Requirement,
  type SpecifierSet,
  type VersionRange,
} from "#standards";
import type { CandidateDependencies, ResolutionRequest } from "./types.ts";

/** A requirement that counts in the environments solved for, after overrides and excludes. */
export interface ActiveRequirement {
  readonly requirement: Requirement;
  /** The versions it admits; all of them when it names a URL. */
  readonly range: VersionRange;
  /** Under which environments it counts; undefined when in all that are solved for. */
  readonly marker: Marker | undefined;
}

/** The environments that a solver works for: one interpreter, or one fork of a universal resolution. */
export interface Environments {
  /** False when the marker holds in none of them, with `extra` as the extra asked for; else the part of it that is left to tell, if any. */
  activates(marker: Marker | undefined, extra: NormalizedName | undefined): Marker | boolean;
  /** True when at least one of them runs a Python that the specifiers admit. */
  admitsPython(specifiers: SpecifierSet): boolean;
  /** The environments in words, for explanations: `this is Python 3.11.7`. */
  readonly text: string;
}

/** Applies the request's overrides, excludes and constraints to what distributions and people ask for. */
export class Rules {
  readonly environments: Environments;
  private readonly overrides = new Map<NormalizedName, Requirement[]>();
  private readonly excludes: ReadonlySet<NormalizedName>;
  private readonly constraints = new Map<NormalizedName, Requirement[]>();

  constructor(request: ResolutionRequest, environments: Environments) {
    this.environments = environments;
    this.excludes = new Set(request.excludes);
    for (const override of request.overrides) listIn(this.overrides, override.name).push(override);
    for (const constraint of request.constraints) {
      if (environments.activates(constraint.marker, undefined) !== false) listIn(this.constraints, constraint.name).push(constraint);
    }
  }

  /** What counts of what a distribution needs; `extra` as in {@link Rules.active}. */
  activeOf(needs: CandidateDependencies, extra: NormalizedName | undefined): ActiveRequirement[] {
    return this.active((extra === undefined ? needs.plain : undefined) ?? needs.requirements, extra);
  }

  /** What of `requirements` counts: of a project itself, or (with `extra`) what the extra adds to it. */
  active(requirements: readonly Requirement[], extra: NormalizedName | undefined): ActiveRequirement[] {
    const result: ActiveRequirement[] = [];
    let replaced: Set<NormalizedName> | undefined;
    for (const requirement of requirements) {
      if (extra !== undefined && requirement.marker === undefined) continue;
      const outcome = this.environments.activates(requirement.marker, extra);
      if (outcome === false || this.excludes.has(requirement.name)) continue;
      if (extra !== undefined && this.holdsWithoutExtra(requirement.marker)) continue;
      const overrides = this.overrides.get(requirement.name);
      if (overrides === undefined) {
        result.push({
          requirement,
          range: requirement.url === undefined ? rangeOf(requirement.specifiers) : fullRange,
          marker: outcome === true ? undefined : outcome,
        });
        continue;
      }
      replaced ??= new Set();
      if (replaced.has(requirement.name)) continue;
      replaced.add(requirement.name);
      const extras = extrasOf(requirements, requirement.name);
      for (const override of overrides) this.applyOverride(override, extras, result);
    }
    return result;
  }

  // An override replaces what is said about versions and sources; the extras that were asked for stay asked for.
  private applyOverride(override: Requirement, extras: readonly NormalizedName[], into: ActiveRequirement[]): void {
    const outcome = this.environments.activates(override.marker, undefined);
    if (outcome === false) return;
    const requirement: Requirement = { ...override, extras: [...new Set([...override.extras, ...extras])] };
    into.push({
      requirement,
      range: override.url === undefined ? rangeOf(override.specifiers) : fullRange,
      marker: outcome === true ? undefined : outcome,
    });
  }

  private holdsWithoutExtra(marker: Marker | undefined): boolean {
    return this.environments.activates(marker, undefined) === true;
  }

  /** The constraints on a project that count here. */
  constraintsOn(name: NormalizedName): readonly Requirement[] {
    return this.constraints.get(name) ?? [];
  }

  /** The versions that all constraints on a project admit. */
  constrainedRange(name: NormalizedName): VersionRange {
    let range = fullRange;
    for (const constraint of this.constraintsOn(name)) range = intersectRanges(range, rangeOf(constraint.specifiers));
    return range;
  }

  /** The direct URLs that the person names, by project. Two different ones for one project end in RESOLUTION_CONFLICT, told by the solver. */
  requestedUrls(requirements: readonly ActiveRequirement[]): Map<NormalizedName, Requirement> {
    const urls = new Map<NormalizedName, Requirement>();
    for (const { requirement } of requirements) {
      if (requirement.url !== undefined && !urls.has(requirement.name)) urls.set(requirement.name, requirement);
    }
    for (const list of [...this.constraints.values(), ...this.overrides.values()]) {
      for (const requirement of list) {
        if (requirement.url === undefined || urls.has(requirement.name)) continue;
        if (this.environments.activates(requirement.marker, undefined) !== false) urls.set(requirement.name, requirement);
      }
    }
    return urls;
  }
}

function extrasOf(requirements: readonly Requirement[], name: NormalizedName): NormalizedName[] {
  return requirements.filter((requirement) => requirement.name === name).flatMap((requirement) => requirement.extras);
}

/** The list kept under `key`, made when there is none. */
function listIn<K, V>(lists: Map<K, V[]>, key: K): V[] {
  let list = lists.get(key);
  if (list === undefined) lists.set(key, (list = []));
  return list;
}

/** True when both URLs mean the same file or tree: the same text but for credentials and `#` fragments that are no subdirectory. */
export function sameUrl(a: string, b: string): boolean {
  return a === b || comparableUrl(a) === comparableUrl(b);
}

function comparableUrl(url: string): string {
  const hash = url.indexOf("#");
  const plain = (hash < 0 ? url : url.slice(0, hash)).replace(/^([a-z+.-]+:\/\/)[^/@]*@/i, "$1");
  if (hash < 0) return plain;
  const kept = url
    .slice(hash + 1)
    .split("&")
    .filter((part) => part.startsWith("subdirectory="));
  return kept.length === 0 ? plain : `${plain}#${kept.join("&")}`;
}

/** A PenError for a promise of this room that was broken: a defect. */
export function defect(message: string): PenError {
  return new PenError("INTERNAL", message, { why: "This is a defect of pen's solver." });
}
