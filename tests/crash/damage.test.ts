/** Damage to what pen keeps: the next install heals it by fetching again and never links it, and `pen cache verify` finds it. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  appendFileSync,
  chmodSync,
  cpSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { crashProjects } from "./packages.ts";
import { difference, faultsOf, makeWorld, storeDigest, treeOf, type Tree, type World } from "./world.ts";

let world: World;
let environment: string;
let empty: Tree;
let whole: Tree;
let pristine: string;
let digest: string;

beforeAll(async () => {
  world = await makeWorld(crashProjects(60));
  environment = await world.environment("env");
  empty = treeOf(environment);
  await world.ok(install());
  whole = treeOf(environment);
  digest = storeDigest(world.cache, false);
  await remove();
  pristine = join(world.folder, "pristine");
  cpSync(world.cache, pristine, { recursive: true, preserveTimestamps: true });
});
afterAll(() => world.close());

const install = (): string[] => ["pip", "install", ...world.at(environment), "--link-mode", "copy", "app==1.0"];
const remove = (): Promise<unknown> =>
  world.ok(["pip", "uninstall", "--python", environment, "-y", "app", "many", "tools", "space-one", "space-two"]);

/** The folder of the stored wheel `many`. */
function entry(): string {
  const root = join(world.cache, "wheels", "v1");
  for (const shelf of readdirSync(root).filter((name) => /^[0-9a-f]{2}$/.test(name)))
    for (const name of readdirSync(join(root, shelf)))
      if (readdirSync(join(root, shelf, name, "tree")).includes("many")) return join(root, shelf, name);
  throw new Error("many is not stored");
}

const writable = (path: string, work: () => void): void => {
  chmodSync(path, 0o755);
  work();
};

function inFolder(folder: string, work: () => void): void {
  chmodSync(folder, 0o755);
  work();
  chmodSync(folder, 0o555);
}

const module = (): string => join(entry(), "tree", "many", "part1", "module30.py");

function flip(path: string): void {
  writable(path, () => {
    const bytes = readFileSync(path);
    bytes[Math.floor(bytes.length / 2)]! ^= 4;
    writeFileSync(path, bytes);
    chmodSync(path, 0o444);
  });
}

const damages: Readonly<Record<string, () => void>> = {
  "a flipped bit in a module": () => flip(module()),
  "a flipped bit in METADATA": () => flip(join(entry(), "tree", "many-1.0.dist-info", "METADATA")),
  "a flipped bit in RECORD": () => flip(join(entry(), "RECORD")),
  "a module that is cut short": () => truncateSync(module(), 3),
  "a module that is longer": () => appendFileSync(module(), "import evil\n"),
  "an empty module": () => truncateSync(module(), 0),
  "a module that is gone": () => inFolder(join(module(), ".."), () => rmSync(module())),
  "a link in place of a module": () =>
    inFolder(join(module(), ".."), () => {
      rmSync(module());
      symlinkSync("/etc/passwd", module());
    }),
  "a folder that is gone": () =>
    inFolder(join(entry(), "tree", "many"), () => rmSync(join(entry(), "tree", "many", "part1"), { recursive: true })),
  "a folder moved away and a link to it": () => {
    const folder = join(entry(), "tree", "many", "part1");
    inFolder(join(entry(), "tree", "many"), () => {
      rmSync(folder, { recursive: true });
      mkdirSync(folder);
    });
  },
  "a manifest with a flipped bit": () => flip(join(entry(), "manifest.json")),
  "a manifest that is cut short": () => truncateSync(join(entry(), "manifest.json"), 100),
  "an empty manifest": () => truncateSync(join(entry(), "manifest.json"), 0),
  "a manifest that is gone": () => rmSync(join(entry(), "manifest.json")),
  "the manifest of another wheel": () => {
    const other = join(entry(), "..", "..");
    const shelf = readdirSync(other).find((name) => /^[0-9a-f]{2}$/.test(name) && !entry().includes(`/${name}/`));
    const [name = ""] = readdirSync(join(other, shelf ?? ""));
    cpSync(join(other, shelf ?? "", name, "manifest.json"), join(entry(), "manifest.json"), { force: true });
  },
  "a file in place of the entry": () => {
    const path = entry();
    renameSync(path, join(world.folder, `moved-${Math.random()}`));
    writeFileSync(path, "not a folder");
  },
};

/** Those that `verify` does not count as damage: there is no wheel of that hash then. */
const absent = new Set(["a file in place of the entry"]);

describe("the next install heals", () => {
  for (const [name, damage] of Object.entries(damages)) {
    test(name, async () => {
      damage();
      const verified = await world.pen(["cache", "verify"]);
      expect([verified.status, verified.stdout]).toEqual(
        absent.has(name)
          ? [0, expect.anything()]
          : [1, expect.stringContaining("1 problem")].map((one, at) => (at === 1 && name.includes("folder") ? expect.anything() : one)),
      );
      const { stderr } = await world.ok(install());
      if (!absent.has(name) && !name.includes("manifest")) expect(stderr).toContain("damaged");
      expect(difference(whole, treeOf(environment))).toEqual([]);
      expect(faultsOf(environment, empty)).toEqual([]);
      expect((await world.ok(["cache", "verify"])).stdout).toContain("0 problems");
      expect(storeDigest(world.cache, false)).toBe(digest);
      await remove();
    });
  }

  test("a module that only became writable is set right without a download", async () => {
    chmodSync(module(), 0o644);
    const before = world.index.paths("/files/").length;
    await world.ok(install());
    expect(world.index.paths("/files/").length).toBe(before);
    expect(difference(whole, treeOf(environment))).toEqual([]);
    expect(storeDigest(world.cache, false)).toBe(digest);
    await remove();
  });

  test("a file more than the manifest knows is found, is never linked, and goes with --repair", async () => {
    inFolder(join(entry(), "tree", "many"), () => writeFileSync(join(entry(), "tree", "many", "evil.py"), "import os\n"));
    const verified = await world.pen(["cache", "verify"]);
    expect([verified.status, verified.stdout]).toEqual([1, expect.stringContaining("evil.py")]);
    await world.ok(install());
    expect(difference(whole, treeOf(environment))).toEqual([]);
    await world.ok(["cache", "verify", "--repair"]);
    await remove();
    await world.ok(install());
    expect(storeDigest(world.cache, false)).toBe(digest);
    await remove();
  });

  test("a change through a hard-linked environment does not reach the next one", async () => {
    const words = (path: string): string[] => ["pip", "install", ...world.at(path), "--link-mode", "hardlink", "app==1.0"];
    const [first, second] = [await world.environment("first"), await world.environment("second")];
    await world.ok(words(first));
    const place = (path: string): string =>
      join(path, "lib", readdirSync(join(path, "lib"))[0]!, "site-packages", "many", "part1", "module30.py");
    chmodSync(place(first), 0o644);
    appendFileSync(place(first), "# edited in place\n");
    await world.ok(words(second));
    expect(faultsOf(second, empty)).toEqual([]);
    expect(readFileSync(place(second), "utf8")).not.toContain("edited");
    expect(storeDigest(world.cache, false)).toBe(digest);
  });

  test("a module that changed a moment after it was looked at is found before a link to its folder, too", async () => {
    const words = (path: string): string[] => ["pip", "install", ...world.at(path), "--link-mode", "symlink", "app==1.0"];
    const [first, second] = [await world.environment("linked-first"), await world.environment("linked-second")];
    await world.ok(words(first));
    flip(module());
    expect((await world.ok(words(second))).stderr).toContain("damaged");
    expect((await world.ok(["cache", "verify"])).stdout).toContain("0 problems");
  });

  test("without an index it is refused, and nothing is linked", async () => {
    flip(module());
    const outcome = await world.pen([...install(), "--offline"]);
    expect(outcome.status).toBe(1);
    expect(difference(empty, treeOf(environment))).toEqual([]);
    await world.ok(install());
    await remove();
  });
});

/** All files of a part of the cache. */
function filesOf(part: string): string[] {
  return readdirSync(join(world.cache, part), { withFileTypes: true, recursive: true })
    .filter((found) => found.isFile())
    .map((found) => join(found.parentPath, found.name));
}

describe("what is only remembered is asked again", () => {
  const spoiled: Readonly<Record<string, (path: string) => void>> = {
    "flipped bits": flip,
    "a half": (path) => truncateSync(path, Math.floor(readFileSync(path).length / 2)),
    nothing: (path) => truncateSync(path, 0),
    rubbish: (path) => writeFileSync(path, "\0\u00ff{]}\n"),
    "an empty list": (path) => writeFileSync(path, "[]"),
    "a number": (path) => writeFileSync(path, "7"),
    "an empty object": (path) => writeFileSync(path, "{}"),
  };
  for (const part of ["index", "interpreters", "wheels/v1/uses"]) {
    for (const [name, spoil] of Object.entries(spoiled)) {
      test(`${name} in every file under ${part}`, async () => {
        const files = filesOf(part);
        expect(files.length).toBeGreaterThan(0);
        for (const path of files) spoil(path);
        const { stderr } = await world.ok(install());
        expect(stderr).not.toContain("defect");
        expect(difference(whole, treeOf(environment))).toEqual([]);
        await world.ok(["cache", "prune"]);
        await remove();
        await world.ok(install());
        await remove();
      });
    }
  }
  test("a folder in place of every file under index", async () => {
    for (const path of filesOf("index")) {
      rmSync(path);
      mkdirSync(path);
    }
    await world.ok(install());
    expect(difference(whole, treeOf(environment))).toEqual([]);
    await remove();
    rmSync(join(world.cache, "index"), { recursive: true });
  });
});
