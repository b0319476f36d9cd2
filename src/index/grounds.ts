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

/** What the answer on one project rests on. */
interface ProjectGrounds {
  /** Undefined: a page that is not kept, or was not read yet. */
  readonly pages: Map<string, string | undefined>;
  freshUntil: number;
  elsewhere: boolean;
}

/** Collects the grounds of one client. */
export class GroundNotes {
  private readonly projects = new Map<NormalizedName, ProjectGrounds>();
  private elsewhere = false;

  /** The answer on a project came from the page at `path`, whose identity was taken before it was read, or when it was written. */
  restOn(
    project: NormalizedName,
    page: { readonly path: string; readonly identity: string | undefined },
    { fetched, maxAge }: { readonly fetched: number; readonly maxAge: number },
  ): void {
    const own = this.of(project);
    own.pages.set(page.path, page.identity);
    own.freshUntil = Math.min(own.freshUntil, fetched + maxAge * 1000);
  }

  /** The answer on a project is being fetched, to be kept at `path`: until then, and if it fails, nothing rests on it. */
  await(project: NormalizedName, path: string): void {
    this.of(project).pages.set(path, undefined);
  }

  /** An answer came from somewhere else: a folder of this machine, a page of many projects. */
  restElsewhere(project?: NormalizedName): void {
    if (project === undefined) this.elsewhere = true;
    else this.of(project).elsewhere = true;
  }

  /** An answer that rests on these grounds was taken from elsewhere, without a look at the pages. */
  take({ freshUntil, projects, pages }: Grounds): void {
    for (const project of projects) {
      const own = this.of(project);
      for (const [path, identity] of pages) own.pages.set(path, identity);
      own.freshUntil = Math.min(own.freshUntil, freshUntil);
    }
  }

  /** Undefined when some answer (or that on the one project) has other grounds than kept pages. */
  grounds(only?: NormalizedName): Grounds | undefined {
    const projects = only === undefined ? [...this.projects.keys()] : [only];
    const pages = new Map<string, string>();
    let freshUntil = Infinity;
    for (const project of projects) {
      const own = this.projects.get(project);
      if (own === undefined || own.elsewhere) return undefined;
      for (const [path, identity] of own.pages) {
        if (identity === undefined) return undefined;
        pages.set(path, identity);
      }
      freshUntil = Math.min(freshUntil, own.freshUntil);
    }
    return !this.elsewhere && pages.size > 0 ? { freshUntil, projects, pages: [...pages] } : undefined;
  }

  private of(project: NormalizedName): ProjectGrounds {
    let own = this.projects.get(project);
    if (own === undefined) this.projects.set(project, (own = { pages: new Map(), freshUntil: Infinity, elsewhere: false }));
    return own;
  }
}
