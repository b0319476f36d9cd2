/**
 * The line (from 1) on which a TOML document sets `path`, or begins the table or the key that holds it; undefined when it is not found. The document was
 * parsed already: this only has to find a place in what is valid.
 */
export function lineOf(text: string, path: readonly string[]): number | undefined {
  for (let depth = path.length; depth > 0; depth -= 1) {
    const line = search(text, path.slice(0, depth));
    if (line !== undefined) return line;
  }
  return undefined;
}

function search(text: string, path: readonly string[]): number | undefined {
  let table: readonly string[] = [];
  let quotes: string | undefined;
  let number = 0;
  for (const line of text.split("\n")) {
    number += 1;
    if (quotes !== undefined) {
      if (line.includes(quotes)) quotes = undefined;
      continue;
    }
    const header = /^\s*\[{1,2}/.exec(line);
    if (header !== null) {
      table = keysAt(line, header[0].length).keys;
      if (startsWith(table, path)) return number;
      continue;
    }
    const { keys, end } = keysAt(line, 0);
    if (keys.length === 0 || line[end] !== "=") continue;
    if (startsWith([...table, ...keys], path)) return number;
    quotes = opensText(line.slice(end + 1));
  }
  return undefined;
}

const startsWith = (whole: readonly string[], beginning: readonly string[]): boolean => beginning.every((key, at) => whole[at] === key);

/** `a."b c".d` from `start` on, and where it ends. */
function keysAt(line: string, start: number): { readonly keys: readonly string[]; readonly end: number } {
  const pattern = /\s*(?:([A-Za-z0-9_-]+)|"([^"]*)"|'([^']*)')\s*(\.?)/y;
  const keys: string[] = [];
  pattern.lastIndex = start;
  let end = start;
  for (let match = pattern.exec(line); match !== null; match = pattern.exec(line)) {
    keys.push(match[1] ?? match[2] ?? match[3] ?? "");
    end = pattern.lastIndex;
    if (match[4] === "") break;
  }
  return { keys, end };
}

/** The quotes that end a text of several lines, when one begins here and does not end here. */
function opensText(value: string): string | undefined {
  const quotes = /^\s*("""|''')/.exec(value)?.[1];
  return quotes !== undefined && value.split(quotes).length === 2 ? quotes : undefined;
}
