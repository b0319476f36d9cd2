import { PenError, printableLine, type Host } from "#foundation";
import type { OptionSetting, OptionSettings, OptionSpec } from "../arguments/types.ts";
import { homePaths, isReversed, pipKeys, wholeValues } from "./keys.ts";
import { itemsFor, type PipConfiguration, type PipItem } from "./reading.ts";

export interface CommandOptions {
  readonly host: Host;
  /** The command's word: `install`. */
  readonly command: string;
  readonly options: readonly OptionSpec[];
}

/**
 * What pip's configuration says about the options of one command, in the words that the command line would use. Names that the command does not
 * have are passed over, as pip does. Errors: `INVALID_CONFIG` with file and key.
 */
export function optionSettings(configuration: PipConfiguration, { host, command, options }: CommandOptions): OptionSettings {
  const found = new Map<string, OptionSetting>();
  for (const item of itemsFor(configuration, command)) {
    const meant = pipKeys.has(item.name) ? optionNamed(item.name, options) : undefined;
    if (meant === undefined) continue;
    const { spec, negated } = meant;
    found.set(spec.name, { values: valuesOf(item, { spec, negated, command, host }), origin: item.origin });
  }
  return found;
}

interface Meant {
  readonly spec: OptionSpec;
  readonly negated: boolean;
}

function optionNamed(name: string, options: readonly OptionSpec[]): Meant | undefined {
  for (const spec of options) {
    if (spec.name === name || spec.aliases?.includes(name) === true) return { spec, negated: false };
    if (spec.negation === name) return { spec, negated: true };
  }
  return undefined;
}

function valuesOf(item: PipItem, { spec, negated, command, host }: Meant & Omit<CommandOptions, "options">): string[] {
  switch (spec.kind) {
    case "flag":
      return [flagValue(item, negated, command)];
    case "count":
      return Array.from({ length: countOf(item) }, () => "on");
    case "value":
      return [checked(item, withHome(item, host, item.value), spec)];
    case "list": {
      const words = wholeValues.has(item.name) ? [item.value] : item.value.split(/\s+/).filter((word) => word !== "");
      return words.map((word) => checked(item, withHome(item, host, word), spec));
    }
  }
}

function flagValue(item: PipItem, negated: boolean, command: string): "on" | "off" {
  const truth = truthOf(item.value);
  if (truth === undefined) throw invalid(item, "It is neither yes nor no.", "Write yes or no, true or false, 1 or 0.");
  // pip switches its cache off for every truth value, no matter which.
  if (item.name === "no-cache-dir") return "on";
  const says = isReversed(item.name, command) && !negated ? !truth : truth;
  return says !== (negated && !isReversed(item.name, command)) ? "on" : "off";
}

const yes: ReadonlySet<string> = new Set(["y", "yes", "t", "true", "on", "1"]);
const no: ReadonlySet<string> = new Set(["n", "no", "f", "false", "off", "0"]);

/** pip's truth values; undefined for any other text. */
function truthOf(text: string): boolean | undefined {
  const word = text.toLowerCase();
  return yes.has(word) ? true : no.has(word) ? false : undefined;
}

const most = 100;

function countOf(item: PipItem): number {
  const truth = truthOf(item.value);
  if (truth !== undefined) return truth ? 1 : 0;
  if (/^\d+$/.test(item.value.trim())) return Math.min(most, Number(item.value));
  throw invalid(item, "It is no number that says how often, and neither yes nor no.", "Write 0, 1, 2, …");
}

function checked(item: PipItem, value: string, spec: OptionSpec): string {
  if (spec.choices !== undefined && !spec.choices.includes(value))
    throw invalid(item, `It is none of: ${spec.choices.join(", ")}.`, undefined);
  if (spec.number === true && !/^\d{1,6}(\.\d+)?$/.test(value)) throw invalid(item, "It is no number.", "Write a number.");
  return value;
}

const withHome = (item: PipItem, { home }: Host, text: string): string =>
  homePaths.has(item.name) && (text === "~" || text.startsWith("~/")) ? `${home}${text.slice(1)}` : text;

function invalid(item: PipItem, why: string, hint: string | undefined): PenError {
  return new PenError("INVALID_CONFIG", `${printableLine(item.value)} is not a valid value for ${item.name}`, {
    why: `${why} It comes from ${item.origin}.`,
    hint: `${hint === undefined ? "" : `${hint} `}Or take it away${item.variable === undefined ? "" : `: unset ${item.variable}`}.`,
    data: { key: item.name, origin: item.origin },
  });
}
