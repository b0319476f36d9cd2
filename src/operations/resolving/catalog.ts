import { isPenError, LazyList, PenError, type Sequence } from "#foundation";
import type { FormatControl } from "../building/build-choices.ts";
import type { IndexClient, IndexFile, ListedVersion, ReleaseMetadata } from "#index";
import type { Candidate, CandidateDependencies, MaybePromise, PackageCatalog, UnusableReason } from "#resolver";
import {
  normalizeName,
  parseRequirement,
  parseSpecifiers,
  tryParseWheelFilename,
  versionText,
  wheelRank,
  type NormalizedName,
  type Requirement,
  type SpecifierSet,
  type SupportedTags,
  type Version,
  type WheelFilename,
} from "#standards";
import type { Sources } from "../building/source-types.ts";

export interface CatalogOptions {
  readonly client: IndexClient;
  readonly tags: SupportedTags;
  /** Wheels for other Pythons and platforms count too: for a lock that many environments share. */
  readonly everyPlatform: boolean;
  readonly format: FormatControl;
  /** What may be built; without it a version needs a wheel. */
  readonly sources?: Sources | undefined;
  /** SHA-256 (and other strong) digests `sha256:…` that a project's file must have, where the person promised some. */
  readonly hashes: ReadonlyMap<NormalizedName, readonly string[]>;
  /**
   * With {@link everyPlatform}: a version that nothing here could use (no wheel that fits, no source) is passed over, unless no version of its project
   * is of use here: then it is one for other platforms.
   */
  readonly fitHere?: boolean;
  /** Told what a package of an index turned out to need. */
  readonly onNeeds?: ((index: string, names: readonly NormalizedName[]) => void) | undefined;
  /** Take versions that state they need another Python. */
  readonly ignoreRequiresPython?: boolean;
  /** Answers `name @ url` requirements. */
  readonly direct: (requirement: Requirement) => MaybePromise<Candidate>;
}

/** A candidate that remembers the file it would be installed from. */
export interface FiledCandidate extends Candidate {
  readonly file: IndexFile | undefined;
}

const specifierCache = new Map<string, SpecifierSet | undefined>();

/** Index metadata in the wild holds broken `requires-python` values; such a value restricts nothing, as pip has it. */
function lenientSpecifiers(text: string | undefined): SpecifierSet | undefined {
  if (text === undefined || text === "") return undefined;
  if (specifierCache.has(text)) return specifierCache.get(text);
  let parsed: SpecifierSet | undefined;
  try {
    parsed = parseSpecifiers(text);
  } catch {
    parsed = undefined;
  }
  specifierCache.set(text, parsed);
  return parsed;
}

/** One listed version, looked at only when the solver tries it: thousands are listed, a few are tried. */
class IndexCandidate implements FiledCandidate {
  readonly name: NormalizedName;
  readonly #listed: ListedVersion;
  readonly #options: CatalogOptions;
  #choice: { readonly file: IndexFile | undefined; readonly unusable: UnusableReason | undefined } | undefined;

  readonly #project: Project;

  constructor(listed: ListedVersion, project: Project, options: CatalogOptions) {
    this.name = project.name;
    this.#listed = listed;
    this.#project = project;
    this.#options = options;
  }

  get version(): Version {
    return this.#listed.version;
  }

  get versionText(): string {
    return this.#listed.text;
  }

  get file(): IndexFile | undefined {
    return this.#chosen().file;
  }

  get unusable(): UnusableReason | undefined {
    return this.#chosen().unusable;
  }

  get yanked(): string | undefined {
    const files = this.#listed.files();
    return files.length > 0 && files.every((file) => file.yanked !== undefined) ? files[0]?.yanked : undefined;
  }

  get requiresPython(): SpecifierSet | undefined {
    if (this.#options.ignoreRequiresPython === true) return undefined;
    return lenientSpecifiers((this.file ?? this.#listed.files()[0])?.requiresPython);
  }

  #chosen(): { readonly file: IndexFile | undefined; readonly unusable: UnusableReason | undefined } {
    this.#choice ??= this.#choose();
    return this.#choice;
  }

  #choose(): { readonly file: IndexFile | undefined; readonly unusable: UnusableReason | undefined } {
    const files = this.#listed.files();
    const choice = chooseFile(this.name, files, this.#options);
    if (choice.file === undefined || this.#options.fitHere !== true || fitsHere(files, this.#options.tags)) return choice;
    const project = this.#project;
    project.fits ??= [...project.versions].some((version) => fitsHere(version.files(), this.#options.tags));
    const wheels = files.filter((file) => file.kind === "wheel");
    return project.fits ? { file: undefined, unusable: whyNoWheel(files, wheels, false) } : choice;
  }
}

/** What all versions of a project share. */
interface Project {
  readonly name: NormalizedName;
  readonly versions: Sequence<ListedVersion>;
  fits: boolean | undefined;
}

function fitsHere(files: readonly IndexFile[], tags: SupportedTags): boolean {
  return files.some((file) => {
    const parsed = file.kind === "wheel" ? tryParseWheelFilename(file.filename) : undefined;
    return file.kind === "sdist" || (parsed !== undefined && wheelRank(tags, parsed) !== undefined);
  });
}

function chooseFile(
  name: NormalizedName,
  files: readonly IndexFile[],
  options: CatalogOptions,
): { file: IndexFile | undefined; unusable: UnusableReason | undefined } {
  const refused = !options.format.allowsWheel(name);
  const wheels = files.filter((file) => file.kind === "wheel");
  const promised = options.hashes.get(name);
  let best: { file: IndexFile; rank: number; kept: boolean } | undefined;
  for (const file of refused ? [] : wheels) {
    const parsed = tryParseWheelFilename(file.filename);
    const rank = parsed && (wheelRank(options.tags, parsed) ?? (options.everyPlatform ? rankElsewhere(parsed, options.tags) : undefined));
    if (rank === undefined) continue;
    const kept =
      promised === undefined || Object.entries(file.hashes).some(([algorithm, digest]) => promised.includes(`${algorithm}:${digest}`));
    if (best === undefined || (kept && !best.kept) || (kept === best.kept && rank < best.rank)) best = { file, rank, kept };
  }
  if (best?.kept === true) return { file: best.file, unusable: undefined };
  const source = files.length > wheels.length ? sourceIn(files, promised) : undefined;
  if (best !== undefined && source?.kept !== true) return { file: best.file, unusable: undefined };
  const noWheel = whyNoWheel(files, wheels, refused);
  if (source === undefined || options.sources === undefined) return { file: undefined, unusable: noWheel };
  return chooseSource(name, source.file, { noWheel, sources: options.sources });
}

/** Of what only other platforms can use, a wheel for this very Python says what is needed there rather than one for another Python. */
function rankElsewhere({ tagSet }: WheelFilename, { ordered }: SupportedTags): number {
  return tagSet.startsWith(`${ordered[0]?.python ?? ""}-`) ? Number.MAX_SAFE_INTEGER : Infinity;
}

/** The source distribution of a version: the one with a promised hash, else the `.tar.gz` of PEP 625, else the first. */
function sourceIn(files: readonly IndexFile[], promised: readonly string[] | undefined): { file: IndexFile; kept: boolean } | undefined {
  const all = files.filter((file) => file.kind === "sdist");
  const kept = all.filter((file) =>
    Object.entries(file.hashes).some(([algorithm, digest]) => promised?.includes(`${algorithm}:${digest}`)),
  );
  const fitting = kept.length > 0 ? kept : all;
  const file = fitting.find(({ filename }) => filename.endsWith(".tar.gz")) ?? fitting[0];
  return file && { file, kept: kept.length > 0 };
}

/** A version without a usable wheel: its source, where it may be built. */
function chooseSource(
  name: NormalizedName,
  file: IndexFile,
  { noWheel, sources }: { noWheel: UnusableReason; sources: Sources },
): { file: IndexFile | undefined; unusable: UnusableReason | undefined } {
  if (noWheel.kind !== "no-wheel") return { file: undefined, unusable: noWheel };
  const but = (why: string, more: Partial<typeof noWheel>): ReturnType<typeof chooseSource> => ({
    file: undefined,
    unusable: { ...noWheel, detail: `${noWheel.detail}, and ${why}`, ...more },
  });
  if (sources.wheelsOnly) return but("wheels alone can be bundled", {});
  if (!sources.format.allowsSource(name)) return but("--only-binary forbids its source", { sourceForbidden: true });
  if (sources.mayBuild(name)) return { file, unusable: undefined };
  sources.refused.set(name, [...(sources.refused.get(name) ?? []), file]);
  return but(sources.refusal, { buildable: true });
}

function whyNoWheel(files: readonly IndexFile[], wheels: readonly IndexFile[], refused: boolean): UnusableReason {
  if (files.length === 0) return { kind: "no-wheel", sort: "no-files", detail: "has no files that may be used" };
  if (wheels.length === 0) return { kind: "no-wheel", sort: "source-only", detail: "has only a source distribution" };
  if (refused && files.length === wheels.length)
    return { kind: "no-wheel", sort: "forbidden", detail: "has no source distribution, and --no-binary forbids its wheels" };
  if (refused) return { kind: "no-wheel", sort: "forbidden-here", detail: "has wheels that --no-binary forbids" };
  const ends = wheels.map((file) => /-([^-]+-[^-]+)-([^-]+)\.whl$/.exec(file.filename) ?? ["", file.filename, "any"]);
  const pythons = firstOf(ends.map(([, python = ""]) => python));
  // The parts of `manylinux_2_17_x86_64.manylinux2014_x86_64` say the same.
  const platforms = firstOf(ends.map(([, , platform = ""]) => platform.replace(/\..*/, "")));
  return {
    kind: "no-wheel",
    sort: "other-tags",
    detail: `has no wheel for this Python and platform (there are wheels for ${pythons} on ${platforms})`,
  };
}

/** The first of some words, each once: `a, b, … (9)`. */
function firstOf(words: readonly string[]): string {
  const unique = [...new Set(words)];
  return unique.length <= 4 ? unique.join(", ") : `${unique.slice(0, 4).join(", ")}, … (${unique.length})`;
}

/** The catalog of the solver, answered from indexes. Answers from the cache come at once, others as promises. */
export class IndexCatalog implements PackageCatalog {
  readonly #options: CatalogOptions;
  readonly #lists = new Map<NormalizedName, MaybePromise<Sequence<FiledCandidate> | undefined>>();
  readonly #dependencies = new Map<string, MaybePromise<CandidateDependencies>>();
  /** Some metadata could not be had, which another time may be there. */
  lacked = false;

  constructor(options: CatalogOptions) {
    this.#options = options;
  }

  candidates(name: NormalizedName): MaybePromise<Sequence<FiledCandidate> | undefined> {
    const known = this.#lists.get(name);
    if (known !== undefined || this.#lists.has(name)) return known;
    const listing = this.#options.client.listing(name);
    const convert = (found: Awaited<typeof listing>): Sequence<FiledCandidate> | undefined => {
      if (found === undefined) return undefined;
      const { lazily } = found;
      const project: Project = { name, versions: lazily, fits: undefined };
      return new LazyList(lazily.length, (at) => new IndexCandidate(lazily.at(at) as ListedVersion, project, this.#options));
    };
    const answer =
      listing instanceof Promise
        ? listing.then((found) => {
            const candidates = convert(found);
            this.#lists.set(name, candidates);
            return candidates;
          })
        : convert(listing);
    this.#lists.set(name, answer);
    return answer;
  }

  /** The candidate of exactly this version, without a look at the others; undefined when only a solver can tell which one is meant. */
  async exactly(name: NormalizedName, version: Version): Promise<FiledCandidate | undefined> {
    const listing = this.#options.client.listing(name);
    const found = listing instanceof Promise ? await listing : listing;
    const listed = found?.only?.(versionText(version));
    return listed && new IndexCandidate(listed, { name, versions: [listed], fits: undefined }, this.#options);
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
