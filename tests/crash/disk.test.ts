/** Full and read-only disks, for the environment and for the cache: an error that says what to do, and nothing lost. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { crashProjects } from "./packages.ts";
import { difference, faultsOf, leftoversIn, makeWorld, storeDigest, treeOf, type Outcome, type World } from "./world.ts";

const isRoot = process.getuid?.() === 0;
const mounts: string[] = [];
let world: World;

beforeAll(async () => {
  world = await makeWorld(crashProjects(1000));
  // Other users of the tests must reach it.
  chmodSync(world.folder, 0o755);
});
afterEach(() => {
  for (const folder of mounts.splice(0)) spawnSync("umount", ["-l", folder]);
});
afterAll(() => world.close());

function mount(name: string, options: string): string {
  const folder = join(world.folder, name);
  mkdirSync(folder);
  const { status, stderr } = spawnSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", folder], { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  mounts.push(folder);
  return folder;
}

const remount = (folder: string, options: string): void => {
  const { status, stderr } = spawnSync("mount", ["-o", `remount,${options}`, folder], { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
};

const mayMount = ((): boolean => {
  if (!isRoot) return false;
  return spawnSync("sh", ["-c", 'd=$(mktemp -d) && mount -t tmpfs tmpfs "$d"; s=$?; umount "$d"; rmdir "$d"; exit $s']).status === 0;
})();
const missing = mayMount ? "" : " (needs root, and the right to mount)";

function expectRefused({ status, stderr }: Outcome, words: RegExp): void {
  expect(stderr).not.toContain("defect in pen");
  expect(status).toBe(1);
  expect(stderr).toMatch(/^error: .+ \[FILE_SYSTEM\]$/m);
  expect(stderr).toMatch(words);
}

describe("a full disk", () => {
  for (const limit of ["size=3m", "nr_inodes=500"]) {
    for (const mode of ["copy", "symlink"]) {
      if (mode === "symlink" && limit === "size=3m") continue; // Links take no space.
      test.skipIf(!mayMount)(`under the environment: ${limit}, ${mode}${missing}`, async () => {
        const disk = mount(`disk-${limit}-${mode}`, limit);
        const name = `disk-${limit}-${mode}/env`;
        const environment = await world.environment(name);
        const empty = treeOf(environment);
        const install = (project: string): Promise<Outcome> =>
          world.pen(["pip", "install", ...world.at(environment), "--link-mode", mode, project]);
        expect((await install("tools==1.0")).status).toBe(0);
        const before = treeOf(environment);
        if (mode === "symlink") spawnSync("sh", ["-c", `i=0; while : > ${disk}/fill$i; do i=$((i+1)); done 2>/dev/null`]);
        expectRefused(await install("app==1.0"), /disk is full/);
        expect(difference(before, treeOf(environment))).toEqual([]);
        expect(faultsOf(environment, empty)).toEqual([]);
        expect(readdirSync(join(environment, ".pen")).sort().join(" ")).toMatch(/^(linked.json )?lock$/);
        if (mode === "copy") expect((await world.pen(["pip", "uninstall", "--python", environment, "-y", "tools"])).status).toBe(0);
        remount(disk, limit.replace(/=.*/, limit.startsWith("size") ? "=64m" : "=20000"));
        expect((await install("app==1.0")).status).toBe(0);
        expect(faultsOf(environment, empty)).toEqual([]);
      });
    }
    test.skipIf(!mayMount)(`under the cache: ${limit}${missing}`, async () => {
      const cache = mount(`cache-${limit}`, limit);
      const environment = await world.environment(`cache-env-${limit}`);
      const before = treeOf(environment);
      const words = ["pip", "install", ...world.at(environment), "app==1.0"];
      expectRefused(await world.pen(words, { cache }), /disk is full/);
      expect(difference(before, treeOf(environment))).toEqual([]);
      expect((await world.ok(["cache", "verify"], { cache })).stdout).toContain("0 problems");
      expect(leftoversIn(cache)).toEqual([]);
      remount(cache, limit.replace(/=.*/, limit.startsWith("size") ? "=64m" : "=20000"));
      await world.ok(words, { cache });
      expect(faultsOf(environment, before)).toEqual([]);
    });
  }
  test.skipIf(!existsSync("/dev/full"))("under the output", async () => {
    const { stderr, status } = await world.pen([], { prefix: ["sh", "-c", '"$0" --help > /dev/full'] });
    expect(stderr).not.toContain("defect in pen");
    expect([status, stderr]).toEqual([1, expect.stringContaining("standard output")]);
  });
});

describe("a read-only disk", () => {
  test.skipIf(!mayMount)(`under the environment${missing}`, async () => {
    const disk = mount("ro-disk", "size=64m");
    const environment = await world.environment("ro-disk/env");
    await world.ok(["pip", "install", ...world.at(environment), "tools==1.0"]);
    const before = treeOf(environment);
    remount(disk, "ro");
    for (const words of [
      ["install", ...world.at(environment), "app==1.0"],
      ["uninstall", "--python", environment, "-y", "tools"],
    ])
      expectRefused(await world.pen(["pip", ...words]), /read-only/);
    expect((await world.ok(["pip", "list", "--python", environment])).stdout).toContain("tools");
    expect(difference(before, treeOf(environment))).toEqual([]);
  });

  test.skipIf(!mayMount)(`under the cache: what it holds can be used, the rest is taken for the command alone${missing}`, async () => {
    const cache = mount("ro-cache", "size=64m");
    const environment = await world.environment("ro-cache-env");
    const empty = treeOf(environment);
    await world.ok(["pip", "install", ...world.at(environment), "tools==1.0"], { cache });
    await world.ok(["pip", "uninstall", "--python", environment, "-y", "tools"], { cache });
    const digest = storeDigest(cache);
    remount(cache, "ro");
    await world.ok(["pip", "install", ...world.at(environment), "tools==1.0"], { cache });
    expect(faultsOf(environment, empty)).toEqual([]);
    const before = treeOf(environment);
    const temporary = join(world.folder, "ro-cache-tmp");
    mkdirSync(temporary);
    const env = { TMPDIR: temporary };
    for (const [mode, project] of [
      ["hardlink", "space-one"],
      ["symlink", "space-two"],
    ] as const) {
      const uncached = await world.ok(["pip", "install", ...world.at(environment), "--link-mode", mode, project], { cache, env });
      expect(uncached.stderr).toContain("pen's cache cannot be written to");
      expect(readdirSync(temporary)).toEqual([]);
      expect((await world.ok(["pip", "list", "--python", environment], { cache })).stdout).toContain(project);
      expect(faultsOf(environment, empty)).toEqual([]);
      await world.ok(["pip", "uninstall", "--python", environment, "-y", project], { cache });
    }
    expect(difference(before, treeOf(environment))).toEqual([]);
    await world.ok(["pip", "uninstall", "--python", environment, "-y", "tools"], { cache });
    expect((await world.ok(["cache", "verify"], { cache })).stdout).toContain("0 problems");
    expect(storeDigest(cache)).toBe(digest);
  });
});

/** Root may do everything: then the program is started as somebody else. */
const nobody = isRoot ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : [];
const mayChange =
  !isRoot ||
  (spawnSync("setpriv", ["--reuid=65534", "--regid=65534", "--clear-groups", "true"]).status === 0 && existsSync("/usr/bin/python3"));
const needsUser = mayChange ? "" : " (needs setpriv and /usr/bin/python3)";

function give(folder: string): void {
  if (!isRoot) return;
  chownSync(folder, 65534, 65534);
  for (const entry of readdirSync(folder, { withFileTypes: true })) if (entry.isDirectory()) give(join(folder, entry.name));
}

describe("folders of another user", () => {
  test.skipIf(!mayChange)(`an environment and a cache without the right to write${needsUser}`, async () => {
    const own = join(world.folder, "own");
    mkdirSync(own);
    give(own);
    const run = (words: readonly string[]): Promise<Outcome> =>
      world.pen(words, { prefix: nobody, cache: join(own, "cache"), cwd: own, env: { HOME: own, TMPDIR: own } });
    const environment = join(own, "env");
    expect((await run(["venv", "-p", "/usr/bin/python3", "--no-seed", environment])).stderr).toBe("");
    const place = ["--python", environment, "--index-url", world.index.indexUrl];
    const empty = treeOf(environment);
    expect((await run(["pip", "install", ...place, "tools==1.0"])).status).toBe(0);
    const before = treeOf(environment);
    const site = join(environment, "lib", readdirSync(join(environment, "lib"))[0]!, "site-packages");
    for (const folder of [environment, site]) {
      const { mode } = statSync(folder);
      chmodSync(folder, 0o555);
      for (const words of [
        ["install", ...place, "space-one"],
        ["uninstall", "--python", environment, "-y", "tools"],
      ]) {
        const outcome = await run(["pip", ...words]);
        if (folder === site || words[0] === "install") expectRefused(outcome, /permission|read-only/);
        expect(difference(before, treeOf(environment))).toEqual([]);
      }
      expect((await run(["pip", "list", "--python", environment])).stdout).toContain("tools");
      chmodSync(folder, mode);
    }
    const shelf = join(own, "cache", "wheels", "v1", "growing");
    chmodSync(shelf, 0o555);
    const uncached = await run(["pip", "install", ...place, "space-two"]);
    expect([uncached.status, uncached.stderr]).toEqual([0, expect.stringContaining("pen's cache cannot be written to")]);
    expect(faultsOf(environment, empty)).toEqual([]);
    expect((await run(["pip", "uninstall", "--python", environment, "-y", "space-two"])).status).toBe(0);
    chmodSync(shelf, 0o755);
    expect((await run(["pip", "install", ...place, "space-two"])).status).toBe(0);
    expect(faultsOf(environment, empty)).toEqual([]);
  });
});
