import { arrayItems, type TomlRange } from "./layout.ts";
import { lineEnd, lineStart, newlineOf, splice } from "./splicing.ts";

/** A list (its text, brackets included) with an item behind the others; on a line of its own where they have one. */
export function addItem(list: string, item: string): string {
  const items = arrayItems(list, { start: 0, end: list.length });
  const last = items.at(-1);
  const close = list.length - 1;
  if (!list.includes("\n")) {
    if (last === undefined) return `[${item}]`;
    return splice(list, { start: last.end, end: last.end }, `, ${item}`);
  }
  const newline = newlineOf(list);
  if (last === undefined) {
    // Comments alone stay above it.
    const at = lineStart(list, close);
    const indent = /^[ \t]*/.exec(list.slice(at))?.[0] ?? "";
    const line = `${indent}    ${item},${newline}`;
    return at === 0 ? `[${newline}${line}${list.slice(1)}` : splice(list, { start: at, end: at }, line);
  }
  const comma = commaBehind(list, last.end);
  const withComma = comma === undefined ? splice(list, { start: last.end, end: last.end }, ",") : list;
  const start = lineStart(withComma, last.start);
  const indent = /^[ \t]*/.exec(withComma.slice(start))?.[0] ?? "";
  const behind = lineEnd(withComma, (comma ?? last.end) + 1);
  // The closing bracket in the line of the last item: the new one follows in that line.
  if (behind >= withComma.length) return splice(withComma, { start: (comma ?? last.end) + 1, end: (comma ?? last.end) + 1 }, ` ${item}`);
  return splice(withComma, { start: behind, end: behind }, `${start === 0 ? "    " : indent}${item},${newline}`);
}

/** A list without some of its items: without the line of one that has a line of its own, else without the comma that goes with it. */
export function removeItems(list: string, removed: (at: number) => boolean): string {
  const items = arrayItems(list, { start: 0, end: list.length });
  const lastKept = items.findLastIndex((_, at) => !removed(at));
  const pieces: string[] = [];
  let [done, line, kept] = [0, 0, 0];
  items.forEach((item, at) => {
    for (let next = list.indexOf("\n", line); next >= 0 && next < item.start; next = list.indexOf("\n", line)) line = next + 1;
    if (!removed(at)) {
      kept = item.end;
      return;
    }
    const { start, end } = removal(list, item, { line, kept, isBehindAll: at > lastKept, next: items[at + 1] });
    pieces.push(list.slice(done, Math.max(done, start)));
    done = Math.max(done, end);
  });
  return pieces.join("") + list.slice(done);
}

interface ItemPlace {
  /** The start of its line. */
  readonly line: number;
  /** The end of the last item before it that stays; 0 for none. */
  readonly kept: number;
  /** No item behind it stays. */
  readonly isBehindAll: boolean;
  readonly next: TomlRange | undefined;
}

function removal(list: string, item: TomlRange, { line, kept, isBehindAll, next }: ItemPlace): TomlRange {
  const comma = commaBehind(list, item.end);
  if (line > 0 && list.slice(line, item.start).trim() === "") {
    restOfLine.lastIndex = (comma ?? item.end - 1) + 1;
    const rest = restOfLine.exec(list);
    if (rest !== null) return { start: line, end: restOfLine.lastIndex };
  }
  if (!isBehindAll && next !== undefined)
    return { start: item.start, end: Math.min(next.start, skipSpaces(list, (comma ?? item.end) + 1)) };
  if (kept > line) return { start: kept, end: item.end };
  return { start: item.start, end: comma === undefined ? item.end : comma + 1 };
}

const restOfLine = /[ \t]*(?:#[^\n]*)?\r?\n/y;
const untilComma = /(?:[ \t\r\n]|#[^\n]*\n)*,/y;

function skipSpaces(text: string, at: number): number {
  let end = at;
  while (text[end] === " " || text[end] === "\t") end += 1;
  return end;
}

/** Where the comma behind an item stands, past spaces, line ends and comments. */
function commaBehind(list: string, end: number): number | undefined {
  untilComma.lastIndex = end;
  return untilComma.test(list) ? untilComma.lastIndex - 1 : undefined;
}
