/** Environments by name: `pen env create`, `pen env use`, and every command that takes ENV. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { readHost, type Host } from "#foundation";
import { runProgram } from "../../src/cli/program.ts";
import {
  activate,
  createEnvironment,
  createNamedEnvironment,
  diagnose,
  disuseEnvironment,
  explain,
  list,
  listEnvironments,
  planRun,
  removeEnvironments,
  setTrust,
  useEnvironment,
} from "../../src/operations/index.ts";
import { cleanEnvironment } from "../support/interpreters.ts";
import { schemaProblems } from "../support/json-schema.ts";
import { pythons } from "../support/pythons.ts";

const schema = JSON.parse(readFileSync(join(import.meta.dirname, "..", "..", "docs", "schema", "output.json"), "utf8")) as Record<
  string,
  unknown
>;
const python = pythons().at(-1);

describe.skipIf(python === undefined)("environments by name (needs a Python)", () => {
  let folder: string;
  let host: Host;
  let kept: string;
  beforeAll(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "pen-named-")));
    mkdirSync(join(folder, "work"));
    const env = {
      ...cleanEnvironment(join(folder, "home")),
      PEN_CACHE_DIR: join(folder, "cache"),
      PYENV_ROOT: join(folder, "none"),
      WORKON_HOME: join(folder, "workon"),
    };
    host = readHost({ env, cwd: join(folder, "work"), home: join(folder, "home") });
    kept = join(folder, "home", ".local", "share", "pen", "environments");
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const options = (): { host: Host; python: string | undefined; seed: readonly string[] } => ({ host, python: python?.path, seed: [] });
  const create = async (name: string): Promise<string> => (await createNamedEnvironment({ ...options(), name })).environment.root;
  const workon = async (name: string): Promise<string> => {
    mkdirSync(join(folder, "workon"), { recursive: true });
    return (await createEnvironment({ ...options(), path: join(folder, "workon", name) })).environment.root;
  };
  const project = (name: string): string => {
    mkdirSync(join(folder, name));
    return join(folder, name);
  };
  const redirect = (at: string): string => readFileSync(join(at, ".venv"), "utf8");
  const pen = async (words: readonly string[], at: Partial<Host> = {}): Promise<{ status: number; out: string; err: string }> => {
    const seen = { out: "", err: "" };
    const terminal = {
      out: (text: string) => void (seen.out += text),
      err: (text: string) => void (seen.err += text),
      outIsTerminal: false,
      errIsTerminal: false,
      inIsTerminal: false,
      columns: 80,
    };
    return { status: await runProgram(words, { terminal, calledAs: "pen", modeWords: 0, host: { ...host, ...at } }), ...seen };
  };

  test("made in pen's data folder, shown by its name, not made twice", async () => {
    const root = await create("science");
    expect(root).toBe(join(kept, "science"));
    expect((await listEnvironments({ host })).find(({ path }) => path === root)).toMatchObject({ name: "science", place: "named" });
    await expect(create("science")).rejects.toMatchObject({ code: "ENV_EXISTS" });
    expect((await createNamedEnvironment({ ...options(), name: "science", clear: true })).environment.root).toBe(root);
  });

  test("hostile names are refused, and nothing is made", async () => {
    const names = [
      "",
      ".",
      "..",
      "../x",
      "a/b",
      "/etc",
      "-x",
      "--help",
      ".hidden",
      "a b",
      "a\nb",
      "a\0b",
      "a\\b",
      "~",
      "$(x)",
      "`x`",
      "a:b",
      "*",
    ];
    const pythonNames = ["3.12", "311", "python", "python3", "pypy", "py39", ">=3.9", "cp312"];
    const systemNames = ["con", "NUL", "com1.txt", "end.", "x".repeat(101), "\u202etxt"];
    for (const name of [...names, ...pythonNames, ...systemNames]) {
      await expect(create(name)).rejects.toMatchObject({ code: "USAGE" });
      if (name !== "" && !/[/\\]|^\.\.?$/.test(name))
        await expect(useEnvironment({ ...options(), name })).rejects.toMatchObject({ code: "USAGE" });
    }
    expect(existsSync(join(folder, "work", ".venv"))).toBe(false);
    for (const name of ["a", "web-2", "a.b_c+d", "\u00e9tude", "\u79d1\u5b66"]) expect(await create(name)).toBe(join(kept, name));
  });

  describe("every command that takes ENV takes a name", () => {
    const commands: ReadonlyArray<readonly [name: string, root: (text: string) => Promise<string | undefined>]> = [
      ["activate", async (text) => (await activate({ host, path: text, shell: "bash" })).root],
      ["explain", async (text) => (await explain({ host, environment: text })).environment ?? undefined],
      ["doctor", async (text) => (await diagnose({ host, environment: text }))[0]?.path],
      ["pip --python", async (text) => (await list({ host, python: text })).environment?.root],
      ["run --python", async (text) => (await planRun({ host, python: text, command: ["python"] })).env["VIRTUAL_ENV"]],
      ["hook allow", async (text) => setTrust({ host, path: text, trust: "trusted" })],
    ];
    for (const [command, root] of commands) {
      test(command, async () => {
        expect(await root("science")).toBe(join(kept, "science"));
        if (!existsSync(join(folder, "workon", "job"))) await workon("job");
        expect(await root("job")).toBe(join(folder, "workon", "job"));
        // A folder here that is an environment is meant first, any other folder is not.
        if (!existsSync(join(folder, "work", "a"))) {
          await createEnvironment({ ...options(), path: join(folder, "work", "a") });
          mkdirSync(join(folder, "work", "science"));
        }
        expect(await root("a")).toBe(join(folder, "work", "a"));
        expect(await root("science")).toBe(join(kept, "science"));
        await expect(root("../../science")).rejects.toMatchObject({ name: "PenError" });
      });
    }
    test("a name that is nearly right: the error tells of it", async () => {
      for (const words of [
        ["activate", "scienec", "--shell", "bash"],
        ["explain", "scienec"],
        ["env", "doctor", "scienec"],
        ["env", "remove", "scienec"],
        ["pip", "list", "--python", "scienec"],
      ]) {
        const { status, err } = await pen(words);
        expect([words, status, /hint: .*\bscience\b/.test(err)]).toEqual([words, 1, true]);
      }
    });
    test("a word that means a Python means that in --python, whatever environments are called", async () => {
      await workon("3.77");
      expect((await activate({ host, path: "3.77", shell: "bash" })).root).toBe(join(folder, "workon", "3.77"));
      await expect(list({ host, python: "3.77" })).rejects.toMatchObject({ code: "PYTHON_NOT_FOUND" });
    });
    test("remove", async () => {
      const root = await create("short-lived");
      await removeEnvironments({ host, names: ["short-lived"] });
      expect(existsSync(root)).toBe(false);
    });
  });

  describe("pen env use", () => {
    test("ties the folder by a file as PEP 832 has it; pen takes it from there and below; --unset undoes it", async () => {
      const at = project("p1");
      const used = await useEnvironment({ ...options(), name: "fresh", project: at });
      expect(used).toMatchObject({ root: join(kept, "fresh"), project: at, previous: null });
      expect(used.created?.environment.root).toBe(used.root);
      expect(redirect(at)).toBe(`${used.root}\n`);
      mkdirSync(join(at, "deep"));
      expect((await list({ host: { ...host, cwd: join(at, "deep") } })).environment?.root).toBe(used.root);
      expect((await listEnvironments({ host })).find(({ path }) => path === used.root)?.project).toBe(at);
      const again = await useEnvironment({ ...options(), python: undefined, name: "fresh", project: at });
      expect(again).toMatchObject({ created: null, previous: null });
      expect(await disuseEnvironment({ host, project: at })).toMatchObject({ previous: used.root });
      expect([existsSync(join(at, ".venv")), existsSync(used.root)]).toEqual([false, true]);
      expect((await listEnvironments({ host })).find(({ path }) => path === used.root)?.project).toBeNull();
      expect(await disuseEnvironment({ host, project: at })).toMatchObject({ previous: null });
    });

    test("one of virtualenvwrapper, one by its path, and from one to another", async () => {
      const at = project("p2");
      const root = await workon("mine");
      expect((await useEnvironment({ ...options(), python: undefined, name: "mine", project: at })).root).toBe(root);
      const other = (await createEnvironment({ ...options(), path: join(folder, "elsewhere") })).environment.root;
      const used = await useEnvironment({ host, name: "../elsewhere", project: at });
      expect(used).toMatchObject({ root: other, previous: root, created: null });
      await expect(useEnvironment({ host, name: "./no-such", project: at })).rejects.toMatchObject({ code: "ENV_NOT_FOUND" });
      expect(redirect(at)).toBe(`${other}\n`);
    });

    test("a project's own .venv is never replaced, whatever it is, and nothing is made", async () => {
      const kinds: ReadonlyArray<readonly [string, (path: string) => void]> = [
        ["folder", (path) => mkdirSync(path)],
        ["link", (path) => symlinkSync("/nowhere", path)],
        ["lines", (path) => writeFileSync(path, "a\nb\n")],
        ["empty", (path) => writeFileSync(path, "")],
        ["large", (path) => writeFileSync(path, "x".repeat(5000))],
      ];
      for (const [kind, put] of kinds) {
        const at = project(`own-${kind}`);
        put(join(at, ".venv"));
        const before = lstatSync(join(at, ".venv")).ino;
        await expect(useEnvironment({ ...options(), name: "never", project: at })).rejects.toMatchObject({ code: "ENV_EXISTS" });
        await expect(disuseEnvironment({ host, project: at })).rejects.toMatchObject({ code: "ENV_EXISTS" });
        expect(lstatSync(join(at, ".venv")).ino).toBe(before);
      }
      expect(existsSync(join(kept, "never"))).toBe(false);
    });

    test("--python of another version than the one that stands is refused", async () => {
      const other = pythons()[0];
      if (other === undefined || other.version === python?.version) return;
      const at = project("p3");
      await expect(useEnvironment({ ...options(), name: "science", python: other.path, project: at })).rejects.toMatchObject({
        code: "ENV_EXISTS",
      });
      expect((await useEnvironment({ ...options(), name: "science", project: at })).created).toBeNull();
    });

    test("the commands: text, JSON by the schema, a warning for a name that is nearly another's", async () => {
      const at = { cwd: project("p4") };
      const common = ["--no-seed", "--python", python?.path ?? ""];
      const made = await pen(["env", "create", "told", ...common, "--json"]);
      expect([made.status, schemaProblems(JSON.parse(made.out), { $ref: "#/$defs/env create" }, schema)]).toEqual([0, []]);
      const used = await pen(["env", "use", "told", "--json"], at);
      expect([used.status, schemaProblems(JSON.parse(used.out), { $ref: "#/$defs/env use" }, schema)]).toEqual([0, []]);
      const near = await pen(["env", "use", "tolt", ...common], at);
      expect([near.status, near.err.includes("pen env use told"), near.out.includes("Before, it used")]).toEqual([0, true, true]);
      const unset = await pen(["env", "use", "--unset", "--json"], at);
      expect([unset.status, schemaProblems(JSON.parse(unset.out), { $ref: "#/$defs/env use" }, schema)]).toEqual([0, []]);
      expect((await pen(["env", "use"], at)).status).toBe(2);
      expect((await pen(["env", "use", "--unset", "told"], at)).status).toBe(2);
      expect((await pen(["env", "use", "told", "--project", "no-such"], at)).status).toBe(2);
      expect(existsSync(join(dirname(kept), "environments", "told"))).toBe(true);
    });
  });
});
