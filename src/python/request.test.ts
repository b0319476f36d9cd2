import { afterAll, describe, expect, test } from "bun:test";
import * as fs from "node:fs";
import { join } from "node:path";
import { PenError } from "#foundation";
import { makeMachine, writeStandIn } from "../../tests/python-stand-ins.ts";
import { couldFit, hintOf } from "./fit.ts";
import { parseRequest, requestText, type PythonRequest } from "./request.ts";
import { processorTime } from "../../tests/support/processor-time.ts";

const machine = makeMachine();
afterAll(() => machine.remove());

const none = { implementation: undefined, freeThreaded: false, debug: false, pointerBits: undefined, arch: undefined } as const;
const release = (numbers: readonly number[], changes: object = {}) =>
  ({ kind: "release", ...none, release: numbers, prerelease: undefined, ...changes }) as PythonRequest;

const table: ReadonlyArray<readonly [string, PythonRequest, string]> = [
  ["3", release([3]), "3"],
  ["3.12", release([3, 12]), "3.12"],
  [" 3.12 ", release([3, 12]), "3.12"],
  ["311", release([3, 11]), "3.11"],
  ["39", release([3, 9]), "3.9"],
  ["27", release([2, 7]), "2.7"],
  ["3.12.1", release([3, 12, 1]), "3.12.1"],
  ["3.12.*", release([3, 12]), "3.12"],
  ["3.14.0rc2", release([3, 14, 0], { prerelease: "rc2" }), "3.14.0rc2"],
  ["3.15a1", release([3, 15], { prerelease: "a1" }), "3.15a1"],
  ["3.12-dev", release([3, 12], { prerelease: "dev" }), "3.12-dev"],
  ["3.13t", release([3, 13], { freeThreaded: true }), "3.13t"],
  ["313t", release([3, 13], { freeThreaded: true }), "3.13t"],
  ["3.13td", release([3, 13], { freeThreaded: true, debug: true }), "3.13td"],
  ["3.13t-dev", release([3, 13], { freeThreaded: true, prerelease: "dev" }), "3.13t-dev"],
  ["3.12-dbg", release([3, 12], { debug: true }), "3.12d"],
  ["3.12-64", release([3, 12], { pointerBits: 64 }), "3.12-64"],
  ["3.12-32", release([3, 12], { pointerBits: 32 }), "3.12-32"],
  ["3.12-arm64", release([3, 12], { arch: "aarch64" }), "3.12-aarch64"],
  ["3.12-64-amd64", release([3, 12], { pointerBits: 64, arch: "x86_64" }), "3.12-64-x86_64"],
  ["python", { kind: "any", ...none }, "python"],
  ["py", { kind: "any", ...none }, "python"],
  ["Python3.11", release([3, 11]), "3.11"],
  ["python3", release([3]), "3"],
  ["python311", release([3, 11]), "3.11"],
  ["cp312", release([3, 12], { implementation: "cpython" }), "cpython@3.12"],
  ["cpython@3.12", release([3, 12], { implementation: "cpython" }), "cpython@3.12"],
  ["cpython-3.12", release([3, 12], { implementation: "cpython" }), "cpython@3.12"],
  ["cpython3.12t", release([3, 12], { implementation: "cpython", freeThreaded: true }), "cpython@3.12t"],
  ["pypy", { kind: "any", ...none, implementation: "pypy" }, "pypy"],
  ["pypy3.10", release([3, 10], { implementation: "pypy" }), "pypy@3.10"],
  ["pp310", release([3, 10], { implementation: "pypy" }), "pypy@3.10"],
  ["graalpy", { kind: "any", ...none, implementation: "graalpy" }, "graalpy"],
  ["graalvm3.11", release([3, 11], { implementation: "graalpy" }), "graalpy@3.11"],
  ["cpython-3.12.1-linux-x86_64-gnu", release([3, 12, 1], { implementation: "cpython", arch: "x86_64" }), "cpython@3.12.1-x86_64"],
  [
    "cpython-3.13.0+freethreaded-linux-aarch64-musl",
    release([3, 13, 0], { implementation: "cpython", freeThreaded: true, arch: "aarch64" }),
    "cpython@3.13.0t-aarch64",
  ],
];

describe("the request grammar", () => {
  for (const [text, value, canonical] of table) {
    test(JSON.stringify(text), () => {
      const parsed = parseRequest(text, machine.host);
      expect(parsed).toEqual(value);
      expect(requestText(parsed)).toBe(canonical);
      expect(requestText(parseRequest(canonical, machine.host))).toBe(canonical);
    });
  }

  test("version specifiers, with and without an implementation", () => {
    for (const [text, canonical] of [
      [">=3.10,<3.13", ">=3.10,<3.13"],
      ["~=3.11", "~=3.11"],
      ["==3.12.*", "==3.12.*"],
      ["!=3.11.5", "!=3.11.5"],
      ["cpython@>=3.10", "cpython@>=3.10"],
      ["pypy>=3.9", "pypy@>=3.9"],
    ] as const) {
      const parsed = parseRequest(text, machine.host);
      expect(parsed.kind).toBe("range");
      expect(requestText(parsed)).toBe(canonical);
    }
  });

  test("paths, from a separator, a tilde or a dot", () => {
    const path = (text: string) => parseRequest(text, machine.host);
    expect(path("/opt/python/bin/python3")).toEqual({ kind: "path", path: "/opt/python/bin/python3" });
    expect(path("sub/python")).toEqual({ kind: "path", path: join(machine.host.cwd, "sub/python") });
    expect(path(".venv")).toEqual({ kind: "path", path: join(machine.host.cwd, ".venv") });
    expect(path("..")).toEqual({ kind: "path", path: machine.root });
    expect(path("~/py")).toEqual({ kind: "path", path: join(machine.home, "py") });
  });

  test("a word that is no version: a program on PATH, then a file here", () => {
    const onPath = writeStandIn(join(machine.root, "bin", "mypython"));
    expect(parseRequest("mypython", machine.host)).toEqual({ kind: "path", path: onPath });
    fs.mkdirSync(join(machine.host.cwd, "env 1"));
    expect(parseRequest("env 1", machine.host)).toEqual({ kind: "path", path: join(machine.host.cwd, "env 1") });
  });

  const mistakes = [
    "",
    "  ",
    "3.x",
    "snake",
    "3.12.1.4",
    "3.12q",
    "1234",
    "3.12-",
    "python@",
    "python-",
    "3..12",
    "v3.12",
    "3.12-vax",
    "3.8a",
    ">=",
    ">=3.x",
    "cpython@~=3",
    "py\u0000",
  ];
  for (const text of mistakes) {
    test(`refuses ${JSON.stringify(text)} and shows the grammar`, () => {
      try {
        parseRequest(text, machine.host);
        throw new Error("accepted");
      } catch (error) {
        expect(error).toBeInstanceOf(PenError);
        expect((error as PenError).code).toBe("USAGE");
        expect((error as PenError).hint).toContain("3.12");
      }
    });
  }

  test("64 KiB of hostile text is refused in under 100 ms", () => {
    for (const text of ["3".repeat(65_536), "3.".repeat(32_768), ">=3,".repeat(16_384), "a-".repeat(32_768), "python@@".repeat(8192)]) {
      const started = processorTime();
      expect(() => parseRequest(text, machine.host)).toThrow();
      expect(processorTime() - started).toBeLessThan(100);
    }
  });
});

describe("what a name promises", () => {
  const hints: ReadonlyArray<readonly [string, readonly number[] | undefined]> = [
    ["python3.12", [3, 12]],
    ["python3", [3]],
    ["python", undefined],
    ["python3.13t.exe", [3, 13]],
    ["3.11.7", [3, 11, 7]],
    ["3.14-dev", [3, 14]],
    ["pypy3.10-7.3.12", [3, 10]],
    ["pypy3.9-v7.3.11", [3, 9]],
    ["cpython-3.12.1-linux-x86_64-gnu", [3, 12, 1]],
    ["cpython-3.13.0+freethreaded-linux-x86_64-gnu", [3, 13, 0]],
    ["graalpy-24.1.1", undefined],
    ["miniconda3-latest", undefined],
    ["my-env", undefined],
  ];
  for (const [name, numbers] of hints) {
    test(name, () => expect(hintOf(name)?.release).toEqual(numbers));
  }

  test("a name rules out only what it cannot be", () => {
    const request = (text: string) => parseRequest(text, machine.host);
    expect(couldFit(request("3.12"), hintOf("python3.11"))).toBe(false);
    expect(couldFit(request("3.12"), hintOf("python3"))).toBe(true);
    expect(couldFit(request("3.12.4"), hintOf("python3.12"))).toBe(true);
    expect(couldFit(request("pypy"), hintOf("cpython-3.12.1-linux-x86_64-gnu"))).toBe(false);
    expect(couldFit(request(">=3.12"), hintOf("3.11.7"))).toBe(false);
    expect(couldFit(request(">=3.11.8"), hintOf("python3.11"))).toBe(true);
    expect(couldFit(request(">=3.12"), hintOf("python"))).toBe(true);
  });
});
