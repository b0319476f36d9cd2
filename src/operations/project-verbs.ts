/** The verbs for projects with a Pipfile, each loaded when it is first called. */
import type { InitProjectOptions, InitReport } from "./projects/begin-project.ts";
import type { ProjectChangeOptions, ProjectReport } from "./projects/change-project.ts";
import type { InstallProjectOptions, InstallProjectReport } from "./projects/install-project.ts";
import type { LockReport } from "./projects/lock-project.ts";
import type { LockCommandOptions } from "./projects/lock-here.ts";
import type { EnsuredEnvironment } from "./projects/project-environment.ts";
import type { GraphPackage } from "./projects/project-graph.ts";
import type { ProjectPlaces } from "./projects/project-places.ts";
import type { ProjectRequirementsOptions } from "./projects/project-requirements.ts";
import type { PylockOptions, PylockReport } from "./projects/pylock-command.ts";
import type { ProjectRunOptions } from "./projects/project-run.ts";
import type { SyncCheck, SyncProjectOptions } from "./projects/sync-project.ts";
import type { UninstallFromProjectOptions, ProjectUninstallReport } from "./projects/uninstall-from-project.ts";
import type { UpdateProjectOptions } from "./projects/update-project.ts";
import type { OperationOptions } from "./settings.ts";
import type { ShellOptions } from "./shells/shell.ts";
import type { RunPlan } from "./shells/run.ts";

/** Installs what a project asks for, and what is added to it; makes Pipfile, lock and environment where they are missing. All or nothing. Errors: those of locking and installing, `CHECK_FAILED` with `deploy`. */
export async function installProject(options: InstallProjectOptions = {}): Promise<InstallProjectReport> {
  const verb = await import("./projects/install-project.ts");
  return verb.installProject(await projectOptions(options));
}

/** Takes packages out of a project and its environment. All or nothing. Errors: `NOT_INSTALLED`, and those of locking. */
export async function uninstallFromProject(options: UninstallFromProjectOptions): Promise<ProjectUninstallReport> {
  const verb = await import("./projects/uninstall-from-project.ts");
  return verb.uninstallFromProject(await projectOptions(options));
}

/** Empties a project's environment; Pipfile and lock stay. Errors: `ENV_NOT_FOUND`. */
export async function purgeProject(options: ProjectChangeOptions = {}): Promise<Pick<ProjectUninstallReport, "plan" | "report">> {
  const verb = await import("./projects/uninstall-from-project.ts");
  return verb.purgeProject(await projectOptions(options));
}

/** Removes from a project's environment what its lock does not name. Errors: `INVALID_LOCK`, `ENV_NOT_FOUND`. */
export async function cleanProject(
  options: ProjectChangeOptions & { readonly dryRun?: boolean | undefined } = {},
): Promise<{ readonly extra: readonly string[]; readonly status: "missing" | "stale" | "fresh" }> {
  const verb = await import("./projects/uninstall-from-project.ts");
  return verb.cleanProject(await projectOptions(options));
}

/** Begins a project in the working folder: a Pipfile and the environment. All or nothing. Errors: `INVALID_PROJECT` where a Pipfile is, and those of `createEnvironment`. */
export async function initProject(options: InitProjectOptions = {}): Promise<InitReport> {
  const verb = await import("./projects/begin-project.ts");
  return verb.initProject(await projectOptions(options));
}

/** What `syncProject` would change. Nothing is changed. Errors: as `syncProject`. */
export async function checkSync(options: SyncProjectOptions = {}): Promise<SyncCheck> {
  const verb = await import("./projects/sync-project.ts");
  return verb.checkSync(await projectOptions(options));
}

/** Puts what the lock names into the project's environment. Errors: `INVALID_LOCK`, and those of installing. */
export async function syncProject(options: SyncProjectOptions = {}): Promise<ProjectReport> {
  const verb = await import("./projects/sync-project.ts");
  return verb.syncProject(await projectOptions(options));
}

/** Moves packages to the newest versions that fit, in lock and environment. Errors: those of locking and installing. */
export async function updateProject(options: UpdateProjectOptions = {}): Promise<ProjectReport> {
  const verb = await import("./projects/update-project.ts");
  return verb.updateProject(await projectOptions(options));
}

/** What updating everything would change. Nothing is written. Errors: those of locking. */
export async function outdatedLock(options: ProjectChangeOptions = {}): Promise<LockReport> {
  const verb = await import("./projects/update-project.ts");
  return verb.outdatedLock(await projectOptions(options));
}

/** Locks the project here. Errors: those of resolving, `INVALID_LOCK`, `INVALID_PROJECT`; the lock is then as it was. */
export async function lockHere(options: LockCommandOptions = {}): Promise<LockReport> {
  const verb = await import("./projects/lock-here.ts");
  return verb.lockHere(await projectOptions(options));
}

/** Writes the project's pylock.toml, or reads and checks the one that is there. Errors: `INVALID_LOCK`, `INVALID_PROJECT`, those of resolving. */
export async function pylockHere(options: PylockOptions = {}): Promise<PylockReport | undefined> {
  const verb = await import("./projects/pylock-command.ts");
  return verb.pylockHere(await projectOptions(options));
}

/** The project here, and where its environment is or would be. Errors: `INVALID_PROJECT`. */
export async function locateProject(options: OperationOptions = {}): Promise<ProjectPlaces> {
  const verb = await import("./projects/project-places.ts");
  return verb.locateProject(await projectOptions(options));
}

/** The Python of the project's environment. Errors: `ENV_NOT_FOUND`, `ENV_BROKEN`. */
export async function projectPython(options: OperationOptions = {}): Promise<string> {
  const verb = await import("./projects/environment-commands.ts");
  return verb.projectPython(await projectOptions(options));
}

/** Makes the project's environment where there is none. Errors: those of `createEnvironment`. */
export async function prepareProject(options: ProjectChangeOptions = {}): Promise<EnsuredEnvironment> {
  const verb = await import("./projects/environment-commands.ts");
  return verb.prepareProject(await projectOptions(options));
}

/** Deletes the project's environment and gives its folder. Errors: `ENV_NOT_FOUND`, `USAGE` for an active one. */
export async function removeProject(options: OperationOptions = {}): Promise<string> {
  const verb = await import("./projects/environment-commands.ts");
  return verb.removeProject(await projectOptions(options));
}

/** Whether the project's lock is that of its Pipfile. Errors: `INVALID_PROJECT`, `INVALID_LOCK`. */
export async function verifyProject(options: OperationOptions = {}): Promise<"missing" | "stale" | "fresh"> {
  const verb = await import("./projects/project-places.ts");
  return verb.verifyProject(await projectOptions(options));
}

/** The project as lines of a requirements file. Errors: `INVALID_PROJECT`, `INVALID_LOCK`. */
export async function requirementsOfProject(options: ProjectRequirementsOptions = {}): Promise<string[]> {
  const verb = await import("./projects/project-requirements.ts");
  return verb.requirementsOfProject(await projectOptions(options));
}

/** Who needs what in the project's environment. Errors: `ENV_NOT_FOUND`, `ENV_BROKEN`. */
export async function graphOfProject(options: OperationOptions = {}): Promise<GraphPackage[]> {
  const verb = await import("./projects/project-graph.ts");
  return verb.graphOfProject(await projectOptions(options));
}

/** What to start so that a script or a command runs in the project's environment. Errors: `INVALID_PROJECT`, `PROCESS_FAILED`. */
export async function planProjectRun(options: ProjectRunOptions): Promise<RunPlan> {
  const verb = await import("./projects/project-run.ts");
  return verb.planProjectRun(await projectOptions(options));
}

/** Runs it in place of this process. */
export async function runInProject(options: ProjectRunOptions): Promise<never> {
  const verb = await import("./projects/project-run.ts");
  return verb.runInProject(await projectOptions(options));
}

/** Starts a shell with the project's environment active, in place of this process. Errors: as `planShell`. */
export async function shellInProject(options: ShellOptions & { readonly python?: string | undefined } = {}): Promise<never> {
  const verb = await import("./projects/project-shell.ts");
  return verb.shellInProject(await projectOptions(options));
}

/** Whether the working folder belongs to a project with a Pipfile. Reads no file of it. */
export async function hasProject(options: OperationOptions = {}): Promise<boolean> {
  const [rule, { readSettings }] = await Promise.all([import("./projects/meant-project.ts"), import("./settings.ts")]);
  return rule.hasProject(readSettings(options).host);
}

/** Whether a command that works everywhere, as `run`, works in the Pipfile project here: no environment stands nearer. Reads no file. */
export async function isProjectMeant(options: OperationOptions = {}): Promise<boolean> {
  const [rule, { readSettings }] = await Promise.all([import("./projects/meant-project.ts"), import("./settings.ts")]);
  return rule.isProjectMeant(readSettings(options).host);
}

export type { GraphNeed, GraphPackage } from "./projects/project-graph.ts";
export type { InitProjectOptions, InitReport } from "./projects/begin-project.ts";
export type { LockChange } from "./projects/lock-changes.ts";
export type { SyncCheck, SyncProjectOptions } from "./projects/sync-project.ts";
export type { LockReport } from "./projects/lock-project.ts";
export type { ProjectChangeOptions, ProjectReport } from "./projects/change-project.ts";
export type { ProjectUninstallReport } from "./projects/uninstall-from-project.ts";
export type { InstallProjectReport } from "./projects/install-project.ts";
export type { FetchOptions } from "./projects/project-sources.ts";

/** With the variables of the project's `.env` file. */
async function projectOptions<Options extends OperationOptions>(options: Options): Promise<Options> {
  const { withDotenv } = await import("./projects/dotenv.ts");
  return withDotenv(options);
}
