/** What the cache notes of versions that a solver looked at: a later question has the answer that it would have without them. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openWorld, projects, python, type World } from "../support/world.ts";

const offered = (...extra: Array<{ readonly name: string; readonly version: string }>) =>
  projects(
    { name: "top", version: "1.0", requires: ["middle", "low>=1", 'absent; python_version < "3"'] },
    {
      name: "top",
      version: "2.0",
      requires: ["middle[fast]>=1; python_version >= '3'", 'low; extra == "more"', "side; extra == 'more' and os_name != 'none'"],
      extras: ["more"],
    },
    { name: "middle", version: "1.0", requires: ["low<3"] },
    { name: "middle", version: "2.0", requires: ["low<3", 'quick>=1; extra == "fast"'], extras: ["fast"] },
    { name: "quick", version: "1.0", requires: ["low"] },
    { name: "quick", version: "2.0rc1" },
    { name: "side", version: "1.0", requires: ["top", "pulled"] },
    { name: "low", version: "1.0" },
    { name: "low", version: "2.0" },
    { name: "low", version: "3.0" },
    { name: "low", version: "3.1", tag: "cp27-none-win32" },
    { name: "low", version: "3.2", served: { requiresPython: "<3" } },
    { name: "low", version: "3.3", requiresPython: "<3" },
    { name: "pulled", version: "1.0" },
    { name: "pulled", version: "2.0", served: { yanked: "it was broken" } },
    ...extra,
  );

let world: World;
beforeAll(async () => {
  if (python !== undefined) world = await openWorld({ projects: offered(), cacheControl: "max-age=600" });
});
afterAll(() => world?.close());

const forget = (...folders: string[]): void => folders.forEach((name) => rmSync(join(world.cache, name), { recursive: true, force: true }));
const forgetMetadata = (): void => forget("answers", join("index", "v1", "metadata"));
const listingOf = (name: string): string => {
  const root = join(world.cache, "index", "v1");
  const folder = readdirSync(root).find((entry) => entry !== "metadata" && entry !== "scratch") ?? "";
  return join(root, folder, `${name}.listing`);
};

async function compile(requirements: string, ...words: string[]) {
  writeFileSync(join(world.work, "wanted.in"), requirements);
  const { status, stdout, stderr } = await world.pen(["pip", "compile", "wanted.in", "--no-header", ...words]);
  return { status, stdout, stderr };
}

describe.skipIf(python === undefined)("notes of a catalog (needs a Python with venv and ensurepip)", () => {
  test("another question about the same versions needs no page and no metadata", async () => {
    forget("catalogs", "answers");
    await compile("top\nside\n");
    const plain = await compile("middle[fast]\nside\n", "--offline");
    expect(plain.status).toBe(0);
    forgetMetadata();
    expect(await compile("middle[fast]\nside\n", "--offline")).toEqual(plain);
    for (const name of ["middle", "side"]) writeFileSync(listingOf(name), readFileSync(listingOf(name)));
    // A page that was written again is another one, whatever it says: now its metadata is needed.
    expect((await compile("middle\nside\n", "--offline")).status).not.toBe(0);
  });

  const questions: ReadonlyArray<readonly [requirements: string, ...words: string[]]> = [
    ["top\n"],
    ["top[more]\n"],
    ["top<2\n"],
    ["top\nlow<2\n"],
    ["top[more]\n", "--override", "override.txt"],
    ["low\n", "--no-binary", "low"],
    ["low>=3.1\n"],
    ["low>3.2\ntop\n"],
    ["quick\n", "--pre"],
    ["quick\n"],
    ["pulled\n"],
    ["pulled==2.0\nside\n"],
    ["top\nmiddle<2\n", "--resolution", "lowest"],
    ["top[more]\n", "--universal"],
    ["top\n", "--python-version", "2.7"],
    ["side\n", "--generate-hashes"],
    ["side\n", "--constraint", "limit.txt"],
    ["nobody\n"],
  ];
  test("any question has the same answer after any other as with an empty cache", async () => {
    writeFileSync(join(world.work, "override.txt"), "middle[fast]>=1\n");
    writeFileSync(join(world.work, "limit.txt"), "low<2\n");
    const alone: unknown[] = [];
    for (const [requirements, ...words] of questions) {
      forget("catalogs", "answers", "index");
      alone.push(await compile(requirements, ...words));
    }
    forget("catalogs", "answers", "index");
    for (const order of [questions, [...questions].reverse()]) {
      for (const question of order) {
        const [requirements, ...words] = question;
        forget("answers");
        expect([question, await compile(requirements, ...words)] as unknown[]).toEqual([question, alone[questions.indexOf(question)]]);
      }
    }
  }, 60_000);

  test("a page that turns out to be damaged when a version is wanted that was not noted is fetched, and the answer is right", async () => {
    forget("catalogs", "answers", "index");
    expect((await compile("top\n")).stdout).toContain("low==2.0");
    const path = listingOf("low");
    const { mtime, ino } = statSync(path);
    const bytes = readFileSync(path);
    for (let at = 0; at < bytes.length; at += 7) bytes[at] = 0;
    writeFileSync(path, bytes);
    utimesSync(path, mtime, mtime);
    expect([statSync(path).ino, statSync(path).mtimeMs]).toEqual([ino, mtime.getTime()]);
    const { status, stdout, stderr } = await compile("top\nlow<2\n");
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toContain("low==1.0");
  });

  test("a page that changed counts at once when it was asked for anew", async () => {
    expect((await compile("middle\n")).stdout).toContain("low==2.0");
    world.index.setProject("low", offered({ name: "low", version: "2.5" })["low"]);
    expect((await compile("middle\n", "--refresh")).stdout).toContain("low==2.5");
    forget("answers");
    expect((await compile("middle\n")).stdout).toContain("low==2.5");
    world.index.setProject("low", offered()["low"]);
    expect((await compile("middle\n", "--refresh")).stdout).toContain("low==2.0");
  });

  test("damaged notes are none, and are written anew", async () => {
    const { stdout } = await compile("middle\n");
    const folder = join(world.cache, "catalogs", "v1");
    for (const name of readdirSync(folder))
      writeFileSync(join(folder, name), readFileSync(join(folder, name), "utf8").replaceAll("2.0", "9.9"));
    forget("answers");
    expect((await compile("middle\n")).stdout).toBe(stdout);
    forgetMetadata();
    expect((await compile("middle\n", "--offline")).stdout).toBe(stdout);
  });

  test("notes of 16 targets are kept, and `cache clean` removes them", async () => {
    const folder = join(world.cache, "catalogs", "v1");
    for (let number = 0; number < 20; number += 1) writeFileSync(join(folder, `${number}.notes`), "");
    await compile("low\n", "--python-version", "3.8");
    expect(readdirSync(folder).length).toBe(16);
    await world.pen(["cache", "clean"]);
    expect(() => readdirSync(folder)).toThrow();
  });
});
