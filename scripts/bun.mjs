/** Runs Bun with the words given: what `bun …` would do if npm had put it on the path. */
import { spawnSync } from "node:child_process";
import { bunPath } from "./bun-path.mjs";

const found = bunPath();
if (found === undefined) {
  console.error(`There is no Bun for ${process.platform} on ${process.arch} in node_modules: run npm ci first.`);
  process.exit(1);
}
const { status, signal } = spawnSync(found, process.argv.slice(2), { stdio: "inherit" });
if (signal !== null) process.kill(process.pid, signal);
process.exit(status ?? 1);
