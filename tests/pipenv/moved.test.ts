/** A project that was moved finds the environment that was made for its old place, and leads it to where pipenv would look. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openWorld, python, type World } from "../support/world.ts";
import { twinPackages } from "./twin-packages.ts";

describe.skipIf(python === undefined)("a moved project (needs a Python with venv and ensurepip)", () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld({ projects: twinPackages() });
  });
  afterAll(() => world?.close());

  const begin = (folder: string): string => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(
      join(folder, "Pipfile"),
      `[[source]]\nurl = "${world.index.indexUrl}"\nverify_ssl = true\nname = "local"\n\n[packages]\nsix = "*"\n`,
    );
    return folder;
  };
  const environments = (): string[] => readdirSync(join(world.folder, "home", ".local", "share", "virtualenvs"));
  const pen = async (cwd: string, ...words: string[]): Promise<string> => {
    const ran = await world.pen(["pipenv", ...words], { cwd });
    if (ran.status !== 0) throw new Error(ran.stdout + ran.stderr);
    return ran.stdout.trim();
  };

  test("keeps its environment, with what is in it", async () => {
    const old = begin(join(world.work, "one", "app"));
    await pen(old, "install");
    const before = await pen(old, "--venv");
    const place = join(world.work, "two");
    mkdirSync(place);
    renameSync(old, join(place, "app"));
    const project = join(place, "app");
    // Only asked, nothing is moved.
    expect(await pen(project, "--venv")).toBe(before);
    expect(await pen(project, "sync")).toContain("Nothing to do");
    const after = await pen(project, "--venv");
    expect(after).not.toBe(before);
    expect(environments()).toEqual([after.slice(after.lastIndexOf("/") + 1)]);
    expect(readFileSync(join(after, ".project"), "utf8")).toBe(project);
    expect(await pen(project, "run", "python", "-c", "import six, sys; print(sys.prefix)")).toBe(after);
    // Where the old place is still there, whose environment it is cannot be doubted.
    cpSync(project, begin(join(world.work, "three", "app")), { recursive: true });
    expect(await pen(join(world.work, "three", "app"), "install")).toContain("six");
    expect(environments()).toHaveLength(2);
  }, 60_000);

  test("keeps its environment when its folder gets another name; a new folder at the old place, or of the new name, gets none of it", async () => {
    const old = begin(join(world.work, "renamed", "before"));
    await pen(old, "install");
    const before = await pen(old, "--venv");
    const project = join(world.work, "renamed", "after");
    renameSync(old, project);
    expect(await pen(project, "--venv")).toBe(before);
    expect(await pen(project, "sync")).toContain("Nothing to do");
    const after = await pen(project, "--venv");
    expect([after.includes("/after-"), environments().includes(before.slice(before.lastIndexOf("/") + 1))]).toEqual([true, false]);
    rmSync(project, { recursive: true });
    const other = begin(join(world.work, "renamed", "other"));
    const ran = await world.pen(["pipenv", "--venv"], { cwd: other });
    expect([ran.status, ran.stdout]).toEqual([1, ""]);
  }, 60_000);

  test("an environment of the Python that is asked for is not made anew, whatever that Python is called", async () => {
    const project = begin(join(world.work, "named"));
    await pen(project, "install");
    const root = await pen(project, "--venv");
    writeFileSync(join(root, "mark"), "");
    const version = await pen(project, "run", "python", "-c", "import sys; print('%d.%d' % sys.version_info[:2])");
    for (const name of [join(root, "bin", "python"), root, version]) {
      expect(await pen(project, "sync", "--python", name)).toContain("Nothing to do");
      expect(readdirSync(root)).toContain("mark");
    }
  }, 60_000);
});
