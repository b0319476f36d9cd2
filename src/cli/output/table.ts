/** Rows as left-aligned columns, as pip draws its lists: a header, a rule of dashes, the rows. */
export function columnsTable(header: readonly string[], rows: ReadonlyArray<readonly string[]>): string {
  const widths = header.map((title, at) => Math.max(title.length, ...rows.map((row) => lengthOf(row[at] ?? ""))));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, at) => cell + " ".repeat(Math.max(0, (widths[at] ?? 0) - lengthOf(cell))))
      .join(" ")
      .trimEnd();
  return [line(header), widths.map((width) => "-".repeat(width)).join(" "), ...rows.map(line)].join("\n") + "\n";
}

/** In characters: those beyond the first 65,536 are written as two. */
const lengthOf = (text: string): number => (/[\ud800-\udbff]/.test(text) ? Array.from(text).length : text.length);
