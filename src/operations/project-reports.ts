/** The verbs that tell of a project and change nothing, or only on request; each is loaded when it is first called, as those of index.ts. */
import type { AuditOptions, AuditReport } from "./projects/audit.ts";
import type { MigrateOptions, MigrateReport } from "./projects/migrate.ts";

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
