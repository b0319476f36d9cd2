import {
  isFolder,
  listFolder,
  makeFolders,
  PenError,
  printableLine,
  readText,
  removeTree,
  rename,
  statusOf,
  temporaryBeside,
  writeNew,
  basename,
  dirname,
  join,
  resolve,
} from "#foundation";
import { unpackSource } from "#builds";
import { formatPylock, type Lock } from "#lock";
import { writeArchive } from "../bundling/archive.ts";
import { openContext, type Context } from "../context.ts";
import type { BundledTarget, DownloadedDistribution } from "./download-types.ts";
import { fileHashes } from "./hash.ts";
import { install, type InstallOptions, type InstallReport } from "./install.ts";
import type { Pin } from "../resolving/resolve-types.ts";

/** `pen-bundle.json`, at the top of a bundle. */
interface Contents {
  readonly format: 1;
  /** What was asked for: what is installed when nothing is named. */
  readonly requirements: readonly string[];
  /** SHA-256 by the name of the wheel. */
  readonly wheels: Readonly<Record<string, string>>;
}

const top = "pen-bundle";

/**
 * Packs a folder of wheels up as one tar file, with a lock for every target (PEP 751) and the hash of every wheel. `stage` holds the wheels in
 * `wheels`; the same wheels give the same bytes. Replaces the file in one step. Errors: FILE_SYSTEM, HASH_REQUIRED.
 */
export async function writeWheelBundle(
  context: Context,
  file: string,
  {
    stage,
    files,
    targets,
  }: { readonly stage: string; readonly files: readonly DownloadedDistribution[]; readonly targets: readonly BundledTarget[] },
): Promise<number> {
  const contents: Contents = {
    format: 1,
    requirements: requirementsOf(targets),
    wheels: Object.fromEntries(files.map(({ filename, sha256 }) => [filename, sha256])),
  };
  writeNew(join(stage, "pen-bundle.json"), `${JSON.stringify(contents, undefined, 2)}\n`);
  for (const { label, pins } of targets)
    writeNew(join(stage, label === undefined ? "pylock.toml" : `pylock.${label}.toml`), formatPylock(lockOf(pins, contents)));
  makeFolders(dirname(file));
  const making = temporaryBeside(file);
  try {
    const size = await writeArchive(stage, making, { top, compression: "none", epoch: 0, signal: context.signal });
    rename(making, file);
    return size;
  } finally {
    removeTree(making);
  }
}

/** What was named, by version where all targets have the same. */
function requirementsOf(targets: readonly BundledTarget[]): string[] {
  const versions = new Map<string, Set<string>>();
  for (const { locked, requested } of targets.flatMap(({ pins }) => pins)) {
    if (!requested) continue;
    const name = `${locked.name}${locked.extras.length === 0 ? "" : `[${locked.extras.join(",")}]`}`;
    versions.set(name, (versions.get(name) ?? new Set()).add(locked.version ?? ""));
  }
  return [...versions].map(([name, found]) => (found.size === 1 ? `${name}==${[...found][0] ?? ""}` : name)).sort();
}

/** The lock of one target, whose files are those in the bundle. */
function lockOf(pins: readonly Pin[], { wheels }: Contents): Lock {
  const packages = pins.map(({ locked, file, stored }) => {
    const filename = file?.filename ?? stored?.manifest.filename ?? "";
    const hashes = { sha256: wheels[filename] ?? "" };
    const own = { filename, url: undefined, path: `wheels/${filename}`, hashes, size: undefined, uploadTime: undefined };
    return { ...locked, direct: undefined, index: undefined, files: [own] };
  });
  return { requiresPython: undefined, environments: [], packages };
}

/**
 * `pen pip install --bundle`: installs from a bundle alone, without any network; without requirements, what the bundle was made for. Every wheel is held
 * against its hash before anything is looked at. Errors: INVALID_SOURCE for a file that is no bundle, HASH_MISMATCH, and those of `install`.
 */
export async function installBundle(bundle: string, options: InstallOptions): Promise<InstallReport> {
  const context = openContext(options);
  const file = resolve(context.host.cwd, bundle);
  if (statusOf(file) === undefined)
    throw new PenError("FILE_SYSTEM", `There is no file ${printableLine(file)}`, {
      hint: "Make one with: pen pip download --bundle FILE flask",
      data: { path: file },
    });
  const work = context.store.workFolder();
  try {
    const into = join(work, "bundle");
    makeFolders(into);
    const folder = await unpackSource(file, {
      filename: basename(file).endsWith(".tar") ? basename(file) : `${basename(file)}.tar`,
      into,
      python: "",
      signal: options.signal,
    });
    const contents = readContents(folder, file);
    const named = [options.requirements, options.requirementFiles, options.groups, options.scripts].some((list) => (list ?? []).length > 0);
    return await install({
      ...options,
      ...(named ? {} : { requirements: contents.requirements }),
      indexes: { ...options.indexes, noIndex: true, extraIndexUrls: [], findLinks: [join(folder, "wheels")], offline: true },
    });
  } finally {
    removeTree(work);
  }
}

function readContents(folder: string, file: string): Contents {
  const refuse = (why: string): PenError =>
    new PenError("INVALID_SOURCE", `${printableLine(file)} is no bundle of wheels`, {
      why,
      hint: "Make one with: pen pip download --bundle FILE flask",
      data: { path: file },
    });
  const place = join(folder, "pen-bundle.json");
  if (statusOf(place) === undefined || !isFolder(join(folder, "wheels"))) throw refuse("It holds no pen-bundle.json and wheels.");
  const contents = parsed(readText(place));
  if (contents === undefined) throw refuse("Its pen-bundle.json is not one that this pen can read.");
  for (const { name } of listFolder(join(folder, "wheels")))
    if (!Object.hasOwn(contents.wheels, name)) throw refuse(`It holds ${printableLine(name)}, which its list does not have.`);
  for (const [name, sha256] of Object.entries(contents.wheels)) {
    const wheel = join(folder, "wheels", basename(name));
    if (statusOf(wheel)?.kind !== "file") throw refuse(`${printableLine(name)} is missing in it.`);
    const actual = fileHashes(wheel, ["sha256"])["sha256"] ?? "";
    if (actual === sha256) continue;
    throw new PenError("HASH_MISMATCH", `${printableLine(name)} in the bundle is not what it was`, {
      why: `Expected sha256:${printableLine(sha256)}\ngot      sha256:${actual}`,
      hint: "The file was damaged or changed on its way: copy it again.",
      data: { expected: sha256, got: actual },
    });
  }
  return contents;
}

function parsed(text: string): Contents | undefined {
  let value: Partial<Contents>;
  try {
    value = JSON.parse(text) as Partial<Contents>;
  } catch {
    return undefined;
  }
  const { format, requirements, wheels } = value ?? {};
  const areTexts = (list: unknown): boolean => Array.isArray(list) && list.every((item) => typeof item === "string");
  const isFine = format === 1 && areTexts(requirements) && typeof wheels === "object" && wheels !== null && areTexts(Object.values(wheels));
  return isFine ? (value as Contents) : undefined;
}
