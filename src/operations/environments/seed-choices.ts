import { isFolder, isPenError, listFolder, makeFolders, readTextIfAny, writeAtomic, join } from "#foundation";
import type { Context, IndexOptions } from "../context.ts";

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
  const key = JSON.stringify([...question.names, ...sourcesOf(question.indexes)]);
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

/** What of a question says where packages come from. */
function sourcesOf({ indexUrl, extraIndexUrls = [], findLinks = [], noIndex = false, excludeNewer }: IndexOptions): readonly unknown[] {
  return [indexUrl ?? "", ...extraIndexUrls, ...findLinks, noIndex, excludeNewer ?? ""];
}

/** The hashes of all wheels that were chosen from the same indexes for any Python and any names. */
export function chosenBefore({ cacheFolder }: Pick<Context, "cacheFolder">, indexes: IndexOptions): string[] {
  const folder = join(cacheFolder, "seeds", "v1");
  const end = JSON.stringify(sourcesOf(indexes)).slice(1);
  const files = isFolder(folder) ? listFolder(folder).filter(({ name }) => name.endsWith(".json")) : [];
  const choices = files.flatMap(({ name }) => [...readChoices(join(folder, name))]);
  return [...new Set(choices.flatMap(([key, { wheels }]) => (key.endsWith(`,${end}`) ? wheels : [])))];
}

/** Copies what one cache folder remembers of seeds into another, and gives the hashes of all wheels that are named there. */
export function lendChoices(from: string, to: string): string[] {
  const [source, place] = [from, to].map((folder) => join(folder, "seeds", "v1")) as [string, string];
  if (!isFolder(source)) return [];
  makeFolders(place);
  return listFolder(source).flatMap(({ name, kind }) => {
    if (kind !== "file" || !name.endsWith(".json")) return [];
    const choices = readChoices(join(source, name));
    writeAtomic(join(place, name), JSON.stringify(Object.fromEntries(choices)));
    return [...choices.values()].flatMap(({ wheels }) => wheels);
  });
}

function readChoices(file: string): Map<string, SeedChoice> {
  try {
    const parsed: unknown = JSON.parse(readTextIfAny(file) ?? "{}");
    if (typeof parsed !== "object" || parsed === null) return new Map();
    const choices = new Map<string, SeedChoice>();
    for (const [key, value] of Object.entries(parsed)) if (isChoice(value)) choices.set(key, value);
    return choices;
  } catch {
    return new Map(); // A damaged note costs one look at the index.
  }
}

function isChoice(value: unknown): value is SeedChoice {
  if (typeof value !== "object" || value === null || !("wheels" in value) || !("chosen" in value)) return false;
  if (!Array.isArray(value.wheels) || typeof value.chosen !== "number") return false;
  for (const sha256 of value.wheels) if (typeof sha256 !== "string") return false;
  return true;
}
