/** Real build backends with a real compiler: what pen builds, prepares and installs of a source is what the real pip makes of it. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { execute } from "../support/program.ts";
import { writeProject } from "../support/sources.ts";
import { pythonThat } from "../support/pythons.ts";
import { openWorld, projects, python, sitePackages, type World } from "../support/world.ts";
import { archiveOf, backendProjects, examples, missing, pip, type BackendProject } from "./real-backends.ts";

/** Names, hashes and the texts of a wheel's `.dist-info`. Compiled files hold the folder that they were compiled in: their hashes are left out. */
const lookInto = `
import hashlib, json, sys, zipfile
found = {}
for path in sys.argv[1:]:
    with zipfile.ZipFile(path) as wheel:
        found[path.rpartition("/")[2]] = {
            entry.filename: wheel.read(entry).decode() if ".dist-info/" in entry.filename and not entry.filename.endswith("/RECORD")
            else "" if entry.filename.endswith((".so", "/RECORD")) else hashlib.sha256(wheel.read(entry)).hexdigest()
            for entry in wheel.infolist() if not entry.is_dir()}
        rows = [name for name in wheel.namelist() if name.endswith(".dist-info/RECORD")]
        found[path.rpartition("/")[2]]["rows"] = sorted(
            line if ".so," not in line else line.partition(",")[0] for line in wheel.read(rows[0]).decode().splitlines())
print(json.dumps(found))
`;

type WheelContents = Record<string, Record<string, string | string[]>>;

describe.skipIf(missing !== undefined)(`real build backends (needs ${missing ?? "nothing that is missing"})`, () => {
  let world: World;
  let [toolbox, own] = ["", ""];
  const real = (...args: string[]) =>
    execute(pip ?? "", ["--python", join(toolbox, "bin", "python"), ...args], {
      cwd: world.work,
      env: {
        ...world.env,
        PIP_INDEX_URL: world.index.indexUrl,
        PIP_DISABLE_PIP_VERSION_CHECK: "1",
        PATH: `${join(toolbox, "bin")}:/usr/local/bin:/usr/bin:/bin`,
      },
    });
  const pen = (...args: string[]) => world.pen(["pip", ...args], { environment: own });
  const done = async (running: ReturnType<typeof pen>): Promise<string> => {
    const { status, stdout, stderr } = await running;
    if (status !== 0) throw new Error(stdout + stderr);
    return stdout;
  };
  const names = examples.map(({ stem }) => stem.split("-")[0] ?? "");

  beforeAll(async () => {
    world = await openWorld({ projects: { ...backendProjects(), ...projects({ name: "greeting", version: "1.0" }) } });
    for (const example of examples) {
      world.index.setProject((example.stem.split("-")[0] ?? "").replaceAll("_", "-"), [archiveOf(example)]);
      for (const place of ["plain", "theirs", "ours"]) writeProject(join(world.work, place, example.stem), example.files);
    }
    [toolbox, own] = [world.bareEnvironment("toolbox"), world.bareEnvironment("own")];
    const backends = ["setuptools", "hatchling", "flit-core", "poetry-core", "pdm-backend", "scikit-build-core", "editables"];
    await done(world.pen(["pip", "install", ...backends], { environment: toolbox }));
  }, 120_000);
  afterAll(() => world.close());

  const wheelsIn = (folder: string): WheelContents => {
    const files = readdirSync(join(world.work, folder)).map((name) => join(world.work, folder, name));
    const { status, stdout, stderr } = spawnSync(python ?? "", ["-I", "-c", lookInto, ...files.sort()], { encoding: "utf8" });
    if (status !== 0) throw new Error(stderr);
    return JSON.parse(stdout) as WheelContents;
  };

  /** The rows of RECORD without bytecode; scripts hold the path of their environment. */
  const installed = (environment: string, { stem }: BackendProject): { rows: string[]; metadata: string; origin: unknown } => {
    const library = sitePackages(environment);
    const info = join(library, readdirSync(library).find((name) => name.toLowerCase() === `${stem}.dist-info`) ?? "nothing");
    const rows = readFileSync(join(info, "RECORD"), "utf8").split(/\r?\n/);
    const origin = join(info, "direct_url.json");
    return {
      rows: rows
        .filter((row) => row !== "" && !row.includes("__pycache__"))
        .map((row) => (/^\.\.\/|\.so,|INSTALLER,|direct_url/.test(row) ? (row.split(",")[0] ?? "") : row))
        .sort(),
      metadata: readFileSync(join(info, "METADATA"), "utf8"),
      origin: existsSync(origin) ? JSON.parse(readFileSync(origin, "utf8").replaceAll("/theirs/", "/ours/")) : undefined,
    };
  };

  const works = (environment: string, { module, script }: BackendProject): void => {
    const { status, stderr } = spawnSync(join(environment, "bin", "python"), ["-c", `import ${module}`], { encoding: "utf8", cwd: "/" });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    if (script !== undefined) expect(spawnSync(join(environment, "bin", script), { encoding: "utf8", cwd: "/" }).stdout).toBe("hello\n");
  };

  test("resolving prepares metadata, and builds nothing", async () => {
    const out = await done(pen("compile", "--allow-builds", "--no-header", "--no-annotate", ...input(world, names)));
    const pins = examples.map(({ stem }) => stem.replaceAll("_", "-").replace(/-(?=[\d.]+$)/, "=="));
    expect(out.trim().split("\n").sort()).toEqual([...pins, "greeting==1.0"].sort());
    const kept = readdirSync(join(world.cache, "builds", "v1"), { recursive: true }) as string[];
    expect(kept.filter((path) => path.endsWith("metadata.json"))).toHaveLength(examples.length);
    expect(kept.filter((path) => path.endsWith(".whl"))).toEqual([]);
  }, 120_000);

  describe("wheels of folders are those of the real pip:", () => {
    let [theirs, ours]: WheelContents[] = [{}, {}];
    beforeAll(async () => {
      const folders = examples.map(({ stem }) => `./plain/${stem}`);
      await done(real("wheel", "--no-deps", "--no-build-isolation", "-w", "wheels-theirs", ...folders));
      await done(pen("wheel", "--no-deps", "-w", "wheels-ours", ...folders));
      [theirs, ours] = [wheelsIn("wheels-theirs"), wheelsIn("wheels-ours")];
    }, 120_000);

    test("by name", () => expect(Object.keys(ours ?? {})).toEqual(Object.keys(theirs ?? {})));
    test.each(examples.map((example) => [example.what, example] as const))("%s", (_what, { stem }) => {
      const of = (wheels: WheelContents | undefined): unknown =>
        Object.entries(wheels ?? {}).find(([name]) => name.startsWith(`${stem}-`))?.[1];
      expect(of(theirs)).toBeDefined();
      expect(of(ours)).toEqual(of(theirs));
    });
  });

  describe("projects of an index that have only a source are installed as the real pip installs them:", () => {
    beforeAll(async () => {
      await done(real("install", "--no-deps", "--no-build-isolation", ...names));
      await done(pen("install", "--no-deps", "--allow-builds", ...names));
    }, 120_000);

    test.each(examples.map((example) => [example.what, example] as const))("%s", (_what, example) => {
      expect(installed(own, example)).toEqual(installed(toolbox, example));
      works(own, example);
    });
  });

  describe("projects in development mode are installed as the real pip installs them:", () => {
    beforeAll(async () => {
      const folders = (place: string): string[] => examples.flatMap(({ stem }) => ["-e", `./${place}/${stem}`]);
      await done(real("install", "--no-deps", "--no-build-isolation", ...folders("theirs")));
      await done(pen("install", "--no-deps", ...folders("ours")));
    }, 120_000);

    test.each(examples.map((example) => [example.what, example] as const))("%s", (_what, example) => {
      const plain = (of: ReturnType<typeof installed>): unknown => ({ ...of, rows: of.rows.map((row) => row.split(",")[0]) });
      expect(plain(installed(own, example))).toEqual(plain(installed(toolbox, example)));
      expect(installed(own, example).origin).toEqual({
        dir_info: { editable: true },
        url: `file://${join(world.work, "ours", example.stem)}`,
      });
      works(own, example);
      const where = spawnSync(join(own, "bin", "python"), ["-c", `import ${example.module.split(".")[0]} as m; print(m.__file__)`], {
        encoding: "utf8",
        cwd: "/",
      });
      expect(where.stdout).toStartWith(join(world.work, "ours", example.stem));
    });
  });
});

/** Setuptools before version 64 knows no PEP 660, and needs the distutils that Python 3.12 removed. */
const older = pythonThat("import distutils, venv, sysconfig, os; assert os.path.exists(sysconfig.get_path('include') + '/Python.h')");
const why = missing ?? "a Python with distutils and its headers";

describe.skipIf(missing !== undefined || older === undefined)(`setuptools 63, which has no editable builds (needs ${why})`, () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld({ projects: backendProjects() });
    writeProject(world.work, { "old.txt": "setuptools<64\n" });
  });
  afterAll(() => world.close());

  test.each(examples.filter(({ stem }) => stem.startsWith("st_")).map((example) => [example.what, example] as const))(
    "%s: the folder itself is put on the path, with its extension modules built in it",
    async (_what, example) => {
      const folder = writeProject(join(world.work, "old", example.stem), {
        ...example.files,
        // What this setuptools does not know yet is left out.
        ...(example.files["setup.py"] === undefined
          ? {
              "pyproject.toml": example.files["pyproject.toml"]!.replace(/\[\[tool[^]*$/, "")
                .replace(/^license.*\n/gm, "")
                .replace(">=77", ""),
              "setup.py":
                'from setuptools import setup, Extension\nsetup(package_dir={"": "src"}, packages=["st_full"], ext_modules=[Extension("st_full.quick", ["quick.c"])])\n',
            }
          : {}),
      });
      const environment = join(world.work, `env-${example.stem}`);
      expect(await world.pen(["venv", "--no-seed", "-p", older?.path ?? "", environment])).toMatchObject({ status: 0 });
      const installed = await world.pen(["pip", "install", "--no-deps", "--build-constraint", "old.txt", "-e", folder], { environment });
      expect({ status: installed.status, stderr: installed.stderr }).toMatchObject({ status: 0 });
      const code = `import ${example.stem.split("-")[0]}.quick as m; print(m.__file__)`;
      const { stdout, stderr } = spawnSync(join(environment, "bin", "python"), ["-I", "-c", code], { encoding: "utf8", cwd: "/" });
      expect({ stdout, stderr }).toMatchObject({ stdout: expect.stringContaining(folder), stderr: "" });
      expect(spawnSync(join(environment, "bin", example.script ?? ""), { encoding: "utf8", cwd: "/" }).stdout).toBe("hello\n");
      const listed = JSON.parse((await world.pen(["pip", "list", "--editable", "--format", "json"], { environment })).stdout) as unknown[];
      expect(listed).toMatchObject([{ editable_project_location: folder }]);
      const [name = ""] = example.stem.split("-");
      expect(await world.pen(["pip", "uninstall", "-y", name], { environment })).toMatchObject({ status: 0 });
      expect(readdirSync(sitePackages(environment)).filter((entry) => entry.startsWith("st") || entry.startsWith("__editable__"))).toEqual(
        [],
      );
    },
    60_000,
  );
});

function input(world: World, lines: readonly string[]): string[] {
  writeProject(world.work, { "all.in": `${lines.join("\n")}\n` });
  return ["all.in"];
}
