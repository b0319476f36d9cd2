/** The Pythons and programs of this machine for tests that need real ones, and a clean environment to run them in. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { readHost, type Host } from "#foundation";
import { pythons } from "./pythons.ts";

/** Path of a program on PATH, or undefined. */
export function programOnPath(name: string): string | undefined {
  return (process.env["PATH"] ?? "")
    .split(":")
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));
}

/** Path of a shell for tests: from the folder that PEN_TEST_SHELLS names, where shells stand that no system package brings, else from PATH. */
export function shellProgram(name: string): string | undefined {
  const folder = process.env["PEN_TEST_SHELLS"];
  const path = folder === undefined ? undefined : join(folder, name);
  return path !== undefined && existsSync(path) ? path : programOnPath(name);
}

/** The paths of all Pythons of this machine that pen works with, oldest first. */
export function realPythons(): string[] {
  return pythons().map(({ path }) => path);
}

/** An environment for child processes with nothing of the caller's in it. `home` is made. */
export function cleanEnvironment(home: string, extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  mkdirSync(home, { recursive: true });
  return { PATH: "/usr/local/bin:/usr/bin:/bin", HOME: home, TMPDIR: home, LANG: "C.UTF-8", LC_ALL: "C.UTF-8", TERM: "dumb", ...extra };
}

/** A host whose home, cache and working directory are below `folder`. */
export function testHost(folder: string, overrides: Partial<Host> = {}): Host {
  const home = join(folder, "home");
  const cwd = join(folder, "work");
  mkdirSync(cwd, { recursive: true });
  return readHost({ env: cleanEnvironment(home, { PEN_CACHE_DIR: join(folder, "cache") }), cwd, home, tmp: folder, ...overrides });
}

/** Runs a program to its end, without standard input. */
export function run(
  command: readonly string[],
  options: { env: Record<string, string>; cwd: string; input?: string },
): { status: number | null; stdout: string; stderr: string } {
  const [program = "", ...args] = command;
  const result = spawnSync(program, args, { ...options, input: options.input ?? "", encoding: "utf8", timeout: 60_000 });
  if (result.error !== undefined) throw result.error;
  return { status: result.status, stdout: result.stdout, stderr: result.stderr };
}
