/**
 * operations: one file per verb; the only place that joins rooms. Enters: plain options, the same from the command line and from a
 * library caller. Leaves: typed reports; progress goes sideways as events. What stands here is what programs may build on.
 *
 * The verbs stand by what they are about in the files `*-verbs.ts`, which load each when it is first called.
 */
export {
  check,
  compile,
  freeze,
  inspect,
  install,
  installReportJson,
  list,
  newestVersions,
  show,
  sync,
  tree,
  uninstall,
} from "./package-verbs.ts";
export { activate, planRun, planShell, projectTrust, run, setTrust, shell, shellHook } from "./shell-verbs.ts";
export { cacheSize, cleanCache, findPython, listPythons, pruneCache, verifyCache } from "./machine-verbs.ts";
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
  explain,
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

export type { BuildChoices, BuildQuestion } from "./building/build-choices.ts";
export type { BundleOptions, BundleReport } from "./bundling/environment.ts";
export type { CacheSize, VerifyOptions, VerifyReport } from "./cache.ts";
export type { IndexOptions } from "./context.ts";
export type { DiagnoseOptions } from "./doctor/doctor.ts";
export type { Diagnosis, DoctorProblem } from "./doctor/types.ts";
export type { CreateEnvironmentOptions, CreatedEnvironment } from "./environments/create-environment.ts";
export type {
  DoomedEnvironment,
  PruneEnvironmentsOptions,
  RemovalReport,
  RemoveEnvironmentsOptions,
} from "./environments/environment-removal.ts";
export type { EnvironmentRootOptions } from "./environments/environment-root.ts";
export type { ChangedSetting, EnvironmentKey, SetEnvironmentOptions } from "./environments/environment-settings.ts";
export type { KnownEnvironment, ListEnvironmentsOptions } from "./environments/environments.ts";
export type { InheritedDistribution } from "./environments/inheritance.ts";
export type {
  CreateNamedEnvironmentOptions,
  DisusedEnvironment,
  UseEnvironmentOptions,
  UsedEnvironment,
} from "./environments/named-environments.ts";
export type { UpgradeEnvironmentOptions, UpgradedEnvironment } from "./environments/upgrade-environment.ts";
export type { UpgradeSeedsOptions, UpgradedSeeds } from "./environments/upgrade-seeds.ts";
export type { ExplainOptions } from "./explain/explain.ts";
export type { Explanation } from "./explain/types.ts";
export type { GuardChange, GuardOptions, GuardReport, GuardedPython } from "./guard/guard.ts";
export type { CloneEnvironmentOptions, CloneReport, RelocationReport } from "./moving/clone-environment.ts";
export type { ExportEnvironmentOptions, ExportReport } from "./moving/export-environment.ts";
export type { ImportEnvironmentOptions, ImportReport } from "./moving/import-environment.ts";
export type { MoveEnvironmentOptions } from "./moving/move-environment.ts";
export type { CheckOptions, CheckProblem } from "./packages/check.ts";
export type { CompileOptions, CompileReport } from "./packages/compile.ts";
export type { DownloadReport, DownloadedDistribution } from "./packages/download-types.ts";
export type { DownloadOptions } from "./packages/download.ts";
export type { IndexVersions, IndexVersionsOptions } from "./packages/index-versions.ts";
export type { InstallOptions, InstallReport, LinkMode } from "./packages/install.ts";
export type { RequirementsInput } from "./packages/wanted.ts";
export type { FreezeOptions, ListOptions, Listing } from "./packages/list.ts";
export type { NewestVersion, OutdatedOptions } from "./packages/outdated.ts";
export type { CacheInfo, CachedWheel, RemovedFromCache } from "./packages/pip-cache.ts";
export type { InspectOptions, JsonObject, ShowOptions, ShowReport, ShownDistribution } from "./packages/show.ts";
export type { SyncOptions } from "./packages/sync.ts";
export type { TreeNode, TreeOptions } from "./packages/tree.ts";
export type { UninstallOptions, UninstallReport } from "./packages/uninstall.ts";
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
export type { AuditFix, AuditOptions, AuditReport, AuditedPackage, Vulnerability } from "./projects/audit.ts";
export type { UnfitPython } from "./projects/check-python.ts";
export type { MigrateOptions, MigrateReport, MigrationSource } from "./projects/migrate.ts";
export type { HoldingReason, OutdatedPackage, OutdatedPackagesOptions, OutdatedReport } from "./projects/outdated-project.ts";
export type { GraphRoot } from "./projects/package-graph.ts";
export type { WhyChain, WhyLink, WhyOptions, WhyReport } from "./projects/why.ts";
export type { PythonReport, PythonReportOptions } from "./python-report.ts";
export type { FindPythonOptions } from "./pythons.ts";
export type { Repair, RepairOptions, RepairedProblem, UnrepairedProblem } from "./repair/repair.ts";
export type { TargetOptions } from "./resolving/target.ts";
export type { OperationOptions } from "./settings.ts";
export type { Activation, ActivationOptions } from "./shells/activate.ts";
export type { RunOptions, RunPlan } from "./shells/run.ts";
export type { ShellOptions, ShellPlan } from "./shells/shell.ts";
export type { ProjectTrust, Trust } from "./shells/trust.ts";
export type { AppDataOptions } from "./virtualenv/app-data.ts";
export type { VirtualenvOptions, VirtualenvReport } from "./virtualenv/virtualenv.ts";
export type { Credentials } from "#index";
export type { Change, InstalledDistribution, Plan, PlanStep, Report } from "#installer";
export type { Lock, LockedPackage } from "#lock";
export type { Interpreter } from "#python";
export type { Removed } from "#store";
export type { ActivatorName, Environment } from "#venv";
