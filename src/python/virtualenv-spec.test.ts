import { describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { isPenError } from "#foundation";
import {
  clauseHolds,
  parseVirtualenvSpec,
  specHolds,
  virtualenvSpecText,
  type SpecInterpreter,
  type VirtualenvSpec,
} from "./virtualenv-spec.ts";
import { processorTime } from "../../tests/support/processor-time.ts";

const said = (text: string): Partial<VirtualenvSpec> => {
  const { text: _text, ...spec } = parseVirtualenvSpec(text);
  return Object.fromEntries(
    Object.entries(spec).filter(([name, value]) => value !== undefined && !(name === "release" && (value as []).length === 0)),
  );
};

const clause = (operator: string, release: readonly number[], more: object = {}): object => ({
  operator,
  release,
  prerelease: undefined,
  wildcard: false,
  ...more,
});

describe("the grammar", () => {
  const cases: ReadonlyArray<readonly [text: string, spec: object]> = [
    ["python", {}],
    ["py", {}],
    ["python3", { release: [3], freeThreaded: false }],
    ["3", { release: [3], freeThreaded: false }],
    ["311", { release: [3, 11], freeThreaded: false }],
    ["3.11", { release: [3, 11], freeThreaded: false }],
    ["python3.11.7", { release: [3, 11, 7], freeThreaded: false }],
    ["3.", { release: [3], freeThreaded: false }],
    ["3.13t", { release: [3, 13], freeThreaded: true }],
    ["313t", { release: [3, 13], freeThreaded: true }],
    ["3.13td", { release: [3, 13], freeThreaded: true, debug: true }],
    ["3.13-dbg", { release: [3, 13], freeThreaded: false, debug: true }],
    ["3.13-debug-64", { release: [3, 13], freeThreaded: false, debug: true, pointerBits: 64 }],
    ["pypy", { implementation: "pypy" }],
    ["PyPy3.10", { implementation: "PyPy", release: [3, 10], freeThreaded: false }],
    ["graalvm3.11", { implementation: "graalpy", release: [3, 11], freeThreaded: false }],
    ["cpython3.12-64-AMD64", { implementation: "cpython", release: [3, 12], freeThreaded: false, pointerBits: 64, machine: "x86_64" }],
    ["3.12-aarch64", { release: [3, 12], freeThreaded: false, machine: "arm64" }],
    ["python-32", { pointerBits: 32 }],
    [">=3.10", { clauses: [clause(">=", [3, 10])] }],
    ["python>=3.10, <4", { clauses: [clause(">=", [3, 10]), clause("<", [4])] }],
    ["pypy ~=3.9", { implementation: "pypy", clauses: [clause("~=", [3, 9])] }],
    ["==3.13.*t", { freeThreaded: true, clauses: [clause("==", [3, 13], { wildcard: true })] }],
    [">=3.14rc2-64", { pointerBits: 64, clauses: [clause(">=", [3, 14], { prerelease: ["rc", 2] })] }],
    ["/usr/bin/python3", { path: "/usr/bin/python3" }],
    ["./python", { path: "./python" }],
    ["my_python", { path: "my_python" }],
    ["1.2.3.4", { path: "1.2.3.4" }],
    ["..", { path: ".." }],
    ["", {}],
  ];
  for (const [text, spec] of cases) test(JSON.stringify(text), () => expect(said(text)).toEqual(spec as never));

  for (const text of [">=3.x", ">=", "==3.10,foo", "<3.1.2.3.4", "a\0b", "x".repeat(5000)])
    test(`${JSON.stringify(text.slice(0, 20))} names no Python`, () => {
      try {
        parseVirtualenvSpec(text);
        throw new Error("it was read");
      } catch (error) {
        expect(isPenError(error, "PYTHON_NOT_FOUND")).toBe(true);
      }
    });

  test("security: hostile text of 64 KiB and long repetitions are answered at once", () => {
    const started = processorTime();
    for (const part of ["3", "-64", "t", ">=3,", "a-", "==", "3.", " "])
      for (const length of [4000, 65_536]) {
        try {
          parseVirtualenvSpec(part.repeat(length / part.length));
        } catch (error) {
          expect(isPenError(error)).toBe(true);
        }
      }
    expect(processorTime() - started).toBeLessThan(200);
  });
});

const interpreter = (version: SpecInterpreter["versionInfo"], more: Partial<SpecInterpreter> = {}): SpecInterpreter => ({
  implementation: "cpython",
  versionInfo: version,
  freeThreaded: false,
  debug: false,
  pointerBits: 64,
  tagTarget: { platform: { os: "manylinux", arch: "x86_64" } } as unknown as SpecInterpreter["tagTarget"],
  markers: {} as SpecInterpreter["markers"],
  ...more,
});

test("an interpreter in virtualenv's short form", () => {
  expect(virtualenvSpecText(interpreter([3, 13, 0, "final", 0]))).toBe("CPython3.13.0.final.0-64-x86_64");
  expect(virtualenvSpecText(interpreter([3, 14, 0, "candidate", 2], { freeThreaded: true, debug: true }))).toBe(
    "CPython3.14.0.candidate.2td-64-x86_64",
  );
});

test("3.12.4 is ==3.12 and <=3.12, and not >3.12", () => {
  const holds = (text: string) => specHolds(parseVirtualenvSpec(text), interpreter([3, 12, 4, "final", 0]));
  expect(["==3.12", "<=3.12", ">=3.12", "~=3.12", "!=3.12", ">3.12", "<3.12", "==3.12.4", "==3.12.3"].map(holds)).toEqual([
    true,
    true,
    true,
    true,
    false,
    false,
    false,
    true,
    false,
  ]);
});

const tools = process.env["PEN_TEST_TOOLS"];
const python = tools === undefined ? undefined : join(tools, "python");
const usable = python !== undefined && existsSync(python) && spawnSync(python, ["-c", "import python_discovery"]).status === 0;

/** Reads requests as virtualenv does, and compares each with interpreters. */
const oracle = `
import json, sys
from python_discovery import PythonInfo
from python_discovery._py_spec import PythonSpec
from python_discovery._py_info import VersionInfo
texts, versions = json.load(sys.stdin)
infos = []
for version, free_threaded, debug in versions:
    info = object.__new__(PythonInfo)
    info.version_info = VersionInfo(*version)
    info.implementation, info.architecture, info.free_threaded, info.debug_build = "CPython", 64, free_threaded, debug
    info.sysconfig_platform, info.platform = "linux-x86_64", "linux"
    infos.append(info)
out = []
for text in texts:
    try:
        spec = PythonSpec.from_string_spec(text)
    except ValueError:
        out.append(None)
        continue
    holds = []
    if spec.path is None:
        holds = [info.satisfies(spec, impl_must_match=True) for info in infos]
    release = [part for part in (spec.major, spec.minor, spec.micro) if part is not None]
    out.append([spec.implementation, release, spec.architecture, spec.machine, spec.free_threaded, spec.debug, spec.path, holds])
json.dump(out, sys.stdout)
`;

function generated(count: number): string[] {
  let state = 20_261_122;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return Math.floor((state / 0x80000000) * below);
  };
  const pick = (from: readonly string[]): string => from[random(from.length)] ?? "";
  const version = (): string =>
    pick(["3", "3.9", "3.12", "312", "3.12.4", "3.14", "3.13.0", "3.12.*", "3.14rc1", "3.14.0b2", "2.7", "3..1", "4.0.0.1"]);
  const operator = (): string => pick(["==", ">=", "<=", "<", ">", "!=", "~=", "===", "=", "=>"]);
  const letters = (): string => pick(["", "", "", "python", "py", "cpython", "CPython", "pypy", "graalvm", "jython", "x y"]);
  const modifiers = (): string =>
    pick(["", "", "", "t", "d", "td", "-dbg", "-debug", "-64", "-32", "-64-x86_64", "-amd64", "t-64", "-dbg-64", "-linux-x"]);
  return Array.from({ length: count }, () => {
    const clauses = Array.from({ length: 1 + random(3) }, () => `${pick(["", " "])}${operator()}${pick(["", " "])}${version()}`).join(",");
    return `${letters()}${random(2) === 0 ? version() : clauses}${modifiers()}`;
  });
}

test.skipIf(!usable)("reads and compares as virtualenv's own parser does (needs PEN_TEST_TOOLS with virtualenv 21)", () => {
  const texts = [...generated(3000), "/a/b", "a/b", "python", "", "pythonthree", "3.12 ", " 3.12", ">=3.12 ", "python 3.12"];
  const levels = [
    [3, 9, 18, "final", 0],
    [3, 12, 0, "final", 0],
    [3, 12, 4, "final", 0],
    [3, 13, 0, "final", 0],
    [3, 14, 0, "beta", 2],
    [3, 14, 0, "candidate", 1],
    [3, 14, 0, "final", 0],
  ] as const;
  const builds = levels.flatMap((level) => [[level, false, false] as const, [level, true, false] as const, [level, false, true] as const]);
  const { stdout, stderr } = spawnSync(python ?? "", ["-c", oracle], {
    input: JSON.stringify([texts, builds]),
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  expect(stderr).toBe("");
  const answers = JSON.parse(stdout) as unknown[];
  const ours = texts.map((text) => {
    try {
      const spec = parseVirtualenvSpec(text);
      const holds =
        spec.path === undefined
          ? builds.map(([level, freeThreaded, debug]) => specHolds(spec, interpreter(level, { freeThreaded, debug })))
          : [];
      return [
        spec.implementation ?? null,
        spec.release,
        spec.pointerBits ?? null,
        spec.machine ?? null,
        spec.freeThreaded ?? null,
        spec.debug ?? null,
        spec.path ?? null,
        holds,
      ];
    } catch {
      return null;
    }
  });
  const different = texts.flatMap((text, at) =>
    JSON.stringify(ours[at]) === JSON.stringify(answers[at]) ? [] : [[text, ours[at], answers[at]]],
  );
  expect(different.slice(0, 5)).toEqual([]);
});

test("a pre-release is one only where the clause says so or names three numbers", () => {
  const early = [3, 14, 0, "candidate", 1] as const;
  const holds = (text: string) => clauseHolds(parseVirtualenvSpec(text).clauses?.[0] as never, early);
  expect([">=3.14", ">=3.14.0", ">=3.14rc1", ">=3.14rc2", "<3.14.0", "<3.14", "==3.14"].map(holds)).toEqual([
    true,
    false,
    true,
    false,
    false,
    false,
    true,
  ]);
});
