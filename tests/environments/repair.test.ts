/** `pen env repair` on real environments that were broken by hand: what it mends works again, what it does not is told why. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { readHost, type Host } from "#foundation";
import { runProgram } from "../../src/cli/program.ts";
import {
  createEnvironment,
  install,
  repairEnvironments,
  type LinkMode,
  type Repair,
  type RepairOptions,
} from "../../src/operations/index.ts";
import { cleanEnvironment } from "../support/interpreters.ts";
import { schemaProblems } from "../support/json-schema.ts";
import { pythons } from "../support/pythons.ts";
import { buildWheel } from "../support/wheels.ts";
import { digest, sitePackages } from "../support/world.ts";

const schema = JSON.parse(readFileSync(join(import.meta.dirname, "..", "..", "docs", "schema", "output.json"), "utf8")) as Record<
  string,
  unknown
>;
const all = pythons();
const python = all.at(-1);

describe.skipIf(python === undefined)("pen env repair (needs a Python)", () => {
  let folder: string;
  let host: Host;
  let count = 0;
  beforeAll(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "pen-repair-")));
    for (const name of ["work", "bin", "wheels"]) mkdirSync(join(folder, name));
    // Every Python of the machine by its version, as an upgrade leaves them.
    for (const { path, release } of all)
      if (!existsSync(join(folder, "bin", `python${release.join(".")}`)))
        symlinkSync(path, join(folder, "bin", `python${release.join(".")}`));
    const clean = cleanEnvironment(join(folder, "home"));
    const env: Record<string, string> = {
      ...clean,
      PEN_CACHE_DIR: join(folder, "cache"),
      WORKON_HOME: join(folder, "envs"),
      PYENV_ROOT: join(folder, "none"),
      PATH: `${folder}/bin:${clean["PATH"] ?? ""}`,
    };
    host = readHost({ env, cwd: join(folder, "work"), home: join(folder, "home") });
    const wheel = buildWheel({
      name: "hello",
      version: "1.5",
      files: { "hello/__init__.py": "word = 'hi'\n", "hello/deep/more.py": "x = 1\n" },
      entryPoints: { console_scripts: { hello: "hello:word.upper" } },
    });
    writeFileSync(join(folder, "wheels", wheel.filename), wheel.bytes);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const make = async (
    from = python?.path,
    options: { readonly systemSitePackages?: boolean; readonly prompt?: string; readonly copies?: boolean } = {},
  ): Promise<string> =>
    (await createEnvironment({ host, path: join(folder, "envs", `e${(count += 1)}`), python: from, seed: [], ...options })).environment
      .root;
  const add = (root: string, linkMode: LinkMode): Promise<unknown> =>
    install({ host, python: root, requirements: ["hello"], linkMode, indexes: { noIndex: true, findLinks: [join(folder, "wheels")] } });
  const mend = async (root: string, options: Partial<RepairOptions> = {}): Promise<Repair> => {
    const [done] = await repairEnvironments({ host, environment: root, indexes: { noIndex: true }, ...options });
    if (done === undefined) throw new Error("no answer");
    return done;
  };
  const says = (root: string, code: string): string => {
    const ran = spawnSync(join(root, "bin", "python"), ["-c", code], {
      encoding: "utf8",
      env: host.env,
      cwd: host.cwd,
    });
    return ran.error === undefined ? ran.stdout.trim() : "";
  };
  /** As when the folder of the base Python was removed. */
  const loseBase = (root: string): void => {
    const config = join(root, "pyvenv.cfg");
    writeFileSync(
      config,
      readFileSync(config, "utf8").replace(
        /^(home|executable) = .*$/gm,
        (_, key: string) => `${key} = /gone/bin${key === "home" ? "" : "/python3"}`,
      ),
    );
    if (existsSync(join(root, "bin", "python"))) rmSync(join(root, "bin", "python"));
    symlinkSync("/gone/bin/python3", join(root, "bin", "python"));
  };

  for (const { path, release, version } of all) {
    test(`Python ${version} (${path}) goes away: one command brings the environment back, packages included`, async () => {
      const root = await make(path, { systemSitePackages: true, prompt: "my 'env'" });
      await add(root, "hardlink");
      loseBase(root);
      expect(says(root, "print(1)")).toBe("");
      const packages = digest(sitePackages(root));
      expect(await mend(root)).toMatchObject({ repaired: [{ code: "python-gone" }], left: [] });
      expect(digest(sitePackages(root))).toEqual(packages);
      expect(says(root, "import sys, hello; print('%d.%d' % sys.version_info[:2], hello.word, sys.prefix)")).toBe(
        `${release.join(".")} hi ${root}`,
      );
      const config = readFileSync(join(root, "pyvenv.cfg"), "utf8");
      expect([config.includes("include-system-site-packages = true"), config.includes("my 'env'")]).toEqual([true, true]);
      expect(await mend(root)).toMatchObject({ repaired: [], left: [] });
    });
  }
  const older = all.find(({ release: [, minor] }) => minor !== python?.release[1]);
  test.skipIf(older === undefined)("a link that now leads to another version goes back to the right one (needs two Pythons)", async () => {
    const root = await make();
    rmSync(join(root, "bin", "python"));
    symlinkSync(older?.realPath ?? "", join(root, "bin", "python"));
    expect(await mend(root)).toMatchObject({ repaired: [{ code: "python-changed" }], left: [] });
    expect(realpathSync(readlinkSync(join(root, "bin", "python")))).toBe(python?.realPath ?? "");
  });
  test("no Python of that version is here: nothing is touched, and the reason names it", async () => {
    const root = await make();
    loseBase(root);
    const library = join(root, "lib", `python${python?.release.join(".")}`);
    spawnSync("mv", [library, join(root, "lib", "python3.77")]);
    writeFileSync(join(root, "pyvenv.cfg"), "home = /gone/bin\nversion = 3.77.1\n");
    const before = digest(root);
    const { repaired, left } = await mend(root);
    expect(repaired).toEqual([]);
    expect(left.map(({ code, reason }) => [code, reason.includes("3.77"), reason.includes("\n")])).toEqual([["python-gone", true, false]]);
    await expect(mend(root, { python: "3.78" })).rejects.toMatchObject({ code: "PYTHON_NOT_FOUND" });
    expect(digest(root)).toEqual(before);
  });
  test("what does not tell its version is left", async () => {
    const root = await make();
    loseBase(root);
    for (const name of ["python3.6", "python3.7"]) mkdirSync(join(root, "lib", name, "site-packages"), { recursive: true });
    writeFileSync(join(root, "pyvenv.cfg"), "home = /gone/bin\n");
    expect((await mend(root)).left).toMatchObject([{ code: "python-gone" }]);
  });
  for (const linkMode of ["hardlink", "copy"] as const) {
    test(`files that are missing or changed come back from the store (${linkMode})`, async () => {
      const root = await make();
      await add(root, linkMode);
      const packages = sitePackages(root);
      const whole = digest(root);
      rmSync(join(packages, "hello", "deep"), { recursive: true });
      rmSync(join(root, "bin", "hello"));
      const file = join(packages, "hello", "__init__.py");
      rmSync(file);
      writeFileSync(file, "word = 'changed'\n");
      const { repaired, left } = await mend(root);
      expect(left).toEqual([]);
      expect(repaired.map(({ code }) => code).sort()).toEqual(["file-changed", "file-missing"]);
      expect(digest(root)).toEqual(whole);
      expect(says(root, "import hello, hello.deep.more; print(hello.word)")).toBe("hi");
    });
  }
  test("a change that went into the store as well is not taken for whole", async () => {
    const root = await make();
    await add(root, "hardlink");
    const file = join(sitePackages(root), "hello", "__init__.py");
    if (statSync(file).nlink < 2) return;
    spawnSync("chmod", ["u+w", file]);
    appendFileSync(file, "# written through the link\n");
    expect(await mend(root)).toMatchObject({
      repaired: [],
      left: [
        {
          code: "file-changed",
          reason: expect.stringContaining("hello") as string,
          hint: expect.stringContaining("--force-reinstall hello") as string,
        },
      ],
    });
    expect(await mend(root, { indexes: { noIndex: true, findLinks: [join(folder, "wheels")] } })).toMatchObject({
      repaired: [{ code: "file-changed" }],
      left: [],
    });
    expect(readFileSync(file, "utf8")).toBe("word = 'hi'\n");
  });
  test("what another tool installed is left, with the reason", async () => {
    const root = await make();
    const info = join(sitePackages(root), "other-1.0.dist-info");
    mkdirSync(info);
    writeFileSync(join(info, "METADATA"), "Metadata-Version: 2.1\nName: other\nVersion: 1.0\n");
    writeFileSync(join(info, "RECORD"), "other.py,sha256=AAAA,1\n");
    expect(await mend(root)).toMatchObject({
      repaired: [],
      left: [{ code: "file-missing", reason: expect.stringContaining("other") as string }],
    });
  });
  test("files never come back through a link that leads out of the environment", async () => {
    const root = await make();
    await add(root, "copy");
    const outside = join(folder, "outside");
    mkdirSync(outside);
    rmSync(join(sitePackages(root), "hello"), { recursive: true });
    symlinkSync(outside, join(sitePackages(root), "hello"));
    expect((await mend(root)).left.map(({ code }) => code)).toEqual(["file-missing"]);
    expect([existsSync(join(outside, "__init__.py")), existsSync(join(outside, "deep"))]).toEqual([false, false]);
  });
  test("a command that was cut off is brought to its end", async () => {
    const root = await make();
    const made = join(sitePackages(root), "half");
    mkdirSync(made);
    const journal = {
      format: 1,
      id: "0011223344556677",
      changes: [{ action: "install", name: "half", version: "1" }],
      newRoots: [made.slice(root.length + 1)],
      newFiles: [],
      removed: [],
    };
    mkdirSync(join(root, ".pen"), { recursive: true });
    writeFileSync(join(root, ".pen", "journal.json"), JSON.stringify(journal));
    expect(await mend(root)).toMatchObject({ repaired: [{ code: "unfinished-command" }], left: [] });
    expect(existsSync(made)).toBe(false);
  });
  test("the command: all of them, exit status, JSON by the schema", async () => {
    const broken = await make();
    loseBase(broken);
    const pen = async (words: readonly string[]): Promise<{ status: number; out: string }> => {
      let out = "";
      const terminal = {
        out: (text: string) => void (out += text),
        err: () => {},
        outIsTerminal: false,
        errIsTerminal: false,
        inIsTerminal: false,
        columns: 80,
      };
      return { status: await runProgram(words, { terminal, calledAs: "pen", modeWords: 0, host }), out };
    };
    const every = await pen(["env", "repair", "--all", "--json", "--no-index"]);
    const value = JSON.parse(every.out) as { left: number; environments: Repair[] };
    expect(schemaProblems(value, { $ref: "#/$defs/env repair" }, schema)).toEqual([]);
    expect([every.status, value.left > 0]).toEqual([1, true]);
    expect(value.environments.find(({ path }) => path === broken)).toMatchObject({ repaired: [{ code: "python-gone" }], left: [] });
    expect(await pen(["env", "repair", broken])).toEqual({ status: 0, out: `ok ${broken}\n` });
    expect(dirname(broken)).toBe(join(folder, "envs"));
  });
});
