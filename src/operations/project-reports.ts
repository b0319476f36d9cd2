/** The verbs that tell of a project and change nothing, or only on request; each is loaded when it is first called, as those of index.ts. */
import type { AuditOptions, AuditReport } from "./projects/audit.ts";
import type { ProjectChangeOptions } from "./projects/change-project.ts";
import type { UnfitPython } from "./projects/check-python.ts";
import type { MigrateOptions, MigrateReport } from "./projects/migrate.ts";
import type { OutdatedPackagesOptions, OutdatedReport } from "./projects/outdated-project.ts";
import type { OperationOptions } from "./settings.ts";
import type { WhyOptions, WhyReport } from "./projects/why.ts";

/**
 * Which packages of the environment or the lock have known vulnerabilities. Errors: `ENV_NOT_FOUND`, `INVALID_LOCK`, `NETWORK`, `OFFLINE`,
 * `INVALID_ADVISORY`; `CHECK_FAILED` with `strict`.
 */
export async function auditProject(options: AuditOptions = {}): Promise<AuditReport> {
  const verb = await import("./projects/audit.ts");
  return verb.auditProject(await reportOptions(options));
}

/** A Pipfile from another tool's files, or a pyproject.toml from a Pipfile. Errors: `INVALID_PROJECT`, and those of reading the files. */
export async function migrateProject(options: MigrateOptions = {}): Promise<MigrateReport> {
  const verb = await import("./projects/migrate.ts");
  return verb.migrateProject(options);
}

/** The chains that lead from what was asked for to a package. Errors: `NOT_INSTALLED`, `ENV_NOT_FOUND`, those of reading the lock and of the indexes. */
export async function whyPackage(options: WhyOptions): Promise<WhyReport> {
  const verb = await import("./projects/why.ts");
  return verb.whyPackage(await reportOptions(options));
}

/** Packages that have newer versions, with what holds each one back. Errors: `ENV_NOT_FOUND`, those of reading the lock and of the indexes. */
export async function outdatedPackages(options: OutdatedPackagesOptions = {}): Promise<OutdatedReport> {
  const verb = await import("./projects/outdated-project.ts");
  return verb.outdatedPackages(await reportOptions(options));
}

/** What `[requires]` asks of the Python that the project's environment has not. Errors: `INVALID_PROJECT`, those of making an environment. */
export async function checkProjectPython(options: ProjectChangeOptions = {}): Promise<UnfitPython[]> {
  const verb = await import("./projects/check-python.ts");
  const { withDotenv } = await import("./projects/dotenv.ts");
  return verb.checkProjectPython(withDotenv(options));
}

/** With the variables of the project's `.env` file, where the report is about a project: what a folder without one has lying about is nobody's. */
async function reportOptions<Options extends OperationOptions & { readonly locked?: boolean }>(options: Options): Promise<Options> {
  const [{ isProjectMeant }, { readSettings }] = await Promise.all([import("./projects/meant-project.ts"), import("./settings.ts")]);
  if (options.locked !== true && !isProjectMeant(readSettings(options).host)) return options;
  const { withDotenv } = await import("./projects/dotenv.ts");
  return withDotenv(options);
}
