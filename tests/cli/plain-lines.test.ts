/** Plain command lines take a shorter way through the program (src/cli/plain.ts): it must come to the same as the usual way, which one option more makes sure of. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Ran } from "../support/program.ts";
import { digest, openWorld, projects, python, type World } from "../support/world.ts";

let world: World;
beforeAll(async () => {
  world = await openWorld({ projects: projects({ name: "pip", version: "26.3", files: { "pip/__init__.py": "" } }) });
});
afterAll(() => world.close());

interface Line {
  readonly words: readonly string[];
  /** Makes what stands in the working folder before. */
  readonly before?: (folder: string) => void;
  readonly env?: Readonly<Record<string, string>>;
  readonly status?: number;
}

const base = python ?? "python3";
const nobody = "http://127.0.0.1:9/simple/";
const lines: Readonly<Record<string, Line>> = {
  "without anything": { words: ["venv"] },
  "with a place and a Python": { words: ["venv", "-p", base, "env"] },
  quiet: { words: ["venv", "-q", "env"] },
  "very quiet, without pip": { words: ["venv", "-q", "--quiet", "--no-seed", "env"] },
  "without pip, as venv says it": { words: ["venv", "--without-pip", "env"] },
  "two words on pip, the last of which counts": { words: ["venv", "--no-seed", "--seed", "env"] },
  "two places": { words: ["venv", "--no-seed", "one", "two"] },
  "two places, one of which is taken": { words: ["venv", "--no-seed", "one", "one"], status: 1 },
  "a version that is not there": { words: ["venv", "--python", "3.99", "env"], status: 1 },
  "a path that is not there": { words: ["venv", "-p", "./nothing", "env"], status: 1 },
  "a request that is none": { words: ["venv", "-p", "]", "env"], status: 2 },
  "an option without its value": { words: ["venv", "-p"], status: 2 },
  "an option that there is not": { words: ["venv", "--no-sead", "env"], status: 2 },
  "a place with a colon": { words: ["venv", "a:b"], status: 1 },
  "an empty place": { words: ["venv", ""], status: 1 },
  "a word that looks like a command": { words: ["venv", "--no-seed", "help"] },
  "a place that is taken": { words: ["venv", "env"], before: (folder) => mkdirSync(join(folder, "env/x"), { recursive: true }), status: 1 },
  "a place that is an empty folder": { words: ["venv", "--no-seed", "env"], before: (folder) => mkdirSync(join(folder, "env")) },
  "an index that nobody answers for": { words: ["venv", "env"], env: { PEN_INDEX_URL: nobody } },
  "an index that is named, and nobody answers for": { words: ["venv", "--index-url", nobody, "env"] },
  "an index that is none": { words: ["venv", "env"], env: { PEN_INDEX_URL: "nowhere" } },
  "no index at all": { words: ["venv", "--offline", "env"], env: { PEN_INDEX_URL: nobody } },
  "a variable": { words: ["venv", "env"], env: { PEN_NO_SEED: "1", PEN_PYTHON: base, PEN_QUIET: "1" } },
  "a variable that is wrong": { words: ["venv", "env"], env: { PEN_SEED: "perhaps" }, status: 1 },
  "a cache that is named from here": { words: ["venv", "env"], env: { PEN_CACHE_DIR: "cache" } },
  "a project's file": {
    words: ["venv", "env"],
    before: (folder) => writeFileSync(join(folder, "pen.toml"), '[venv]\nprompt = "mine"\nseed = false\n'),
  },
  "a person's file": {
    words: ["venv", "env"],
    env: { XDG_CONFIG_HOME: "/" },
    before: (folder) => {
      mkdirSync(join(folder, "config/pen"), { recursive: true });
      writeFileSync(join(folder, "config/pen/pen.toml"), "[seed]\npip = false\n");
    },
  },
};

/** What a person sees, without what differs from run to run. */
const told = ({ status, stdout, stderr }: Ran): unknown =>
  [status, stdout, stderr].map((text) => (typeof text === "string" ? text.replace(/in [\d.]+ m?s\./g, "in no time.") : text));

/** A folder of always the same name: messages and files name it. */
async function outcome(line: Line, more: readonly string[]): Promise<unknown> {
  const folder = join(world.work, "place");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  line.before?.(folder);
  const config = line.env?.["XDG_CONFIG_HOME"] === undefined ? {} : { XDG_CONFIG_HOME: join(folder, "config") };
  // What one way found out and wrote down would be no surprise to the other.
  rmSync(join(world.cache, "seeds"), { recursive: true, force: true });
  const ran = await world.pen([...line.words.slice(0, 1), ...more, ...line.words.slice(1)], {
    cwd: folder,
    env: { PATH: join(base, ".."), ...line.env, ...config },
  });
  if (line.status !== undefined) expect(ran.status === 0).toBe(false);
  const files = Object.entries(digest(folder)).filter(([path]) => !path.startsWith("cache"));
  return [told(ran), files.map(([path, content]) => [path, content])];
}

describe("comes to the same on both ways", () => {
  for (const [name, line] of Object.entries(lines)) {
    test(name, async () => {
      const plain = await outcome(line, []);
      expect(plain).toEqual(await outcome(line, ["--color", "auto"]));
    });
  }
});

test("the short way is taken where it can be: no file of configuration is opened, and none of the usual way's parts loaded", () => {
  const source = readFileSync(join(import.meta.dirname, "../../src/cli/plain.ts"), "utf8");
  const loaded = [...source.matchAll(/^import (?!type)[^;]* from "([^"]+)";/gm)].map(([, from = ""]) => from);
  for (const heavy of ["program.ts", "commands.ts", "arguments/parse.ts", "arguments/common.ts", "output/reporter.ts"])
    expect(loaded.filter((from) => from.endsWith(heavy))).toEqual([]);
});

test("the short way of an environment without packages loads neither node:fs nor node:path", async () => {
  const { outputs } = await Bun.build({
    entrypoints: [join(import.meta.dirname, "../../src/cli/main.ts")],
    target: "bun",
    splitting: true,
  });
  const chunks = new Map<string, string>();
  for (const output of outputs) chunks.set(output.path.replace(/^.*\//, ""), await output.text());
  const waiting = [...chunks.keys()].filter((name) =>
    /^\/\/ src\/(?:cli\/plain|operations\/environments\/create-environment)\.ts$/m.test(chunks.get(name) ?? ""),
  );
  expect(waiting.length).toBeGreaterThan(0);
  const [seen, builtins] = [new Set<string>(), new Set<string>()];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    for (const [, from = ""] of (chunks.get(name) ?? "").matchAll(/^(?:import|export|\})[^;]*?from "([^"]+)";$/gm)) {
      const chunk = from.replace(/^.*\//, "");
      if (chunks.has(chunk)) waiting.push(chunk);
      else builtins.add(from);
    }
  }
  expect(seen.size).toBeGreaterThan(5);
  expect([...builtins]).toEqual([]);
});

test("on the short way nothing is called that the engine has to compile from source, and nothing named that it has to make first", () => {
  const list = join(world.work, "methods.txt");
  const called = (words: readonly string[]): string[] => {
    const preload = join(import.meta.dirname, "../support/called-methods-child.ts");
    const program = join(import.meta.dirname, "../../src/cli/main.ts");
    const { status, stderr } = spawnSync(process.execPath, ["--preload", preload, program, ...words], {
      cwd: world.work,
      encoding: "utf8",
      env: { PATH: "/usr/bin:/bin", HOME: world.work, PEN_CACHE_DIR: world.cache, CALLED_METHODS: list },
    });
    expect([status, stderr]).toEqual([0, ""]);
    return readFileSync(list, "utf8").split("\n").filter(Boolean);
  };
  expect(called(["venv", "-p", base, "no-seed-first", "--no-seed"])).toBeArray();
  // Now that the Python is known.
  expect(called(["venv", "-p", base, "no-seed", "--no-seed"])).toEqual([]);
  // It does note what the usual way calls.
  expect(called(["venv", "-p", base, "usual", "--no-seed", "--prompt", "x"])).not.toEqual([]);
});
