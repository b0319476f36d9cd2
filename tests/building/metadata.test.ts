/** What a source says for good is read without running anything of it; what it does not, its backend is asked, and for no more than that. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildSource, projectFiles, writeProject } from "../support/sources.ts";
import { openWorld, projects, python, type World } from "../support/world.ts";

/** Notes every hook that is called, and its import, in the file MARKS. */
const marking = `
def _mark(word):
    with open(os.environ["MARKS"], "a") as file:
        file.write(word + "\\n")
_mark("import")
def _marked(name, hook):
    def call(*arguments, **more):
        _mark(name)
        return hook(*arguments, **more)
    return call
for _name in ("build_wheel", "build_editable", "prepare_metadata_for_build_wheel", "prepare_metadata_for_build_editable"):
    globals()[_name] = _marked(_name, globals()[_name])
def get_requires_for_build_wheel(config_settings=None):
    _mark("get_requires_for_build_wheel")
    return []
`;
const info = (version: string, ...more: string[]): string =>
  [`Metadata-Version: ${version}`, "Name: NAME", "Version: 1.0", "Requires-Dist: greeting", ...more, "", ""].join("\n");
const table = (...lines: string[]): string =>
  ['[build-system]\nrequires = []\nbuild-backend = "own_backend"\nbackend-path = ["."]', "[project]", 'name = "NAME"', ...lines, ""].join(
    "\n",
  );
const dependencies = 'dependencies = ["greeting"]';

interface Form {
  readonly files: Readonly<Record<string, string>>;
  /** True when nothing needs to run. */
  readonly isStatic: boolean;
}

const forms: Readonly<Record<string, Form>> = {
  "PKG-INFO of metadata 2.2": { files: { "PKG-INFO": info("2.2") }, isStatic: true },
  "PKG-INFO of metadata 2.4 with dynamic fields that do not matter": {
    files: { "PKG-INFO": info("2.4", "Dynamic: License-File", "Dynamic: Summary") },
    isStatic: true,
  },
  "PKG-INFO of metadata 2.2 with dynamic needs": { files: { "PKG-INFO": info("2.2", "Dynamic: requires-dist") }, isStatic: false },
  "PKG-INFO of metadata 2.2 with a dynamic version": { files: { "PKG-INFO": info("2.2", "Dynamic: Version") }, isStatic: false },
  "PKG-INFO of metadata 2.1": { files: { "PKG-INFO": info("2.1") }, isStatic: false },
  "PKG-INFO that is broken": { files: { "PKG-INFO": "no metadata\n" }, isStatic: false },
  "[project] with everything": { files: { "pyproject.toml": table('version = "1.0"', dependencies) }, isStatic: true },
  "[project] with other things dynamic": {
    files: { "pyproject.toml": table('version = "1.0"', dependencies, 'dynamic = ["readme", "classifiers"]') },
    isStatic: true,
  },
  "[project] with a dynamic version": { files: { "pyproject.toml": table(dependencies, 'dynamic = ["version"]') }, isStatic: false },
  "[project] with dynamic dependencies": {
    files: { "pyproject.toml": table('version = "1.0"', 'dynamic = ["dependencies"]') },
    isStatic: false,
  },
  "[project] with dynamic extras": {
    files: { "pyproject.toml": table('version = "1.0"', dependencies, 'dynamic = ["optional-dependencies"]') },
    isStatic: false,
  },
  "[project] without a version": { files: { "pyproject.toml": table(dependencies) }, isStatic: false },
  "[project] with a dynamic version, and PKG-INFO of metadata 2.2": {
    files: { "PKG-INFO": info("2.2"), "pyproject.toml": table(dependencies, 'dynamic = ["version"]') },
    isStatic: true,
  },
  "nothing but [build-system]": { files: {}, isStatic: false },
};
const named = Object.entries(forms).map(([what, form], at) => [what, form, `form${at}`] as const);

describe.if(python !== undefined)("metadata of a source", () => {
  let world: World;
  let environment = "";
  const marks = (): string[] => {
    const path = join(world.folder, "marks");
    const found = existsSync(path) ? readFileSync(path, "utf8").trim().split("\n") : [];
    rmSync(path, { force: true });
    return found;
  };
  const pen = (...args: string[]) =>
    world.pen(["pip", ...args], { environment, env: { MARKS: join(world.folder, "marks"), PEN_ALLOW_BUILDS: "1" } });

  beforeAll(async () => {
    world = await openWorld({
      projects: projects({ name: "greeting", version: "1.0" }, { name: "toolkit", version: "1.0" }, { name: "toolkit", version: "2.0" }),
    });
    environment = world.bareEnvironment("environment");
    for (const [, { files }, name] of named) {
      const own = Object.fromEntries(Object.entries(files).map(([path, text]) => [path, text.replace("NAME", name)]));
      const options = { name, version: "1.0", requires: ["greeting"], backend: marking, files: own };
      const { filename, bytes } = buildSource(options);
      world.index.setProject(name, [{ filename, bytes }]);
      writeProject(join(world.work, "folders", name), projectFiles(options));
    }
  });
  afterAll(() => world.close());

  const asked = ["import", "get_requires_for_build_wheel", "prepare_metadata_for_build_wheel"];

  test.each(named)("from %s: resolving runs nothing that need not run, and building comes after", async (_what, { isStatic }, name) => {
    writeFileSync(join(world.work, `${name}.in`), `${name}\n`);
    const compiled = await pen("compile", "--no-header", "--no-annotate", `${name}.in`);
    expect(compiled).toMatchObject({ status: 0, stdout: `${name}==1.0\ngreeting==1.0\n`.split("\n").sort().slice(1).join("\n") + "\n" });
    expect(marks()).toEqual(isStatic ? [] : asked);
    // What was found out is kept.
    await pen("compile", "--no-header", "--refresh", `${name}.in`);
    expect(marks()).toEqual([]);
    expect(await pen("install", "--dry-run", name)).toMatchObject({ status: 0 });
    expect(marks()).toEqual([]);
    expect(await pen("install", name)).toMatchObject({ status: 0 });
    expect(marks().filter((mark) => mark !== "import" && mark !== "get_requires_for_build_wheel")).toEqual(["build_wheel"]);
    expect(await pen("install", "--force-reinstall", name)).toMatchObject({ status: 0 });
    expect(marks()).toEqual([]);
  });

  test.each(named)("from %s, of a folder", async (_what, { isStatic }, name) => {
    const compiled = await pen("install", "--dry-run", `./folders/${name}`);
    expect(compiled).toMatchObject({ status: 0 });
    expect(marks()).toEqual(isStatic ? [] : asked);
  });

  test("download fetches the source, and does not build it", async () => {
    const [[, , fixed], [, , changing]] = [named[0]!, named[2]!];
    expect(await pen("download", "--no-cache-dir", "-d", "fetched", fixed)).toMatchObject({ status: 0 });
    expect(marks()).toEqual([]);
    expect(await pen("download", "--no-cache-dir", "-d", "fetched", changing)).toMatchObject({ status: 0 });
    expect(marks()).toEqual(asked);
    for (const name of [fixed, changing]) expect(existsSync(join(world.work, "fetched", `${name}-1.0.tar.gz`))).toBe(true);
  });

  test("a backend without a hook for metadata has its wheel built, once", async () => {
    const backend = `${marking}\ndel prepare_metadata_for_build_wheel\n`;
    const { filename, bytes } = buildSource({ name: "hookless", version: "1.0", requires: ["greeting"], backend });
    world.index.setProject("hookless", [{ filename, bytes }]);
    expect(await pen("install", "hookless")).toMatchObject({ status: 0 });
    expect(marks().filter((mark) => mark !== "import")).toEqual(["get_requires_for_build_wheel", "build_wheel"]);
  });

  test("of a folder in development mode the hooks for that are asked", async () => {
    const [, , name] = named[8]!;
    expect(await pen("install", "-e", `./folders/${name}`)).toMatchObject({ status: 0 });
    expect(marks().filter((mark) => !mark.startsWith("get_") && mark !== "import")).toEqual([
      "prepare_metadata_for_build_editable",
      "build_editable",
    ]);
  });
});

/** A backend that writes the settings of each hook, and what it finds installed, into its module. */
const telling = `
import importlib.metadata
SEEN = {}
def get_requires_for_build_wheel(config_settings=None):
    return ["toolkit"]
def build_wheel(d, config_settings=None, metadata_directory=None):
    try:
        version = importlib.metadata.version("toolkit")
    except importlib.metadata.PackageNotFoundError:
        version = "absent"
    return _build(d, [(NAME.replace("-", "_") + ".py", repr((config_settings, version)))], None)
`;

describe.if(python !== undefined)("what decides a build", () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld({ projects: projects({ name: "toolkit", version: "1.0" }, { name: "toolkit", version: "2.0" }) });
    for (const name of ["telling", "other"]) {
      const { filename, bytes } = buildSource({ name, version: "1.0", backend: telling });
      world.index.setProject(name, [{ filename, bytes }]);
    }
    const needing = buildSource({
      name: "needing",
      version: "1.0",
      buildRequires: ["other"],
      backend:
        "import other\ndef build_wheel(d, config_settings=None, metadata_directory=None):\n    return _build(d, [('needing.py', open(other.__file__).read())], None)\n",
    });
    world.index.setProject("needing", [needing]);
  });
  afterAll(() => world.close());

  /** What the modules of these projects say after they were built. */
  const built = async (name: string, names: readonly string[], ...options: string[]): Promise<string[]> => {
    const folder = join(world.work, name);
    const { status, stderr } = await world.pen(["pip", "install", "--allow-builds", "--target", folder, ...options, ...names], {
      environment: existsSync(join(world.work, "base")) ? join(world.work, "base") : world.bareEnvironment("base"),
    });
    if (status !== 0) throw new Error(stderr);
    return names.map((one) => readFileSync(join(folder, `${one}.py`), "utf8"));
  };

  test("settings for all, for one project, and for one line: what is said more closely weighs more", async () => {
    const all = ["-C", "a=1", "--config-setting", "b=2"];
    expect(await built("all", ["telling", "other"], ...all)).toEqual(["({'a': '1', 'b': '2'}, '2.0')", "({'a': '1', 'b': '2'}, '2.0')"]);
    const single = [
      ...all,
      "--config-settings-package",
      "Other:a=3",
      "--config-settings-package",
      "other:c=4",
      "--config-settings-package",
      "other:c=5",
    ];
    expect(await built("single", ["telling", "other"], ...single)).toEqual([
      "({'a': '1', 'b': '2'}, '2.0')",
      "({'a': '3', 'b': '2', 'c': ['4', '5']}, '2.0')",
    ]);
    writeFileSync(join(world.work, "lines.txt"), 'other --config-settings="a=6" --config-settings "d=7 8"\n');
    const folder = await built("lines", ["telling"], ...single, "-r", "lines.txt");
    expect(folder).toEqual(["({'a': '1', 'b': '2'}, '2.0')"]);
    expect(readFileSync(join(world.work, "lines", "other.py"), "utf8")).toBe("({'a': '6', 'b': '2', 'c': ['4', '5'], 'd': '7 8'}, '2.0')");
  });

  test("what a build needs gets only the settings that are given by its name", async () => {
    expect(await built("inner", ["needing"], "-C", "a=1")).toEqual(["(None, '2.0')"]);
    expect(await built("inner-named", ["needing"], "-C", "a=1", "--config-settings-package", "other:b=2", "--no-cache-dir")).toEqual([
      "({'b': '2'}, '2.0')",
    ]);
  });

  test("build constraints bound what is asked for by [build-system] and by hooks; other ones are another build", async () => {
    writeFileSync(join(world.work, "one.txt"), "toolkit<2\n");
    expect(await built("plain", ["telling"])).toEqual(["(None, '2.0')"]);
    expect(await built("bounded", ["telling"], "--build-constraint", "one.txt")).toEqual(["(None, '1.0')"]);
    expect(await built("plain-again", ["telling"])).toEqual(["(None, '2.0')"]);
    writeFileSync(join(world.work, "none.txt"), "toolkit<1\n");
    const { status, stderr } = await world.pen(["pip", "install", "--allow-builds", "--build-constraint", "none.txt", "telling"], {
      environment: join(world.work, "base"),
    });
    expect(status).toBe(1);
    expect(stderr).toContain("The build requirements of telling cannot be met");
    expect(stderr).toContain("toolkit<1");
  });

  test("--no-build-isolation builds with what is there: nothing is asked for, and nothing added", async () => {
    expect(await built("shared", ["telling"], "--no-build-isolation")).toEqual(["(None, 'absent')"]);
    await world.pen(["pip", "install", "toolkit==1.0"], { environment: join(world.work, "base") });
    // What is installed there decides the result: nothing that was built with other packages is taken from the cache.
    expect(await built("shared-again", ["telling"], "--no-build-isolation")).toEqual(["(None, '1.0')"]);
    const made = await world.pen(["pip", "wheel", "--allow-builds", "--no-build-isolation", "--no-deps", "-w", "wheels", "other"], {
      environment: join(world.work, "base"),
    });
    expect(made).toMatchObject({ status: 0 });
    const look = "import sys, zipfile; print(zipfile.ZipFile(sys.argv[1]).read('other.py').decode())";
    const { stdout } = spawnSync(python ?? "", ["-c", look, join(world.work, "wheels", "other-1.0-py3-none-any.whl")], {
      encoding: "utf8",
    });
    expect(stdout.trim()).toBe("(None, '1.0')");
    expect(await built("isolated", ["telling"])).toEqual(["(None, '2.0')"]);
  });
});
