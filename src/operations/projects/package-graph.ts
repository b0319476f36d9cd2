import { isPenError } from "#foundation";
import type { InstalledDistribution } from "#installer";
import type { PipfileLockEntry } from "#lock";
import type { PipfileEntry } from "#project";
import {
  evaluateMarker,
  markerMentionsExtra,
  parseVersion,
  specifiersText,
  type MarkerEnvironment,
  type NormalizedName,
  type Requirement,
  type SpecifierSet,
} from "#standards";
import { formatControl } from "../building/build-choices.ts";
import type { Context, IndexOptions } from "../context.ts";
import { openIndexes } from "../indexes.ts";
import { interpreterForFolder } from "../environment.ts";
import { writtenName, versionOf } from "../packages/distributions.ts";
import { readDistributions, requirementsOf, visibleDistributions } from "../packages/list.ts";
import { IndexCatalog } from "../resolving/catalog.ts";
import { singleTarget } from "../resolving/target.ts";
import { projectIndexes, type FetchOptions } from "./project-sources.ts";
import { lockOnDisk } from "./lock-on-disk.ts";
import { reportedPipfile, whatIsReported } from "./reported-environment.ts";
import { openProject, type Project } from "./project.ts";

/** A package with what it needs of others, where that is known. */
export interface GraphPackage {
  readonly name: NormalizedName;
  /** As it writes itself. */
  readonly writtenName: string;
  readonly version: string;
  /** The name of the only source that may be asked. */
  readonly index: string | undefined;
  readonly needs: readonly Requirement[];
}

/** Why a package is there at all: somebody asked for it. */
export interface GraphRoot {
  readonly name: NormalizedName;
  /** `flask>=2`, as PEP 508 has it; the name alone where it was installed by itself. */
  readonly requirement: string;
  readonly specifiers: SpecifierSet | undefined;
  readonly extras: readonly NormalizedName[];
  /** The category and line of the Pipfile; undefined where no Pipfile says it. */
  readonly category: string | undefined;
  readonly line: number | undefined;
}

/** What is installed or locked, and who needs what of it. */
export interface PackageGraph {
  readonly kind: "environment" | "lock";
  /** The environment's folder, or the lock file. */
  readonly path: string;
  readonly packages: ReadonlyMap<NormalizedName, GraphPackage>;
  readonly roots: readonly GraphRoot[];
  /** The project, where there is one. */
  readonly project: Project | undefined;
}

export interface GraphOptions {
  readonly python?: string | undefined;
  /** From the lock instead of the environment; what its packages need is then asked of the sources. */
  readonly locked?: boolean;
  readonly fetching?: FetchOptions;
}

/**
 * Reads the graph that the options mean; that of a project without an environment comes from its lock. Errors: ENV_NOT_FOUND; INVALID_PROJECT, and for a lock
 * INVALID_LOCK and those of the indexes.
 */
export async function readPackageGraph(context: Context, options: GraphOptions): Promise<PackageGraph> {
  const reported = whatIsReported(context, options);
  if (reported.kind === "lock") return lockGraph(context, openProject({ host: context.host }), options);
  const project = reportedPipfile(context) === undefined ? undefined : openProject({ host: context.host });
  return environmentGraph(context, project, reported.python);
}

async function environmentGraph(context: Context, project: Project | undefined, python: string | undefined): Promise<PackageGraph> {
  const listing = await readDistributions(context, { python });
  const distributions = visibleDistributions(listing);
  const stated = new Map<NormalizedName, readonly Requirement[]>(distributions.map((one) => [one.name, requirementsOf(one)]));
  const roots = project === undefined ? installedRoots(distributions) : pipfileRoots(project);
  const chosen = chosenExtras(roots, stated);
  const markers = listing.environment?.interpreter.markers;
  const packages = distributions.map((one): [NormalizedName, GraphPackage] => [
    one.name,
    {
      name: one.name,
      writtenName: writtenName(one),
      version: versionOf(one),
      index: undefined,
      needs: (stated.get(one.name) ?? []).filter((need) => isActive(need, markers, chosen.get(one.name))),
    },
  ]);
  return { kind: "environment", path: listing.environment?.root ?? context.host.cwd, packages: new Map(packages), roots, project };
}

/** What was asked for by name, and what nobody needs. */
function installedRoots(distributions: readonly InstalledDistribution[]): GraphRoot[] {
  const needed = new Set(distributions.flatMap((one) => requirementsOf(one).map(({ name }) => name)));
  return distributions
    .filter((one) => one.requested() || !needed.has(one.name))
    .map((one) => ({
      name: one.name,
      requirement: writtenName(one),
      specifiers: undefined,
      extras: [],
      category: undefined,
      line: undefined,
    }));
}

function pipfileRoots({ pipfile }: Project): GraphRoot[] {
  return [...pipfile.categories].flatMap(([category, entries]) =>
    entries.map((entry) => ({
      name: entry.name,
      requirement: entryText(entry),
      specifiers: entry.origin.kind === "index" ? entry.specifiers : undefined,
      extras: entry.extras,
      category,
      line: entry.line,
    })),
  );
}

function entryText({ key, extras, specifiers, origin }: PipfileEntry): string {
  const name = `${key}${extras.length === 0 ? "" : `[${extras.join(",")}]`}`;
  if (origin.kind === "index") return `${name}${specifiersText(specifiers)}`;
  return `${name} @ ${origin.kind === "path" ? origin.path : origin.kind === "file" ? origin.url : `${origin.vcs}+${origin.url}`}`;
}

/** The extras that somebody asks for, of every package. */
function chosenExtras(
  roots: readonly GraphRoot[],
  stated: ReadonlyMap<NormalizedName, readonly Requirement[]>,
): Map<NormalizedName, Set<NormalizedName>> {
  const chosen = new Map<NormalizedName, Set<NormalizedName>>();
  const choose = (name: NormalizedName, extras: readonly NormalizedName[]): void => {
    const known = chosen.get(name) ?? new Set();
    chosen.set(name, known);
    for (const extra of extras) known.add(extra);
  };
  for (const { name, extras } of roots) choose(name, extras);
  for (const needs of stated.values()) for (const { name, extras } of needs) choose(name, extras);
  return chosen;
}

/** Without an environment only the extras decide. */
function isActive({ marker }: Requirement, markers: MarkerEnvironment | undefined, extras: ReadonlySet<string> | undefined): boolean {
  if (marker === undefined) return true;
  if (markers !== undefined) return evaluateMarker(marker, markers, extras ?? new Set());
  return !markerMentionsExtra(marker) || (extras !== undefined && extras.size > 0);
}

/** What locked packages need is not in the lock: their metadata say it. */
async function lockGraph(context: Context, project: Project, options: GraphOptions): Promise<PackageGraph> {
  const lock = await lockOnDisk(context, project, options.python);
  const entries = new Map<NormalizedName, PipfileLockEntry>();
  for (const list of lock.categories.values()) for (const entry of list) entries.set(entry.name, entry);
  const catalog = await openCatalog(context, project, { entries, options });
  const roots = pipfileRoots(project);
  const read = await Promise.all([...entries.values()].map(async (entry) => [entry, await needsOf(catalog, entry)] as const));
  const chosen = chosenExtras(roots, new Map(read.map(([{ name }, needs]) => [name, needs])));
  const packages = read.map(([entry, needs]): [NormalizedName, GraphPackage] => [
    entry.name,
    {
      name: entry.name,
      writtenName: entry.name,
      version: entry.version ?? "",
      index: entry.index,
      needs: needs.filter((need) => isActive(need, undefined, chosen.get(entry.name))),
    },
  ]);
  return { kind: "lock", path: project.lockPath, packages: new Map(packages), roots, project };
}

async function openCatalog(
  context: Context,
  project: Project,
  { entries, options }: { entries: ReadonlyMap<NormalizedName, PipfileLockEntry>; options: GraphOptions },
): Promise<IndexCatalog> {
  const interpreter = await interpreterForFolder(context, options.python);
  return new IndexCatalog({
    client: openIndexes(
      context,
      graphIndexes(context, project, { indexOf: (name) => entries.get(name)?.index, fetching: options.fetching }),
    ),
    tags: singleTarget(interpreter).tags,
    everyPlatform: true,
    format: formatControl([], []),
    hashes: new Map(),
    direct: () => Promise.reject(new Error("Nothing is asked for by URL here")),
  });
}

/** The sources of a project: the one that a package is bound to, else all in their order. */
export function graphIndexes(
  { host }: Context,
  project: Project,
  { indexOf, fetching }: { indexOf: (name: NormalizedName) => string | undefined; fetching: FetchOptions | undefined },
): IndexOptions {
  const names = project.sources.map(({ name }) => name);
  const routes = {
    standpoint: "graph",
    indexesOf: (name: NormalizedName): readonly string[] => {
      const index = indexOf(name);
      return index === undefined ? names : [index];
    },
  };
  return projectIndexes(project, host, { routes, fetching: fetching ?? {} });
}

/** Nothing for what no index has: folders, archives, repositories, and sources that nothing is known of before they are built. */
async function needsOf(catalog: IndexCatalog, { name, version }: PipfileLockEntry): Promise<readonly Requirement[]> {
  if (version === undefined) return [];
  const candidate = await catalog.exactly(name, parseVersion(version));
  if (candidate?.file === undefined) return [];
  try {
    return (await catalog.dependencies(candidate)).requirements;
  } catch (error) {
    if (!isPenError(error, "BUILD_REQUIRED") && !isPenError(error, "INVALID_METADATA")) throw error;
    return [];
  }
}
