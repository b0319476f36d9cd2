/**
 * operations: one file per verb; the only place that joins rooms. Enters: plain options, the same from the command line and from a
 * library caller. Leaves: typed reports; progress goes sideways as events. What stands here is what programs may build on.
 *
 * Each verb is loaded when it is first called: making an environment must not pay for the resolver.
 */
import type { Interpreter } from "#python";
import type { Removed } from "#store";
import type { Activation, ActivationOptions } from "./shells/activate.ts";
import type { BundleOptions, BundleReport } from "./bundling/environment.ts";
import type { CacheSize, VerifyOptions, VerifyReport } from "./cache.ts";
import type { CheckOptions, CheckProblem } from "./packages/check.ts";
import type { CloneEnvironmentOptions, CloneReport, RelocationReport } from "./moving/clone-environment.ts";
import type { CompileOptions, CompileReport } from "./packages/compile.ts";
import type { CreatedEnvironment, CreateEnvironmentOptions } from "./environments/create-environment.ts";
import type { GuardChange, GuardedPython, GuardOptions, GuardReport } from "./guard/guard.ts";
import type { ChangedSetting, EnvironmentKey, SetEnvironmentOptions } from "./environments/environment-settings.ts";
import type { InheritedDistribution } from "./environments/inheritance.ts";
import type { UpgradedEnvironment, UpgradeEnvironmentOptions } from "./environments/upgrade-environment.ts";
import type { InstallOptions, InstallReport } from "./packages/install.ts";
import type { ExportEnvironmentOptions, ExportReport } from "./moving/export-environment.ts";
import type { ImportEnvironmentOptions, ImportReport } from "./moving/import-environment.ts";
import type { MoveEnvironmentOptions } from "./moving/move-environment.ts";
import type { FreezeOptions, Listing, ListOptions } from "./packages/list.ts";
import type { NewestVersion, OutdatedOptions } from "./packages/outdated.ts";
import type { DiagnoseOptions } from "./doctor/doctor.ts";
import type { Diagnosis, DoctorProblem } from "./doctor/types.ts";
import type {
  CreateNamedEnvironmentOptions,
  DisusedEnvironment,
  UsedEnvironment,
  UseEnvironmentOptions,
} from "./environments/named-environments.ts";
import type {
  DoomedEnvironment,
  PruneEnvironmentsOptions,
  RemovalReport,
  RemoveEnvironmentsOptions,
} from "./environments/environment-removal.ts";
import type { KnownEnvironment, ListEnvironmentsOptions } from "./environments/environments.ts";
import type { ExplainOptions } from "./explain/explain.ts";
import type { Explanation } from "./explain/types.ts";
import type { FindPythonOptions } from "./pythons.ts";
import type { RunOptions, RunPlan } from "./shells/run.ts";
import type { Repair, RepairedProblem, RepairOptions, UnrepairedProblem } from "./repair/repair.ts";
import type { OperationOptions } from "./settings.ts";
import type { ShellOptions, ShellPlan } from "./shells/shell.ts";
import type { InspectOptions, JsonObject, ShowOptions, ShowReport } from "./packages/show.ts";
import type { SyncOptions } from "./packages/sync.ts";
import type { ProjectTrust, Trust } from "./shells/trust.ts";
import type { TreeNode, TreeOptions } from "./packages/tree.ts";
import type { UpgradedSeeds, UpgradeSeedsOptions } from "./environments/upgrade-seeds.ts";
import type { AppDataOptions } from "./virtualenv/app-data.ts";
import type { VirtualenvOptions, VirtualenvReport } from "./virtualenv/virtualenv.ts";
import type { ActivatorName } from "#venv";
import type { UninstallOptions, UninstallReport } from "./packages/uninstall.ts";

/** Installs requirements and what they need, as one transaction. Errors: those of resolving, fetching and installing; the environment is then as it was. */
export async function install(options: InstallOptions): Promise<InstallReport> {
  const verb = await import("./packages/install.ts");
  return verb.install(options);
}

/** Makes an environment hold exactly what pinned requirements say. Errors as `install`, and `USAGE` when nothing is pinned. */
export async function sync(options: SyncOptions): Promise<InstallReport> {
  const verb = await import("./packages/sync.ts");
  return verb.sync(options);
}

/** Solves requirements and writes the answer as a lock. Errors: those of resolving. */
export async function compile(options: CompileOptions): Promise<CompileReport> {
  const verb = await import("./packages/compile.ts");
  return verb.compile(options);
}

/** Removes distributions, as one transaction. A name that is not installed is a warning. */
export async function uninstall(options: UninstallOptions): Promise<UninstallReport> {
  const verb = await import("./packages/uninstall.ts");
  return verb.uninstall(options);
}

/** What is installed. Starts no Python. */
export async function list(options: ListOptions = {}): Promise<Listing> {
  const verb = await import("./packages/list.ts");
  return verb.list(options);
}

/** The newest version that an index has of everything that is installed. Errors: those of the index. */
export async function newestVersions(options: OutdatedOptions = {}): Promise<NewestVersion[]> {
  const verb = await import("./packages/outdated.ts");
  return verb.newestVersions(options);
}

/** Lines of requirements that install the same again. */
export async function freeze(options: FreezeOptions = {}): Promise<string[]> {
  const verb = await import("./packages/list.ts");
  return verb.freeze(options);
}

/** What is known of installed distributions, in the order asked for. */
export async function show(options: ShowOptions): Promise<ShowReport> {
  const verb = await import("./packages/show.ts");
  return verb.show(options);
}

/** Everything about the environment, as pip's JSON report (format version 1). */
export async function inspect(options: InspectOptions = {}): Promise<JsonObject> {
  const verb = await import("./packages/show.ts");
  return verb.inspect(options);
}

/** Requirements of installed distributions that do not hold. */
export async function check(options: CheckOptions = {}): Promise<CheckProblem[]> {
  const verb = await import("./packages/check.ts");
  return verb.check(options);
}

/** The installed distributions as a forest of who needs what. */
export async function tree(options: TreeOptions = {}): Promise<TreeNode[]> {
  const verb = await import("./packages/tree.ts");
  return verb.tree(options);
}

/** What to start so that a command runs inside the environment. Errors: `ENV_NOT_FOUND`, `PROCESS_FAILED`. */
export async function planRun(options: RunOptions): Promise<RunPlan> {
  const verb = await import("./shells/run.ts");
  return verb.planRun(options);
}

/** Runs a command inside the environment in place of this process. */
export async function run(options: RunOptions): Promise<never> {
  const verb = await import("./shells/run.ts");
  return verb.run(options);
}

/** What an environment is, shown on a real one: folders, `pyvenv.cfg`, `sys.path`, activation. Runs no code of the environment. */
export async function explain(options: ExplainOptions = {}): Promise<Explanation> {
  const verb = await import("./explain/explain.ts");
  return verb.explain(options);
}

/** The line that a shell has to evaluate to activate an environment. Errors: `USAGE`, `ENV_NOT_FOUND`, `ENV_BROKEN`, `TARGET_UNSUPPORTED`. */
export async function activate(options: ActivationOptions = {}): Promise<Activation> {
  const verb = await import("./shells/activate.ts");
  return verb.activate(options);
}

/** What to start for an interactive shell inside an environment. Errors: as `activate`, and `PROCESS_FAILED`. */
export async function planShell(options: ShellOptions = {}): Promise<ShellPlan> {
  const verb = await import("./shells/shell.ts");
  return verb.planShell(options);
}

/** Starts that shell in place of this process. */
export async function shell(options: ShellOptions = {}): Promise<never> {
  const verb = await import("./shells/shell.ts");
  return verb.shell(options);
}

/** The text that a shell evaluates to activate environments on entering their projects. Errors: `USAGE`. */
export async function shellHook(name: string): Promise<string> {
  const verb = await import("./shells/hook.ts");
  return verb.shellHook(name);
}

/** The environment of the folder one is in, and whether the hook may activate it. */
export async function projectTrust(options: OperationOptions = {}): Promise<ProjectTrust | undefined> {
  const verb = await import("./shells/trust.ts");
  return verb.projectTrust(options);
}

/** Remembers whether the hook may activate an environment. Gives its folder. Errors: `ENV_NOT_FOUND`. */
export async function setTrust(options: OperationOptions & { readonly path?: string | undefined; readonly trust: Trust }): Promise<string> {
  const verb = await import("./shells/trust.ts");
  return verb.setTrust(options);
}

/** Every interpreter of this machine, in the order in which pen would take them. */
export async function listPythons(options: OperationOptions = {}): Promise<Interpreter[]> {
  const verb = await import("./pythons.ts");
  return verb.listPythons(options);
}

/** The interpreter that a request means. Errors: `PYTHON_NOT_FOUND`, naming those that exist. */
export async function findPython(options: FindPythonOptions = {}): Promise<Interpreter> {
  const verb = await import("./pythons.ts");
  return verb.findPython(options);
}

/** The report of `pip install --report` (format version 1) for what was, or would be, installed. */
export async function installReportJson(outcome: InstallReport): Promise<JsonObject> {
  const report = await import("./packages/install-report.ts");
  return report.installReportJson(outcome);
}

/** How many wheels the store holds, and the bytes of their files. */
export async function cacheSize(options: OperationOptions = {}): Promise<CacheSize> {
  const verb = await import("./cache.ts");
  return verb.cacheSize(options);
}

/** Compares every stored file with its hash; with `repair`, drops the wheels that are damaged. */
export async function verifyCache(options: VerifyOptions = {}): Promise<VerifyReport> {
  const verb = await import("./cache.ts");
  return verb.verifyCache(options);
}

/** Removes what no environment uses any more, damaged entries, and what killed processes left. */
export async function pruneCache(options: OperationOptions = {}): Promise<Removed> {
  const verb = await import("./cache.ts");
  return verb.pruneCache(options);
}

/** Removes all wheels and all that indexes answered. */
export async function cleanCache(options: OperationOptions = {}): Promise<Removed> {
  const verb = await import("./cache.ts");
  return verb.cleanCache(options);
}

export { describeInterpreter } from "#python";
export { editableLocation, metadataFileText, versionOf, writtenName } from "./packages/distributions.ts";
export { fileHashes } from "./packages/hash.ts";
export {
  bundleEnvironment,
  cloneEnvironment,
  createEnvironment,
  createNamedEnvironment,
  diagnose,
  disuseEnvironment,
  exportEnvironment,
  guardOff,
  guardOn,
  guardStatus,
  importEnvironment,
  listEnvironments,
  makeVirtualenv,
  moveEnvironment,
  pruneEnvironments,
  removeEnvironments,
  repairEnvironments,
  setEnvironment,
  upgradeEnvironment,
  upgradeSeeds,
  useEnvironment,
} from "./environment-verbs.ts";
export {
  cachedWheels,
  cacheInfo,
  download,
  environmentRoot,
  indexVersions,
  installBundle,
  removeFromCache,
  reportPython,
} from "./pip-verbs.ts";
export { auditProject, checkProjectPython, migrateProject, outdatedPackages, whyPackage } from "./project-reports.ts";
export type { UnfitPython } from "./projects/check-python.ts";
export type { AuditedPackage, AuditFix, AuditOptions, AuditReport, Vulnerability } from "./projects/audit.ts";
export type { GraphRoot } from "./projects/package-graph.ts";
export type { HoldingReason, OutdatedPackage, OutdatedPackagesOptions, OutdatedReport } from "./projects/outdated-project.ts";
export type { WhyChain, WhyLink, WhyOptions, WhyReport } from "./projects/why.ts";
export type { MigrateOptions, MigrateReport, MigrationSource } from "./projects/migrate.ts";
export {
  checkSync,
  cleanProject,
  graphOfProject,
  hasProject,
  initProject,
  installProject,
  isProjectMeant,
  locateProject,
  lockHere,
  outdatedLock,
  planProjectRun,
  prepareProject,
  projectPython,
  purgeProject,
  pylockHere,
  removeProject,
  requirementsOfProject,
  runInProject,
  shellInProject,
  syncProject,
  uninstallFromProject,
  updateProject,
  verifyProject,
} from "./project-verbs.ts";
export type {
  FetchOptions,
  GraphNeed,
  GraphPackage,
  InitProjectOptions,
  InitReport,
  InstallProjectReport,
  LockChange,
  LockReport,
  ProjectChangeOptions,
  ProjectReport,
  ProjectUninstallReport,
  SyncCheck,
  SyncProjectOptions,
} from "./project-verbs.ts";
export type { DownloadOptions } from "./packages/download.ts";
export type { DownloadedDistribution, DownloadReport } from "./packages/download-types.ts";
export type { IndexVersions, IndexVersionsOptions } from "./packages/index-versions.ts";
export type { CachedWheel, CacheInfo, RemovedFromCache } from "./packages/pip-cache.ts";
export type { PythonReport, PythonReportOptions } from "./python-report.ts";
export type { EnvironmentRootOptions } from "./environments/environment-root.ts";
export type { TargetOptions } from "./resolving/target.ts";
export type { BuildChoices, BuildQuestion } from "./building/build-choices.ts";
export type { IndexOptions } from "./context.ts";
export type { LinkMode, RequirementsInput } from "./packages/install.ts";
export type { ShownDistribution } from "./packages/show.ts";
export type { Environment } from "#venv";
export type { Change, InstalledDistribution, Plan, PlanStep, Report } from "#installer";
export type { Credentials } from "#index";
export type { Lock, LockedPackage } from "#lock";
export type {
  Activation,
  ActivatorName,
  AppDataOptions,
  ActivationOptions,
  BundleOptions,
  BundleReport,
  CacheSize,
  CheckOptions,
  CheckProblem,
  CloneEnvironmentOptions,
  CloneReport,
  CompileOptions,
  CompileReport,
  CreatedEnvironment,
  ChangedSetting,
  CreateEnvironmentOptions,
  EnvironmentKey,
  CreateNamedEnvironmentOptions,
  DiagnoseOptions,
  Diagnosis,
  DisusedEnvironment,
  DoctorProblem,
  DoomedEnvironment,
  ExplainOptions,
  Explanation,
  ExportEnvironmentOptions,
  ExportReport,
  FindPythonOptions,
  FreezeOptions,
  GuardChange,
  GuardedPython,
  GuardOptions,
  GuardReport,
  ImportEnvironmentOptions,
  ImportReport,
  InspectOptions,
  InstallOptions,
  InstallReport,
  Interpreter,
  JsonObject,
  KnownEnvironment,
  ListEnvironmentsOptions,
  InheritedDistribution,
  Listing,
  SetEnvironmentOptions,
  UpgradedEnvironment,
  UpgradeEnvironmentOptions,
  ListOptions,
  MoveEnvironmentOptions,
  NewestVersion,
  OperationOptions,
  OutdatedOptions,
  ProjectTrust,
  PruneEnvironmentsOptions,
  RelocationReport,
  RemovalReport,
  Removed,
  RemoveEnvironmentsOptions,
  Repair,
  RepairedProblem,
  RepairOptions,
  RunOptions,
  RunPlan,
  ShellOptions,
  ShellPlan,
  ShowOptions,
  ShowReport,
  SyncOptions,
  TreeNode,
  TreeOptions,
  Trust,
  UninstallOptions,
  UninstallReport,
  UnrepairedProblem,
  UpgradedSeeds,
  UpgradeSeedsOptions,
  UsedEnvironment,
  UseEnvironmentOptions,
  VerifyOptions,
  VerifyReport,
  VirtualenvOptions,
  VirtualenvReport,
};
