/** One header as it stands in the file: the field's name in lower case and its value with folded lines put right. */
export interface MetadataHeader {
  readonly name: string;
  readonly value: string;
}

export interface MetadataMessage {
  readonly headers: readonly MetadataHeader[];
  /** Everything after the empty line that ends the headers, as it is. */
  readonly body: string;
}

/**
 * Splits a METADATA or PKG-INFO file into headers and body, as Python's `email` package reads it (PEP 241 and the
 * core metadata specification): a line that begins with a blank continues the header before it, an empty line ends the
 * headers, and so does a line that is no header at all (the body then begins with it).
 */
export function splitMetadata(text: string): MetadataMessage {
  const headers: MetadataHeader[] = [];
  // Nearly all files have no such line breaks, and then the runtime's own search finds the ends of lines.
  const endOf = text.includes("\r") ? lineEnd : lineEndPlain;
  let folded: string[] = [];
  const finish = (): void => {
    const header = folded.length === 0 ? undefined : joinHeader(folded);
    if (header !== undefined) headers.push(header);
    folded = [];
  };
  let at = text.startsWith("\ufeff") ? 1 : 0;
  while (at < text.length) {
    const end = endOf(text, at);
    const code = text.charCodeAt(at);
    if (code === blank || code === tab) {
      if (folded.length > 0) folded.push(text.slice(at, end));
    } else if (isHeader(text, at, end)) {
      finish();
      folded = [text.slice(at, end)];
    } else {
      finish();
      const line = text.slice(at, end);
      const isEmpty = line === "\n" || line === "\r\n" || line === "\r";
      return { headers, body: text.slice(isEmpty ? end : at) };
    }
    at = end;
  }
  finish();
  return { headers, body: "" };
}

const blank = 32;
const tab = 9;
const colon = 58;

/** A field name is of printable ASCII without blanks, up to a colon. */
function isHeader(text: string, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) {
    const code = text.charCodeAt(at);
    if (code === colon) return true;
    if (code <= blank || code > 126) return false;
  }
  return false;
}

function lineEndPlain(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  return end < 0 ? text.length : end + 1;
}

/** The end of the line that begins at `at`, its line break included: LF, CR LF or CR. */
function lineEnd(text: string, at: number): number {
  for (let end = at; end < text.length; end += 1) {
    const code = text.charCodeAt(end);
    if (code === 10) return end + 1;
    if (code === 13) return text.charCodeAt(end + 1) === 10 ? end + 2 : end + 1;
  }
  return text.length;
}

function joinHeader(lines: readonly string[]): MetadataHeader | undefined {
  const [first = "", ...rest] = lines;
  const end = first.indexOf(":");
  if (end === 0) return undefined;
  const name = first.slice(0, end).toLowerCase();
  let start = end + 1;
  while (first.charCodeAt(start) === blank || first.charCodeAt(start) === tab) start += 1;
  const whole = rest.length === 0 ? first.slice(start) : first.slice(start) + rest.join("");
  const raw = whole.includes("\r") ? whole.replace(/\r\n?/g, "\n") : whole;
  return { name, value: unfold(trimLineBreaks(raw)) };
}

function trimLineBreaks(text: string): string {
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) === 10) end -= 1;
  return text.slice(0, end);
}

/**
 * Takes away the indentation that folding added. Writers indent by eight blanks; the specification's own form puts a '|'
 * behind seven. Other depths lose what all lines share, so that inner indentation (lists, code) stays.
 */
function unfold(value: string): string {
  if (!value.includes("\n")) return value;
  const lines = value.split("\n");
  if (lines.slice(1).every((line) => line.startsWith("       |"))) {
    return [lines[0], ...lines.slice(1).map((line) => line.slice(8))].join("\n");
  }
  return dedent([`        ${lines[0]}`, ...lines.slice(1)]);
}

/** Removes the leading blanks that all lines share; lines of nothing but blanks become empty and do not count. */
function dedent(lines: readonly string[]): string {
  const kept = lines.map((line) => (/[^ \t]/.test(line) ? line : ""));
  let margin: string | undefined;
  for (const line of kept) {
    if (line === "") continue;
    const indent = /^[ \t]*/.exec(line)?.[0] ?? "";
    margin = margin === undefined ? indent : sharedPrefix(margin, indent);
  }
  const width = margin?.length ?? 0;
  return kept.map((line) => line.slice(width)).join("\n");
}

function sharedPrefix(a: string, b: string): string {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length += 1;
  return a.slice(0, length);
}
