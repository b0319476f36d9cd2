/**
 * The public library of pen: the functions that the command line calls, with their options and reports. Nothing in here prompts,
 * prints, changes the working directory or the variables of the process; progress goes to `onEvent`, and a failure is a
 * {@link PenError} that says what happened, why, and what to do. docs/library.md shows how to use it. What is exported here keeps
 * its meaning from release to release; the rooms behind it do not.
 */

// Environments and what is in them.
export {
  activate,
  check,
  compile,
  createEnvironment,
  diagnose,
  explain,
  freeze,
  inspect,
  install,
  installReportJson,
  list,
  listEnvironments,
  newestVersions,
  planRun,
  planShell,
  projectTrust,
  pruneEnvironments,
  removeEnvironments,
  repairEnvironments,
  run,
  setTrust,
  shell,
  shellHook,
  show,
  sync,
  tree,
  uninstall,
} from "./operations/index.ts";
export type {
  Activation,
  ActivationOptions,
  CheckOptions,
  CheckProblem,
  CompileOptions,
  CompileReport,
  CreatedEnvironment,
  CreateEnvironmentOptions,
  DiagnoseOptions,
  Diagnosis,
  DoctorProblem,
  DoomedEnvironment,
  ExplainOptions,
  Explanation,
  FreezeOptions,
  InspectOptions,
  InstallOptions,
  InstallReport,
  KnownEnvironment,
  ListEnvironmentsOptions,
  Listing,
  ListOptions,
  NewestVersion,
  OutdatedOptions,
  PruneEnvironmentsOptions,
  RemovalReport,
  RemoveEnvironmentsOptions,
  ProjectTrust,
  RunOptions,
  RunPlan,
  ShellOptions,
  ShellPlan,
  ShownDistribution,
  ShowOptions,
  ShowReport,
  SyncOptions,
  Trust,
  TreeNode,
  TreeOptions,
  UninstallOptions,
  UninstallReport,
  UnrepairedProblem,
} from "./operations/index.ts";

// Interpreters; the same as the subpath `pen-env/discover`.
export { findPython, listPythons } from "./operations/index.ts";
export type { FindPythonOptions, Interpreter } from "./operations/index.ts";

// pen's store.
export { cacheSize, cleanCache, pruneCache, verifyCache } from "./operations/index.ts";
export type { CacheSize, Removed, VerifyOptions, VerifyReport } from "./operations/index.ts";

// What operations take and give.
export type {
  Change,
  Credentials,
  Environment,
  IndexOptions,
  InstalledDistribution,
  JsonObject,
  LinkMode,
  Lock,
  LockedPackage,
  OperationOptions,
  Plan,
  PlanStep,
  Report,
  RequirementsInput,
} from "./operations/index.ts";

// Errors, events, and the machine as a value.
export { isPenError, PenError, readHost } from "./foundation/index.ts";
export type { Emit, Fetch, Host, JsonValue, PenErrorCode, PenErrorDetails, PenEvent, Phase } from "./foundation/index.ts";
