import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import * as fs from "node:fs";
import { dirname, join } from "node:path";
import { PenError } from "#foundation";
import { makeMachine, quote, startsOf, writeScript, writeStandIn, type Machine, type StandIn } from "../../tests/python-stand-ins.ts";
import { describeInterpreter } from "./describe.ts";
import { findInterpreter, findInterpreters } from "./find.ts";
import type { FindOptions } from "./search.ts";
import { parseRequest } from "./request.ts";
import type { RegistryPort } from "./registry.ts";

let machine: Machine;
beforeEach(() => {
  machine = makeMachine();
});
afterEach(() => machine.remove());

const at = (...parts: string[]) => join(machine.root, ...parts);

/** An installation in a folder of its own, as version managers make them. */
function install(folder: string, version: string, more: StandIn = {}): string {
  return writeStandIn(join(folder, "bin", "python3"), { version, ...more });
}

/** An environment whose interpreter answers as one; `home` leads to the folder of `base`. */
function environment(folder: string, base: string, version: string): string {
  fs.mkdirSync(join(folder, "bin"), { recursive: true });
  fs.writeFileSync(join(folder, "pyvenv.cfg"), `home = ${dirname(base)}\n`);
  const answer = { config: join(folder, "pyvenv.cfg"), base_prefix: dirname(dirname(base)) };
  return writeStandIn(join(folder, "bin", "python3"), { version, answer });
}

function link(target: string, path: string): string {
  fs.mkdirSync(dirname(path), { recursive: true });
  fs.symlinkSync(target, path);
  return path;
}

const found = async (options: FindOptions = machine.search) =>
  (await findInterpreters(options)).map((one) => `${one.source} ${one.version}`);
const version = async (text: string | undefined, options: FindOptions = machine.search) =>
  (await findInterpreter(text === undefined ? undefined : parseRequest(text, options.host), options)).version;

describe("where pen looks", () => {
  test("all places, in the documented order", async () => {
    const base = install(at("opt"), "3.12.9");
    const env = {
      VIRTUAL_ENV: at("active"),
      CONDA_PREFIX: at("conda"),
      PYENV_ROOT: at("pyenv"),
      ASDF_DATA_DIR: at("asdf"),
      MISE_DATA_DIR: at("mise"),
      PEN_DATA_DIR: at("pen"),
      UV_PYTHON_INSTALL_DIR: at("uv"),
    };
    environment(at("active"), base, "3.12.9");
    install(at("conda"), "3.8.8");
    environment(at("work", ".venv"), base, "3.12.9");
    writeStandIn(at("bin", "python3"), { version: "3.9.1" });
    install(at("pyenv", "versions", "3.10.1"), "3.10.1");
    install(at("pyenv", "versions", "3.11.1"), "3.11.1");
    install(at("asdf", "installs", "python", "3.10.2"), "3.10.2");
    install(at("mise", "installs", "python", "3.10.3"), "3.10.3");
    install(at("pen", "python", "cpython-3.10.4-linux-x86_64-gnu"), "3.10.4");
    install(at("uv", "cpython-3.10.5-linux-x86_64-gnu"), "3.10.5");
    writeStandIn(at("system", "python3"), { version: "3.10.6", prefix: at("system-prefix") });
    const registered = install(at("registered"), "3.10.7");
    const registry: RegistryPort = {
      pythons: async () => [
        { company: "PythonCore", tag: "3.10", executable: registered, installFolder: undefined },
        { company: "PythonCore", tag: "3.9", executable: at("gone", "python.exe"), installFolder: undefined },
        { company: "Contoso", tag: "3.9", executable: undefined, installFolder: at("registered") },
      ],
    };
    expect(await found({ ...machine.with({ env }), systemFolders: [at("system")], registry })).toEqual([
      "active-environment 3.12.9",
      "active-environment 3.8.8",
      "project-environment 3.12.9",
      "path 3.9.1",
      "pyenv 3.11.1",
      "pyenv 3.10.1",
      "asdf 3.10.2",
      "mise 3.10.3",
      "managed 3.10.4",
      "uv-managed 3.10.5",
      "system 3.10.6",
      "registry 3.10.7",
    ]);
  });

  test("the usual places under the home folder, without variables", async () => {
    install(join(machine.home, ".pyenv", "versions", "3.10.1"), "3.10.1");
    install(join(machine.home, ".asdf", "installs", "python", "3.10.2"), "3.10.2");
    install(join(machine.home, ".local", "share", "mise", "installs", "python", "3.10.3"), "3.10.3");
    install(join(machine.home, ".local", "share", "pen", "python", "x"), "3.10.4");
    install(join(machine.home, ".local", "share", "uv", "python", "x"), "3.10.5");
    expect(await found()).toEqual(["pyenv 3.10.1", "asdf 3.10.2", "mise 3.10.3", "managed 3.10.4", "uv-managed 3.10.5"]);
  });

  test("versions are sorted as versions, pre-releases last, links and unfinished installs not twice", async () => {
    const versions = join(machine.home, ".pyenv", "versions");
    for (const name of ["3.9.18", "3.10.2", "3.10.13"]) install(join(versions, name), name);
    install(join(versions, "3.14-dev"), "3.14.0a1");
    link(join(versions, "3.10.13"), join(versions, "3.10"));
    fs.mkdirSync(join(versions, "3.12.0"), { recursive: true });
    environment(join(versions, "my-env"), join(versions, "3.9.18", "bin", "python3"), "3.9.18");
    expect(await found()).toEqual(["pyenv 3.10.13", "pyenv 3.10.2", "pyenv 3.9.18", "pyenv 3.14.0a1"]);
  });

  test("python, python3 and python3.12 of one folder are one; so is another path to it", async () => {
    const real = writeStandIn(at("bin", "python3.12"));
    link("python3.12", at("bin", "python3"));
    link("python3", at("bin", "python"));
    link(at("bin"), at("also-bin"));
    const PATH = `${at("bin")}:${at("also-bin")}`;
    const all = await findInterpreters(machine.with({ env: { PATH } }));
    expect(all.map((one) => one.executable)).toEqual([at("bin", "python3")]);
    expect(startsOf(real)).toBe(1);
  });

  test("copies under several names are one, a debug build beside them is another", async () => {
    for (const name of ["python3", "python3.12"]) writeStandIn(at("bin", name), { prefix: at("prefix") });
    writeStandIn(at("bin", "python3.12d"), { prefix: at("prefix"), answer: { abiflags: "d" } });
    expect((await findInterpreters(machine.search)).map((one) => one.debug)).toEqual([false, true]);
  });

  test("relative entries of PATH are not followed", async () => {
    writeStandIn(at("work", "bin", "python3"));
    writeStandIn(at("work", "python3"));
    expect(await found(machine.with({ env: { PATH: "bin:.::" } }))).toEqual([]);
  });

  test("programs that only look like Pythons by name are not started", async () => {
    for (const name of ["python3-config", "python3.12-config", "pythonw", "python3.12m", "ipython3", "python-build", "pypy-c-jit"])
      writeStandIn(at("bin", name));
    expect(await found()).toEqual([]);
  });

  test("stubs of the Windows Store are passed over", async () => {
    fs.mkdirSync(at("WindowsApps"));
    fs.writeFileSync(at("WindowsApps", "python.exe"), "", { mode: 0o755 });
    writeStandIn(at("bin", "python.exe"), { version: "3.12.4" });
    const skipped: string[] = [];
    const options = {
      ...machine.with({ platform: "win32", env: { PATH: `${at("WindowsApps")};${at("bin")}` } }),
      registry: { pythons: async () => [] },
    };
    expect(await found({ ...options, onSkipped: (path) => skipped.push(path) })).toEqual(["path 3.12.4"]);
    expect(skipped).toEqual([]);
  });

  test("macOS without developer tools: its stub is not started", async () => {
    const options = machine.with({ platform: "darwin", env: { PATH: "/usr/bin" } });
    const paths = (await findInterpreters(options)).map((one) => one.executable);
    expect(paths).not.toContain("/usr/bin/python3");
  });

  test("folders that cannot be read, links in a circle and over-long names disturb nothing", async () => {
    fs.mkdirSync(at("closed"), { mode: 0o000 });
    link(at("circle"), at("circle"));
    link("python3", at("bin", "python3"));
    writeStandIn(at("bin", "python3.12"));
    const PATH = [at("closed"), at("circle"), at("x".repeat(300)), at("bin", "python3.12"), at("bin")].join(":");
    expect(await found(machine.with({ env: { PATH, VIRTUAL_ENV: at("circle"), PYENV_ROOT: at("y".repeat(300)) } }))).toEqual([
      "path 3.12.1",
    ]);
    fs.chmodSync(at("closed"), 0o755);
    for (const path of [at("circle"), at("z".repeat(300))]) {
      await expect(findInterpreter({ kind: "path", path }, machine.search)).rejects.toBeInstanceOf(PenError);
    }
  });

  test("extra folders come before PATH", async () => {
    writeStandIn(at("bin", "python3"), { version: "3.9.1" });
    writeStandIn(at("extra", "python3"), { version: "3.10.1" });
    expect(await version(undefined, { ...machine.search, extraFolders: [at("extra")] })).toBe("3.10.1");
  });

  test("broken ones are passed over and told", async () => {
    writeScript(at("bin", "python3"), "exit 1");
    writeStandIn(at("bin", "python3.11"), { version: "3.11.1" });
    const skipped: string[] = [];
    const options = { ...machine.search, onSkipped: (path: string, error: PenError) => void skipped.push(`${error.code} ${path}`) };
    expect(await found(options)).toEqual(["path 3.11.1"]);
    expect(skipped).toEqual([`PYTHON_BROKEN ${at("bin", "python3")}`]);
  });
});

describe("shims", () => {
  const shim = (manager: string, name: string) => writeScript(at(manager, "shims", name), `echo >>${quote(at("shim-started"))}; exit 1`);
  afterEach(() => expect(fs.existsSync(at("shim-started"))).toBe(false));

  function pyenv(env: Record<string, string> = {}): FindOptions {
    for (const name of ["python", "python3", "python3.10"]) shim("pyenv", name);
    for (const name of ["3.9.1", "3.10.1", "3.10.2"]) install(at("pyenv", "versions", name), name);
    return machine.with({ env: { PATH: `${at("pyenv", "shims")}:${at("bin")}`, PYENV_ROOT: at("pyenv"), ...env } });
  }

  test("pyenv: PYENV_VERSION, .python-version here or above, the global version, in that order", async () => {
    const options = pyenv();
    expect(await version(undefined, options)).toBe("3.10.2");
    fs.writeFileSync(at("pyenv", "version"), "3.9.1\n");
    expect((await findInterpreter(undefined, options)).executable).toBe(at("pyenv", "versions", "3.9.1", "bin", "python3"));
    expect((await findInterpreter(undefined, options)).source).toBe("path");
    fs.writeFileSync(at(".python-version"), "# comment\n3.10.1\n3.9.1\n");
    expect(await version(undefined, options)).toBe("3.10.1");
    expect(await version(undefined, pyenv({ PYENV_VERSION: "3.10.2:3.9.1" }))).toBe("3.10.2");
    expect(await version(undefined, pyenv({ PYENV_VERSION: "3.10" }))).toBe("3.10.2");
  });

  test("pyenv: system and unknown versions fall through to the rest of PATH", async () => {
    writeStandIn(at("bin", "python3"), { version: "3.8.1" });
    expect(await version(undefined, pyenv({ PYENV_VERSION: "system" }))).toBe("3.8.1");
    expect(await version(undefined, pyenv({ PYENV_VERSION: "3.99.9" }))).toBe("3.8.1");
    expect(await version(undefined, pyenv({ PYENV_VERSION: "../../bin" }))).toBe("3.8.1");
  });

  test("pyenv: a version that is not active is found", async () => {
    const options = pyenv({ PYENV_VERSION: "3.9.1" });
    expect(await version("3.10", options)).toBe("3.10.2");
    expect(await version("3.10.1", options)).toBe("3.10.1");
    expect(await version(">=3.10", options)).toBe("3.10.2");
    expect(await found(options)).toEqual(["path 3.9.1", "pyenv 3.10.2", "pyenv 3.10.1"]);
  });

  test("asdf: the variable, .tool-versions here or above or at home", async () => {
    shim("asdf", "python3");
    for (const name of ["3.9.1", "3.10.1", "3.11.1"]) install(at("asdf", "installs", "python", name), name);
    const options = machine.with({ env: { PATH: at("asdf", "shims"), ASDF_DATA_DIR: at("asdf") } });
    fs.writeFileSync(join(machine.home, ".tool-versions"), "nodejs 20\npython 3.9.1\n");
    expect(await version(undefined, options)).toBe("3.9.1");
    fs.writeFileSync(at("work", ".tool-versions"), "python 3.10.1 3.9.1 # both\n");
    expect(await version(undefined, options)).toBe("3.10.1");
    const chosen = { ...options, host: { ...options.host, env: { ...options.host.env, ASDF_PYTHON_VERSION: "3.11.1" } } };
    expect(await version(undefined, chosen)).toBe("3.11.1");
  });

  test("mise: its shims are links to mise, its versions stand in mise.toml", async () => {
    const mise = writeScript(at("mise-bin", "mise"), `echo >>${quote(at("shim-started"))}`);
    link(mise, at("mise", "shims", "python3"));
    for (const name of ["3.9.1", "3.10.1", "3.10.2"]) install(at("mise", "installs", "python", name), name);
    const options = machine.with({ env: { PATH: at("mise", "shims"), MISE_DATA_DIR: at("mise") } });
    fs.mkdirSync(join(machine.home, ".config", "mise"), { recursive: true });
    fs.writeFileSync(join(machine.home, ".config", "mise", "config.toml"), '[env]\npython = "no"\n[tools]\npython = "3.9"\n');
    expect(await version(undefined, options)).toBe("3.9.1");
    fs.writeFileSync(at("work", "mise.toml"), '[tools]\nnode = "20"\npython = ["3.10", "3.9"]\n');
    expect(await version(undefined, options)).toBe("3.10.2");
  });
});

describe("which one is taken", () => {
  test("with an open request: the active environment, .venv, PATH's python3, then the newest by name", async () => {
    const base = install(at("opt"), "3.12.9");
    const versions = join(machine.home, ".pyenv", "versions");
    install(join(versions, "3.10.1"), "3.10.1");
    install(join(machine.home, ".local", "share", "uv", "python", "cpython-3.13.1-linux-x86_64-gnu"), "3.13.1");
    const newest = install(join(versions, "3.14.0rc1"), "3.14.0rc1");
    expect(await version(undefined)).toBe("3.13.1");
    expect(startsOf(newest)).toBe(0);
    writeStandIn(at("bin", "python3"), { version: "3.8.1" });
    writeStandIn(at("bin", "python3.13"), { version: "3.13.0" });
    expect(await version(undefined)).toBe("3.8.1");
    expect(await version("python")).toBe("3.8.1");
    environment(at(".venv"), base, "3.12.9");
    const project = await findInterpreter(undefined, machine.search);
    expect(project).toMatchObject({ source: "project-environment", version: "3.12.9", baseExecutable: base });
    environment(at("active"), base, "3.12.9");
    const active = await findInterpreter(undefined, machine.with({ env: { VIRTUAL_ENV: at("active") } }));
    expect(active.prefix).toBe(at("active"));
  });

  test("with a version: the first that fits, and only those are asked that could", async () => {
    const paths = ["3.9.1", "3.10.1", "3.11.1"].map((name) => install(join(machine.home, ".pyenv", "versions", name), name));
    expect(await version("3.10")).toBe("3.10.1");
    expect(paths.map(startsOf)).toEqual([0, 1, 0]);
    expect(await version(">=3.10")).toBe("3.11.1");
    expect(paths.map(startsOf)).toEqual([0, 1, 1]);
    expect(await version(">=3.9,<3.10")).toBe("3.9.1");
  });

  test("names on PATH that promise the version", async () => {
    writeStandIn(at("bin", "python3"), { version: "3.12.1" });
    writeStandIn(at("bin", "python3.10"), { version: "3.10.1" });
    const other = writeStandIn(at("bin", "python3.11"), { version: "3.11.1" });
    expect(await version("3.10")).toBe("3.10.1");
    expect(await version("python3.12")).toBe("3.12.1");
    expect(startsOf(other)).toBe(0);
  });

  test("a name that lies is not believed", async () => {
    writeStandIn(at("bin", "python3.10"), { version: "3.12.1" });
    await expect(version("3.10")).rejects.toThrow("No Python here fits 3.10");
  });

  test("pre-releases only when nothing else fits, or when asked for", async () => {
    const versions = join(machine.home, ".pyenv", "versions");
    install(join(versions, "3.14.0rc2"), "3.14.0rc2");
    install(join(versions, "3.13.1"), "3.13.1");
    expect(await version("3")).toBe("3.13.1");
    expect(await version(">=3.13")).toBe("3.13.1");
    expect(await version("3.14")).toBe("3.14.0rc2");
    expect(await version("3.14.0rc2")).toBe("3.14.0rc2");
    expect(await version("3.14-dev")).toBe("3.14.0rc2");
    expect(await version(">=3.14.0rc1")).toBe("3.14.0rc2");
    await expect(version("3.14.0rc1")).rejects.toThrow(PenError);
  });

  test("free-threaded, debug and other implementations only when nothing else fits, or when asked for", async () => {
    const versions = join(machine.home, ".pyenv", "versions");
    writeStandIn(at("bin", "pypy3"), { version: "3.10.14", implementation: "pypy" });
    install(join(versions, "3.13.1t"), "3.13.1", { freeThreaded: true });
    expect(await version("3.13")).toBe("3.13.1");
    expect((await findInterpreter(parseRequest("3.10", machine.host), machine.search)).implementation).toBe("pypy");
    const plain = install(join(versions, "3.13.0"), "3.13.0");
    install(join(versions, "3.10.2"), "3.10.2");
    expect(await version("3.13")).toBe("3.13.0");
    expect(await version("3.13t")).toBe("3.13.1");
    expect(await version("3.10")).toBe("3.10.2");
    expect(await version("pypy")).toBe("3.10.14");
    expect(await version("pypy3.10")).toBe("3.10.14");
    expect(await version("cpython")).toBe("3.13.0");
    expect(startsOf(plain)).toBe(1);
    await expect(version("graalpy")).rejects.toThrow(PenError);
    await expect(version("3.13d")).rejects.toThrow(PenError);
    await expect(version("3.13-32")).rejects.toThrow(PenError);
    expect(await version("3.13-64-x86_64")).toBe("3.13.0");
    await expect(version("3.13-arm64")).rejects.toThrow(PenError);
  });

  test("python on PATH is taken as it is, whatever its build", async () => {
    writeStandIn(at("bin", "python3"), { version: "3.10.14", implementation: "pypy" });
    install(join(machine.home, ".pyenv", "versions", "3.13.0"), "3.13.0");
    expect(await version(undefined)).toBe("3.10.14");
  });

  test("a path: an executable, an installation, an environment, a project with one", async () => {
    const base = install(at("opt"), "3.12.9");
    environment(at("work", ".venv"), base, "3.12.9");
    for (const [text, executable] of [
      [base, base],
      [at("opt"), base],
      [".venv", at("work", ".venv", "bin", "python3")],
      [".", at("work", ".venv", "bin", "python3")],
    ] as const) {
      const interpreter = await findInterpreter(parseRequest(text, machine.host), machine.search);
      expect(interpreter).toMatchObject({ executable, source: "explicit", baseExecutable: base });
    }
  });

  test("nothing fits: the error lists what exists", async () => {
    const path = writeStandIn(at("bin", "python3"), { version: "3.12.1" });
    try {
      await version("3.9");
      throw new Error("found");
    } catch (error) {
      const { code, message, why, hint, data } = error as PenError;
      expect([code, message]).toEqual(["PYTHON_NOT_FOUND", "No Python here fits 3.9"]);
      expect(why).toContain(`3.12.1  ${path}`);
      expect(hint).toBeDefined();
      expect(data).toEqual({ request: "3.9", found: [{ version: "3.12.1", path }] });
    }
    await expect(version("2.7")).rejects.toMatchObject({ why: expect.stringContaining("3.6 and newer") });
  });

  test("no Python at all", async () => {
    await expect(version(undefined)).rejects.toMatchObject({ code: "PYTHON_NOT_FOUND", message: "There is no Python on this machine" });
  });
});

describe("the project's environment", () => {
  test("a file .venv names it (PEP 832)", async () => {
    const base = install(at("opt"), "3.12.9");
    const own = environment(at("envs", "one"), base, "3.12.9");
    fs.writeFileSync(at("work", ".venv"), "../envs/one\n");
    expect((await findInterpreter(undefined, machine.search)).executable).toBe(own);
  });

  test("security: a stranger's .venv in a folder that everybody may write to is not run", async () => {
    const base = install(at("opt"), "3.12.9");
    const planted = environment(at("shared", ".venv"), base, "3.12.9");
    fs.mkdirSync(at("shared", "mine"));
    fs.chmodSync(at("shared"), 0o1777);
    expect(await found(machine.with({ cwd: at("shared", "mine") }))).toEqual([]);
    expect(startsOf(planted)).toBe(0);
    fs.chmodSync(at("shared"), 0o755);
    expect(await found(machine.with({ cwd: at("shared", "mine") }))).toEqual(["project-environment 3.12.9"]);
  });

  test("security: a relative VIRTUAL_ENV is not followed", async () => {
    environment(at("work", "env"), install(at("opt"), "3.12.9"), "3.12.9");
    expect(await found(machine.with({ env: { VIRTUAL_ENV: "env" } }))).toEqual([]);
  });
});

test("the description is plain JSON data with stable fields", async () => {
  const path = writeStandIn(at("bin", "python3"), { version: "3.13.0", freeThreaded: true });
  const [interpreter] = await findInterpreters(machine.search);
  const description = describeInterpreter(interpreter!);
  expect(JSON.parse(JSON.stringify(description))).toEqual({
    key: "cpython-3.13.0+freethreaded-linux-x86_64-gnu",
    version: "3.13.0",
    implementation: "cpython",
    path,
    realPath: path,
    source: "path",
    arch: "x86_64",
    freeThreaded: true,
    isVirtualEnvironment: false,
    externallyManaged: false,
  });
});
