/** What the answers of a client rest on: pages in the cache, each with what tells that it is still the same file. */
import type { NormalizedName } from "#standards";

/** Plain data, to be kept beside something that was worked out from the answers. */
export interface Grounds {
  /** Milliseconds since 1970: from then on one of the pages has to be asked for again. */
  readonly freshUntil: number;
  /** Every project that was asked for. */
  readonly projects: readonly NormalizedName[];
  /** Paths below the room's part of the cache, and the identity of the file there (see `DiskCache.identity`). */
  readonly pages: ReadonlyArray<readonly [path: string, identity: string]>;
}

/** Collects the grounds of one client. */
export class GroundNotes {
  private readonly pages = new Map<string, string>();
  private readonly projects = new Set<NormalizedName>();
  private freshUntil = Infinity;
  private complete = true;

  /** The answer on a project came from the page at `path`, whose identity was taken before it was read. */
  restOn(
    project: NormalizedName,
    page: { readonly path: string; readonly identity: string | undefined },
    { fetched, maxAge }: { readonly fetched: number; readonly maxAge: number },
  ): void {
    if (page.identity === undefined) return this.restElsewhere();
    this.projects.add(project);
    this.pages.set(page.path, page.identity);
    this.freshUntil = Math.min(this.freshUntil, fetched + maxAge * 1000);
  }

  /** An answer came from somewhere else: a server just now, a folder of this machine. */
  restElsewhere(): void {
    this.complete = false;
  }

  /** Undefined when some answer has other grounds than kept pages. */
  grounds(): Grounds | undefined {
    return this.complete && this.pages.size > 0
      ? { freshUntil: this.freshUntil, projects: [...this.projects], pages: [...this.pages] }
      : undefined;
  }
}
