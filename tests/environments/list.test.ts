/** `pen env list`: every place, the facts of each environment, and how fast hundreds are told of. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { readHost, type Host } from "#foundation";
import { runProgram } from "../../src/cli/program.ts";
import { createEnvironment, listEnvironments, type KnownEnvironment, type ListEnvironmentsOptions } from "../../src/operations/index.ts";
import { schemaProblems } from "../support/json-schema.ts";
import { cleanEnvironment } from "../support/interpreters.ts";
import { pythons } from "../support/pythons.ts";
import { sitePackages } from "../support/world.ts";

const schema = JSON.parse(readFileSync(join(import.meta.dirname, "..", "..", "docs", "schema", "output.json"), "utf8")) as Record<
  string,
  unknown
>;
const python = pythons().at(-1);

const byText = (a: readonly unknown[], b: readonly unknown[]): number => a.join(" ").localeCompare(b.join(" "));

describe.skipIf(python === undefined)("pen env list (needs a Python)", () => {
  let folder: string;
  let host: Host;
  beforeAll(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "pen-envs-")));
    mkdirSync(join(folder, "work"));
    const env: Record<string, string> = {
      ...cleanEnvironment(join(folder, "home")),
      PEN_CACHE_DIR: join(folder, "cache"),
      PYENV_ROOT: join(folder, "pyenv"),
    };
    host = readHost({ env, cwd: join(folder, "work"), home: join(folder, "home") });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }), 60_000);

  const make = async (path: string): Promise<string> => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    return (await createEnvironment({ host, path: join(folder, path), python: python?.path, seed: [] })).environment.root;
  };
  const write = (path: string, text = ""): void => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  };
  const find = async (root: string, at: Host = host): Promise<KnownEnvironment | undefined> =>
    (await listEnvironments({ host: at })).find(({ path }) => path === root);

  const onDisk = (path: string): number => statSync(path).blocks * 512;

  test("nothing is nothing", async () => expect(await listEnvironments({ host })).toEqual([]));

  test("the places of all tools", async () => {
    const data = "home/.local/share";
    const places: ReadonlyArray<readonly [place: string, path: string]> = [
      ["project", "work/.venv"],
      ["folder", "work/venv2"],
      ["folder", "work/.tox/py312"],
      ["folder", "work/other-project/.venv"],
      ["virtualenvwrapper", "workon/a"],
      ["virtualenvwrapper", "home/.virtualenvs/b"],
      ["pipenv", `${data}/virtualenvs/app-X1`],
      ["poetry", "home/.cache/pypoetry/virtualenvs/lib-py3.12"],
      ["hatch", `${data}/hatch/env/virtual/app/Ab12/test`],
      ["uv", `${data}/uv/tools/ruff`],
      ["uv", "project-environment"],
      ["pdm", `${data}/pdm/venvs/site-1`],
      ["pipx", `${data}/pipx/venvs/black`],
      ["named", `${data}/pen/environments/science`],
      ["pen", "made/anywhere"],
      ["pyenv", "pyenv/versions/3.12.1/envs/c"],
    ];
    for (const [, path] of places) await make(path);
    const conda = join(folder, "home", "miniconda3", "envs", "science");
    write(join(conda, "conda-meta", "python-3.11.4-h1_0.json"));
    write(join(conda, "conda-meta", "numpy-1.26.0-py311_0.json"));
    symlinkSync(join(folder, "work", ".venv"), join(folder, "home", ".virtualenvs", "link"));
    const found = await listEnvironments({
      host: { ...host, env: { ...host.env, WORKON_HOME: join(folder, "workon"), UV_PROJECT_ENVIRONMENT: "../project-environment" } },
    });
    expect(found.map(({ place, path }) => [place, path]).sort(byText)).toEqual(
      [...places.map(([place, path]) => [place, join(folder, path)]), ["conda", conda]].sort(byText),
    );
    expect(found.find(({ place }) => place === "conda")).toMatchObject({ tool: "conda", python: "3.11.4", packages: 2, health: "broken" });
    expect(schemaProblems({ schemaVersion: 1, items: found }, { $ref: "#/$defs/env list" }, schema)).toEqual([]);
  });

  test("--search finds those in projects that nobody worked in, and they are remembered", async () => {
    const found = [await make("code/a/.venv"), await make("code/b/deep/down/venv")].sort();
    await make("code/a/.venv/lib/inner");
    await make("code/a/node_modules/x/.venv");
    const outside = await make("elsewhere2/e");
    symlinkSync(outside, join(folder, "code", "link"));
    // Made by another tool: pen never heard of them.
    rmSync(join(folder, "home", ".local", "share", "pen", "registry"), { recursive: true });
    const below = (environments: readonly KnownEnvironment[]): string[] =>
      environments.flatMap(({ path }) => (path.startsWith(join(folder, "code")) || path === outside ? [path] : [])).sort();
    expect(below(await listEnvironments({ host }))).toEqual([]);
    expect(below(await listEnvironments({ host, searches: ["../code"] }))).toEqual(found);
    expect(below(await listEnvironments({ host }))).toEqual(found);
    await expect(listEnvironments({ host, searches: ["../nowhere"] })).rejects.toMatchObject({ code: "ENV_NOT_FOUND" });
    const stop = new AbortController();
    stop.abort(new Error("stop"));
    await expect(listEnvironments({ host, searches: ["../code"], signal: stop.signal })).rejects.toThrow("stop");
  });

  test("the active one, and what pyvenv.cfg and .project tell", async () => {
    const root = await make("elsewhere/e");
    write(join(root, ".project"), "/home/somebody/project\n");
    const seen = await find(root, { ...host, env: { ...host.env, VIRTUAL_ENV: root } });
    expect(seen).toMatchObject({
      place: "active",
      tool: "pen",
      python: python?.version,
      project: "/home/somebody/project",
      packages: 0,
      health: "ok",
    });
  });

  test("packages; own bytes apart from shared ones; sizes follow an installation", async () => {
    const root = await make("workon2/sizes");
    const at = { ...host, env: { ...host.env, WORKON_HOME: join(folder, "workon2") } };
    const before = (await find(root, at))?.size ?? { own: 0, shared: 0 };
    expect(before.shared).toBe(0);
    write(join(folder, "stored"), "x".repeat(5000));
    mkdirSync(join(sitePackages(root), "a-1.0.dist-info"));
    linkSync(join(folder, "stored"), join(sitePackages(root), "shared.py"));
    write(join(sitePackages(root), "own.py"), "x".repeat(700));
    symlinkSync("/usr", join(sitePackages(root), "usr"));
    const after = await find(root, at);
    expect(after).toMatchObject({ packages: 1, size: { shared: onDisk(join(folder, "stored")) } });
    expect(after?.size?.own).toBeGreaterThanOrEqual(before.own + onDisk(join(sitePackages(root), "own.py")));
    // `du` counts the same, folders and links included.
    const du = Bun.spawnSync(["du", "-s", "--block-size=1", root]);
    if (du.exitCode === 0) expect((after?.size?.own ?? 0) + (after?.size?.shared ?? 0)).toBe(Number(du.stdout.toString().split("\t")[0]));
    // A list of others does not forget the size.
    await listEnvironments({ host, names: ["nothing"] });
    expect(readFileSync(join(folder, "cache", "environment-sizes.json"), "utf8")).toContain(root);
    expect((await listEnvironments({ host: at, sizes: false })).every(({ size }) => size === null)).toBe(true);
  });

  test("last use: an activation counts, pen's own look does not", async () => {
    const root = await make("workon3/old");
    const at = { ...host, env: { ...host.env, WORKON_HOME: join(folder, "workon3") } };
    const long = new Date("2024-03-01T00:00:00Z");
    const age = (path: string, read: Date = long): void => utimesSync(path, read, long);
    for (const name of ["pyvenv.cfg", ...readdirSync(join(root, "bin")).flatMap((name) => (/activate/i.test(name) ? [`bin/${name}`] : []))])
      age(join(root, name));
    age(sitePackages(root));
    expect((await find(root, at))?.lastUsed).toBe(long.toISOString());
    expect((await find(root, at))?.lastUsed).toBe(long.toISOString());
    const later = new Date("2025-05-05T00:00:00Z");
    age(join(root, "bin", "activate"), later);
    expect((await find(root, at))?.lastUsed).toBe(later.toISOString());
  });

  test("health: a base that is gone, one of another version, and what is no environment any more", async () => {
    const at = { ...host, env: { ...host.env, WORKON_HOME: join(folder, "workon4") } };
    const health = async (name: string, change: (root: string) => void): Promise<string | undefined> => {
      const root = await make(`workon4/${name}`);
      change(root);
      return (await find(root, at))?.health;
    };
    const point = (root: string, target: string): void => {
      rmSync(join(root, "bin", "python"));
      symlinkSync(target, join(root, "bin", "python"));
    };
    expect(await health("gone", (root) => point(root, "/nowhere/python3"))).toBe("gone");
    expect(await health("home", (root) => writeFileSync(join(root, "pyvenv.cfg"), "home = /nowhere\n"))).toBe("gone");
    expect(await health("circle", (root) => point(root, "python3"))).toBe("gone");
    // Python as `make altinstall` leaves it.
    const beside = join(folder, "beside", "bin");
    mkdirSync(beside, { recursive: true });
    symlinkSync(python?.realPath ?? "", join(beside, `python${python?.release.join(".")}`));
    const leadBeside = (root: string): void => writeFileSync(join(root, "pyvenv.cfg"), `home = ${beside}\nversion = ${python?.version}\n`);
    expect(await health("beside", leadBeside)).toBe("ok");
    expect(await health("none", (root) => rmSync(join(root, "bin"), { recursive: true }))).toBe("broken");
    expect(await health("empty", (root) => writeFileSync(join(root, "pyvenv.cfg"), ""))).toBe("broken");
    const other = pythons()[0];
    if (other !== undefined && other.release[1] !== python?.release[1])
      expect(await health("other", (root) => point(root, other.realPath))).toBe("changed");
  });

  test("filters: by name, by place, by health; from the command line too", async () => {
    const at = { ...host, env: { ...host.env, WORKON_HOME: join(folder, "workon5") } };
    const roots = [await make("workon5/web-1"), await make("workon5/web-2"), await make("workon5/job")];
    rmSync(join(roots[1] ?? "", "bin"), { recursive: true });
    const names = async (options: ListEnvironmentsOptions): Promise<string[]> =>
      (await listEnvironments({ host: at, places: ["virtualenvwrapper"], ...options }))
        .flatMap(({ name, path }) => (roots.includes(path) ? [name] : []))
        .sort();
    expect(await names({})).toEqual(["job", "web-1", "web-2"]);
    expect(await names({ names: ["web-*"] })).toEqual(["web-1", "web-2"]);
    expect(await names({ names: ["*-2", "j?b"] })).toEqual(["job", "web-2"]);
    expect(await names({ names: ["web", "", "[w]*"] })).toEqual([]);
    expect(await names({ health: ["broken"] })).toEqual(["web-2"]);
    expect(await names({ places: ["pipenv"] })).toEqual([]);
    const started = performance.now();
    await listEnvironments({ host: at, names: [`${"*a".repeat(2000)}b`] });
    expect(performance.now() - started).toBeLessThan(1000);
    const seen = { out: "" };
    const terminal = {
      out: (text: string) => void (seen.out += text),
      err: () => {},
      outIsTerminal: false,
      errIsTerminal: false,
      inIsTerminal: false,
      columns: 80,
    };
    const pen = async (...words: string[]): Promise<[number, string]> => {
      seen.out = "";
      return [await runProgram(["env", "list", ...words], { terminal, calledAs: "pen", modeWords: 0, host: at }), seen.out];
    };
    const [status, text] = await pen("web*", "--health", "ill", "--place", "workon", "--json");
    expect([status, (JSON.parse(text) as { items: Array<{ path: string }> }).items.map(({ path }) => path)]).toEqual([0, [roots[1] ?? ""]]);
    expect((await pen("no-such"))[1]).toContain("No environment is like that");
    expect((await pen("--health", "bad"))[0]).toBe(2);
    expect((await pen("--place", "moon"))[0]).toBe(2);
  });

  test("files of remembered sizes that are damaged are made anew", async () => {
    for (const text of ["", "null", "[]", '{"x": null}', '{"__proto__": {"own": 1}}', "{".repeat(65_536)]) {
      write(join(folder, "cache", "environment-sizes.json"), text);
      expect((await listEnvironments({ host })).every(({ size }) => size !== null)).toBe(true);
    }
  });

  test("five hundred environments, warm, in well under a second", async () => {
    const model = await make("many/0");
    const config = readFileSync(join(model, "pyvenv.cfg"), "utf8");
    const packages = sitePackages(model).slice(model.length + 1);
    for (let number = 1; number < 500; number += 1) {
      const root = join(folder, "many", String(number));
      mkdirSync(join(root, packages), { recursive: true });
      mkdirSync(join(root, "bin"));
      writeFileSync(join(root, "pyvenv.cfg"), config);
      symlinkSync(python?.path ?? "", join(root, "bin", "python"));
    }
    const at = { ...host, env: { ...host.env, WORKON_HOME: join(folder, "many") } };
    expect((await listEnvironments({ host: at })).length).toBeGreaterThanOrEqual(500);
    const started = performance.now();
    await listEnvironments({ host: at });
    const took = performance.now() - started;
    if (process.env["PEN_SHOW_TIMES"] !== undefined) console.log(`${took.toFixed(0)} ms`);
    expect(took).toBeLessThan(1500);
  }, 20_000);
});
