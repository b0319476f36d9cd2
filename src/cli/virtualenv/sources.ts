import { printableLine, redactUrl } from "#foundation";
import type { OptionSpec, Parsed } from "../arguments/types.ts";
import { toBoolean, toInteger, toList } from "./convert.ts";
import type { ConfigFile } from "./ini.ts";

/** Where a value comes from; the first in this order wins. */
export type Source = "command line" | "variable" | "file" | "default";

export interface Sourced<T> {
  readonly value: T;
  readonly source: Source;
  /** The name of the variable, or of the key in the file. */
  readonly from: string | undefined;
}

/** The values of options, from the command line, `VIRTUALENV_*`, `virtualenv.ini`, and their defaults. */
export interface Values {
  flag(name: string, fallback?: boolean): Sourced<boolean>;
  /** For an option that may be left open: `positive`, and the name of its opposite. The opposite wins when both are set in one place. */
  choice(positive: string, negative: string): Sourced<boolean | undefined>;
  text(name: string): Sourced<string | undefined>;
  list(name: string): Sourced<readonly string[]>;
  /** Of each of these options that the command line does not have and a variable or the file has: its value and its place, for people. */
  origins(specs: readonly OptionSpec[]): string[];
  /** For `-v` and `-q`: a variable or the file sets where counting begins. */
  count(name: "verbose" | "quiet", fallback: number): Sourced<number>;
}

export interface ValueSources {
  readonly options: readonly OptionSpec[];
  readonly parsed: Parsed;
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly file: ConfigFile;
  /** What stands between the folders of PATH. */
  readonly separator: string;
  /** Told of values that are not understood and passed over. */
  readonly warn: (message: string) => void;
}

/** Reads the sources in virtualenv's order: command line, then variables, then the file. An empty variable counts as unset. */
export function openValues(sources: ValueSources): Values {
  const { parsed } = sources;
  const configured = <T>(name: string, convert: (text: string) => T | undefined): Sourced<T> | undefined =>
    fromVariables(namesOf(name, sources.options), convert, sources) ?? fromFile(namesOf(name, sources.options), convert, sources);
  const open = <T>(value: T): Sourced<T> => ({ value, source: "default", from: undefined });
  const given = <T>(value: T): Sourced<T> => ({ value, source: "command line", from: undefined });
  const originOf = (name: string, kind: OptionSpec["kind"]): string[] => {
    const convert = {
      flag: toBoolean,
      count: toInteger,
      value: (text: string) => text,
      list: (text: string) => toList(text, sources.separator),
    }[kind];
    const found = configured<boolean | number | string | readonly string[]>(name, convert);
    if (found === undefined) return [];
    const value = typeof found.value === "boolean" ? (found.value ? "yes" : "no") : [found.value].flat().join(" ");
    const place =
      found.source === "file" ? `${printableLine(sources.file.path)}, ${found.from} in [virtualenv]` : `the variable ${found.from}`;
    return [`--${name} is ${printableLine(redactUrl(value))} (from ${place})`];
  };
  const isSaid = ({ name, kind }: OptionSpec): boolean => (kind === "count" ? parsed.count(name) > 0 : parsed.list(name).length > 0);
  return {
    origins: (specs) =>
      specs
        .filter((spec) => !isSaid(spec))
        .flatMap(({ name, kind, negation }) => [name, ...(negation === undefined ? [] : [negation])].flatMap((one) => originOf(one, kind))),
    flag: (name, fallback = false) => {
      const said = parsed.flagIfGiven(name);
      return said === undefined ? (configured(name, toBoolean) ?? open(fallback)) : given(said);
    },
    choice: (positive, negative) => {
      const said = saidChoice(parsed, positive, { negative, options: sources.options });
      if (said !== undefined) return given(said);
      const yes = configured(positive, toBoolean);
      const no = configured(negative, toBoolean);
      const off = no?.value === true ? { ...no, value: false } : undefined;
      // A variable of the one comes before the file of the other.
      if (off !== undefined && !(off.source === "file" && yes?.source === "variable")) return off;
      return yes ?? open(undefined);
    },
    text: (name) => {
      const said = parsed.value(name);
      return said === undefined ? (configured(name, (text) => text) ?? open(undefined)) : given(said);
    },
    list: (name) => {
      const said = parsed.list(name);
      return said.length > 0 ? given(said) : (configured(name, (text) => toList(text, sources.separator)) ?? open([]));
    },
    count: (name, fallback) => {
      const from = configured(name, toInteger) ?? open(fallback);
      const said = parsed.count(name);
      return said === 0 ? from : given(from.value + said);
    },
  };
}

function saidChoice(
  parsed: Parsed,
  positive: string,
  { negative, options }: { negative: string; options: readonly OptionSpec[] },
): boolean | undefined {
  if (!options.some((option) => option.name === negative)) return parsed.flagIfGiven(positive);
  if (parsed.flagIfGiven(negative) === true) return false;
  return parsed.flagIfGiven(positive);
}

/** `["p", "python"]`: every name of an option, as it stands in variables and in the file. */
function namesOf(name: string, options: readonly OptionSpec[]): string[] {
  const spec = options.find((option) => option.name === name);
  const names = [...(spec?.short === undefined ? [] : [spec.short]), name, ...(spec?.aliases ?? [])];
  return names.map((one) => one.replaceAll("-", "_"));
}

type Convert<T> = (text: string) => T | undefined;

function fromVariables<T>(names: readonly string[], convert: Convert<T>, sources: ValueSources): Sourced<T> | undefined {
  for (const name of names) {
    const variable = `VIRTUALENV_${name.toUpperCase()}`;
    const text = sources.variables[variable];
    if (text === undefined || text === "") continue;
    const value = convert(text);
    if (value !== undefined) return { value, source: "variable", from: variable };
    sources.warn(`The variable ${variable} is passed over: it cannot be ${printableLine(JSON.stringify(text))}.`);
  }
  return undefined;
}

function fromFile<T>(names: readonly string[], convert: Convert<T>, sources: ValueSources): Sourced<T> | undefined {
  for (const name of names) {
    const text = sources.file.get(name);
    if (text === undefined) continue;
    const value = convert(text);
    if (value !== undefined) return { value, source: "file", from: name };
    sources.warn(`${name} in ${printableLine(sources.file.path)} is passed over: it cannot be ${printableLine(JSON.stringify(text))}.`);
  }
  return undefined;
}
