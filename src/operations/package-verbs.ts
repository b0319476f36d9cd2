/** The verbs for the packages of an environment, each loaded when it is first called: making an environment must not pay for the resolver. */
import type { CheckOptions, CheckProblem } from "./packages/check.ts";
import type { CompileOptions, CompileReport } from "./packages/compile.ts";
import type { InstallOptions, InstallReport } from "./packages/install.ts";
import type { FreezeOptions, ListOptions, Listing } from "./packages/list.ts";
import type { NewestVersion, OutdatedOptions } from "./packages/outdated.ts";
import type { InspectOptions, JsonObject, ShowOptions, ShowReport } from "./packages/show.ts";
import type { SyncOptions } from "./packages/sync.ts";
import type { TreeNode, TreeOptions } from "./packages/tree.ts";
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

/** The report of `pip install --report` (format version 1) for what was, or would be, installed. */
export async function installReportJson(outcome: InstallReport): Promise<JsonObject> {
  const report = await import("./packages/install-report.ts");
  return report.installReportJson(outcome);
}
