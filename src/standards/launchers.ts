import { validateScriptEntryPoint } from "./entry-points.ts";
import { firstLine, opening, scriptText, shellPart } from "./launcher-text.ts";

/**
 * The text of a console script: a file that runs `attribute` of `module` with the `python` beside it and ends with what it
 * returns. The same for every environment, so that one file can be linked into all of them.
 *
 * `sys.argv[0]` loses `-script.pyw` and `.exe`, as the launchers of other installers do it. Throws INVALID_ENTRY_POINT when
 * module or attribute are not dotted Python names (they become code).
 */
export function entryPointLauncher(entryPoint: { readonly module: string; readonly attribute: string }): string {
  return `${firstLine}${shellPart("")}\n${entryPointScript(entryPoint)}`;
}

/** The script in Python that such a launcher runs. Throws the same. */
export function entryPointScript({ module, attribute }: { readonly module: string; readonly attribute: string }): string {
  validateScriptEntryPoint({ group: "console_scripts", name: "command", module, attribute, extras: [] });
  return scriptText({ module, attribute });
}

/** True for a text that {@link entryPointLauncher} or {@link rewriteScriptShebang} made. */
export function isOwnLauncher(text: string): boolean {
  return text.startsWith(firstLine) && text.includes(`\n${opening}`);
}

/** `#!python`, `#!pythonw`, `#!python3`, and what follows on the line. */
const pythonShebang = /^#!pythonw?[0-9.]*(?:[ \t][^\r\n]*)?(?=\r|\n|$)/;
const encodingCookie = /coding[:=][ \t]*([-\w.]+)/;
/** A comment or a blank line. */
const prologueLine = /(?:[ \t\f]*#[^\r\n]*|[ \t\f]*)(?:\r\n|\n|\r)/y;
const docstringStart = /(?:[rR]|[uU])?(?:"|')/y;

/**
 * Gives a script of a wheel's `.data/scripts` folder, whose first line begins with `#!python` (PEP 427), the same head as
 * {@link entryPointLauncher}; undefined for a script with any other first line, which stays as it is.
 *
 * The head stands after the leading comments (so an encoding cookie of PEP 263 stays where Python looks for it, and an encoding
 * named in the first line moves to the second). A docstring stays the value of `__doc__`; only in a script that also imports
 * from `__future__`, which allows nothing but one string before it, the head becomes the beginning of that string.
 * Options on the first line (`#!python -u`) are kept when they are plain letters.
 */
export function rewriteScriptShebang(bytes: Uint8Array): Uint8Array | undefined {
  // Latin-1 maps every byte to one character and back, whatever the script's encoding.
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  const shebang = pythonShebang.exec(text)?.[0];
  if (shebang === undefined) return undefined;
  const body = text.slice(shebang.length).replace(/^(?:\r\n|\n|\r)/, "");
  const cookie = encodingCookie.exec(shebang)?.[1];
  const split = prologueEnd(body);
  const head = [firstLine, cookie === undefined ? "" : `# -*- coding: ${cookie} -*-\n`, harmlessPrologue(body.slice(0, split))].join("");
  const rest = body.slice(split);
  return Buffer.from(`${head}${shellPart(shebangOptions(shebang))}${joint(rest)}${rest}`, "latin1");
}

function prologueEnd(body: string): number {
  let end = 0;
  prologueLine.lastIndex = 0;
  while (end < body.length && prologueLine.test(body)) end = prologueLine.lastIndex;
  return end;
}

/** sh would take the form feeds and carriage returns of blank lines for commands, and a lone carriage return for no line end at all. */
function harmlessPrologue(prologue: string): string {
  return prologue.replace(/\r\n?/g, "\n").replace(/^[ \t\f]+/gm, "");
}

/** What stands between the head and the first statement of the script. */
function joint(rest: string): string {
  docstringStart.lastIndex = 0;
  if (!docstringStart.test(rest)) return "\n";
  // A backslash at the end of the line joins the two strings into one.
  return /^from[ \t]+__future__[ \t]/m.test(rest) ? " \\\n" : "\n__doc__ = ";
}

function shebangOptions(shebang: string): string {
  const options = /^#!pythonw?[0-9.]*[ \t]+(-[a-zA-Z]+(?:[ \t]+-[a-zA-Z]+)*)[ \t]*$/.exec(shebang)?.[1];
  return options === undefined ? "" : ` ${options}`;
}
