/** From the files of a page to the form in which stored-listing.ts keeps them. */
import { crc32 } from "#foundation";
import { type NormalizedName, type Version, compareVersions, versionText } from "#standards";
import { toRecord } from "./file-record.ts";
import { versionOfOtherFile, versionsOfFiles } from "./page.ts";
import { type ListedFile, pieceReader } from "./page-entries.ts";
import { defaultIndexUrl } from "./settings.ts";
import { type Freshness, type Header, seal } from "./stored-listing.ts";

/** Packs the files of a page that are distributions of `name`; `files` undefined for a project that the index does not have. */
export function encodeListing(
  files: readonly ListedFile[] | undefined,
  about: Freshness & { readonly index: string; readonly name: NormalizedName; readonly origin?: string },
): Uint8Array {
  const groups = groupByVersion(files ?? [], about);
  const records = groups.map((group) => filesText(group, about.origin ?? ""));
  const text = records.join("");
  const isAscii = Buffer.byteLength(text, "utf8") === text.length;
  const header: Header = {
    etag: about.etag,
    lastModified: about.lastModified,
    fetched: about.fetched,
    maxAge: about.maxAge,
    index: about.index,
    name: about.name,
    absent: files === undefined,
    versions: groups.map((group) => group.text),
    sizes: records.map((record) => (isAscii ? record.length : Buffer.byteLength(record, "utf8"))),
    sums: records.map((record) => crc32(record)),
    ...(about.origin === undefined ? {} : { origin: about.origin }),
  };
  return seal(header, text);
}

/** Pieces of a page are kept as they are, but for those of other forms, which have their mark in a record. */
function filesText({ files, others }: VersionGroup, origin: string): string {
  const parts = files.map(({ entry }) => (typeof entry === "string" ? entry : JSON.stringify(toRecord(entry))));
  const read = others.length === 0 ? undefined : pieceReader(origin);
  for (const { entry } of others) {
    const file = typeof entry === "string" ? read?.(JSON.parse(entry) as Record<string, unknown>) : entry;
    if (file !== undefined) parts.push(JSON.stringify(toRecord(file, true)));
  }
  return `[${parts.join(",")}]`;
}

interface VersionGroup {
  readonly version: Version;
  readonly text: string;
  readonly files: ListedFile[];
  /** Of forms that nothing installs. */
  readonly others: ListedFile[];
}

function groupByVersion(files: readonly ListedFile[], about: { readonly index: string; readonly name: NormalizedName }): VersionGroup[] {
  const groups = new Map<string, VersionGroup>();
  // Files of one version mostly come with the very same value.
  const known = new Map<Version, VersionGroup>();
  const groupOf = (version: Version): VersionGroup => {
    const text = versionText(version);
    const group = groups.get(text) ?? { version, text, files: [], others: [] };
    groups.set(text, group);
    known.set(version, group);
    return group;
  };
  const seen = new Set<string>();
  const unplaced: ListedFile[] = [];
  const versionOf = versionsOfFiles(about.name);
  for (const file of files) {
    if (seen.has(file.filename)) continue;
    seen.add(file.filename);
    const version = file.kind === "other" ? undefined : versionOf(file.filename);
    if (version === undefined) unplaced.push(file);
    else (known.get(version) ?? groupOf(version)).files.push(file);
  }
  if (unplaced.length > 0) placeOthers(unplaced, groups, about);
  const sorted = [...groups.values()].sort((a, b) => compareVersions(b.version, a.version));
  // `1.0` and `1.0.0` are one version, under the spelling that came first.
  return sorted.reduce<VersionGroup[]>((merged, group) => {
    const last = merged.at(-1);
    if (last !== undefined && compareVersions(last.version, group.version) === 0) {
      last.files.push(...group.files);
      last.others.push(...group.others);
    } else merged.push(group);
    return merged;
  }, []);
}

/**
 * Puts files of other forms beside their versions. Of a project of the public index that has ever had a version which is none (`2004d`) they are left out: pipenv, whose
 * locks alone name them, cannot read the list of such a project's files.
 */
function placeOthers(
  files: readonly ListedFile[],
  groups: ReadonlyMap<string, VersionGroup>,
  { index, name }: { readonly index: string; readonly name: NormalizedName },
): void {
  const versions = new Set(groups.keys());
  const placed = files.map((file) => ({ file, version: versionOfOtherFile(file.filename, name, versions) }));
  if (index.startsWith(defaultIndexUrl) && placed.some(({ file, version }) => version === "unknown" && file.kind !== "other")) return;
  for (const { file, version } of placed) groups.get(version ?? "")?.others.push(file);
}
