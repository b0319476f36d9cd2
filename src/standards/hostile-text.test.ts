import { describe, expect, test } from "bun:test";
import { isPenError } from "#foundation";
import {
  andMarkers,
  evaluateMarker,
  extraMarker,
  markerImplies,
  markersDisjoint,
  markerText,
  negateMarker,
  normalizeName,
  orMarkers,
  parseMarker,
  parseRequirement,
  parseSpecifiers,
  parseVersion,
  rangeOf,
  rangeText,
  restrictMarker,
  sameMarkers,
  simplifyMarker,
  specifiersText,
  type Marker,
  type MarkerEnvironment,
} from "./index.ts";
import { processorTime } from "../../tests/support/processor-time.ts";

const size = 65_536;
const fill = (unit: string): string => unit.repeat(Math.ceil(size / unit.length)).slice(0, size);
const timed = (limit: number, work: () => void): void => {
  const started = processorTime();
  work();
  expect(processorTime() - started).toBeLessThan(limit);
};

const fills = [
  "(",
  ")",
  "[",
  "]",
  "1",
  "0",
  "9",
  "1.",
  ".",
  ",",
  "a",
  "-",
  "_",
  "+",
  "1+",
  "1+a.",
  "!",
  "1!",
  "=",
  "==",
  "===",
  "<",
  ">=1,",
  "~=1.0,,",
  " ",
  "\t",
  "'",
  '"',
  "\\",
  "a;",
  "a[",
  "@",
  "or ",
  "and ",
  "not ",
  "in ",
  "\0",
  "\ud800",
  "é",
  "\u212a",
  "1a",
  "1.post",
  "1.dev-",
  "dev",
  "post",
  "extra == 'a' or ",
  "(extra == 'a' and ",
  "python_version ",
];
const frames: readonly (readonly [string, string])[] = [
  ["", ""],
  ["1.0", ""],
  ["1.0a", "x"],
  ["1.0+", "+"],
  ["==", "?"],
  ["==1.0,", "?"],
  ["a", ""],
  ["a[", ""],
  ["a[b", ""],
  ["a (", ""],
  ["a @ ", ""],
  ["a; ", ""],
  ["a; os_name == '", ""],
  ["os_name == ", ""],
  ["os_name == 'a' or ", ""],
  ["(", ""],
  ["python_version in '", "'x"],
];

const parsers: readonly (readonly [string, (text: string) => unknown])[] = [
  ["parseVersion", parseVersion],
  ["parseSpecifiers", parseSpecifiers],
  ["parseMarker", parseMarker],
  ["parseRequirement", parseRequirement],
  ["normalizeName", normalizeName],
];

describe("64 KiB of hostile text gets an answer in under 100 ms, and an error is a PenError", () => {
  test.each(parsers)("%s", (_, parse) => {
    for (const unit of fills) {
      for (const [before, after] of frames) {
        timed(100, () => {
          try {
            parse(before + fill(unit) + after);
          } catch (error) {
            if (!isPenError(error)) throw error;
            expect((error.message + error.why).length).toBeLessThan(600);
            expect(JSON.stringify(error.data).length).toBeLessThan(8000);
          }
        });
      }
    }
  });

  test("nested parentheses are refused by depth, not by the stack", () => {
    const nested = (depth: number): string => `${"(".repeat(depth)}os_name == 'a'${")".repeat(depth)}`;
    expect(markerText(parseMarker(nested(100)))).toBe("os_name == 'a'");
    expect(() => parseMarker(nested(101))).toThrow("Not a valid environment marker");
    expect(() => parseMarker(nested(30_000))).toThrow("Not a valid environment marker");
    expect(() => parseRequirement(`a; ${nested(30_000)}`)).toThrow("Not a valid requirement");
  });
});

describe("large but valid", () => {
  const environment = {
    os_name: "posix",
    sys_platform: "linux",
    python_version: "3.11",
    python_full_version: "3.11.4",
    platform_release: "5.1",
  } as MarkerEnvironment;
  const chain = (count: number, term: (at: number) => string, join: string): Marker =>
    parseMarker(Array.from({ length: count }, (_, at) => term(at)).join(join));
  const chains: readonly (readonly [string, Marker])[] = [
    ["one value", chain(5000, () => "os_name == 'a'", " or ")],
    ["thousands of values", chain(4000, (at) => `os_name == 'a${at}'`, " or ")],
    ["hundreds of values", chain(900, (at) => `os_name != 'a${at}'`, " and ")],
    ["hundreds of extras", chain(900, (at) => `extra == 'a${at}'`, " or ")],
    ["hundreds of substrings", chain(900, (at) => `'a${at}' in sys_platform`, " or ")],
    ["substrings both ways", chain(300, (at) => `('a${at}' in sys_platform and sys_platform not in 'b${at} a${at}')`, " or ")],
    ["versions", chain(900, (at) => `python_full_version == '3.${at}.1'`, " or ")],
    ["releases", chain(900, (at) => `platform_release >= '5.${at}'`, " or ")],
    ["pairs", chain(300, (at) => `(extra == 'a${at}' and extra != 'b${at}' and os_name == 'c${at}')`, " or ")],
    ["a product of sums", chain(60, (at) => `(extra == 'a${at}' or os_name == 'b${at % 7}' or 'c${at}' in sys_platform)`, " and ")],
    [
      "parity",
      chain(16, (at) => `(extra == 'a${at}' and extra != 'b${15 - at}' or extra != 'a${at}' and extra == 'b${15 - at}')`, " and "),
    ],
  ];

  test.each(chains)("the algebra answers within a second: %s", (_, marker) => {
    timed(1000, () => {
      const outcome = evaluateMarker(marker, environment);
      expect(evaluateMarker(simplifyMarker(marker), environment)).toBe(outcome);
      expect(evaluateMarker(negateMarker(marker), environment)).toBe(!outcome);
      expect(markersDisjoint(marker, parseMarker("os_name == 'zzz'"))).toBeBoolean();
      expect(markerImplies(marker, marker)).toBeBoolean();
      expect(sameMarkers(restrictMarker(marker, new Set()), marker)).toBeBoolean();
      expect(markerText(marker).length).toBeGreaterThan(0);
    });
  });

  test("markers that a program nests deeply are still written, and not worked out", () => {
    let nested = parseMarker("os_name == 'a'");
    for (let at = 0; at < 20_000; at += 1)
      nested = at % 2 === 0 ? andMarkers(nested, extraMarker("x")) : orMarkers(nested, extraMarker("y"));
    timed(500, () => {
      expect(markerText(nested).length).toBeGreaterThan(20_000);
      expect(simplifyMarker(nested)).toBe(nested);
      expect(markersDisjoint(nested, nested)).toBe(false);
    });
  });

  test("a thousand specifiers", () => {
    const set = parseSpecifiers(Array.from({ length: 5000 }, (_, at) => `!=1.${at}`).join(","));
    timed(500, () => {
      expect(rangeText(rangeOf(set)).length).toBeGreaterThan(5000);
      expect(specifiersText(set).length).toBeGreaterThan(5000);
    });
  });
});
