/** `pen explain --module` against the import system of the real Pythons, and the reasons it gives. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { readHost, type Host } from "#foundation";
import { createEnvironment, explain } from "../../src/operations/index.ts";
import { cleanEnvironment } from "../support/interpreters.ts";
import { pythons } from "../support/pythons.ts";
import { sitePackages } from "../support/world.ts";

type Explained = NonNullable<Awaited<ReturnType<typeof explain>>["module"]>;

let folder: string;
beforeAll(() => void (folder = realpathSync(mkdtempSync(join(tmpdir(), "pen-module-")))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Place {
  readonly host: Host;
  readonly root: string;
  readonly python: string;
  readonly packages: string;
}

async function place(name: string, python: string, more: Readonly<Record<string, string>> = {}): Promise<Place> {
  const cwd = join(folder, name);
  mkdirSync(cwd);
  const env: Record<string, string> = { ...cleanEnvironment(join(folder, "home")), PEN_CACHE_DIR: join(folder, "cache"), ...more };
  const host = readHost({ env, cwd, home: env["HOME"] ?? "" });
  const { environment } = await createEnvironment({ host, path: "env", python, seed: [] });
  return { host, root: environment.root, python: environment.python, packages: sitePackages(environment.root) };
}

function write(path: string, text = ""): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function distribution(packages: string, name: string, version: string, files: readonly string[]): void {
  const info = `${name.replaceAll("-", "_")}-${version}.dist-info`;
  for (const file of files) write(join(packages, file));
  write(join(packages, info, "METADATA"), `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n`);
  write(join(packages, info, "RECORD"), [...files, `${info}/METADATA`, `${info}/RECORD`].map((file) => `${file},,\n`).join(""));
}

interface Said {
  readonly origin: string | null;
  readonly folders: readonly string[];
}

/** Origin and namespace folders of each name, as the import system finds them. */
function truth({ python, host }: Place, names: readonly string[]): Readonly<Record<string, Said>> {
  const code = `import importlib.util, json, sys
said = {}
for name in sys.argv[1:]:
    try: s = importlib.util.find_spec(name)
    except (ModuleNotFoundError, AttributeError): s = None
    said[name] = {"origin": s and s.origin, "folders": sorted(s.submodule_search_locations or []) if s else []}
print(json.dumps(said))`;
  const ran = spawnSync(python, ["-c", code, ...names], { cwd: host.cwd, env: host.env, encoding: "utf8" });
  if (ran.status !== 0) throw new Error(ran.stderr);
  return JSON.parse(ran.stdout) as Record<string, Said>;
}

async function look(at: Place, name: string): Promise<Explained> {
  const { module } = await explain({ host: at.host, environment: at.root, module: name });
  if (module === null) throw new Error("no module");
  return module;
}

const winner = (module: Explained) => module.copies.find(({ imported }) => imported);

for (const { path: python, version } of pythons()) {
  test(`Python ${version} (${python}) finds the same`, async () => {
    const at = await place(`${version}${python.startsWith("/usr") ? " system" : ""}`, python, { PYTHONPATH: "first:second" });
    const { cwd } = at.host;
    write(join(cwd, "random.py"));
    write(join(cwd, "mine.py"));
    write(join(cwd, "only_a_folder", "x.txt"));
    write(join(cwd, "first", "spread", "a.py"));
    write(join(cwd, "second", "spread", "b.py"));
    write(join(at.packages, "spread", "c.py"));
    write(join(cwd, "first", "hidden", "x.py"));
    write(join(at.packages, "hidden", "__init__.py"));
    write(join(cwd, "first", "both", "__init__.py"));
    write(join(cwd, "first", "both.py"));
    write(join(at.packages, "both.py"));
    // What Python sets up by hand (`sys` before 3.9, `os.path`) no folder tells.
    const names = [
      "json",
      "json.decoder",
      "json.nothing",
      "math",
      "os",
      "itertools",
      "random",
      "mine",
      "mine.x",
      "only_a_folder",
      "spread",
    ];
    const more = ["spread.a", "spread.c", "spread.d", "hidden", "both", "nothing", "nothing.more", "xml.etree.ElementTree", "_ssl"];
    const answers = truth(at, [...names, ...more]);
    for (const [name, said] of Object.entries(answers)) {
      const module = await look(at, name);
      expect([name, module.found]).toEqual([name, said.origin !== null || said.folders.length > 0]);
      const found = winner(module);
      if (found === undefined || !module.found) continue;
      const origin = found.kind === "builtin" ? "built-in" : found.kind === "frozen" ? "frozen" : found.path;
      if (found.kind !== "namespace") expect([name, origin]).toEqual([name, said.origin]);
      else
        expect([
          name,
          module.copies
            .filter(({ imported }) => imported)
            .map(({ path }) => path ?? "")
            .sort((a, b) => (a < b ? -1 : 1)),
        ]).toEqual([name, [...said.folders]]);
    }
  }, 20_000);
}

const newest = pythons().at(-1);
describe.skipIf(newest === undefined)("the reasons (needs a Python)", () => {
  const python = newest?.path ?? "";

  test("two versions of one library in two environments: each imports its own", async () => {
    for (const version of ["2.9.10", "3.2.1"]) {
      const at = await place(`project ${version}`, python);
      distribution(at.packages, "psycopg", version, ["psycopg/__init__.py", "psycopg/rows.py"]);
      const module = await look(at, "psycopg");
      expect(winner(module)).toMatchObject({ kind: "package", distribution: "psycopg", version, source: "site-packages" });
      expect(module.why).toBe("It is the only one on sys.path.");
      expect(winner(await look(at, "psycopg.rows"))).toMatchObject({ kind: "module", version });
    }
  });
  test("a module's distribution may have another name", async () => {
    const at = await place("another name", python);
    distribution(at.packages, "python-dateutil", "2.9", ["dateutil/__init__.py"]);
    expect(winner(await look(at, "dateutil"))).toMatchObject({ distribution: "python-dateutil", version: "2.9" });
  });
  test("a file of the working directory that hides the standard library", async () => {
    const at = await place("hides", python);
    write(join(at.host.cwd, "random.py"));
    const module = await look(at, "random");
    expect(winner(module)).toMatchObject({ path: join(at.host.cwd, "random.py"), entry: 0, source: "start" });
    expect(module.hint).toContain("a module of the standard library");
    expect(module.hint).toContain("rename it");
  });
  test("PYTHONPATH that hides an installed package", async () => {
    const at = await place("variable", python, { PYTHONPATH: "other" });
    distribution(at.packages, "flask", "3.0", ["flask/__init__.py"]);
    write(join(at.host.cwd, "other", "flask.py"));
    const module = await look(at, "flask");
    expect(winner(module)).toMatchObject({ source: "pythonpath", distribution: null });
    expect(module.copies.find(({ imported }) => !imported)).toMatchObject({ distribution: "flask", version: "3.0" });
    expect(module.hint).toContain("PYTHONPATH");
  });
  test("os cannot be hidden", async () => {
    const at = await place("os", python);
    write(join(at.host.cwd, "os.py"));
    expect(winner(await look(at, "os"))?.path).not.toBe(join(at.host.cwd, "os.py"));
  });
  test("what only another Python has is out of reach", async () => {
    const at = await place("far", python);
    const release = newest?.version.split(".").slice(0, 2).join(".") ?? "";
    const user = join(at.host.home, ".local", "lib", `python${release}`, "site-packages");
    distribution(user, "numpy", "2.0", ["numpy/__init__.py"]);
    const module = await look(at, "numpy");
    expect(module).toMatchObject({ found: false, hint: "Install it here: pen pip install numpy" });
    expect(module.copies).toMatchObject([{ reachable: false, imported: false, distribution: "numpy" }]);
  });
  test("what is no module's name is refused, and what is hostile runs nowhere", async () => {
    const at = await place("names", python);
    for (const name of ["psycopg2-binary", "", "a..b", "../x", "a;b", "-c", "x".repeat(70_000)])
      await expect(look(at, name)).rejects.toMatchObject({ code: "USAGE" });
  });
  test("no code of the environment runs", async () => {
    const at = await place("code", python);
    const mark = join(at.host.cwd, "ran");
    const code = `open(${JSON.stringify(mark)}, "w")`;
    write(join(at.packages, "x.pth"), `import os; ${code}\n`);
    write(join(at.packages, "sitecustomize.py"), code);
    write(join(at.packages, "victim", "__init__.py"), code);
    const explanation = await explain({ host: at.host, environment: at.root, module: "victim" });
    expect(explanation.module?.found).toBe(true);
    expect(explanation.startup.map(({ file }) => file.slice(at.packages.length + 1))).toEqual(["x.pth", "sitecustomize.py"]);
    expect(Bun.file(mark).size).toBe(0);
    expect(await Bun.file(mark).exists()).toBe(false);
  });
});
