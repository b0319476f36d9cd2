import { dirname, join } from "node:path";
import {
  changeMode,
  copyFile,
  errnoOf,
  hardLink,
  isPenError,
  listFolder,
  makeFolders,
  PenError,
  readBytes,
  realPath,
  rename,
  sha256Hex,
  statusOf,
  temporaryBeside,
} from "#foundation";
import { readInstalled, type InstalledDistribution } from "#installer";
import { findInterpreter, parseRequest } from "#python";
import type { StoredFile, StoredWheel } from "#store";
import { createEnvironment, openEnvironment, readPyvenvConfig, type Environment } from "#venv";
import { openContext, type Context } from "./context.ts";
import { diagnose, type DiagnoseOptions } from "./doctor.ts";
import type { DoctorCode, DoctorProblem } from "./doctor-types.ts";
import { environmentDestination, exclusively, settle } from "./environment.ts";

export type RepairOptions = DiagnoseOptions;

/** A problem that stays, and why pen does not mend it. */
export interface UnrepairedProblem extends DoctorProblem {
  readonly reason: string;
}

export interface Repair {
  readonly path: string;
  readonly repaired: readonly DoctorProblem[];
  readonly left: readonly UnrepairedProblem[];
}

/**
 * Mends what is certain of an environment, or of all of them: leads it to a Python of the version it was made for, brings a command that was cut
 * off to its end, and puts files back that the store has exactly as RECORD wants them. All else is told with the reason why not. Packages stay.
 * Errors: `ENV_NOT_FOUND`; whatever fails for one environment is its reason.
 */
export async function repair(options: RepairOptions = {}): Promise<Repair[]> {
  const context = openContext(options);
  const repairs: Repair[] = [];
  for (const { path, problems } of await diagnose(options)) {
    context.signal?.throwIfAborted();
    repairs.push(await mend(path, problems, { context, options }));
  }
  return repairs;
}

type Reasons = Map<DoctorCode, string>;

async function mend(
  root: string,
  before: readonly DoctorProblem[],
  { context, options }: { context: Context; options: RepairOptions },
): Promise<Repair> {
  const reasons: Reasons = new Map();
  const has = (...codes: readonly DoctorCode[]): boolean => before.some(({ code }) => codes.includes(code));
  if (has("python-gone", "python-changed")) await attempt(["python-gone", "python-changed"], reasons, () => repoint(root, context));
  if (has("unfinished-command")) await attempt(["unfinished-command"], reasons, () => settleJournal(root, context));
  // A Python that came back shows what could not be seen before.
  const between = await problemsOf(root, options);
  if (between.some(({ code }) => code === "file-missing" || code === "file-changed"))
    await attempt(["file-missing", "file-changed"], reasons, () => restoreFiles(root, context));
  const after = await problemsOf(root, options);
  const key = ({ code, subjects }: DoctorProblem): string => [code, ...subjects].join("\n");
  const stays = new Set(after.map(key));
  const seen = new Map([...before, ...between].map((problem) => [key(problem), problem]));
  return {
    path: root,
    repaired: [...seen.values()].filter((problem) => !stays.has(key(problem))),
    left: after.map((problem) => ({ ...problem, reason: reasons.get(problem.code) ?? unmendable[problem.code] })),
  };
}

async function problemsOf(root: string, options: RepairOptions): Promise<readonly DoctorProblem[]> {
  const [diagnosis] = await diagnose({ ...options, all: false, environment: root });
  return diagnosis?.problems ?? [];
}

async function attempt(codes: readonly DoctorCode[], reasons: Reasons, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isPenError(error) || error.code === "CANCELLED") throw error;
    const text = error.why === undefined ? error.message : `${error.message}: ${error.why}`;
    for (const code of codes) reasons.set(code, text);
  }
}

const notInStore = "The store does not have this very file: the package was installed by another tool, or the store was cleaned.";
const personsChoice = "What to change is yours to decide.";

const unmendable: Readonly<Record<DoctorCode, string>> = {
  "python-gone": "There is no fitting Python on this machine.",
  "python-changed": "There is no fitting Python on this machine.",
  "environment-broken": "What is left of it does not tell for which Python it was made.",
  "dangling-link": "Where it should lead nobody can tell.",
  "looping-link": "Where it should lead nobody can tell.",
  "foreign-shebang": "Only its package knows what the script should be.",
  "file-missing": notInStore,
  "file-changed": notInStore,
  "file-doubled": "Both packages say that the file is theirs.",
  "installed-twice": "Which of the two is whole nobody can tell.",
  "record-unreadable": "Without RECORD nobody knows which files belong to it.",
  "requirement-missing": "Installing more is yours to decide.",
  "requirement-conflict": "Which version to have is yours to decide.",
  "unfinished-command": "It could not be brought to an end.",
  "shadowed-module": personsChoice,
  "hidden-module": personsChoice,
  pythonpath: personsChoice,
  pythonhome: personsChoice,
};

/** Leads the environment to a Python of the same version and kind; its packages, its prompt and what it sees stay. */
async function repoint(root: string, { host, cacheFolder, signal }: Context): Promise<void> {
  const config = readPyvenvConfig(join(root, "pyvenv.cfg"));
  const request = madeFor(root);
  if (config === undefined || request === undefined)
    throw new PenError("ENV_BROKEN", "There is no folder of packages that tells for which Python it was made");
  const interpreter = await findInterpreter(parseRequest(request, host), { host, cacheFolder, signal });
  createEnvironment({
    host,
    root,
    interpreter,
    systemSitePackages: config.get("include-system-site-packages")?.toLowerCase() === "true",
    prompt: config.get("prompt"),
    copies: statusOf(join(root, "bin", "python"))?.kind === "file",
    allowExisting: true,
    vcsIgnore: false,
  });
}

/** `3.12`, `3.13t`, `pypy3.10`: from the folder of its packages; undefined when there is none, or more than one. */
function madeFor(root: string): string | undefined {
  const names = listFolder(join(root, "lib")).flatMap(({ name }) => /^(?:python|pypy)\d+\.\d+t?$/.exec(name)?.[0] ?? []);
  return names.length === 1 ? names[0]?.replace(/^python/, "") : undefined;
}

async function settleJournal(root: string, context: Context): Promise<void> {
  await settle(context, environmentDestination(await open(root, context)).target);
}

function open(root: string, { host, cacheFolder, signal }: Context): Promise<Environment> {
  return openEnvironment(root, { host, cacheFolder, signal });
}

/** Puts back what RECORD wants and the store has, file by file, each by one rename. */
async function restoreFiles(root: string, context: Context): Promise<void> {
  const environment = await open(root, context);
  const destination = environmentDestination(environment);
  await exclusively(context, destination, async () => {
    const use = context.store.uses().find(({ sitePackages }) => sitePackages === environment.paths.purelib);
    const wheels = (use?.wheels ?? []).flatMap((sha256) => context.store.find(sha256) ?? []);
    for (const distribution of readInstalled(destination.target)) {
      const wheel = wheels.find(({ manifest }) => manifest.name === distribution.name && manifest.version === distribution.version);
      if (wheel !== undefined && !distribution.linked) restoreDistribution(distribution, wheel, environment);
    }
  });
}

function restoreDistribution(distribution: InstalledDistribution, wheel: StoredWheel, environment: Environment): void {
  const wanted = new Map(
    (distribution.record() ?? []).flatMap(({ path, hash }) =>
      hash?.algorithm === "sha256" ? [[join(distribution.location, path), hash.digest] as const] : [],
    ),
  );
  const real = realPath(environment.root);
  // As the rest of the package: a copy may be written to, a file of the store may not.
  const links = (statusOf(join(distribution.path, "METADATA"))?.links ?? 1) > 1;
  for (const file of wheel.manifest.files) {
    const place = placeOf(file, environment);
    const source = join(wheel.folder, file.source);
    if (place === undefined || wanted.get(place) !== file.hash || holds(place, file.hash) || !holds(source, file.hash)) continue;
    if (!standsInside(real, dirname(place)) || statusOf(place)?.kind === "folder") continue;
    makeFolders(dirname(place));
    replace(source, place, { links, executable: file.executable });
  }
}

function placeOf({ scheme, path }: StoredFile, { paths }: Environment): string | undefined {
  return scheme === "lib" ? join(paths.purelib, path) : scheme === "scripts" ? join(paths.scripts, path) : undefined;
}

/** True when the file has the content of this hash. Where files are linked, a change in one place is a change in the store as well. */
function holds(path: string, hash: string): boolean {
  if (statusOf(path)?.kind !== "file") return false;
  return Buffer.from(sha256Hex(readBytes(path)), "hex").toString("base64url") === hash;
}

/** True when `folder`, or what there is of it, is inside `real` after all links: making folders follows links too. */
function standsInside(real: string, folder: string): boolean {
  let at = folder;
  while (statusOf(at) === undefined) at = dirname(at);
  try {
    const place = realPath(at);
    return place === real || place.startsWith(`${real}/`);
  } catch (error) {
    if (isPenError(error, "FILE_SYSTEM")) return false; // A link to nowhere, or a circle.
    throw error;
  }
}

function replace(source: string, place: string, { links, executable }: { links: boolean; executable: boolean }): void {
  const temporary = temporaryBeside(place);
  if (!links || !tryHardLink(source, temporary)) {
    copyFile(source, temporary);
    changeMode(temporary, executable ? 0o755 : 0o644);
  }
  rename(temporary, place);
}

function tryHardLink(source: string, path: string): boolean {
  try {
    hardLink(source, path);
    return true;
  } catch (error) {
    if (["EXDEV", "EPERM", "EMLINK", "ENOTSUP", "EOPNOTSUPP"].includes(errnoOf(error) ?? "")) return false;
    throw error;
  }
}
