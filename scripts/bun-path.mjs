import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

/**
 * The Bun of node_modules, or undefined when there is none that runs here. The `bun` package of npm puts its program in place by an
 * install script, which pen does not rely on: the platform's own package holds the same program.
 *
 * @returns {string | undefined}
 */
export function bunPath() {
  const modules = join(import.meta.dirname, "..", "node_modules");
  const packages = join(modules, "@oven");
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const wanted = `bun-${platform}-${process.arch === "arm64" ? "aarch64" : process.arch}`;
  const program = process.platform === "win32" ? "bun.exe" : "bun";
  const names = (existsSync(packages) ? readdirSync(packages) : []).filter((name) => name.startsWith(wanted)).toSorted();
  // Where the install script did run, it has moved the program.
  const places = [...names.map((name) => join(packages, name, "bin", program)), join(modules, "bun", "bin", "bun.exe")];
  return places.find((path) => existsSync(path) && spawnSync(path, ["--version"], { stdio: "ignore" }).status === 0);
}
