/** `pen init|add|remove|lock|sync|scripts|tree|run|shell` in projects with a Pipfile, from any folder inside them. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { schemaProblems } from "../support/json-schema.ts";
import type { Ran } from "../support/program.ts";
import { buildSource } from "../support/sources.ts";
import { openWorld, projects, python, sitePackages, type CallOptions, type World } from "../support/world.ts";

const schema = JSON.parse(readFileSync(join(import.meta.dirname, "..", "..", "docs", "schema", "output.json"), "utf8")) as {
  $defs: Record<string, Record<string, unknown>>;
};
const old = { served: { uploadTime: "2024-01-01T00:00:00Z" } };

type LockFile = Record<"default" | "develop", Record<string, { version?: string }>>;

describe.skipIf(python === undefined)("the short forms (needs a Python with venv and ensurepip)", () => {
  let world: World;
  let count = 0;
  beforeAll(async () => {
    const wheels = projects(
      { name: "app", version: "1.0", requires: ["lib"], ...old },
      { name: "app", version: "2.0", requires: ["lib"], ...old },
      { name: "lib", version: "1.0", ...old },
      { name: "lib", version: "2.0", ...old },
      { name: "solo", version: "1.0", ...old },
      { name: "fresh", version: "1.0", ...old },
      { name: "fresh", version: "2.0", served: { uploadTime: new Date().toISOString() } },
      { name: "tests", version: "1.0", requires: ["lib"], ...old },
      { name: "strict", version: "1.0", requires: ["lib<1"], ...old },
    );
    const source = { ...buildSource({ name: "from-source", version: "1.0" }), uploadTime: "2024-01-01T00:00:00Z" };
    world = await openWorld({ projects: { ...wheels, "from-source": [source] } });
  });
  afterAll(() => world?.close());

  interface Place {
    readonly root: string;
    readonly inner: string;
    pen(words: string, options?: CallOptions): Promise<Ran>;
    /** Fails the test unless the status is 0. */
    ok(words: string, options?: CallOptions): Promise<Ran>;
    json(name: string, words: string, status?: number): Promise<Record<string, unknown>>;
    read(name: string): string;
    lock(): LockFile;
    installed(): string[];
  }

  /** A folder, with a Pipfile of these tables, and a folder two below it. */
  function place(pipfile?: string): Place {
    const root = join(world.work, `project-${(count += 1)}`);
    const inner = join(root, "src", "inner");
    mkdirSync(inner, { recursive: true });
    if (pipfile !== undefined)
      writeFileSync(join(root, "Pipfile"), `[[source]]\nurl = "${world.index.indexUrl}"\nverify_ssl = true\nname = "here"\n\n${pipfile}`);
    const env = { PIPENV_TEST_INDEX: world.index.indexUrl, PIPENV_VENV_IN_PROJECT: "1" };
    const pen: Place["pen"] = (words, options = {}) =>
      world.pen(words.split(" "), { cwd: root, ...options, env: { ...env, ...options.env } });
    const read: Place["read"] = (name) => readFileSync(join(root, name), "utf8");
    return {
      root,
      inner,
      pen,
      ok: async (words, options) => {
        const ran = await pen(words, options);
        if (ran.status !== 0) throw new Error(`pen ${words}: ${ran.status}\n${ran.stdout}${ran.stderr}`);
        return ran;
      },
      json: async (name, words, status = 0) => {
        const ran = await pen(`${words} --json`);
        expect([ran.status, ran.status === status ? "" : ran.stdout + ran.stderr]).toEqual([status, ""]);
        const value = JSON.parse(ran.stdout) as Record<string, unknown>;
        expect(schemaProblems(value, { $ref: `#/$defs/${name}` }, schema)).toEqual([]);
        return value;
      },
      read,
      lock: () => JSON.parse(read("Pipfile.lock")) as LockFile,
      installed: () =>
        readdirSync(sitePackages(join(root, ".venv")))
          .flatMap((name) => /^(.+)\.dist-info$/.exec(name)?.[1] ?? [])
          .filter((name) => !name.startsWith("pip-"))
          .sort(),
    };
  }

  test("init: a Pipfile with a cool-down period, and an environment; not twice", async () => {
    const here = place();
    const made = await here.json("init", "init");
    expect(made).toMatchObject({ project: here.root, environment: join(here.root, ".venv"), made: true });
    expect(here.read("Pipfile")).toContain('[pipenv]\ncool-down-period = "3d"\n');
    expect(here.read("Pipfile")).toMatch(/\[requires\]\npython_version = "3\.\d+"\n/);
    await here.ok("add fresh");
    expect(here.lock().default["fresh"]?.version).toBe("==1.0");
    const text = here.read("Pipfile");
    const again = await here.pen("init");
    expect([again.status, again.stderr]).toEqual([1, expect.stringContaining("pen add PACKAGE")]);
    expect(here.read("Pipfile")).toBe(text);
  });

  test("init: nothing is left of one that fails; other periods; no password", async () => {
    const here = place();
    for (const words of ["init --python 3.99", "init --cool-down x", "init --index https://me:s3cr3t@packages.example.org/simple"]) {
      const { status, stderr } = await here.pen(words);
      expect([words, status === 0, stderr.includes("s3cr3t")]).toEqual([words, false, false]);
      expect(readdirSync(here.root)).toEqual(["src"]);
    }
    await here.ok("init --cool-down 0 --index https://${USER}:${TOKEN}@packages.example.org/simple");
    expect(here.read("Pipfile")).not.toContain("cool-down");
    expect(here.read("Pipfile")).toContain("${TOKEN}");
  });

  test("add: to the tables that are named, from a folder inside; what is locked stays", async () => {
    const here = place("[packages]\n# mine\nlib = '*' # why\n");
    writeFileSync(join(here.root, "Pipfile"), here.read("Pipfile").replace("'*'", "'==1.0'"));
    await here.ok("lock");
    writeFileSync(join(here.root, "Pipfile"), here.read("Pipfile").replace("'==1.0'", "'*'"));
    const { stderr } = await here.ok("add app<2", { cwd: here.inner });
    expect(stderr).toContain(`Made the environment ${here.root}/.venv`);
    expect(here.read("Pipfile")).toContain("# mine\nlib = '*' # why\napp = \"<2\"\n");
    expect(here.lock().default).toMatchObject({ lib: { version: "==1.0" }, app: { version: "==1.0" } });
    expect(here.installed()).toEqual(["app-1.0", "lib-1.0"]);
    const report = await here.json("add", "add tests --dev --to web");
    expect(report["lockChanges"]).toContainEqual(expect.objectContaining({ category: "develop", name: "tests", kind: "added" }));
    expect(here.read("Pipfile")).toContain('[web]\ntests = "*"');
    expect(here.lock().develop["tests"]?.version).toBe("==1.0");
    expect(await here.pen("add")).toMatchObject({ status: 1, stderr: expect.stringContaining("pen add flask") });
  });

  test("add: --no-sync makes no environment; in a folder without a Pipfile one is made", async () => {
    const here = place();
    expect((await here.ok("add solo --no-sync")).stderr).toContain(`Wrote ${here.root}/Pipfile`);
    expect(readdirSync(here.root).sort()).toEqual(["Pipfile", "Pipfile.lock", "src"]);
    expect(here.read("Pipfile")).toContain('cool-down-period = "3d"');
    await here.json("add", "add lib --no-sync");
    expect(existsSync(join(here.root, ".venv"))).toBe(false);
  });

  test("add: what would have to be built needs leave, as everywhere in pen", async () => {
    const here = place("[packages]\n");
    const before = here.read("Pipfile");
    const refused = await here.pen("add from-source");
    expect([refused.status, refused.stderr]).toEqual([1, expect.stringContaining("--allow-build")]);
    expect([here.read("Pipfile"), readdirSync(here.root).sort()]).toEqual([before, ["Pipfile", "src"]]);
  });

  test("remove: with what only it needed, and nothing else", async () => {
    const here = place("[packages]\n");
    await here.ok("add app solo");
    await here.ok("pip install fresh", { environment: join(here.root, ".venv"), env: { PEN_EXCLUDE_NEWER: "1 day" } });
    expect(here.installed()).toEqual(["app-2.0", "fresh-1.0", "lib-2.0", "solo-1.0"]);
    const report = await here.json("remove", "remove app");
    expect(report["uninstalled"]).toEqual([
      { name: "app", version: "2.0" },
      { name: "lib", version: "2.0" },
    ]);
    expect(here.installed()).toEqual(["fresh-1.0", "solo-1.0"]);
    expect(Object.keys(here.lock().default)).toEqual(["solo"]);
    const before = here.read("Pipfile") + here.read("Pipfile.lock");
    expect(await here.pen("remove nothing-such")).toMatchObject({ status: 1, stderr: expect.stringContaining("pen tree") });
    expect(here.read("Pipfile") + here.read("Pipfile.lock")).toBe(before);
    await here.ok("add lib app");
    await here.ok("remove lib --no-sync");
    expect(Object.keys(here.lock().default)).toEqual(["app", "lib", "solo"]);
    expect(here.installed()).toContain("lib-2.0");
  });

  test("lock: keeps, upgrades all or one; --check and --diff write nothing", async () => {
    const here = place('[packages]\napp = "==1.0"\nlib = "==1.0"\n');
    expect(await here.json("lock", "lock --check", 1)).toMatchObject({ status: "missing" });
    await here.ok("lock");
    expect(await here.json("lock", "lock --check")).toMatchObject({ status: "fresh", written: false });
    writeFileSync(join(here.root, "Pipfile"), here.read("Pipfile").replaceAll("==1.0", ">=1.0"));
    const before = here.read("Pipfile.lock");
    expect(await here.json("lock", "lock --check", 1)).toMatchObject({ status: "stale" });
    const diff = await here.ok("lock --upgrade --diff");
    expect(diff.stdout).toContain("app 1.0 → 2.0 (the newest that fits)");
    expect((await here.json("lock", "lock --diff"))["changes"]).toEqual([]);
    expect(here.read("Pipfile.lock")).toBe(before);
    await here.json("lock", "lock");
    expect(here.lock().default).toMatchObject({ app: { version: "==1.0" }, lib: { version: "==1.0" } });
    await here.ok("lock -P lib", { cwd: here.inner });
    expect(here.lock().default).toMatchObject({ app: { version: "==1.0" }, lib: { version: "==2.0" } });
    await here.ok("lock --upgrade");
    expect(here.lock().default).toMatchObject({ app: { version: "==2.0" }, lib: { version: "==2.0" } });
    expect(existsSync(join(here.root, ".venv"))).toBe(false);
    expect((await here.pen("lock --check --diff")).stderr).toContain("--check cannot be used with --diff");
  });

  test("lock --resolve-conflict mends what git left of a merge", async () => {
    const here = place('[packages]\napp = "*"\n');
    await here.ok("lock");
    const theirs = here.read("Pipfile.lock");
    const conflict = theirs
      .split("\n")
      .map((line) => (line.includes('"==2.0"') ? `<<<<<<< ours\n${line.replace("2.0", "1.0")}\n=======\n${line}\n>>>>>>> theirs` : line))
      .join("\n");
    writeFileSync(join(here.root, "Pipfile.lock"), conflict);
    const failed = await here.pen("lock");
    expect([failed.status, failed.stderr]).toEqual([1, expect.stringContaining("--resolve-conflict")]);
    expect(here.read("Pipfile.lock")).toBe(conflict);
    await here.ok("lock --resolve-conflict");
    expect(here.read("Pipfile.lock")).toBe(theirs);
  });

  test("sync: the tables that are asked for; --check changes nothing, --prune removes, --deploy wants a fresh lock", async () => {
    const here = place('[packages]\nsolo = "*"\n\n[dev-packages]\ntests = "*"\n\n[web]\napp = "*"\n');
    expect(await here.pen("sync")).toMatchObject({ status: 1, stderr: expect.stringContaining("pen lock") });
    expect(await here.pen("sync --deploy")).toMatchObject({ status: 1, stderr: expect.stringContaining("no Pipfile.lock to deploy") });
    await here.ok("lock");
    expect(await here.json("sync", "sync --check", 1)).toMatchObject({ inSync: false });
    expect(existsSync(join(here.root, ".venv"))).toBe(false);
    await here.json("sync", "sync --deploy");
    expect(here.installed()).toEqual(["solo-1.0"]);
    expect(await here.json("sync", "sync --check")).toMatchObject({ inSync: true, packages: [] });
    expect((await here.pen("sync --check --dev")).status).toBe(1);
    expect(here.installed()).toEqual(["solo-1.0"]);
    await here.ok("sync --dev", { cwd: here.inner });
    expect(here.installed()).toEqual(["lib-2.0", "solo-1.0", "tests-1.0"]);
    await here.ok("sync --categories web");
    await here.ok("sync --all");
    expect(here.installed()).toEqual(["app-2.0", "lib-2.0", "solo-1.0", "tests-1.0"]);
    await here.ok("pip install fresh==1.0", { environment: join(here.root, ".venv") });
    expect((await here.pen("sync --check --all --prune")).status).toBe(1);
    await here.ok("sync --all --prune");
    expect(here.installed()).toEqual(["app-2.0", "lib-2.0", "solo-1.0", "tests-1.0"]);
    writeFileSync(join(here.root, "Pipfile"), `${here.read("Pipfile")}fresh = "*"\n`);
    expect((await here.ok("sync")).stderr).toContain("pen lock");
    expect(await here.pen("sync --deploy")).toMatchObject({ status: 1, stderr: expect.stringContaining("not that of the Pipfile") });
    expect((await here.pen("sync --categories default")).stderr).toContain("packages");
  });

  test("scripts, run and tree: the project's own, from any folder inside it", async () => {
    const here = place(
      '[packages]\napp = "*"\n\n[scripts]\nhello = "python -c \\"import os; print(os.environ[\'FROM_DOTENV\'])\\""\nboth = ["echo one", "echo two"]\n',
    );
    writeFileSync(join(here.root, ".env"), "FROM_DOTENV='as it is'\nPEN_PYTHON=/nowhere\n");
    expect(await here.json("scripts", "scripts")).toMatchObject({ scripts: { both: "echo one && echo two" } });
    expect((await here.ok("scripts", { cwd: here.inner })).stdout).toMatch(/^hello {2}python -c /m);
    const { status, stderr } = await here.pen("tree");
    expect([status, stderr]).toEqual([1, expect.stringContaining("pen sync")]);
    // The golden rule: an environment is made, not a global Python touched.
    expect((await here.ok("run hello", { cwd: here.inner })).stdout).toBe("as it is\n");
    expect(existsSync(join(here.root, ".venv", "pyvenv.cfg"))).toBe(true);
    await here.ok("lock");
    await here.ok("sync");
    expect((await here.ok("run both three")).stdout).toBe("one\ntwo three\n");
    const where = await here.ok("run python -c import(sys).prefix".replace("import(sys).prefix", "import\tsys;print(sys.prefix)"), {
      cwd: here.inner,
    });
    expect(where.stdout).toBe(`${here.root}/.venv\n`);
    expect((await here.pen("run python -c raise\tSystemExit(7)")).status).toBe(7);
    expect((await here.ok("tree", { cwd: here.inner })).stdout).toContain("└── lib");
    await here.json("tree", "tree --invert");
    expect((await place("[packages]\n").ok("scripts")).stderr).toContain("no [scripts]");
  });

  test("run, shell and tree: an environment that is nearer, active there or named goes before the project's", async () => {
    const here = place('[scripts]\nwhere = "echo script"\n');
    await here.ok("venv .venv");
    const prefix = "run python -c import\tsys;print(sys.prefix)";
    await here.ok("venv src/inner/.venv");
    expect((await here.ok(prefix, { cwd: here.inner })).stdout).toBe(`${here.inner}/.venv\n`);
    expect((await here.pen("run where", { cwd: here.inner })).status).toBe(1);
    expect((await here.ok(prefix, { cwd: join(here.root, "src") })).stdout).toBe(`${here.root}/.venv\n`);
    await here.ok("venv src/other");
    expect((await here.ok(`run -p src/other ${prefix.slice(4)}`)).stdout).toBe(`${here.root}/src/other\n`);
    const active = { cwd: join(here.root, "src"), environment: join(here.root, "src", "other") };
    expect((await here.ok(prefix, active)).stdout).toBe(`${here.root}/src/other\n`);
    expect((await here.pen("run where", active)).status).toBe(1);
    rmSync(join(here.inner, ".venv"), { recursive: true });
    expect((await here.ok("run where", { cwd: here.inner })).stdout).toBe("script\n");
    expect((await here.ok("tree", { cwd: here.inner })).stdout).toContain("pip");
  });

  test("shell: the project's environment, with its variables", async () => {
    const here = place("[packages]\n");
    writeFileSync(join(here.root, ".env"), "FROM_DOTENV=yes\n");
    const { stdout } = await here.ok("shell --shell bash", {
      cwd: here.inner,
      env: { SHELL: "/bin/bash" },
      input: 'echo "$VIRTUAL_ENV $FROM_DOTENV"\npen_status=$?\nexit $pen_status\n',
    });
    expect(stdout).toContain(`${here.root}/.venv yes`);
    const nested = await here.pen("shell", { env: { PEN_SHELL: "/x" } });
    expect([nested.status, nested.stderr]).toEqual([2, expect.stringContaining("--anyway")]);
  });

  test("outside of a project they say how to begin one", async () => {
    const here = place();
    for (const words of ["remove app", "lock", "lock --check", "sync", "scripts"]) {
      const { status, stderr } = await here.pen(words);
      expect([words, status, stderr]).toEqual([words, 1, expect.stringContaining("pen init")]);
    }
    expect((await here.pen("run true")).stderr).toContain("There is no virtual environment here");
    expect(readdirSync(here.root)).toEqual(["src"]);
  });
});
