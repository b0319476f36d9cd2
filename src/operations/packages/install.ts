import {
  checkPlan,
  applyPlan,
  planInstall,
  readInstalled,
  type InstalledDistribution,
  type Plan,
  type Report,
  type WantedWheel,
} from "#installer";
import type { IndexClient } from "#index";
import type { FileOptions, RequirementEntry } from "#project";
import type { PrereleaseMode, ResolutionMode } from "#resolver";
import { formatDirectUrl, normalizeName, type NormalizedName } from "#standards";
import { inheritsKey } from "#venv";
import { brokenByChange, type CheckProblem } from "./check.ts";
import type { BuildChoices } from "../building/build-choices.ts";
import { announceUse, bytecodeFor, noteUse } from "./bytecode.ts";
import { openContext, type Context, type IndexOptions, type OperationOptions } from "../context.ts";
import { openIndexes } from "../indexes.ts";
import { exclusively, type Destination } from "../environment.ts";
import { chooseDestination } from "./destination.ts";
import { wheelsByName } from "./pinned-wheels.ts";
import { questionOf, readRequirements, withFileOptions, type RequirementsInput } from "./wanted.ts";
import { resolveRequirements } from "../resolving/resolve.ts";
import type { Pin, Resolved } from "../resolving/resolve-types.ts";
import type { Sources } from "../building/source-types.ts";
import { openSources } from "../building/sources.ts";
import { isForeign, singleTarget, type SolveTarget, type TargetOptions } from "../resolving/target.ts";

export type LinkMode = "auto" | "clone" | "hardlink" | "copy" | "symlink";

export interface InstallOptions extends OperationOptions, RequirementsInput, TargetOptions {
  /** An environment or the Python in one; default the active or nearest one. */
  readonly python?: string | undefined;
  readonly target?: string | undefined;
  readonly prefix?: string | undefined;
  readonly upgrade?: boolean;
  /** Upgrade only these. */
  readonly upgradePackages?: readonly string[];
  readonly upgradeStrategy?: "only-if-needed" | "eager";
  readonly noDependencies?: boolean;
  /** Only what the named requirements need, and not themselves. */
  readonly onlyDependencies?: boolean;
  /** Take versions that state they need another Python. */
  readonly ignoreRequiresPython?: boolean;
  readonly prereleases?: PrereleaseMode;
  readonly mode?: ResolutionMode;
  readonly dryRun?: boolean;
  /** The report of what would be installed is wanted: it tells the metadata of the wheels, so that a dry run builds them as well. */
  readonly report?: boolean;
  readonly requireHashes?: boolean;
  readonly noBinary?: readonly string[];
  readonly onlyBinary?: readonly string[];
  /** What may be built from source, and how. Default: only local projects that are named themselves. */
  readonly builds?: BuildChoices | undefined;
  readonly forceReinstall?: boolean;
  readonly linkMode?: LinkMode;
  readonly compileBytecode?: boolean;
  /** Let a distribution take over a file of another. */
  readonly overwrite?: boolean;
  readonly indexes?: IndexOptions;
}

/** What an installing command did, or with `dryRun` would do. */
export interface InstallReport {
  readonly destination: string;
  readonly plan: Plan;
  /** Undefined on a dry run. */
  readonly report: Report | undefined;
  /** Requirements of packages that stay and do not hold any more. */
  readonly broken: readonly CheckProblem[];
  /** All packages of the answer, also those that stay. */
  readonly pins: readonly Pin[];
  readonly markers: SolveTarget["markers"];
}

/**
 * Installs requirements and what they need into an environment (or `target`/`prefix` folder), as one transaction.
 * Errors: those of resolving, fetching and installing; the environment is then as it was before.
 */
export async function install(options: InstallOptions): Promise<InstallReport> {
  const context = openContext(options);
  const destination = await chooseDestination(context, options);
  const firstClient = (): IndexClient => openIndexes(context, options.indexes ?? {});
  const wanted = await readRequirements(context, firstClient, options);
  const target = singleTarget(destination.interpreter, options);
  const asked = questionOf(wanted, target.markers, options);
  const client = asked.client(openIndexes(context, withFileOptions(options.indexes ?? {}, wanted.options)));
  const sources = sourcesFor(context, client, { destination, options, file: wanted.options });
  return exclusively(context, destination, async () => {
    const installed = readInstalled(destination.target);
    const inherited = await inheritedBy(destination, installed, context);
    const answer = await resolveRequirements(context, client, {
      ...target,
      ignoreRequiresPython: options.ignoreRequiresPython ?? false,
      ...asked.input,
      constraints: wanted.constraints,
      overrides: wanted.overrides,
      excludes: (options.excludes ?? []).map(normalizeName),
      mode: options.mode ?? "highest",
      prereleases: (options.prereleases ?? wanted.options.prereleases) ? (options.prereleases ?? "allow") : "if-necessary-or-explicit",
      preferences: new Map(),
      noBinary: new Set([...(options.noBinary ?? []), ...wanted.options.noBinary]),
      ...whatMayStay([...installed, ...inherited], options, asked.input.requirements),
      files: "chosen",
      sources,
    });
    const resolved = options.onlyDependencies === true ? withoutNamed(answer) : answer;
    const report = await installPins(context, { destination, installed, inherited, resolved, client, options, sources });
    return { ...report, markers: target.markers };
  }).finally(() => sources.close());
}

/** The building side of an installing command. */
export function sourcesFor(
  context: Context,
  client: IndexClient,
  { destination, options, file }: { destination: Destination; options: InstallOptions; file: FileOptions },
): Sources {
  const { environment, interpreter } = destination;
  return openSources(context, client, {
    interpreter,
    choices: { ...options.builds, preferWheels: options.builds?.preferWheels === true || file.preferBinary },
    noBinary: [...(options.noBinary ?? []), ...file.noBinary],
    onlyBinary: [...(options.onlyBinary ?? []), ...file.onlyBinary],
    foreign: isForeign(options),
    environment,
    python: options.python,
  });
}

/** Only what the named requirements need: pip's --only-deps. */
const withoutNamed = ({ lock, pins }: Resolved): Resolved => ({ lock, pins: pins.filter(({ requested }) => !requested) });

/** What the destination sees in environments that it inherits from: that is there already, and is never changed. */
async function inheritedBy(
  { environment }: Destination,
  installed: readonly InstalledDistribution[],
  { emit }: Context,
): Promise<InstalledDistribution[]> {
  if (environment?.config.get(inheritsKey) === undefined) return [];
  const { inheritedDistributions } = await import("../environments/inheritance.ts");
  return inheritedDistributions(environment, installed, emit).map(({ distribution }) => distribution);
}

/** What stays when it fits, and what an upgrade looks at anew, which stays when there is nothing newer. What was named by its place is neither. */
function whatMayStay(
  installed: readonly InstalledDistribution[],
  options: InstallOptions,
  requirements: readonly RequirementEntry[],
): { readonly installed: readonly InstalledDistribution[]; readonly movable: readonly InstalledDistribution[] } {
  if (options.forceReinstall === true) return { installed: [], movable: [] };
  const moving = new Set<NormalizedName>((options.upgradePackages ?? []).map(normalizeName));
  const placed = new Set<NormalizedName>();
  for (const { source } of requirements) {
    if (source.kind !== "named") continue;
    if (source.requirement.url !== undefined) placed.add(source.requirement.name);
    else if (options.upgrade === true) moving.add(source.requirement.name);
  }
  const isEager = options.upgrade === true && options.upgradeStrategy === "eager";
  const others = installed.filter(({ name }) => !placed.has(name));
  const isMoving = ({ name }: InstalledDistribution): boolean => isEager || moving.has(name);
  return { installed: others.filter((one) => !isMoving(one)), movable: others.filter(isMoving) };
}

interface InstallPinsInput {
  readonly destination: Destination;
  readonly installed: readonly InstalledDistribution[];
  /** What is there too and belongs to others. */
  readonly inherited?: readonly InstalledDistribution[];
  readonly resolved: Resolved;
  readonly client: IndexClient;
  /** Needed only where pins are to be built. */
  readonly sources?: Sources;
  readonly options: Pick<InstallOptions, "dryRun" | "report" | "linkMode" | "compileBytecode" | "overwrite" | "forceReinstall" | "signal">;
  /** Remove what is not in the answer. */
  readonly exact?: readonly NormalizedName[];
}

/** Fetches what the pins need and carries the plan out. */
export async function installPins(context: Context, input: InstallPinsInput): Promise<Omit<InstallReport, "markers">> {
  const { destination, installed, resolved, client, options } = input;
  const moving = resolved.pins.filter(
    (pin) =>
      pin.installed === undefined && (options.forceReinstall === true || !isInPlace(pin, [...installed, ...(input.inherited ?? [])])),
  );
  const unbuilt = options.dryRun === true && options.report !== true ? moving.filter(({ source }) => source !== undefined) : [];
  const byName = await wheelsByName(context, client, { pins: moving.filter((pin) => !unbuilt.includes(pin)), sources: input.sources });
  const wanted = moving.flatMap((pin) => {
    const wheel = byName.get(pin.locked.name);
    return wheel === undefined ? [] : [{ wheel, ...wishOf(pin, options) }];
  });
  const planned = unbuilt.map((pin) => ({
    unbuilt: true as const,
    name: pin.locked.name,
    version: pin.locked.version ?? "",
    ...wishOf(pin, options),
  }));
  const plan = planInstall(installed, [...wanted, ...planned], input.exact === undefined ? {} : { remove: input.exact });
  const broken = brokenBy(plan, installed, destination);
  const outcome = { destination: destination.label, plan, pins: resolved.pins, broken };
  const how = {
    linkMode: options.linkMode ?? "auto",
    emit: context.emit,
    ...(options.overwrite === undefined ? {} : { overwrite: options.overwrite }),
  };
  if (options.dryRun === true) {
    checkPlan(plan, destination.target, how);
    return { ...outcome, report: undefined };
  }
  context.emit({ type: "phase", phase: "install" });
  const bytecode = await bytecodeFor(context, destination, {
    wheels: wanted.map(({ wheel }) => wheel),
    shown: linksFolders(context, destination, options.linkMode),
    compile: options.compileBytecode ?? false,
  });
  const sitePackages = destination.target.paths.purelib;
  if (options.linkMode === "symlink" || installed.some(({ linked }) => linked))
    announceUse(
      context,
      sitePackages,
      wanted.map(({ wheel }) => wheel),
    );
  const report = await applyPlan(plan, destination.target, {
    ...how,
    bytecode,
    ...(context.signal === undefined ? {} : { signal: context.signal }),
  });
  if (report.changes.length === 0) return { ...outcome, report };
  const present = new Set<string>(plan.steps.filter(({ action }) => action !== "uninstall").map(({ name }) => name));
  noteUse(context, sitePackages, { added: wanted.map(({ wheel }) => wheel), present });
  return { ...outcome, report };
}

/** How a pin shall be installed, whatever its wheel. */
function wishOf(pin: Pin, { forceReinstall }: Pick<InstallOptions, "forceReinstall">): Omit<WantedWheel, "wheel"> {
  const isOwn = pin.stored !== undefined || (pin.source !== undefined && pin.locked.direct !== undefined);
  return {
    requested: pin.requested,
    reinstall: forceReinstall === true || isOwn,
    ...(pin.locked.direct === undefined ? {} : { directUrl: pin.locked.direct }),
  };
}

/** How the installer is going to link: whole folders only into an environment, and only from a store outside of it. */
function linksFolders({ cacheFolder }: Context, { target, environment }: Destination, mode: LinkMode | undefined): boolean {
  return mode === "symlink" && environment !== undefined && !cacheFolder.startsWith(`${target.root}/`);
}

function brokenBy(plan: Plan, installed: readonly InstalledDistribution[], destination: Destination): CheckProblem[] {
  const moving = new Set(plan.steps.flatMap(({ action, name }) => (action === "keep" || action === "install" ? [] : [name])));
  if (moving.size === 0) return [];
  const staying = installed.filter(({ name }) => !moving.has(name));
  const versions = new Map(plan.steps.flatMap(({ action, name, version }) => (action === "uninstall" ? [] : [[name, version] as const])));
  return brokenByChange(staying, { versions, changed: moving }, destination.interpreter.markers);
}

/** The very version is there already, and the person did not ask for a file of their own. */
function isInPlace(pin: Pin, installed: readonly InstalledDistribution[]): boolean {
  if (pin.stored !== undefined) return false;
  const present = installed.find((distribution) => distribution.name === pin.locked.name);
  if (present === undefined) return false;
  const { direct, version } = pin.locked;
  if (direct === undefined) return present.version === version && present.directUrl() === undefined;
  // A folder may have changed under its name; a commit or an archive with its hash has not.
  const from = present.directUrl();
  return direct.info.kind !== "dir" && from !== undefined && formatDirectUrl(from) === formatDirectUrl(direct);
}
