/**
 * pyenv installs a new patch release and the old one is removed: one command brings all environments back, whoever made them, packages included.
 * On real Pythons: copies of one of pyenv's in a folder of the test. And to another minor version, where packages are installed again.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readHost, type Host } from "#foundation";
import { createEnvironment, diagnose, install, repairEnvironments, type LinkMode, type Repair } from "../../src/operations/index.ts";
import { cleanEnvironment } from "../support/interpreters.ts";
import { startIndex, type IndexServer } from "../support/index-server.ts";
import { execute } from "../support/program.ts";
import { pythons } from "../support/pythons.ts";
import { digest, projects } from "../support/world.ts";

const managed = pythons().filter((python) => python.managed);
const base = managed.findLast(({ release: [, minor] }) => minor >= 9);
const next = managed.findLast(({ release: [, minor] }) => minor >= 9 && minor !== base?.release[1]);
const tools = process.env["PEN_TEST_TOOLS"];
const tool = (name: string): string | undefined => {
  const path = tools === undefined ? undefined : join(tools, name);
  return path !== undefined && existsSync(path) ? path : undefined;
};

describe.skipIf(base === undefined)("after an upgrade of Python (needs a Python of pyenv)", () => {
  let folder: string;
  let host: Host;
  let index: IndexServer;
  let env: Record<string, string>;
  const minor = base?.release.join(".") ?? "";
  beforeAll(async () => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "pen-upgrade-")));
    for (const name of ["work", "envs", "pyenv/versions"]) mkdirSync(join(folder, name), { recursive: true });
    const abi = `cp${minor.replace(".", "")}`;
    const other = `cp${(next?.release ?? [3, 99]).join("")}`;
    index = await startIndex({
      projects: projects(
        {
          name: "hello",
          version: "1.0",
          requires: ["helper"],
          entryPoints: { console_scripts: { hello: "hello:main" } },
          files: { "hello.py": "import helper\n\ndef main():\n    print('hello', helper.word)\n" },
        },
        { name: "helper", version: "1.0", files: { "helper.py": "word = 1\n" } },
        { name: "helper", version: "2.0", files: { "helper.py": "word = 2\n" } },
        { name: "binary", version: "3.0", tag: `${abi}-${abi}-manylinux_2_17_x86_64`, files: { "binary.py": `built = '${abi}'\n` } },
        { name: "binary", version: "3.0", tag: `${other}-${other}-manylinux_2_17_x86_64`, files: { "binary.py": `built = '${other}'\n` } },
        { name: "only-here", version: "1.0", tag: `${abi}-${abi}-manylinux_2_17_x86_64`, files: { "only_here.py": "" } },
      ),
    });
    env = {
      ...cleanEnvironment(join(folder, "home")),
      PEN_CACHE_DIR: join(folder, "cache"),
      PYENV_ROOT: join(folder, "pyenv"),
      WORKON_HOME: join(folder, "envs"),
      PIP_CONFIG_FILE: "/dev/null",
      PIP_INDEX_URL: index.indexUrl,
      UV_CACHE_DIR: join(folder, "uv"),
    };
    host = readHost({ env, cwd: join(folder, "work"), home: join(folder, "home") });
  });
  afterAll(async () => {
    await index.close();
    rmSync(folder, { recursive: true, force: true });
  });

  afterEach(() => {
    for (const name of ["envs", "pyenv/versions"])
      for (const one of readdirSync(join(folder, name))) rmSync(join(folder, name, one), { recursive: true });
  });

  const version = (name: string): string => join(folder, "pyenv", "versions", name);
  /** Puts a copy of the real Python where pyenv would install it. Files are linked: no test writes into one. */
  const provide = (name: string, from = base): string => {
    const made = spawnSync("cp", ["-al", join(from?.realPath ?? "", "..", ".."), version(name)]);
    if (made.status !== 0) throw new Error(made.stderr.toString());
    return join(version(name), "bin", `python${from?.release.join(".")}`);
  };
  const says = async (program: string, ...args: readonly string[]): Promise<string> => {
    const { status, stdout, stderr } = await execute(program, args, { cwd: join(folder, "work"), env });
    if (status !== 0) throw new Error(`${program} ended with ${status}: ${stdout}${stderr}`);
    return stdout.trim();
  };
  const starts = (program: string): boolean => existsSync(program) && spawnSync(program, ["-c", "1"], { env }).status === 0;
  const place = (name: string): string => join(folder, "envs", name);
  const add = (root: string, requirements: readonly string[], linkMode: LinkMode = "auto"): Promise<unknown> =>
    install({ host, python: root, requirements, linkMode, indexes: { indexUrl: index.indexUrl } });
  const repair = (options: Parameters<typeof repairEnvironments>[0] = {}): Promise<Repair[]> =>
    repairEnvironments({ host, indexes: { noIndex: true }, ...options });
  const removeVersion = (name: string): void => rmSync(version(name), { recursive: true });

  const makers: Readonly<Record<string, ((python: string, root: string) => Promise<unknown>) | undefined>> = {
    pen: (python, path) => createEnvironment({ host, path, python, seed: [] }),
    "pen with copies": (python, path) => createEnvironment({ host, path, python, seed: [], copies: true }),
    "real venv": (python, path) => says(python, "-m", "venv", path),
    virtualenv: tool("virtualenv") === undefined ? undefined : (python, path) => says(tool("virtualenv") ?? "", "--python", python, path),
    uv: tool("uv") === undefined ? undefined : (python, path) => says(tool("uv") ?? "", "venv", "--quiet", "--python", python, path),
  };

  test(`a new patch release and the old one removed: repair --all brings back those of ${Object.entries(makers)
    .flatMap(([name, make]) => (make === undefined ? [] : name))
    .join(", ")}`, async () => {
    const old = provide(`${minor}.1`);
    const roots: string[] = [];
    for (const [name, make] of Object.entries(makers)) {
      if (make === undefined) continue;
      const root = place(name);
      await make(old, root);
      await add(root, ["hello"], name === "pen" ? "symlink" : "auto");
      roots.push(root);
    }
    const before = roots.map((root) => digest(join(root, "lib")));
    provide(`${minor}.2`);
    removeVersion(`${minor}.1`);
    // A copied Python may still find the standard library that it was built with.
    const linked = roots.filter((root) => lstatSync(join(root, "bin", "python")).isSymbolicLink());
    for (const root of linked) expect(starts(join(root, "bin", "python"))).toBe(false);

    const planned = await repair({ all: true, dryRun: true });
    expect(planned.map(({ path }) => path).sort()).toEqual([...roots].sort());
    for (const { repaired, left } of planned) {
      expect(repaired).toMatchObject([{ code: "python-gone" }]);
      expect(repaired[0]?.how).toContain(version(`${minor}.2`));
      expect(left).toEqual([]);
    }
    for (const root of linked) expect(starts(join(root, "bin", "python"))).toBe(false);

    const repairs = await repair({ all: true });
    expect(repairs.map(({ left }) => left)).toEqual(roots.map(() => []));
    for (const [at, root] of roots.entries()) {
      expect(
        await says(join(root, "bin", "python"), "-c", "import sys, hello; print(sys.prefix); hello.main(); print(sys.base_prefix)"),
      ).toBe(`${root}\nhello 2\n${version(`${minor}.2`)}`);
      expect(await says(join(root, "bin", "hello"))).toBe("hello 2");
      if (existsSync(join(root, "bin", "pip"))) expect(await says(join(root, "bin", "pip"), "--version")).toContain(root);
      // Packages stay as they were (a copied libpython is the environment's own).
      const after = digest(join(root, "lib"));
      for (const path of Object.keys(before[at] ?? {}))
        if (path.includes("packages")) expect([path, after[path]]).toEqual([path, before[at]?.[path]]);
      const config = readFileSync(join(root, "pyvenv.cfg"), "utf8");
      expect(config).toContain(version(`${minor}.2`));
      expect(
        config
          .split("\n")
          .filter((line) => !line.startsWith("command"))
          .join("\n"),
      ).not.toContain(version(`${minor}.1`));
    }
    // What the tools noted of themselves stays.
    for (const name of ["uv", "virtualenv"] as const)
      if (makers[name] !== undefined) expect(readFileSync(join(place(name), "pyvenv.cfg"), "utf8")).toMatch(new RegExp(`^${name} = `, "m"));
    expect((await diagnose({ host, all: true })).flatMap(({ problems }) => problems)).toEqual([]);
    expect((await repair({ all: true })).flatMap(({ repaired, left }) => [...repaired, ...left])).toEqual([]);
  }, 120_000);

  test.skipIf(next === undefined)(
    "no such version any more: it says what to type, and --python installs the packages again (needs two Pythons of pyenv)",
    async () => {
      const old = provide(`${minor}.1`);
      const other = provide(`${next?.release.join(".")}.0`, next);
      const roots = [place("a"), place("b"), place("c")];
      for (const [at, root] of roots.entries()) {
        await createEnvironment({ host, path: root, python: old, seed: [] });
        await add(root, ["hello", "helper==1.0", "binary"], at === 1 ? "symlink" : "auto");
      }
      await add(roots[2] ?? "", ["only-here"]);
      removeVersion(`${minor}.1`);
      const lib = `python${minor}`;
      const indexes = { indexUrl: index.indexUrl };
      const [told] = await repair({ environment: roots[0] });
      expect(told).toMatchObject({ repaired: [], left: [{ code: "python-gone", hint: expect.stringContaining("--python 3 ") as string }] });

      for (const root of roots.slice(0, 2)) {
        const before = digest(root);
        const [plan] = await repair({ environment: root, python: other, dryRun: true, indexes });
        expect(plan?.repaired.map(({ code }) => code)).toEqual(["python-gone", "packages-stranded"]);
        expect(plan?.repaired[1]?.how).toContain("hello 1.0");
        expect(digest(root)).toEqual(before);
        const [done] = await repair({ environment: root, python: other, indexes });
        expect(done?.left).toEqual([]);
        expect(
          await says(
            join(root, "bin", "python"),
            "-c",
            "import sys, hello, binary; hello.main(); print(binary.built, '%d.%d' % sys.version_info[:2])",
          ),
        ).toBe(`hello 1\ncp${next?.release.join("")} ${next?.release.join(".")}`);
        expect(await says(join(root, "bin", "hello"))).toBe("hello 1");
        expect(readdirSync(join(root, "bin")).includes(lib)).toBe(false);
        expect((await diagnose({ host, environment: root }))[0]?.problems).toEqual([]);
      }

      // One package has no wheel for it: nothing is touched, and that one is named.
      const before = digest(roots[2] ?? "");
      const [refused] = await repair({ environment: roots[2], python: other, indexes });
      expect(refused).toMatchObject({
        repaired: [],
        left: [{ code: "python-gone", reason: expect.stringContaining("only-here") as string }],
      });
      expect(digest(roots[2] ?? "")).toEqual(before);
    },
    120_000,
  );

  test.skipIf(next === undefined)(
    "a whole environment goes to another version; `python -m venv` over it is finished the same way (needs two Pythons of pyenv)",
    async () => {
      const old = provide(`${minor}.1`);
      const other = provide(`${next?.release.join(".")}.0`, next);
      const root = place("switch");
      await createEnvironment({ host, path: root, python: old, seed: [] });
      await add(root, ["hello"]);
      const indexes = { indexUrl: index.indexUrl };
      const [done] = await repair({ environment: root, python: other, indexes });
      expect(done?.left).toEqual([]);
      expect(await says(join(root, "bin", "hello"))).toBe("hello 2");
      expect(lstatSync(join(root, "bin", "python")).isSymbolicLink() && readlinkSync(join(root, "bin", "python"))).toBe(other);
      await says(old, "-m", "venv", root);
      const [found] = await diagnose({ host, environment: root });
      // venv leaves the old link in place: pyvenv.cfg says one version, and another one starts.
      expect(found?.problems.map(({ code }) => code)).toContain("python-changed");
      const [mended] = await repair({ environment: root, indexes });
      expect(mended?.left).toEqual([]);
      expect(await says(join(root, "bin", "python"), "-c", "import sys, hello; print('%d.%d' % sys.version_info[:2])")).toBe(minor);
    },
    120_000,
  );
});
