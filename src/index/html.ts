/** The little of HTML that index pages are made of: `a`, `base` and `meta` elements and their attributes. Linear in the length of the text. */

interface HtmlLink {
  readonly href: string;
  readonly attributes: ReadonlyMap<string, string>;
}

interface HtmlPage {
  readonly links: readonly HtmlLink[];
  /** `<base href>`, the first one. */
  readonly base: string | undefined;
  /** `<meta name="pypi:repository-version">`, PEP 629. */
  readonly apiVersion: string | undefined;
}

/** Elements whose content is not HTML. */
const rawElements: ReadonlySet<string> = new Set(["script", "style", "textarea", "title", "template", "noscript"]);

/** Reads the links of a page. Never fails: text that is no HTML has no links. */
export function scanHtml(text: string): HtmlPage {
  const links: HtmlLink[] = [];
  let base: string | undefined;
  let apiVersion: string | undefined;
  for (let at = text.indexOf("<"); at >= 0; at = text.indexOf("<", at)) {
    if (text.startsWith("<!--", at)) {
      const end = text.indexOf("-->", at + 4);
      if (end < 0) break;
      at = end + 3;
      continue;
    }
    const tag = readTag(text, at + 1);
    at = tag.end;
    if (tag.name === "a") {
      const href = tag.attributes.get("href");
      if (href !== undefined) links.push({ href, attributes: tag.attributes });
    } else if (tag.name === "base") base ??= tag.attributes.get("href");
    else if (tag.name === "meta" && tag.attributes.get("name") === "pypi:repository-version") apiVersion ??= tag.attributes.get("content");
    else if (rawElements.has(tag.name)) at = skipRaw(text, at, tag.name);
  }
  return { links, base, apiVersion };
}

interface Tag {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  /** The offset behind its `>`; of an unclosed tag, the end of the text. */
  readonly end: number;
}

const none: ReadonlyMap<string, string> = new Map();
const wanted: ReadonlySet<string> = new Set(["a", "base", "meta"]);

function isLetter(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90);
}

function isBlank(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13);
}

function readTag(text: string, start: number): Tag {
  if (!isLetter(text.charCodeAt(start))) {
    // An end tag or declaration runs to the next '>'; any other '<' is text.
    const mark = text[start];
    const end = mark === "/" || mark === "!" || mark === "?" ? text.indexOf(">", start) : start - 1;
    return { name: "", attributes: none, end: end < 0 ? text.length : end + 1 };
  }
  let at = start;
  while (at < text.length && !isBlank(text.charCodeAt(at)) && text[at] !== ">" && text[at] !== "/") at += 1;
  const name = at - start > 16 ? "" : text.slice(start, at).toLowerCase();
  return readAttributes(text, at, name);
}

function readAttributes(text: string, start: number, name: string): Tag {
  const attributes = wanted.has(name) ? new Map<string, string>() : undefined;
  let at = start;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === 62) return { name, attributes: attributes ?? none, end: at + 1 };
    if (isBlank(code) || code === 47) {
      at += 1;
      continue;
    }
    const keyStart = at;
    at += 1;
    while (at < text.length && !isBlank(text.charCodeAt(at)) && !"=>/".includes(text[at] ?? "")) at += 1;
    const key = text.slice(keyStart, at);
    const value = readValue(text, at);
    at = value.end;
    if (attributes !== undefined && key.length <= 64 && !attributes.has(key.toLowerCase()))
      attributes.set(key.toLowerCase(), decodeEntities(value.text));
  }
  // Never closed: what is cut off is not believed.
  return { name: "", attributes: none, end: text.length };
}

function readValue(text: string, start: number): { readonly text: string; readonly end: number } {
  let at = start;
  while (at < text.length && isBlank(text.charCodeAt(at))) at += 1;
  if (text[at] !== "=") return { text: "", end: at };
  at += 1;
  while (at < text.length && isBlank(text.charCodeAt(at))) at += 1;
  const quote = text[at];
  if (quote === '"' || quote === "'") {
    const end = text.indexOf(quote, at + 1);
    return end < 0 ? { text: "", end: text.length } : { text: text.slice(at + 1, end), end: end + 1 };
  }
  const valueStart = at;
  while (at < text.length && !isBlank(text.charCodeAt(at)) && text[at] !== ">") at += 1;
  return { text: text.slice(valueStart, at), end: at };
}

function skipRaw(text: string, start: number, name: string): number {
  for (let at = text.indexOf("</", start); at >= 0; at = text.indexOf("</", at + 2)) {
    if (text.slice(at + 2, at + 2 + name.length).toLowerCase() === name) return at;
  }
  return text.length;
}

const named: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

/** Replaces the named entities of XML and the numeric ones. */
export function decodeEntities(text: string): string {
  if (!text.includes("&")) return text;
  return text.replace(
    /&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|(amp|lt|gt|quot|apos));/g,
    (whole, decimal?: string, hex?: string, word?: string) => {
      if (word !== undefined) return named[word] ?? whole;
      const code = decimal === undefined ? Number.parseInt(hex ?? "", 16) : Number(decimal);
      return code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) ? String.fromCodePoint(code) : whole;
    },
  );
}
