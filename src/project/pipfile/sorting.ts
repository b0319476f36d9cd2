import { tomlLayout, type TomlRange } from "../toml/layout.ts";
import { lineEnd, lineStart } from "../toml/splicing.ts";
import { byCodePoints } from "./order.ts";

/**
 * The entries of a category in the order of their names, as `sort_pipfile` wants them: by code points, as pipenv sorts. A comment moves with the
 * entry that it stands above; blank lines and comments that stand alone keep their places.
 */
export function sortCategory(text: string, category: string): string {
  const section = tomlLayout(text).find(({ kind, path }) => kind === "table" && path.length === 1 && path[0] === category);
  if (section === undefined) return text;
  const blocks = section.pairs.map(({ path, key, value }) => ({
    name: path.join("."),
    range: { start: commentStart(text, lineStart(text, key.start), lineEnd(text, section.header.end)), end: lineEnd(text, value.end) },
  }));
  const [first, last] = [blocks[0], blocks.at(-1)];
  if (first === undefined || last === undefined) return text;
  const ordered = [...blocks].sort((a, b) => byCodePoints(a.name, b.name));
  const newline = text.includes("\r\n") ? "\r\n" : "\n";
  const block = ({ start, end }: TomlRange): string => {
    const lines = text.slice(start, end);
    return lines.endsWith("\n") ? lines : lines + newline;
  };
  const pieces = blocks.map(({ range }, at) => {
    const next = blocks[at + 1];
    return block(ordered[at]?.range ?? range) + (next === undefined ? "" : text.slice(range.end, next.range.start));
  });
  return text.slice(0, first.range.start) + pieces.join("") + text.slice(last.range.end);
}

/** The start of the comment lines right above a line, not above `floor`. */
function commentStart(text: string, line: number, floor: number): number {
  let start = line;
  while (start > floor) {
    const above = lineStart(text, start - 1);
    if (!/^[ \t]*#/.test(text.slice(above, start))) return start;
    start = above;
  }
  return start;
}
