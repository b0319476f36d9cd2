/** `pen venv` beside `python -m venv` of every Python here and `uv venv`: options, layout, seeds and where they come from, several places at once. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { commonOptions } from "../../src/cli/arguments/common.ts";
import { venvOptions } from "../../src/cli/arguments/venv.ts";
import { cleanEnvironment } from "../support/interpreters.ts";
import { schemaProblems } from "../support/json-schema.ts";
import type { Ran } from "../support/program.ts";
import { pythons } from "../support/pythons.ts";
import { digest, openWorld, projects, python, sitePackages, type World } from "../support/world.ts";

const schema = JSON.parse(readFileSync(join(import.meta.dirname, "..", "..", "docs", "schema", "output.json"), "utf8")) as Record<
  string,
  unknown
>;
const all = pythons();
const ofPyenv = all.filter(({ managed }) => managed);
const uv = process.env["PEN_TEST_TOOLS"] === undefined ? "" : join(process.env["PEN_TEST_TOOLS"], "uv");

describe("every option is taken", () => {
  const known = new Set(
    [...venvOptions, ...commonOptions].flatMap(({ name, aliases = [], negation }) => [
      name,
      ...aliases,
      ...(negation === undefined ? [] : [negation]),
    ]),
  );
  const shorts = new Set([...venvOptions, ...commonOptions].flatMap(({ short }) => short ?? []));
  const missing = (help: string): string[] => [
    ...[...help.matchAll(/(?<![\w-])--([a-z][a-z-]+)/g)].flatMap(([, name = ""]) => (known.has(name) ? [] : [`--${name}`])),
    ...[...help.matchAll(/^ +-([a-zA-Z]),/gm)].flatMap(([, letter = ""]) => (shorts.has(letter) ? [] : [`-${letter}`])),
  ];
  for (const { path, version } of all)
    test(`of python -m venv, Python ${version}`, () => {
      const { stdout, status } = spawnSync(path, ["-I", "-m", "venv", "--help"], { encoding: "utf8", env: cleanEnvironment("/tmp") });
      if (status === 0) expect(missing(stdout)).toEqual([]);
    });
  test.skipIf(!existsSync(uv))("of uv venv (needs uv in the folder of PEN_TEST_TOOLS)", () => {
    const { stdout } = spawnSync(uv, ["venv", "--help"], { encoding: "utf8", env: cleanEnvironment("/tmp") });
    expect(stdout).toContain("--allow-existing");
    expect(missing(stdout)).toEqual([]);
  });
  test("nothing is said twice", () => {
    const names = [...venvOptions, ...commonOptions].flatMap(({ name, aliases = [], negation = [], short = [] }) =>
      [name, ...aliases, negation, short].flat(),
    );
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
  });
});

/** pip in two versions: the older one is the newest for old Pythons, and was built by a Python of another version. */
const offered = projects(
  {
    name: "pip",
    version: "21.3",
    files: { "pip/__init__.py": "", "pip/main.py": "def main():\n    import sys\n    print('pip for', sys.version_info[:2])\n" },
    entryPoints: { console_scripts: { pip: "pip.main:main", pip3: "pip.main:main", "pip3.10": "pip.main:main" } },
  },
  {
    name: "pip",
    version: "26.0",
    requiresPython: ">=3.9",
    served: { requiresPython: ">=3.9" },
    files: { "pip/__init__.py": "", "pip/main.py": "def main():\n    import sys\n    print('pip for', sys.version_info[:2])\n" },
    entryPoints: { console_scripts: { pip: "pip.main:main", pip3: "pip.main:main" } },
  },
  { name: "setuptools", version: "80.0", files: { "setuptools/__init__.py": "" } },
  { name: "wheel", version: "0.45", files: { "wheel/__init__.py": "" } },
  { name: "six", version: "1.0" },
);

describe.skipIf(python === undefined)("the executable (needs a Python with venv and ensurepip)", () => {
  let world: World;
  beforeAll(async () => void (world = await openWorld({ projects: offered })));
  afterAll(() => world?.close());
  let count = 0;
  const place = (): string => `e${(count += 1)}`;
  const at = (...names: readonly string[]): string => join(world.work, ...names);
  const good = async (args: readonly string[], options: Parameters<World["pen"]>[1] = {}): Promise<Ran> => {
    const ran = await world.pen(args, options);
    if (ran.status !== 0) throw new Error(`pen ${args.join(" ")}: ${ran.stdout}${ran.stderr}`);
    return ran;
  };
  const bad = async (args: readonly string[], code: string, ...says: readonly string[]): Promise<Ran> => {
    const ran = await world.pen(args);
    expect(ran.status).not.toBe(0);
    for (const text of [code, ...says]) expect(ran.stderr).toContain(text);
    return ran;
  };
  const installed = (name: string): string[] =>
    readdirSync(sitePackages(at(name)))
      .filter((entry) => entry.endsWith(".dist-info"))
      .map((entry) => entry.replace(".dist-info", ""))
      .sort();
  const config = (name: string): string => readFileSync(at(name, "pyvenv.cfg"), "utf8");

  describe("the same layout as python -m venv, with the newest pip that the Python can run", () => {
    for (const { path, version, release } of ofPyenv)
      for (const mode of ["--symlinks", "--copies --without-pip"])
        test(`Python ${version}, ${mode}`, async () => {
          const [mine, theirs] = [place(), place()];
          const words = mode.split(" ");
          await good(["venv", ...words, "-p", path, mine]);
          const made = spawnSync(path, ["-I", "-m", "venv", ...words, at(theirs)], {
            encoding: "utf8",
            env: cleanEnvironment(join(world.folder, "home")),
          });
          expect(made.status).toBe(0);
          const short = release.join(".");
          const names = (name: string): string[] =>
            readdirSync(at(name, "bin"))
              .filter((entry) => /^(?:python|pip)/.test(entry))
              .sort();
          // Before 3.9 venv makes no name with the version.
          expect(names(mine)).toEqual([...new Set([...names(theirs), `python${short}`])].sort());
          const kinds = (name: string): unknown[] =>
            ["bin", "include", "lib", "lib64", `lib/python${short}`, `lib/python${short}/site-packages`, "pyvenv.cfg"].map((entry) => {
              const status = lstatSync(at(name, entry));
              return [entry, status.isSymbolicLink() ? readlinkSync(at(name, entry)) : status.isDirectory() ? "folder" : "file"];
            });
          expect(kinds(mine)).toEqual(kinds(theirs));
          const question =
            "import sys, site, sysconfig, json; print(json.dumps([sys.prefix, sys.base_prefix, sys.exec_prefix, sys.path[1:], site.getsitepackages(), sysconfig.get_paths()]))";
          const answer = (name: string): string =>
            spawnSync(at(name, "bin", "python"), ["-I", "-c", question], { encoding: "utf8" }).stdout.replaceAll(at(name), "ENV");
          expect(answer(mine)).toBe(answer(theirs));
          rmSync(at(theirs), { recursive: true });
          if (words.includes("--without-pip")) {
            expect(installed(mine)).toEqual([]);
            return;
          }
          const newest = release[1] >= 9 ? "pip-26.0" : "pip-21.3";
          expect(installed(mine)).toEqual([newest]);
          for (const name of ["pip", "pip3", `pip${short}`])
            expect(spawnSync(at(mine, "bin", name), { encoding: "utf8" }).stdout).toBe(`pip for (${release.join(", ")})\n`);
          rmSync(at(mine), { recursive: true });
        }, 60_000);
  });

  for (const mode of ["hardlink", "copy", "symlink"])
    test(`pip3.X comes and goes with pip, and stands in RECORD (${mode})`, async () => {
      const name = place();
      await good(["venv", "--no-seed", name]);
      const bin = (): string[] =>
        readdirSync(at(name, "bin"))
          .filter((entry) => entry.startsWith("pip"))
          .sort();
      expect(bin()).toEqual([]);
      const short = readdirSync(at(name, "lib"))[0]?.replace("python", "") ?? "";
      for (const version of ["21.3", "26.0"]) {
        await good(["pip", "install", "--link-mode", mode, "--python", name, `pip==${version}`]);
        expect(bin()).toEqual(
          mode === "symlink" && version === "21.3" ? ["pip", "pip3", "pip3.10", `pip${short}`].sort() : ["pip", "pip3", `pip${short}`],
        );
        if (mode === "symlink") continue;
        const record = readFileSync(join(sitePackages(at(name)), `pip-${version}.dist-info`, "RECORD"), "utf8");
        expect(record).toMatch(new RegExp(`^\\.\\./\\.\\./\\.\\./bin/pip${short.replace(".", "\\.")},sha256=[\\w-]+,\\d+$`, "m"));
        if (short !== "3.10") expect(record).not.toContain("pip3.10");
      }
      expect((await good(["env", "doctor", name])).stdout).toContain("ok ");
      await good(["pip", "uninstall", "-y", "--python", name, "pip"]);
      expect(bin()).toEqual([]);
    });

  describe("what goes in", () => {
    const withFile = (text: string): { env: Record<string, string> } => {
      writeFileSync(join(world.folder, "pen.toml"), text);
      return { env: { PEN_CONFIG_FILE: join(world.folder, "pen.toml") } };
    };
    const cases: ReadonlyArray<readonly [words: string, file: string, expected: readonly string[]]> = [
      ["", "", ["pip-26.0"]],
      ["--seed", "[seed]\npip = false\n", ["pip-26.0"]],
      ["", "[seed]\npip = false\n", []],
      ["", '[seed]\npip = "<26"\npackages = ["wheel"]\n', ["pip-21.3", "wheel-0.45"]],
      ["--seed", '[seed]\npip = "<26"\n', ["pip-21.3"]],
      ["--no-seed", '[seed]\npackages = ["wheel"]\n', []],
      ["--without-pip", '[seed]\npackages = ["wheel"]\n', []],
      ["--no-pip --seed-package six", "", ["six-1.0"]],
      ["--no-setuptools", '[seed]\npackages = ["wheel", "Setuptools>1"]\n', ["pip-26.0", "wheel-0.45"]],
      ["--seed-package pip<26 --seed-package setuptools", "", ["pip-21.3", "setuptools-80.0"]],
      ["--no-config", "[seed]\npip = false\n", ["pip-26.0"]],
    ];
    for (const [words, file, expected] of cases)
      test(`pen venv ${words} with ${JSON.stringify(file)}`, async () => {
        const name = place();
        await good(["venv", ...words.split(" ").filter(Boolean), name], withFile(file));
        expect(installed(name)).toEqual([...expected]);
      });
    test("a mistake in the file is told with its line, and nothing is made", async () => {
      const ran = await world.pen(["venv", "mistaken"], withFile("[seed]\npips = true\n"));
      expect(ran.status).toBe(2);
      for (const text of ["INVALID_CONFIG", "pen.toml, line 2", "Did you mean pip?"]) expect(ran.stderr).toContain(text);
      expect(existsSync(at("mistaken"))).toBe(false);
    });
    test("security: a project's files do not say what is installed", async () => {
      const cwd = at("hostile-project");
      mkdirSync(join(cwd, ".config", "pen"), { recursive: true });
      for (const file of ["pen.toml", ".pen.toml", ".config/pen/pen.toml"]) writeFileSync(join(cwd, file), '[seed]\npackages = ["six"]\n');
      writeFileSync(join(cwd, "pyproject.toml"), '[tool.pen.seed]\npackages = ["six"]\n[tool.uv]\nindex-url = "http://127.0.0.1:9/"\n');
      await good(["venv"], { cwd });
      expect(readdirSync(sitePackages(join(cwd, ".venv"))).some((name) => name.startsWith("six"))).toBe(false);
    });
    test("--upgrade-deps and --refresh ask the index again, which is else asked once a week", async () => {
      await good(["venv", place()]);
      const asked = async (...words: readonly string[]): Promise<number> => {
        const before = world.index.requests.length;
        await good(["venv", ...words, place()]);
        return world.index.requests.length - before;
      };
      expect(await asked()).toBe(0);
      expect(await asked("--upgrade-deps")).toBeGreaterThan(0);
      expect(await asked("--refresh")).toBeGreaterThan(0);
      expect(await asked("--refresh-package", "pip")).toBeGreaterThan(0);
    });
    test("offline with an empty cache: the pip of the base Python", async () => {
      const name = place();
      await good(["venv", "--offline", "-p", python ?? "", name], { env: { PEN_CACHE_DIR: join(world.folder, "empty-cache") } });
      expect(installed(name).join()).toMatch(/^pip-\d/);
      expect(installed(name).join()).not.toBe("pip-26.0");
      expect(spawnSync(at(name, "bin", "python"), ["-m", "pip", "--version"]).status).toBe(0);
    });
    test.skipIf(ofPyenv.length < 2)(
      "offline, for a Python that no index was asked for: the newest in the store that it can run (needs two)",
      async () => {
        const env = { PEN_CACHE_DIR: join(world.folder, "store-cache") };
        const [oldest, newest] = [ofPyenv[0], ofPyenv.at(-1)];
        for (const version of ["21.3", "26.0"])
          await good(["venv", "-p", newest?.path ?? "", "--seed-package", `pip==${version}`, place()], { env });
        // The answers of the index are gone, the store stays.
        for (const name of ["answers", "index"]) rmSync(join(env.PEN_CACHE_DIR, name), { recursive: true, force: true });
        const name = place();
        await good(["venv", "--offline", "-p", oldest?.path ?? "", name], { env });
        expect(installed(name)).toEqual([(oldest?.release[1] ?? 0) >= 9 ? "pip-26.0" : "pip-21.3"]);
      },
    );
    test("without any pip to be had, nothing is left behind: a new folder, and one that was empty", async () => {
      mkdirSync(at("was-empty"));
      for (const name of ["never-made", "was-empty"]) {
        const env = { PEN_CACHE_DIR: join(world.folder, "other-cache") };
        const ran = await world.pen(["venv", "--no-index", "--seed-package", "not-there-at-all", name], { env });
        expect(ran.stderr).toContain("PACKAGE_NOT_FOUND");
      }
      expect(existsSync(at("never-made"))).toBe(false);
      expect(readdirSync(at("was-empty"))).toEqual([]);
    });
  });

  describe("options of others", () => {
    test("--relocatable is written down, and explained", async () => {
      const name = place();
      expect((await good(["venv", "--no-seed", "--relocatable", name])).stderr).toContain("every environment of pen can be moved");
      expect(config(name)).toContain("relocatable = true\n");
    });
    for (const words of ["--no-python-downloads", "--preview", "--preview-features x", "--no-relocatable", "--python-fetch never"])
      test(`${words} is taken, with a word why it changes nothing`, async () => {
        const ran = await good(["venv", "--no-seed", ...words.split(" "), place()]);
        expect(ran.stderr).toContain(`warning: ${words.split(" ")[0]} `);
      });
    const refused: ReadonlyArray<readonly [words: string, says: string]> = [
      ["--copies --symlinks", "contradict"],
      ["--upgrade --clear", "contradict"],
      ["--managed-python --no-managed-python", "contradict"],
      ["--upgrade --inherit x", "pen env set"],
      ["--exclude-newer-package pip=2026-01-01", "--exclude-newer"],
      ["--index-strategy unsafe-first-match", "first-index"],
      ["--directory nowhere", "no such folder"],
      ["--project nowhere", "no such folder"],
      ["--python-preference some", "only-managed"],
      ["--link-mode soft", "hardlink"],
    ];
    for (const [words, says] of refused)
      test(`${words} is refused, with a reason`, async () => {
        await bad(["venv", ...words.split(" "), "refused"], "error:", says);
        expect(existsSync(at("refused"))).toBe(false);
      });
    test("--managed-python takes only managed ones, --no-managed-python all others", async () => {
      await bad(["venv", "--managed-python", "none-such"], "PYTHON_NOT_FOUND", "managed Python");
      // A Python that uv keeps, as it keeps them.
      const kept = join(world.folder, "uv-pythons", "cpython-3.99-test");
      mkdirSync(join(kept, "bin"), { recursive: true });
      const real = spawnSync(python ?? "", ["-I", "-c", "import sys; print(sys.base_prefix)"], { encoding: "utf8" }).stdout.trim();
      spawnSync("cp", ["-a", `${real}/.`, kept]);
      const env = { UV_PYTHON_INSTALL_DIR: join(world.folder, "uv-pythons"), PATH: "/nowhere" };
      const base = async (...words: readonly string[]): Promise<string> => {
        const ran = await good(["venv", "--no-seed", "--json", ...words, place()], { env });
        return (JSON.parse(ran.stdout) as { environments: Array<{ base: string }> }).environments[0]?.base ?? "";
      };
      expect(await base("--managed-python")).toStartWith(kept);
      expect(await base("--python-preference", "managed")).toStartWith(kept);
      const minor = readdirSync(join(kept, "lib")).find((name) => /^python3\.\d+$/.test(name)) ?? "";
      const other = await world.pen(["venv", "--no-seed", "--no-managed-python", "-p", minor.replace("python", ""), place(), "--json"], {
        env,
      });
      expect(other.stdout).not.toContain(kept);
      expect((await world.pen(["venv", "--no-managed-python", "-p", join(kept, "bin", "python3"), "none-such"], { env })).stderr).toContain(
        "ruled out",
      );
      rmSync(kept, { recursive: true });
    }, 60_000);
    test("--directory and --project", async () => {
      mkdirSync(at("there"));
      await good(["venv", "--no-seed", "--directory", "there", "one"]);
      await good(["venv", "--no-seed", "--project", "there"]);
      expect(readdirSync(at("there")).sort()).toEqual([".venv", "one"]);
    });
    test("an index with a name, and -n", async () => {
      const name = place();
      await good(["venv", "-n", "--default-index", `mine=${world.index.indexUrl}`, name]);
      expect(installed(name)).toEqual(["pip-26.0"]);
    });
  });

  describe("several places", () => {
    test("all are made; one that fails does not stop the others, and is told of", async () => {
      const names = [place(), place(), place()];
      await good(["venv", "--no-seed", ...names]);
      for (const name of names) expect(existsSync(at(name, "pyvenv.cfg"))).toBe(true);
      const [fresh, other] = [place(), place()];
      writeFileSync(at("a-file"), "");
      const before = digest(at(names[0] ?? ""));
      const ran = await bad(
        ["venv", "--no-seed", fresh, names[0] ?? "", "a-file", other],
        "ENV_EXISTS",
        "2 of 4 environments failed",
        "a-file",
        "is a virtual environment already",
      );
      expect(ran.status).toBe(1);
      for (const name of [fresh, other]) expect(ran.stdout).toContain(`Made ${name}`);
      expect(digest(at(names[0] ?? ""))).toEqual(before);
    });
    test("as JSON: one object, the error names what was made and what failed", async () => {
      const [fresh, other] = [place(), place()];
      const made = await good(["venv", "--no-seed", "--json", fresh, other]);
      expect(schemaProblems(JSON.parse(made.stdout), { $ref: "#/$defs/venv" }, schema)).toEqual([]);
      const ran = await world.pen(["venv", "--no-seed", "--json", place(), fresh]);
      const value = JSON.parse(ran.stdout) as { error: { code: string; data: { made: string[]; failed: Array<{ path: string }> } } };
      expect(schemaProblems(value, { $ref: "#/$defs/error" }, schema)).toEqual([]);
      expect([value.error.code, value.error.data.made.length, value.error.data.failed[0]?.path]).toEqual(["ENV_EXISTS", 1, fresh]);
    });
    test("an empty name is no name", async () => {
      await bad(["venv", ""], "TARGET_UNSUPPORTED", "empty");
      expect(existsSync(at("pyvenv.cfg"))).toBe(false);
    });
  });
});
