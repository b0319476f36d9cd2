import { pipName, scanIni, type Ini, type IniOption, type IniProblem } from "#standards";

/** Reads a configuration file of pip; the first line that Python's `configparser` refuses, where there is one. */
export function readIni(text: string): Ini | IniProblem {
  const ini = scanIni(text, pipName);
  return ini.problems[0] ?? ini;
}

export const isProblem = (ini: Ini | IniProblem): ini is IniProblem => "problem" in ini;

/** The values by `section.name`, those of `[DEFAULT]` standing in every other section too, as `configparser` has it. */
export function iniItems(ini: Ini): Array<IniOption & { readonly id: string }> {
  const defaults = ini.options.filter(({ section }) => section === "DEFAULT");
  return ini.headers
    .filter(({ section }) => section !== "DEFAULT")
    .flatMap(({ section }) => {
      const own = ini.options.filter((option) => option.section === section);
      const inherited = defaults.filter(({ name }) => own.every((option) => option.name !== name));
      return [...own, ...inherited].map((option) => ({ ...option, section, id: `${section}.${option.name}` }));
    });
}

/** The text with one key set. Everything else stays as it is: comments, order, blank lines, other spellings. */
export function setInIni(ini: Ini, section: string, key: string, value: string): string {
  const end = lineBreakOf(ini);
  const result = [...ini.lines];
  const present = ini.options.find((option) => option.section === section && option.name === pipName(key));
  if (present !== undefined) {
    const first = result[present.from] ?? "";
    const [before = ""] = /^\s*[^=:]*?\s*[=:][^\S\r\n]?/.exec(first) ?? [`${present.key} = `];
    const last = /\r?\n$/.exec(result[present.to - 1] ?? "")?.[0] ?? "";
    const spaced = /[=:]$/.test(before) && first.trimEnd() === before.trimEnd() ? `${before} ` : before;
    result.fill("", present.from, present.to);
    result[present.from] = `${spaced}${valueText(value, indentOf(first), end)}`.trimEnd() + last;
    return result.join("");
  }
  const header = ini.headers.findLast((one) => one.section === section);
  const sibling = ini.options.findLast((option) => option.section === section);
  const after = sibling === undefined ? header?.line : sibling.to - 1;
  const indent = indentOf(sibling === undefined ? "" : ini.lines[sibling.from]);
  const line = `${indent}${pipName(key)} = ${valueText(value, indent, end)}`.trimEnd() + end;
  if (after !== undefined) {
    const above = result[after] ?? "";
    result[after] = `${above}${above.endsWith("\n") ? "" : end}${line}`;
    return result.join("");
  }
  const text = result.join("");
  return `${text}${text === "" || text.endsWith("\n") ? "" : end}${text.trim() === "" ? "" : end}[${section}]${end}${line}`;
}

/** The text without one key; a section that holds nothing more goes with it. */
export function unsetInIni(ini: Ini, section: string, name: string): string {
  const result = [...ini.lines];
  const option = ini.options.find((one) => one.section === section && one.name === name);
  if (option === undefined) return result.join("");
  result.fill("", option.from, option.to);
  const header = ini.headers.findLast((one) => one.section === section)?.line ?? 0;
  const next = ini.headers.find(({ line }) => line > header)?.line ?? result.length;
  const rest = result.slice(header + 1, next);
  if (rest.join("").trim() === "") {
    result.fill("", header, next);
    // The blank lines that set the section apart go too.
    for (let at = header - 1; next === ini.lines.length && at >= 0 && result[at]?.trim() === ""; at -= 1) result[at] = "";
  }
  return result.join("");
}

/** Further lines of a value are indented, or they would be keys of their own. */
const valueText = (value: string, indent: string, end: string): string => value.split("\n").join(`${end}${indent}    `);

const indentOf = (line = ""): string => /^[ \t]*/.exec(line)?.[0] ?? "";

const lineBreakOf = ({ lines }: Ini): string => (lines.some((line) => line.endsWith("\r\n")) ? "\r\n" : "\n");
