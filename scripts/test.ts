/**
 * Runs all tests: those under Bun (`*.test.ts`), then the built library under Node. Arguments are passed on to `bun test`, and then only
 * that runs. Ends with a line `N passed, N failed`. With PEN_TEST_NO_SKIP=1 a skipped test counts as failed. The status is 0 only when
 * something ran, everything passed, and both runners came to their end.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { cleanEnvironment } from "./clean-environment.ts";
import { bunOutcome, nodeOutcome, type Outcome } from "./test-outcomes.ts";

const root = join(import.meta.dirname, "..");
const words = process.argv.slice(2);
const home = mkdtempSync(join(tmpdir(), "pen-tests-"));
const mustNotSkip = process.env["PEN_TEST_NO_SKIP"] === "1";
const environment = cleanEnvironment(home, {
  PYENV_ROOT: process.env["PYENV_ROOT"] ?? join(homedir(), ".pyenv"),
  PEN_TEST_NO_SKIP: process.env["PEN_TEST_NO_SKIP"],
  PEN_TEST_SHELLS: process.env["PEN_TEST_SHELLS"],
  PEN_TEST_TOOLS: process.env["PEN_TEST_TOOLS"],
  PEN_TEST_WHEELS: process.env["PEN_TEST_WHEELS"],
});

/** Shows the output of a program while it comes, and keeps it. */
async function run(command: string, args: readonly string[]): Promise<{ stdout: string; stderr: string; status: number }> {
  const child = spawn(command, args, { cwd: root, env: environment, stdio: ["ignore", "pipe", "pipe"] });
  const kept = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream].setEncoding("utf8").on("data", (text: string) => {
      kept[stream] += text;
      process[stream].write(text);
    });
  }
  const status = await new Promise<number>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve(code ?? 1));
  });
  return { ...kept, status };
}

async function underBun(): Promise<Outcome> {
  // Files run side by side, each with a global object of its own. The tests for Node have names that Bun would take for its own.
  const ran = await run(process.execPath, [
    "test",
    "--parallel",
    "--timeout",
    "120000",
    "--path-ignore-patterns",
    "tests/node/**",
    ...words,
  ]);
  return bunOutcome(ran.stderr, ran.status);
}

async function underNode(): Promise<Outcome> {
  const built = await run(process.execPath, ["scripts/build.ts", "--only", "library"]);
  if (built.status !== 0) return { passed: 0, failed: 1, skipped: [] };
  const files = readdirSync(join(root, "tests", "node")).filter((name) => name.endsWith(".test.mjs"));
  const ran = await run("node", ["--test", "--test-reporter=tap", ...files.map((name) => join("tests", "node", name))]);
  return nodeOutcome(ran.stdout, ran.status);
}

async function main(): Promise<number> {
  const outcomes = words.length > 0 ? [await underBun()] : [await underBun(), await underNode()];
  const skipped = outcomes.flatMap((outcome) => outcome.skipped);
  const passed = outcomes.reduce((sum, outcome) => sum + outcome.passed, 0);
  const failed = outcomes.reduce((sum, outcome) => sum + outcome.failed, 0) + (mustNotSkip ? skipped.length : 0);
  if (skipped.length > 0) console.log(`skipped: ${skipped.length}${mustNotSkip ? " (PEN_TEST_NO_SKIP=1: each counts as failed)" : ""}`);
  for (const name of skipped) console.log(`  ${name}`);
  console.log(`${passed} passed, ${failed} failed`);
  return failed > 0 || passed === 0 ? 1 : 0;
}

try {
  process.exitCode = await main();
} finally {
  rmSync(home, { recursive: true, force: true });
}
