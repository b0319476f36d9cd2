import { resolve } from "#foundation";
import type { Host } from "#foundation";
import { readInstalled, type InstalledDistribution } from "#installer";
import {
  directUrlFreezeText,
  evaluateMarker,
  normalizeName,
  parseRequirement,
  type MarkerEnvironment,
  type NormalizedName,
  type Requirement,
} from "#standards";
import { environmentDestination, findEnvironment, interpreterForFolder, settle } from "../environment.ts";
import { inheritsKey, type Environment } from "#venv";
import type { InheritedDistribution } from "../environments/inheritance.ts";
import { readSettings, type OperationOptions, type Settings } from "../settings.ts";
import { briefOf, editableLocation, versionOf, writtenName } from "./distributions.ts";

export interface ListOptions extends OperationOptions {
  readonly python?: string | undefined;
  /** Look into these folders instead of an environment. */
  readonly paths?: readonly string[];
  readonly exclude?: readonly string[];
  readonly editable?: "only" | "exclude" | undefined;
  /** Only those that no other installed distribution needs. */
  readonly notRequired?: boolean;
}

/** The distributions of the environment that the options mean, and where they were looked for. */
export interface Listing {
  readonly environment: Environment | undefined;
  readonly distributions: readonly InstalledDistribution[];
  /** What can be imported beside these from environments that it inherits from. */
  readonly inherited: readonly InheritedDistribution[];
}

/** All that is installed, sorted by name, before any filter. */
export async function readDistributions(context: Settings, options: Pick<ListOptions, "python" | "paths">): Promise<Listing> {
  if (options.paths !== undefined && options.paths.length > 0) {
    const folders = options.paths.map((path) => resolve(context.host.cwd, path));
    return { environment: undefined, distributions: folders.flatMap((folder) => readInstalled(folderTarget(folder))), inherited: [] };
  }
  const environment = await findEnvironment(context, options);
  const { target } = environmentDestination(environment);
  await settle(context, target);
  const distributions = readInstalled(target);
  const heir = environment.config.get(inheritsKey) === undefined ? undefined : environment;
  const inherited =
    heir === undefined ? [] : (await import("../environments/inheritance.ts")).inheritedDistributions(heir, distributions, context.emit);
  return { environment, distributions, inherited };
}

/** All that the environment can import: its own, then what it inherits. */
export function visibleDistributions({ distributions, inherited }: Listing): InstalledDistribution[] {
  return [...distributions, ...inherited.map(({ distribution }) => distribution)];
}

function folderTarget(folder: string): Parameters<typeof readInstalled>[0] {
  return { root: folder, paths: { purelib: folder, platlib: folder, scripts: folder, data: folder, include: folder }, pythonVersion: "" };
}

/** `pen pip list`: what is installed. Starts no Python. */
export async function list(options: ListOptions = {}): Promise<Listing> {
  const context = readSettings(options);
  const listing = await readDistributions(context, options);
  const excluded = new Set((options.exclude ?? []).map(normalizeName));
  const needed =
    options.notRequired === true
      ? requiredNames(visibleDistributions(listing), await markersFor(context, listing, options))
      : new Set<NormalizedName>();
  const isShown = (distribution: InstalledDistribution): boolean => {
    if (excluded.has(distribution.name) || needed.has(distribution.name)) return false;
    if (options.editable === undefined) return true;
    return (editableLocation(distribution) !== undefined) === (options.editable === "only");
  };
  return {
    ...listing,
    distributions: listing.distributions.filter(isShown),
    inherited: listing.inherited.filter(({ distribution }) => isShown(distribution)),
  };
}

/** The marker values that hold for a listing: those of its environment, or of the Python that is at hand for plain folders. */
export async function markersFor(
  context: Settings,
  { environment }: Listing,
  { python }: Pick<ListOptions, "python">,
): Promise<MarkerEnvironment> {
  return environment?.interpreter.markers ?? (await interpreterForFolder(context, python)).markers;
}

/** As pip counts: what is needed only with an extra is needed by nobody, since nothing tells which extras somebody asked for. */
function requiredNames(distributions: readonly InstalledDistribution[], markers: MarkerEnvironment): Set<NormalizedName> {
  const holds = ({ marker }: Requirement): boolean => marker === undefined || evaluateMarker(marker, markers);
  return new Set(
    distributions.flatMap((distribution) =>
      plainRequirementsOf(distribution)
        .filter(holds)
        .map(({ name }) => name),
    ),
  );
}

/** The requirements a distribution states, those that cannot be understood left out; none when its metadata cannot be read. */
export function requirementsOf(distribution: InstalledDistribution): ReturnType<typeof parseRequirement>[] {
  return (briefOf(distribution)?.requiresDist ?? []).flatMap((text) => parsedRequirement(text) ?? []);
}

const onlyWithExtra = /;\s*extra\s*==\s*(["'])[^"']*\1\s*$/;

/** The same without those that hold only with an extra, which are most of them and need not be understood. */
export function plainRequirementsOf(distribution: InstalledDistribution): Requirement[] {
  return (briefOf(distribution)?.requiresDist ?? []).flatMap((text) => (onlyWithExtra.test(text) ? [] : (parsedRequirement(text) ?? [])));
}

const requirements = new Map<string, Requirement | undefined>();

/** Many packages of an environment ask for the same. */
function parsedRequirement(text: string): Requirement | undefined {
  if (requirements.has(text)) return requirements.get(text);
  let found: Requirement | undefined;
  try {
    found = parseRequirement(text);
  } catch {
    found = undefined;
  }
  requirements.set(text, found);
  return found;
}

const writtenFirst = /^\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)/;

/** Those of `requirementsOf` that are about one project. */
export function requirementsOn(name: NormalizedName, distribution: InstalledDistribution): Requirement[] {
  return (briefOf(distribution)?.requiresDist ?? []).flatMap((text) => {
    const written = writtenFirst.exec(text)?.[1];
    return written !== undefined && normalizeName(written) === name ? (parsedRequirement(text) ?? []) : [];
  });
}

export interface FreezeOptions extends ListOptions {
  /** Also pip, setuptools and wheel. */
  readonly all?: boolean;
  /** Requirements files whose order and comments are kept; what they do not name comes after them. */
  readonly requirementFiles?: readonly string[];
}

const development: ReadonlySet<string> = new Set(["pip", "setuptools", "wheel", "distribute"]);

/** `pen pip freeze`: lines that install the same again. */
export async function freeze(options: FreezeOptions = {}): Promise<string[]> {
  const files = options.requirementFiles ?? [];
  if (files.length > 0) return freezeInOrder(options, files);
  const { distributions, environment } = await list(options);
  const hidden = (name: string): boolean =>
    options.all !== true && name !== "pip" ? isHidden(name, environment) : options.all !== true && development.has(name);
  const { host } = readSettings(options);
  return Promise.all(distributions.filter(({ name }) => !hidden(name)).map((distribution) => freezeLine(distribution, host)));
}

/** pip's `freeze -r`: what a file names stands where it names it, also a tool or what is excluded. */
async function freezeInOrder(options: FreezeOptions, files: readonly string[]): Promise<string[]> {
  const context = readSettings(options);
  const { requirementFiles: _files, ...rest } = options;
  const { distributions } = await list({ ...rest, exclude: [] });
  const { inFileOrder } = await import("./freeze-order.ts");
  const lines = await Promise.all(
    distributions.map(async (distribution) => ({ name: distribution.name, line: await freezeLine(distribution, context.host) })),
  );
  return inFileOrder(context, files, { lines, shown: new Set(await freeze(rest)) });
}

/** From Python 3.12 on, pip counts only itself as a tool of the environment. */
function isHidden(name: string, environment: Environment | undefined): boolean {
  const minor = environment?.interpreter.versionInfo[1] ?? 12;
  return development.has(name) && minor < 12;
}

async function freezeLine(distribution: InstalledDistribution, host: Host): Promise<string> {
  const name = writtenName(distribution);
  const version = versionOf(distribution);
  const location = editableLocation(distribution);
  if (location !== undefined) {
    const { freezeEditable } = await import("../building/editable-freeze.ts");
    return freezeEditable({ name, version, location }, host);
  }
  const direct = distribution.directUrl();
  return direct === undefined ? `${name}==${version}` : directUrlFreezeText(name, direct);
}
