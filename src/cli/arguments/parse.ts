import { closest, PenError, printableLine } from "#foundation";
import { parsedOf } from "./parsed.ts";
import type { ArgumentSpec, OptionSettings, OptionSpec, Parsed } from "./types.ts";

export interface ParseRules {
  readonly options: readonly OptionSpec[];
  readonly arguments: readonly ArgumentSpec[];
  /** Stop at the first argument and keep everything after it as it is (`pen run`). */
  readonly passRest?: boolean;
  /** How the command is called, for messages: `pen pip install`. */
  readonly command: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** What holds where neither the command line nor a variable of pen says anything. The command line adds to its lists and counts, as in pip. */
  readonly settings?: OptionSettings | undefined;
}

type Values = Map<string, string[]>;

/**
 * Parses the words after a command's name. Options and arguments mix freely; `-rfile`, `-r file`, `--requirement=file`,
 * clusters of short flags (`-qq`, `-Uq`) and unambiguous beginnings of long names (as pip takes them) are understood;
 * `--` ends the options. Errors: `USAGE`, with the nearest known option.
 */
export function parseArguments(words: readonly string[], rules: ParseRules): Parsed {
  const values: Values = new Map();
  const positional: string[] = [];
  let rest: readonly string[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? "";
    if (word === "--") {
      rest = words.slice(at + 1);
      break;
    }
    if (word.startsWith("--")) at += takeLong(word, words.slice(at + 1), { rules, values });
    else if (word.startsWith("-") && word !== "-") at += takeShort(word, words[at + 1], { rules, values });
    else {
      positional.push(word);
      if (rules.passRest !== true) continue;
      rest = words.slice(at + 1);
      break;
    }
  }
  if (rules.passRest !== true) positional.push(...rest);
  checkPositional(positional, rules);
  return toParsed(positional, rest, { rules, values });
}

interface State {
  readonly rules: ParseRules;
  readonly values: Values;
}

/** Gives how many of the following words were taken. */
function takeLong(word: string, following: readonly string[], state: State): number {
  const equals = word.indexOf("=");
  const name = equals < 0 ? word.slice(2) : word.slice(2, equals);
  const inline = equals < 0 ? undefined : word.slice(equals + 1);
  const { spec, negated } = findLong(name, state.rules);
  if (spec.kind === "flag" || spec.kind === "count") {
    if (inline !== undefined) throw usage(state.rules, `--${name} takes no value`);
    store(state.values, spec, negated ? "off" : "on");
    return 0;
  }
  const value = inline ?? following[0];
  if (value === undefined) throw usage(state.rules, `--${name} needs a value`, `Type: ${state.rules.command} --${name} ${metavarOf(spec)}`);
  store(state.values, spec, checkChoice(spec, value, state.rules));
  if (inline !== undefined) return 0;
  if (spec.greedy !== true) return 1;
  const end = following.findIndex((one, at) => at > 0 && one.startsWith("-") && one !== "-");
  const all = end < 0 ? following : following.slice(0, end);
  for (const one of all.slice(1)) store(state.values, spec, checkChoice(spec, one, state.rules));
  return all.length;
}

function takeShort(word: string, next: string | undefined, state: State): number {
  for (let at = 1; at < word.length; at += 1) {
    const letter = word[at] ?? "";
    const spec = state.rules.options.find((option) => option.short === letter);
    if (spec === undefined) throw unknownOption(`-${letter}`, state.rules);
    if (spec.kind === "flag" || spec.kind === "count") {
      store(state.values, spec, "on");
      continue;
    }
    const inline = word.slice(at + 1).replace(/^=/, "");
    const value = inline === "" ? next : inline;
    if (value === undefined) throw usage(state.rules, `-${letter} needs a value`);
    store(state.values, spec, checkChoice(spec, value, state.rules));
    return inline === "" ? 1 : 0;
  }
  return 0;
}

function store(values: Values, spec: OptionSpec, value: string): void {
  const known = values.get(spec.name);
  if (known === undefined) values.set(spec.name, [value]);
  else known.push(value);
}

function checkChoice(spec: OptionSpec, value: string, rules: ParseRules, givenBy = `--${spec.name}`): string {
  if (spec.choices === undefined || spec.choices.includes(value)) return value;
  const near = closest(value, spec.choices);
  throw usage(
    rules,
    `${givenBy} does not know ${printableLine(value)}`,
    `${near === undefined ? "" : `Did you mean ${near}? `}It takes one of: ${spec.choices.join(", ")}.`,
  );
}

interface Found {
  readonly spec: OptionSpec;
  readonly negated: boolean;
}

/** The usual case, without a list of all names. */
function findExact(name: string, { options }: ParseRules): Found | undefined {
  for (const spec of options) {
    if (spec.name === name || spec.aliases?.includes(name) === true) return { spec, negated: false };
    if (spec.negation === name) return { spec, negated: true };
  }
  return undefined;
}

function findLong(name: string, rules: ParseRules): Found {
  const exact = findExact(name, rules);
  if (exact !== undefined) return exact;
  const named: Array<readonly [string, Found]> = rules.options.flatMap((spec) => [
    ...[spec.name, ...(spec.aliases ?? [])].map((known) => [known, { spec, negated: false }] as const),
    ...(spec.negation === undefined ? [] : [[spec.negation, { spec, negated: true }] as const]),
  ]);
  const begun = named.filter(([known, { spec }]) => known.startsWith(name) && spec.hidden !== true);
  const first = begun[0];
  if (first !== undefined && begun.every(([, found]) => found.spec === first[1].spec && found.negated === first[1].negated))
    return first[1];
  if (begun.length > 1)
    throw usage(rules, `--${name} could be ${begun.map(([known]) => `--${known}`).join(", ")}`, "Write one of them in full.");
  throw unknownOption(`--${name}`, rules);
}

function unknownOption(word: string, rules: ParseRules): PenError {
  const known = rules.options.flatMap((spec) => [
    spec.name,
    ...(spec.aliases ?? []),
    ...(spec.negation === undefined ? [] : [spec.negation]),
  ]);
  const near = closest(
    word,
    known.map((name) => `--${name}`),
  );
  return usage(rules, `${rules.command} has no option ${printableLine(word)}`, near === undefined ? undefined : `Did you mean ${near}?`);
}

function checkPositional(given: readonly string[], rules: ParseRules): void {
  let most = rules.passRest === true ? Infinity : rules.arguments.length;
  let needed = 0;
  for (const { name, required, repeated } of rules.arguments) {
    if (repeated === true) most = Infinity;
    if (required !== true) continue;
    if (given.length === needed) throw usage(rules, `${rules.command} needs ${name}`, `See: ${rules.command} --help`);
    needed += 1;
  }
  if (given.length > most)
    throw usage(rules, `${rules.command} does not take the argument ${printableLine(given[most] ?? "")}`, `See: ${rules.command} --help`);
}

function usage(rules: ParseRules, message: string, hint = `See: ${rules.command} --help`): PenError {
  return new PenError("USAGE", message, { hint });
}

/** `FILE` for `--requirement`: what help and messages call an option's value. */
export function metavarOf(spec: OptionSpec): string {
  return spec.metavar ?? spec.name.toUpperCase().replaceAll("-", "_");
}

function toParsed(positional: readonly string[], rest: readonly string[], { rules, values }: State): Parsed {
  // The first of a name counts, as everywhere.
  const specs = new Map<string, OptionSpec>();
  for (const spec of rules.options) if (!specs.has(spec.name)) specs.set(spec.name, spec);
  const specOf = (name: string): OptionSpec => {
    const spec = specs.get(name);
    if (spec === undefined) throw new PenError("INTERNAL", `${rules.command} reads an option that it does not have: ${name}`);
    return spec;
  };
  const variableOf = (spec: OptionSpec): string | undefined => {
    const variable = variableName(spec);
    const text = variable === undefined ? undefined : rules.variables[variable];
    return text === "" ? undefined : text;
  };
  const given = (name: string): readonly string[] | undefined => {
    const spec = specOf(name);
    const found = values.get(name);
    const text = variableOf(spec);
    const setting = text === undefined ? rules.settings?.get(name)?.values : undefined;
    if (found !== undefined)
      return setting !== undefined && (spec.kind === "list" || spec.kind === "count") ? [...setting, ...found] : found;
    if (text === undefined) return setting;
    const variable = variableName(spec) ?? "";
    if (spec.kind === "count" && /^\d$/.test(text)) return Array.from({ length: Number(text) }, () => "on");
    if (spec.kind === "list") return text.split(/\s+/).flatMap((item) => (item === "" ? [] : [checkChoice(spec, item, rules, variable)]));
    return [spec.kind === "value" ? checkChoice(spec, text, rules, variable) : variableFlag(variable, text)];
  };
  const origin = (name: string): string | undefined => {
    if (values.has(name)) return undefined;
    const spec = specOf(name);
    return variableOf(spec) === undefined ? rules.settings?.get(name)?.origin : `the variable ${variableName(spec) ?? ""}`;
  };
  return parsedOf({ arguments: positional, rest, knows: (name) => specs.has(name), values: given, origin });
}

/** Options that say something about one command line, and not about a person's wishes: no variable and no file sets them. */
export const onlyOnCommandLine: ReadonlySet<string> = new Set(["help", "version", "json", "json-lines"]);

/** The variable of pen's that sets an option: `PEN_INDEX_URL` for `--index-url`. */
export function variableName({ name, variable }: OptionSpec): string | undefined {
  if (variable !== undefined) return variable;
  return onlyOnCommandLine.has(name) ? undefined : `PEN_${name.toUpperCase().replaceAll("-", "_")}`;
}

function variableFlag(variable: string, text: string): "on" | "off" {
  if (/^(1|true|yes|on|y|t)$/i.test(text)) return "on";
  if (/^(0|false|no|off|n|f)$/i.test(text)) return "off";
  throw new PenError("INVALID_CONFIG", `The variable ${variable} is neither yes nor no: ${printableLine(text)}`, {
    hint: `Set ${variable}=1 or ${variable}=0, or unset it.`,
  });
}
