import {
  copyFile,
  createFile,
  isFolder,
  listFolder,
  makeFolders,
  openFile,
  pathExists,
  realPath,
  runProcess,
  setTime,
  symbolicLink,
  dirname,
  join,
} from "#foundation";
import { normalizeName, sameVersion, tryNormalizeName, tryParseVersion, type NormalizedName, type Version } from "#standards";
import { defaultLimits, ratioFreeSize, type ArchiveLimits, type ArchiveMember } from "./archive.ts";
import { readTar } from "./archive-tar.ts";
import { readZip } from "./archive-zip.ts";
import { sourceRefusal, type RefuseSource } from "./refusal.ts";

export interface UnpackOptions {
  /** The name it was published under: its ending tells the format. */
  readonly filename: string;
  /** An empty folder. */
  readonly into: string;
  /** A Python for formats that this program cannot read by itself (bzip2, xz). */
  readonly python: string;
  /** What a source distribution must be: its one folder is called so (PEP 625, and the older spellings). */
  readonly expected?: { readonly name: NormalizedName; readonly version: Version };
  readonly limits?: Partial<ArchiveLimits>;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Unpacks a source archive (tar.gz, tgz, tar, zip; tar.bz2 and tar.xz with a Python's help) and gives the folder of the project: the one
 * folder in the archive, else the place itself. Nothing is written outside of `into`, whatever the archive says. What was written stays when it
 * fails. Errors: INVALID_SOURCE, FILE_SYSTEM.
 */
export async function unpackSource(path: string, options: UnpackOptions): Promise<string> {
  const refuse = sourceRefusal(options.filename);
  const name = options.filename.toLowerCase();
  const write = writerFor(path, options, refuse);
  if (name.endsWith(".zip")) await write(readZip(path, { refuse }));
  else if (/\.(tar\.gz|tgz)$/.test(name)) await write(readTar(path, { gzip: true, refuse }));
  else if (name.endsWith(".tar")) await write(readTar(path, { gzip: false, refuse }));
  else if (/\.(tar\.bz2|tbz|tar\.xz|txz)$/.test(name)) {
    const plain = `${options.into}.tar`;
    await decompress(path, plain, options, refuse);
    await write(readTar(plain, { gzip: false, refuse }));
  } else throw refuse("unsupported-archive", "Its name does not end in .tar.gz, .zip or another ending of a source archive.");
  return projectFolder(options, refuse);
}

function writerFor(path: string, options: UnpackOptions, refuse: RefuseSource): (members: AsyncIterable<ArchiveMember>) => Promise<void> {
  const limits = { ...defaultLimits, ...options.limits };
  const file = openFile(path);
  const most = Math.min(limits.maxSize, Math.max(ratioFreeSize, file.size * limits.maxRatio));
  file.close();
  return async (members) => {
    const writing = new Writing(options.into, refuse);
    let [count, size] = [0, 0];
    for await (const member of members) {
      options.signal?.throwIfAborted();
      count += 1;
      size += member.size;
      if (count > limits.maxMembers) throw refuse("too-many-members", `It has more than ${limits.maxMembers} members.`);
      if (size > limits.maxSize) throw refuse("too-large", `It unpacks to more than ${limits.maxSize} bytes.`, member.name);
      if (size > most) throw refuse("compression-bomb", `It unpacks to more than ${most} bytes, too much for its size.`, member.name);
      await writing.take(member);
    }
    writing.finish();
  };
}

/** What stands at a path, by the archive's own word. */
type Taken = "file" | "folder" | "link";

const control = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/;

/** Writes members below one folder. Links are made last, so that nothing is ever written through one. */
class Writing {
  readonly #into: string;
  readonly #refuse: RefuseSource;
  readonly #taken = new Map<string, Taken>();
  readonly #links: Array<{ readonly path: string; readonly target: string }> = [];

  constructor(into: string, refuse: RefuseSource) {
    this.#into = into;
    this.#refuse = refuse;
  }

  async take(member: ArchiveMember): Promise<void> {
    const path = this.#pathOf(member.name);
    switch (member.kind) {
      case "device":
        throw this.#refuse("device-file", "It is a device, a pipe or something else that no source holds.", member.name);
      case "sparse":
        throw this.#refuse("sparse-file", "It is a sparse file, which readers understand differently.", member.name);
      case "folder":
        if (path !== "") this.#claimFolder(path, member.name);
        return;
      case "link":
        this.#claim(path, "link", member.name);
        this.#links.push({ path, target: this.#insideTarget(path, member) });
        return;
      case "hard-link":
        this.#claim(path, "file", member.name);
        return this.#copyEarlier(path, member);
      case "file":
        // Some backends pack a licence twice. The same content twice leaves nothing to choose between.
        if (this.#taken.get(path) === "file" && (await this.#isSame(path, member))) return;
        this.#claim(path, "file", member.name);
        return this.#write(path, member);
    }
  }

  /** Makes the links, and refuses the archive when one of them leads out by way of another. */
  finish(): void {
    for (const { path, target } of this.#links) symbolicLink(target, join(this.#into, path));
    const root = realPath(this.#into);
    for (const { path } of this.#links) {
      const place = join(this.#into, path);
      if (!pathExists(place)) continue;
      const real = realPath(place);
      if (real !== root && !real.startsWith(`${root}/`)) throw this.#refuse("link-escape", "It leads out of the archive.", path);
    }
  }

  #pathOf(name: string): string {
    const refuse = this.#refuse;
    if (control.test(name)) throw refuse("name-control-character", "Its name holds a control character.", name);
    if (name.startsWith("/")) throw refuse("path-absolute", "Its name is an absolute path.", name);
    if (name.includes("\\")) throw refuse("path-backslash", "Its name holds a backslash, which is a separator for some readers.", name);
    if (/^[A-Za-z]:/.test(name)) throw refuse("path-drive", "Its name begins with a drive letter.", name);
    const parts = name.split("/").filter((part) => part !== "" && part !== ".");
    if (parts.includes("..")) throw refuse("path-escape", "Its name leads out of its folder.", name);
    if (parts.length > 100 || parts.some((part) => Buffer.byteLength(part) > 255) || Buffer.byteLength(name) > 4096)
      throw refuse("name-too-long", "Its name is too long or too deep for a file system.", name);
    if (parts.length === 0 && !/^[./]*$/.test(name)) throw refuse("path-escape", "It has no name.", name);
    return parts.join("/");
  }

  #claim(path: string, kind: Taken, name: string): void {
    if (path === "") throw this.#refuse("file-folder-conflict", "It wants the place of the folder itself.", name);
    const known = this.#taken.get(path);
    if (known !== undefined)
      throw this.#refuse(known === "folder" ? "file-folder-conflict" : "duplicate-member", "Its place is taken by another member.", name);
    this.#claimFolder(dirname(path), name);
    this.#taken.set(path, kind);
  }

  #claimFolder(path: string, name: string): void {
    if (path === "." || path === "") return;
    const known = this.#taken.get(path);
    if (known === "folder") return;
    if (known !== undefined) throw this.#refuse("file-folder-conflict", `It stands below '${path}', which is no folder.`, name);
    this.#claimFolder(dirname(path), name);
    this.#taken.set(path, "folder");
    makeFolders(join(this.#into, path));
  }

  #insideTarget(path: string, { name, target }: ArchiveMember): string {
    if (control.test(target) || target.includes("\\") || target === "")
      throw this.#refuse("link-escape", "It leads to no proper path.", name);
    if (target.startsWith("/")) throw this.#refuse("link-escape", "It leads to an absolute path.", name);
    let depth = path.split("/").length - 1;
    for (const part of target.split("/")) {
      if (part === "..") depth -= 1;
      else if (part !== "" && part !== ".") depth += 1;
      if (depth < 0) throw this.#refuse("link-escape", "It leads out of the archive.", name);
    }
    return target;
  }

  #copyEarlier(path: string, { name, target }: ArchiveMember): void {
    const from = this.#pathOf(target);
    if (this.#taken.get(from) !== "file" || from === path)
      throw this.#refuse("link-escape", "It leads to no file of the archive before it.", name);
    copyFile(join(this.#into, from), join(this.#into, path));
  }

  async #isSame(path: string, member: ArchiveMember): Promise<boolean> {
    const earlier = openFile(join(this.#into, path));
    try {
      if (earlier.size !== member.size) return false;
      let offset = 0;
      for await (const piece of member.content()) {
        if (Buffer.compare(piece, earlier.read(offset, piece.length)) !== 0) return false;
        offset += piece.length;
      }
      return true;
    } finally {
      earlier.close();
    }
  }

  async #write(path: string, member: ArchiveMember): Promise<void> {
    const place = join(this.#into, path);
    const writer = createFile(place, member.executable ? 0o755 : 0o644);
    try {
      for await (const piece of member.content()) writer.write(piece);
    } finally {
      writer.close();
    }
    // Some builds (make) look at times.
    if (member.mtimeMs !== undefined) setTime(place, Math.max(0, member.mtimeMs));
  }
}

/** Reads one file, writes another, and stops at a size. */
const decompressor = `
import sys
source, target, kind, limit = sys.argv[1:5]
opener = __import__(kind).open
left = int(limit)
with opener(source, "rb") as packed, open(target, "xb") as plain:
    while True:
        piece = packed.read(1 << 20)
        if not piece:
            break
        left -= len(piece)
        if left < 0:
            sys.exit(9)
        plain.write(piece)
`;

async function decompress(path: string, to: string, options: UnpackOptions, refuse: RefuseSource): Promise<void> {
  const kind = /(bz2|tbz)$/i.test(options.filename) ? "bz2" : "lzma";
  const limits = { ...defaultLimits, ...options.limits };
  const file = openFile(path);
  const most = Math.min(limits.maxSize, Math.max(ratioFreeSize, file.size * limits.maxRatio));
  file.close();
  const ending = options.signal === undefined ? {} : { signal: options.signal };
  const { status, stderr } = await runProcess(options.python, ["-I", "-S", "-c", decompressor, path, to, kind, String(most)], ending);
  if (status === 0) return;
  if (status === 9) throw refuse("compression-bomb", `It unpacks to more than ${most} bytes, too much for its size.`);
  const last = stderr.trimEnd().split("\n").at(-1) ?? "";
  if (/No module named/.test(last))
    throw refuse("unsupported-archive", `The Python for the build has no ${kind}, which this archive needs: ${last}`);
  throw refuse("broken-archive", `It cannot be unpacked: ${last}`);
}

function projectFolder({ into, expected }: UnpackOptions, refuse: RefuseSource): string {
  const entries = listFolder(into);
  const [only] = entries;
  if (only === undefined) throw refuse("no-project", "It is empty.");
  if (entries.length > 1 || only.kind !== "folder") {
    if (expected !== undefined) throw refuse("root-folder", "A source distribution holds one folder, called by name and version.");
    return into;
  }
  if (expected !== undefined) checkRoot(only.name, expected, refuse);
  return join(into, only.name);
}

/** `name-version` in any spelling of both; older releases have hyphens in names and versions. */
function checkRoot(folder: string, { name, version }: { name: NormalizedName; version: Version }, refuse: RefuseSource): void {
  for (let at = folder.indexOf("-"); at > 0; at = folder.indexOf("-", at + 1)) {
    const found = tryParseVersion(folder.slice(at + 1));
    if (found !== undefined && tryNormalizeName(folder.slice(0, at)) === name && isVersion(found, version)) return;
  }
  throw refuse("root-folder", `Its folder is called '${folder}', which is not ${normalizeName(name)} and its version.`);
}

const isVersion = (found: Version, version: Version): boolean =>
  sameVersion(found, version) || sameVersion({ ...found, local: undefined }, { ...version, local: undefined });

/** True where a folder can be built: it has a pyproject.toml or a setup.py. */
export function isProject(folder: string): boolean {
  return isFolder(folder) && (pathExists(join(folder, "pyproject.toml")) || pathExists(join(folder, "setup.py")));
}
