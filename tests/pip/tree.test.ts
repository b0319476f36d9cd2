/** `pen pip tree` and the options of `list`, each with what it shows. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { openWorld, projects, python, type World } from "../support/world.ts";

describe.skipIf(python === undefined)("pen pip tree (needs a Python with venv and ensurepip)", () => {
  let world: World;
  let environment: string;
  beforeAll(async () => {
    world = await openWorld({
      projects: projects(
        { name: "app", version: "1.0", requires: ["middle>=1", "leaf"] },
        { name: "middle", version: "1.0", requires: ["leaf<2"] },
        { name: "leaf", version: "1.0", files: { "leaf.py": `text = "${"x".repeat(5000)}"\n` } },
        { name: "leaf", version: "2.0" },
        { name: "leaf", version: "3.0a1" },
        { name: "alone", version: "1.0" },
      ),
    });
    environment = world.bareEnvironment("env");
    expect((await world.pen(["pip", "install", "-q", "app", "alone", "leaf<2"], { environment })).status).toBe(0);
  });
  afterAll(() => world?.close());

  const lines = async (...words: readonly string[]): Promise<string[]> => {
    const ran = await world.pen(["pip", "tree", ...words], { environment });
    expect(ran).toMatchObject({ status: 0, stderr: "" });
    return ran.stdout.trimEnd().split("\n");
  };

  test("from what nobody needs, each package once in full", async () => {
    const all = await lines();
    expect(all.filter((line) => /^\w/.test(line))).toEqual(["alone v1.0", "app v1.0"]);
    expect(all.some((line) => /── leaf v1\.0 \(<2\)/.test(line))).toBe(true);
    expect(all.length).toBe(5);
  });
  test("--invert: who needs a package", async () => {
    const all = await lines("--invert", "--package", "leaf");
    expect(all[0]).toStartWith("leaf v1.0");
    expect(all.slice(1).map((line) => /(app|middle)/.exec(line)?.[1])).toContain("middle");
    expect(all.join("\n")).toContain("app v1.0");
  });
  test("--depth", async () => {
    expect(await lines("--depth", "0")).toEqual(["alone v1.0", "app v1.0"]);
    expect((await lines("--depth", "1")).length).toBe(4);
    expect((await world.pen(["pip", "tree", "--depth", "few"], { environment })).status).toBe(2);
  });
  test("--sizes", async () => {
    const leaf = (await lines("--sizes", "--package", "leaf"))[0] ?? "";
    expect(leaf).toMatch(/^leaf v1\.0 \d+(\.\d+)? (B|KiB|kB)/);
  });
  test("--outdated, and --pre", async () => {
    expect((await lines("--outdated", "--package", "leaf"))[0]).toBe("leaf v1.0 (latest: v2.0)");
    expect((await lines("--outdated", "--pre", "--package", "leaf"))[0]).toBe("leaf v1.0 (latest: v3.0a1)");
    expect((await lines("--outdated", "--package", "alone"))[0]).toBe("alone v1.0");
  });
  test("--json", async () => {
    const ran = await world.pen(["pip", "tree", "--package", "middle", "--json"], { environment });
    const { items } = JSON.parse(ran.stdout) as {
      items: ReadonlyArray<{ name: string; children: ReadonlyArray<{ name: string; required: string }> }>;
    };
    expect(items).toMatchObject([{ name: "middle", children: [{ name: "leaf", required: "<2" }] }]);
  });
});
