/** From the text of an index page to the files it offers: the Simple API in JSON (PEP 691, 700, 714) and HTML (PEP 503, 592, 658), and flat HTML pages. */
import { type Emit, PenError, printableLine, warn } from "#foundation";
import {
  parseHash,
  tryNormalizeName,
  tryParseSdistFilename,
  tryParseVersion,
  tryParseWheelFilename,
  wheelVersionsOf,
  versionText,
  type NormalizedName,
  type Version,
} from "#standards";
import { scanHtml } from "./html.ts";
import type { IndexFile } from "./types.ts";
import { decodeOnce, fileNameOf, isLoopback, shownUrl } from "./urls.ts";

/** A file as a page lists it: a distribution, or one of the forms that came before. */
export type PageFile = Omit<IndexFile, "index" | "kind"> & { readonly kind: IndexFile["kind"] | "other" };

export interface PageSource {
  /** After redirects: links count from here. */
  readonly url: string;
  readonly contentType: string;
  readonly emit: Emit;
}

/** What pen asks for: JSON first, then HTML (PEP 691). */
export const acceptedPages = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1";

/**
 * The distributions on a page, also those of forms that nothing installs any more; links to anything else are dropped. Throws NETWORK for content that is no index page and for a
 * major version of the API that pen does not know (PEP 629).
 */
export function parsePage(text: string, source: PageSource): PageFile[] {
  const type = source.contentType.split(";", 1)[0]?.trim().toLowerCase() ?? "";
  if (type === "application/vnd.pypi.simple.v1+json" || type === "application/json") return parseJson(text, source);
  if (type === "application/vnd.pypi.simple.v1+html" || type === "text/html" || type === "application/xhtml+xml")
    return parseHtml(text, source);
  throw notAPage(source, `Its type is ${printableLine(type === "" ? "not given" : type)}, and not a JSON or HTML page.`);
}

function notAPage(source: PageSource, why: string): PenError {
  return new PenError("NETWORK", `${shownUrl(source.url)} is not a page of an index`, {
    why,
    hint: "Check that the URL is the one of a Simple API: it usually ends with /simple/.",
    data: { url: shownUrl(source.url) },
  });
}

function checkApiVersion(version: unknown, source: PageSource): void {
  if (version === undefined) return;
  const match = typeof version === "string" ? /^(\d{1,6})\.(\d{1,6})$/.exec(version) : null;
  if (match === null) throw notAPage(source, "Its API version is not a version number.");
  if (match[1] !== "1") throw notAPage(source, `It speaks version ${match[0]} of the Simple API; this pen knows version 1.`);
  if (Number(match[2]) > 4)
    warn(
      source.emit,
      "newer-index-api",
      `${shownUrl(source.url)} speaks version ${match[0]} of the Simple API; pen ignores what is new in it.`,
    );
}

function parseJson(text: string, source: PageSource): PageFile[] {
  const resolve = linkResolver(source.url);
  return readFiles(text, source).flatMap((entry) => (isRecord(entry) ? (readEntry(entry, { base: source.url, resolve }) ?? []) : []));
}

/** True for a page that is in order and has no files. Errors as those of {@link parsePage}. */
export function readFrame(text: string, source: PageSource): boolean {
  return readFiles(text, source).length === 0;
}

function readFiles(text: string, source: PageSource): readonly unknown[] {
  let page: unknown;
  try {
    page = JSON.parse(text);
  } catch (error) {
    throw notAPage(source, `It is not valid JSON: ${printableLine(error instanceof Error ? error.message : "unknown")}`);
  }
  if (!isRecord(page)) throw notAPage(source, "Its JSON is no object.");
  checkApiVersion(isRecord(page["meta"]) ? page["meta"]["api-version"] : undefined, source);
  if (!Array.isArray(page["files"])) throw notAPage(source, "Its JSON has no list of files.");
  return page["files"] as unknown[];
}

/** One file of a JSON page; undefined for one that is none, or may not be followed. */
export function readEntry(
  entry: Record<string, unknown>,
  { base, resolve }: { readonly base: string; readonly resolve: ReturnType<typeof linkResolver> },
): PageFile | undefined {
  const { filename, url } = entry;
  if (typeof filename !== "string" || typeof url !== "string") return undefined;
  const link = resolve(url);
  const kind = kindOf(filename);
  if (kind === undefined || link === undefined) return undefined;
  const stated = readHashes(entry["hashes"]);
  const hashes = link.hashes === noHashes ? stated : { ...link.hashes, ...stated };
  if (!isAllowedLink(link, { base, hashes })) return undefined;
  return {
    filename,
    kind,
    url: link.url,
    hashes,
    size: readSize(entry["size"]),
    requiresPython: readText(entry["requires-python"]),
    yanked: readYanked(entry["yanked"]),
    uploadTime: readTime(entry["upload-time"]),
    metadata: readTwin(entry["core-metadata"] ?? entry["dist-info-metadata"] ?? entry["data-dist-info-metadata"]),
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function readText(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function readSize(value: unknown): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

function readYanked(value: unknown): string | undefined {
  if (value === true) return "";
  return typeof value === "string" ? value : undefined;
}

function readTime(value: unknown): number | undefined {
  if (typeof value !== "string" || value.length > 64) return undefined;
  // A time without a zone is UTC, on every machine.
  const time = Date.parse(/[Tt][^Zz+-]*$/.test(value) ? `${value}Z` : value);
  return Number.isNaN(time) ? undefined : time;
}

function readTwin(value: unknown): Readonly<Record<string, string>> | undefined {
  if (value === true) return {};
  return isRecord(value) ? readHashes(value) : undefined;
}

/** Only well-formed digests of known algorithms. */
function readHashes(value: unknown): Record<string, string> {
  const hashes: Record<string, string> = {};
  if (!isRecord(value)) return hashes;
  for (const algorithm in value) {
    const digest = value[algorithm];
    if (typeof digest === "string") addHash(hashes, algorithm, digest);
  }
  return hashes;
}

const sha256Digest = /^[0-9a-f]{64}$/;

function addHash(hashes: Record<string, string>, algorithm: string, digest: string): void {
  // The usual case, without making an error for each of thousands of files.
  if (algorithm === "sha256" && sha256Digest.test(digest)) {
    hashes["sha256"] = digest;
    return;
  }
  try {
    const hash = parseHash(`${algorithm}:${digest}`);
    hashes[hash.algorithm] = hash.digest;
  } catch {
    // A digest that nothing can have protects nobody.
  }
}

function parseHtml(text: string, source: PageSource): PageFile[] {
  const page = scanHtml(text);
  checkApiVersion(page.apiVersion, source);
  const base = page.base !== undefined && URL.canParse(page.base, source.url) ? new URL(page.base, source.url).href : source.url;
  const resolve = linkResolver(base);
  const files: PageFile[] = [];
  for (const { href, attributes } of page.links) {
    const link = resolve(href);
    if (link === undefined || !isAllowedLink(link, { base: source.url, hashes: link.hashes })) continue;
    const filename = fileNameOf(link.url);
    const kind = filename === undefined ? undefined : kindOf(filename);
    if (filename === undefined || kind === undefined) continue;
    files.push({
      filename,
      kind,
      url: link.url,
      hashes: link.hashes,
      size: undefined,
      requiresPython: readText(attributes.get("data-requires-python")),
      yanked: attributes.get("data-yanked"),
      uploadTime: undefined,
      metadata: readTwinAttribute(attributes.get("data-core-metadata") ?? attributes.get("data-dist-info-metadata")),
    });
  }
  return files;
}

function readTwinAttribute(value: string | undefined): Readonly<Record<string, string>> | undefined {
  if (value === undefined || value === "" || value === "false") return undefined;
  const hashes: Record<string, string> = {};
  const at = value.indexOf("=");
  if (at > 0) addHash(hashes, value.slice(0, at), value.slice(at + 1));
  return hashes;
}

export interface Link {
  /** Absolute, without fragment and credentials. */
  readonly url: string;
  readonly hashes: Readonly<Record<string, string>>;
}

const noHashes: Readonly<Record<string, string>> = {};

/** URL parsing is most of the price of a page: links that are absolute and plain are taken as they are, relative ones share their folder. */
export function linkResolver(base: string): (href: string) => Link | undefined {
  return (href) => {
    const mark = href.indexOf("#");
    const plain = (mark < 0 ? href : href.slice(0, mark)).trim();
    const hashes = mark < 0 ? noHashes : readFragment(href.slice(mark + 1));
    if (plainUrl.test(plain)) return { url: plain, hashes };
    if (plain.length > 8192 || !URL.canParse(plain, base)) return undefined;
    const url = new URL(plain, base);
    if (url.protocol !== "https:" && url.protocol !== "http:" && url.protocol !== "file:") return undefined;
    url.username = "";
    url.password = "";
    return { url: url.href, hashes };
  };
}

/** Nothing in it that URL parsing would change: no credentials, port, query, dots-only segments or escapes. */
const plainUrl = /^https:\/\/[a-z0-9-]+(?:\.[a-z0-9-]+)+(?:\/[A-Za-z0-9_+~-][A-Za-z0-9_.+~-]*)+$/;

function readFragment(fragment: string): Record<string, string> {
  const hashes: Record<string, string> = {};
  for (const part of fragment.split("&")) {
    const at = part.indexOf("=");
    if (at > 0 && at < 10) addHash(hashes, part.slice(0, at).toLowerCase(), decodeOnce(part.slice(at + 1)) ?? "");
  }
  return hashes;
}

/** A server may not name files of this machine, and a page that came safely may lead to plain http only for content with a hash. */
export function isAllowedLink(link: Link, page: { readonly base: string; readonly hashes: Readonly<Record<string, string>> }): boolean {
  if (link.url.startsWith("https:")) return true;
  if (link.url.startsWith("file:")) return page.base.startsWith("file:");
  return !page.base.startsWith("https:") || page.hashes["sha256"] !== undefined || isLoopback(new URL(link.url));
}

/** By its name; undefined for a file that is no distribution. */
export function kindOf(filename: string): PageFile["kind"] | undefined {
  if (filename.length > 512) return undefined;
  if (filename.endsWith(".whl")) return "wheel";
  if (/\.(?:tar\.gz|zip|tgz|tar\.bz2|tbz|tar\.xz|txz|tar)$/.test(filename)) return "sdist";
  return /\.(?:egg|exe|msi|rpm|deb|dmg|tar\.Z)$/.test(filename) ? "other" : undefined;
}

/** For the files of a page: the version that each is of, or undefined when it is not a distribution of exactly this project. */
export function versionsOfFiles(name: NormalizedName): (filename: string) => Version | undefined {
  const wheels = wheelVersionsOf(name);
  return (filename) => (filename.endsWith(".whl") ? wheels(filename) : tryParseSdistFilename(filename, name)?.version);
}

/**
 * Which of the versions a file is of that is no distribution by its name (`name-1.0-py2.7.egg`, `name-1.0.win32-py2.7.exe`, `name-1.0.linux-x86_64.tar.gz`): the
 * longest that it can mean. `"unknown"` for a file of the project whose version is none.
 */
export function versionOfOtherFile(filename: string, name: NormalizedName, versions: ReadonlySet<string>): string | undefined {
  const start = startOf(filename, name);
  if (start === undefined) return undefined;
  const rest = filename.slice(start);
  for (let end = rest.length; end > 0; end = Math.max(rest.lastIndexOf("-", end - 1), rest.lastIndexOf(".", end - 1))) {
    const version = tryParseVersion(rest.slice(0, end));
    if (version !== undefined && versions.has(versionText(version))) return versionText(version);
  }
  return "unknown";
}

/** Where the version begins: behind the first part that is the name of the project. */
function startOf(filename: string, name: NormalizedName): number | undefined {
  for (let at = filename.indexOf("-"); at > 0 && at <= name.length * 2; at = filename.indexOf("-", at + 1))
    if (tryNormalizeName(filename.slice(0, at)) === name) return at + 1;
  return undefined;
}

/** The project that a file in a flat folder or page is of. */
export function projectOfFile(filename: string): NormalizedName | undefined {
  return filename.endsWith(".whl") ? tryParseWheelFilename(filename)?.name : tryParseSdistFilename(filename)?.name;
}
