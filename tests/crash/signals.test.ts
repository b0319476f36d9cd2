/** Ctrl-C and the polite kills: pen ends within two seconds with 130, 143 or 129, leaves everything as it was, and no process behind. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { chmodSync, existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { crashProjects } from "./packages.ts";
import {
  difference,
  digestOf,
  faultsOf,
  makeWorld,
  randomFrom,
  sleep,
  testSeed,
  treeOf,
  type Running,
  type Tree,
  type World,
} from "./world.ts";

const seed = testSeed();
const signals = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
type Name = keyof typeof signals;
let world: World;

beforeAll(async () => {
  world = await makeWorld(crashProjects(1200));
});
afterAll(() => world.close());
afterEach(() => world.index.faultAlways("/simple/app/", undefined));

/** Sends the signal to the program alone, as `kill` does, and waits for its end: the milliseconds until then. */
async function interrupt(running: Running, name: Name): Promise<number> {
  const began = performance.now();
  running.child.kill(name);
  await running.ended;
  return performance.now() - began;
}

/** Processes that were started in this world and live: their command lines hold its folder or their environment does. */
function orphans(): string[] {
  const found: string[] = [];
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)) {
    try {
      const environment = readFileSync(`/proc/${pid}/environ`, "latin1");
      const state = /^State:\s+(\S)/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1];
      if (state !== "Z" && environment.includes(`TMPDIR=${world.folder}\0`))
        found.push(readFileSync(`/proc/${pid}/cmdline`, "latin1").replaceAll("\0", " "));
    } catch {
      // It ended meanwhile.
    }
  }
  return found;
}

const procfs = existsSync("/proc/self/environ");

interface Judged {
  readonly environment: string;
  readonly before: Tree;
  readonly after: Tree;
  readonly empty: Tree;
}

async function judge(
  running: Running,
  name: Name,
  { environment, before, after, empty, context }: Judged & { readonly context: string },
): Promise<boolean> {
  const taken = await interrupt(running, name);
  const { status, signal, stderr } = await running.ended;
  // One that came after the commit finds the work done: then the old files are still deleted, and nothing is interrupted.
  expect([context, status === 0 || taken < 2000]).toEqual([context, true]);
  const tree = treeOf(environment);
  if (status === 0) expect([context, ...difference(after, tree)]).toEqual([context]);
  else {
    // Before pen listens the system ends it: shells give the same status for that.
    if (signal !== name && status !== signals[name]) throw new Error(`${context}: it ended with ${status} ${signal}: ${stderr}`);
    if (digestOf(tree) !== digestOf(before)) throw new Error(`${context}\n${difference(before, tree).join("\n")}\n${stderr}`);
    expect([context, existsSync(join(environment, ".pen", "journal.json"))]).toEqual([context, false]);
  }
  expect([context, ...faultsOf(environment, empty)]).toEqual([context]);
  if (procfs) expect([context, ...orphans()]).toEqual([context]);
  return status !== 0;
}

describe("in the middle of an upgrade", () => {
  for (const name of Object.keys(signals) as Name[]) {
    test(
      name,
      async () => {
        const random = randomFrom(seed + signals[name]);
        const environment = await world.environment(`signal-${name}`);
        const empty = treeOf(environment);
        const install = (version: string): string[] => [
          "pip",
          "install",
          ...world.at(environment),
          "--link-mode",
          "copy",
          `app==${version}`,
        ];
        await world.ok(install("2.0"));
        const after = treeOf(environment);
        await world.ok(install("1.0"));
        const before = treeOf(environment);
        const { milliseconds } = await world.ok(install("2.0"));
        await world.ok(install("1.0"));
        let interrupted = 0;
        for (let trial = 0; trial < 10; trial += 1) {
          const context = `seed ${seed}, ${name}, trial ${trial}`;
          const running = world.start(install("2.0"));
          const journal = join(environment, ".pen", "journal.json");
          if (trial % 2 === 0) await sleep(random() * milliseconds);
          else {
            while (!existsSync(journal) && running.child.exitCode === null) await sleep(0);
            await sleep((random() * milliseconds) / 3);
          }
          if (await judge(running, name, { environment, before, after, empty, context })) interrupted += 1;
          else await world.ok(install("1.0"));
        }
        console.log(`${name}: ${interrupted} of 10 upgrades were interrupted`);
        expect(interrupted).toBeGreaterThan(2);
      },
      60_000,
    );
  }
});

describe("while pen waits", () => {
  for (const name of Object.keys(signals) as Name[]) {
    test(`${name} while it waits for an index that says nothing`, async () => {
      const environment = await world.environment(`silent-${name}`);
      const before = treeOf(environment);
      world.index.faultAlways("/simple/app/", { stallAfter: -1 });
      const running = world.start([
        "pip",
        "install",
        ...world.at(environment),
        "--cache-dir",
        join(world.folder, `silent-cache-${name}`),
        "app==1.0",
      ]);
      while (!world.index.requests.some(({ path }) => path === "/simple/app/") && running.child.exitCode === null) await sleep(5);
      await sleep(100);
      await judge(running, name, { environment, before, after: before, empty: before, context: name });
    });
    test(`${name} while it waits for another process`, async () => {
      const environment = await world.environment(`locked-${name}`);
      const before = treeOf(environment);
      world.index.faultAlways("/simple/app/", { stallAfter: -1 });
      const holder = world.start([
        "pip",
        "install",
        ...world.at(environment),
        "--cache-dir",
        join(world.folder, `locked-cache-${name}`),
        "app==1.0",
      ]);
      while (!existsSync(join(environment, ".pen", "lock")) && holder.child.exitCode === null) await sleep(5);
      await sleep(100);
      const waiting = world.start(["pip", "install", ...world.at(environment), "tools==1.0"]);
      await sleep(400);
      const taken = await interrupt(waiting, name);
      expect(taken).toBeLessThan(2000);
      expect((await waiting.ended).status).toBe(signals[name]);
      await judge(holder, name, { environment, before, after: before, empty: before, context: name });
    });
    test(`${name} while an interpreter hangs`, async () => {
      const script = join(world.folder, `hanging-${name}`);
      writeFileSync(script, "#!/bin/sh\nsleep 60 & wait\n");
      chmodSync(script, 0o755);
      const running = world.start(["venv", "-p", script, join(world.folder, `never-${name}`)]);
      await sleep(600);
      const taken = await interrupt(running, name);
      const { status, signal } = await running.ended;
      expect([taken < 2000, signal ?? status]).toEqual([true, signals[name]]);
      await sleep(50);
      if (procfs) expect(orphans()).toEqual([]);
      expect(existsSync(join(world.folder, `never-${name}`))).toBe(false);
    });
    test(`${name} while modules are compiled`, async () => {
      const environment = await world.environment(`compile-${name}`);
      const before = treeOf(environment);
      const words = ["pip", "install", ...world.at(environment), "--compile-bytecode", "many==1.0"];
      const running = world.start(words, { cache: join(world.folder, `compile-cache-${name}`) });
      if (procfs) while (!orphans().some((line) => line.includes("-I -S")) && running.child.exitCode === null) await sleep(5);
      await judge(running, name, { environment, before, after: before, empty: before, context: name });
    });
  }
});
