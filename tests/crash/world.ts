/**
 * A world of its own for tests that kill, starve and damage the real program: an index on this machine, a store, environments, and the
 * eyes to judge what stands there afterwards. Nothing of the caller's variables gets in.
 */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import {
  chmodSync,
  existsSync,
  linkSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
export { difference, digestOf, faultsOf, leftoversIn, storeDigest, treeOf } from "./trees.ts";
export type { Tree } from "./trees.ts";
import { startIndex, type IndexServer, type ServedFile } from "../support/index-server.ts";
import { pythons } from "../support/pythons.ts";

const project = join(import.meta.dirname, "..", "..");

/** What a run of the program ended with. */
export interface Outcome {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly milliseconds: number;
}

/** A run that is under way. */
export interface Running {
  readonly child: ChildProcess;
  /** What it has written to standard error so far. */
  errors(): string;
  readonly ended: Promise<Outcome>;
  /** Signals the whole process group; false when it is gone. */
  signal(name: NodeJS.Signals): boolean;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Words in front of the program: `strace …`, `setpriv …`. */
  readonly prefix?: readonly string[];
  readonly cache?: string;
}

export interface World {
  readonly folder: string;
  /** `PEN_CACHE_DIR` of all runs that do not say another. */
  readonly cache: string;
  readonly index: IndexServer;
  readonly program: string;
  /** Starts pen in a process group of its own. */
  start(words: readonly string[], options?: RunOptions): Running;
  /** Runs pen to its end. */
  pen(words: readonly string[], options?: RunOptions): Promise<Outcome>;
  /** The same, and throws unless it ended with 0. */
  ok(words: readonly string[], options?: RunOptions): Promise<Outcome>;
  /** `--python ENV --index-url …`, for commands in an environment. */
  at(environment: string): string[];
  /** A new environment without packages. */
  environment(name: string): Promise<string>;
  close(): Promise<void>;
}

/** The newest change of a source, in milliseconds. */
function newestSource(folder: string): number {
  let newest = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true }))
    if (entry.isFile() && !entry.name.endsWith(".test.ts"))
      newest = Math.max(newest, statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.mtimeMs ?? 0);
  return newest;
}

/** `dist/pen`, built when it is missing or older than its sources; or the one that PEN_TEST_PROGRAM names. */
function builtProgram(): string {
  const chosen = process.env["PEN_TEST_PROGRAM"];
  if (chosen !== undefined && chosen !== "") return chosen;
  const path = join(project, "dist", "pen");
  if (!existsSync(path) || statSync(path).mtimeMs < newestSource(join(project, "src"))) {
    const built = spawnSync(process.execPath, ["scripts/build.ts", "--only", "executable"], { cwd: project, encoding: "utf8" });
    if (built.status !== 0) throw new Error(`the build failed:\n${built.stdout}${built.stderr}`);
  }
  return path;
}

/** A world in a temporary folder with an index of these projects. */
export async function makeWorld(projects: Readonly<Record<string, readonly ServedFile[]>>): Promise<World> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "pen-crash-")));
  const index = await startIndex({ projects: { ...projects } });
  // A name of its own: a build that replaces dist/pen meanwhile does not change the program under test.
  const program = join(folder, "pen");
  try {
    linkSync(builtProgram(), program);
  } catch {
    copyFileSync(builtProgram(), program);
  }
  mkdirSync(join(folder, "home"));
  const cache = join(folder, "cache");
  const python = pythons().at(-1);
  if (python === undefined) throw new Error("these tests need a Python");
  const running = new Set<ChildProcess>();
  const start: World["start"] = (words, options = {}) => {
    const [command = program, ...args] = [...(options.prefix ?? []), program, ...words];
    const began = performance.now();
    const child = spawn(command, args, {
      cwd: options.cwd ?? folder,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        PATH: "/usr/local/bin:/usr/bin:/bin",
        HOME: join(folder, "home"),
        TMPDIR: folder,
        LC_ALL: "C.UTF-8",
        PEN_CACHE_DIR: options.cache ?? cache,
        ...options.env,
      },
    });
    running.add(child);
    const kept = { out: "", err: "" };
    child.stdout?.setEncoding("utf8").on("data", (text: string) => (kept.out += text));
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (kept.err += text));
    const ended = new Promise<Outcome>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (status, signal) => {
        running.delete(child);
        resolve({ status, signal, stdout: kept.out, stderr: kept.err, milliseconds: performance.now() - began });
      });
    });
    return { child, errors: () => kept.err, ended, signal: (name) => signalGroup(child.pid, name) };
  };
  const pen: World["pen"] = (words, options) => start(words, options).ended;
  const ok: World["ok"] = async (words, options) => {
    const outcome = await pen(words, options);
    if (outcome.status !== 0) throw new Error(`pen ${words.join(" ")} ended with ${outcome.status}:\n${outcome.stdout}${outcome.stderr}`);
    return outcome;
  };
  return {
    folder,
    cache,
    index,
    program,
    start,
    pen,
    ok,
    at: (environment) => ["--python", environment, "--index-url", index.indexUrl],
    environment: async (name) => {
      const path = join(folder, name);
      await ok(["venv", "-p", python.path, "--no-seed", path]);
      return path;
    },
    close: async () => {
      for (const child of running) signalGroup(child.pid, "SIGKILL");
      await index.close();
      unlock(folder);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function signalGroup(pid: number | undefined, name: NodeJS.Signals): boolean {
  if (pid === undefined) return false;
  try {
    process.kill(-pid, name);
    return true;
  } catch {
    return false;
  }
}

/** Folders of a store are read-only, which keeps all users but root from removing them. */
function unlock(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const path = join(folder, entry.name);
    chmodSync(path, 0o755);
    unlock(path);
  }
}

/** A repeatable source of numbers in [0, 1). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const sleep = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** The seed of a run: another one each time unless PEN_TEST_SEED says which. */
export function testSeed(): number {
  return Number(process.env["PEN_TEST_SEED"] ?? Date.now() % 1_000_000);
}
