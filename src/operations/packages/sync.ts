import { planInstall, readInstalled, type InstalledDistribution } from "#installer";
import { PenError } from "#foundation";
import type { IndexClient } from "#index";
import { openContext } from "../context.ts";
import { exclusively, type Destination } from "../environment.ts";
import { chooseDestination } from "./destination.ts";
import type { InstallOptions, InstallReport } from "./install.ts";
import { questionOf, readRequirements } from "./wanted.ts";
import type { Pin } from "../resolving/resolve-types.ts";
import { extraBeside, settle } from "../resolving/settled-pins.ts";
import { singleTarget } from "../resolving/target.ts";

export interface SyncOptions extends Omit<InstallOptions, "upgrade" | "upgradeStrategy" | "upgradePackages" | "noDependencies"> {
  /** Allow files without any requirement, which empties the environment. */
  readonly allowEmpty?: boolean;
}

/**
 * Makes an environment hold exactly what compiled requirements files say: installs what is missing, changes what differs,
 * removes the rest (but for pip, setuptools and wheel). Errors as `install`, and `USAGE` when the files hold nothing.
 */
export async function sync(options: SyncOptions): Promise<InstallReport> {
  const context = openContext(options);
  const destination = await chooseDestination(context, options);
  const client = async (): Promise<IndexClient> => (await import("../indexes.ts")).openIndexes(context, options.indexes ?? {});
  const wanted = await readRequirements(context, client, options);
  const target = singleTarget(destination.interpreter, options);
  const asked = questionOf(wanted, target.markers, { ...options, noDependencies: true });
  if (asked.input.requirements.length === 0 && options.allowEmpty !== true) {
    throw new PenError("USAGE", "The requirements hold nothing to install", {
      why: "Going on would remove every package of the environment.",
      hint: "Add --allow-empty-requirements if that is what you want.",
    });
  }
  return exclusively(context, destination, async () => {
    const installed = readInstalled(destination.target);
    const settled = settle(asked.input.requirements, options.forceReinstall === true ? [] : installed, target.markers);
    if (settled.open.length === 0 && extraBeside(settled.inPlace, installed).length === 0)
      return unchanged(settled.inPlace, { destination, installed, options, markers: target.markers });
    // Half of pen, which nobody needs where all is there already.
    const { changeTo } = await import("./sync-changes.ts");
    return changeTo(context, { destination, options, wanted, asked, target, installed, settled });
  });
}

interface Present {
  readonly destination: Destination;
  readonly installed: readonly InstalledDistribution[];
  readonly options: SyncOptions;
  readonly markers: InstallReport["markers"];
}

/** What is told where nothing is to be done. */
function unchanged(pins: readonly Pin[], { destination, installed, options, markers }: Present): InstallReport {
  const report = { changes: [], linkMode: undefined, files: 0, folders: 0, removed: 0 };
  const plan = planInstall(installed, []);
  return { destination: destination.label, plan, report: options.dryRun === true ? undefined : report, broken: [], pins, markers };
}
