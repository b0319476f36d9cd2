import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { spawn, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { LinkMode } from "#installer";
import type { StoredWheel } from "#store";
import {
  install,
  plainTarget,
  recorder,
  scratch,
  snapshot,
  type InstallOptions,
  type Ran,
  type Scratch,
} from "../../tests/support/install-targets.ts";
import { storeSample } from "../../tests/support/stored-wheels.ts";
import { readInstalled, recover, needsRecovery } from "./index.ts";

const child = join(import.meta.dir, "../../tests/support/install-child.ts");
const hasStrace = spawnSync("strace", ["-o", "/dev/null", "true"]).status === 0;
const isRoot = process.geteuid?.() === 0;
const patience = 120_000;

let place: Scratch;
let root: string;
let store: string;
beforeEach(() => {
  place = scratch();
  root = join(place.path, "env");
  store = join(place.path, "store");
  mkdirSync(root);
  writeFileSync(join(root, "pyvenv.cfg"), "home = /usr/bin\n");
});
afterEach(() => place.remove());

/** A small environment with something of everything: an upgrade, a removal, an addition, shared folders, foreign files. */
async function prepared(
  linkMode: LinkMode,
): Promise<{ readonly wheels: StoredWheel[]; readonly options: InstallOptions; readonly before: Record<string, string> }> {
  const target = plainTarget(root);
  const old = [
    storeSample(store, {
      name: "alpha",
      version: "1.0",
      files: { "alpha/__init__.py": "1", "alpha/old.py": "x", "ns/alpha.py": "1" },
      commands: { alpha: "alpha:main" },
    }),
    storeSample(store, { name: "gone", version: "1.0", files: { "gone/__init__.py": "g", "ns/gone.py": "g" } }),
    storeSample(store, { name: "stays", version: "1.0", files: { "ns/stays.py": "s" } }),
  ];
  await install(target, old, { linkMode });
  writeFileSync(`${target.paths.purelib}/mine.py`, "a person's own file");
  mkdirSync(`${target.paths.purelib}/alpha-notes`);
  if (linkMode !== "symlink") writeFileSync(`${target.paths.purelib}/alpha/mine.txt`, "mine");
  const wheels = [
    storeSample(store, {
      name: "alpha",
      version: "2.0",
      files: { "alpha/__init__.py": "2", "alpha/new/deep.py": "x", "ns/alpha.py": "2" },
      commands: { alpha: "alpha:run" },
    }),
    storeSample(store, {
      name: "fresh",
      version: "1.0",
      files: { "fresh.py": "f", "ns/fresh.py": "f" },
      data: { "data/share/fresh.txt": "f" },
    }),
  ];
  return { wheels, options: { linkMode, remove: ["gone" as never] }, before: snapshot(root) };
}

function order(wheels: readonly StoredWheel[], options: InstallOptions): string {
  const path = join(place.path, "order.json");
  const wanted = wheels.map((wheel, at) => ({ wheel, requested: at === 0 }));
  writeFileSync(path, JSON.stringify({ target: plainTarget(root), wheels: wanted, options, started: join(place.path, "started") }));
  return path;
}

function clone(from: string, to: string): void {
  rmSync(to, { recursive: true, force: true });
  spawnSync("cp", ["-a", from, to]);
}

/** Runs the child and kills it when it enters call `when` of `name`. True when it was killed. */
function runKilled(path: string, name: string, when: number): boolean {
  const inject = `inject=${name}:signal=KILL:when=${when}`;
  const { signal, status } = spawnSync("strace", [
    "-f",
    "-qqq",
    "-o",
    "/dev/null",
    "-e",
    `trace=${name}`,
    "-e",
    inject,
    process.execPath,
    child,
    path,
  ]);
  return signal === "SIGKILL" || status === 137;
}

/** Runs the child with one call failing for want of space. True when it happened. */
function runFailing(path: string, name: string, when: number): Ran | undefined {
  const inject = `inject=${name}:error=ENOSPC:when=${when}`;
  const log = join(place.path, "strace.log");
  const traced = ["-f", "-qqq", "-o", log, "-e", `trace=${name}`, "-e", inject];
  const { status, stdout } = spawnSync("strace", [...traced, process.execPath, child, path], { encoding: "utf8" });
  return readFileSync(log, "utf8").includes("(INJECTED)") ? { status, output: stdout } : undefined;
}

function penFolder(): string[] {
  return readdirSync(join(root, ".pen")).filter((name) => name !== "lock" && name !== "linked.json");
}

describe.if(hasStrace)(`killed at every call that changes something (needs strace)`, () => {
  for (const linkMode of ["hardlink", "symlink"] as const) {
    test(
      `${linkMode}: every package is whole, old or new, and the next command says which`,
      async () => {
        const { wheels, options, before } = await prepared(linkMode);
        const path = order(wheels, options);
        clone(root, join(place.path, "old"));
        expect(spawnSync(process.execPath, [child, path]).status).toBe(0);
        const after = snapshot(root);
        expect(after).not.toEqual(before);
        const outcomes = { before: 0, after: 0, told: 0 };
        for (const name of ["mkdir", "link", "linkat", "symlink", "rename", "unlink", "rmdir", "fsync"]) {
          for (let when = 1; ; when += 1) {
            clone(join(place.path, "old"), root);
            if (!runKilled(path, name, when)) break;
            // Every third time the recovery is killed as well, somewhere in its own work.
            if (when % 3 === 0) runKilled(path, when % 2 === 0 ? "unlink" : "rename", 1 + (when % 4));
            const { events, emit } = recorder();
            const needed = needsRecovery(plainTarget(root));
            const report = recover(plainTarget(root), emit);
            expect(needed).toBe(report !== undefined);
            expect(events.length).toBe(report === undefined ? 0 : 1);
            const now = snapshot(root);
            const state = JSON.stringify(now) === JSON.stringify(after) ? "after" : "before";
            expect({ name, when, tree: now }).toEqual({ name, when, tree: state === "after" ? after : before });
            outcomes[state] += 1;
            if (report !== undefined) outcomes.told += 1;
            expect(penFolder().filter((entry) => !entry.startsWith(".pen-tmp-"))).toEqual([]);
            expect(recover(plainTarget(root), emit)).toBeUndefined();
          }
        }
        expect(outcomes.before).toBeGreaterThan(10);
        expect(outcomes.after).toBeGreaterThan(0);
        // The next command converges, and clears away what is left.
        await install(plainTarget(root), wheels, options);
        expect(penFolder()).toEqual([]);
      },
      patience,
    );
  }
});

test.if(hasStrace)(
  "no space at every call that needs some: undone at once, with an error that names the path (needs strace)",
  async () => {
    const { wheels, options, before } = await prepared("hardlink");
    const path = order(wheels, options);
    clone(root, join(place.path, "old"));
    expect(spawnSync(process.execPath, [child, path]).status).toBe(0);
    const after = snapshot(root);
    let failures = 0;
    for (const name of ["mkdir", "link", "linkat", "rename", "fsync"]) {
      for (let when = 1; ; when += 1) {
        clone(join(place.path, "old"), root);
        const ran = runFailing(path, name, when);
        if (ran === undefined) break;
        // A failing fsync of a folder is none of our business, and after the commit nothing needs space.
        if (ran.status === 0) {
          expect(snapshot(root)).toEqual(after);
          continue;
        }
        failures += 1;
        expect(ran).toMatchObject({ status: 1, output: expect.stringMatching(/FILE_SYSTEM|ENV_BROKEN/) });
        recover(plainTarget(root), () => {});
        expect({ name, when, tree: snapshot(root) }).toEqual({ name, when, tree: before });
        expect(penFolder()).toEqual([]);
      }
    }
    expect(failures).toBeGreaterThan(20);
  },
  patience,
);

test(
  "40 random SIGKILLs leave old or new, and the rerun converges",
  async () => {
    const target = plainTarget(root);
    const files = Object.fromEntries(Array.from({ length: 400 }, (_, at) => [`big/p${at % 20}/m${at}.py`, `x = ${at}\n`]));
    const wheels = (version: string): StoredWheel[] => [
      storeSample(store, { name: "big", version, files: { ...files, "big/version.py": version } }),
      storeSample(store, { name: "side", version, files: { [`side_${version}.py`]: version } }),
    ];
    await install(target, wheels("1.0"), { linkMode: "hardlink" });
    const path = order(wheels("2.0"), { linkMode: "hardlink" });
    const before = snapshot(root);
    clone(root, join(place.path, "old"));
    spawnSync(process.execPath, [child, path]);
    const after = snapshot(root);
    const seen = { before: 0, after: 0, recovered: 0 };
    let seed = 42;
    for (let round = 0; round < 40; round += 1) {
      clone(join(place.path, "old"), root);
      rmSync(join(place.path, "started"), { force: true });
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      await killedAfter(path, (seed / 2_147_483_648) * 60);
      const report = recover(target, () => {});
      const now = JSON.stringify(snapshot(root));
      const state = now === JSON.stringify(after) ? "after" : "before";
      expect(now).toBe(JSON.stringify(state === "after" ? after : before));
      seen[state] += 1;
      if (report !== undefined) seen.recovered += 1;
    }
    expect(seen.before + seen.after).toBe(40);
    expect(seen.recovered).toBeGreaterThan(3);
    expect(spawnSync(process.execPath, [child, path]).status).toBe(0);
    expect(snapshot(root)).toEqual(after);
  },
  patience,
);

async function killedAfter(path: string, delay: number): Promise<void> {
  const running = spawn(process.execPath, [child, path], { stdio: "ignore" });
  const ended = new Promise<void>((resolve) => running.on("exit", () => resolve()));
  while (!existsSync(join(place.path, "started")) && running.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 1));
  await new Promise((resolve) => setTimeout(resolve, delay));
  running.kill("SIGKILL");
  await ended;
}

describe("a failing transaction undoes itself at once", () => {
  test.if(isRoot)(
    "disk full and out of inodes (needs root, to mount a small tmpfs)",
    async () => {
      for (const options of ["size=256k", "size=4m,nr_inodes=40"]) {
        rmSync(root, { recursive: true, force: true });
        mkdirSync(root);
        if (spawnSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", root]).status !== 0) return; // No right to mount in this container.
        try {
          const target = plainTarget(root);
          const fits = storeSample(store, { name: "small", version: "1.0", files: { "small/__init__.py": "1" } });
          const tooBig = storeSample(store, {
            name: "small",
            version: "2.0",
            files: Object.fromEntries(Array.from({ length: 50 }, (_, at) => [`small/m${at}.py`, "y".repeat(20_000)])),
          });
          await install(target, [fits]);
          const before = snapshot(root);
          await expect(install(target, [tooBig])).rejects.toMatchObject({ code: "FILE_SYSTEM", data: { errno: "ENOSPC" } });
          expect(snapshot(root)).toEqual(before);
          expect(penFolder()).toEqual([]);
          await install(target, [], { exact: true });
          expect(readInstalled(target)).toEqual([]);
        } finally {
          spawnSync("umount", [root]);
        }
      }
    },
    patience,
  );

  test("a signal in the middle", async () => {
    const { before } = await prepared("hardlink");
    const controller = new AbortController();
    const big = storeSample(store, {
      name: "big",
      version: "1.0",
      files: Object.fromEntries(Array.from({ length: 20_000 }, (_, at) => [`big/m${at}.py`, ""])),
    });
    const failing = install(plainTarget(root), [big], {
      signal: controller.signal,
      emit: (event) => event.type === "progress" && event.done > 0 && controller.abort(new Error("interrupted")),
    });
    await expect(failing).rejects.toThrow("interrupted");
    expect(snapshot(root)).toEqual(before);
    expect(penFolder()).toEqual([]);
  });

  test("a file of the store that is gone", async () => {
    const { wheels, options, before } = await prepared("hardlink");
    const last = wheels[1]?.manifest.files.at(-1);
    rmSync(join(wheels[1]?.folder ?? "", last?.source ?? ""));
    await expect(install(plainTarget(root), wheels, options)).rejects.toMatchObject({ code: "FILE_SYSTEM" });
    expect(snapshot(root)).toEqual(before);
  });

  test(
    "a folder that nobody may write to (as another user where this one is root)",
    async () => {
      const { wheels, options } = await prepared("hardlink");
      const target = plainTarget(root);
      const path = order(wheels, options);
      const bin = target.paths.scripts;
      chmodSync(place.path, 0o755);
      if (isRoot) {
        // The store belongs to the same person, or the kernel would not let them link its files.
        spawnSync("chown", ["-R", "65534:65534", place.path]);
        spawnSync("chown", ["root", bin]);
      }
      chmodSync(bin, 0o555);
      const before = snapshot(root);
      rmSync(join(place.path, "started"), { force: true });
      const asUser = isRoot ? { uid: 65534, gid: 65534 } : {};
      const { stdout, status } = spawnSync(process.execPath, [child, path], {
        ...asUser,
        encoding: "utf8",
        env: { PATH: process.env["PATH"] ?? "", HOME: place.path, BUN_RUNTIME_TRANSPILER_CACHE_PATH: "0" },
      });
      expect({ status, ...(JSON.parse(stdout) as object) }).toMatchObject({ status: 1, code: "FILE_SYSTEM" });
      expect(snapshot(root)).toEqual(before);
      expect(penFolder()).toEqual([]);
      chmodSync(bin, 0o755);
    },
    patience,
  );
});

describe("security: a journal that came with somebody's folder", () => {
  const write = (journal: object): void => {
    mkdirSync(join(root, ".pen"), { recursive: true });
    writeFileSync(
      join(root, ".pen/journal.json"),
      JSON.stringify({ format: 1, id: "0123456789abcdef", changes: [], newRoots: [], newFiles: [], removed: [], ...journal }),
    );
  };

  for (const hostile of [
    { newFiles: ["../victim"] },
    { newRoots: ["a/../../victim"] },
    { removed: ["/etc/victim"] },
    { newFiles: ["x\0y"] },
    { id: "../../up" },
    { newFiles: [7] },
  ]) {
    test(`journal_escape: ${JSON.stringify(hostile)}`, () => {
      writeFileSync(join(place.path, "victim"), "v");
      write(hostile);
      expect(() => recover(plainTarget(root), () => {})).toThrow(expect.objectContaining({ code: "ENV_BROKEN" }));
      expect(existsSync(join(place.path, "victim"))).toBe(true);
    });
  }

  test("journal_through_link: a linked folder is never followed out of the environment", () => {
    mkdirSync(join(place.path, "outside/inner"), { recursive: true });
    writeFileSync(join(place.path, "outside/victim"), "v");
    symlinkSync(join(place.path, "outside"), join(root, "door"));
    write({ newFiles: ["door/victim"], newRoots: ["door/inner", "door"], removed: ["door/back"] });
    mkdirSync(join(root, ".pen/undo-0123456789abcdef"));
    writeFileSync(join(root, ".pen/undo-0123456789abcdef/0"), "planted");
    recover(plainTarget(root), () => {});
    expect(readdirSync(join(place.path, "outside")).sort()).toEqual(["inner", "victim"]);
  });

  test("journal_broken: rubbish is refused, not guessed at", () => {
    mkdirSync(join(root, ".pen"));
    writeFileSync(join(root, ".pen/journal.json"), "{");
    expect(() => recover(plainTarget(root), () => {})).toThrow(expect.objectContaining({ code: "ENV_BROKEN" }));
  });
});

test(
  "eight processes install into one environment, and 'waiting for PID' is told",
  async () => {
    const target = plainTarget(root);
    const all = Array.from({ length: 8 }, (_, at) =>
      storeSample(store, {
        name: `pkg${at}`,
        version: "1.0",
        files: { [`pkg${at}/__init__.py`]: `${at}`, [`ns/p${at}.py`]: `${at}` },
        commands: { [`cmd${at}`]: `pkg${at}:main` },
      }),
    );
    const shared = storeSample(store, { name: "shared", version: "1.0", files: { "shared.py": "1" } });
    const running = all.map((wheel, at) => {
      const path = join(place.path, `order-${at}.json`);
      writeFileSync(
        path,
        JSON.stringify({
          target,
          wheels: [
            { wheel, requested: true },
            { wheel: shared, requested: false },
          ],
          options: { linkMode: at % 2 === 0 ? "hardlink" : "copy" },
        }),
      );
      return new Promise<number | null>((resolve) =>
        spawn(process.execPath, [child, path], { stdio: "ignore" }).on("exit", (code) => resolve(code)),
      );
    });
    expect(await Promise.all(running)).toEqual(Array.from({ length: 8 }, () => 0));
    expect(readInstalled(target).map(({ name }) => String(name))).toEqual([...all.map(({ manifest }) => String(manifest.name)), "shared"]);
    for (const distribution of readInstalled(target))
      for (const { path } of distribution.record() ?? []) expect(existsSync(join(distribution.location, path))).toBe(true);
    expect(readdirSync(`${target.paths.purelib}/ns`).length).toBe(8);
    expect(penFolder()).toEqual([]);
  },
  patience,
);
