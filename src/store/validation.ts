import { PenError, createHasher, isHelper, letGo } from "#foundation";
import { type EntryPoint, type WheelFilename, parseWheelFilename } from "#standards";
import { type Promised, type WheelDocuments, readDocuments } from "./documents.ts";
import { type Refuse, refusalOf } from "./invalid.ts";
import { type PlacedMember, type WheelLayout, placeMembers } from "./layout.ts";
import { type WheelLimits, defaultLimits, ratioFreeSize } from "./limits.ts";
import { checkNames } from "./member-names.ts";
import { type ByteSource, openSource } from "./source.ts";
import { type ZipMember, readDirectory } from "./zip-directory.ts";
import { readContent, streamContent } from "./zip-members.ts";

/** What is known of a wheel when all of it has been checked. */
export interface ValidatedWheel {
  readonly filename: WheelFilename;
  readonly distInfo: string;
  readonly rootIsPurelib: boolean;
  readonly scripts: readonly EntryPoint[];
  /** Bytes of all members. */
  readonly size: number;
  readonly files: readonly ValidatedFile[];
}

export interface ValidatedFile {
  readonly placed: PlacedMember;
  /** SHA-256 of the content, URL-safe base64 without padding. */
  readonly hash: string;
}

/** Receives the contents while they are checked. What it got is only good when {@link validateWheel} has ended well. */
export interface MemberSink {
  /** Called once, when names, places and documents are known to be good. */
  begin(wheel: WheelLayout & WheelDocuments): void;
  /** The content is only there until this returns. */
  file(placed: PlacedMember, content: Uint8Array): void;
  /** A member too large to hold. */
  open(placed: PlacedMember): { write(piece: Uint8Array): void; close(): void };
}

export interface ValidationOptions {
  readonly limits?: Partial<WheelLimits>;
  readonly sink?: MemberSink;
}

/** A member from this size on is read in pieces. */
const streamedFrom = 8 * 2 ** 20;
/** Bytes and members that may be inflated ahead of their turn; none in a thread that inflates by itself (see `readContent`): they would only take memory. */
const aheadBytes = 8 * 2 ** 20;
const aheadMembers = (): number => (isHelper() ? 1 : 64);
const maxDocumentSize = 64 * 2 ** 20;

/**
 * The one judge of wheels, wherever they come from: a path, or the bytes. Reads every byte of every member and follows
 * PEP 427 and the rules of {@link WheelRule}. Throws INVALID_FILENAME for the name and INVALID_WHEEL (`data.rule`) for the content.
 */
export async function validateWheel(from: string | Uint8Array, filename: string, options: ValidationOptions = {}): Promise<ValidatedWheel> {
  const source = openSource(from);
  try {
    return await validateSource(source, filename, options);
  } finally {
    source.close();
  }
}

/** As {@link validateWheel}, for a source that is open already (and stays so). */
export async function validateSource(source: ByteSource, filename: string, options: ValidationOptions = {}): Promise<ValidatedWheel> {
  const context = { refuse: refusalOf(filename), limits: { ...defaultLimits, ...options.limits }, sink: options.sink };
  return validateMembers(source, parseWheelFilename(filename), context);
}

interface Context {
  readonly refuse: Refuse;
  readonly limits: WheelLimits;
  readonly sink: MemberSink | undefined;
}

async function validateMembers(source: ByteSource, filename: WheelFilename, context: Context): Promise<ValidatedWheel> {
  const { limits, refuse, sink } = context;
  const members = readDirectory(source, limits, refuse);
  checkNames(members, limits, refuse);
  const layout = placeMembers(members, filename, { limits, refuse });
  const size = checkCost(members, source.size, context);
  const held = await readHeld(source, layout, refuse);
  const documents = readDocuments(
    { metadata: held.get("METADATA"), wheel: held.get("WHEEL"), record: held.get("RECORD"), entryPoints: held.get("entry_points.txt") },
    { filename, layout, refuse },
  );
  sink?.begin({ ...layout, ...documents });
  const files = await readFiles(source, members, { ...context, layout, documents });
  if (source.changed()) throw refuse("changed-while-read", "Somebody wrote to the file while it was read.");
  return { filename, distInfo: layout.distInfo, rootIsPurelib: documents.rootIsPurelib, scripts: documents.scripts, size, files };
}

function checkCost(members: readonly ZipMember[], archiveSize: number, { limits, refuse }: Context): number {
  let size = 0;
  for (const member of members) size += member.size;
  const hint = "If you know that it is honest, raise the limit with --max-wheel-size.";
  if (size > limits.maxSize) throw refuse("too-large", `It unpacks to ${size} bytes; ${limits.maxSize} are allowed.`, { hint });
  if (size > ratioFreeSize && size > limits.maxRatio * archiveSize)
    throw refuse("compression-bomb", `Its ${archiveSize} bytes unpack to ${size}, more than ${limits.maxRatio} times as many.`, { hint });
  return size;
}

/** The documents of the `.dist-info` folder by their name in it. */
async function readHeld(source: ByteSource, layout: WheelLayout, refuse: Refuse): Promise<Map<string, Buffer>> {
  const held = new Map<string, Buffer>();
  for (const { member } of layout.files) {
    if (!member.name.startsWith(`${layout.distInfo}/`)) continue;
    const name = member.name.slice(layout.distInfo.length + 1);
    if (name !== "METADATA" && name !== "WHEEL" && name !== "RECORD" && name !== "entry_points.txt") continue;
    if (member.size > maxDocumentSize) throw refuse("too-large", `It has ${member.size} bytes.`, { member: member.name });
    held.set(name, await readContent(source, member, refuse));
  }
  return held;
}

interface ReadContext extends Context {
  readonly layout: WheelLayout;
  readonly documents: WheelDocuments;
}

interface Ahead {
  readonly placed: PlacedMember;
  readonly content: Buffer | Promise<Buffer> | undefined;
}

/** Reads all members in the order of the file, the next ones inflating while one is handed on. */
async function readFiles(source: ByteSource, members: readonly ZipMember[], context: ReadContext): Promise<ValidatedFile[]> {
  const { refuse, layout } = context;
  const placedOf = new Map(layout.files.map((placed) => [placed.member, placed]));
  const files: ValidatedFile[] = [];
  const queue: Ahead[] = [];
  const most = aheadMembers();
  let bytesAhead = 0;
  let next = 0;
  const fill = () => {
    while (next < members.length && queue.length < most && bytesAhead < aheadBytes) {
      const member = members[next++] as ZipMember;
      const placed = placedOf.get(member);
      if (placed === undefined) {
        void readContent(source, member, refuse); // A folder: empty, but its headers are checked like all others.
        continue;
      }
      const content =
        member.size >= streamedFrom || member.compressedSize >= streamedFrom ? undefined : readContent(source, member, refuse);
      // An error is told when its turn comes; until then nobody waits for it.
      if (content instanceof Promise) content.catch(() => {});
      queue.push({ placed, content });
      bytesAhead += content === undefined ? 0 : member.size + member.compressedSize;
    }
  };
  for (fill(); queue.length > 0; fill()) {
    const { placed, content } = queue.shift() as Ahead;
    if (content === undefined) {
      files.push(await readLarge(source, placed, context));
      continue;
    }
    files.push(readSmall(content instanceof Promise ? await content : content, placed, context));
    bytesAhead -= placed.member.size + placed.member.compressedSize;
  }
  return files;
}

function readSmall(content: Buffer, placed: PlacedMember, { sink, documents, refuse }: ReadContext): ValidatedFile {
  const check = createCheck(documents.record.get(placed.member.name), placed, refuse);
  check.update(content);
  const hash = check.finish();
  if (placed.unpacked) sink?.file(placed, content);
  // What is not compressed is a part of the archive.
  if (placed.member.method !== 0) letGo(content);
  return { placed, hash };
}

async function readLarge(source: ByteSource, placed: PlacedMember, { sink, documents, refuse }: ReadContext): Promise<ValidatedFile> {
  const check = createCheck(documents.record.get(placed.member.name), placed, refuse);
  const writer = placed.unpacked ? sink?.open(placed) : undefined;
  try {
    for await (const piece of streamContent(source, placed.member, refuse)) {
      check.update(piece);
      writer?.write(piece);
    }
  } finally {
    writer?.close();
  }
  return { placed, hash: check.finish() };
}

/** Hashes a file, and compares it with its line in RECORD at the end. */
function createCheck(
  promised: Promised | undefined,
  placed: PlacedMember,
  refuse: Refuse,
): { update(bytes: Uint8Array): void; finish(): string } {
  const hasher = createHasher();
  const { algorithm, digest } = promised?.hash ?? {};
  const other = algorithm === undefined || algorithm === "sha256" ? undefined : hasherOf(algorithm, placed, refuse);
  return {
    update: (bytes) => {
      hasher.update(bytes);
      other?.update(bytes);
    },
    finish: () => {
      const hash = hasher.base64url();
      if (digest !== undefined && (other?.base64url() ?? hash) !== digest)
        throw refuse("record-mismatch", "Its content is not what RECORD promises.", { member: placed.member.name });
      return hash;
    },
  };
}

function hasherOf(algorithm: string, placed: PlacedMember, refuse: Refuse): ReturnType<typeof createHasher> {
  const known = ["sha384", "sha512", "sha224", "sha1", "md5"].includes(algorithm);
  if (!known) throw refuse("record-malformed", `RECORD hashes it with '${algorithm}', which is not known.`, { member: placed.member.name });
  try {
    return createHasher(algorithm);
  } catch (cause) {
    throw new PenError("TARGET_UNSUPPORTED", `This system cannot compute ${algorithm}`, { cause });
  }
}
