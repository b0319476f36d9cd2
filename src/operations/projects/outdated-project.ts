import { createLimiter } from "#foundation";
import type { ProjectListing } from "#index";
import type { UnusableReason } from "#resolver";
import {
  compareVersions,
  isPrerelease,
  parseVersion,
  requirementText,
  specifiersContain,
  specifiersText,
  tryParseVersion,
  type NormalizedName,
  type SpecifierSet,
  type Version,
} from "#standards";
import { formatControl } from "../building/build-choices.ts";
import { openContext, type Context, type IndexOptions, type OperationOptions } from "../context.ts";
import { openIndexes } from "../indexes.ts";
import { interpreterForFolder } from "../environment.ts";
import { IndexCatalog } from "../resolving/catalog.ts";
import type { FiledCandidate } from "../resolving/index-candidate.ts";
import { singleTarget } from "../resolving/target.ts";
import { findProjectPython } from "./project-python.ts";
import { graphIndexes, readPackageGraph, type GraphOptions, type PackageGraph } from "./package-graph.ts";

export interface OutdatedPackagesOptions extends OperationOptions, GraphOptions {
  /** Count pre-releases as versions to go to. */
  readonly prereleases?: boolean | undefined;
  /** The indexes where there is no Pipfile that names them. */
  readonly indexes?: IndexOptions;
}

/** What keeps a package from a version. */
export type HoldingReason =
  | { readonly kind: "requirement"; readonly by: string; readonly requirement: string }
  | { readonly kind: "requires-python"; readonly requires: string }
  | { readonly kind: "prerelease" }
  | { readonly kind: "yanked"; readonly reason: string }
  | { readonly kind: "excluded-newer"; readonly uploaded: string }
  | { readonly kind: "no-wheel"; readonly detail: string };

/** A package that has a newer version. */
export interface OutdatedPackage {
  readonly name: NormalizedName;
  readonly version: string;
  /** The newest that an index lists. */
  readonly latest: string;
  /** The newest that nothing holds back; the present one when all newer ones are held. */
  readonly wanted: string;
  /** What holds `latest` back; empty when it could be taken now. */
  readonly reasons: readonly HoldingReason[];
  /** Asked for by the project, and not only by other packages. */
  readonly direct: boolean;
}

export interface OutdatedReport {
  readonly source: { readonly kind: "environment" | "lock"; readonly path: string };
  /** In order of name. */
  readonly packages: readonly OutdatedPackage[];
}

const askedAtOnce = 16;

/**
 * `pen outdated`: every package that has a newer version, with what holds it back: a requirement of another package or of the Pipfile, the Python,
 * a pre-release, a date, a version that was yanked, or no file that fits. Errors: those of reading and of the indexes.
 */
export async function outdatedPackages(options: OutdatedPackagesOptions = {}): Promise<OutdatedReport> {
  const context = openContext(options);
  const graph = await readPackageGraph(context, options);
  const interpreter = await (graph.kind === "environment"
    ? interpreterForFolder(context, graph.path)
    : findProjectPython(context, graph.project, options.python));
  const target = singleTarget(interpreter);
  const client = openIndexes(context, indexesFor(context, graph, options));
  const catalog = new IndexCatalog({
    client,
    tags: target.tags,
    everyPlatform: false,
    format: formatControl([], []),
    hashes: new Map(),
    direct: () => Promise.reject(new Error("Nothing is asked for by URL here")),
  });
  const judging: Judging = {
    python: parseVersion(target.markers.python_full_version.replace(/\+$/, "")),
    prereleases: options.prereleases ?? graph.project?.pipfile.settings.allowPrereleases ?? false,
    demands: demandsOf(graph),
  };
  const direct = new Set(graph.roots.map(({ name }) => name));
  const asking = createLimiter(askedAtOnce);
  const found = await Promise.all(
    [...graph.packages.values()].map(({ name, version }) =>
      asking.run(async () => {
        const present = tryParseVersion(version);
        if (present === undefined) return undefined;
        const candidates = [...((await catalog.candidates(name)) ?? [])];
        const hidden = hiddenByDate(await client.listing(name));
        return judge(candidates, { name, version, present, direct: direct.has(name), hidden }, judging);
      }),
    ),
  );
  const packages = found.flatMap((one) => one ?? []).sort((a, b) => (a.name < b.name ? -1 : 1));
  return { source: { kind: graph.kind, path: graph.path }, packages };
}

function indexesFor(context: Context, graph: PackageGraph, options: OutdatedPackagesOptions): IndexOptions {
  if (graph.project === undefined) return options.indexes ?? {};
  const bound = new Map(
    [...graph.project.pipfile.categories.values()]
      .flat()
      .flatMap(({ name, index }) => (index === undefined ? [] : [[name, index] as const])),
  );
  const indexOf = (name: NormalizedName): string | undefined => bound.get(name) ?? graph.packages.get(name)?.index;
  return graphIndexes(context, graph.project, { indexOf, fetching: options.fetching });
}

/** By version, when the first of its files was uploaded: for those that a cut-off date hides whole. */
function hiddenByDate(listing: ProjectListing | undefined): Map<string, string> {
  return new Map(
    (listing?.versions ?? []).flatMap((version) => {
      const times = version.files().length > 0 ? [] : (version.tooNew?.() ?? []).flatMap(({ uploadTime }) => uploadTime ?? []);
      return times.length === 0 ? [] : [[version.text, new Date(Math.min(...times)).toISOString()] as const];
    }),
  );
}

interface Demand {
  readonly by: string;
  readonly requirement: string;
  readonly specifiers: SpecifierSet;
}

/** What packages and the Pipfile ask of each package. */
function demandsOf(graph: PackageGraph): Map<NormalizedName, Demand[]> {
  const demands = new Map<NormalizedName, Demand[]>();
  const add = (name: NormalizedName, demand: Demand): void => void demands.set(name, [...(demands.get(name) ?? []), demand]);
  for (const { name, specifiers, requirement, category } of graph.roots)
    if (specifiers !== undefined && category !== undefined) add(name, { by: `[${category}] of the Pipfile`, requirement, specifiers });
  for (const { writtenName, version, needs } of graph.packages.values())
    for (const need of needs)
      add(need.name, { by: `${writtenName} ${version}`, requirement: requirementText(need), specifiers: need.specifiers });
  return demands;
}

interface Judging {
  readonly python: Version;
  readonly prereleases: boolean;
  readonly demands: ReadonlyMap<NormalizedName, readonly Demand[]>;
}

interface Present {
  readonly name: NormalizedName;
  readonly version: string;
  readonly present: Version;
  readonly direct: boolean;
  readonly hidden: ReadonlyMap<string, string>;
}

function judge(
  candidates: readonly FiledCandidate[],
  { name, version, present, direct, hidden }: Present,
  judging: Judging,
): OutdatedPackage | undefined {
  const newer = candidates
    .filter((candidate) => compareVersions(candidate.version, present) > 0)
    .sort((a, b) => compareVersions(b.version, a.version));
  const [latest] = newer;
  if (latest === undefined) return undefined;
  const against = (candidate: FiledCandidate): HoldingReason[] => reasonsAgainst(candidate, hidden.get(candidate.versionText), judging);
  const reasons = against(latest);
  const free = newer.find((candidate) => against(candidate).length === 0);
  return { name, version, latest: latest.versionText, wanted: free?.versionText ?? version, reasons, direct };
}

function reasonsAgainst(
  candidate: FiledCandidate,
  uploaded: string | undefined,
  { python, prereleases, demands }: Judging,
): HoldingReason[] {
  const { version, unusable, yanked, requiresPython } = candidate;
  const asked = demands.get(candidate.name) ?? [];
  const wantsPrerelease =
    prereleases || asked.some(({ specifiers }) => specifiersText(specifiers) !== "" && specifiersContain(specifiers, version));
  const against: HoldingReason[] = asked
    .filter(({ specifiers }) => !specifiersContain(specifiers, version, { prereleases: true }))
    .map(({ by, requirement }) => ({ kind: "requirement", by, requirement }));
  if (isPrerelease(version) && !wantsPrerelease) against.push({ kind: "prerelease" });
  if (yanked !== undefined) against.push({ kind: "yanked", reason: yanked });
  if (uploaded !== undefined) against.push({ kind: "excluded-newer", uploaded });
  else if (requiresPython !== undefined && !specifiersContain(requiresPython, python, { prereleases: true }))
    against.push({ kind: "requires-python", requires: specifiersText(requiresPython) });
  else if (unusable !== undefined) against.push(unusableReason(unusable));
  return against;
}

function unusableReason(reason: UnusableReason): HoldingReason {
  if (reason.kind === "excluded-newer") return { kind: "excluded-newer", uploaded: reason.uploaded };
  if (reason.kind === "requires-python") return { kind: "requires-python", requires: reason.specifiers };
  return { kind: "no-wheel", detail: reason.detail };
}
