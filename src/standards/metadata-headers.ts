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

const fieldName = /^[!-9;-~]*:/;

/**
 * Splits a METADATA or PKG-INFO file into headers and body, as Python's `email` package reads it (PEP 241 and the
 * core metadata specification): a line that begins with a blank continues the header before it, an empty line ends the
 * headers, and so does a line that is no header at all (the body then begins with it).
 */
export function splitMetadata(text: string): MetadataMessage {
  const headers: MetadataHeader[] = [];
  let lines: string[] = [];
  const finish = (): void => {
    const header = lines.length === 0 ? undefined : joinHeader(lines);
    if (header !== undefined) headers.push(header);
    lines = [];
  };
  let at = text.startsWith("\ufeff") ? 1 : 0;
  while (at < text.length) {
    const end = lineEnd(text, at);
    const line = text.slice(at, end);
    if (line.startsWith(" ") || line.startsWith("\t")) {
      if (lines.length > 0) lines.push(line);
    } else if (fieldName.test(line)) {
      finish();
      lines = [line];
    } else {
      finish();
      const isEmpty = line === "\n" || line === "\r\n" || line === "\r";
      return { headers, body: text.slice(isEmpty ? end : at) };
    }
    at = end;
  }
  finish();
  return { headers, body: "" };
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
  const colon = first.indexOf(":");
  if (colon === 0) return undefined;
  const raw = (first.slice(colon + 1).replace(/^[ \t]+/, "") + rest.join("")).replace(/\r\n?/g, "\n");
  return { name: first.slice(0, colon).toLowerCase(), value: unfold(trimLineBreaks(raw)) };
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
