/** `pen env bundle` with the real Pythons of this machine: put elsewhere, with the old Python hidden, everything in it runs. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { readHost, type Host } from "#foundation";
import { runProgram } from "../../src/cli/program.ts";
import { bundleEnvironment, createEnvironment, install, type BundleReport, type LinkMode } from "../../src/operations/index.ts";
import { cleanEnvironment, programOnPath } from "../support/interpreters.ts";
import { schemaProblems } from "../support/json-schema.ts";
import { pythons } from "../support/pythons.ts";
import { buildWheel } from "../support/wheels.ts";

const schema = JSON.parse(readFileSync(join(import.meta.dirname, "..", "..", "docs", "schema", "output.json"), "utf8")) as Record<
  string,
  unknown
>;
const all = pythons();
const managed = all.filter(({ managed: isManaged }) => isManaged);
const system = all.find(({ path }) => path.startsWith("/usr/bin/"));
const pypy = programOnPath("pypy3");
/** The oldest and the newest of pyenv (linked to a shared libpython or not), Debian's own, and PyPy. */
const bases = [...new Set([managed[0]?.path, managed.at(-1)?.path, system?.path, pypy].filter((path) => path !== undefined))];
const main = managed.at(-1)?.path ?? bases[0];
const compiler = programOnPath("cc");
const canHide = spawnSync("unshare", ["-rm", "true"]).status === 0;
const isLinux = process.platform === "linux";

/** Hundreds of files are copied. */
setDefaultTimeout(120_000);

const extension = `#include <Python.h>
static PyObject *answer(PyObject *self, PyObject *none) { return PyLong_FromLong(42); }
static PyMethodDef methods[] = {{"answer", answer, METH_NOARGS, ""}, {NULL, NULL, 0, NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "native", "", -1, methods};
PyMODINIT_FUNC PyInit_native(void) { return PyModule_Create(&module); }
`;

describe.skipIf(main === undefined || !isLinux)("pen env bundle (needs Linux and a Python)", () => {
  let folder: string;
  let host: Host;
  let count = 0;
  beforeAll(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "pen-bundle-")));
    for (const name of ["work", "wheels", "home"]) mkdirSync(join(folder, name));
    const env = {
      ...cleanEnvironment(join(folder, "home")),
      PEN_CACHE_DIR: join(folder, "cache"),
      PEN_DATA_DIR: join(folder, "data"),
    };
    host = readHost({ env, cwd: join(folder, "work"), home: join(folder, "home") });
    const wheel = buildWheel({
      name: "hello",
      version: "1.5",
      files: {
        "hello/__init__.py": "import sys\ndef main():\n    import hello.data\n    print('hi', sys.prefix, *sys.argv[1:])\n",
        "hello/data.py": "",
      },
      dataFiles: { "data/share/hello/word.txt": "word", "scripts/sh-hello": "#!/bin/sh\necho plain\n" },
      entryPoints: { console_scripts: { hello: "hello:main" } },
    });
    writeFileSync(join(folder, "wheels", wheel.filename), wheel.bytes);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }), 60_000);

  const make = async (base: string | undefined, linkMode: LinkMode, more: readonly string[] = []): Promise<string> => {
    const root = join(folder, "work", `env${(count += 1)}`);
    await createEnvironment({ host, path: root, python: base, seed: [] });
    const indexes = { noIndex: true, findLinks: [join(folder, "wheels")] };
    await install({ host, python: root, requirements: ["hello", ...more], linkMode, indexes });
    return root;
  };
  const bundle = (environment: string, out: string, more: object = {}): Promise<BundleReport> =>
    bundleEnvironment({ host, environment, out, ...more });
  const unpack = (archive: string): string => {
    const place = join(folder, `un packed ${(count += 1)}`);
    mkdirSync(place);
    expect(spawnSync("tar", ["xf", archive, "-C", place], { encoding: "utf8" }).stderr).toBe("");
    return join(place, readdirSync(place)[0] ?? "");
  };
  /** What belongs to the Python of an environment, to be hidden: its prefix, or where the system keeps it. */
  const partsOf = (root: string): string[] => {
    const code =
      "import sys, os, sysconfig, json; print(json.dumps([sys.base_prefix, sysconfig.get_path('stdlib', vars={'installed_base': sys.base_prefix, 'base': sys.base_prefix}), os.path.realpath(sys.executable)] + [l.split(None, 5)[5].strip() for l in open('/proc/self/maps') if 'libpy' in l.rsplit('/', 1)[-1]]))";
    const [prefix = "", ...parts] = JSON.parse(
      spawnSync(join(root, "bin", "python"), ["-c", code], { encoding: "utf8" }).stdout,
    ) as string[];
    return prefix === "/usr" ? [...new Set(parts)] : [prefix];
  };
  /** Where the loader of this system finds libraries, those of these names that it has. */
  const systemLibraries = (names: readonly string[]): string[] =>
    (spawnSync("/sbin/ldconfig", ["-p"], { encoding: "utf8" }).stdout ?? "").split("\n").flatMap((line) => {
      const [, name = "", path = ""] = /^\s*(\S+) \([^)]*\) => (\S+)$/.exec(line) ?? [];
      return names.includes(name) ? [realpathSync(path)] : [];
    });
  /** Runs words without any variable, and where the system allows it with `hidden` out of sight. */
  const alone = (hidden: readonly string[], words: readonly string[]): string => {
    const mounts = hidden.map((path) =>
      statSync(path).isDirectory() ? `mount -t tmpfs none '${path}'` : `mount --bind /dev/null '${path}'`,
    );
    const [program = "", ...args] = canHide
      ? ["unshare", "-rm", "sh", "-c", `${mounts.join(" && ")} && exec env -i "$@"`, "sh", ...words]
      : ["env", "-i", ...words];
    const { stdout, stderr } = spawnSync(program, args, { encoding: "utf8", cwd: "/", timeout: 60_000 });
    return `${stdout}${stderr}`.trim();
  };
  const look = [
    "import sys, json, ctypes, ssl, sqlite3, zlib, bz2, lzma, hashlib, hello, xml.parsers.expat",
    "maps = {l.split(None, 5)[5].strip() for l in open('/proc/self/maps') if '/' in l}",
    "print(json.dumps([sys.prefix, sys.base_prefix, [p for p in sys.path if p], sorted(maps), hello.__file__]))",
  ].join("\n");

  for (const base of bases) {
    for (const [linkMode, ending] of [
      ["hardlink", ".tar.zst"],
      ["symlink", ".tar.gz"],
    ] as const) {
      test(`${base}, ${linkMode}, ${ending}: unpacked elsewhere, with the old Python hidden, it runs and loads nothing of the old place`, async () => {
        const root = await make(base, linkMode);
        const report = await bundle(root, `app${(count += 1)}${ending}`, { slim: true });
        expect(report).toMatchObject({ format: ending.slice(1), packages: [{ name: "hello", version: "1.5" }], foreignScripts: [] });
        expect(report.needs.libraries.map(({ name }) => name)).toContain("libc.so.6");
        expect(report.needs.libraries.every(({ usedBy }) => usedBy.length > 0)).toBe(true);
        expect(report.size).toBe(statSync(report.bundle).size);
        const app = unpack(report.bundle);
        // What the bundle has of the system's libraries is hidden as well.
        const carried = systemLibraries(readdirSync(join(app, "lib")));
        expect(carried.map((path) => basename(path))).toContainEqual(expect.stringMatching(/^libcrypto\.so/));
        const hidden = [...partsOf(root), ...carried];
        rmSync(root, { recursive: true });
        const [prefix, basePrefix, path, maps, file] = JSON.parse(alone(hidden, [join(app, "bin", "python"), "-c", look])) as [
          string,
          string,
          string[],
          string[],
          string,
        ];
        expect([prefix, basePrefix]).toEqual([app, app]);
        for (const one of [...path, file]) expect(one).toStartWith(`${app}/`);
        for (const one of maps.filter((name) => /libpy(?:thon|py)/.test(name) || hidden.some((part) => name.startsWith(`${part}/`))))
          expect(one).toStartWith(`${app}/`);
        expect(alone(hidden, [join(app, "bin", "hello"), "a b"])).toBe(`hi ${app} a b`);
        expect(alone(hidden, [join(app, "bin", "sh-hello")])).toBe("plain");
        expect(readFileSync(join(app, "share", "hello", "word.txt"), "utf8")).toBe("word");
        // Moved again, reached by a link, started by a relative name.
        const again = join(folder, `again${(count += 1)}`);
        cpSync(app, again, { recursive: true, verbatimSymlinks: true });
        symlinkSync(join(again, "bin", "hello"), `${again}-link`);
        expect(alone(hidden, [`${again}-link`])).toBe(`hi ${again}`);
      });
    }
  }
  test.skipIf(compiler === undefined)("a module that was compiled comes along (needs a C compiler and Python's headers)", async () => {
    const ask = (code: string): string => spawnSync(main ?? "", ["-c", code], { encoding: "utf8" }).stdout.trim();
    const headers = ask("import sysconfig; print(sysconfig.get_path('include'))");
    const suffix = ask("import sysconfig; print(sysconfig.get_config_var('EXT_SUFFIX'))");
    const tag = ask("import sys; print('cp%d%d-cp%d%d' % (sys.version_info[:2] * 2))");
    if (!existsSync(join(headers, "Python.h"))) return;
    writeFileSync(join(folder, "native.c"), extension);
    const library = join(folder, "native.so");
    expect(spawnSync(compiler ?? "", ["-shared", "-fPIC", `-I${headers}`, "-o", library, join(folder, "native.c")]).status).toBe(0);
    const machine = ask("import sysconfig; print(sysconfig.get_platform().replace('-', '_').replace('.', '_'))");
    const wheel = buildWheel({
      name: "native",
      version: "1",
      files: { [`native${suffix}`]: readFileSync(library) },
      tag: `${tag}-${machine}`,
    });
    writeFileSync(join(folder, "wheels", wheel.filename), wheel.bytes);
    const root = await make(main, "hardlink", ["native"]);
    const hidden = partsOf(root);
    const { bundle: app } = await bundle(root, "native-app", { slim: true });
    expect(alone(hidden, [join(app, "bin", "python"), "-c", "import native; print(native.answer())"])).toBe("42");
  });
  test("the same environment gives the same bytes; SOURCE_DATE_EPOCH bounds every time in the archive", async () => {
    const root = await make(main, "hardlink");
    const first = await bundle(root, "one/app.tar.gz", { slim: true });
    spawnSync(join(root, "bin", "hello")); // Leaves bytecode behind, which is no part of a bundle.
    const second = await bundle(root, "two/app.tar.gz", { slim: true });
    expect(Buffer.compare(readFileSync(first.bundle), readFileSync(second.bundle))).toBe(0);
    const early = { ...host, env: { ...host.env, SOURCE_DATE_EPOCH: "86400" } };
    const { bundle: third } = await bundle(root, "three/app.tar", { slim: true, host: early });
    const listed = spawnSync("tar", ["tvf", third, "--full-time", "--numeric-owner"], {
      encoding: "utf8",
      env: { ...host.env, TZ: "UTC" },
      maxBuffer: 2 ** 26,
    });
    const lines = listed.stdout.trim().split("\n");
    expect(lines.length).toBeGreaterThan(500);
    for (const line of lines) expect(line).toMatch(/^[-dl][-rwx]{9} 0\/0 .* 1970-01-0[12] /);
    const names = lines.map((line) => line.replace(/^.*\d\d:\d\d:\d\d /, "").replace(/ -> .*/, ""));
    expect(names.every((name) => name.startsWith("app/"))).toBe(true);
    expect(names.some((name) => name.includes("__pycache__") || name.includes("EXTERNALLY-MANAGED") || name.includes("/test/"))).toBe(
      false,
    );
  });
  test("without --slim the standard library is whole", async () => {
    const root = await make(main, "hardlink");
    const { bundle: app } = await bundle(root, "whole");
    expect(
      spawnSync(join(app, "bin", "python"), ["-c", "import ensurepip, idlelib, test.support; print('whole')"], { encoding: "utf8" }).stdout,
    ).toBe("whole\n");
    expect(existsSync(join(app, "include"))).toBe(true);
  });
  test("packages that a person installed for themselves stay out, as of an environment", async () => {
    const root = await make(main, "hardlink");
    const { bundle: app } = await bundle(root, "apart", { slim: true });
    const home = join(folder, "someone");
    const ask = (program: string, code: string): string =>
      spawnSync(program, ["-c", code], { encoding: "utf8", env: { HOME: home } }).stdout.trim();
    const site = ask(main ?? "", "import site; print(site.getusersitepackages())");
    mkdirSync(site, { recursive: true });
    writeFileSync(join(site, "intruder.py"), "");
    expect(ask(main ?? "", "import intruder; print('seen')")).toBe("seen");
    expect(ask(join(app, "bin", "python"), "import sys, site; print([p for p in sys.path if 'someone' in p], site.ENABLE_USER_SITE)")).toBe(
      "[] False",
    );
  });

  describe("refusals: nothing is left", () => {
    const refusal = async (work: Promise<unknown>): Promise<{ code: string; why: string }> =>
      work.then(
        () => ({ code: "done", why: "" }),
        ({ code, why = "" }: { code: string; why?: string }) => ({ code, why }),
      );
    const clean = (): void => expect(readdirSync(host.cwd).filter((name) => name.startsWith(".pen-tmp"))).toEqual([]);
    test("an editable install and a .pth file that leads out are named", async () => {
      const root = await make(main, "copy");
      const library = join(root, "lib", readdirSync(join(root, "lib")).find((name) => name.startsWith("python3")) ?? "", "site-packages");
      const project = join(folder, "project");
      mkdirSync(project);
      mkdirSync(join(library, "mine-1.dist-info"));
      writeFileSync(join(library, "mine-1.dist-info", "METADATA"), "Metadata-Version: 2.1\nName: mine\nVersion: 1\n");
      writeFileSync(
        join(library, "mine-1.dist-info", "direct_url.json"),
        JSON.stringify({ url: `file://${project}`, dir_info: { editable: true } }),
      );
      writeFileSync(join(library, "more.pth"), `${dirname(project)}/wheels\n`);
      const { code, why } = await refusal(bundle(root, "refused.tar.gz"));
      expect(code).toBe("TARGET_UNSUPPORTED");
      expect(why).toContain(`mine: ${project}`);
      expect(why).toContain("more.pth: ");
      expect(existsSync(join(host.cwd, "refused.tar.gz"))).toBe(false);
      clean();
    });
    test("an environment that sees the packages of its Python", async () => {
      const root = join(host.cwd, `sees${(count += 1)}`);
      await createEnvironment({ host, path: root, python: main, seed: [], systemSitePackages: true });
      expect(await refusal(bundle(root, "refused"))).toMatchObject({ code: "TARGET_UNSUPPORTED" });
      clean();
    });
    test("a taken place, another kind of archive, no environment; --force replaces an archive and no folder", async () => {
      const root = await make(main, "copy");
      writeFileSync(join(host.cwd, "taken.tar"), "mine");
      mkdirSync(join(host.cwd, "taken"));
      for (const out of ["taken.tar", "taken"]) expect(await refusal(bundle(root, out))).toMatchObject({ code: "ENV_EXISTS" });
      expect(await refusal(bundle(root, "taken", { force: true }))).toMatchObject({ code: "ENV_EXISTS" });
      expect(await refusal(bundle(root, join(root, "inside")))).toMatchObject({ code: "USAGE" });
      for (const out of ["a.zip", "a.tar.xz"]) expect(await refusal(bundle(root, out))).toMatchObject({ code: "USAGE" });
      expect(await refusal(bundle("no-such", "a.tar"))).toMatchObject({ code: "ENV_NOT_FOUND" });
      expect(readFileSync(join(host.cwd, "taken.tar"), "utf8")).toBe("mine");
      expect((await bundle(root, "taken.tar", { force: true, slim: true })).size).toBeGreaterThan(2 ** 20);
      clean();
    });
    test("cut off, nothing stands at the place", async () => {
      const root = await make(main, "copy");
      const stop = new AbortController();
      const working = refusal(bundle(root, "cut.tar.gz", { signal: stop.signal }));
      setTimeout(() => stop.abort(new Error("stop")), 50);
      await working;
      expect(existsSync(join(host.cwd, "cut.tar.gz"))).toBe(false);
      clean();
    });
  });

  test("the command: text, exit status, JSON by the schema", async () => {
    const pen = async (words: readonly string[]): Promise<{ status: number; out: string; err: string }> => {
      let out = "";
      let err = "";
      const terminal = {
        out: (text: string) => void (out += text),
        err: (text: string) => void (err += text),
        outIsTerminal: false,
        errIsTerminal: false,
        inIsTerminal: false,
        columns: 80,
      };
      return { status: await runProgram(words, { terminal, calledAs: "pen", modeWords: 0, host }), out, err };
    };
    const root = await make(main, "hardlink");
    writeFileSync(join(root, "bin", "other"), "#!/opt/other/bin/python3\n", { mode: 0o755 });
    const json = await pen(["env", "bundle", root, "--out", "json-app", "--slim", "--json"]);
    expect([json.status, schemaProblems(JSON.parse(json.out), { $ref: "#/$defs/env bundle" }, schema)]).toEqual([0, []]);
    expect((JSON.parse(json.out) as BundleReport).foreignScripts).toEqual(["other"]);
    const text = await pen(["env", "bundle", root, "-o", "text-app", "--slim"]);
    expect([text.status, text.out.includes(`Packed ${join(host.cwd, "text-app")}`), text.out.includes("libc.so.6")]).toEqual([
      0,
      true,
      true,
    ]);
    expect((await pen(["env", "bundle", root])).err).toContain("--out app.tar.zst");
    expect(basename(root)).toStartWith("env");
  });
});
