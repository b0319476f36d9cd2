import {
  changeMode,
  copyFile,
  errnoOf,
  hardLink,
  isPenError,
  listFolder,
  makeFolders,
  readBytes,
  readText,
  realPath,
  rename,
  sha256Hex,
  statusOf,
  writeNew,
  dirname,
  join,
} from "#foundation";
import { changeGuarded, readInstalled, type InstalledDistribution, type LinkMode } from "#installer";
import { parseEntryPoints } from "#standards";
import type { StoredFile, StoredWheel } from "#store";
import { relocatableScript, updateRecords, type Environment } from "#venv";
import { metadataFileText } from "../packages/distributions.ts";
import { foreignScripts, type ForeignScript } from "../doctor/files.ts";
import { placeOfRow, rowsOf, type DamagedDistribution } from "../doctor/records.ts";
import { environmentDestination } from "../environment.ts";

/** A file to put back: where, and its twin in the store. */
interface Return {
  readonly place: string;
  readonly source: string;
  readonly executable: boolean;
}

/**
 * How to put the missing and changed files of a distribution back from the store's wheel, each exactly as RECORD has it. Undefined when some of
 * them cannot: the wheel has it otherwise, or a link leads the place out of the environment.
 */
export function planReturn(
  { distribution, missing, changed }: DamagedDistribution,
  wheel: StoredWheel,
  environment: Environment,
): Return[] | undefined {
  const rows = rowsOf(distribution);
  if (rows === undefined || rows === "unreadable") return undefined;
  const wanted = new Map(
    rows.flatMap(({ path, hash }) => {
      const place = placeOfRow(environment.root, distribution.location, path);
      return place === undefined || hash?.algorithm !== "sha256" ? [] : [[place, hash.digest] as const];
    }),
  );
  const real = realPath(environment.root);
  const returns = [...missing, ...changed].map((place): Return | undefined => {
    const hash = wanted.get(place);
    const file = hash === undefined ? undefined : twinOf(place, hash, { wheel, environment });
    if (file === undefined || !standsInside(real, dirname(place)) || statusOf(place)?.kind === "folder") return undefined;
    const source = join(wheel.folder, file.source);
    return holds(source, file.hash) ? { place, source, executable: file.executable } : undefined;
  });
  return returns.every((one) => one !== undefined) ? returns : undefined;
}

/** pip's command has a name with the version of its Python, which no wheel knows. */
function twinOf(
  place: string,
  hash: string,
  { wheel, environment }: { wheel: StoredWheel; environment: Environment },
): StoredFile | undefined {
  const same = wheel.manifest.files.filter((file) => file.hash === hash);
  const { purelib, scripts } = environment.paths;
  return (
    same.find(({ scheme, path }) => place === join(scheme === "lib" ? purelib : scripts, path)) ??
    (dirname(place) === scripts ? same.find(({ scheme }) => scheme === "scripts") : undefined)
  );
}

/** True when the file has the content of this hash. Where files are linked, a change in one place is a change in the store as well. */
function holds(path: string, hash: string): boolean {
  if (statusOf(path)?.kind !== "file") return false;
  return Buffer.from(sha256Hex(readBytes(path)), "hex").toString("base64url") === hash;
}

/** True when `folder`, or what there is of it, is inside `real` after all links: making folders follows links too. */
function standsInside(real: string, folder: string): boolean {
  let at = folder;
  while (statusOf(at) === undefined) at = dirname(at);
  try {
    const place = realPath(at);
    return place === real || place.startsWith(`${real}/`);
  } catch (error) {
    if (isPenError(error, "FILE_SYSTEM")) return false; // A link to nowhere, or a circle.
    throw error;
  }
}

/** Puts the files back as one transaction, linked or copied as the rest of the package. */
export function returnFiles(distribution: InstalledDistribution, returns: readonly Return[], environment: Environment): void {
  const { target } = environmentDestination(environment);
  const links = isStoreLinked(distribution);
  const folders = [...new Set(returns.flatMap(({ place }) => newFolders(dirname(place))))];
  const top = folders.filter((folder) => !folders.includes(dirname(folder)));
  const isBelow = (path: string): boolean => top.some((folder) => path.startsWith(`${folder}/`));
  const places = returns.map(({ place }) => place);
  changeGuarded(
    target,
    {
      replaced: places.filter((place) => statusOf(place) !== undefined),
      created: places.filter((place) => statusOf(place) === undefined && !isBelow(place)),
      newFolders: top,
    },
    (stage) => {
      for (const { place, source, executable } of returns) {
        makeFolders(dirname(place));
        const staged = stage();
        if (!links || !tryHardLink(source, staged)) {
          copyFile(source, staged);
          changeMode(staged, executable ? 0o755 : 0o644);
        }
        rename(staged, place);
      }
    },
  );
}

/** True when its files are, or were, other names of those in the store: only these may not be written to. */
function isStoreLinked({ path }: InstalledDistribution): boolean {
  const status = ["METADATA", "RECORD", "WHEEL"].map((name) => statusOf(join(path, name))).find((one) => one !== undefined);
  return status !== undefined && (status.links > 1 || (status.mode & 0o222) === 0);
}

/** How to install it again so that its files are of the same kind as before. */
export function modeLike(distribution: InstalledDistribution): LinkMode {
  if (distribution.linked) return "symlink";
  return distribution.installer() === "pen" && !isStoreLinked(distribution) ? "copy" : "auto";
}

function newFolders(folder: string): string[] {
  const found: string[] = [];
  for (let at = folder; statusOf(at) === undefined; at = dirname(at)) found.push(at);
  return found;
}

function tryHardLink(source: string, path: string): boolean {
  try {
    hardLink(source, path);
    return true;
  } catch (error) {
    if (["EXDEV", "EPERM", "EMLINK", "ENOTSUP", "EOPNOTSUPP"].includes(errnoOf(error) ?? "")) return false;
    throw error;
  }
}

/** Foreign scripts sorted: those that belong to a package, and what a person put there. */
export function divideScripts(environment: Environment): {
  readonly own: readonly ForeignScript[];
  readonly foreign: readonly ForeignScript[];
} {
  const installed = readInstalled(environmentDestination(environment).target);
  const listed = new Set<string>();
  const commands = new Set<string>();
  for (const distribution of installed) {
    const rows = rowsOf(distribution);
    if (rows !== undefined && rows !== "unreadable")
      for (const { path } of rows) listed.add(placeOfRow(environment.root, distribution.location, path) ?? "");
    for (const name of commandsOf(distribution)) commands.add(name);
  }
  const isOwn = ({ path }: ForeignScript): boolean => listed.has(path) || commands.has(commandOf(path));
  const all = foreignScripts(environment.paths.scripts);
  return { own: all.filter(isOwn), foreign: all.filter((script) => !isOwn(script)) };
}

/** The name of a command; that of pip without the version of its Python (`pip3.12`, `pip-3.12`). */
function commandOf(path: string): string {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return /^(pip|easy_install)-?\d+(?:\.\d+)?$/.exec(name)?.[1] ?? name;
}

/** The names of its commands. */
function commandsOf(distribution: InstalledDistribution): string[] {
  const text = distribution.kind === "wheel" ? metadataFileText(distribution, "entry_points.txt") : undefined;
  if (text === undefined) return [];
  try {
    return parseEntryPoints(text).flatMap(({ group, name }) => (group.endsWith("_scripts") ? [name] : []));
  } catch (error) {
    if (isPenError(error)) return [];
    throw error;
  }
}

/** Lets scripts find the Python beside them, as one transaction with the RECORDs that list them. Gives those that were changed. */
export function readdressScripts(environment: Environment, scripts: readonly ForeignScript[]): void {
  const texts = scripts.flatMap(({ path }) => {
    const text = relocatableScript(readBytes(path));
    return text === undefined ? [] : [{ path, text, mode: statusOf(path)?.mode ?? 0o755 }];
  });
  const records = listFolder(environment.paths.purelib).flatMap(({ name, kind }) => {
    const record = join(environment.paths.purelib, name, "RECORD");
    return kind === "folder" && name.endsWith(".dist-info") && statusOf(record)?.kind === "file" && mentions(record) ? [record] : [];
  });
  changeGuarded(
    environmentDestination(environment).target,
    { replaced: [...texts.map(({ path }) => path), ...records], created: [] },
    (stage) => {
      for (const { path, text, mode } of texts) {
        const staged = stage();
        writeNew(staged, text, mode | 0o200);
        rename(staged, path);
      }
      updateRecords(
        environment.paths,
        texts.map(({ path }) => path),
      );
    },
  );
}

/** Only a RECORD with a script in it can change. */
const mentions = (record: string): boolean => readText(record).includes("bin/");
