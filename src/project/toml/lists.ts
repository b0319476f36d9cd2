import { arrayItems } from "./layout.ts";
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

/** A list without one of its items: without its line, if it has one of its own, else without its comma. */
export function removeItem(list: string, at: number): string {
  const items = arrayItems(list, { start: 0, end: list.length });
  const [before, item, next] = [items[at - 1], items[at], items[at + 1]];
  if (item === undefined) return list;
  const start = lineStart(list, item.start);
  const comma = commaBehind(list, item.end);
  const end = lineEnd(list, comma ?? item.end);
  const behind = list.slice((comma ?? item.end - 1) + 1, end);
  const isAlone = start > 0 && list.slice(start, item.start).trim() === "" && /^[ \t]*(#[^\n]*)?\r?\n$/.test(behind);
  if (isAlone) return splice(list, { start, end }, "");
  if (next !== undefined)
    return splice(
      list,
      { start: item.start, end: Math.min(next.start, comma === undefined ? next.start : skipSpaces(list, comma + 1)) },
      "",
    );
  if (before !== undefined && lineStart(list, before.end) === start) return splice(list, { start: before.end, end: item.end }, "");
  return splice(list, { start: item.start, end: comma === undefined ? item.end : comma + 1 }, "");
}

function skipSpaces(text: string, at: number): number {
  let end = at;
  while (text[end] === " " || text[end] === "\t") end += 1;
  return end;
}

/** Where the comma behind an item stands, past spaces, line ends and comments. */
function commaBehind(list: string, end: number): number | undefined {
  const found = /^(?:[ \t\r\n]|#[^\n]*\n)*,/.exec(list.slice(end));
  return found === null ? undefined : end + found[0].length - 1;
}
