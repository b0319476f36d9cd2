/** One option of a pip configuration file, and the lines that it stands on. */
export interface IniOption {
  readonly section: string;
  /** As it is written. */
  readonly key: string;
  /** As pip compares it: lower case, `-` for `_`, without `--`. */
  readonly name: string;
  /** Lines of the value joined by `\n`, without blank ones at the end. */
  readonly value: string;
  /** Lines from 0: the first, and the one after the last. */
  readonly from: number;
  readonly to: number;
}

/** A pip configuration file as text that can be written back. */
export interface Ini {
  /** With their line breaks. */
  readonly lines: readonly string[];
  readonly headers: ReadonlyArray<{ readonly section: string; readonly line: number }>;
  readonly options: readonly IniOption[];
}

/** A line (from 1) that Python's `configparser` refuses, and why. */
export interface IniProblem {
  readonly line: number;
  readonly problem: string;
}

/** A key as pip compares it, whether it comes from a file, a variable or the command line. */
export function pipName(key: string): string {
  return key.toLowerCase().replaceAll("_", "-").replace(/^--/, "");
}

/**
 * Reads text as Python's `configparser` does without interpolation: `key = value` or `key: value` under `[section]`; a line that is indented deeper goes
 * on with the value above; lines that begin with `#` or `;` are comments. A section or a key that comes twice is a mistake, as there. Linear in time; never throws.
 */
export function readIni(text: string): Ini | IniProblem {
  const lines = text === "" ? [] : text.split(/(?<=\n)/);
  const scan = new IniScan();
  for (const [at, line] of lines.entries()) {
    const problem = scan.take(line, at);
    if (problem !== undefined) return { line: at + 1, problem };
  }
  return { lines, headers: scan.headers, options: scan.options.map((option) => ({ ...option, value: option.value.trimEnd() })) };
}

export const isProblem = (ini: Ini | IniProblem): ini is IniProblem => "problem" in ini;

class IniScan {
  readonly headers: Array<Ini["headers"][number]> = [];
  readonly options: Array<{ -readonly [Key in keyof IniOption]: IniOption[Key] }> = [];
  readonly #known = new Set<string>();
  #section: string | undefined;
  #open: (typeof this.options)[number] | undefined;
  #depth = 0;

  /** Gives what is wrong with the line. */
  take(line: string, at: number): string | undefined {
    const words = line.trim();
    if (/^[#;]/.test(words)) return undefined;
    if (words === "") {
      if (this.#open !== undefined) this.#open.value += "\n";
      return undefined;
    }
    const depth = /^\s*/.exec(line)?.[0].length ?? 0;
    if (this.#open !== undefined && depth > this.#depth) {
      this.#open.value += `\n${words}`;
      this.#open.to = at + 1;
      return undefined;
    }
    this.#depth = depth;
    this.#open = undefined;
    const end = words.lastIndexOf("]");
    return words.startsWith("[") && end > 1 ? this.#header(words.slice(1, end), at) : this.#option(words, at);
  }

  #header(section: string, line: number): string | undefined {
    if (section !== "DEFAULT" && this.headers.some((known) => known.section === section)) return `The section [${section}] comes twice.`;
    this.#section = section;
    this.headers.push({ section, line });
    return undefined;
  }

  #option(words: string, at: number): string | undefined {
    if (this.#section === undefined) return "There is no [section] above it.";
    const sign = words.search(/[=:]/);
    const key = sign < 0 ? "" : words.slice(0, sign).trim();
    if (key === "") return "It is no `key = value`.";
    const name = pipName(key);
    const known = `${this.#section}\0${name}`;
    if (this.#known.has(known)) return `The key ${name} comes twice in [${this.#section}].`;
    this.#known.add(known);
    this.#open = { section: this.#section, key, name, value: words.slice(sign + 1).trim(), from: at, to: at + 1 };
    this.options.push(this.#open);
    return undefined;
  }
}

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
