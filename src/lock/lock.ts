import { PenError } from "#foundation";
import {
  compareVersions,
  evaluateMarker,
  specifiersContain,
  specifiersText,
  tryParseVersion,
  type MarkerEnvironment,
  type NormalizedName,
  type SpecifierSet,
} from "#standards";
import type { Lock, LockedPackage } from "./types.ts";

/** The lock with its packages in order: by name, then version, then where they come from. */
export function sortLock(lock: Lock): Lock {
  return { ...lock, packages: [...lock.packages].sort(comparePackages) };
}

function comparePackages(a: LockedPackage, b: LockedPackage): number {
  if (a.name !== b.name) return a.name < b.name ? -1 : 1;
  const left = tryParseVersion(a.version ?? "");
  const right = tryParseVersion(b.version ?? "");
  if (left !== undefined && right !== undefined) {
    const order = compareVersions(left, right);
    if (order !== 0) return order;
  } else if (left !== right) return left === undefined ? 1 : -1;
  const from = a.direct?.url ?? "";
  const other = b.direct?.url ?? "";
  return from < other ? -1 : from > other ? 1 : 0;
}

/** All entries of a lock for one project: none, one, or several that apply to different environments. */
export function findPackages(lock: Lock, name: NormalizedName): readonly LockedPackage[] {
  return lock.packages.filter((one) => one.name === name);
}

export interface Selection {
  /** Extras of the project itself. */
  readonly extras?: ReadonlySet<string>;
  /** Dependency groups; left out, the lock's default groups. */
  readonly groups?: ReadonlySet<string>;
}

/**
 * The packages that a lock wants in an environment (PEP 751, "Installation"). Fails with TARGET_UNSUPPORTED when the lock, or a
 * package that applies, is not meant for this Python or platform, and with INVALID_LOCK when two entries of one project apply.
 */
export function selectPackages(lock: Lock, environment: MarkerEnvironment, selection: Selection = {}): readonly LockedPackage[] {
  const python = environment.python_full_version;
  if (!admits(lock.requiresPython, python))
    throw unsupported(`It needs Python ${specifiersText(lock.requiresPython ?? { specifiers: [] })}; this is ${python}.`);
  if (lock.environments.length > 0 && !lock.environments.some((marker) => evaluateMarker(marker, environment))) {
    throw unsupported("None of the environments that it was made for is this one.");
  }
  const chosen = {
    extras: selection.extras ?? new Set<string>(),
    dependencyGroups: selection.groups ?? new Set<string>(lock.defaultGroups),
  };
  const selected = new Map<NormalizedName, LockedPackage>();
  for (const one of lock.packages) {
    if (one.marker !== undefined && !evaluateMarker(one.marker, environment, chosen)) continue;
    if (!admits(one.requiresPython, python)) {
      throw unsupported(
        `${one.name} ${one.version ?? ""} needs Python ${specifiersText(one.requiresPython ?? { specifiers: [] })}; this is ${python}.`,
      );
    }
    const other = selected.get(one.name);
    if (other !== undefined) {
      throw new PenError("INVALID_LOCK", `The lock wants two versions of ${one.name}`, {
        why: `${other.version ?? "one"} and ${one.version ?? "another"} both apply to this environment.`,
        hint: "Lock again.",
        data: { package: one.name },
      });
    }
    selected.set(one.name, one);
  }
  return [...selected.values()];
}

function admits(specifiers: SpecifierSet | undefined, python: string): boolean {
  if (specifiers === undefined) return true;
  const version = tryParseVersion(python.endsWith("+") ? python.slice(0, -1) : python);
  // A release candidate of a Python counts as that Python.
  return version === undefined || specifiersContain(specifiers, { ...version, pre: undefined, dev: undefined, local: undefined });
}

function unsupported(why: string): PenError {
  return new PenError("TARGET_UNSUPPORTED", "The lock is not for this environment", {
    why,
    hint: "Use a Python that it was made for, or lock again for this one.",
  });
}
