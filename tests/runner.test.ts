/** The test command itself: what it says of runs that passed, failed, crashed or never came to their end. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bunOutcome, nodeOutcome } from "../scripts/test-outcomes.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "pen-runner-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const head = 'import { test, expect } from "bun:test";\n';
const sources: Readonly<Record<string, string>> = {
  passes: `${head}test("one", () => { console.error(" 7 fail"); console.error("Ran 9 tests across 1 file."); });\ntest("two", () => {});\n`,
  skips: `${head}test.skip("without a shell", () => {});\ntest.todo("later");\ntest("runs", () => {});\n`,
  fails: `${head}test("wrong", () => { console.log(" 0 fail"); expect(1).toBe(2); });\ntest("right", () => {});\n`,
  "crashes at load": 'import nothing from "./not-there.ts";\nconsole.log(nothing);\n',
  "throws at load": 'throw new Error("at load");\n',
  "throws late": `${head}test("late", async () => { setTimeout(() => { throw new Error("late"); }, 1); await new Promise((r) => setTimeout(r, 30)); });\n`,
  "leaves early": `${head}test("one", () => {});\nprocess.exit(0);\n`,
  "leaves early in a test": `${head}test("one", () => {});\ntest("two", () => process.exit(0));\n`,
  "has no test": "export {};\n",
};

function underBun(...names: readonly string[]): ReturnType<typeof bunOutcome> {
  const files = names.map((name) => join(folder, `${name}.test.ts`));
  for (const [at, name] of names.entries()) writeFileSync(files[at]!, sources[name] ?? "");
  const { stderr, status } = spawnSync(process.execPath, ["test", ...files], { cwd: folder, encoding: "utf8" });
  return bunOutcome(stderr, status ?? 1);
}

describe("what is read from Bun", () => {
  test("passed tests, whatever they print", () => expect(underBun("passes")).toEqual({ passed: 2, failed: 0, skipped: [] }));
  test("skipped tests by name, those for later too", () =>
    expect(underBun("skips")).toEqual({ passed: 1, failed: 0, skipped: ["without a shell", "later"] }));
  test("a failed test", () => expect(underBun("passes", "fails")).toEqual({ passed: 3, failed: 1, skipped: [] }));
  for (const name of ["crashes at load", "throws at load", "throws late", "leaves early", "leaves early in a test"])
    test(`a file that ${name}`, () => expect(underBun(name, "passes").failed).toBeGreaterThan(0));
  test("a file without tests passes nothing", () => expect(underBun("has no test")).toEqual({ passed: 0, failed: 0, skipped: [] }));
  test("coloured output", () =>
    expect(
      bunOutcome("\u001b[0m\u001b[32m 3 pass\u001b[0m\n\u001b[2m 0 fail\u001b[0m\nRan 3 tests across 1 file. \u001b[0m[1ms]\n", 0),
    ).toEqual({
      passed: 3,
      failed: 0,
      skipped: [],
    }));
});

describe("what is read from Node", () => {
  const underNode = (source: string): ReturnType<typeof nodeOutcome> => {
    const file = join(folder, "node.test.mjs");
    writeFileSync(file, `import test from "node:test";\n${source}`);
    const { stdout, status } = spawnSync("node", ["--test", "--test-reporter=tap", file], {
      encoding: "utf8",
      env: { PATH: process.env["PATH"] },
    });
    return nodeOutcome(stdout, status ?? 1);
  };
  test("passed, failed and skipped tests, whatever they print", () => {
    const outcome = underNode(
      'test("a", () => console.log("fail 7\\npass 9"));\ntest("b", () => { throw new Error("b"); });\ntest.skip("c", () => {});\n',
    );
    expect({ ...outcome, skipped: outcome.skipped.length }).toEqual({ passed: 1, failed: 1, skipped: 1 });
  });
  test("a file that crashes at load", () => expect(underNode('throw new Error("at load");\n').failed).toBeGreaterThan(0));
});

describe("the test command", () => {
  const run = (file: string, env: Record<string, string> = {}): { status: number | null; stdout: string } => {
    writeFileSync(join(folder, "case.test.ts"), sources[file] ?? "");
    return spawnSync(process.execPath, [join(import.meta.dirname, "..", "scripts", "test.ts"), join(folder, "case.test.ts")], {
      encoding: "utf8",
      env: { PATH: process.env["PATH"], HOME: folder, ...env },
    });
  };
  const cases: ReadonlyArray<readonly [file: string, status: number, last: string]> = [
    ["passes", 0, "2 passed, 0 failed"],
    ["fails", 1, "1 passed, 1 failed"],
    ["crashes at load", 1, "0 passed, 1 failed"],
    ["leaves early", 1, "0 passed, 1 failed"],
    ["has no test", 1, "0 passed, 0 failed"],
    ["skips", 0, "1 passed, 0 failed"],
  ];
  for (const [file, status, last] of cases) {
    test(`ends with ${status} for a file that ${file}`, () => {
      const ran = run(file);
      expect([ran.status, ran.stdout.trimEnd().split("\n").at(-1)]).toEqual([status, last]);
    });
  }
  test("names what was skipped, and fails for it when nothing may be skipped", () => {
    const ran = run("skips", { PEN_TEST_NO_SKIP: "1" });
    expect(ran.status).toBe(1);
    expect(ran.stdout).toContain("without a shell");
    expect(ran.stdout).toContain("1 passed, 2 failed");
  });
  test("tests see a home of their own and nothing of the caller's Python", () => {
    writeFileSync(
      join(folder, "case.test.ts"),
      `${head}test("clean", () => { expect(process.env.HOME).not.toBe(${JSON.stringify(folder)}); expect(Object.keys(process.env).filter((name) => /^(PIP_|PYTHON|VIRTUAL_ENV|npm_)/.test(name))).toEqual([]); expect(process.env.PYENV_ROOT).toBe("/somewhere"); });\n`,
    );
    const { status } = spawnSync(process.execPath, [join(import.meta.dirname, "..", "scripts", "test.ts"), join(folder, "case.test.ts")], {
      env: {
        PATH: process.env["PATH"],
        HOME: folder,
        PIP_INDEX_URL: "x",
        PYTHONPATH: "x",
        VIRTUAL_ENV: "x",
        npm_config_x: "y",
        PYENV_ROOT: "/somewhere",
      },
    });
    expect(status).toBe(0);
  });
});
