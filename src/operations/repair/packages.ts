import { pathExists, PenError, removeTree } from "#foundation";
import {
  applyPlan,
  linkedDistributions,
  linkedFolder,
  readInstalled,
  type InstalledDistribution,
  type LinkedDistribution,
} from "#installer";
import { compareVersions, tryParseVersion } from "#standards";
import type { StoredWheel } from "#store";
import type { Environment } from "#venv";
import type { Context } from "../context.ts";
import { versionOf } from "../packages/distributions.ts";
import { leftovers } from "../doctor/packages.ts";
import { damageOf, rowsOf, surveyRecords, type DamagedDistribution } from "../doctor/records.ts";
import type { DoctorProblem } from "../doctor/types.ts";
import { environmentDestination, type Destination } from "../environment.ts";
import { installPins } from "../packages/install.ts";
import { modeLike, planReturn, returnFiles } from "./files.ts";
import { pinOf, type Lost } from "./sources.ts";
import { findSupply, obtain, supplyWords, type Obtained } from "./supply.ts";
import type { Case, Treatment } from "./types.ts";

/** A package that has to be put right, with all that is known of it. */
export interface Patient {
  readonly name: string;
  /** One, but where it is installed twice; none for a linked one whose folder in the store is gone. */
  readonly distributions: readonly InstalledDistribution[];
  readonly damage: DamagedDistribution | undefined;
  readonly linked: LinkedDistribution | undefined;
  readonly problems: readonly DoctorProblem[];
}

const treatable: ReadonlySet<DoctorProblem["code"]> = new Set([
  "file-missing",
  "file-changed",
  "installed-twice",
  "record-unreadable",
  "store-gone",
  "wheel-unfit",
]);

/** The packages among the problems. */
export async function findPatients(one: Case, environment: Environment, problems: readonly DoctorProblem[]): Promise<Patient[]> {
  const about = problems.filter((problem) => treatable.has(problem.code) && problem.package !== null);
  if (about.length === 0) return [];
  const { target } = environmentDestination(environment);
  const installed = readInstalled(target);
  const { damaged } = await surveyRecords(environment.root, installed, one.context.signal);
  const linked = linkedDistributions(target);
  return [...new Set(about.map((problem) => problem.package ?? ""))].map((name) => ({
    name,
    distributions: installed.filter((distribution) => distribution.name === name),
    damage: damaged.find(({ distribution }) => distribution.name === name),
    linked: linked.find((entry) => entry.name === name),
    problems: about.filter((problem) => problem.package === name),
  }));
}

/** What to do about a package. Errors: why nothing can be done. */
export async function planPackage(one: Case, environment: Environment, patient: Patient): Promise<Treatment> {
  const { context } = one;
  const codes = new Set(patient.problems.map(({ code }) => code));
  if (codes.has("installed-twice")) {
    const only = wholeOne(patient, environment);
    if (only !== undefined) return removeOthers(context, environment, { patient, only });
  }
  const lost = lostOf(patient, environment, codes);
  const supply = await findSupply(one, environment, lost);
  return {
    how: supplyWords(supply, `${lost.distribution.name} ${lost.version}`),
    run: async () => putBack(one, environment, { patient, lost, ...(await obtain(one, environment, { lost, supply })) }),
  };
}

/** Of several versions the one that is whole. Undefined when none is, or more than one. */
function wholeOne({ distributions }: Patient, { root }: Environment): InstalledDistribution | undefined {
  const [first, ...more] = distributions.filter((distribution) => damageOf(root, distribution) === undefined);
  return more.length === 0 ? first : undefined;
}

function removeOthers(
  context: Context,
  environment: Environment,
  { patient, only }: { readonly patient: Patient; readonly only: InstalledDistribution },
): Treatment {
  const { target } = environmentDestination(environment);
  const others = patient.distributions.filter((distribution) => distribution !== only);
  return {
    how: `Removes what is left of ${patient.name} ${others.map(versionOf).join(" and ")}; ${versionOf(only)} is whole`,
    run: async () => {
      // Both share most files: that those stay is no news.
      const emit: Context["emit"] = (event) => {
        if (event.type !== "log" || event.code !== "shared-file") context.emit(event);
      };
      const installed = readInstalled(target);
      const replaces = installed.filter(({ path }) => others.some((other) => other.path === path));
      await applyPlan({ steps: [{ action: "uninstall", name: only.name, version: "", replaces }], installed, missing: [] }, target, {
        linkMode: "auto",
        emit,
        ...(context.signal === undefined ? {} : { signal: context.signal }),
      });
    },
  };
}

function lostOf(patient: Patient, environment: Environment, codes: ReadonlySet<string>): Lost {
  const { interpreter, paths } = environment;
  const newest = [...patient.distributions].sort((a, b) => compareTexts(versionOf(b), versionOf(a)))[0];
  const sha256 = patient.linked === undefined ? undefined : /\/([0-9a-f]{64})\//.exec(patient.linked.record)?.[1];
  const exact =
    newest !== undefined &&
    sha256 === undefined &&
    !["record-unreadable", "wheel-unfit", "installed-twice"].some((code) => codes.has(code));
  const common = { libraries: [paths.purelib], interpreter, exact, ...(sha256 === undefined ? {} : { sha256 }) };
  if (newest !== undefined) return { ...common, distribution: newest, version: versionOf(newest) || (patient.linked?.version ?? "") };
  if (patient.linked === undefined) throw new PenError("INTERNAL", `${patient.name} is neither installed nor linked`);
  return { ...common, distribution: standIn(patient.linked, environmentDestination(environment)), version: patient.linked.version };
}

function compareTexts(a: string, b: string): number {
  const [left, right] = [tryParseVersion(a), tryParseVersion(b)];
  return left === undefined || right === undefined ? a.localeCompare(b) : compareVersions(left, right);
}

interface Return extends Obtained {
  readonly patient: Patient;
  readonly lost: Lost;
}

/** File by file where that is enough, else by installing the same wheel in place of what is there. */
async function putBack(one: Case, environment: Environment, { patient, lost, wheel, isSame }: Return): Promise<void> {
  const { context } = one;
  // With the store's entry back, links may lead where they did.
  if (patient.linked !== undefined && patient.linked.paths.every(pathExists) && pathExists(patient.linked.record)) return;
  const { damage } = patient;
  if (damage !== undefined && !damage.unreadable && isSame && !damage.distribution.linked) {
    const returns = planReturn(damage, wheel, environment);
    if (returns !== undefined) return returnFiles(damage.distribution, returns, environment);
  }
  const destination = environmentDestination(environment);
  const present = readInstalled(destination.target).map((distribution) =>
    distribution.name === patient.name ? withRows(distribution, wheel) : distribution,
  );
  const [first] = patient.distributions;
  const unlisted = patient.linked !== undefined && patient.distributions.length === 0 ? [standIn(patient.linked, destination)] : [];
  await installPins(context, {
    destination,
    installed: [...present, ...unlisted],
    resolved: { lock: { requiresPython: undefined, environments: [], packages: [] }, pins: [pinOf(wheel, lost)] },
    client: one.depot.client(),
    options: { forceReinstall: true, linkMode: first === undefined ? "symlink" : modeLike(first), ...signalOf(context) },
  });
}

const signalOf = ({ signal }: Context): { readonly signal?: AbortSignal } => (signal === undefined ? {} : { signal });

/** A linked package whose own folder is gone: the list of its links says what there is to remove. */
function standIn({ name, version, distInfo }: LinkedDistribution, { target }: Destination): InstalledDistribution {
  const nothing = (): undefined => undefined;
  const metadata = (): never => {
    throw new PenError("INVALID_METADATA", `${name} has no metadata`);
  };
  const location = linkedFolder(target);
  return {
    name,
    version,
    kind: "wheel",
    linked: true,
    location,
    path: `${location}/${distInfo}`,
    metadata,
    record: nothing,
    directUrl: nothing,
    installer: nothing,
    editable: () => false,
    requested: () => true,
    writtenName: () => name,
    brief: metadata,
  };
}

/** What has no readable RECORD has the files of its wheel, as far as they are there. */
function withRows(distribution: InstalledDistribution, { manifest }: StoredWheel): InstalledDistribution {
  if (rowsOf(distribution) !== "unreadable") return distribution;
  const rows = manifest.files.flatMap(({ scheme, path, hash, size }) =>
    scheme === "lib" || scheme === "scripts"
      ? [{ path: scheme === "lib" ? path : `../../../bin/${path}`, hash: { algorithm: "sha256", digest: hash }, size }]
      : [],
  );
  return Object.assign(Object.create(distribution) as InstalledDistribution, { record: () => rows });
}

/** Folders that pip left are nobody's: none is a package that can be imported. */
export function planLeftovers(environment: Environment): Treatment {
  const paths = leftovers(environment);
  return {
    how: "Removes what pip left behind",
    run: () => {
      for (const path of paths) removeTree(path);
      return Promise.resolve();
    },
  };
}
