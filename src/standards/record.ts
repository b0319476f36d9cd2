import { PenError, excerpt } from "#foundation";

/** One line of RECORD: a file that belongs to an installed distribution. */
export interface RecordEntry {
  /** As written: relative to the folder that holds the `.dist-info`, with '/', or absolute. Not yet safe to use. */
  readonly path: string;
  /** `digest` is URL-safe base64 without padding. */
  readonly hash?: { readonly algorithm: string; readonly digest: string };
  /** Bytes. */
  readonly size?: number;
}

/**
 * Reads RECORD (PEP 376, 427 and the recording-projects page of the packaging guide): CSV rows of path, hash and size, quoted as Python's
 * `csv` module does. Blank lines are skipped; hash and size may be missing or empty.
 *
 * Throws INVALID_RECORD for broken quoting, rows of more than three fields, an empty path or one with NUL, a hash that is
 * not `algorithm=digest` and a size that is no number. The paths themselves are not judged: absolute ones and `..` are
 * legal in an environment and fatal in a wheel, which only the caller can know.
 */
export function parseRecord(text: string): RecordEntry[] {
  const entries: RecordEntry[] = [];
  const cursor = { at: text.startsWith("\ufeff") ? 1 : 0, line: 1 };
  while (cursor.at < text.length) {
    const { line } = cursor;
    const fields = readRow(text, cursor);
    if (fields.length > 1 || fields[0] !== "") entries.push(toEntry(fields, line));
  }
  return entries;
}

interface RowCursor {
  at: number;
  line: number;
}

function readRow(text: string, cursor: RowCursor): string[] {
  const fields: string[] = [];
  const { line } = cursor;
  for (;;) {
    fields.push(text[cursor.at] === '"' ? readQuoted(text, cursor) : readPlain(text, cursor));
    const next = text[cursor.at];
    if (next === ",") {
      if (fields.length === 3) throw invalidRecord(line, "It has more than three fields.");
      cursor.at += 1;
      continue;
    }
    if (next === "\r" && text[cursor.at + 1] === "\n") cursor.at += 1;
    if (next !== undefined) {
      cursor.at += 1;
      cursor.line += 1;
    }
    return fields;
  }
}

function readPlain(text: string, cursor: RowCursor): string {
  const start = cursor.at;
  let end = start;
  while (end < text.length && !isFieldEnd(text.charCodeAt(end))) end += 1;
  cursor.at = end;
  return text.slice(start, end);
}

/** Comma, LF or CR. */
function isFieldEnd(code: number): boolean {
  return code === 44 || code === 10 || code === 13;
}

function readQuoted(text: string, cursor: RowCursor): string {
  const { line } = cursor;
  const pieces: string[] = [];
  let start = cursor.at + 1;
  for (;;) {
    const quote = text.indexOf('"', start);
    if (quote < 0) throw invalidRecord(line, "A quoted field has no closing quote.");
    pieces.push(text.slice(start, quote));
    if (text[quote + 1] === '"') {
      pieces.push('"');
      start = quote + 2;
      continue;
    }
    if (quote + 1 < text.length && !isFieldEnd(text.charCodeAt(quote + 1)))
      throw invalidRecord(line, "Text follows the closing quote of a field.");
    cursor.at = quote + 1;
    const field = pieces.join("");
    cursor.line += field.split("\n").length - 1;
    return field;
  }
}

const hashText = /^([A-Za-z0-9_-]{1,32})=([A-Za-z0-9_-]{1,256})={0,2}$/;
const sizeText = /^\d{1,15}$/;

function toEntry(fields: readonly string[], line: number): RecordEntry {
  const [path = "", hash = "", size = ""] = fields;
  if (path === "") throw invalidRecord(line, "The path is empty.");
  if (path.includes("\0")) throw invalidRecord(line, "The path holds a NUL character.");
  const match = hashText.exec(hash);
  if (hash !== "" && match === null) throw invalidRecord(line, `${excerpt(hash)} is not a hash of the form algorithm=digest.`);
  if (size !== "" && !sizeText.test(size)) throw invalidRecord(line, `${excerpt(size)} is not a size in bytes.`);
  return {
    path,
    ...(match === null ? {} : { hash: { algorithm: (match[1] ?? "").toLowerCase(), digest: match[2] ?? "" } }),
    ...(size === "" ? {} : { size: Number(size) }),
  };
}

function invalidRecord(line: number, why: string): PenError {
  return new PenError("INVALID_RECORD", `Line ${line} of RECORD cannot be read`, { why, data: { line } });
}

/** Writes RECORD in the order of the entries, one line each ended by LF, quoted where Python's `csv` module would. */
export function formatRecord(entries: Iterable<RecordEntry>): string {
  const lines: string[] = [];
  for (const { path, hash, size } of entries) {
    lines.push(`${quoteField(path)},${hash === undefined ? "" : `${hash.algorithm}=${hash.digest}`},${size ?? ""}\n`);
  }
  return lines.join("");
}

function quoteField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
}
