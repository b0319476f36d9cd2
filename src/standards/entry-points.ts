import { PenError, excerpt } from "#foundation";

/** A named object that a distribution offers to others; in the groups `console_scripts` and `gui_scripts`, a command. */
export interface EntryPoint {
  readonly group: string;
  readonly name: string;
  /** Dotted. A value that has not the form of an object reference stands here whole (some groups keep other things there). */
  readonly module: string;
  /** Dotted; empty when the value names only a module. */
  readonly attribute: string;
  readonly extras: readonly string[];
}

/**
 * Reads entry_points.txt (the entry points specification): the INI dialect of Python's `configparser` with '=' as its only
 * delimiter, names as they are written, lines that are indented deeper than their key continuing its value, `#` and `;`
 * beginning a line of comment. A section may come again; a name may only come again with the same value.
 *
 * Throws INVALID_ENTRY_POINT, with the line, for everything that two readers could understand differently: text outside a
 * section, lines without '=', a second value, a `[DEFAULT]` section, control characters and Unicode line breaks.
 */
export function parseEntryPoints(text: string): EntryPoint[] {
  const values = new Map<string, Map<string, string>>();
  for (const { section, name, lines, line } of readOptions(text)) {
    let group = values.get(section);
    if (group === undefined) values.set(section, (group = new Map()));
    const value = lines.join("\n").trimEnd();
    const known = group.get(name);
    if (known !== undefined && known !== value)
      throw invalidFile(line, `The name ${excerpt(name)} already has another value in this section.`);
    group.set(name, value);
  }
  return [...values].flatMap(([group, options]) => Array.from(options, ([name, value]) => toEntryPoint(group, name, value)));
}

interface Option {
  readonly section: string;
  readonly name: string;
  readonly lines: string[];
  /** Counted from 1. */
  readonly line: number;
}

/** NUL to US except tab and line breaks, DEL to NEL and the rest of C1, and the Unicode line breaks that some readers split at. */
const ambiguous = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u2028\u2029]/;

function readOptions(text: string): Option[] {
  const options: Option[] = [];
  let section: string | undefined;
  let current: Option | undefined;
  let indent = 0;
  const lines = text.replace(/^\ufeff/, "").split(/\r\n|\r|\n/);
  for (const [at, raw] of lines.entries()) {
    const line = at + 1;
    const content = raw.trim();
    if (ambiguous.test(raw)) throw invalidFile(line, "It holds a control character.");
    if (content.startsWith("#") || content.startsWith(";")) continue;
    if (content === "") {
      current?.lines.push("");
      continue;
    }
    const depth = raw.length - raw.trimStart().length;
    if (current !== undefined && depth > indent) {
      current.lines.push(content);
      continue;
    }
    indent = depth;
    const header = readHeader(content, line);
    if (header !== undefined) {
      section = header;
      current = undefined;
      continue;
    }
    current = readOption(content, section, line);
    options.push(current);
  }
  return options;
}

function readHeader(content: string, line: number): string | undefined {
  if (!content.startsWith("[")) return undefined;
  const name = content.slice(1, -1);
  if (!content.endsWith("]") || name === "" || /[[\]]/.test(name)) throw invalidFile(line, `${excerpt(content)} is not a section header.`);
  if (name === "DEFAULT") throw invalidFile(line, "A [DEFAULT] section would add its entries to every other one.");
  return name;
}

function readOption(content: string, section: string | undefined, line: number): Option {
  if (section === undefined) throw invalidFile(line, "It stands before the first section.");
  const equals = content.indexOf("=");
  if (equals < 0) throw invalidFile(line, `${excerpt(content)} is not of the form name = value.`);
  const name = content.slice(0, equals).trimEnd();
  if (name === "") throw invalidFile(line, "There is no name before '='.");
  return { section, name, lines: [content.slice(equals + 1).trim()], line };
}

// Functions, so that the tables of Unicode are read when an entry point is, not at every start.
const objectReference = (): RegExp => /^([\p{XID_Continue}.]+)[ \t]*(?::[ \t]*([\p{XID_Continue}.]+)[ \t]*)?(?:\[([^[\]\n]*)\])?$/u;

function toEntryPoint(group: string, name: string, value: string): EntryPoint {
  const match = objectReference().exec(value);
  if (match === null) return { group, name, module: value, attribute: "", extras: [] };
  const extras = (match[3] ?? "").split(",").map((extra) => extra.trim());
  return { group, name, module: match[1] ?? "", attribute: match[2] ?? "", extras: extras.filter((extra) => extra !== "") };
}

/** The words that Python (any 3.x) does not take as names. */
const keywords: ReadonlySet<string> = new Set(
  (
    "False None True and as assert async await break class continue def del elif else except finally for from " +
    "global if import in is lambda nonlocal not or pass raise return try while with yield"
  ).split(" "),
);

/** Nearly all names: neither the tables of Unicode nor its normal forms are needed for them. */
const plainIdentifier = /^[A-Za-z_][A-Za-z0-9_]*$/;
const identifier = (): RegExp => /^[\p{XID_Start}_]\p{XID_Continue}*$/u;
/** What no file system pen runs on would take as one harmless name: separators, what Windows forbids, control and direction characters. */
const unsafeInName = (): RegExp => /[/\\<>:"|?*\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]/u;
const maxNameBytes = 255;

/**
 * Checks an entry point that becomes a command: its name turns into a file's name in the environment's `bin`, module and
 * attribute into lines of Python. Throws INVALID_ENTRY_POINT unless
 * - the name is one plain file name: not empty, `.` or `..`, without separators, control characters and the characters
 *   that Windows forbids, at most 255 bytes, not ending in a dot or blank, and not beginning with '-' (every tool would
 *   take such a command for an option);
 * - module and attribute are dotted Python identifiers, none of them a keyword, and both are there.
 */
export function validateScriptEntryPoint(entryPoint: EntryPoint): void {
  const problem = nameProblem(entryPoint.name) ?? referenceProblem(entryPoint);
  if (problem === undefined) return;
  throw new PenError("INVALID_ENTRY_POINT", `The command ${excerpt(entryPoint.name)} cannot be made`, {
    why: problem,
    hint: "The distribution is broken or hostile: do not install it.",
    data: { group: entryPoint.group },
  });
}

/** Nearly all names, with nothing in them that any file system or shell minds. */
const plainName = /^[A-Za-z0-9_](?:[A-Za-z0-9_.+-]*[A-Za-z0-9_+-])?$/;

function nameProblem(name: string): string | undefined {
  if (name.length <= maxNameBytes && plainName.test(name)) return undefined;
  if (name === "" || name === "." || name === "..") return "Its name is empty or means a folder.";
  if (unsafeInName().test(name)) return "Its name holds a path separator, a control character or one that Windows forbids.";
  if (name.startsWith("-")) return "Its name begins with '-', as options do.";
  if (/^\s|[\s.]$/.test(name)) return "Its name begins or ends with a blank, or ends with a dot.";
  if (new TextEncoder().encode(name).length > maxNameBytes) return `Its name is longer than ${maxNameBytes} bytes.`;
  return undefined;
}

function referenceProblem({ module, attribute }: EntryPoint): string | undefined {
  if (attribute === "") return `${excerpt(module)} is not of the form module:function.`;
  for (const part of [...module.split("."), ...attribute.split(".")]) {
    const isPlain = plainIdentifier.test(part);
    if (!isPlain && !identifier().test(part)) return `${excerpt(part)} is not a Python name.`;
    if (keywords.has(isPlain ? part : part.normalize("NFKC"))) return `${excerpt(part)} is a keyword of Python.`;
  }
  return undefined;
}

function invalidFile(line: number, why: string): PenError {
  return new PenError("INVALID_ENTRY_POINT", `Line ${line} of entry_points.txt cannot be read`, { why, data: { line } });
}
