/** Places to install into, made with the machine's own Python, and short words for what tests do there. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { lstatSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Emit, PenEvent } from "#foundation";
import { applyPlan, lockEnvironment, planInstall, readInstalled, recover } from "#installer";
import type { ApplyOptions, InstallTarget, LinkMode, PlanOptions, Report, WantedWheel } from "#installer";
import type { StoredWheel } from "#store";

/** The Python of the machine that tests use: the first `python3`, without its shims; undefined when there is none with `venv`. */
export function basePython(): string | undefined {
  found ??= { path: findPython() };
  return found.path;
}

let found: { readonly path: string | undefined } | undefined;

function findPython(): string | undefined {
  const { status, stdout } = spawnSync("python3", ["-I", "-c", "import sys, venv; print(sys._base_executable)"], { encoding: "utf8" });
  return status === 0 ? stdout.trim() : undefined;
}

/** A new temporary folder, removed by `remove`. */
export interface Scratch {
  readonly path: string;
  remove(): void;
}

export function scratch(): Scratch {
  const path = mkdtempSync(join(tmpdir(), "pen-installer-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Makes a virtual environment without pip and describes it as a target. */
export function makeVenv(root: string): InstallTarget {
  const made = spawnSync(basePython() ?? "python3", ["-m", "venv", "--without-pip", root], { encoding: "utf8", env: cleanEnv() });
  if (made.status !== 0) throw new Error(made.stderr);
  const version = python(root, "import platform; print(platform.python_version())").trim();
  const folder = readdirSync(join(root, "lib")).find((name) => name.startsWith("python")) ?? "";
  return describeVenv(root, { version, folder });
}

function describeVenv(root: string, { version, folder }: { readonly version: string; readonly folder: string }): InstallTarget {
  const site = `${root}/lib/${folder}/site-packages`;
  return {
    root,
    pythonVersion: version,
    cacheTag: `cpython-${folder.replace("python", "").replace(".", "")}`,
    paths: { purelib: site, platlib: site, scripts: `${root}/bin`, data: root, include: `${root}/include/site/${folder}` },
  };
}

/** A target of the same shape in an empty folder, without a Python. */
export function plainTarget(root: string): InstallTarget {
  return describeVenv(root, { version: "3.12.1", folder: "python3.12" });
}

/** No configuration of the machine, pip's or Python's, reaches the programs that tests start. */
function cleanEnv(more: Readonly<Record<string, string>> = {}): Record<string, string> {
  return {
    PATH: process.env["PATH"] ?? "/usr/bin:/bin",
    HOME: "/nonexistent",
    PIP_CONFIG_FILE: "/dev/null",
    PIP_DISABLE_PIP_VERSION_CHECK: "1",
    LC_ALL: "C.UTF-8",
    ...more,
  };
}

/** Runs a line of Python in the environment and gives what it prints. */
export function python(root: string, code: string): string {
  const run = spawnSync(`${root}/bin/python`, ["-I", "-c", code], { encoding: "utf8", env: cleanEnv() });
  if (run.status !== 0) throw new Error(run.stderr);
  return run.stdout;
}

export interface Ran {
  readonly status: number | null;
  readonly output: string;
}

export function run(command: string, args: readonly string[], more: Readonly<Record<string, string>> = {}): Ran {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8", env: cleanEnv(more) });
  return { status, output: `${stdout}${stderr}` };
}

export interface InstallOptions extends Partial<ApplyOptions>, PlanOptions {
  readonly linkMode?: LinkMode;
}

/** What a command does: lock, recover, plan, apply. */
export async function install(
  target: InstallTarget,
  wheels: ReadonlyArray<StoredWheel | WantedWheel>,
  options: InstallOptions = {},
): Promise<Report> {
  const emit = options.emit ?? (() => {});
  const lock = await lockEnvironment(target, emit);
  try {
    recover(target, emit);
    const wanted = wheels.map((wheel) => ("wheel" in wheel ? wheel : { wheel, requested: false }));
    return await applyPlan(planInstall(readInstalled(target), wanted, options), target, { linkMode: "auto", ...options, emit });
  } finally {
    lock.release();
  }
}

export function recorder(): { readonly events: PenEvent[]; readonly emit: Emit } {
  const events: PenEvent[] = [];
  return { events, emit: (event) => void events.push(event) };
}

/**
 * Everything below a folder: path to kind, mode and content. Two equal snapshots are two equal trees. pen's own folder and the
 * bytecode that a running Python leaves are passed over.
 */
export function snapshot(root: string): Record<string, string> {
  const tree: Record<string, string> = {};
  const visit = (folder: string, prefix: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      const name = `${prefix}${entry.name}`;
      if (name === ".pen" || entry.name === "__pycache__") continue;
      if (entry.isSymbolicLink()) tree[name] = `link ${readlinkSync(path)}`;
      else if (entry.isDirectory()) {
        tree[name] = "folder";
        visit(path, `${name}/`);
      } else tree[name] = `${(lstatSync(path).mode & 0o777).toString(8)} ${createHash("sha256").update(readFileSync(path)).digest("hex")}`;
    }
  };
  visit(root, "");
  return tree;
}
