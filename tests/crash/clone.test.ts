/** Copy-on-write clones, on a file system that has them: a small btrfs of the test's own. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { chmodSync, closeSync, existsSync, ftruncateSync, mkdirSync, openSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { crashProjects } from "./packages.ts";
import { faultsOf, makeWorld, storeDigest, treeOf, type World } from "./world.ts";

const tool = ["/usr/sbin/mkfs.btrfs", "/sbin/mkfs.btrfs"].find((path) => existsSync(path));
const possible = tool !== undefined && process.getuid?.() === 0 && readFileSync("/proc/filesystems", "utf8").includes("btrfs");
const missing = possible ? "" : " (needs root, btrfs in the kernel, and mkfs.btrfs)";
let world: World;
let disk: string;

beforeAll(async () => {
  world = await makeWorld(crashProjects(1000));
  disk = join(world.folder, "btrfs");
  if (!possible) return;
  const image = join(world.folder, "btrfs.img");
  const descriptor = openSync(image, "w");
  ftruncateSync(descriptor, 256 * 2 ** 20);
  closeSync(descriptor);
  mkdirSync(disk);
  for (const [command = "", ...words] of [
    [tool, "-q", image],
    ["mount", "-o", "loop", image, disk],
  ]) {
    const { status, stderr } = spawnSync(command, words, { encoding: "utf8" });
    if (status !== 0) throw new Error(stderr);
  }
});
afterAll(async () => {
  if (possible) spawnSync("umount", ["-l", disk]);
  await world.close();
});

describe("clones", () => {
  for (const mode of ["clone", "auto"]) {
    test.skipIf(!possible)(`link mode ${mode} shares blocks and nothing else${missing}`, async () => {
      const cache = join(disk, `cache-${mode}`);
      const name = `btrfs/env-${mode}`;
      const environment = await world.environment(name);
      const empty = treeOf(environment);
      const { stderr } = await world.ok(["pip", "install", ...world.at(environment), "--link-mode", mode, "app==1.0"], { cache });
      expect(stderr).not.toContain("warning");
      expect(faultsOf(environment, empty)).toEqual([]);
      const digest = storeDigest(cache);
      const file = modulesOf(environment)[0] ?? "";
      expect(statSync(file).nlink).toBe(1);
      // What is edited here is edited nowhere else.
      chmodSync(file, 0o644);
      writeFileSync(file, "edited = True\n");
      expect(storeDigest(cache)).toBe(digest);
      expect((await world.ok(["cache", "verify"], { cache })).stdout).toContain("0 problems");
      await world.ok(["pip", "uninstall", "--python", environment, "-y", "app"], { cache });
    });
  }

  test.skipIf(!possible)(`another file system takes copies instead, and says so${missing}`, async () => {
    const environment = await world.environment("no-clone");
    const { stderr } = await world.ok(["pip", "install", ...world.at(environment), "--link-mode", "clone", "app==1.0"], {
      cache: join(disk, "cache-clone"),
    });
    expect(stderr).toContain("cannot be cloned into this place (EXDEV)");
  });
});

function modulesOf(environment: string): string[] {
  return [...treeOf(environment).keys()]
    .filter((path) => path.includes("site-packages/app") && path.endsWith(".py"))
    .map((path) => join(environment, path));
}
