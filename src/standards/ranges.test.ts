import { describe, expect, test } from "bun:test";
import { pick, sampleVersions, seeded, specifierCase } from "./generated-cases.test.ts";
import {
  complementRange,
  emptyRange,
  fullRange,
  intersectRanges,
  parseSpecifiers,
  parseVersion,
  rangeContains,
  rangeIsEmpty,
  rangeIsFull,
  rangeIsSubset,
  rangeOf,
  rangesDisjoint,
  rangesEqual,
  rangeText,
  singletonRange,
  specifiersContain,
  unionRanges,
  type VersionRange,
} from "./index.ts";
import { processorTime } from "../../tests/support/processor-time.ts";

const range = (text: string): VersionRange => rangeOf(parseSpecifiers(text));

describe("rangeText", () => {
  test.each([
    ["", "*"],
    [">=2,<1", "none"],
    ["<0", "none"],
    [">=1.0,<2.0", ">=1.0,<2.0"],
    ["==1.5", "==1.5"],
    ["!=1.5", "!=1.5"],
    ["==1.5+x", "==1.5+x"],
    ["==1.2.*", "==1.2.*"],
    ["!=1.2.*", "!=1.2.*"],
    ["~=1.4.2", ">=1.4.2,<1.5"],
    [">1.0", ">1.0"],
    [">1.0a1", ">1.0a1"],
    ["<=1.0", "<=1.0"],
    ["<1.0rc1", "<1.0rc1"],
    ["<1.0.post1", "<1.0.post1"],
    [">=1,!=1.5,!=1.7.*,<3", ">=1,<3,!=1.5,!=1.7.*"],
  ])("%j reads %s", (specifiers, text) => {
    expect(rangeText(range(specifiers))).toBe(text);
  });

  test("unions", () => {
    expect(rangeText(unionRanges(range("<1.0"), range(">=2.0")))).toBe("<1.0 | >=2.0");
    expect(rangeText(unionRanges(range("==1.0"), range("==3.0")))).toBe("==1.0 | ==3.0");
    expect(rangeText(complementRange(range(">=1.0,<2.0")))).toBe("<1.0 | >=2.0");
    expect(rangeText(complementRange(range(">1.0")))).toBe("<=1.0");
    expect(rangeText(singletonRange(parseVersion("1.0+x")))).toBe("==1.0+x");
    expect(rangeText(complementRange(singletonRange(parseVersion("1.0"))))).toBe("!=1.0");
  });
});

test("equal sets are equal, however they are written", () => {
  expect(rangesEqual(range("~=2.2"), range(">=2.2,==2.*"))).toBe(true);
  expect(rangesEqual(range("<=1.0.post0"), range("<1.0.post1"))).toBe(true);
  expect(rangesEqual(range(">=1.0,<=1.0"), range("==1.0.0"))).toBe(true);
  expect(rangeIsFull(unionRanges(range("!=1.0"), range("==1.0")))).toBe(true);
  expect(rangeIsFull(range(">=0.dev0"))).toBe(true);
  expect(rangeIsEmpty(range(">1.0,<1.0.0.dev5"))).toBe(true);
});

test("a singleton holds one version and not its local versions", () => {
  const one = singletonRange(parseVersion("1.0"));
  expect(rangeContains(one, parseVersion("1.0.0"))).toBe(true);
  expect(rangeContains(one, parseVersion("1.0+a"))).toBe(false);
  expect(rangeContains(one, parseVersion("1.0+0"))).toBe(false);
  const local = singletonRange(parseVersion("1.0+a"));
  expect(rangeContains(local, parseVersion("1.0+a"))).toBe(true);
  expect(rangeContains(local, parseVersion("1.0+a.0"))).toBe(false);
  expect(rangeContains(local, parseVersion("1.0"))).toBe(false);
  expect(rangesDisjoint(one, local)).toBe(true);
});

describe("laws, on generated ranges", () => {
  const random = seeded(442);
  const samples = sampleVersions(random, 300);
  const generated = (): VersionRange => {
    let result = range(specifierCase(random));
    const steps = Math.floor(random() * 4);
    for (let step = 0; step < steps; step += 1) {
      const next = random() < 0.2 ? singletonRange(pick(random, samples)) : range(specifierCase(random));
      result = random() < 0.5 ? intersectRanges(result, next) : unionRanges(result, complementRange(next));
    }
    return result;
  };

  test("membership follows the operations", () => {
    for (let round = 0; round < 150; round += 1) {
      const a = generated();
      const b = generated();
      const both = intersectRanges(a, b);
      const either = unionRanges(a, b);
      const not = complementRange(a);
      for (const version of samples) {
        const inA = rangeContains(a, version);
        const inB = rangeContains(b, version);
        if (rangeContains(both, version) !== (inA && inB)) throw new Error(`${rangeText(a)} and ${rangeText(b)}`);
        if (rangeContains(either, version) !== (inA || inB)) throw new Error(`${rangeText(a)} or ${rangeText(b)}`);
        if (rangeContains(not, version) === inA) throw new Error(`not ${rangeText(a)}`);
      }
    }
  });

  test("a Boolean algebra with subset and disjoint", () => {
    for (let round = 0; round < 300; round += 1) {
      const [a, b, c] = [generated(), generated(), generated()];
      expect(rangesEqual(complementRange(intersectRanges(a, b)), unionRanges(complementRange(a), complementRange(b)))).toBe(true);
      expect(rangesEqual(intersectRanges(a, unionRanges(b, c)), unionRanges(intersectRanges(a, b), intersectRanges(a, c)))).toBe(true);
      expect(rangesEqual(unionRanges(a, intersectRanges(a, b)), a)).toBe(true);
      expect(rangesEqual(unionRanges(a, b), unionRanges(b, a))).toBe(true);
      expect(rangeIsFull(unionRanges(a, complementRange(a)))).toBe(true);
      expect(rangeIsEmpty(intersectRanges(a, complementRange(a)))).toBe(true);
      expect(rangeIsSubset(a, b)).toBe(rangesEqual(intersectRanges(a, b), a));
      expect(rangesDisjoint(a, b)).toBe(rangeIsEmpty(intersectRanges(a, b)));
      expect(rangesEqual(intersectRanges(a, fullRange), a)).toBe(true);
      expect(rangesEqual(unionRanges(a, emptyRange), a)).toBe(true);
    }
  });

  test("the range of a set is what the set contains", () => {
    for (let round = 0; round < 100; round += 1) {
      const set = parseSpecifiers([specifierCase(random), specifierCase(random)].join(","));
      for (const version of samples)
        expect(rangeContains(rangeOf(set), version)).toBe(specifiersContain(set, version, { prereleases: true }));
    }
  });
});

test("thousands of exclusions stay quick", () => {
  const started = processorTime();
  const many = range(Array.from({ length: 4000 }, (_, at) => `!=1.${at}`).join(","));
  const other = range(Array.from({ length: 4000 }, (_, at) => `!=1.${at}.1`).join(","));
  const both = intersectRanges(many, other);
  expect(both.cuts.length).toBe(16_000);
  expect(rangeIsSubset(both, many)).toBe(true);
  expect(processorTime() - started).toBeLessThan(500);
});
