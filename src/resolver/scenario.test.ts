/** The descriptors with which the resolver's tests are written: a catalog as an object literal, a request as a list of texts. */
import { isPenError, silent, type Emit, type PenError } from "#foundation";
import {
  compareVersions,
  normalizeName,
  parseMarker,
  parseRequirement,
  parseSpecifiers,
  parseVersion,
  versionText,
  type MarkerEnvironment,
  type NormalizedName,
  type Requirement,
} from "#standards";
import { resolve } from "./resolve.ts";
import type {
  Candidate,
  CandidateDependencies,
  MaybePromise,
  PackageCatalog,
  Resolution,
  ResolutionRequest,
  UnusableReason,
} from "./types.ts";

export interface Release {
  readonly needs?: readonly string[];
  readonly extras?: readonly string[];
  /** Requires-Python as the index states it. */
  readonly python?: string;
  /** Requires-Python that only the metadata states. */
  readonly metadataPython?: string;
  readonly yanked?: string;
  readonly unusable?: UnusableReason;
  readonly broken?: PenError;
}

/** `{ "a 1.0": ["b>=2"], "b 2.0": { needs: [], python: ">=3.9" } }`; a name without a version is a project without versions. */
export type Releases = Readonly<Record<string, readonly string[] | Release>>;

export interface TestCatalog extends PackageCatalog {
  /** How often each question was asked. */
  readonly asked: Map<string, number>;
}

export const linux: MarkerEnvironment = {
  implementation_name: "cpython",
  implementation_version: "3.12.1",
  os_name: "posix",
  platform_machine: "x86_64",
  platform_python_implementation: "CPython",
  platform_release: "6.1.0",
  platform_system: "Linux",
  platform_version: "#1 SMP",
  python_full_version: "3.12.1",
  python_version: "3.12",
  sys_platform: "linux",
};

/** A catalog of these releases. `later` says, for a question, by which promise to answer; without it all is at hand. */
export function catalogOf(releases: Releases, urls: Releases = {}, later?: () => Promise<void>): TestCatalog {
  const lists = new Map<NormalizedName, Candidate[]>();
  const dependencies = new Map<Candidate, () => CandidateDependencies>();
  const asked = new Map<string, number>();
  for (const [key, value] of Object.entries(releases)) {
    const [name, version] = key.split(" ");
    const list = lists.get(normalizeName(name!)) ?? [];
    lists.set(normalizeName(name!), list);
    if (version !== undefined) list.push(release(name!, version, value, dependencies));
  }
  for (const list of lists.values()) list.sort((a, b) => compareVersions(b.version, a.version));
  const direct = new Map(
    Object.entries(urls).map(([key, value]) => {
      const [url, name, version] = key.split(" ");
      return [url!, release(name!, version!, value, dependencies)];
    }),
  );
  const answer = <T>(question: string, give: () => T): MaybePromise<T> => {
    asked.set(question, (asked.get(question) ?? 0) + 1);
    return later === undefined ? give() : later().then(give);
  };
  return {
    asked,
    candidates: (name) => answer(name, () => lists.get(name)),
    direct: (requirement) => answer(requirement.url!, () => direct.get(requirement.url!)!),
    dependencies: (candidate) => answer(`${candidate.name} ${candidate.versionText}`, () => dependencies.get(candidate)!()),
    prefetch: () => {},
  };
}

function release(
  name: string,
  version: string,
  value: readonly string[] | Release,
  into: Map<Candidate, () => CandidateDependencies>,
): Candidate {
  const facts: Release = Array.isArray(value) ? { needs: value as readonly string[] } : (value as Release);
  const candidate: Candidate = {
    name: normalizeName(name),
    version: parseVersion(version),
    versionText: versionText(parseVersion(version)),
    unusable: facts.unusable,
    yanked: facts.yanked,
    requiresPython: facts.python === undefined ? undefined : parseSpecifiers(facts.python),
  };
  const python = facts.metadataPython ?? facts.python;
  const requirements = (facts.needs ?? []).map(parseRequirement);
  const known: CandidateDependencies = {
    requirements,
    requiresPython: python === undefined ? undefined : parseSpecifiers(python),
    extras: new Set((facts.extras ?? []).map(normalizeName)),
  };
  into.set(candidate, () => {
    if (facts.broken !== undefined) throw facts.broken;
    return known;
  });
  return candidate;
}

export interface Asked extends Partial<Omit<ResolutionRequest, "requirements" | "constraints" | "overrides" | "excludes" | "preferences">> {
  readonly constraints?: readonly string[];
  readonly overrides?: readonly string[];
  readonly excludes?: readonly string[];
  readonly preferences?: Readonly<Record<string, string>>;
  readonly python?: string;
  readonly emit?: Emit;
}

/** A request for one environment (CPython 3.12 on Linux unless said otherwise). Text after ` <- ` is the origin. */
export function requestOf(requirements: readonly string[], asked: Asked = {}): ResolutionRequest {
  const python = asked.python ?? "3.12.1";
  const markers = { ...linux, python_full_version: python, python_version: python.split(".").slice(0, 2).join(".") };
  return {
    requirements: requirements.map((text) => {
      const [requirement, origin] = text.split(" <- ");
      return { requirement: parseRequirement(requirement!), origin: origin ?? "command line" };
    }),
    constraints: parsed(asked.constraints),
    overrides: parsed(asked.overrides),
    excludes: (asked.excludes ?? []).map(normalizeName),
    target: asked.target ?? { kind: "single", markers, python: parseVersion(python) },
    mode: asked.mode ?? "highest",
    prereleases: asked.prereleases ?? "if-necessary-or-explicit",
    preferences: new Map(Object.entries(asked.preferences ?? {}).map(([name, version]) => [normalizeName(name), parseVersion(version)])),
    followDependencies: asked.followDependencies ?? true,
  };
}

function parsed(texts: readonly string[] | undefined): Requirement[] {
  return (texts ?? []).map(parseRequirement);
}

/** A request for all environments of a marker and Requires-Python. */
export function universal(requiresPython: string, environments?: string): ResolutionRequest["target"] {
  return {
    kind: "universal",
    requiresPython: parseSpecifiers(requiresPython),
    environments: environments === undefined ? undefined : parseMarker(environments),
  };
}

/** Resolves; gives `name==version` for each package, with `[extras]`. */
export async function pins(catalog: PackageCatalog, requirements: readonly string[], asked: Asked = {}): Promise<string[]> {
  const resolution = await resolve(requestOf(requirements, asked), catalog, { emit: asked.emit ?? silent });
  return pinTexts(resolution);
}

export function pinTexts(resolution: Resolution): string[] {
  return resolution.packages.map(
    (one) => `${one.name}${one.extras.length === 0 ? "" : `[${one.extras.join(",")}]`}==${one.candidate.versionText}`,
  );
}

/** Resolves what cannot be resolved. */
export async function failureOf(catalog: PackageCatalog, requirements: readonly string[], asked: Asked = {}): Promise<PenError> {
  try {
    const found = await pins(catalog, requirements, asked);
    throw new Error(`It resolved: ${found.join(" ")}`);
  } catch (error) {
    if (isPenError(error)) return error;
    throw error;
  }
}
