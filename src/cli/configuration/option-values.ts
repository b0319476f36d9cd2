import { closest, printableLine, type PenError } from "#foundation";
import type { OptionSpec } from "../arguments/types.ts";
import { kindOf } from "./section.ts";

/** What is wrong with one value, and what to write instead. */
export type ValueFailure = (message: string, hint: string) => PenError;

/** An option under one of its names; `negated` for the name that switches it off. */
export interface NamedOption {
  readonly spec: OptionSpec;
  readonly negated: boolean;
}

/** The option that a key of a configuration file means. */
export function optionOfKey(key: string, options: readonly OptionSpec[]): NamedOption | undefined {
  for (const spec of options) {
    if (spec.name === key || spec.aliases?.includes(key) === true) return { spec, negated: false };
    if (spec.negation === key) return { spec, negated: true };
  }
  return undefined;
}

/** A TOML value in the words of the command line. Throws what `fail` makes for a value of another kind. */
export function optionValues(value: unknown, { spec, negated }: NamedOption, fail: ValueFailure): string[] {
  const { name } = spec;
  switch (spec.kind) {
    case "flag":
      if (typeof value !== "boolean") throw fail(`${name} is true or false, not ${kindOf(value)}`, `Write: ${name} = true`);
      return [value !== negated ? "on" : "off"];
    case "count":
      if (typeof value === "boolean") return value ? ["on"] : [];
      if (!isSmallCount(value)) throw fail(`${name} is a number from 0 to 9, not ${kindOf(value)}`, `Write: ${name} = 1`);
      return Array.from({ length: Number(value) }, () => "on");
    case "value":
      return [text(value, spec, fail)];
    case "list":
      return (Array.isArray(value) ? value : [value]).map((one: unknown) => text(one, spec, fail));
  }
}

const isSmallCount = (value: unknown): boolean => (typeof value === "number" || typeof value === "bigint") && /^\d$/.test(String(value));

function text(value: unknown, spec: OptionSpec, fail: ValueFailure): string {
  const isNumber = typeof value === "number" || typeof value === "bigint";
  if (spec.number === true && isNumber) return String(value);
  if (typeof value !== "string")
    throw fail(
      `${spec.name} is ${spec.number === true ? "a number" : spec.kind === "list" ? "a list of texts" : "a text"}, not ${kindOf(value)}`,
      spec.kind === "list" ? `Write: ${spec.name} = ["…"]` : `Write: ${spec.name} = ${spec.number === true ? "5" : '"…"'}`,
    );
  if (spec.choices === undefined || spec.choices.includes(value)) return value;
  const near = closest(value, spec.choices);
  throw fail(
    `${spec.name} does not know ${printableLine(value)}`,
    `${near === undefined ? "" : `Did you mean ${near}? `}It takes one of: ${spec.choices.join(", ")}.`,
  );
}
