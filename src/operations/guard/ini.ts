/**
 * pip's configuration files as text: finding `require-virtualenv`, setting it, and taking exactly that back. Every other byte stays. Text is
 * Latin-1, one character for each byte, whatever the file's encoding is.
 */
import { pipName, scanIni, type Ini } from "#standards";

/** What was done to one file, as it is remembered to be undone. */
export interface IniChange {
  /** What each of the changed sections held before; null where the option was not there. */
  readonly edits: ReadonlyArray<{ readonly section: string; readonly before: string | null }>;
  /** What stands before the section that was added at the end; undefined when none was. */
  readonly addedSection?: string;
  /** True when the header was the last line and had no line break. */
  readonly addedBreak?: boolean;
}

const option = "require-virtualenv";

/** The line above pen's own: people see where it comes from, and pen finds it again. */
export const iniNote = "# pen guard: pip installs into environments only (undo: pen guard off)";

/** The values of an option of pip by section, in the order of the file; names as pip compares them. */
export function iniValues(text: string, name: string): ReadonlyArray<{ readonly section: string; readonly value: string }> {
  return scan(text).options.filter((one) => one.name === name);
}

/** pip's word for a truth value: undefined for an empty or another text. */
export function truthOf(value: string): boolean | undefined {
  const word = value.trim().toLowerCase();
  if (["y", "yes", "t", "true", "on", "1"].includes(word)) return true;
  return ["n", "no", "f", "false", "off", "0"].includes(word) ? false : undefined;
}

/**
 * The text with `require-virtualenv` true for everything, or for what the file says of it already when not `everything`. Undefined when it
 * is so. `change` undoes it.
 */
export function requireInIni(text: string, everything: boolean): { readonly text: string; readonly change: IniChange } | undefined {
  const { lines, headers, options } = scan(text);
  const end = /\r?\n/.exec(text)?.[0] ?? "\n";
  const own = options.filter(({ name, section }) => name === option && (section === "global" || section === "install"));
  const wrong = own.filter(({ value }) => truthOf(value) !== true);
  const result = [...lines];
  for (const { key, from, to } of wrong) {
    const last = /\r?\n$/.exec(lines[to - 1] ?? "")?.[0] ?? "";
    result.fill("", from, to);
    result[from] = block(indentOf(lines[from]), end, last, key);
  }
  const edits: Array<IniChange["edits"][number]> = wrong.map(({ section, from, to }) => ({
    section,
    before: lines.slice(from, to).join(""),
  }));
  if (!everything || own.some(({ section }) => section === "global"))
    return edits.length === 0 ? undefined : { text: result.join(""), change: { edits } };
  edits.push({ section: "global", before: null });
  const header = headers.find(({ section }) => section === "global");
  if (header !== undefined) {
    const line = result[header.line] ?? "";
    const addedBreak = !line.endsWith("\n");
    // A line that is indented deeper than the one before would go on with that one's value.
    const indent = indentOf(lines.slice(header.line + 1).find((one) => /^\s*[^\s#;]/.test(one)));
    result[header.line] = `${line}${addedBreak ? end : ""}${block(indent, end, end)}`;
    return { text: result.join(""), change: addedBreak ? { edits, addedBreak } : { edits } };
  }
  const addedSection = text === "" ? "" : text.endsWith("\n") ? end : end + end;
  return { text: `${result.join("")}${addedSection}[global]${end}${block("", end, end)}`, change: { edits, addedSection } };
}

/** The text without what pen put in; what others changed meanwhile stays. Undefined when there is nothing of pen's in it. */
export function undoInIni(text: string, change: IniChange | undefined): string | undefined {
  const { lines, options } = scan(text);
  const found = lines.flatMap((line, at) => (line.trim() === iniNote ? [at] : []));
  if (found.length === 0) return undefined;
  const waiting = [...(change?.edits ?? [])];
  const result = [...lines];
  for (const at of found) {
    result[at] = "";
    const ours = options.find(({ from }) => from === at + 1);
    // A value that somebody changed is theirs from then on.
    if (ours === undefined || ours.name !== option || truthOf(ours.value) !== true || ours.to !== ours.from + 1) continue;
    const edit = waiting.findIndex(({ section }) => section === ours.section);
    const before = edit < 0 ? null : (waiting.splice(edit, 1)[0]?.before ?? null);
    result[at + 1] = before ?? "";
    // Something was written below a line that was the last one.
    if (before !== null && !before.endsWith("\n") && at + 2 < lines.length) result[at + 1] += /\r?\n$/.exec(lines[at + 1] ?? "")?.[0] ?? "";
  }
  const left = result.join("");
  if (change?.addedBreak === true) return left.replace(/(\[global\][^\r\n]*)\r?\n$/, "$1");
  return change?.addedSection === undefined ? left : withoutSection(left, change.addedSection);
}

/** Takes the added header away when nothing stands below it. */
function withoutSection(text: string, prefix: string): string {
  const { lines, headers } = scan(text);
  const at = headers.findLast(({ section }) => section === "global")?.line;
  if (at === undefined) return text;
  const next = headers.find(({ line }) => line > at)?.line ?? lines.length;
  if (
    lines
      .slice(at + 1, next)
      .join("")
      .trim() !== ""
  )
    return text;
  const above = lines.slice(0, at).join("");
  const below = lines.slice(at + 1).join("");
  return (below === "" && above.endsWith(prefix) ? above.slice(0, above.length - prefix.length) : above) + below;
}

const block = (indent: string, end: string, last: string, key: string = option): string =>
  `${indent}${iniNote}${end}${indent}${key} = true${last}`;

const indentOf = (line = ""): string => /^[ \t]*/.exec(line)?.[0] ?? "";

const scan = (text: string): Ini => scanIni(text, pipName);
