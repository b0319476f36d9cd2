import { describe, expect, test } from "bun:test";
import { seeded, versionCase } from "./generated-cases.test.ts";
import {
  baseVersion,
  compareVersions,
  isPrerelease,
  parseVersion,
  publicVersion,
  sameVersion,
  tryParseVersion,
  versionText,
} from "./index.ts";

const text = (version: string): string => versionText(parseVersion(version));

describe("PEP 440 normalisation", () => {
  test.each([
    // Case sensitivity, integers
    ["1.1RC1", "1.1rc1"],
    ["00", "0"],
    ["09000", "9000"],
    ["1.0+foo0100", "1.0+foo0100"],
    ["1.0+0100", "1.0+100"],
    // Pre-release separators, spelling, implicit number
    ["1.1.a1", "1.1a1"],
    ["1.1-a1", "1.1a1"],
    ["1.1_a1", "1.1a1"],
    ["1.1a.1", "1.1a1"],
    ["1.1alpha1", "1.1a1"],
    ["1.1beta2", "1.1b2"],
    ["1.1c3", "1.1rc3"],
    ["1.1pre3", "1.1rc3"],
    ["1.1preview3", "1.1rc3"],
    ["1.2a", "1.2a0"],
    ["1.0adev1", "1.0a0.dev1"],
    // Post releases
    ["1.2-post2", "1.2.post2"],
    ["1.2post2", "1.2.post2"],
    ["1.2.post-2", "1.2.post2"],
    ["1.0-r4", "1.0.post4"],
    ["1.0-rev4", "1.0.post4"],
    ["1.2.post", "1.2.post0"],
    ["1.0-1", "1.0.post1"],
    ["1.0a-1", "1.0a1"],
    ["1.0a1-2", "1.0a1.post2"],
    // Development releases
    ["1.2-dev2", "1.2.dev2"],
    ["1.2dev2", "1.2.dev2"],
    ["1.2.dev", "1.2.dev0"],
    // Local versions, v, white space
    ["1.0+ubuntu-1", "1.0+ubuntu.1"],
    ["1.0+ubuntu_1", "1.0+ubuntu.1"],
    ["v1.0", "1.0"],
    [" 1.0\n", "1.0"],
    // Further segments
    ["1!2.0", "1!2.0"],
    ["1.0a2.post3.dev4+five.6", "1.0a2.post3.dev4+five.6"],
    ["2013.10", "2013.10"],
  ])("%j is %s", (given, normalised) => {
    expect(text(given)).toBe(normalised);
  });

  test.each([
    "",
    " ",
    "a",
    "1.",
    ".1",
    "1..2",
    "1.0.x",
    "1.0+",
    "1.0+a..b",
    "1.0+a+b",
    "1.0+é",
    "1.0+_a",
    "1!",
    "!1",
    "1.0-",
    "1.0-post-1-2",
    "french toast",
    "1.0 2",
    "1,0",
    "1.0.dev1.post1",
    "1.0.post1a1",
    "v",
    "1.0+\u212a",
    "9007199254740993",
    "1.0.dev9007199254740993",
    "1.0+9007199254740993",
  ])("%j is refused", (given) => {
    expect(tryParseVersion(given)).toBeUndefined();
    expect(() => parseVersion(given)).toThrow("Not a valid version");
  });
});

describe("PEP 440 order", () => {
  // The orders that PEP 440 prints, each ascending.
  test.each([
    [["0.9", "0.9.1", "0.9.2", "0.9.10", "0.9.11", "1.0", "1.0.1", "1.1", "2.0", "2.0.1"]],
    [
      [
        "1.0.dev456",
        "1.0a1",
        "1.0a2.dev456",
        "1.0a12.dev456",
        "1.0a12",
        "1.0b1.dev456",
        "1.0b2",
        "1.0b2.post345.dev456",
        "1.0b2.post345",
        "1.0rc1.dev456",
        "1.0rc1",
        "1.0",
        "1.0+abc.5",
        "1.0+abc.7",
        "1.0+5",
        "1.0.post456.dev34",
        "1.0.post456",
        "1.0.15",
        "1.1.dev1",
      ],
    ],
    [["2012.4", "2012.7", "2012.10", "2013.1", "2013.6", "1!1.0", "1!1.1", "1!2.0"]],
    [["4.3a2", "4.3b2", "4.3rc2", "4.3"]],
    [["1.0+a", "1.0+a.0", "1.0+b", "1.0+0", "1.0+0.a", "1.0+0.0", "1.0+10"]],
  ])("%j", (ascending) => {
    for (const [at, low] of ascending.entries()) {
      for (const [other, high] of ascending.entries()) {
        expect(Math.sign(compareVersions(parseVersion(low), parseVersion(high)))).toBe(Math.sign(at - other));
      }
    }
  });

  test("zeros at the end of a release do not count", () => {
    expect(sameVersion(parseVersion("1.0"), parseVersion("1.0.0.0"))).toBe(true);
    expect(sameVersion(parseVersion("1.0rc1"), parseVersion("1rc1"))).toBe(true);
    expect(sameVersion(parseVersion("1.0"), parseVersion("1.0+x"))).toBe(false);
  });

  test("a total order over generated versions, and round trips", () => {
    const random = seeded(440);
    const versions = Array.from({ length: 120 }, () => parseVersion(versionCase(random)));
    const sorted = [...versions].sort(compareVersions);
    for (const [at, a] of sorted.entries()) {
      expect(parseVersion(versionText(a))).toEqual(a);
      for (const [other, b] of sorted.entries()) {
        const order = compareVersions(a, b);
        expect(Math.sign(order) + Math.sign(compareVersions(b, a))).toBe(0);
        if (at < other) expect(order).toBeLessThanOrEqual(0);
      }
    }
  });
});

test("parts of a version", () => {
  expect(isPrerelease(parseVersion("1.0.dev1"))).toBe(true);
  expect(isPrerelease(parseVersion("1.0rc1"))).toBe(true);
  expect(isPrerelease(parseVersion("1.0.post1.dev1"))).toBe(true);
  expect(isPrerelease(parseVersion("1.0.post1+a"))).toBe(false);
  expect(versionText(publicVersion(parseVersion("1!1.0a1.post2.dev3+x")))).toBe("1!1.0a1.post2.dev3");
  expect(versionText(baseVersion(parseVersion("1!1.0a1.post2.dev3+x")))).toBe("1!1.0");
});
