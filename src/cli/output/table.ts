/** Rows as left-aligned columns, as pip draws its lists: a header, a rule of dashes, the rows. */
export function columnsTable(header: readonly string[], rows: ReadonlyArray<readonly string[]>): string {
  const widths = header.map((title) => title.length);
  for (const row of rows) {
    for (let at = 0; at < widths.length; at += 1) {
      const length = lengthOf(row[at] ?? "");
      if (length > (widths[at] ?? 0)) widths[at] = length;
    }
  }
  const line = (cells: readonly string[]): string => {
    let text = "";
    for (let at = 0; at < cells.length; at += 1) {
      const cell = cells[at] ?? "";
      const width = widths[at] ?? 0;
      text += at === 0 ? "" : " ";
      text += pairs.test(cell) ? cell + " ".repeat(Math.max(0, width - lengthOf(cell))) : cell.padEnd(width);
    }
    return text.trimEnd();
  };
  return [line(header), widths.map((width) => "-".repeat(width)).join(" "), ...rows.map(line)].join("\n") + "\n";
}

const pairs = /[\ud800-\udbff]/;

/** In characters: those beyond the first 65,536 are written as two. */
const lengthOf = (text: string): number => (pairs.test(text) ? Array.from(text).length : text.length);
