import type { Sequence } from "#foundation";
import type { IndexFile, ListedVersion, ReleaseMetadata } from "#index";
import type { Candidate, CandidateDependencies } from "#resolver";
import { parseSpecifiers, parseVersion, type NormalizedName, type SpecifierSet, type Version } from "#standards";
import type { NotedProject, NotedVersion } from "./catalog-notes.ts";
import { fileOf } from "./kept-files.ts";
import { chooseFile, chooseWithoutWheel, fitsHere, whyNoWheel, type FileChoice, type FileRules } from "./file-choice.ts";

/** A candidate that remembers the file it would be installed from. */
export interface FiledCandidate extends Candidate {
  readonly file: IndexFile | undefined;
}

/** How candidates of a catalog are chosen. */
export interface CandidateRules extends FileRules {
  /**
   * With {@link FileRules.everyPlatform}: a version that nothing here could use (no wheel that fits, no source) is passed over, unless no version of its
   * project is of use here: then it is one for other platforms.
   */
  readonly fitHere?: boolean;
  /** Take versions that state they need another Python. */
  readonly ignoreRequiresPython?: boolean;
}

/** What all versions of a project share. */
export interface Project {
  readonly name: NormalizedName;
  readonly versions: Sequence<ListedVersion>;
  /** Their texts, newest first. */
  readonly texts: readonly string[];
  /** What the cache knew of it. */
  readonly noted: NotedProject | undefined;
  /** The versions of which something was found out that the cache did not know. */
  readonly news: Set<IndexCandidate>;
  fits: boolean | undefined;
}

const specifierCache = new Map<string, SpecifierSet | undefined>();

/** Index metadata in the wild holds broken `requires-python` values; such a value restricts nothing, as pip has it. */
export function lenientSpecifiers(text: string | undefined): SpecifierSet | undefined {
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
export class IndexCandidate implements FiledCandidate {
  readonly name: NormalizedName;
  readonly versionText: string;
  /** What the cache knew of it. */
  readonly noted: NotedVersion | undefined;
  /** What its metadata states, and means, once it was read. */
  stated: ReleaseMetadata | undefined;
  dependencies: CandidateDependencies | undefined;
  readonly #project: Project;
  readonly #place: number;
  readonly #rules: CandidateRules;
  #version: Version | undefined;
  #choice: FileChoice | undefined;

  /** `place`: in the project's versions. */
  constructor(project: Project, place: number, rules: CandidateRules) {
    this.name = project.name;
    this.versionText = project.texts[place] as string;
    this.noted = project.noted?.versions[this.versionText];
    this.#project = project;
    this.#place = place;
    this.#rules = rules;
  }

  get version(): Version {
    return (this.#version ??= parseVersion(this.versionText));
  }

  get file(): IndexFile | undefined {
    return this.#chosen().file;
  }

  get unusable(): FileChoice["unusable"] {
    return this.#chosen().unusable;
  }

  get yanked(): string | undefined {
    if (this.noted !== undefined) return this.noted.yanked;
    const files = this.#files();
    return files.length > 0 && files.every((file) => file.yanked !== undefined) ? files[0]?.yanked : undefined;
  }

  get requiresPython(): SpecifierSet | undefined {
    if (this.#rules.ignoreRequiresPython === true) return undefined;
    const { file } = this;
    if (file === undefined && this.noted !== undefined) return lenientSpecifiers(this.noted.requiresPython);
    return lenientSpecifiers((file ?? this.#files()[0])?.requiresPython);
  }

  /** Takes note of what its metadata states and means. */
  learn(stated: ReleaseMetadata, dependencies: CandidateDependencies): void {
    this.stated = stated;
    this.dependencies = dependencies;
    this.#project.news.add(this);
  }

  #files(): readonly IndexFile[] {
    return (this.#project.versions.at(this.#place) as ListedVersion).files();
  }

  #chosen(): FileChoice {
    if (this.#choice === undefined) {
      this.#choice = this.noted === undefined ? this.#choose() : this.#chooseAgain(this.noted);
      if (this.noted === undefined) this.#project.news.add(this);
    }
    return this.#choice;
  }

  #chooseAgain({ file, lack }: NotedVersion): FileChoice {
    if (lack === undefined) return { file: file && fileOf(file), unusable: undefined };
    const source = lack.source && fileOf(lack.source);
    return chooseWithoutWheel(this.name, { noWheel: lack.noWheel, source }, this.#rules.sources);
  }

  /** What a later catalog with the same rules can know of it; `needs` as they were sorted. */
  note(needs: NotedVersion["needs"]): NotedVersion | undefined {
    const { file, lack = this.noted?.lack } = this.#chosen();
    const yanked = this.yanked === undefined ? {} : { yanked: this.yanked };
    if (file?.kind === "wheel") return { file, ...yanked, ...(needs === undefined ? {} : { needs }) };
    // Whether it is passed over may depend on all other versions.
    if (lack === undefined || this.#rules.fitHere === true) return undefined;
    const requiresPython = this.noted === undefined ? this.#files()[0]?.requiresPython : this.noted.requiresPython;
    return { lack, ...yanked, ...(requiresPython === undefined ? {} : { requiresPython }) };
  }

  #choose(): FileChoice {
    const files = this.#files();
    const rules = this.#rules;
    const choice = chooseFile(this.name, files, rules);
    if (choice.file === undefined || rules.fitHere !== true || fitsHere(files, rules.tags)) return choice;
    const project = this.#project;
    project.fits ??= [...project.versions].some((version) => fitsHere(version.files(), rules.tags));
    const wheels = files.filter((file) => file.kind === "wheel");
    return project.fits ? { file: undefined, unusable: whyNoWheel(files, wheels, false) } : choice;
  }
}
