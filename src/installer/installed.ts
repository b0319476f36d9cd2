import { errnoOf, listFolder, pathExists, realPath, type FileKind } from "#foundation";
import { tryNormalizeName } from "#standards";
import { FoundDistribution, type Parts } from "./found-distribution.ts";
import { linkedFolder, readLinkedList, type LinkedList } from "./linked-list.ts";
import type { InstalledDistribution, InstalledKind, InstallTarget } from "./types.ts";

/**
 * What is installed in `target`, by normalised name. Reads the names in site-packages and nothing else; a name may come
 * twice when another tool left two versions. Errors: FILE_SYSTEM when a folder cannot be read.
 */
export function readInstalled(target: InstallTarget): InstalledDistribution[] {
  const found: InstalledDistribution[] = [];
  for (const location of libraryFolders(target)) collect(found, location, undefined);
  const folder = linkedFolder(target);
  let list: LinkedList | undefined;
  collect(found, folder, (name) => (list ??= readLinkedList(target))[name]?.record);
  return inOrder(found) ? found : found.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** Folders are listed by name, and so mostly stand in the order of the projects' names already. */
function inOrder(found: readonly InstalledDistribution[]): boolean {
  let last = "";
  for (const { name } of found) {
    if (name < last) return false;
    last = name;
  }
  return true;
}

/** purelib, and platlib where it is another folder. */
export function libraryFolders(target: InstallTarget): readonly string[] {
  const { purelib, platlib } = target.paths;
  return purelib === platlib || sameFolder(purelib, platlib) ? [purelib] : [purelib, platlib];
}

/** True for two names of one folder, as `lib` and the link `lib64` to it. */
function sameFolder(a: string, b: string): boolean {
  try {
    return realPath(a) === realPath(b);
  } catch (error) {
    if (errnoOf(error) === "ENOENT" || errnoOf(error) === "ENOTDIR") return false;
    throw error;
  }
}

function collect(found: InstalledDistribution[], location: string, recordOf: ((distInfo: string) => string | undefined) | undefined): void {
  for (const { name, kind } of listFolder(location)) {
    const parts = recognise(name, kind);
    if (parts !== undefined) found.push(new FoundDistribution(parts, { location, entry: name, isFile: kind === "file", recordOf }));
  }
}

/** pip renames folders that it is removing to `~ame…`: no name begins so, and they are passed over. */
function recognise(entry: string, kind: FileKind): Parts | undefined {
  if (entry.endsWith(".dist-info")) return kind === "file" ? undefined : split(entry.slice(0, -10), "wheel");
  if (entry.endsWith(".egg-info")) return split(entry.slice(0, -9), "egg-info");
  if (!entry.endsWith(".egg-link") || kind === "folder") return undefined;
  return split(entry.slice(0, -9), "egg-link");
}

/** `name-version`, in egg-info also `name-version-py3.11` or only `name`. Old tools left hyphens in names; versions start with a digit. */
function split(stem: string, kind: InstalledKind): Parts | undefined {
  const text = kind === "egg-info" ? stem.replace(/-py\d+(\.\d+)?(-.*)?$/, "") : stem;
  let hyphen = text.lastIndexOf("-");
  // What stands behind the last hyphen is the version, unless it cannot be one.
  const next = text.charCodeAt(hyphen + 1);
  if (hyphen >= 0 && !(next >= 48 && next <= 57)) hyphen = /-v?\d/.exec(text)?.index ?? hyphen;
  if (hyphen < 0 && kind === "wheel") return undefined;
  const name = tryNormalizeName(hyphen < 0 || kind === "egg-link" ? text : text.slice(0, hyphen));
  return name && { name, version: hyphen < 0 || kind === "egg-link" ? "" : text.slice(hyphen + 1), kind };
}

/**
 * True when the installation of `distribution` was finished: other tools write RECORD last, so a folder of theirs without it was
 * cut off. A linked one is whole as long as the store still has it. Looks at one or two files.
 */
export function isComplete(distribution: InstalledDistribution): boolean {
  if (distribution.kind !== "wheel") return true;
  if (distribution.linked) return pathExists(`${distribution.path}/METADATA`);
  if (pathExists(`${distribution.path}/RECORD`)) return true;
  const installer = distribution.installer();
  return pathExists(`${distribution.path}/METADATA`) && installer !== undefined && !["pip", "uv", "pen"].includes(installer);
}
