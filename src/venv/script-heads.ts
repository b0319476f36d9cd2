import { rewriteScriptShebang } from "#standards";

/** The head of a script that names its Python by a whole path. */
interface ScriptHead {
  readonly python: string;
  /** What stands between the Python and the script's name: `-sE`. */
  readonly options: string;
  /** Characters of the head, with its last line break. */
  readonly length: number;
}

const pythonName = /^(?:python|pythonw|pypy|graalpy)[\d.]*(?:[tdm]|-dbg)?$/;

/**
 * The Python that a script starts by a whole path (`#!/x/bin/python3`, or the lines for `/bin/sh` that installers write where that path is
 * too long or holds a blank); undefined for any other file, also for scripts that find their place themselves.
 */
export function scriptPython(bytes: Uint8Array): string | undefined {
  return headOf(latin1(bytes))?.python;
}

/**
 * A script that names its Python by a whole path with a head that finds the `python` beside it instead, so that it needs no other when
 * its environment moves again. All below the head stays, byte by byte. Undefined for a file that {@link scriptPython} knows none of.
 */
export function relocatableScript(bytes: Uint8Array): Uint8Array | undefined {
  const text = latin1(bytes);
  const head = headOf(text);
  if (head === undefined) return undefined;
  const line = `#!python${head.options === "" ? "" : ` ${head.options}`}\n`;
  return rewriteScriptShebang(Buffer.from(line + text.slice(head.length), "latin1"));
}

/** Latin-1 maps every byte to one character and back, whatever the script's encoding. */
function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

const utf8 = (text: string): string => Buffer.from(text, "latin1").toString("utf8");

function headOf(text: string): ScriptHead | undefined {
  if (!text.startsWith("#!")) return undefined;
  const first = lineAt(text, 0);
  return /^#![ \t]*\/bin\/sh[ \t]*$/.test(first.text) ? shellHead(text, first.end) : plainHead(first);
}

interface Line {
  readonly text: string;
  /** Where the next one begins. */
  readonly end: number;
}

function lineAt(text: string, start: number): Line {
  const at = text.indexOf("\n", start);
  const end = at < 0 ? text.length : at + 1;
  return { text: text.slice(start, at < 0 ? end : at).replace(/\r$/, ""), end };
}

/** No kernel reads further. */
const longestLine = 4096;

/** A kernel takes the first word as the program; a blank in a path (which no kernel starts) shows by the name at its end. */
function plainHead({ text, end }: Line): ScriptHead | undefined {
  const line = text.slice(2).trim();
  if (line.length > longestLine) return undefined;
  for (let at = line.search(/[ \t]|$/); at >= 0; at = at === line.length ? -1 : nextBlank(line, at + 1)) {
    const path = line.slice(0, at);
    if (isPython(path)) return { python: utf8(path), options: line.slice(at).trim(), length: end };
  }
  return undefined;
}

function nextBlank(line: string, start: number): number {
  for (let at = start; at < line.length; at += 1) if (line[at] === " " || line[at] === "\t") return at;
  return line.length;
}

function isPython(path: string): boolean {
  return path.startsWith("/") && pythonName.test(path.slice(path.lastIndexOf("/") + 1));
}

const opening = "'''exec' ";

/** `'''exec' "/x/bin/python" -s "$0" "$@"`, then `' '''` on a line of its own or `#'''` at the end. */
function shellHead(text: string, start: number): ScriptHead | undefined {
  const line = lineAt(text, start);
  if (!line.text.startsWith(opening)) return undefined;
  const word = shellWordAt(line.text, opening.length);
  if (word === undefined || !isPython(word.text)) return undefined;
  const rest = /^((?:[ \t]+-[A-Za-z]+)*)[ \t]+"\$0"[ \t]+"\$@"([ \t]*#[ \t]*''')?[ \t]*$/.exec(line.text.slice(word.end));
  if (rest === null) return undefined;
  const closing = rest[2] === undefined ? lineAt(text, line.end) : undefined;
  if (closing !== undefined && closing.text.trim() !== "' '''") return undefined;
  return { python: utf8(word.text), options: (rest[1] ?? "").trim(), length: closing?.end ?? line.end };
}

/** One word as sh reads it, quotes taken off; undefined for one that sh would still have to compute. */
function shellWordAt(line: string, start: number): { readonly text: string; readonly end: number } | undefined {
  let text = "";
  let quote = "";
  for (let at = start; at < line.length; at += 1) {
    const char = line[at] ?? "";
    if (quote === "" && (char === " " || char === "\t")) return { text, end: at };
    if (char === "`" || (char === "$" && quote !== "'" && line[at + 1] === "(")) return undefined;
    if (char === quote) quote = "";
    else if (quote === "" && (char === "'" || char === '"')) quote = char;
    else if (char === "\\" && quote !== "'") text += line[(at += 1)] ?? "";
    else text += char;
  }
  return undefined;
}
