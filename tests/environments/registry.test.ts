/** The registry: what pen made or worked in is known wherever it stands, and nothing ever fails for its sake. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { readHost, type Host, type PenEvent } from "#foundation";
import { activate, createEnvironment, list, listEnvironments, removeEnvironments } from "../../src/operations/index.ts";
import { rememberEnvironment } from "../../src/operations/environments/environment-entry.ts";
import { rememberedEnvironments } from "../../src/operations/environments/environment-registry.ts";
import { cleanEnvironment } from "../support/interpreters.ts";
import { execute, program, type Ran } from "../support/program.ts";
import { pythons } from "../support/pythons.ts";

const python = pythons().at(-1);

describe.skipIf(python === undefined)("the registry of environments (needs a Python)", () => {
  let folder: string;
  let host: Host;
  let registry: string;
  beforeAll(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "pen-registry-")));
    mkdirSync(join(folder, "work"));
    const env = { ...cleanEnvironment(join(folder, "home")), PEN_CACHE_DIR: join(folder, "cache"), PYENV_ROOT: join(folder, "none") };
    host = readHost({ env, cwd: join(folder, "work"), home: join(folder, "home") });
    registry = join(folder, "home", ".local", "share", "pen", "registry", "v1");
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const make = async (path: string, at = host): Promise<string> => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    return (await createEnvironment({ host: at, path: join(folder, path), python: python?.path, seed: [] })).environment.root;
  };
  const known = async (at = host): Promise<string[]> => (await listEnvironments({ host: at, sizes: false })).map(({ path }) => path).sort();
  const clear = (): void => rmSync(registry, { recursive: true, force: true });

  test("what pen made is listed wherever it stands, once, also by another name of its folder", async () => {
    const root = await make("far/away/env with \u00e9 and '");
    expect(await known()).toEqual([root]);
    symlinkSync(join(folder, "far"), join(folder, "near"));
    const active = root.replace("/far/", "/near/");
    expect(await known({ ...host, env: { ...host.env, VIRTUAL_ENV: active } })).toEqual([active]);
    await createEnvironment({ host, path: root, python: python?.path, seed: [], clear: true });
    expect(readdirSync(registry)).toHaveLength(1);
    expect((await listEnvironments({ host, sizes: false }))[0]?.place).toBe("pen");
  });

  test("the folder of another tool says more than the registry", async () => {
    clear();
    await make("home/.local/share/pipx/venvs/black");
    expect((await listEnvironments({ host, sizes: false }))[0]?.place).toBe("pipx");
    rmSync(join(folder, "home", ".local", "share", "pipx"), { recursive: true });
  });

  test("gone: dropped by the next list; removed: forgotten at once", async () => {
    clear();
    const [one, two] = [await make("a/one"), await make("a/two")];
    expect(readdirSync(registry)).toHaveLength(2);
    rmSync(one, { recursive: true });
    expect(await known()).toEqual([two]);
    expect(readdirSync(registry)).toHaveLength(1);
    await removeEnvironments({ host, names: [two] });
    expect(readdirSync(registry)).toEqual([]);
  });

  test("moved: known again as soon as pen works in it, or activates it", async () => {
    for (const touch of [(root: string) => list({ host, python: root }), (root: string) => activate({ host, path: root, shell: "bash" })]) {
      clear();
      const root = await make("b/before");
      renameSync(root, join(folder, "b", "after"));
      expect(await known()).toEqual([]);
      await touch(join(folder, "b", "after"));
      expect(await known()).toEqual([join(folder, "b", "after")]);
      rmSync(join(folder, "b"), { recursive: true });
    }
  });

  test("rubbish in the registry is passed over, and entries of others are not believed", async () => {
    clear();
    const root = await make("c/env");
    for (const [name, text] of [
      ["a.json", ""],
      ["b.json", "null"],
      ["c.json", "{".repeat(65_536)],
      ["d.json", '{"path": 5}'],
      ["e.json", '{"path": "/etc"}'],
      [`.pen-tmp-999999999-${"a".repeat(12)}`, "{"],
    ] as const)
      writeFileSync(join(registry, name), text);
    mkdirSync(join(registry, "f.json"));
    expect(await known()).toEqual([root]);
    expect(readdirSync(registry)).toHaveLength(2);
  });

  test("what cannot be written down is said with -v, and creation goes on", async () => {
    clear();
    const home = join(folder, "other");
    mkdirSync(join(home, ".local", "share"), { recursive: true });
    // A file where the folder should be: that stops the administrator as well.
    writeFileSync(join(home, ".local", "share", "pen"), "");
    const events: PenEvent[] = [];
    const at = { ...host, home, env: { ...host.env, HOME: home } };
    const path = join(folder, "d", "env");
    mkdirSync(dirname(path));
    const made = await createEnvironment({ host: at, path, python: python?.path, seed: [], onEvent: (event) => void events.push(event) });
    expect(existsSync(made.environment.python)).toBe(true);
    expect(events).toMatchObject([{ type: "log", level: "debug", code: "environment-not-remembered" }]);
    chmodSync(home, 0o755);
  });

  test("a process that drops an entry while another makes the environment does not lose it", async () => {
    clear();
    const root = await make("e/env");
    const away = `${root} away`;
    renameSync(root, away);
    // The other one remembers while this one lists: whatever the order, it is known in the end.
    const emit = (): void => {};
    await Promise.all(
      Array.from({ length: 20 }, async (_, number) => {
        await Promise.resolve();
        if (number === 10) {
          renameSync(away, root);
          rememberEnvironment(root, { host, emit });
        } else rememberedEnvironments(host);
      }),
    );
    expect(rememberedEnvironments(host)).toEqual([root]);
  });

  test("programs side by side: twelve make environments while four list and drop", async () => {
    clear();
    const env = { ...host.env } as Record<string, string>;
    const pen = (...words: string[]): Promise<Ran> => execute(program(), words, { cwd: host.cwd, env });
    mkdirSync(join(folder, "g"));
    const gone = await make("g/gone");
    rmSync(gone, { recursive: true });
    const paths = Array.from({ length: 12 }, (_, number) => join(folder, "g", `e${number}`));
    const made = paths.map((path) => pen("venv", "-q", "--no-seed", "-p", python?.path ?? "", path));
    const listed = Array.from({ length: 4 }, () => pen("env", "list", "--json"));
    expect((await Promise.all([...made, ...listed])).map(({ status }) => status)).toEqual(Array.from({ length: 16 }, () => 0));
    expect(rememberedEnvironments(host).sort()).toEqual([...paths].sort());
    expect(readdirSync(registry)).toHaveLength(12);
  }, 60_000);

  test("remembering costs next to nothing", async () => {
    clear();
    const root = await make("f/env");
    const emit = (): void => {};
    const times = Array.from({ length: 200 }, () => {
      rmSync(registry, { recursive: true });
      mkdirSync(registry, { recursive: true });
      const started = performance.now();
      rememberEnvironment(root, { host, emit });
      return performance.now() - started;
    }).sort((a, b) => a - b);
    if (process.env["PEN_SHOW_TIMES"] !== undefined) console.log(`${times[100]?.toFixed(3)} ms`);
    expect(times[100]).toBeLessThan(5);
  });
});
