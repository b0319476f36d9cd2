import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { isPenError } from "#foundation";
import { formatPipfileLock, selectPackages } from "#lock";
import { openLockWorld, type LockWorld } from "../../../tests/support/lock-world.ts";
import { buildSource } from "../../../tests/support/sources.ts";
import { projects, python } from "../../../tests/support/world.ts";
import { lockPyproject } from "./pylock-pyproject.ts";
import { exportPylock, readPylock, validatePylock } from "./pylock.ts";

const files = projects(
  { name: "app", version: "1.0", requires: ["low", "winpart; sys_platform == 'win32'"] },
  { name: "low", version: "1.0" },
  { name: "low", version: "2.0" },
  { name: "low", version: "2.0", tag: "cp39-cp39-win_amd64" },
  { name: "winpart", version: "1.0" },
  { name: "tool", version: "1.0", requires: ["low"] },
);
const source = buildSource({ name: "low", version: "2.0" });

describe.skipIf(python === undefined)("pylock.toml", () => {
  let world: LockWorld;
  beforeAll(async () => {
    world = await openLockWorld({ projects: { ...files, low: [...(files["low"] ?? []), source] } });
  });
  afterAll(() => world?.close());

  const common = () => ({ host: world.host });

  test("a Pipfile.lock as pylock.toml names every file, and gives the same packages again", async () => {
    const project = world.project(
      '[packages]\napp = "*"\nown = {path = "./own", editable = true}\n\n[dev-packages]\ntool = "*"\n\n[docs]\nwinpart = "*"\n',
      { "own/pyproject.toml": '[project]\nname = "own"\nversion = "1"\n' },
    );
    await world.lock(project);
    const lock = project.readLock()!;
    const { path, text } = await exportPylock({ ...common(), project, lock });
    expect(path).toBe(join(project.root, "pylock.toml"));
    writeFileSync(path, text);
    const read = validatePylock(path);
    expect(read.dependencyGroups?.map(String)).toEqual(["dev", "docs"]);
    expect(read.packages.find(({ name }) => name === "low")?.files.map(({ filename }) => filename)).toEqual([
      "low-2.0-cp39-cp39-win_amd64.whl",
      "low-2.0-py3-none-any.whl",
      "low-2.0.tar.gz",
    ]);
    const here = world.interpreter.markers;
    const names = (groups: string[]) => selectPackages(read, here, { groups: new Set(groups) }).map(({ name }) => String(name));
    expect(names([])).toEqual(["app", "low", "own"]);
    expect(names(["dev"])).toEqual(["app", "low", "own", "tool"]);
    expect(names(["docs"])).toEqual(["app", "low", "own", "winpart"]);
    const back = readPylock(project, here)!;
    const shape = (of: typeof back, category: string) =>
      Object.fromEntries(
        (of.categories.get(category) ?? []).map(({ name, version, hashes, marker }) => [name, { version, hashes, marker }]),
      );
    expect(shape(back, "default")).toEqual(shape(lock, "default"));
    expect(Object.keys(shape(back, "develop"))).toEqual(["tool"]);
    expect(Object.keys(shape(back, "docs"))).toEqual(["winpart"]);
    expect(back.categories.get("default")?.find(({ name }) => name === "own")).toMatchObject({ editable: true, raw: { path: "./own" } });
    expect(formatPipfileLock(back)).toContain('"pipfile-spec": 6');
  });

  test("use_pylock writes it beside the lock; pylock_name names it", async () => {
    const project = world.project('[packages]\nlow = "*"\n\n[pipenv]\nuse_pylock = true\npylock_name = "prod"\n');
    const report = await world.lock(project);
    const path = join(project.root, "pylock.prod.toml");
    expect(report.pylock?.path).toBe(path);
    expect(readFileSync(path, "utf8")).toBe(report.pylock!.text);
    expect(validatePylock(path).packages.map(({ name }) => String(name))).toEqual(["low"]);
    const plain = world.project('[packages]\nlow = "*"\n');
    expect((await world.lock(plain)).pylock).toBeUndefined();
    expect(existsSync(join(plain.root, "pylock.toml"))).toBe(false);
  });

  test("two versions in two categories stay apart: the group's is taken when the group is", async () => {
    const project = world.project('[packages]\nlow = "<2"\n\n[dev-packages]\nlow = "*"\n\n[pipenv]\nuse_default_constraints = false\n');
    await world.lock(project);
    const { path, text } = await exportPylock({ ...common(), project, lock: project.readLock()!, groups: ["test", "lint"] });
    writeFileSync(path, text);
    const read = validatePylock(path);
    const version = (groups: string[]) => selectPackages(read, world.interpreter.markers, { groups: new Set(groups) })[0]?.version;
    expect([version([]), version(["test"]), version(["lint"])]).toEqual(["1.0", "2.0", "2.0"]);
  });

  test("a hash that no file on the index has is an error", async () => {
    const project = world.project('[packages]\nlow = "*"\n');
    await world.lock(project);
    writeFileSync(project.lockPath, readFileSync(project.lockPath, "utf8").replace(/sha256:[0-9a-f]{64}/g, `sha256:${"0".repeat(64)}`));
    const error = await exportPylock({ ...common(), project, lock: project.readLock()! }).catch((thrown: unknown) => thrown);
    expect(isPenError(error, "INVALID_LOCK") && error.message).toContain("low 2.0");
  });

  test("a pyproject.toml is solved: dependencies, extras and groups", async () => {
    const project = world.project("[packages]\n", {
      "pyproject.toml": `[project]
name = "mine"
version = "1"
requires-python = ">=3.8"
dependencies = ["app"]
[project.optional-dependencies]
Fast = ["low<2"]
[dependency-groups]
dev = ["tool", {include-group = "more"}]
more = ["winpart; sys_platform == 'win32'"]
`,
    });
    const pyproject = join(dirname(project.lockPath), "pyproject.toml");
    const indexes = { indexUrl: world.index.indexUrl };
    const failing = await lockPyproject({ ...common(), pyproject, interpreter: world.interpreter, indexes }).catch(
      (thrown: unknown) => thrown,
    );
    // app brings low 2.0, and the extra asks for an older one.
    expect(isPenError(failing, "RESOLUTION_CONFLICT")).toBe(true);
    writeFileSync(pyproject, readFileSync(pyproject, "utf8").replace("low<2", "low"));
    const { path, text } = await lockPyproject({ ...common(), pyproject, interpreter: world.interpreter, indexes });
    writeFileSync(path, text);
    const read = validatePylock(path);
    expect(text).toContain('requires-python = ">=3.8"');
    expect(read.extras?.map(String)).toEqual(["fast"]);
    expect(read.dependencyGroups?.map(String)).toEqual(["dev", "more"]);
    expect(selectPackages(read, world.interpreter.markers).map(({ name }) => String(name))).toEqual(["app", "low"]);
    // The same in poetry's words.
    writeFileSync(
      pyproject,
      `[tool.poetry]
name = "mine"
version = "1"
[tool.poetry.dependencies]
python = ">=3.8"
app = "*"
low = { version = "*", optional = true }
[tool.poetry.extras]
Fast = ["low"]
[tool.poetry.group.dev.dependencies]
tool = "*"
winpart = { version = "*", platform = "win32" }
[tool.poetry.group.more.dependencies]
winpart = { version = "*", platform = "win32" }
`,
    );
    const again = await lockPyproject({ ...common(), pyproject, interpreter: world.interpreter, indexes });
    expect(again.text).toBe(text);
    writeFileSync(pyproject, '[project]\nname = "mine"\ndynamic = ["dependencies"]\n');
    const dynamic = await lockPyproject({ ...common(), pyproject, interpreter: world.interpreter, indexes }).catch(
      (thrown: unknown) => thrown,
    );
    expect(isPenError(dynamic, "INVALID_PROJECT")).toBe(true);
  });
});
