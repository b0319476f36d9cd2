/** Failures in whichever thread makes the files: strace follows all of them, and counts the calls of each by itself. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { crashProjects } from "./packages.ts";
import { difference, faultsOf, makeWorld, randomFrom, sleep, storeDigest, testSeed, treeOf, type Tree, type World } from "./world.ts";

const works = spawnSync("strace", ["-f", "-qq", "-o", "/dev/null", "-e", "trace=mkdir", "true"]).status === 0;
const missing = works ? "" : " (needs strace, and the right to trace)";

let world: World;
beforeAll(async () => {
  // Enough names for more than one thread.
  world = await makeWorld(crashProjects(3200));
});
afterAll(() => world.close());

describe("a failure in one thread of several", () => {
  for (const [call, numbers, ...kinds] of [
    // With EACCES the files would be copied.
    ["linkat", "1,3,90,400", "ENOSPC", "EIO"],
    ["mkdirat", "1,2,20", "ENOSPC", "EIO", "EACCES"],
  ] as const) {
    for (const errno of kinds) {
      test.skipIf(!works)(`${errno} from ${call} on${missing}`, async () => {
        const environment = await world.environment(`${call}-${errno}`);
        const empty = treeOf(environment);
        const words = ["pip", "install", ...world.at(environment), "--link-mode", "hardlink", "many==1.0", "app==1.0"];
        const whole = await fill(words, environment, empty);
        const store = storeDigest(world.cache, false);
        for (const number of numbers.split(",")) {
          await world.ok(["pip", "uninstall", "--python", environment, "-y", "many", "app", "space-one", "space-two", "tools"]);
          const trace = join(world.folder, "trace");
          const calls = call === "mkdirat" ? "mkdir,mkdirat" : "link,linkat";
          const inject = `inject=${calls}:error=${errno}:when=${number}+`;
          const outcome = await world.pen(words, {
            prefix: ["strace", "-f", "-qq", "-o", trace, "-e", `trace=${calls}`, "-e", inject],
          });
          if (readFileSync(trace, "utf8").includes("INJECTED")) expectUndone(outcome, environment, empty);
          else expect(outcome.status).toBe(0);
          expect(storeDigest(world.cache, false)).toBe(store);
          await world.ok(words);
          expect(difference(whole, treeOf(environment))).toEqual([]);
        }
      });
    }
  }
});

test("20 random kills while several threads link: the same command again leads to the same tree", async () => {
  const seed = testSeed();
  const random = randomFrom(seed);
  const environment = await world.environment("killed");
  const empty = treeOf(environment);
  const words = ["pip", "install", ...world.at(environment), "--link-mode", "hardlink", "many==1.0", "app==1.0"];
  const whole = await fill(words, environment, empty);
  const away = ["pip", "uninstall", "--python", environment, "-y", "many", "app", "space-one", "space-two", "tools"];
  await world.ok(away);
  const { milliseconds } = await world.ok(words);
  for (let kill = 0; kill < 20; kill += 1) {
    await world.ok(away);
    const running = world.start(words);
    await sleep(random() * milliseconds);
    running.signal("SIGKILL");
    await running.ended;
    await world.ok(words);
    expect({ seed, kill, difference: difference(whole, treeOf(environment)) }).toMatchObject({ difference: [] });
  }
});

test.skipIf(!works)(`a stored file that is replaced at the moment of its link is linked all the same${missing}`, async () => {
  const environment = await world.environment("replaced");
  const empty = treeOf(environment);
  const words = ["pip", "install", ...world.at(environment), "--link-mode", "hardlink", "many==1.0", "app==1.0"];
  const whole = await fill(words, environment, empty);
  for (const number of [1, 90]) {
    await world.ok(["pip", "uninstall", "--python", environment, "-y", "many", "app", "space-one", "space-two", "tools"]);
    const trace = join(world.folder, "trace");
    const inject = `inject=link,linkat:error=ENOENT:when=${number}`;
    const { status, stderr } = await world.pen(words, {
      prefix: ["strace", "-f", "-qq", "-o", trace, "-e", "trace=link,linkat", "-e", inject],
    });
    expect({ status, stderr: status === 0 ? "" : stderr }).toEqual({ status: 0, stderr: "" });
    expect(readFileSync(trace, "utf8")).toContain("INJECTED");
    expect(difference(whole, treeOf(environment))).toEqual([]);
  }
});

async function fill(words: readonly string[], environment: string, empty: Tree): Promise<Tree> {
  await world.ok(words);
  expect(faultsOf(environment, empty)).toEqual([]);
  return treeOf(environment);
}

function expectUndone({ status, stderr }: { status: number | null; stderr: string }, environment: string, empty: Tree): void {
  expect(stderr).not.toContain("defect in pen");
  expect(status).toBe(1);
  expect(stderr).toMatch(/^error: .+ \[FILE_SYSTEM\]\n {2}\S/m);
  expect(existsSync(join(environment, ".pen", "journal.json"))).toBe(false);
  expect(difference(empty, treeOf(environment))).toEqual([]);
}
