import type { NormalizedName, Requirement, Version } from "#standards";
import { evaluateMarker, isPrerelease, specifiersContain } from "#standards";
import type { Resolution, ResolutionRequest, ResolvedPackage } from "#resolver";
import type { IndexCatalog } from "./catalog.ts";
import type { FiledCandidate } from "./index-candidate.ts";

/**
 * Answers a request that leaves nothing to choose: every requirement names one exact version, and dependencies are not followed. Costs one look at one
 * version of each project. Undefined when there is anything to weigh, to warn of or to explain (a version that is missing, yanked or has no
 * wheel, an extra, two requirements on one project, …): then the solver is asked, and says it. Errors: those of the index.
 */
export async function pinExactly(request: ResolutionRequest, catalog: IndexCatalog): Promise<Resolution | undefined> {
  const { target, requirements } = request;
  const isPlain =
    !request.followDependencies &&
    request.constraints.length + request.overrides.length + request.excludes.length + request.preferences.size === 0;
  if (target.kind !== "single" || !isPlain) return undefined;
  const wanted = new Map<NormalizedName, { readonly version: Version; readonly origin: string }>();
  for (const { requirement, origin } of requirements) {
    if (requirement.marker !== undefined && !evaluateMarker(requirement.marker, target.markers)) continue;
    const version = exactVersion(requirement);
    if (version === undefined || wanted.has(requirement.name)) return undefined;
    if (isPrerelease(version) && request.prereleases !== "allow") return undefined;
    wanted.set(requirement.name, { version, origin });
  }
  const found = await Promise.all(
    [...wanted].map(async ([name, { version, origin }]): Promise<ResolvedPackage | undefined> => {
      const candidate = await catalog.exactly(name, version);
      if (candidate === undefined || !(await isUsable(candidate, catalog, target.python))) return undefined;
      return { name, candidate, extras: [], marker: undefined, url: undefined, direct: true, requiredBy: [origin], dependencies: [] };
    }),
  );
  const packages = found.filter((one) => one !== undefined);
  return packages.length < found.length ? undefined : { packages: packages.sort((a, b) => (a.name < b.name ? -1 : 1)) };
}

function exactVersion({ specifiers, url, extras }: Requirement): Version | undefined {
  const [only, ...more] = specifiers.specifiers;
  const isExact = url === undefined && extras.length === 0 && more.length === 0 && only?.operator === "==" && !only.wildcard;
  return isExact ? only.parsed : undefined;
}

async function isUsable(candidate: FiledCandidate, catalog: IndexCatalog, python: Version): Promise<boolean> {
  if (candidate.unusable !== undefined || candidate.yanked !== undefined) return false;
  // Where the index does not state it, the distribution itself does.
  const stated = candidate.requiresPython ?? (await catalog.dependencies(candidate)).requiresPython;
  return stated === undefined || specifiersContain(stated, python, { prereleases: true });
}
