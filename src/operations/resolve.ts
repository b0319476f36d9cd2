import { isPenError, PenError } from "#foundation";
import type { IndexClient, IndexFile } from "#index";
import type { InstalledDistribution } from "#installer";
import type { Lock, LockedFile, LockedPackage } from "#lock";
import { originText, type RequirementEntry } from "#project";
import type { PrereleaseMode, Resolution, ResolutionMode, ResolutionRequest, ResolutionTarget, ResolvedPackage } from "#resolver";
import type { DirectUrl, NormalizedName, SupportedTags, Version } from "#standards";
import type { StoredWheel } from "#store";
import { IndexCatalog, type FiledCandidate } from "./catalog.ts";
import type { Context } from "./context.ts";
import { DirectWheels, nameEntry } from "./direct-wheels.ts";
import { pinExactly } from "./exact-pins.ts";
import { InstalledCatalog, isInstalledCandidate } from "./installed-catalog.ts";
import { strongHashes } from "./promised-hashes.ts";

/** What to solve and for whom. */
export interface ResolveInput {
  readonly requirements: readonly RequirementEntry[];
  readonly constraints: readonly RequirementEntry[];
  readonly overrides: readonly RequirementEntry[];
  readonly excludes: readonly NormalizedName[];
  readonly target: ResolutionTarget;
  readonly tags: SupportedTags;
  readonly mode: ResolutionMode;
  readonly prereleases: PrereleaseMode;
  readonly preferences: ReadonlyMap<NormalizedName, Version>;
  readonly followDependencies: boolean;
  readonly requireHashes: boolean;
  readonly noBinary: ReadonlySet<string>;
  /** Distributions of the environment that may stay as they are. */
  readonly installed: readonly InstalledDistribution[];
  /** Put the files of every platform into the lock, not only the one to install. */
  readonly allFiles: boolean;
}

/** One package of the answer with the way to get it. */
export interface Pin {
  readonly locked: LockedPackage;
  /** True when the person named it. */
  readonly requested: boolean;
  /** Stays as it is. */
  readonly installed: InstalledDistribution | undefined;
  /** To fetch from an index. */
  readonly file: IndexFile | undefined;
  /** In the store already (wheels named by path or URL). */
  readonly stored: StoredWheel | undefined;
  /** Hashes the person promised. */
  readonly hashes: readonly string[];
}

export interface Resolved {
  readonly lock: Lock;
  readonly pins: readonly Pin[];
}

/**
 * From requirements to a lock and the pins to install. What is installed stays when it fits; only when that has no
 * solution are other versions of it looked at. Errors: `RESOLUTION_CONFLICT`, `PACKAGE_NOT_FOUND`, `HASH_REQUIRED`,
 * and those of the index.
 */
export async function resolveRequirements(context: Context, client: IndexClient, input: ResolveInput): Promise<Resolved> {
  context.emit({ type: "phase", phase: "resolve" });
  const everyPlatform = input.target.kind === "universal";
  const wheels = new DirectWheels(context, client, everyPlatform ? undefined : input.tags);
  const named = await Promise.all(input.requirements.map(async (entry) => ({ entry, requirement: await nameEntry(entry, wheels) })));
  const hashes = strongHashes(named, input.requireHashes);
  const catalog = new DirectCatalog(
    {
      client,
      tags: input.tags,
      everyPlatform,
      format: { noBinary: input.noBinary },
      hashes,
      direct: (requirement) => wheels.candidate(requirement),
    },
    wheels,
  );
  const request: ResolutionRequest = {
    requirements: named.map(({ entry, requirement }) => ({ requirement, origin: originText(entry.origin) })),
    constraints: await Promise.all(input.constraints.map((entry) => nameEntry(entry, wheels))),
    overrides: await Promise.all(input.overrides.map((entry) => nameEntry(entry, wheels))),
    excludes: input.excludes,
    target: input.target,
    mode: input.mode,
    prereleases: input.prereleases,
    preferences: input.preferences,
    followDependencies: input.followDependencies,
  };
  const exact = input.installed.length === 0 ? await pinExactly(request, catalog) : undefined;
  const resolution = exact ?? (await solveKeeping(context, catalog, { request, installed: input.installed }));
  const pins = await Promise.all(resolution.packages.map((found) => toPin(found, { client, wheels, hashes, allFiles: input.allFiles })));
  checkHashesPromised(pins, input.requireHashes);
  return { pins, lock: { requiresPython: undefined, environments: [], packages: pins.map((pin) => pin.locked) } };
}

class DirectCatalog extends IndexCatalog {
  readonly #wheels: DirectWheels;

  constructor(options: ConstructorParameters<typeof IndexCatalog>[0], wheels: DirectWheels) {
    super(options);
    this.#wheels = wheels;
  }

  override dependencies(candidate: FiledCandidate): ReturnType<IndexCatalog["dependencies"]> {
    return this.#wheels.of(candidate)?.dependencies ?? super.dependencies(candidate);
  }
}

interface Keeping {
  readonly request: ResolutionRequest;
  readonly installed: readonly InstalledDistribution[];
}

async function solveKeeping(context: Context, catalog: IndexCatalog, { request, installed }: Keeping): Promise<Resolution> {
  const { resolve: solve } = await import("#resolver");
  const options = { emit: context.emit, ...(context.signal === undefined ? {} : { signal: context.signal }) };
  if (installed.length === 0) return solve(request, catalog, options);
  try {
    return await solve(request, new InstalledCatalog(catalog, installed, true), options);
  } catch (error) {
    if (!isPenError(error, "RESOLUTION_CONFLICT") && !isPenError(error, "PACKAGE_NOT_FOUND") && !isPenError(error, "INVALID_METADATA"))
      throw error;
  }
  return solve(request, new InstalledCatalog(catalog, installed, false), options);
}

interface PinSources {
  readonly client: IndexClient;
  readonly wheels: DirectWheels;
  readonly hashes: ReadonlyMap<NormalizedName, readonly string[]>;
  readonly allFiles: boolean;
}

async function toPin(found: ResolvedPackage, { client, wheels, hashes, allFiles }: PinSources): Promise<Pin> {
  const candidate: FiledCandidate =
    "file" in found.candidate ? (found.candidate as FiledCandidate) : { ...found.candidate, file: undefined };
  const direct = wheels.of(found.candidate);
  const chosen = candidate.file === undefined ? [] : [candidate.file];
  const files = allFiles && direct === undefined ? ((await filesOfVersion(client, found)) ?? chosen) : chosen;
  return {
    locked: lockPackage(found, files, direct?.directUrl),
    requested: found.direct,
    installed: isInstalledCandidate(found.candidate) ? found.candidate.installed : undefined,
    file: candidate.file,
    stored: direct?.stored,
    hashes: hashes.get(found.name) ?? [],
  };
}

async function filesOfVersion(client: IndexClient, found: ResolvedPackage): Promise<readonly IndexFile[] | undefined> {
  const listing = await client.listing(found.name);
  return listing?.versions.find((listed) => listed.text === found.candidate.versionText)?.files();
}

function lockPackage(found: ResolvedPackage, files: readonly IndexFile[], direct: DirectUrl | undefined): LockedPackage {
  return {
    name: found.name,
    version: found.candidate.versionText,
    marker: found.marker,
    requiresPython: found.candidate.requiresPython,
    extras: found.extras,
    direct,
    index: files[0]?.index,
    files: files.map(lockFile).sort((a, b) => (a.filename < b.filename ? -1 : 1)),
    requiredBy: found.requiredBy,
    dependencies: found.dependencies,
  };
}

function lockFile(file: IndexFile): LockedFile {
  return { filename: file.filename, url: file.url, path: undefined, hashes: file.hashes, size: file.size, uploadTime: file.uploadTime };
}

function checkHashesPromised(pins: readonly Pin[], required: boolean): void {
  if (!required) return;
  const bare = pins.filter((pin) => pin.hashes.length === 0 && pin.installed === undefined);
  if (bare.length === 0) return;
  const lines = bare.map(
    (pin) =>
      `  ${pin.locked.name}==${pin.locked.version ?? ""}${pin.locked.requiredBy.length === 0 ? "" : `  (needed by ${pin.locked.requiredBy.join(", ")})`}`,
  );
  throw new PenError("HASH_REQUIRED", "Hashes are required, but some requirements have none", {
    why: `In hash-checking mode every distribution needs a --hash, its dependencies too:\n${lines.join("\n")}`,
    hint: "Make a complete file with: pen pip compile --generate-hashes requirements.in -o requirements.txt",
    data: { missing: bare.map((pin) => pin.locked.name) },
  });
}
