import { isPenError, LazyList, PenError, type Sequence } from "#foundation";
import type { IndexClient, IndexFile, ProjectListing, ReleaseMetadata } from "#index";
import type { Candidate, CandidateDependencies, MaybePromise, PackageCatalog } from "#resolver";
import { normalizeName, parseRequirement, versionText, type NormalizedName, type Requirement, type Version } from "#standards";
import type { Sources } from "../building/source-types.ts";
import type { CatalogNotes, NotedProject } from "./catalog-notes.ts";
import { IndexCandidate, lenientSpecifiers, type CandidateRules, type FiledCandidate, type Project } from "./index-candidate.ts";
import { findingsOf, NotedDependencies, notedProject } from "./noted-catalog.ts";

export interface CatalogOptions extends CandidateRules {
  readonly client: IndexClient;
  /** What earlier catalogs found out, where that may be used. */
  readonly notes?: CatalogNotes | undefined;
  /** Told what a package of an index turned out to need. */
  readonly onNeeds?: ((index: string, names: readonly NormalizedName[]) => void) | undefined;
  /** Answers `name @ url` requirements. */
  readonly direct: (requirement: Requirement) => MaybePromise<Candidate>;
}

/** The catalog of the solver, answered from indexes. Answers from the cache come at once, others as promises. */
export class IndexCatalog implements PackageCatalog {
  readonly #options: CatalogOptions;
  readonly #lists = new Map<NormalizedName, MaybePromise<Sequence<FiledCandidate> | undefined>>();
  readonly #projects: Project[] = [];
  readonly #dependencies = new Map<string, MaybePromise<CandidateDependencies>>();
  /** Some metadata could not be had, which another time may be there. */
  lacked = false;

  constructor(options: CatalogOptions) {
    this.#options = options;
  }

  candidates(name: NormalizedName): MaybePromise<Sequence<FiledCandidate> | undefined> {
    const known = this.#lists.get(name);
    if (known !== undefined || this.#lists.has(name)) return known;
    const { client, notes, hashes } = this.#options;
    const noted = hashes.has(name) ? undefined : notes?.of(name);
    const listing = noted === undefined ? client.listing(name) : undefined;
    const answer =
      listing instanceof Promise
        ? listing.then((found) => {
            const candidates = this.#offer(name, found, undefined);
            this.#lists.set(name, candidates);
            return candidates;
          })
        : this.#offer(name, listing, noted);
    this.#lists.set(name, answer);
    return answer;
  }

  #offer(name: NormalizedName, found: ProjectListing | undefined, noted: NotedProject | undefined): Sequence<FiledCandidate> | undefined {
    const project = noted === undefined ? found && listedProject(name, found) : notedProject(name, noted, this.#options.client);
    if (project === undefined) return undefined;
    this.#projects.push(project);
    return new LazyList(project.texts.length, (at) => new IndexCandidate(project, at, this.#options));
  }

  /** What it found out that later ones can use. `target` as in `findingsOf`. */
  findings(target: Parameters<typeof findingsOf>[2]): ReturnType<typeof findingsOf> {
    const { client, hashes } = this.#options;
    const free = this.#projects.filter(({ name }) => !hashes.has(name));
    return findingsOf(free, client, target, cachedRequirement);
  }

  /** The candidate of exactly this version, without a look at the others; undefined when only a solver can tell which one is meant. */
  async exactly(name: NormalizedName, version: Version): Promise<FiledCandidate | undefined> {
    const listing = this.#options.client.listing(name);
    const found = listing instanceof Promise ? await listing : listing;
    const listed = found?.only?.(versionText(version));
    return listed && new IndexCandidate(listedProject(name, { lazily: [listed], texts: [listed.text] }), 0, this.#options);
  }

  direct(requirement: Requirement): MaybePromise<Candidate> {
    return this.#options.direct(requirement);
  }

  dependencies(candidate: Candidate): MaybePromise<CandidateDependencies> {
    const found = this.#read(candidate);
    const { onNeeds } = this.#options;
    const index = (candidate as FiledCandidate).file?.index;
    if (onNeeds === undefined || index === undefined) return found;
    const tell = (known: CandidateDependencies): CandidateDependencies => {
      onNeeds(
        index,
        known.requirements.map((requirement) => requirement.name),
      );
      return known;
    };
    return found instanceof Promise ? found.then(tell) : tell(found);
  }

  #read(candidate: Candidate): MaybePromise<CandidateDependencies> {
    const key = `${candidate.name}==${candidate.versionText}`;
    const known = this.#dependencies.get(key);
    if (known !== undefined) return known;
    const needs = candidate instanceof IndexCandidate ? candidate.noted?.needs : undefined;
    if (needs !== undefined) {
      const noted = new NotedDependencies(needs, cachedRequirement);
      this.#dependencies.set(key, noted);
      return noted;
    }
    const { file } = candidate as FiledCandidate;
    if (file === undefined) throw new PenError("INTERNAL", `The catalog was asked for the dependencies of ${key}, which has no file`);
    if (file.kind === "sdist" && file.metadata === undefined && this.#options.sources !== undefined) {
      const asked = this.#askSource(candidate, file, this.#options.sources).then((found) => toDependencies(key, found));
      this.#dependencies.set(key, asked);
      return asked;
    }
    const metadata = this.#options.client.metadata(file);
    if (metadata instanceof Promise)
      metadata.catch((error: unknown) => {
        this.lacked ||= isPenError(error, "OFFLINE");
      });
    const read = (found: ReleaseMetadata): CandidateDependencies => {
      const stated = toDependencies(key, found);
      if (candidate instanceof IndexCandidate) candidate.learn(found, stated);
      return this.#options.ignoreRequiresPython === true ? { ...stated, requiresPython: undefined } : stated;
    };
    const answer = metadata instanceof Promise ? metadata.then(read) : read(metadata);
    this.#dependencies.set(key, answer);
    return answer;
  }

  async #askSource(candidate: Candidate, file: IndexFile, sources: Sources): Promise<Dependencies> {
    const { name, version, versionText } = candidate;
    const builder = await sources.builder();
    return builder.metadata(builder.ofFile(file, { name, version, versionText, hashes: this.#options.hashes.get(name) ?? [] }));
  }

  prefetch(names: readonly NormalizedName[]): void {
    for (const name of names) {
      if (this.#lists.has(name)) continue;
      const answer = this.candidates(name);
      // The failure is reported where the answer is needed, if it ever is.
      if (answer instanceof Promise) answer.catch(() => {});
    }
  }
}

function listedProject(name: NormalizedName, { lazily, texts }: Pick<ProjectListing, "lazily" | "texts">): Project {
  return { name, versions: lazily, texts, noted: undefined, news: new Set(), fits: undefined };
}

const requirementCache = new Map<string, Requirement>();

function cachedRequirement(text: string): Requirement {
  let found = requirementCache.get(text);
  if (found === undefined) requirementCache.set(text, (found = parseRequirement(text)));
  return found;
}

type Dependencies = Pick<ReleaseMetadata, "requiresDist" | "requiresPython" | "providesExtra">;

/** Turns stated metadata into what the solver takes. Errors: `INVALID_METADATA` for a requirement that is none. */
export function toDependencies(what: string, metadata: Dependencies): CandidateDependencies {
  try {
    return {
      requirements: metadata.requiresDist.map(cachedRequirement),
      requiresPython: lenientSpecifiers(metadata.requiresPython),
      extras: new Set(metadata.providesExtra.map(normalizeName)),
    };
  } catch (error) {
    throw new PenError("INVALID_METADATA", `The metadata of ${what} holds a requirement that cannot be understood`, {
      ...(isPenError(error) ? { why: `${error.message}${error.why === undefined ? "" : `\n${error.why}`}` } : {}),
      cause: error,
    });
  }
}
