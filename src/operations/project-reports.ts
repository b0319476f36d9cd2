/** The verbs that tell of a project and change nothing, or only on request; each is loaded when it is first called, as those of index.ts. */
import type { AuditOptions, AuditReport } from "./projects/audit.ts";

/**
 * Which packages of the environment or the lock have known vulnerabilities. Errors: `ENV_NOT_FOUND`, `INVALID_LOCK`, `NETWORK`, `OFFLINE`,
 * `INVALID_ADVISORY`; `CHECK_FAILED` with `strict`.
 */
export async function auditProject(options: AuditOptions = {}): Promise<AuditReport> {
  const verb = await import("./projects/audit.ts");
  return verb.auditProject(options);
}
