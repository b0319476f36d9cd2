import { resolve } from "node:path";
import { removeTree, statusOf } from "#foundation";
import { findInterpreter, parseRequest, type Interpreter } from "#python";
import { createEnvironment as build, isEnvironment, type Environment } from "#venv";
import type { IndexOptions } from "./context.ts";
import { readSettings, type OperationOptions } from "./settings.ts";

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
 * Makes a virtual environment (PEP 405), with pip linked from the store. Errors: `PYTHON_NOT_FOUND`, `ENV_EXISTS`,
 * `FILE_SYSTEM`; nothing is left behind when it fails.
 */
export async function createEnvironment(options: CreateEnvironmentOptions = {}): Promise<CreatedEnvironment> {
  const { host, cacheFolder, signal } = readSettings(options);
  const request = options.python === undefined ? undefined : parseRequest(options.python, host);
  const interpreter = await findInterpreter(request, { host, cacheFolder, signal });
  const names = options.seed ?? ["pip"];
  const root = resolve(host.cwd, options.path ?? ".venv");
  const isNew = statusOf(root) === undefined;
  const make = (): Environment => build(buildOptions(options, { host, root, interpreter }));
  // A place that is taken is refused before anything is fetched.
  const mayReplace = options.allowExisting === true || (options.clear === true && (options.force === true || isEnvironment(root)));
  const early = isNew || mayReplace ? undefined : make();
  const seeding = names.length === 0 ? undefined : await prepareSeeds(options, { interpreter, names });
  try {
    const environment = early ?? make();
    const seeded =
      (await seeding?.install(environment).catch((error: unknown) => {
        if (isNew) removeTree(root);
        throw error;
      })) ?? [];
    return { environment, interpreter, seeded };
  } finally {
    seeding?.release();
  }
}

type BuildOptions = Parameters<typeof build>[0];

function buildOptions(options: CreateEnvironmentOptions, fixed: Pick<BuildOptions, "host" | "root" | "interpreter">): BuildOptions {
  return {
    ...fixed,
    ...(options.systemSitePackages === undefined ? {} : { systemSitePackages: options.systemSitePackages }),
    ...(options.prompt === undefined ? {} : { prompt: options.prompt }),
    ...(options.copies === undefined ? {} : { copies: options.copies }),
    ...(options.clear === undefined ? {} : { clear: options.clear }),
    ...(options.allowExisting === undefined ? {} : { allowExisting: options.allowExisting }),
    ...(options.force === undefined ? {} : { force: options.force }),
    ...(options.vcsIgnore === undefined ? {} : { vcsIgnore: options.vcsIgnore }),
  };
}

interface Seeding {
  install(environment: Environment): Promise<CreatedEnvironment["seeded"]>;
  /** Lets others prune the store again. */
  release(): void;
}

/** Chooses and fetches the seeds before anything is made; the answer puts them in. Loaded only when there are seeds. */
async function prepareSeeds(
  options: CreateEnvironmentOptions,
  what: { readonly interpreter: Interpreter; readonly names: readonly string[] },
): Promise<Seeding> {
  const [{ openContext }, { installSeeds, findSeeds }, { holdStore }] = await Promise.all([
    import("./context.ts"),
    import("./seed.ts"),
    import("./environment.ts"),
  ]);
  const context = openContext(options);
  const held = await holdStore(context);
  const release = (): void => held?.release();
  try {
    const wheels = await findSeeds(context, { ...what, indexes: options.indexes ?? {} });
    return { install: (environment) => installSeeds(context, { environment, wheels, linkMode: options.linkMode ?? "auto" }), release };
  } catch (error) {
    release();
    throw error;
  }
}
