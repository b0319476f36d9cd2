/** `npm run check`: format, lint, types, unused code, tests; each must pass. `--quick` leaves the tests out. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const tool = (name: string): string => join(root, "node_modules", ".bin", name);
const steps: ReadonlyArray<readonly [title: string, command: string, args: readonly string[]]> = [
  ["format", tool("oxfmt"), ["--check"]],
  ["lint", tool("oxlint"), ["-c", "oxlint.config.mjs", "--type-aware", "--deny-warnings"]],
  ["types", tool("tsc"), ["-p", "tsconfig.json"]],
  ["unused code", tool("knip"), []],
  ["tests", process.execPath, ["scripts/test.ts"]],
];

for (const [title, command, args] of steps) {
  if (title === "tests" && process.argv.includes("--quick")) continue;
  console.log(`\n== ${title}`);
  const { status } = spawnSync(command, args, { cwd: root, stdio: "inherit" });
  if (status !== 0) {
    console.log(`check failed at: ${title}`);
    process.exit(status ?? 1);
  }
}
console.log("\ncheck passed");
