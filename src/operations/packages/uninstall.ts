import { isPenError, PenError, printableLine, silent, warn } from "#foundation";
import { applyPlan, planInstall, readInstalled, type Plan, type Report } from "#installer";
import { loadRequirements } from "#project";
import { normalizeName, type NormalizedName } from "#standards";
import { openContext, type OperationOptions } from "../context.ts";
import { openIndexes } from "../indexes.ts";
import { environmentDestination, exclusively, findEnvironment } from "../environment.ts";
import { inheritedDistributions, type InheritedDistribution } from "../environments/inheritance.ts";
import { shellWord } from "../shells/shell-word.ts";

export interface UninstallOptions extends OperationOptions {
  readonly names: readonly string[];
  readonly requirementFiles?: readonly string[];
  readonly python?: string | undefined;
  readonly dryRun?: boolean;
  /** Asked with the plan before anything is done; false leaves all as it is. */
  readonly confirm?: (plan: Plan) => Promise<boolean>;
}

export interface UninstallReport {
  readonly destination: string;
  readonly plan: Plan;
  /** Undefined when nothing was done: a dry run, or the person said no. */
  readonly report: Report | undefined;
  /** Names that are not installed. */
  readonly absent: readonly string[];
}

/** Removes distributions from an environment, as one transaction. A name that is not installed is a warning, as in pip. */
export async function uninstall(options: UninstallOptions): Promise<UninstallReport> {
  const context = openContext(options);
  const files = options.requirementFiles ?? [];
  const loaded =
    files.length === 0
      ? undefined
      : await loadRequirements(files, [], { host: context.host, fetchText: (url) => openIndexes(context, {}).fetchText(url) });
  const listed = (loaded?.requirements ?? []).flatMap(({ source }) => (source.kind === "named" ? [source.requirement.name] : []));
  const names = new Set<NormalizedName>([...options.names.map(nameIn), ...listed]);
  if (names.size === 0)
    throw new PenError("NOTHING_NAMED", "You must give at least one requirement to uninstall", {
      why: "The requirements files name no package.",
      hint: "Type for example: pen pip uninstall flask",
    });
  const environment = await findEnvironment(context, options);
  const destination = environmentDestination(environment);
  return exclusively(context, destination, async () => {
    const installed = readInstalled(destination.target);
    const present = new Set(installed.map(({ name }) => name));
    const absent = [...names].filter((name) => !present.has(name));
    refuseInherited(absent, inheritedDistributions(environment, installed, silent), environment.root);
    for (const name of absent) warn(context.emit, "not-installed", `Skipping ${name} as it is not installed.`);
    const plan = planInstall(installed, [], { remove: [...names].filter((name) => present.has(name)) });
    const outcome = { destination: destination.label, plan, absent };
    if (options.dryRun === true || absent.length === names.size) return { ...outcome, report: undefined };
    if (options.confirm !== undefined && !(await options.confirm(plan))) return { ...outcome, report: undefined };
    const report = await applyPlan(plan, destination.target, {
      linkMode: "auto",
      emit: context.emit,
      ...(context.signal === undefined ? {} : { signal: context.signal }),
    });
    return { ...outcome, report };
  });
}

/** `lib>=1` means the package as `lib` does, as in pip. Errors: `INVALID_REQUIREMENT`. */
function nameIn(text: string): NormalizedName {
  try {
    return normalizeName(text.split(/[=<>!~[; ]/, 1)[0] ?? text);
  } catch (error) {
    if (!isPenError(error, "INVALID_NAME")) throw error;
    throw new PenError("INVALID_REQUIREMENT", `${printableLine(text)} is no package that could be uninstalled`, {
      why: /[\\/]/.test(text) ? "It is a path, and packages are uninstalled by their names." : (error.why ?? ""),
      hint: "See what is installed: pen pip list",
    });
  }
}

/** What belongs to another environment is removed there, or not at all: its other heirs need it, too. */
function refuseInherited(absent: readonly NormalizedName[], inherited: readonly InheritedDistribution[], root: string): void {
  const found = inherited.find(({ distribution }) => absent.includes(distribution.name));
  if (found === undefined) return;
  const { distribution, from } = found;
  throw new PenError("NOT_INSTALLED", `${distribution.name} is inherited: it is installed in ${printableLine(from)}`, {
    why: `${printableLine(root)} only sees it. A command for one environment never changes another. Nothing was removed.`,
    hint: `If it shall go for all who inherit it: pen pip uninstall --python ${shellWord(from)} ${distribution.name}`,
    data: { name: distribution.name, environment: from },
  });
}
