import { PenError, type JsonValue } from "#foundation";
import { compareVersions, formatDirectUrl, parseDirectUrl, tryParseVersion, type DirectUrl, type NormalizedName } from "#standards";
import { isComplete } from "./installed.ts";
import type { InstalledDistribution, Plan, PlanStep, UnbuiltWheel, WantedWheel } from "./types.ts";

export interface PlanOptions {
  /** Distributions to uninstall. */
  readonly remove?: readonly NormalizedName[];
  /** Uninstall everything that is not wanted, but for the names in `spare`. */
  readonly exact?: boolean;
  readonly spare?: readonly NormalizedName[];
}

/**
 * Compares what is installed with what is wanted. A version that is there already is kept, unless its installation was
 * cut off, its origin (PEP 610) differs, or `reinstall` is set. Errors: INTERNAL when a name is wanted twice.
 */
export function planInstall(
  installed: readonly InstalledDistribution[],
  wanted: ReadonlyArray<WantedWheel | UnbuiltWheel>,
  options: PlanOptions = {},
): Plan {
  const byName = new Map<string, InstalledDistribution[]>();
  for (const distribution of installed) {
    const same = byName.get(distribution.name);
    if (same === undefined) byName.set(distribution.name, [distribution]);
    else same.push(distribution);
  }
  const steps: PlanStep[] = [];
  const names = new Set<NormalizedName>();
  for (const want of wanted) {
    const { name } = subjectOf(want);
    if (names.has(name)) throw new PenError("INTERNAL", `${name} is wanted twice`);
    names.add(name);
    steps.push(stepFor(want, byName.get(name) ?? []));
  }
  const missing: NormalizedName[] = [];
  const removed = new Set(options.remove ?? []);
  for (const name of removed) if (!byName.has(name)) missing.push(name);
  const spared = new Set(options.spare ?? []);
  for (const [name, replaces] of byName) {
    const first = replaces[0];
    if (first === undefined || names.has(first.name)) continue;
    if (removed.has(first.name) || (options.exact === true && !spared.has(first.name)))
      steps.push({ action: "uninstall", name: first.name, version: versionOf(first), replaces });
    else steps.push({ action: "keep", name: name as NormalizedName, version: first.version });
  }
  return { steps: steps.sort((a, b) => (a.name < b.name ? -1 : 1)), installed, missing };
}

function versionOf(distribution: InstalledDistribution): string {
  if (distribution.version !== "") return distribution.version;
  try {
    return distribution.metadata().version;
  } catch {
    return "";
  }
}

const subjectOf = (wanted: WantedWheel | UnbuiltWheel): { readonly name: NormalizedName; readonly version: string } =>
  "unbuilt" in wanted ? wanted : wanted.wheel.manifest;

function stepFor(wanted: WantedWheel | UnbuiltWheel, present: readonly InstalledDistribution[]): PlanStep {
  const { name, version } = subjectOf(wanted);
  const first = present[0];
  if (first === undefined) return { action: "install", name, version, wanted };
  const previous = versionOf(first);
  const direction = compareTexts(version, previous);
  if (direction === 0 && present.length === 1 && wanted.reinstall !== true && isComplete(first) && sameOrigin(wanted.directUrl, first))
    return { action: "keep", name, version: previous };
  const action = direction === 0 ? "reinstall" : direction > 0 ? "upgrade" : "downgrade";
  return { action, name, version, previous, wanted, replaces: present };
}

/** By PEP 440, and by the letters where the installed one is no such version. */
function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  const left = tryParseVersion(a);
  // Folder names have `_` where a local version may have `-`.
  const right = tryParseVersion(b.replaceAll("_", "-"));
  return left === undefined || right === undefined ? 1 : compareVersions(left, right);
}

/** Without a wanted origin any will do, except for an editable install, which a wheel must replace. */
function sameOrigin(wanted: DirectUrl | undefined, installed: InstalledDistribution): boolean {
  if (wanted === undefined) return installed.kind !== "egg-link";
  // Written and read again, because credentials are left out of the file.
  return JSON.stringify(comparable(parseDirectUrl(formatDirectUrl(wanted)))) === JSON.stringify(comparable(installed.directUrl()));
}

function comparable(origin: DirectUrl | undefined): JsonValue {
  if (origin === undefined) return null;
  const { info } = origin;
  const place = [origin.url, origin.subdirectory ?? ""];
  switch (info.kind) {
    case "archive":
      return [...place, info.hashes["sha256"] ?? ""];
    case "dir":
      return [...place, info.editable];
    case "vcs":
      return [...place, info.vcs, info.commitId];
  }
}

/** The plan as data for `--json`: what will be done to which distribution. */
export function describePlan(plan: Plan): JsonValue {
  return plan.steps.map((step) => ({
    action: step.action,
    name: step.name,
    version: step.version,
    ...("previous" in step ? { previous: step.previous } : {}),
  }));
}
