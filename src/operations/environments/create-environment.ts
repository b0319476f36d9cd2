import { isFolder, listFolder, removeTree, statusOf, resolve } from "#foundation";
import { findInterpreter, pathRequest, type Interpreter, type PythonPreference } from "#python";
import { makeFresh, type ActivatorName, type CreateEnvironmentOptions as BuildOptions, type Environment } from "#venv";
import type { IndexOptions } from "../context.ts";
import type * as ExistingPlace from "./existing-place.ts";
import { rememberEnvironment } from "./environment-entry.ts";
import { readSettings, type OperationOptions, type Settings } from "../settings.ts";

export interface CreateEnvironmentOptions extends OperationOptions {
  /** Where; relative to the host's working directory. Default `.venv`. */
  readonly path?: string;
  /** Which Python: `3.12`, `>=3.10`, `pypy`, a path, … Default: the first on `PATH`. */
  readonly python?: string | undefined;
  /** Packages to put in: pip by default, none with an empty list. */
  readonly seed?: readonly string[];
  readonly systemSitePackages?: boolean;
  readonly prompt?: string | undefined;
  readonly copies?: boolean;
  /** Make an existing environment anew. */
  readonly clear?: boolean;
  /** Lay the environment over what is there. */
  readonly allowExisting?: boolean;
  /** Let `clear` delete a folder that is no environment. */
  readonly force?: boolean;
  readonly vcsIgnore?: boolean;
  /** Which activation scripts to write, by virtualenv's names; default all. */
  readonly activators?: readonly ActivatorName[];
  /** Write the keys of `pyvenv.cfg` that virtualenv writes. */
  readonly asVirtualenv?: boolean;
  /** Environments (paths, names, or the Python in one) whose packages can be imported too, after its own, in this order. */
  readonly inherit?: readonly string[];
  /** Write `relocatable = true`: every environment of pen can be moved, and then says so to other tools. */
  readonly relocatable?: boolean;
  /** Whether Pythons that uv or pen manage are taken: first, last, only or never. Default: as they come. */
  readonly pythonPreference?: PythonPreference | undefined;
  /** How old, in milliseconds, a remembered choice of seeds may be; default a week. 0: ask the index anew. Infinity: never again. */
  readonly seedAge?: number;
  readonly linkMode?: "auto" | "clone" | "hardlink" | "copy" | "symlink";
  readonly indexes?: IndexOptions;
}

export interface CreatedEnvironment {
  readonly environment: Environment;
  readonly interpreter: Interpreter;
  /** What was put in, with versions. */
  readonly seeded: ReadonlyArray<{ readonly name: string; readonly version: string }>;
}

/**
 * Makes a virtual environment (PEP 405), with pip linked from the store. One that an earlier call with the same options was killed over, between the environment
 * and its packages, gets them. Errors: `PYTHON_NOT_FOUND`, `ENV_EXISTS`, `FILE_SYSTEM`, and for `inherit` also `ENV_NOT_FOUND`, `ENV_BROKEN` and
 * `TARGET_UNSUPPORTED`; nothing is left behind when it fails.
 */
export async function createEnvironment(options: CreateEnvironmentOptions = {}): Promise<CreatedEnvironment> {
  const settings = readSettings(options);
  const { host } = settings;
  // An empty path is none, and not the working directory.
  const root = options.path === "" ? "" : resolve(host.cwd, options.path ?? ".venv");
  const [interpreter, inherits] = await chooseInterpreter(options, settings, root);
  const names = options.seed ?? ["pip"];
  const how = buildOptions(options, { host, root, interpreter, inherits, seeded: names.length > 0 });
  const before = stateOf(root);
  // A place that is taken is refused before anything is fetched.
  const unseeded = before === "taken" ? await (await existingPlace()).findUnseeded(how, settings) : undefined;
  const seeding = names.length === 0 ? undefined : await prepareSeeds(options, { interpreter, names });
  try {
    const environment = unseeded ?? (before === "nothing" ? makeFresh(how) : undefined) ?? (await existingPlace()).createEnvironment(how);
    const seeded =
      (await seeding?.install(environment, { isNew: before !== "taken" }).catch((error: unknown) => {
        takeAway(root, before);
        throw error;
      })) ?? [];
    rememberEnvironment(environment.root, settings);
    return { environment, interpreter, seeded };
  } finally {
    seeding?.release();
  }
}

/** The Python to use: the one asked for, else that of the first inherited environment, else the first on `PATH`; with the inherited environments. */
async function chooseInterpreter(
  options: CreateEnvironmentOptions,
  settings: Settings,
  root: string,
): Promise<[Interpreter, readonly string[] | undefined]> {
  const { host, cacheFolder, signal } = settings;
  const find = async (): Promise<Interpreter> => {
    const text = options.python ?? (options.allowExisting === true ? (await existingPlace()).requestAt(root) : undefined);
    const request =
      text === undefined ? undefined : (pathRequest(text, host) ?? (await import("./python-words.ts")).parseRequest(text, host));
    const preference = options.pythonPreference === undefined ? {} : { preference: options.pythonPreference };
    return findInterpreter(request, { host, cacheFolder, signal, ...preference });
  };
  if (options.inherit === undefined || options.inherit.length === 0) {
    const interpreter = await find();
    if (options.allowExisting === true) await (await existingPlace()).checkKept(root, interpreter, settings);
    return [interpreter, undefined];
  }
  const { openInherited, checkInherited } = await import("./inheritance.ts");
  const parents = await openInherited(options.inherit, settings);
  const interpreter = options.python === undefined ? (parents[0]?.interpreter ?? (await find())) : await find();
  checkInherited(parents, { root, interpreter });
  return [interpreter, parents.map((parent) => parent.root)];
}

/** What stands where the environment shall be. */
type Before = "nothing" | "empty" | "taken";

function stateOf(root: string): Before {
  if (statusOf(root) === undefined) return "nothing";
  return isFolder(root) && listFolder(root).length === 0 ? "empty" : "taken";
}

/** Takes away what was made where nothing was. */
function takeAway(root: string, before: Before): void {
  if (before === "nothing") removeTree(root);
  if (before === "empty") for (const { name } of listFolder(root)) removeTree(`${root}/${name}`);
}

/** What is needed where something stands at the place. */
const existingPlace = (): Promise<typeof ExistingPlace> => import("./existing-place.ts");

type Fixed = "host" | "root" | "interpreter" | "inherits" | "seeded";

function buildOptions(options: CreateEnvironmentOptions, fixed: Pick<BuildOptions, Fixed>): BuildOptions {
  return {
    ...fixed,
    systemSitePackages: options.systemSitePackages,
    prompt: options.prompt,
    copies: options.copies,
    clear: options.clear,
    allowExisting: options.allowExisting,
    force: options.force,
    vcsIgnore: options.vcsIgnore,
    activators: options.activators,
    asVirtualenv: options.asVirtualenv,
    relocatable: options.relocatable,
  };
}

interface SeedingHow {
  /** Leave what is there in a newer version. */
  readonly keepNewer?: boolean;
  /** Take over files that nobody owns. */
  readonly overwrite?: boolean;
  /** Nobody relies on the environment yet. */
  readonly isNew?: boolean;
}

interface Seeding {
  install(environment: Environment, how?: SeedingHow): Promise<CreatedEnvironment["seeded"]>;
  /** Lets others prune the store again. */
  release(): void;
}

/** Chooses and fetches the seeds before anything is made; the answer puts them in. Loaded only when there are seeds. */
export async function prepareSeeds(
  options: Pick<CreateEnvironmentOptions, keyof OperationOptions | "indexes" | "seedAge" | "linkMode">,
  what: { readonly interpreter: Interpreter; readonly names: readonly string[] },
): Promise<Seeding> {
  const [{ openContext }, { installSeeds, findSeeds }, { holdStore }] = await Promise.all([
    import("../context.ts"),
    import("./seed.ts"),
    import("../store-holding.ts"),
  ]);
  const context = openContext(options);
  const held = await holdStore(context);
  const release = (): void => held?.release();
  try {
    const wheels = await findSeeds(context, { ...what, indexes: options.indexes ?? {}, age: options.seedAge });
    const linkMode = options.linkMode ?? "auto";
    return { install: (environment, how) => installSeeds(context, { environment, wheels, linkMode, ...how }), release };
  } catch (error) {
    release();
    throw error;
  }
}
