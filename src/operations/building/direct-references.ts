import { PenError, printableLine, redactUrl } from "#foundation";
import type { RequirementEntry } from "#project";
import type { Candidate } from "#resolver";
import { anySpecifiers, normalizeName, parseMarker, type NormalizedName, type Requirement } from "#standards";
import { notEditable, type DirectDistribution, type ReferencesOptions, type WantedReference } from "./direct-types.ts";

/** Loads each distribution that is named by path or URL once. Errors: those of fetching, of wheels, and of building what must be built to be known. */
export class DirectReferences {
  readonly #options: ReferencesOptions;
  readonly #known = new Map<string, Promise<DirectDistribution>>();
  readonly #expected = new Map<string, WantedReference>();
  readonly #byCandidate = new Map<Candidate, DirectDistribution>();
  /** Files of this machine that local projects ask for. */
  readonly #localNeeds = new Set<string>();

  constructor(options: ReferencesOptions) {
    this.#options = options;
  }

  of(candidate: Candidate): DirectDistribution | undefined {
    return this.#byCandidate.get(candidate);
  }

  /** Notes what the person says of a place that is loaded only when somebody needs it: a constraint or an override. */
  expect(wanted: WantedReference): void {
    this.#expected.set(wanted.location, wanted);
  }

  /** Answers a requirement with a URL, of a person or of a distribution. A stranger's metadata may not name files of this machine. */
  async candidate(requirement: Requirement): Promise<Candidate> {
    const { name, url = "" } = requirement;
    const isLocal = !/^(https?|git\+)/i.test(url) || /^git\+file:/i.test(url);
    const expected = this.#expected.get(url);
    if (expected === undefined && isLocal && !this.#localNeeds.has(url)) {
      throw new PenError("INVALID_REQUIREMENT", `A package asks for a file of this machine: ${printableLine(redactUrl(url))}`, {
        why: "Only you and projects of this machine may name what lies on it.",
        hint: `If you want it, name it yourself: ${name} @ ${redactUrl(url)}`,
        data: { name },
      });
    }
    const stranger = { location: url, hashes: [], buildOptions: [], editable: false, name, trusted: this.#localNeeds.has(url) };
    return named(await this.load(expected ?? stranger), name, url).candidate;
  }

  async load(wanted: WantedReference): Promise<DirectDistribution> {
    this.#expected.set(wanted.location, wanted);
    let loading = this.#known.get(wanted.location);
    if (loading === undefined) this.#known.set(wanted.location, (loading = this.#load(wanted)));
    const found = await loading;
    this.#byCandidate.set(found.candidate, found);
    return found;
  }

  async #load(wanted: WantedReference): Promise<DirectDistribution> {
    const { loadDirect } = await import("./direct-loading.ts");
    const { found, localNeeds } = await loadDirect(this.#options, wanted);
    for (const url of localNeeds) this.#localNeeds.add(url);
    return found;
  }
}

function named(found: DirectDistribution, name: NormalizedName, url: string): DirectDistribution {
  if (found.candidate.name === name) return found;
  throw new PenError("INVALID_WHEEL", `${printableLine(redactUrl(url))} is not ${name}`, {
    why: `It holds the distribution ${found.candidate.name}, but the requirement calls it ${name}.`,
    hint: `Write: ${found.candidate.name} @ ${redactUrl(url)}`,
  });
}

/**
 * Turns an entry into a requirement by name; what is named by place alone is loaded for that. `isNeeded` is false for constraints and overrides, which
 * may never come to bear.
 */
export async function nameEntry(entry: RequirementEntry, references: DirectReferences, isNeeded: boolean): Promise<Requirement> {
  const { hashes, buildOptions, editable } = entry;
  if (entry.source.kind === "named") {
    const { requirement } = entry.source;
    const { url, name } = requirement;
    if (url === undefined) {
      if (editable) throw notEditable(requirement.rawName);
      return requirement;
    }
    const wanted = { location: url, hashes, buildOptions, editable, name, trusted: true };
    if (isNeeded) named(await references.load(wanted), name, url);
    else references.expect(wanted);
    return requirement;
  }
  const { location, extras, marker } = entry.source;
  const { candidate } = await references.load({ location, hashes, buildOptions, editable, name: undefined, trusted: true });
  const names: NormalizedName[] = extras.map(normalizeName);
  const requirement = { name: candidate.name, rawName: candidate.name, extras: names, specifiers: anySpecifiers, url: location };
  return marker === undefined ? requirement : { ...requirement, marker: parseMarker(marker) };
}
