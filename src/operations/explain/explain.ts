import { isFolder, isPenError, pathExists, readLink, realPath, statusOf, type Host, dirname, isAbsolute, join, resolve } from "#foundation";
import { linkedFolder, readInstalled } from "#installer";
import { findInterpreter, isRequestWord } from "#python";
import { locateEnvironment, openEnvironment, type Environment } from "#venv";
import { environmentDestination, requestFor } from "../environment.ts";
import { environmentNamed } from "../environments/environment-names.ts";
import { explainActivation, findCommands } from "./activation.ts";
import { explainConfig } from "./config.ts";
import { explainModule } from "./module.ts";
import { baseSiteFolders, computeSearchPath, seesBase, type ExplainedPython } from "./path.ts";
import type { ExplainedPackages, ExplainNote, Explanation } from "./types.ts";
import { inheritedOf } from "../environments/inheritance.ts";
import { readSettings, type OperationOptions, type Settings } from "../settings.ts";
import { shellWord } from "../shells/shell-word.ts";

export interface ExplainOptions extends OperationOptions {
  /** An environment, the Python in one, or another Python; default: the active one, `.venv` here or above, else the global Python. */
  readonly environment?: string | undefined;
  /** A module to find: `psycopg`, `xml.etree`. */
  readonly module?: string | undefined;
}

/**
 * What an environment is, shown on a real one: its folders, `pyvenv.cfg`, the order of `sys.path`, what activation changes. Without an
 * environment the global Python is explained. Reads files; starts the base interpreter at most (`-I -S`), and no code of the environment. Errors:
 * `ENV_NOT_FOUND`, `ENV_BROKEN`, `PYTHON_NOT_FOUND`, and `USAGE` for a word that is no module.
 */
export async function explain(options: ExplainOptions = {}): Promise<Explanation> {
  const settings = readSettings(options);
  const { host } = settings;
  const python = await choose(settings, options.environment);
  const path = computeSearchPath(python, host);
  const { environment } = python;
  return {
    ...identity(python),
    ...packages(python),
    systemSitePackages: seesBase(python),
    externallyManaged: python.interpreter.externallyManaged ?? null,
    configFile: environment === undefined ? null : join(environment.root, "pyvenv.cfg"),
    config: environment === undefined ? [] : explainConfig(environment.config),
    path: path.entries,
    startup: path.startup,
    activation: environment === undefined ? null : explainActivation(environment, host),
    commands: findCommands(environment, host),
    notes: notesOn(python, host),
    module:
      options.module === undefined
        ? null
        : await explainModule(options.module, { python, path: path.entries, host, signal: settings.signal }),
  };
}

async function choose({ host, cacheFolder, signal }: Settings, text: string | undefined): Promise<ExplainedPython> {
  const how = { host, cacheFolder, signal };
  const open = async (root: string): Promise<ExplainedPython> => {
    const environment = await openEnvironment(root, how);
    return { environment, interpreter: environment.interpreter };
  };
  if (text === undefined) {
    const root = locateEnvironment(host, {});
    if (root !== undefined) return open(root);
  } else {
    const root = locateEnvironment(host, { python: text }) ?? (isRequestWord(text) ? undefined : environmentNamed(text, host));
    if (root !== undefined) return open(root);
    const place = isAbsolute(text) ? text : resolve(host.cwd, text);
    // A folder that is no environment: say so, rather than looking for a Python of that name.
    if (isFolder(place) && !pathExists(join(place, "bin"))) return open(place);
  }
  const interpreter = await findInterpreter(text === undefined ? undefined : requestFor(text, host), how);
  if (interpreter.isVirtualEnvironment) return open(interpreter.prefix);
  return { interpreter, environment: undefined };
}

type Identity = Pick<
  Explanation,
  "environment" | "implementation" | "version" | "executable" | "links" | "prefix" | "basePrefix" | "standardLibrary"
>;

function identity({ environment, interpreter }: ExplainedPython): Identity {
  const executable = environment?.python ?? interpreter.executable;
  return {
    environment: environment?.root ?? null,
    implementation: interpreter.implementation,
    version: interpreter.version,
    executable,
    links: linkChain(executable),
    prefix: environment?.root ?? interpreter.prefix,
    basePrefix: interpreter.basePrefix,
    standardLibrary: interpreter.paths.stdlib,
  };
}

/** Every step from a path to the file that it is. A circle ends the walk. */
function linkChain(path: string): string[] {
  const chain = [path];
  for (let at = path; statusOf(at)?.kind === "link" && chain.length < 40;) {
    at = resolve(dirname(at), readLink(at));
    if (chain.includes(at)) return chain;
    chain.push(at);
  }
  const last = chain.at(-1) ?? path;
  const real = pathExists(last) ? realPath(last) : last;
  return real === last ? chain : [...chain, real];
}

function packages(python: ExplainedPython): Pick<Explanation, "sitePackages" | "baseSitePackages"> {
  const { environment, interpreter } = python;
  const base = baseSiteFolders(interpreter).map(counted);
  if (environment === undefined) return { sitePackages: base, baseSitePackages: base };
  const own = installedIn(environment);
  const folders = [environment.paths.purelib, linkedFolder(environmentDestination(environment).target)].filter(isFolder);
  return {
    sitePackages: folders.map((folder) => ({ folder, count: own.filter(({ location }) => location === folder).length })),
    baseSitePackages: base,
  };
}

function installedIn(environment: Environment): ReturnType<typeof readInstalled> {
  return readInstalled(environmentDestination(environment).target);
}

function counted(folder: string): ExplainedPackages {
  const paths = { purelib: folder, platlib: folder, scripts: folder, data: folder, include: folder };
  try {
    return { folder, count: readInstalled({ root: folder, paths, pythonVersion: "" }).length };
  } catch (error) {
    if (!isPenError(error, "FILE_SYSTEM")) throw error;
    return { folder, count: 0 };
  }
}

function notesOn(python: ExplainedPython, host: Host): ExplainNote[] {
  const { environment } = python;
  const { env } = host;
  const notes: ExplainNote[] = [];
  if (env["PYTHONHOME"])
    notes.push({
      code: "pythonhome",
      message: "PYTHONHOME is set: every Python takes its standard library from there, whichever it is. What is shown here is without it.",
      hint: "unset PYTHONHOME",
    });
  if (env["PYTHONPATH"])
    notes.push({
      code: "pythonpath",
      message: "PYTHONPATH is set: its folders come before the packages of every environment.",
      hint: "unset PYTHONPATH",
    });
  const active = env["VIRTUAL_ENV"];
  if (environment !== undefined && active && resolve(host.cwd, active) !== environment.root)
    notes.push({ code: "other-environment", message: `Another environment is active in this shell: ${active}`, hint: "deactivate" });
  if (environment !== undefined && env["CONDA_PREFIX"])
    notes.push({
      code: "conda",
      message: `A conda environment is active in this shell too: ${env["CONDA_PREFIX"]}`,
      hint: "conda deactivate",
    });
  if (environment !== undefined && environment.config.get("include-system-site-packages") === undefined)
    notes.push({
      code: "system-site-packages",
      message: "pyvenv.cfg does not say include-system-site-packages, which Python takes for true: nothing is isolated.",
      hint: "Add this line to it: include-system-site-packages = false",
    });
  for (const { root, state } of environment === undefined ? [] : inheritedOf(environment))
    if (state !== "present")
      notes.push({
        code: "inherited-gone",
        message: `It inherits from ${root}, which is ${state === "gone" ? "gone" : "for another Python now"}: the packages of that environment are not seen.`,
        hint: `pen env doctor ${shellWord(environment?.root ?? "")}`,
      });
  return notes;
}
