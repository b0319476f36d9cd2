/** Building from source with the executable, beside the real pip on a twin environment where both do the same. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execute, program } from "../support/program.ts";
import { buildSource, projectFiles, writeProject, type ProjectOptions } from "../support/sources.ts";
import { digest, openWorld, projects, python, sitePackages, type World } from "../support/world.ts";

const source = (options: ProjectOptions & { root?: string }) => {
  const { filename, bytes } = buildSource(options);
  return { filename, bytes };
};
const hangs = "import time\ndef build_wheel(d, config_settings=None, metadata_directory=None):\n    time.sleep(300)\n";
const fails =
  "def build_wheel(d, config_settings=None, metadata_directory=None):\n    print('the last words', flush=True)\n    raise ValueError('on purpose')\n";
const needsHeader =
  "def build_wheel(d, config_settings=None, metadata_directory=None):\n    print('x.c:1:10: fatal error: ffi.h: No such file or directory', flush=True)\n    raise SystemExit(1)\n";
const liar = "VERSION = '9.9'\n";
const sdist21 = (name: string, version: string, more = ""): string =>
  `Metadata-Version: 2.2\nName: ${name}\nVersion: ${version}\n${more}\n`;

const offered = {
  ...projects(
    { name: "greeting", version: "1.0" },
    { name: "both", version: "1.0" },
    { name: "toolkit", version: "1.0" },
    { name: "toolkit", version: "2.0" },
  ),
};

describe.if(python !== undefined)("building", () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld({ projects: offered });
    const add = (name: string, ...files: ReturnType<typeof source>[]): void =>
      world.index.setProject(name, [...(offered[name] ?? []), ...files]);
    add("only-source", source({ name: "only-source", version: "1.0", requires: ["greeting>=1"] }));
    add("both", source({ name: "both", version: "1.0" }), source({ name: "both", version: "2.0" }));
    add(
      "ageing",
      source({ name: "ageing", version: "1.0" }),
      source({ name: "ageing", version: "2.0" }),
      source({ name: "ageing", version: "3.0" }),
    );
    add("failing", source({ name: "failing", version: "1.0", backend: fails }));
    add("hanging", source({ name: "hanging", version: "1.0", backend: hangs }));
    add("headerless", source({ name: "headerless", version: "1.0", backend: needsHeader }));
    add("liar", source({ name: "liar", version: "1.0", backend: liar }));
    add("misnamed", source({ name: "misnamed", version: "1.0", root: "other-1.0" }));
    add(
      "static",
      source({ name: "static", version: "1.0", backend: fails, packageInfo: sdist21("static", "1.0", "Requires-Dist: greeting") }),
    );
    add(
      "needs-tool",
      source({
        name: "needs-tool",
        version: "1.0",
        buildRequires: ["toolkit"],
        backend: "import toolkit, importlib.metadata\nassert 'Version: '\n",
      }),
    );
    add("needs-source", source({ name: "needs-source", version: "1.0", buildRequires: ["only-source"] }));
    add("circle-a", source({ name: "circle-a", version: "1.0", buildRequires: ["circle-b"] }));
    add("circle-b", source({ name: "circle-b", version: "1.0", buildRequires: ["circle-a"] }));
    add("reaches-out", source({ name: "reaches-out", version: "1.0", requires: ["evil @ file:///etc/evil"] }));
  });
  afterAll(() => world.close());

  const made = (name: string): string => (existsSync(join(world.work, name)) ? join(world.work, name) : world.bareEnvironment(name));
  const pen = (environment: string, ...args: string[]) => world.pen(["pip", ...args], { environment });
  /** Without pen's own folder, where its lock is. */
  const state = (environment: string): Record<string, string> =>
    Object.fromEntries(Object.entries(digest(environment)).filter(([path]) => !path.startsWith(".pen/")));
  const listed = async (environment: string): Promise<string[]> =>
    JSON.parse((await pen(environment, "list", "--format", "json")).stdout).map(
      (one: { name: string; version: string }) => `${one.name} ${one.version}`,
    );
  const origin = (environment: string, name: string): unknown => {
    const library = sitePackages(environment);
    const info = readdirSync(library).find((entry) => entry.startsWith(`${name}-`) && entry.endsWith(".dist-info")) ?? "";
    const path = join(library, info, "direct_url.json");
    return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : undefined;
  };

  describe("is a decision:", () => {
    test("a project without wheels is refused, and the switch is named", async () => {
      const environment = made("decision");
      const before = state(environment);
      const { status, stderr } = await pen(environment, "install", "only-source");
      expect(status).toBe(1);
      expect(stderr).toContain("building its source is not allowed");
      expect(stderr).toContain("--allow-build only-source");
      expect(state(environment)).toEqual(before);
    });

    test("an older version with a wheel is taken before a newer one that must be built", async () => {
      expect(await pen(made("older"), "install", "both")).toMatchObject({ status: 0 });
      expect(await listed(made("older"))).toEqual(["both 1.0"]);
    });

    test.each([[["--allow-builds"]], [["--allow-build", "Only_Source"]]])("%j", async (switches) => {
      const environment = made(`allowed${switches.length}`);
      const ran = await pen(environment, "install", ...switches, "only-source");
      expect(ran).toMatchObject({ status: 0 });
      expect(await listed(environment)).toEqual(["greeting 1.0", "only-source 1.0"]);
      expect(origin(environment, "only_source")).toBeUndefined();
    });

    test("a variable says it, too, and a newer source is then taken", async () => {
      const environment = made("variable");
      const ran = await world.pen(["pip", "install", "both"], { environment, env: { PEN_ALLOW_BUILD: "both" } });
      expect(ran).toMatchObject({ status: 0 });
      expect(await listed(environment)).toEqual(["both 2.0"]);
    });

    test("--allow-build of one is no leave for another, nor for what its build needs", async () => {
      expect(await pen(made("other"), "install", "--allow-build", "greeting", "only-source")).toMatchObject({ status: 1 });
      const { status, stderr } = await pen(made("other"), "install", "--allow-build", "needs-source", "needs-source");
      expect(status).toBe(1);
      expect(stderr).toContain("The build requirements of needs-source cannot be met");
      expect(stderr).toContain("you require only-source (what needs-source is built with)");
      expect(await pen(made("other"), "install", "--allow-builds", "needs-source")).toMatchObject({ status: 0 });
    });

    test("at a terminal the person is asked, and sees what would run", async () => {
      const environment = made("asked");
      const refused = await world.terminal(["pip", "install", "only-source"], { environment, input: "n" });
      expect(refused.status).toBe(1);
      const { status, stdout } = await world.terminal(["pip", "install", "only-source"], { environment, input: "y" });
      expect({ status, stdout }).toMatchObject({ status: 0 });
      expect(stdout.replace(/\u001b\[\d+m/g, "")).toContain("only-source 1.0 has no wheel that can be used");
      expect(stdout).toContain("own_backend");
    });

    test("a person is asked about the version that would be built, and never about one that would not help", async () => {
      const environment = made("asked");
      const { status, stdout } = await world.terminal(["pip", "install", "ageing<3"], { environment, input: "y" });
      expect({ status, stdout }).toMatchObject({ status: 0 });
      expect(stdout.replace(/\u001b\[\d+m/g, "")).toContain("ageing 2.0 has no wheel that can be used");
      const useless = await world.terminal(["pip", "install", "only-source>9"], { environment: made("other"), input: "y" });
      expect(useless.status).toBe(1);
      expect(useless.stdout).not.toContain("[y/N]");
      const clash = await world.terminal(["pip", "install", "ageing==1.0", "greeting>9"], { environment: made("other"), input: "y" });
      expect(clash.status).toBe(1);
      expect(clash.stdout).not.toContain("ageing 2.0");
    });

    test("nobody is asked with --no-input, with --json, and in CI", async () => {
      const environment = made("not-asked");
      for (const [args, env] of [
        [["--no-input"], {}],
        [["--json"], {}],
        [[], { CI: "true" }],
      ] as const) {
        const { status, stdout } = await world.terminal(["pip", "install", ...args, "only-source"], { environment, env });
        expect({ args, status, asked: stdout.includes("[y/N]") }).toEqual({ args, status: 1, asked: false });
      }
    });

    test("an archive by its place is refused with BUILD_REFUSED; a folder that was named is built", async () => {
      const environment = made("places");
      const { filename, bytes } = buildSource({ name: "local", version: "1.0" });
      writeFileSync(join(world.work, filename), bytes);
      const ran = await pen(environment, "install", "--json", `./${filename}`);
      expect(JSON.parse(ran.stdout).error).toMatchObject({ code: "BUILD_REFUSED", data: { backend: "own_backend" } });
      writeProject(join(world.work, "folder"), projectFiles({ name: "local", version: "1.0" }));
      expect(await pen(environment, "install", "./folder")).toMatchObject({ status: 0 });
    });

    test("--only-binary forbids what would be allowed, --no-binary takes the source of what has a wheel", async () => {
      const environment = made("formats");
      expect(await pen(environment, "install", "--allow-builds", "--only-binary", ":all:", "only-source")).toMatchObject({ status: 1 });
      expect(await pen(environment, "install", "--allow-builds", "--no-binary", "both", "both==1.0")).toMatchObject({ status: 0 });
      expect(readFileSync(join(sitePackages(environment), "both.py"), "utf8")).toContain("settings");
    });

    test("--prefer-binary takes an older wheel before a newer source, and a source where there is no wheel", async () => {
      const environment = made("prefer");
      expect(await pen(environment, "install", "--allow-builds", "--prefer-binary", "both")).toMatchObject({ status: 0 });
      expect(await listed(environment)).toEqual(["both 1.0"]);
      expect(await pen(environment, "install", "--allow-builds", "--prefer-binary", "both>1")).toMatchObject({ status: 0 });
      expect(await listed(environment)).toEqual(["both 2.0"]);
    });

    test("nothing is built for another Python", async () => {
      const ran = await pen(made("foreign"), "install", "--allow-builds", "--dry-run", "--python-version", "3.6", "only-source");
      expect(ran.status).toBe(1);
      expect(ran.stderr).toContain("cannot be built for another Python");
    });
  });

  describe("a build that fails leaves the environment as it was:", () => {
    test.each([
      ["failing", /Could not build failing 1\.0[^]*ValueError: on purpose[^]*the last words/],
      ["headerless", /The C header ffi\.h is missing[^]*libffi-dev/],
      ["liar", /liar 1\.0 turned out to be liar 9\.9/],
      ["misnamed", /root-folder/],
      ["circle-a", /circle-a → circle-b → circle-a|circle-b → circle-a → circle-b/],
      ["reaches-out", /a URL that you have not asked for yourself/],
    ])("%s", async (name, words) => {
      const environment = made("failures");
      const before = state(environment);
      const { status, stderr } = await pen(environment, "install", "--allow-builds", "greeting", name);
      expect(status).toBe(1);
      expect(stderr).toMatch(words);
      expect(state(environment)).toEqual(before);
      expect(readdirSync(join(world.cache, "builds", "v1", "work"))).toEqual([]);
    });

    test("the whole log is kept for its owner, and named", async () => {
      const { stdout } = await pen(made("failures"), "install", "--json", "--allow-builds", "failing");
      const { log } = JSON.parse(stdout).error.data as { log: string };
      expect(readFileSync(log, "utf8")).toContain("the last words");
    });

    test("one that hangs is given up", async () => {
      const { status, stderr, milliseconds } = await pen(made("failures"), "install", "--allow-builds", "--build-timeout", "2", "hanging");
      expect({ status, fast: milliseconds < 15_000 }).toEqual({ status: 1, fast: true });
      expect(stderr).toContain("--build-timeout");
    });

    test("one that is interrupted ends with the signal's status, and leaves no process", async () => {
      const environment = made("failures");
      const before = state(environment);
      const ran = await world.pen(["pip", "install", "--allow-builds", "hanging"], {
        environment,
        started: (child) => void setTimeout(() => child.kill("SIGTERM"), 2500),
      });
      expect(ran.status).toBe(143);
      expect(state(environment)).toEqual(before);
      const left = spawnSync("ps", ["-eo", "args"], { encoding: "utf8" })
        .stdout.split("\n")
        .filter((line) => line.includes(world.cache) && line.includes("driver.py"));
      expect(left).toEqual([]);
    });
  });

  describe("what was built is kept", () => {
    test("a second environment gets it without building, and without the file", async () => {
      await pen(made("kept-1"), "install", "--allow-builds", "only-source");
      const asked = world.index.paths("/files/only_source").length;
      const started = Date.now();
      const ran = await world.pen(["pip", "install", "--allow-builds", "--offline", "only-source"], { environment: made("kept-2") });
      expect(ran).toMatchObject({ status: 0 });
      expect(Date.now() - started).toBeLessThan(5000);
      expect(world.index.paths("/files/only_source").length).toBe(asked);
    });

    test("two commands at once build the same source once", async () => {
      const backend =
        "def build_wheel(d, config_settings=None, metadata_directory=None):\n    import time; time.sleep(1)\n    open(os.environ['MARK'], 'a').write('built\\n')\n    return _build(d, [], None)\n";
      world.index.setProject("counted", [source({ name: "counted", version: "1.0", backend })]);
      const mark = join(world.work, "mark");
      const call = (name: string) =>
        world.pen(["pip", "install", "--allow-builds", "counted"], { environment: made(name), env: { MARK: mark } });
      const [one, two] = await Promise.all([call("at-once-1"), call("at-once-2")]);
      expect([one.status, two.status]).toEqual([0, 0]);
      expect(readFileSync(mark, "utf8")).toBe("built\n");
    }, 30_000);

    test("other settings are another build; the settings reach the backend, also those of one package and of a line", async () => {
      const environment = made("settings");
      const settings = async (...args: string[]): Promise<string> => {
        await pen(environment, "install", "--allow-builds", "--force-reinstall", ...args);
        return /settings = (.*)/.exec(readFileSync(join(sitePackages(environment), "only_source.py"), "utf8"))?.[1] ?? "";
      };
      expect(await settings("only-source")).toBe("None");
      expect(await settings("-C", "a=1", "-C", "a=2", "--config-settings=b=x=y", "only-source")).toBe("{'a': ['1', '2'], 'b': 'x=y'}");
      expect(
        await settings("--config-settings-package", "Only.Source:a=3", "--config-settings-package", "greeting:a=4", "only-source"),
      ).toBe("{'a': '3'}");
      writeFileSync(join(world.work, "settings.txt"), 'only-source --config-settings="c=5"\n');
      expect(await settings("-r", "settings.txt")).toBe("{'c': '5'}");
    });

    test("a damaged cache is built again", async () => {
      const builds = join(world.cache, "builds", "v1");
      for (const entry of readdirSync(builds, { recursive: true }) as string[])
        if (entry.endsWith(".whl") || entry.endsWith(".json")) writeFileSync(join(builds, entry), "damaged");
      rmSync(join(world.cache, "wheels"), { recursive: true });
      expect(await pen(made("kept-3"), "install", "--allow-builds", "only-source")).toMatchObject({ status: 0 });
    });

    test("metadata that stands in the source is read without running anything", async () => {
      const ran = await pen(made("compile"), "compile", "--allow-builds", "--no-header", "--no-annotate", "-");
      expect(ran.status).toBe(0);
      writeFileSync(join(world.work, "static.in"), "static\n");
      const compiled = await pen(made("compile"), "compile", "--allow-builds", "--no-header", "--no-annotate", "static.in");
      expect(compiled).toMatchObject({ status: 0, stdout: "greeting==1.0\nstatic==1.0\n" });
    });

    test("--build-constraint bounds the tools, --no-build-isolation takes those of the environment", async () => {
      writeFileSync(join(world.work, "build.txt"), "toolkit<2\n");
      const asked = world.index.requests.length;
      expect(await pen(made("tools"), "install", "--allow-builds", "--build-constraint", "build.txt", "needs-tool")).toMatchObject({
        status: 0,
      });
      expect(world.index.requests.slice(asked).map(({ path }) => path)).toContain("/files/toolkit-1.0-py3-none-any.whl");
      const without = await pen(made("tools-2"), "install", "--allow-builds", "--no-build-isolation", "needs-tool");
      expect(without.status).toBe(1);
      expect(without.stderr).toContain("toolkit");
      await pen(made("tools-2"), "install", "toolkit");
      expect(await pen(made("tools-2"), "install", "--allow-builds", "--no-build-isolation", "needs-tool")).toMatchObject({ status: 0 });
    });
  });

  test("started under the name of pip, everything may be built, as pip has it", async () => {
    const environment = made("as-pip");
    symlinkSync(program(), join(world.folder, "pip"));
    const call = (...args: string[]) =>
      execute(join(world.folder, "pip"), args, { cwd: world.work, env: { ...world.env, VIRTUAL_ENV: environment } });
    expect(await call("install", "--no-allow-builds", "only-source")).toMatchObject({ status: 1 });
    expect(await call("install", "only-source")).toMatchObject({ status: 0 });
    expect(await listed(environment)).toEqual(["greeting 1.0", "only-source 1.0"]);
  });

  test("pip wheel builds what has no wheel, when that is allowed; the same files as the real pip", async () => {
    const environment = world.environment("wheel-maker");
    const files = (folder: string): string[] => (existsSync(join(world.work, folder)) ? readdirSync(join(world.work, folder)).sort() : []);
    const refused = await pen(environment, "wheel", "only-source", "-w", "refused");
    expect([refused.status, files("refused")]).toEqual([1, []]);
    expect(refused.stderr).toContain("--allow-builds");
    writeProject(join(world.work, "mine"), projectFiles({ name: "mine", version: "1.0", requires: ["greeting"] }));
    const cases: ReadonlyArray<readonly [words: readonly string[], leave: readonly string[]]> = [
      [["only-source"], ["--allow-builds"]],
      [
        ["--no-deps", "only-source"],
        ["--allow-build", "only-source"],
      ],
      [["./mine"], []],
      [["-e", "./mine"], []],
    ];
    for (const [at, [words, leave]] of cases.entries()) {
      const ours = await pen(environment, "wheel", ...leave, ...words, "-w", `ours-${at}`);
      const theirs = await world.pip(environment, ["wheel", ...words, "-w", `theirs-${at}`]);
      expect([words, ours.status, files(`ours-${at}`)]).toEqual([words, theirs.status ?? -1, files(`theirs-${at}`)]);
      expect(files(`ours-${at}`).length).toBeGreaterThan(0);
      const installed = await world.pip(environment, [
        "install",
        "--no-index",
        "--no-deps",
        "--dry-run",
        join(`ours-${at}`, files(`ours-${at}`)[0]!),
      ]);
      expect(installed.status).toBe(0);
    }
    const failed = await pen(environment, "wheel", "--allow-builds", "failing", "-w", "failed");
    expect([failed.status, files("failed")]).toEqual([1, []]);
    expect(failed.stderr).toContain("the last words");
  }, 60_000);

  test("--report tells of the source, not of the wheel that was built of it", async () => {
    const { stdout } = await pen(made("report"), "install", "-q", "--allow-builds", "--dry-run", "--report", "-", "only-source");
    const [, item] = JSON.parse(stdout).install as Array<{ download_info: { url: string; archive_info: { hashes: { sha256: string } } } }>;
    expect(item?.download_info.url).toEndWith("/only_source-1.0.tar.gz");
    expect(item?.download_info.archive_info.hashes.sha256).toBe(
      buildSource({ name: "only-source", version: "1.0", requires: ["greeting>=1"] }).sha256,
    );
  });

  test("a local project may need files of this machine, an archive from elsewhere may not", async () => {
    const inner = writeProject(join(world.work, "inner"), projectFiles({ name: "inner", version: "1.0" }));
    const needs = { name: "outer", version: "1.0", requires: [`inner @ file://${inner}`] };
    writeProject(join(world.work, "outer"), projectFiles(needs));
    expect(await pen(made("needs-local"), "install", "./outer")).toMatchObject({ status: 0 });
    expect(await listed(made("needs-local"))).toEqual(["inner 1.0", "outer 1.0"]);
    const { filename, bytes } = buildSource(needs);
    world.index.setProject("served", [{ filename, bytes }]);
    const { status, stderr } = await pen(
      made("needs-local-2"),
      "install",
      "--allow-builds",
      `outer @ ${world.index.origin}/files/${filename}`,
    );
    expect(status).toBe(1);
    expect(stderr).toContain("A package asks for a file of this machine");
  });

  test("a folder is built in a copy: nothing is left in it", async () => {
    const backend = "import pathlib\npathlib.Path('litter').write_text('x')\n";
    const folder = writeProject(join(world.work, "clean"), projectFiles({ name: "clean", version: "1.0", backend }));
    const before = digest(folder);
    expect(await pen(made("copy"), "install", "./clean")).toMatchObject({ status: 0 });
    expect(digest(folder)).toEqual(before);
  });

  test("a backend without editable builds gets a .pth file", async () => {
    const folder = writeProject(join(world.work, "old"), {
      ...projectFiles({ name: "old", version: "1.0", backend: "del build_editable\n" }),
      "src/old_module.py": "answer = 42\n",
    });
    const environment = made("old-editable");
    expect(await pen(environment, "install", "-e", "./old")).toMatchObject({ status: 0 });
    const { stdout } = spawnSync(
      join(environment, "bin", "python"),
      ["-I", "-c", "import old_module; print(old_module.answer, old_module.__file__)"],
      { encoding: "utf8" },
    );
    expect(stdout.trim()).toBe(`42 ${join(folder, "src", "old_module.py")}`);
    expect(origin(environment, "old")).toEqual({ dir_info: { editable: true }, url: `file://${folder}` });
  });

  describe("beside the real pip:", () => {
    const both = async (name: string, ...args: string[]): Promise<{ pip: string; pen: string; results: unknown[] }> => {
      const [pip, own] = [`${name}-pip`, `${name}-pen`].map((one) =>
        existsSync(join(world.work, one)) ? join(world.work, one) : world.environment(one),
      ) as [string, string];
      // pip's build environments ask an index for nothing here: the backends need nothing.
      const first = await world.pip(pip, args);
      const second = await world.pen(["pip", ...args.map((word) => word.replaceAll(pip, own))], {
        environment: own,
        env: { PEN_ALLOW_BUILDS: "1" },
      });
      return { pip, pen: own, results: [first, second].map(({ status, stdout, stderr }) => ({ status, stdout, stderr })) };
    };
    const statuses = ({ results }: { results: unknown[] }): unknown[] => results.map((ran) => (ran as { status: number }).status);

    test("direct_url.json, freeze and list of folders, archives and editable projects", async () => {
      writeProject(join(world.work, "a b+c", "proj"), projectFiles({ name: "proj", version: "1.0" }));
      writeProject(join(world.work, "dev"), projectFiles({ name: "dev-elop", version: "1.0" }));
      const { filename, bytes, sha256 } = buildSource({ name: "archived", version: "1.0" });
      writeFileSync(join(world.work, filename), bytes);
      const inside = buildSource({ name: "inside", version: "1.0", root: "top/py" });
      writeFileSync(join(world.work, inside.filename), inside.bytes);
      const cases = [
        ["proj", ["./a b+c/proj"]],
        ["dev_elop", ["-e", "./dev"]],
        ["dev_elop", ["-e", "dev"]],
        ["archived", [`archived @ file://${join(world.work, filename)}#sha256=${sha256}`]],
        ["archived", [`./${filename}`]],
        ["inside", [`inside @ file://${join(world.work, inside.filename)}#subdirectory=py`]],
        ["proj", [`proj @ file://${join(world.work, "a%20b%2Bc", "proj")}`]],
      ] as const;
      world.index.setProject("served", [{ filename, bytes }]);
      for (const [name, args] of [
        ...cases,
        ["archived", ["--force-reinstall", `archived @ ${world.index.origin}/files/${filename}`]] as const,
      ]) {
        const ran = await both("twin", "install", "--no-deps", ...args);
        expect({ args, statuses: statuses(ran), ran: statuses(ran).includes(1) ? ran.results : [] }).toMatchObject({ statuses: [0, 0] });
        expect({ args, origin: origin(ran.pen, name) }).toEqual({ args, origin: origin(ran.pip, name) });
      }
      for (const args of [
        ["freeze"],
        ["freeze", "--exclude-editable"],
        ["list", "--editable", "--format", "json"],
        ["list", "--exclude-editable", "--format", "json"],
      ]) {
        const ran = await both("twin", ...args);
        const [pip, own] = ran.results as Array<{ stdout: string }>;
        const read = (text = ""): unknown => (args.includes("json") ? JSON.parse(text) : text.replaceAll(ran.pip, ran.pen));
        expect({ args, out: read(own?.stdout) }).toEqual({ args, out: read(pip?.stdout) });
      }
      const shown = (await both("twin", "show", "dev-elop")).results as Array<{ stdout: string }>;
      const field = (text: string | undefined): string | undefined => /^Editable project location: .*$/m.exec(text ?? "")?.[0];
      expect(field(shown[1]?.stdout)).toBe(field(shown[0]?.stdout));
      expect(field(shown[0]?.stdout)).toBeDefined();
    }, 120_000);

    test("repositories: branch, tag, commit, subdirectory, and -e", async () => {
      if (spawnSync("git", ["--version"]).status !== 0) return console.log("git is missing here: repositories are not tried");
      const repository = writeProject(join(world.work, "repository"), projectFiles({ name: "fromgit", version: "1.0" }));
      writeProject(join(repository, "sub"), projectFiles({ name: "fromsub", version: "1.0" }));
      const git = (...args: string[]): string => {
        const { status, stdout, stderr } = spawnSync(
          "git",
          ["-C", repository, "-c", "user.name=t", "-c", "user.email=t@example.org", ...args],
          { encoding: "utf8", env: world.env },
        );
        if (status !== 0) throw new Error(stderr);
        return stdout.trim();
      };
      git("init", "-q", "-b", "main");
      git("add", ".");
      git("commit", "-q", "-m", "one");
      git("tag", "-a", "v1", "-m", "tag");
      const commit = git("rev-parse", "HEAD");
      const url = `git+file://${repository}`;
      for (const [name, text] of [
        ["fromgit", url],
        ["fromgit", `${url}@main`],
        ["fromgit", `fromgit @ ${url}@v1`],
        ["fromgit", `${url}@${commit}`],
        ["fromsub", `${url}@main#subdirectory=sub`],
        ["fromsub", `fromsub @ ${url}#subdirectory=sub`],
      ] as const) {
        const ran = await both("git", "install", "--no-deps", "--force-reinstall", text);
        expect({ text, statuses: statuses(ran), ran: statuses(ran).includes(1) ? ran.results : [] }).toMatchObject({ statuses: [0, 0] });
        expect({ text, origin: origin(ran.pen, name) }).toEqual({ text, origin: origin(ran.pip, name) });
      }
      const frozen = (await both("git", "freeze")).results as Array<{ stdout: string }>;
      expect(frozen[1]?.stdout).toBe(frozen[0]?.stdout ?? "");

      const editable = await both("git-e", "install", "--no-deps", "-e", `${url}@main#egg=fromgit`);
      expect({ statuses: statuses(editable), ran: editable.results }).toMatchObject({ statuses: [0, 0] });
      expect(origin(editable.pen, "fromgit")).toEqual({ dir_info: { editable: true }, url: `file://${editable.pen}/src/fromgit` });
      const again = (await both("git-e", "freeze")).results as Array<{ stdout: string }>;
      expect(again[1]?.stdout).toBe(again[0]?.stdout ?? "");
      expect(again[1]?.stdout).toContain(`-e git+file://${repository}@${commit}#egg=fromgit`);
    }, 120_000);

    test("the same exit codes for what goes wrong", async () => {
      mkdirSync(join(world.work, "empty"), { recursive: true });
      const folder = writeProject(join(world.work, "plain"), projectFiles({ name: "plain", version: "1.0" }));
      const { filename, bytes, sha256 } = buildSource({ name: "archived", version: "1.0" });
      writeFileSync(join(world.work, filename), bytes);
      const hash = `sha256:${"0".repeat(64)}`;
      for (const args of [
        ["./empty"],
        ["-e", "./empty"],
        ["-e", "./nothing"],
        ["./nothing.tar.gz"],
        ["failing"],
        [`archived @ file://${join(world.work, filename)}#sha256=${"0".repeat(64)}`],
        [`other @ file://${join(world.work, filename)}`],
        ["-e", `./${filename}`],
        ["git+file:///nothing/here"],
        ["git+ftp://example.org/x"],
        ["--only-binary", ":all:", "only-source"],
      ]) {
        const ran = await both("codes", "install", "--no-deps", ...args);
        expect({ args, statuses: statuses(ran).map((status) => status !== 0) }).toEqual({ args, statuses: [true, true] });
      }
      writeFileSync(join(world.work, "hashed.txt"), `plain @ file://${folder} --hash=${hash}\n`);
      expect(statuses(await both("codes", "install", "-r", "hashed.txt"))).toEqual([1, 1]);
      writeFileSync(join(world.work, "hashed.txt"), `archived @ file://${join(world.work, filename)}#sha256=${sha256}\n`);
      expect(statuses(await both("codes", "install", "--require-hashes", "-r", "hashed.txt"))).toEqual([0, 0]);
      writeFileSync(join(world.work, "hashed.txt"), `archived @ file://${join(world.work, filename)} --hash=${hash}\n`);
      expect(statuses(await both("codes", "install", "--force-reinstall", "-r", "hashed.txt"))).toEqual([1, 1]);
    }, 120_000);
  });
});
