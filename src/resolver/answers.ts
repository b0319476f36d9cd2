import { isPenError, type PenErrorCode } from "#foundation";
import { compareVersions, type NormalizedName, type Requirement } from "#standards";
import { defect } from "./rules.ts";
import type { Candidate, Candidates, CandidateDependencies, MaybePromise, PackageCatalog } from "./types.ts";

/** Stands for an answer that is still under way; {@link Answers.arrival} tells when to ask again. */
export const pending: unique symbol = Symbol("pending");
export type Pending = typeof pending;

/** Why the dependencies of a candidate cannot be known: it cannot be chosen. */
export interface Unreadable {
  readonly detail: string;
}

type Outcome<T> = { readonly kind: "value"; readonly value: T } | { readonly kind: "error"; readonly error: unknown } | Promise<void>;

// Faults of one distribution: another version may do. Anything else (a network that is down) ends the resolution.
const faultsOfDistribution: ReadonlySet<PenErrorCode> = new Set<PenErrorCode>([
  "INVALID_METADATA",
  "INVALID_WHEEL",
  "INVALID_REQUIREMENT",
  "INVALID_FILENAME",
  // Offline, a version whose metadata is not on this machine is as good as none.
  "OFFLINE",
  "BUILD_REQUIRED",
]);

/**
 * What the catalog said, each thing asked once. The solver never waits: it gets `pending`, stops, and is run again when the answer
 * is there. So the answer of a resolution cannot depend on the order in which answers arrive.
 */
export class Answers {
  private readonly catalog: PackageCatalog;
  private readonly lists = new Map<NormalizedName, Outcome<Candidates | undefined>>();
  private readonly directs = new Map<string, Outcome<Candidate>>();
  private readonly metadata = new Map<Candidate, Outcome<CandidateDependencies>>();
  private awaited: Promise<void> | undefined;

  constructor(catalog: PackageCatalog) {
    this.catalog = catalog;
  }

  /** Settles when the answer for which `pending` was returned last is there. Never rejects. */
  get arrival(): Promise<void> {
    return this.awaited ?? Promise.resolve();
  }

  prefetch(names: readonly NormalizedName[]): void {
    if (names.length > 0) this.catalog.prefetch(names);
  }

  /** All versions of a project, newest first; undefined when no index knows it. */
  candidates(name: NormalizedName): Candidates | undefined | Pending {
    return this.ask(this.lists, name, () => this.catalog.candidates(name));
  }

  /** The candidate at the requirement's URL. */
  direct(requirement: Requirement): Candidate | Pending {
    return this.ask(this.directs, `${requirement.name} ${requirement.url}`, () => this.catalog.direct(requirement));
  }

  dependencies(candidate: Candidate): CandidateDependencies | Unreadable | Pending {
    try {
      return this.ask(this.metadata, candidate, () => this.catalog.dependencies(candidate));
    } catch (error) {
      if (!isPenError(error) || !faultsOfDistribution.has(error.code)) throw error;
      return { detail: error.why === undefined ? error.message : `${error.message}. ${error.why}` };
    }
  }

  /** The versions of a project if the catalog has told them already; for explanations. */
  knownCandidates(name: NormalizedName): Candidates {
    const outcome = this.lists.get(name);
    if (outcome !== undefined && "kind" in outcome && outcome.kind === "value") return outcome.value ?? [];
    return [];
  }

  private ask<K, T>(known: Map<K, Outcome<T>>, key: K, question: () => MaybePromise<T>): T | Pending {
    let outcome = known.get(key);
    if (outcome === undefined) {
      outcome = start(question, (settled) => known.set(key, settled));
      known.set(key, outcome);
    }
    if (!("kind" in outcome)) {
      this.awaited = outcome;
      return pending;
    }
    if (outcome.kind === "error") throw outcome.error;
    return outcome.value;
  }
}

function start<T>(question: () => MaybePromise<T>, settle: (outcome: Outcome<T>) => void): Outcome<T> {
  try {
    const answer = question();
    if (!isPromise(answer)) return { kind: "value", value: answer };
    return answer.then(
      (value) => settle({ kind: "value", value }),
      (error: unknown) => settle({ kind: "error", error }),
    );
  } catch (error) {
    return { kind: "error", error };
  }
}

function isPromise<T>(answer: MaybePromise<T>): answer is Promise<T> {
  return typeof answer === "object" && answer !== null && "then" in answer && typeof answer.then === "function";
}

/** The place of a version in a list that is newest first, or -1. Logarithmic. */
export function placeOf(candidates: Candidates, version: Candidate["version"]): number {
  const at = firstNotAbove(candidates, version);
  return at < candidates.length && compareVersions((candidates.at(at) as Candidate).version, version) === 0 ? at : -1;
}

/** The place of the newest version that is not above `version`. */
export function firstNotAbove(candidates: Candidates, version: Candidate["version"]): number {
  let low = 0;
  let high = candidates.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareVersions((candidates.at(middle) as Candidate).version, version) <= 0) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The metadata of a version that the solver has looked at. */
export function metadataOf(answers: Answers, candidate: Candidate): CandidateDependencies {
  const dependencies = answers.dependencies(candidate);
  if (dependencies === pending || "detail" in dependencies) throw defect(`The metadata of ${candidate.name} is not at hand`);
  return dependencies;
}
