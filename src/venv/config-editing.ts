import { formatPyvenvConfig, parsePyvenvConfig } from "./pyvenv-config.ts";

/**
 * The text of a `pyvenv.cfg`, written by any tool, in which `key` has exactly these values (one line each; none takes it out). The lines stand
 * where its first one stood, else at the end; all other lines, comments among them, stay as they are. Errors: INVALID_CONFIG for a
 * value that the file cannot hold.
 */
export function editedConfig(text: string, key: string, values: readonly string[]): string {
  const lines = text.split(/(?<=\n)|(?<=\r)(?!\n)/).filter((line) => line !== "");
  const ending = /\r\n|\n|\r/.exec(text)?.[0] ?? "\n";
  // The file of another tool holds a prompt as Python would write it, with escapes.
  const literal = parsePyvenvConfig(text).get("pen") === undefined;
  const fresh = values.map((value) => formatted(key, value, literal).replace("\n", ending));
  const isKey = lines.map((line) => keyOf(line) === key);
  const at = isKey.indexOf(true);
  if (at < 0) {
    const last = lines.pop();
    const closed = last === undefined || /[\r\n]$/.test(last) ? last : last + ending;
    return [...lines, ...(closed === undefined ? [] : [closed]), ...fresh].join("");
  }
  return lines.flatMap((line, index) => (index === at ? fresh : isKey[index] === true ? [] : [line])).join("");
}

function keyOf(line: string): string | undefined {
  const at = line.indexOf("=");
  return at < 0
    ? undefined
    : line
        .slice(0, at)
        .replace(/^\ufeff/, "")
        .trim()
        .toLowerCase();
}

function formatted(key: string, value: string, literal: boolean): string {
  const text = formatPyvenvConfig([[key, value]]);
  if (key !== "prompt" || !literal) return text;
  const quote = value.includes("'") && !value.includes('"') ? '"' : "'";
  return `prompt = ${quote}${value.replaceAll("\\", "\\\\").replaceAll(quote, `\\${quote}`)}${quote}\n`;
}
