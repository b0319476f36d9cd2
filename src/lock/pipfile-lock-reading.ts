import { PenError, printableLine, type JsonValue } from "#foundation";
import { isStrongHash, parseHash, parseMarker, tryNormalizeName, tryParseVersion, type Marker, type NormalizedName } from "#standards";
import { jsonFault } from "./json-fault.ts";
import { staysInside } from "./paths.ts";
import { Place } from "./places.ts";
import {
  pipfileSpec,
  type PipfileLock,
  type PipfileLockEntry,
  type PipfileLockMeta,
  type PipfileLockOrigin,
  type PipfileLockSource,
  type PipfileLockTable,
} from "./pipfile-lock-types.ts";

const maxLength = 64 * 1024 * 1024;
const remedy = "Restore it, or remove it and make it anew with: pen lock";

/**
 * Reads Pipfile.lock. Everything that installing relies on is checked: the version of the format, that both categories are there, names, versions,
 * hashes, markers, and that each package has one origin. Unknown keys are kept. Fails with INVALID_LOCK, the place in `why` and `data.place`; a
 * lock with the marks of an unfinished merge has `data.reason` `merge-conflict`.
 */
export function parsePipfileLock(text: string, path: string): PipfileLock {
  const root = new Place(readJson(text, path), "", path, remedy);
  const meta = readMeta(root.need("_meta"));
  root.need("default");
  root.need("develop");
  const names = Object.keys(root.table()).filter((key) => key !== "_meta");
  const markers = rememberedMarkers();
  return { meta, categories: new Map(names.map((name) => [name, readCategory(root.need(name), markers)])) };
}

type MarkerParser = (text: string) => Marker;

/** The packages of a lock have few markers between them. */
function rememberedMarkers(): MarkerParser {
  const known = new Map<string, Marker>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const marker = parseMarker(text);
    known.set(text, marker);
    return marker;
  };
}

/** True for text with the three marks that git leaves in a file where both sides changed the same lines. */
export function hasMergeMarks(text: string): boolean {
  return text.includes("<<<<<<<") && /^<{7}(?: |\r?$)/m.test(text) && /^={7}\r?$/m.test(text) && /^>{7}(?: |\r?$)/m.test(text);
}

function readJson(text: string, path: string): unknown {
  const broken = (why: string, reason: string, hint: string): never => {
    throw new PenError("INVALID_LOCK", `${printableLine(path)} is not a valid lock`, { why, hint, data: { place: "", reason } });
  };
  if (text.length > maxLength) return broken("It is larger than 64 MiB.", "size", remedy);
  if (hasMergeMarks(text)) {
    const why = "It holds the marks of a merge that is not finished (<<<<<<<, =======, >>>>>>>).";
    return broken(why, "merge-conflict", "Mend it with: pen lock --resolve-conflict");
  }
  const plain = text.replace(/^\ufeff/, "");
  if (plain.trim() === "") return broken("It is empty.", "syntax", remedy);
  let value: unknown;
  try {
    value = JSON.parse(plain);
  } catch {
    const { line, column, isEnd } = jsonFault(plain) ?? { line: 1, column: 1, isEnd: false };
    const place = isEnd ? `it ends in the middle, in line ${line}, as if it were cut off` : `see line ${line}, column ${column}`;
    return broken(`It is not JSON: ${place}.`, "syntax", remedy);
  }
  const twice = duplicateKey(plain, value);
  return twice === undefined ? value : broken(`The key ${printableLine(twice)} stands twice in one table.`, "duplicate-key", remedy);
}

/** A key that stands twice in one table: parsers of JSON take the last one without a word. */
function duplicateKey(text: string, value: unknown): string | undefined {
  // Every key is a quote and a colon; a text may hold these too, and then all is looked at.
  if (countColons(text) === countKeys(value)) return undefined;
  const open: Set<string>[] = [];
  for (const [token, colon] of text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?|[{}]/g)) {
    if (token === "{") open.push(new Set());
    else if (token === "}") open.pop();
    else if (colon !== undefined) {
      const key = JSON.parse(token.slice(0, -colon.length)) as string;
      const table = open[open.length - 1];
      if (table?.has(key) === true) return key;
      table?.add(key);
    }
  }
  return undefined;
}

function countColons(text: string): number {
  let count = 0;
  for (let at = text.indexOf(":"); at >= 0; at = text.indexOf(":", at + 1)) {
    let before = at - 1;
    while (text.charCodeAt(before) <= 32) before -= 1;
    if (text[before] === '"') count += 1;
  }
  return count;
}

function countKeys(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  let count = 0;
  if (Array.isArray(value)) for (const one of value) count += countKeys(one);
  else for (const key in value) count += 1 + countKeys((value as Readonly<Record<string, unknown>>)[key]);
  return count;
}

function readMeta(place: Place): PipfileLockMeta {
  const spec = place.get("pipfile-spec")?.size() ?? pipfileSpec;
  if (spec > pipfileSpec) {
    throw new PenError("INVALID_LOCK", `${printableLine(place.file)} is of a newer format`, {
      why: `It is of format ${spec}; this pen reads formats up to ${pipfileSpec}.`,
      hint: "Use a newer pen, or remove the lock and make it anew with: pen lock",
      data: { place: "_meta.pipfile-spec" },
    });
  }
  return {
    hash: place.get("hash")?.get("sha256")?.text().toLowerCase(),
    requires: (place.get("requires")?.table() ?? {}) as PipfileLockTable,
    sources: place.get("sources")?.items().map(readSource) ?? [],
    raw: place.table() as PipfileLockTable,
  };
}

function readSource(place: Place): PipfileLockSource {
  return {
    name: place.get("name")?.text() ?? "",
    url: place.need("url").text(),
    verifySsl: place.get("verify_ssl")?.flag() ?? true,
  };
}

function readCategory(place: Place, markers: MarkerParser): PipfileLockEntry[] {
  const seen = new Map<NormalizedName, string>();
  return Object.keys(place.table())
    .map((key) => {
      const entry = pipfileLockEntry(place.need(key), key, markers);
      const other = seen.get(entry.name);
      if (other !== undefined) place.fail(`${printableLine(other)} and ${printableLine(key)} are the same package.`);
      seen.set(entry.name, key);
      return entry;
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** A new entry of a lock from the table that is to be written. Fails with INVALID_LOCK for one that could not be read again. */
export function newPipfileLockEntry(key: string, raw: PipfileLockTable): PipfileLockEntry {
  return pipfileLockEntry(new Place(raw, key, "Pipfile.lock", remedy), key, parseMarker);
}

/** A new `_meta` from the table that is to be written. */
export function newPipfileLockMeta(raw: PipfileLockTable): PipfileLockMeta {
  return readMeta(new Place(raw, "_meta", "Pipfile.lock", remedy));
}

function pipfileLockEntry(place: Place, key: string, parse: MarkerParser): PipfileLockEntry {
  const name = tryNormalizeName(key) ?? place.fail(`${printableLine(key)} is not a name of a package.`);
  const origin = readOrigin(place);
  const markers = place.get("markers");
  return {
    name,
    key,
    version: readVersion(place, origin),
    hashes: readHashes(place.get("hashes")),
    index: place.get("index")?.text(),
    extras: [...new Set(place.get("extras")?.items().map(readExtra))],
    marker: markers?.parse(parse),
    markerText: markers?.text(),
    origin,
    editable: place.get("editable")?.flag() ?? false,
    noBinary: place.get("no_binary")?.flag() ?? false,
    raw: place.table() as Readonly<Record<string, JsonValue>>,
  };
}

const systems = ["git", "hg", "svn", "bzr"] as const;
const origins = [...systems, "path", "file"] as const;

function readOrigin(place: Place): PipfileLockOrigin {
  const table = place.table();
  const kinds = origins.filter((key) => Object.hasOwn(table, key));
  if (kinds.length === 0) return { kind: "index" };
  if (kinds.length > 1) place.fail(`It comes from one place, not from several: ${kinds.join(", ")}.`);
  const path = place.get("path");
  if (path !== undefined) return { kind: "path", path: readLocation(path) };
  const file = place.get("file");
  if (file !== undefined) return { kind: "file", url: readLocation(file) };
  const vcs = systems.find((key) => kinds.includes(key));
  if (vcs === undefined) return { kind: "index" };
  const subdirectory = place.get("subdirectory");
  if (subdirectory !== undefined && !staysInside(subdirectory.text()))
    subdirectory.fail(`${subdirectory.quoted()} leads out of the repository.`);
  const ref = place.get("ref");
  if (ref?.text().startsWith("-") === true) ref.fail(`${ref.quoted()} is no revision.`);
  return { kind: "vcs", vcs, url: readLocation(place.need(vcs)), ref: ref?.text(), subdirectory: subdirectory?.text() };
}

function readLocation(place: Place): string {
  const text = place.text();
  return text === "" || text.startsWith("-") ? place.fail(`${place.quoted()} is neither a path nor a URL.`) : text;
}

/** Only exact versions: a lock that leaves a choice is none. */
function readVersion(place: Place, origin: PipfileLockOrigin): string | undefined {
  const version = place.get("version");
  if (version === undefined) return origin.kind === "index" ? place.fail("It has neither a version nor another origin.") : undefined;
  const text = version.text().trim();
  if (text === "*") return undefined;
  const [, pinned] = /^={2,3}\s*(\S+)$/.exec(text) ?? [];
  // What pipenv writes of a package of other platforms alone, which it has not resolved: `==<2`.
  if (pinned !== undefined && /^[<>=!~]/.test(pinned) && !text.startsWith("===")) return undefined;
  if (pinned === undefined || (tryParseVersion(pinned) === undefined && !text.startsWith("===")))
    version.fail(`${version.quoted()} is not one exact version, such as ==1.0.`);
  return pinned;
}

const usualHash = /^sha256:[0-9a-f]{64}$/;

/** Most of a lock is hashes, and nearly all of them are of one form. */
function readHashes(place: Place | undefined): string[] {
  if (place === undefined) return [];
  const { value } = place;
  if (Array.isArray(value) && value.every((one) => typeof one === "string" && usualHash.test(one))) return [...(value as string[])];
  return place.items().map(readHash);
}

function readHash(place: Place): string {
  if (!isStrongHash(place.parse(parseHash))) place.fail(`${place.quoted()} is a hash that can be forged.`);
  return place.text();
}

function readExtra(place: Place): NormalizedName {
  return tryNormalizeName(place.text()) ?? place.fail(`${place.quoted()} is not a name of an extra.`);
}
