import {
  isFolder,
  isPenError,
  listFolder,
  PenError,
  printableLine,
  readText,
  realPath,
  statusOf,
  warn,
  type Host,
  basename,
  join,
  relative,
} from "#foundation";
import { changeGuarded, lockEnvironment, readInstalled, recover } from "#installer";
import { findInterpreter, parseRequest, type Interpreter, type PythonPreference } from "#python";
import {
  applyMendings,
  editedConfig,
  environmentPaths,
  executableAliases,
  findMendings,
  holdsInstallation,
  mendedPaths,
  openEnvironment,
  readPyvenvConfig,
  type Environment,
  type Mending,
  type PyvenvConfig,
} from "#venv";
import type { IndexOptions } from "../context.ts";
import { prepareSeeds, type CreatedEnvironment } from "./create-environment.ts";
import { environmentFolder } from "./environment-names.ts";
import { requestOf } from "./environment-request.ts";
import { checkKept } from "./inheritance.ts";
import { readSettings, type OperationOptions, type Settings } from "../settings.ts";
import { shellWord } from "../shells/shell-word.ts";

export interface UpgradeEnvironmentOptions extends OperationOptions {
  /** The folder or the name of an environment; default `.venv`. */
  readonly path?: string;
  /** Which Python; default: the one that its version means now, or the one that it leads to where that works and is as new. */
  readonly python?: string | undefined;
  readonly pythonPreference?: PythonPreference | undefined;
  /** Default: as it is. */
  readonly systemSitePackages?: boolean;
  readonly prompt?: string | undefined;
  /** Default: as it is. */
  readonly copies?: boolean;
  readonly relocatable?: boolean;
  /** Move pip, setuptools and wheel, as far as they are there, to their newest versions. */
  readonly upgradeSeeds?: boolean;
  /** What to put in where the version of Python changes: pip by default. */
  readonly seed?: readonly string[];
  readonly linkMode?: "auto" | "clone" | "hardlink" | "copy" | "symlink";
  readonly indexes?: IndexOptions;
}

export interface UpgradedEnvironment extends CreatedEnvironment {
  /** What was replaced, made or removed, relative to the environment. */
  readonly changed: readonly string[];
  /** The folder of packages for another version of Python that is not seen any more, with their number; null when there is none. */
  readonly unseen: { readonly folder: string; readonly count: number } | null;
}

/**
 * Leads an environment, made by any tool, to another Python, as `python -m venv --upgrade` does, and mends the names of its Python that lead
 * nowhere. Packages stay; where the version changes (3.11 to 3.12) Python cannot see them any more, which is warned of and told in the answer. Happens at once or
 * not at all. Errors: `ENV_NOT_FOUND`, `ENV_BROKEN`, `PYTHON_NOT_FOUND`, `TARGET_UNSUPPORTED`, `FILE_SYSTEM`, and those of seeding.
 */
export async function upgradeEnvironment(options: UpgradeEnvironmentOptions = {}): Promise<UpgradedEnvironment> {
  const settings = readSettings(options);
  const { host, cacheFolder, signal, emit } = settings;
  const root = environmentFolder(options.path ?? ".venv", host);
  const config = configOf(root);
  const interpreter = await chooseInterpreter(root, config, { options, settings });
  await checkKept(root, interpreter, settings);
  const paths = environmentPaths(root, interpreter);
  const isNewVersion = !isFolder(paths.purelib);
  const target = { root, paths, cacheTag: interpreter.cacheTag, pythonVersion: interpreter.version };
  const names = seedNames(options, isNewVersion ? [] : readInstalled(target).map(({ name }) => name), isNewVersion);
  const indexes = options.upgradeSeeds === true ? { ...options.indexes, refresh: true } : (options.indexes ?? {});
  const seedAge = options.upgradeSeeds === true ? { seedAge: 0 } : {};
  const seeding = names.length === 0 ? undefined : await prepareSeeds({ ...options, ...seedAge, indexes }, { interpreter, names });
  try {
    const lock = await lockEnvironment(target, emit, signal);
    let mendings: readonly Mending[];
    try {
      recover(target, emit);
      mendings = findChanges(root, interpreter, { options, host });
      if (mendings.length > 0) changeGuarded(target, mendedPaths(mendings), () => applyMendings(mendings));
    } finally {
      lock.release();
    }
    const environment = await openEnvironment(root, { host, cacheFolder, signal });
    const seeded = (await seeding?.install(environment, { keepNewer: true, overwrite: isNewVersion })) ?? [];
    const unseen = isNewVersion ? unseenPackages(environment) : null;
    if (unseen !== null) warnUnseen(unseen, environment, settings);
    return { environment, interpreter, seeded, changed: mendings.map(({ path }) => relative(root, path)), unseen };
  } finally {
    seeding?.release();
  }
}

function configOf(root: string): PyvenvConfig {
  const config = statusOf(join(root, "pyvenv.cfg"))?.kind === "file" ? readPyvenvConfig(join(root, "pyvenv.cfg")) : undefined;
  if (config === undefined) {
    throw new PenError("ENV_NOT_FOUND", `There is no virtual environment at ${printableLine(root)}`, {
      why: statusOf(root) === undefined ? "Nothing stands there." : "It has no pyvenv.cfg, which every virtual environment has (PEP 405).",
      hint: "--upgrade is for an environment that is there. Make one: pen venv",
      data: { path: root },
    });
  }
  if (holdsInstallation(realPath(root))) {
    throw new PenError("TARGET_UNSUPPORTED", `pen does not change ${printableLine(root)}`, {
      why: "A Python is installed in it.",
      data: { path: root },
    });
  }
  return config;
}

interface Choosing {
  readonly options: UpgradeEnvironmentOptions;
  readonly settings: Settings;
}

/**
 * The Python that was asked for. Without one: what the environment's version means now, unless the environment leads to a Python that works and is as
 * new.
 */
async function chooseInterpreter(root: string, config: PyvenvConfig, { options, settings }: Choosing): Promise<Interpreter> {
  const { host, cacheFolder, signal } = settings;
  const preference = options.pythonPreference === undefined ? {} : { preference: options.pythonPreference };
  const find = (text: string, where: Host): Promise<Interpreter> =>
    findInterpreter(parseRequest(text, host), { host: where, cacheFolder, signal, ...preference });
  if (options.python !== undefined) return find(options.python, host);
  const own = await ownInterpreter(root, settings);
  const text = requestOf(root, config);
  if (text === undefined) {
    if (own !== undefined) return own;
    throw new PenError("ENV_BROKEN", `${printableLine(root)} does not say for which Python it was made`, {
      hint: `Name the Python: pen venv --upgrade --python 3.12 ${shellWord(root)}`,
      data: { path: root },
    });
  }
  try {
    const found = await find(text, outside(host));
    return own !== undefined && options.pythonPreference === undefined && own.versionInfo[2] >= found.versionInfo[2] ? own : found;
  } catch (error) {
    if (own !== undefined && isPenError(error, "PYTHON_NOT_FOUND") && options.pythonPreference === undefined) return own;
    throw error;
  }
}

/** The Python that the environment leads to; undefined when that does not work any more. */
async function ownInterpreter(root: string, { host, cacheFolder, signal }: Settings): Promise<Interpreter | undefined> {
  try {
    return (await openEnvironment(root, { host, cacheFolder, signal })).interpreter;
  } catch (error) {
    if (!isPenError(error) || error.code === "CANCELLED") throw error;
    return undefined;
  }
}

/** The machine without its environments, so that an environment is not led to what it leads to already. */
function outside(host: Host): Host {
  return { ...host, cwd: "/", env: { ...host.env, VIRTUAL_ENV: undefined, CONDA_PREFIX: undefined } };
}

const tools: ReadonlySet<string> = new Set(["pip", "setuptools", "wheel"]);

function seedNames(options: UpgradeEnvironmentOptions, installed: readonly string[], isNewVersion: boolean): readonly string[] {
  const wanted = options.seed ?? ["pip"];
  if (isNewVersion) return wanted;
  if (options.upgradeSeeds !== true) return [];
  const present = installed.filter((name) => tools.has(name));
  return present.length === 0 ? wanted : present;
}

/** The mendings, and what the options change in `pyvenv.cfg`. */
function findChanges(
  root: string,
  interpreter: Interpreter,
  { options, host }: { readonly options: UpgradeEnvironmentOptions; readonly host: Host },
): Mending[] {
  const copies = options.copies === undefined ? {} : { copies: options.copies };
  const mendings = findMendings(root, { host, interpreter, ...copies });
  const file = join(root, "pyvenv.cfg");
  const mended = mendings.find(({ path }) => path === file);
  const before = mended?.change.kind === "file" ? mended.change.text : readText(file);
  let text = before;
  if (options.systemSitePackages !== undefined)
    text = editedConfig(text, "include-system-site-packages", [String(options.systemSitePackages)]);
  if (options.prompt !== undefined) text = editedConfig(text, "prompt", [options.prompt === "." ? basename(host.cwd) : options.prompt]);
  if (options.relocatable === true) text = editedConfig(text, "relocatable", ["true"]);
  const others = mendings.filter((one) => one !== mended);
  return [
    ...others,
    ...staleCopies(root, interpreter),
    ...(text === before
      ? mended === undefined
        ? []
        : [mended]
      : [{ path: file, why: "config", change: { kind: "file", text } } as const]),
  ];
}

/** Copies of a Python of another version, which no name leads to any more. */
function staleCopies(root: string, interpreter: Interpreter): Mending[] {
  const folder = join(root, "bin");
  const wanted = new Set(["python", ...executableAliases(interpreter)]);
  return (isFolder(folder) ? listFolder(folder) : []).flatMap(({ name, kind }): Mending[] =>
    kind === "file" && !wanted.has(name) && /^(?:python|pypy)\d+\.\d+t?$/.test(name)
      ? [{ path: join(folder, name), why: "stale-name", change: { kind: "remove" } }]
      : [],
  );
}

/** Packages that other versions of Python saw in this environment, in the folder that has the most. */
function unseenPackages({ root, paths }: Environment): UpgradedEnvironment["unseen"] {
  const library = join(root, "lib");
  const folders = (isFolder(library) ? listFolder(library) : []).flatMap(({ name, kind }) => {
    const folder = join(library, name, "site-packages");
    if (kind !== "folder" || folder === paths.purelib || !isFolder(folder)) return [];
    const target = { root, paths: { purelib: folder, platlib: folder, scripts: folder, data: folder, include: folder }, pythonVersion: "" };
    const count = readInstalled(target).filter((one) => !tools.has(one.name)).length;
    return count === 0 ? [] : [{ folder, count }];
  });
  return folders.sort((a, b) => b.count - a.count)[0] ?? null;
}

function warnUnseen({ folder, count }: { folder: string; count: number }, { root, interpreter }: Environment, { emit }: Settings): void {
  const [major, minor] = interpreter.versionInfo;
  const packages = count === 1 ? "1 package was" : `${count} packages were`;
  warn(
    emit,
    "packages-unseen",
    `${packages} installed for another version and cannot be seen by Python ${major}.${minor}. Install them again: pen pip freeze --path ${shellWord(folder)} > requirements.txt && pen pip install --python ${shellWord(root)} -r requirements.txt. Then remove ${folder}.`,
  );
}
