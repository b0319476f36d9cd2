import { PenError, printableLine } from "#foundation";
import { advisoryPage, createAdvisoryClient, defaultAdvisoryUrl, projectPage, type AdvisoryClient } from "#index";
import {
  fixedVersions,
  isAffected,
  mergeAdvisories,
  parseVersion,
  versionText,
  type Advisory,
  type NormalizedName,
  type Version,
} from "#standards";
import { openContext, type Context, type IndexOptions, type OperationOptions } from "../context.ts";
import { auditSubjects, type AuditSourceOptions, type AuditSubject } from "./audit-sources.ts";

export interface AuditOptions extends OperationOptions, AuditSourceOptions {
  /** A downloaded copy of the OSV database (zip file or folder) instead of the one on the network. */
  readonly database?: string | undefined;
  /** Where the OSV interface is; default the public one. */
  readonly advisoryUrl?: string | undefined;
  /** Ids or aliases of vulnerabilities that are known and lived with. */
  readonly ignore?: readonly string[];
  /** Upgrade what is vulnerable to the first version that is not. */
  readonly fix?: boolean;
  /** With `fix`: say what would be done, and do nothing. Without it: only count what would be audited. */
  readonly dryRun?: boolean;
  /** A package that cannot be audited is an error. */
  readonly strict?: boolean;
  /** How the network is reached, and from where fixes are installed. */
  readonly indexes?: IndexOptions;
}

/** One vulnerability of one version, whatever records speak of it. */
export interface Vulnerability {
  /** The best known of its names: PYSEC before CVE before others. */
  readonly id: string;
  /** Its other names. */
  readonly aliases: readonly string[];
  /** One line of foreign text. */
  readonly description: string;
  /** RFC 3339. */
  readonly published: string | undefined;
  /** Versions in which it is mended, oldest first. */
  readonly fixVersions: readonly string[];
  /** The page on which a person reads about it. */
  readonly url: string;
}

export type AuditedPackage =
  | {
      readonly name: NormalizedName;
      readonly version: string;
      readonly vulnerabilities: readonly Vulnerability[];
      /** The project's page on the default index. */
      readonly url: string;
    }
  | { readonly name: NormalizedName; readonly skipped: string };

/** What `--fix` did with a vulnerable package, or would do. */
export type AuditFix =
  | { readonly name: NormalizedName; readonly version: string; readonly newVersion: string }
  | { readonly name: NormalizedName; readonly version: string; readonly skipped: string };

export interface AuditReport {
  readonly source: { readonly kind: "environment" | "lock"; readonly path: string };
  /** In order of name. */
  readonly packages: readonly AuditedPackage[];
  /** How many vulnerabilities `ignore` took away. */
  readonly ignored: number;
  /** Empty without `fix`. */
  readonly fixes: readonly AuditFix[];
  /** With `dryRun` and without `fix`: how many packages would be audited. Nobody was asked then, and `packages` is empty. */
  readonly wouldAudit?: number;
}

/**
 * `pen audit`: which of the packages in the environment or the lock have known vulnerabilities, by the records of the OSV database. What cannot
 * be read is an error and never a good audit. Errors: ENV_NOT_FOUND, INVALID_LOCK, NETWORK, OFFLINE, INVALID_ADVISORY; CHECK_FAILED with
 * `strict`; those of locking and installing with `fix`, after which lock and environment are as they were.
 */
export async function auditProject(options: AuditOptions = {}): Promise<AuditReport> {
  const context = openContext(options);
  const { kind, path, subjects } = await auditSubjects(context, options);
  const unknown = subjects.find((one) => "skipped" in one);
  if (options.strict === true && unknown !== undefined && "skipped" in unknown)
    throw new PenError("CHECK_FAILED", `${unknown.name}: ${printableLine(unknown.skipped)}`, {
      why: "With --strict every package must be audited.",
      hint: "Leave --strict away to audit all others.",
    });
  const source = { kind, path };
  if (options.dryRun === true && options.fix !== true) return { source, packages: [], ignored: 0, fixes: [], wouldAudit: subjects.length };
  const database = await openDatabase(context, options);
  const ignored = new Set(options.ignore ?? []);
  const { packages, count } = await judge(subjects, database, ignored);
  if (options.fix !== true) return { source, packages, ignored: count, fixes: [] };
  const { fixAudited } = await import("./audit-fix.ts");
  const fixes = await fixAudited({ options, context, source, packages, judge: judgeOf(database, ignored) });
  return { source, packages, ignored: count, fixes };
}

/** The known vulnerabilities of a version but the ignored ones. */
export type Judge = (name: NormalizedName, version: Version) => Promise<readonly Vulnerability[]>;

const judgeOf =
  (database: AdvisoryClient, ignored: ReadonlySet<string>): Judge =>
  async (name, version) => {
    const records = await database.records([{ name, version: versionText(version) }]);
    return sorted(vulnerabilitiesOf(records, name, version), ignored).kept;
  };

async function openDatabase({ host, cacheFolder, emit, signal }: Context, options: AuditOptions): Promise<AdvisoryClient> {
  if (options.database !== undefined) {
    const { openAdvisoryCopy } = await import("./audit-database.ts");
    return openAdvisoryCopy(options.database, host.cwd);
  }
  const { offline = false, retries, stallTimeoutMs, trustedHosts, certificate, proxy, keyring, fetch, auth } = options.indexes ?? {};
  if (offline)
    throw new PenError("OFFLINE", "The vulnerability database is on the network, and pen is offline", {
      hint: "Audit with a downloaded copy: pen audit --db FILE",
    });
  return createAdvisoryClient({
    host,
    cacheFolder,
    url: options.advisoryUrl ?? defaultAdvisoryUrl,
    offline,
    emit,
    ...(signal === undefined ? {} : { signal }),
    ...(retries === undefined ? {} : { retries }),
    ...(stallTimeoutMs === undefined ? {} : { stallTimeoutMs }),
    ...(trustedHosts === undefined ? {} : { trustedHosts }),
    ...(certificate === undefined ? {} : { certificate }),
    ...(proxy === undefined ? {} : { proxy }),
    ...(keyring === undefined ? {} : { keyring }),
    ...(fetch === undefined ? {} : { fetch }),
    ...(auth === undefined ? {} : { auth }),
  });
}

async function judge(
  subjects: readonly AuditSubject[],
  database: AdvisoryClient,
  ignored: ReadonlySet<string>,
): Promise<{ packages: AuditedPackage[]; count: number }> {
  const questions = subjects.flatMap((one) => ("version" in one ? [one] : []));
  const records = questions.length === 0 ? [] : await database.records(questions);
  const byName = new Map<NormalizedName, Advisory[]>();
  for (const record of records)
    for (const name of new Set(record.affected.map((one) => one.name))) byName.set(name, [...(byName.get(name) ?? []), record]);
  let count = 0;
  const packages = subjects.map((subject): AuditedPackage => {
    if ("skipped" in subject) return subject;
    const found = vulnerabilitiesOf(byName.get(subject.name) ?? [], subject.name, parseVersion(subject.version));
    const { kept, dropped } = sorted(found, ignored);
    count += dropped;
    return { ...subject, vulnerabilities: kept, url: projectPage(subject.name) };
  });
  return { packages, count };
}

function vulnerabilitiesOf(records: readonly Advisory[], name: NormalizedName, version: Version): Vulnerability[] {
  // A second record of the same vulnerability may know the fix, or the ignored name, though its own range is drawn otherwise.
  const affecting = mergeAdvisories(records.filter((record) => !record.withdrawn)).filter((merged) =>
    merged.records.some((record) => isAffected(record, name, version)),
  );
  return affecting.map((merged) => ({
    id: merged.id,
    aliases: merged.aliases,
    description: merged.description,
    published: merged.published,
    fixVersions: fixedVersions(merged, name).map(versionText),
    url: advisoryPage(merged.id),
  }));
}

function sorted(found: readonly Vulnerability[], ignored: ReadonlySet<string>): { kept: Vulnerability[]; dropped: number } {
  const kept = found.filter(({ id, aliases }) => ![id, ...aliases].some((name) => ignored.has(name)));
  return { kept, dropped: found.length - kept.length };
}
