import {
  PenError,
  changeMode,
  copyFile,
  createFile,
  createHasher,
  hardLink,
  listFolder,
  makeFolder,
  openFolder,
  statusOf,
  symbolicLink,
  writeNew,
} from "#foundation";
import { type RecordEntry, entryPointLauncher, formatRecord, rewriteScriptShebang } from "#standards";
import { type Refuse, refusalOf } from "./invalid.ts";
import type { PlacedMember } from "./layout.ts";
import { type ManifestContent, type SingleFile, formatManifest, requestedFolder, schemeFolders } from "./manifest.ts";
import { foldersAbove } from "./member-names.ts";
import type { TopLevelEntry, WheelScheme } from "./types.ts";
import type { MemberSink, ValidatedWheel } from "./validation.ts";

/** A wheel that is being unpacked into a folder of its own. */
export interface Unpacking {
  readonly sink: MemberSink;
  /** Adds launchers, INSTALLER, RECORD and the manifest, and makes everything read-only. */
  finish(wheel: ValidatedWheel, facts: UnpackedFacts): void;
  /** To be called whatever happened. */
  close(): void;
}

export interface UnpackedFacts {
  readonly sha256: string;
  readonly boot: string;
}

interface WrittenFile {
  readonly scheme: WheelScheme;
  readonly path: string;
  readonly size: number;
  readonly hash: string;
  readonly executable: boolean;
}

/** RECORD stands beside the tree (see {@link WheelManifest.record}). */
const recordName = "RECORD";
const shebang = Buffer.from("#!python");

/** Starts to unpack into `folder`, which was made just now. Its time and that of the last file enclose all others, by the clock of the file system. */
export function unpackInto(folder: string, filename: string): Unpacking {
  const began = statusOf(folder)?.mtimeMs ?? 0;
  const folders = new Set<string>();
  const rewritten = new Map<string, WrittenFile>();
  let launchers: ReadonlySet<string> = new Set();
  const refuse = refusalOf(filename);
  const opened = openFolder(folder);
  const place = (scheme: WheelScheme, path: string): string => {
    const relative = `${schemeFolders[scheme]}/${path}`;
    const parent = relative.slice(0, relative.lastIndexOf("/"));
    if (!folders.has(parent)) makeParents(folder, relative, folders);
    return relative;
  };
  const write = (file: Omit<WrittenFile, "size" | "hash">, content: Uint8Array): WrittenFile => {
    opened.writeNew(place(file.scheme, file.path), content, file.executable ? 0o555 : 0o444);
    return { ...file, size: content.length, hash: hashOf(content) };
  };
  const dropped = (placed: PlacedMember) => placed.scheme === "scripts" && launchers.has(placed.path);
  const sink: MemberSink = {
    begin: ({ scripts }) => {
      launchers = new Set(scripts.map(({ name }) => name));
    },
    file: (placed, content) => {
      // As in every installer, the command of an entry point replaces a script of the same name.
      if (dropped(placed)) return;
      const script = placed.scheme === "scripts" ? rewriteScriptShebang(content) : undefined;
      if (script !== undefined) rewritten.set(placed.path, write({ scheme: "scripts", path: placed.path, executable: true }, script));
      else opened.writeNew(place(placed.scheme, placed.path), content, placed.executable ? 0o555 : 0o444);
    },
    open: (placed) => openLarge(placed, `${folder}/${place(placed.scheme, placed.path)}`, refuse),
  };
  return {
    sink,
    close: () => opened.close(),
    finish: (wheel, facts) => {
      const files: WrittenFile[] = [];
      for (const { placed, hash } of wheel.files) {
        const { scheme, path, executable, member, unpacked } = placed;
        if (!unpacked || dropped(placed)) continue;
        files.push((scheme === "scripts" ? rewritten.get(path) : undefined) ?? { scheme, path, size: member.size, hash, executable });
      }
      for (const { name, module, attribute } of wheel.scripts)
        files.push(write({ scheme: "scripts", path: name, executable: true }, utf8(entryPointLauncher({ module, attribute }))));
      files.push(write({ scheme: "lib", path: `${wheel.distInfo}/INSTALLER`, executable: false }, utf8("pen\n")));
      files.sort(byPlace);
      const text = utf8(recordText(files, wheel.distInfo));
      writeNew(`${folder}/${recordName}`, text, 0o444);
      const extra = writeRequested(folder, wheel.distInfo, files);
      files.push({ scheme: "lib", path: recordName, size: text.length, hash: hashOf(text), executable: false });
      const written = [began, statusOf(`${folder}/${requestedFolder}/${recordName}`)?.mtimeMs ?? 0] as const;
      const manifest = manifestOf({ wheel, files, folders: [...folders], written, extra }, facts);
      for (const name of folders) changeMode(`${folder}/${name}`, 0o555);
      writeNew(`${folder}/manifest.json`, formatManifest(manifest), 0o444);
    },
  };
}

/** The `.dist-info` folder once more, of hard links and with REQUESTED in it, and a RECORD to go with it. */
function writeRequested(folder: string, distInfo: string, files: readonly WrittenFile[]): SingleFile[] {
  const parent = `${folder}/${requestedFolder}`;
  const copy = `${parent}/${distInfo}`;
  const tree = `${schemeFolders.lib}/${distInfo}`;
  makeFolder(parent);
  makeFolder(copy);
  for (const { name, kind } of listFolder(`${folder}/${tree}`)) {
    if (kind === "folder") symbolicLink(`../../${tree}/${name}`, `${copy}/${name}`);
    else linkOrCopy(`${folder}/${tree}/${name}`, `${copy}/${name}`);
  }
  const requested: WrittenFile = { scheme: "lib", path: `${distInfo}/REQUESTED`, size: 0, hash: hashOf(utf8("")), executable: false };
  const text = utf8(recordText([...files, requested].sort(byPlace), distInfo));
  writeNew(`${copy}/REQUESTED`, "", 0o444);
  writeNew(`${parent}/${recordName}`, text, 0o444);
  for (const path of [copy, parent]) changeMode(path, 0o555);
  return [
    { source: `${requestedFolder}/${requested.path}`, size: 0, hash: requested.hash, executable: false },
    { source: `${requestedFolder}/${recordName}`, size: text.length, hash: hashOf(text), executable: false },
  ];
}

function linkOrCopy(from: string, to: string): void {
  try {
    hardLink(from, to);
  } catch {
    copyFile(from, to); // A file system without hard links.
  }
}

function hashOf(content: Uint8Array): string {
  const hasher = createHasher();
  hasher.update(content);
  return hasher.base64url();
}

function utf8(text: string): Uint8Array {
  return Buffer.from(text, "utf8");
}

function makeParents(folder: string, relative: string, folders: Set<string>): void {
  const missing: string[] = [];
  for (const parent of foldersAbove(relative)) {
    if (folders.has(parent)) break;
    missing.push(parent);
  }
  for (const parent of missing.reverse()) {
    if (!makeFolder(`${folder}/${parent}`)) throw new PenError("INTERNAL", `The folder ${parent} was made by somebody else`);
    folders.add(parent);
  }
}

function openLarge(placed: PlacedMember, path: string, refuse: Refuse): { write(piece: Uint8Array): void; close(): void } {
  const file = createFile(path, placed.executable ? 0o555 : 0o444);
  let first = placed.scheme === "scripts";
  return {
    write: (piece) => {
      if (first && Buffer.from(piece.subarray(0, shebang.length)).equals(shebang))
        throw refuse("script-too-large", "A script of that size cannot be given its interpreter.", { member: placed.member.name });
      first = false;
      file.write(piece);
    },
    close: () => file.close(),
  };
}

/** The files of `lib` first, then by path. */
function byPlace(a: WrittenFile, b: WrittenFile): number {
  if (a.scheme !== b.scheme) return schemeOrder.indexOf(a.scheme) - schemeOrder.indexOf(b.scheme);
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}

const schemeOrder: readonly WheelScheme[] = ["lib", "scripts", "data", "headers"];

/** RECORD as it stands in an environment with the layout of Unix; headers are left to the installer. */
function recordText(files: readonly WrittenFile[], distInfo: string): string {
  const entries: RecordEntry[] = [];
  for (const { scheme, path, hash, size } of files) {
    if (scheme === "headers") continue;
    const recorded = scheme === "lib" ? path : scheme === "scripts" ? `../../../bin/${path}` : `../../../${path}`;
    entries.push({ path: recorded, hash: { algorithm: "sha256", digest: hash }, size });
  }
  entries.push({ path: `${distInfo}/RECORD` });
  return formatRecord(entries);
}

interface ManifestParts {
  readonly wheel: ValidatedWheel;
  readonly files: readonly WrittenFile[];
  readonly folders: readonly string[];
  readonly written: readonly [number, number];
  readonly extra: readonly SingleFile[];
}

function manifestOf({ wheel, files, folders, written, extra }: ManifestParts, facts: UnpackedFacts): ManifestContent {
  const { filename } = wheel;
  const sources = files.map(({ scheme, path }) =>
    path === recordName && scheme === "lib" ? recordName : `${schemeFolders[scheme]}/${path}`,
  );
  const libFolders = folders.filter((name) => name.startsWith("tree/")).map((name) => name.slice("tree/".length));
  return {
    format: 1,
    filename: filename.text,
    name: filename.name,
    version: filename.versionText,
    sha256: facts.sha256,
    size: files.reduce((sum, { size }) => sum + size, 0),
    rootIsPurelib: wheel.rootIsPurelib,
    distInfo: wheel.distInfo,
    requested: { info: `${requestedFolder}/${wheel.distInfo}`, record: `${requestedFolder}/${recordName}` },
    extra,
    record: recordName,
    scripts: wheel.scripts,
    topLevel: topLevelOf(sources),
    written,
    boot: facts.boot,
    folders: libFolders.sort(),
    columns: {
      sources,
      sizes: files.map(({ size }) => size),
      hashes: files.map(({ hash }) => hash).join(""),
      executables: files.flatMap(({ executable }, at) => (executable ? [at] : [])),
    },
  };
}

function topLevelOf(sources: readonly string[]): TopLevelEntry[] {
  const found = new Map<string, TopLevelEntry>();
  for (const source of sources) {
    const [folder = "", name, below] = source.split("/", 3);
    const scheme = schemeOrder.find((scheme) => schemeFolders[scheme] === folder);
    if (scheme === undefined || name === undefined) continue;
    found.set(`${folder}/${name}`, { name, kind: below === undefined ? "file" : "folder", scheme, source: `${folder}/${name}` });
  }
  return [...found.values()];
}
