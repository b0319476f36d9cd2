/** The recorded answers of the real index on disk, and how its pages become the JSON that the replay serves. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { createHash } from "node:crypto";
import { join } from "node:path";

export const recordingFolder: string = join(import.meta.dir, "recordings");

/** Files uploaded later do not exist for the benchmark, so that every recording gives the same versions. */
export const cutOff = "2026-11-15T00:00:00Z";

export interface RecordedPage {
  readonly project: string;
  /** Where it was, after redirects: relative links count from here. */
  readonly url: string;
  readonly type: string;
  /** Name of the file below `pages/`. */
  readonly file: string;
}

export interface Recording {
  /** ISO 8601. */
  readonly recordedAt: string;
  /** False where the index gives no upload times: then the versions are those of `recordedAt`. */
  readonly cutOffHolds: boolean;
  readonly pages: readonly RecordedPage[];
  /** Names of the wheels below `files/`; each has a twin `<name>.metadata`. */
  readonly wheels: readonly string[];
}

/** One file of a page, as the JSON form of the Simple API names it (PEP 691, 700, 714). */
export type PageFile = Record<string, unknown> & { filename: string; url: string };

export interface Page {
  readonly project: string;
  readonly meta: Record<string, unknown>;
  readonly versions?: readonly string[];
  readonly files: readonly PageFile[];
}

/** Throws with what to type when there is no recording yet. */
export function readRecording(folder: string = recordingFolder): Recording {
  const file = join(folder, "recording.json");
  if (!existsSync(file)) throw new Error("There is no recording of the index yet. Make one (this needs the network): bun bench/record.ts");
  return JSON.parse(readFileSync(file, "utf8")) as Recording;
}

/** A page with absolute file URLs, without files newer than the cut-off date; wheels that are held get their metadata twin. */
export function readPage(page: RecordedPage, wheels: ReadonlySet<string>, folder: string = recordingFolder): Page {
  const text = readFileSync(join(folder, "pages", page.file), "utf8");
  const raw = page.type.endsWith("+json") ? fromJson(text, page) : fromHtml(text, page);
  const limit = Date.parse(cutOff);
  const files = raw.files
    .filter((file) => typeof file["upload-time"] !== "string" || Date.parse(file["upload-time"]) < limit)
    .map((file) => (wheels.has(file.filename) ? withTwin(file, folder) : file));
  return { ...raw, files };
}

function withTwin(file: PageFile, folder: string): PageFile {
  const twin = {
    sha256: createHash("sha256")
      .update(readFileSync(join(folder, "files", `${file.filename}.metadata`)))
      .digest("hex"),
  };
  const stated = file["core-metadata"];
  if (typeof stated === "object" && stated !== null && (stated as { sha256?: string }).sha256 !== twin.sha256) {
    throw new Error(`The metadata taken from ${file.filename} is not what the index states`);
  }
  return { ...file, size: file["size"] ?? statSync(join(folder, "files", file.filename)).size, "core-metadata": twin };
}

function fromJson(text: string, { project, url }: RecordedPage): Page {
  const parsed = JSON.parse(text) as { meta: Record<string, unknown>; versions?: string[]; files: PageFile[] };
  const files = parsed.files.map((file) => ({ ...file, url: new URL(file.url, url).href }));
  return { project, meta: parsed.meta, ...(parsed.versions === undefined ? {} : { versions: parsed.versions }), files };
}

/** The links of an HTML page (PEP 503, 592, 658, 714). What it does not say (mostly sizes) stays unsaid; some indexes add upload times. */
function fromHtml(text: string, { project, url }: RecordedPage): Page {
  const files: PageFile[] = [];
  for (const [, attributes = "", label = ""] of text.matchAll(/<a\b((?:[^>"]|"[^"]*")*)>([^<]*)<\/a>/g)) {
    const of = new Map([...attributes.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, name = "", value = ""]) => [name, unescape(value)]));
    const target = new URL(of.get("href") ?? "", url);
    const [algorithm, digest] = target.hash.slice(1).split("=");
    target.hash = "";
    const file: PageFile = {
      filename: unescape(label).trim(),
      url: target.href,
      hashes: algorithm && digest ? { [algorithm]: digest } : {},
    };
    const requires = of.get("data-requires-python");
    if (requires !== undefined) file["requires-python"] = requires;
    const twin = of.get("data-core-metadata") ?? of.get("data-dist-info-metadata");
    if (twin !== undefined) file["core-metadata"] = twin.startsWith("sha256=") ? { sha256: twin.slice(7) } : true;
    const uploaded = of.get("data-upload-time");
    if (uploaded !== undefined) file["upload-time"] = uploaded;
    file["yanked"] = of.has("data-yanked") ? of.get("data-yanked") || true : false;
    files.push(file);
  }
  return { project, meta: { "api-version": "1.0" }, files };
}

function unescape(text: string): string {
  return text
    .replace(/&lt;/g, "<")
    .replace(/&gt;/g, ">")
    .replace(/&quot;/g, '"')
    .replace(/&#39;|&#x27;/g, "'")
    .replace(/&amp;/g, "&");
}
