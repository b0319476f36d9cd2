/** Rows as left-aligned columns, as pip draws its lists: a header, a rule of dashes, the rows. */
export function columnsTable(header: readonly string[], rows: ReadonlyArray<readonly string[]>): string {
  const widths = header.map((title, at) => Math.max(title.length, ...rows.map((row) => Array.from(row[at] ?? "").length)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, at) => cell + " ".repeat(Math.max(0, (widths[at] ?? 0) - Array.from(cell).length)))
      .join(" ")
      .trimEnd();
  return [line(header), widths.map((width) => "-".repeat(width)).join(" "), ...rows.map(line)].join("\n") + "\n";
}
