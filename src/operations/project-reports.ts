/** The verbs that tell of a project and change nothing, or only on request; each is loaded when it is first called, as those of index.ts. */
import type { AuditOptions, AuditReport } from "./projects/audit.ts";
import type { ProjectChangeOptions } from "./projects/change-project.ts";
import type { UnfitPython } from "./projects/check-python.ts";
import type { MigrateOptions, MigrateReport } from "./projects/migrate.ts";
import type { OutdatedPackagesOptions, OutdatedReport } from "./projects/outdated-project.ts";
import type { WhyOptions, WhyReport } from "./projects/why.ts";

/**
 * Which packages of the environment or the lock have known vulnerabilities. Errors: `ENV_NOT_FOUND`, `INVALID_LOCK`, `NETWORK`, `OFFLINE`,
 * `INVALID_ADVISORY`; `CHECK_FAILED` with `strict`.
 */
export async function auditProject(options: AuditOptions = {}): Promise<AuditReport> {
  const verb = await import("./projects/audit.ts");
  return verb.auditProject(options);
}

/** A Pipfile from another tool's files, or a pyproject.toml from a Pipfile. Errors: `INVALID_PROJECT`, and those of reading the files. */
export async function migrateProject(options: MigrateOptions = {}): Promise<MigrateReport> {
  const verb = await import("./projects/migrate.ts");
  return verb.migrateProject(options);
}

/** The chains that lead from what was asked for to a package. Errors: `NOT_INSTALLED`, `ENV_NOT_FOUND`, those of reading the lock and of the indexes. */
export async function whyPackage(options: WhyOptions): Promise<WhyReport> {
  const verb = await import("./projects/why.ts");
  return verb.whyPackage(options);
}

/** Packages that have newer versions, with what holds each one back. Errors: `ENV_NOT_FOUND`, those of reading the lock and of the indexes. */
export async function outdatedPackages(options: OutdatedPackagesOptions = {}): Promise<OutdatedReport> {
  const verb = await import("./projects/outdated-project.ts");
  return verb.outdatedPackages(options);
}

/** What `[requires]` asks of the Python that the project's environment has not. Errors: `INVALID_PROJECT`, those of making an environment. */
export async function checkProjectPython(options: ProjectChangeOptions = {}): Promise<UnfitPython[]> {
  const verb = await import("./projects/check-python.ts");
  return verb.checkProjectPython(options);
}
