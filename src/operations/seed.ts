import { join } from "node:path";
import { isPenError, listFolder, PenError, warn } from "#foundation";
import { applyPlan, lockEnvironment, planInstall, readInstalled, recover } from "#installer";
import { parseRequirementArgument } from "#project";
import type { Interpreter } from "#python";
import { compareVersions, supportedTags, tryParseWheelFilename, wheelRank, type SupportedTags } from "#standards";
import type { StoredWheel } from "#store";
import type { Environment } from "#venv";
import { announceUse } from "./bytecode.ts";
import { openIndexes, type Context, type IndexOptions } from "./context.ts";
import { environmentDestination } from "./environment.ts";
import { fetchWheels } from "./fetch.ts";
import { fileHashes } from "./hash.ts";
import { resolveRequirements } from "./resolve.ts";
import { recallSeeds } from "./seed-choices.ts";
import { singleTarget } from "./target.ts";
import { findWhole } from "./whole-wheel.ts";

/** A remembered choice is looked up anew after a week, when the index can be reached. */
const choiceAge = 7 * 24 * 3600 * 1000;

interface PrepareInput {
  readonly interpreter: Interpreter;
  /** `pip`, `setuptools==70.0`, … */
  readonly names: readonly string[];
  readonly indexes: IndexOptions;
}

interface InstallInput {
  readonly environment: Environment;
  readonly wheels: readonly StoredWheel[];
  readonly linkMode: "auto" | "clone" | "hardlink" | "copy" | "symlink";
}

/**
 * The wheels to start an environment with, in the store: remembered for a week, else the newest that the index has for this Python, else
 * the ones that the Python itself brings along. Errors: `PACKAGE_NOT_FOUND`.
 */
export async function findSeeds(context: Context, input: PrepareInput): Promise<StoredWheel[]> {
  const remembered = recallSeeds(context, { cacheTag: input.interpreter.cacheTag, names: input.names, indexes: input.indexes });
  const { choice } = remembered;
  const before: StoredWheel[] = [];
  for (const sha256 of choice?.wheels ?? []) {
    const wheel = await findWhole(context, sha256, "files");
    if (wheel !== undefined) before.push(wheel);
  }
  const complete = choice !== undefined && before.length === choice.wheels.length ? before : undefined;
  if (complete !== undefined && choice !== undefined && context.host.now() - choice.chosen < choiceAge) return complete;
  const wheels = await choose(context, input, complete);
  remembered.remember(wheels.map(({ manifest }) => manifest.sha256));
  return wheels;
}

/** The newest that the index has for this Python; without the index what was used before, or what the Python brings along. */
async function choose(context: Context, input: PrepareInput, before: readonly StoredWheel[] | undefined): Promise<StoredWheel[]> {
  try {
    return await fromIndex(context, input);
  } catch (error) {
    const fallback = before ?? (await fromEnsurepip(context, input));
    if (fallback === undefined) throw noSeed(input, error);
    if (!isPenError(error, "OFFLINE")) {
      warn(
        context.emit,
        "seed-fallback",
        `${isPenError(error, "NETWORK") ? "The index could not be asked" : "The index has nothing usable"}; took ${fallback.map(({ manifest }) => `${manifest.name} ${manifest.version}`).join(", ")} from this machine.`,
      );
    }
    return [...fallback];
  }
}

async function fromIndex(context: Context, { interpreter, names, indexes }: PrepareInput): Promise<StoredWheel[]> {
  const client = openIndexes(context, indexes);
  const { pins } = await resolveRequirements(context, client, {
    ...singleTarget(interpreter),
    requirements: names.map((name) => parseRequirementArgument(name, context.host.cwd)),
    constraints: [],
    overrides: [],
    excludes: [],
    mode: "highest",
    prereleases: "if-necessary-or-explicit",
    preferences: new Map(),
    followDependencies: true,
    requireHashes: false,
    noBinary: new Set(),
    installed: [],
    allFiles: false,
  });
  const files = pins.flatMap(({ locked, file }) =>
    file === undefined ? [] : [{ name: locked.name, version: locked.version ?? "", file, hashes: [] }],
  );
  return [...pins.flatMap(({ stored }) => stored ?? []), ...(await fetchWheels(context, client, { wanted: files, kind: "files" }))];
}

/** Only when the Python brings all of them along, and no version was asked for. */
async function fromEnsurepip(context: Context, { interpreter, names }: PrepareInput): Promise<StoredWheel[] | undefined> {
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

function noSeed({ names, interpreter }: PrepareInput, cause: unknown): PenError {
  return new PenError("PACKAGE_NOT_FOUND", `Could not get ${names.join(", ")} for the new environment`, {
    why: `${cause instanceof Error ? cause.message : String(cause)}\n${interpreter.executable} brings none along either.`,
    hint: "Make the environment without it: pen venv --no-seed",
    cause,
  });
}

/** Links the seeds into a new environment. */
export async function installSeeds(
  context: Context,
  { environment, wheels, linkMode }: InstallInput,
): Promise<Array<{ name: string; version: string }>> {
  if (wheels.length === 0) return [];
  const { target } = environmentDestination(environment);
  const lock = await lockEnvironment(target, context.emit, context.signal);
  try {
    recover(target, context.emit);
    const plan = planInstall(
      readInstalled(target),
      wheels.map((wheel) => ({ wheel, requested: true })),
      {},
    );
    if (linkMode === "symlink") announceUse(context, target.paths.purelib, wheels);
    await applyPlan(plan, target, { linkMode, emit: context.emit, ...(context.signal === undefined ? {} : { signal: context.signal }) });
  } finally {
    lock.release();
  }
  return wheels.map(({ manifest }) => ({ name: manifest.name, version: manifest.version }));
}
