import { PenError, printableLine, readText, redactUrl, removeTree, join } from "#foundation";
import type { Candidate } from "#resolver";
import { parseMetadata, parseVersion, parseWheelFilename, wheelRank } from "#standards";
import type { StoredWheel } from "#store";
import { settingsFor } from "./build-choices.ts";
import { toDependencies } from "../resolving/catalog.ts";
import { isArchiveName, notFetched, parsePlace, withoutCredentials, type DirectPlace, type FilePlace } from "./direct-places.ts";
import { notEditable, type DirectDistribution, type ReferencesOptions, type WantedReference } from "./direct-types.ts";
import { archiveSource, folderSource, gitSource, type DirectSource, type DirectSourceInput } from "./direct-sources.ts";
import { checkDirectHash } from "../resolving/promised-hashes.ts";
import type { Sources } from "./source-types.ts";
import { metadataFile } from "../packages/stored-metadata.ts";

interface Loaded {
  readonly found: DirectDistribution;
  /** The files of this machine that a local project asks for. */
  readonly localNeeds: readonly string[];
}

/** Brings a wheel into the store, or asks a source what it is. Errors: as `DirectReferences`. */
export async function loadDirect(options: ReferencesOptions, wanted: WantedReference): Promise<Loaded> {
  const place = parsePlace(wanted.location);
  if (place.kind === "file" && wanted.editable) throw notEditable(wanted.location);
  if (place.kind === "file" && place.filename.toLowerCase().endsWith(".whl"))
    return { found: await loadWheel(options, place, wanted), localNeeds: [] };
  const { sources } = options;
  if (sources === undefined) throw mustBuild(wanted.location);
  return loadSource(sources, await sourceAt(place, { ...options, sources }, wanted), wanted);
}

/** What there is to build at a place that is no wheel's. Asks at most a git server for a commit. Errors: those of places. */
export function sourceAt(
  place: DirectPlace,
  options: Pick<ReferencesOptions, "context" | "client"> & { readonly sources: Sources },
  wanted: WantedReference,
): DirectSource | Promise<DirectSource> {
  const input = sourceInput(options, options.sources, wanted);
  switch (place.kind) {
    case "git":
      return gitSource(place.url, input);
    case "folder":
      return folderSource(place.path, place.subdirectory, input);
    case "file":
      if (!isArchiveName(place.filename))
        throw notFetched(wanted.location, "Its name ends like that of neither a wheel nor a source archive.");
      return archiveSource(place, input);
  }
}

function mustBuild(location: string): PenError {
  return new PenError("BUILD_REQUIRED", `${printableLine(redactUrl(location))} is no wheel`, {
    why: "This command takes wheels only, and does not build from source.",
    hint: "Install it with: pen pip install",
  });
}

function sourceInput(
  { context, client }: Pick<ReferencesOptions, "context" | "client">,
  sources: Sources,
  wanted: WantedReference,
): DirectSourceInput {
  const { name, editable, trusted, hashes, buildOptions } = wanted;
  const { choices } = sources;
  return {
    context,
    client,
    python: sources.python,
    name,
    editable,
    trusted,
    hashes,
    settings: (of) => settingsFor(choices, of, buildOptions),
    sourceFolder: choices.sourceFolder ?? join(sources.environmentRoot ?? context.host.cwd, "src"),
  };
}

async function loadSource(sources: Sources, { source, directUrl }: DirectSource, wanted: WantedReference): Promise<Loaded> {
  const builder = await sources.builder();
  const metadata = await builder.metadata(source);
  const candidate: Candidate = {
    name: metadata.name,
    version: metadata.version,
    versionText: metadata.versionText,
    unusable: undefined,
    yanked: undefined,
    requiresPython: undefined,
  };
  const dependencies = toDependencies(source.name ?? redactUrl(wanted.location), metadata);
  const localNeeds = source.trusted ? metadata.requiresDist.flatMap((text) => /@\s*((?:git\+)?file:\S+)/i.exec(text)?.[1] ?? []) : [];
  return { found: { stored: undefined, source, candidate, dependencies, directUrl: directUrl() }, localNeeds };
}

async function loadWheel(
  { context, client, tags }: ReferencesOptions,
  place: FilePlace,
  wanted: WantedReference,
): Promise<DirectDistribution> {
  const filename = parseWheelFilename(place.filename);
  if (tags !== undefined && wheelRank(tags, filename) === undefined) {
    throw new PenError("TARGET_UNSUPPORTED", `${place.filename} is not a supported wheel on this platform`, {
      why: "None of its tags fits the Python of the environment.",
      hint: "Take the wheel that was made for this Python and platform.",
    });
  }
  const folder = context.store.workFolder();
  try {
    const file = await client.download({ url: place.url, filename: place.filename, hashes: place.hashes }, folder);
    checkDirectHash(wanted.hashes, { path: file.path, sha256: file.sha256, url: redactUrl(place.url) });
    // Adding what is there already costs a look at its files, which is wanted: damage is not to be linked.
    const stored = await context.store.add({ path: file.path, filename: place.filename, sha256: file.sha256, expectedName: filename.name });
    return describeWheel(stored, place, file.sha256);
  } finally {
    removeTree(folder);
  }
}

function describeWheel(stored: StoredWheel, place: FilePlace, sha256: string): DirectDistribution {
  const { manifest } = stored;
  const metadata = parseMetadata(readText(metadataFile(stored)));
  return {
    stored,
    source: undefined,
    candidate: {
      name: manifest.name,
      version: parseVersion(manifest.version),
      versionText: manifest.version,
      unusable: undefined,
      yanked: undefined,
      requiresPython: undefined,
    },
    dependencies: toDependencies(place.filename, {
      requiresDist: metadata.requiresDist,
      requiresPython: metadata.requiresPython,
      providesExtra: metadata.providesExtra,
    }),
    directUrl: { url: withoutCredentials(place.url), info: { kind: "archive", hashes: { sha256 } } },
  };
}
