/** `pen env doctor`: every problem made by hand in a real environment, and found. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { readHost, type Host } from "#foundation";
import { runProgram } from "../../src/cli/program.ts";
import {
  createEnvironment,
  diagnose,
  explain,
  install as install_,
  listEnvironments,
  type DoctorProblem,
} from "../../src/operations/index.ts";
import { cleanEnvironment } from "../support/interpreters.ts";
import { schemaProblems } from "../support/json-schema.ts";
import { pythons } from "../support/pythons.ts";
import { buildWheel } from "../support/wheels.ts";
import { digest, sitePackages } from "../support/world.ts";

const schema = JSON.parse(readFileSync(join(import.meta.dirname, "..", "..", "docs", "schema", "output.json"), "utf8")) as Record<
  string,
  unknown
>;
const python = pythons().at(-1);

describe.skipIf(python === undefined)("pen env doctor (needs a Python)", () => {
  let folder: string;
  let host: Host;
  let count = 0;
  beforeAll(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "pen-doctor-")));
    mkdirSync(join(folder, "work"));
    const env: Record<string, string> = {
      ...cleanEnvironment(join(folder, "home")),
      PEN_CACHE_DIR: join(folder, "cache"),
      WORKON_HOME: join(folder, "envs"),
      PYENV_ROOT: join(folder, "none"),
    };
    host = readHost({ env, cwd: join(folder, "work"), home: join(folder, "home") });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const make = async (from = python?.path): Promise<string> =>
    (await createEnvironment({ host, path: join(folder, "envs", `e ${(count += 1)}`), python: from, seed: [] })).environment.root;
  const write = (path: string, text = "x = 1\n"): void => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  };
  const row = (packages: string, file: string): string => {
    const bytes = readFileSync(join(packages, file));
    return `${file},sha256=${createHash("sha256").update(bytes).digest("base64url")},${bytes.length}\n`;
  };
  const install = (
    packages: string,
    name: string,
    { version = "1.0", files = [`${name}/__init__.py`, `${name}/a.py`], needs = [] as string[] } = {},
  ): string => {
    const info = `${name}-${version}.dist-info`;
    for (const file of files) if (!existsSync(join(packages, file))) write(join(packages, file));
    write(
      join(packages, info, "METADATA"),
      `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n${needs.map((need) => `Requires-Dist: ${need}\n`).join("")}`,
    );
    write(
      join(packages, info, "RECORD"),
      [...files, `${info}/METADATA`].map((file) => row(packages, file)).join("") + `${info}/RECORD,,\n${name}/x.pyc,,\n`,
    );
    return join(packages, info);
  };
  const look = async (root: string, at: Host = host): Promise<readonly DoctorProblem[]> => {
    const before = digest(root);
    const [diagnosis] = await diagnose({ host: at, environment: root });
    expect(digest(root)).toEqual(before);
    return diagnosis?.problems ?? [];
  };
  const codes = async (root: string, at: Host = host): Promise<string[]> => (await look(root, at)).map(({ code }) => code);
  const point = (root: string, target: string): void => {
    rmSync(join(root, "bin", "python"));
    symlinkSync(target, join(root, "bin", "python"));
  };

  test("a sound environment", async () => {
    const root = await make();
    install(sitePackages(root), "flask", { needs: ["jinja; extra == 'x'", "blinker>=1"] });
    install(sitePackages(root), "blinker", { version: "1.5" });
    write(join(root, "bin", "flask"), `#!${root}/bin/python\n`);
    write(join(root, "bin", "tool"), "#!/bin/sh\n");
    expect(await look(root)).toEqual([]);
  });
  test("the base Python is gone, and what is in the environment is looked at all the same", async () => {
    const root = await make();
    point(root, "/nowhere/bin/python3");
    writeFileSync(join(root, "pyvenv.cfg"), `home = /nowhere/bin\nversion = ${python?.version}\n`);
    symlinkSync("nothing", join(root, "x"));
    const [gone, ...others] = await look(root);
    expect(gone).toMatchObject({ code: "python-gone", hint: `pen env repair '${root}'` });
    expect(others.map(({ code }) => code)).toEqual(["dangling-link"]);
  });
  const older = pythons().find(({ release: [, minor] }) => minor !== python?.release[1]);
  test.skipIf(older === undefined)("the base Python is another version now (needs two Pythons)", async () => {
    const root = await make();
    point(root, older?.realPath ?? "");
    expect(await codes(root)).toContain("python-changed");
  });
  test("no home, no bin", async () => {
    const one = await make();
    writeFileSync(join(one, "pyvenv.cfg"), "version = 3\n");
    expect(await codes(one)).toEqual(["environment-broken"]);
    const two = await make();
    rmSync(join(two, "bin"), { recursive: true });
    expect((await diagnose({ host: { ...host, env: { ...host.env, VIRTUAL_ENV: two } } }))[0]?.problems.map(({ code }) => code)).toEqual([
      "environment-broken",
    ]);
  });
  test("links that lead nowhere and in a circle", async () => {
    const root = await make();
    symlinkSync("/nowhere/at/all", join(sitePackages(root), "far"));
    symlinkSync("b", join(root, "a"));
    symlinkSync("a", join(root, "b"));
    expect(await look(root)).toMatchObject([
      { code: "dangling-link", subjects: [join(sitePackages(root), "far")] },
      { code: "looping-link", subjects: [expect.any(String), expect.any(String)] },
    ]);
  });
  test("scripts for another Python, also in the form for long paths; after a move", async () => {
    const root = await make();
    write(join(root, "bin", "one"), "#!/usr/bin/python3\n");
    expect(await look(root)).toMatchObject([{ code: "foreign-shebang", subjects: [join(root, "bin", "one")] }]);
    rmSync(join(root, "bin", "one"));
    write(join(root, "bin", "long"), `#!/bin/sh\n'''exec' "${root}/bin/python" "$0" "$@"\n' '''\n`);
    expect(await codes(root)).toEqual([]);
    const moved = `${root} moved`;
    renameSync(root, moved);
    expect(await look(moved)).toMatchObject([{ code: "foreign-shebang", why: expect.stringContaining("moved") as string }]);
  });
  test("files against RECORD: missing, changed, doubled, twice, unreadable", async () => {
    const root = await make();
    const packages = sitePackages(root);
    install(packages, "one");
    install(packages, "two");
    rmSync(join(packages, "one", "a.py"));
    writeFileSync(join(packages, "two", "a.py"), "y = 1\n");
    expect(await look(root)).toMatchObject([
      {
        code: "file-missing",
        subjects: [join(packages, "one", "a.py")],
        package: "one",
        hint: `pen env repair '${root}'`,
      },
      { code: "file-changed", subjects: [join(packages, "two", "a.py")] },
    ]);
    const second = await make();
    install(sitePackages(second), "three", { files: ["common.py"] });
    install(sitePackages(second), "four", { files: ["common.py"] });
    expect(await look(second)).toMatchObject([{ code: "file-doubled", subjects: [join(sitePackages(second), "common.py")] }]);
    const third = await make();
    install(sitePackages(third), "five", { version: "1.0", files: ["five.py"] });
    install(sitePackages(third), "five", { version: "2.0", files: ["more.py"] });
    writeFileSync(join(install(sitePackages(third), "six"), "RECORD"), '"');
    expect((await codes(third)).sort()).toEqual(["installed-twice", "record-unreadable"]);
  });
  test("rows of RECORD that lead out of the environment are not followed", async () => {
    const root = await make();
    const info = install(sitePackages(root), "evil");
    writeFileSync(join(info, "RECORD"), `../../../../../../../etc/passwd,sha256=AAAA,1\n/etc/hostname,sha256=AAAA,1\n../../../../gone,,\n`);
    expect(await look(root)).toEqual([]);
  });
  test("requirements that are missing or do not fit", async () => {
    const root = await make();
    install(sitePackages(root), "app", { needs: ["lib>=2", "absent", "never; python_version < '2'"] });
    install(sitePackages(root), "lib", { version: "1.0" });
    expect(await look(root)).toMatchObject([
      { code: "requirement-missing", subjects: ["app", "absent"] },
      { code: "requirement-conflict", subjects: ["app", "lib"], hint: expect.stringContaining("lib>=2") as string },
    ]);
  });
  test("a journal is found and left alone", async () => {
    const root = await make();
    write(join(root, ".pen", "journal.json"), "{}");
    expect(await codes(root)).toEqual(["unfinished-command"]);
  });
  test("modules that hide those of the standard library, and those that it hides", async () => {
    const root = await make();
    write(join(sitePackages(root), "dataclasses.py"));
    const cwd = join(folder, "random place");
    write(join(cwd, "random.py"));
    write(join(cwd, "json", "data.txt"));
    write(join(folder, "pp", "string.py"));
    const found = await look(root, { ...host, cwd, env: { ...host.env, PYTHONPATH: join(folder, "pp"), PYTHONHOME: "/x" } });
    expect(found.map(({ code, subjects }) => [code, ...subjects])).toEqual([
      ["shadowed-module", join(cwd, "random.py")],
      ["shadowed-module", join(folder, "pp", "string.py")],
      ["hidden-module", join(sitePackages(root), "dataclasses.py")],
      ["pythonhome", "PYTHONHOME"],
      ["pythonpath", "PYTHONPATH"],
    ]);
  });
  for (const linkMode of ["hardlink", "copy", "symlink"] as const) {
    test(`what pen installs with ${linkMode} is sound, explained, listed, and its damage is found`, async () => {
      const wheel = buildWheel({
        name: "Hello-World",
        version: "1.5",
        files: { "hello_world.py": "def main(): pass\n", "hi/x.py": "" },
        entryPoints: { console_scripts: { hello: "hello_world:main" } },
      });
      write(join(folder, "wheels", linkMode, wheel.filename));
      writeFileSync(join(folder, "wheels", linkMode, wheel.filename), wheel.bytes);
      const root = await make();
      const indexes = { noIndex: true, findLinks: [join(folder, "wheels", linkMode)] };
      await install_({ host, python: root, requirements: ["hello-world"], linkMode, indexes });
      expect(await look(root)).toEqual([]);
      const { module, sitePackages: places, path } = await explain({ host, environment: root, module: "hello_world" });
      expect(module?.copies).toMatchObject([{ kind: "module", imported: true, distribution: "Hello-World", version: "1.5" }]);
      expect(places.reduce((sum, { count: one }) => sum + one, 0)).toBe(1);
      const said = Bun.spawnSync([join(root, "bin", "python"), "-c", "import sys; print('\\n'.join(sys.path[1:]))"], {
        env: host.env,
        cwd: host.cwd,
      });
      expect(path.slice(1).map((entry) => entry.path)).toEqual(said.stdout.toString().trim().split("\n"));
      expect(
        (await listEnvironments({ host: { ...host, env: { ...host.env, WORKON_HOME: "" } } })).find((one) => one.path === root),
      ).toMatchObject({ packages: 1 });
      rmSync(module?.copies[0]?.path ?? "");
      expect(await codes(root)).toEqual(["file-missing"]);
    });
  }
  const tool = (name: string): string | undefined => {
    const path = join(process.env["PEN_TEST_TOOLS"] ?? "", name);
    return process.env["PEN_TEST_TOOLS"] !== undefined && existsSync(path) ? path : undefined;
  };
  const made = (command: readonly string[]): void => {
    const { exitCode, stderr } = Bun.spawnSync([...command], { env: { ...host.env, UV_CACHE_DIR: join(folder, "uv") } });
    if (exitCode !== 0) throw new Error(stderr.toString());
  };
  for (const { path, version } of pythons()) {
    test(`what other tools make for Python ${version} (${path}) is sound`, async () => {
      const places: string[] = [];
      const place = (name: string): string => {
        places.push(join(folder, "tools", `${name} ${path.replaceAll("/", "_")}`));
        return places.at(-1) ?? "";
      };
      made([path, "-I", "-m", "venv", "--without-pip", place("venv")]);
      made([path, "-I", "-m", "venv", "--without-pip", "--copies", "--system-site-packages", place("copies")]);
      const [uv, virtualenv] = [tool("uv"), tool("virtualenv")];
      if (uv !== undefined)
        for (const more of [[], ["--relocatable"]]) made([uv, "venv", "-q", ...more, "-p", path, place(`uv${more.length}`)]);
      const isSeeded = Number(version.split(".")[1]) >= 9;
      if (virtualenv !== undefined) made([virtualenv, "-q", ...(isSeeded ? [] : ["--no-seed"]), "-p", path, place("virtualenv")]);
      for (const root of places) expect([root, ...(await look(root))]).toEqual([root]);
    }, 60_000);
  }
  test("the real environment with pip in it, made by venv itself, is sound", async () => {
    if (Bun.spawnSync([python?.path ?? "", "-I", "-c", "import ensurepip, venv"]).exitCode !== 0) return;
    const real = join(folder, "real");
    made([python?.path ?? "", "-I", "-m", "venv", real]);
    expect(await look(real)).toEqual([]);
  }, 60_000);
  test("other things that break environments: a foreign build, a relative home, a moved base, an upgraded one, no activation", async () => {
    const root = await make();
    const info = install(sitePackages(root), "built", {
      files: ["built/x.cpython-35m-riscv64-linux-gnu.so", "built/y.cpython-35m-riscv64-linux-gnu.so"],
    });
    expect(await look(root)).toMatchObject([{ code: "wheel-unfit", package: "built" }]);
    rmSync(info, { recursive: true });
    const config = join(root, "pyvenv.cfg");
    const text = readFileSync(config, "utf8");
    for (const [change, code] of [
      [/^home = .*$/m, "home-relative"],
      [/^home = .*$/m, "python-moved"],
      [/^version = .*$/m, "python-upgraded"],
    ] as const) {
      const version = text.replace(/[^]*^version = (\d+\.\d+)[^]*$/m, "$1");
      const line = {
        "home-relative": "home = some/where",
        "python-moved": "home = /gone/bin",
        "python-upgraded": `version = ${version}.99`,
      }[code];
      writeFileSync(config, text.replace(change, line));
      expect(await look(root)).toMatchObject([{ code, hint: `pen env repair '${root}'`, package: null }]);
    }
    writeFileSync(config, text);
    rmSync(join(root, "bin", "activate"));
    symlinkSync("python", join(root, "bin", "python3.1"));
    rmSync(join(root, "bin", "python3"));
    expect(await codes(root)).toEqual(["python-name", "activation-missing"]);
  });
  test("an environment that was moved: scripts of every form and activation of every tool name the old place", async () => {
    for (const name of ["venv", "virtualenv", "uv"]) {
      const program = name === "venv" ? python?.path : tool(name);
      if (program === undefined) continue;
      const root = join(folder, "moving", name);
      made([
        program,
        ...(name === "venv"
          ? ["-m", "venv", "--without-pip"]
          : name === "uv"
            ? ["venv", "-q", "-p", python?.path ?? ""]
            : ["-q", "-p", python?.path ?? ""]),
        root,
      ]);
      const moved = `${root} it's moved`;
      renameSync(root, moved);
      expect(await codes(moved)).toContain("activation-stale");
    }
  });

  test("the command: exit status, JSON by the schema, --all, and no environment", async () => {
    const pen = async (words: readonly string[]): Promise<{ status: number; out: string }> => {
      let out = "";
      const terminal = {
        out: (text: string) => void (out += text),
        err: () => {},
        outIsTerminal: false,
        errIsTerminal: false,
        inIsTerminal: false,
        columns: 80,
      };
      return { status: await runProgram(words, { terminal, calledAs: "pen", modeWords: 0, host }), out };
    };
    const sound = await make();
    expect(await pen(["env", "doctor", sound])).toEqual({ status: 0, out: `ok ${sound}\n` });
    const all = await pen(["env", "doctor", "--all", "--json"]);
    expect(all.status).toBe(1);
    const value = JSON.parse(all.out) as { environments: Array<{ path: string; problems: unknown[] }> };
    expect(schemaProblems(value, { $ref: "#/$defs/env doctor" }, schema)).toEqual([]);
    expect(value.environments.find(({ path }) => path === sound)?.problems).toEqual([]);
    const shown = await pen(["env", "doctor", "--all"]);
    expect(shown.out).toContain("[python-gone]");
    expect((await pen(["env", "doctor"])).status).toBe(1);
    await expect(diagnose({ host })).rejects.toMatchObject({ code: "ENV_NOT_FOUND" });
  });
});
