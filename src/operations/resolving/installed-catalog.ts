import type { InstalledDistribution } from "#installer";
import type { Candidate, Candidates, CandidateDependencies, MaybePromise, PackageCatalog } from "#resolver";
import { compareVersions, sameVersion, tryParseVersion, type NormalizedName, type Requirement } from "#standards";
import { toDependencies } from "./catalog.ts";
import type { FiledCandidate } from "./index-candidate.ts";

/** A candidate that stands in the environment already. */
export interface InstalledCandidate extends FiledCandidate {
  readonly installed: InstalledDistribution;
}

export interface Present {
  readonly installed: readonly InstalledDistribution[];
  readonly movable: readonly InstalledDistribution[];
}

export const isInstalledCandidate = (candidate: Candidate): candidate is InstalledCandidate => "installed" in candidate;

/**
 * Puts what is installed before what an index offers. With `only`, a distribution of `installed` is the one candidate of its project
 * (so nothing moves without need, and no index is asked); without, and always for one of `movable`, it stands among the others.
 */
export class InstalledCatalog implements PackageCatalog {
  readonly #inner: PackageCatalog;
  readonly #installed = new Map<NormalizedName, InstalledCandidate>();
  readonly #fixed: ReadonlySet<NormalizedName>;

  constructor(inner: PackageCatalog, present: Present, only: boolean) {
    this.#inner = inner;
    this.#fixed = new Set(only ? present.installed.map(({ name }) => name) : []);
    for (const distribution of [...present.installed, ...present.movable]) {
      const candidate = toCandidate(distribution);
      if (candidate !== undefined) this.#installed.set(distribution.name, candidate);
    }
  }

  candidates(name: NormalizedName): MaybePromise<Candidates | undefined> {
    const own = this.#installed.get(name);
    if (own === undefined) return this.#inner.candidates(name);
    if (this.#fixed.has(name)) return [own];
    const offered = this.#inner.candidates(name);
    return offered instanceof Promise ? offered.then((list) => insert(own, list)) : insert(own, offered);
  }

  direct(requirement: Requirement): MaybePromise<Candidate> {
    return this.#inner.direct(requirement);
  }

  dependencies(candidate: Candidate): MaybePromise<CandidateDependencies> {
    if (!isInstalledCandidate(candidate)) return this.#inner.dependencies(candidate);
    const metadata = candidate.installed.metadata();
    return toDependencies(`${candidate.name} ${candidate.versionText}`, {
      requiresDist: metadata.requiresDist,
      requiresPython: metadata.requiresPython,
      providesExtra: metadata.providesExtra,
    });
  }

  prefetch(names: readonly NormalizedName[]): void {
    this.#inner.prefetch(names.filter((name) => !this.#fixed.has(name)));
  }
}

function toCandidate(distribution: InstalledDistribution): InstalledCandidate | undefined {
  const version = tryParseVersion(distribution.version);
  if (version === undefined) return undefined;
  return {
    name: distribution.name,
    version,
    versionText: distribution.version,
    unusable: undefined,
    yanked: undefined,
    requiresPython: undefined,
    file: undefined,
    installed: distribution,
  };
}

/** The installed one takes the place of the same version; the list stays newest first. */
function insert(own: InstalledCandidate, offered: Candidates | undefined): readonly Candidate[] {
  const others = [...(offered ?? [])].filter((candidate) => !sameVersion(candidate.version, own.version));
  const at = others.findIndex((candidate) => compareVersions(candidate.version, own.version) < 0);
  return at < 0 ? [...others, own] : [...others.slice(0, at), own, ...others.slice(at)];
}
