/** Installing and removing, beside the real pip on a twin environment: the same status, and the same packages afterwards. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Ran } from "../support/program.ts";
import { openWorld, projects, python, sitePackages, type World } from "../support/world.ts";

const offered = projects(
  {
    name: "Hello_World",
    version: "1.0",
    requires: ["greeting>=1"],
    entryPoints: { console_scripts: { hello: "hello_world:main" } },
    files: { "hello_world/__init__.py": "def main():\n    print('hello')\n" },
  },
  {
    name: "Hello_World",
    version: "1.1",
    requires: ["greeting>=1", 'paint>=1; extra == "bright"', 'nothing; python_version < "3"'],
    extras: ["bright"],
    entryPoints: { console_scripts: { hello: "hello_world:main" } },
  },
  { name: "Hello_World", version: "2.0a1", requires: ["greeting>=1"] },
  { name: "greeting", version: "1.0" },
  { name: "greeting", version: "1.5" },
  { name: "greeting", version: "2.0", dataFiles: { "scripts/greet": "#!python\nprint('greet')\n", "data/share/greeting.txt": "hi\n" } },
  { name: "paint", version: "1.0" },
  { name: "only-pre", version: "1.0rc1" },
  { name: "pulled", version: "1.0" },
  { name: "pulled", version: "1.1", served: { yanked: "it burns" } },
  { name: "too-new", version: "1.0" },
  { name: "too-new", version: "2.0", requiresPython: ">=99", served: { requiresPython: ">=99" } },
  { name: "other-platform", version: "1.0", tag: "cp27-cp27m-win32" },
  { name: "clash", version: "1.0", requires: ["greeting<1"] },
  { name: "one", version: "1.0", requires: ["greeting<2"] },
  { name: "two", version: "1.0", requires: ["greeting>=2"] },
  { name: "loop-a", version: "1.0", requires: ["loop-b"] },
  { name: "loop-b", version: "1.0", requires: ["loop-a"] },
);
const wheelOf = (name: string, at = 0): { filename: string; bytes: Uint8Array } =>
  offered[name]?.[at] ?? { filename: "", bytes: Buffer.of() };
const sha256 = (name: string, at = 0): string => new Bun.CryptoHasher("sha256").update(wheelOf(name, at).bytes).digest("hex");

/** Each distribution with its version, whether it was asked for, where it came from, and its files without bytecode. */
function state(library: string): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const entry of existsSync(library) ? readdirSync(library) : []) {
    if (!entry.endsWith(".dist-info") || entry.startsWith("pip-")) continue;
    const read = (name: string): string | undefined => {
      const path = join(library, entry, name);
      return existsSync(path) ? readFileSync(path, "utf8") : undefined;
    };
    const files = (read("RECORD") ?? "")
      .split("\n")
      .map((line) => line.split(",")[0] ?? "")
      .filter((path) => path !== "" && !path.includes("__pycache__"));
    const direct = read("direct_url.json");
    found[entry] = {
      asked: read("REQUESTED") !== undefined,
      from: direct === undefined ? undefined : JSON.parse(direct),
      files: files.sort(),
    };
  }
  return found;
}

describe.skipIf(python === undefined)("beside the real pip (needs a Python with venv and ensurepip)", () => {
  let world: World;
  let count = 0;

  beforeAll(async () => {
    world = await openWorld({ projects: offered });
    for (const file of Object.values(offered).flat()) {
      mkdirSync(join(world.work, "wheels"), { recursive: true });
      writeFileSync(join(world.work, "wheels", file.filename), file.bytes);
    }
    const files: Record<string, string> = {
      "plain.txt": "# what we need\nHello_World>=1.0 \\\n  ,<2\n\ngreeting  # any\n-r more.txt\n",
      "more.txt": "paint==1.0 ; python_version >= '3'\nnothing ; python_version < '3'\n",
      "bounds.txt": "greeting<2\nhello-world==1.0\n",
      "inside.txt": "-c bounds.txt\nhello-world\n",
      "hashed.txt": `greeting==1.0 --hash=sha256:${sha256("greeting", 0)}\n`,
      "half-hashed.txt": `hello-world==1.0 --hash=sha256:${sha256("hello-world", 0)}\n`,
      "wrong-hash.txt": `greeting==1.0 --hash=sha256:${"0".repeat(64)}\n`,
      "bare.txt": "greeting==1.0\n",
      "unpinned-hash.txt": `greeting --hash=sha256:${sha256("greeting", 0)}\n`,
      "links.txt": "--no-index\n--find-links wheels\ngreeting\n",
      "pre.txt": "--pre\nhello-world\n",
      "broken.txt": "greeting ==\n",
      "circle.txt": "-r circle.txt\ngreeting\n",
      "gone.txt": "-r nothing-here.txt\n",
      "strange.txt": "--no-such-option\ngreeting\n",
      "removals.txt": "greeting\npaint\n",
    };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(world.work, name), text);
  }, 60_000);
  afterAll(() => world?.close());

  /** One story: the command lines run one after the other on both twins, which are compared after each. */
  const stories: ReadonlyArray<ReadonlyArray<string>> = [
    [
      "install hello-world",
      "install hello-world",
      "install greeting==1.0",
      "install -U hello-world",
      "install -U --upgrade-strategy eager hello-world",
    ],
    [
      "install hello-world==1.0",
      "install hello-world[bright]",
      "install --pre -U hello-world",
      "uninstall -y hello_world paint nope",
      "install -U greeting",
    ],
    [
      "install --no-deps hello-world",
      "install --force-reinstall --no-deps hello-world",
      "uninstall -y -r removals.txt",
      "uninstall -y nope",
    ],
    ["install -r plain.txt", "install -r plain.txt -c bounds.txt", "uninstall -y hello-world greeting paint"],
    ["install -r inside.txt", "install only-pre", "install pulled", "install pulled==1.1", "install too-new"],
    [
      "install -r hashed.txt",
      "install --require-hashes -r hashed.txt",
      "install -r half-hashed.txt",
      "install -r wrong-hash.txt --force-reinstall",
    ],
    ["install --require-hashes -r bare.txt", "install -r unpinned-hash.txt", "install -r links.txt", "install -r pre.txt"],
    ["install --no-index --find-links wheels hello-world", "install --no-index hello-world==1.0", "install --find-links wheels -U paint"],
    ["install ./wheels/GREETING0", "install wheels/GREETING0", "install greeting", "install -U greeting"],
    ["install URL/files/GREETING0", "install URL/files/GREETING0", "freeze"],
    ["install greeting@URL/files/GREETING0#sha256=SHA", "install greeting@URL/files/GREETING1", "install file://WORK/wheels/GREETING0"],
    ["install one", "install two", "install one two", "install loop-a", "install clash"],
    [
      "install --only-binary :all: paint",
      "install --only-binary=paint --no-binary greeting paint==1.0",
      "install --no-binary paint --force-reinstall paint",
    ],
    [
      "install nope",
      "install greeting==9",
      "install greeting>>1",
      "install -r broken.txt",
      "install -r gone.txt",
      "install -r nowhere.txt",
      "install other-platform",
    ],
    [
      "install",
      "uninstall -y",
      "show",
      "hash",
      "install --no-such-option",
      "show --files",
      "install -r strange.txt",
      "install ./wheels/nothing-1.0-py3-none-any.whl",
    ],
    ["install --dry-run hello-world", "install --no-deps --dry-run hello-world", "install -q hello-world", "install -qq -U greeting"],
  ];
  for (const [at, story] of stories.entries()) {
    test(`story ${at + 1}: ${story.join(" · ")}`, async () => {
      count += 1;
      const [mine, theirs] = [world.environment(`pen-${count}`), world.environment(`pip-${count}`)];
      for (const line of story) {
        const args = line
          .replace("GREETING0", wheelOf("greeting", 0).filename)
          .replace("GREETING1", wheelOf("greeting", 1).filename)
          .replace("URL", world.index.origin)
          .replace("SHA", sha256("greeting", 0))
          .replace("WORK", world.work)
          .split(" ");
        const [pen, pip] = await Promise.all([world.pen(["pip", ...args], { environment: mine }), world.pip(theirs, args)]);
        const told = `${line}\n${pen.stdout}${pen.stderr}\npip: ${pip.stdout}${pip.stderr}`;
        expect({ line, status: pen.status, ...(pen.status === pip.status ? {} : { told }) }).toEqual({ line, status: pip.status });
        expect({ line, state: state(sitePackages(mine)) }).toEqual({ line, state: state(sitePackages(theirs)) });
      }
    });
  }

  const reportLines: readonly string[] = [
    "hello-world[bright] greeting<2",
    "-r hashed.txt",
    "pulled==1.1",
    "./wheels/paint-1.0-py3-none-any.whl",
    "--no-index --find-links wheels paint",
  ];
  for (const line of reportLines) {
    test(`the report of install ${line}`, async () => {
      count += 1;
      const environment = world.environment(`report-${count}`);
      const args = ["install", "--dry-run", "--quiet", ...line.split(" ")];
      const [pen, pip] = await Promise.all([
        world.pen(["pip", ...args, "--report", "-"], { environment }),
        world.pip(environment, [...args, "--report", "pip.json"]),
      ]);
      expect({ pen: pen.stderr.replace(/^warning: .*\n/gm, ""), pip: pip.status }).toEqual({ pen: "", pip: 0 });
      const sorted = (text: string): unknown => {
        const report = JSON.parse(text) as { install: Array<{ metadata: { name: string } }> };
        return { ...report, pip_version: "", install: report.install.sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1)) };
      };
      expect(sorted(pen.stdout)).toEqual(sorted(readFileSync(join(world.work, "pip.json"), "utf8")));
      expect(state(sitePackages(environment))).toEqual({});
    });
  }

  test("install --report FILE writes the file and installs", async () => {
    const environment = world.environment("report-file");
    const pen = await world.pen(["pip", "install", "--report", "mine.json", "paint"], { environment });
    expect(pen).toMatchObject({ status: 0, stderr: "" });
    expect(JSON.parse(readFileSync(join(world.work, "mine.json"), "utf8"))).toMatchObject({ version: "1", install: [{ requested: true }] });
    expect(Object.keys(state(sitePackages(environment)))).toEqual(["paint-1.0.dist-info"]);
  });

  for (const option of ["--target", "--prefix"]) {
    test(`install ${option}`, async () => {
      const environment = world.environment(`place${option}`);
      const [pen, pip] = await Promise.all([
        world.pen(["pip", "install", option, "mine", "hello-world", "greeting"], { environment }),
        world.pip(environment, ["install", option, "theirs", "hello-world", "greeting"]),
      ]);
      expect([pen.status, pip.status]).toEqual([0, 0]);
      const library = (folder: string): string =>
        option === "--target" ? join(world.work, folder) : sitePackages(join(world.work, folder));
      expect(Object.keys(state(library("mine")))).toEqual(Object.keys(state(library("theirs"))));
      expect(Object.keys(state(library("mine")))).toHaveLength(2);
      expect(readdirSync(join(world.work, "mine", "bin")).sort()).toEqual(readdirSync(join(world.work, "theirs", "bin")).sort());
      expect(state(sitePackages(environment))).toEqual({});
    });
  }
});

describe.skipIf(python === undefined)("deliberately not as pip (needs a Python with venv and ensurepip)", () => {
  let world: World;
  let second: World;
  beforeAll(async () => {
    world = await openWorld({ projects: projects({ name: "inner", version: "1.0" }) });
    second = await openWorld({ projects: projects({ name: "inner", version: "9.0" }, { name: "outer", version: "1.0" }) });
  });
  afterAll(async () => {
    await world?.close();
    await second?.close();
  });

  test("first-index: a project of the first index is never taken from another one", async () => {
    const environment = world.bareEnvironment("first");
    const pen = await world.pen(["pip", "install", "--extra-index-url", second.index.indexUrl, "inner", "outer"], { environment });
    expect(pen.status).toBe(0);
    expect(Object.keys(state(sitePackages(environment)))).toEqual(["inner-1.0.dist-info", "outer-1.0.dist-info"]);
  });

  test("best-match takes the best of all, as pip does", async () => {
    const environment = world.bareEnvironment("best");
    const args = ["--index-strategy", "best-match", "--extra-index-url", second.index.indexUrl, "inner"];
    expect((await world.pen(["pip", "install", ...args], { environment })).status).toBe(0);
    expect(Object.keys(state(sitePackages(environment)))).toEqual(["inner-9.0.dist-info"]);
  });

  test("golden rule: a global Python is never installed into, by whatever option", async () => {
    for (const args of [["--python", python ?? ""], ["--user"], ["--break-system-packages"]]) {
      const pen = await world.pen(["pip", "install", ...args, "inner"]);
      expect(pen).toMatchObject({ status: 1, stdout: "" });
      expect(pen.stderr).toContain("[EXTERNALLY_MANAGED]");
      expect(pen.stderr).toContain("pen venv");
    }
  });

  test("no bytecode is written at install; --compile does it", async () => {
    const environment = world.bareEnvironment("bytecode");
    const library = sitePackages(environment);
    await world.pen(["pip", "install", "inner"], { environment });
    expect(readdirSync(join(library, "inner"))).toEqual(["__init__.py"]);
    expect((await world.pen(["pip", "install", "--force-reinstall", "--compile", "inner"], { environment })).status).toBe(0);
    expect(readdirSync(join(library, "inner")).sort()).toEqual(["__init__.py", "__pycache__"]);
  });

  const told = (ran: Ran): string => ran.stdout + ran.stderr;
  test("a command that does not exist is told with the nearest one, and the status of pip", async () => {
    const pen = await world.pen(["pip", "instal"]);
    expect(pen).toMatchObject({ status: 1, stdout: "" });
    expect(pen.stderr).toContain("Did you mean: pen pip install");
  });

  test("requirements that clash with what stays installed are refused instead of leaving a broken environment", async () => {
    const environment = world.bareEnvironment("clash");
    world.index.setProject("strict", projects({ name: "strict", version: "1.0", requires: ["inner<1"] })["strict"]);
    await world.pen(["pip", "install", "inner"], { environment });
    const pen = await world.pen(["pip", "install", "strict"], { environment });
    expect(pen.status).toBe(1);
    expect(told(pen)).toContain("[RESOLUTION_CONFLICT]");
  });
});
