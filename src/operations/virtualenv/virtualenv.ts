import { isPenError, PenError, printableLine } from "#foundation";
import { findVirtualenvPython, virtualenvSpecText, type Interpreter } from "#python";
import type { ActivatorName } from "#venv";
import { openAppData, type AppData, type AppDataOptions } from "./app-data.ts";
import type { IndexOptions } from "../context.ts";
import { createEnvironment, type CreatedEnvironment, type CreateEnvironmentOptions } from "../environments/create-environment.ts";
import { readSettings, type OperationOptions, type Settings } from "../settings.ts";
import { pointRedirect } from "../environments/venv-redirect.ts";
import { usableDestination } from "./destination.ts";
import { searchFolders, seedAttempts, wantedSeeds, type SeedAttempt, type SeedWishes } from "./seeds.ts";

export interface VirtualenvOptions extends OperationOptions, SeedWishes {
  /** Where; relative to the host's working directory. What is there already stays, unless `clear` is given. */
  readonly path: string;
  /** Which Python, in virtualenv's words; the first that anything fits. Default: the first on `PATH`. */
  readonly python?: readonly string[];
  /** Interpreters to look at before all others. */
  readonly tryFirstWith?: readonly string[];
  /** `builtin`, `venv`, or the name of the one for this implementation; all make the layout of `python -m venv`. */
  readonly creator?: string | undefined;
  /** `app-data` links the seeds from the store, `pip` copies them. */
  readonly seeder?: "app-data" | "pip";
  /** Link whole packages to the store, which then has to stay. */
  readonly symlinkAppData?: boolean;
  readonly activators?: readonly ActivatorName[];
  readonly prompt?: string | undefined;
  readonly systemSitePackages?: boolean;
  readonly copies?: boolean;
  /** Make an existing environment anew. A folder that is none is only cleared with `force`. */
  readonly clear?: boolean;
  readonly force?: boolean;
  readonly vcsIgnore?: boolean;
  /** The `.venv` file beside the environment (PEP 832): always, never, or (undefined) beside a `pyproject.toml` without a `.venv`. */
  readonly redirect?: boolean | undefined;
  readonly appData?: AppDataOptions;
  readonly linkMode?: CreateEnvironmentOptions["linkMode"];
  readonly indexes?: IndexOptions;
}

export interface VirtualenvReport extends CreatedEnvironment {
  /** The interpreter as virtualenv writes it: `CPython3.13.0.final.0-64-x86_64`. */
  readonly spec: string;
  /** The creator by its name, never `builtin`. */
  readonly creator: string;
  /** The one that `builtin` stands for. */
  readonly ownCreator: string;
  /** What was to be put in: `pip` and the version as it was asked for. */
  readonly wanted: ReadonlyArray<readonly [name: string, version: string]>;
  /** The folders with wheels that were looked at beside the index. */
  readonly searchFolders: readonly string[];
  /** The folder of application data, and whether packages are links into it. */
  readonly appData: { readonly folder: string; readonly linked: boolean };
  /** The file `.venv` that now leads to the environment. */
  readonly redirect: string | undefined;
}

/**
 * Makes an environment as virtualenv does: laid over what is there, seeded with pip (and setuptools before Python 3.12). Errors: `USAGE` for a destination
 * that cannot be used, and those of `createEnvironment`; nothing is left behind when it fails.
 */
export async function makeVirtualenv(options: VirtualenvOptions): Promise<VirtualenvReport> {
  const settings = readSettings(options);
  const path = usableDestination(options.path, options.clear === true, settings.host);
  const appData = await openAppData(settings, options.appData ?? {});
  try {
    return await make({ ...settings, cacheFolder: appData.cacheFolder }, { ...options, path }, appData);
  } finally {
    appData.close();
  }
}

async function make(settings: Settings, options: VirtualenvOptions, appData: AppData): Promise<VirtualenvReport> {
  const interpreter = await findPython(settings, options);
  const creator = chosenCreator(options.creator ?? "builtin", interpreter);
  const indexes = options.indexes ?? {};
  const linked = options.symlinkAppData === true && !appData.isTemporary && options.seeder !== "pip";
  const attempts = seedAttempts(options, { interpreter, indexes, cwd: settings.host.cwd });
  const created = await createByFirst(attempts, {
    ...givenSettings(settings),
    path: options.path,
    // The interpreter itself, which was looked up in virtualenv's words: it is asked no second time.
    python: interpreter.executable,
    systemSitePackages: options.systemSitePackages ?? false,
    prompt: options.prompt,
    copies: options.copies ?? false,
    clear: options.clear ?? false,
    allowExisting: options.clear !== true,
    force: options.force ?? false,
    vcsIgnore: options.vcsIgnore ?? true,
    asVirtualenv: true,
    ...(options.activators === undefined ? {} : { activators: options.activators }),
    linkMode: linked ? "symlink" : options.seeder === "pip" || appData.isTemporary ? "copy" : (options.linkMode ?? "auto"),
  });
  return {
    ...created,
    spec: virtualenvSpecText(interpreter),
    creator,
    ownCreator: ownCreators[interpreter.implementation],
    wanted: wantedSeeds(options, interpreter),
    searchFolders: searchFolders(options, settings.host.cwd),
    appData: { folder: appData.shown, linked },
    redirect: pointRedirect(created.environment.root, options.redirect, settings),
  };
}

const givenSettings = ({ host, cacheFolder, emit, signal }: Settings): OperationOptions => ({
  host,
  cacheFolder,
  onEvent: emit,
  ...(signal === undefined ? {} : { signal }),
});

function findPython({ host, cacheFolder, emit, signal }: Settings, options: VirtualenvOptions): Promise<Interpreter> {
  const debug = (message: string): void => emit({ type: "log", level: "debug", code: "discovery", message });
  return findVirtualenvPython({
    host,
    cacheFolder,
    signal,
    specs: options.python ?? [],
    tryFirst: options.tryFirstWith ?? [],
    onSkipped: (path, error) => debug(`passed over ${printableLine(path)}: ${error.message}`),
  });
}

const ownCreators: Readonly<Record<Interpreter["implementation"], string>> = {
  cpython: "cpython3-posix",
  pypy: "pypy3-posix",
  graalpy: "graalpy-posix",
  other: "cpython3-posix",
};

/** The names that virtualenv has for ways to create an environment from this interpreter. Errors: `USAGE` for any other. */
function chosenCreator(name: string, interpreter: Interpreter): string {
  const own = ownCreators[interpreter.implementation];
  if (name === "builtin" || name === own) return own;
  if (name === "venv") return name;
  throw new PenError("USAGE", `creator ${printableLine(name)} is not available for ${virtualenvSpecText(interpreter)}`, {
    hint: `It takes one of: builtin, ${own}, venv.`,
  });
}

/** Seeds are found before anything is made, so that a failed attempt leaves nothing behind. */
async function createByFirst(attempts: readonly SeedAttempt[], options: CreateEnvironmentOptions): Promise<CreatedEnvironment> {
  for (const attempt of attempts) {
    try {
      return await createEnvironment({ ...options, ...attempt });
    } catch (error) {
      if (isPenError(error, "PACKAGE_NOT_FOUND") && attempt !== attempts.at(-1)) continue;
      throw inVirtualenvsWords(error, options.clear === true);
    }
  }
  throw new PenError("INTERNAL", "There was no way to come by the seeds");
}

/** Hints that name options of `pen venv` get the words that lead on here. */
function inVirtualenvsWords(error: unknown, clear: boolean): unknown {
  if (isPenError(error, "ENV_EXISTS") && clear && error.hint?.includes("--allow-existing") === true) {
    return rephrased(
      error,
      "Choose another folder; leave --clear out to lay the environment over what is there; or add --force to delete all of it.",
    );
  }
  if (isPenError(error, "PACKAGE_NOT_FOUND") && error.hint?.includes("--no-seed") === true)
    return rephrased(error, "Make the environment without it: --no-seed");
  return error;
}

function rephrased(error: PenError, hint: string): PenError {
  return new PenError(error.code, error.message, {
    ...(error.why === undefined ? {} : { why: error.why }),
    hint,
    data: error.data,
    cause: error.cause,
  });
}
