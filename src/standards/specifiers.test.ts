import { describe, expect, test } from "bun:test";
import { isPenError } from "#foundation";
import { sampleVersions, seeded, specifierCase } from "./generated-cases.test.ts";
import {
  andSpecifiers,
  anySpecifiers,
  compareVersions,
  filterVersions,
  isPrerelease,
  parseSpecifiers,
  parseVersion,
  publicVersion,
  sameVersion,
  specifiersContain,
  specifiersMentionPrerelease,
  specifiersText,
  specifierText,
  versionText,
  type PrereleaseOptions,
  type Specifier,
  type Version,
} from "./index.ts";

const contains = (specifiers: string, version: string, options: PrereleaseOptions = { prereleases: true }): boolean => {
  return specifiersContain(parseSpecifiers(specifiers), parseVersion(version), options);
};

describe("PEP 440 specifiers", () => {
  test.each([
    // Compatible release
    ["~=2.2", ["2.2", "2.2.post3", "2.3", "2.99.1", "2.2+x"], ["2.1", "3.0", "3.0.dev1", "2.2a1"]],
    ["~=1.4.5", ["1.4.5", "1.4.10"], ["1.4.4", "1.5", "1.5.dev0"]],
    ["~=2.2.post3", ["2.2.post3", "2.3"], ["2.2.post2", "2.2", "3.0"]],
    ["~=1.4.5a4", ["1.4.5a4", "1.4.5"], ["1.4.5a3", "1.5"]],
    ["~=2.2.0", ["2.2.0", "2.2.9"], ["2.3.0"]],
    ["~=1.4.5.0", ["1.4.5.0", "1.4.5.9"], ["1.4.6"]],
    // Version matching
    ["==1.1", ["1.1", "1.1.0", "1.1.0.0", "1.1+local", "v1.1"], ["1.1.post1", "1.1.dev1", "1.1a1", "1.1.1"]],
    ["==1.1.post1", ["1.1.post1"], ["1.1"]],
    ["==1.1.*", ["1.1", "1.1.0", "1.1.post1", "1.1a1", "1.1.dev0", "1.1.9", "1.1+x"], ["1.2", "1.2.dev0", "1.10", "1.0.9"]],
    ["==1.*", ["1", "1.5", "1.0.dev0"], ["2", "2.dev0", "0.9", "1!1.0"]],
    ["==1!1.0.*", ["1!1.0.3"], ["1.0.3"]],
    ["==1.0+x", ["1.0+x", "1.0+X", "1.0.0+x"], ["1.0", "1.0+x.1", "1.0+y"]],
    // Version exclusion
    ["!=1.1", ["1.1.post1", "1.0", "1.1a1"], ["1.1", "1.1.0", "1.1+x"]],
    ["!=1.1.post1", ["1.1", "1.1.post2"], ["1.1.post1"]],
    ["!=1.1.*", ["1.2", "1.10"], ["1.1", "1.1.post1", "1.1a1"]],
    ["!=1.0+x", ["1.0", "1.0+y"], ["1.0+x"]],
    // Inclusive ordered comparison
    [">=1.0", ["1.0", "1.0+x", "1.0.post1"], ["1.0rc1", "1.0.dev1"]],
    ["<=1.0", ["1.0", "1.0+x", "1.0rc1"], ["1.0.post1", "1.0.0.1"]],
    // Exclusive ordered comparison
    [">1.7", ["1.7.1", "1.8"], ["1.7.0", "1.7", "1.7.0.post1", "1.7+x", "1.7.post1+x"]],
    [">1.7.post2", ["1.7.1", "1.7.0.post3"], ["1.7.0", "1.7.post2", "1.7.post2+x"]],
    [">1.7a1", ["1.7a2", "1.7", "1.7.post1"], ["1.7a1", "1.7a1.post1", "1.7a1+x"]],
    [">1.7.dev1", ["1.7.dev2", "1.7a1"], ["1.7.dev1", "1.7.dev1+x"]],
    ["<3.1", ["3.0.dev0", "3.0.9"], ["3.1", "3.1.dev0", "3.1rc1"]],
    ["<3.1rc1", ["3.1.dev0", "3.1b1", "3.1rc1.dev1"], ["3.1rc1", "3.1"]],
    ["<3.1.post1", ["3.1", "3.1+x", "3.1a1"], ["3.1.post1", "3.1.post1.dev1"]],
    // Arbitrary equality
    ["===1.0", ["1.0"], ["1.0.0", "1.0+downstream1"]],
    ["===1.0+Downstream1", ["1.0+downstream1"], ["1.0"]],
    ["===foobar", [], ["1.0"]],
    // Several clauses
    ["~=0.9,>=1.0,!=1.3.4.*,<2.0", [], ["0.9", "1.0", "1.3.4", "1.3.4.1", "2.0"]],
    [">=1.0,!=1.3.4.*,<2.0", ["1.0", "1.3.5"], ["0.9", "1.3.4", "1.3.4.1", "2.0"]],
    ["", ["1.0", "1.0a1"], []],
  ] as const)("%s", (specifiers, inside, outside) => {
    for (const version of inside) expect([version, contains(specifiers, version)]).toEqual([version, true]);
    for (const version of outside) expect([version, contains(specifiers, version)]).toEqual([version, false]);
  });

  test("pre-releases must be asked for", () => {
    expect(contains(">=1.0", "2.0a1", {})).toBe(false);
    expect(contains("", "2.0a1", {})).toBe(false);
    expect(contains(">=1.0,!=2.0a2", "2.0a1", {})).toBe(false);
    expect(contains(">=1.0a1", "2.0a1", {})).toBe(true);
    expect(contains("==2.0.dev1", "2.0.dev1", {})).toBe(true);
    expect(contains(">=1.0a1", "2.0a1", { prereleases: false })).toBe(false);
    expect(specifiersMentionPrerelease(parseSpecifiers("<2.0b1,>1"))).toBe(true);
    expect(specifiersMentionPrerelease(parseSpecifiers("!=2.0b1,>1"))).toBe(false);
  });

  test("the filter takes pre-releases when nothing else is there", () => {
    const filter = (specifiers: string, versions: readonly string[], prereleases?: boolean): string[] => {
      return filterVersions(parseSpecifiers(specifiers), versions.map(parseVersion), { prereleases }).map(versionText);
    };
    expect(filter(">=1.2.3", ["1.2", "1.3", "1.5a1"])).toEqual(["1.3"]);
    expect(filter(">=1.2.3", ["1.2", "1.5a1"])).toEqual(["1.5a1"]);
    expect(filter(">=1.2.3", ["1.2", "1.5a1"], false)).toEqual([]);
    expect(filter(">=1.2.3", ["1.3", "1.5a1"], true)).toEqual(["1.3", "1.5a1"]);
    expect(filter("", ["1.5a1"])).toEqual(["1.5a1"]);
    expect(filter("<2.0rc1", ["1.3", "2.0b1"])).toEqual(["1.3", "2.0b1"]);
  });
});

describe("text", () => {
  test.each([
    [" >= 1.0 , < 2.0 ,", ">=1.0,<2.0"],
    ["==1.0.*,!=1.0.3", "==1.0.*,!=1.0.3"],
    ["== v1.0-ALPHA", "==1.0a0"],
    ["===1.0-Foo*bar", "===1.0-Foo*bar"],
    [">=1,>=1.0,>=1", ">=1,>=1.0"],
    ["", ""],
  ])("%j is %j", (given, expected) => {
    expect(specifiersText(parseSpecifiers(given))).toBe(expected);
    expect(parseSpecifiers(expected)).toEqual(parseSpecifiers(given));
  });

  test.each([
    ["1.0", 1],
    [",>=1.0", 1],
    [">=1.0,,<2", 7],
    [">=", 3],
    ["=1.0", 1],
    [">=1.0 <2", 7],
    [">=1.*", 3],
    ["~=1", 3],
    ["==1.0a1.*", 3],
    ["==1.0+x.*", 3],
    [">=1.0+x", 3],
    ["~=1.0.*", 3],
    ["==1.0, french", 8],
    ["==1.*.2", 3],
    ["<>1.0", 2],
  ])("%j is refused at column %d", (given, column) => {
    try {
      parseSpecifiers(given);
      expect.unreachable();
    } catch (error) {
      if (!isPenError(error, "INVALID_SPECIFIER")) throw error;
      expect(error.data["column"]).toBe(column);
      expect(error.why?.split("\n").pop()?.indexOf("^")).toBe(column + 1);
    }
  });

  test("conjunction keeps the order and drops repetitions", () => {
    const joined = andSpecifiers(parseSpecifiers(">=1,<3"), parseSpecifiers("<3,!=2"));
    expect(specifiersText(joined)).toBe(">=1,<3,!=2");
    expect(andSpecifiers(anySpecifiers, joined)).toBe(joined);
    expect(andSpecifiers(joined, anySpecifiers)).toBe(joined);
  });
});

/** PEP 440, clause by clause and without intervals. */
function definition(specifier: Specifier, version: Version): boolean {
  const bound = specifier.parsed!;
  const visible = publicVersion(version);
  switch (specifier.operator) {
    case "==":
      if (specifier.wildcard) return startsWith(version, bound, bound.release.length);
      return bound.local === undefined ? sameVersion(visible, bound) : sameVersion(version, bound);
    case "!=":
      return !definition({ ...specifier, operator: "==" }, version);
    case "<=":
      return compareVersions(visible, bound) <= 0;
    case ">=":
      return compareVersions(visible, bound) >= 0;
    case "<": {
      const withoutPhase = { ...visible, dev: undefined, pre: bound.post === undefined ? undefined : version.pre };
      const prereleaseOfBound = isPrerelease(version) && compareVersions({ ...withoutPhase, post: bound.post }, bound) === 0;
      const samePost = bound.post === undefined || version.post === bound.post;
      return compareVersions(version, bound) < 0 && (isPrerelease(bound) || !(prereleaseOfBound && samePost));
    }
    case ">": {
      if (compareVersions(version, bound) <= 0 || sameVersion(visible, bound)) return false;
      const postOfBound = version.post !== undefined && sameVersion({ ...visible, post: undefined, dev: undefined }, bound);
      return bound.post !== undefined || !postOfBound;
    }
    case "~=":
      return compareVersions(visible, bound) >= 0 && startsWith(version, bound, bound.release.length - 1);
    case "===":
      return versionText(version) === specifier.version.toLowerCase();
  }
}

function startsWith(version: Version, prefix: Version, length: number): boolean {
  if (version.epoch !== prefix.epoch) return false;
  return prefix.release.slice(0, length).every((number, at) => (version.release[at] ?? 0) === number);
}

test("contains is the definition, on generated pairs", () => {
  const random = seeded(441);
  for (let round = 0; round < 400; round += 1) {
    const set = parseSpecifiers(specifierCase(random));
    for (const version of sampleVersions(random, 40)) {
      const expected = set.specifiers.every((specifier) => definition(specifier, version));
      const got = specifiersContain(set, version, { prereleases: true });
      if (got !== expected) throw new Error(`${set.specifiers.map(specifierText).join()} ${versionText(version)}: ${got}`);
    }
  }
});
