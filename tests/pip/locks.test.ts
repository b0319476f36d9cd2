/** `pen pip sync pylock.toml` beside the real `uv pip sync`, and what a lock may name besides files of an index. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execute } from "../support/program.ts";
import { projectFiles, writeProject } from "../support/sources.ts";
import { tool } from "../support/tools.ts";
import { openWorld, projects, python, sitePackages, type World } from "../support/world.ts";

const offered = projects(
  { name: "lib", version: "1.0" },
  { name: "lib", version: "2.0" },
  { name: "app", version: "1.0", requires: ["lib"] },
);
const digest = (name: string, version: string): string => {
  const file = (offered[name] ?? []).find(({ filename }) => filename.startsWith(`${name}-${version}-`));
  return createHash("sha256")
    .update(file?.bytes ?? "")
    .digest("hex");
};

describe.skipIf(python === undefined)("locks where requirements are named (needs a Python with venv and ensurepip)", () => {
  let world: World;
  beforeAll(async () => {
    const lock = `lock-version = "1.0"\ncreated-by = "test"\n${wheel("lib", "1.0", 'path = "files/lib-1.0-py3-none-any.whl"')}`;
    const folder = `${lock}[[packages]]\nname = "own"\ndirectory = {path = "own"}\n`;
    world = await openWorld({ projects: offered, routes: { "/pylock.toml": { body: lock }, "/pylock.folder.toml": { body: folder } } });
  });
  afterAll(() => world?.close());

  let made = 0;
  const environment = (): string => world.bareEnvironment(`env-${(made += 1)}`);
  const wheel = (
    name: string,
    version: string,
    place = `url = "${world.index.origin}/files/${name}-${version}-py3-none-any.whl"`,
  ): string =>
    `[[packages]]\nname = "${name}"\nversion = "${version}"\nwheels = [{name = "${name}-${version}-py3-none-any.whl", ${place}, hashes = {sha256 = "${digest(name, version)}"}}]\n`;
  const write = (name: string, ...packages: readonly string[]): string => {
    mkdirSync(join(world.work, name, ".."), { recursive: true });
    writeFileSync(join(world.work, name), `lock-version = "1.0"\ncreated-by = "test"\n${packages.join("")}`);
    return name;
  };
  const frozen = async (place: string): Promise<string[]> =>
    (await world.pen(["pip", "freeze", "--all"], { environment: place })).stdout.trimEnd().split("\n");

  test.skipIf(tool("uv") === undefined)("sync makes the environment that uv makes (needs PEN_TEST_TOOLS with uv)", async () => {
    const lock = write("pylock.toml", wheel("app", "1.0"), wheel("lib", "1.0"));
    const [ours, theirs] = [environment(), environment()];
    for (const place of [ours, theirs]) await world.pen(["pip", "install", "-q", "lib==2.0"], { environment: place });
    expect(await world.pen(["pip", "sync", lock], { environment: ours })).toMatchObject({ status: 0 });
    const env = { ...world.env, VIRTUAL_ENV: theirs, UV_CACHE_DIR: join(world.folder, "uv") };
    const uv = await execute(tool("uv") ?? "uv", ["pip", "sync", lock], { cwd: world.work, env });
    expect(uv).toMatchObject({ status: 0 });
    expect(await frozen(ours)).toEqual(await frozen(theirs));
    expect(await frozen(ours)).toEqual(["app==1.0", "lib==1.0"]);
  });

  test("nothing is asked of an index, and what is there already stays", async () => {
    const place = environment();
    const lock = write("pylock.quiet.toml", wheel("app", "1.0"), wheel("lib", "1.0"));
    expect((await world.pen(["pip", "sync", lock], { environment: place })).status).toBe(0);
    const before = world.index.requests.length;
    const again = await world.pen(["pip", "install", "-r", lock, "--no-index"], { environment: place });
    expect(again).toMatchObject({ status: 0 });
    expect(world.index.requests.slice(before)).toEqual([]);
  });

  test("a repository, a folder in development mode and a file beside the lock need no hash but the file's", async () => {
    const place = environment();
    const repository = join(world.work, "mixed", "repository");
    writeProject(repository, projectFiles({ name: "cloned", version: "0.1" }));
    writeProject(join(world.work, "mixed", "own"), projectFiles({ name: "own", version: "0.2" }));
    const git = (...words: readonly string[]): string =>
      spawnSync("git", ["-C", repository, "-c", "user.name=a", "-c", "user.email=a@example.org", ...words], {
        encoding: "utf8",
        env: { ...world.env },
      }).stdout.trim();
    git("init", "-q");
    git("add", ".");
    git("commit", "-qm", "one");
    const commit = git("rev-parse", "HEAD");
    await world.pen(["pip", "download", "-q", "-d", "mixed", "lib==1.0"], {});
    const lock = write(
      "mixed/pylock.toml",
      `[[packages]]\nname = "cloned"\nvcs = {type = "git", path = "repository", commit-id = "${commit}"}\n`,
      `[[packages]]\nname = "own"\ndirectory = {path = "own", editable = true}\n`,
      wheel("lib", "1.0", 'path = "lib-1.0-py3-none-any.whl"'),
    );
    const ran = await world.pen(["pip", "install", "-r", lock, "--no-index", "--allow-builds"], { environment: place });
    expect(ran).toMatchObject({ status: 0 });
    const told = await frozen(place);
    expect(told.map((line) => line.split(/ @ |==/)[0])).toEqual(expect.arrayContaining(["cloned", "lib"]));
    expect(told.join("\n")).toContain(`@${commit}`);
    expect(told.join("\n")).toContain(join("mixed", "own"));
    expect(() => readFileSync(join(sitePackages(place), "lib-1.0.dist-info", "direct_url.json"))).toThrow();
  });

  test("a lock from the network, whose files lie beside it, and where no folder does", async () => {
    const place = environment();
    const ran = await world.pen(["pip", "sync", `${world.index.origin}/pylock.toml`], { environment: place });
    expect(ran).toMatchObject({ status: 0 });
    expect(await frozen(place)).toEqual(["lib==1.0"]);
    const other = await world.pen(["pip", "sync", `${world.index.origin}/pylock.folder.toml`], { environment: place });
    expect(other.status).toBe(1);
    expect(other.stderr).toContain("names own by a path");
  });

  test("with another requirement beside it, hashes are necessary for all, as in pip", async () => {
    const lock = write("pylock.toml", wheel("lib", "1.0"));
    const ran = await world.pen(["pip", "install", "-r", lock, "app"], { environment: environment() });
    expect(ran.status).toBe(1);
    expect(ran.stderr).toContain("HASH_REQUIRED");
  });

  const refused: ReadonlyArray<readonly [words: readonly string[], lines: string, said: string]> = [
    [["install", "-r", "pylock.toml[two]"], "", "pylock.toml has no extra two"],
    [["install", "--group", "pylock.toml:docs"], 'dependency-groups = ["dev"]\n', "It has: dev."],
    [["sync", "pylock.toml"], "", "The requirements hold nothing to install"],
    [["install", "-c", "pylock.toml", "lib"], "", "pylock.toml is a lock, and not a list of constraints"],
    [["install", "-r", "pylock.toml"], "packages = 7\n", "It must be an array"],
  ];
  for (const [words, lines, said] of refused)
    test(`${words.join(" ")} says: ${said}`, async () => {
      writeFileSync(
        join(world.work, "pylock.toml"),
        `lock-version = "1.0"\ncreated-by = "test"\n${lines}${lines.includes("packages") ? "" : "packages = []\n"}`,
      );
      const ran = await world.pen(["pip", ...words], { environment: environment() });
      expect(ran.status).not.toBe(0);
      expect(ran.stderr).toContain(said);
      expect(ran.stderr).toContain("hint: ");
    });
});
