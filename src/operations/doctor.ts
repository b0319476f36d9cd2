import { dirname, join, resolve } from "node:path";
import { isFolder, isPenError, PenError, printableLine, type Host } from "#foundation";
import { needsRecovery, readInstalled } from "#installer";
import { isEnvironment, locateEnvironment, openEnvironment, type Environment } from "#venv";
import { brokenByChange } from "./check.ts";
import { linkProblems, recordProblems, shebangProblems } from "./doctor-files.ts";
import type { Diagnosis, DoctorProblem } from "./doctor-types.ts";
import { environmentDestination } from "./environment.ts";
import { environmentHealth, listEnvironments } from "./environments.ts";
import { computeSearchPath, namesIn } from "./explain-path.ts";
import { requirementsOf } from "./list.ts";
import { readSettings, type OperationOptions, type Settings } from "./settings.ts";
import { shellWord } from "./shell-word.ts";

export interface DiagnoseOptions extends OperationOptions {
  /** The folder of an environment; default: the active one, or `.venv` here or above. */
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
  for (const root of await chosen(settings, options)) {
    settings.signal?.throwIfAborted();
    const problems = await examine(root, settings);
    // What is around all of them is told of once.
    diagnoses.push({ path: root, problems: diagnoses.length === 0 ? problems : problems.filter(({ code }) => !around.has(code)) });
  }
  return diagnoses;
}

const around: ReadonlySet<DoctorProblem["code"]> = new Set(["pythonhome", "pythonpath", "shadowed-module"]);

async function chosen(settings: Settings, options: DiagnoseOptions): Promise<string[]> {
  const { host } = settings;
  if (options.all === true) {
    const known = await listEnvironments({ ...options, sizes: false });
    return known.flatMap(({ path, place }) => (place === "conda" ? [] : [path]));
  }
  if (options.environment !== undefined) {
    const root = resolve(host.cwd, options.environment);
    return [
      isEnvironment(root)
        ? root
        : (locateEnvironment(host, { python: options.environment }) ?? notFound(root, `${root} has no pyvenv.cfg.`)),
    ];
  }
  return [locateEnvironment(host, {}) ?? notFound(host.cwd, `None is active, and there is no .venv in ${host.cwd} or a folder above.`)];
}

function notFound(place: string, why: string): never {
  throw new PenError("ENV_NOT_FOUND", "There is no virtual environment to look at", {
    why: printableLine(why),
    hint: "Name one, or look at all that pen knows of: pen env doctor --all",
    data: { path: place },
  });
}

async function examine(root: string, settings: Settings): Promise<DoctorProblem[]> {
  const { host, cacheFolder, signal } = settings;
  const early = [...unfinished(root), ...linkProblems(root), ...shebangProblems(root, scriptsOf(root))];
  try {
    const environment = await openEnvironment(root, { host, cacheFolder, signal });
    return [...early, ...packageProblems(environment), ...moduleProblems(environment, host), ...variableProblems(host)];
  } catch (error) {
    if (!isPenError(error) || signal?.aborted === true) throw error;
    return [brokenProblem(root, error), ...early, ...variableProblems(host)];
  }
}

const scriptsOf = (root: string): string => (isFolder(join(root, "Scripts")) ? join(root, "Scripts") : join(root, "bin"));

/** What `openEnvironment` says, sorted by what can be done about it. */
function brokenProblem(root: string, error: PenError): DoctorProblem {
  const why = error.why ?? error.message;
  const health = environmentHealth(root);
  const isOther = health === "changed" || /but .* is now Python \d/.test(why);
  const [code, what] =
    health === "gone"
      ? (["python-gone", "Its base Python is gone"] as const)
      : isOther
        ? (["python-changed", "Its base Python is another version now"] as const)
        : (["environment-broken", printableLine(error.message)] as const);
  const hint = code === "environment-broken" ? `pen venv --clear ${shellWord(root)}` : `pen env repair ${shellWord(root)}`;
  return { code, what, why, hint, subjects: [root] };
}

function unfinished(root: string): DoctorProblem[] {
  const paths = { purelib: root, platlib: root, scripts: root, data: root, include: root };
  if (!needsRecovery({ root, paths, pythonVersion: "" })) return [];
  return [
    {
      code: "unfinished-command",
      what: "A command was cut off in the middle of an installation",
      why: "Its journal is still there. The next command of pen undoes or finishes it.",
      hint: `pen pip list --python ${shellWord(root)}`,
      subjects: [join(root, ".pen")],
    },
  ];
}

function packageProblems(environment: Environment): DoctorProblem[] {
  const { root, interpreter } = environment;
  const installed = readInstalled(environmentDestination(environment).target);
  const versions = new Map(installed.map(({ name, version }) => [name, version]));
  const changed = new Set(installed.flatMap((distribution) => requirementsOf(distribution).map(({ name }) => name)));
  const broken = brokenByChange(installed, { versions, changed }, interpreter.markers).flatMap((problem): DoctorProblem[] => {
    if (problem.kind === "python") return [];
    const { name, version, need, requirement } = problem;
    const missing = problem.kind === "missing";
    return [
      {
        code: missing ? "requirement-missing" : "requirement-conflict",
        what: missing
          ? `${name} ${version} needs ${need}, which is not installed`
          : `${name} ${version} needs ${requirement}, and ${problem.found} is installed`,
        why: missing ? "Importing it may fail." : "It was made for other versions of it.",
        hint: `pen pip install --python ${shellWord(root)} ${shellWord(requirement)}`,
        subjects: [name, need],
      },
    ];
  });
  return [...recordProblems(root, installed), ...broken];
}

/** Modules of the standard library that something hides, and packages that the standard library hides. */
function moduleProblems(environment: Environment, host: Host): DoctorProblem[] {
  const { entries } = computeSearchPath({ environment, interpreter: environment.interpreter }, host);
  const library = entries.findIndex(({ source }) => source === "standard-library");
  const standard = modulesIn(entries[library]?.path ?? "");
  return entries.flatMap(({ path, source }, at): DoctorProblem[] => {
    if (at === library || source === "extensions" || source === "zip" || path === entries[library]?.path) return [];
    const same = [...modulesIn(path)].flatMap(([name, file]) => (standard.has(name) ? [join(path, file)] : [])).sort();
    if (same.length === 0) return [];
    return [at < library ? shadowing(same, source === "start") : hidden(same)];
  });
}

/** Module names of a folder, with the file or folder of each. A folder counts when it has `__init__.py`. */
function modulesIn(folder: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const name of namesIn(folder)) {
    if (name.startsWith("__")) continue;
    if (/^\w+\.py$/.test(name)) found.set(name.slice(0, -3), name);
    else if (/^\w+$/.test(name) && namesIn(join(folder, name)).includes("__init__.py")) found.set(name, name);
  }
  return found;
}

function shadowing(files: readonly string[], isHere: boolean): DoctorProblem {
  const place = isHere ? "The folder here" : `The folder ${dirname(files[0] ?? "")} of PYTHONPATH`;
  return {
    code: "shadowed-module",
    what: `${place} has files with names of the standard library: ${names(files)}`,
    why: "Python looks there first, so that they are imported instead, also by the packages that need the real ones.",
    hint: isHere ? "Rename them." : "Rename them, or: unset PYTHONPATH",
    subjects: files,
  };
}

function hidden(files: readonly string[]): DoctorProblem {
  return {
    code: "hidden-module",
    what: `Installed modules have names of the standard library: ${names(files)}`,
    why: "The standard library comes first, so that these are never imported. They are backports that this Python does not need.",
    hint: "Remove the package that brings them: pen pip uninstall NAME",
    subjects: files,
  };
}

function names(files: readonly string[]): string {
  const shown = files.slice(0, 3).map((file) => file.slice(file.lastIndexOf("/") + 1));
  return files.length > 3 ? `${shown.join(", ")} and ${files.length - 3} more` : shown.join(", ");
}

function variableProblems({ env }: Host): DoctorProblem[] {
  const problems: DoctorProblem[] = [];
  if (env["PYTHONHOME"])
    problems.push({
      code: "pythonhome",
      what: `PYTHONHOME is set: ${env["PYTHONHOME"]}`,
      why: "Every Python started by its path takes its standard library from there, whichever it is.",
      hint: "unset PYTHONHOME",
      subjects: ["PYTHONHOME"],
    });
  if (env["PYTHONPATH"])
    problems.push({
      code: "pythonpath",
      what: `PYTHONPATH is set: ${env["PYTHONPATH"]}`,
      why: "Its folders come before the packages of every environment, which are then not isolated.",
      hint: "unset PYTHONPATH",
      subjects: ["PYTHONPATH"],
    });
  return problems;
}
