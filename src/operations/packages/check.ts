import { warn } from "#foundation";
import { evaluateMarker, requirementText, specifiersContain, specifiersText, tryParseVersion, type NormalizedName } from "#standards";
import { readSettings, type OperationOptions } from "../settings.ts";
import { briefOf } from "./distributions.ts";
import { plainRequirementsOf, readDistributions, visibleDistributions } from "./list.ts";
import { parseSpecifiers } from "#standards";
import type { InstalledDistribution } from "#installer";
import type { MarkerEnvironment, Requirement, SpecifierSet, Version } from "#standards";

export interface CheckOptions extends OperationOptions {
  readonly python?: string | undefined;
}

/** Something that does not fit in an environment. */
export type CheckProblem =
  | {
      readonly kind: "missing";
      readonly name: string;
      readonly version: string;
      /** The normalised name of what is needed. */
      readonly need: NormalizedName;
      readonly requirement: string;
    }
  | {
      readonly kind: "conflict";
      readonly name: string;
      readonly version: string;
      readonly need: NormalizedName;
      readonly requirement: string;
      readonly found: string;
    }
  | { readonly kind: "python"; readonly name: string; readonly version: string; readonly requiresPython: string };

/** `pen pip check`: requirements of installed distributions that do not hold. */
export async function check(options: CheckOptions = {}): Promise<CheckProblem[]> {
  const context = readSettings(options);
  const listing = await readDistributions(context, options);
  const { environment } = listing;
  const distributions = visibleDistributions(listing);
  const versions = new Map<NormalizedName, string>(distributions.map((distribution) => [distribution.name, distribution.version]));
  const markers = environment?.interpreter.markers;
  if (markers === undefined) return [];
  const fits = fitting(versions);
  for (const { name, version, path } of distributions.filter((distribution) => briefOf(distribution) === undefined))
    warn(context.emit, "metadata-unreadable", `What ${name} ${version} needs is not known: there is no readable metadata in ${path}`);
  const problems = distributions.flatMap((distribution) => [
    ...pythonProblems(distribution, markers),
    ...requirementProblems(distribution, fits, markers),
  ]);
  return kinds.flatMap((kind) => problems.filter((problem) => problem.kind === kind));
}

/** pip names all that is missing first. */
const kinds = ["missing", "conflict", "python"] as const;

const versionsByText = new Map<string, Version | undefined>();

/** The same few versions are compared again and again. */
function parsedVersion(text: string): Version | undefined {
  const known = versionsByText.get(text);
  if (known !== undefined || versionsByText.has(text)) return known;
  const parsed = tryParseVersion(text);
  versionsByText.set(text, parsed);
  return parsed;
}

const pythonRules = new Map<string, boolean>();

/** A specifier that nobody understands restricts nothing. */
function admitsPython(requiresPython: string, python: string): boolean {
  const key = `${python} ${requiresPython}`;
  let admits = pythonRules.get(key);
  if (admits !== undefined) return admits;
  const version = parsedVersion(python.replace(/\+$/, ""));
  try {
    admits = version === undefined || specifiersContain(parseSpecifiers(requiresPython), version, { prereleases: true });
  } catch {
    admits = true;
  }
  pythonRules.set(key, admits);
  return admits;
}

function pythonProblems(distribution: InstalledDistribution, markers: MarkerEnvironment): CheckProblem[] {
  const requiresPython = briefOf(distribution)?.requiresPython;
  if (requiresPython === undefined || admitsPython(requiresPython, markers.python_full_version)) return [];
  return [{ kind: "python", name: distribution.name, version: distribution.version, requiresPython }];
}

/**
 * What no longer fits after a change among the distributions that stay: requirements on those that changed. `versions` is what is
 * there afterwards.
 */
export function brokenByChange(
  staying: readonly InstalledDistribution[],
  change: { readonly versions: ReadonlyMap<NormalizedName, string>; readonly changed: ReadonlySet<NormalizedName> },
  markers: MarkerEnvironment,
): CheckProblem[] {
  const fits = fitting(change.versions);
  return staying
    .flatMap((distribution) => requirementProblems(distribution, fits, markers))
    .filter((problem) => problem.kind !== "python" && change.changed.has(problem.need));
}

/** Python's `packaging` writes the clauses of a set sorted as text, and so pip shows them. */
function sortedSpecifiers(set: SpecifierSet): SpecifierSet {
  return parseSpecifiers(specifiersText(set).split(",").sort().join(","));
}

/** What is there, and whether that is what a requirement wants. */
interface Fitting {
  readonly versions: ReadonlyMap<NormalizedName, string>;
  fits(requirement: Requirement, found: string): boolean;
}

/** Many distributions share a requirement, which is looked at once: it is one value, and what it is about has one version. */
function fitting(versions: ReadonlyMap<NormalizedName, string>): Fitting {
  const known = new Map<Requirement, boolean>();
  const look = ({ specifiers }: Requirement, found: string): boolean => {
    const parsed = parsedVersion(found);
    return parsed !== undefined && (specifiers.specifiers.length === 0 || specifiersContain(specifiers, parsed, { prereleases: true }));
  };
  return {
    versions,
    fits(requirement, found) {
      let fits = known.get(requirement);
      if (fits === undefined) known.set(requirement, (fits = look(requirement, found)));
      return fits;
    },
  };
}

function requirementProblems(distribution: InstalledDistribution, { versions, fits }: Fitting, markers: MarkerEnvironment): CheckProblem[] {
  const { name, version } = distribution;
  const byNeed = plainRequirementsOf(distribution).sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  return byNeed.flatMap((requirement): CheckProblem[] => {
    if (requirement.marker !== undefined && !evaluateMarker(requirement.marker, markers)) return [];
    const need = requirement.name;
    const found = versions.get(need);
    const asked = (): string => requirementText({ ...requirement, specifiers: sortedSpecifiers(requirement.specifiers) });
    if (found === undefined) return [{ kind: "missing", name, version, need, requirement: asked() }];
    return fits(requirement, found) ? [] : [{ kind: "conflict", name, version, need, requirement: asked(), found }];
  });
}
