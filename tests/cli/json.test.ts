/** `--json` and `--json-lines`: what every command prints, against the published schema; standard output holds data and nothing else. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isGroup, type CommandGroup } from "../../src/cli/command.ts";
import { root as commands } from "../../src/cli/commands.ts";
import { schemaProblems } from "../support/json-schema.ts";
import type { Ran } from "../support/program.ts";
import { openWorld, projects, python, type World } from "../support/world.ts";

const schema = JSON.parse(readFileSync(join(import.meta.dirname, "..", "..", "docs", "schema", "output.json"), "utf8")) as {
  $defs: Record<string, Record<string, unknown>>;
};
const definition = (name: string): { $ref: string } => ({ $ref: `#/$defs/${name}` });

describe("the validator", () => {
  const cases: ReadonlyArray<readonly [value: unknown, schema: Record<string, unknown>, valid: boolean]> = [
    [1, { type: "integer" }, true],
    [1.5, { type: "integer" }, false],
    [null, { type: ["string", "null"] }, true],
    ["a", { const: "b" }, false],
    ["a", { enum: ["a"] }, true],
    ["aB", { pattern: "^[a-z]+$" }, false],
    [-1, { minimum: 0 }, false],
    [{}, { required: ["a"] }, false],
    [{ a: 1, b: 2 }, { properties: { a: { type: "integer" } }, additionalProperties: false }, false],
    [{ a: "1" }, { properties: { a: { type: "integer" } } }, false],
    [[1, "a"], { items: { type: "integer" } }, false],
    [1, { oneOf: [{ type: "integer" }, { minimum: 0 }] }, false],
    [1, { oneOf: [{ type: "integer" }, { type: "string" }] }, true],
  ];
  for (const [value, about, valid] of cases)
    test(`${JSON.stringify(value)} and ${JSON.stringify(about)}`, () =>
      expect(schemaProblems(value, about, about).length === 0).toBe(valid));
  test("knows every keyword or says so", () => expect(() => schemaProblems(1, { maximum: 3 }, {})).toThrow("maximum"));
});

test("every command has a definition", () => {
  const names = (group: CommandGroup, path: string): string[] =>
    Object.entries(group.commands).flatMap(([word, entry]) => (isGroup(entry) ? names(entry, `${path}${word} `) : [`${path}${word}`]));
  // These hand the process over to another program, and print nothing of their own.
  const others = new Set(["run", "shell", "pipenv run", "pipenv shell", "pipenv open"]);
  expect(names(commands, "").filter((name) => !others.has(name) && schema.$defs[name] === undefined)).toEqual([]);
});

describe.skipIf(python === undefined)("what the executable prints (needs a Python with venv and ensurepip)", () => {
  let world: World;
  let environment: string;
  beforeAll(async () => {
    world = await openWorld({
      projects: projects(
        { name: "app", version: "1.0", requires: ["lib<2", "gone; extra == 'more'"], extras: ["more"] },
        { name: "lib", version: "1.0" },
        { name: "lib", version: "2.0" },
        { name: "lone", version: "0.1", requires: ["not-there>1", "lib>=2"] },
      ),
    });
    environment = world.environment("env");
    writeFileSync(join(world.work, "in.txt"), "app\n");
    writeFileSync(join(world.work, "pinned.txt"), "app==1.0\nlib==1.0\n");
    writeFileSync(join(world.work, "file.whl"), "not really");
  });
  afterAll(() => world?.close());

  function check(name: string, ran: Ran): void {
    const lines = ran.stdout.trimEnd().split("\n");
    expect(lines).toHaveLength(1);
    const value: unknown = JSON.parse(ran.stdout);
    expect(value).toMatchObject({ schemaVersion: 1 });
    expect(schemaProblems(value, definition(name), schema)).toEqual([]);
  }

  function checkLines(name: string, ran: Ran): void {
    const lines = ran.stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { type: string; result?: unknown });
    const last = lines.at(-1);
    for (const line of lines.slice(0, -1)) expect(schemaProblems(line, definition("event"), schema)).toEqual([]);
    expect(schemaProblems(last, definition("lastLine"), schema)).toEqual([]);
    if (name === "error") expect(last?.type).toBe("error");
    else expect(schemaProblems(last?.result, definition(name), schema)).toEqual([]);
    expect(ran.stderr).toBe("");
  }

  /** In this order: later ones see what earlier ones did. */
  const successes: ReadonlyArray<readonly [name: string, args: string, status?: number]> = [
    ["version", "--version"],
    ["venv", "venv --clear made"],
    ["venv", "venv --clear --no-seed bare also"],
    ["venv", "venv --upgrade bare"],
    ["env set", "env set bare system-site-packages on"],
    ["env set", "env set bare inherits also"],
    ["env set", "env set bare inherits "],
    ["virtualenv", "virtualenv --no-seed --venv-redirect like"],
    ["virtualenv", "virtualenv --version"],
    ["pip install", "pip install app[more]==1.0 --exclude gone"],
    ["pip install", "pip install --dry-run --report - lone --no-deps"],
    ["pip install", "pip install lone --no-deps"],
    ["pip install", "pip install -U lib"],
    ["pip list", "pip list"],
    ["pip list", "pip list -v"],
    ["pip list", "pip list --outdated"],
    ["pip freeze", "pip freeze"],
    ["pip show", "pip show app lone nothing"],
    ["pip show", "pip show -f lib"],
    ["pip check", "pip check", 1],
    ["pip inspect", "pip inspect"],
    ["pip hash", "pip hash file.whl"],
    ["pip hash", "pip hash -a sha512 file.whl"],
    ["pip tree", "pip tree"],
    ["pip tree", "pip tree --invert --package lib"],
    ["pip compile", "pip compile in.txt"],
    ["pip compile", "pip compile in.txt -o out.txt"],
    ["pip tree", "pip tree --sizes --outdated"],
    ["pip download", "pip download -d files app"],
    ["pip wheel", "pip wheel -w files app"],
    ["pip lock", "pip lock -o - app"],
    ["pip lock", "pip lock app"],
    ["pip index", "pip index versions lib"],
    ["pip cache", "pip cache dir"],
    ["pip cache", "pip cache info"],
    ["pip cache", "pip cache list"],
    ["pip cache", "pip cache remove lone"],
    ["pip config", "pip config list"],
    ["pip config", "pip config debug"],
    ["pip config", "pip config set global.timeout 20"],
    ["pip config", "pip config get global.timeout"],
    ["pip debug", "pip debug"],
    ["pip completion", "pip completion --bash"],
    ["audit", "audit --dry-run"],
    ["migrate", "migrate --dry-run -r in.txt"],
    ["outdated", "outdated"],
    ["why", "why lib"],
    ["pip sync", "pip sync --dry-run pinned.txt"],
    ["pip sync", "pip sync pinned.txt"],
    ["pip uninstall", "pip uninstall --dry-run app nothing"],
    ["pip uninstall", "pip uninstall app nothing"],
    ["python list", "python list"],
    ["python find", "python find"],
    ["cache dir", "cache dir"],
    ["cache size", "cache size"],
    ["cache verify", "cache verify"],
    ["cache verify", "cache verify --repair"],
    ["cache prune", "cache prune"],
    ["completion", "completion bash"],
    ["completion", "completion zsh"],
    ["completion", "completion fish"],
    ["cache clean", "cache clean"],
  ];
  for (const [name, args, status = 0] of successes) {
    test(`pen ${args}`, async () => {
      // The world switches the files of pip's configuration off.
      const env = args.startsWith("pip config") ? { PIP_CONFIG_FILE: "" } : {};
      const ran = await world.pen([...args.split(" "), "--json"], { environment, env });
      expect({ status: ran.status, ...(ran.status === status ? {} : { ran }) }).toEqual({ status });
      check(name, ran);
      // A second time with the events: what was done is there already, which is an answer as well.
      if (args !== "--version") {
        const again = await world.pen([...args.split(" "), "--json-lines"], { environment, env });
        expect(again.status).toBe(status);
        checkLines(name, again);
      }
    });
  }

  const failures: readonly string[] = [
    "pip install nope",
    "pip install app>>1",
    "pip install",
    "pip install --no-such-option",
    "nonsense",
    "pip nonsense",
    "venv -p 3.99",
    "venv -p /nowhere/python",
    "pip list --python /nowhere",
    "pip hash missing.whl",
    "pip compile missing.in",
    "pip sync missing.txt",
    "python find 2.0",
    "pip tree --depth x",
    "run --python /nowhere x",
    "completion tcsh",
  ];
  for (const args of failures) {
    test(`pen ${args} fails`, async () => {
      const [before, ...rest] = args.split(" ");
      const withOption = (option: string): string[] => (before === "run" ? ["run", option, ...rest] : [...args.split(" "), option]);
      const ran = await world.pen(withOption("--json"), { environment });
      expect(ran.status).toBeGreaterThan(0);
      check("error", ran);
      expect(ran.stderr).toBe("");
      const lines = await world.pen(withOption("--json-lines"), { environment });
      expect(lines.status).toBe(ran.status);
      checkLines("error", lines);
    });
  }

  test("pen run --json: only pen's own errors are JSON", async () => {
    expect(await world.pen(["run", "--json", "python", "-c", "print('out')"], { environment })).toMatchObject({
      status: 0,
      stdout: "out\n",
    });
    check("error", await world.pen(["run", "--json", "no-such-command"], { environment }));
  });

  test("the error codes of JSON are those of the table", async () => {
    const page = readFileSync(join(import.meta.dirname, "..", "..", "docs", "errors.md"), "utf8");
    const ran = await world.pen(["pip", "install", "nope", "--json"], { environment });
    const { error } = JSON.parse(ran.stdout) as { error: { code: string } };
    expect(page).toContain(`| \`${error.code}\` | ${ran.status} |`);
  });

  test("progress of a download comes as events", async () => {
    const ran = await world.pen(["pip", "install", "--no-cache-dir", "--force-reinstall", "lone", "--no-deps", "--json-lines"], {
      environment,
    });
    const types = ran.stdout
      .trimEnd()
      .split("\n")
      .map((line) => (JSON.parse(line) as { type: string }).type);
    expect(new Set(types)).toEqual(new Set(["phase", "progress", "change", "result"]));
  });
});
