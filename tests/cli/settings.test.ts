/** Where settings come from, as a person sees it: the order of the files and variables, and `-v`. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { execute, program } from "../support/program.ts";
import { openWorld, projects, python, type World } from "../support/world.ts";

describe.skipIf(python === undefined)("settings (needs a Python with venv and ensurepip)", () => {
  let world: World;
  let environment: string;
  let home: string;
  beforeAll(async () => {
    world = await openWorld({ projects: projects({ name: "lib", version: "1.0" }, { name: "lib", version: "2.0" }) });
    environment = world.environment("env");
    home = join(world.folder, "settings-home");
    write(join(home, ".config", "pip", "pip.conf"), "[list]\nformat = freeze\n");
  });
  afterAll(() => world?.close());
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  };
  const list = async (words: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> => {
    const ran = await world.pen(["pip", "list", "-v", ...words], { environment, env: { HOME: home, PIP_CONFIG_FILE: "", ...env } });
    expect(ran).toMatchObject({ status: 0 });
    const from = /--format is (\S+) \(from (.*)\)/.exec(ran.stderr);
    const shape = ran.stdout.startsWith("[") ? "json" : ran.stdout.startsWith("Package") ? "columns" : "freeze";
    return `${shape}: ${from?.[2] ?? "the command line"}`;
  };

  test("the command line, PEN_*, PIP_*, pen.toml, pip.conf, each with its place", async () => {
    const conf = join(home, ".config", "pip", "pip.conf");
    const own = join(home, ".config", "pen", "pen.toml");
    expect(await list([])).toBe(`freeze: ${conf}, line 2, format in [list]`);
    write(own, '[pip.list]\nformat = "json"\n');
    expect(await list([])).toBe(`json: ${own}, line 2, format in [pip.list]`);
    expect(await list(["--no-config"])).toBe(`freeze: ${conf}, line 2, format in [list]`);
    expect(await list([], { PIP_FORMAT: "columns" })).toBe("columns: the variable PIP_FORMAT");
    expect(await list([], { PIP_FORMAT: "columns", PEN_FORMAT: "freeze" })).toBe("freeze: the variable PEN_FORMAT");
    expect(await list(["--format", "json"], { PEN_FORMAT: "freeze" })).toBe("json: the command line");
  });

  test("a project says which versions are wanted, to pen and not under pip's own name", async () => {
    const project = join(world.work, "project");
    write(join(project, "pyproject.toml"), '[project]\nname = "x"\n\n[tool.pen.pip]\nresolution = "lowest"\n');
    const args = ["install", "--dry-run", "lib"];
    const ran = await world.pen(["pip", ...args, "-v"], { environment, cwd: project, env: { HOME: home } });
    expect(ran.stdout).toContain("Would install lib-1.0");
    expect(ran.stderr).toContain(`--resolution is lowest (from ${join(project, "pyproject.toml")}, line 5, resolution in [tool.pen.pip])`);
    symlinkSync(program(), join(world.folder, "pip"));
    const env = { ...world.env, HOME: home, VIRTUAL_ENV: environment };
    expect((await execute(join(world.folder, "pip"), args, { cwd: project, env })).stdout).toContain("Would install lib-2.0");
  });

  test("security: a project that names an index is refused, and nothing is asked of that index", async () => {
    const project = join(world.work, "hostile");
    write(join(project, "pen.toml"), '[pip]\nindex-url = "http://127.0.0.1:9/simple"\n');
    const ran = await world.pen(["pip", "install", "lib"], { environment, cwd: project, env: { HOME: home } });
    expect(ran).toMatchObject({ status: 2, stdout: "" });
    expect(ran.stderr).toContain("A project may not set index-url");
    expect(ran.stderr).toContain("pen.toml, line 2");
    expect((await world.pen(["pip", "list"], { environment, cwd: project, env: { HOME: home } })).status).toBe(0);
  });
});
