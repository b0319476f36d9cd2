import { describe, expect, test } from "bun:test";
import { normalizeName, parseMarker, parseSpecifiers, type MarkerEnvironment } from "#standards";
import { findPackages, selectPackages, sortLock } from "./lock.ts";
import type { Lock, LockedPackage } from "./types.ts";

function environment(python: string, platform: string): MarkerEnvironment {
  return {
    implementation_name: "cpython",
    implementation_version: python,
    os_name: "posix",
    platform_machine: "x86_64",
    platform_python_implementation: "CPython",
    platform_release: "",
    platform_system: "Linux",
    platform_version: "",
    python_full_version: python,
    python_version: python.split(".").slice(0, 2).join("."),
    sys_platform: platform,
  };
}

function locked(name: string, version: string, more: Partial<LockedPackage> = {}): LockedPackage {
  return {
    name: normalizeName(name),
    version,
    marker: undefined,
    requiresPython: undefined,
    extras: [],
    direct: undefined,
    index: undefined,
    files: [],
    requiredBy: [],
    dependencies: [],
    ...more,
  };
}

const lock: Lock = sortLock({
  requiresPython: parseSpecifiers(">=3.9"),
  environments: [],
  packages: [
    locked("b", "10.0", { marker: parseMarker("sys_platform == 'linux'") }),
    locked("b", "9.0", { marker: parseMarker("sys_platform != 'linux'") }),
    locked("a", "1.0"),
    locked("docs", "1.0", { marker: parseMarker("'docs' in dependency_groups") }),
    locked("fast", "1.0", { marker: parseMarker("'fast' in extras") }),
  ],
  defaultGroups: [normalizeName("docs")],
});

const names = (packages: readonly LockedPackage[]): string[] => packages.map((one) => `${one.name} ${one.version}`);

describe("a lock", () => {
  test("is sorted by name, then version by PEP 440", () => {
    expect(names(lock.packages)).toEqual(["a 1.0", "b 9.0", "b 10.0", "docs 1.0", "fast 1.0"]);
    expect(names(findPackages(lock, normalizeName("B")))).toEqual(["b 9.0", "b 10.0"]);
  });
  test("gives each environment its packages, with the default groups", () => {
    expect(names(selectPackages(lock, environment("3.12.1", "linux")))).toEqual(["a 1.0", "b 10.0", "docs 1.0"]);
    expect(names(selectPackages(lock, environment("3.12.1", "win32"), { groups: new Set(), extras: new Set(["fast"]) }))).toEqual([
      "a 1.0",
      "b 9.0",
      "fast 1.0",
    ]);
  });
  test("refuses a Python or environment that it is not for", () => {
    expect(() => selectPackages(lock, environment("3.8.1", "linux"))).toThrow("not for this environment");
    expect(() => selectPackages({ ...lock, environments: [parseMarker("os_name == 'nt'")] }, environment("3.12.1", "linux"))).toThrow(
      "not for this environment",
    );
    const narrow = { ...lock, packages: [locked("a", "1.0", { requiresPython: parseSpecifiers(">=3.13") })] };
    expect(() => selectPackages(narrow, environment("3.12.1", "linux"))).toThrow("not for this environment");
    expect(names(selectPackages(narrow, environment("3.13.0rc1", "linux")))).toEqual(["a 1.0"]);
  });
  test("refuses two versions of one project in one environment", () => {
    expect(() => selectPackages({ ...lock, packages: [locked("a", "1.0"), locked("a", "2.0")] }, environment("3.12.1", "linux"))).toThrow(
      "two versions of a",
    );
  });
});
