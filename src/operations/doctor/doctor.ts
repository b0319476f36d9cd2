import { isFolder, isPenError, PenError, printableLine, join } from "#foundation";
import { linkedFolder, readInstalled } from "#installer";
import { isEnvironment, locateEnvironment, openEnvironment, type Environment } from "#venv";
import { foreignScripts, shebangProblems, treeProblems } from "./files.ts";
import { inheritanceProblems } from "./inheritance.ts";
import { moduleProblems, variableProblems } from "./modules.ts";
import { buildProblems, leftoverProblems, linkedProblems, pathProblems, requirementProblems } from "./packages.ts";
import { recordProblems, surveyRecords } from "./records.ts";
import {
  bareTarget,
  brokenProblem,
  journalProblems,
  libraryNames,
  skeletonProblems,
  strandedProblems,
  wasEnvironment,
} from "./skeleton.ts";
import type { Diagnosis, DoctorProblem } from "./types.ts";
import { environmentDestination } from "../environment.ts";
import { environmentFolder, notFoundHint } from "../environments/environment-names.ts";
import { listEnvironments } from "../environments/environments.ts";
import { readSettings, type OperationOptions, type Settings } from "../settings.ts";

export interface DiagnoseOptions extends OperationOptions {
  /** The folder or the name of an environment; default: the active one, or `.venv` here or above. */
  readonly environment?: string | undefined;
  /** Every environment that pen knows of, instead. */
  readonly all?: boolean;
}

/**
 * What is wrong with an environment, or with all of them, and around it. Reads every installed file; changes nothing and runs no code of
 * the environment. Errors: `ENV_NOT_FOUND` when there is none; a broken one is an answer.
 */
export async function diagnose(options: DiagnoseOptions = {}): Promise<Diagnosis[]> {
  const settings = readSettings(options);
  const diagnoses: Diagnosis[] = [];
  for (const root of await chosenRoots(settings, options)) {
    settings.signal?.throwIfAborted();
    const problems = await examine(root, settings);
    // What is around all of them is told of once.
    diagnoses.push({ path: root, problems: diagnoses.length === 0 ? problems : problems.filter(({ code }) => !around.has(code)) });
  }
  return diagnoses;
}

/** What is around an environment and not in it. */
export const around: ReadonlySet<DoctorProblem["code"]> = new Set(["pythonhome", "pythonpath", "shadowed-module"]);

/** The folders of the environments that the options mean. Errors: `ENV_NOT_FOUND`. */
export async function chosenRoots(settings: Settings, options: DiagnoseOptions): Promise<string[]> {
  const { host } = settings;
  if (options.all === true) {
    const known = await listEnvironments({ ...options, sizes: false });
    return known.flatMap(({ path, place }) => (place === "conda" ? [] : [path]));
  }
  if (options.environment !== undefined) {
    const root = environmentFolder(options.environment, host);
    if (isEnvironment(root) || wasEnvironment(root)) return [root];
    const hint = notFoundHint(options.environment, host, nameOne);
    return [locateEnvironment(host, { python: options.environment }) ?? notFound(root, `${root} has no pyvenv.cfg.`, hint)];
  }
  const here = join(host.cwd, ".venv");
  const isHere = !host.env["VIRTUAL_ENV"] && wasEnvironment(here);
  return [
    isHere
      ? here
      : (locateEnvironment(host, {}) ?? notFound(host.cwd, `None is active, and there is no .venv in ${host.cwd} or a folder above.`)),
  ];
}

const nameOne = "Name one, or look at all that pen knows of: pen env doctor --all";

function notFound(place: string, why: string, hint: string = nameOne): never {
  throw new PenError("ENV_NOT_FOUND", "There is no virtual environment to look at", {
    why: printableLine(why),
    hint,
    data: { path: place },
  });
}

const scriptsOf = (root: string): string => (isFolder(join(root, "Scripts")) ? join(root, "Scripts") : join(root, "bin"));

/**
 * All that is wrong with one environment and around it. `as`: take it for one that is open, whatever its Python is. Errors: the reason
 * of `signal`.
 */
export async function examine(root: string, settings: Settings, as?: Environment): Promise<DoctorProblem[]> {
  const { host, cacheFolder, signal } = settings;
  const journal = journalProblems(root);
  let environment: Environment;
  try {
    environment = as ?? (await openEnvironment(root, { host, cacheFolder, signal }));
    return [...journal, ...(await openProblems(environment, settings))];
  } catch (error) {
    if (!isPenError(error) || signal?.aborted === true) throw error;
    const broken = brokenProblem(root, error);
    const early = await treeProblems(root, isPythonName, signal);
    const scripts = shebangProblems(root, foreignScripts(scriptsOf(root)));
    return [broken, ...journal, ...early, ...scripts, ...(await fileProblems(root, signal)), ...variableProblems(host)];
  }
}

/** What of its files can be judged without its Python. */
async function fileProblems(root: string, signal: AbortSignal | undefined): Promise<DoctorProblem[]> {
  const installed = libraryNames(root).flatMap((name) => {
    const library = join(root, "lib", name, "site-packages");
    const bare = bareTarget(root);
    return readInstalled({ ...bare, paths: { ...bare.paths, purelib: library, platlib: library } });
  });
  return recordProblems(root, await surveyRecords(root, installed, signal));
}

/** Names of the Python, of which the problem that it is broken tells, and what pen links, of which the list of links does. */
const isPythonName = (path: string): boolean => pythonName.test(path) || path.includes("/linked-packages/");
const pythonName = /\/bin\/(?:python|pypy|graalpy)[\d.]*t?$/;

async function openProblems(environment: Environment, settings: Settings): Promise<DoctorProblem[]> {
  const { host, signal } = settings;
  const { root, paths } = environment;
  const { target } = environmentDestination(environment);
  const skeleton = skeletonProblems(environment, host);
  const told = new Set(skeleton.flatMap(({ subjects }) => subjects));
  const linked = `${linkedFolder(target)}/`;
  const early = [
    ...skeleton,
    ...(await treeProblems(root, (path) => told.has(path) || path.startsWith(linked), signal)),
    ...shebangProblems(root, foreignScripts(paths.scripts)),
  ];
  const installed = readInstalled(target);
  const files = recordProblems(root, await surveyRecords(root, installed, signal));
  const links = linkedProblems(environment);
  const seen = new Set(links.map((problem) => problem.package));
  return [
    ...early,
    ...strandedProblems(environment),
    ...links,
    ...files.filter((problem) => problem.package === null || !seen.has(problem.package)),
    ...buildProblems(environment, installed),
    ...leftoverProblems(environment),
    ...pathProblems(environment, installed),
    ...inheritanceProblems(environment),
    ...requirementProblems(environment, installed, host),
    ...moduleProblems(environment, host),
    ...variableProblems(host),
  ];
}
