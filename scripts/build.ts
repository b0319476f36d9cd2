/**
 * Builds pen: `dist/pen` (one executable, by Bun) and `dist/lib` (the library, by tsc). `--only executable|library` builds one of the two.
 */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildExecutable } from "./executable.ts";

const root = join(import.meta.dirname, "..");
const only = process.argv.includes("--only") ? process.argv[process.argv.indexOf("--only") + 1] : undefined;

function run(command: string, args: readonly string[]): void {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
  if (error !== undefined) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

mkdirSync(join(root, "dist"), { recursive: true });
if (only !== "library") {
  buildExecutable(join(root, "dist", "pen"));
  console.log("built dist/pen");
}
if (only !== "executable") {
  rmSync(join(root, "dist", "lib"), { recursive: true, force: true });
  run(join(root, "node_modules", ".bin", "tsc"), ["-p", "tsconfig.build.json"]);
  // `#room` means the sources in this folder, and the built files there: each file asks the nearest package.json.
  const scope = { type: "module", sideEffects: false, imports: { "#*": "./*/index.js" } };
  writeFileSync(join(root, "dist", "lib", "package.json"), `${JSON.stringify(scope, undefined, 2)}\n`);
  chmodSync(join(root, "dist", "lib", "cli", "main.js"), 0o755);
  console.log("built dist/lib");
}
