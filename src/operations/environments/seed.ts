import { compareVersions, tryParseVersion } from "#standards";
import { applyPlan, lockEnvironment, planInstall, readInstalled, recover, targetOf, type InstalledDistribution } from "#installer";
import type { StoredWheel } from "#store";
import type { Environment } from "#venv";
import { announceUse } from "../packages/bytecode.ts";
import type { Context } from "../context.ts";
import { recallSeeds } from "./seed-choices.ts";
import type { SeedQuestion } from "./seed-choosing.ts";
import { findWhole } from "../packages/whole-wheel.ts";

/** A remembered choice is looked up anew after a week, when the index can be reached. */
const choiceAge = 7 * 24 * 3600 * 1000;

interface InstallInput {
  readonly environment: Environment;
  readonly wheels: readonly StoredWheel[];
  readonly linkMode: "auto" | "clone" | "hardlink" | "copy" | "symlink";
  /** Leave what is there in a newer version. */
  readonly keepNewer?: boolean;
  /** Take over files that nobody owns. */
  readonly overwrite?: boolean;
  /** The environment was made just now by the same command: until that ends nobody relies on it, and the disk need not be waited for. */
  readonly isNew?: boolean;
}

/**
 * The wheels to start an environment with, in the store: remembered for a week, else the newest that the index has for this Python, else
 * the ones that the Python itself brings along. Errors: `PACKAGE_NOT_FOUND`.
 */
export async function findSeeds(context: Context, input: SeedQuestion): Promise<StoredWheel[]> {
  const remembered = recallSeeds(context, { cacheTag: input.interpreter.cacheTag, names: input.names, indexes: input.indexes });
  const { choice } = remembered;
  const before: StoredWheel[] = [];
  for (const sha256 of choice?.wheels ?? []) {
    const wheel = await findWhole(context, sha256);
    if (wheel !== undefined) before.push(wheel);
  }
  const complete = choice !== undefined && before.length === choice.wheels.length ? before : undefined;
  if (complete !== undefined && choice !== undefined && context.host.now() - choice.chosen < (input.age ?? choiceAge)) return complete;
  // Seldom needed, and half of pen: the solver, the indexes, the network.
  const { chooseSeeds } = await import("./seed-choosing.ts");
  const wheels = await chooseSeeds(context, input, complete);
  // What had to do without the index is no answer for a time when there is one.
  if (input.indexes.offline !== true) remembered.remember(wheels.map(({ manifest }) => manifest.sha256));
  return wheels;
}

/** Links the seeds into a new environment. */
export async function installSeeds(
  context: Context,
  { environment, wheels, linkMode, ...how }: InstallInput,
): Promise<Array<{ name: string; version: string }>> {
  if (wheels.length === 0) return [];
  const target = targetOf(environment);
  const lock = await lockEnvironment(target, context.emit, context.signal);
  try {
    recover(target, context.emit);
    const installed = readInstalled(target);
    const wanted = how.keepNewer === true ? wheels.filter((wheel) => !hasNewer(installed, wheel)) : wheels;
    const plan = planInstall(
      installed,
      wanted.map((wheel) => ({ wheel, requested: true })),
      {},
    );
    if (linkMode === "symlink") announceUse(context, target.paths.purelib, wheels);
    await applyPlan(plan, target, {
      linkMode,
      emit: context.emit,
      overwrite: how.overwrite === true,
      durable: how.isNew !== true,
      ...(context.signal === undefined ? {} : { signal: context.signal }),
    });
    return wanted.map(({ manifest }) => ({ name: manifest.name, version: manifest.version }));
  } finally {
    lock.release();
  }
}

function hasNewer(installed: readonly InstalledDistribution[], { manifest }: StoredWheel): boolean {
  const present = tryParseVersion(installed.find(({ name }) => name === manifest.name)?.version ?? "");
  const offered = tryParseVersion(manifest.version);
  return present !== undefined && offered !== undefined && compareVersions(present, offered) > 0;
}
