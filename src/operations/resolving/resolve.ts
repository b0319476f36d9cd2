import { isPenError, PenError, penVersion, type Emit } from "#foundation";
import type { IndexClient, IndexFile, OtherFile } from "#index";
import type { LockedFile, LockedPackage } from "#lock";
import { originText } from "#project";
import type { Resolution, ResolutionRequest, ResolvedPackage } from "#resolver";
import type { DirectUrl, NormalizedName } from "#standards";
import { IndexCatalog } from "./catalog.ts";
import type { FiledCandidate } from "./index-candidate.ts";
import type { Context } from "../context.ts";
import { formatControl } from "../building/build-choices.ts";
import { DirectReferences, nameEntry } from "../building/direct-references.ts";
import { pinExactly } from "./exact-pins.ts";
import { InstalledCatalog, isInstalledCandidate, type Present } from "./installed-catalog.ts";
import type { Pin, ResolveInput, Resolved } from "./resolve-types.ts";
import { CatalogNotes } from "./catalog-notes.ts";
import { tagsText } from "./kept-files.ts";
import { NotesOutdated } from "./noted-catalog.ts";
import { openAnswers, type Warning } from "./remembered-answers.ts";
import { checkConstraint } from "./constraint-rules.ts";
import { checkPlacesPinned, strongHashes } from "./promised-hashes.ts";
import type { Source, Sources } from "../building/source-types.ts";

/**
 * From requirements to a lock and the pins to install. What is installed stays when it fits; only when that has no
 * solution are other versions of it looked at. Errors: `RESOLUTION_CONFLICT`, `PACKAGE_NOT_FOUND`, `HASH_REQUIRED`,
 * and those of the index.
 */
export async function resolveRequirements(context: Context, client: IndexClient, input: ResolveInput): Promise<Resolved> {
  context.emit({ type: "phase", phase: "resolve" });
  input.constraints.forEach(checkConstraint);
  const answers = openAnswers(context, client, input);
  const known = answers?.recall();
  if (known !== undefined) return known;
  const warnings: Warning[] = [];
  const emit: Emit = (event) => {
    if (event.type === "log" && event.level === "warning") warnings.push(event);
    context.emit(event);
  };
  const { resolved, rests } = await workOut({ ...context, emit }, client, input);
  // An answer for which something was not at hand is good for this once.
  if (rests === "on all") answers?.remember(resolved, warnings);
  return resolved;
}

/** Asks the solver. `rests`: whether the answer stands on all metadata that it asked for. */
async function workOut(
  context: Context,
  client: IndexClient,
  input: ResolveInput,
): Promise<{ readonly resolved: Resolved; readonly rests: "on all" | "on what was at hand" }> {
  const everyPlatform = input.target.kind === "universal";
  const { sources } = input;
  if (input.partialHashes !== true) checkPlacesPinned(input.requirements, input.requireHashes);
  const wheels = new DirectReferences({ context, client, tags: everyPlatform ? undefined : input.tags, sources });
  const named = await Promise.all(input.requirements.map(async (entry) => ({ entry, requirement: await nameEntry(entry, wheels, true) })));
  const checking = input.partialHashes === true ? "where-given" : input.requireHashes ? "always" : "as-pip";
  const hashes = strongHashes({ named, constraints: input.constraints, checking });
  for (const { entry, requirement } of named)
    if (entry.buildOptions.length > 0) sources?.buildOptions.set(requirement.name, entry.buildOptions);
  const noted = openNotes(context, client, input);
  const open = (): DirectCatalog =>
    new DirectCatalog(
      {
        client,
        notes: noted?.notes,
        tags: input.tags,
        everyPlatform,
        format: sources?.format ?? formatControl(input.noBinary, []),
        sources,
        hashes,
        ignoreRequiresPython: input.ignoreRequiresPython ?? false,
        fitHere: input.fitHere ?? false,
        onNeeds: input.onNeeds,
        direct: (requirement) => wheels.candidate(requirement),
      },
      wheels,
    );
  const request: ResolutionRequest = {
    requirements: named.map(({ entry, requirement }) => ({ requirement, origin: originText(entry.origin) })),
    constraints: await Promise.all(input.constraints.map((entry) => nameEntry(entry, wheels, false))),
    overrides: await Promise.all(input.overrides.map((entry) => nameEntry(entry, wheels, false))),
    excludes: input.excludes,
    target: input.target,
    mode: input.mode,
    prereleases: input.prereleases,
    preferences: input.preferences,
    followDependencies: input.followDependencies,
  };
  const first = open();
  const present = { installed: input.installed, movable: input.movable ?? [] };
  const exact = present.installed.length + present.movable.length === 0 ? await pinExactly(request, first) : undefined;
  const { resolution, catalog } =
    exact === undefined
      ? await solveAsking(context, { open, first, sources, notes: noted?.notes }, { request, present })
      : { resolution: exact, catalog: first };
  if (noted !== undefined && exact === undefined) noted.notes.keep(catalog.findings(noted.target));
  const pins = await Promise.all(
    resolution.packages.map((found) => toPin(found, { context, client, wheels, hashes, sources, files: input.files })),
  );
  checkHashesPromised(pins, input.requireHashes);
  const resolved = { pins, lock: { requiresPython: undefined, environments: [], packages: pins.map((pin) => pin.locked) } };
  return { resolved, rests: catalog.lacked ? "on what was at hand" : "on all" };
}

class DirectCatalog extends IndexCatalog {
  readonly #wheels: DirectReferences;

  constructor(options: ConstructorParameters<typeof IndexCatalog>[0], wheels: DirectReferences) {
    super(options);
    this.#wheels = wheels;
  }

  override dependencies(candidate: FiledCandidate): ReturnType<IndexCatalog["dependencies"]> {
    return this.#wheels.of(candidate)?.dependencies ?? super.dependencies(candidate);
  }
}

interface Asking {
  readonly open: () => DirectCatalog;
  readonly first: DirectCatalog;
  readonly sources: Sources | undefined;
  readonly notes: CatalogNotes | undefined;
}

/** Notes of earlier catalogs that chose as this one will, and the target for which needs are sorted in them; undefined where the answer is not from kept pages. */
function openNotes(
  context: Context,
  client: IndexClient,
  { target, tags, fitHere, noBinary, sources, overrides, onNeeds, ignoreRequiresPython }: ResolveInput,
): { readonly notes: CatalogNotes; readonly target: (typeof target & { readonly kind: "single" }) | undefined } | undefined {
  if (client.standpoint === undefined || ignoreRequiresPython === true) return undefined;
  // An override takes over the extras of requirements that do not count, and the listener wants to hear of all.
  const sorting = target.kind === "single" && overrides.length === 0 && onNeeds === undefined ? target : undefined;
  const question = JSON.stringify([
    penVersion,
    client.standpoint,
    tagsText(tags),
    [target.kind, fitHere ?? false, [...noBinary], sources?.standpoint ?? ""],
    sorting === undefined ? "" : sorting.markers,
  ]);
  return { notes: new CatalogNotes(client, context.cacheFolder, question), target: sorting };
}

/** Solves; where only a build would help, and somebody is there to allow it, asks and solves again. */
async function solveAsking(
  context: Context,
  { open, first, sources, notes }: Asking,
  keeping: Keeping,
): Promise<{ readonly resolution: Resolution; readonly catalog: DirectCatalog }> {
  for (let catalog = first; ; catalog = open()) {
    try {
      return { resolution: await solveKeeping(context, catalog, keeping), catalog };
    } catch (error) {
      if (error instanceof NotesOutdated && notes !== undefined) {
        notes.distrust();
        continue;
      }
      if (sources === undefined || !isPenError(error, "RESOLUTION_CONFLICT")) throw error;
      if (sources.countSources()) continue;
      if (sources.choices.confirm === undefined || sources.refused.size === 0) throw error;
      const { allowRefused } = await import("../building/build-decision.ts");
      if (!(await allowRefused(sources, error))) throw error;
    }
  }
}

interface Keeping {
  readonly request: ResolutionRequest;
  readonly present: Present;
}

async function solveKeeping(context: Context, catalog: IndexCatalog, { request, present }: Keeping): Promise<Resolution> {
  const { solve } = await import("./solving.ts");
  const options = { emit: context.emit, ...(context.signal === undefined ? {} : { signal: context.signal }) };
  const { installed, movable } = present;
  if (installed.length + movable.length === 0) return solve(request, catalog, options).catch(hinted);
  try {
    return await solve(request, new InstalledCatalog(catalog, present, true), options);
  } catch (error) {
    if (!isPenError(error, "RESOLUTION_CONFLICT") && !isPenError(error, "PACKAGE_NOT_FOUND") && !isPenError(error, "INVALID_METADATA"))
      throw error;
  }
  return solve(request, new InstalledCatalog(catalog, present, false), options).catch(hinted);
}

async function hinted(error: unknown): Promise<never> {
  if (!isPenError(error, "PACKAGE_NOT_FOUND")) throw error;
  const { withNameHint } = await import("./name-hints.ts");
  throw withNameHint(error);
}

interface PinSources {
  readonly context: Context;
  readonly client: IndexClient;
  readonly wheels: DirectReferences;
  readonly hashes: ReadonlyMap<NormalizedName, readonly string[]>;
  readonly sources: Sources | undefined;
  readonly files: ResolveInput["files"];
}

async function toPin(found: ResolvedPackage, sources: PinSources): Promise<Pin> {
  const { wheels, hashes } = sources;
  const candidate: FiledCandidate =
    "file" in found.candidate ? (found.candidate as FiledCandidate) : { ...found.candidate, file: undefined };
  const direct = wheels.of(found.candidate);
  const chosen = candidate.file === undefined ? [] : [candidate.file];
  const files = sources.files !== "chosen" && direct === undefined ? await filesOfVersion(found, chosen, sources) : chosen;
  return {
    locked: lockPackage(found, files, direct?.directUrl),
    requested: found.direct,
    installed: isInstalledCandidate(found.candidate) ? found.candidate.installed : undefined,
    file: candidate.file,
    stored: direct?.stored,
    source: direct?.source ?? (candidate.file?.kind === "sdist" ? await sourceOf(candidate, sources) : undefined),
    hashes: hashes.get(found.name) ?? [],
  };
}

/** The files of the version, for a lock that others use, or `chosen` where no index has it. */
async function filesOfVersion(
  found: ResolvedPackage,
  chosen: readonly IndexFile[],
  { context, client, files }: PinSources,
): Promise<readonly OtherFile[]> {
  const listing = await client.listing(found.name);
  const place = listing?.texts.indexOf(found.candidate.versionText) ?? -1;
  const version = place < 0 ? undefined : listing?.lazily.at(place);
  if (version === undefined) return chosen;
  const { withHashes } = await import("./hashed-files.ts");
  return withHashes(context, client, files === "listed" ? [...version.files(), ...(version.others?.() ?? [])] : version.files());
}

/** The same source that the catalog asked for its metadata. */
async function sourceOf(candidate: FiledCandidate, { sources, hashes }: PinSources): Promise<Source | undefined> {
  const { file, name, version, versionText } = candidate;
  if (sources === undefined || file === undefined) return undefined;
  return (await sources.builder()).ofFile(file, { name, version, versionText, hashes: hashes.get(name) ?? [] });
}

function lockPackage(found: ResolvedPackage, files: readonly OtherFile[], direct: DirectUrl | undefined): LockedPackage {
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

function lockFile(file: OtherFile): LockedFile {
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
