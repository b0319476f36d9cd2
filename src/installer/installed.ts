import { errnoOf, listFolder, pathExists, PenError, readStartIfAny, readTextIfAny, realPath, type FileKind } from "#foundation";
import {
  briefMetadata,
  nameInMetadata,
  parseDirectUrl,
  parseMetadata,
  parseRecord,
  tryNormalizeName,
  type CoreMetadata,
  type DirectUrl,
  type NormalizedName,
} from "#standards";
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
  return found.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
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

type RecordFinder = (distInfo: string) => string | undefined;

function collect(found: InstalledDistribution[], location: string, recordOf: RecordFinder | undefined): void {
  for (const { name, kind } of listFolder(location)) {
    const parts = recognise(name, kind);
    if (parts === undefined) continue;
    found.push(distribution({ ...parts, location, path: `${location}/${name}` }, kind, recordOf && (() => recordOf(name))));
  }
}

interface Parts {
  readonly name: NormalizedName;
  readonly version: string;
  readonly kind: InstalledKind;
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
  const first = /-v?\d/.exec(text);
  if (first !== null && !/\d/.test(text[hyphen + 1] ?? "")) hyphen = first.index;
  if (hyphen < 0 && kind === "wheel") return undefined;
  const name = tryNormalizeName(hyphen < 0 || kind === "egg-link" ? text : text.slice(0, hyphen));
  return name && { name, version: hyphen < 0 || kind === "egg-link" ? "" : text.slice(hyphen + 1), kind };
}

/** So many bytes hold what build tools write first: the version of the format, name and version. */
const firstLines = 256;

function distribution(
  facts: Parts & { readonly location: string; readonly path: string },
  entryKind: FileKind,
  linkedRecord: (() => string | undefined) | undefined,
): InstalledDistribution {
  const { path, kind } = facts;
  const inside = (name: string): string | undefined => (entryKind === "file" ? undefined : readTextIfAny(`${path}/${name}`));
  const metadataText = once((): string | undefined => {
    if (kind === "wheel") return inside("METADATA");
    if (kind === "egg-link") return eggLinkMetadata(path);
    return entryKind === "file" ? readTextIfAny(path) : inside("PKG-INFO");
  });
  const metadata = once((): CoreMetadata => {
    const text = metadataText();
    if (text !== undefined) return parseMetadata(text);
    throw new PenError("INVALID_METADATA", `${facts.name} has no metadata`, {
      why: `${path} does not hold what an installed package must have: its installation was cut off, or somebody removed it.`,
      hint: `Install it again: pen pip install --force-reinstall ${facts.name}`,
      data: { path },
    });
  });
  // Few have one, and to look first is cheaper than an error.
  const directUrl = once((): DirectUrl | undefined =>
    entryKind !== "file" && pathExists(`${path}/direct_url.json`) ? directUrlOf(inside("direct_url.json")) : undefined,
  );
  const brief = once(() => briefMetadata(metadataText() ?? "") ?? metadata());
  const firstName = (): string | undefined => {
    const start = kind === "wheel" ? readStartIfAny(`${path}/METADATA`, firstLines) : undefined;
    return start && nameInMetadata(start);
  };
  const editable = () => {
    const info = directUrl()?.info;
    return kind === "egg-link" || (info?.kind === "dir" && info.editable);
  };
  return {
    ...facts,
    linked: linkedRecord !== undefined,
    metadata,
    record: once(() => {
      const linked = linkedRecord?.();
      const text = linkedRecord === undefined ? inside("RECORD") : linked && readTextIfAny(linked);
      return text === undefined ? undefined : parseRecord(text);
    }),
    directUrl,
    editable,
    installer: once(() => inside("INSTALLER")?.trim() || undefined),
    requested: once(() => entryKind !== "file" && pathExists(`${path}/REQUESTED`)),
    writtenName: once(() => firstName() ?? brief().name),
    brief,
  };
}

function once<T>(compute: () => T): () => T {
  let answer: { readonly value: T } | undefined;
  return () => (answer ??= { value: compute() }).value;
}

function directUrlOf(text: string | undefined): DirectUrl | undefined {
  if (text === undefined) return undefined;
  try {
    return parseDirectUrl(text);
  } catch {
    return undefined; // A broken origin is no reason to refuse the package: as pip, count it as absent.
  }
}

/** The first line of an `.egg-link` names the folder of the project, which holds `NAME.egg-info`. */
function eggLinkMetadata(path: string): string | undefined {
  const folder = readTextIfAny(path)?.split("\n")[0]?.trim();
  if (!folder) return undefined;
  const entry = listFolder(folder).find(({ name }) => name.endsWith(".egg-info"));
  return entry && readTextIfAny(`${folder}/${entry.name}/PKG-INFO`);
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
