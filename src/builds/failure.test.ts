import { describe, expect, test } from "bun:test";
import { buildFailure, findMissing, lastLines } from "./failure.ts";
import type { BuildOptions } from "./types.ts";

const options: BuildOptions = {
  editable: false,
  settings: {},
  timeoutMs: 60_000,
  emit: () => {},
  signal: undefined,
  label: "demo 1.0",
  keepLog: () => undefined,
};
const system = { requires: [], backend: "setuptools.build_meta", backendPath: [], legacy: false };

describe("what is missing, by the words of real logs", () => {
  test.each([
    ["src/_cffi_backend.c:15:10: fatal error: ffi.h: No such file or directory\n", "header", "ffi.h", /libffi-dev/],
    ["foo.c:1:10: fatal error: Python.h: No such file or directory", "header", "Python.h", /python3-dev/],
    ["x.c:3:10: fatal error: 'openssl/opensslv.h' file not found", "header", "openssl/opensslv.h", /libssl-dev/],
    ["Error: pg_config executable not found.\n\npg_config is required to build psycopg2 from source.", "program", "pg_config", /libpq-dev/],
    ["error: command 'gcc' failed: No such file or directory", "compiler", "gcc", /build-essential/],
    [
      "error: command '/usr/bin/x86_64-linux-gnu-gcc' failed: No such file or directory",
      "compiler",
      "x86_64-linux-gnu-gcc",
      /build-essential/,
    ],
    ["unable to execute 'gcc': No such file or directory", "compiler", "gcc", /build-essential/],
    ["../meson.build:1:0: ERROR: Unknown compiler(s): [['cc'], ['gcc'], ['clang']]", "compiler", "cc", /compiler/],
    ["/usr/bin/ld: cannot find -lpq: No such file or directory", "library", "pq", /libpq-dev/],
    ["error: can't find Rust compiler", "program", "Rust compiler", /rustup/],
    ["FileNotFoundError: [Errno 2] No such file or directory: 'cmake'", "program", "cmake", /cmake/],
    ["error: [Errno 2] No such file or directory: 'g++'", "compiler", "g++", /build-essential/],
    ["ModuleNotFoundError: No module named 'numpy'", "module", "numpy", /--no-build-isolation/],
    ["ModuleNotFoundError: No module named 'distutils'", "module", "distutils", /Python 3\.12/],
    ["ModuleNotFoundError: No module named 'pkg_resources'", "module", "pkg_resources", /--build-constraint/],
  ])("%j", (log, kind, name, hint) => {
    expect(findMissing(log)).toEqual({ kind: kind as "header", name });
    const error = buildFailure({ kind: "hook-failed", hook: "build_wheel", error: "SystemExit", message: "1" }, { system, log, options });
    expect(error.hint).toMatch(hint);
    expect(error.data["missing"]).toEqual({ kind, name });
  });

  test("a log that says nothing of the kind", () => {
    expect(findMissing("error: something else\nNo such file or directory: '/etc/x y'")).toBeUndefined();
  });

  test("64 KiB of hostile log are read in a moment", () => {
    for (const piece of [
      "fatal error: ",
      "error: command '",
      "a".repeat(64),
      "Unknown compiler",
      "No such file or directory: '",
      "/".repeat(80),
    ]) {
      const started = Date.now();
      findMissing(piece.repeat(Math.ceil(65_536 / piece.length)));
      lastLines(piece.repeat(Math.ceil(65_536 / piece.length)));
      expect(Date.now() - started).toBeLessThan(200);
    }
  });
});

test("the last lines are few, and what a progress bar overwrote is left out", () => {
  expect(lastLines("a\r\n10%\r50%\r100%\nend\n\n")).toBe("a\n100%\nend");
  expect(lastLines(Array.from({ length: 100 }, (_, at) => `line ${at}`).join("\n")).split("\n")).toHaveLength(20);
});
