/**
 * The real Pythons that tests may use: the versions under PYENV_ROOT (or ~/.pyenv) and every `python3` on PATH, each installation once,
 * oldest first. Nothing else in the tests looks for Pythons. A test over all of them has fewer cases on a machine that has fewer.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, realpathSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

export interface RealPython {
  /** The name that the installation is called by: `…/versions/3.12.1/bin/python`, `/usr/bin/python3`. */
  readonly path: string;
  /** The same with all links followed. */
  readonly realPath: string;
  /** `3.12.1`. */
  readonly version: string;
  readonly release: readonly [major: number, minor: number];
  /** True for those under pyenv. */
  readonly managed: boolean;
}

/** The folder of pyenv, whether it exists or not. */
export const pyenvRoot: string = process.env["PYENV_ROOT"] || join(homedir(), ".pyenv");

/** Runs on every Python from 2.7 on. A virtual environment on PATH leads to the Python that it stands on. */
const question =
  "import os, sys; print('%d.%d.%d' % sys.version_info[:3]); print(os.path.realpath(getattr(sys, '_base_executable', None) or sys.executable))";

function ask(path: string): readonly [version: string, realPath: string] | undefined {
  const { status, stdout } = spawnSync(path, ["-E", "-S", "-s", "-c", question], { encoding: "utf8", timeout: 20_000 });
  const [version, realPath] = stdout?.trim().split("\n") ?? [];
  return status === 0 && version !== undefined && realPath !== undefined && existsSync(realPath) ? [version, realPath] : undefined;
}

function candidates(): Array<{ readonly path: string; readonly managed: boolean }> {
  const versions = join(pyenvRoot, "versions");
  const names = existsSync(versions) ? readdirSync(versions) : [];
  const managed = names.map((name) => ({ path: join(versions, name, "bin", "python"), managed: true }));
  // The shims of pyenv lead to those again, by way of a slow script.
  const folders = (process.env["PATH"] ?? "").split(":").filter((folder) => folder !== "" && !folder.endsWith("/shims"));
  const others = [...folders, "/usr/bin"].map((folder) => ({ path: join(folder, "python3"), managed: false }));
  return [...managed, ...others].filter(({ path }) => existsSync(path));
}

function findAll(): RealPython[] {
  const found = new Map<string, RealPython>();
  const asked = new Set<string>();
  for (const { path, managed } of candidates()) {
    const target = realpathSync(path);
    if (asked.has(target)) continue;
    asked.add(target);
    const [version = "", realPath = ""] = ask(path) ?? [];
    if (version === "" || found.has(realPath)) continue;
    const [major = 0, minor = 0] = version.split(".").map(Number);
    // In a virtual environment the name on PATH is not the installation's own.
    found.set(realPath, { path: realPath === target ? path : realPath, realPath, version, release: [major, minor], managed });
  }
  return [...found.values()].sort((a, b) => a.version.localeCompare(b.version, "en", { numeric: true }));
}

let all: readonly RealPython[] | undefined;
const everyPython = (): readonly RealPython[] => (all ??= findAll());

/** The Pythons that pen works with: 3.6 and newer. */
export function pythons(): readonly RealPython[] {
  return everyPython().filter(({ release: [major, minor] }) => major === 3 && minor >= 6);
}

/** Those that are too old for pen. */
export function oldPythons(): readonly RealPython[] {
  return everyPython().filter((python) => !pythons().includes(python));
}

/** The Pythons, newest first, for which this line of Python (run without the user's own settings) ends without an error. */
export function pythonsThat(code: string): readonly RealPython[] {
  return [...pythons()].reverse().filter(({ path }) => spawnSync(path, ["-I", "-c", code], { timeout: 20_000 }).status === 0);
}

/** The first Python of {@link pythonsThat}. */
export function pythonThat(code: string): RealPython | undefined {
  return [...pythons()].reverse().find(({ path }) => spawnSync(path, ["-I", "-c", code], { timeout: 20_000 }).status === 0);
}
