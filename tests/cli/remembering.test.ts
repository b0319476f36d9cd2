/** Answers of the solver that the cache keeps: taken only while nothing that they rest on has changed. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openWorld, projects, python, type World } from "../support/world.ts";

const wheels = (...extra: Array<{ readonly name: string; readonly version: string }>) =>
  projects(
    { name: "top", version: "1.0", requires: ["middle", "low>=1"] },
    { name: "middle", version: "2.0", requires: ["low<3"] },
    { name: "low", version: "1.0" },
    { name: "low", version: "2.0" },
    { name: "pulled", version: "1.0", served: { yanked: "it was broken" } },
    ...extra,
  );

let world: World;
beforeAll(async () => {
  if (python !== undefined) world = await openWorld({ projects: wheels(), cacheControl: "max-age=600" });
});
afterAll(() => world?.close());

const folder = (): string => join(world.cache, "answers", "v2");
const kept = (): string[] => (existsSync(folder()) ? readdirSync(folder()) : []);

/** Forgets the metadata of all wheels, and what was noted of them: offline, nothing can be worked out any more, only recalled. */
const forgetMetadata = (): void => {
  for (const folder of ["catalogs", join("index", "v1", "metadata")]) rmSync(join(world.cache, folder), { recursive: true, force: true });
};

async function compile(requirements: string, ...words: string[]): Promise<{ status: number | null; pins: string; stderr: string }> {
  writeFileSync(join(world.work, "wanted.in"), requirements);
  const { status, stdout, stderr } = await world.pen(["pip", "compile", "wanted.in", "--no-header", "--no-annotate", ...words]);
  return { status, stderr, pins: stdout.trim().replaceAll("\n", " ") };
}

/** Asks until the answer stands in the cache: the first time fetches pages, the second works the answer out from kept ones. */
async function learn(requirements: string, ...words: string[]): Promise<string> {
  await compile(requirements, ...words);
  const { status, pins, stderr } = await compile(requirements, ...words);
  expect([status, stderr]).toEqual([0, ""]);
  return pins;
}

describe.skipIf(python === undefined)("remembered answers (needs a Python with venv and ensurepip)", () => {
  test("the same question on the same pages is answered without the metadata that it took, and for the same words", async () => {
    const pins = await learn("top\n");
    expect(pins).toBe("low==2.0 middle==2.0 top==1.0");
    expect(kept()).toHaveLength(1);
    const whole = await world.pen(["pip", "compile", "wanted.in", "--generate-hashes"]);
    const before = world.index.requests.length;
    forgetMetadata();
    expect(await compile("top\n", "--offline")).toEqual({ status: 0, pins, stderr: "" });
    expect(world.index.requests.length).toBe(before);
    const again = await world.pen(["pip", "compile", "wanted.in", "--generate-hashes"]);
    expect(again.stdout).toBe(whole.stdout);
    expect(again.stdout).toContain("# via");
  });

  const others: ReadonlyArray<readonly [name: string, requirements: string, ...words: string[]]> = [
    ["other requirements", "top\nlow<2\n"],
    ["a constraint", "top\n", "--constraint", "limit.txt"],
    ["another strategy", "top\n", "--resolution", "lowest"],
    ["another Python", "top\n", "--python-version", "3.9"],
    ["without dependencies", "top\n", "--no-deps"],
    ["another index", "top\n", "--extra-index-url", "http://127.0.0.1:9/simple/"],
  ];
  for (const [name, requirements, ...words] of others) {
    test(`is another question: ${name}`, async () => {
      writeFileSync(join(world.work, "limit.txt"), "low<2\n");
      await learn("top\n");
      forgetMetadata();
      // Offline and without metadata nothing can be worked out: had the kept answer been taken, it would have ended well.
      const { status, pins } = await compile(requirements, "--offline", ...words);
      expect([name, status === 0 && pins === "low==2.0 middle==2.0 top==1.0"]).toEqual([name, false]);
      await compile("top\n", "--refresh");
    });
  }

  test("a page that has changed counts at once when it was asked for anew", async () => {
    await learn("middle\n");
    world.index.setProject("low", wheels({ name: "low", version: "2.5" })["low"]);
    expect((await compile("middle\n")).pins).toBe("low==2.0 middle==2.0");
    expect((await compile("middle\n", "--refresh")).pins).toBe("low==2.5 middle==2.0");
    expect((await compile("middle\n")).pins).toBe("low==2.5 middle==2.0");
    world.index.setProject("low", wheels()["low"]);
    expect((await compile("middle\n", "--refresh")).pins).toBe("low==2.0 middle==2.0");
  });

  test("an answer on pages that are not fresh any more is not taken", async () => {
    const short = await openWorld({ projects: wheels(), cacheControl: "max-age=0" });
    try {
      writeFileSync(join(short.work, "wanted.in"), "top\n");
      const words = ["pip", "compile", "wanted.in", "--no-header"];
      for (let time = 0; time < 3; time += 1) await short.pen(words);
      const asked = short.index.paths("/simple/").length;
      await short.pen(words);
      expect(short.index.paths("/simple/").length - asked).toBe(3);
    } finally {
      await short.close();
    }
  });

  test("warnings are told again with the answer that they belong to", async () => {
    await compile("pulled==1.0\n");
    const first = await compile("pulled==1.0\n");
    forgetMetadata();
    const recalled = await compile("pulled==1.0\n", "--offline");
    expect(first.stderr).toContain("yanked");
    expect(recalled).toEqual(first);
  });

  test("offline, an answer that lacked metadata is good for that once", async () => {
    world.index.setProject("choosy", projects({ name: "choosy", version: "1.0" }, { name: "choosy", version: "2.0" })["choosy"]);
    await learn("choosy<2\n");
    forgetMetadata();
    await compile("choosy<2\n", "--refresh");
    const { pins } = await compile("choosy\n", "--offline");
    expect(pins).toBe("choosy==1.0");
    expect((await compile("choosy\n")).pins).toBe("choosy==2.0");
  });

  test("a damaged note is no answer, and is written anew", async () => {
    const pins = await learn("top\n");
    for (const name of kept()) {
      const path = join(folder(), name);
      writeFileSync(path, readFileSync(path, "utf8").replace("2.0", "9.9"));
    }
    expect((await compile("top\n")).pins).toBe(pins);
    forgetMetadata();
    expect((await compile("top\n", "--offline")).pins).toBe(pins);
  });

  test("what is installed is weighed: an answer of an empty environment is none for another", async () => {
    const environment = world.bareEnvironment("holds");
    await world.pen(["pip", "install", "low==1.0"], { environment });
    await learn("top\n");
    const { stdout, stderr, status } = await world.pen(["pip", "install", "top", "--dry-run"], { environment });
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toContain("top");
    expect(stdout).not.toContain("low");
  });

  test("at most 64 answers are kept, and `cache clean` removes them", async () => {
    for (let number = 0; number < 70; number += 1) writeFileSync(join(folder(), `${number}.json`), "");
    await learn("low\n");
    expect(kept().length).toBe(64);
    await world.pen(["cache", "clean"]);
    expect(kept()).toEqual([]);
  });
});
