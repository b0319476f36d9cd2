/** How a catalog uses notes of the cache, and what it adds to them. */
import { LazyList, type Sequence } from "#foundation";
import type { IndexClient, ListedVersion, ReleaseMetadata } from "#index";
import type { CandidateDependencies, ResolutionTarget } from "#resolver";
import { evaluateMarker, parseVersion, type NormalizedName, type Requirement } from "#standards";
import type { NotedNeeds, NotedProject, NotedVersion } from "./catalog-notes.ts";
import { lenientSpecifiers, type Project } from "./index-candidate.ts";

/** A page that notes rest on was replaced while a solver ran: it has to start again without notes. */
export class NotesOutdated extends Error {}

/** A project as the notes have it. Its page is opened when somebody wants to know of a version what the notes do not have. */
export function notedProject(name: NormalizedName, noted: NotedProject, client: IndexClient): Project {
  let opened: Sequence<ListedVersion> | undefined;
  const open = (): Sequence<ListedVersion> => (opened ??= openPage(name, noted, client));
  const { texts } = noted;
  const listed = (at: number): ListedVersion => ({
    text: texts[at] as string,
    get version() {
      return parseVersion(this.text);
    },
    files: () => (open().at(at) as ListedVersion).files(),
  });
  return { name, versions: new LazyList(texts.length, listed), texts, noted, news: new Set(), fits: undefined };
}

function openPage(name: NormalizedName, noted: NotedProject, client: IndexClient): Sequence<ListedVersion> {
  const listing = client.listing(name);
  if (listing instanceof Promise) {
    listing.catch(() => {});
    throw new NotesOutdated();
  }
  const pages = JSON.stringify(client.grounds(name)?.pages);
  if (listing === undefined || pages !== JSON.stringify(noted.grounds.pages)) throw new NotesOutdated();
  return listing.lazily;
}

/** Needs from the notes, parsed as far as somebody asks for them. */
export class NotedDependencies implements CandidateDependencies {
  readonly requiresPython: CandidateDependencies["requiresPython"];
  readonly extras: ReadonlySet<NormalizedName>;
  readonly plain: readonly Requirement[] | undefined;
  readonly #rest: readonly string[];
  readonly #parse: (text: string) => Requirement;
  #all: readonly Requirement[] | undefined;

  constructor(needs: NotedNeeds, parse: (text: string) => Requirement) {
    this.requiresPython = lenientSpecifiers(needs.requiresPython);
    this.extras = new Set(needs.extras);
    this.plain = needs.plain?.map(parse);
    this.#rest = needs.rest;
    this.#parse = parse;
  }

  get requirements(): readonly Requirement[] {
    return (this.#all ??= [...(this.plain ?? []), ...this.#rest.map(this.#parse)]);
  }
}

/** What was found out of the projects of a catalog and can be kept. `target`: for which needs are sorted; undefined where all of them count. */
export function findingsOf(
  projects: Iterable<Project>,
  client: IndexClient,
  target: (ResolutionTarget & { readonly kind: "single" }) | undefined,
  parse: (text: string) => Requirement,
): Map<NormalizedName, NotedProject> {
  const sort = (stated: ReleaseMetadata, extras: readonly NormalizedName[]): NotedNeeds => {
    const { requiresPython, requiresDist } = stated;
    const more = { ...(requiresPython === undefined ? {} : { requiresPython }), extras };
    if (target === undefined) return { rest: requiresDist, ...more };
    const plain: string[] = [];
    const rest: string[] = [];
    for (const text of requiresDist) {
      const { marker } = parse(text);
      if (marker === undefined || evaluateMarker(marker, target.markers)) plain.push(text);
      // What no extra can change never counts here.
      else if (text.includes("extra")) rest.push(text);
    }
    return { plain, rest, ...more };
  };
  const found = new Map<NormalizedName, NotedProject>();
  for (const { name, noted, news, texts } of projects) {
    const grounds = news.size === 0 ? undefined : (noted?.grounds ?? client.grounds(name));
    if (grounds === undefined) continue;
    const versions: Record<string, NotedVersion> = { ...noted?.versions };
    for (const candidate of news) {
      const { stated, dependencies, versionText } = candidate;
      const noted = candidate.note(stated && dependencies ? sort(stated, [...dependencies.extras]) : candidate.noted?.needs);
      if (noted !== undefined) versions[versionText] = noted;
    }
    found.set(name, { grounds, texts, versions });
  }
  return found;
}
