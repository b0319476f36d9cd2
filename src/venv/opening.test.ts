import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isPenError, type PenErrorCode } from "#foundation";
import { inspectInterpreter, type Interpreter } from "#python";
import { realPythons, testHost } from "../../tests/support/interpreters.ts";
import { createEnvironment, locateEnvironment, openEnvironment, tryOpenEnvironmentCached } from "./index.ts";

const base = mkdtempSync(join(tmpdir(), "pen-opening-"));
const host = testHost(base);
const deps = { host, cacheFolder: join(base, "cache") };
let interpreter: Interpreter;

beforeAll(async () => {
  interpreter = await inspectInterpreter(realPythons()[0]!, deps);
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

const fresh = (): string => mkdtempSync(join(base, "x-"));
const create = (root: string) => createEnvironment({ host, root, interpreter });

async function failure(root: string, code: PenErrorCode): Promise<{ message: string; why: string; hint: string }> {
  expect(tryOpenEnvironmentCached(root, deps)).toBeUndefined();
  try {
    await openEnvironment(root, deps);
  } catch (error) {
    if (!isPenError(error, code)) throw error;
    return { message: error.message, why: error.why ?? "", hint: error.hint ?? "" };
  }
  throw new Error(`did not fail with ${code}`);
}

describe("openEnvironment", () => {
  test("gives what was created, also after a move and by a relative path", async () => {
    const made = create(join(fresh(), "env"));
    const opened = await openEnvironment(made.root, deps);
    expect(opened.paths).toEqual(made.paths);
    expect(opened.interpreter.isVirtualEnvironment).toBe(false);
    expect(opened.config.entries).toEqual(made.config.entries);
    const moved = join(fresh(), "moved here");
    renameSync(made.root, moved);
    const again = await openEnvironment("moved here", { ...deps, host: { ...host, cwd: join(moved, "..") } });
    expect(again.root).toBe(moved);
    expect(again.paths.purelib).toStartWith(`${moved}/lib/`);
  });

  test("the cached way answers without a process once the Python is known, and not before", async () => {
    const { root } = create(join(fresh(), "env"));
    const cold = { host, cacheFolder: fresh() };
    expect(tryOpenEnvironmentCached(root, cold)).toBeUndefined();
    await openEnvironment(root, cold);
    expect(tryOpenEnvironmentCached(root, cold)?.interpreter.version).toBe(interpreter.version);
  });

  test("no environment is ENV_NOT_FOUND", async () => {
    const folder = fresh();
    expect((await failure(folder, "ENV_NOT_FOUND")).why).toContain("pyvenv.cfg");
    expect((await failure(join(folder, "nothing"), "ENV_NOT_FOUND")).hint).toContain("pen venv");
  });

  test("an environment whose base Python is gone says which one and how to make it again", async () => {
    const { root, python } = create(join(fresh(), "env"));
    rmSync(python);
    symlinkSync("/nowhere/bin/python3.9", python);
    const { message, why, hint } = await failure(root, "ENV_BROKEN");
    expect(message).toContain(root);
    expect(why).toContain("/nowhere/bin/python3.9");
    expect(hint).toContain(`pen venv --clear --python ${interpreter.versionInfo[0]}.${interpreter.versionInfo[1]} ${root}`);
    rmSync(python);
    for (const name of ["python3", `python${interpreter.versionInfo[0]}.${interpreter.versionInfo[1]}`]) rmSync(join(root, "bin", name));
    expect((await failure(root, "ENV_BROKEN")).why).toContain("no Python in its bin");
  });

  test("an environment whose base Python is another version now is broken", async () => {
    const { root } = create(join(fresh(), "env"));
    writeFileSync(join(root, "pyvenv.cfg"), "home = /usr/bin\nversion_info = 3.4.1.final.0\n");
    expect((await failure(root, "ENV_BROKEN")).why).toContain("made for Python 3.4");
  });

  test("a pyvenv.cfg that cannot be understood, and a link in a circle, are errors and no crash", async () => {
    const root = fresh();
    writeFileSync(join(root, "pyvenv.cfg"), Buffer.from([0xff, 0xfe, 0x00, 0x3d]));
    await failure(root, "ENV_BROKEN");
    mkdirSync(join(root, "bin"));
    symlinkSync("python", join(root, "bin", "python"));
    await failure(root, "ENV_BROKEN");
  });
});

describe("locateEnvironment", () => {
  const at = (cwd: string, variables: Record<string, string> = {}) => ({ ...host, cwd, env: { ...host.env, ...variables } });

  test("VIRTUAL_ENV before .venv, here or above", () => {
    const project = fresh();
    const inside = join(project, "src", "deep");
    mkdirSync(inside, { recursive: true });
    expect(locateEnvironment(at(inside))).toBeUndefined();
    const { root } = create(join(project, ".venv"));
    expect(locateEnvironment(at(inside))).toBe(root);
    expect(locateEnvironment(at(project, { CONDA_PREFIX: "/conda", VIRTUAL_ENV: "" }))).toBe(root);
    const other = create(join(fresh(), "other")).root;
    expect(locateEnvironment(at(inside, { VIRTUAL_ENV: other }))).toBe(other);
  });

  test("a .venv file names the environment (PEP 832)", () => {
    const project = fresh();
    const { root } = create(join(project, "envs", "main"));
    for (const text of ["envs/main", "envs/main\n", `${root}\r\n`]) {
      writeFileSync(join(project, ".venv"), text);
      expect(locateEnvironment(at(project))).toBe(root);
    }
    writeFileSync(join(project, ".venv"), "nothing/there");
    expect(() => locateEnvironment(at(project))).toThrow("does not lead to a virtual environment");
  });

  test("a stranger's .venv in a folder above that everybody may write to is not taken", () => {
    const shared = fresh();
    chmodSync(shared, 0o1777);
    const { root } = create(join(shared, ".venv"));
    mkdirSync(join(shared, "mine"));
    expect(locateEnvironment(at(join(shared, "mine")))).toBeUndefined();
    expect(locateEnvironment(at(shared))).toBe(root);
  });

  test("a VIRTUAL_ENV that is gone is an error, not another environment", () => {
    const project = fresh();
    create(join(project, ".venv"));
    try {
      locateEnvironment(at(project, { VIRTUAL_ENV: "/nowhere/env" }));
      throw new Error("found one");
    } catch (error) {
      expect(isPenError(error, "ENV_NOT_FOUND")).toBe(true);
    }
  });

  test("python names an environment by its folder or its Python, anything else is for the caller", () => {
    const project = fresh();
    const { root, python } = create(join(project, "env"));
    const located = (value: string) => locateEnvironment(at(project, { VIRTUAL_ENV: "/nowhere" }), { python: value });
    expect(located(root)).toBe(root);
    expect(located("env")).toBe(root);
    expect(located("./env/bin/python3")).toBe(root);
    expect(located(python)).toBe(root);
    for (const other of ["3.12", "pypy", "/usr/bin/python3", project, `${python}-missing`, ""]) expect(located(other)).toBeUndefined();
  });
});
