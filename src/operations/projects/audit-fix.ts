import { isPenError, printableLine } from "#foundation";
import { compareVersions, parseVersion, versionText, type NormalizedName, type Version } from "#standards";
import type { Context } from "../context.ts";
import { install, type InstallOptions } from "../packages/install.ts";
import { fixLocked, lockedNames, type FixTarget } from "./audit-fix-project.ts";
import { reportedPipfile } from "./reported-environment.ts";
import type { AuditedPackage, AuditFix, AuditOptions, AuditReport, Judge } from "./audit.ts";

interface Fixing {
  readonly options: AuditOptions;
  readonly context: Context;
  readonly source: AuditReport["source"];
  readonly packages: readonly AuditedPackage[];
  readonly judge: Judge;
}

/**
 * Moves every vulnerable package to the first version that no record (but the ignored) speaks of: all of them at once, and where that cannot
 * be, each that can. Errors: those of installing other than a conflict, which is the reason that a package is passed over.
 */
export async function fixAudited(fixing: Fixing): Promise<AuditFix[]> {
  const wanted = await Promise.all(fixing.packages.flatMap((one) => vulnerable(one, fixing.judge)));
  const targets = wanted.flatMap((one) => ("fixed" in one ? [one] : []));
  if (fixing.options.dryRun === true || targets.length === 0) return wanted.map(told);
  const reasons = await move(fixing, targets);
  return wanted.map((one) => {
    const reason = "fixed" in one ? reasons.get(one.name) : undefined;
    return reason === undefined ? told(one) : { name: one.name, version: one.version, skipped: reason };
  });
}

const told = (one: FixTarget | AuditFix): AuditFix =>
  "fixed" in one ? { name: one.name, version: one.version, newVersion: one.fixed } : one;

function vulnerable(one: AuditedPackage, judge: Judge): Array<Promise<FixTarget | AuditFix>> {
  if ("skipped" in one || one.vulnerabilities.length === 0) return [];
  return [firstGood(one, judge)];
}

/** A fix may have holes of its own, so every candidate is judged again. */
async function firstGood(
  { name, version, vulnerabilities }: Exclude<AuditedPackage, { skipped: string }>,
  judge: Judge,
): Promise<FixTarget | AuditFix> {
  let current = parseVersion(version);
  let open = vulnerabilities;
  while (open.length > 0) {
    let next: Version = current;
    for (const { id, fixVersions } of open) {
      const fixed = fixVersions.map(parseVersion).find((candidate) => compareVersions(candidate, current) > 0);
      if (fixed === undefined)
        return {
          name,
          version,
          skipped: `failed to fix dependency ${name} (${version}), unable to find fix version for vulnerability ${id}`,
        };
      if (compareVersions(fixed, next) > 0) next = fixed;
    }
    current = next;
    open = await judge(name, current);
  }
  return { name, version, fixed: versionText(current) };
}

/** Why a package could not be moved, by its name. What the lock of a project names is moved there. */
async function move(fixing: Fixing, all: readonly FixTarget[]): Promise<Map<NormalizedName, string>> {
  const isProject = fixing.options.python === undefined && reportedPipfile(fixing.context) !== undefined;
  const locked = isProject ? lockedNames(fixing.context) : undefined;
  const inLock = all.filter(({ name }) => locked?.has(name) === true);
  const reasons = inLock.length === 0 ? new Map<NormalizedName, string>() : await fixLocked(fixing, inLock);
  const targets = all.filter(({ name }) => locked?.has(name) !== true);
  if (fixing.source.kind === "lock") {
    for (const { name, fixed } of targets)
      reasons.set(name, `failed to upgrade dependency ${name} to fix version ${fixed}: pen changes a Pipfile.lock alone`);
    return reasons;
  }
  if (targets.length > 1 && (await attempt(fixing, targets)) === undefined) return reasons;
  for (const target of targets) {
    const reason = await attempt(fixing, [target]);
    if (reason !== undefined) reasons.set(target.name, reason);
  }
  return reasons;
}

async function attempt(fixing: Fixing, targets: readonly FixTarget[]): Promise<string | undefined> {
  try {
    return await upgradeEnvironment(fixing, targets);
  } catch (error) {
    if (!isPenError(error, "RESOLUTION_CONFLICT") && !isPenError(error, "PACKAGE_NOT_FOUND")) throw error;
    const what = targets.map(({ name, fixed }) => `${name} to fix version ${fixed}`).join(", ");
    return `failed to upgrade dependency ${what}: ${printableLine((error.why ?? error.message).split("\n")[0] ?? "")}`;
  }
}

/** Nothing is moved where a package that stays would not fit any more: that is the reason. */
async function upgradeEnvironment({ options, source }: Fixing, targets: readonly FixTarget[]): Promise<string | undefined> {
  const installing: InstallOptions = {
    ...(options.host === undefined ? {} : { host: options.host }),
    ...(options.cacheFolder === undefined ? {} : { cacheFolder: options.cacheFolder }),
    ...(options.onEvent === undefined ? {} : { onEvent: options.onEvent }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    ...(options.indexes === undefined ? {} : { indexes: options.indexes }),
    python: source.path,
    requirements: targets.map(({ name, fixed }) => `${name}==${fixed}`),
  };
  const { broken } = await install({ ...installing, dryRun: true });
  const [first] = broken;
  if (first !== undefined && first.kind !== "python")
    return `failed to upgrade dependency ${first.need}: ${first.name} ${first.version} requires ${first.requirement}`;
  await install(installing);
  return undefined;
}
