import { createHasher, PenError, listFolder, printableLine, readBytes, readLink, warn } from "#foundation";
import type { StoredFile, StoredWheel, TopLevelEntry } from "#store";
import { libraryFolders } from "./installed.ts";
import { linkedFolder, linkedListFile, linkedPathFile, readLinkedList, type LinkedEntry } from "./linked-list.ts";
import type { Batch } from "./additions.ts";
import { checkPlatform, placer, write, type Placement } from "./placement.ts";
import { personalFiles } from "./record.ts";
import type { InstalledDistribution, InstallTarget, WantedWheel } from "./types.ts";
import { versionedScript } from "./versioned-scripts.ts";

/** A file or folder of the store that shall be seen at one place, and the distribution it belongs to. */
interface Source {
  readonly path: string;
  readonly isFolder: boolean;
  readonly owner: string;
}

/** The list of links as it will be, by dist-info folder; paths are absolute until it is written. */
type Owners = Map<string, { record: string; paths: Set<string> }>;

/**
 * Places wheels as one link per top-level entry into the store (see {@link linkedFolder}); folders that several share become real
 * ones with links inside. Scripts, `.pth` files, data and headers are placed as files. Also takes the distributions of `leaving` out
 * of the list of linked packages.
 */
export function placeLinked(placement: Placement, wheels: readonly WantedWheel[], leaving: readonly InstalledDistribution[]): void {
  const left = leaving.length === 0 ? [] : leaving.filter(({ linked }) => linked);
  if (wheels.length === 0 && left.length === 0) return;
  const { target, survey, builder } = placement;
  const owners: Owners = new Map();
  for (const [key, { record, paths }] of Object.entries(readLinkedList(target)))
    owners.set(key, { record, paths: new Set(paths.map((path) => `${target.root}/${path}`)) });
  for (const { path } of left) owners.delete(path.slice(path.lastIndexOf("/") + 1));
  if (wheels.length > 0) {
    builder.folder(linkedFolder(target), "pen");
    const wanted = new Map<string, Source[]>();
    for (const wheel of wheels) builder.batch(wheel.wheel.folder, (batch) => placeOne(placement, { wheel, wanted, owners, batch }));
    for (const [name, sources] of wanted) expose(placement, `${linkedFolder(target)}/${name}`, { sources, owners });
    if (survey.kindOf(linkedPathFile(target)) === undefined)
      write(builder, linkedPathFile(target), { content: "../linked-packages\n", owner: "pen" });
  }
  writeList(placement, owners);
}

function writeList({ target, survey, builder }: Placement, owners: Owners): void {
  const list: Record<string, LinkedEntry> = {};
  const skip = target.root.length + 1;
  for (const [key, { record, paths }] of owners) list[key] = { record, paths: [...paths].map((path) => path.slice(skip)) };
  if (owners.size > 0) return write(builder, linkedListFile(target), { content: JSON.stringify(list), owner: "pen" });
  for (const path of [linkedListFile(target), linkedPathFile(target)]) {
    if (survey.kindOf(path) === "file") builder.additions.replaced.push(path);
  }
}

interface OneWheel {
  readonly wheel: WantedWheel;
  readonly wanted: Map<string, Source[]>;
  readonly owners: Owners;
  readonly batch: Batch;
}

function placeOne(placement: Placement, { wheel: wantedWheel, wanted, owners, batch }: OneWheel): void {
  const { target } = placement;
  const { wheel } = wantedWheel;
  const { manifest, folder } = wheel;
  checkPlatform(target, wheel);
  const entry = { record: `${folder}/${manifest.record}`, paths: new Set<string>() };
  owners.set(manifest.distInfo, entry);
  const place = placer(placement, wheel, batch);
  const single: TopLevelEntry[] = [];
  let hasTrees = false;
  for (const top of manifest.topLevel) {
    if (top.scheme === "data" || top.scheme === "headers") hasTrees = true;
    else if (top.scheme === "scripts" || isPathFile(top)) single.push(top);
    else if (top.name === manifest.distInfo && wantedWheel.directUrl !== undefined) placePersonal(placement, wantedWheel, entry.paths);
    else if (isReal(placement, top.name)) for (const file of filesBelow(wheel, top)) entry.paths.add(place(file));
    else
      add(wanted, top.name, { path: `${folder}/${sourceOf(top, wantedWheel)}`, isFolder: top.kind === "folder", owner: manifest.distInfo });
  }
  for (const top of withVersioned(target, wheel, single)) entry.paths.add(place(singleFile(wheel, top)));
  if (!hasTrees) return;
  for (const file of manifest.files) if (file.scheme === "data" || file.scheme === "headers") entry.paths.add(place(file));
}

/** pip's command under the name with the version of this environment's Python, beside the others. */
function withVersioned(target: InstallTarget, { manifest }: StoredWheel, single: readonly TopLevelEntry[]): readonly TopLevelEntry[] {
  const name = versionedScript(target, manifest);
  if (name === undefined || single.some((top) => top.scheme === "scripts" && top.name === name)) return single;
  const plain = single.find((top) => top.scheme === "scripts" && name.startsWith(top.name) && /^-?\d/.test(name.slice(top.name.length)));
  return plain === undefined ? single : [...single, { ...plain, name }];
}

function add(map: Map<string, Source[]>, name: string, source: Source): void {
  const list = map.get(name);
  if (list === undefined) map.set(name, [source]);
  else list.push(source);
}

/** Where a person asked for the wheel, its `.dist-info` folder is the one with REQUESTED in it. */
function sourceOf({ name, source }: TopLevelEntry, { wheel, requested }: WantedWheel): string {
  return requested && name === wheel.manifest.distInfo ? wheel.manifest.requested.info : source;
}

/** Only site-packages itself is searched for `.pth` files. */
function isPathFile({ scheme, kind, name }: TopLevelEntry): boolean {
  return scheme === "lib" && kind === "file" && name.endsWith(".pth");
}

/** True when site-packages has an entry of that name, which comes first on `sys.path` and would hide a linked one. */
function isReal({ target, survey }: Placement, name: string): boolean {
  return libraryFolders(target).some((library) => survey.names(library)?.has(name) === true);
}

function filesBelow({ manifest }: StoredWheel, top: TopLevelEntry): readonly StoredFile[] {
  return manifest.files.filter(({ scheme, path }) => scheme === "lib" && (path === top.name || path.startsWith(`${top.name}/`)));
}

/** A script or `.pth` file: a file of its own, because a launcher finds its Python from where it stands. Its manifest entry is only read in a conflict. */
function singleFile(wheel: StoredWheel, top: TopLevelEntry): StoredFile {
  const find = () => wheel.manifest.files.find(({ scheme, source }) => scheme === top.scheme && source === top.source);
  return {
    path: top.name,
    scheme: top.scheme,
    source: top.source,
    executable: top.scheme === "scripts",
    get size() {
      return find()?.size ?? -1;
    },
    get hash() {
      return find()?.hash ?? "";
    },
  };
}

/** A real dist-info folder for REQUESTED and direct_url.json, with links for all else but RECORD. */
function placePersonal({ target, builder }: Placement, wanted: WantedWheel, paths: Set<string>): void {
  const { manifest, folder } = wanted.wheel;
  const info = `${linkedFolder(target)}/${manifest.distInfo}`;
  const top = manifest.topLevel.find(({ name, scheme }) => scheme === "lib" && name === manifest.distInfo);
  const source = `${folder}/${top?.source ?? manifest.distInfo}`;
  const state = builder.folder(info, manifest.name);
  for (const { name } of listFolder(source)) {
    if (name === "RECORD" || builder.claim(`${info}/${name}`, state, manifest.name) !== "free") continue;
    builder.additions.symlinks.push({ target: `${source}/${name}`, path: `${info}/${name}` });
    paths.add(`${info}/${name}`);
  }
  for (const { name, content } of personalFiles(wanted)) {
    write(builder, `${info}/${name}`, { content, owner: manifest.name });
    paths.add(`${info}/${name}`);
  }
}

interface Exposure {
  readonly sources: readonly Source[];
  readonly owners: Owners;
}

/** Lets `path` show all of `sources`: as one link where that is enough, else as a real folder with links inside. */
function expose(placement: Placement, path: string, { sources, owners }: Exposure): void {
  const { builder, survey } = placement;
  const standing = survey.kindOf(path);
  const first = sources[0];
  if (first === undefined) return;
  if (standing === undefined && sources.length === 1) return link(placement, path, { source: first, owners });
  if (sources.every(({ isFolder }) => !isFolder)) return exposeFile(placement, path, { sources, owners });
  if (!sources.every(({ isFolder }) => isFolder)) throw mixed(path, sources);
  const children = new Map<string, Source[]>();
  for (const source of [...standingSource(placement, path, owners), ...sources]) {
    for (const { name, kind } of listFolder(source.path))
      add(children, name, { path: `${source.path}/${name}`, isFolder: kind === "folder", owner: source.owner });
  }
  builder.folder(path, sources[0]?.owner ?? "");
  for (const [name, below] of children) {
    // Bytecode of several: Python makes its own, in a real folder.
    if (name === "__pycache__" && (below.length > 1 || survey.kindOf(`${path}/${name}`) !== undefined)) continue;
    expose(placement, `${path}/${name}`, { sources: below, owners });
  }
}

/** The link that stands at `path` and gives way to a real folder, as one more source. */
function standingSource({ builder, survey }: Placement, path: string, owners: Owners): Source[] {
  if (survey.kindOf(path) !== "link") return [];
  const [owner, entry] = [...owners].find(([, { paths }]) => paths.has(path)) ?? [];
  const source = readLink(path);
  if (owner === undefined || entry === undefined)
    throw new PenError("FILE_CONFLICT", `${path} is in the way`, { why: "It is a link that pen did not make.", data: { path } });
  entry.paths.delete(path);
  survey.forget(path);
  builder.additions.replaced.push(path);
  return [{ path: source, isFolder: true, owner }];
}

function link({ builder }: Placement, path: string, { source, owners }: { readonly source: Source; readonly owners: Owners }): void {
  builder.claim(path, builder.folder(path.slice(0, path.lastIndexOf("/")), source.owner), source.owner);
  builder.additions.symlinks.push({ target: source.path, path });
  owners.get(source.owner)?.paths.add(path);
}

/** Several distributions bring the same file: they may when it has the same bytes, and then it stays until the last one leaves. */
function exposeFile(placement: Placement, path: string, { sources, owners }: Exposure): void {
  const standing = placement.survey.kindOf(path);
  if (standing === "folder") throw mixed(path, sources);
  const digests = [...(standing === undefined ? [] : [digest(path)]), ...sources.map((source) => digest(source.path))];
  const names = sources.map(({ owner }) => owner).join(" and ");
  if (new Set(digests).size > 1)
    throw new PenError("FILE_CONFLICT", `${names} ${sources.length > 1 ? "both want" : "would replace"} ${printableLine(path)}`, {
      why: "The files differ, and only one can stand there. Nothing was changed.",
      hint: "Install one of the two.",
      data: { path, distributions: sources.map(({ owner }) => owner) },
    });
  warn(placement.emit, "shared-file", `${names} bring ${printableLine(path)}, which another distribution has with the same content`);
  const first = sources[0];
  if (standing === undefined && first !== undefined) link(placement, path, { source: first, owners });
  for (const { owner } of sources) owners.get(owner)?.paths.add(path);
}

function digest(path: string): string {
  const hasher = createHasher();
  hasher.update(readBytes(path));
  return hasher.hex();
}

function mixed(path: string, sources: readonly Source[]): PenError {
  return new PenError("FILE_CONFLICT", `${printableLine(path)} is a folder in one distribution and a file in another`, {
    why: `Among them: ${sources.map(({ owner }) => owner).join(", ")}.`,
    data: { path },
  });
}
