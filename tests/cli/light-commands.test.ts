/** Commands that people wait for many times a day load no module of the runtime that they can do without: each costs as much as a dozen files. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execute } from "../support/program.ts";
import { openWorld, projects, python, type World } from "../support/world.ts";

let world: World;
let project: string;

/** What a command fetches, by the names of the modules. */
async function fetched(words: readonly string[]): Promise<string[]> {
  const list = join(world.work, "modules.txt");
  const support = join(import.meta.dirname, "../support/loaded-modules-child.ts");
  const source = join(import.meta.dirname, "../../src/cli/main.ts");
  const env = { ...world.env, SHELL: "/bin/sh", LOADED_MODULES: list };
  const { status, stderr } = await execute(process.execPath, ["--preload", support, source, ...words], { cwd: project, env });
  expect([status, status === 0 ? "" : stderr]).toEqual([0, ""]);
  return readFileSync(list, "utf8").split("\n").filter(Boolean);
}

beforeAll(async () => {
  world = await openWorld({ projects: projects({ name: "pip", version: "26.3", files: { "pip/__init__.py": "" } }) });
  project = join(world.work, "project");
  mkdirSync(project);
  writeFileSync(join(project, "Pipfile"), '[packages]\npip = "*"\n');
  writeFileSync(join(project, "wanted.txt"), "pip\n");
  // From now on each command knows the Python and has answers of the index.
  await fetched(["venv", "-p", python ?? "python3", "env"]);
  await fetched(["pipenv", "install"]);
  await fetched(["pip", "sync", "--python", "env", "wanted.txt"]);
});
afterAll(() => world.close());

const commands: Readonly<Record<string, readonly string[]>> = {
  "venv --no-seed": ["venv", "-p", python ?? "python3", "--no-seed", "bare"],
  venv: ["venv", "-p", python ?? "python3", "seeded"],
  "pip list": ["pip", "list", "--python", "env"],
  "pip freeze": ["pip", "freeze", "--python", "env"],
  "pip show": ["pip", "show", "pip", "--python", "env"],
  "pip check": ["pip", "check", "--python", "env"],
  "pip tree": ["pip", "tree", "--python", "env"],
  "pip sync with nothing to do": ["pip", "sync", "--python", "env", "wanted.txt"],
  "pipenv run": ["pipenv", "run", "true"],
  "pipenv graph": ["pipenv", "graph"],
  "pipenv verify": ["pipenv", "verify"],
  run: ["run", "true"],
  activate: ["activate", "env"],
  "env list": ["env", "list"],
};

test("what is loaded is noted", async () => {
  expect(await fetched(["venv", "--copies", "-p", python ?? "python3", "copied"])).toContain("node:fs");
});

for (const [name, words] of Object.entries(commands)) {
  test.skipIf(process.platform !== "linux")(`${name} loads neither node:fs nor node:path`, async () => {
    expect((await fetched(words)).filter((module) => module === "node:fs" || module === "node:path")).toEqual([]);
  });
}
