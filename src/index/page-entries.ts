/**
 * The files of a JSON page as the page states them, each as its own piece of the text: of thousands, few are ever looked at, and only those are
 * understood. A page in any other form than the usual one is read whole, as {@link parsePage} does it.
 */
import { isAllowedLink, linkResolver, parsePage, readEntry, readFrame, kindOf, type PageFile, type PageSource } from "./page.ts";

/** A file by name, and what else is said of it: understood, or as a piece of the page, which is valid JSON. */
export interface ListedFile {
  readonly filename: string;
  readonly kind: PageFile["kind"];
  readonly entry: PageFile | string;
}

// An object whose values are strings without escapes, numbers, words, or objects of strings. Each alternative begins with another character:
// nothing is tried twice. Real ones have ten fields.
const text = String.raw`"[^"\\\u0000-\u001f]*"`;
const inner = String.raw`${text}:(?:${text}|true|false|null)`;
const value = String.raw`(?:${text}|0|[1-9]\d{0,15}|true|false|null|\{(?:${inner}(?:,${inner}){0,16})?\})`;
const plainEntry = new RegExp(String.raw`\{${text}:${value}(?:,${text}:${value}){0,32}\}`, "y");

const longestEntry = 16 * 1024;
const filesMark = '"files":[';
const filenameMark = '"filename":"';

/** The files on a page; errors as those of {@link parsePage}. */
export function listFiles(page: string, source: PageSource): ListedFile[] {
  return listPieces(page, source) ?? parsePage(page, source).map((file) => ({ filename: file.filename, kind: file.kind, entry: file }));
}

/** Undefined for a page of another form, or one that may not say what it says: that takes a closer look. */
function listPieces(page: string, source: PageSource): ListedFile[] | undefined {
  const mark = page.indexOf(filesMark);
  if (mark < 0 || !isJson(source)) return undefined;
  const isGood = originJudge(source);
  const files: ListedFile[] = [];
  const start = mark + filesMark.length;
  let at = start;
  for (;;) {
    plainEntry.lastIndex = at;
    if (!plainEntry.test(page)) break;
    const end = plainEntry.lastIndex;
    const entry = page.slice(at, end);
    const filename = textOf(entry, filenameMark);
    const url = textOf(entry, '"url":"');
    if (filename === undefined || url === undefined || entry.length > longestEntry || !isGood(url)) return undefined;
    // Named twice, it would be the second one.
    if (entry.lastIndexOf(filenameMark) !== entry.indexOf(filenameMark)) return undefined;
    const kind = kindOf(filename);
    if (kind !== undefined) files.push({ filename, kind, entry });
    at = end;
    if (page.charCodeAt(at) !== 44) break;
    at += 1;
  }
  // What stands around the files is valid without them, and they are those of the page itself.
  const isWhole = at > start && page.charCodeAt(at) === 93 && readFrame(page.slice(0, start) + page.slice(at), source);
  return isWhole ? files : undefined;
}

function isJson({ contentType }: PageSource): boolean {
  return contentType.startsWith("application/vnd.pypi.simple.v1+json") || contentType.startsWith("application/json");
}

/** The value of a field that is text; undefined when it is not. */
function textOf(entry: string, field: string): string | undefined {
  const at = entry.indexOf(field);
  return at < 0 ? undefined : entry.slice(at + field.length, entry.indexOf('"', at + field.length));
}

/** Whether a URL leads to a place to which the page may lead. Few places are named, so each is looked at once. */
function originJudge(source: PageSource): (url: string) => boolean {
  let known: string | undefined;
  const resolve = linkResolver(source.url);
  return (url) => {
    if (known !== undefined && url.startsWith(known)) return true;
    const link = url.startsWith("http") ? resolve(url) : undefined;
    const end = url.indexOf("/", "https://".length) + 1;
    // The path is what it is; where a hash decides whether a link may be followed, it has to be read.
    if (
      link === undefined ||
      end === 0 ||
      !link.url.startsWith(url.slice(0, end)) ||
      !isAllowedLink(link, { base: source.url, hashes: {} })
    )
      return false;
    known = url.slice(0, end);
    return true;
  };
}

/** Understands pieces of a page at `url`: the file, or undefined for one that may not be followed. */
export function pieceReader(url: string): (entry: Record<string, unknown>) => PageFile | undefined {
  const resolve = linkResolver(url);
  return (entry) => readEntry(entry, { base: url, resolve });
}
