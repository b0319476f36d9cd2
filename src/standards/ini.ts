/** One option of an INI file, and the lines that it stands on. */
export interface IniOption {
  readonly section: string;
  /** As it is written. */
  readonly key: string;
  /** As its reader compares keys. */
  readonly name: string;
  /** Lines of the value joined by `\n`, without blank ones at the end. */
  readonly value: string;
  /** Lines from 0: the first, and the one after the last. */
  readonly from: number;
  readonly to: number;
}

/** An INI file as text that can be written back. */
export interface Ini {
  /** With their line breaks. */
  readonly lines: readonly string[];
  readonly headers: ReadonlyArray<{ readonly section: string; readonly line: number }>;
  readonly options: readonly IniOption[];
  /** What Python's `configparser` refuses, by line (from 1); those lines are passed over, and of two options with one name both are there. */
  readonly problems: readonly IniProblem[];
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
 * on with the value above; lines that begin with `#` or `;` are comments. A section or a key that comes twice is a mistake, as there. `nameOf` says how the
 * reader compares keys. Linear in time; never throws.
 */
export function scanIni(text: string, nameOf: (key: string) => string): Ini {
  const lines = text === "" ? [] : text.split(/(?<=\n)|(?<=\r)(?!\n)/);
  const scan = new IniScan(nameOf);
  const problems: IniProblem[] = [];
  for (const [at, line] of lines.entries()) {
    const problem = scan.take(line, at);
    if (problem !== undefined) problems.push({ line: at + 1, problem });
  }
  const options = scan.options.map((option) => ({ ...option, value: option.value.trimEnd() }));
  return { lines, headers: scan.headers, options, problems };
}

class IniScan {
  readonly headers: Array<Ini["headers"][number]> = [];
  readonly options: Array<{ -readonly [Key in keyof IniOption]: IniOption[Key] }> = [];
  readonly #nameOf: (key: string) => string;
  readonly #sections = new Set<string>();
  readonly #known = new Set<string>();
  #section: string | undefined;
  #open: (typeof this.options)[number] | undefined;
  #depth = 0;

  constructor(nameOf: (key: string) => string) {
    this.#nameOf = nameOf;
  }

  /** Gives what is wrong with the line. */
  take(line: string, at: number): string | undefined {
    const words = line.trim();
    if (/^[#;]/.test(words)) return undefined;
    if (words === "") {
      if (this.#open !== undefined) this.#open.value += "\n";
      return undefined;
    }
    const depth = line.length - line.trimStart().length;
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
    const isKnown = this.#sections.has(section);
    this.#sections.add(section);
    this.#section = section;
    this.headers.push({ section, line });
    return isKnown && section !== "DEFAULT" ? `The section [${section}] comes twice.` : undefined;
  }

  #option(words: string, at: number): string | undefined {
    if (this.#section === undefined) return "There is no [section] above it.";
    const sign = words.search(/[=:]/);
    const key = sign < 0 ? "" : words.slice(0, sign).trim();
    if (key === "") return "It is no `key = value`.";
    const name = this.#nameOf(key);
    this.#open = { section: this.#section, key, name, value: words.slice(sign + 1).trim(), from: at, to: at + 1 };
    this.options.push(this.#open);
    const id = `${this.#section}\0${name}`;
    const isKnown = this.#known.has(id);
    this.#known.add(id);
    return isKnown ? `The key ${name} comes twice in [${this.#section}].` : undefined;
  }
}
