/** What a person sees of builds while they run, and how many run at once. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, mkdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { execute, program } from "../support/program.ts";
import { buildSource } from "../support/sources.ts";
import { openWorld, python, type World } from "../support/world.ts";

const building = (...lines: string[]): string =>
  `import os, sys, time\ndef build_wheel(d, config_settings=None, metadata_directory=None):\n${lines.map((line) => `    ${line}\n`).join("")}    return _build(d, [], None)\n`;
const talkative = building("for part in range(5): print('compiling part', part, '\\x1b[2J', flush=True); time.sleep(0.4)");
const timed = building(
  "start = time.time()",
  "time.sleep(0.6)",
  "open(os.path.join(os.environ['MARKS'], NAME), 'w').write('%f %f' % (start, time.time()))",
);
const many = ["one", "two", "three", "four"];

describe.if(python !== undefined)("while sources are built", () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld();
    const offer = (name: string, backend: string): void => {
      const { filename, bytes } = buildSource({ name, version: "1.0", backend });
      world.index.setProject(name, [{ filename, bytes }]);
    };
    offer("talkative", talkative);
    offer("silent", building("time.sleep(3.2)"));
    for (const name of many) offer(name, timed);
  });
  afterAll(() => world.close());

  /** The states of the live line, one after the other. */
  const drawn = (text: string): string[] =>
    text
      .split(/\r\u001b\[K|\n/)
      .map((part) => part.replace(/\u001b\[[0-9;]*m/g, "").replace(/\r/g, ""))
      .filter((part) => part.startsWith("Building"));

  test("the line on the terminal says what is built and what it printed last, and goes away", async () => {
    const environment = world.bareEnvironment("seen");
    const { status, stdout } = await world.terminal(["pip", "install", "--allow-builds", "talkative"], { environment });
    expect(status).toBe(0);
    const lines = drawn(stdout);
    // Which of its lines is the last one when the live line is drawn is a matter of the machine's load.
    expect(lines.some((line) => /^Building talkative 1\.0(, \d+ s)?: compiling part [0-2] \\x1b\[2J$/.test(line))).toBe(true);
    expect(lines.some((line) => /^Building talkative 1\.0, \d+ s: compiling part [34] \\x1b\[2J$/.test(line))).toBe(true);
    expect(stdout).not.toContain("\u001b[2J");
    expect(stdout.slice(stdout.lastIndexOf("Building"))).toContain("\r\u001b[K");
  });

  test("a build that prints nothing is seen to go on", async () => {
    const environment = world.bareEnvironment("silent-seen");
    const { stdout } = await world.terminal(["pip", "install", "--allow-builds", "silent"], { environment });
    const lines = drawn(stdout);
    expect(lines).toContain("Building silent 1.0");
    expect(lines.some((line) => /^Building silent 1\.0, [23] s$/.test(line))).toBe(true);
  });

  test("-v prints the log as it comes, --log keeps it; without either nothing of it is printed", async () => {
    const environment = world.bareEnvironment("logged");
    const install = (...args: string[]) =>
      world.pen(["pip", "install", "--allow-builds", "--force-reinstall", "--no-cache-dir", ...args, "talkative"], { environment });
    const [plain, verbose, logged] = [await install(), await install("-v"), await install("--log", "build.log")];
    expect([plain.status, verbose.status, logged.status]).toEqual([0, 0, 0]);
    expect(plain.stdout + plain.stderr).not.toContain("compiling part");
    expect(verbose.stderr).toContain("talkative 1.0: compiling part 4");
    expect(verbose.stderr).not.toContain("\u001b[2J");
    expect(logged.stderr).not.toContain("compiling part");
    expect(readFileSync(join(world.work, "build.log"), "utf8")).toContain("talkative 1.0: compiling part 4");
  });

  test("--json-lines tells of them as events", async () => {
    const environment = world.bareEnvironment("events");
    const { stdout } = await world.pen(["pip", "install", "--allow-builds", "--no-cache-dir", "--json-lines", "talkative"], {
      environment,
    });
    const events = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const progress = events.filter(({ type, phase }) => type === "progress" && phase === "build");
    expect(progress.map(({ id, done, total }) => [id, done, total])).toEqual([
      ["talkative 1.0", 0, 1],
      ["talkative 1.0", 1, 1],
      ["talkative 1.0", 0, 1],
      ["talkative 1.0", 1, 1],
    ]);
    expect(events.filter(({ code }) => code === "build-output")).toHaveLength(5);
  });

  /** The most builds that ran at the same time. */
  const most = async (name: string, command: readonly string[]): Promise<number> => {
    const environment = world.bareEnvironment(name);
    const marks = join(world.work, `${name}-marks`);
    mkdirSync(marks);
    const [first = "", ...words] = [
      ...command,
      program(),
      "pip",
      "install",
      "--allow-builds",
      "--cache-dir",
      join(world.folder, `${name}-cache`),
      ...many,
    ];
    const env = { ...world.env, VIRTUAL_ENV: environment, MARKS: marks };
    const { status, stderr } = await execute(first, words, { cwd: world.work, env });
    expect({ status, stderr }).toMatchObject({ status: 0 });
    const times = readdirSync(marks).map((mark) => readFileSync(join(marks, mark), "utf8").split(" ").map(Number));
    expect(times).toHaveLength(many.length);
    return Math.max(...times.map(([start = 0]) => times.filter(([from = 0, to = 0]) => from <= start && start < to).length));
  };

  test("at most as many run at once as there are processors", async () => {
    const all = availableParallelism();
    const found = await most("all", []);
    expect(found).toBeLessThanOrEqual(all);
    if (all > 1) expect(found).toBeGreaterThan(1);
    if (spawnSync("taskset", ["--version"]).status !== 0) return console.log("taskset is missing here: one processor is not tried");
    expect(await most("single", ["taskset", "-c", "0"])).toBe(1);
  });
});
