/** `pen why` and `pen outdated`, in an environment alone, in a project, and by a lock. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { schemaProblems } from "../support/json-schema.ts";
import type { Ran } from "../support/program.ts";
import { openWorld, projects, python, type World } from "../support/world.ts";

const schema = JSON.parse(readFileSync(join(import.meta.dirname, "..", "..", "docs", "schema", "output.json"), "utf8")) as {
  $defs: Record<string, Record<string, unknown>>;
};

describe.skipIf(python === undefined)("pen why and pen outdated (needs a Python with venv and ensurepip)", () => {
  let world: World;
  let project: string;
  let alone: string;
  beforeAll(async () => {
    world = await openWorld({
      projects: projects(
        { name: "Web", version: "1.0", requires: ["core<2", "tool; extra == 'more'", "win; sys_platform == 'win32'"], extras: ["more"] },
        { name: "tests", version: "1.0", requires: ["web>=1", "core>=1"] },
        { name: "core", version: "1.0", requires: ["leaf", "web; extra == 'circle'"], served: { uploadTime: "2024-01-01T00:00:00Z" } },
        { name: "core", version: "2.0", served: { uploadTime: "2024-02-01T00:00:00Z" } },
        { name: "leaf", version: "1.0", served: { uploadTime: "2024-01-01T00:00:00Z" } },
        { name: "leaf", version: "1.1", served: { uploadTime: "2024-03-01T00:00:00Z" } },
        { name: "tool", version: "1.0" },
        { name: "tool", version: "1.1", served: { yanked: "it bites" } },
        { name: "early", version: "1.0" },
        { name: "early", version: "1.1" },
        { name: "early", version: "2.0rc1" },
        { name: "newpy", version: "1.0" },
        { name: "newpy", version: "2.0", served: { requiresPython: ">=4.1" } },
        { name: "binary", version: "1.0" },
        { name: "binary", version: "2.0", tag: "cp39-cp39-win_amd64" },
        { name: "win", version: "1.0" },
      ),
    });
    project = join(world.work, "project");
    mkdirSync(project);
    const source = `[[source]]\nurl = "${world.index.indexUrl}"\nverify_ssl = true\nname = "here"\n`;
    writeFileSync(
      join(project, "Pipfile"),
      `${source}\n[packages]\nweb = {version = "*", extras = ["more"]}\nearly = "<3"\n\n[dev-packages]\ntests = "*"\nleaf = "*"\n`,
    );
    const entry = (version: string): { version: string } => ({ version: `==${version}` });
    const lock = {
      _meta: { hash: { sha256: "0" }, "pipfile-spec": 6, requires: {}, sources: [] },
      default: { web: entry("1.0"), core: entry("1.0"), leaf: entry("1.0"), tool: entry("1.0"), early: entry("1.0"), win: entry("1.0") },
      develop: { tests: entry("1.0") },
    };
    writeFileSync(join(project, "Pipfile.lock"), JSON.stringify(lock));
    world.environment("project/.venv");
    alone = world.environment("alone");
    await world.pen(["pip", "install", "web[more]", "tests", "leaf==1.0", "tool==1.0", "early==1.0"], { cwd: project });
    await world.pen(["pip", "install", "web", "leaf==1.0", "newpy==1.0", "binary==1.0"], { environment: alone });
  });
  afterAll(() => world?.close());

  const inProject = (...words: readonly string[]): Promise<Ran> => world.pen(words, { cwd: project });
  const json = async (name: string, ...words: readonly string[]): Promise<Record<string, unknown>> => {
    const { stdout } = await inProject(name, "--json", ...words);
    const value = JSON.parse(stdout) as Record<string, unknown>;
    expect(schemaProblems(value, { $ref: `#/$defs/${name}` }, schema)).toEqual([]);
    return value;
  };

  test("why: every chain from the Pipfile, the shortest first", async () => {
    const ran = await inProject("why", "leaf");
    expect(ran.stdout).toBe(`leaf 1.0 is here because

  the Pipfile asks for leaf ([dev-packages], line 12)

  the Pipfile asks for tests ([dev-packages], line 11)
    └─ tests 1.0 requires core>=1
      └─ core 1.0 requires leaf

  the Pipfile asks for web[more] ([packages], line 7)
    └─ Web 1.0 requires core<2
      └─ core 1.0 requires leaf

  the Pipfile asks for tests ([dev-packages], line 11)
    └─ tests 1.0 requires web>=1
      └─ Web 1.0 requires core<2
        └─ core 1.0 requires leaf
`);
    expect((await json("why", "leaf", "--most", "2"))["more"]).toBe(true);
  });

  test("why: extras that somebody asked for count, others and circles do not", async () => {
    const tool = await json("why", "tool");
    expect(tool["chains"]).toMatchObject([
      { root: { name: "web", category: "packages" }, links: [{ name: "Web", requires: "tool; extra == 'more'" }] },
      { root: { name: "tests" }, links: [{ name: "tests" }, { name: "Web" }] },
    ]);
    expect((await json("why", "web"))["chains"]).toHaveLength(2);
  });

  test("why --locked asks the sources, and knows of other platforms; both without an environment of its own", async () => {
    const win = await json("why", "--locked", "win");
    expect(win).toMatchObject({
      source: { kind: "lock" },
      chains: [{ root: { name: "web" }, links: [{ requires: "win; sys_platform == 'win32'" }] }, {}],
    });
    const none = await inProject("why", "win");
    expect([none.status, none.stderr.includes("pen why --locked win")]).toEqual([1, true]);
  });

  test("why in an environment alone", async () => {
    const ran = await world.pen(["why", "core"], { environment: alone });
    expect(ran.stdout).toBe("core 1.0 is here because\n\n  Web was asked for by itself\n    └─ Web 1.0 requires core<2\n");
  });

  test("outdated: each with what holds it back", async () => {
    const ran = await inProject("outdated");
    expect(ran.stdout).toBe(
      [
        "Package Version Wanted Latest Held back by",
        "------- ------- ------ ------ ---------------------------",
        "core    1.0     1.0    2.0    Web 1.0 requires core<2",
        "early   1.0     1.1    2.0rc1 it is a pre-release (--pre)",
        "leaf    1.0     1.1    1.1",
        "tool    1.0     1.0    1.1    it was yanked: it bites",
        "",
      ].join("\n"),
    );
    expect((await inProject("outdated", "--pre", "--direct", "--locked")).stdout).toContain("early   1.0     2.0rc1 2.0rc1\n");
    expect((await inProject("outdated", "--check")).status).toBe(1);
  });

  test("outdated: the Python, files that do not fit, and dates", async () => {
    const words = ["outdated", "--json", "--index-url", world.index.indexUrl];
    const ran = await world.pen([...words, "--exclude-newer", "2024-02-15"], { environment: alone });
    const value = JSON.parse(ran.stdout) as { packages: Array<{ name: string; wanted: string; reasons: unknown[] }> };
    expect(schemaProblems(value, { $ref: "#/$defs/outdated" }, schema)).toEqual([]);
    const of = (name: string): unknown => value.packages.find((one) => one.name === name);
    expect(of("leaf")).toMatchObject({ wanted: "1.0", reasons: [{ kind: "excluded-newer", uploaded: "2024-03-01T00:00:00.000Z" }] });
    const later = await world.pen(words, { environment: alone });
    const all = JSON.parse(later.stdout) as typeof value;
    expect(all.packages.find(({ name }) => name === "newpy")).toMatchObject({
      wanted: "1.0",
      reasons: [{ kind: "requires-python", requires: ">=4.1" }],
    });
    expect(all.packages.find(({ name }) => name === "binary")).toMatchObject({ wanted: "1.0", reasons: [{ kind: "no-wheel" }] });
    expect(all.packages.find(({ name }) => name === "leaf")).toMatchObject({ wanted: "1.1", reasons: [] });
  });
});
