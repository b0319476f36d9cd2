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
  /** A long option that turns a flag off again; the last of the two wins. */
  readonly negation?: string;
  /** The variable that sets it when the command line does not. */
  readonly variable?: string;
  readonly help: string;
  /** Not shown in help (kept for compatibility). */
  readonly hidden?: boolean;
}

export interface ArgumentSpec {
  readonly name: string;
  readonly help: string;
  readonly required?: boolean;
  readonly repeated?: boolean;
}

/** The options and arguments of a parsed command line. */
export interface Parsed {
  readonly arguments: readonly string[];
  flag(name: string): boolean;
  /** Undefined when neither the flag nor its negation was given. */
  flagIfGiven(name: string): boolean | undefined;
  count(name: string): number;
  value(name: string): string | undefined;
  list(name: string): readonly string[];
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
