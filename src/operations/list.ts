import { resolve } from "node:path";
import { readInstalled, type InstalledDistribution } from "#installer";
import { directUrlFreezeText, normalizeName, parseRequirement, type NormalizedName } from "#standards";
import { openContext, type Context, type OperationOptions } from "./context.ts";
import { environmentDestination, findEnvironment, settle } from "./environment.ts";
import type { Environment } from "#venv";
import { editableLocation, readableMetadata, versionOf, writtenName } from "./distributions.ts";

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
}

/** All that is installed, sorted by name, before any filter. */
export async function readDistributions(context: Context, options: Pick<ListOptions, "python" | "paths">): Promise<Listing> {
  if (options.paths !== undefined && options.paths.length > 0) {
    const folders = options.paths.map((path) => resolve(context.host.cwd, path));
    return { environment: undefined, distributions: folders.flatMap((folder) => readInstalled(folderTarget(folder))) };
  }
  const environment = await findEnvironment(context, options);
  const { target } = environmentDestination(environment);
  await settle(context, target);
  return { environment, distributions: readInstalled(target) };
}

function folderTarget(folder: string): Parameters<typeof readInstalled>[0] {
  return { root: folder, paths: { purelib: folder, platlib: folder, scripts: folder, data: folder, include: folder }, pythonVersion: "" };
}

/** `pen pip list`: what is installed. Starts no Python. */
export async function list(options: ListOptions = {}): Promise<Listing> {
  const listing = await readDistributions(openContext(options), options);
  const excluded = new Set((options.exclude ?? []).map(normalizeName));
  const needed = options.notRequired === true ? requiredNames(listing.distributions) : new Set<NormalizedName>();
  const distributions = listing.distributions.filter((distribution) => {
    if (excluded.has(distribution.name) || needed.has(distribution.name)) return false;
    if (options.editable === undefined) return true;
    return (editableLocation(distribution) !== undefined) === (options.editable === "only");
  });
  return { ...listing, distributions };
}

function requiredNames(distributions: readonly InstalledDistribution[]): Set<NormalizedName> {
  return new Set(distributions.flatMap((distribution) => requirementsOf(distribution).map(({ name }) => name)));
}

/** The requirements a distribution states, those that cannot be understood left out; none when its metadata cannot be read. */
export function requirementsOf(distribution: InstalledDistribution): ReturnType<typeof parseRequirement>[] {
  return (readableMetadata(distribution)?.requiresDist ?? []).flatMap((text) => {
    try {
      return [parseRequirement(text)];
    } catch {
      return [];
    }
  });
}

export interface FreezeOptions extends ListOptions {
  /** Also pip, setuptools and wheel. */
  readonly all?: boolean;
}

const development: ReadonlySet<string> = new Set(["pip", "setuptools", "wheel", "distribute"]);

/** `pen pip freeze`: lines that install the same again. */
export async function freeze(options: FreezeOptions = {}): Promise<string[]> {
  const { distributions, environment } = await list(options);
  const hidden = (name: string): boolean =>
    options.all !== true && name !== "pip" ? isHidden(name, environment) : options.all !== true && development.has(name);
  return distributions.filter(({ name }) => !hidden(name)).map(freezeLine);
}

/** From Python 3.12 on, pip counts only itself as a tool of the environment. */
function isHidden(name: string, environment: Environment | undefined): boolean {
  const minor = environment?.interpreter.versionInfo[1] ?? 12;
  return development.has(name) && minor < 12;
}

function freezeLine(distribution: InstalledDistribution): string {
  const direct = distribution.directUrl();
  const shown = writtenName(distribution);
  const editable = editableLocation(distribution);
  if (direct !== undefined)
    return editable === undefined
      ? directUrlFreezeText(shown, direct)
      : `# Editable install with no version control (${shown}==${versionOf(distribution)})\n-e ${editable}`;
  return `${shown}==${versionOf(distribution)}`;
}
