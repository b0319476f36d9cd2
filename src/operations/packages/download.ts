import {
  copyFile,
  createLimiter,
  isPenError,
  isProcessAlive,
  isTemporaryName,
  listFolder,
  makeFolders,
  makeTemporaryFolder,
  pathExists,
  PenError,
  printableLine,
  removeTree,
  rename,
  temporaryBeside,
  temporaryOwner,
  warn,
  type Emit,
  basename,
  dirname,
  join,
  resolve,
} from "#foundation";
import type { DownloadRequest, IndexClient } from "#index";
import { normalizeName } from "#standards";
import { openContext, type Context, type OperationOptions } from "../context.ts";
import { openIndexes } from "../indexes.ts";
import type { BundledTarget, DownloadedDistribution, DownloadReport } from "./download-types.ts";
import { interpreterForFolder } from "../environment.ts";
import { holdStore } from "../store-holding.ts";
import { downloadProgress } from "./download-progress.ts";
import { checkPromise } from "./fetch.ts";
import { fileHashes } from "./hash.ts";
import type { InstallOptions } from "./install.ts";
import { questionOf, readRequirements, withFileOptions, type RequirementsInput } from "./wanted.ts";
import { resolveRequirements } from "../resolving/resolve.ts";
import type { Pin, ResolveInput } from "../resolving/resolve-types.ts";
import { openSources } from "../building/sources.ts";
import type { Sources } from "../building/source-types.ts";
import { isForeign, singleTarget, type TargetOptions } from "../resolving/target.ts";

export interface DownloadOptions
  extends
    OperationOptions,
    RequirementsInput,
    Pick<InstallOptions, "python" | "prereleases" | "mode" | "noBinary" | "onlyBinary" | "builds" | "indexes" | "requireHashes"> {
  /** Where the files go; made when it is not there. */
  readonly folder: string;
  /** Pack the wheels up as this tar file, with a lock for each target, instead of leaving them in the folder. */
  readonly bundle?: string | undefined;
  /** Only wheels will do: what has none is an error. Default: a source distribution is taken where there is no wheel and it may be built. */
  readonly wheelsOnly?: boolean;
  /** Build the wheel of what has none, where that is allowed, instead of taking the source as it is. */
  readonly buildWheels?: boolean;
  readonly noDependencies?: boolean;
  /** Only what the named requirements need, and not themselves. */
  readonly onlyDependencies?: boolean;
  readonly ignoreRequiresPython?: boolean;
  /** For whom: one answer is worked out for each, all side by side. Default: the environment, or the Python that is found. */
  readonly targets?: readonly TargetOptions[];
}

/**
 * `pen pip download` and `pen pip wheel`: the wheels of requirements and of what they need, as files in a folder. Several targets are resolved and fetched side by
 * side; a file that more than one needs is fetched once. A source is built only with `buildWheels` or where its metadata cannot be had otherwise, and only when that is allowed. A file appears under its name only when it is whole and its hash holds. Errors: those of
 * resolving and of the index.
 */
export async function download(options: DownloadOptions): Promise<DownloadReport> {
  const context = openContext(options);
  const held = await holdStore(context);
  const stage = context.store.workFolder();
  try {
    const { targets, client } = await resolveForTargets(context, options, stage);
    const pins = targets.flatMap((target) => target.pins);
    const built = targets.flatMap((target) => target.built);
    if (options.bundle === undefined)
      return await fetchInto(resolve(context.host.cwd, options.folder), { pins, built }, { context, client });
    const bundle = resolve(context.host.cwd, options.bundle);
    const { files } = await fetchInto(join(stage, "wheels"), { pins, built }, { context, client });
    const { writeWheelBundle } = await import("./wheel-bundle.ts");
    await writeWheelBundle(context, bundle, { stage, files, targets });
    return { folder: dirname(bundle), bundle, files: files.map((file) => ({ ...file, path: `wheels/${file.filename}` })) };
  } finally {
    removeTree(stage);
    held?.release();
  }
}

async function fetchInto(
  folder: string,
  { pins, built }: Pick<SolvedTarget, "pins" | "built">,
  { context, client }: Pick<Saving, "context" | "client">,
): Promise<DownloadReport> {
  makeFolders(folder);
  context.emit({ type: "phase", phase: "download" });
  removeAbandoned(folder);
  const work = makeTemporaryFolder(folder);
  const fetching = createLimiter(fetchedAtOnce);
  try {
    const files = await Promise.all(
      [...uniqueFiles(pins).values()].map((pin) => fetching.run(() => save(pin, { context, client, folder, work }))),
    );
    files.push(...built.map((one) => saveBuilt(one, folder, work)));
    return { folder, files: files.sort((a, b) => (a.filename < b.filename ? -1 : 1)) };
  } finally {
    removeTree(work);
  }
}

/** A wheel that was built just now replaces one of that name: it may be of another source. */
function saveBuilt({ path: from, ...wheel }: BuiltFile, folder: string, work: string): DownloadedDistribution {
  const path = join(folder, wheel.filename);
  const whole = temporaryBeside(join(work, wheel.filename));
  copyFile(from, whole);
  const { sha256 = "" } = fileHashes(whole, ["sha256"]);
  rename(whole, path);
  return { ...wheel, path, sha256, state: "saved" };
}

/** What a download left here that was killed. */
function removeAbandoned(folder: string): void {
  for (const { name } of listFolder(folder))
    if (isTemporaryName(name) && !isProcessAlive(temporaryOwner(name))) removeTree(join(folder, name));
}

const fetchedAtOnce = 16;

/** A wheel that was built, as a file that stays until the command ends. */
interface BuiltFile {
  readonly name: string;
  readonly version: string;
  readonly filename: string;
  readonly path: string;
}

/** The answer for one target: what is to be fetched, and what was built. */
interface SolvedTarget extends BundledTarget {
  readonly built: readonly BuiltFile[];
}

/** Builds what has no wheel, into `stage`. Errors: those of building. */
async function buildMissing(pins: readonly Pin[], sources: Sources, stage: string): Promise<BuiltFile[]> {
  const missing = pins.flatMap(({ source, locked }) => (source === undefined ? [] : [{ source, locked }]));
  if (missing.length === 0) return [];
  const builder = await sources.builder();
  return Promise.all(
    missing.map(async ({ source, locked }) => {
      const { path, filename } = await builder.wheelFile(source);
      const kept = temporaryBeside(join(stage, filename));
      copyFile(path, kept);
      return { name: locked.name, version: locked.version ?? "", filename, path: kept };
    }),
  );
}

/** The pins of every target, in the order of the targets. Wheels are built into `stage`. */
async function resolveForTargets(
  context: Context,
  options: DownloadOptions,
  stage: string,
): Promise<{ readonly targets: readonly SolvedTarget[]; readonly client: IndexClient }> {
  const interpreter = await interpreterForFolder(context, options.python);
  const wanted = await readRequirements(context, () => openIndexes(context, options.indexes ?? {}), options);
  const client = openIndexes(context, withFileOptions(options.indexes ?? {}, wanted.options));
  const targets = options.targets === undefined || options.targets.length === 0 ? [{}] : options.targets;
  const answers = await Promise.all(
    targets.map((target) => {
      const solved = singleTarget(interpreter, target);
      const asked = questionOf(wanted, solved.markers, options);
      const own = asked.client(client);
      const sources = openSources(context, own, {
        interpreter,
        choices: options.builds,
        noBinary: [...(options.noBinary ?? []), ...wanted.options.noBinary],
        onlyBinary: [...(options.onlyBinary ?? []), ...wanted.options.onlyBinary],
        wheelsOnly: options.wheelsOnly,
        foreign: isForeign(target),
        python: options.python,
      });
      const input: ResolveInput = {
        ...solved,
        ...asked.input,
        constraints: wanted.constraints,
        overrides: wanted.overrides,
        excludes: (options.excludes ?? []).map(normalizeName),
        mode: options.mode ?? "highest",
        prereleases: options.prereleases ?? (wanted.options.prereleases ? "allow" : "if-necessary-or-explicit"),
        preferences: new Map(),
        noBinary: new Set([...(options.noBinary ?? []), ...wanted.options.noBinary]),
        installed: [],
        ignoreRequiresPython: options.ignoreRequiresPython ?? false,
        files: "chosen",
        sources,
      };
      return resolveRequirements(context, own, input)
        .then(({ pins }) => collected(pins, { options, sources, stage, emit: context.emit }))
        .catch((error: unknown) => {
          throw targets.length > 1 ? namingTarget(error, target) : error;
        })
        .finally(() => sources.close());
    }),
  );
  const solved = answers.map((answer, at) => ({
    ...answer,
    label: targets.length === 1 ? undefined : labelOf(targets[at] ?? {}).replace(/[^A-Za-z0-9_-]+/g, "-"),
  }));
  return { targets: solved, client };
}

async function collected(
  answer: readonly Pin[],
  {
    options,
    sources,
    stage,
    emit,
  }: { readonly options: DownloadOptions; readonly sources: Sources; readonly stage: string; readonly emit: Emit },
): Promise<Pick<SolvedTarget, "pins" | "built">> {
  const pins = options.onlyDependencies === true ? answer.filter(({ requested }) => !requested) : answer;
  if (options.buildWheels !== true) {
    // A bundle is installed from elsewhere, where neither folders nor repositories are.
    if (options.bundle !== undefined || !pins.some(({ source, locked }) => source !== undefined && locked.direct !== undefined))
      return { pins, built: [] };
    const { collectSources } = await import("../building/collected-sources.ts");
    return collectSources(pins, { emit, stage });
  }
  return { pins: pins.filter(({ source }) => source === undefined), built: await buildMissing(pins, sources, stage) };
}

function labelOf({ pythonVersion, pythonPlatform = "", platforms = [] }: TargetOptions): string {
  const words = [pythonVersion === undefined ? "" : `Python ${pythonVersion}`, pythonPlatform, ...platforms];
  return printableLine(words.filter((word) => word !== "").join(", "));
}

/** Among several targets, the one that has no answer is told. */
function namingTarget(error: unknown, target: TargetOptions): unknown {
  if (!isPenError(error)) return error;
  const label = labelOf(target);
  return new PenError(error.code, `For ${label}: ${error.message}`, {
    ...(error.why === undefined ? {} : { why: error.why }),
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    data: { ...error.data, target: label },
    cause: error,
  });
}

function uniqueFiles(pins: readonly Pin[]): Map<string, Pin> {
  const byName = new Map<string, Pin>();
  for (const pin of pins) {
    const { filename } = requestOf(pin);
    if (!byName.has(filename)) byName.set(filename, pin);
  }
  return byName;
}

/** What to fetch for a pin: the index's file, or the wheel that was named by its place. */
function requestOf(pin: Pin): DownloadRequest {
  if (pin.file !== undefined) return pin.file;
  const { direct } = pin.locked;
  if (pin.stored !== undefined && direct !== undefined)
    return { url: direct.url, filename: pin.stored.manifest.filename, hashes: { sha256: pin.stored.manifest.sha256 } };
  if (direct?.info.kind === "archive" && pin.source !== undefined) {
    const filename = basename(new URL(direct.url).pathname);
    return { url: direct.url, filename: decodeURIComponent(filename), hashes: direct.info.hashes };
  }
  throw new PenError("BUILD_REQUIRED", `${pin.locked.name} has no file that could be collected`, {
    why: "It was named by a folder or a repository, and nothing is built here.",
    hint: "Build its wheel first, and name that.",
  });
}

interface Saving {
  readonly context: Context;
  readonly client: IndexClient;
  readonly folder: string;
  readonly work: string;
}

async function save(pin: Pin, { context, client, folder, work }: Saving): Promise<DownloadedDistribution> {
  const request = requestOf(pin);
  const path = join(folder, request.filename);
  const saved = { name: pin.locked.name, version: pin.locked.version ?? "", filename: request.filename, path };
  const wanted = { name: pin.locked.name, version: saved.version, file: pin.file ?? noFile(request), hashes: pin.hashes };
  const present = await presentFile(path, request, context);
  if (present !== undefined) {
    await checkPromise(wanted, path, present);
    return { ...saved, sha256: present, state: "present" };
  }
  const fetched = await client.download(request, work, { onProgress: downloadProgress(context.emit, request.filename) });
  await checkPromise(wanted, fetched.path, fetched.sha256);
  // A folder may be filled from itself.
  if (fetched.path === path) return { ...saved, sha256: fetched.sha256, state: "present" };
  // A local file stays where it is, and a copy of it appears at once.
  const whole = fetched.path.startsWith(`${work}/`) ? fetched.path : temporaryBeside(join(work, request.filename));
  if (whole !== fetched.path) copyFile(fetched.path, whole);
  rename(whole, path);
  return { ...saved, sha256: fetched.sha256, state: "saved" };
}

const noFile = (request: DownloadRequest): NonNullable<Pin["file"]> => ({
  filename: request.filename,
  kind: "wheel",
  url: request.url,
  hashes: request.hashes,
  size: undefined,
  requiresPython: undefined,
  yanked: undefined,
  uploadTime: undefined,
  metadata: undefined,
  index: "",
});

/** The SHA-256 of the file that is there under the name, when it is the one that is wanted; another one is going to be replaced, as pip does. */
async function presentFile(path: string, { hashes, filename }: DownloadRequest, { emit }: Context): Promise<string | undefined> {
  if (!pathExists(path)) return undefined;
  const known = Object.keys(hashes).filter((algorithm) => ["sha256", "sha384", "sha512"].includes(algorithm));
  const actual = fileHashes(path, ["sha256", ...known]);
  if (known.length > 0 && known.every((algorithm) => actual[algorithm] === hashes[algorithm])) return actual["sha256"];
  if (known.length > 0) warn(emit, "bad-hash", `Previously-downloaded file ${printableLine(filename)} has bad hash. Re-downloading.`);
  return undefined;
}
