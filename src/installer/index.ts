/**
 * installer: from what is installed to what is wanted. Enters: a target (an environment, or a folder), stored wheels and the names to
 * remove. Leaves: the installed distributions, a plan, and the report of its one transaction, which can always be undone or finished.
 */
export type {
  ApplyOptions,
  BytecodeOf,
  Change,
  InstallTarget,
  InstalledDistribution,
  InstalledKind,
  LinkMode,
  Plan,
  PlanStep,
  RecoveryReport,
  Report,
  UnbuiltWheel,
  WantedWheel,
} from "./types.ts";
export { targetOf } from "./layout.ts";
export { readInstalled } from "./installed.ts";
export { describePlan, planInstall } from "./plan.ts";
export type { PlanOptions } from "./plan.ts";
export { applyPlan, checkPlan } from "./apply.ts";
export { changeGuarded } from "./guarded.ts";
export type { GuardedPaths, Stage } from "./guarded.ts";
export { lockEnvironment, needsRecovery, recover, tidyFolder } from "./recovery.ts";
export { linkedDistributions, linkedFolder } from "./linked-list.ts";
export type { LinkedDistribution } from "./linked-list.ts";
