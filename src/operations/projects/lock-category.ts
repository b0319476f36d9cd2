import { isPenError, PenError, printableLine, warn, type Host } from "#foundation";
import type { Interpreter } from "#python";
import { pipfileRequirement, type PipfileEntry, type RequirementEntry } from "#project";
import {
  andMarkers,
  anySpecifiers,
  evaluateMarker,
  markerIsFalse,
  markerText,
  negateMarker,
  parseMarker,
  parseSpecifiers,
  pythonMarker,
  simplifyMarker,
  tryParseVersion,
  type Marker,
  type NormalizedName,
  type Version,
} from "#standards";
import type { BuildChoices } from "../building/build-choices.ts";
import { openSources } from "../building/sources.ts";
import type { Context } from "../context.ts";
import { openIndexes } from "../indexes.ts";
import { resolveRequirements } from "../resolving/resolve.ts";
import type { Pin, ResolveInput } from "../resolving/resolve-types.ts";
import { ProjectRoutes } from "./index-routes.ts";
import type { LockTarget } from "./lock-target.ts";
import { projectIndexes, sourceIndexes, type FetchOptions } from "./project-sources.ts";
import type { Project } from "./project.ts";

/** What to lock, and what to heed. */
export interface CategoryRequest {
  readonly project: Project;
  readonly interpreter: Interpreter;
  readonly target: LockTarget;
  /** As the Pipfile calls it. */
  readonly category: string;
  /** Pins of other categories. */
  readonly constraints: readonly RequirementEntry[];
  /** Versions to keep where they fit. */
  readonly preferences: ReadonlyMap<NormalizedName, Version>;
  readonly prereleases: boolean;
  readonly fetching: FetchOptions;
  readonly builds: BuildChoices | undefined;
}

export interface CategoryPins {
  readonly pins: readonly Pin[];
  /** The environments that the pins are for. */
  readonly target: Marker;
}

/** More tries than this, and the routes go in circles. */
const mostTries = 20;

/** Solves one category for every platform and Python of the project, one version for each name. Errors: those of resolving. */
export async function lockCategoryPins(context: Context, request: CategoryRequest): Promise<CategoryPins> {
  const { project, category } = request;
  const own = project.pipfile.categories.get(category) ?? [];
  const others = [...project.pipfile.categories].flatMap(([name, entries]) => (name === category ? [] : entries));
  const { host } = context;
  const routes = new ProjectRoutes(sourceIndexes(project.sources, host), own, others);
  const single = (source: string) =>
    openIndexes(
      context,
      projectIndexes(project, host, { routes: { standpoint: source, indexesOf: () => [source] }, fetching: request.fetching }),
    );
  const skipped = own.filter(({ skipResolver }) => skipResolver);
  for (let tries = 0; tries < mostTries; tries += 1) {
    const answer = await solveOnce(context, request, { entries: own.filter((entry) => !skipped.includes(entry)), skipped, routes });
    if (await routes.settle(answer.pins, single)) return answer;
  }
  throw new PenError("RESOLUTION_CONFLICT", `It cannot be told from which source some packages of ${printableLine(category)} come`, {
    why: "Each answer needs them from another one.",
    hint: "Name the packages in the Pipfile, with index = and the name of their source.",
  });
}

interface Attempt {
  readonly entries: readonly PipfileEntry[];
  /** Those of which nobody asks what they need. */
  readonly skipped: readonly PipfileEntry[];
  readonly routes: ProjectRoutes;
}

async function solveOnce(context: Context, request: CategoryRequest, { entries, skipped, routes }: Attempt): Promise<CategoryPins> {
  const { project, target, interpreter } = request;
  const { host } = context;
  const client = openIndexes(context, projectIndexes(project, host, { routes, fetching: request.fetching }));
  const sources = openSources(context, client, { interpreter, choices: request.builds, noBinary: [], onlyBinary: [] });
  const toRequirement = (entry: PipfileEntry): RequirementEntry => requirementOf(entry, project, host);
  const input: Omit<ResolveInput, "target" | "constraints" | "requirements"> = {
    overrides: [],
    excludes: [],
    tags: target.tags,
    mode: "highest",
    prereleases: request.prereleases ? "allow" : "if-necessary-or-explicit",
    preferences: request.preferences,
    followDependencies: true,
    requireHashes: false,
    noBinary: new Set(),
    installed: [],
    files: "listed",
    fitHere: true,
    onNeeds: (index, names) => routes.note(index, names),
    sources,
  };
  const ask = async (
    more: Pick<ResolveInput, "requirements" | "constraints" | "target"> & Partial<ResolveInput>,
  ): Promise<readonly Pin[]> => (await resolveRequirements(context, client, { ...input, ...more })).pins;
  const universal = (environments: Marker | undefined) =>
    ({ kind: "universal", environments, requiresPython: target.requiresPython }) as const;
  const solve: Solve = (environments, constraints) =>
    ask({
      requirements: entries.map(toRequirement),
      constraints: [...request.constraints, ...skipped.map((entry) => constraintOf(entry, project, host)), ...constraints],
      target: universal(environments),
    });
  try {
    const answer = await oneVersionEach(context, request, solve);
    if (skipped.length === 0) return answer;
    const alone = await ask({
      requirements: skipped.map(toRequirement),
      constraints: [],
      target: universal(undefined),
      followDependencies: false,
    });
    const names = new Set(alone.map(({ locked }) => locked.name));
    return { ...answer, pins: [...answer.pins.filter(({ locked }) => !names.has(locked.name)), ...alone] };
  } finally {
    sources.close();
  }
}

/** Hashes are what a lock says, not what it asks for; and what a repository needs can be told without one in development mode. */
function requirementOf(entry: PipfileEntry, { pipfile }: Project, { env }: Host): RequirementEntry {
  const requirement = pipfileRequirement(entry, pipfile, env);
  return { ...requirement, hashes: [], editable: requirement.editable && entry.origin.kind === "path" };
}

/** The same as a bound for others: one that says which project it is about. */
export function constraintOf(entry: PipfileEntry, project: Project, host: Host): RequirementEntry {
  const bound = requirementOf(entry, project, host);
  const { source } = bound;
  if (source.kind === "named") return bound;
  const marker = entry.marker === undefined ? {} : { marker: entry.marker };
  const requirement = { name: entry.name, rawName: entry.key, extras: [], specifiers: anySpecifiers, url: source.location, ...marker };
  return { ...bound, editable: false, source: { kind: "named", requirement } };
}

type Solve = (environments: Marker | undefined, constraints: readonly RequirementEntry[]) => Promise<readonly Pin[]>;

/**
 * A Pipfile.lock has one version of each package. Where the answer has several, one that fits everywhere is looked for; where there is none, and where
 * there is no answer for all environments, those that stand against this one are left out, with a warning.
 */
async function oneVersionEach(context: Context, { target }: CategoryRequest, solve: Solve): Promise<CategoryPins> {
  const whole = pythonMarker(target.requiresPython);
  let { pins, environments, why } = await solveWidely(target, solve);
  if (environments === undefined && doubles(pins).size > 0 && !differInPatchesOnly(pins)) pins = (await commonPins(pins, solve)) ?? pins;
  for (let double = doubles(pins); double.size > 0; double = doubles(pins)) {
    why = `other versions are needed there (${[...double.keys()].join(", ")}), and a Pipfile.lock has one of each`;
    const all = [...double.values()];
    const stranger = all.flat().find(({ locked }) => !holdsHere(locked.marker, target)) ?? all[0]?.[1];
    const without = simplifyMarker(andMarkers(environments, negateMarker(stranger?.locked.marker ?? whole)));
    if (markerIsFalse(andMarkers(whole, without))) break;
    environments = without;
    pins = await solve(environments, []);
  }
  if (environments !== undefined) warn(context.emit, "lock-left-out", `The lock does not hold where ${outsideText(environments)}: ${why}.`);
  return { pins, target: andMarkers(whole, environments) };
}

function outsideText(environments: Marker): string {
  const text = markerText(simplifyMarker(negateMarker(environments)));
  // The pre-releases of a release are no environments that anybody has.
  return text.replace(/(\w+) <= ('[^']+') and \1 != \2/g, "$1 < $2");
}

interface WideAnswer {
  readonly pins: readonly Pin[];
  /** Where it holds, where that is not everywhere; and why. */
  readonly environments: Marker | undefined;
  readonly why: string;
}

/** For all environments; else for those of this platform, else for this one. Errors: that of the last try, which is about this one. */
async function solveWidely({ here }: LockTarget, solve: Solve): Promise<WideAnswer> {
  const platform = parseMarker(`sys_platform == '${here.sys_platform}'`);
  const exact = andMarkers(
    platform,
    parseMarker(
      `platform_machine == '${here.platform_machine}' and platform_python_implementation == '${here.platform_python_implementation}'`,
    ),
  );
  for (const environments of [undefined, platform]) {
    try {
      return { pins: await solve(environments, []), environments, why: "there is no set of versions that meets all requirements there" };
    } catch (error) {
      if (!isPenError(error, "RESOLUTION_CONFLICT") && !isPenError(error, "PACKAGE_NOT_FOUND")) throw error;
    }
  }
  return { pins: await solve(exact, []), environments: exact, why: "there is no set of versions that meets all requirements there" };
}

function doubles(pins: readonly Pin[]): Map<NormalizedName, Pin[]> {
  const byName = new Map<NormalizedName, Pin[]>();
  for (const pin of pins) byName.set(pin.locked.name, [...(byName.get(pin.locked.name) ?? []), pin]);
  return new Map([...byName].filter(([, all]) => all.length > 1));
}

/** The newest version is worth more than the first patch releases of a Python. */
function differInPatchesOnly(pins: readonly Pin[]): boolean {
  const markers = [...doubles(pins).values()].flat().map(({ locked }) => (locked.marker === undefined ? "" : markerText(locked.marker)));
  return markers.every((text) => !/\b(?!python_full_version|and|or|not|in)[a-z_]+\b/.test(text.replace(/'[^']*'/g, "")));
}

function holdsHere(marker: Marker | undefined, { here }: LockTarget): boolean {
  return marker === undefined || evaluateMarker(marker, here);
}

/** Tries with the lowest of the versions that were chosen; undefined when that does not hold everywhere either. */
async function commonPins(first: readonly Pin[], solve: Solve): Promise<readonly Pin[] | undefined> {
  const constraints = [...doubles(first)].flatMap(([name, all]) => {
    const lowest = all[0]?.locked.version;
    return lowest === undefined || tryParseVersion(lowest) === undefined ? [] : [pinEntry(name, lowest, "one version for all")];
  });
  try {
    const pins = await solve(undefined, constraints);
    return doubles(pins).size === 0 ? pins : undefined;
  } catch (error) {
    if (isPenError(error, "RESOLUTION_CONFLICT") || isPenError(error, "PACKAGE_NOT_FOUND")) return undefined;
    throw error;
  }
}

/** `name==version`, as a constraint. */
export function pinEntry(name: NormalizedName, version: string, file: string): RequirementEntry {
  return {
    source: { kind: "named", requirement: { name, rawName: name, extras: [], specifiers: parseSpecifiers(`==${version}`) } },
    editable: false,
    hashes: [],
    buildOptions: [],
    origin: { file, line: 0 },
  };
}
