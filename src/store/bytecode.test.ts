import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
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
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { readHost, silent } from "#foundation";
import { buildWheel } from "../../tests/support/wheels.ts";
import { compiledPath } from "./harvest.ts";
import type { Store } from "./interface.ts";
import { openStore } from "./store.ts";
import type { StoredWheel } from "./types.ts";

const asked = ["python3", "python"]
  .map((name) =>
    spawnSync(name, ["-I", "-c", "import sys; print(sys.executable); print(sys.implementation.cache_tag)"], { encoding: "utf8" }),
  )
  .find(({ status }) => status === 0);
const [executable = "", cacheTag = ""] = asked?.stdout.trim().split("\n") ?? [];
const withPython = asked === undefined ? describe.skip : describe;
const why = asked === undefined ? " (skipped: no python3)" : "";

let scratch: string;
let store: Store;
let wheel: StoredWheel;
let count = 0;
const marker = () => join(scratch, "ran");
const built = (): ReturnType<typeof buildWheel> =>
  buildWheel({
    name: "pkg",
    version: "1.0",
    files: {
      "pkg/__init__.py": "from . import a\n",
      "pkg/a.py": "import os\nwhere = __file__\n",
      "pkg/sub/__init__.py": "",
      "pkg/sub/b.py": "b = 1\n",
      "pkg/broken.py": "def (:\n",
      "pkg/runs.py": `open(${JSON.stringify(marker())}, "w")\n`,
      "top.py": "t = 1\n",
      "pkg/text.txt": "no module",
    },
  });
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), "pen-bytecode-"));
});
beforeEach(async () => {
  const made = built();
  const path = join(scratch, made.filename);
  writeFileSync(path, made.bytes);
  store = openStore({ host: readHost(), cacheFolder: join(scratch, `cache-${(count += 1)}`), emit: silent });
  wheel = await store.add({ path, filename: made.filename });
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** The tree of an environment: files linked from the store. */
function linked(): string {
  const sitePackages = join(scratch, `env-${count}-${Math.random().toString(36).slice(2)}`);
  const put = (path: string, source: string) => {
    mkdirSync(dirname(join(sitePackages, path)), { recursive: true });
    linkSync(source, join(sitePackages, path));
  };
  for (const { path, scheme, source } of wheel.manifest.files) if (scheme === "lib") put(path, join(wheel.folder, source));
  for (const { path, source } of store.bytecode(wheel, cacheTag)) put(path, join(wheel.folder, source));
  return sitePackages;
}

function run(sitePackages: string, code: string): string {
  const result = spawnSync(
    executable,
    ["-I", "-S", "-v", "-c", `import sys; sys.path.insert(0, ${JSON.stringify(sitePackages)})\n${code}`],
    { encoding: "utf8" },
  );
  expect(result.status).toBe(0);
  return result.stderr;
}

test("compiledPath is where Python looks", () => {
  expect(compiledPath("a/b.py", "cpython-311")).toBe("a/__pycache__/b.cpython-311.pyc");
  expect(compiledPath("b.py", "cpython-311")).toBe("__pycache__/b.cpython-311.pyc");
});

test("a cache tag that would lead elsewhere is refused", () => {
  for (const tag of ["../x", "", "a/b", "a b"]) expect(() => store.bytecode(wheel, tag)).toThrow("not a cache tag");
});

withPython(`compiling${why}`, () => {
  test("gives every module bytecode that Python takes, without running one", async () => {
    expect(store.bytecode(wheel, cacheTag)).toEqual([]);
    const gained = await store.compileBytecode([wheel], executable, cacheTag, { processes: 2 });
    expect(gained.modules).toBe(6);
    expect(existsSync(marker())).toBe(false);
    const list = store.bytecode(wheel, cacheTag);
    expect(list.map(({ path }) => path)).toEqual(
      [
        "__pycache__/top",
        "pkg/__pycache__/__init__",
        "pkg/__pycache__/a",
        "pkg/__pycache__/runs",
        "pkg/sub/__pycache__/__init__",
        "pkg/sub/__pycache__/b",
      ].map((path) => `${path}.${cacheTag}.pyc`),
    );
    const sitePackages = linked();
    const inodes = () => list.map(({ path }) => statSync(join(sitePackages, path)).ino);
    const before = inodes();
    const log = run(
      sitePackages,
      "import pkg, pkg.sub.b, top\nassert pkg.a.where.startswith(sys.path[0])\nassert pkg.a.__dict__['__cached__'].startswith(sys.path[0])",
    );
    expect(log).toContain(`matches ${join(sitePackages, "pkg/a.py")}`);
    expect(log).not.toContain(`wrote '${sitePackages}`);
    expect(inodes()).toEqual(before);
    expect((await store.compileBytecode([wheel], executable, cacheTag)).modules).toBe(0);
    expect(await store.check([wheel])).toEqual([[]]);
    for await (const problem of store.verify()) throw new Error(problem.path);
  });

  test("who asks at the same time waits, and compiles nothing again", async () => {
    const both = await Promise.all([1, 2].map(() => store.compileBytecode([wheel], executable, cacheTag)));
    expect(both.map(({ modules }) => modules)).toEqual([6, 0]);
  });

  test("an interpreter that fails leaves the wheel as it was", async () => {
    for (const program of ["/bin/false", "/bin/true"])
      expect(await store.compileBytecode([wheel], program, cacheTag)).toEqual({ modules: 0 });
    expect(store.bytecode(wheel, cacheTag)).toEqual([]);
    expect(await store.check([wheel])).toEqual([[]]);
  });

  test("an interpreter of another kind compiles nothing", async () => {
    expect(await store.compileBytecode([wheel], executable, "cpython-399")).toEqual({ modules: 0 });
    expect(store.bytecode(wheel, "cpython-399")).toEqual([]);
  });

  test("damaged bytecode is not handed out, and compiled again", async () => {
    await store.compileBytecode([wheel], executable, cacheTag);
    const [one] = store.bytecode(wheel, cacheTag);
    const file = join(wheel.folder, one!.source);
    chmodSync(file, 0o644);
    writeFileSync(file, "rubbish");
    expect(store.bytecode(wheel, cacheTag).map(({ path }) => path)).not.toContain(one!.path);
    await store.compileBytecode([wheel], executable, cacheTag);
    expect(store.bytecode(wheel, cacheTag).map(({ path }) => path)).toContain(one!.path);
    expect(readFileSync(file, "utf8")).not.toBe("rubbish");
  });

  test("folders of the store are read-only again", async () => {
    await store.compileBytecode([wheel], executable, cacheTag);
    for (const folder of ["tree", "tree/pkg", "tree/pkg/__pycache__"])
      expect(statSync(join(wheel.folder, folder)).mode & 0o777).toBe(0o555);
  });
});

withPython(`harvesting${why}`, () => {
  test("takes what Python compiled in an earlier environment, and the next one has it", () => {
    const sitePackages = linked();
    store.recordUse(sitePackages, [wheel]);
    expect(store.harvestBytecode(wheel, cacheTag)).toEqual({ modules: 0 });
    run(sitePackages, "import pkg");
    const later = openStore({ host: readHost(), cacheFolder: join(scratch, `cache-${count}`), emit: silent });
    expect(later.harvestBytecode(wheel, cacheTag)).toEqual({ modules: 2 });
    expect(later.harvestBytecode(wheel, cacheTag)).toEqual({ modules: 0 });
    expect(later.bytecode(wheel, cacheTag).map(({ path }) => path)).toEqual(
      ["__init__", "a"].map((name) => `pkg/__pycache__/${name}.${cacheTag}.pyc`),
    );
    expect(run(linked(), "import pkg")).toContain("matches ");
    run(sitePackages, "import pkg.sub.b");
    expect(store.harvestBytecode(wheel, cacheTag, sitePackages)).toEqual({ modules: 2 });
  });

  test("does not take bytecode of a changed source, of another magic number, or rubbish", async () => {
    await store.compileBytecode([wheel], executable, cacheTag);
    const fresh = openStore({ host: readHost(), cacheFolder: join(scratch, `cache-${count}`), emit: silent });
    const sitePackages = linked();
    const cached = join(sitePackages, `pkg/__pycache__/a.${cacheTag}.pyc`);
    const good = readFileSync(cached);
    // Forget what was compiled, but for the magic number.
    for (const name of readdirSync(wheel.folder).filter((name) => name.startsWith("pyc-"))) rmSync(join(wheel.folder, name));
    chmodSync(join(wheel.folder, "tree/pkg/__pycache__"), 0o755);
    rmSync(join(wheel.folder, `tree/pkg/__pycache__/a.${cacheTag}.pyc`));
    for (const at of [0, 4, 8, 12]) {
      const bad = Buffer.from(good);
      bad[at] = (bad[at] ?? 0) ^ 1;
      rmSync(cached);
      writeFileSync(cached, bad);
      fresh.harvestBytecode(wheel, cacheTag, sitePackages);
      expect(fresh.bytecode(wheel, cacheTag).map(({ path }) => path)).not.toContain(`pkg/__pycache__/a.${cacheTag}.pyc`);
    }
    rmSync(cached);
    writeFileSync(cached, good);
    expect(fresh.harvestBytecode(wheel, cacheTag, sitePackages)).toEqual({ modules: 1 });
  });
});
