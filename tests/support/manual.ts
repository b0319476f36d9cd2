/** The examples of a page of the manual: what is typed in its `console` blocks, and what must stand below it. */

export interface Example {
  /** The heading that it stands under. */
  readonly heading: string;
  readonly command: string;
  readonly output: readonly string[];
}

export function examplesOf(text: string): Example[] {
  const examples: Array<Example & { readonly output: string[] }> = [];
  let heading = "";
  let inside = false;
  for (const line of text.split("\n")) {
    if (line.startsWith("#") && !inside) heading = line.replace(/^#+ /, "");
    else if (line.startsWith("```")) inside = line === "```console";
    else if (inside && line.startsWith("$ ")) examples.push({ heading, command: line.slice(2), output: [] });
    else if (inside) examples.at(-1)?.output.push(line);
  }
  return examples;
}

/** True when the lines are those of the pattern: `…` stands for any text, and a line of its own for any lines. */
export function matches(lines: readonly string[], pattern: readonly string[]): boolean {
  const [first, ...rest] = pattern;
  if (first === undefined) return lines.length === 0;
  if (first.trim() === "…") return lines.some((_, at) => matches(lines.slice(at), rest)) || matches([], rest);
  const [line, ...others] = lines;
  const parts = first.split("…").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return line !== undefined && new RegExp(`^${parts.join(".*")}$`, "u").test(line) && matches(others, rest);
}

const mark = "--- the end of an example ---";

/** One script of all commands, for one shell. */
export const scriptOf = (examples: readonly Example[]): string =>
  examples.map(({ command }) => `${command}\nprintf '%s\\n' '${mark}'\n`).join("");

/** What each of them printed, and what came behind the last. */
export const printedBy = (stdout: string): string[] => stdout.split(`${mark}\n`);

/** The lines of an answer; none when it is empty. */
export function linesOf(text: string): string[] {
  const lines = text.replace(/\n$/, "").split("\n");
  return lines.length === 1 && lines[0] === "" ? [] : lines;
}
