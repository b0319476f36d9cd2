import { describe, expect, test } from "bun:test";
import { buildFailure, lastLines } from "./failure.ts";
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

describe("what the log says is missing", () => {
  test("stands in the hint and in the facts", () => {
    const log = "running build_ext\nfoo.c:1:10: fatal error: Python.h: No such file or directory\ncompilation terminated.\n";
    const error = buildFailure({ kind: "hook-failed", hook: "build_wheel", error: "SystemExit", message: "1" }, { system, log, options });
    expect(error.hint).toContain("python3-dev");
    expect(error.why).toContain("fatal error: Python.h");
    expect(error.data["missing"]).toEqual({ kind: "header", name: "Python.h" });
  });

  test("weighs more than the import that failed first; a module that could not be imported is told else", () => {
    const run = {
      kind: "hook-failed",
      hook: "build_wheel",
      error: "ModuleNotFoundError",
      message: "No module named 'numpy'",
      module: "numpy",
    };
    expect(buildFailure(run, { system, log: "error: can't find Rust compiler\n", options }).data["missing"]).toEqual({
      kind: "program",
      name: "Rust compiler",
    });
    expect(buildFailure(run, { system, log: "", options }).data["missing"]).toEqual({ kind: "module", name: "numpy" });
  });

  test("a build that was killed ran out of memory, one that took too long misses nothing", () => {
    const log = "x.c:1:10: fatal error: ffi.h: No such file or directory";
    expect(buildFailure({ kind: "crashed", signal: 9 }, { system, log, options }).data["missing"]).toEqual({
      kind: "memory",
      name: "memory",
    });
    expect(buildFailure({ kind: "timeout" }, { system, log, options }).data["missing"]).toBeUndefined();
  });
});

test("the last lines are few, and what a progress bar overwrote is left out", () => {
  expect(lastLines("a\r\n10%\r50%\r100%\nend\n\n")).toBe("a\n100%\nend");
  expect(lastLines(Array.from({ length: 100 }, (_, at) => `line ${at}`).join("\n")).split("\n")).toHaveLength(20);
});
