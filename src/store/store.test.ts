import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { spawn } from "node:child_process";
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Host, type PenEvent, isPenError, readHost } from "#foundation";
import { buildWheel } from "../../tests/support/wheels.ts";
import type { Store } from "./interface.ts";
import { openStore } from "./store.ts";
import type { StoreProblem, StoredWheel } from "./types.ts";

const files = Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`pkg/m${at}.py`, `value = ${at}\n`.repeat(50)]));
const wheel = buildWheel({ name: "pkg", version: "1.2", files, entryPoints: { console_scripts: { pkg: "pkg.m0:main" } } });

let scratch: string;
let path: string;
let cacheFolder: string;
let events: PenEvent[];
let store: Store;
let count = 0;
const open = (host: Partial<Host> = {}): Store =>
  openStore({ host: readHost(host), cacheFolder, emit: (event) => void events.push(event) });
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), "pen-store-"));
  path = join(scratch, "wheel.whl");
  writeFileSync(path, wheel.bytes);
});
beforeEach(() => {
  cacheFolder = join(scratch, `cache-${(count += 1)}`);
  events = [];
  store = open();
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const add = (): Promise<StoredWheel> => store.add({ path, filename: wheel.filename, sha256: wheel.sha256 });
const problems = async (): Promise<StoreProblem[]> => {
  const all: StoreProblem[] = [];
  for await (const problem of store.verify()) all.push(problem);
  return all;
};
async function codeOf(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
    return "none";
  } catch (error) {
    if (isPenError(error)) return `${error.code} ${String(error.data["rule"] ?? "")}`.trim();
    throw error;
  }
}

describe("a wheel", () => {
  test("is absent, then added, then found; adding again is a look", async () => {
    expect(store.find(wheel.sha256)).toBeUndefined();
    const added = await add();
    expect(added.manifest).toMatchObject({
      name: "pkg" as never,
      version: "1.2",
      sha256: wheel.sha256,
      distInfo: "pkg-1.2.dist-info",
      rootIsPurelib: true,
    });
    expect(store.find(wheel.sha256)?.folder).toBe(added.folder);
    const before = statSync(join(added.folder, "tree/pkg/m0.py")).ino;
    expect((await add()).folder).toBe(added.folder);
    expect(statSync(join(added.folder, "tree/pkg/m0.py")).ino).toBe(before);
    expect((await store.check([added])).flat()).toEqual([]);
    expect(await problems()).toEqual([]);
    expect(store.size().wheels).toBe(1);
  });

  test("is found by no other text than its hash", () => {
    for (const text of ["", "..", `../${wheel.sha256}`, wheel.sha256.toUpperCase(), `${wheel.sha256}/`])
      expect(store.find(text)).toBeUndefined();
  });

  test("with another hash, name or version than expected is refused", async () => {
    expect(await codeOf(() => store.add({ path, filename: wheel.filename, sha256: "0".repeat(64) }))).toBe("HASH_MISMATCH");
    expect(await codeOf(() => store.add({ path, filename: wheel.filename, expectedName: "other" }))).toBe("INVALID_WHEEL name-mismatch");
    expect(await codeOf(() => store.add({ path, filename: wheel.filename, expectedVersion: "2" }))).toBe("INVALID_WHEEL version-mismatch");
    expect(await codeOf(() => store.add({ path, filename: "other-1.2-py3-none-any.whl" }))).toBe("INVALID_WHEEL name-mismatch");
    expect(store.list()).toEqual([]);
    await add();
    expect(await codeOf(() => store.add({ path, filename: "other-1.2-py3-none-any.whl" }))).toBe("INVALID_WHEEL name-mismatch");
  });

  test("for a cache folder that cannot be goes into one that passes", async () => {
    cacheFolder = join(path, "cache");
    store = open();
    expect(store.find(wheel.sha256)).toBeUndefined();
    expect(store.list()).toEqual([]);
    const held = await store.hold();
    expect((await add()).passing).toBe(true);
    held.release();
  });

  test("that cannot be read or whose name is no wheel's gives an error", async () => {
    expect(await codeOf(() => store.add({ path: join(scratch, "none.whl"), filename: wheel.filename }))).toBe("FILE_SYSTEM");
    expect(await codeOf(() => store.add({ path: scratch, filename: wheel.filename }))).toBe("FILE_SYSTEM");
    expect(await codeOf(() => store.add({ path, filename: "pkg.zip" }))).toBe("INVALID_FILENAME");
  });
});

describe("damage is found before linking and healed by adding again", () => {
  const target = (stored: StoredWheel) => join(stored.folder, "tree/pkg/m7.py");
  const rewrite = (file: string, content: string, keepTime: boolean) => {
    const { atimeMs, mtimeMs } = statSync(file);
    chmodSync(file, 0o644);
    writeFileSync(file, content);
    chmodSync(file, 0o444);
    if (keepTime) utimesSync(file, atimeMs / 1000, mtimeMs / 1000);
  };
  const cases: ReadonlyArray<readonly [string, StoreProblem["kind"], (file: string, text: string) => void]> = [
    ["flip", "content", (file, text) => rewrite(file, text.replace("7", "8"), false)],
    ["truncate", "size", (file, text) => rewrite(file, text.slice(0, 10), true)],
    ["empty", "size", (file) => rewrite(file, "", true)],
    ["delete", "missing", (file) => (chmodSync(join(file, ".."), 0o755), unlinkSync(file))],
    ["replace by a folder", "missing", (file) => (chmodSync(join(file, ".."), 0o755), unlinkSync(file), mkdirSync(file))],
  ];
  for (const [name, kind, harm] of cases) {
    test(name, async () => {
      const stored = await add();
      // The clock that the kernel stamps files with moves every few milliseconds.
      await new Promise((resolve) => setTimeout(resolve, 20));
      harm(target(stored), readFileSync(target(stored), "utf8"));
      expect((await store.check([stored])).flat().map((problem) => [problem.path, problem.kind])).toEqual([[target(stored), kind]]);
      expect((await problems()).map((problem) => problem.kind)).toEqual([kind]);
      const healed = await add();
      expect((await store.check([healed])).flat()).toEqual([]);
      expect(await problems()).toEqual([]);
      expect(events.some((event) => event.type === "log" && event.code === "store-damaged")).toBe(true);
    });
  }

  test("the parts for a wheel that a person asked for are looked at as well", async () => {
    const stored = await add();
    const { info, record } = stored.manifest.requested;
    expect(statSync(join(stored.folder, info, "METADATA")).ino).toBe(statSync(join(stored.folder, "tree/pkg-1.2.dist-info/METADATA")).ino);
    const lines = (file: string) => readFileSync(join(stored.folder, file), "utf8").split("\n");
    expect(lines(record).filter((line) => !lines("RECORD").includes(line))).toEqual([
      "pkg-1.2.dist-info/REQUESTED,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0",
    ]);
    rewrite(join(stored.folder, record), "", true);
    chmodSync(join(stored.folder, info), 0o755);
    unlinkSync(join(stored.folder, info, "REQUESTED"));
    expect((await store.check([stored])).flat().map(({ path, kind }) => [path, kind])).toEqual([
      [join(stored.folder, info, "REQUESTED"), "missing"],
      [join(stored.folder, record), "size"],
    ]);
  });

  test("chmod and touch through an environment are set right, the content being whole", async () => {
    const stored = await add();
    const mine = join(scratch, `linked-${count}.py`);
    linkSync(target(stored), mine);
    chmodSync(mine, 0o666);
    utimesSync(mine, 1, 1);
    expect((await store.check([stored])).flat()).toEqual([]);
    expect(statSync(mine).mode & 0o777).toBe(0o444);
    // Once set right, it is not read again: its inode stays as it is.
    const { mtimeMs, ctimeMs } = statSync(mine);
    expect(mtimeMs).toBeGreaterThan(1e12);
    expect((await store.check([stored])).flat()).toEqual([]);
    expect(statSync(mine).ctimeMs).toBe(ctimeMs);
    expect(await problems()).toEqual([]);
  });

  test("a power cut: after a new boot the content is read once", async () => {
    const stored = await add();
    rewrite(target(stored), readFileSync(target(stored), "utf8").replace("7", "8"), true);
    expect(existsSync(join(stored.folder, "durable"))).toBe(false);
    const later = open({ platform: "other", now: () => Date.now() + 1e9 });
    expect((await later.check([stored])).flat().map(({ kind }) => kind)).toEqual(["content"]);
    store = later;
    await add();
    store = open();
    const healed = await add();
    expect((await store.check([healed])).flat()).toEqual([]);
    expect(existsSync(join(healed.folder, "durable"))).toBe(true);
  });

  for (const [name, harm] of [
    ["flipped", (text: string) => text.replace("m7.py", "m8.py")],
    ["cut", (text: string) => text.slice(0, text.length / 2)],
    ["emptied", () => ""],
  ] as const) {
    test(`a manifest that is ${name} is as good as none`, async () => {
      const stored = await add();
      rewrite(join(stored.folder, "manifest.json"), harm(readFileSync(join(stored.folder, "manifest.json"), "utf8")), true);
      expect(store.find(wheel.sha256)).toBeUndefined();
      expect((await problems()).map(({ kind }) => kind)).toEqual(["manifest"]);
      await add();
      expect(await problems()).toEqual([]);
    });
  }

  test("verify finds files that do not belong there", async () => {
    const stored = await add();
    chmodSync(join(stored.folder, "tree/pkg"), 0o755);
    writeFileSync(join(stored.folder, "tree/pkg/intruder.py"), "");
    expect((await problems()).map(({ kind, path }) => [kind, path])).toEqual([["unexpected", join(stored.folder, "tree/pkg/intruder.py")]]);
  });
});

describe("removing", () => {
  test("remove and clean leave nothing", async () => {
    await add();
    await store.remove(wheel.sha256);
    expect(store.find(wheel.sha256)).toBeUndefined();
    await add();
    expect(await store.clean()).toMatchObject({ wheels: 1 });
    expect(store.list()).toEqual([]);
    expect(readdirSync(join(cacheFolder, "wheels/v1/growing"))).toEqual([]);
    expect(await openStore({ host: readHost(), cacheFolder: join(scratch, "none"), emit: () => {} }).clean()).toEqual({
      wheels: 0,
      bytes: 0,
    });
  });

  test("prune keeps what environments use, by note or by link, and removes what killed processes left", async () => {
    const stored = await add();
    const sitePackages = join(scratch, `env-${count}`);
    mkdirSync(sitePackages);
    store.recordUse(sitePackages, [stored]);
    expect(store.uses()).toEqual([{ sitePackages, wheels: [wheel.sha256] }]);
    const leftover = join(cacheFolder, "wheels/v1/growing", "a".repeat(64));
    mkdirSync(leftover);
    expect((await store.prune()).wheels).toBe(0);
    expect(existsSync(leftover)).toBe(false);
    linkSync(join(stored.folder, "tree/pkg-1.2.dist-info/METADATA"), join(scratch, `METADATA-${count}`));
    rmSync(sitePackages, { recursive: true });
    expect((await store.prune()).wheels).toBe(0);
    rmSync(join(scratch, `METADATA-${count}`));
    expect((await store.prune()).wheels).toBe(1);
    expect(store.uses()).toEqual([]);
  });

  test("a link in place of an entry is removed, not followed", async () => {
    const stored = await add();
    const outside = join(scratch, `outside-${count}`);
    mkdirSync(outside);
    writeFileSync(join(outside, "keep"), "");
    chmodSync(join(stored.folder, "tree"), 0o755);
    symlinkSync(outside, join(stored.folder, "tree/away"));
    await store.clean();
    expect(readdirSync(outside)).toEqual(["keep"]);
  });

  test("prune waits for who holds the store", async () => {
    await add();
    const held = await store.hold();
    let done = false;
    const pruning = store.prune().then(() => (done = true));
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(done).toBe(false);
    held.release();
    await pruning;
  });
});

describe("other processes", () => {
  const script = join(import.meta.dir, "../../tests/support/add-child.ts");
  const child = () => spawn(process.execPath, [script, path, wheel.filename, cacheFolder], { stdio: ["ignore", "pipe", "inherit"] });

  test("8 of them add the same wheel", async () => {
    const results = await Promise.all(
      Array.from({ length: 8 }, async () => {
        const started = child();
        let out = "";
        started.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
        const status = await new Promise<number | null>((resolve) => started.on("close", resolve));
        return [status, out.trim()];
      }),
    );
    expect(results).toEqual(Array.from({ length: 8 }, () => [0, wheel.sha256]));
    expect(await problems()).toEqual([]);
    expect(readdirSync(join(cacheFolder, "wheels/v1/growing"))).toEqual([]);
  }, 30_000);

  test("killed while adding, again and again: absent or whole, and the next one finishes", async () => {
    let absent = 0;
    for (let round = 0; round < 16; round += 1) {
      const started = child();
      const closed = new Promise((resolve) => started.on("close", resolve));
      const growing = join(cacheFolder, "wheels/v1/growing", wheel.sha256);
      // Half of them die at a fixed time, half as soon as their work can be seen.
      const deadline = Date.now() + (round % 2 === 0 ? 20 + round * 12 : 2000);
      const seen = () => round % 2 === 1 && existsSync(growing);
      while (Date.now() < deadline && started.exitCode === null && !seen()) await new Promise((resolve) => setTimeout(resolve, 1));
      started.kill("SIGKILL");
      await closed;
      const found = store.find(wheel.sha256);
      if (found === undefined) absent += 1;
      else {
        expect(store.checkContent(found)).toEqual([]);
        await store.remove(wheel.sha256);
      }
    }
    expect(absent).toBeGreaterThan(0);
    expect(store.checkContent(await add())).toEqual([]);
    expect(readdirSync(join(cacheFolder, "wheels/v1/growing"))).toEqual([]);
  }, 60_000);
});
