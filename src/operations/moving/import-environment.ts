import {
  pathExists,
  pathToFileURL,
  PenError,
  printableLine,
  readText,
  removeTree,
  rename,
  basename,
  dirname,
  join,
  resolve,
} from "#foundation";
import type { IndexFile } from "#index";
import { readInstalled } from "#installer";
import { formatRequirements, parsePylock, selectPackages, type Lock, type LockedFile, type LockedPackage } from "#lock";
import { specifiersText, supportedTags, tryParseWheelFilename, wheelRank, type SupportedTags } from "#standards";
import type { Environment } from "#venv";
import { openContext, type Context, type IndexOptions, type OperationOptions } from "../context.ts";
import { openIndexes } from "../indexes.ts";
import { createEnvironment } from "../environments/create-environment.ts";
import { announceCopy, foldersOf, freePlace, makingPlace } from "./environment-moving.ts";
import { rememberEnvironment } from "../environments/environment-entry.ts";
import { environmentDestination, exclusively } from "../environment.ts";
import { install, installPins, type LinkMode } from "../packages/install.ts";
import type { Pin } from "../resolving/resolve-types.ts";
import { sync } from "../packages/sync.ts";

export interface ImportEnvironmentOptions extends OperationOptions {
  /** `pylock.toml`, or requirements that pin everything. */
  readonly file: string;
  /** Where the environment is to stand: nothing stands there yet. */
  readonly to: string;
  /** Which Python; default the one that the lock is for. */
  readonly python?: string | undefined;
  readonly linkMode?: LinkMode;
  readonly indexes?: IndexOptions;
}

export interface ImportReport {
  readonly environment: string;
  /** `3.12.1`. */
  readonly python: string;
  readonly packages: ReadonlyArray<{ readonly name: string; readonly version: string }>;
}

/**
 * Makes the environment that a lock describes, with exactly its packages. Wheels that the store has by their hash need no index. It is made
 * beside its place and appears whole by one rename. Errors: INVALID_LOCK, PYTHON_NOT_FOUND, ENV_EXISTS, TARGET_UNSUPPORTED, and those of
 * fetching; nothing is left at the new place then.
 */
export async function importEnvironment(options: ImportEnvironmentOptions): Promise<ImportReport> {
  const context = openContext(options);
  const file = resolve(context.host.cwd, options.file);
  const lock = file.endsWith(".toml") ? parsePylock(readText(file), { file: basename(file), folder: dirname(file) }) : undefined;
  if (lock === undefined) readText(file);
  const to = freePlace(options.to, context);
  const making = makingPlace(to, context);
  const wanted = options.python ?? pythonOf(lock);
  try {
    const { environment } = await createEnvironment({ ...options, path: making, python: wanted, seed: [] });
    if (lock === undefined) await syncRequirements(file, environment, options);
    else await installLock(lock, environment, { context, options, folder: dirname(file) });
    const report = reportOf(environment, to);
    announceCopy(context, { root: making, real: making, ...foldersOf(making) }, to);
    rename(making, to);
    rememberEnvironment(to, context);
    return report;
  } catch (error) {
    removeTree(making);
    throw error;
  }
}

function pythonOf(lock: Lock | undefined): string | undefined {
  const { requiresPython } = lock ?? {};
  return requiresPython === undefined || requiresPython.specifiers.length === 0 ? undefined : specifiersText(requiresPython);
}

function reportOf(environment: Environment, to: string): ImportReport {
  const packages = readInstalled(environmentDestination(environment).target).map(({ name, version }) => ({ name, version }));
  return { environment: to, python: environment.interpreter.version, packages };
}

async function syncRequirements(file: string, environment: Environment, options: ImportEnvironmentOptions): Promise<void> {
  await sync({
    ...options,
    python: environment.root,
    requirementFiles: [file],
    allowEmpty: true,
    ...(options.indexes === undefined ? {} : { indexes: options.indexes }),
  });
}

interface LockInput {
  readonly context: Context;
  readonly options: ImportEnvironmentOptions;
  /** Of the lock: local files are named from there. */
  readonly folder: string;
}

/** What the lock names by a wheel that is at hand or has a place goes in as it is; all else is asked of the index by version and hash. */
async function installLock(lock: Lock, environment: Environment, { context, options, folder }: LockInput): Promise<void> {
  const { interpreter } = environment;
  const chosen = selectPackages(lock, interpreter.markers);
  const tags = supportedTags(interpreter.tagTarget);
  const sources = await Promise.all(chosen.map(async (one) => ({ one, pin: await pinOf(one, { context, tags, folder }) })));
  const destination = environmentDestination(environment);
  const pins = sources.flatMap(({ pin }) => pin ?? []);
  await exclusively(context, destination, async () => {
    const client = openIndexes(context, options.indexes ?? {});
    const resolved = { pins, lock: { ...lock, packages: pins.map(({ locked }) => locked) } };
    await installPins(context, { destination, installed: readInstalled(destination.target), resolved, client, options });
  });
  const rest = sources.flatMap(({ one, pin }) => (pin === undefined ? [one] : []));
  for (const part of [rest.filter(isHashed), rest.filter((one) => !isHashed(one))]) {
    if (part.length > 0) await installByName({ ...lock, packages: part }, environment, options);
  }
}

const isHashed = ({ direct, files }: LockedPackage): boolean =>
  files.length > 0 && (direct === undefined || direct.info.kind === "archive");

async function pinOf(
  locked: LockedPackage,
  { context, tags, folder }: Pick<LockInput, "context" | "folder"> & { tags: SupportedTags },
): Promise<Pin | undefined> {
  const hashes = (file: LockedFile): string[] => Object.entries(file.hashes).map(([algorithm, digest]) => `${algorithm}:${digest}`);
  const common = { locked, requested: locked.requiredBy.length === 0, installed: undefined };
  if (locked.direct !== undefined) {
    const [file] = locked.files;
    const stored = context.store.find(file?.hashes["sha256"] ?? "");
    if (file === undefined || stored?.manifest.name !== locked.name) return undefined;
    if ((await context.store.check([stored])).some((problems) => problems.length > 0)) return undefined;
    return { ...common, file: undefined, stored, hashes: hashes(file) };
  }
  const best = bestWheel(locked, tags);
  const place = best.url ?? placeBeside(best, folder);
  const isStored = context.store.find(best.hashes["sha256"] ?? "") !== undefined;
  if (place === undefined && !isStored) return undefined;
  const file: IndexFile = {
    filename: best.filename,
    kind: "wheel",
    url: place ?? pathToFileURL(join(folder, best.filename)).href,
    hashes: best.hashes,
    size: best.size,
    requiresPython: undefined,
    yanked: undefined,
    uploadTime: best.uploadTime,
    metadata: undefined,
    index: locked.index ?? "",
  };
  return { ...common, file, stored: undefined, hashes: hashes(best) };
}

function placeBeside(file: LockedFile, folder: string): string | undefined {
  const path = file.path === undefined ? undefined : join(folder, file.path);
  return path !== undefined && pathExists(path) ? pathToFileURL(path).href : undefined;
}

function bestWheel(locked: LockedPackage, tags: SupportedTags): LockedFile {
  const ranked = locked.files.flatMap((file) => {
    const name = tryParseWheelFilename(file.filename);
    const rank = name === undefined ? undefined : wheelRank(tags, name);
    return rank === undefined ? [] : [{ file, rank }];
  });
  const [best] = ranked.sort((a, b) => a.rank - b.rank);
  if (best !== undefined) return best.file;
  throw new PenError("TARGET_UNSUPPORTED", `The lock has no wheel of ${printableLine(locked.name)} for this Python and platform`, {
    why: `It has ${locked.files.map(({ filename }) => printableLine(filename)).join(", ")}.`,
    hint: "Export the environment anew on this platform, or name a Python that fits: -p PYTHON",
    data: { package: locked.name },
  });
}

async function installByName(lock: Lock, environment: Environment, options: ImportEnvironmentOptions): Promise<void> {
  const text = formatRequirements(lock, {
    hashes: lock.packages.every(isHashed),
    annotations: false,
    header: undefined,
    extras: true,
    markers: false,
    indexUrls: [],
    findLinks: [],
  });
  await install({ ...options, python: environment.root, requirementFiles: ["-"], readInput: async () => text, noDependencies: true });
}
