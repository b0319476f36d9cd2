/**
 * What the catalog of one target found out of the versions that a solver looked at: which file fits, and what it needs. Kept in the cache, so that
 * a later question in which they occur again opens neither their page nor their metadata. Of a project whose page has changed nothing counts.
 *
 *     <crc32 of what follows>{"<project>":[<start>,<length>],…}\n<project as JSON><project as JSON>…
 */
import { isPenError, makeFolders, readTextIfAny, sealText, sha256Hex, unsealText, writeAtomic, join } from "#foundation";
import type { Grounds, IndexClient, IndexFile } from "#index";
import type { NormalizedName } from "#standards";
import type { Lack } from "./file-choice.ts";
import { forgetOldest } from "./kept-files.ts";

/** What a version needs, as its metadata states it, sorted by whether it can count for the target. */
export interface NotedNeeds {
  /** Requirements that count when no extra is asked for; undefined where nobody sorted them. */
  readonly plain?: readonly string[];
  /** Those that may count when an extra is asked for; all of them where nobody sorted them. */
  readonly rest: readonly string[];
  readonly requiresPython?: string;
  readonly extras: readonly NormalizedName[];
}

/** A version that was looked at: the wheel to use, or what there is instead. */
export interface NotedVersion {
  readonly file?: IndexFile;
  readonly lack?: Lack;
  /** Of one without a wheel: what its page states. */
  readonly requiresPython?: string;
  readonly yanked?: string;
  /** Undefined when nobody asked for it. */
  readonly needs?: NotedNeeds;
}

/** A project, as its page has it. */
export interface NotedProject {
  readonly grounds: Grounds;
  /** All versions, newest first. */
  readonly texts: readonly string[];
  /** Those that were looked at, by text. */
  readonly versions: Readonly<Record<string, NotedVersion>>;
}

/** A project in the file: fields as in {@link NotedProject}, with short names because there are hundreds of them. */
interface KeptProject {
  readonly g: readonly [freshUntil: number, pages: Grounds["pages"]];
  /** Joined by spaces, which no text has. */
  readonly t: string;
  readonly v: Readonly<Record<string, NotedVersion>>;
}

type Places = Readonly<Record<string, readonly [start: number, length: number]>>;

/** So many projects are kept for one target; those that were asked for longest ago go first. */
const mostProjects = 1000;
/** So many targets are kept. */
const mostTargets = 16;

/** Notes for one target and one way to choose files. `question`: all that decides which file of a version is taken, and what it needs there. */
export class CatalogNotes {
  private readonly client: IndexClient;
  private readonly folder: string;
  private readonly file: string;
  private readonly projects = new Map<NormalizedName, NotedProject | undefined>();
  private isTrusted = true;
  private kept: { readonly places: Places; readonly bodies: string } | undefined;

  constructor(client: IndexClient, cacheFolder: string, question: string) {
    this.client = client;
    this.folder = join(cacheFolder, "catalogs", "v1");
    this.file = join(this.folder, `${sha256Hex(question)}.notes`);
  }

  /** What is known of a project, when its pages are what they were and need not be asked for again. */
  of(name: NormalizedName): NotedProject | undefined {
    if (!this.isTrusted) return undefined;
    if (!this.projects.has(name)) this.projects.set(name, this.find(name));
    return this.projects.get(name);
  }

  /** From now on nothing is known: a page was replaced while somebody relied on it. */
  distrust(): void {
    this.isTrusted = false;
  }

  private find(name: NormalizedName): NotedProject | undefined {
    this.kept ??= read(this.file);
    const place = Object.hasOwn(this.kept.places, name) ? this.kept.places[name] : undefined;
    if (place === undefined) return undefined;
    const { g, t, v } = JSON.parse(this.kept.bodies.slice(place[0], place[0] + place[1])) as KeptProject;
    const grounds = { freshUntil: g[0], projects: [name], pages: g[1] };
    if (!this.client.isGrounded(grounds)) return undefined;
    this.client.takeGrounds(grounds);
    return { grounds, texts: t === "" ? [] : t.split(" "), versions: v };
  }

  /** Keeps what was found out since, beside what was known. Never fails. */
  keep(found: ReadonlyMap<NormalizedName, NotedProject>): void {
    if (found.size === 0) return;
    this.kept ??= read(this.file);
    const { places, bodies } = this.kept;
    const texts = new Map<string, string>();
    for (const [name, { grounds, texts: all, versions }] of found) {
      const kept: KeptProject = { g: [grounds.freshUntil, grounds.pages], t: all.join(" "), v: versions };
      texts.set(name, JSON.stringify(kept));
    }
    for (const [name, [start, length]] of Object.entries(places)) {
      if (texts.size >= mostProjects) break;
      if (!texts.has(name)) texts.set(name, bodies.slice(start, start + length));
    }
    try {
      makeFolders(this.folder);
      forgetOldest(this.folder, mostTargets);
      writeAtomic(this.file, write(texts));
    } catch (error) {
      if (!isPenError(error, "FILE_SYSTEM")) throw error; // A cache that cannot be written to costs time only.
    }
  }
}

function write(texts: ReadonlyMap<string, string>): string {
  const places: Record<string, readonly [number, number]> = {};
  let start = 0;
  for (const [name, { length }] of texts) {
    places[name] = [start, length];
    start += length;
  }
  return sealText(`${JSON.stringify(places)}\n${[...texts.values()].join("")}`);
}

function read(file: string): { readonly places: Places; readonly bodies: string } {
  try {
    const text = unsealText(readTextIfAny(file));
    const end = text?.indexOf("\n") ?? -1;
    if (text !== undefined && end > 0) return { places: JSON.parse(text.slice(0, end)) as Places, bodies: text.slice(end + 1) };
  } catch (error) {
    if (!isPenError(error, "FILE_SYSTEM")) throw error;
  }
  return { places: {}, bodies: "" };
}
