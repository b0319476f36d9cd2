/** `pen env export` and `pen env import`: an environment goes through a lock and comes out the same, offline from the store. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parsePylock } from "#lock";
import { schemaProblems } from "../support/json-schema.ts";
import { buildWheel } from "../support/wheels.ts";
import { openWorld, projects, python, sitePackages, type World } from "../support/world.ts";

const schema = JSON.parse(readFileSync(join(import.meta.dirname, "..", "..", "docs", "schema", "output.json"), "utf8")) as Record<
  string,
  unknown
>;
setDefaultTimeout(60_000);

describe.skipIf(python === undefined)("export and import (needs a Python with venv)", () => {
  let world: World;
  let count = 0;
  beforeAll(async () => {
    world = await openWorld({
      projects: projects(
        {
          name: "app",
          version: "1.0",
          requires: ["lib>=1", "other; python_version < '2'"],
          entryPoints: { console_scripts: { app: "app:main" } },
        },
        { name: "lib", version: "1.0" },
        { name: "lib", version: "2.0" },
        { name: "other", version: "1.0" },
      ),
    });
  });
  afterAll(() => world.close());

  const place = (name = "e"): string => join(realpathSync(world.work), `${name}${(count += 1)}`);
  const ok = async (words: readonly string[], options = {}): Promise<string> => {
    const { status, stdout, stderr } = await world.pen(words, options);
    expect([status, stderr]).toEqual([0, expect.any(String) as string]);
    if (status !== 0) throw new Error(stderr);
    return stdout;
  };
  const make = async (...requirements: readonly string[]): Promise<string> => {
    const root = place();
    await ok(["venv", "--no-seed", "-p", python ?? "", root]);
    await ok(["pip", "install", "--python", root, ...requirements]);
    return root;
  };
  const freeze = (root: string): Promise<string> => ok(["pip", "freeze", "--all", "--python", root]);

  for (const format of ["pylock", "requirements"] as const) {
    test(`export and import give the same again, offline (${format})`, async () => {
      const root = await make("app", "lib==1.0");
      const file = join(world.work, format === "pylock" ? `pylock.${(count += 1)}.toml` : `requirements${(count += 1)}.txt`);
      await ok(["env", "export", root, "-o", file]);
      const requests = world.index.requests.length;
      const copy = place("copy");
      await ok(["env", "import", "--offline", "-p", python ?? "", file, copy]);
      expect(world.index.requests.length).toBe(requests);
      expect(await freeze(copy)).toBe(await freeze(root));
      expect(await freeze(copy)).toBe("app==1.0\nlib==1.0\n");
      expect(readdirSync(world.work).filter((name) => name.startsWith(".pen-tmp"))).toEqual([]);
      // Exported again it is the same text.
      expect(await ok(["env", "export", "--format", format, copy])).toBe(readFileSync(file, "utf8"));
    });
  }
  test("the lock says version, Python, the hash of the very wheel, its place, who needs it", async () => {
    const root = await make("app");
    const lock = parsePylock(await ok(["env", "export", root]));
    const [app, lib] = lock.packages;
    expect(lock.packages.map(({ name, version }) => `${name} ${version ?? ""}`)).toEqual(["app 1.0", "lib 2.0"]);
    expect(lock.requiresPython?.specifiers).toHaveLength(1);
    expect([app?.requiredBy, app?.dependencies.map(({ name }) => name), lib?.requiredBy]).toEqual([[], ["lib"], ["app"]]);
    expect(app?.files).toHaveLength(1);
    expect(app?.files[0]?.url).toStartWith("http");
    expect(Object.keys(app?.files[0]?.hashes ?? {})).toEqual(["sha256"]);
  });
  test("offline, a wheel whose place nobody knows is locked by its hash, and comes back from the store", async () => {
    const root = await make("app");
    const { status, stdout, stderr } = await world.pen(["env", "export", root, "--no-index"]);
    expect([status, stderr.includes("locked by hash")]).toEqual([0, true]);
    const lock = parsePylock(stdout);
    expect(lock.packages.map(({ files }) => [files[0]?.url, files[0]?.path])).toEqual([
      [undefined, "app-1.0-py3-none-any.whl"],
      [undefined, "lib-2.0-py3-none-any.whl"],
    ]);
    const file = join(world.work, "placeless.toml");
    writeFileSync(file, stdout);
    const copy = place("copy");
    await ok(["env", "import", "--no-index", "-p", python ?? "", file, copy]);
    expect(await freeze(copy)).toBe(await freeze(root));
    // With an empty store the index is asked by version, and the hash must be the one of the lock.
    const fresh = place("fresh");
    await ok(["env", "import", "-p", python ?? "", file, fresh], { env: { PEN_CACHE_DIR: join(world.folder, `cache${(count += 1)}`) } });
    expect(await freeze(fresh)).toBe(await freeze(root));
  });
  test("what stands in the store is known by its files, also pip that came with the environment, and in symlink mode", async () => {
    const root = place("seeded");
    await ok(["venv", "-p", python ?? "", root]);
    await ok(["pip", "install", "--link-mode", "symlink", "--python", root, "app"]);
    const { stdout } = await world.pen(["env", "export", root, "--no-index"]);
    const lock = parsePylock(stdout);
    expect(lock.packages.map(({ name, files }) => [name as string, files.length])).toEqual([
      ["app", 1],
      ["lib", 1],
      ["pip", 1],
    ]);
    const file = join(world.work, "seeded.toml");
    writeFileSync(file, stdout);
    const copy = place("copy");
    // Without -p it is the Python that the lock is for.
    await ok(["env", "import", "--offline", "--link-mode", "symlink", file, copy], {
      env: { PATH: `${dirname(python ?? "")}:/usr/bin:/bin` },
    });
    expect(await freeze(copy)).toBe(await freeze(root));
    expect((await ok(["run", "--python", copy, "python", "-c", "import app, pip; print('up')"])).trim()).toBe("up");
    // Of another build of the same version, the hash would be wrong.
    const library = sitePackages(root);
    const record = join(library, readdirSync(library).find((name) => name.startsWith("pip-")) ?? "", "RECORD");
    const text = readFileSync(record, "utf8");
    rmSync(record);
    writeFileSync(record, text.replace(/^pip\/__init__.py,sha256=..../m, "pip/__init__.py,sha256=AAAA"));
    const changed = await world.pen(["env", "export", root, "--no-index", "--format", "requirements"]);
    expect(changed.stderr).toContain("No hash is known of pip");
  });
  test("what another tool installed is locked with the hashes of the index", async () => {
    const root = world.bareEnvironment(`foreign${(count += 1)}`);
    writeFileSync(join(world.work, "pip.txt"), "");
    const library = sitePackages(root);
    mkdirSync(join(library, "lib-1.0.dist-info"));
    writeFileSync(join(library, "lib-1.0.dist-info", "METADATA"), "Metadata-Version: 2.1\nName: lib\nVersion: 1.0\n");
    const lock = parsePylock(await ok(["env", "export", root]));
    expect(lock.packages.map(({ name, files }) => [name as string, files.length])).toEqual([["lib", 1]]);
    mkdirSync(join(library, "nobody-3.dist-info"));
    writeFileSync(join(library, "nobody-3.dist-info", "METADATA"), "Metadata-Version: 2.1\nName: nobody\nVersion: 3\n");
    const refused = await world.pen(["env", "export", root, "--json"]);
    expect([refused.status === 0, refused.stderr + refused.stdout]).toEqual([false, expect.stringContaining("nobody") as string]);
    const text = await world.pen(["env", "export", root, "--format", "requirements"]);
    expect([
      text.status,
      text.stdout.includes("nobody==3\n"),
      text.stdout.includes("--hash"),
      text.stderr.includes("No hash is known of nobody"),
    ]).toEqual([0, true, false, true]);
  });
  test("an archive that was named by its place keeps its origin", async () => {
    const wheel = buildWheel({ name: "local", version: "1" });
    mkdirSync(join(world.work, "dist"), { recursive: true });
    writeFileSync(join(world.work, "dist", wheel.filename), wheel.bytes);
    const root = await make(`./dist/${wheel.filename}`);
    const file = join(world.work, "pylock.local.toml");
    await ok(["env", "export", root, "-o", file]);
    expect(parsePylock(readFileSync(file, "utf8"), { folder: realpathSync(world.work) }).packages[0]?.direct?.url).toEndWith(
      `/dist/${wheel.filename}`,
    );
    const copy = place("copy");
    await ok(["env", "import", "--offline", "-p", python ?? "", file, copy]);
    expect(await freeze(copy)).toBe(await freeze(root));
    expect(await freeze(copy)).toContain("local @ file://");
  });
  test("a file with another content than the lock says is refused, and nothing is left", async () => {
    const root = await make("app");
    const file = join(world.work, "tampered.toml");
    const text = await ok(["env", "export", root]);
    writeFileSync(file, text.replace(/sha256 = "[0-9a-f]{4}/g, 'sha256 = "0000'));
    const to = place("tampered");
    const { status, stderr } = await world.pen(["env", "import", "-p", python ?? "", file, to]);
    expect([status === 0, existsSync(to), readdirSync(world.work).filter((name) => name.startsWith(".pen-tmp"))]).toEqual([
      false,
      false,
      [],
    ]);
    expect(stderr).toMatch(/hash|promised/);
  });
  test("refusals: a taken place, a file that is no lock or not there, a Python that the lock is not for", async () => {
    const root = await make("lib");
    const file = join(world.work, "good.toml");
    await ok(["env", "export", root, "-o", file]);
    writeFileSync(join(world.work, "bad.toml"), "lock-version = '9'\n");
    const status = async (...words: readonly string[]): Promise<number | null> =>
      (await world.pen(["env", "import", "-p", python ?? "", ...words])).status;
    expect(await status(file, root)).not.toBe(0);
    for (const name of ["bad.toml", "missing.toml", "missing.txt"]) expect(await status(join(world.work, name), place())).not.toBe(0);
    writeFileSync(
      join(world.work, "other.toml"),
      readFileSync(file, "utf8").replace(/requires-python = .*/, 'requires-python = "==3.1.*"'),
    );
    const { stderr } = await world.pen(["env", "import", "-p", python ?? "", join(world.work, "other.toml"), place()]);
    expect(stderr).toContain("not for this environment");
    expect((await world.pen(["env", "import", file])).status).toBe(2);
    expect((await world.pen(["env", "export", "no-such"])).status).not.toBe(0);
  });
  test("JSON by the schema", async () => {
    const root = await make("app");
    const file = join(world.work, "json.toml");
    const exported = JSON.parse(await ok(["env", "export", root, "-o", file, "--json"])) as unknown;
    expect(schemaProblems(exported, { $ref: "#/$defs/env export" }, schema)).toEqual([]);
    const imported = JSON.parse(await ok(["env", "import", "-p", python ?? "", file, place("json"), "--json"])) as unknown;
    expect(schemaProblems(imported, { $ref: "#/$defs/env import" }, schema)).toEqual([]);
  });
});
