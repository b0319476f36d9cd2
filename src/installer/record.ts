import { createHasher, readText } from "#foundation";
import { formatDirectUrl, formatRecord, type RecordEntry } from "#standards";
import { hasUsualLayout, relativePath, schemeFolders } from "./layout.ts";
import type { InstallTarget, WantedWheel } from "./types.ts";
import { placedFiles, versionedRows, versionedScript } from "./versioned-scripts.ts";

/** A file that is made for one environment, in the dist-info folder. */
export interface PersonalFile {
  readonly name: string;
  readonly content: string;
}

/** `REQUESTED` and `direct_url.json` (PEP 610), where they belong. */
export function personalFiles(wanted: WantedWheel): PersonalFile[] {
  return [
    ...(wanted.requested ? [{ name: "REQUESTED", content: "" }] : []),
    ...(wanted.directUrl === undefined ? [] : [{ name: "direct_url.json", content: formatDirectUrl(wanted.directUrl) }]),
  ];
}

/** True where the store's own RECORD is right for the environment: paths as on any Unix, and no file that is made for it alone. */
export function hasStoredRecord(target: InstallTarget, wanted: WantedWheel): boolean {
  return versionedScript(target, wanted.wheel.manifest) === undefined && hasStoredPaths(target, wanted);
}

/** True where the stored RECORD is right but for the command that has the version of the environment's Python in its name. */
function hasStoredPaths(target: InstallTarget, { wheel, directUrl }: WantedWheel): boolean {
  if (directUrl !== undefined) return false;
  for (const { scheme } of wheel.manifest.topLevel) if (scheme === "headers") return false;
  return hasUsualLayout(target, schemeFolders(target, wheel));
}

/** The text of a RECORD for this environment, where {@link hasStoredRecord} is false. */
export function personalRecord(target: InstallTarget, wanted: WantedWheel, personal: readonly PersonalFile[]): string {
  const { folder, manifest } = wanted.wheel;
  if (!hasStoredPaths(target, wanted)) return formatRecord(entries(target, wanted, personal));
  const stored = readText(`${folder}/${wanted.requested ? manifest.requested.record : manifest.record}`);
  return versionedRows(stored, target, manifest);
}

function entries(target: InstallTarget, { wheel }: WantedWheel, personal: readonly PersonalFile[]): RecordEntry[] {
  const { manifest } = wheel;
  const folders = schemeFolders(target, wheel);
  const record = `${manifest.distInfo}/RECORD`;
  const rows: RecordEntry[] = [];
  const prefixes = {
    lib: "",
    scripts: `${relativePath(folders.lib, folders.scripts)}/`,
    data: `${relativePath(folders.lib, folders.data)}/`,
    headers: `${relativePath(folders.lib, folders.headers)}/`,
  };
  for (const file of placedFiles(target, manifest, manifest.files)) {
    if (file.scheme === "lib" && file.path === record) continue;
    // In --target the scheme `data` is site-packages itself: no prefix at all.
    const prefix = prefixes[file.scheme] === "/" ? "" : prefixes[file.scheme];
    rows.push({ path: prefix + file.path, hash: { algorithm: "sha256", digest: file.hash }, size: file.size });
  }
  for (const { name, content } of personal) rows.push({ path: `${manifest.distInfo}/${name}`, ...fingerprint(content) });
  rows.push({ path: record });
  return rows;
}

function fingerprint(content: string): Pick<RecordEntry, "hash" | "size"> {
  const bytes = new TextEncoder().encode(content);
  const hasher = createHasher();
  hasher.update(bytes);
  return { hash: { algorithm: "sha256", digest: hasher.base64url() }, size: bytes.length };
}
