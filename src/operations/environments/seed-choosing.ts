import { isPenError, listFolder, PenError, warn, join } from "#foundation";
import { parseRequirementArgument } from "#project";
import type { Interpreter } from "#python";
import { compareVersions, supportedTags, tryParseWheelFilename, wheelRank, type SupportedTags } from "#standards";
import type { StoredWheel } from "#store";
import type { Context, IndexOptions } from "../context.ts";
import { openIndexes } from "../indexes.ts";
import { fetchWheels } from "../packages/fetch.ts";
import { fileHashes } from "../packages/hash.ts";
import { plainQuestion } from "../resolving/plain-question.ts";
import { resolveRequirements } from "../resolving/resolve.ts";
import { seedsFromStore } from "./seed-store.ts";
import { singleTarget } from "../resolving/target.ts";

/** Which packages an environment shall start with, and where they may come from. */
export interface SeedQuestion {
  readonly interpreter: Interpreter;
  /** `pip`, `setuptools==70.0`, … */
  readonly names: readonly string[];
  readonly indexes: IndexOptions;
  /** How old, in milliseconds, a remembered choice may be; default a week. */
  readonly age?: number | undefined;
}

/**
 * The newest that the index has for this Python; without the index what was used before, or what the Python brings along. GraalPy's own pip knows the
 * patches that packages need there, and GraalPy warns of any other: where no version was asked for, it gets that one.
 */
export async function chooseSeeds(
  context: Context,
  input: SeedQuestion,
  before: readonly StoredWheel[] | undefined,
): Promise<StoredWheel[]> {
  const own = input.interpreter.implementation === "graalpy" ? await fromEnsurepip(context, input) : undefined;
  if (own !== undefined) return own;
  try {
    return await fromIndex(context, input);
  } catch (error) {
    const fallback =
      before ?? (await fromFolders(context, input)) ?? (await seedsFromStore(context, input)) ?? (await fromEnsurepip(context, input));
    if (fallback === undefined) throw noSeed(input, error);
    if (!isPenError(error, "OFFLINE")) {
      warn(
        context.emit,
        "seed-fallback",
        `${isPenError(error, "NETWORK") ? "The index could not be asked" : `The index has nothing usable (${isPenError(error) ? error.message : String(error)})`}; took ${fallback.map(({ manifest }) => `${manifest.name} ${manifest.version}`).join(", ")} from this machine.`,
      );
    }
    return [...fallback];
  }
}

async function fromIndex(context: Context, { interpreter, names, indexes }: SeedQuestion): Promise<StoredWheel[]> {
  const client = openIndexes(context, indexes);
  const { pins } = await resolveRequirements(context, client, {
    ...plainQuestion,
    ...singleTarget(interpreter),
    requirements: names.map((name) => parseRequirementArgument(name, context.host.cwd)),
  });
  const files = pins.flatMap(({ locked, file }) =>
    file === undefined ? [] : [{ name: locked.name, version: locked.version ?? "", file, hashes: [] }],
  );
  return [...pins.flatMap(({ stored }) => stored ?? []), ...(await fetchWheels(context, client, { wanted: files }))];
}

/** The newest of `--find-links` and of what the Python brings along; undefined when no folder was named, or they do not have all. */
async function fromFolders(context: Context, input: SeedQuestion): Promise<StoredWheel[] | undefined> {
  const { findLinks = [], noIndex } = input.indexes;
  if (findLinks.length === 0 || noIndex === true) return undefined;
  const bundled = input.interpreter.ensurepipWheels;
  const folders = [...findLinks, ...(bundled === undefined ? [] : [bundled])];
  try {
    return await fromIndex(context, { ...input, indexes: { ...input.indexes, noIndex: true, findLinks: folders } });
  } catch (error) {
    if (!isPenError(error)) throw error;
    return undefined;
  }
}

/** Only when the Python brings all of them along, and no version was asked for. */
async function fromEnsurepip(context: Context, { interpreter, names }: SeedQuestion): Promise<StoredWheel[] | undefined> {
  const folder = interpreter.ensurepipWheels;
  if (folder === undefined) return undefined;
  const wheels: StoredWheel[] = [];
  for (const name of names) {
    const wheel = await bundledWheel(context, { folder, name, tags: supportedTags(interpreter.tagTarget) });
    if (wheel === undefined) return undefined;
    wheels.push(wheel);
  }
  return wheels;
}

async function bundledWheel(
  context: Context,
  { folder, name, tags }: { folder: string; name: string; tags: SupportedTags },
): Promise<StoredWheel | undefined> {
  const wheels = listFolder(folder).flatMap((entry) => {
    const parsed = entry.kind === "folder" ? undefined : tryParseWheelFilename(entry.name);
    return parsed !== undefined && parsed.name === name && wheelRank(tags, parsed) !== undefined
      ? [{ path: join(folder, entry.name), parsed }]
      : [];
  });
  const newest = wheels.sort((a, b) => compareVersions(b.parsed.version, a.parsed.version))[0];
  if (newest === undefined) return undefined;
  const { sha256 = "" } = fileHashes(newest.path, ["sha256"]);
  return context.store.add({ path: newest.path, filename: newest.parsed.text, sha256 });
}

function noSeed({ names, interpreter }: SeedQuestion, cause: unknown): PenError {
  return new PenError("PACKAGE_NOT_FOUND", `Could not get ${names.join(", ")} for the new environment`, {
    why: `${cause instanceof Error ? cause.message : String(cause)}\n${interpreter.executable} brings none along either.`,
    hint: "Make the environment without it: pen venv --no-seed",
    cause,
  });
}
