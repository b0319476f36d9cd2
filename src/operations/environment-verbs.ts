/** The verbs for whole environments, each loaded when it is first called. */
import type { BundleOptions, BundleReport } from "./bundling/environment.ts";
import type { CloneEnvironmentOptions, CloneReport, RelocationReport } from "./moving/clone-environment.ts";
import type { CreatedEnvironment, CreateEnvironmentOptions } from "./environments/create-environment.ts";
import type { GuardOptions, GuardReport } from "./guard/guard.ts";
import type { ChangedSetting, SetEnvironmentOptions } from "./environments/environment-settings.ts";
import type { UpgradedEnvironment, UpgradeEnvironmentOptions } from "./environments/upgrade-environment.ts";
import type { ExportEnvironmentOptions, ExportReport } from "./moving/export-environment.ts";
import type { ImportEnvironmentOptions, ImportReport } from "./moving/import-environment.ts";
import type { MoveEnvironmentOptions } from "./moving/move-environment.ts";
import type { DiagnoseOptions } from "./doctor/doctor.ts";
import type { Diagnosis } from "./doctor/types.ts";
import type {
  CreateNamedEnvironmentOptions,
  DisusedEnvironment,
  UsedEnvironment,
  UseEnvironmentOptions,
} from "./environments/named-environments.ts";
import type { PruneEnvironmentsOptions, RemovalReport, RemoveEnvironmentsOptions } from "./environments/environment-removal.ts";
import type { KnownEnvironment, ListEnvironmentsOptions } from "./environments/environments.ts";
import type { Repair, RepairOptions } from "./repair/repair.ts";
import type { OperationOptions } from "./settings.ts";
import type { UpgradedSeeds, UpgradeSeedsOptions } from "./environments/upgrade-seeds.ts";
import type { VirtualenvOptions, VirtualenvReport } from "./virtualenv/virtualenv.ts";
import type { ExplainOptions } from "./explain/explain.ts";
import type { Explanation } from "./explain/types.ts";

/** Makes a virtual environment (PEP 405), with pip linked from the store. Errors: `PYTHON_NOT_FOUND`, `ENV_EXISTS`, `FILE_SYSTEM`; nothing is left behind when it fails. */
export async function createEnvironment(options: CreateEnvironmentOptions = {}): Promise<CreatedEnvironment> {
  const verb = await import("./environments/create-environment.ts");
  return verb.createEnvironment(options);
}

/** Makes an environment as virtualenv does: laid over what is there, with its words for Pythons and seeds. Errors: `USAGE` for a destination that cannot be used, and those of `createEnvironment`. */
export async function makeVirtualenv(options: VirtualenvOptions): Promise<VirtualenvReport> {
  const verb = await import("./virtualenv/virtualenv.ts");
  return verb.makeVirtualenv(options);
}

/** Asks the index for the newest pip (and setuptools) of every Python of this machine, for new environments to start with. Errors: those of asking an index. */
export async function upgradeSeeds(options: UpgradeSeedsOptions = {}): Promise<UpgradedSeeds[]> {
  const verb = await import("./environments/upgrade-seeds.ts");
  return verb.upgradeSeeds(options);
}

/** Leads an environment to another Python, as `python -m venv --upgrade`; packages stay. Errors: `ENV_NOT_FOUND`, `ENV_BROKEN`, `PYTHON_NOT_FOUND`, `TARGET_UNSUPPORTED`. */
export async function upgradeEnvironment(options: UpgradeEnvironmentOptions = {}): Promise<UpgradedEnvironment> {
  const verb = await import("./environments/upgrade-environment.ts");
  return verb.upgradeEnvironment(options);
}

/** Changes one setting of an environment: whether it sees its base's packages, its prompt, what it inherits. Errors: `ENV_NOT_FOUND`, `USAGE`, `INVALID_CONFIG`. */
export async function setEnvironment(options: SetEnvironmentOptions): Promise<ChangedSetting> {
  const verb = await import("./environments/environment-settings.ts");
  return verb.setEnvironment(options);
}

/** Every environment that pen knows of, those used last first. Starts no Python. */
export async function listEnvironments(options: ListEnvironmentsOptions = {}): Promise<KnownEnvironment[]> {
  const verb = await import("./environments/environments.ts");
  return verb.listEnvironments(options);
}

/** Makes an environment that is kept by its name, in pen's data folder. Errors: `USAGE` for what cannot be a name, those of `createEnvironment`. */
export async function createNamedEnvironment(options: CreateNamedEnvironmentOptions): Promise<CreatedEnvironment> {
  const verb = await import("./environments/named-environments.ts");
  return verb.createNamedEnvironment(options);
}

/** Ties a project's folder to an environment that stands elsewhere, by a file `.venv` (PEP 832). Makes a named one that is missing. */
export async function useEnvironment(options: UseEnvironmentOptions): Promise<UsedEnvironment> {
  const verb = await import("./environments/named-environments.ts");
  return verb.useEnvironment(options);
}

/** Removes the file that `useEnvironment` wrote; the environment stays. */
export async function disuseEnvironment(
  options: OperationOptions & { readonly project?: string | undefined } = {},
): Promise<DisusedEnvironment> {
  const verb = await import("./environments/named-environments.ts");
  return verb.disuseEnvironment(options);
}

/** What is wrong with an environment, or with all that pen knows of. Changes nothing. */
export async function diagnose(options: DiagnoseOptions = {}): Promise<Diagnosis[]> {
  const verb = await import("./doctor/doctor.ts");
  return verb.diagnose(options);
}

/** Mends what is certain of an environment, or of all that pen knows of; all else is told with the reason why not. */
export async function repairEnvironments(options: RepairOptions = {}): Promise<Repair[]> {
  const verb = await import("./repair/repair.ts");
  return verb.repair(options);
}

/** Makes a copy of an environment that works at its own place; files of the store are linked again. Errors: `ENV_NOT_FOUND`, `ENV_EXISTS`, `USAGE`, `FILE_SYSTEM`. */
export async function cloneEnvironment(options: CloneEnvironmentOptions): Promise<CloneReport> {
  const verb = await import("./moving/clone-environment.ts");
  return verb.cloneEnvironment(options);
}

/** Moves or renames an environment of any tool, and changes what holds the old place. Errors: `ENV_NOT_FOUND`, `ENV_EXISTS`, `USAGE`, `FILE_SYSTEM`. */
export async function moveEnvironment(options: MoveEnvironmentOptions): Promise<RelocationReport> {
  const verb = await import("./moving/move-environment.ts");
  return verb.moveEnvironment(options);
}

/** What is installed in an environment as a lock. Errors: `ENV_NOT_FOUND`, `ENV_BROKEN`, `HASH_REQUIRED`. */
export async function exportEnvironment(options: ExportEnvironmentOptions): Promise<ExportReport> {
  const verb = await import("./moving/export-environment.ts");
  return verb.exportEnvironment(options);
}

/** Makes the environment that a lock describes. Errors: `INVALID_LOCK`, `PYTHON_NOT_FOUND`, `ENV_EXISTS`, `TARGET_UNSUPPORTED`, and those of fetching. */
export async function importEnvironment(options: ImportEnvironmentOptions): Promise<ImportReport> {
  const verb = await import("./moving/import-environment.ts");
  return verb.importEnvironment(options);
}

/** Packs an environment up with its whole Python, to run on another machine. Errors: `ENV_NOT_FOUND`, `ENV_EXISTS`, `TARGET_UNSUPPORTED`, `FILE_SYSTEM`. */
export async function bundleEnvironment(options: BundleOptions): Promise<BundleReport> {
  const verb = await import("./bundling/environment.ts");
  return verb.bundleEnvironment(options);
}

/** Deletes environments, after all of them were found to be nothing else. */
export async function removeEnvironments(options: RemoveEnvironmentsOptions): Promise<RemovalReport> {
  const verb = await import("./environments/environment-removal.ts");
  return verb.removeEnvironments(options);
}

/** Deletes environments that nobody has used for so many days. */
export async function pruneEnvironments(options: PruneEnvironmentsOptions): Promise<RemovalReport> {
  const verb = await import("./environments/environment-removal.ts");
  return verb.pruneEnvironments(options);
}

/** Makes pip refuse to install outside an environment, by what pip itself obeys. Errors: `FILE_SYSTEM`. */
export async function guardOn(options: GuardOptions = {}): Promise<GuardReport> {
  const verb = await import("./guard/guard.ts");
  return verb.guardOn(options);
}

/** Takes back what `guardOn` did, and nothing else. Errors: `FILE_SYSTEM`. */
export async function guardOff(options: OperationOptions = {}): Promise<GuardReport> {
  const verb = await import("./guard/guard.ts");
  return verb.guardOff(options);
}

/** Whether every Python refuses `pip install` outside an environment, and by what. Changes nothing. */
export async function guardStatus(options: OperationOptions = {}): Promise<GuardReport> {
  const verb = await import("./guard/guard.ts");
  return verb.guardStatus(options);
}

/** What an environment is, shown on a real one: folders, `pyvenv.cfg`, `sys.path`, activation. Runs no code of the environment. */
export async function explain(options: ExplainOptions = {}): Promise<Explanation> {
  const verb = await import("./explain/explain.ts");
  return verb.explain(options);
}
