import { readStaticMetadata } from "#builds";
import {
  isFolder,
  listFolder,
  pathExists,
  PenError,
  printableLine,
  readText,
  readTextIfAny,
  removeFile,
  writeAtomic,
  basename,
  join,
  resolve,
} from "#foundation";
import { defaultIndexUrl } from "#index";
import {
  lockedVersions,
  migratedPipfile,
  migratePyproject,
  migrateRequirements,
  parsePipfile,
  pipfileToPyproject,
  pyprojectKind,
  type MigratedProject,
  type PipfileSource,
  type RequirementsInput,
} from "#project";
import { normalizeName, tryNormalizeName, type NormalizedName } from "#standards";
import { openContext, type Context, type OperationOptions } from "../context.ts";
import type { FetchOptions } from "./project-sources.ts";

export type MigrationSource = "requirements" | "poetry" | "uv" | "pyproject" | "pipfile";

export interface MigrateOptions extends OperationOptions {
  /** The project; default the working folder. */
  readonly folder?: string | undefined;
  /** Default: told by the files that are there. */
  readonly from?: MigrationSource | undefined;
  /** Requirements files of `[packages]`, instead of those with the usual names. */
  readonly requirementFiles?: readonly string[];
  /** Requirements files of `[dev-packages]`. */
  readonly devFiles?: readonly string[];
  /** Replace what is there. */
  readonly force?: boolean;
  readonly dryRun?: boolean;
  /** Lock the new Pipfile too, with the versions that the lock of the other tool chose where they fit. */
  readonly lock?: boolean;
  /** The Python to lock for; default the environment's, else the newest. */
  readonly python?: string | undefined;
  /** How the sources are reached. */
  readonly fetching?: FetchOptions;
}

export interface MigrateReport {
  readonly from: MigrationSource;
  /** The files that were read, absolute. */
  readonly read: readonly string[];
  /** The file that was written, or with `dryRun` would be. */
  readonly path: string;
  readonly written: boolean;
  readonly text: string;
  /** What has no place in the new file, and what to do about it. */
  readonly notes: readonly string[];
  /** What the lock of the other tool chose: versions to lock again. */
  readonly pins: ReadonlyMap<NormalizedName, string>;
}

/**
 * `pen migrate`: a Pipfile from requirements files, from poetry's or uv's project; from a Pipfile a pyproject.toml. The files that were read stay.
 * Errors: INVALID_PROJECT when there is nothing to migrate or something would be overwritten; those of reading.
 */
export async function migrateProject(options: MigrateOptions = {}): Promise<MigrateReport> {
  const context = openContext(options);
  const folder = resolve(context.host.cwd, options.folder ?? ".");
  const from = options.from ?? detected(folder, options);
  const made = from === "pipfile" ? toPyproject(folder, options) : toPipfile(folder, from, { context, options });
  const { path, text, force } = made;
  if (from !== "pipfile" && pathExists(path) && !force && readText(path) !== text)
    throw new PenError("INVALID_PROJECT", `${printableLine(basename(path))} exists already`, {
      why: "pen overwrites nothing that it was not told to.",
      hint: "Look at what would be written (--dry-run), then replace it with --force.",
      data: { path },
    });
  if (options.dryRun !== true) await write(context, made, options);
  return { from, read: made.read, path, written: options.dryRun !== true, text, notes: made.notes, pins: made.pins };
}

interface Made {
  readonly path: string;
  readonly text: string;
  readonly read: readonly string[];
  readonly notes: readonly string[];
  readonly pins: ReadonlyMap<NormalizedName, string>;
  readonly force: boolean;
}

/** Writes the file; where locking it fails, it is as it was. */
async function write(context: Context, { path, text, pins }: Made, options: MigrateOptions): Promise<void> {
  const before = readTextIfAny(path);
  writeAtomic(path, text);
  if (options.lock !== true || basename(path) !== "Pipfile") return;
  try {
    const { lockMigrated } = await import("./migrate-lock.ts");
    await lockMigrated(context, { path, pins, python: options.python, fetching: options.fetching ?? {} });
  } catch (error) {
    if (before === undefined) removeFile(path);
    else writeAtomic(path, before);
    throw error;
  }
}

/** Another tool's project wins over a Pipfile only where there is none. */
function detected(folder: string, options: MigrateOptions): MigrationSource {
  if ((options.requirementFiles ?? []).length + (options.devFiles ?? []).length > 0) return "requirements";
  if (pathExists(join(folder, "Pipfile")) && options.force !== true) return "pipfile";
  const pyproject = readTextIfAny(join(folder, "pyproject.toml"));
  const kind = pyproject === undefined ? undefined : pyprojectKind(pyproject, "pyproject.toml");
  if (kind === "poetry") return "poetry";
  if (kind === "standard")
    return pathExists(join(folder, "poetry.lock")) ? "poetry" : pathExists(join(folder, "uv.lock")) ? "uv" : "pyproject";
  if (usualFiles(folder).length > 0) return "requirements";
  if (pathExists(join(folder, "Pipfile"))) return "pipfile";
  throw new PenError("INVALID_PROJECT", `There is nothing to migrate in ${printableLine(folder)}`, {
    why: "It has no requirements.txt, no pyproject.toml with dependencies, and no Pipfile.",
    hint: "Name the files: pen migrate -r base.txt --dev test.txt",
  });
}

function toPipfile(folder: string, from: MigrationSource, { context, options }: { context: Context; options: MigrateOptions }): Made {
  const path = join(folder, "Pipfile");
  const read: string[] = [];
  const project = from === "requirements" ? fromRequirements(folder, read, { context, options }) : fromPyproject(folder, read);
  const pins = new Map<NormalizedName, string>();
  for (const name of from === "requirements" ? [] : ["poetry.lock", "uv.lock"]) {
    const text = readTextIfAny(join(folder, name));
    if (text === undefined) continue;
    read.push(join(folder, name));
    for (const [key, version] of lockedVersions(text, name)) pins.set(key, version);
  }
  return { path, text: migratedPipfile(project, defaultSource), read, notes: project.notes, pins, force: options.force === true };
}

const defaultSource: PipfileSource = { name: "pypi", url: defaultIndexUrl, verifySsl: true };

function fromPyproject(folder: string, read: string[]): MigratedProject {
  const path = join(folder, "pyproject.toml");
  read.push(path);
  return migratePyproject(readText(path), "pyproject.toml");
}

function fromRequirements(
  folder: string,
  read: string[],
  { context, options }: { context: Context; options: MigrateOptions },
): MigratedProject {
  const { cwd } = context.host;
  const named: RequirementsInput[] = [
    ...(options.requirementFiles ?? []).map((file) => ({ path: resolve(cwd, file), category: "packages" })),
    ...(options.devFiles ?? []).map((file) => ({ path: resolve(cwd, file), category: "dev-packages" })),
  ];
  return migrateRequirements(named.length > 0 ? named : usualFiles(folder), {
    folder,
    read: (path) => {
      const text = readTextIfAny(path);
      if (text !== undefined && !read.includes(path)) read.push(path);
      return text;
    },
    nameOf: projectName,
    isDefaultIndex,
  });
}

/**
 * `requirements.txt`, `requirements-dev.txt`, `dev-requirements.txt`, `requirements/dev.txt` and the like; where there is a `.in` file, what it says
 * is what a person wrote, and the `.txt` file was made of it.
 */
function usualFiles(folder: string): RequirementsInput[] {
  const here = listFolder(folder).map(({ name }) => name);
  const nested = isFolder(join(folder, "requirements"))
    ? listFolder(join(folder, "requirements")).map(({ name }) => `requirements/${name}`)
    : [];
  const found = [...here, ...nested].flatMap((file): Array<{ file: string; category: string }> => {
    const word = /^(?:requirements(?:[-_.](.+))?|(.+)[-_.]requirements|requirements\/(.+))\.(?:txt|in)$/i.exec(file);
    return word === null ? [] : [{ file, category: categoryOf(word[1] ?? word[2] ?? word[3] ?? "") }];
  });
  const sources = found.filter(
    ({ file }) => !(file.endsWith(".txt") && found.some((other) => other.file === file.replace(/\.txt$/, ".in"))),
  );
  const isPackages = ({ category }: { category: string }): number => (category === "packages" ? 0 : 1);
  return sources
    .filter(({ category }) => category !== "constraints")
    .sort((a, b) => isPackages(a) - isPackages(b))
    .map(({ file, category }) => ({ path: join(folder, file), category }));
}

function categoryOf(word: string): string {
  const plain = word.toLowerCase();
  if (plain === "" || ["base", "main", "common", "prod", "production", "requirements"].includes(plain)) return "packages";
  return ["dev", "develop", "development", "local"].includes(plain) ? "dev-packages" : plain.replace(/[^\w-]+/g, "-");
}

/** The name that the files of a project say, as far as nothing needs to be run for it. */
function projectName(folder: string): string | undefined {
  if (!isFolder(folder)) return undefined;
  const stated = readStaticMetadata(folder, basename(folder))?.name;
  if (stated !== undefined) return stated;
  for (const file of ["pyproject.toml", "setup.cfg", "setup.py"]) {
    const name = /^[\s(]*name\s*=\s*["']?([A-Za-z0-9][\w.-]*)["']?/m.exec(readTextIfAny(join(folder, file)) ?? "")?.[1];
    if (name !== undefined && tryNormalizeName(name) !== undefined) return normalizeName(name);
  }
  return undefined;
}

function toPyproject(folder: string, options: MigrateOptions): Made {
  const pipfilePath = join(folder, "Pipfile");
  const path = join(folder, "pyproject.toml");
  const pipfile = parsePipfile(readText(pipfilePath), "Pipfile");
  const name = basename(folder);
  const { text, notes } = pipfileToPyproject(pipfile, {
    name: tryNormalizeName(name) === undefined ? "project" : name,
    present: readTextIfAny(path),
    force: options.force === true,
    isDefaultSource: ({ url }) => isDefaultIndex(url),
  });
  return { path, text, read: [pipfilePath], notes, pins: new Map(), force: true };
}

const isDefaultIndex = (url: string): boolean => URL.canParse(url) && new URL(url).hostname === new URL(defaultIndexUrl).hostname;
