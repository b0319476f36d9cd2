/** How the answers of several sources become one. */
import { isPenError } from "#foundation";
import { type NormalizedName, compareVersions } from "#standards";
import type { ListingSource } from "./simple-index.ts";
import type { IndexFile, ListedVersion, MaybePromise, OtherFile, ProjectListing } from "./types.ts";

/** The first source that knows the project answers for it alone: a project of a private index cannot be replaced by one of the same name elsewhere. */
export function firstKnown(sources: readonly ListingSource[], name: NormalizedName, from = 0): MaybePromise<ProjectListing | undefined> {
  for (let at = from; at < sources.length; at += 1) {
    const answer = sources[at]?.listing(name);
    if (answer instanceof Promise) return answer.then((found) => found ?? firstKnown(sources, name, at + 1));
    if (answer !== undefined) return answer;
  }
  return undefined;
}

/** The answers of all sources, merged; among files of the same name the earlier source wins. */
export function allMerged(sources: readonly ListingSource[], name: NormalizedName): MaybePromise<ProjectListing | undefined> {
  const answers = sources.map((source) => source.listing(name));
  const ready = answers.filter((answer): answer is ProjectListing | undefined => !(answer instanceof Promise));
  return ready.length === answers.length ? mergeListings(ready) : Promise.all(answers.map(async (answer) => answer)).then(mergeListings);
}

/** The files of `extra` sources ahead of what `main` answers. Offline, what `main` cannot say does not take away what is at hand. */
export function withExtras(
  extra: () => MaybePromise<ProjectListing | undefined>,
  main: () => MaybePromise<ProjectListing | undefined>,
): MaybePromise<ProjectListing | undefined> {
  const found = extra();
  if (found instanceof Promise) return found.then((ready) => withExtras(() => ready, main));
  const rest = main();
  if (!(rest instanceof Promise)) return mergeListings([found, rest]);
  return rest.then(
    (ready) => mergeListings([found, ready]),
    (error: unknown) => {
      if (found !== undefined && isPenError(error, "OFFLINE")) return found;
      throw error;
    },
  );
}

/** One listing of several, newest version first; undefined when there is none. */
function mergeListings(listings: readonly (ProjectListing | undefined)[]): ProjectListing | undefined {
  const known = listings.filter((listing) => listing !== undefined);
  const [first] = known;
  if (first === undefined || known.length === 1) return first;
  const versions = known.flatMap((listing) => listing.versions).sort((a, b) => compareVersions(b.version, a.version));
  const merged: ListedVersion[] = [];
  let group: ListedVersion[] = [];
  const flush = () => {
    const [only] = group;
    if (only !== undefined) merged.push(group.length === 1 ? only : new MergedVersion(only, group));
  };
  for (const version of versions) {
    const [head] = group;
    if (head !== undefined && compareVersions(head.version, version.version) !== 0) {
      flush();
      group = [];
    }
    group.push(version);
  }
  flush();
  return { name: first.name, versions: merged, lazily: merged, texts: merged.map(({ text }) => text) };
}

class MergedVersion implements ListedVersion {
  readonly text: string;
  readonly version: ListedVersion["version"];
  private readonly parts: readonly ListedVersion[];

  constructor(first: ListedVersion, parts: readonly ListedVersion[]) {
    this.text = first.text;
    this.version = first.version;
    this.parts = parts;
  }

  files(): readonly IndexFile[] {
    return firstOfEachName(this.parts.flatMap((part) => part.files()));
  }

  tooNew(): readonly IndexFile[] {
    return firstOfEachName(this.parts.flatMap((part) => part.tooNew?.() ?? []));
  }

  others(): readonly OtherFile[] {
    return firstOfEachName(this.parts.flatMap((part) => part.others?.() ?? []));
  }
}

function firstOfEachName<File extends OtherFile>(files: readonly File[]): readonly File[] {
  const seen = new Set<string>();
  return files.filter((file) => !seen.has(file.filename) && seen.add(file.filename) !== undefined);
}
