/** `pen env remove` and `pen env prune`: what they delete, and all that they must never delete. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { readHost, type Host } from "#foundation";
import { runProgram } from "../../src/cli/program.ts";
import { createEnvironment, pruneEnvironments, removeEnvironments } from "../../src/operations/index.ts";
import { cleanEnvironment } from "../support/interpreters.ts";
import { schemaProblems } from "../support/json-schema.ts";
import { pythons } from "../support/pythons.ts";
import { sitePackages } from "../support/world.ts";

const schema = JSON.parse(readFileSync(join(import.meta.dirname, "..", "..", "docs", "schema", "output.json"), "utf8")) as Record<
  string,
  unknown
>;
const python = pythons().at(-1);

describe.skipIf(python === undefined)("deleting environments (needs a Python)", () => {
  let folder: string;
  let host: Host;
  let count = 0;
  beforeAll(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "pen-removal-")));
    mkdirSync(join(folder, "work"));
    const env: Record<string, string> = {
      ...cleanEnvironment(join(folder, "home")),
      PEN_CACHE_DIR: join(folder, "cache"),
      WORKON_HOME: join(folder, "envs"),
      PYENV_ROOT: join(folder, "none"),
    };
    mkdirSync(join(folder, "home"), { recursive: true });
    host = readHost({ env, cwd: join(folder, "work"), home: join(folder, "home") });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const make = async (path = `envs/e${(count += 1)}`): Promise<string> => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    return (await createEnvironment({ host, path: join(folder, path), python: python?.path, seed: [] })).environment.root;
  };
  const age = (root: string, days: number): void => {
    const then = new Date(Date.now() - days * 86_400_000);
    for (const name of ["pyvenv.cfg", ...readdirSync(join(root, "bin")).flatMap((one) => (/activate/i.test(one) ? [`bin/${one}`] : []))])
      utimesSync(join(root, name), then, then);
    utimesSync(sitePackages(root), then, then);
  };
  const pen = async (words: readonly string[], at = host): Promise<{ status: number; out: string; err: string }> => {
    const seen = { out: "", err: "" };
    const terminal = {
      out: (text: string) => void (seen.out += text),
      err: (text: string) => void (seen.err += text),
      outIsTerminal: false,
      errIsTerminal: false,
      inIsTerminal: false,
      columns: 80,
    };
    return { status: await runProgram(words, { terminal, calledAs: "pen", modeWords: 0, host: at }), ...seen };
  };

  test("by path and by name; nothing is left beside", async () => {
    const one = await make("envs/first");
    const two = await make("work/second");
    const report = await removeEnvironments({ host, names: ["first", "second", "./second"] });
    expect(report).toMatchObject({ done: true, environments: [{ path: one }, { path: two }] });
    expect([existsSync(one), existsSync(two), readdirSync(dirname(one)), readdirSync(dirname(two))]).toEqual([false, false, [], []]);
  });
  test("one that is broken", async () => {
    const root = await make();
    rmSync(join(root, "bin", "python"));
    symlinkSync("/nowhere", join(root, "bin", "python"));
    expect((await removeEnvironments({ host, names: [root] })).done).toBe(true);
    expect(existsSync(root)).toBe(false);
  });
  test("links inside are removed, and what they lead to stays", async () => {
    const outside = join(folder, "outside");
    mkdirSync(outside);
    writeFileSync(join(outside, "kept"), "");
    const root = await make();
    symlinkSync(outside, join(sitePackages(root), "folder"));
    symlinkSync(join(outside, "kept"), join(root, "bin", "file"));
    await removeEnvironments({ host, names: [root] });
    expect([existsSync(root), existsSync(join(outside, "kept"))]).toEqual([false, true]);
  });

  test("a name of `pen env list`, also where a folder of that name is something else", async () => {
    const root = await make("envs/shown");
    mkdirSync(join(folder, "work", "shown"));
    await removeEnvironments({ host, names: ["shown"] });
    expect([existsSync(root), existsSync(join(folder, "work", "shown"))]).toEqual([false, true]);
    await expect(removeEnvironments({ host, names: ["shown"] })).rejects.toMatchObject({ code: "ENV_EXISTS" });
    const own = await make("far/app/.venv");
    await removeEnvironments({ host, names: ["app"] });
    expect([existsSync(own), existsSync(join(folder, "far", "app"))]).toEqual([false, true]);
  });

  describe("never deleted", () => {
    const refuses = async (root: string, code: string, at = host): Promise<void> => {
      const other = await make();
      let error: unknown;
      await removeEnvironments({ host: at, names: [other, root] }).catch((thrown: unknown) => void (error = thrown));
      expect(error).toMatchObject({ code });
      // The one before it is not deleted either.
      expect([existsSync(root), existsSync(other)]).toEqual([true, true]);
    };
    test("a folder that is no environment, a file", async () => {
      const root = join(folder, "plain");
      mkdirSync(join(root, "bin"), { recursive: true });
      writeFileSync(join(root, "bin", "python"), "");
      await refuses(root, "ENV_EXISTS");
      await refuses(join(root, "bin", "python"), "ENV_EXISTS");
      writeFileSync(join(folder, "envs", "stray"), "");
      await refuses(join(folder, "envs", "stray"), "ENV_EXISTS");
    });
    test("a link to an environment", async () => {
      const root = await make();
      symlinkSync(root, join(folder, "link"));
      await refuses(join(folder, "link"), "ENV_EXISTS");
      expect(existsSync(root)).toBe(true);
    });
    test("an environment that a project lives in", async () => {
      const root = await make();
      writeFileSync(join(root, "app.py"), "");
      await refuses(root, "ENV_EXISTS");
    });
    test("an environment that is, or holds, the working directory or the home folder", async () => {
      const root = await make();
      await refuses(root, "ENV_EXISTS", { ...host, cwd: join(root, "lib") });
      await refuses(root, "ENV_EXISTS", { ...host, home: root });
      const link = join(folder, "to lib");
      symlinkSync(join(root, "lib"), link);
      await refuses(root, "ENV_EXISTS", { ...host, cwd: link });
    });
    test("the active environment, by whatever name", async () => {
      const root = await make();
      symlinkSync(root, join(folder, "link to active"));
      for (const active of [root, join(folder, "link to active")])
        await refuses(root, "ENV_EXISTS", { ...host, env: { ...host.env, VIRTUAL_ENV: active } });
    });
    test("an environment that another one inherits from, unless both go", async () => {
      const root = await make();
      const heir = (await createEnvironment({ host, path: join(folder, "envs", "heir"), python: python?.path, seed: [], inherit: [root] }))
        .environment.root;
      await refuses(root, "ENV_EXISTS");
      age(root, 100);
      const pruned = await pruneEnvironments({ host, unusedDays: 90 });
      expect([pruned.kept.map(({ path }) => path), existsSync(root)]).toEqual([[root], true]);
      await removeEnvironments({ host, names: [root, heir] });
      expect([existsSync(root), existsSync(heir)]).toEqual([false, false]);
    });
    test("conda's base and conda's environments, with or without a pyvenv.cfg that somebody put there", async () => {
      const root = join(folder, "home", "miniconda3");
      mkdirSync(join(root, "conda-meta"), { recursive: true });
      await refuses(root, "ENV_EXISTS");
      const made = await make();
      mkdirSync(join(made, "conda-meta"));
      await refuses(made, "ENV_EXISTS");
    });
    test("the root of the file system and the home folder", async () => {
      await expect(removeEnvironments({ host, names: ["/"] })).rejects.toMatchObject({ code: "ENV_EXISTS" });
      await refuses(join(folder, "home"), "ENV_EXISTS");
    });
    test("an installation of Python", async () => {
      const root = await make();
      writeFileSync(join(sitePackages(root), "..", "os.py"), "");
      await refuses(root, "ENV_EXISTS");
    });
    test("a name that nobody has, and one that several have", async () => {
      await make("home/.virtualenvs/same");
      await make("envs/same");
      await expect(removeEnvironments({ host, names: ["no-such"] })).rejects.toMatchObject({ code: "ENV_NOT_FOUND" });
      await expect(removeEnvironments({ host, names: [""] })).rejects.toMatchObject({ code: "ENV_NOT_FOUND" });
      await expect(removeEnvironments({ host, names: ["same"] })).rejects.toMatchObject({ code: "USAGE" });
      await expect(removeEnvironments({ host, names: ["../.."] })).rejects.toMatchObject({ code: "ENV_EXISTS" });
    });
    test("what took the place of the environment while the question stood", async () => {
      const root = await make();
      const confirm = (): boolean => {
        renameSync(root, `${root} away`);
        mkdirSync(root);
        writeFileSync(join(root, "precious"), "");
        return true;
      };
      await expect(removeEnvironments({ host, names: [root], confirm })).rejects.toMatchObject({ code: "ENV_EXISTS" });
      expect(readdirSync(root)).toEqual(["precious"]);
      rmSync(root, { recursive: true });
    });
  });

  test("prune: by age; the active, the project's and the tools' ones stay", async () => {
    const roots = [
      await make("envs/old"),
      await make("envs/young"),
      await make("work/.venv"),
      await make("home/.local/share/pipx/venvs/black"),
      await make("envs/active"),
      await make("envs/mixed"),
    ];
    for (const root of roots) age(root, root.endsWith("young") ? 80 : 100);
    writeFileSync(join(folder, "envs", "mixed", "notes.txt"), "");
    const at = { ...host, env: { ...host.env, VIRTUAL_ENV: join(folder, "envs", "active") } };
    const dry = await pruneEnvironments({ host: at, unusedDays: 90, confirm: () => false });
    expect(dry).toMatchObject({
      done: false,
      environments: [{ path: join(folder, "envs", "old") }],
      kept: [{ path: join(folder, "envs", "mixed") }],
    });
    expect(roots.every((root) => existsSync(root))).toBe(true);
    const report = await pruneEnvironments({ host: at, unusedDays: 90 });
    expect(report.done).toBe(true);
    expect(roots.map((root) => existsSync(root))).toEqual([false, true, true, true, true, true]);
  });

  test("the commands: a list first, nothing without --yes, JSON by the schema", async () => {
    const root = await make("envs/asked");
    const asked = await pen(["env", "remove", "asked"]);
    expect([asked.status, asked.err.includes(root), asked.out.includes("--yes"), existsSync(root)]).toEqual([1, true, true, true]);
    const dry = await pen(["env", "remove", "asked", "--dry-run"]);
    expect([dry.status, dry.out.startsWith("Would delete 1 environment"), existsSync(root)]).toEqual([0, true, true]);
    const json = await pen(["env", "remove", "asked", "--json"]);
    expect([json.status, existsSync(root), schemaProblems(JSON.parse(json.out), { $ref: "#/$defs/env remove" }, schema)]).toEqual([
      1,
      true,
      [],
    ]);
    age(root, 400);
    const pruned = await pen(["env", "prune", "--unused", "1y", "--yes", "--json"]);
    expect([pruned.status, existsSync(root), schemaProblems(JSON.parse(pruned.out), { $ref: "#/$defs/env prune" }, schema)]).toEqual([
      0,
      false,
      [],
    ]);
    expect((await pen(["env", "prune", "--unused", "50y"])).out).toBe("Nothing to delete.\n");
    for (const text of ["", "90", "0d", "-1d", "9".repeat(9), "1h"]) expect((await pen(["env", "prune", "--unused", text])).status).toBe(2);
    expect((await pen(["env", "remove"])).status).toBe(2);
  });
});
