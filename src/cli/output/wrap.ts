/** Breaks lines that are wider than `columns` at spaces; the parts keep the indentation of their line. Words are never cut. */
export function wrapLines(text: string, columns: number): string {
  return text
    .split("\n")
    .flatMap((line) => wrapLine(line, Math.max(40, columns)))
    .join("\n");
}

// Colours take no room.
const widthOf = (text: string): number => text.replace(/\u001b\[\d+m/g, "").length;

function wrapLine(line: string, columns: number): string[] {
  const [indent = ""] = /^ */.exec(line) ?? [];
  const lines: string[] = [];
  let current = indent;
  for (const word of line.slice(indent.length).split(" ")) {
    const longer = current === indent ? current + word : `${current} ${word}`;
    if (widthOf(longer) > columns && current !== indent) {
      lines.push(current);
      current = indent + word;
    } else current = longer;
  }
  return [...lines, current];
}
