/** One option of a command. The parser, `--help`, the completions and the reference page are all made from it. */
export interface OptionSpec {
  /** Long name without dashes; the key of its value. */
  readonly name: string;
  /** One letter. */
  readonly short?: string;
  /** Other long names that mean the same. */
  readonly aliases?: readonly string[];
  /** `flag`: on or off; `count`: how often (`-vv`); `value`: one text, the last wins; `list`: every one, in order. */
  readonly kind: "flag" | "count" | "value" | "list";
  /** What the value is, for help: `FILE`. Without it a value option shows its name in capitals. */
  readonly metavar?: string;
  readonly choices?: readonly string[];
  /** A list that takes every word up to the next option: `--extra-search-dir A B`. */
  readonly greedy?: boolean;
  /** A long option that turns a flag off again; the last of the two wins. */
  readonly negation?: string;
  /** The variable that sets it when the command line does not. */
  readonly variable?: string;
  readonly help: string;
  /** Not shown in help (kept for compatibility). */
  readonly hidden?: boolean;
  /** The value is a number, with or without a fraction. */
  readonly number?: boolean;
  /** It changes nothing, and whoever gives it is told why: `changes nothing: …`. */
  readonly idle?: string;
  /** It is understood, and refused: why, and what to do instead. */
  readonly refused?: { readonly why: string; readonly hint: string };
}

/** What something beside the command line says about an option, in the words of {@link Parsed}: `on` and `off` for flags. */
export interface OptionSetting {
  readonly values: readonly string[];
  /** For people: the file with line and key, or the variable. */
  readonly origin: string;
}

/** Settings by the name of their option. */
export type OptionSettings = ReadonlyMap<string, OptionSetting>;

export interface ArgumentSpec {
  readonly name: string;
  readonly help: string;
  readonly required?: boolean;
  readonly repeated?: boolean;
}

/** The options and arguments of a parsed command line. */
export interface Parsed {
  readonly arguments: readonly string[];
  /** The command has that option. What it has not may not be asked for. */
  knows(name: string): boolean;
  flag(name: string): boolean;
  /** Undefined when neither the flag nor its negation was given. */
  flagIfGiven(name: string): boolean | undefined;
  count(name: string): number;
  value(name: string): string | undefined;
  list(name: string): readonly string[];
  /** Where the value comes from when the command line does not have it: a variable or a setting. Undefined: the command line, or nothing at all. */
  origin(name: string): string | undefined;
  /** The words after `--`, or after the first argument when the command passes the rest on. */
  readonly rest: readonly string[];
}

/** What a command needs from the terminal; a value so that tests can look. */
export interface Terminal {
  /** Data: what the command was asked for. */
  out(text: string): void;
  /** For people: progress, notes, warnings, errors. */
  err(text: string): void;
  readonly outIsTerminal: boolean;
  readonly errIsTerminal: boolean;
  readonly inIsTerminal: boolean;
  readonly columns: number;
}
