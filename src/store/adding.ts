import { PenError, acquireLock, createHasher, excerpt, makeFolder, makeFolders, removeTree, rename, warn } from "#foundation";
import { parseWheelFilename, sameVersion, tryNormalizeName, tryParseVersion } from "#standards";
import type { StoreContext } from "./context.ts";
import { findDamage } from "./damage.ts";
import { discard } from "./entries.ts";
import { refusalOf } from "./invalid.ts";
import type { WheelFile } from "./interface.ts";
import { isSha256 } from "./places.ts";
import { type ByteSource, openSource } from "./source.ts";
import type { StoredWheel } from "./types.ts";
import { type Unpacking, unpackInto } from "./unpacking.ts";
import { validateSource } from "./validation.ts";

/** As `Store.add`. */
export async function addWheel(wheel: WheelFile, context: StoreContext): Promise<StoredWheel> {
  checkExpected(wheel);
  const source = openSource(wheel.path);
  try {
    const sha256 = wheel.verified === true && wheel.sha256 !== undefined ? wheel.sha256 : hashSource(source);
    if (!isSha256(sha256) || (wheel.sha256 !== undefined && sha256 !== wheel.sha256)) throw hashMismatch(wheel, sha256);
    const lock = await acquireLock(context.places.lock(sha256), { emit: context.emit, resource: `the stored wheel ${wheel.filename}` });
    try {
      return (await findWhole(sha256, context, wheel)) ?? (await unpack(source, sha256, { wheel, context }));
    } finally {
      lock.release();
    }
  } finally {
    source.close();
  }
}

/** What the caller expects must be what the file name says; that the content says the same is the validator's work. */
function checkExpected(wheel: WheelFile): void {
  const filename = parseWheelFilename(wheel.filename);
  if (wheel.expectedName !== undefined && tryNormalizeName(wheel.expectedName) !== filename.name)
    throw refusalOf(wheel.filename)("name-mismatch", `It was to be '${wheel.expectedName}'.`);
  const expected = wheel.expectedVersion === undefined ? filename.version : tryParseVersion(wheel.expectedVersion);
  if (expected === undefined || !sameVersion(expected, filename.version))
    throw refusalOf(wheel.filename)("version-mismatch", `It was to be version '${wheel.expectedVersion ?? ""}'.`);
}

const pieceSize = 2 ** 20;

function hashSource(source: ByteSource): string {
  const hasher = createHasher();
  for (let at = 0; at < source.size; at += pieceSize) hasher.update(source.read(at, Math.min(pieceSize, source.size - at)));
  return hasher.hex();
}

function hashMismatch(wheel: WheelFile, got: string): PenError {
  const expected = wheel.sha256 ?? "";
  return new PenError("HASH_MISMATCH", `${excerpt(wheel.filename, 120)} is not the file that was promised`, {
    why: `Its SHA-256 is ${got}, promised was ${excerpt(expected)}.`,
    hint: "Somebody replaced the file, or the lock is of another one. Nothing was installed.",
    data: { filename: wheel.filename, expected, got },
  });
}

/** The entry, when it is whole; a damaged one is removed. Only with the entry's lock. */
async function findWhole(sha256: string, context: StoreContext, wheel: WheelFile): Promise<StoredWheel | undefined> {
  const found = context.find(sha256);
  const folder = context.places.entry(sha256);
  const [problems = []] = found === undefined ? [] : await findDamage([found], context.boot());
  if (found === undefined || problems.length > 0) {
    if (problems.length > 0)
      warn(
        context.emit,
        "store-damaged",
        `The stored wheel ${wheel.filename} was damaged (${problems[0]?.kind ?? ""}: ${problems[0]?.path ?? ""}) and is unpacked again`,
      );
    discard(folder, context.places.growing(sha256));
    return undefined;
  }
  const filename = parseWheelFilename(wheel.filename);
  const version = tryParseVersion(found.manifest.version);
  if (found.manifest.name !== filename.name || version === undefined || !sameVersion(version, filename.version))
    throw refusalOf(wheel.filename)("name-mismatch", `The content is ${found.manifest.name} ${found.manifest.version}.`);
  return found;
}

async function unpack(
  source: ByteSource,
  sha256: string,
  { wheel, context }: { wheel: WheelFile; context: StoreContext },
): Promise<StoredWheel> {
  const { places, host } = context;
  const folder = places.entry(sha256);
  const growing = places.growing(sha256);
  for (const name of ["growing", "uses"]) makeFolders(`${places.root}/${name}`);
  removeTree(growing);
  if (!makeFolder(growing)) throw new PenError("INTERNAL", `The folder ${growing} was made by somebody else`);
  let unpacking: Unpacking | undefined;
  try {
    unpacking = unpackInto(growing, wheel.filename);
    const limits = {
      ignoresCase: host.platform !== "linux",
      ...(wheel.maxSize === undefined ? {} : { maxSize: wheel.maxSize, maxRatio: Infinity }),
    };
    const validated = await validateSource(source, wheel.filename, { sink: unpacking.sink, limits });
    unpacking.finish(validated, { sha256, boot: context.boot() });
    makeFolders(`${places.root}/${sha256.slice(0, 2)}`);
    rename(growing, folder);
  } catch (error) {
    removeTree(growing);
    throw error;
  } finally {
    unpacking?.close();
  }
  const added = context.find(sha256);
  if (added === undefined)
    throw new PenError("STORE_DAMAGED", `The stored wheel ${wheel.filename} cannot be read back`, { data: { path: folder } });
  return added;
}
