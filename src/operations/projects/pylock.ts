import { PenError, printableLine, readText, removeTree, basename, dirname, join, relative, resolve } from "#foundation";
import type { IndexClient, IndexFile } from "#index";
import {
  categoriesOfPylock,
  formatPylock,
  joinParts,
  lockOfCategories,
  newPipfileLockMeta,
  parsePylock,
  pipfileSpec,
  type Lock,
  type LockedFile,
  type LockedPackage,
  type LockPart,
  type PipfileLock,
} from "#lock";
import { isStrongHash, normalizeName, parseMarker, tryParseVersion, versionText, type MarkerEnvironment } from "#standards";
import { openContext, type Context, type OperationOptions } from "../context.ts";
import { openIndexes } from "../indexes.ts";
import { localPath } from "./locked-paths.ts";
import { lockedRequirements } from "./locked-requirements.ts";
import { projectIndexes, type FetchOptions } from "./project-sources.ts";
import { pylockPath, type Project } from "./project.ts";

export interface ExportPylockOptions extends OperationOptions {
  readonly project: Project;
  readonly lock: PipfileLock;
  /** The dependency groups that `develop` becomes; default `dev`. */
  readonly groups?: readonly string[] | undefined;
  readonly fetching?: FetchOptions;
  /** Where the text will lie; default beside the Pipfile; `pylock_name` makes it `pylock.NAME.toml`. */
  readonly path?: string | undefined;
}

export interface PylockFile {
  readonly path: string;
  readonly text: string;
}

/** Where a project's pylock.toml is written: `pylock_name` makes it `pylock.NAME.toml`. */
export function pylockTarget({ root, pipfile }: Project): string {
  const { pylockName } = pipfile.settings;
  return join(root, pylockName === undefined ? "pylock.toml" : `pylock.${pylockName}.toml`);
}

/**
 * A Pipfile.lock as pylock.toml (PEP 751). The index tells which files the hashes belong to. Other categories than the two of every Pipfile are
 * groups of their own name. Errors: those of the index, `INVALID_LOCK` when no file on it has a hash of the lock.
 */
export async function exportPylock(options: ExportPylockOptions): Promise<PylockFile> {
  const context = openContext(options);
  const { project, lock } = options;
  const path = resolve(context.host.cwd, options.path ?? pylockTarget(project));
  const groups = (options.groups ?? ["dev"]).map((group) => normalizeName(group));
  const { routes } = lockedRequirements(project, lock, { categories: [...lock.categories.keys()], host: context.host });
  const client = openIndexes(context, projectIndexes(project, context.host, { routes, fetching: options.fetching ?? {} }));
  const parts: LockPart[] = [];
  const all = new Set(groups);
  for (const category of ["default", ...[...lock.categories.keys()].filter((name) => name !== "default")]) {
    const names = category === "develop" ? groups : category === "default" ? [] : [normalizeName(category)];
    for (const name of names) all.add(name);
    const packages = lockOfCategories(lock, [category], project.root).packages;
    parts.push({
      condition: names.length === 0 ? undefined : parseMarker(names.map((name) => `'${name}' in dependency_groups`).join(" or ")),
      packages: await Promise.all(packages.map((one) => withFiles(context, client, one))),
    });
  }
  const { specifiers } = project.pipfile.requires;
  const document: Lock = {
    requiresPython: specifiers.specifiers.length === 0 ? undefined : specifiers,
    environments: [],
    dependencyGroups: [...all].sort(),
    packages: joinParts(parts),
  };
  return { path, text: formatPylock(document, { folder: dirname(path) }) };
}

/** The package with the files that its hashes belong to, as its index has them. */
async function withFiles(context: Context, client: IndexClient, one: LockedPackage): Promise<LockedPackage> {
  const index = one.index === undefined ? {} : { index: one.index.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, "$1") };
  if (one.direct?.info.kind === "archive") return withArchiveHash(context, client, one);
  if (one.direct !== undefined || one.version === undefined) return one;
  const wanted = new Set(one.files.flatMap(({ hashes }) => Object.entries(hashes).map(([algorithm, digest]) => `${algorithm}:${digest}`)));
  const listing = await client.listing(one.name);
  const version = tryParseVersion(one.version);
  const listed = listing?.versions.find(({ text }) => version !== undefined && text === versionText(version))?.files() ?? [];
  const found = listed.filter(({ hashes }) => Object.entries(hashes).some(([algorithm, digest]) => wanted.has(`${algorithm}:${digest}`)));
  if (found.length === 0) {
    throw new PenError("INVALID_LOCK", `No file of ${one.name} ${one.version} has a hash of the lock`, {
      why: "A pylock.toml names every file, and the index has none of those that are locked.",
      hint: "Lock again with: pen lock",
      data: { package: one.name },
    });
  }
  return { ...one, ...index, index: one.index === undefined ? found[0]?.index : index.index, files: withOneSdist(found).map(lockedFile) };
}

/** The format has a place for one source distribution of each package. */
function withOneSdist(files: readonly IndexFile[]): readonly IndexFile[] {
  const sdists = files.filter(({ kind }) => kind === "sdist");
  const kept = sdists.find(({ filename }) => filename.endsWith(".tar.gz")) ?? sdists[0];
  return files.filter((file) => file.kind === "wheel" || file === kept).sort((a, b) => (a.filename < b.filename ? -1 : 1));
}

function lockedFile({ filename, url, hashes, size, uploadTime }: IndexFile): LockedFile {
  return { filename, url, path: undefined, hashes, size, uploadTime };
}

/** A Pipfile.lock has no hash for an archive of the network: it is fetched to know it. */
async function withArchiveHash(context: Context, client: IndexClient, one: LockedPackage): Promise<LockedPackage> {
  const { direct } = one;
  if (direct?.info.kind !== "archive" || Object.keys(direct.info.hashes).some(isStrongHash)) return { ...one, files: [] };
  const folder = context.store.workFolder();
  try {
    const { sha256 } = await client.download({ url: direct.url, filename: basename(new URL(direct.url).pathname), hashes: {} }, folder);
    return { ...one, files: [], direct: { ...direct, info: { kind: "archive", hashes: { sha256 } } } };
  } finally {
    removeTree(folder);
  }
}

/**
 * The `pylock.toml` of a project as if it were its Pipfile.lock; undefined when there is none. Groups become categories: `dev`, and those that
 * are no category of the Pipfile, become `develop`. Errors: `INVALID_LOCK`, `FILE_SYSTEM`.
 */
export function readPylock(project: Project, environment: MarkerEnvironment): PipfileLock | undefined {
  const path = pylockPath(project);
  if (path === undefined) return undefined;
  const lock = parsePylock(readText(path), { file: basename(path), folder: project.root });
  const meta = newPipfileLockMeta({
    hash: { sha256: "" },
    "pipfile-spec": pipfileSpec,
    requires: project.pipfile.requires.raw,
    sources: project.sources.map(({ name, url, verifySsl }) => ({ name, url, verify_ssl: verifySsl })),
  });
  return categoriesOfPylock(lock, {
    environment,
    meta,
    categoryOf: (group) => [...project.pipfile.categories.keys()].find((name) => name === group) ?? "develop",
    pathOf: (url) => {
      const found = /^file:/i.test(url) ? localPath(url, project.root) : undefined;
      return found === undefined ? undefined : `./${relative(project.root, found).replaceAll("\\", "/")}`;
    },
  });
}

/** What stands in a pylock.toml, read and checked. Errors: `INVALID_LOCK`, `FILE_SYSTEM`. */
export function validatePylock(path: string): Lock {
  return parsePylock(readText(path), { file: printableLine(basename(path)), folder: dirname(path) });
}
