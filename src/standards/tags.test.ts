import { describe, expect, test } from "bun:test";
import { isPenError } from "#foundation";
import { type PlatformTarget, platformTags } from "./platform-tags.ts";
import { type TagTarget, supportedTags, wheelRank } from "./supported-tags.ts";
import { parseTagSet, tagText } from "./tags.ts";
import { parseWheelFilename } from "./wheel-filename.ts";

const linux: PlatformTarget = { os: "manylinux", major: 2, minor: 17, arch: "x86_64" };
const cpython = (minor: number, more: Partial<TagTarget> = {}): TagTarget => ({
  implementation: "cpython",
  version: [3, minor],
  freeThreaded: false,
  platform: { os: "windows", arch: "amd64" },
  ...more,
});
const texts = (target: TagTarget): string[] => supportedTags(target).ordered.map(tagText);

describe("tag sets", () => {
  test.each([
    ["py3-none-any", ["py3-none-any"]],
    ["py2.py3-none-any", ["py2-none-any", "py3-none-any"]],
    ["cp311.CP312-abi3-linux_x86_64", ["cp311-abi3-linux_x86_64", "cp312-abi3-linux_x86_64"]],
    ["cp27-cp27mu.cp27m-win32.win_amd64", ["cp27-cp27mu-win32", "cp27-cp27mu-win_amd64", "cp27-cp27m-win32", "cp27-cp27m-win_amd64"]],
  ])("%s stands for its product", (text, expected) => {
    expect(parseTagSet(text).map(tagText)).toEqual(expected);
  });

  test.each([
    "",
    "py3",
    "py3-none",
    "py3-none-any-x",
    "py3--any",
    "py3.-none-any",
    ".py3-none-any",
    "3-none-any",
    "py3-none-a ny",
    "py3-none-any\n",
    "py3-none-ány",
  ])("%j is refused", (text) => {
    expect(() => parseTagSet(text)).toThrow("is not a compatibility tag");
  });

  test("a set that explodes is refused before it is expanded", () => {
    const part = (word: string): string => Array.from({ length: 40 }, () => word).join(".");
    const error = caught(() => parseTagSet(`${part("p")}-${part("a")}-${part("x")}`));
    expect(isPenError(error, "INVALID_TAG")).toBe(true);
    expect((error as { why?: string }).why).toContain("64000 tags");
  });
});

describe("CPython", () => {
  test("3.10 on Windows, complete", () => {
    expect(texts(cpython(3)).slice(0, 6)).toEqual([
      "cp33-cp33m-win_amd64",
      "cp33-abi3-win_amd64",
      "cp33-none-win_amd64",
      "cp32-abi3-win_amd64",
      "py33-none-win_amd64",
      "py3-none-win_amd64",
    ]);
    expect(texts(cpython(3)).slice(-6)).toEqual(
      ["py30-none-win_amd64", "cp33-none-any", "py33-none-any", "py3-none-any", "py32-none-any", "py31-none-any", "py30-none-any"].slice(
        -6,
      ),
    );
  });

  test.each([
    [7, {}, "cp37m"],
    [8, {}, "cp38"],
    [13, { freeThreaded: true }, "cp313t"],
    [13, { freeThreaded: true, debug: true }, "cp313td"],
    [12, { debug: true }, "cp312d"],
    [6, { debug: true }, "cp36dm"],
    [7, { abi: "cp37" }, "cp37"],
  ] as const)("3.%i with %j has the interface %s", (minor, more, abi) => {
    expect(supportedTags(cpython(minor, more)).ordered[0]?.abi).toBe(abi);
  });

  test("a debug build also takes the modules of a normal one, since 3.8", () => {
    expect(texts(cpython(12, { debug: true })).slice(0, 2)).toEqual(["cp312-cp312d-win_amd64", "cp312-cp312-win_amd64"]);
    expect(texts(cpython(7, { debug: true }))).not.toContain("cp37-cp37-win_amd64");
  });

  test("a free-threaded build takes abi3t and never abi3 (PEP 703, 803)", () => {
    const tags = texts(cpython(14, { freeThreaded: true }));
    expect(tags.filter((tag) => tag.includes("-abi3-"))).toEqual([]);
    expect(tags.slice(0, 4)).toEqual(["cp314-cp314t-win_amd64", "cp314-abi3t-win_amd64", "cp314-none-win_amd64", "cp313-abi3t-win_amd64"]);
    expect(tags).not.toContain("cp314-cp314-win_amd64");
  });

  test("abi3 goes back to 3.2 and not forward", () => {
    const abi3 = texts(cpython(12)).filter((tag) => tag.includes("-abi3-"));
    expect(abi3.at(-1)).toBe("cp32-abi3-win_amd64");
    expect(abi3).toHaveLength(11);
    expect(texts(cpython(12))).not.toContain("cp313-abi3-win_amd64");
  });
});

describe("other implementations", () => {
  test("PyPy 3.10, by its release or by its SOABI", () => {
    const target: TagTarget = {
      implementation: "pypy",
      version: [3, 10],
      implementationVersion: [7, 3],
      freeThreaded: false,
      platform: linux,
    };
    const tags = texts(target);
    expect(tags[0]).toBe("pp310-pypy310_pp73-manylinux_2_17_x86_64");
    expect(tags).toContain("pp310-none-linux_x86_64");
    expect(tags).toContain("pp3-none-any");
    expect(tags.some((tag) => tag.includes("abi3") || tag.startsWith("cp"))).toBe(false);
    expect(texts({ ...target, abi: "pypy310-pp73" })).toEqual(tags);
  });

  test("GraalPy 24.2", () => {
    const tags = texts({
      implementation: "graalpy",
      version: [3, 11],
      implementationVersion: [24, 2],
      freeThreaded: false,
      platform: linux,
    });
    expect(tags[0]).toBe("graalpy311-graalpy242_311_native-manylinux_2_17_x86_64");
    expect(tags).toContain("graalpy311-none-linux_x86_64");
    expect(tags.at(-1)).toBe("py30-none-any");
  });

  test("an unknown implementation takes wheels without binary parts", () => {
    expect(
      new Set(
        supportedTags({ implementation: "other", version: [3, 11], freeThreaded: false, platform: linux }).ordered.map((tag) => tag.abi),
      ),
    ).toEqual(new Set(["none"]));
  });
});

describe("platforms", () => {
  test.each<[PlatformTarget, string[]]>([
    [{ os: "windows", arch: "x86" }, ["win32"]],
    [{ os: "windows", arch: "AMD64" }, ["win_amd64"]],
    [{ os: "windows", arch: "aarch64" }, ["win_arm64"]],
    [
      { os: "musllinux", major: 1, minor: 2, arch: "aarch64" },
      ["musllinux_1_2_aarch64", "musllinux_1_1_aarch64", "musllinux_1_0_aarch64", "linux_aarch64"],
    ],
    [
      { os: "manylinux", major: 2, minor: 18, arch: "aarch64" },
      ["manylinux_2_18_aarch64", "manylinux_2_17_aarch64", "manylinux2014_aarch64", "linux_aarch64"],
    ],
    [{ os: "manylinux", major: 2, minor: 16, arch: "s390x" }, ["linux_s390x"]],
    [{ os: "manylinux", major: 2, minor: 36, arch: "armv6l" }, ["linux_armv6l"]],
    [
      { os: "manylinux", major: 2, minor: 17, arch: "armv8l" },
      ["manylinux_2_17_armv8l", "manylinux2014_armv8l", "manylinux_2_17_armv7l", "manylinux2014_armv7l", "linux_armv8l", "linux_armv7l"],
    ],
    [{ os: "manylinux", major: 2, minor: 5, arch: "i686" }, ["manylinux_2_5_i686", "manylinux1_i686", "linux_i686"]],
    [{ os: "macos", major: 10, minor: 4, arch: "ppc64" }, ["macosx_10_4_ppc64", "macosx_10_4_fat64", "macosx_10_4_universal"]],
    [{ os: "other", tag: "freebsd-14.1-RELEASE-amd64" }, ["freebsd_14_1_release_amd64"]],
    [{ os: "other", tag: "android_17_arm64_v8a" }, ["android_17_arm64_v8a", "android_16_arm64_v8a"]],
    [{ os: "other", tag: "ios_12_1_arm64_iphoneos" }, ["ios_12_1_arm64_iphoneos", "ios_12_0_arm64_iphoneos"]],
  ])("%j", (target, expected) => {
    const tags = platformTags(target);
    expect(target.os === "macos" ? tags.slice(0, 3) : tags).toEqual(expected);
  });

  test("glibc on x86 has all three legacy names, each right behind the version it stands for", () => {
    const tags = platformTags({ os: "manylinux", major: 2, minor: 36, arch: "x86_64" });
    for (const [version, legacy] of [
      ["2_17", "2014"],
      ["2_12", "2010"],
      ["2_5", "1"],
    ]) {
      expect(tags[tags.indexOf(`manylinux_${version}_x86_64`) + 1]).toBe(`manylinux${legacy}_x86_64`);
    }
    expect(tags).not.toContain("manylinux_2_4_x86_64");
    expect(tags).not.toContain("manylinux_2_37_x86_64");
    expect(tags.at(-1)).toBe("linux_x86_64");
  });

  test("macOS on Arm runs universal2 files of macOS 10 but no others of it", () => {
    const tags = platformTags({ os: "macos", major: 12, minor: 3, arch: "arm64" });
    expect(tags.slice(0, 5)).toEqual([
      "macosx_12_0_arm64",
      "macosx_12_0_universal2",
      "macosx_11_0_arm64",
      "macosx_11_0_universal2",
      "macosx_10_16_universal2",
    ]);
    expect(tags.at(-1)).toBe("macosx_10_4_universal2");
  });

  test("absurd versions stay small", () => {
    for (const os of ["manylinux", "musllinux", "macos"] as const) {
      expect(platformTags({ os, major: 1e9, minor: 1e9, arch: "x86_64" }).length).toBeLessThan(10_000);
    }
  });
});

describe("ranks", () => {
  const supported = supportedTags(cpython(12, { platform: linux }));

  test("a rank is the place in the order, and every tag has its own", () => {
    for (const [at, tag] of supported.ordered.entries()) expect(supported.rank(tagText(tag))).toBe(at);
    expect(supported.rank("cp312-cp312-win_amd64")).toBeUndefined();
  });

  test("equal targets share one answer", () => {
    expect(supportedTags(cpython(12, { platform: { ...linux } }))).toBe(supported);
  });

  test("a wheel ranks by its best tag, the more specific wheel first", () => {
    const ranks = [
      "cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64",
      "cp39-abi3-manylinux_2_17_x86_64",
      "py2.py3-none-any",
      "cp311-cp311-manylinux_2_17_x86_64",
      "cp312-cp312-musllinux_1_1_x86_64",
    ].map((tags) => wheelRank(supported, parseWheelFilename(`foo-1.0-${tags}.whl`)));
    expect(ranks[0]).toBe(0);
    expect(ranks[1]).toBeLessThan(ranks[2] ?? 0);
    expect(ranks[2]).toBe(supported.rank("py3-none-any"));
    expect(ranks.slice(3)).toEqual([undefined, undefined]);
    expect(wheelRank(supported, parseWheelFilename("bar-2-cp311-cp311-manylinux_2_17_x86_64.whl"))).toBeUndefined();
  });
});

function caught(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return error;
  }
}
