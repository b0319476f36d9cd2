/** `pen env repair` on packages: from the store, from the index, linked ones, and what is not pen's to change. Each environment is real. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { readHost, type Host } from "#foundation";
import {
  cleanCache,
  createEnvironment,
  diagnose,
  install,
  repairEnvironments,
  type LinkMode,
  type Repair,
  type RepairOptions,
} from "../../src/operations/index.ts";
import { startIndex, type IndexServer } from "../support/index-server.ts";
import { cleanEnvironment } from "../support/interpreters.ts";
import { pythons } from "../support/pythons.ts";
import { buildWheel } from "../support/wheels.ts";
import { digest, projects, sitePackages } from "../support/world.ts";

const python = pythons().at(-1);

describe.skipIf(python === undefined)("pen env repair, packages (needs a Python)", () => {
  let folder: string;
  let host: Host;
  let index: IndexServer;
  let count = 0;
  const hello = {
    name: "hello",
    version: "1.5",
    requires: ["word"],
    files: { "hello/__init__.py": "import word\n\ndef main():\n    print('hi', word.text)\n", "hello/deep/more.py": "x = 1\n" },
    entryPoints: { console_scripts: { hello: "hello:main" } },
  };
  beforeAll(async () => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "pen-repair-packages-")));
    mkdirSync(join(folder, "work"));
    index = await startIndex({
      projects: projects(
        hello,
        { ...hello, version: "1.4" },
        { name: "word", version: "1.0", files: { "word.py": "text = 'there'\n" } },
        {
          name: "word",
          version: "0.9",
          files: { "word.py": "text = 'old'\n" },
        },
      ),
    });
    const env = {
      ...cleanEnvironment(join(folder, "home")),
      PEN_CACHE_DIR: join(folder, "cache"),
      WORKON_HOME: join(folder, "envs"),
      PYENV_ROOT: join(folder, "none"),
    };
    host = readHost({ env, cwd: join(folder, "work"), home: join(folder, "home") });
  });
  afterAll(async () => {
    await index.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const make = async (linkMode: LinkMode = "auto", requirements: readonly string[] = ["hello"]): Promise<string> => {
    const { environment } = await createEnvironment({
      host,
      path: join(folder, "envs", `e${(count += 1)}`),
      python: python?.path,
      seed: [],
    });
    await install({ host, python: environment.root, requirements, linkMode, indexes: { indexUrl: index.indexUrl } });
    return environment.root;
  };
  const mend = async (root: string, options: Partial<RepairOptions> = {}): Promise<Repair> => {
    const [done] = await repairEnvironments({ host, environment: root, indexes: { indexUrl: index.indexUrl }, ...options });
    if (done === undefined) throw new Error("no answer");
    return done;
  };
  const offline = { indexes: { noIndex: true } } as const;
  const codes = async (root: string): Promise<string[]> =>
    ((await diagnose({ host, environment: root }))[0]?.problems ?? []).map(({ code }) => code);
  const works = (root: string, said = "hi there"): void => {
    const script = spawnSync(join(root, "bin", "hello"), { encoding: "utf8", env: host.env, cwd: host.cwd });
    expect([script.status, script.stdout.trim(), script.stderr]).toEqual([0, said, ""]);
  };
  const info = (root: string, name = "hello", version = "1.5"): string => join(sitePackages(root), `${name}-${version}.dist-info`);
  const linkedFolder = (root: string): string => join(dirname(sitePackages(root)), "linked-packages");

  test("what the store does not have any more comes from the index, exactly as it was", async () => {
    for (const linkMode of ["hardlink", "copy"] as const) {
      const root = await make(linkMode);
      const whole = digest(root);
      rmSync(join(sitePackages(root), "hello"), { recursive: true });
      await cleanCache({ host });
      expect(await mend(root, offline)).toMatchObject({
        repaired: [],
        left: [{ code: "file-missing", package: "hello", hint: expect.stringContaining("--force-reinstall hello") as string }],
      });
      expect(await mend(root)).toMatchObject({
        repaired: [{ code: "file-missing", how: expect.stringContaining("index") as string }],
        left: [],
      });
      expect(digest(root)).toEqual(whole);
      works(root);
    }
  });
  test("another build of the same version is never mixed in: security rule of the recorded hashes", async () => {
    const root = await make("copy");
    await cleanCache({ host });
    rmSync(join(sitePackages(root), "hello", "deep", "more.py"));
    const good = index.indexUrl;
    const evil = await startIndex({ projects: projects({ ...hello, files: { ...hello.files, "hello/deep/more.py": "import evil\n" } }) });
    try {
      expect(good).not.toBe(evil.indexUrl);
      const before = digest(root);
      expect(await mend(root, { indexes: { indexUrl: evil.indexUrl } })).toMatchObject({
        repaired: [],
        left: [{ code: "file-missing", reason: expect.stringContaining("other files") as string }],
      });
      expect(digest(root)).toEqual(before);
    } finally {
      await evil.close();
    }
    expect((await mend(root)).left).toEqual([]);
    works(root);
  });
  for (const gone of ["all of the store", "the link of the package", "the folder of its metadata", "all links"] as const) {
    test(`packages of symlink mode: ${gone} comes back`, async () => {
      const root = await make("symlink");
      works(root);
      if (gone === "all of the store") await cleanCache({ host });
      if (gone === "the link of the package") rmSync(join(linkedFolder(root), "hello"));
      if (gone === "the folder of its metadata") rmSync(join(linkedFolder(root), "hello-1.5.dist-info"), { recursive: true });
      if (gone === "all links") rmSync(linkedFolder(root), { recursive: true });
      const found = await codes(root);
      expect(found).toContain(gone === "all of the store" ? "store-gone" : "file-missing");
      if (gone === "all of the store")
        expect((await mend(root, offline)).left.map(({ code }) => code)).toEqual(["store-gone", "store-gone"]);
      const { left } = await mend(root, gone === "all of the store" ? {} : offline);
      expect(left).toEqual([]);
      works(root);
      expect(statSync(join(linkedFolder(root), "hello")).isDirectory() && readlinkSync(join(linkedFolder(root), "hello"))).toContain(
        join(folder, "cache"),
      );
      expect(await codes(root)).toEqual([]);
    });
  }
  test("a store that moved: the links follow it", async () => {
    const root = await make("symlink");
    const elsewhere = join(folder, "cache elsewhere");
    renameSync(join(folder, "cache"), elsewhere);
    const moved = { ...host, env: { ...host.env, PEN_CACHE_DIR: elsewhere } };
    const [done] = await repairEnvironments({ host: moved, environment: root, indexes: { noIndex: true } });
    expect(done?.left).toEqual([]);
    works(root);
    renameSync(elsewhere, join(folder, "cache"));
  });
  for (const [damage, harm] of [
    ["no RECORD", (at: string) => rmSync(join(at, "RECORD"))],
    ["a RECORD that cannot be read", (at: string) => writeFileSync(join(at, "RECORD"), '"')],
    ["no METADATA", (at: string) => rmSync(join(at, "METADATA"))],
  ] as const) {
    test(`${damage}: the package is put back as a whole`, async () => {
      const root = await make("copy");
      const whole = digest(root);
      harm(info(root));
      expect(await codes(root)).toContain(damage === "no METADATA" ? "file-missing" : "record-unreadable");
      expect((await mend(root, offline)).left).toEqual([]);
      expect(digest(root)).toEqual(whole);
      works(root);
    });
  }
  test("installed twice: the whole one stays, the rest of the other goes", async () => {
    const root = await make("copy");
    const other = await make("copy", ["hello==1.4"]);
    spawnSync("cp", ["-r", info(other, "hello", "1.4"), sitePackages(root)]);
    writeFileSync(join(sitePackages(root), "hello", "only_old.py"), "");
    writeFileSync(
      join(info(root, "hello", "1.4"), "RECORD"),
      `${readFileSync(join(info(root, "hello", "1.4"), "RECORD"), "utf8")}hello/only_old.py,sha256=AAAA,1\n`,
    );
    expect(await codes(root)).toContain("installed-twice");
    const { left, repaired } = await mend(root, offline);
    expect(left).toEqual([]);
    expect(repaired.find(({ code }) => code === "installed-twice")?.how).toContain("1.5 is whole");
    expect(readdirSync(sitePackages(root)).filter((name) => name.startsWith("hello-"))).toEqual(["hello-1.5.dist-info"]);
    expect(existsSync(join(sitePackages(root), "hello", "only_old.py"))).toBe(false);
    works(root);
  });
  test("a requirement that is missing is installed, unless that would change what is there", async () => {
    const root = await make("copy");
    rmSync(info(root, "word", "1.0"), { recursive: true });
    rmSync(join(sitePackages(root), "word.py"));
    expect(await mend(root, { dryRun: true })).toMatchObject({
      repaired: [{ code: "requirement-missing", how: "Installs word 1.0" }],
      left: [],
    });
    expect((await mend(root, offline)).left.map(({ code }) => code)).toEqual(["requirement-missing"]);
    expect(await mend(root)).toMatchObject({ repaired: [{ code: "requirement-missing" }], left: [] });
    works(root);
    expect(existsSync(join(info(root, "word", "1.0"), "REQUESTED"))).toBe(false);
  });
  test("a base that has what is required: nothing is missing, and nothing is installed", async () => {
    const root = await make("copy");
    const parent = await make("copy", ["word"]);
    rmSync(info(root, "word", "1.0"), { recursive: true });
    rmSync(join(sitePackages(root), "word.py"));
    writeFileSync(join(sitePackages(root), "more.pth"), `${sitePackages(parent)}\n`);
    expect(await codes(root)).toEqual([]);
    works(root);
  });
  test("what a person put there stays: scripts, modules, .pth files, changed activation aside", async () => {
    const root = await make("copy");
    const mine = {
      [join(root, "bin", "hello2")]: `#!/old/env/bin/python\nprint(1)\n`,
      [join(root, "bin", "tool")]: "#!/bin/sh\n",
      [join(sitePackages(root), "mine.py")]: "x = 1\n",
      [join(sitePackages(root), "mine.pth")]: "/nowhere/at/all\n",
      [join(root, "notes.txt")]: "notes\n",
    };
    for (const [path, text] of Object.entries(mine)) writeFileSync(path, text, { mode: 0o755 });
    symlinkSync("/nowhere", join(root, "dangling"));
    rmSync(join(sitePackages(root), "hello"), { recursive: true });
    const { repaired, left } = await mend(root, offline);
    expect(repaired.map(({ code }) => code)).toEqual(["file-missing"]);
    expect(left.map(({ code }) => code).sort()).toEqual(["dangling-link", "foreign-shebang", "path-file-dangling"]);
    expect(left.find(({ code }) => code === "foreign-shebang")?.reason).toContain("hello2");
    for (const [path, text] of Object.entries(mine)) expect([path, readFileSync(path, "utf8")]).toEqual([path, text]);
    expect(readlinkSync(join(root, "dangling"))).toBe("/nowhere");
  });
  test("a file of two packages is not given from one to the other", async () => {
    const one = buildWheel({ name: "left", version: "1", files: { "shared.py": "x = 'left'\n" } });
    const two = buildWheel({ name: "right", version: "1", files: { "shared.py": "x = 'right'\n" } });
    for (const wheel of [one, two]) writeFileSync(join(folder, wheel.filename), wheel.bytes);
    const root = await make("copy", [join(folder, one.filename)]);
    await install({
      host,
      python: root,
      requirements: [join(folder, two.filename)],
      linkMode: "copy",
      overwrite: true,
      indexes: { noIndex: true },
    });
    const before = digest(root);
    expect((await mend(root, offline)).left.map(({ code }) => code)).toEqual(["file-doubled"]);
    expect(digest(root)).toEqual(before);
  });
  test("what pip left when it was cut off goes", async () => {
    const root = await make("copy");
    mkdirSync(join(sitePackages(root), "~ello-1.4.dist-info"));
    mkdirSync(join(sitePackages(root), "~ello"));
    writeFileSync(join(sitePackages(root), "~ello", "x.py"), "");
    mkdirSync(join(sitePackages(root), "~backup of mine"));
    expect(await mend(root, offline)).toMatchObject({ repaired: [{ code: "leftover" }], left: [] });
    expect(readdirSync(sitePackages(root)).filter((name) => name.startsWith("~"))).toEqual(["~backup of mine"]);
  });
  test("a project in development mode whose folder is gone is told of, with what to type", async () => {
    const root = await make("copy");
    const at = join(sitePackages(root), "proj-1.0.dist-info");
    mkdirSync(at);
    writeFileSync(join(at, "METADATA"), "Metadata-Version: 2.1\nName: proj\nVersion: 1.0\n");
    writeFileSync(join(at, "RECORD"), "proj-1.0.dist-info/METADATA,,\nproj-1.0.dist-info/RECORD,,\n__editable__.proj.pth,,\n");
    writeFileSync(join(at, "direct_url.json"), JSON.stringify({ url: "file:///gone/proj", dir_info: { editable: true } }));
    writeFileSync(join(sitePackages(root), "__editable__.proj.pth"), "/gone/proj/src\n");
    expect((await mend(root, offline)).left).toMatchObject([
      { code: "project-gone", package: "proj", hint: expect.stringContaining("-e FOLDER") as string },
    ]);
  });
  test("pyvenv.cfg that is missing, or has a relative home; folders that are missing", async () => {
    const root = await make("copy");
    rmSync(join(root, "pyvenv.cfg"));
    expect(await codes(root)).toEqual(["environment-broken"]);
    expect(await mend(root, offline)).toMatchObject({ repaired: [{ code: "environment-broken" }], left: [] });
    works(root);
    const config = join(root, "pyvenv.cfg");
    writeFileSync(
      config,
      readFileSync(config, "utf8")
        .replace(/^home = .*$/m, "home = ../python/bin")
        .replace("\n", "\n# mine\nown-key = 1\n"),
    );
    expect(await codes(root)).toEqual(["home-relative"]);
    expect(await mend(root, offline)).toMatchObject({ repaired: [{ code: "home-relative" }], left: [] });
    expect(readFileSync(config, "utf8")).toContain("# mine\nown-key = 1\n");
    works(root);
    rmSync(join(root, "bin"), { recursive: true });
    expect((await mend(root, offline)).left).toEqual([]);
    works(root);
    expect(await codes(root)).toEqual([]);
  });
  test("its names for Python: missing, in a circle, of another version; an old lib64", async () => {
    const root = await make("copy");
    const bin = join(root, "bin");
    rmSync(join(bin, "python3"));
    symlinkSync("python3", join(bin, "python3"));
    symlinkSync("python", join(bin, "python3.5"));
    symlinkSync("/usr/bin/env", join(bin, "python3.4"));
    expect(await codes(root)).toEqual(["python-name"]);
    expect(await mend(root, offline)).toMatchObject({ repaired: [{ code: "python-name" }], left: [] });
    expect([readlinkSync(join(bin, "python3")), existsSync(join(bin, "python3.5")), readlinkSync(join(bin, "python3.4"))]).toEqual([
      "python",
      false,
      "/usr/bin/env",
    ]);
    rmSync(join(bin, "python"));
    symlinkSync("python3", join(bin, "python"));
    expect(await codes(root)).toEqual(["python-gone"]);
    expect((await mend(root, offline)).left).toEqual([]);
    works(root);
  });
  test("a package that was built for another Python is fetched for this one", async () => {
    const root = await make("copy");
    const tag = `cp${python?.release.join("")}`;
    const file = `native/x.cpython-${python?.release.join("")}-x86_64-linux-gnu.so`;
    index.setProject(
      "native",
      projects({
        name: "native",
        version: "1.0",
        tag: `${tag}-${tag}-manylinux_2_17_${process.arch === "x64" ? "x86_64" : "aarch64"}`,
        files: { [file.replace("x86_64", process.arch === "x64" ? "x86_64" : "aarch64")]: "elf" },
      })["native"],
    );
    const at = info(root, "native", "1.0");
    mkdirSync(at);
    mkdirSync(join(sitePackages(root), "native"));
    writeFileSync(join(sitePackages(root), "native", "x.cpython-35m-riscv64-linux-gnu.so"), "elf");
    writeFileSync(join(at, "METADATA"), "Metadata-Version: 2.1\nName: native\nVersion: 1.0\n");
    writeFileSync(
      join(at, "RECORD"),
      "native/x.cpython-35m-riscv64-linux-gnu.so,,\nnative-1.0.dist-info/METADATA,,\nnative-1.0.dist-info/RECORD,,\n",
    );
    expect(await mend(root)).toMatchObject({ repaired: [{ code: "wheel-unfit", package: "native" }], left: [] });
    expect(readdirSync(join(sitePackages(root), "native")).some((name) => name.includes("riscv"))).toBe(false);
  });
  const asRoot = process.getuid?.() === 0 ? test : undefined;
  asRoot?.("files of another owner are told of, with what to type", async () => {
    const root = await make("copy");
    chownSync(join(sitePackages(root), "hello", "deep"), 12_345, 12_345);
    expect((await mend(root, offline)).left).toMatchObject([
      { code: "foreign-owner", subjects: [join(sitePackages(root), "hello", "deep")], hint: `sudo chown -R --no-dereference 0 ${root}` },
    ]);
  });
  // root may write anywhere.
  const asUser = process.getuid?.() === 0 ? undefined : test;
  asUser?.("without permission nothing is changed, and the reason says so", async () => {
    const root = await make("copy");
    rmSync(join(sitePackages(root), "hello", "deep"), { recursive: true });
    chmodSync(root, 0o555);
    const { left } = await mend(root, offline);
    chmodSync(root, 0o755);
    expect(left).toMatchObject([{ code: "file-missing", reason: expect.stringContaining("write") as string }]);
  });
  test("--dry-run lists and changes nothing", async () => {
    const root = await make("copy");
    rmSync(join(sitePackages(root), "hello", "deep"), { recursive: true });
    rmSync(join(root, "bin", "activate"));
    const before = digest(root);
    const { repaired, left } = await mend(root, { ...offline, dryRun: true });
    expect(repaired.map(({ code }) => code).sort()).toEqual(["activation-missing", "file-missing"]);
    expect(left).toEqual([]);
    expect(digest(root)).toEqual(before);
  });
  test("Ctrl-C ends it, and what was begun is undone", async () => {
    const root = await make("copy");
    rmSync(join(sitePackages(root), "hello", "deep"), { recursive: true });
    const before = digest(root);
    const stop = new AbortController();
    stop.abort(new Error("stop"));
    await expect(repairEnvironments({ host, environment: root, signal: stop.signal, ...offline })).rejects.toThrow("stop");
    await expect(diagnose({ host, environment: root, signal: stop.signal })).rejects.toThrow("stop");
    expect(digest(root)).toEqual(before);
  });
});
