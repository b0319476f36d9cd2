import { inlinePairs, tomlLayout, type TomlPair, type TomlRange, type TomlSection } from "./layout.ts";
import { keyText, valueText, type WritableToml } from "./writing.ts";

/** The text with a range of it replaced. */
export function splice(text: string, { start, end }: TomlRange, by: string): string {
  return text.slice(0, start) + by + text.slice(end);
}

/** How the lines of a file end: as the first one does. */
export function newlineOf(text: string): "\n" | "\r\n" {
  return /^[^\n]*\r\n/.test(text) ? "\r\n" : "\n";
}

/** The start of the line that a place stands in. */
export function lineStart(text: string, at: number): number {
  return text.lastIndexOf("\n", at - 1) + 1;
}

/** Behind the end of the line that a place stands in. */
export function lineEnd(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  return end < 0 ? text.length : end + 1;
}

/** Whole lines put in at the start of a line, or at the end of the text, whose last line is ended first. */
export function insertLines(text: string, at: number, lines: readonly string[]): string {
  const newline = newlineOf(text);
  const before = at > 0 && text[at - 1] !== "\n" && text.slice(0, at) !== "\ufeff" ? newline : "";
  return splice(text, { start: at, end: at }, before + lines.map((line) => line + newline).join(""));
}

/** Removes the lines of a range. Of blank lines that then stand on both sides one is removed too, at the end of the file all. */
export function removeLines(text: string, range: TomlRange): string {
  const start = lineStart(text, range.start);
  const end = lineEnd(text, range.end);
  const before = text.slice(0, start);
  const behind = text.slice(end);
  if (behind.trim() === "") {
    const kept = before.trimEnd();
    return kept === "" ? "" : text.slice(0, lineEnd(text, kept.length));
  }
  const blankBehind = /^[ \t]*\r?\n/.exec(behind);
  return before + (blankBehind !== null && isBlankLine(before, start) ? behind.slice(blankBehind[0].length) : behind);
}

/** Whether the line that ends before a place holds nothing. */
function isBlankLine(text: string, end: number): boolean {
  return end > 0 && text.slice(lineStart(text, end - 1), end).trim() === "";
}

/**
 * Where the next pair of a section goes: behind its pairs and the comments that follow them, before the blank lines that end it. A comment that
 * stands right above the next header belongs to that.
 */
function sectionEnd(text: string, sections: readonly TomlSection[], index: number): number {
  const section = sections[index];
  const next = sections[index + 1];
  const last = section?.pairs.at(-1)?.value.end ?? section?.header.end ?? 0;
  // The root has no header: what stands above its first pair may be the comment of the file.
  if (section?.kind === "root" && section.pairs.length === 0) return section.header.start;
  const base = lineEnd(text, last);
  const end = next === undefined ? text.length : lineStart(text, next.header.start);
  const lines = text.slice(base, end).split(/(?<=\n)/);
  const isBlank = (line: string | undefined): boolean => line !== undefined && line.trim() === "";
  if (next !== undefined) while (lines.length > 0 && !isBlank(lines.at(-1))) lines.pop();
  while (lines.length > 0 && isBlank(lines.at(-1))) lines.pop();
  return base + lines.join("").length;
}

/** A new section at the end, one blank line above it. */
export function appendSection(text: string, lines: readonly string[]): string {
  const isEmpty = text.replace("\ufeff", "").trim() === "";
  const isOpen = !isEmpty && !/\n[ \t]*\r?\n$/.test(text);
  return insertLines(text, text.length, isOpen ? ["", ...lines] : lines);
}

/** A new section behind another one, one blank line between them. */
export function insertSection(text: string, index: number, lines: readonly string[]): string {
  const sections = tomlLayout(text);
  return insertLines(text, sectionEnd(text, sections, index), ["", ...lines]);
}

/** `key = value` put at the end of a section. */
export function addPair(text: string, index: number, line: string): string {
  const sections = tomlLayout(text);
  return insertLines(text, sectionEnd(text, sections, index), [line]);
}

/** The line of a pair. */
export function pairText(path: readonly string[], value: WritableToml): string {
  return `${path.map(keyText).join(".")} = ${valueText(value)}`;
}

/** An inline table (its text, braces included) with one member set, which is added behind the others if it is new. */
export function setInline(table: string, key: string, value: WritableToml): string {
  const pairs = inlinePairs(table, whole(table));
  const found = pairs.find((pair) => pair.path.length === 1 && pair.path[0] === key);
  if (found !== undefined) return splice(table, found.value, valueText(value, table.slice(found.value.start)));
  const last = pairs.at(-1);
  const member = pairText([key], value);
  if (last === undefined) return splice(table, { start: 1, end: table.length - 1 }, member);
  return splice(table, { start: last.value.end, end: last.value.end }, `, ${member}`);
}

/** An inline table without its members that begin with a key. A comment inside stays, but for one behind what is removed. */
export function removeInline(table: string, key: string): string {
  const pairs = inlinePairs(table, whole(table));
  const at = pairs.findIndex((pair) => pair.path[0] === key);
  const [before, pair, behind] = [pairs[at - 1], pairs[at], pairs[at + 1]];
  if (pair === undefined) return table;
  if (before === undefined && behind === undefined) return "{}";
  return removeInline(splice(table, memberRange(table, pair, { before, behind }), ""), key);
}

const whole = (text: string): TomlRange => ({ start: 0, end: text.length });

/** A member with the comma that goes with it. */
function memberRange(
  table: string,
  { key, value }: TomlPair,
  { before, behind }: { readonly before: TomlPair | undefined; readonly behind: TomlPair | undefined },
): TomlRange {
  if (behind !== undefined) return { start: key.start, end: behind.key.start };
  const start = before?.value.end ?? key.start;
  if (!table.slice(start, key.start).includes("#")) return { start, end: value.end };
  // The comment between them stays, and with it the comma before: these are tables over several lines, which may end with one.
  const comma = /^\s*,/.exec(table.slice(value.end))?.[0].length ?? 0;
  return { start: key.start, end: value.end + comma };
}
