/**
 * A small world for tests of the executable: a home, a cache, a working folder, an index of this process, and environments made by
 * `python -m venv`, in which the real pip and pen can be asked the same.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startIndex, type IndexServer, type IndexServerOptions, type ServedFile } from "./index-server.ts";
import { cleanEnvironment } from "./interpreters.ts";
import { execute, executeOnTerminal, keptFolder, program, type Ran, type RunOptions } from "./program.ts";
import { pythonThat } from "./pythons.ts";
import { buildWheel, type BuiltWheel, type WheelOptions } from "./wheels.ts";

/** The newest Python here that makes environments with pip in them. */
export const python: string | undefined = pythonThat("import venv, ensurepip, pty")?.path;

/** An environment with the real pip, made once; its copies are as good, since Python finds its environment by `pyvenv.cfg`. */
function template(): string {
  const base = python ?? "python3";
  const made = keptFolder("template", `${base} ${statSync(base).mtimeMs}`, (folder) => {
    const home = join(folder, "home");
    const { status, stdout, stderr } = spawnSync(base, ["-m", "venv", join(folder, "env")], {
      encoding: "utf8",
      env: cleanEnvironment(home),
    });
    if (status !== 0) throw new Error(stdout + stderr);
  });
  return join(made, "env");
}

export type CallOptions = Partial<RunOptions> & {
  /** The active environment; without it none is. */
  readonly environment?: string;
};

export interface World {
  readonly folder: string;
  readonly work: string;
  readonly cache: string;
  readonly index: IndexServer;
  /** The variables that pen starts with. */
  readonly env: Readonly<Record<string, string>>;
  pen(args: readonly string[], options?: CallOptions): Promise<Ran>;
  /** pen on a terminal. */
  terminal(args: readonly string[], options?: CallOptions): Promise<Ran>;
  /** The real pip of an environment. */
  pip(environment: string, args: readonly string[], options?: CallOptions): Promise<Ran>;
  /** A new environment below the working folder, with the real pip in it. */
  environment(name: string): string;
  /** The same without pip. */
  bareEnvironment(name: string): string;
  close(): Promise<void>;
}

/** Opens a world. Its index is what pen and pip ask unless they are told otherwise. */
export async function openWorld(options: IndexServerOptions = {}): Promise<World> {
  const index = await startIndex(options);
  const folder = mkdtempSync(join(tmpdir(), "pen-world-"));
  const work = join(folder, "work");
  const cache = join(folder, "cache");
  mkdirSync(work);
  const clean = cleanEnvironment(join(folder, "home"));
  // Neither of the two reads what this machine has configured.
  const env = { ...clean, PEN_CACHE_DIR: cache, PEN_INDEX_URL: index.indexUrl, PIP_CONFIG_FILE: "/dev/null" };
  const pipEnv = {
    ...clean,
    PIP_INDEX_URL: index.indexUrl,
    PIP_DISABLE_PIP_VERSION_CHECK: "1",
    PIP_NO_INPUT: "1",
    PIP_CONFIG_FILE: "/dev/null",
  };
  const settings = (from: Readonly<Record<string, string>>, { environment, env: more, ...rest }: CallOptions): RunOptions => ({
    cwd: work,
    ...rest,
    env: { ...from, ...(environment === undefined ? {} : { VIRTUAL_ENV: environment }), ...more },
  });
  const copyOf = (name: string): string => {
    const place = join(work, name);
    // Hard links: neither pip nor pen ever writes into a file of an installed package. What stands beside the packages, tests do write into.
    spawnSync("cp", ["-al", template(), place]);
    for (const entry of readdirSync(template()).filter((entry) => entry !== "lib")) {
      rmSync(join(place, entry), { recursive: true });
      spawnSync("cp", ["-a", join(template(), entry), place]);
    }
    return place;
  };
  return {
    folder,
    work,
    cache,
    index,
    env,
    pen: (args, call = {}) => execute(program(), args, settings(env, call)),
    terminal: (args, call = {}) => executeOnTerminal(python ?? "python3", [program(), ...args], settings({ ...env, TERM: "xterm" }, call)),
    pip: (environment, args, call = {}) => execute(join(environment, "bin", "python"), ["-m", "pip", ...args], settings(pipEnv, call)),
    environment: copyOf,
    bareEnvironment: (name) => {
      const place = copyOf(name);
      for (const entry of readdirSync(sitePackages(place))) rmSync(join(sitePackages(place), entry), { recursive: true });
      for (const entry of readdirSync(join(place, "bin"))) if (entry.startsWith("pip")) rmSync(join(place, "bin", entry));
      return place;
    },
    close: async () => {
      await index.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The folder of an environment's packages. */
export function sitePackages(environment: string): string {
  const library = join(environment, "lib");
  const name = readdirSync(library).find((entry) => entry.startsWith("python")) ?? "";
  return join(library, name, "site-packages");
}

/** A wheel with its `.metadata` twin, as an index offers it. */
function served(wheel: BuiltWheel, more: Partial<ServedFile> = {}): ServedFile {
  return { filename: wheel.filename, bytes: wheel.bytes, ...more };
}

/** Builds wheels and files them under their project's name. */
export function projects(...wheels: ReadonlyArray<WheelOptions & { readonly served?: Partial<ServedFile> }>): Record<string, ServedFile[]> {
  const found: Record<string, ServedFile[]> = {};
  for (const { served: more, ...options } of wheels) {
    const name = options.name.toLowerCase().replace(/[-_.]+/g, "-");
    (found[name] ??= []).push(served(buildWheel(options), more));
  }
  return found;
}

/** Fields between the first lines of METADATA and what the other options say. */
export function withFields(...fields: readonly string[]): (honest: string) => string {
  return (honest) => honest.replace(/^(Version: .*\n)/m, `$1${fields.map((field) => `${field}\n`).join("")}`);
}

/** The first few paths that differ between two digests. */
export function differences(before: Readonly<Record<string, string>>, after: Readonly<Record<string, string>>): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((path) => before[path] !== after[path]).slice(0, 8);
}

/** Paths below a folder with kind, mode and content. Two equal digests are two equal trees; bytecode and lock files are passed over. */
export function digest(folder: string): Record<string, string> {
  const tree: Record<string, string> = {};
  const walk = (below: string): void => {
    for (const entry of readdirSync(join(folder, below), { withFileTypes: true })) {
      const name = join(below, entry.name);
      const path = join(folder, name);
      if (entry.name === "__pycache__" || entry.name.endsWith(".lock") || entry.name === "locks") continue;
      if (entry.isSymbolicLink()) tree[name] = `link ${readlinkSync(path)}`;
      else if (entry.isDirectory()) walk(name);
      else tree[name] = `${(lstatSync(path).mode & 0o777).toString(8)} ${createHash("sha256").update(readFileSync(path)).digest("hex")}`;
    }
  };
  if (existsSync(folder)) walk("");
  return tree;
}
