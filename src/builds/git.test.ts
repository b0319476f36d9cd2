import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync, chmodSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readHost } from "#foundation";
import { cleanEnvironment } from "../../tests/support/interpreters.ts";
import { checkOut, findCommit, readGitTree } from "./git.ts";
import { parseGitUrl } from "./git-url.ts";

describe("URLs of repositories", () => {
  test.each([
    ["git+https://example.org/a/b.git", { url: "https://example.org/a/b.git", revision: undefined }],
    ["git+https://example.org/a/b.git@v1.0", { url: "https://example.org/a/b.git", revision: "v1.0" }],
    ["git+https://example.org/a@b/c.git@feature/x", { url: "https://example.org/a@b/c.git", revision: "feature/x" }],
    ["git+ssh://git@example.org/a/b.git@main", { url: "ssh://git@example.org/a/b.git", revision: "main", credentials: undefined }],
    ["git+git@example.org:a/b.git", { url: "ssh://git@example.org/a/b.git", revision: undefined }],
    ["git+file:///tmp/a.git@refs/pull/1/head", { url: "file:///tmp/a.git", revision: "refs/pull/1/head" }],
    ["git+https://example.org/a.git#egg=demo&subdirectory=py/x", { subdirectory: "py/x", egg: "demo" }],
    [
      "git+https://me:s3cr3t%40@example.org/a.git",
      { url: "https://example.org/a.git", credentials: { username: "me", password: "s3cr3t@" } },
    ],
    ["git+https://token@example.org/a.git", { credentials: { username: "token", password: "" } }],
  ])("%s", (text, expected) => expect(parseGitUrl(text)).toMatchObject(expected));

  test.each([
    ["an option in the place of the revision", "git+https://example.org/a.git@--upload-pack=evil"],
    ["an option in the place of the host", "git+ssh://-oProxyCommand=evil/a.git"],
    ["a host that begins with a hyphen behind a user", "git+ssh://git@-oProxyCommand=evil/a.git"],
    ["a transport that runs a command", "git+ext::sh -c evil"],
    ["a transport that is not known", "git+ftp://example.org/a.git"],
    ["a blank", "git+https://example.org/a b.git"],
    ["a line break", "git+https://example.org/a.git@x%0Ay"],
    ["no revision", "git+https://example.org/a.git@"],
    ["a subdirectory that leads out", "git+https://example.org/a.git#subdirectory=../x"],
    ["a subdirectory that leads out by escapes", "git+https://example.org/a.git#subdirectory=%2e%2e/x"],
    ["a range of revisions", "git+https://example.org/a.git@a..b"],
  ])("refused: %s", (_what, text) => expect(() => parseGitUrl(text)).toThrow(/is not to be fetched/));
});

const hasGit = spawnSync("git", ["--version"]).status === 0;
if (!hasGit) test("git is missing here: repositories are not tried", () => {});

describe.if(hasGit)("a real repository", () => {
  const folder = mkdtempSync(join(tmpdir(), "pen-git-"));
  const env: Record<string, string> = { ...cleanEnvironment(folder), GIT_CONFIG_NOSYSTEM: "1" };
  const host = readHost({ env, cwd: folder, home: folder, tmp: folder });
  const options = { host, signal: undefined };
  const repository = join(folder, "repository");
  const git = (...args: string[]): string => {
    const { status, stdout, stderr } = spawnSync(
      "git",
      ["-C", repository, "-c", "user.name=t", "-c", "user.email=t@example.org", ...args],
      { env, encoding: "utf8" },
    );
    if (status !== 0) throw new Error(stderr);
    return stdout.trim();
  };
  const commits: string[] = [];
  beforeAll(() => {
    spawnSync("git", ["init", "-q", "-b", "main", repository], { env });
    for (const text of ["one", "two", "three"]) {
      writeFileSync(join(repository, "file"), text);
      git("add", ".");
      git("commit", "-q", "-m", text);
      commits.push(git("rev-parse", "HEAD"));
      if (text === "one") git("tag", "-a", "v1", "-m", "annotated");
      if (text === "two") git("branch", "side");
    }
    // A hook and a template of the person would run in every checkout.
    writeFileSync(join(folder, "hook"), `#!/bin/sh\ntouch ${join(folder, "hooked")}\n`);
    chmodSync(join(folder, "hook"), 0o755);
    spawnSync(
      "sh",
      [
        "-c",
        `mkdir -p ${folder}/template/hooks && cp ${folder}/hook ${folder}/template/hooks/post-checkout && git config --global init.templateDir ${folder}/template`,
      ],
      { env },
    );
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const source = (revision?: string) => parseGitUrl(`git+file://${repository}${revision === undefined ? "" : `@${revision}`}`);

  test.each([
    [undefined, 2],
    ["main", 2],
    ["side", 1],
    ["v1", 0],
    ["refs/heads/side", 1],
  ] as const)("%s is found and checked out", async (revision, at) => {
    expect(await findCommit(source(revision), options)).toBe(commits[at]);
    const place = join(folder, `out-${revision?.replaceAll("/", "-") ?? "default"}`);
    expect(await checkOut(source(revision), place, options)).toBe(commits[at] ?? "");
    expect(readFileSync(join(place, "file"), "utf8")).toBe(["one", "two", "three"][at] ?? "");
    expect(existsSync(join(folder, "hooked"))).toBe(false);
  });

  test("a whole commit id is its own answer, a short one is found in the repository", async () => {
    expect(await findCommit(source(commits[0]), options)).toBe(commits[0]);
    const short = commits[1]?.slice(0, 10);
    expect(await findCommit(source(short), options)).toBeUndefined();
    expect(await checkOut(source(short), join(folder, "short"), options)).toBe(commits[1] ?? "");
  });

  test("what was checked out before is brought to another revision", async () => {
    const place = join(folder, "again");
    await checkOut(source("v1"), place, options);
    expect(await checkOut(source("side"), place, options)).toBe(commits[1] ?? "");
    expect(readFileSync(join(place, "file"), "utf8")).toBe("two");
    expect(await readGitTree(place, options)).toMatchObject({ commit: commits[1], remote: `file://${repository}` });
  });

  test("a revision that is not there, and a repository that is not there", async () => {
    expect(checkOut(source("nothing"), join(folder, "no"), options)).rejects.toMatchObject({ code: "BUILD_FAILED" });
    expect(findCommit(parseGitUrl(`git+file://${folder}/none`), options)).rejects.toMatchObject({ code: "BUILD_FAILED" });
  });

  test("name and password of a URL reach git by a variable of its own, never as an argument or a prompt", async () => {
    const bin = join(folder, "bin");
    mkdirSync(bin);
    writeFileSync(join(bin, "git"), `#!/bin/sh\necho "$@" > ${folder}/args\nenv > ${folder}/env\nexit 1\n`, { mode: 0o755 });
    const spied = { ...options, host: { ...host, env: { ...env, PATH: `${bin}:${env["PATH"] ?? ""}` } } };
    const failing = findCommit(parseGitUrl("git+https://me:s3cr3t@example.org/a.git@main"), spied);
    expect(await failing.catch((error: Error) => JSON.stringify(error, Object.getOwnPropertyNames(error)))).not.toContain("s3cr3t");
    const [args, variables] = ["args", "env"].map((name) => readFileSync(join(folder, name), "utf8")) as [string, string];
    expect(args).toContain("https://example.org/a.git");
    expect(args + variables).not.toContain("s3cr3t");
    expect(variables).toContain(`GIT_CONFIG_VALUE_0=Authorization: Basic ${btoa("me:s3cr3t")}`);
    expect(variables).toContain("GIT_CONFIG_KEY_0=http.https://example.org/.extraHeader");
    expect(variables).toContain("GIT_TERMINAL_PROMPT=0");
    expect(args).toContain("core.hooksPath=/dev/null");
  });

  test("a repository elsewhere that variables point to is left alone", async () => {
    const misled = { ...options, host: { ...host, env: { ...env, GIT_DIR: join(folder, "none"), GIT_WORK_TREE: folder } } };
    expect(await findCommit(source("main"), misled)).toBe(commits[2]);
  });
});
