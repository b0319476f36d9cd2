/**
 * Bad input in Pipfile projects: one clear error, the status that goes with it, and files and environment as they were. No password of a source is
 * ever written anywhere or shown.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Ran } from "../support/program.ts";
import { digest, differences, openWorld, projects, python, type World } from "../support/world.ts";

let world: World;
let count = 0;

/** A folder with these files; `{index}` is the URL of the index. */
function project(files: Readonly<Record<string, string>>): string {
  const root = join(world.work, `project-${(count += 1)}`);
  mkdirSync(root);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, name), text.replaceAll("{index}", world.index.indexUrl));
  return root;
}

const source = '[[source]]\nurl = "{index}"\nverify_ssl = true\nname = "here"\n\n';
const pipfile = `${source}[packages]\napp = "*"\n`;
/** The hash of {@link pipfile} is not known before there is an index: the lock is made by pen. */
let goodLock = "";

const run = (root: string, words: string, env: Readonly<Record<string, string>> = {}): Promise<Ran> =>
  world.pen(words.split(" "), { cwd: root, env: { PIPENV_VENV_IN_PROJECT: "1", ...env } });

/** The command fails with this error, tells it once, and changes nothing. */
async function expectRefused(root: string, words: string, { code, says, env }: Refusal): Promise<void> {
  const before = digest(root);
  const { status, stdout, stderr } = await run(root, words, env);
  const told = [...stderr.matchAll(/^error: .*\[([A-Z_]+)\]/gm)].map((match) => match[1]);
  expect([words, told, status === 0 ? "ended well" : ""]).toEqual([words, [code], ""]);
  for (const part of says) expect(stderr.replace(/\s+/g, " ")).toMatch(part);
  expect(stderr).not.toMatch(/defect in pen|at .*\.ts:\d/);
  expect(stdout).toBe("");
  expect([words, ...differences(before, digest(root))]).toEqual([words]);
}

interface Refusal {
  readonly code: string;
  readonly says: readonly RegExp[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Commands that read the lock. */
const lockReaders = [
  "sync",
  "sync --check",
  "lock",
  "lock --check",
  "lock --diff",
  "add solo",
  "remove app",
  "pipenv install",
  "pipenv verify",
  "pipenv clean",
];
/** Commands that read the Pipfile whole. */
const pipfileReaders = ["lock", "lock --check", "add solo", "remove app", "sync", "pipenv install", "pipenv requirements --from-pipfile"];

const broken: ReadonlyArray<readonly [title: string, lock: (good: string) => string, refusal: Refusal]> = [
  ["empty", () => "", { code: "INVALID_LOCK", says: [/Pipfile\.lock/, /hint: /] }],
  [
    "truncated",
    (good) => good.slice(0, Math.floor(good.length / 2)),
    { code: "INVALID_LOCK", says: [/Pipfile\.lock/, /line \d+/, /hint: /] },
  ],
  ["no JSON at all", () => "lock = true\n", { code: "INVALID_LOCK", says: [/line 1/, /hint: /] }],
  ["a list", () => "[]\n", { code: "INVALID_LOCK", says: [/Pipfile\.lock/, /hint: /] }],
  [
    "of a newer kind",
    (good) => good.replace('"pipfile-spec": 6', '"pipfile-spec": 7'),
    { code: "INVALID_LOCK", says: [/7/, /newer|6/, /hint: /] },
  ],
  [
    "without its packages",
    (good) => good.replace('"default": {', '"defaults": {').replace('"default"', '"x"'),
    { code: "INVALID_LOCK", says: [/default/, /hint: /] },
  ],
  ["with a version that is none", (good) => good.replace('"==1.0"', '"==one point oh"'), { code: "INVALID_LOCK", says: [/app/, /hint: /] }],
  [
    "with a hash that is none",
    (good) => good.replace(/"sha256:[0-9a-f]+"/, '"sha256:xyz"'),
    { code: "INVALID_LOCK", says: [/app/, /hash/i] },
  ],
  [
    "with a weak hash",
    (good) => good.replace(/"sha256:[0-9a-f]+"/, `"md5:${"0".repeat(32)}"`),
    { code: "INVALID_LOCK", says: [/app/, /hash|md5/i] },
  ],
  [
    "with a marker that is none",
    (good) => good.replace('"version": "==1.0"', '"markers": "python_version ~ 3",\n            "version": "==1.0"'),
    { code: "INVALID_LOCK", says: [/app/, /marker/i] },
  ],
  ["with a name that leads out", (good) => good.replace('"app": {', '"../app": {'), { code: "INVALID_LOCK", says: [/\.\.\/app/] }],
  [
    "with a path that leads out",
    (good) => good.replace('"version": "==1.0"', '"path": "../../etc"'),
    { code: "INVALID_LOCK", says: [/outside of the project: \S+\/etc /] },
  ],
  [
    "with both sides of a merge",
    (good) => good.replace('        "app": {', '<<<<<<< ours\n        "app": {\n=======\n        "app": {\n>>>>>>> theirs'),
    { code: "INVALID_LOCK", says: [/merge/i, /pen lock --resolve-conflict/] },
  ],
];

const wrong: ReadonlyArray<readonly [title: string, pipfile: string, refusal: Refusal]> = [
  ["a syntax error", `${source}[packages]\napp = *\n`, { code: "INVALID_PROJECT", says: [/Pipfile/, /line 7/, /column 7/, /\^/] }],
  ["a quote that is not closed", `${source}[packages]\napp = "*\n`, { code: "INVALID_PROJECT", says: [/line 7/, /column \d+/] }],
  ["a key twice", `${source}[packages]\napp = "*"\napp = "*"\n`, { code: "INVALID_PROJECT", says: [/line 8/, /app/] }],
  [
    "a name under another spelling",
    `${source}[packages]\nmy-app = "*"\nMy_App = "*"\n`,
    { code: "INVALID_PROJECT", says: [/line 8/, /My_App/, /my-app/] },
  ],
  [
    "an unknown key of a package",
    `${source}[packages]\napp = {version = "*", commit = "abc"}\n`,
    { code: "INVALID_PROJECT", says: [/line 7/, /commit/, /ref/] },
  ],
  ["a version that is none", `${source}[packages]\napp = ">>1"\n`, { code: "INVALID_PROJECT", says: [/line 7/, /app/, />>1/] }],
  [
    "a marker that is none",
    `${source}[packages]\napp = {version = "*", markers = "python < 3"}\n`,
    { code: "INVALID_PROJECT", says: [/line 7/, /marker/i] },
  ],
  ["a name that is none", `${source}[packages]\n"a b" = "*"\n`, { code: "INVALID_PROJECT", says: [/line 7/, /a b/] }],
  ["a value of another kind", `${source}[packages]\napp = 3\n`, { code: "INVALID_PROJECT", says: [/line 7/, /app/] }],
  ["a source without a URL", '[[source]]\nname = "here"\n[packages]\n', { code: "INVALID_PROJECT", says: [/line 1/, /url/] }],
  [
    "a Python that is none",
    `${source}[packages]\n\n[requires]\npython_version = "three"\n`,
    { code: "INVALID_PROJECT", says: [/line 9/, /three/] },
  ],
];

describe.skipIf(python === undefined)("bad input in Pipfile projects (needs a Python with venv and ensurepip)", () => {
  beforeAll(async () => {
    world = await openWorld({
      projects: projects({ name: "app", version: "1.0" }, { name: "solo", version: "1.0" }, { name: "my-app", version: "1.0" }),
    });
    const root = project({ Pipfile: pipfile });
    expect((await run(root, "lock")).status).toBe(0);
    goodLock = readFileSync(join(root, "Pipfile.lock"), "utf8");
  });
  afterAll(() => world?.close());

  describe("a lock", () => {
    for (const [title, edit, refusal] of broken)
      test(title, async () => {
        const text = edit(goodLock);
        expect(text).not.toBe(goodLock);
        const root = project({ Pipfile: pipfile, "Pipfile.lock": text });
        for (const words of lockReaders) await expectRefused(root, words, refusal);
      });
  });

  describe("a Pipfile", () => {
    for (const [title, text, refusal] of wrong)
      test(title, async () => {
        const root = project({ Pipfile: text });
        for (const words of pipfileReaders) await expectRefused(root, words, refusal);
      });
  });

  test("an index that is no source, a Python that is not there, a variable that is not set", async () => {
    const index = project({ Pipfile: `${source}[packages]\napp = {version = "*", index = "elsewhere"}\n` });
    for (const words of ["lock", "add solo"]) await expectRefused(index, words, { code: "INVALID_PROJECT", says: [/elsewhere/, /here/] });
    const other = project({ Pipfile: `${pipfile}\n[requires]\npython_version = "3.99"\n` });
    for (const words of ["lock", "add solo", "run python", "sync", "pipenv install", "pipenv run python", "shell"]) {
      if (words === "sync") writeFileSync(join(other, "Pipfile.lock"), goodLock);
      await expectRefused(other, words, { code: "PYTHON_NOT_FOUND", says: [/3\.99/, /hint: /] });
    }
    const url = world.index.indexUrl.replace("://", "://${PEN_TEST_NAME}:${PEN_TEST_NOT_SET}@");
    const secret = project({
      Pipfile: `${source.replace("{index}", url)}[packages]\napp = "*"\n`,
      "Pipfile.lock": goodLock.replace(world.index.indexUrl, url),
    });
    for (const words of ["lock", "add solo", "sync", "pipenv install"]) {
      const env = { PEN_TEST_NAME: "me" };
      await expectRefused(secret, words, { code: "INVALID_PROJECT", says: [/PEN_TEST_NOT_SET/, /hint: /], env });
    }
  });

  test("a stale lock: what needs a fresh one says so, what need not installs what is locked", async () => {
    const root = project({ Pipfile: `${pipfile}solo = "*"\n`, "Pipfile.lock": goodLock });
    const stale = [/not that of the Pipfile/, /pen lock/];
    for (const words of ["sync --deploy", "pipenv install --deploy"])
      await expectRefused(root, words, { code: "CHECK_FAILED", says: stale });
    for (const words of ["lock --check", "pipenv verify"]) {
      const before = digest(root);
      const { status, stderr } = await run(root, words);
      expect([words, status, stderr]).toEqual([words, 1, expect.stringMatching(/stale|out-of-date/)]);
      expect(differences(before, digest(root))).toEqual([]);
    }
    const { status, stderr } = await run(root, "sync");
    expect([status, stderr]).toEqual([0, expect.stringContaining("pen lock")]);
    expect(readFileSync(join(root, "Pipfile.lock"), "utf8")).toBe(goodLock);
  });

  test("a folder outside that the Pipfile has let go: the lock is made anew without it, and not installed as it is", async () => {
    const text = goodLock
      .replace('"default": {', '"default": {\n        "gone": {\n            "path": "../gone"\n        },')
      .replace(/"sha256": "[0-9a-f]{4}/, '"sha256": "0000');
    const root = project({ Pipfile: pipfile, "Pipfile.lock": text });
    await expectRefused(root, "sync", { code: "INVALID_LOCK", says: [/outside of the project/] });
    await expectRefused(root, "pipenv install --ignore-pipfile", { code: "INVALID_LOCK", says: [/outside of the project/] });
    expect((await run(root, "pipenv verify")).stderr).toContain("out-of-date");
    const { status, stderr } = await run(root, "pipenv install");
    expect([status, stderr]).toEqual([0, expect.stringContaining("Updated Pipfile.lock")]);
    expect(readFileSync(join(root, "Pipfile.lock"), "utf8")).toBe(goodLock);
  });

  test("a hand-edited lock: another version than its hash is refused by the hash", async () => {
    const root = project({
      Pipfile: pipfile,
      "Pipfile.lock": goodLock.replace(/"sha256:[0-9a-f]{8}(?=[0-9a-f]{56}",?\n *\])/, '"sha256:00000000'),
    });
    expect(readFileSync(join(root, "Pipfile.lock"), "utf8")).not.toBe(goodLock);
    await expectRefused(root, "sync", { code: "HASH_MISMATCH", says: [/app/, /hint: /] });
    expect(existsSync(join(root, ".venv"))).toBe(false);
    const unknown = project({ Pipfile: pipfile, "Pipfile.lock": goodLock.replace('"==1.0"', '"==7.0"') });
    await expectRefused(unknown, "sync", { code: "RESOLUTION_CONFLICT", says: [/app/, /7\.0/] });
  });

  test("PIPENV_PIPFILE and other variables that say nothing", async () => {
    const root = project({ Pipfile: pipfile });
    await expectRefused(root, "lock", { code: "INVALID_PROJECT", says: [/PIPENV_PIPFILE/], env: { PIPENV_PIPFILE: "nowhere" } });
    await expectRefused(root, "lock", { code: "INVALID_CONFIG", says: [/PIPENV_MAX_DEPTH/], env: { PIPENV_MAX_DEPTH: "deep" } });
  });

  test("a password in a source's variable is nowhere: not in the lock, not shown, in no file of project, home or cache", async () => {
    const canary = "s3cr3t-canary-7f3a";
    const url = world.index.indexUrl.replace("://", "://me:${PEN_TEST_TOKEN}@");
    const root = project({
      Pipfile: `${source.replace("{index}", url)}[packages]\napp = "*"\n\n[scripts]\nhello = "echo hello"\n`,
    });
    const env = { PEN_TEST_TOKEN: canary };
    const outputs: string[] = [];
    for (const words of [
      "lock -v",
      "sync -v",
      "add solo --json-lines",
      "add nothing-such",
      "remove solo",
      "lock --upgrade --diff --json",
      "pipenv install -v my-app",
      "pipenv requirements --hash",
      "pipenv pylock --generate",
      "pipenv graph",
      "pipenv --support",
      "outdated",
      "why app",
      "sync --refresh --offline",
    ]) {
      const { stdout, stderr } = await run(root, words, env);
      outputs.push(`$ ${words}\n${stdout}${stderr}`);
    }
    expect(outputs.filter((text) => text.includes(canary))).toEqual([]);
    expect(outputs.join("")).not.toContain("defect in pen");
    expect(readFileSync(join(root, "Pipfile.lock"), "utf8")).toContain("me:${PEN_TEST_TOKEN}@");
    const authorized = world.index.requests.filter(({ headers }) => headers["authorization"] === `Basic ${btoa(`me:${canary}`)}`);
    expect(authorized.length).toBeGreaterThan(0);
    const coded = [canary, btoa(canary).replace(/=+$/, ""), btoa(`me:${canary}`)];
    expect(filesBelow(world.folder).filter((path) => coded.some((text) => readFileSync(path).includes(text)))).toEqual([]);
  });

  test("a password that a Pipfile holds itself is used from there, and is in no lock, output or cache", async () => {
    const canary = "s3cr3t-canary-plain";
    const root = project({ Pipfile: pipfile.replace("{index}", world.index.indexUrl.replace("://", `://me:${canary}@`)) });
    const authorized = (): number =>
      world.index.requests.filter(({ headers }) => headers["authorization"] === `Basic ${btoa(`me:${canary}`)}`).length;
    const env = { PEN_CACHE_DIR: join(world.folder, "another-cache") };
    const locked = await run(root, "lock -v", env);
    const before = authorized();
    const synced = await run(root, "sync -v --refresh", env);
    expect([locked.status, synced.status, before > 0, authorized() > before]).toEqual([0, 0, true, true]);
    expect([locked, synced].filter(({ stdout, stderr }) => (stdout + stderr).includes(canary))).toEqual([]);
    const holders = filesBelow(world.folder).filter((path) => readFileSync(path).includes(canary));
    expect(holders).toEqual([join(root, "Pipfile")]);
  });
});

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true }).flatMap((entry) =>
    entry.isFile() ? [join(entry.parentPath, entry.name)] : [],
  );
}
