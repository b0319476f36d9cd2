import { join } from "node:path";
import { isPenError, makeFolders, readTextIfAny, writeAtomic } from "#foundation";
import type { Context, IndexOptions } from "./context.ts";

/** Which wheels were chosen as seeds, and when (milliseconds since 1970). */
export interface SeedChoice {
  readonly wheels: readonly string[];
  readonly chosen: number;
}

/** The remembered choice for one kind of interpreter and one question. */
export interface RememberedSeeds {
  readonly choice: SeedChoice | undefined;
  /** Writes a new choice down; a cache that cannot be written only costs the next look. */
  remember(wheels: readonly string[]): void;
}

/** Looks up what was chosen for `names` before, under the same index options: another index may have another answer. */
export function recallSeeds(
  context: Context,
  question: { cacheTag: string; names: readonly string[]; indexes: IndexOptions },
): RememberedSeeds {
  const folder = join(context.cacheFolder, "seeds", "v1");
  const file = join(folder, `${question.cacheTag}.json`);
  const { indexUrl, extraIndexUrls = [], findLinks = [], noIndex = false, excludeNewer } = question.indexes;
  const key = JSON.stringify([...question.names, indexUrl ?? "", ...extraIndexUrls, ...findLinks, noIndex, excludeNewer ?? ""]);
  const choices = readChoices(file);
  return {
    choice: choices.get(key),
    remember: (wheels) => {
      try {
        makeFolders(folder);
        writeAtomic(file, JSON.stringify(Object.fromEntries(choices.set(key, { wheels, chosen: context.host.now() }))));
      } catch (error) {
        if (!isPenError(error, "FILE_SYSTEM")) throw error;
      }
    },
  };
}

function readChoices(file: string): Map<string, SeedChoice> {
  try {
    const parsed: unknown = JSON.parse(readTextIfAny(file) ?? "{}");
    if (typeof parsed !== "object" || parsed === null) return new Map();
    return new Map(Object.entries(parsed).filter((entry): entry is [string, SeedChoice] => isChoice(entry[1])));
  } catch {
    return new Map(); // A damaged note costs one look at the index.
  }
}

function isChoice(value: unknown): value is SeedChoice {
  if (typeof value !== "object" || value === null || !("wheels" in value) || !("chosen" in value)) return false;
  return Array.isArray(value.wheels) && value.wheels.every((sha256) => typeof sha256 === "string") && typeof value.chosen === "number";
}
