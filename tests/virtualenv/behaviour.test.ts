/** `pen virtualenv`: what is pen's own in it, and the programs that start virtualenv. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { execute, type Ran } from "../support/program.ts";
import { tool } from "../support/tools.ts";
import { digest, openWorld, sitePackages, type World } from "../support/world.ts";
import { buildWheel } from "../support/wheels.ts";
import { modern, namedFolder, older, seedProjects, wheelFolder } from "./tools.ts";

const skipped = wheelFolder === undefined || modern === undefined || older === undefined;

describe.skipIf(skipped)("pen virtualenv (needs PEN_TEST_TOOLS with virtualenv 21, and pyenv with Python 3.12+ and 3.10 or 3.11)", () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld({ projects: seedProjects() });
  });
  afterAll(() => world?.close());

  const py = modern ?? "";
  const old = older ?? "";
  /** A folder of its own below the working folder. */
  const fresh = (): string => mkdtempSync(join(world.work, "case-"));
  const virtualenv = (args: readonly string[], cwd: string, env: Readonly<Record<string, string>> = {}): Promise<Ran> =>
    world.pen(["virtualenv", ...args], { cwd, env: { ...world.env, ...env } });
  const versions = (root: string): string[] =>
    readdirSync(sitePackages(root))
      .filter((name) => name.endsWith(".dist-info"))
      .sort();

  describe("the golden rule of folders", () => {
    test("security: --clear deletes no folder that is no environment", async () => {
      const cwd = fresh();
      mkdirSync(join(cwd, "env"));
      writeFileSync(join(cwd, "env", "thesis.txt"), "years of work");
      const ran = await virtualenv(["--clear", "--no-seed", "-p", py, "env"], cwd);
      expect(ran.status).toBe(1);
      expect(ran.stderr).toContain("--force");
      expect(ran.stderr).not.toContain("--allow-existing");
      expect(digest(join(cwd, "env"))).toHaveProperty(["thesis.txt"]);
      expect((await virtualenv(["--clear", "--force", "--no-seed", "-p", py, "env"], cwd)).status).toBe(0);
      expect(existsSync(join(cwd, "env", "thesis.txt"))).toBe(false);
    });

    test("security: files of somebody else are not replaced without --force", async () => {
      const cwd = fresh();
      mkdirSync(join(cwd, "env", "bin"), { recursive: true });
      writeFileSync(join(cwd, "env", "bin", "activate"), "mine");
      const ran = await virtualenv(["--no-seed", "-p", py, "env"], cwd);
      expect(ran.status).toBe(1);
      expect(readFileSync(join(cwd, "env", "bin", "activate"), "utf8")).toBe("mine");
      expect(ran.stderr).toContain("--force");
    });

    test("security: the home folder is no place, forced or not", async () => {
      const home = world.env["HOME"] ?? "";
      writeFileSync(join(home, "letter"), "");
      expect((await virtualenv(["--clear", "--force", "--no-seed", "-p", py, home], world.work)).status).toBe(1);
      expect(existsSync(join(home, "letter"))).toBe(true);
    });
  });

  describe("seeds", () => {
    test("the newest from the index, remembered; asked again only with --download", async () => {
      const cwd = fresh();
      const cache = { PEN_CACHE_DIR: join(cwd, "cache") };
      expect((await virtualenv(["-p", py, "one"], cwd, cache)).status).toBe(0);
      expect(versions(join(cwd, "one"))).toEqual(["pip-26.3.dist-info"]);
      const before = world.index.requests.length;
      expect((await virtualenv(["-p", py, "two"], cwd, cache)).status).toBe(0);
      expect(world.index.requests.length).toBe(before);
      expect((await virtualenv(["-p", py, "--download", "three"], cwd, cache)).status).toBe(0);
      expect(world.index.requests.length).toBeGreaterThan(before);
    });

    test("--no-download takes what the Python brings along, and what lies in --extra-search-dir, and asks nobody", async () => {
      const cwd = fresh();
      const cache = { PEN_CACHE_DIR: join(cwd, "cache") };
      const before = world.index.requests.length;
      expect((await virtualenv(["-p", py, "--no-download", "own"], cwd, cache)).status).toBe(0);
      expect((await virtualenv(["-p", py, "--no-download", "--extra-search-dir", wheelFolder ?? "", "--", "dir"], cwd, cache)).status).toBe(
        0,
      );
      expect(world.index.requests.length).toBe(before);
      expect(versions(join(cwd, "dir"))).toEqual(["pip-26.3.dist-info"]);
      expect(versions(join(cwd, "own"))[0]).toMatch(/^pip-\d/);
      expect(versions(join(cwd, "own"))).not.toEqual(["pip-26.3.dist-info"]);
      // What had to do without the index is not remembered as the newest.
      expect((await virtualenv(["-p", py, "later"], cwd, cache)).status).toBe(0);
      expect(versions(join(cwd, "later"))).toEqual(["pip-26.3.dist-info"]);
    });

    test("embed is the pip of the Python's own ensurepip", async () => {
      const cwd = fresh();
      expect((await virtualenv(["-p", py, "--pip", "embed", "env"], cwd)).status).toBe(0);
      const own = await execute(py, ["-I", "-c", "import ensurepip; print(ensurepip.version())"], { cwd, env: { PATH: "/usr/bin:/bin" } });
      expect(versions(join(cwd, "env"))).toEqual([`pip-${own.stdout.trim()}.dist-info`]);
    });

    test("an exact version that nobody has fails, and nothing is left", async () => {
      const cwd = fresh();
      const ran = await virtualenv(["-p", py, "--pip", "1.2.3", "env"], cwd);
      expect([ran.status, existsSync(join(cwd, "env"))]).toEqual([1, false]);
      expect(ran.stderr).toContain("--no-seed");
      expect(ran.stderr).not.toContain("pen venv");
    });

    test("links from the store, copies with --seeder pip, links to folders with --symlink-app-data", async () => {
      const cwd = fresh();
      const links = (name: string): number => statSync(join(sitePackages(join(cwd, name)), "pip", "__init__.py")).nlink;
      for (const [name, ...args] of [["linked"], ["copied", "--seeder", "pip"], ["symlinked", "--symlink-app-data"]] as const)
        expect((await virtualenv(["-p", old, ...args, name], cwd)).status).toBe(0);
      expect(links("linked")).toBeGreaterThan(1);
      expect(links("copied")).toBe(1);
      const folder = join(dirname(sitePackages(join(cwd, "symlinked"))), "linked-packages", "pip");
      expect(lstatSync(folder).isSymbolicLink()).toBe(true);
      const pip = await execute(join(cwd, "symlinked", "bin", "pip"), ["--version"], { cwd, env: { PATH: "/usr/bin:/bin", HOME: cwd } });
      expect(pip.stdout).toContain("pip 26.3");
    });

    test("--upgrade-embed-wheels asks for every Python here, and ends", async () => {
      const cwd = fresh();
      const env = { PEN_CACHE_DIR: join(cwd, "cache"), PATH: `${dirname(py)}:/usr/bin:/bin` };
      const ran = await virtualenv(["--upgrade-embed-wheels"], cwd, env);
      expect([ran.status, readdirSync(cwd)]).toEqual([0, ["cache"]]);
      expect(ran.stdout).toMatch(/^Python 3\.\d+\.\d+ \(.*\): pip 26\.3$/m);
      const before = world.index.requests.length;
      expect((await virtualenv(["-p", py, "env"], cwd, env)).status).toBe(0);
      expect(world.index.requests.length).toBe(before);
    });
  });

  describe("application data", () => {
    test("--app-data caches in a folder of pen's own below it, and --reset-app-data leaves other files alone", async () => {
      const cwd = fresh();
      const data = join(cwd, "data");
      mkdirSync(data);
      writeFileSync(join(data, "virtualenvs-own"), "kept");
      expect((await virtualenv(["-p", py, "--app-data", "data", "one"], cwd)).status).toBe(0);
      expect(readdirSync(data).sort()).toEqual(["pen", "virtualenvs-own"]);
      const before = world.index.requests.length;
      expect((await virtualenv(["-p", py, "--app-data", "data", "two"], cwd)).status).toBe(0);
      expect(world.index.requests.length).toBe(before);
      expect((await virtualenv(["-p", py, "--app-data", "data", "--reset-app-data", "three"], cwd)).status).toBe(0);
      expect(readFileSync(join(data, "virtualenvs-own"), "utf8")).toBe("kept");
      expect((await virtualenv(["-p", py, "four"], cwd, { VIRTUALENV_OVERRIDE_APP_DATA: join(cwd, "other") })).status).toBe(0);
      expect(existsSync(join(cwd, "other", "pen", "wheels"))).toBe(true);
    });

    test("--read-only-app-data uses what is there and writes nothing into it", async () => {
      const cwd = fresh();
      expect((await virtualenv(["-p", py, "--app-data", "data", "one"], cwd)).status).toBe(0);
      const before = digest(join(cwd, "data"));
      const times = statSync(join(cwd, "data", "pen")).mtimeMs;
      const asked = world.index.requests.length;
      const ran = await virtualenv(["-p", py, "--app-data", "data", "--read-only-app-data", "--symlink-app-data", "two"], cwd);
      expect([ran.status, ran.stderr]).toEqual([0, ""]);
      // Neither asked for anew nor tied to the folder.
      expect(world.index.requests.length).toBe(asked);
      expect(versions(join(cwd, "two"))).toEqual(["pip-26.3.dist-info"]);
      expect(statSync(join(sitePackages(join(cwd, "two")), "pip", "__init__.py")).nlink).toBe(1);
      // What is not there is fetched into a folder that is gone afterwards.
      expect((await virtualenv(["-p", old, "--app-data", "data", "--read-only-app-data", "three"], cwd)).status).toBe(0);
      expect(digest(join(cwd, "data"))).toEqual(before);
      expect(statSync(join(cwd, "data", "pen")).mtimeMs).toBe(times);
      expect((await virtualenv(["--app-data", "data", "--read-only-app-data", "--reset-app-data", "x"], cwd)).status).toBe(2);
    });

    test("a folder that cannot be made is replaced by one that is removed", async () => {
      const cwd = fresh();
      writeFileSync(join(cwd, "file"), "");
      const ran = await virtualenv(["-p", py, "--app-data", "file/below", "--symlink-app-data", "env"], cwd);
      expect(ran.status).toBe(0);
      const pip = await execute(join(cwd, "env", "bin", "pip"), ["--version"], { cwd, env: { PATH: "/usr/bin:/bin", HOME: cwd } });
      expect(pip.stdout).toContain("pip 26.3");
    });
  });

  describe("Pythons", () => {
    test("a version of pyenv that is not active is found, which virtualenv cannot", async () => {
      const cwd = fresh();
      const release = /(\d+\.\d+\.\d+)/.exec(old)?.[1] ?? "";
      const env = { PATH: "/usr/bin:/bin", PYENV_ROOT: dirname(dirname(dirname(dirname(old)))) };
      expect((await virtualenv(["-p", release, "--no-seed", "env"], cwd, env)).status).toBe(0);
      expect(realpathSync(join(cwd, "env", "bin", "python"))).toBe(realpathSync(old));
    });

    test("security: a bare name is not looked for in the working folder", async () => {
      const cwd = fresh();
      symlinkSync(py, join(cwd, "my_python"));
      expect((await virtualenv(["-p", "my_python", "--no-seed", "env"], cwd)).status).toBe(1);
      expect((await virtualenv(["-p", "./my_python", "--no-seed", "env"], cwd)).status).toBe(0);
    });
  });

  describe("the file .venv (PEP 832)", () => {
    const project = async (name = "env"): Promise<string> => {
      const cwd = fresh();
      expect((await virtualenv(["-p", py, "--no-seed", "--venv-redirect", name], cwd)).status).toBe(0);
      return cwd;
    };

    test("leads pen to the environment, from folders below too", async () => {
      const cwd = await project();
      expect(readFileSync(join(cwd, ".venv"), "utf8")).toBe("env\n");
      mkdirSync(join(cwd, "src"));
      const ran = await world.pen(["pip", "list", "--json"], { cwd: join(cwd, "src") });
      expect([ran.status, ran.stderr]).toEqual([0, ""]);
      const shown = await world.pen(["run", "python", "-c", "import sys; print(sys.prefix)"], { cwd: join(cwd, "src") });
      expect(shown.stdout.trim()).toBe(join(cwd, "env"));
    });

    test("is written over only where it leads to an environment of pen or virtualenv", async () => {
      const cwd = await project();
      expect((await virtualenv(["-p", py, "--no-seed", "--venv-redirect", "other"], cwd)).status).toBe(0);
      expect(readFileSync(join(cwd, ".venv"), "utf8")).toBe("other\n");
      writeFileSync(join(cwd, "pyproject.toml"), "");
      expect((await virtualenv(["-p", py, "--no-seed", "env"], cwd)).status).toBe(0);
      expect(readFileSync(join(cwd, ".venv"), "utf8")).toBe("other\n");
    });

    test("security: one that leads nowhere stops the search, and names itself", async () => {
      const outer = fresh();
      expect((await virtualenv(["-p", py, "--no-seed", ".venv"], outer)).status).toBe(0);
      const inner = join(outer, "inner");
      mkdirSync(inner);
      for (const text of ["gone\n", "", "a\nb\n", "../\u001b[31m", "$(touch pwned)", `../.venv\n../.venv\n`, "x".repeat(5000), "/etc"]) {
        writeFileSync(join(inner, ".venv"), text);
        const ran = await world.pen(["pip", "list"], { cwd: inner });
        expect([text.slice(0, 20), ran.status]).toEqual([text.slice(0, 20), 1]);
        expect(ran.stderr).toContain(".venv does not lead to a virtual environment");
        expect(ran.stderr).not.toContain("\u001b[31m");
      }
      expect(readdirSync(inner)).toEqual([".venv"]);
    });
  });

  test("started under the name virtualenv", async () => {
    const cwd = fresh();
    const program = join(namedFolder(world.folder), "virtualenv");
    const call = { cwd, env: world.env };
    expect((await execute(program, ["--version"], call)).stdout).toMatch(/^virtualenv 21\.\d+\.\d+ from \/.* \(pen \d/);
    const help = await execute(program, ["-h"], { ...call, env: { ...world.env, VIRTUALENV_CLEAR: "1" } });
    expect(help.stdout).toContain("Usage: virtualenv [options]");
    expect(help.stdout).toMatch(/\(default: true -> from env var\s+VIRTUALENV_CLEAR\)/);
    expect(help.stdout).toMatch(/config file \/.*virtualenv\.ini missing \(change via env var\s+VIRTUALENV_CONFIG_FILE\)/);
    const ran = await execute(program, ["-p", py, "-v", "env"], call);
    expect(ran.stdout).toMatch(
      /^found .*\ncreated virtual environment CPython3\S+ in \d+ms\n {2}creator CPython3Posix\(dest=.*\n {2}seeder FromAppData\(.*\n {4}added seed packages: pip==26\.3\n {2}activators BashActivator,/,
    );
    expect((await execute(program, ["env", "-p", "9.9", "--with-traceback"], call)).stderr).toContain("    at ");
  });

  test("hostile names of environments and prompts stay names", async () => {
    const cwd = fresh();
    const names = ["a b", "-n", "$(touch pwned)", "`touch pwned`", "é'\"!;#", "new\nline", "~"];
    for (const name of names) {
      const ran = await virtualenv(["-p", py, "--no-seed", "--venv-redirect", "--", name], cwd);
      expect([name, ran.status]).toEqual([name, 0]);
      expect(existsSync(join(cwd, name, "bin", "python"))).toBe(true);
      if (name !== "new\nline") expect(readFileSync(join(cwd, ".venv"), "utf8")).toBe(`${name}\n`);
    }
    expect(existsSync(join(cwd, "pwned"))).toBe(false);
    expect((await virtualenv(["-p", py, "--no-seed", "--prompt", "a\nb", "prompted"], cwd)).status).toBe(2);
  });

  test("a Python without seeds in virtualenv gets pip here", async () => {
    const oldest = readdirSync(join(dirname(py), "..", "..")).find((name) => /^3\.[678]\./.test(name));
    if (oldest === undefined) return;
    const cwd = fresh();
    const python = join(dirname(py), "..", "..", oldest, "bin", "python");
    const ran = await virtualenv(["-p", python, "env"], cwd);
    expect([ran.status, versions(join(cwd, "env")).some((name) => name.startsWith("pip-"))]).toEqual([0, true]);
  });

  const nox = tool("nox");
  test.skipIf(nox === undefined)(
    "real nox does its normal work over pen (needs PEN_TEST_TOOLS with nox)",
    async () => {
      const cwd = fresh();
      const wheel = buildWheel({ name: "greeting", version: "1.0", files: { "greeting.py": "print('hello from the session')\n" } });
      writeFileSync(join(cwd, wheel.filename), wheel.bytes);
      // nox starts `python -m virtualenv`, never a program: this module hands the line over to the first `virtualenv` on PATH.
      mkdirSync(join(cwd, "module"));
      writeFileSync(join(cwd, "module", "virtualenv.py"), "import os, sys\nos.execvp('virtualenv', ['virtualenv', *sys.argv[1:]])\n");
      writeFileSync(
        join(cwd, "noxfile.py"),
        [
          "import nox",
          "nox.options.reuse_existing_virtualenvs = True",
          `@nox.session(venv_backend="virtualenv", python=${JSON.stringify(py)})`,
          "def hello(session):",
          `    session.install(${JSON.stringify(`./${wheel.filename}`)})`,
          '    session.run("python", "-m", "greeting")',
          '    session.run("pip", "--version")',
          "",
        ].join("\n"),
      );
      const env = {
        ...world.env,
        PATH: `${namedFolder(world.folder)}:${world.env["PATH"] ?? ""}`,
        PYTHONPATH: join(cwd, "module"),
        PIP_INDEX_URL: world.index.indexUrl,
        PIP_DISABLE_PIP_VERSION_CHECK: "1",
      };
      const first = await execute(nox ?? "", ["-s", "hello"], { cwd, env });
      expect([first.status, first.status === 0 ? "" : first.stdout + first.stderr]).toEqual([0, ""]);
      expect(first.stdout + first.stderr).toContain("hello from the session");
      const root = join(cwd, ".nox", "hello");
      expect(readFileSync(join(root, "pyvenv.cfg"), "utf8")).toMatch(/^pen = /m);
      expect(readlinkSync(join(root, "bin", "python"))).toContain("python");
      // nox reads pyvenv.cfg, and takes the environment again.
      writeFileSync(join(root, "mark"), "");
      const second = await execute(nox ?? "", ["-s", "hello"], { cwd, env: { ...env, NOX_ENABLE_STALENESS_CHECK: "1" } });
      expect([second.status, existsSync(join(root, "mark"))]).toEqual([0, true]);
    },
    120_000,
  );
});
