import { readInstalled } from "#installer";
import { PenError } from "#foundation";
import type { NormalizedName } from "#standards";
import { openContext } from "../context.ts";
import { openIndexes } from "../indexes.ts";
import { exclusively } from "../environment.ts";
import { chooseDestination, installPins, sourcesFor, type InstallOptions, type InstallReport } from "./install.ts";
import { questionOf, readRequirements, withFileOptions } from "./wanted.ts";
import { plainQuestion } from "../resolving/plain-question.ts";
import { resolveRequirements } from "../resolving/resolve.ts";
import { settle } from "../resolving/settled-pins.ts";
import { singleTarget } from "../resolving/target.ts";

export interface SyncOptions extends Omit<InstallOptions, "upgrade" | "upgradeStrategy" | "upgradePackages" | "noDependencies"> {
  /** Allow files without any requirement, which empties the environment. */
  readonly allowEmpty?: boolean;
}

/** Left alone unless the files name them: without them the word `pip` would be the global one. */
const kept: ReadonlySet<string> = new Set(["pip", "setuptools", "wheel"]);

/**
 * Makes an environment hold exactly what compiled requirements files say: installs what is missing, changes what differs,
 * removes the rest (but for pip, setuptools and wheel). Errors as `install`, and `USAGE` when the files hold nothing.
 */
export async function sync(options: SyncOptions): Promise<InstallReport> {
  const context = openContext(options);
  const destination = await chooseDestination(context, options);
  const wanted = await readRequirements(context, () => openIndexes(context, options.indexes ?? {}), options);
  const target = singleTarget(destination.interpreter, options);
  const asked = questionOf(wanted, target.markers, { ...options, noDependencies: true });
  if (asked.input.requirements.length === 0 && options.allowEmpty !== true) {
    throw new PenError("USAGE", "The requirements hold nothing to install", {
      why: "Going on would remove every package of the environment.",
      hint: "Add --allow-empty-requirements if that is what you want.",
    });
  }
  const client = asked.client(openIndexes(context, withFileOptions(options.indexes ?? {}, wanted.options)));
  const sources = sourcesFor(context, client, { destination, options, file: wanted.options });
  return exclusively(context, destination, async () => {
    const installed = readInstalled(destination.target);
    const { inPlace, open } = settle(asked.input.requirements, options.forceReinstall === true ? [] : installed, target.markers);
    const answer = await resolveRequirements(context, client, {
      ...plainQuestion,
      ...target,
      ...asked.input,
      requirements: open,
      constraints: wanted.constraints,
      prereleases: options.prereleases ?? "allow",
      noBinary: new Set([...(options.noBinary ?? []), ...wanted.options.noBinary]),
      sources,
    });
    const resolved = { ...answer, pins: [...inPlace, ...answer.pins] };
    const names = new Set<NormalizedName>(resolved.pins.map((pin) => pin.locked.name));
    const extra = installed
      .filter((distribution) => !names.has(distribution.name) && !kept.has(distribution.name))
      .map((distribution) => distribution.name);
    const report = await installPins(context, { destination, installed, resolved, client, options, sources, exact: extra });
    return { ...report, markers: target.markers };
  }).finally(() => sources.close());
}
