import { evaluateMarker, metadataJson, normalizeName, type NormalizedName, type Requirement } from "#standards";
import { pipRelease, type JsonValue, posix } from "#foundation";
import type { InstalledDistribution } from "#installer";
import { readSettings, type OperationOptions } from "../settings.ts";
import { editableLocation, metadataFileText, readableMetadata, writtenName } from "./distributions.ts";
import { markersFor, plainRequirementsOf, readDistributions, requirementsOn, visibleDistributions } from "./list.ts";

export interface ShowOptions extends OperationOptions {
  readonly names: readonly string[];
  readonly python?: string | undefined;
}

export interface ShownDistribution {
  readonly distribution: InstalledDistribution;
  /** The folder it stands in. */
  readonly location: string;
  readonly requires: readonly string[];
  readonly requiredBy: readonly string[];
  readonly editableLocation: string | undefined;
  /** The installed files relative to `location`, sorted; undefined when nothing lists them. Read when first asked for. */
  readonly files: readonly string[] | undefined;
}

export interface ShowReport {
  readonly found: readonly ShownDistribution[];
  readonly absent: readonly string[];
}

/** `pen pip show`: what is known of installed distributions, in the order asked for. */
export async function show(options: ShowOptions): Promise<ShowReport> {
  const listing = await readDistributions(readSettings(options), options);
  const { environment } = listing;
  const distributions = visibleDistributions(listing);
  const byName = new Map<NormalizedName, InstalledDistribution>(distributions.map((distribution) => [distribution.name, distribution]));
  const markers = environment?.interpreter.markers;
  const holds = ({ marker }: Requirement): boolean => marker === undefined || markers === undefined || evaluateMarker(marker, markers);
  const found: ShownDistribution[] = [];
  const absent: string[] = [];
  for (const text of options.names) {
    const name = normalizeName(text);
    const distribution = byName.get(name);
    if (distribution === undefined) {
      absent.push(text);
      continue;
    }
    const requiredBy = distributions.filter((other) => requirementsOn(name, other).some(holds)).map(writtenName);
    found.push({
      distribution,
      location: distribution.location,
      requires: uniqueSorted(
        plainRequirementsOf(distribution)
          .filter(holds)
          .map(({ rawName }) => rawName),
      ),
      requiredBy: uniqueSorted(requiredBy),
      editableLocation: editableLocation(distribution),
      get files() {
        return installedFiles(distribution);
      },
    });
  }
  return { found, absent };
}

/** RECORD, or what old tools wrote into an egg-info folder: paths relative to that folder. */
function installedFiles(distribution: InstalledDistribution): readonly string[] | undefined {
  const record = distribution.record()?.map(({ path }) => path);
  const old = record === undefined ? metadataFileText(distribution, "installed-files.txt") : undefined;
  const folder = distribution.path.slice(distribution.path.lastIndexOf("/") + 1);
  const lines = old?.split("\n").filter((line) => line !== "");
  return (record ?? lines?.map((line) => posix.join(folder, line)))?.sort();
}

function uniqueSorted(names: readonly string[]): string[] {
  return [...new Set(names)].sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1));
}

export interface InspectOptions extends OperationOptions {
  readonly python?: string | undefined;
  readonly paths?: readonly string[];
}

export interface JsonObject {
  readonly [key: string]: JsonValue;
}

/** `pen pip inspect`: everything about the environment as pip's JSON report (format version 1) has it. */
export async function inspect(options: InspectOptions = {}): Promise<JsonObject> {
  const context = readSettings(options);
  const listing = await readDistributions(context, options);
  const distributions = visibleDistributions(listing);
  return {
    version: "1",
    pip_version: pipRelease,
    installed: distributions.map(inspectOne),
    environment: { ...(await markersFor(context, listing, options)) },
  };
}

function inspectOne(distribution: InstalledDistribution): JsonValue {
  // One that cannot be understood counts as none, as in pip.
  const direct = distribution.directUrl() === undefined ? undefined : metadataFileText(distribution, "direct_url.json");
  const installer = distribution.installer();
  const metadata = readableMetadata(distribution);
  return {
    metadata:
      metadata === undefined ? { metadata_version: "", name: distribution.name, version: distribution.version } : metadataJson(metadata),
    metadata_location: distribution.path,
    ...(direct === undefined ? {} : { direct_url: JSON.parse(direct) as JsonValue }),
    ...(installer === undefined ? {} : { installer }),
    ...(distribution.kind === "wheel" ? { requested: distribution.requested() } : {}),
  };
}
