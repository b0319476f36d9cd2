import { basename } from "node:path";
import { PenError, pathExists, printableLine, readText, redactUrl, removeTree, pathToFileURL } from "#foundation";
import type { IndexClient } from "#index";
import type { RequirementEntry } from "#project";
import type { Candidate, CandidateDependencies } from "#resolver";
import {
  anySpecifiers,
  normalizeName,
  parseMarker,
  parseMetadata,
  parseVersion,
  parseWheelFilename,
  wheelRank,
  type DirectUrl,
  type NormalizedName,
  type Requirement,
  type SupportedTags,
} from "#standards";
import type { StoredWheel } from "#store";
import { toDependencies } from "./catalog.ts";
import type { Context } from "./context.ts";
import { metadataFile } from "./stored-metadata.ts";

/** A wheel that was named by its place. It is in the store before the solver hears of it: only its own metadata counts. */
export interface DirectWheel {
  readonly stored: StoredWheel;
  readonly candidate: Candidate;
  readonly dependencies: CandidateDependencies;
  readonly directUrl: DirectUrl;
}

/** Fetches each wheel that is named by path or URL once. Errors: `BUILD_REQUIRED` for anything that is no wheel. */
export class DirectWheels {
  readonly #context: Context;
  readonly #client: IndexClient;
  /** Undefined when wheels for other Pythons and platforms will do. */
  readonly #tags: SupportedTags | undefined;
  readonly #known = new Map<string, Promise<DirectWheel>>();
  readonly #byCandidate = new Map<Candidate, DirectWheel>();

  constructor(context: Context, client: IndexClient, tags: SupportedTags | undefined) {
    this.#context = context;
    this.#client = client;
    this.#tags = tags;
  }

  of(candidate: Candidate): DirectWheel | undefined {
    return this.#byCandidate.get(candidate);
  }

  async candidate(requirement: Requirement): Promise<Candidate> {
    const url = requirement.url ?? "";
    const found = await this.load(url);
    if (found.candidate.name !== requirement.name) {
      throw new PenError("INVALID_WHEEL", `${printableLine(redactUrl(url))} is not ${requirement.name}`, {
        why: `The wheel holds the distribution ${found.candidate.name}, but the requirement calls it ${requirement.name}.`,
        hint: `Write: ${found.candidate.name} @ ${redactUrl(url)}`,
      });
    }
    return found.candidate;
  }

  /** The wheel behind a URL or an absolute path. */
  async load(location: string, hashes: readonly string[] = []): Promise<DirectWheel> {
    let loading = this.#known.get(location);
    if (loading === undefined) {
      loading = this.#load(location, hashes);
      this.#known.set(location, loading);
    }
    const wheel = await loading;
    this.#byCandidate.set(wheel.candidate, wheel);
    return wheel;
  }

  async #load(location: string, promised: readonly string[]): Promise<DirectWheel> {
    const place = parsePlace(location);
    if (!place.filename.endsWith(".whl")) throw notAWheel(location);
    const filename = parseWheelFilename(place.filename);
    if (this.#tags !== undefined && wheelRank(this.#tags, filename) === undefined) {
      throw new PenError("TARGET_UNSUPPORTED", `${place.filename} is not a supported wheel on this platform`, {
        why: "None of its tags fits the Python of the environment.",
        hint: "Take the wheel that was made for this Python and platform.",
      });
    }
    const hashes = { ...place.hashes, ...splitHashes(promised) };
    const folder = this.#context.store.workFolder();
    try {
      const file = await this.#client.download({ url: place.url, filename: place.filename, hashes }, folder);
      // Adding what is there already costs a look at its files, which is wanted: damage is not to be linked.
      const stored = await this.#context.store.add({
        path: file.path,
        filename: place.filename,
        sha256: file.sha256,
        expectedName: filename.name,
      });
      return describe(stored, place, file.sha256);
    } finally {
      removeTree(folder);
    }
  }
}

interface Place {
  /** Without fragment. */
  readonly url: string;
  readonly filename: string;
  readonly hashes: Readonly<Record<string, string>>;
}

function parsePlace(location: string): Place {
  if (!/^[a-z][a-z0-9+.-]*:/i.test(location)) {
    if (!pathExists(location)) {
      throw new PenError("PACKAGE_NOT_FOUND", `There is no file ${printableLine(location)}`, {
        hint: "Check the path, or write a project's name to install it from the index.",
      });
    }
    return { url: pathToFileURL(location).href, filename: basename(location), hashes: {} };
  }
  if (!/^(https?|file):/i.test(location)) throw notAWheel(location);
  const [url = location, fragment = ""] = location.split("#", 2);
  const hashes = splitHashes(fragment.split("&").map((part) => part.replace("=", ":")));
  return { url, filename: decodeURIComponent(basename(new URL(url).pathname)), hashes };
}

function splitHashes(hashes: readonly string[]): Record<string, string> {
  const split = hashes.map((hash) => hash.split(":", 2)).filter(([algorithm]) => /^(sha|md5|blake)/.test(algorithm ?? ""));
  return Object.fromEntries(split.map(([algorithm = "", digest = ""]) => [algorithm, digest.toLowerCase()]));
}

function notAWheel(location: string): PenError {
  return new PenError("BUILD_REQUIRED", `${printableLine(redactUrl(location))} is no wheel`, {
    why: "Only wheels can be installed; building from a source archive, a folder or a repository is not there yet.",
    hint: "Build the wheel with the project's own tools (python -m build) and install the .whl file.",
  });
}

function describe(stored: StoredWheel, place: Place, sha256: string): DirectWheel {
  const metadata = parseMetadata(readText(metadataFile(stored)));
  const candidate: Candidate = {
    name: stored.manifest.name,
    version: parseVersion(stored.manifest.version),
    versionText: stored.manifest.version,
    unusable: undefined,
    yanked: undefined,
    requiresPython: undefined,
  };
  return {
    stored,
    candidate,
    dependencies: toDependencies(place.filename, {
      requiresDist: metadata.requiresDist,
      requiresPython: metadata.requiresPython,
      providesExtra: metadata.providesExtra,
    }),
    directUrl: { url: redactCredentials(place.url), info: { kind: "archive", hashes: { sha256 } } },
  };
}

function redactCredentials(url: string): string {
  const parsed = new URL(url);
  parsed.username = "";
  parsed.password = "";
  return parsed.href;
}

/** Turns an entry into a requirement by name; wheels named by place are loaded for that. */
export async function nameEntry(entry: RequirementEntry, wheels: DirectWheels): Promise<Requirement> {
  if (entry.source.kind === "named") return entry.source.requirement;
  if (entry.editable) throw notAWheel(entry.source.location);
  const { location, extras, marker } = entry.source;
  const { candidate } = await wheels.load(location, entry.hashes);
  const names: NormalizedName[] = extras.map(normalizeName);
  const requirement = { name: candidate.name, rawName: candidate.name, extras: names, specifiers: anySpecifiers, url: location };
  return marker === undefined ? requirement : { ...requirement, marker: parseMarker(marker) };
}
