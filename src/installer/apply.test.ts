import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { spawnSync } from "node:child_process";
import {
  basePython,
  install,
  makeVenv,
  plainTarget,
  python,
  recorder,
  run,
  scratch,
  snapshot,
  type Scratch,
} from "../../tests/support/install-targets.ts";
import { storeSample } from "../../tests/support/stored-wheels.ts";
import { lockEnvironment, readInstalled, type InstallTarget, type LinkMode } from "./index.ts";

const hasPython = basePython() !== undefined;
let place: Scratch;
let empty: InstallTarget;
let target: InstallTarget;
let store: string;
let round = 0;
beforeAll(() => {
  place = scratch();
  if (hasPython) empty = makeVenv(join(place.path, "empty"));
});
afterAll(() => place.remove());

/** Environments are copies of one: making them is the slow part. */
beforeEach(() => {
  const root = join(place.path, `env ${(round += 1)}`);
  store = join(place.path, `store ${round}`);
  mkdirSync(store);
  target = plainTarget(root);
  if (!hasPython) return;
  spawnSync("cp", ["-a", empty.root, root]);
  target = JSON.parse(JSON.stringify(empty).replaceAll(empty.root, root)) as InstallTarget;
});

/** What importlib.metadata says of every file of every distribution: missing files, by name; "none" for one without RECORD. */
const audit = `
import importlib.metadata as m, json
answer = {}
for d in m.distributions():
    files = d.files
    answer[d.metadata['Name']] = 'none' if files is None else [str(f) for f in files if not f.locate().exists()]
print(json.dumps(answer))`;

const first = () =>
  storeSample(store, {
    name: "Sample.Pkg",
    version: "1.0",
    files: {
      "sample/__init__.py": "version = 1\ndef main(): print('hello', version)\n",
      "sample/data/table.txt": "t",
      "space_ns/one.py": "x = 1\n",
      "single.py": "y = 2\n",
      "zz_sample.pth": "import sys; sys.sample_pth = True\n",
    },
    commands: { "sample-cmd": "sample:main" },
    data: { "data/share/sample/x.txt": "x", "headers/sample.h": "h", "scripts/raw-script": "#!/bin/sh\necho raw\n" },
  });
const second = () =>
  storeSample(store, {
    name: "second",
    version: "1.0",
    files: { "space_ns/two.py": "x = 2\n", "second/__init__.py": "" },
    data: { "data/share/second.txt": "x" },
  });

describe.if(hasPython)("in a real environment (needs python3 with venv)", () => {
  for (const linkMode of ["auto", "clone", "hardlink", "copy", "symlink"] as const) {
    test(`${linkMode}: install, import, run, upgrade, uninstall`, async () => {
      const untouched = snapshot(target.root);
      const { events, emit } = recorder();
      const report = await install(target, [{ wheel: first(), requested: true }, second()], { linkMode, emit });
      expect(report.changes.map(({ name }) => name)).toEqual(["sample-pkg", "second"]);
      expect(events.filter(({ type }) => type === "change").length).toBe(2);
      const seen = python(
        target.root,
        "import sample, single, second, space_ns.one, space_ns.two, sys, json\nprint(json.dumps([sample.version, space_ns.one.x, space_ns.two.x, sys.sample_pth, sample.__file__]))",
      );
      expect((JSON.parse(seen) as unknown[]).slice(0, 4)).toEqual([1, 1, 2, true]);
      expect(JSON.parse(seen)[4]).toStartWith(target.root);
      expect(run(`${target.root}/bin/sample-cmd`, []).output).toBe("hello 1\n");
      expect(run(`${target.root}/bin/raw-script`, []).output).toBe("raw\n");
      expect(readFileSync(`${target.root}/share/sample/x.txt`, "utf8")).toBe("x");
      expect(readFileSync(`${target.paths.include}/sample-pkg/sample.h`, "utf8")).toBe("h");
      expect(JSON.parse(python(target.root, audit))).toEqual(
        linkMode === "symlink" ? { "Sample.Pkg": "none", second: "none" } : { "Sample.Pkg": [], second: [] },
      );
      expect(readInstalled(target).map((found) => [found.requested(), found.installer(), found.record()?.length])).toEqual([
        [true, "pen", expect.any(Number)],
        [false, "pen", expect.any(Number)],
      ]);

      const newer = storeSample(store, {
        name: "sample-pkg",
        version: "2.0",
        files: { "sample/__init__.py": "version = 2\n", "space_ns/one.py": "x = 3\n" },
      });
      const upgrade = await install(target, [newer], { linkMode });
      expect(upgrade.changes).toEqual([{ action: "upgrade", name: "sample-pkg", version: "2.0", previous: "1.0" }]);
      expect(
        python(target.root, "import sample, space_ns.one, space_ns.two; print(sample.version, space_ns.one.x, space_ns.two.x)").trim(),
      ).toBe("2 3 2");
      expect(existsSync(`${target.root}/bin/sample-cmd`)).toBe(false);
      expect(existsSync(`${target.root}/share/sample`)).toBe(false);
      expect(existsSync(target.paths.include + "/sample-pkg")).toBe(false);

      const down = await install(target, [first()], { linkMode });
      expect(down.changes[0]?.action).toBe("downgrade");
      expect(run(`${target.root}/bin/sample-cmd`, []).output).toBe("hello 1\n");

      await install(target, [], { remove: ["second" as never] });
      expect(python(target.root, "import space_ns.one; print(space_ns.one.x)").trim()).toBe("1");
      await install(target, [], { exact: true });
      expect(Object.keys(snapshot(target.root)).filter((path) => !path.startsWith("include"))).toEqual(
        Object.keys(untouched).filter((path) => !path.startsWith("include")),
      );
    });
  }

  test("symlink: one link per top-level entry, none in site-packages, and shared folders are real", async () => {
    await install(target, [first()], { linkMode: "symlink" });
    const linked = join(target.paths.purelib, "../linked-packages");
    expect(lstatSync(join(linked, "space_ns")).isSymbolicLink()).toBe(true);
    await install(target, [second()], { linkMode: "symlink" });
    expect(lstatSync(join(linked, "space_ns")).isDirectory()).toBe(true);
    expect(readdirSync(join(linked, "space_ns")).sort()).toEqual(["one.py", "two.py"]);
    expect(lstatSync(join(linked, "sample")).isSymbolicLink()).toBe(true);
    expect(readdirSync(target.paths.purelib, { withFileTypes: true }).filter((entry) => entry.isSymbolicLink())).toEqual([]);
    expect(readdirSync(target.paths.purelib).sort()).toEqual(["00_linked_packages.pth", "zz_sample.pth"]);
  });

  test("modes mix: a wheel that shares a name with linked packages joins them, and the other way round", async () => {
    await install(target, [first()], { linkMode: "symlink" });
    await install(target, [second()], { linkMode: "hardlink" });
    expect(python(target.root, "import space_ns.one, space_ns.two; print('ok')").trim()).toBe("ok");
    await install(target, [], { exact: true });
    await install(target, [second()], { linkMode: "hardlink" });
    await install(target, [first()], { linkMode: "symlink" });
    expect(python(target.root, "import space_ns.one, space_ns.two, sample; print('ok')").trim()).toBe("ok");
    await install(target, [storeSample(store, { name: "sample.pkg", version: "3.0", files: { "sample/__init__.py": "version = 3\n" } })], {
      linkMode: "hardlink",
    });
    expect(python(target.root, "import sample; print(sample.version)").trim()).toBe("3");
    await install(target, [], { exact: true });
    expect(readdirSync(target.paths.purelib)).toEqual([]);
  });

  test("symlink: a package whose store entry was pruned is installed again", async () => {
    const wheel = second();
    await install(target, [wheel], { linkMode: "symlink" });
    rmSync(store, { recursive: true, force: true });
    store = `${store} again`;
    const report = await install(target, [second()], { linkMode: "symlink" });
    expect(report.changes.map(({ action }) => action)).toEqual(["reinstall"]);
    expect(python(target.root, "import second; print('ok')").trim()).toBe("ok");
  });

  test("bytecode of the store is used by Python, and goes with its module", async () => {
    const wheel = first();
    const source = join(wheel.folder, "lib/sample/__init__.py");
    const pyc = join(wheel.folder, "init.pyc");
    run(`${target.root}/bin/python`, [
      "-I",
      "-c",
      `import py_compile; py_compile.compile(${JSON.stringify(source)}, ${JSON.stringify(pyc)})`,
    ]);
    const name = `sample/__pycache__/__init__.${target.cacheTag}.pyc`;
    for (const linkMode of ["hardlink", "copy"] as const) {
      await install(target, [{ wheel, requested: false, reinstall: true }], {
        linkMode,
        bytecode: () => [{ path: name, source: "init.pyc" }],
      });
      const used = run(`${target.root}/bin/python`, ["-v", "-c", "import sample"]).output;
      expect(used).toContain(`${name} matches`);
      expect(used).not.toContain(`wrote '${target.paths.purelib}/${name}'`);
    }
    await install(target, [], { exact: true });
    expect(existsSync(`${target.paths.purelib}/sample`)).toBe(false);
  });
});

describe("what is written", () => {
  test("direct_url.json and REQUESTED stand in RECORD with their hashes, without credentials", async () => {
    const directUrl = { url: "https://user:secret@example.org/second.whl", info: { kind: "archive", hashes: { sha256: "00" } } } as const;
    for (const linkMode of ["hardlink", "symlink"] as const) {
      await install(target, [{ wheel: second(), requested: true, directUrl, reinstall: true }], { linkMode });
      const [found] = readInstalled(target);
      expect(found?.directUrl()?.url).toBe("https://example.org/second.whl");
      expect(found?.requested()).toBe(true);
      if (linkMode === "hardlink")
        expect(
          found
            ?.record()
            ?.map(({ path }) => path)
            .filter((path) => /REQUESTED|direct_url/.test(path)).length,
        ).toBe(2);
      else expect(existsSync(`${found?.path}/RECORD`)).toBe(false);
    }
  });

  test("--target: everything below one folder, RECORD says where", async () => {
    const root = join(place.path, `target-${round}`);
    const folder: InstallTarget = {
      root,
      pythonVersion: "3.12.1",
      paths: { purelib: root, platlib: root, scripts: `${root}/bin`, data: root, include: `${root}/include` },
    };
    for (const linkMode of ["hardlink", "symlink"] as const) {
      const { events, emit } = recorder();
      await install(folder, [{ wheel: first(), requested: false, reinstall: true }], { linkMode, emit });
      expect(events.some((event) => event.type === "log" && event.code === "link-mode")).toBe(linkMode === "symlink");
      for (const { path } of readInstalled(folder)[0]?.record() ?? []) expect(existsSync(join(root, path))).toBe(true);
      expect(
        readInstalled(folder)[0]
          ?.record()
          ?.map(({ path }) => path),
      ).toContain("bin/sample-cmd");
    }
    await install(folder, [], { exact: true });
    expect(readdirSync(root)).toEqual([".pen"]);
  });

  test("--prefix: platlib apart from purelib", async () => {
    const root = join(place.path, `prefix-${round}`);
    const lib = (name: string) => `${root}/${name}/python3.12/site-packages`;
    const prefix: InstallTarget = {
      root,
      pythonVersion: "3.12.1",
      paths: { purelib: lib("lib"), platlib: lib("lib64"), scripts: `${root}/bin`, data: root, include: `${root}/include` },
    };
    const native = storeSample(store, { name: "native", version: "1", files: { "native.so": "x" }, purelib: false });
    await install(prefix, [first(), native]);
    expect(existsSync(`${lib("lib64")}/native.so`)).toBe(true);
    expect(readInstalled(prefix).map(({ name }) => String(name))).toEqual(["native", "sample-pkg"]);
    await install(prefix, [], { exact: true });
    expect(readInstalled(prefix)).toEqual([]);
  });

  test("lib64 as a link to lib is one folder", async () => {
    const { root } = target;
    mkdirSync(`${root}/lib/python3.12/site-packages`, { recursive: true });
    rmSync(`${root}/lib64`, { force: true });
    symlinkSync("lib", `${root}/lib64`);
    const both: InstallTarget = {
      ...target,
      paths: { ...target.paths, purelib: `${root}/lib/python3.12/site-packages`, platlib: `${root}/lib64/python3.12/site-packages` },
    };
    await install(both, [
      second(),
      storeSample(store, { name: "native", version: "1", files: { "space_ns/native.so": "x" }, purelib: false }),
    ]);
    expect(readInstalled(both).length).toBe(2);
    await install(both, [], { exact: true });
    expect(readInstalled(both)).toEqual([]);
  });

  test("files on another file system are copied, and that is said", async () => {
    const other = "/dev/shm";
    if (!existsSync(other) || statSync(other).dev === statSync(place.path).dev) return; // This machine has one file system only.
    const root = join(other, `pen-installer-${process.pid}`);
    try {
      for (const [linkMode, said] of [
        ["auto", true],
        ["hardlink", true],
        ["copy", false],
      ] as const satisfies ReadonlyArray<readonly [LinkMode, boolean]>) {
        rmSync(root, { recursive: true, force: true });
        const { events, emit } = recorder();
        // The largest is begun with, and is not the first of which the rest is made one by one.
        const names = Array.from({ length: 40 }, (_, at) => [`zz_large/${at}.py`, ""]);
        const large = storeSample(store, { name: "zz-large", version: "1.0", files: Object.fromEntries(names) });
        const report = await install(plainTarget(root), [second(), first(), large], { linkMode, emit });
        expect(report.linkMode).toBe("copy");
        expect(existsSync(`${plainTarget(root).paths.purelib}/zz_large/39.py`)).toBe(true);
        expect(events.some((event) => event.type === "log" && event.code === "link-mode")).toBe(said);
        expect(statSync(`${plainTarget(root).paths.purelib}/sample/__init__.py`).mode & 0o777).toBe(0o644);
        expect(statSync(`${root}/bin/sample-cmd`).mode & 0o777).toBe(0o755);
      }
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  });

  test("Windows: no launchers that would do nothing", async () => {
    const windows: InstallTarget = { ...target, paths: { ...target.paths, scripts: `${target.root}/Scripts` } };
    await expect(install(windows, [first()])).rejects.toMatchObject({ code: "TARGET_UNSUPPORTED" });
    expect((await install(windows, [second()])).changes.length).toBe(1);
  });

  test("a second command waits for the first and says for whom", async () => {
    const { events, emit } = recorder();
    const held = await lockEnvironment(target, () => {});
    const waiting = lockEnvironment(target, emit);
    await new Promise((resolve) => setTimeout(resolve, 1200));
    expect(events).toEqual([{ type: "waiting", resource: `the environment ${target.root}`, pid: process.pid }]);
    held.release();
    (await waiting).release();
  });
});
