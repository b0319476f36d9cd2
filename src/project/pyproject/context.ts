import { isPenError } from "#foundation";
import { parseRequirement, type Requirement } from "#standards";
import type { TomlPlaces } from "../toml/places.ts";
import { isTomlArray, type TomlValue } from "../toml/reading.ts";

/** What the readers of the tools' tables need. */
export interface ReadingContext {
  readonly places: TomlPlaces;
  warn(at: readonly string[], message: string): void;
}

/** A list of texts; empty where there is none. */
export function listOfTexts(value: TomlValue | undefined, path: readonly string[], places: TomlPlaces): readonly string[] {
  if (value === undefined) return [];
  if (isTomlArray(value) && value.every((item) => typeof item === "string")) return value;
  throw places.error(path, { message: `has a ${path.join(".")} that is no list of texts`, hint: `Write ${path.at(-1) ?? ""} = ["…"]` });
}

/** A requirement (PEP 508) that stands at a place. */
export function parsed(text: string, at: readonly string[], places: TomlPlaces): Requirement {
  try {
    return parseRequirement(text);
  } catch (error) {
    if (!isPenError(error)) throw error;
    throw places.error(at, { message: `has a requirement in ${at.join(".")} that cannot be understood`, why: error.why, hint: error.hint });
  }
}
