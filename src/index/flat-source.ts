/** One folder or page with the files of all projects: `--find-links`, and indexes of the format `flat`. */
import {
  PenError,
  isFolder,
  listFolder,
  readText,
  sealText,
  sha256Hex,
  targetStatusOf,
  pathToFileURL,
  unsealText,
  join,
} from "#foundation";
import type { NormalizedName } from "#standards";
import { type FileRecord, fromRecord, toRecord } from "./file-record.ts";
import { conditionalHeaders, isFresh, readFreshness } from "./freshness.ts";
import { type PageFile, acceptedPages, parsePage, projectOfFile } from "./page.ts";
import { type ListingSource, type SourceContext, listingOf, readPage } from "./simple-index.ts";
import type { Freshness } from "./stored-listing.ts";
import type { MaybePromise } from "./types.ts";
import { localPath, shownUrl } from "./urls.ts";

/** The files at `url` (without credentials): a folder, a page on this machine, or a page on the web. Read once, when first asked. */
export function createFlatSource(url: string, context: SourceContext): ListingSource {
  const local = localPath(url);
  // What stands on this machine has no upload time and was chosen by name: no date hides it.
  const filter = local === undefined ? context.filter : undefined;
  let files: MaybePromise<FilesByProject> | undefined;
  const listingIn = (all: FilesByProject, name: NormalizedName) => {
    const own = all.of(name);
    return own.length === 0 ? undefined : listingOf(own, { index: url, name }, filter);
  };
  return {
    listing: (name) => {
      context.notes.restElsewhere();
      files ??= local === undefined ? remember(fetchFlat(url, context)) : groupFiles(readLocal(local, url, context));
      return files instanceof Promise ? files.then((all) => listingIn(all, name)) : listingIn(files, name);
    },
  };

  function remember(found: MaybePromise<PageFile[]>): MaybePromise<FilesByProject> {
    if (!(found instanceof Promise)) return groupFiles(found);
    return found.then(
      (list) => {
        const grouped = groupFiles(list);
        files = grouped;
        return grouped;
      },
      (error: unknown) => {
        files = undefined;
        throw error;
      },
    );
  }
}

interface FilesByProject {
  of(name: NormalizedName): readonly PageFile[];
}

function groupFiles(files: readonly PageFile[]): FilesByProject {
  const groups = new Map<string, PageFile[]>();
  // Old names of source distributions say which project they are of only to somebody who asks for it.
  const unclear: PageFile[] = [];
  for (const file of files) {
    const project = projectOfFile(file.filename);
    if (project === undefined) unclear.push(file);
    else groups.set(project, [...(groups.get(project) ?? []), file]);
  }
  return { of: (name) => [...(groups.get(name) ?? []), ...unclear.filter((file) => file.kind === "sdist")] };
}

function readLocal(path: string, url: string, context: SourceContext): PageFile[] {
  if (isFolder(path)) {
    const names = listFolder(path).filter((entry) => entry.kind === "file" || entry.kind === "link");
    return names.flatMap(({ name }) => {
      const kind = name.endsWith(".whl") ? "wheel" : "sdist";
      if (projectOfFile(name) === undefined && kind === "wheel") return [];
      const plain = {
        hashes: {},
        size: undefined,
        requiresPython: undefined,
        yanked: undefined,
        uploadTime: undefined,
        metadata: undefined,
      };
      return [{ filename: name, kind, url: pathToFileURL(join(path, name)).href, ...plain }];
    });
  }
  if (targetStatusOf(path) === undefined) {
    throw new PenError("INVALID_CONFIG", `There is no folder or page at ${shownUrl(path)}`, {
      hint: "Check --find-links (or the URL of the index).",
    });
  }
  const source = { url: pathToFileURL(path).href || url, contentType: "text/html", emit: context.emit };
  return parsePage(readText(path), source).filter(isDistribution);
}

const isDistribution = ({ kind }: PageFile): boolean => kind !== "other";

interface KeptPage extends Freshness {
  readonly url: string;
  readonly files: readonly FileRecord[];
}

function fetchFlat(url: string, context: SourceContext): MaybePromise<PageFile[]> {
  const path = join("flat", `${sha256Hex(url).slice(0, 32)}.json`);
  const kept = openPage(context.cache.read(path), url);
  const filesOf = (page: KeptPage) => page.files.map((record) => fromRecord(record, url));
  if (kept !== undefined && (context.offline || (isFresh(kept, context.now()) && !context.mustRefresh(undefined)))) return filesOf(kept);
  return context.transport.request(
    () => ({ url, headers: { accept: acceptedPages, ...conditionalHeaders(kept) } }),
    async (answer) => {
      const { store, ...freshness } = readFreshness(answer.headers, { now: context.now(), absent: false });
      const unchanged = answer.status === 304 && kept !== undefined;
      const files = unchanged ? filesOf(kept) : (await readPage(answer, context.emit)).filter(isDistribution);
      const validators = unchanged ? { etag: freshness.etag ?? kept.etag, lastModified: freshness.lastModified ?? kept.lastModified } : {};
      if (store)
        context.cache.write(
          path,
          sealText(JSON.stringify({ ...freshness, ...validators, url, files: files.map((file) => toRecord(file)) } satisfies KeptPage)),
        );
      return files;
    },
  );
}

function openPage(bytes: Uint8Array | undefined, url: string): KeptPage | undefined {
  const text = unsealText(bytes);
  if (text === undefined) return undefined;
  const page = JSON.parse(text) as KeptPage;
  return page.url === url ? page : undefined;
}
