import { excerpt, PenError } from "#foundation";
import { tryNormalizeName, type NormalizedName } from "./names.ts";
import { tryParseVersion } from "./version-scanner.ts";
import { compareVersions, publicVersion, type Version } from "./versions.ts";

/** A record of the OSV schema (1.x), as far as it concerns packages of the ecosystem `PyPI`. */
export interface Advisory {
  readonly id: string;
  readonly aliases: readonly string[];
  /** One line: the summary, else the details; `N/A` where the record has neither. Foreign text, control characters and all. */
  readonly description: string;
  /** RFC 3339; undefined where the record does not say. */
  readonly published: string | undefined;
  /** The record was taken back: it is no vulnerability. */
  readonly withdrawn: boolean;
  readonly affected: readonly AffectedPackage[];
}

/** Which versions of one project a record is about. */
export interface AffectedPackage {
  readonly name: NormalizedName;
  /** Listed one by one. */
  readonly versions: readonly Version[];
  /** In order; the events of a range are sorted by version. */
  readonly ranges: ReadonlyArray<readonly RangeEvent[]>;
}

export interface RangeEvent {
  readonly kind: "introduced" | "fixed" | "last_affected" | "limit";
  /** Undefined: before every version (`introduced: "0"`), or of a `limit`, after every one (`*`). */
  readonly version: Version | undefined;
}

type JsonObject = { readonly [key: string]: unknown };

const isObject = (value: unknown): value is JsonObject => typeof value === "object" && value !== null && !Array.isArray(value);

/** As OSV writes them: `PYSEC-2023-62`, `GHSA-m2qf-hxjv-5gpq`, `CVE-2023-30861`. */
const idPattern = /^[A-Za-z0-9][\w.:/-]{0,127}$/;

/** True for what may be the id of a record. */
export const isAdvisoryId = (text: string): boolean => idPattern.test(text) && !text.includes("..");

/**
 * Reads a record. What decides whether a version is affected must be there as the schema has it; texts for people may be missing or of another
 * kind. Errors: INVALID_ADVISORY with the place in the record.
 */
export function parseAdvisory(value: unknown): Advisory {
  if (!isObject(value)) throw malformed("a record", "it is no object");
  const id = value["id"];
  if (typeof id !== "string" || !isAdvisoryId(id)) throw malformed("a record", `its id is ${shown(id)}`);
  const schema = value["schema_version"] ?? "1.0.0";
  if (typeof schema !== "string" || !schema.startsWith("1."))
    throw new PenError("INVALID_ADVISORY", `${id} is written in another form of the OSV schema`, {
      why: `It says schema_version ${shown(schema)}; pen knows 1.x.`,
      hint: "Take a newer pen.",
      data: { id },
    });
  const withdrawn = value["withdrawn"];
  return {
    id,
    aliases: [...new Set(texts(value["aliases"], `${id}: aliases`))].filter((alias) => isAdvisoryId(alias) && alias !== id),
    description: descriptionOf(value),
    published: typeof value["published"] === "string" ? value["published"] : undefined,
    withdrawn: withdrawn !== undefined && withdrawn !== null,
    affected: list(value["affected"] ?? [], `${id}: affected`).flatMap((entry, at) => affectedOf(entry, `${id}: affected[${at}]`)),
  };
}

function descriptionOf(value: JsonObject): string {
  const text = [value["summary"], value["details"]].find((one): one is string => typeof one === "string" && one.trim() !== "") ?? "N/A";
  return text.replace(/\s*[\r\n]+\s*/g, " ").trim();
}

function affectedOf(value: unknown, place: string): AffectedPackage[] {
  if (!isObject(value)) throw malformed(place, "it is no object");
  const target = value["package"];
  // Records about source repositories alone have no package.
  if (target === undefined || target === null) return [];
  if (!isObject(target) || typeof target["ecosystem"] !== "string" || typeof target["name"] !== "string")
    throw malformed(`${place}.package`, "it has no name and ecosystem");
  // `PyPI:…` would be an index of its own, as `Debian:12` is a release.
  if (target["ecosystem"] !== "PyPI") return [];
  const name = tryNormalizeName(target["name"]);
  if (name === undefined) throw malformed(`${place}.package.name`, `${shown(target["name"])} is no project name`);
  const ranges = list(value["ranges"] ?? [], `${place}.ranges`);
  return [
    {
      name,
      versions: texts(value["versions"] ?? [], `${place}.versions`).flatMap((text) => tryParseVersion(text) ?? []),
      ranges: ranges.flatMap((range, at) => eventsOf(range, `${place}.ranges[${at}]`)),
    },
  ];
}

/** The events of an ECOSYSTEM range; other kinds (GIT) speak of no versions. */
function eventsOf(range: unknown, place: string): Array<readonly RangeEvent[]> {
  if (!isObject(range) || typeof range["type"] !== "string") throw malformed(place, "it has no type");
  if (range["type"] === "GIT") return [];
  if (range["type"] !== "ECOSYSTEM" && range["type"] !== "SEMVER") throw malformed(place, `its type is ${shown(range["type"])}`);
  const events = list(range["events"], `${place}.events`).flatMap((event, at): RangeEvent[] => {
    if (!isObject(event)) throw malformed(`${place}.events[${at}]`, "it is no object");
    return eventKinds.flatMap((kind) => {
      const text = event[kind];
      return text === undefined ? [] : [{ kind, version: eventVersion(kind, text, `${place}.events[${at}]`) }];
    });
  });
  // A range without an end begins somewhere; one that begins nowhere affects nothing, which no record means.
  if (!events.some(({ kind }) => kind === "introduced")) throw malformed(`${place}.events`, "none says where the range begins");
  return [events.sort((a, b) => compareBounds(a, b) || eventKinds.indexOf(a.kind) - eventKinds.indexOf(b.kind))];
}

const eventKinds = ["introduced", "fixed", "last_affected", "limit"] as const;

function eventVersion(kind: RangeEvent["kind"], value: unknown, place: string): Version | undefined {
  if ((kind === "introduced" && value === "0") || (kind === "limit" && value === "*")) return undefined;
  const version = typeof value === "string" ? tryParseVersion(value) : undefined;
  if (version === undefined) throw malformed(place, `${kind} is ${shown(value)}, which is no version`);
  return version;
}

function compareBounds(a: RangeEvent, b: RangeEvent): number {
  if (a.version === undefined || b.version === undefined) return (a.version === undefined ? 0 : 1) - (b.version === undefined ? 0 : 1);
  return compareVersions(a.version, b.version);
}

function list(value: unknown, place: string): readonly unknown[] {
  if (!Array.isArray(value)) throw malformed(place, "it is no list");
  return value;
}

function texts(value: unknown, place: string): string[] {
  return list(value ?? [], place).map((text, at) => {
    if (typeof text !== "string") throw malformed(`${place}[${at}]`, "it is no text");
    return text;
  });
}

const shown = (value: unknown): string =>
  typeof value === "string" ? excerpt(value, 60) : value === null ? "null" : `of type ${typeof value}`;

const malformed = (place: string, why: string): PenError =>
  new PenError("INVALID_ADVISORY", `A record of the vulnerability database is malformed at ${place}`, { why: `There ${why}.` });

/**
 * Whether the record is about this version of the project, as the OSV schema says: it is listed, or lies in a range. A local version (`2.0+cpu`)
 * counts as the version that it was made from. Withdrawn records are about nothing.
 */
export function isAffected(advisory: Advisory, name: NormalizedName, version: Version): boolean {
  if (advisory.withdrawn) return false;
  const plain = publicVersion(version);
  return advisory.affected.some(
    (entry) =>
      entry.name === name &&
      (entry.versions.some((one) => compareVersions(one, plain) === 0) || entry.ranges.some((events) => isWithin(events, plain))),
  );
}

function isWithin(events: readonly RangeEvent[], version: Version): boolean {
  let inside = false;
  const limits = events.filter(({ kind }) => kind === "limit");
  for (const event of events) {
    const order = event.version === undefined ? 1 : compareVersions(version, event.version);
    if (event.kind === "introduced" && order >= 0) inside = true;
    else if (event.kind === "fixed" && order >= 0) inside = false;
    else if (event.kind === "last_affected" && order > 0) inside = false;
  }
  return (
    inside && (limits.length === 0 || limits.some((limit) => limit.version === undefined || compareVersions(version, limit.version) < 0))
  );
}

/** Records of one vulnerability under its several names. */
export interface MergedAdvisory {
  /** PYSEC before CVE before all others. */
  readonly id: string;
  /** All other names, sorted in the same order. */
  readonly aliases: readonly string[];
  readonly description: string;
  readonly published: string | undefined;
  readonly records: readonly Advisory[];
}

const idRank = (id: string): number => (id.startsWith("PYSEC") ? 0 : id.startsWith("CVE") ? 1 : 2);
const byRank = (a: string, b: string): number => idRank(a) - idRank(b) || (a < b ? -1 : a > b ? 1 : 0);

/** Puts records that share an id or alias together, whatever chain joins them; sorted by id. */
export function mergeAdvisories(records: readonly Advisory[]): MergedAdvisory[] {
  const groups: Array<{ names: Set<string>; records: Advisory[] }> = [];
  for (const record of records) {
    const names = new Set([record.id, ...record.aliases]);
    const joined = groups.filter((group) => [...names].some((name) => group.names.has(name)));
    for (const group of joined) groups.splice(groups.indexOf(group), 1);
    groups.push({
      names: new Set([...joined.flatMap((group) => [...group.names]), ...names]),
      records: [...joined.flatMap((group) => group.records), record],
    });
  }
  return groups
    .map(({ names, records: members }): MergedAdvisory => {
      const [id = "", ...aliases] = [...names].sort(byRank);
      const sorted = [...members].sort((a, b) => byRank(a.id, b.id));
      const first = sorted.find(({ description }) => description !== "N/A") ?? sorted[0];
      const dates = sorted.flatMap(({ published }) => published ?? []).sort();
      return { id, aliases, description: first?.description ?? "N/A", published: dates[0], records: sorted };
    })
    .sort((a, b) => byRank(a.id, b.id));
}

/** The versions in which the records of a vulnerability say that the project was mended, oldest first. */
export function fixedVersions({ records }: Pick<MergedAdvisory, "records">, name: NormalizedName): Version[] {
  const all = records
    .flatMap(({ affected }) => affected.filter((entry) => entry.name === name))
    .flatMap(({ ranges }) => ranges.flat())
    .flatMap(({ kind, version }) => (kind === "fixed" && version !== undefined ? [version] : []))
    .sort(compareVersions);
  return all.filter((version, at) => at === 0 || compareVersions(all[at - 1] as Version, version) !== 0);
}
