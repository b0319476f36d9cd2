/**
 * The manual says what a person sees: every `console` block of docs/environments.md is typed into one bash, block after block, and what it prints
 * must be what stands there. Lines that begin with `$ ` are typed; `…` stands for any text, and a line of its own for any lines.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { examplesOf, linesOf, matches, printedBy, scriptOf } from "./support/manual.ts";
import { execute, program } from "./support/program.ts";
import { openWorld, projects, python, type World } from "./support/world.ts";

const page = readFileSync(join(import.meta.dirname, "..", "docs", "environments.md"), "utf8");

const examples = examplesOf(page);

describe.skipIf(python === undefined)("docs/environments.md (needs a Python with venv and ensurepip)", () => {
  let world: World;
  let printed: string[];

  beforeAll(async () => {
    world = await openWorld({
      projects: projects(
        { name: "pip", version: "26.0" },
        { name: "Django", version: "4.2" },
        { name: "Django", version: "5.2" },
        { name: "psycopg2-binary", version: "2.9.10", files: { "psycopg2/__init__.py": "__version__ = '2.9.10'\n" } },
        { name: "psycopg", version: "3.2.3", files: { "psycopg/__init__.py": "__version__ = '3.2.3'\n" } },
      ),
    });
    const bin = join(world.folder, "bin");
    mkdirSync(bin);
    symlinkSync(program(), join(bin, "pen"));
    symlinkSync(python ?? "", join(bin, "python3"));
    const home = world.env["HOME"] ?? world.folder;
    mkdirSync(home, { recursive: true });
    // A person has a configuration of pip, which the guard writes into.
    const { PIP_CONFIG_FILE: _none, ...rest } = world.env;
    const env = { ...rest, PATH: `${bin}:/usr/bin:/bin`, SHELL: "/bin/bash", PS1: "$ " };
    const ran = await execute("/bin/bash", ["--norc", "-c", `exec 2>&1\n${scriptOf(examples)}`], { cwd: home, env });
    expect(ran.status).toBe(0);
    printed = printedBy(ran.stdout);
  });
  afterAll(() => world?.close());

  test("the comparison bites", () => {
    expect(matches(["ok /a/b"], ["ok …/b"])).toBe(true);
    for (const [said, pattern] of [
      [["ok /a/c"], ["ok …/b"]],
      [["one", "two"], ["one"]],
      [[], ["one"]],
      [["one"], []],
      [
        ["a", "b", "c"],
        ["a", "…", "d"],
      ],
    ] as const)
      expect([said, pattern, matches(said, pattern)]).toEqual([said, pattern, false]);
  });

  test("there are examples, and all were typed", () => {
    expect(examples.length).toBeGreaterThan(20);
    expect(printed.length).toBe(examples.length + 1);
  });

  for (const [at, { heading, command, output }] of examples.entries()) {
    test(`${heading}: ${command}`, () => {
      const said = linesOf(printed[at] ?? "");
      if (!matches(said, output)) expect(said.join("\n")).toBe(output.join("\n"));
    });
  }
});
