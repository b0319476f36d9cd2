/** What `pen explain` shows: people within 80 columns, programs by the schema, and never a character that steers a terminal. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readHost, type Host } from "#foundation";
import { runProgram } from "../../src/cli/program.ts";
import { createEnvironment } from "../../src/operations/index.ts";
import { schemaProblems } from "../support/json-schema.ts";
import { cleanEnvironment } from "../support/interpreters.ts";
import { pythons } from "../support/pythons.ts";
import { sitePackages } from "../support/world.ts";

const schema = JSON.parse(readFileSync(join(import.meta.dirname, "..", "..", "docs", "schema", "output.json"), "utf8")) as Record<
  string,
  unknown
>;
const python = pythons().at(-1);

describe.skipIf(python === undefined)("pen explain (needs a Python)", () => {
  let folder: string;
  let host: Host;
  let root: string;
  beforeAll(async () => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "pen-shown-")));
    const cwd = join(folder, "w");
    mkdirSync(cwd);
    const bin = join(folder, "b");
    mkdirSync(bin);
    symlinkSync(python?.path ?? "", join(bin, "python3"));
    const env: Record<string, string> = {
      ...cleanEnvironment(join(folder, "home")),
      PEN_CACHE_DIR: join(folder, "cache"),
      PATH: `${bin}:/bin`,
      SHELL: "/bin/bash",
    };
    host = readHost({ env, cwd, home: join(folder, "home") });
    root = (await createEnvironment({ host, path: ".venv", python: python?.path, seed: [] })).environment.root;
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  async function pen(words: readonly string[], at: Host = host): Promise<{ status: number; out: string; err: string }> {
    const seen = { out: "", err: "" };
    const terminal = {
      out: (text: string) => void (seen.out += text),
      err: (text: string) => void (seen.err += text),
      outIsTerminal: false,
      errIsTerminal: false,
      inIsTerminal: false,
      columns: 80,
    };
    const status = await runProgram(words, { terminal, calledAs: "pen", modeWords: 0, host: at });
    return { status, ...seen };
  }
  const withVariables = (env: Readonly<Record<string, string>>): Host => ({ ...host, env: { ...host.env, ...env } });

  test("the drawing, within 80 columns", async () => {
    const { status, out } = await pen(["explain"]);
    expect(status).toBe(0);
    expect(out).toStartWith("This is a virtual environment\n");
    for (const word of ["sys.prefix", "sys.base_prefix", "home = ", "pyvenv.cfg", "site-packages", "Activation", ". ", root])
      expect(out).toContain(word);
    const boxes = out.split("\n").filter((line) => /^ {2}[┌│└]/.test(line));
    expect(boxes.length).toBeGreaterThan(8);
    expect(new Set(boxes.map((line) => Array.from(line).length))).toEqual(new Set([80]));
    // What is wider is one path or one value that must stay whole.
    const wide = out.split("\n").filter((line) => Array.from(line).length > 80);
    expect(wide.filter((line) => !line.includes("/"))).toEqual([]);
  });
  test("without an environment: the global Python and the golden rule", async () => {
    const elsewhere = { ...host, cwd: folder };
    const { status, out } = await pen(["explain"], elsewhere);
    expect([status, out.includes("This is a global Python"), out.includes("The golden rule"), out.includes("pen venv")]).toEqual([
      0,
      true,
      true,
      true,
    ]);
  });
  test("JSON by the schema: environment, global, module found and not found", async () => {
    for (const [words, wanted] of [
      [[], 0],
      [[python?.path ?? ""], 0],
      [["--module", "json"], 0],
      [["--module", "xml.etree"], 0],
      [["--module", "no_such"], 1],
    ] as const) {
      const { status, out } = await pen(["explain", ...words, "--json"]);
      expect(status).toBe(wanted);
      expect(schemaProblems(JSON.parse(out), { $ref: "#/$defs/explain" }, schema)).toEqual([]);
    }
  });
  test("what activation would change is what the script does", async () => {
    const before = { ...(host.env as Record<string, string>), PYTHONHOME: "/somewhere" };
    const { out } = await pen(["explain", "--json"], withVariables({ PYTHONHOME: "/somewhere" }));
    const { activation } = JSON.parse(out) as {
      activation: { active: boolean; command: string; changes: Array<{ variable: string; before: string | null; after: string | null }> };
    };
    expect(activation.active).toBe(false);
    const names = ["PATH", "VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT", "PYTHONHOME", "PKG_CONFIG_PATH"];
    const show = names.map((name) => `echo "\${${name}-unset}"`).join("; ");
    const ran = spawnSync("/bin/sh", ["-c", `${activation.command}; ${show}`], { env: before, encoding: "utf8" });
    const after = Object.fromEntries(activation.changes.map((change) => [change.variable, change.after ?? "unset"]));
    expect(ran.stdout.trim().split("\n")).toEqual(names.map((name) => after[name] ?? "no change"));
  });
  test("active already: nothing changes, and the words are this environment's", async () => {
    const active = withVariables({
      VIRTUAL_ENV: root,
      PATH: `${root}/bin:/bin`,
      VIRTUAL_ENV_PROMPT: ".venv",
      PKG_CONFIG_PATH: `${root}/lib/pkgconfig`,
    });
    const { activation, commands } = JSON.parse((await pen(["explain", "--json"], active)).out) as {
      activation: { active: boolean; changes: unknown[] };
      commands: Array<{ name: string; owner: string }>;
    };
    expect(activation).toMatchObject({ active: true, changes: [] });
    expect(commands.find(({ name }) => name === "python")?.owner).toBe("this");
  });
  test("the words in the shell: another environment's, a global one, none", async () => {
    const other = (await createEnvironment({ host, path: "other", python: python?.path, seed: [] })).environment.root;
    const busy = withVariables({ VIRTUAL_ENV: other, PATH: `${other}/bin:${folder}/b` });
    const { commands, notes, activation } = JSON.parse((await pen(["explain", root, "--json"], busy)).out) as {
      commands: unknown[];
      notes: Array<{ code: string }>;
      activation: { changes: Array<{ variable: string; after: string }> };
    };
    expect(commands).toMatchObject([
      { name: "python", owner: "other", environment: other, after: `${root}/bin/python` },
      {},
      { name: "pip", owner: "none", path: null, after: null },
    ]);
    expect(notes.map(({ code }) => code)).toEqual(["other-environment"]);
    expect(activation.changes.find(({ variable }) => variable === "PATH")?.after).toBe(`${root}/bin:${folder}/b`);
    const outside = JSON.parse((await pen(["explain", root, "--json"])).out) as { commands: Array<{ name: string; owner: string }> };
    expect(outside.commands.find(({ name }) => name === "python3")?.owner).toBe("global");
  });
  test("foreign variables are told of", async () => {
    const { out } = await pen(["explain"], withVariables({ PYTHONPATH: "/x", PYTHONHOME: "/y", CONDA_PREFIX: "/c" }));
    for (const hint of ["unset PYTHONHOME", "unset PYTHONPATH", "conda deactivate"]) expect(out).toContain(`→ ${hint}`);
  });
  test("a place without an environment and a broken one say so", async () => {
    mkdirSync(join(folder, "w", "empty"));
    expect(await pen(["explain", "empty"])).toMatchObject({ status: 1, out: "" });
    const broken = (await createEnvironment({ host, path: "broken", python: python?.path, seed: [] })).environment.root;
    rmSync(join(broken, "bin", "python"));
    symlinkSync("/nowhere/python", join(broken, "bin", "python"));
    writeFileSync(join(broken, "pyvenv.cfg"), "home = /nowhere\n");
    const { status, err } = await pen(["explain", "broken"]);
    expect([status, err.includes("ENV_BROKEN")]).toEqual([1, true]);
  });
  test("control characters of names and files never arrive", async () => {
    const attack = "\u001b]0;owned\u0007\u001b[2J";
    const hostile = (await createEnvironment({ host, path: `a${attack}b`, python: python?.path, seed: [] }).catch(() => undefined))
      ?.environment.root;
    const place = hostile ?? root;
    mkdirSync(join(sitePackages(place), `x${attack}`));
    writeFileSync(join(sitePackages(place), `a${attack}.pth`), `x${attack}\nimport os; "${attack}"\n`);
    writeFileSync(join(place, "pyvenv.cfg"), `${readFileSync(join(place, "pyvenv.cfg"), "utf8")}no${attack}te = ${attack}\n`);
    const { status, out } = await pen(["explain", place]);
    expect(status).toBe(0);
    expect(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/.exec(out)).toBeNull();
  });
});
