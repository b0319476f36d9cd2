import { pathToFileURL, PenError, warn, writeAtomic, dirname, resolve } from "#foundation";
import { readInstalled, type InstalledDistribution } from "#installer";
import { formatPylock, formatRequirements, sortLock, type Lock, type LockedDependency, type LockedPackage } from "#lock";
import type { Interpreter } from "#python";
import { evaluateMarker, parseMarker, parseSpecifiers, tryParseWheelFilename, type DirectUrl } from "#standards";
import { openEnvironment } from "#venv";
import { openContext, type IndexOptions, type OperationOptions } from "../context.ts";
import { openIndexes } from "../indexes.ts";
import { editableLocation, versionOf } from "../packages/distributions.ts";
import { environmentDestination, settle } from "../environment.ts";
import { environmentFolder } from "../environments/environment-names.ts";
import { requirementsOf } from "../packages/list.ts";
import { WheelOrigins, type FoundFile } from "./wheel-origins.ts";

export interface ExportEnvironmentOptions extends OperationOptions {
  /** A path, or the name of an environment. */
  readonly environment: string;
  /** Default: by the output file's name, else `pylock`. */
  readonly format?: "pylock" | "requirements" | undefined;
  /** Written in one step when all went well; without it only the text is given. */
  readonly outputFile?: string | undefined;
  readonly indexes?: IndexOptions;
}

export interface ExportReport {
  readonly environment: string;
  readonly lock: Lock;
  readonly text: string;
  /** The file that was written, absolute. */
  readonly written: string | undefined;
  /** Packages whose wheel nobody here knows, so that they stand without a hash. Never in a pylock. */
  readonly unhashed: readonly string[];
}

/**
 * What is installed in an environment as a lock: every package by version, with the hash of the very wheel where the store knows it, else those that
 * the index publishes. Errors: ENV_NOT_FOUND, ENV_BROKEN; HASH_REQUIRED for a `pylock` of a package that neither knows.
 */
export async function exportEnvironment(options: ExportEnvironmentOptions): Promise<ExportReport> {
  const context = openContext(options);
  const { host, cacheFolder, signal } = context;
  const environment = await openEnvironment(environmentFolder(options.environment, host), { host, cacheFolder, signal });
  const { target } = environmentDestination(environment);
  await settle(context, target);
  const output = options.outputFile === undefined ? undefined : resolve(host.cwd, options.outputFile);
  const format = options.format ?? (output === undefined || output.endsWith(".toml") ? "pylock" : "requirements");
  const client = openIndexes(context, options.indexes ?? {});
  const installed = readInstalled(target);
  const files = new WheelOrigins(context, client, context.store.usedBy(target.paths.purelib));
  const packages: LockedPackage[] = [];
  for (const distribution of installed)
    packages.push(await locked(distribution, installed, { files, interpreter: environment.interpreter }));
  const lock = sortLock(forThisPython(packages, environment.interpreter));
  const unhashed = packages.filter((one) => one.files.length === 0 && isHashable(one.direct)).map(({ name }) => name);
  const text =
    format === "pylock" ? pylockText(lock, unhashed, output === undefined ? host.cwd : dirname(output)) : requirementsText(lock, unhashed);
  if (format === "pylock") files.tellOfPlaceless();
  if (unhashed.length > 0)
    warn(context.emit, "no-hash", `No hash is known of ${unhashed.join(", ")}; the file is written without any, so nothing protects it.`);
  if (output !== undefined) writeAtomic(output, text);
  return { environment: environment.root, lock, text, written: output, unhashed };
}

const isHashable = (direct: DirectUrl | undefined): boolean => direct === undefined || direct.info.kind === "archive";

interface Facts {
  readonly files: WheelOrigins;
  readonly interpreter: Interpreter;
}

async function locked(
  distribution: InstalledDistribution,
  installed: readonly InstalledDistribution[],
  { files, interpreter }: Facts,
): Promise<LockedPackage> {
  const version = versionOf(distribution);
  const direct = originOf(distribution);
  const found = direct === undefined ? await files.find(distribution, version) : direct.info.kind === "archive" ? archiveFile(direct) : [];
  return {
    name: distribution.name,
    version: direct?.info.kind === "dir" ? undefined : version,
    marker: undefined,
    requiresPython: undefined,
    extras: [],
    direct,
    index: direct === undefined ? found[0]?.index : undefined,
    files: found.map(({ file }) => file),
    requiredBy: distribution.requested()
      ? []
      : installed.filter((other) => needs(other, distribution, interpreter)).map(({ name }) => name),
    dependencies: dependenciesOf(distribution, installed, interpreter),
  };
}

/** An editable install of a tool that noted no origin (an `.egg-link`) counts as one of its folder. */
function originOf(distribution: InstalledDistribution): DirectUrl | undefined {
  const direct = distribution.directUrl();
  const folder = direct === undefined ? editableLocation(distribution) : undefined;
  return folder === undefined ? direct : { url: pathToFileURL(folder).href, info: { kind: "dir", editable: true } };
}

function archiveFile(direct: DirectUrl): FoundFile[] {
  const hashes = direct.info.kind === "archive" ? direct.info.hashes : {};
  if (Object.keys(hashes).length === 0) return [];
  const filename = decodeURIComponent(direct.url.slice(direct.url.lastIndexOf("/") + 1));
  return [{ file: { filename, url: direct.url, path: undefined, hashes, size: undefined, uploadTime: undefined }, index: undefined }];
}

function dependenciesOf(
  distribution: InstalledDistribution,
  installed: readonly InstalledDistribution[],
  { markers }: Interpreter,
): LockedDependency[] {
  const names = new Set<string>(installed.map(({ name }) => name));
  const found = requirementsOf(distribution).filter(
    ({ name, marker }) => names.has(name) && (marker === undefined || evaluateMarker(marker, markers)),
  );
  return [...new Map(found.map(({ name, extras }) => [name, { name, extras, marker: undefined }])).values()];
}

function needs(other: InstalledDistribution, distribution: InstalledDistribution, { markers }: Interpreter): boolean {
  return requirementsOf(other).some(
    ({ name, marker }) => name === distribution.name && (marker === undefined || evaluateMarker(marker, markers)),
  );
}

/** A lock of one environment holds for its Python, and where a wheel is for one platform, for that alone. */
function forThisPython(packages: readonly LockedPackage[], { versionInfo, markers, implementation }: Interpreter): Lock {
  const single = packages.some(({ files }) => files.length === 1 && !isPure(files[0]?.filename ?? ""));
  const quoted = (key: "sys_platform" | "platform_machine" | "implementation_name"): string => `${key} == '${markers[key]}'`;
  const platform = [
    ...(implementation === "cpython" ? [] : [quoted("implementation_name")]),
    ...(single ? [quoted("sys_platform"), quoted("platform_machine")] : []),
  ];
  return {
    requiresPython: parseSpecifiers(`==${versionInfo[0]}.${versionInfo[1]}.*`),
    environments: platform.length === 0 ? [] : [parseMarker(platform.join(" and "))],
    packages,
  };
}

function isPure(filename: string): boolean {
  return tryParseWheelFilename(filename) === undefined || filename.endsWith("-none-any.whl");
}

function pylockText(lock: Lock, unhashed: readonly string[], folder: string): string {
  if (unhashed.length === 0) return formatPylock(lock, { folder });
  throw new PenError("HASH_REQUIRED", `No hash is known of ${unhashed.join(", ")}`, {
    why: "A pylock.toml holds a hash of every file. Another tool installed these packages, and the index could not say more of them.",
    hint: "Export without hashes: --format requirements",
    data: { packages: [...unhashed] },
  });
}

function requirementsText(lock: Lock, unhashed: readonly string[]): string {
  const bare = lock.packages.some(({ direct }) => direct !== undefined && direct.info.kind !== "archive");
  return formatRequirements(lock, {
    // pip takes hashes for all packages or none.
    hashes: unhashed.length === 0 && !bare,
    annotations: true,
    header: undefined,
    extras: true,
    markers: false,
    indexUrls: [],
    findLinks: [],
  });
}
