/** Eight processes at once in one environment, in one store, with some that remove and some that stand still: all succeed and nothing is torn. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { crashProjects, served } from "./packages.ts";
import {
  difference,
  faultsOf,
  leftoversIn,
  makeWorld,
  sleep,
  storeDigest,
  treeOf,
  type Outcome,
  type Running,
  type World,
} from "./world.ts";

const eight = Array.from({ length: 8 }, (_, at) => at);
let world: World;

beforeAll(async () => {
  const single = eight.map((at) => {
    const files = Object.fromEntries(Array.from({ length: 60 }, (_, number) => [`one${at}/module${number}.py`, `value = ${number}\n`]));
    return [`one${at}`, [served({ name: `one${at}`, version: "1.0", requires: ["common"], files })]] as const;
  });
  world = await makeWorld({
    ...crashProjects(1000),
    ...Object.fromEntries(single),
    common: [served({ name: "common", version: "1.0", files: { "space/common/__init__.py": "" } })],
  });
});
afterAll(() => world.close());

function expectAll(outcomes: readonly Outcome[]): void {
  for (const { status, stderr, stdout } of outcomes) if (status !== 0) throw new Error(`one ended with ${status}: ${stdout}${stderr}`);
}

async function expectStore(cache: string): Promise<void> {
  expect((await world.ok(["cache", "verify"], { cache })).stdout).toContain("0 problems");
  expect(leftoversIn(cache)).toEqual([]);
}

test("8 processes install different packages into the same environment and a cold store", async () => {
  for (const mode of ["hardlink", "symlink"]) {
    const environment = await world.environment(`same-${mode}`);
    const empty = treeOf(environment);
    const cache = join(world.folder, `same-cache-${mode}`);
    expectAll(
      await Promise.all(
        eight.map((at) => world.pen(["pip", "install", ...world.at(environment), "--link-mode", mode, `one${at}`], { cache })),
      ),
    );
    expect(faultsOf(environment, empty)).toEqual([]);
    const listed = (await world.ok(["pip", "list", "--python", environment])).stdout;
    for (const name of ["common", ...eight.map((at) => `one${at}`)]) expect(listed).toContain(name);
    await expectStore(cache);
  }
}, 60_000);

test("8 processes install the same packages into 8 environments from a cold store", async () => {
  const environments: string[] = [];
  for (const at of eight) environments.push(await world.environment(`each-${at}`));
  const empty = treeOf(environments[0]!);
  const cache = join(world.folder, "each-cache");
  expectAll(
    await Promise.all(environments.map((environment) => world.pen(["pip", "install", ...world.at(environment), "app==1.0"], { cache }))),
  );
  for (const environment of environments) expect(faultsOf(environment, empty)).toEqual([]);
  const [first, ...others] = environments.map(treeOf);
  for (const other of others) expect(difference(first!, other).filter((line) => !line.includes("pyvenv.cfg"))).toEqual([]);
  await expectStore(cache);
}, 60_000);

test("installs and uninstalls of overlapping packages in one environment", async () => {
  const environment = await world.environment("mixed");
  const empty = treeOf(environment);
  const words = (at: number): string[] => {
    const place = world.at(environment);
    if (at % 4 === 1) return ["pip", "uninstall", "--python", environment, "-y", "one0", "one2", "common"];
    if (at % 4 === 3) return ["pip", "install", ...place, "--force-reinstall", "--link-mode", "copy", "one2"];
    return ["pip", "install", ...place, `one${at % 4}`, "space-one"];
  };
  for (let round = 0; round < 2; round += 1) {
    expectAll(await Promise.all(eight.map((at) => world.pen(words(at)))));
    expect(faultsOf(environment, empty)).toEqual([]);
    expect(readdirSync(join(environment, ".pen"))).toEqual(["lock"]);
  }
}, 60_000);

test("pen cache prune and clean beside installs", async () => {
  const cache = join(world.folder, "pruned-cache");
  const environments: string[] = [];
  for (const at of [0, 1, 2, 3]) environments.push(await world.environment(`pruned-${at}`));
  const empty = treeOf(environments[0]!);
  const modes = ["hardlink", "copy", "hardlink", "copy"];
  for (let round = 0; round < 3; round += 1) {
    const installs = environments.map((environment, at) =>
      world.pen(["pip", "install", ...world.at(environment), "--force-reinstall", "--link-mode", modes[at] ?? "copy", "app==1.0"], {
        cache,
      }),
    );
    const removals = ["prune", "clean", "prune", "clean"].map(async (word, at) => {
      await sleep(at * 40);
      return world.pen(["cache", word], { cache });
    });
    expectAll(await Promise.all([...installs, ...removals]));
    for (const environment of environments) expect(faultsOf(environment, empty)).toEqual([]);
  }
  expect((await world.ok(["cache", "verify"], { cache })).stdout).toContain("0 problems");
}, 60_000);

test("pruning spares what symlinked environments use, also after a kill", async () => {
  const cache = join(world.folder, "linked-cache");
  const environment = await world.environment("linked");
  const words = ["pip", "install", ...world.at(environment), "--link-mode", "symlink"];
  await world.ok([...words, "app==1.0"], { cache });
  const whole = treeOf(environment);
  await world.ok(["cache", "prune"], { cache });
  expect(difference(whole, treeOf(environment))).toEqual([]);
  // Killed right after the commit: nothing could be noted any more.
  const committed = join(environment, ".pen", "committed.json");
  const running = world.start([...words, "-U", "app==2.0"], { cache });
  while (!existsSync(committed) && running.child.exitCode === null) await sleep(0);
  running.signal("SIGKILL");
  await running.ended;
  await world.ok(["cache", "prune"], { cache });
  await world.ok(["pip", "check", "--python", environment], { cache });
  expect([...treeOf(environment)].filter(([, what]) => what === "dangling")).toEqual([]);
}, 60_000);

/** A process that holds the environment in the middle of a transaction and stands still. */
async function stoppedHolder(environment: string): Promise<Running> {
  const journal = join(environment, ".pen", "journal.json");
  for (;;) {
    const holder = world.start(["pip", "install", ...world.at(environment), "--link-mode", "copy", "--force-reinstall", "many==1.0"]);
    while (!existsSync(journal) && holder.child.exitCode === null) await sleep(0);
    holder.signal("SIGSTOP");
    await sleep(20);
    if (existsSync(journal)) return holder;
    holder.signal("SIGCONT");
    await holder.ended;
  }
}

async function saysWaiting(running: Running, pid: number | undefined): Promise<number> {
  const began = performance.now();
  while (!running.errors().includes(`PID ${pid}`)) {
    if (performance.now() - began > 8000 || running.child.exitCode !== null) throw new Error(`it said: ${running.errors()}`);
    await sleep(20);
  }
  return performance.now() - began;
}

test("others wait for a stopped process, say for which, and go on when it goes on or is killed", async () => {
  const environment = await world.environment("stopped");
  const empty = treeOf(environment);
  for (const name of ["SIGCONT", "SIGKILL"] as const) {
    const holder = await stoppedHolder(environment);
    const others = ["one0", "one1"].map((project) => world.start(["pip", "install", ...world.at(environment), project]));
    const reader = world.start(["pip", "list", "--python", environment]);
    for (const other of [...others, reader]) await saysWaiting(other, holder.child.pid);
    holder.signal(name);
    const outcomes = await Promise.all([...others, reader].map(({ ended }) => ended));
    expectAll(outcomes);
    const { status, signal } = await holder.ended;
    expect([status, signal]).toEqual(name === "SIGKILL" ? [null, "SIGKILL"] : [0, null]);
    const told = outcomes.filter(({ stderr }) => stderr.includes("it has been undone"));
    expect(told.length).toBe(name === "SIGKILL" ? 1 : 0);
    expect(faultsOf(environment, empty)).toEqual([]);
    await world.ok(["pip", "uninstall", "--python", environment, "-y", "one0", "one1", "common"]);
  }
}, 60_000);

test("the store's lock is waited for, too", async () => {
  const cache = join(world.folder, "held-cache");
  const environment = await world.environment("held");
  mkdirSync(cache);
  const silent = world.start(["pip", "install", ...world.at(environment), "--index-url", `${world.index.origin}/nothing/`, "one5"], {
    cache,
  });
  await silent.ended;
  world.index.faultAlways("/simple/one6/", { stallAfter: -1 });
  const holder = world.start(["pip", "install", ...world.at(environment), "one6"], { cache });
  while (!existsSync(join(cache, "wheels", "v1", "locks", "use"))) await sleep(5);
  await sleep(300);
  const pruner = world.start(["cache", "prune"], { cache });
  while (!pruner.errors().includes("aiting")) {
    if (pruner.child.exitCode !== null)
      throw new Error(`it did not wait: ${readFileSync(join(cache, "wheels", "v1", "locks", "use"), "utf8")}`);
    await sleep(20);
  }
  holder.signal("SIGKILL");
  expectAll([await pruner.ended]);
  world.index.faultAlways("/simple/one6/", undefined);
  expect(storeDigest(cache)).toBe(storeDigest(join(world.folder, "no-such-cache")));
}, 60_000);
