/** `pen venv --upgrade` on environments of every tool here, after their Python was replaced; and `pen venv` again after one that was killed before its seeds. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readHost } from "#foundation";
import { findInterpreter } from "#python";
import { createEnvironment as build } from "#venv";
import { createEnvironment } from "../../src/operations/index.ts";
import { cleanEnvironment } from "../support/interpreters.ts";
import { schemaProblems } from "../support/json-schema.ts";
import type { Ran } from "../support/program.ts";
import { pythons } from "../support/pythons.ts";
import { digest, openWorld, projects, python, sitePackages, type World } from "../support/world.ts";

const schema = JSON.parse(readFileSync(join(import.meta.dirname, "..", "..", "docs", "schema", "output.json"), "utf8")) as Record<
  string,
  unknown
>;
const managed = pythons().filter(({ managed: own, release: [, minor] }) => own && minor >= 8);
const [older, newer] = [managed.at(-2), managed.at(-1)];
const pip = (
  version: string,
): { name: string; version: string; entryPoints: { console_scripts: Record<string, string> }; files: Record<string, string> } => ({
  name: "pip",
  version,
  entryPoints: { console_scripts: { pip: "pip:main", pip3: "pip:main" } },
  files: { "pip/__init__.py": `def main():\n    print('${version}')\n` },
});
const offered = projects(pip("98.0"), pip("99.0"), { name: "six", version: "1.0", files: { "six.py": "word = 'six'\n" } });
const tool = (name: string): string => join(process.env["PEN_TEST_TOOLS"] ?? "/nowhere", name);

let world: World;
const at = (...names: readonly string[]): string => join(world.work, ...names);
const good = async (...args: readonly string[]): Promise<Ran> => {
  const ran = await world.pen(args);
  if (ran.status !== 0) throw new Error(`pen ${args.join(" ")}: ${ran.stdout}${ran.stderr}`);
  return ran;
};
const runs = (name: string, code: string): string => {
  const { stdout, stderr } = spawnSync(at(name, "bin", "python"), ["-I", "-c", code], { encoding: "utf8" });
  return (stdout + stderr).trim();
};
beforeAll(async () => void (world = await openWorld({ projects: offered })));
afterAll(() => world?.close());

describe.skipIf(older === undefined || newer === undefined)("pen venv --upgrade (needs two Pythons of pyenv)", () => {
  let old: string;
  let next: string;
  beforeAll(() => {
    for (const name of ["old", "next"]) {
      mkdirSync(at(name));
      spawnSync("cp", ["-a", `${join(newer?.path ?? "", "..", "..")}/.`, at(name)]);
    }
    old = at("old", "bin", "python3");
    next = at("next", "bin", "python3");
  }, 60_000);
  const env = (): Record<string, string> => cleanEnvironment(join(world.folder, "home"), { UV_CACHE_DIR: join(world.folder, "uv") });
  const makers: ReadonlyArray<readonly [name: string, needs: string, make: (place: string) => readonly string[]]> = [
    ["pen", "", () => []],
    ["venv", "", (place) => [old, "-m", "venv", "--without-pip", place]],
    ["venv-copies", "", (place) => [old, "-m", "venv", "--without-pip", "--copies", place]],
    ["virtualenv", tool("virtualenv"), (place) => [tool("virtualenv"), "-q", "--no-seed", "-p", old, place]],
    ["uv", tool("uv"), (place) => [tool("uv"), "venv", "-q", "--offline", "--no-config", "-p", old, place]],
  ];
  test("environments of every tool come back with their packages, and without dangling links", async () => {
    const names: string[] = [];
    for (const [name, needs, make] of makers) {
      if (needs !== "" && !existsSync(needs)) continue;
      const [command, ...args] = make(at(name));
      if (command === undefined) await good("venv", "-q", "--no-seed", "-p", old, name);
      else expect([name, spawnSync(command, args, { env: env(), encoding: "utf8" }).stderr]).toEqual([name, ""]);
      await good("pip", "install", "-q", "--python", name, "six");
      appendFileSync(at(name, "pyvenv.cfg"), "# a note\n");
      names.push(name);
    }
    renameSync(at("old"), at("gone"));
    for (const name of names) {
      expect([name, (await world.pen(["pip", "list", "--python", name])).stderr]).toEqual([name, expect.stringContaining("ENV_BROKEN")]);
      const ran = await good("venv", "--upgrade", "-p", next, name, "--json");
      expect(schemaProblems(JSON.parse(ran.stdout), { $ref: "#/$defs/venv" }, schema)).toEqual([]);
      expect([name, runs(name, "import six, sys; print(six.word, sys.base_prefix, sys.prefix)")]).toEqual([
        name,
        `six ${at("next")} ${at(name)}`,
      ]);
      for (const entry of readdirSync(at(name, "bin")))
        expect([name, entry, existsSync(at(name, "bin", entry))]).toEqual([name, entry, true]);
      expect(readFileSync(at(name, "pyvenv.cfg"), "utf8")).toEndWith("# a note\n");
      const again = await good("venv", "--upgrade", "-p", next, name);
      expect([name, again.stdout]).toEqual([
        name,
        expect.stringContaining(name === "venv-copies" ? "to Python" : "Nothing had to be changed"),
      ]);
    }
    // venv itself leaves the name with the version dangling: that is mended.
    expect(runs("venv", "import sys; print(sys.version_info[:2])")).not.toBe("");
    renameSync(at("gone"), at("old"));
  }, 60_000);
  test("without --python: the Python that the version means now, unless the environment's own works and is as new", async () => {
    await good("venv", "-q", "--no-seed", "-p", old, ".venv");
    mkdirSync(at("path"));
    symlinkSync(next, at("path", `python${newer?.release.join(".")}`));
    const base = async (): Promise<string> => {
      const ran = await world.pen(["venv", "--upgrade"], { env: { PATH: `${at("path")}:/usr/bin:/bin`, VIRTUAL_ENV: at(".venv") } });
      expect(ran.stderr).toBe("");
      return runs(".venv", "import sys; print(sys.base_prefix)");
    };
    expect(await base()).toBe(at("old"));
    renameSync(at("old"), at("gone"));
    expect(await base()).toBe(at("next"));
    renameSync(at("gone"), at("old"));
  });
  test("what the options say changes, what they do not say stays", async () => {
    await good("venv", "-q", "--no-seed", "-p", old, "--prompt", "first", "--system-site-packages", "kept");
    await good("venv", "--upgrade", "-p", next, "kept");
    const config = (): string => readFileSync(at("kept", "pyvenv.cfg"), "utf8");
    expect(config()).toContain("prompt = 'first'\n");
    expect(config()).toContain("include-system-site-packages = true\n");
    await good("venv", "--upgrade", "-p", next, "--prompt", "second", "--relocatable", "kept");
    expect(config()).toContain("prompt = 'second'\n");
    expect(config()).toContain("relocatable = true\n");
    await good("venv", "--upgrade", "-p", next, "--copies", "kept");
    expect(existsSync(at("kept", "bin", "python"))).toBe(true);
    expect(runs("kept", "import sys; print(sys.base_prefix)")).toBe(at("next"));
    expect(spawnSync("readlink", [at("kept", "bin", "python")]).status).toBe(1);
    await good("venv", "--upgrade", "-p", next, "--symlinks", "kept");
    expect(spawnSync("readlink", [at("kept", "bin", "python")], { encoding: "utf8" }).stdout.trim()).toBe(next);
  });
  test("another version: it works and has pip, and what cannot be seen any more is told of with the way out", async () => {
    await good("venv", "-q", "-p", older?.path ?? "", "minor");
    await good("pip", "install", "-q", "--python", "minor", "six");
    const ran = await good("venv", "--upgrade", "-p", next, "minor");
    expect(runs("minor", "import sys; print(sys.base_prefix)")).toBe(at("next"));
    expect(spawnSync(at("minor", "bin", `pip${newer?.release.join(".")}`), { encoding: "utf8" }).stdout).toBe("99.0\n");
    const [, freeze = "", install = ""] =
      /pen (pip freeze --path \S+) > requirements\.txt && pen (pip install .* -r requirements\.txt)\./.exec(ran.stderr) ?? [];
    writeFileSync(at("requirements.txt"), (await good(...freeze.split(" "))).stdout);
    await good(...install.split(" "));
    expect(runs("minor", "import six; print(six.word)")).toBe("six");
    expect(existsSync(at("minor", "bin", `python${older?.release.join(".")}`))).toBe(false);
    const json = await good("venv", "--upgrade", "-p", older?.path ?? "", "minor", "--json");
    expect(schemaProblems(JSON.parse(json.stdout), { $ref: "#/$defs/venv" }, schema)).toEqual([]);
    expect(runs("minor", "import six; print(six.word)")).toBe("six");
  }, 60_000);
  test("--upgrade-deps: newer pip is taken, an even newer one stays", async () => {
    await good("venv", "-q", "-p", next, "--seed-package", "pip==98.0", "deps");
    const version = (): string => spawnSync(at("deps", "bin", "pip"), { encoding: "utf8" }).stdout.trim();
    expect(version()).toBe("98.0");
    await good("venv", "--upgrade", "-p", next, "deps");
    expect(version()).toBe("98.0");
    expect((await good("venv", "--upgrade", "--upgrade-deps", "-p", next, "deps")).stdout).toContain("with pip 99.0");
    expect(version()).toBe("99.0");
  });
  test("what is no environment, and a Python itself, are refused", async () => {
    mkdirSync(at("empty"));
    for (const name of ["empty", "not-there"]) {
      const ran = await world.pen(["venv", "--upgrade", name]);
      expect([ran.status, ran.stderr.includes("ENV_NOT_FOUND")]).toEqual([1, true]);
    }
    expect(existsSync(at("not-there"))).toBe(false);
    writeFileSync(at("old", "pyvenv.cfg"), "home = /usr/bin\n");
    expect((await world.pen(["venv", "--upgrade", "-p", next, "old"])).stderr).toContain("A Python is installed in it");
    rmSync(at("old", "pyvenv.cfg"));
  });
});

describe.skipIf(python === undefined)("pen venv after one that was killed before its seeds (needs a Python)", () => {
  let count = 0;
  /** What a killed command leaves right after the environment was made. */
  const leave = async (options: { readonly prompt?: string } = {}): Promise<string> => {
    const name = `killed${(count += 1)}`;
    const host = readHost({ env: world.env, cwd: world.work, home: join(world.folder, "home") });
    const interpreter = await findInterpreter(undefined, { host, cacheFolder: world.cache });
    build({ host, root: at(name), interpreter, seeded: true, ...options });
    return name;
  };
  const hasPip = (name: string): boolean => readdirSync(sitePackages(at(name))).includes("pip");
  test("the same command finishes it", async () => {
    const name = await leave();
    expect(hasPip(name)).toBe(false);
    expect((await good("venv", name)).stdout).toContain("with pip 99.0");
    expect(hasPip(name)).toBe(true);
    await good("venv", "whole");
    const bare = (tree: Record<string, string>): string[] =>
      Object.entries(tree).flatMap(([path, what]) => (path.startsWith(".pen/") ? [] : [`${path} ${what}`]));
    expect(bare(digest(at(name)))).toEqual(bare(digest(at("whole"))));
    expect((await world.pen(["venv", name])).stderr).toContain("ENV_EXISTS");
  });
  test("whoever made one without seeds, put something in, or asked for something else: it is refused as ever", async () => {
    await good("venv", "--no-seed", "bare");
    expect((await world.pen(["venv", "bare"])).stderr).toContain("ENV_EXISTS");
    const used = await leave();
    writeFileSync(join(sitePackages(at(used)), "mine.py"), "");
    const other = await leave({ prompt: "other" });
    const doubled = await leave();
    writeFileSync(at(doubled, "notes.txt"), "");
    for (const name of [used, other, doubled]) {
      const before = digest(at(name));
      expect((await world.pen(["venv", name])).stderr).toContain("ENV_EXISTS");
      expect(digest(at(name))).toEqual(before);
    }
    const unseeded = await leave();
    expect((await world.pen(["venv", "--no-seed", unseeded])).stderr).toContain("ENV_EXISTS");
  });
  test("the library does the same", async () => {
    const name = await leave();
    const host = readHost({ env: world.env, cwd: world.work, home: join(world.folder, "home") });
    const made = await createEnvironment({ host, path: name, indexes: { indexUrl: world.index.indexUrl } });
    expect(made.seeded).toEqual([{ name: "pip", version: "99.0" }]);
  });
  test("four at once: each has pip in the end, and nothing is torn", async () => {
    const all = await Promise.all(Array.from({ length: 4 }, () => world.pen(["venv", "together"])));
    expect(all.filter(({ status }) => status === 0).length).toBeGreaterThan(0);
    for (const { status, stderr } of all) if (status !== 0) expect(stderr).toContain("ENV_EXISTS");
    expect(spawnSync(at("together", "bin", "pip"), { encoding: "utf8" }).stdout).toBe("99.0\n");
    expect((await good("env", "doctor", "together")).stdout).toContain("ok ");
  });
});
