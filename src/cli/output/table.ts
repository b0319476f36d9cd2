/** Rows as left-aligned columns, as pip draws its lists: a header, a rule of dashes, the rows. */
export function columnsTable(header: readonly string[], rows: ReadonlyArray<readonly string[]>): string {
  const widths = header.map((title) => title.length);
  let all = "";
  for (const row of rows) for (const cell of row) all += cell;
  const lengthOf = pairs.test(all) ? characters : units;
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
      // Nothing stands behind the last one.
      text += at === cells.length - 1 ? cell : `${cell.padEnd((widths[at] ?? 0) + cell.length - lengthOf(cell))} `;
    }
    return text.trimEnd();
  };
  return [line(header), widths.map((width) => "-".repeat(width)).join(" "), ...rows.map(line)].join("\n") + "\n";
}

const pairs = /[\ud800-\udbff]/;

const units = (text: string): number => text.length;

/** Characters beyond the first 65,536 are written as two units. */
const characters = (text: string): number => Array.from(text).length;
