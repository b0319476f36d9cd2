import { pathExists, PenError, printableLine, readText, readTextIfAny, basename, dirname, join } from "#foundation";
import { defaultIndexUrl } from "#index";
import { parsePipfileLock, type PipfileLock } from "#lock";
import { locatePipfile, parsePipfile, pipfileHashes, type Pipfile, type PipfileSource } from "#project";
import { readSettings, type OperationOptions } from "../settings.ts";
import { strayPath } from "./locked-paths.ts";

export interface OpenProjectOptions extends OperationOptions {
  /** The Pipfile; default the one that the working folder belongs to. */
  readonly pipfile?: string | undefined;
  /** The sources of a Pipfile that names none; default the public index. They come from pip's configuration. */
  readonly defaultSources?: readonly PipfileSource[] | undefined;
  /** False: the categories stay empty and unchecked, for commands that only run something: it saves them five milliseconds. */
  readonly entries?: boolean;
}

/** A project with a Pipfile. */
export interface Project {
  /** Absolute path of the folder that the Pipfile lies in. */
  readonly root: string;
  readonly pipfile: Pipfile;
  readonly lockPath: string;
  /** The sources that count: those of the Pipfile, else the default ones. URLs as written. */
  readonly sources: readonly PipfileSource[];
  readonly defaultSources: readonly PipfileSource[];
  /** The lock as it lies on disk; undefined when there is none. Errors: `INVALID_LOCK`, `FILE_SYSTEM`. */
  readLock(): PipfileLock | undefined;
}

/** The category of a lock for a category of a Pipfile, and the other way round. Every other category has one name in both. */
export const lockCategory = (category: string): string => categoryNames.find(([written]) => written === category)?.[1] ?? category;
export const pipfileCategory = (category: string): string => categoryNames.find(([, locked]) => locked === category)?.[0] ?? category;

const categoryNames = [
  ["packages", "default"],
  ["dev-packages", "develop"],
] as const;

/**
 * The project that the working folder belongs to. Errors: `INVALID_PROJECT` when there is no Pipfile, or one that cannot be read, and
 * `INVALID_CONFIG` as `locatePipfile`.
 */
export function openProject(options: OpenProjectOptions = {}): Project {
  const { host } = readSettings(options);
  const path = options.pipfile ?? locatePipfile(host);
  if (path === undefined) {
    throw new PenError("INVALID_PROJECT", "There is no Pipfile here", {
      why: `Neither ${printableLine(host.cwd)} nor a folder above it has one.`,
      hint: "Begin a project with: pen init",
    });
  }
  const pipfile = parsePipfile(readText(path), path, { entries: options.entries ?? true });
  return projectOf(pipfile, options.defaultSources ?? [{ name: "pypi", url: defaultIndexUrl, verifySsl: true }]);
}

/** The same project as if its Pipfile had this text: for what is to be written only when all goes well. Errors: as `parsePipfile`. */
export function withPipfile(project: Project, text: string): Project {
  return projectOf(parsePipfile(text, project.pipfile.path), project.defaultSources);
}

function projectOf(pipfile: Pipfile, defaultSources: readonly PipfileSource[]): Project {
  const root = dirname(pipfile.path);
  const lockPath = `${pipfile.path}.lock`;
  const project: Project = {
    root,
    pipfile,
    lockPath,
    sources: pipfile.sources.length > 0 ? pipfile.sources : defaultSources,
    defaultSources,
    readLock: () => {
      const text = readTextIfAny(lockPath);
      if (text === undefined) return undefined;
      const lock = parsePipfileLock(text, basename(lockPath));
      const stray = strayPath(lock, pipfile);
      // A lock of another Pipfile may name a folder that this one has let go: it is made anew, and nothing is installed from it as it is.
      if (stray !== undefined && isFresh(project, lock)) throw stray;
      return lock;
    },
  };
  return project;
}

/** Whether the lock is there, and made for the Pipfile as it is. Errors: `INVALID_LOCK`, `FILE_SYSTEM`. */
export function lockStatus(project: Project): "missing" | "stale" | "fresh" {
  const lock = project.readLock();
  if (lock === undefined) return "missing";
  return isFresh(project, lock) ? "fresh" : "stale";
}

/** True for a lock that carries the hash of the Pipfile. */
export function isFresh(project: Project, lock: PipfileLock): boolean {
  const { hash } = lock.meta;
  return hash !== undefined && pipfileHashes(project.pipfile, ...project.defaultSources).accepted.has(hash);
}

/** The `pylock.toml` beside the Pipfile, else a `pylock.NAME.toml`; undefined when there is none. */
export function pylockPath(project: Project): string | undefined {
  const { pylockName } = project.pipfile.settings;
  const named = pylockName === undefined ? [] : [`pylock.${pylockName}.toml`];
  return [...named, "pylock.toml"].map((name) => join(project.root, name)).find(pathExists);
}
