import { fileURLToPath, pathToFileURL, PenError, printableLine, readText, redactUrl, type Host, dirname, join, resolve } from "#foundation";
import type { IndexClient, IndexFile, ProjectListing } from "#index";
import { parsePylock, selectPackages, type Lock, type LockedFile, type LockedPackage } from "#lock";
import type { RequirementEntry, RequirementSource } from "#project";
import {
  anySpecifiers,
  isStrongHash,
  normalizeName,
  parseSpecifiers,
  parseVersion,
  tryParseSdistFilename,
  tryParseWheelFilename,
  versionText,
  type MarkerEnvironment,
  type NormalizedName,
} from "#standards";

/** A lock that was named where requirements files are named (`-r pylock.toml`, `--group pylock.toml:dev`), and what of it is wanted. */
interface PylockInput {
  readonly lock: Lock;
  /** As it was named. */
  readonly place: string;
  /** Where paths in it count from. */
  readonly base: string;
  readonly extras: ReadonlySet<string>;
  /** The groups that were named, and with `-r` those that the lock installs by default. */
  readonly groups: ReadonlySet<string>;
}

/** What locks ask for in one environment. */
export interface LockedQuestion {
  readonly requirements: readonly RequirementEntry[];
  /** The client for whom the locked projects have the files that the locks allow, and no others. */
  over(client: IndexClient): IndexClient;
}

const urlStart = /^(?:https?|file):/i;
/** PEP 751: `pylock.toml`, or `pylock.NAME.toml`. */
const lockName = /^pylock(?:\.[^.]+)?\.toml$/;

/** `pylock.toml[docs,tests]` in its parts; undefined for what is not named as a lock. */
function partsOf(place: string): { readonly file: string; readonly extras: readonly string[] } | undefined {
  const [, file = place, extras = ""] = /^(.+)\[([^\]]*)\]$/.exec(place) ?? [];
  const path = urlStart.test(file) ? (file.split(/[?#]/, 1)[0] ?? file) : file.replaceAll("\\", "/");
  if (!lockName.test(path.slice(path.lastIndexOf("/") + 1))) return undefined;
  const names = extras.split(",").map((name) => name.trim());
  return { file, extras: names.filter((name) => name !== "") };
}

interface Named {
  readonly files: readonly string[];
  readonly groups: readonly string[];
}

interface Wanted {
  readonly extras: Set<string>;
  readonly groups: Set<string>;
  isWhole: boolean;
}

/** What is named as a lock, by its name alone, with what is wanted of each; and the rest. Nothing is read. */
function sorted({ files, groups }: Named): Named & { readonly locks: ReadonlyMap<string, Wanted> } {
  const locks = new Map<string, Wanted>();
  const wantedOf = (file: string, extras: readonly string[]): Wanted => {
    const wanted = locks.get(file) ?? { extras: new Set(), groups: new Set(), isWhole: false };
    for (const name of extras) wanted.extras.add(normalizeName(name));
    locks.set(file, wanted);
    return wanted;
  };
  const plainFiles = files.filter((place) => {
    const parts = partsOf(place);
    if (parts !== undefined) wantedOf(parts.file, parts.extras).isWhole = true;
    return parts === undefined;
  });
  const plainGroups = groups.filter((text) => {
    const at = text.lastIndexOf(":");
    const parts = at < 0 ? undefined : partsOf(text.slice(0, at));
    if (parts === undefined || urlStart.test(parts.file)) return true;
    wantedOf(parts.file, parts.extras).groups.add(normalizeName(text.slice(at + 1)));
    return false;
  });
  return { locks, files: plainFiles, groups: plainGroups };
}

/**
 * Reads the locks among what was named for requirements files and groups. As with pip, a file is one by its name. Errors: `INVALID_LOCK`, `FILE_SYSTEM`, those
 * of fetching, and `USAGE` for an extra or a group that the lock does not have.
 */
export async function readPylocks(
  named: Named,
  { host, fetchText }: { readonly host: Host; readonly fetchText: (url: string) => Promise<string> },
): Promise<Named & { readonly locks: readonly PylockInput[] }> {
  const { locks, files, groups } = sorted(named);
  const read = [...locks].map(async ([place, { extras, groups: chosen, isWhole }]): Promise<PylockInput> => {
    const isRemote = /^https?:/i.test(place);
    const path = isRemote ? place : /^file:/i.test(place) ? fileURLToPath(place) : resolve(host.cwd, place);
    const text = isRemote ? await fetchText(place) : readText(path);
    const shown = printableLine(redactUrl(place));
    const lock = parsePylock(text, { file: shown, ...(isRemote ? {} : { folder: dirname(path) }) });
    if (isRemote) checkRemote(lock, shown);
    checkNames(shown, "extra", extras, lock.extras ?? []);
    checkNames(shown, "group", chosen, [...(lock.dependencyGroups ?? []), ...(lock.defaultGroups ?? [])]);
    const defaults = isWhole ? (lock.defaultGroups ?? []) : [];
    return { lock, place: shown, base: isRemote ? place : dirname(path), extras, groups: new Set([...defaults, ...chosen]) };
  });
  return { locks: await Promise.all(read), files, groups };
}

/** What lies beside a lock on a server is reached by files alone. */
function checkRemote({ packages }: Lock, shown: string): void {
  const local = packages.find(({ direct }) => direct !== undefined && !/^[a-z][a-z0-9+.-]*:/i.test(direct.url));
  if (local === undefined) return;
  throw new PenError("INVALID_LOCK", `${shown} names ${local.name} by a path`, {
    why: "The lock comes from the network, and there is no folder beside it.",
    hint: "Fetch it together with what it names, and install from there.",
  });
}

function checkNames(place: string, what: "extra" | "group", wanted: ReadonlySet<string>, known: readonly string[]): void {
  const unknown = [...wanted].find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new PenError("USAGE", `${place} has no ${what} ${printableLine(unknown)}`, {
    hint: known.length === 0 ? `It has no ${what}s.` : `It has: ${[...new Set(known)].map(printableLine).join(", ")}.`,
  });
}

/** The packages of the locks that an environment gets, as requirements and as the files that they may come from. Errors: those of `selectPackages`. */
export function lockedQuestion(locks: readonly PylockInput[], markers: MarkerEnvironment): LockedQuestion {
  const requirements: RequirementEntry[] = [];
  const listings = new Map<NormalizedName, ProjectListing>();
  for (const input of locks) {
    for (const one of selectPackages(input.lock, markers, { extras: input.extras, groups: input.groups })) {
      const files = one.direct === undefined ? one.files.map((file) => indexFile(file, one, input)) : [];
      const text = one.direct === undefined ? versionOf(one) : undefined;
      requirements.push(entryOf(one, text, input));
      if (text === undefined) continue;
      const version = { version: parseVersion(text), text: versionText(parseVersion(text)), files: () => files };
      const versions = [version];
      listings.set(one.name, {
        name: one.name,
        versions,
        lazily: versions,
        texts: [version.text],
        only: (wanted) => (wanted === version.text ? version : undefined),
      });
    }
  }
  return {
    requirements,
    over: (client) => ({ ...client, standpoint: undefined, listing: (name) => listings.get(name) ?? client.listing(name) }),
  };
}

/** A lock may leave it to the names of the files. */
function versionOf({ name, version, files }: LockedPackage): string {
  if (version !== undefined) return version;
  const found = files.map(({ filename }) => tryParseWheelFilename(filename)?.version ?? tryParseSdistFilename(filename, name)?.version);
  const first = found.find((one) => one !== undefined);
  if (first !== undefined) return versionText(first);
  throw new PenError("INVALID_LOCK", `The lock does not say which version of ${name} it means`, { hint: "Lock again." });
}

function indexFile(file: LockedFile, { index }: LockedPackage, { base }: PylockInput): IndexFile {
  return {
    filename: file.filename,
    kind: file.filename.endsWith(".whl") ? "wheel" : "sdist",
    url: placeOf(file, base),
    hashes: file.hashes,
    size: file.size,
    requiresPython: undefined,
    yanked: undefined,
    uploadTime: file.uploadTime,
    metadata: undefined,
    index: index ?? "",
  };
}

/** As with pip, the path goes before the URL; it never leads out of the lock's folder. */
function placeOf({ path, url }: LockedFile, base: string): string {
  if (path === undefined) return url ?? "";
  return /^https?:/i.test(base)
    ? new URL(path.split("/").map(encodeURIComponent).join("/"), base).href
    : pathToFileURL(join(base, path)).href;
}

function entryOf({ name, extras, direct, files }: LockedPackage, version: string | undefined, { place }: PylockInput): RequirementEntry {
  const hashes = direct?.info.kind === "archive" ? [direct.info.hashes] : files.map((file) => file.hashes);
  return {
    source:
      direct === undefined
        ? named(name, extras, { specifiers: parseSpecifiers(`==${version ?? ""}`) })
        : directSource(name, extras, direct),
    editable: direct?.info.kind === "dir" && direct.info.editable,
    hashes: hashes.flatMap((one) =>
      Object.entries(one).flatMap(([algorithm, digest]) => (isStrongHash(algorithm) ? [`${algorithm}:${digest}`] : [])),
    ),
    buildOptions: [],
    origin: { file: place, line: 0 },
  };
}

const named = (
  name: NormalizedName,
  extras: readonly NormalizedName[],
  rest: { readonly specifiers: typeof anySpecifiers; readonly url?: string },
): RequirementSource => ({ kind: "named", requirement: { name, rawName: name, extras, ...rest } });

function directSource(
  name: NormalizedName,
  extras: readonly NormalizedName[],
  direct: NonNullable<LockedPackage["direct"]>,
): RequirementSource {
  const { url, info, subdirectory } = direct;
  if (info.kind === "dir") {
    const folder = join(fileURLToPath(url), subdirectory ?? "");
    return { kind: "location", location: folder, extras, marker: undefined };
  }
  const fragment = subdirectory === undefined ? "" : `#subdirectory=${subdirectory}`;
  const place = info.kind === "vcs" ? `${info.vcs}+${url}@${info.commitId}` : url;
  return named(name, extras, { specifiers: anySpecifiers, url: `${place}${fragment}` });
}
