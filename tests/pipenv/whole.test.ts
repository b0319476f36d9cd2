/**
 * Nothing is half done in a project: several commands at once, SIGKILL at random moments (from a seed: PEN_TEST_SEED), and commands that fail.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parsePipfileLock } from "#lock";
import { parsePipfile } from "#project";
import { served } from "../crash/packages.ts";
import {
  difference,
  digestOf,
  makeWorld,
  randomFrom,
  sleep,
  testSeed,
  treeOf,
  type Outcome,
  type Running,
  type World,
} from "../crash/world.ts";

const seed = testSeed();
const numbers = Array.from({ length: 4 }, (_, at) => at + 1);
let world: World;

/** A project in a folder of its own, with its environment in it. */
interface Place {
  readonly root: string;
  start(words: string): Running;
  run(words: string): Promise<Outcome>;
  ok(words: string): Promise<Outcome>;
  /** The Pipfile, the lock (undefined when there is none) and the environment. */
  state(): { readonly files: readonly (string | undefined)[]; readonly environment: ReturnType<typeof treeOf> };
  installed(): string[];
}

let count = 0;

function place(entries = "", root = join(world.folder, `project-${(count += 1)}`)): Place {
  mkdirSync(root, { recursive: true });
  const source = `[[source]]\nurl = "${world.index.indexUrl}"\nverify_ssl = true\nname = "here"\n`;
  writeFileSync(join(root, "Pipfile"), `${source}\n[packages]\n${entries}\n[dev-packages]\n`);
  const options = { cwd: root, env: { PIPENV_VENV_IN_PROJECT: "1" } };
  const environment = join(root, ".venv");
  const run: Place["run"] = (words) => world.pen(words.split(" "), options);
  const read = (name: string): string | undefined => (existsSync(join(root, name)) ? readFileSync(join(root, name), "utf8") : undefined);
  return {
    root,
    start: (words) => world.start(words.split(" "), options),
    run,
    ok: async (words) => {
      const outcome = await run(words);
      if (outcome.status !== 0) throw new Error(`pen ${words}: ${outcome.status}\n${outcome.stdout}${outcome.stderr}`);
      return outcome;
    },
    state: () => ({
      files: [read("Pipfile"), read("Pipfile.lock")],
      environment: existsSync(environment) ? treeOf(environment) : new Map(),
    }),
    installed: () => packagesIn(environment),
  };
}

function packagesIn(environment: string): string[] {
  const library = join(environment, "lib", readdirSync(join(environment, "lib"))[0] ?? "", "site-packages");
  return readdirSync(library)
    .flatMap((name) => /^(.+-[\d.]+)\.dist-info$/.exec(name)?.[1] ?? [])
    .filter((name) => !name.startsWith("pip-"))
    .sort();
}

/** Every name of the Pipfile's [packages], and of the lock's `default`. Throws for a file that is torn. */
function namesIn({ root }: Place): { readonly wanted: string[]; readonly locked: string[] } {
  const pipfile = parsePipfile(readFileSync(join(root, "Pipfile"), "utf8"), "Pipfile");
  const path = join(root, "Pipfile.lock");
  const lock = existsSync(path) ? parsePipfileLock(readFileSync(path, "utf8"), "Pipfile.lock") : undefined;
  const names = (entries: readonly { readonly name: string }[] = []): string[] => entries.map(({ name }) => name).sort();
  return { wanted: names(pipfile.categories.get("packages")), locked: names(lock?.categories.get("default")) };
}

beforeAll(async () => {
  const many = Object.fromEntries(Array.from({ length: 200 }, (_, at) => [`many/module${at}.py`, `value = ${at}\n`]));
  const simple = numbers.map((number) => [
    `one-${number}`,
    [served({ name: `one-${number}`, version: "1.0", requires: [`need-${number}`, "shared"] })],
  ]);
  const needs = numbers.map((number) => [`need-${number}`, [served({ name: `need-${number}`, version: "1.0" })]]);
  const broken = served({ name: "forged", version: "1.0" });
  world = await makeWorld({
    ...Object.fromEntries([...simple, ...needs]),
    pip: [served({ name: "pip", version: "26.0", files: { "pip/__init__.py": "" } })],
    shared: [served({ name: "shared", version: "1.0" })],
    many: [served({ name: "many", version: "1.0", files: many, requires: ["shared"] })],
    stubborn: [served({ name: "stubborn", version: "1.0", requires: ["shared<1"] })],
    large: [served({ name: "large", version: "1.0", files: { "large/data.py": `data = "${"x".repeat(3_000_000)}"\n` } })],
    // Another file than the index's hash says.
    forged: [{ ...broken, hashes: { sha256: "0".repeat(64) } }],
  });
});
afterAll(() => world?.close());

describe("several commands at once on one project", () => {
  test("four processes that add different packages: all are in Pipfile, lock and environment", async () => {
    const here = place();
    await Promise.all(numbers.map((number) => here.ok(`add one-${number}`)));
    const names = numbers.map((number) => `one-${number}`);
    const { wanted, locked } = namesIn(here);
    expect(wanted).toEqual(names);
    expect(locked).toEqual([...numbers.map((number) => `need-${number}`), ...names, "shared"]);
    expect(here.installed()).toEqual(locked.map((name) => `${name.replaceAll("-", "_")}-1.0`).sort());
    expect((await here.ok("lock --check")).status).toBe(0);
    expect((await here.ok("sync --check --prune")).status).toBe(0);
  }, 60_000);

  test("adding, removing, locking and syncing: each ends whole", async () => {
    const here = place('one-1 = "*"\n');
    await here.ok("lock");
    await Promise.all(["add one-2", "remove one-1", "lock --upgrade", "sync", "run python -c pass"].map((words) => here.ok(words)));
    expect(namesIn(here)).toEqual({ wanted: ["one-2"], locked: ["need-2", "one-2", "shared"] });
    await here.ok("sync --prune");
    expect(here.installed()).toEqual(["need_2-1.0", "one_2-1.0", "shared-1.0"]);
  }, 60_000);
});

test("30 kills of pen add: Pipfile and lock are whole, and the same command then ends well", async () => {
  const random = randomFrom(seed);
  const usual = place();
  await usual.ok("add shared");
  const start = usual.state().files;
  const times: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    if (round > 0) await usual.ok("remove many");
    times.push((await usual.ok("add many")).milliseconds);
  }
  let longest = times.sort((a, b) => a - b)[1] ?? 0;
  const after = usual.state();
  const figures = { killed: 0, files: 0, environment: 0 };
  for (let trial = 0; trial < 30; trial += 1) {
    const context = `seed ${seed}, trial ${trial}`;
    // Every sixth without an environment, which is then made by the command that is killed.
    const fresh = trial % 6 === 0;
    const here = fresh ? place() : usual;
    if (!fresh) {
      await here.ok("remove many");
      expect(here.state().files).toEqual(start);
    }
    const before = namesIn(here);
    const running = here.start("add many");
    await sleep(random() * longest * (fresh ? 2 : 1));
    running.signal("SIGKILL");
    const isInTime = (await running.ended).signal === "SIGKILL";
    if (isInTime) figures.killed += 1;
    // What else the machine does changes how long it takes.
    longest *= isInTime ? 1.02 : 0.9;
    const between = namesIn(here);
    if (String(between.wanted) !== String(before.wanted)) figures.files += 1;
    const wanted = [before.wanted, [...before.wanted, "many"].sort()];
    expect([context, wanted.map(String).includes(String(between.wanted))]).toEqual([context, true]);
    const locked = [before.locked, ["many", "shared"]];
    expect([context, locked.map(String).includes(String(between.locked))]).toEqual([context, true]);
    if (existsSync(join(here.root, ".venv", ".pen", "journal.json"))) figures.environment += 1;
    await here.ok("add many");
    expect([context, namesIn(here).locked]).toEqual([context, ["many", "shared"]]);
    expect([context, here.installed()]).toEqual([context, ["many-1.0", "shared-1.0"]]);
    expect([context, readdirSync(here.root).sort()]).toEqual([context, [".venv", "Pipfile", "Pipfile.lock"]]);
    if (fresh) continue;
    expect([context, here.state().files]).toEqual([context, after.files]);
    expect([context, ...difference(after.environment, here.state().environment)]).toEqual([context]);
  }
  console.log(
    `seed ${seed}: ${figures.killed} killed in time, ${figures.environment} within the transaction, ${figures.files} after a file`,
  );
  expect(figures.killed).toBeGreaterThan(15);
}, 120_000);

/** Whatever is wrong, what stands in the project is what stood there. */
async function expectAsBefore(here: Place, words: string, error: RegExp): Promise<void> {
  const before = here.state();
  const { status, stderr } = await here.run(words);
  expect([words, status]).toEqual([words, 1]);
  expect(stderr).toMatch(error);
  expect(stderr).not.toContain("defect in pen");
  const after = here.state();
  expect([words, after.files]).toEqual([words, before.files]);
  expect([words, ...difference(before.environment, after.environment)]).toEqual([words]);
  expect(readdirSync(here.root).filter((name) => name.startsWith(".pen"))).toEqual([]);
}

const failures: ReadonlyArray<readonly [title: string, words: string, error: RegExp]> = [
  ["a package that nobody has", "add shared nothing-such", /\[PACKAGE_NOT_FOUND\]/],
  ["a conflict with what is locked", "add stubborn", /\[RESOLUTION_CONFLICT\]/],
  ["a file of another hash", "add forged", /\[HASH_MISMATCH\]/],
  ["a requirement that is none", "add shared==", /\[INVALID_[A-Z]+\]/],
  ["a Python that is not there", "add shared --python 3.99", /\[PYTHON_NOT_FOUND\]/],
  ["a name that is not in the project", "remove nothing-such", /\[NOT_INSTALLED\]/],
];

describe("a command that fails leaves Pipfile, lock and environment as they were", () => {
  for (const [title, words, error] of failures)
    test(title, async () => {
      const here = place();
      await here.ok("add one-1");
      await expectAsBefore(here, words, error);
      const bare = place('one-1 = "*"\n');
      await expectAsBefore(bare, words, error);
      expect(existsSync(join(bare.root, ".venv"))).toBe(false);
    });

  test("a folder without a Pipfile has none afterwards", async () => {
    const root = join(world.folder, "empty");
    mkdirSync(root);
    const env = { PIPENV_VENV_IN_PROJECT: "1", PIPENV_TEST_INDEX: world.index.indexUrl };
    const { status } = await world.pen(["add", "nothing-such"], { cwd: root, env });
    expect([status, readdirSync(root)]).toEqual([1, []]);
  });

  test("a Pipfile that is a link stays one", async () => {
    const here = place();
    const kept = join(world.folder, "kept-Pipfile");
    writeFileSync(kept, readFileSync(join(here.root, "Pipfile")));
    spawnSync("rm", [join(here.root, "Pipfile")]);
    symlinkSync(kept, join(here.root, "Pipfile"));
    await here.ok("add shared");
    expect(readFileSync(kept, "utf8")).toContain('shared = "*"');
    await expectAsBefore(here, "add stubborn", /\[RESOLUTION_CONFLICT\]/);
  });
});

const mayMount = ((): boolean => {
  if (process.getuid?.() !== 0) return false;
  return spawnSync("sh", ["-c", 'd=$(mktemp -d) && mount -t tmpfs tmpfs "$d"; s=$?; umount "$d"; rmdir "$d"; exit $s']).status === 0;
})();

test.skipIf(!mayMount)("a full disk leaves Pipfile, lock and environment as they were (needs root, and the right to mount)", async () => {
  const disk = join(world.folder, "disk");
  mkdirSync(disk);
  expect(spawnSync("mount", ["-t", "tmpfs", "-o", "size=64m", "tmpfs", disk]).status).toBe(0);
  try {
    const here = place("", join(disk, "project"));
    await here.ok("add shared");
    const before = digestOf(here.state().environment);
    const fill = join(disk, "fill");
    spawnSync("sh", ["-c", 'cat /dev/zero > "$0" 2>/dev/null; truncate -s -1M "$0"', fill]);
    await expectAsBefore(here, "add large --link-mode copy", /\[FILE_SYSTEM\]\s+The disk is full/);
    // To the last byte: not even the Pipfile has room.
    spawnSync("sh", ["-c", 'cat /dev/zero >> "$0" 2>/dev/null', fill]);
    await expectAsBefore(here, "add one-1", /\[FILE_SYSTEM\]\s+The disk is full/);
    expect(digestOf(here.state().environment)).toBe(before);
    spawnSync("rm", [fill]);
    await here.ok("add one-1");
  } finally {
    spawnSync("umount", ["-l", disk]);
  }
});
