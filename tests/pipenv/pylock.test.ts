/** `pen pipenv pylock`, and the project that is installed from a pylock.toml. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openWorld, python, sitePackages, type World } from "../support/world.ts";
import { twinPackages } from "./twin-packages.ts";

describe.skipIf(python === undefined)("pen pipenv pylock (needs a Python with venv and ensurepip)", () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld({ projects: twinPackages() });
  });
  afterAll(() => world?.close());

  const project = (name: string, more = ""): string => {
    const folder = join(world.work, name);
    mkdirSync(folder);
    const source = `[[source]]\nurl = "${world.index.indexUrl}"\nverify_ssl = true\nname = "local"\n\n`;
    writeFileSync(join(folder, "Pipfile"), `${source}[packages]\nsix = "<2"\n\n[dev-packages]\nitsdangerous = "*"\n${more}`);
    return folder;
  };

  test("without a lock or a pylock.toml it says what to type", async () => {
    const cwd = project("bare");
    expect(await world.pen(["pipenv", "pylock"], { cwd })).toMatchObject({
      status: 0,
      stdout: expect.stringContaining("pylock --generate"),
    });
    for (const word of ["--validate", "--generate"]) {
      const ran = await world.pen(["pipenv", "pylock", word], { cwd });
      expect(ran).toMatchObject({ status: 1, stderr: expect.stringMatching(/No (pylock.toml|Pipfile.lock) found/) });
    }
    expect(existsSync(join(cwd, "pylock.toml"))).toBe(false);
  });

  test("a lock becomes a pylock.toml, from which the project is installed", async () => {
    const cwd = project("whole");
    expect((await world.pen(["pipenv", "lock"], { cwd })).status).toBe(0);
    const made = await world.pen(["pipenv", "pylock", "--generate", "--dev-groups", "dev,test"], { cwd });
    expect(made).toMatchObject({ status: 0, stdout: `Generated pylock.toml at ${join(cwd, "pylock.toml")}\n` });
    const checked = await world.pen(["pipenv", "pylock", "--validate"], { cwd });
    expect(checked.stdout).toContain("Valid pylock.toml\n  Packages: 2\n");
    expect(checked.stdout).toContain("Dependency Groups: dev, test");
    rmSync(join(cwd, "Pipfile.lock"));
    const synced = await world.pen(["pipenv", "sync", "--dev"], { cwd, env: { PIPENV_VENV_IN_PROJECT: "1" } });
    expect([synced.status, synced.stderr]).toEqual([0, expect.not.stringContaining("error")]);
    for (const module of ["six", "itsdangerous"]) expect(existsSync(join(sitePackages(join(cwd, ".venv")), module))).toBe(true);
    writeFileSync(join(cwd, "pylock.toml"), 'lock-version = "2.0"\ncreated-by = "x"\npackages = []\n');
    expect(await world.pen(["pipenv", "pylock", "--validate"], { cwd })).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("newer"),
    });
  });

  test("use_pylock: what changes the lock changes the pylock.toml with it", async () => {
    const cwd = project("both", "\n[pipenv]\nuse_pylock = true\n");
    const env = { PIPENV_VENV_IN_PROJECT: "1" };
    expect((await world.pen(["pipenv", "install"], { cwd, env })).status).toBe(0);
    expect(readFileSync(join(cwd, "pylock.toml"), "utf8")).not.toContain("async-part");
    expect((await world.pen(["pipenv", "install", "async-part"], { cwd, env })).status).toBe(0);
    expect(readFileSync(join(cwd, "pylock.toml"), "utf8")).toContain('name = "async-part"');
    expect((await world.pen(["pipenv", "uninstall", "async-part"], { cwd, env })).status).toBe(0);
    expect(readFileSync(join(cwd, "pylock.toml"), "utf8")).not.toContain("async-part");
  });
});
