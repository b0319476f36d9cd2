import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runtimes, scriptCommand, startChild, type Runtime, type TalkingChild } from "../../tests/support/children.ts";
import { isPenError, type PenError } from "./errors.ts";
import type { PenEvent } from "./events.ts";
import { acquireLock } from "./locks.ts";

let base: string;
const children: TalkingChild[] = [];
beforeAll(() => {
  base = fs.mkdtempSync(join(fs.realpathSync(tmpdir()), "pen-locks-"));
});
afterAll(() => {
  for (const { process: child } of children) child.kill("SIGKILL");
  fs.rmSync(base, { recursive: true, force: true });
});

let count = 0;
const lockPath = (): string => join(base, `case ${(count += 1)}`, "lock");

/** Takes the lock, says `held` (or the error's code), and holds it for a time. A program that it starts meanwhile lives on. */
const holder = `
import { acquireLock } from ${JSON.stringify(join(import.meta.dirname, "locks.ts"))};
import { spawn } from "node:child_process";
const [path, shared, timeoutMs, holdMs, companion] = JSON.parse(process.argv[2]);
try {
  const lock = await acquireLock(path, { shared, timeoutMs });
  if (companion) spawn("sleep", ["5"], { stdio: "ignore", detached: true }).unref();
  console.log("held");
  setTimeout(() => { lock.release(); console.log("released"); process.exit(0); }, holdMs);
} catch (error) {
  console.log(error.code ?? String(error));
}
`;

interface Order {
  readonly shared?: boolean;
  readonly timeoutMs?: number;
  readonly holdMs?: number;
  readonly companion?: boolean;
}

function start(runtime: Runtime, path: string, order: Order = {}): TalkingChild {
  const words = JSON.stringify([path, order.shared ?? false, order.timeoutMs ?? 20_000, order.holdMs ?? 20_000, order.companion ?? false]);
  const child = startChild([...scriptCommand(join(base, "scripts"), holder, runtime), words], { HOME: base });
  children.push(child);
  return child;
}

async function failureOf(work: Promise<unknown>): Promise<PenError> {
  try {
    await work;
  } catch (error) {
    if (isPenError(error)) return error;
    throw error;
  }
  throw new Error("did not fail");
}

const pairs = runtimes.flatMap((first) => runtimes.map((second) => [first, second] as const));

describe("between processes", () => {
  for (const [first, second] of pairs) {
    test(`an exclusive lock of ${first} keeps ${second} out, until it is released`, async () => {
      const path = lockPath();
      const one = start(first, path, { holdMs: 1200 });
      expect(await one.line()).toBe("held");
      expect(await start(second, path, { timeoutMs: 100 }).line()).toBe("LOCK_HELD");
      expect(await start(second, path, { timeoutMs: 100, shared: true }).line()).toBe("LOCK_HELD");
      const waiter = start(second, path);
      expect(await waiter.line()).toBe("held");
      expect(await one.line()).toBe("released");
      waiter.process.kill("SIGKILL");
    });

    test(`${first} and ${second} share a shared lock, which keeps an exclusive one out`, async () => {
      const path = lockPath();
      const one = start(first, path, { shared: true });
      const two = start(second, path, { shared: true });
      expect([await one.line(), await two.line()]).toEqual(["held", "held"]);
      expect(await start(second, path, { timeoutMs: 100 }).line()).toBe("LOCK_HELD");
      one.process.kill("SIGKILL");
      two.process.kill("SIGKILL");
      expect(await start(first, path, { timeoutMs: 5000, holdMs: 0 }).line()).toBe("held");
    });
  }

  for (const runtime of runtimes) {
    test(`SIGKILL of a holder under ${runtime} sets the lock free, also while a program that it started lives`, async () => {
      const path = lockPath();
      const dying = start(runtime, path, { companion: true });
      expect(await dying.line()).toBe("held");
      dying.process.kill("SIGKILL");
      expect(await dying.ended).toBe("SIGKILL");
      const started = Date.now();
      (await acquireLock(path, { timeoutMs: 5000 })).release();
      expect(Date.now() - started).toBeLessThan(1000);
    });
  }

  test("many processes that count in one file lose nothing", async () => {
    const path = lockPath();
    const counter = join(base, "counter");
    fs.writeFileSync(counter, "0");
    const source = `
import { readFileSync, writeFileSync } from "node:fs";
import { acquireLock } from ${JSON.stringify(join(import.meta.dirname, "locks.ts"))};
for (let turn = 0; turn < 40; turn += 1) {
  const lock = await acquireLock(${JSON.stringify(path)});
  writeFileSync(${JSON.stringify(counter)}, String(Number(readFileSync(${JSON.stringify(counter)}, "utf8")) + 1));
  lock.release();
}`;
    const command = scriptCommand(join(base, "scripts"), source, "bun");
    const all = Array.from({ length: 4 }, () => startChild(command, { HOME: base }));
    expect(await Promise.all(all.map(({ ended }) => ended))).toEqual([0, 0, 0, 0]);
    expect(fs.readFileSync(counter, "utf8")).toBe("160");
  });
});

describe("what people hear", () => {
  test("one `waiting` event after a second, with the PID of the holder", async () => {
    const path = lockPath();
    const one = start("bun", path, { holdMs: 1800 });
    expect(await one.line()).toBe("held");
    const events: Array<readonly [PenEvent, number]> = [];
    const started = Date.now();
    const lock = await acquireLock(path, {
      resource: "the environment .venv",
      emit: (event) => events.push([event, Date.now() - started]),
    });
    lock.release();
    expect(events.map(([event]) => event)).toEqual([{ type: "waiting", resource: "the environment .venv", pid: one.process.pid! }]);
    expect(events[0]![1]).toBeGreaterThan(990);
  });

  test("none when the lock comes soon", async () => {
    const path = lockPath();
    const one = start("bun", path, { holdMs: 200 });
    expect(await one.line()).toBe("held");
    const events: PenEvent[] = [];
    (await acquireLock(path, { emit: (event) => events.push(event) })).release();
    expect(events).toEqual([]);
  });

  test("LOCK_HELD after the time-out names the holder, and what to do", async () => {
    const path = lockPath();
    const lock = await acquireLock(path);
    const started = Date.now();
    const error = await failureOf(acquireLock(path, { timeoutMs: 300, resource: "the store" }));
    expect(Date.now() - started).toBeWithin(300, 1500);
    expect([error.code, error.message]).toEqual(["LOCK_HELD", "Another process works on the store"]);
    expect(error.why).toContain(`Process ${process.pid} `);
    expect(error.data).toEqual({ path, pid: process.pid });
    expect(error.hint).toContain("again");
    lock.release();
  });

  test("no PID that is gone: one that was killed, then shared holders", async () => {
    const path = lockPath();
    const dying = start("bun", path);
    expect(await dying.line()).toBe("held");
    dying.process.kill("SIGKILL");
    await dying.ended;
    const shared = await acquireLock(path, { shared: true });
    const error = await failureOf(acquireLock(path, { timeoutMs: 50 }));
    expect(error.data).toEqual({ path });
    expect(error.why).toStartWith("Its holder");
    shared.release();
  });

  test("an aborted wait ends at once with the reason", async () => {
    const path = lockPath();
    const lock = await acquireLock(path);
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error("no more")), 100);
    const started = Date.now();
    let reason: unknown;
    await acquireLock(path, { signal: controller.signal }).catch((error: unknown) => (reason = error));
    expect(String(reason)).toBe("Error: no more");
    expect(Date.now() - started).toBeLessThan(1000);
    lock.release();
    (await acquireLock(path, { timeoutMs: 0 })).release();
  });
});

describe("the lock file", () => {
  test("is made with its folders; releasing twice is nothing", async () => {
    const path = join(base, "new", "folders", "lock");
    const lock = await acquireLock(path);
    lock.release();
    const other = await acquireLock(path);
    lock.release();
    expect((await failureOf(acquireLock(path, { timeoutMs: 20 }))).code).toBe("LOCK_HELD");
    other.release();
  });

  test("a lock file that is a link is refused: what it leads to is never written", async () => {
    const path = lockPath();
    fs.mkdirSync(join(path, ".."));
    fs.writeFileSync(join(base, "precious"), "precious");
    fs.symlinkSync(join(base, "precious"), path);
    const error = await failureOf(acquireLock(path));
    expect([error.code, error.data["errno"]]).toEqual(["FILE_SYSTEM", "ELOOP"]);
    expect(fs.readFileSync(join(base, "precious"), "utf8")).toBe("precious");
  });

  test("one that somebody removed is made anew, and both who then come respect each other", async () => {
    const path = lockPath();
    const first = await acquireLock(path);
    fs.rmSync(path);
    const second = await acquireLock(path, { timeoutMs: 50 });
    expect((await failureOf(acquireLock(path, { timeoutMs: 50 }))).code).toBe("LOCK_HELD");
    first.release();
    expect((await failureOf(acquireLock(path, { timeoutMs: 50 }))).code).toBe("LOCK_HELD");
    second.release();
  });

  test("a folder that cannot be, or a folder in its place, is FILE_SYSTEM", async () => {
    fs.writeFileSync(join(base, "file"), "");
    expect((await failureOf(acquireLock(join(base, "file", "lock")))).data["errno"]).toBe("ENOTDIR");
    expect((await failureOf(acquireLock(base))).data["errno"]).toBe("EISDIR");
  });

  test("under Node without flock, perl does it, without perl python3, and without any of them the error says so", async () => {
    const path = lockPath();
    const command = scriptCommand(join(base, "scripts"), holder, "node");
    const words = JSON.stringify([path, false, 100, 0, false]);
    for (const name of ["perl", "python3"]) {
      const only = join(base, `only ${name}`);
      fs.mkdirSync(only);
      const program = Bun.which(name, { PATH: "/usr/bin:/bin:/usr/local/bin" });
      if (program === null) continue;
      fs.symlinkSync(program, join(only, name));
      const run = (): TalkingChild => startChild([Bun.which("node")!, command[1], words], { PATH: only });
      const lock = await acquireLock(path);
      expect([name, await run().line()]).toEqual([name, "LOCK_HELD"]);
      lock.release();
      expect([name, await run().line()]).toEqual([name, "held"]);
    }
    const none = startChild([Bun.which("node")!, command[1], words], { PATH: join(base, "nothing") });
    expect(await none.line()).toBe("TARGET_UNSUPPORTED");
  });
});
