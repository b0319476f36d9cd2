import { pathExists, PenError, printableLine, removeFile, join } from "#foundation";
import { defaultIndexUrl } from "#index";
import { loadRequirements, locatePipfile, type PipfileEdit, type PipfileSource, type RequirementEntry } from "#project";
import { normalizeName, requirementText, type NormalizedName } from "#standards";
import { openContext, type Context } from "../context.ts";
import { openIndexes } from "../indexes.ts";
import { openSources } from "../building/sources.ts";
import { plainQuestion } from "../resolving/plain-question.ts";
import { resolveRequirements } from "../resolving/resolve.ts";
import { singleTarget } from "../resolving/target.ts";
import { beginProject } from "./begin-project.ts";
import { checkDeploy, checkPython } from "./deploying.ts";
import { changeProject, type LockPlan, type ProjectChangeOptions, type ProjectReport } from "./change-project.ts";
import { additionsOf, editsFor, type Addition } from "./pipfile-values.ts";
import { findProjectPython } from "./project-python.ts";
import { inTurn } from "./project-turn.ts";
import { lockStatus, openProject, type Project } from "./project.ts";

export interface InstallProjectOptions extends ProjectChangeOptions {
  /** Packages to add, as on pip's command line. Without any, the lock is installed. */
  readonly packages?: readonly string[];
  readonly editables?: readonly string[];
  /** Where they are added, by the names of the Pipfile; default `packages`. */
  readonly into?: readonly string[] | undefined;
  /** The name of a source of the Pipfile, or the URL of an index, which becomes one. */
  readonly index?: string | undefined;
  /** A requirements file whose packages are added first. */
  readonly requirementsFile?: string | undefined;
  /** Change nothing but the environment, and only when the lock is whole, fresh, and for this Python. */
  readonly deploy?: boolean | undefined;
  /** Take the lock as it is, whatever the Pipfile says. */
  readonly ignorePipfile?: boolean | undefined;
  /** Solve what the Pipfile asks for and install it, and leave the lock as it is. */
  readonly skipLock?: boolean | undefined;
  /** Move the packages that are named to their newest versions; others stay. Default true. */
  readonly upgrade?: boolean | undefined;
  /** False: only the Pipfile and the lock are changed; no environment is made or looked at. */
  readonly sync?: boolean | undefined;
  /** Where a Pipfile must be made: as `BeginOptions`. */
  readonly coolDownDays?: number | undefined;
  readonly noBinary?: ReadonlySet<NormalizedName> | undefined;
  readonly configSettings?: readonly string[] | undefined;
}

export interface InstallProjectReport extends ProjectReport {
  /** What the Pipfile got. */
  readonly added: readonly Addition[];
  /** A Pipfile was made. */
  readonly began: boolean;
  /** What was wrong with the lock before. */
  readonly lockBefore: "missing" | "stale" | "fresh";
}

/**
 * `pipenv install`, `pen add`, `pen sync` for whoever has no lock: makes a Pipfile and an environment where there are none, adds packages to the Pipfile, locks
 * what is not locked without moving anything else, and installs. All or nothing. Errors: `INVALID_PROJECT`, `INVALID_LOCK`, `CHECK_FAILED` with `deploy`,
 * and those of locking and installing.
 */
export async function installProject(options: InstallProjectOptions = {}): Promise<InstallProjectReport> {
  const context = openContext(options);
  const path = locatePipfile(context.host);
  const root = path === undefined ? context.host.cwd : openProject(options).root;
  return inTurn(context, root, async () => {
    const began = locatePipfile(context.host) === undefined;
    if (began && options.deploy === true) openProject(options);
    if (began) await beginProject(context, { python: options.python, coolDownDays: options.coolDownDays });
    try {
      const file = began && isBare(options) ? requirementsFileIn(root) : undefined;
      return {
        ...(await installInto(context, openProject(options), file === undefined ? options : { ...options, requirementsFile: file })),
        began,
      };
    } catch (error) {
      if (began) removeFile(join(root, "Pipfile"));
      throw error;
    }
  });
}

/** Nothing is named that is to be added. */
const isBare = ({ packages = [], editables = [], requirementsFile }: InstallProjectOptions): boolean =>
  packages.length + editables.length === 0 && requirementsFile === undefined;

/** What a project was written in before it had a Pipfile. */
function requirementsFileIn(root: string): string | undefined {
  const path = join(root, "requirements.txt");
  return pathExists(path) ? path : undefined;
}

async function installInto(
  context: Context,
  project: Project,
  options: InstallProjectOptions,
): Promise<Omit<InstallProjectReport, "began">> {
  const into = options.into ?? ["packages"];
  const imported = options.requirementsFile === undefined ? noImports : await importedFrom(context, options.requirementsFile);
  const source = options.index === undefined ? undefined : sourceFor(project, options.index);
  const added = await additionsOf(
    context,
    {
      packages: [...imported.packages, ...(options.packages ?? [])],
      editables: [...imported.editables, ...(options.editables ?? [])],
      index: source?.entry,
      noBinary: options.noBinary,
      configSettings: options.configSettings,
    },
    { root: project.root, nameOf: (entry) => nameOfPlace(context, project, { entry, options }) },
  );
  const lockBefore = lockStatus(project);
  if (options.deploy === true) {
    checkDeploy(project, lockBefore);
    checkPython(project, (await findProjectPython(context, project, options.python)).version);
  }
  const edits: PipfileEdit[] = [
    ...(source?.isNew === true ? [{ kind: "add-source", source: source.source } as const] : []),
    ...editsFor(added, into),
    ...(options.prereleases === true && added.length > 0
      ? [{ kind: "set", table: "pipenv", key: "allow_prereleases", value: true } as const]
      : []),
  ];
  const lock = planFor(project, { added, lockBefore, options });
  const report = await changeProject(context, project, {
    change: { edits, lock, install: options.sync === false ? "lock-only" : "yes", keepLock: options.skipLock === true },
    options,
  });
  return { ...report, added, lockBefore };
}

interface PlanInput {
  readonly added: readonly Addition[];
  readonly lockBefore: "missing" | "stale" | "fresh";
  readonly options: InstallProjectOptions;
}

function planFor(project: Project, { added, lockBefore, options }: PlanInput): LockPlan {
  const lock = lockBefore === "missing" ? undefined : project.readLock();
  const keeps =
    added.length === 0 &&
    options.skipLock !== true &&
    (lockBefore === "fresh" || options.ignorePipfile === true || options.deploy === true);
  if (lock !== undefined && keeps) return { kind: "keep", lock };
  return { kind: "renew", upgrade: options.upgrade === false ? "none" : added.map(({ name }) => name) };
}

/** The source of a Pipfile that is called so or has this URL, else a new one for the URL. `entry` is what the packages get as their `index`. */
function sourceFor(project: Project, text: string): { source: PipfileSource; isNew: boolean; entry: string | undefined } {
  const known = project.sources.find(({ name, url }) => name === text || url.replace(/\/+$/, "") === text.replace(/\/+$/, ""));
  if (known !== undefined) return { source: known, isNew: false, entry: known === project.sources[0] ? undefined : known.name };
  if (!/^https?:\/\//i.test(text)) {
    throw new PenError("INVALID_PROJECT", `The Pipfile has no source ${printableLine(text)}`, {
      why: `It has: ${project.sources.map(({ name }) => printableLine(name)).join(", ")}.`,
      hint: "Name one of these, or give the URL of an index.",
    });
  }
  const host = new URL(text).hostname.split(".").find((part) => part !== "www") ?? "index";
  const taken = new Set(project.sources.map(({ name }) => name));
  let name = host.replace(/[^A-Za-z0-9]/g, "");
  for (let number = 2; taken.has(name); number += 1) name = `${host}${number}`;
  return { source: { name, url: text, verifySsl: true }, isNew: true, entry: name };
}

interface Imports {
  readonly packages: readonly string[];
  readonly editables: readonly string[];
}

const noImports: Imports = { packages: [], editables: [] };

/** The lines of a requirements file as a person would add them. Its hashes are left out: the lock gets those of all files. */
async function importedFrom(context: Context, file: string): Promise<Imports> {
  const loaded = await loadRequirements([file], [], {
    host: context.host,
    fetchText: (url) => openIndexes(context, {}).fetchText(url),
  });
  const textOf = ({ source }: RequirementEntry): string =>
    source.kind === "named" ? requirementText(source.requirement) : source.location;
  return {
    packages: loaded.requirements.filter(({ editable }) => !editable).map(textOf),
    editables: loaded.requirements.filter(({ editable }) => editable).map(textOf),
  };
}

/** Asks what is at a place for its name, as resolving does: from its files where they say it, else by asking its build backend. */
async function nameOfPlace(
  context: Context,
  project: Project,
  { entry, options }: { readonly entry: RequirementEntry; readonly options: InstallProjectOptions },
): Promise<NormalizedName> {
  const interpreter = await findProjectPython(context, project, options.python);
  const client = openIndexes(context, { indexUrl: project.sources[0]?.url ?? defaultIndexUrl, ...options.fetching });
  const sources = openSources(context, client, { interpreter, choices: options.builds, noBinary: [], onlyBinary: [], foreign: false });
  try {
    const { pins } = await resolveRequirements(context, client, {
      ...plainQuestion,
      ...singleTarget(interpreter),
      requirements: [entry],
      constraints: [],
      prereleases: "allow",
      followDependencies: false,
      requireHashes: false,
      noBinary: new Set(),
      sources,
    });
    return normalizeName(pins[0]?.locked.name ?? "");
  } finally {
    sources.close();
  }
}
