/** The widest line that pen prints for people when it lays out text itself. */
export const lineWidth = 80;

/** Characters, not bytes or UTF-16 units. */
export const widthOf = (text: string): number => Array.from(text).length;

/** Text in lines of at most {@link lineWidth} characters, each indented by `indent` blanks. Words that are longer, such as paths, stay whole. */
export function wrap(text: string, indent: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && widthOf(line) + 1 + widthOf(word) > lineWidth - indent) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].map((one) => " ".repeat(indent) + one);
}

/** At most `width` characters: what is too long loses its middle, as the ends of a path say the most. */
export function elide(text: string, width: number): string {
  const all = Array.from(text);
  if (all.length <= width) return text;
  const head = Math.floor((width - 1) / 3);
  return `${all.slice(0, head).join("")}…${all.slice(all.length - (width - 1 - head)).join("")}`;
}

/** At most `width` characters from the beginning. */
export function beginning(text: string, width: number): string {
  const all = Array.from(text);
  return all.length <= width ? text : `${all.slice(0, width - 1).join("")}…`;
}

/** A box of {@link lineWidth} characters with a title in its upper edge; `foot` is the column of a mark `┬` in the lower one. */
export function box(title: string, rows: readonly string[], foot?: number): string[] {
  const inner = lineWidth - 6;
  const bottom = Array.from("─".repeat(inner + 2));
  if (foot !== undefined) bottom[foot] = "┬";
  return [
    `  ┌─ ${title} ${"─".repeat(Math.max(0, inner - 1 - widthOf(title)))}┐`,
    ...rows.map((row) => {
      const text = elide(row, inner);
      return `  │ ${text}${" ".repeat(inner - widthOf(text))} │`;
    }),
    `  └${bottom.join("")}┘`,
  ];
}
