/** How virtualenv reads the text of a variable or of a line in `virtualenv.ini`. All of it is pure; undefined means: not understood. */

const words: Readonly<Record<string, boolean>> = {
  1: true,
  yes: true,
  true: true,
  on: true,
  0: false,
  no: false,
  false: false,
  off: false,
};

/** 1, yes, true, on; 0, no, false, off; in any case. */
export function toBoolean(text: string): boolean | undefined {
  const word = text.toLowerCase();
  return Object.hasOwn(words, word) ? words[word] : undefined;
}

/** A whole number as Python's `int` takes it. */
export function toInteger(text: string): number | undefined {
  const trimmed = text.trim();
  return trimmed.length <= 15 && /^[+-]?\d+(?:_\d+)*$/.test(trimmed) ? Number(trimmed.replaceAll("_", "")) : undefined;
}

const lineEnds = /\r\n|[\n\r\v\f\u001c-\u001e\u0085\u2028\u2029]/;
const operator = /^(?:===|==|!=|~=|<=|>=|<|>)/;
const specifierStart = /^[A-Za-z]*\s*(?:===|==|!=|~=|<=|>=|<|>)/;

/**
 * Several lines: a value each. One line: values between commas, where a comma that only joins the parts of one version specifier
 * (`>=3.9,<3.12`) does not count. Each is split once more at `separator`, that of PATH.
 */
export function toList(text: string, separator: string): string[] {
  const lines = text.replace(new RegExp(`(?:${lineEnds.source})$`), "").split(lineEnds);
  const parts = (lines.length > 1 ? lines : (lines[0] ?? "").split(",")).map((part) => part.trim()).filter((part) => part !== "");
  const values = lines.length > 1 ? parts : joinSpecifiers(parts);
  return values.flatMap((one) => one.split(separator));
}

function joinSpecifiers(parts: readonly string[]): string[] {
  const groups: string[][] = [];
  for (const part of parts) {
    const group = groups.at(-1);
    if (group !== undefined && operator.test(part) && specifierStart.test(group[0] ?? "")) group.push(part);
    else groups.push([part]);
  }
  return groups.map((group) => group.join(","));
}
