import { afterAll, describe, expect, test } from "bun:test";
import * as fs from "node:fs";
import { join } from "node:path";
import { isPenError } from "#foundation";
import { makeMachine, startsOf, writeScript, writeStandIn } from "../../tests/python-stand-ins.ts";
import { findInterpreters } from "./find.ts";
import { inspectForSearch, inspectInterpreter, inspectInterpreterCached } from "./inspect.ts";
import { readCache } from "./interpreter-cache.ts";

const machine = makeMachine();
afterAll(() => machine.remove());

let count = 0;
const place = () => join(machine.root, `python-${(count += 1)}`, "bin", "python3");
const options = machine.search;

function cacheFiles(folder = machine.cacheFolder): string[] {
  const entries = join(folder, "interpreters", "v1");
  return fs.existsSync(entries) ? fs.readdirSync(entries).map((name) => join(entries, name)) : [];
}

/** Moves a file's time on, as a change would. */
function touch(path: string): void {
  fs.utimesSync(path, new Date(), new Date(Date.now() + 5000 + count));
}

describe("the cache of interpreters", () => {
  test("asks once, and again after a change of the executable", async () => {
    const path = writeStandIn(place());
    expect(inspectInterpreterCached(path, options)).toBeUndefined();
    const fresh = await inspectInterpreter(path, options);
    const again = await inspectInterpreter(path, options);
    expect(startsOf(path)).toBe(1);
    expect(again).toEqual(fresh);
    expect(inspectInterpreterCached(path, options)).toEqual(fresh);
    writeStandIn(path, { version: "3.13.0" });
    expect(inspectInterpreterCached(path, options)).toBeUndefined();
    expect((await inspectInterpreter(path, options)).version).toBe("3.13.0");
    expect(startsOf(path)).toBe(2);
    touch(path);
    expect(inspectInterpreterCached(path, options)).toBeUndefined();
  });

  test("a link that is turned to another Python is asked again", async () => {
    const [one, two] = [writeStandIn(place()), writeStandIn(place(), { version: "3.11.1" })];
    const link = join(machine.root, "link");
    fs.symlinkSync(one, link);
    expect((await inspectInterpreter(link, options)).version).toBe("3.12.1");
    fs.unlinkSync(link);
    fs.symlinkSync(two, link);
    expect((await inspectInterpreter(link, options)).version).toBe("3.11.1");
  });

  test("a pyvenv.cfg that appears, a PEP 668 mark that comes and goes, a base that is lost make the answer stale", async () => {
    const path = writeStandIn(place());
    await inspectInterpreter(path, options);
    const root = join(path, "..", "..");
    const mark = join(root, "lib", "python3.12", "EXTERNALLY-MANAGED");
    fs.mkdirSync(join(mark, ".."), { recursive: true });
    fs.writeFileSync(mark, "[externally-managed]\n");
    expect(inspectInterpreterCached(path, options)).toBeUndefined();
    expect((await inspectInterpreter(path, options)).externallyManaged).toBe(mark);
    fs.rmSync(mark);
    expect(inspectInterpreterCached(path, options)).toBeUndefined();
    await inspectInterpreter(path, options);
    expect(inspectInterpreterCached(path, options)).toBeDefined();
    fs.writeFileSync(join(root, "pyvenv.cfg"), "home = /usr/bin\n");
    expect(inspectInterpreterCached(path, options)).toBeUndefined();
  });

  test("another kernel makes the answer stale: it is in the markers", async () => {
    const path = writeStandIn(place());
    await inspectInterpreter(path, options);
    const file = cacheFiles().find((name) => JSON.parse(fs.readFileSync(name, "utf8")).path === path)!;
    const stored = JSON.parse(fs.readFileSync(file, "utf8"));
    fs.writeFileSync(file, JSON.stringify({ ...stored, fingerprint: { ...stored.fingerprint, system: "6.99" } }));
    expect(inspectInterpreterCached(path, options)).toBeUndefined();
  });

  test("the program behind a wrapper is watched, too", async () => {
    const program = writeStandIn(place());
    const wrapper = writeScript(place(), `exec '${program}' "$@"`);
    expect((await inspectInterpreter(wrapper, options)).realExecutable).toBe(program);
    expect(inspectInterpreterCached(wrapper, options)).toBeDefined();
    touch(program);
    expect(inspectInterpreterCached(wrapper, options)).toBeUndefined();
  });

  test("damage of any kind is a miss, and is healed", async () => {
    const path = writeStandIn(place());
    const own = { ...options, cacheFolder: join(machine.root, "damaged cache") };
    const good = await inspectInterpreter(path, own);
    const [file] = cacheFiles(own.cacheFolder);
    const text = fs.readFileSync(file!, "utf8");
    const damages = [
      "",
      "{",
      "null",
      "[]",
      "1",
      text.slice(0, -20),
      text.replace(/"version":"[^"]*"/, '"version":3'),
      text.replace('"markers":{', '"markers":[],"x":{'),
    ];
    for (const damage of [
      ...damages,
      text.replace(/"watched":\[.*?\]/, '"watched":5'),
      text.replace('"fingerprint":{', '"fingerprint":{"x":['),
    ]) {
      fs.writeFileSync(file!, damage);
      expect(inspectInterpreterCached(path, own)).toBeUndefined();
    }
    fs.writeFileSync(file!, Buffer.alloc(300, 0));
    expect(await inspectInterpreter(path, own)).toEqual(good);
    expect(inspectInterpreterCached(path, own)).toEqual(good);
  });

  test("another path in the file (a hash that collides, a copied file) is a miss", async () => {
    const [one, two] = [writeStandIn(place()), writeStandIn(place(), { version: "3.11.1" })];
    const own = { ...options, cacheFolder: join(machine.root, "mixed cache") };
    await inspectInterpreter(one, own);
    const [first] = cacheFiles(own.cacheFolder);
    await inspectInterpreter(two, own);
    const second = cacheFiles(own.cacheFolder).find((name) => name !== first)!;
    fs.copyFileSync(first!, second);
    expect(inspectInterpreterCached(two, own)).toBeUndefined();
  });

  test("a cache that cannot be written is no error; one that can only be read works", async () => {
    const path = writeStandIn(place());
    const blocked = join(machine.root, "a file");
    fs.writeFileSync(blocked, "");
    expect((await inspectInterpreter(path, { ...options, cacheFolder: blocked })).version).toBe("3.12.1");
    await inspectInterpreter(path, options);
    const entries = join(machine.cacheFolder, "interpreters", "v1");
    fs.chmodSync(entries, 0o555);
    try {
      const starts = startsOf(path);
      expect((await inspectInterpreter(path, options)).version).toBe("3.12.1");
      expect(startsOf(path)).toBe(starts);
    } finally {
      fs.chmodSync(entries, 0o755);
    }
  });

  test("a failure is remembered for searches for a day, and asked again when named", async () => {
    const path = place();
    const starts = `${path}.starts`;
    writeScript(path, `echo >>'${starts}'; echo boom >&2; exit 9`);
    const search = { ...options, source: "path" as const };
    const first = await inspectForSearch(path, search);
    const second = await inspectForSearch(path, search);
    expect(startsOf(path)).toBe(1);
    expect(first.kind).toBe("failure");
    expect(second.kind === "failure" && second.error.why).toContain("boom");
    expect(inspectInterpreterCached(path, options)).toBeUndefined();
    const dayLater = { ...search, host: { ...search.host, now: () => Date.now() + 25 * 3600 * 1000 } };
    await inspectForSearch(path, dayLater);
    expect(startsOf(path)).toBe(2);
    try {
      await inspectInterpreter(path, options);
      throw new Error("accepted");
    } catch (error) {
      expect(isPenError(error, "PYTHON_BROKEN")).toBe(true);
    }
    expect(startsOf(path)).toBe(3);
    writeStandIn(path);
    expect((await inspectForSearch(path, search)).kind).toBe("interpreter");
  });

  test("a time-out and a kill from outside are not remembered", async () => {
    for (const body of ["sleep 30", "kill -KILL $$"]) {
      const path = writeScript(place(), body);
      const entry = await inspectForSearch(path, { ...options, source: "path", timeoutMs: 200 });
      expect(entry.kind).toBe("failure");
      expect(readCache(machine.cacheFolder, path, Date.now())).toBeUndefined();
    }
  });

  test("the source is the caller's, not the one of the first question", async () => {
    const path = writeStandIn(place());
    expect((await inspectInterpreter(path, options)).source).toBe("explicit");
    expect(inspectInterpreterCached(path, { ...options, source: "pyenv" })?.source).toBe("pyenv");
  });

  test("a search asks nothing when all is remembered", async () => {
    const bin = join(machine.root, "bin");
    const paths = ["python3.11", "python3.12"].map((name, at) => writeStandIn(join(bin, name), { version: `3.1${at + 1}.0` }));
    await findInterpreters(options);
    await findInterpreters(options);
    expect(paths.map(startsOf)).toEqual([1, 1]);
  });

  test("a hit costs less than a millisecond", async () => {
    const path = writeStandIn(place());
    await inspectInterpreter(path, options);
    const times = Array.from({ length: 50 }, () => {
      const started = performance.now();
      inspectInterpreterCached(path, options);
      return performance.now() - started;
    }).sort((a, b) => a - b);
    expect(times[25]).toBeLessThan(1);
  });
});
