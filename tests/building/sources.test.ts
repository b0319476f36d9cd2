/** Everything that a source can be written as, installed by pen and by the real pip: the same projects, and the same record of where they came from. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execute } from "../support/program.ts";
import { buildSource, projectFiles, writeProject } from "../support/sources.ts";
import { buildWheel, buildZip } from "../support/wheels.ts";
import { openWorld, python, sitePackages, type World } from "../support/world.ts";
import { canServeGit, serveGit, type GitServer } from "./git-server.ts";
import { pip } from "./real-backends.ts";

const absent =
  python === undefined
    ? "Python with venv"
    : pip === undefined
      ? "PEN_TEST_TOOLS with pip 26"
      : canServeGit
        ? undefined
        : "git and openssl";
const hashOf = (algorithm: string, bytes: Uint8Array): string => createHash(algorithm).update(bytes).digest("hex");

describe.skipIf(absent !== undefined)(`sources by their place (needs ${absent ?? "nothing that is missing"})`, () => {
  let world: World;
  let server: GitServer;
  let [theirs, ours] = ["", ""];
  /** What was written, by the project that it is. */
  const written: Record<string, string> = {};

  const project = (name: string, folder: string): string => writeProject(join(world.work, folder), projectFiles({ name, version: "1.0" }));
  const archive = (name: string, root?: string): { filename: string; bytes: Uint8Array; sha256: string } => {
    const made = buildSource({ name, version: "1.0", ...(root === undefined ? {} : { root }) });
    writeFileSync(join(world.work, made.filename), made.bytes);
    world.index.setProject(`files-${name}`, [made]);
    return made;
  };
  const git = (folder: string, ...args: string[]): string => {
    const words = ["-C", folder, "-c", "user.name=t", "-c", "user.email=t@example.org", ...args];
    const { status, stdout, stderr } = spawnSync("git", words, { encoding: "utf8", env: world.env });
    if (status !== 0) throw new Error(`git ${args.join(" ")}: ${stderr}`);
    return stdout.trim();
  };
  /** A commit in which the repository is this project. */
  const commit = (repository: string, name: string): string => {
    project(name, repository);
    git(join(world.work, repository), "add", ".");
    git(join(world.work, repository), "commit", "-q", "-m", name);
    return git(join(world.work, repository), "rev-parse", "HEAD");
  };

  const folders = (): void => {
    project("in-folder", "a b+c/in-folder");
    written["in-folder"] = "./a b+c/in-folder";
    project("by-url", "by url");
    written["by-url"] = `by-url @ file://${join(world.work, "by%20url")}`;
    project("developed", "developed");
    written["developed"] = "-e ./developed";
    project("developed-url", "developed-url");
    written["developed-url"] = `-e file://${join(world.work, "developed-url")}`;
    project("with-extra", "with-extra");
    written["with-extra"] = "./with-extra[more] ; python_version > '3'";
  };

  const archives = (): void => {
    written["tar-path"] = `./${archive("tar-path").filename}`;
    const local = archive("tar-url");
    written["tar-url"] = `tar-url @ file://${join(world.work, local.filename)}#sha256=${local.sha256}`;
    archive("inner", "top/py");
    written["inner"] = `inner @ file://${join(world.work, "inner-1.0.tar.gz")}#subdirectory=py`;
    written["tar-web"] = `tar-web @ ${world.index.origin}/files/${archive("tar-web").filename}`;
    const hashed = archive("tar-hash");
    written["tar-hash"] = `${world.index.origin}/files/${hashed.filename}#sha256=${hashed.sha256}`;
    const long = archive("tar-long");
    written["tar-long"] = `tar-long @ ${world.index.origin}/files/${long.filename}#sha512=${hashOf("sha512", long.bytes)}`;
    archive("deep", "top/py");
    written["deep"] = `deep @ ${world.index.origin}/files/deep-1.0.tar.gz#subdirectory=py&egg=deep`;
    const named = archive("user");
    written["user"] = `user @ ${world.index.origin.replace("//", "//bob:pass@")}/files/${named.filename}`;
    const zip = (name: string): { filename: string; bytes: Uint8Array } => {
      const files = Object.entries(projectFiles({ name, version: "1.0" }));
      return { filename: `${name}-1.0.zip`, bytes: buildZip(files.map(([path, content]) => ({ name: `${name}-1.0/${path}`, content }))) };
    };
    const [path, web] = [zip("zippath"), zip("zipweb")];
    writeFileSync(join(world.work, path.filename), path.bytes);
    world.index.setProject("files-zip", [web]);
    written["zippath"] = `./${path.filename}`;
    written["zipweb"] = `zipweb @ ${world.index.origin}/files/${web.filename}#sha256=${hashOf("sha256", web.bytes)}`;
    const [here, there] = [buildWheel({ name: "wheel-path", version: "1.0" }), buildWheel({ name: "wheel-web", version: "1.0" })];
    writeFileSync(join(world.work, here.filename), here.bytes);
    world.index.setProject("files-wheel", [there]);
    written["wheel-path"] = `./${here.filename}`;
    written["wheel-web"] = `wheel-web @ ${world.index.origin}/files/${there.filename}#sha256=${there.sha256}`;
    // From an index or from --find-links nothing is recorded.
    const links = join(world.work, "links");
    mkdirSync(links);
    const linked = buildSource({ name: "linked", version: "1.0" });
    writeFileSync(join(links, linked.filename), linked.bytes);
    written["linked"] = "linked==1.0";
    world.index.setProject("indexed", [buildSource({ name: "indexed", version: "1.0" })]);
    written["indexed"] = "indexed";
  };

  const repositories = (): void => {
    const folder = join(world.work, "repos", "one");
    project("nothing", "repos/one");
    git(folder, "init", "-q", "-b", "main");
    git(folder, "config", "uploadpack.allowAnySHA1InWant", "true");
    const file = `git+file://${folder}`;
    const at = (name: string): string => commit("repos/one", name);
    const first = at("git-commit");
    written["git-commit"] = `git-commit @ ${file}@${first}`;
    written["git-short"] = `${file}@${at("git-short").slice(0, 10)}`;
    at("git-tag");
    git(folder, "tag", "v1.0");
    written["git-tag"] = `${file}@v1.0`;
    at("git-annotated");
    git(folder, "tag", "-a", "v2.0", "-m", "two");
    written["git-annotated"] = `git-annotated @ ${file}@v2.0`;
    at("git-ref");
    git(folder, "update-ref", "refs/pull/7/head", "HEAD");
    written["git-ref"] = `${file}@refs/pull/7/head`;
    project("git-sub", "repos/one/sub-dir/py");
    at("git-branch");
    git(folder, "branch", "feature/x");
    written["git-branch"] = `${file}@feature/x`;
    written["git-sub"] = `git-sub @ ${file}@feature/x#subdirectory=sub-dir/py`;
    at("git-ssh");
    git(folder, "tag", "ssh");
    written["git-ssh"] = `git+ssh://git@localhost${folder}@ssh`;
    at("git-ssh-user");
    git(folder, "tag", "ssh-user");
    written["git-ssh-user"] = `git-ssh-user @ git+ssh://bob@localhost${folder}@ssh-user`;
    at("git-https");
    git(folder, "tag", "https");
    written["git-https"] = `git-https @ git+${server.origin}/one/.git@https`;
    at("git-private");
    git(folder, "tag", "private");
    written["git-private"] = `git+${server.origin.replace("//", "//alice:s3cret@")}/private/one/.git@private`;
    at("git-edit");
    git(folder, "tag", "edit");
    written["git-edit"] = `-e ${file}@edit#egg=git-edit`;
    at("git-default");
    written["git-default"] = `git-default @ ${file}`;
  };

  beforeAll(async () => {
    world = await openWorld();
    server = await serveGit(join(world.work, "repos"), join(world.folder, "git-server"));
    [theirs, ours] = [world.bareEnvironment("theirs"), world.bareEnvironment("ours")];
    folders();
    archives();
    repositories();
    const needs = ["indirect-1 @ ", world.index.origin, "/files/indirect_1-1.0.tar.gz"].join("");
    world.index.setProject("files-indirect", [buildSource({ name: "indirect-1", version: "1.0" })]);
    writeProject(join(world.work, "direct"), projectFiles({ name: "direct", version: "1.0", requires: [needs] }));
    written["direct"] = "./direct";
    writeFileSync(join(world.work, "all.txt"), `${Object.values(written).join("\n")}\n`);
    const words = ["install", "--find-links", "links", "-r", "all.txt"];
    const variables = { ...server.env, PIP_INDEX_URL: world.index.indexUrl, PIP_DISABLE_PIP_VERSION_CHECK: "1", PIP_NO_INPUT: "1" };
    const [first, second] = await Promise.all([
      execute(pip ?? "", ["--python", join(theirs, "bin", "python"), ...words, "--src", join(theirs, "src")], {
        cwd: world.work,
        env: { ...world.env, ...variables },
      }),
      world.pen(["pip", ...words], { environment: ours, env: { ...server.env, PEN_ALLOW_BUILDS: "1" } }),
    ]);
    if (first.status !== 0 || second.status !== 0) throw new Error(first.stdout + first.stderr + second.stdout + second.stderr);
  }, 240_000);
  afterAll(async () => {
    await server.close();
    await world.close();
  });

  const origin = (environment: string, name: string): unknown => {
    const library = sitePackages(environment);
    const info = readdirSync(library).find((entry) => entry === `${name.replaceAll("-", "_")}-1.0.dist-info`);
    if (info === undefined) return "not installed";
    const path = join(library, info, "direct_url.json");
    return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8").replaceAll(theirs, ours)) as unknown) : "nothing";
  };

  test("all of them are installed", () => {
    const names = (environment: string): string[] =>
      readdirSync(sitePackages(environment))
        .filter((name) => name.endsWith(".dist-info"))
        .sort();
    expect(names(ours)).toEqual(names(theirs));
    expect(names(ours)).toHaveLength(Object.keys(written).length + 1);
  });

  test.each(
    [
      "in-folder by-url developed developed-url with-extra tar-path tar-url inner tar-web tar-hash tar-long deep user zippath zipweb wheel-path wheel-web linked indexed",
      "git-commit git-short git-tag git-annotated git-ref git-branch git-sub git-ssh git-ssh-user git-https git-private git-edit git-default direct indirect-1",
    ].flatMap((names) => names.split(" ")),
  )("direct_url.json of %s is pip's", (name) => {
    expect(origin(ours, name)).not.toBe("not installed");
    expect(origin(ours, name)).toEqual(origin(theirs, name));
  });

  test("the password reached the server, and stands in no file of the environment", () => {
    expect([...server.seen]).toEqual([`Basic ${Buffer.from("alice:s3cret").toString("base64")}`]);
    const grep = spawnSync("grep", ["-rlE", "s3cret|bob:pass", ours, world.cache], { encoding: "utf8" });
    expect(grep.stdout).toBe("");
  });

  test("what was built of an archive here is taken again without unpacking it, and its hash is still compared", async () => {
    const [links, home] = [join(world.work, "again"), join(world.work, "again-pen")];
    mkdirSync(links);
    const made = buildSource({ name: "again", version: "1.0" });
    writeFileSync(join(links, made.filename), made.bytes);
    const install = (...words: string[]) =>
      world.pen(["pip", "install", "--no-deps", "--force-reinstall", "--find-links", links, ...words], {
        environment: existsSync(home) ? home : world.bareEnvironment("again-pen"),
        env: { PEN_ALLOW_BUILDS: "1" },
      });
    const work = join(world.cache, "builds", "v1", "work");
    const path = join(links, made.filename);
    for (const words of [["again"], [path]]) {
      expect(await install(...words)).toMatchObject({ status: 0 });
      const before = statSync(work).mtimeMs;
      expect(await install(...words)).toMatchObject({ status: 0 });
      expect({ words, touched: statSync(work).mtimeMs !== before }).toEqual({ words, touched: false });
    }
    writeFileSync(join(world.work, "again.txt"), `again==1.0 --hash=sha256:${"0".repeat(64)}\n`);
    expect((await install("-r", "again.txt")).stderr).toContain("[HASH_MISMATCH]");
    writeFileSync(join(world.work, "again.txt"), `again @ file://${path} --hash=sha256:${"0".repeat(64)}\n`);
    expect((await install("-r", "again.txt")).stderr).toContain("[HASH_MISMATCH]");
    // Another archive under the same name is another source.
    writeFileSync(path, buildSource({ name: "again", version: "1.0", backend: "raise ValueError('other')\n" }).bytes);
    expect((await install("again")).stderr).toContain("ValueError: other");
    expect((await install(path)).stderr).toContain("ValueError: other");
  });

  test("a wrong hash is refused before anything runs, wherever it is written", async () => {
    const mark = join(world.work, "ran");
    const backend = `open(${JSON.stringify(mark)}, 'w').write('x')\n`;
    const { filename, bytes } = buildSource({ name: "marked", version: "1.0", backend });
    world.index.setProject("files-marked", [{ filename, bytes }]);
    const url = `${world.index.origin}/files/${filename}`;
    writeFileSync(join(world.work, "hash.txt"), `marked @ ${url} --hash=sha256:${"0".repeat(64)}\n`);
    for (const words of [
      [`marked @ ${url}#sha256=${"0".repeat(64)}`],
      [`marked @ ${url}#sha512=${"0".repeat(128)}`],
      ["-r", "hash.txt"],
      ["--require-hashes", `marked @ ${url}`],
      ["--require-hashes", url],
      ["--require-hashes", "./direct"],
      ["--require-hashes", "-e", "./direct"],
      ["--require-hashes", `git+file://${join(world.work, "repos", "one")}`],
    ]) {
      const { status, stderr } = await world.pen(["pip", "install", ...words], { environment: ours, env: { PEN_ALLOW_BUILDS: "1" } });
      expect({ words, status, ran: existsSync(mark) }).toEqual({ words, status: 1, ran: false });
      expect(stderr).toContain("hash");
    }
    expect(
      await world.pen(["pip", "install", `marked @ ${url}#sha256=${hashOf("sha256", bytes)}`], {
        environment: ours,
        env: { PEN_ALLOW_BUILDS: "1" },
      }),
    ).toMatchObject({ status: 0 });
    expect(existsSync(mark)).toBe(true);
    rmSync(mark);
  });
});
