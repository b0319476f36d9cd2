import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  truncateSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { isPenError, type Host, type PenErrorCode } from "#foundation";
import { inspectInterpreter, type Interpreter } from "#python";
import { cleanEnvironment, realPythons, run, testHost } from "../../tests/support/interpreters.ts";
import { createEnvironment, isEnvironment, openEnvironment, type CreateEnvironmentOptions } from "./index.ts";

const base = mkdtempSync(join(tmpdir(), "pen-creation-"));
const host = testHost(base);
const cacheFolder = join(base, "cache");
const env = cleanEnvironment(host.home);
const pythons = realPythons();
let interpreter: Interpreter;

beforeAll(async () => {
  interpreter = await inspectInterpreter(pythons.at(-1)!, { host, cacheFolder });
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

const fresh = (): string => mkdtempSync(join(base, "x-"));
const create = (root: string, options: Partial<CreateEnvironmentOptions> = {}) =>
  createEnvironment({ host, root, interpreter, ...options });
const isRoot = process.geteuid?.() === 0;

/** Everything below a folder: path, kind, and content or target. */
function tree(folder: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" }).sort()) {
    const path = join(folder, name);
    const status = lstatSync(path);
    found[name] = status.isSymbolicLink() ? `-> ${readlinkSync(path)}` : status.isDirectory() ? "folder" : readFileSync(path, "latin1");
  }
  return found;
}

function failure(work: () => unknown, code: PenErrorCode): { message: string; why: string; hint: string } {
  try {
    work();
  } catch (error) {
    if (!isPenError(error, code)) throw error;
    return { message: error.message, why: error.why ?? "", hint: error.hint ?? "" };
  }
  throw new Error(`did not fail with ${code}`);
}

const facts = `
import json, site, sys, sysconfig
print(json.dumps({
    "prefix": sys.prefix, "exec_prefix": sys.exec_prefix, "base": sys.base_prefix, "base_exec": sys.base_exec_prefix, "path": sys.path[1:],
    "executable": sys.executable, "flags": list(sys.flags), "paths": sysconfig.get_paths(), "site": site.getsitepackages(), "user": site.ENABLE_USER_SITE,
    "vars": [sysconfig.get_config_var(name) for name in ("prefix", "exec_prefix", "base", "INCLUDEPY", "LIBDIR")],
}))`;

describe("an environment is what the interpreter's own venv makes", () => {
  for (const python of pythons) {
    for (const systemSitePackages of [false, true]) {
      test(`${python.replace(/^.*versions\//, "")}${systemSitePackages ? " with system site packages" : ""}`, async () => {
        const folder = fresh();
        const theirs = join(folder, "theirs");
        const made = run([python, "-m", "venv", "--without-pip", ...(systemSitePackages ? ["--system-site-packages"] : []), theirs], {
          env,
          cwd: folder,
        });
        expect(made.stderr).toBe("");
        const own = await inspectInterpreter(python, { host, cacheFolder });
        const ours = create(join(folder, "ours"), { interpreter: own, systemSitePackages });
        const answer = (root: string): unknown => {
          const { stdout, stderr } = run([join(root, "bin", "python"), "-c", facts], { env, cwd: folder });
          expect(stderr).toBe("");
          return JSON.parse(stdout.replaceAll(root, "ROOT"));
        };
        expect(answer(ours.root)).toEqual(answer(theirs));
        const site = (root: string): string =>
          run([join(root, "bin", "python"), "-m", "site"], { env, cwd: folder }).stdout.replaceAll(root, "ROOT");
        expect(site(ours.root)).toBe(site(theirs));
        const real = run(
          [
            join(ours.root, "bin", "python"),
            "-c",
            "import sysconfig; p = sysconfig.get_paths('posix_prefix'); print(p['purelib']); print(p['scripts'])",
          ],
          { env, cwd: folder },
        );
        expect(real.stdout).toBe(`${ours.paths.purelib}\n${ours.paths.scripts}\n`);
        const folders = (root: string): string[] =>
          Object.entries(tree(root))
            .filter(([, what]) => what === "folder" || what === "-> lib")
            .map(([name, what]) => `${name} ${what}`);
        expect(folders(ours.root)).toEqual(folders(theirs));
        for (const name of readdirSync(join(theirs, "bin")).filter((name) => name.startsWith("python"))) {
          expect(readdirSync(join(ours.root, "bin"))).toContain(name);
        }
        expect((await openEnvironment(ours.root, { host, cacheFolder })).interpreter.version).toBe(own.version);
        expect((await openEnvironment(theirs, { host, cacheFolder })).paths.purelib).toBe(ours.paths.purelib.replace(ours.root, theirs));
      });
    }
  }

  test("an environment made from an environment's Python points at the base", async () => {
    const folder = fresh();
    const first = create(join(folder, "first"));
    const inner = await inspectInterpreter(first.python, { host, cacheFolder });
    const second = create(join(folder, "second"), { interpreter: inner });
    expect(dirname(readlinkSync(second.python))).toBe(dirname(readlinkSync(first.python)));
    expect(second.config.get("home")).toBe(first.config.get("home"));
    rmSync(first.root, { recursive: true });
    expect(run([second.python, "-c", "import sys; print(sys.base_prefix)"], { env, cwd: folder }).stdout).toBe(
      `${interpreter.basePrefix}\n`,
    );
  });

  test("copies hold no link to the base Python and work", async () => {
    for (const python of pythons.slice(0, 1).concat(pythons.slice(-2))) {
      const own = await inspectInterpreter(python, { host, cacheFolder });
      const made = create(join(fresh(), "env"), { interpreter: own, copies: true });
      for (const name of readdirSync(made.paths.scripts)) expect(lstatSync(join(made.paths.scripts, name)).isSymbolicLink()).toBe(false);
      expect(run([made.python, "-c", "import sys, ssl; print(sys.prefix, sys.base_prefix)"], { env, cwd: base }).stdout).toBe(
        `${made.root} ${own.basePrefix}\n`,
      );
      expect((await openEnvironment(made.root, { host, cacheFolder })).interpreter.version).toBe(own.version);
      create(made.root, { interpreter: own, copies: true, allowExisting: true });
      expect(run([made.python, "-c", "print(1)"], { env, cwd: base }).stdout).toBe("1\n");
    }
  });
});

describe("places", () => {
  test("folders above are made, a relative path starts at the working directory", () => {
    expect(create("deep/er/.venv").root).toBe(join(host.cwd, "deep/er/.venv"));
    expect(isEnvironment(join(host.cwd, "deep/er/.venv"))).toBe(true);
  });

  test("an empty folder is used, without the ignore files when asked", () => {
    const root = fresh();
    chmodSync(root, 0o750);
    create(root, { vcsIgnore: false });
    expect(statSync(root).mode & 0o777).toBe(0o750);
    expect(readdirSync(root).sort()).toEqual(["bin", "include", "lib", "lib64", "pyvenv.cfg"]);
    expect(readdirSync(create(join(fresh(), "b")).root).sort()).toEqual([
      ".gitignore",
      "CACHEDIR.TAG",
      "bin",
      "include",
      "lib",
      "lib64",
      "pyvenv.cfg",
    ]);
  });

  test("names with quotes, blanks, dollars, line breaks and a leading dash work", () => {
    for (const name of ["a b", "it's", '"', "$(touch pwned)", "`", "\\", "a\nb", "é", "-n", "~", "%s"]) {
      const folder = fresh();
      const made = create(`${folder}/${name}`);
      expect(run([made.python, "-c", "import sys; print(sys.prefix)"], { env, cwd: folder }).stdout).toBe(`${made.root}\n`);
    }
  });

  test("a colon in the path is refused, since PATH could not hold it", () => {
    const folder = fresh();
    expect(failure(() => create(join(folder, "a:b")), "TARGET_UNSUPPORTED").why).toContain("colon");
    failure(() => create(""), "TARGET_UNSUPPORTED");
    failure(() => create("a\0b"), "TARGET_UNSUPPORTED");
    const windows = { ...host, platform: "win32" } as const;
    expect(failure(() => create(join(folder, "a;b"), { host: windows }), "TARGET_UNSUPPORTED").why).toContain("semicolon");
    expect(failure(() => create(join(folder, "x"), { host: windows, seeded: true }), "TARGET_UNSUPPORTED").hint).toContain("ensurepip");
    expect(readdirSync(folder)).toEqual([]);
  });

  test("a prompt with control characters is refused and nothing is made", () => {
    const folder = fresh();
    for (const prompt of ["a\nhome = /evil", "a\r", "\u001b]0;x\u0007", "a\u2028b"])
      failure(() => create(join(folder, "env"), { prompt }), "INVALID_CONFIG");
    expect(readdirSync(folder)).toEqual([]);
  });

  test("a home with a line break cannot add lines to pyvenv.cfg", () => {
    const hostile = { ...interpreter, baseExecutable: "/x\ninclude-system-site-packages = true\n/bin/python" };
    failure(() => create(join(fresh(), "env"), { interpreter: hostile }), "INVALID_CONFIG");
  });

  test("the prompt '.' is the name of the working directory", () => {
    expect(create(join(fresh(), "env"), { prompt: "." }).config.get("prompt")).toBe("work");
    expect(create(join(fresh(), "env"), { prompt: "" }).config.get("prompt")).toBeUndefined();
  });
});

describe("never deletes or overwrites what it did not make", () => {
  const occupied = (): string => {
    const root = fresh();
    mkdirSync(join(root, "bin"));
    writeFileSync(join(root, "bin", "activate"), "mine");
    writeFileSync(join(root, "thesis.txt"), "years of work");
    return root;
  };

  test("one whose command was killed while it wrote pyvenv.cfg is finished by the same command; another's file there is not taken over", () => {
    for (const length of [0, 7]) {
      const root = join(fresh(), "env");
      const { config } = create(root);
      const text = readFileSync(join(root, "pyvenv.cfg"), "utf8");
      truncateSync(join(root, "pyvenv.cfg"), length);
      expect(create(root).config.entries).toEqual(config.entries);
      expect(readFileSync(join(root, "pyvenv.cfg"), "utf8")).toBe(text);
      truncateSync(join(root, "pyvenv.cfg"), length);
      writeFileSync(join(root, "mine"), "");
      failure(() => create(root), "ENV_EXISTS");
    }
  });

  test("a folder with files is refused, and clear alone does not help", () => {
    const root = occupied();
    const before = tree(root);
    const { message, why, hint } = failure(() => create(root), "ENV_EXISTS");
    expect(message).toContain("is not a virtual environment");
    expect(why).toContain("'bin' and 'thesis.txt'");
    expect(hint).toContain("--clear --force");
    expect(hint).toContain("--allow-existing");
    failure(() => create(root, { clear: true }), "ENV_EXISTS");
    failure(() => create(root, { force: true }), "ENV_EXISTS");
    expect(failure(() => create(root, { allowExisting: true }), "ENV_EXISTS").why).toContain("bin/activate");
    expect(tree(root)).toEqual(before);
  });

  test("an environment is refused too, and the hint says how to go on", () => {
    const { root } = create(join(fresh(), "env"));
    writeFileSync(join(root, "lib", "kept"), "");
    expect(failure(() => create(root), "ENV_EXISTS").hint).toContain("--clear");
    expect(existsSync(join(root, "lib", "kept"))).toBe(true);
  });

  test("with allowExisting what is there stays, and no .gitignore hides it", () => {
    const root = fresh();
    writeFileSync(join(root, "thesis.txt"), "years of work");
    create(root, { allowExisting: true });
    expect(readFileSync(join(root, "thesis.txt"), "utf8")).toBe("years of work");
    expect(existsSync(join(root, ".gitignore"))).toBe(false);
    expect(isEnvironment(root)).toBe(true);
    const forced = occupied();
    create(forced, { allowExisting: true, force: true });
    expect(readFileSync(join(forced, "bin", "activate"), "utf8")).toContain("deactivate");
    expect(readFileSync(join(forced, "thesis.txt"), "utf8")).toBe("years of work");
  });

  test("allowExisting repairs an environment and keeps its packages", () => {
    const { root, paths, python } = create(join(fresh(), "env"), { prompt: "old" });
    writeFileSync(join(paths.purelib, "package.py"), "");
    writeFileSync(join(root, ".gitignore"), "mine");
    rmSync(python);
    symlinkSync("/nowhere/python3.4", python);
    symlinkSync("python", join(root, "bin", "python3.4"));
    rmSync(join(root, "bin", "activate"));
    create(root, { allowExisting: true });
    expect(run([python, "-c", "import package"], { env: { ...env, PYTHONDONTWRITEBYTECODE: "1" }, cwd: base }).status).toBe(0);
    expect(readFileSync(join(root, ".gitignore"), "utf8")).toBe("mine");
    expect(readdirSync(join(root, "bin"))).not.toContain("python3.4");
    expect(readFileSync(join(root, "pyvenv.cfg"), "utf8")).not.toContain("old");
    expect(Object.keys(tree(root)).filter((name) => name.includes(".pen-tmp"))).toEqual([]);
  });

  test("does not write through a linked folder into another place", () => {
    const root = fresh();
    const elsewhere = fresh();
    symlinkSync(elsewhere, join(root, "bin"));
    failure(() => create(root, { allowExisting: true, force: true }), "ENV_EXISTS");
    expect(readdirSync(elsewhere)).toEqual([]);
    expect(readdirSync(root)).toEqual(["bin"]);
  });

  test("clear makes an environment anew, and of another folder only by force", () => {
    const { root } = create(join(fresh(), "env"));
    const before = tree(root);
    writeFileSync(join(root, "lib", "old"), "");
    const { ino } = statSync(root);
    create(root, { clear: true });
    expect(tree(root)).toEqual(before);
    expect(statSync(root).ino).toBe(ino);
    const other = occupied();
    create(other, { clear: true, force: true });
    expect(tree(other)).toEqual(before);
  });

  test("clear never follows links", () => {
    const outside = fresh();
    writeFileSync(join(outside, "precious"), "");
    const { root } = create(join(fresh(), "env"));
    symlinkSync(outside, join(root, "lib", "data"));
    symlinkSync(outside, join(root, "data"));
    const link = join(fresh(), "link");
    symlinkSync(root, link);
    const made = create(link, { clear: true });
    expect(made.root).toBe(link);
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(readdirSync(outside)).toEqual(["precious"]);
    expect(existsSync(join(root, "data"))).toBe(false);
    expect(isEnvironment(root)).toBe(true);
  });

  test("files and dangling links are never replaced", () => {
    const folder = fresh();
    writeFileSync(join(folder, "file"), "x");
    symlinkSync("nowhere", join(folder, "link"));
    for (const name of ["file", "link"])
      failure(() => create(join(folder, name), { clear: true, force: true, allowExisting: true }), "ENV_EXISTS");
    expect(tree(folder)).toEqual({ file: "x", link: "-> nowhere" });
  });

  test("home, the root, the working directory and its parents and the folder of a Python are never cleared", () => {
    const home = fresh();
    mkdirSync(join(home, "project", "src"), { recursive: true });
    const from = (cwd: string): Host => ({ ...host, home, cwd });
    const forced = { clear: true, force: true };
    failure(() => create("/", forced), "ENV_EXISTS");
    failure(() => create(home, { ...forced, host: from(base) }), "ENV_EXISTS");
    failure(() => create(base, { ...forced, host: from("/") }), "ENV_EXISTS");
    failure(() => create(home, { allowExisting: true, force: true, host: from(base) }), "ENV_EXISTS");
    expect(
      failure(() => create(join(home, "project"), { ...forced, host: from(join(home, "project", "src")) }), "ENV_EXISTS").why,
    ).toContain("working directory");
    failure(() => create(".", { ...forced, host: from(join(home, "project")) }), "ENV_EXISTS");
    const link = join(fresh(), "link");
    symlinkSync(home, link);
    failure(() => create(link, { ...forced, host: from(base) }), "ENV_EXISTS");
    const installation = fresh();
    mkdirSync(join(installation, "lib", "python3.9"), { recursive: true });
    writeFileSync(join(installation, "lib", "python3.9", "os.py"), "");
    expect(failure(() => create(installation, forced), "ENV_EXISTS").why).toContain("Python is installed");
    const used = fresh();
    writeFileSync(join(used, "x"), "");
    const within = { ...interpreter, realExecutable: join(used, "bin", "python3") };
    failure(() => create(used, { ...forced, interpreter: within }), "ENV_EXISTS");
    expect(existsSync(join(home, "project", "src"))).toBe(true);
  });

  test("an environment that is the working directory may be cleared", () => {
    const { root } = create(join(fresh(), "env"));
    create(".", { clear: true, host: { ...host, cwd: root } });
    expect(isEnvironment(root)).toBe(true);
  });

  test("a folder with only a pyvenv.cfg is no environment, one with a dangling Python is", () => {
    const root = fresh();
    writeFileSync(join(root, "pyvenv.cfg"), "home = /usr/bin\n");
    expect(isEnvironment(root)).toBe(false);
    failure(() => create(root, { clear: true }), "ENV_EXISTS");
    mkdirSync(join(root, "bin"));
    symlinkSync("/nowhere", join(root, "bin", "python"));
    expect(isEnvironment(root)).toBe(true);
    create(root, { clear: true });
  });
});

describe("a failure half-way leaves nothing behind", () => {
  // The library to copy does not exist: the last but few entries fail.
  const failing = (): Partial<CreateEnvironmentOptions> => ({
    copies: true,
    interpreter: { ...interpreter, sharedLibrary: "/nowhere/libpython.so" },
  });

  test("in a new place, with the folders above it", () => {
    const folder = fresh();
    failure(() => create(join(folder, "a", "b", "env"), failing()), "FILE_SYSTEM");
    failure(() => create(join(folder, "env"), failing()), "FILE_SYSTEM");
    expect(readdirSync(folder)).toEqual([]);
  });

  test("in an empty folder, in one with other files, in an environment, and when it is cleared", () => {
    const folder = fresh();
    failure(() => create(folder, failing()), "FILE_SYSTEM");
    expect(readdirSync(folder)).toEqual([]);
    writeFileSync(join(folder, "mine"), "x");
    failure(() => create(folder, { ...failing(), allowExisting: true }), "FILE_SYSTEM");
    expect(tree(folder)).toEqual({ mine: "x" });
    const { root } = create(join(fresh(), "env"), { prompt: "old" });
    writeFileSync(join(root, "mine"), "x");
    const before = tree(root);
    for (const mode of [{ allowExisting: true }, { clear: true }]) {
      failure(() => create(root, { ...failing(), ...mode }), "FILE_SYSTEM");
      expect(tree(root)).toEqual(before);
    }
  });

  // Root may write anywhere; tests/cli/hostile-places.test.ts shows the same as another user.
  if (!isRoot) {
    test("without permission", () => {
      const folder = fresh();
      chmodSync(folder, 0o555);
      expect(failure(() => create(join(folder, "env")), "FILE_SYSTEM").why).toContain("permission");
      expect(readdirSync(folder)).toEqual([]);
    });
  }
});

// One that comes upon the other's half-made environment goes on with it, as after a kill: both may then say that it is made.
test("several processes making the same environment end with one that is whole", async () => {
  const script = join(import.meta.dir, "index.ts");
  for (let round = 0; round < 5; round += 1) {
    const root = join(fresh(), "env");
    const code = `
      const { createEnvironment } = await import(${JSON.stringify(script)});
      const { readHost } = await import(${JSON.stringify(join(import.meta.dir, "../foundation/index.ts"))});
      while (Date.now() < Number(process.argv[1])) {}
      try { createEnvironment({ host: readHost(), root: ${JSON.stringify(root)}, interpreter: ${JSON.stringify(interpreter)} }); console.log("made"); }
      catch (error) { console.log(error.code); }`;
    const start = String(Date.now() + 400);
    const children = Array.from({ length: 3 }, () =>
      Bun.spawn([process.execPath, "-e", code, start], { env: { ...env, BUN_BE_BUN: "1" }, stdout: "pipe" }),
    );
    const answers: string[] = (await Promise.all(children.map(async (child) => (await new Response(child.stdout).text()).trim()))).sort();
    expect(answers.filter((answer) => answer === "made")).toEqual(["made"]);
    for (const answer of answers) expect(["ENV_EXISTS", "FILE_SYSTEM", "made"]).toContain(answer);
    expect(Object.keys(tree(root))).toEqual(Object.keys(tree(create(join(fresh(), "env")).root)));
  }
});
