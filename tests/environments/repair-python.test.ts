/** Which Python a repair leads an environment to, on machines made of stand-ins: programs that answer like a Python of some version. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { silent } from "#foundation";
import { choosePython, madeFor } from "../../src/operations/repair/python.ts";
import { makeMachine, startsOf, writeStandIn, type Machine, type StandIn } from "../python-stand-ins.ts";

let machine: Machine;
let count = 0;
beforeAll(() => {
  machine = makeMachine("pen repair python");
});
afterAll(() => machine.remove());

const versions = (): string => join(machine.root, `pyenv ${count}`, "versions");
/** A Python of pyenv under a name of its own. */
const pyenv = (name: string, program: string, options: StandIn): string => writeStandIn(join(versions(), name, "bin", program), options);

/** An environment as a tool left it. `library` is its folder of packages, `home` where its Python was. */
function environment(library: string | undefined, home: string, config = ""): string {
  const root = join(machine.root, `env ${count}`);
  mkdirSync(join(root, "bin"), { recursive: true });
  if (library !== undefined) mkdirSync(join(root, "lib", library, "site-packages"), { recursive: true });
  writeFileSync(join(root, "pyvenv.cfg"), `home = ${home}\n${config}`);
  symlinkSync(join(home, "python3"), join(root, "bin", "python"));
  return root;
}

const choose = async (root: string, request?: string): Promise<string> =>
  (await choosePython(root, { ...machine.search, emit: silent, signal: undefined }, request)).executable;

describe("the Python of a repair", () => {
  const next = (): void => {
    count += 1;
  };
  test("beside the old one, the newest patch release of the same minor version", async () => {
    next();
    for (const version of ["3.12.2", "3.12.10", "3.12.9", "3.11.9", "3.13.0"])
      pyenv(version, `python${version.split(".").slice(0, 2).join(".")}`, { version });
    const root = environment("python3.12", join(versions(), "3.12.1", "bin"), "version = 3.12.1\n");
    expect(await choose(root)).toBe(join(versions(), "3.12.10", "bin", "python3.12"));
  });
  test("where its own was, when it still stands there", async () => {
    next();
    const own = pyenv("3.12.1", "python3", { version: "3.12.1" });
    pyenv("3.12.7", "python3.12", { version: "3.12.7" });
    expect(await choose(environment("python3.12", dirname(own), "version = 3.12.1\n"))).toBe(own);
  });
  test("what lies about its version by its name is passed over, and so is what does not start", async () => {
    next();
    const liar = pyenv("3.12.9", "python3.12", { version: "3.13.1" });
    pyenv("3.12.8", "python3.12", { before: "exit 3\n" });
    const right = pyenv("3.12.2", "python3.12", { version: "3.12.2" });
    expect(await choose(environment("python3.12", join(versions(), "3.12.1", "bin")))).toBe(right);
    expect(startsOf(liar)).toBe(1);
  });
  test("free-threaded stays free-threaded, and the other way round; PyPy stays PyPy", async () => {
    next();
    const plain = pyenv("3.13.2", "python3.13", { version: "3.13.2" });
    const threaded = pyenv("3.13.2t", "python3.13t", { version: "3.13.2", freeThreaded: true });
    const pypy = pyenv("pypy3.10-7.3.17", "pypy3.10", { version: "3.10.14", implementation: "pypy" });
    pyenv("3.10.14", "python3.10", { version: "3.10.14" });
    const gone = join(versions(), "3.13.1", "bin");
    const found: string[] = [];
    for (const library of ["python3.13", "python3.13t", "pypy3.10"]) {
      const root = environment(library, gone, library.startsWith("pypy") ? "implementation = PyPy\n" : "");
      found.push(await choose(root));
      rmSync(root, { recursive: true });
    }
    expect(found).toEqual([plain, threaded, pypy]);
  });
  test("from PATH, when nothing stands beside", async () => {
    next();
    const found = writeStandIn(join(machine.root, "bin", "python3.9"), { version: "3.9.18" });
    expect(await choose(environment("python3.9", "/gone/python/bin", "version = 3.9.1\n"))).toBe(found);
  });
  test("never another minor version unless it is asked for", async () => {
    next();
    const other = pyenv("3.14.0", "python3.14", { version: "3.14.0" });
    const root = environment("python3.7", join(versions(), "3.7.1", "bin"), "version = 3.7.1\n");
    await expect(choose(root)).rejects.toMatchObject({ code: "PYTHON_NOT_FOUND" });
    expect(await choose(root, other)).toBe(other);
  });
  test("for which it was made: pyvenv.cfg, when there is such a folder, else the only folder; else nobody can tell", async () => {
    for (const [libraries, config, expected] of [
      [["python3.12"], "version = 3.12.1\n", "python3.12"],
      [["python3.12"], "version = 3.13.0\n", "python3.12"],
      [["python3.12", "python3.13"], "version = 3.13.0\n", "python3.13"],
      [["python3.13t"], "version_info = 3.13.0.final.0\n", "python3.13t"],
      [["python3.12"], "", "python3.12"],
      [[], "version = 3.8.1\n", "python3.8"],
      [[], "version = 3.9.1\nimplementation = PyPy\n", "pypy3.9"],
      [["python3.6", "python3.7"], "", undefined],
      [[], "", undefined],
    ] as const) {
      next();
      const root = environment(undefined, "/gone/bin", config);
      for (const library of libraries) mkdirSync(join(root, "lib", library, "site-packages"), { recursive: true });
      expect([libraries, config, madeFor(root)]).toEqual([libraries, config, expected]);
      if (expected === undefined) await expect(choose(root)).rejects.toMatchObject({ code: "ENV_BROKEN" });
    }
  });
});
