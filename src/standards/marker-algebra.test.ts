import { describe, expect, test } from "bun:test";
import { pick, seeded } from "./generated-cases.test.ts";
import {
  andMarkers,
  evaluateMarker,
  markerImplies,
  markerIsFalse,
  markerIsTrue,
  markerPythonRange,
  markersDisjoint,
  markerText,
  negateMarker,
  orMarkers,
  parseMarker,
  parseSpecifiers,
  parseVersion,
  pythonMarker,
  rangeContains,
  rangeText,
  sameMarkers,
  simplifyMarker,
  simplifyMarkerWithin,
  type Marker,
  type MarkerEnvironment,
} from "./index.ts";

const simple = (text: string): string => markerText(simplifyMarker(parseMarker(text)));
const not = (text: string): string => markerText(negateMarker(parseMarker(text)));

describe("never and always", () => {
  test.each([
    "python_version >= '3.8' and python_version < '3.8'",
    "sys_platform == 'win32' and sys_platform == 'linux'",
    "sys_platform == 'win32' and 'linux' in sys_platform",
    "sys_platform == 'cygwin' and sys_platform in 'linux darwin'",
    "sys_platform in 'linux' and sys_platform not in 'linux darwin'",
    "'linux2' in sys_platform and 'linux' not in sys_platform",
    "'z' in sys_platform and sys_platform in 'linux'",
    "python_version == '3.8' and python_full_version < '3.8'",
    "python_version == '3.8' and python_full_version >= '3.9'",
    "python_version in '3.7 3.8' and python_version >= '3.9'",
    "python_version == '3.8.1'",
    "python_version > '3.8' and python_full_version < '3.9.dev0'",
    "extra == 'a' and extra != 'A'",
    "python_version < '0'",
    "os_name == 'a' and os_name > 'b'",
  ])("%s never holds", (text) => {
    const marker = parseMarker(text);
    expect(markerIsFalse(marker)).toBe(true);
    expect(markerIsTrue(negateMarker(marker))).toBe(true);
  });

  test.each([
    "python_version >= '3.8' or python_version < '3.8'",
    "python_version >= '0'",
    "sys_platform == 'linux' or sys_platform != 'linux'",
    "sys_platform != 'linux' or 'linux' in sys_platform",
    "python_version <= '3.8' or python_full_version >= '3.9.dev0'",
    "extra == 'a' or extra != 'a' and os_name == 'x' or extra != 'a'",
  ])("%s always holds", (text) => {
    expect(markerIsTrue(parseMarker(text))).toBe(true);
    expect(markerIsFalse(parseMarker(text))).toBe(false);
  });
});

test("implication", () => {
  const implies = (a: string, b: string): boolean => markerImplies(parseMarker(a), parseMarker(b));
  expect(implies("python_version >= '3.9'", "python_full_version >= '3.8'")).toBe(true);
  expect(implies("python_full_version >= '3.8'", "python_version >= '3.8'")).toBe(true);
  expect(implies("python_version >= '3.8'", "python_full_version >= '3.8'")).toBe(false);
  expect(implies("sys_platform == 'linux'", "sys_platform != 'win32'")).toBe(true);
  expect(implies("sys_platform == 'linux'", "sys_platform in 'linux darwin'")).toBe(true);
  expect(implies("sys_platform != 'win32'", "sys_platform == 'linux'")).toBe(false);
  expect(implies("os_name == 'a' and extra == 'x'", "extra == 'x' or os_name == 'b'")).toBe(true);
});

describe("simplest form", () => {
  test.each([
    ["python_version > '3.8'", "python_version >= '3.9'"],
    ["python_full_version >= '3.8.dev0' and python_full_version < '4'", "python_version >= '3.8' and python_version < '4.0'"],
    ["python_version ~= '3.8'", "python_version >= '3.8' and python_version < '4.0'"],
    ["python_full_version == '3.8.*'", "python_version == '3.8'"],
    ["python_version != '3.8' and python_version != '3.9'", "python_version < '3.8' or python_version >= '3.10'"],
    ["python_full_version > '3.8.1'", "python_full_version > '3.8.1'"],
    [
      "python_full_version == '3.8.1' or python_full_version == '3.8.3'",
      "python_full_version == '3.8.1' or python_full_version == '3.8.3'",
    ],
    ["python_full_version != '3.8.1'", "python_full_version != '3.8.1'"],
    ["sys_platform == 'a' or sys_platform == 'b' or sys_platform == 'a'", "sys_platform == 'a' or sys_platform == 'b'"],
    ["sys_platform != 'b' and sys_platform != 'a'", "sys_platform != 'a' and sys_platform != 'b'"],
    ["sys_platform == 'a' and os_name == 'x' or sys_platform == 'a' and os_name != 'x'", "sys_platform == 'a'"],
    ["os_name == 'x' or os_name == 'x' and extra == 'y'", "os_name == 'x'"],
    ["'linux' in sys_platform or sys_platform == 'linux2'", "'linux' in sys_platform"],
    ["extra == 'b' or extra == 'a'", "extra == 'a' or extra == 'b'"],
    [
      "os_name == 'a' and (python_version < '3' or sys_platform == 'c')",
      "python_version < '3.0' and os_name == 'a' or os_name == 'a' and sys_platform == 'c'",
    ],
  ])("%s", (given, expected) => {
    expect(simple(given)).toBe(expected);
    expect(simple(expected)).toBe(expected);
  });

  test.each([
    ["python_version >= '3.8'", "python_version < '3.8'"],
    ["python_full_version >= '3.8'", "python_full_version <= '3.8' and python_full_version != '3.8'"],
    ["python_full_version > '3.8.1'", "python_full_version <= '3.8.1'"],
    ["sys_platform in 'a b'", "sys_platform not in 'a b'"],
    ["'a' in sys_platform", "'a' not in sys_platform"],
    ["extra == 'a' and os_name == 'b'", "os_name != 'b' or extra != 'a'"],
    ["platform_release < '5.10'", "platform_release >= '5.10' or platform_release == '5.10.*'"],
    ["platform_release ~= '5.10'", "platform_release <= '5.10' and platform_release != '5.10' or platform_release != '5.*'"],
  ])("not (%s)", (given, expected) => {
    expect(not(given)).toBe(expected);
  });
});

test.each([
  ["python_version >= '3.8' and os_name == 'nt'", "python_full_version >= '3.9'", "os_name == 'nt'"],
  ["python_version < '3.11'", "python_version >= '3.9'", "python_version < '3.11'"],
  ["python_version >= '3.9' and python_version < '3.11'", "python_version >= '3.9' and python_version < '3.13'", "python_version < '3.11'"],
  ["python_version >= '3.8'", "python_version >= '3.9'", "python_version >= '0'"],
  ["python_version < '3.8'", "python_version >= '3.9'", "python_version < '0'"],
  ["sys_platform == 'win32' or os_name == 'nt'", "sys_platform != 'win32'", "os_name == 'nt'"],
  ["os_name == 'nt' and extra == 'a'", "extra == 'a'", "os_name == 'nt'"],
])("%s, within %s, is %s", (marker, context, expected) => {
  expect(markerText(simplifyMarkerWithin(parseMarker(marker), parseMarker(context)))).toBe(expected);
});

test("Requires-Python as a marker, and back", () => {
  const marker = pythonMarker(parseSpecifiers(">=3.8,!=3.9.*"));
  expect(markerText(marker)).toBe("python_full_version >= '3.8' and python_full_version != '3.9.*'");
  expect(rangeText(markerPythonRange(andMarkers(marker, parseMarker("sys_platform == 'linux'"))))).toBe(">=3.8,!=3.9.*");
  expect(rangeText(markerPythonRange(parseMarker("sys_platform == 'linux' and python_version < '3.8' or python_version >= '3.10'")))).toBe(
    "<3.8 | >=3.10",
  );
  expect(rangeText(markerPythonRange(parseMarker("sys_platform == 'linux'")))).toBe("*");
});

const values: { readonly [variable in keyof MarkerEnvironment]?: readonly string[] } = {
  sys_platform: ["linux", "win32", "darwin", "cygwin", "linux2", ""],
  os_name: ["posix", "nt", "java"],
  platform_release: ["5.9", "5.10", "5.10.dev1", "6.1-generic", "", "5.11", "4"],
  implementation_version: ["3.8.1", "7.3.11", "3.9.0"],
};
const pythons = [
  "2.7.18",
  "3.7.0",
  "3.8.0",
  "3.8.0rc1",
  "3.8.0a1",
  "3.8.1",
  "3.8.2",
  "3.9.0",
  "3.9.0b2",
  "3.10.0",
  "3.10.4",
  "4.0.0",
  "0.0.1",
];
const literals = ["2.7", "3", "3.8", "3.8.0", "3.8.1", "3.8rc1", "3.9", "3.10", "4", "3.8.1.dev0"];

function term(random: () => number): string {
  const version = ["==", "!=", "<", "<=", ">", ">="];
  switch (Math.floor(random() * 10)) {
    case 0:
    case 1:
      return `python_version ${pick(random, version)} '${pick(random, literals)}'`;
    case 2:
    case 3:
      return `python_full_version ${pick(random, version)} '${pick(random, literals)}'`;
    case 4:
      return pick(random, [
        "python_version in '2.7 3.8'",
        "python_version not in '3.10'",
        "python_full_version == '3.8.*'",
        "python_version ~= '3.8'",
        "python_full_version != '3.*'",
        "python_full_version ~= '3.8.1'",
      ]);
    case 5:
      return `sys_platform ${pick(random, ["==", "!=", "<", "<=", ">", ">="])} '${pick(random, values.sys_platform!)}'`;
    case 6:
      return pick(random, [
        "sys_platform in 'linux2 win32'",
        "'linux' in sys_platform",
        "'win' not in sys_platform",
        "'in' in sys_platform",
        "sys_platform not in 'linux'",
      ]);
    case 7:
      return `platform_release ${pick(random, [...version, "~="])} '${pick(random, ["5.10", "5.9", "6.1-generic"])}'`;
    case 8:
      return `implementation_version ${pick(random, version)} '3.8.1'`;
    default:
      return pick(random, [
        "extra == 'a'",
        "extra != 'b'",
        "'g' in dependency_groups",
        "'a' in extras",
        "os_name == 'nt'",
        "os_name != 'posix'",
      ]);
  }
}

function generated(random: () => number, depth: number): string {
  if (depth === 0 || random() < 0.3) return term(random);
  const joined = Array.from({ length: 2 + Math.floor(random() * 2) }, () => generated(random, depth - 1)).join(
    random() < 0.5 ? " and " : " or ",
  );
  return `(${joined})`;
}

describe("the algebra agrees with evaluation, on generated markers", () => {
  const random = seeded(508);
  const environments = Array.from({ length: 150 }, () => {
    const full = pick(random, pythons);
    const environment: MarkerEnvironment = {
      implementation_name: "cpython",
      implementation_version: pick(random, values.implementation_version!),
      os_name: pick(random, values.os_name!),
      platform_machine: "x86_64",
      platform_python_implementation: "CPython",
      platform_release: pick(random, values.platform_release!),
      platform_system: "Linux",
      platform_version: "#1",
      python_full_version: full,
      python_version: parseVersion(full).release.slice(0, 2).join("."),
      sys_platform: pick(random, values.sys_platform!),
    };
    const chosen = {
      extras: new Set(["a", "b"].filter(() => random() < 0.5)),
      dependencyGroups: new Set(["g"].filter(() => random() < 0.5)),
    };
    return { environment, chosen };
  });
  const outcomes = (marker: Marker): boolean[] =>
    environments.map(({ environment, chosen }) => evaluateMarker(marker, environment, chosen));

  test("simplified, negated, joined, compared", () => {
    for (let round = 0; round < 400; round += 1) {
      const [textA, textB] = [generated(random, 2), generated(random, 2)];
      const [a, b] = [parseMarker(textA), parseMarker(textB)];
      const [inA, inB] = [outcomes(a), outcomes(b)];
      const simplified = simplifyMarker(a);
      if (!Bun.deepEquals(outcomes(simplified), inA)) throw new Error(`${textA}\nbecame ${markerText(simplified)}`);
      const negated = negateMarker(a);
      if (
        !Bun.deepEquals(
          outcomes(negated),
          inA.map((value) => !value),
        )
      )
        throw new Error(`not ${textA}\nbecame ${markerText(negated)}`);
      if (markersDisjoint(a, b) && inA.some((value, at) => value && inB[at])) throw new Error(`disjoint? ${textA}\n${textB}`);
      if (markerImplies(a, b) && inA.some((value, at) => value && !inB[at])) throw new Error(`implies? ${textA}\n${textB}`);
      if (markerIsFalse(a) && inA.includes(true)) throw new Error(`false? ${textA}`);
      if (markerIsTrue(a) && inA.includes(false)) throw new Error(`true? ${textA}`);
      const within = outcomes(simplifyMarkerWithin(a, b));
      if (inB.some((value, at) => value && within[at] !== inA[at])) throw new Error(`${textA}\nwithin ${textB}`);
      const range = markerPythonRange(a);
      for (const [at, { environment }] of environments.entries()) {
        if (inA[at]) expect(rangeContains(range, parseVersion(environment.python_full_version))).toBe(true);
      }
    }
  });

  test("laws", () => {
    for (let round = 0; round < 200; round += 1) {
      const [a, b, c] = [1, 2, 2].map((depth) => parseMarker(generated(random, depth))) as [Marker, Marker, Marker];
      expect(sameMarkers(parseMarker(markerText(a)), a)).toBe(true);
      expect(markerText(simplifyMarker(orMarkers(a, b)))).toBe(markerText(simplifyMarker(orMarkers(b, a))));
      expect(sameMarkers(andMarkers(a, orMarkers(b, c)), orMarkers(andMarkers(a, b), andMarkers(a, c)))).toBe(true);
      expect(sameMarkers(orMarkers(a, andMarkers(a, b)), a)).toBe(true);
      expect(markerImplies(andMarkers(a, b), a)).toBe(true);
      expect(markerImplies(a, orMarkers(a, b))).toBe(true);
      // Platform releases are any text: their questions are kept apart, and a written negation is not known to be one.
      if (markerText(andMarkers(a, b)).includes("platform_release")) continue;
      expect(sameMarkers(simplifyMarker(a), a)).toBe(true);
      expect(markerIsFalse(andMarkers(a, negateMarker(a)))).toBe(true);
      expect(markerIsTrue(orMarkers(a, negateMarker(a)))).toBe(true);
      expect(markersDisjoint(a, andMarkers(b, negateMarker(a)))).toBe(true);
    }
  });
});
