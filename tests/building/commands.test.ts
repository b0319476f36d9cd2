/** The other commands of pip that meet sources: wheel, download and lock, beside the real pip. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { execute } from "../support/program.ts";
import { buildSource, projectFiles, writeProject } from "../support/sources.ts";
import { openWorld, projects, python, type World } from "../support/world.ts";
import { pip } from "./real-backends.ts";

const absent = python === undefined ? "Python with venv" : pip === undefined ? "PEN_TEST_TOOLS with pip 26" : "git";
const skipped = python === undefined || pip === undefined || spawnSync("git", ["--version"]).status !== 0;

describe.skipIf(skipped)(`commands that meet sources (needs ${skipped ? absent : "nothing that is missing"})`, () => {
  let world: World;
  let environment = "";
  let written: readonly string[] = [];
  const pen = (...args: string[]) => world.pen(["pip", ...args], { environment, env: { PEN_ALLOW_BUILDS: "1" } });
  const real = (...args: string[]) =>
    execute(pip ?? "", ["--python", join(environment, "bin", "python"), ...args], {
      cwd: world.work,
      env: { ...world.env, PIP_INDEX_URL: world.index.indexUrl, PIP_DISABLE_PIP_VERSION_CHECK: "1" },
    });

  beforeAll(async () => {
    world = await openWorld({ projects: projects({ name: "greeting", version: "1.0" }, { name: "both", version: "1.0" }) });
    environment = world.bareEnvironment("environment");
    world.index.setProject("only-source", [buildSource({ name: "only-source", version: "1.0", requires: ["greeting"] })]);
    world.index.setProject("both", [...projects({ name: "both", version: "1.0" })["both"]!, buildSource({ name: "both", version: "1.0" })]);
    const [web, here] = [buildSource({ name: "web", version: "1.0" }), buildSource({ name: "here", version: "1.0" })];
    world.index.setProject("files", [web]);
    writeFileSync(join(world.work, here.filename), here.bytes);
    writeProject(join(world.work, "folder"), projectFiles({ name: "folder", version: "1.0" }));
    writeProject(join(world.work, "developed"), projectFiles({ name: "developed", version: "1.0" }));
    const repository = writeProject(
      join(world.work, "repository"),
      projectFiles({ name: "from-git", version: "1.0", files: { "data/a.txt": "a\n" } }),
    );
    for (const words of ["init -q -b main", "add .", "-c user.name=t -c user.email=t@example.org commit -qm one"])
      expect(spawnSync("git", ["-C", repository, ...words.split(" ")], { env: world.env }).status).toBe(0);
    written = [
      "only-source",
      "./folder",
      `web @ ${world.index.origin}/files/${web.filename}`,
      `./${here.filename}`,
      `from-git @ git+file://${repository}@main`,
    ];
  });
  afterAll(() => world.close());

  const files = (folder: string): string[] => {
    const place = join(world.work, folder);
    const found = existsSync(place) ? readdirSync(place).sort() : [];
    rmSync(place, { recursive: true, force: true });
    return found;
  };

  test("wheel makes the wheels of all kinds of sources", async () => {
    const [theirs, ours] = [await real("wheel", "-w", "theirs", ...written), await pen("wheel", "-w", "ours", ...written)];
    expect({ statuses: [theirs.status, ours.status], stderr: ours.stderr }).toMatchObject({ statuses: [0, 0] });
    const found = files("ours");
    expect(found).toEqual(files("theirs"));
    expect(found).toHaveLength(written.length + 1);
  }, 60_000);

  test("download keeps archives as they are, a repository as a zip file, and nothing of a folder", async () => {
    const [theirs, ours] = [await real("download", "-d", "theirs", ...written), await pen("download", "-d", "ours", ...written)];
    expect({ statuses: [theirs.status, ours.status], stderr: ours.stderr }).toMatchObject({ statuses: [0, 0] });
    expect(ours.stderr).toContain("folder is a folder of this machine");
    const zip = join(world.work, "ours", "from-git-1.0.zip");
    const installed = await real("install", "--target", "from-zip", "--no-deps", zip);
    expect({ status: installed.status, stderr: installed.stderr }).toMatchObject({ status: 0 });
    expect(await pen("install", "--target", "from-zip-2", "--no-deps", zip)).toMatchObject({ status: 0 });
    expect(files("from-zip-2")).toContain("from_git.py");
    const listed = spawnSync(python ?? "", ["-m", "zipfile", "-l", zip], { encoding: "utf8" }).stdout;
    expect(listed).toContain("from-git-1.0/data/a.txt");
    expect(listed).not.toContain(".git/");
    const found = files("ours");
    expect(found).toEqual(files("theirs"));
    expect(found).toEqual([
      "from-git-1.0.zip",
      "greeting-1.0-py3-none-any.whl",
      "here-1.0.tar.gz",
      "only_source-1.0.tar.gz",
      "web-1.0.tar.gz",
    ]);
  }, 60_000);

  test.each(
    [
      ["--no-binary", "both", "both"],
      ["--no-binary", ":all:", "--no-deps", "only-source"],
      ["--no-binary", ":all:", "only-source"],
      ["--only-binary", ":all:", "only-source"],
      ["--only-binary", "both", "both"],
      ["--prefer-binary", "both"],
      ["--no-deps", "both", "--no-binary", ":all:"],
    ].map((words) => [words.join(" ")] as const),
  )("download %s", async (line) => {
    const words = line.split(" ");
    const [theirs, ours] = [await real("download", "-d", "theirs", ...words), await pen("download", "-d", "ours", ...words)];
    expect([ours.status, files("ours")]).toEqual([theirs.status, files("theirs")]);
  });

  test("lock names sources as pip's lock does", async () => {
    const words = [...written, "-e", "./developed"];
    const [theirs, ours] = [
      await real("lock", "-o", "pylock.theirs.toml", ...words),
      await pen("lock", "-o", "pylock.ours.toml", ...words),
    ];
    expect({ statuses: [theirs.status, ours.status], stderr: ours.stderr }).toMatchObject({ statuses: [0, 0] });
    const read = (file: string): Record<string, Record<string, unknown>> => {
      const { packages } = Bun.TOML.parse(readFileSync(join(world.work, file), "utf8")) as { packages: Array<Record<string, unknown>> };
      return Object.fromEntries(packages.map((one) => [one["name"], one]));
    };
    const [first, second] = [read("pylock.theirs.toml"), read("pylock.ours.toml")];
    expect(Object.keys(second)).toEqual(Object.keys(first));
    for (const [name, one] of Object.entries(first)) {
      const own = second[name] ?? {};
      // What lies here is named by its path from the lock, so that both can move together; pip writes this machine's own for archives.
      const archive = one["archive"] as { url: string; hashes: object } | undefined;
      const place = archive?.url.startsWith("file:") === true ? { path: basename(archive.url) } : { url: archive?.url };
      expect({ name, archive: own["archive"] }).toEqual({ name, archive: archive && { ...place, hashes: archive.hashes } });
      expect({ name, directory: own["directory"] }).toEqual({ name, directory: one["directory"] });
      const sdist = one["sdist"] as object | undefined;
      if (sdist !== undefined) expect(own["sdist"]).toMatchObject(sdist);
    }
    const [pipVcs, penVcs] = [first["from-git"]?.["vcs"], second["from-git"]?.["vcs"]] as Array<Record<string, string>>;
    expect(penVcs).toEqual({ type: "git", path: "repository", "requested-revision": "main", "commit-id": pipVcs?.["commit-id"] ?? "" });
  }, 60_000);
});
