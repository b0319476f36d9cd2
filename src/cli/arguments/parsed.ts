import type { Parsed } from "./types.ts";

/** What differs between the ways in which a command line is understood. */
interface Given extends Pick<Parsed, "arguments" | "rest" | "knows" | "origin"> {
  /** All values of an option, in their order; `on` and `off` for flags. */
  values(name: string): readonly string[] | undefined;
}

/** A {@link Parsed} over the values that were given. */
export function parsedOf({ values, ...others }: Given): Parsed {
  const value = (name: string): string | undefined => {
    const all = values(name);
    return all?.[all.length - 1];
  };
  const flagIfGiven = (name: string): boolean | undefined => {
    const last = value(name);
    return last === undefined ? undefined : last === "on";
  };
  return {
    ...others,
    flag: (name) => flagIfGiven(name) ?? false,
    flagIfGiven,
    count: (name) => {
      let count = 0;
      for (const text of values(name) ?? []) if (text === "on") count += 1;
      return count;
    },
    value,
    list: (name) => values(name) ?? [],
  };
}
