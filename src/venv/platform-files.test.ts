/**
 * What stands in an environment on platforms that the tests do not run on, against recorded trees: what CPython's `venv`, PyPy's and virtualenv make there,
 * as their sources say.
 */
import { afterAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { isPenError } from "#foundation";
import { inspectInterpreter, type Interpreter } from "#python";
import { cleanEnvironment, programOnPath, realPythons, run, testHost } from "../../tests/support/interpreters.ts";
import { environmentContents } from "./contents.ts";
import type { Entry } from "./entries.ts";
import { createEnvironment } from "./index.ts";
import { environmentPaths } from "./layout.ts";
import { isFramework, type BaseFiles } from "./platform-files.ts";

const folder = mkdtempSync(join(tmpdir(), "pen-platform-"));
const host = testHost(folder);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Base {
  readonly implementation?: Interpreter["implementation"];
  readonly version: readonly [number, number];
  readonly platform: "win32" | "darwin" | "linux";
  readonly executable: string;
  readonly prefix?: string;
  readonly stdlib?: string;
  readonly freeThreaded?: boolean;
  readonly debug?: boolean;
  readonly sharedLibrary?: string;
  /** What stands in the base, absolute. */
  readonly files?: readonly string[];
  readonly texts?: Readonly<Record<string, string>>;
}

function interpreterOf(base: Base): Interpreter {
  const [major, minor] = base.version;
  const prefix = base.prefix ?? dirname(dirname(base.executable));
  return {
    implementation: base.implementation ?? "cpython",
    version: `${major}.${minor}.4`,
    versionInfo: [major, minor, 4, "final", 0],
    freeThreaded: base.freeThreaded ?? false,
    debug: base.debug ?? false,
    pointerBits: 64,
    markers: { os_name: base.platform === "win32" ? "nt" : "posix", sys_platform: base.platform },
    baseExecutable: base.executable,
    basePrefix: prefix,
    paths: { stdlib: base.stdlib ?? `${prefix}/lib/python${major}.${minor}` },
    sharedLibrary: base.sharedLibrary,
  } as unknown as Interpreter;
}

const table = ({ files = [], texts = {} }: Base): BaseFiles => ({
  has: (path) => files.some((file) => file === path || file.startsWith(`${path}/`) || file.startsWith(`${path}\\`)) || path in texts,
  list: (place) => {
    const below = files.filter((file) => file.startsWith(`${place}/`) || file.startsWith(`${place}\\`));
    return [...new Set(below.map((file) => file.slice(place.length + 1).split(/[/\\]/)[0] ?? ""))];
  },
  text: (path) => texts[path],
});

const contents = (base: Base, copies = false): { entries: readonly Entry[]; config: ReadonlyArray<readonly [string, string]> } =>
  environmentContents({ host, interpreter: interpreterOf(base), copies, base: table(base), vcsIgnore: false });

const scripts = /activate|pydoc/;
/** `path <- source` and `path -> target`, folders with a slash; activation scripts and `pyvenv.cfg` apart. */
const tree = (base: Base, copies = false): string[] =>
  contents(base, copies)
    .entries.filter(({ path, kind }) => !scripts.test(path) && !(kind === "file"))
    .map((entry) =>
      entry.kind === "link"
        ? `${entry.path} -> ${entry.target}`
        : entry.kind === "copy"
          ? `${entry.path} <- ${entry.source}`
          : `${entry.path}/`,
    )
    .sort();
const config = (base: Base): Record<string, string> => Object.fromEntries(contents(base).config);

const windows = "C:\\Python\\3.12";
const nt = `${windows}\\Lib\\venv\\scripts\\nt`;
const cpython = (version: readonly [number, number], files: readonly string[], more: Partial<Base> = {}): Base => ({
  version,
  platform: "win32",
  executable: `${windows}\\python.exe`,
  prefix: windows,
  stdlib: `${windows}\\Lib`,
  files: [...files, `${windows}\\python.exe`, `${windows}\\pythonw.exe`],
  ...more,
});
const windowsFolders = ["Include/", "Lib/", "Lib/site-packages/", "Scripts/"];

describe("Windows", () => {
  test("CPython 3.7 to 3.12: its launchers python.exe and pythonw.exe are copied", () => {
    const base = cpython([3, 12], [`${nt}\\python.exe`, `${nt}\\pythonw.exe`]);
    expect(tree(base)).toEqual(
      [
        ...windowsFolders,
        `Scripts/python.exe <- ${nt}\\python.exe`,
        `Scripts/python3.exe <- ${nt}\\python.exe`,
        `Scripts/pythonw.exe <- ${nt}\\pythonw.exe`,
        `Scripts/pythonw3.exe <- ${nt}\\pythonw.exe`,
      ].sort(),
    );
    // A link to a launcher would not find pyvenv.cfg: copies are all there is.
    expect(tree(base, true)).toEqual(tree(base));
    expect(config(base)).toMatchObject({ home: windows, executable: `${windows}\\python.exe`, version: "3.12.4" });
  });

  test("CPython 3.13: venvlauncher.exe and venvwlauncher.exe", () => {
    expect(tree(cpython([3, 13], [`${nt}\\venvlauncher.exe`, `${nt}\\venvwlauncher.exe`]))).toEqual(
      [
        ...windowsFolders,
        `Scripts/python.exe <- ${nt}\\venvlauncher.exe`,
        `Scripts/python3.exe <- ${nt}\\venvlauncher.exe`,
        `Scripts/pythonw.exe <- ${nt}\\venvwlauncher.exe`,
        `Scripts/pythonw3.exe <- ${nt}\\venvwlauncher.exe`,
      ].sort(),
    );
  });

  test("CPython 3.13, free-threaded and debug: the launchers and names of that build", () => {
    const names = [`${nt}\\venvlaunchert_d.exe`, `${nt}\\venvwlaunchert_d.exe`, `${nt}\\venvlauncher.exe`];
    const made = tree(cpython([3, 13], names, { freeThreaded: true, debug: true }));
    expect(made).toEqual(
      [
        ...windowsFolders,
        ...["python.exe", "python3.exe", "python3.13t.exe", "python_d.exe", "python3.13t_d.exe"].map(
          (name) => `Scripts/${name} <- ${nt}\\venvlaunchert_d.exe`,
        ),
        ...["pythonw.exe", "pythonw3.exe", "pythonw3.13t.exe", "pythonw_d.exe", "pythonw3.13t_d.exe"].map(
          (name) => `Scripts/${name} <- ${nt}\\venvwlaunchert_d.exe`,
        ),
      ].sort(),
    );
  });

  test("a Python built from source has its launchers beside it", () => {
    const made = tree(cpython([3, 14], [`${windows}\\venvlauncher.exe`, `${windows}\\venvwlauncher.exe`]));
    expect(made).toContain(`Scripts/python.exe <- ${windows}\\venvlauncher.exe`);
    expect(made).toContain(`Scripts/pythonw.exe <- ${windows}\\venvwlauncher.exe`);
  });

  test("a Python without launchers is copied itself, with its DLLs", () => {
    const dlls = ["python3.dll", "python36.dll", "vcruntime140.dll", "other.dll"].map((name) => `${windows}\\${name}`);
    expect(tree(cpython([3, 6], dlls))).toEqual(
      [
        ...windowsFolders,
        `Scripts/python.exe <- ${windows}\\python.exe`,
        `Scripts/python3.exe <- ${windows}\\python.exe`,
        `Scripts/pythonw.exe <- ${windows}\\pythonw.exe`,
        `Scripts/pythonw3.exe <- ${windows}\\pythonw.exe`,
        ...["python3.dll", "python36.dll", "vcruntime140.dll"].map((name) => `Scripts/${name} <- ${windows}\\${name}`),
      ].sort(),
    );
  });

  test("PyPy and GraalPy: all names, all DLLs, and what GraalPy's launcher asks for", () => {
    const pypy = "C:\\pypy";
    const made = tree({
      implementation: "pypy",
      version: [3, 10],
      platform: "win32",
      executable: `${pypy}\\pypy3.exe`,
      prefix: pypy,
      files: ["pypy3.exe", "pypyw.exe", "libpypy3.10-c.dll", "libffi-8.dll", "LICENSE"].map((name) => `${pypy}\\${name}`),
    });
    expect(made).toEqual(
      [
        ...windowsFolders,
        ...["python", "python3", "python3.10", "pypy", "pypy3", "pypy3.10"].map((name) => `Scripts/${name}.exe <- ${pypy}\\pypy3.exe`),
        `Scripts/pythonw.exe <- ${pypy}\\pypyw.exe`,
        `Scripts/libpypy3.10-c.dll <- ${pypy}\\libpypy3.10-c.dll`,
        `Scripts/libffi-8.dll <- ${pypy}\\libffi-8.dll`,
      ].sort(),
    );
    const graal: Base = {
      implementation: "graalpy",
      version: [3, 11],
      platform: "win32",
      executable: "C:\\graalpy\\bin\\graalpy.exe",
      files: ["C:\\graalpy\\lib\\pythonvm.dll", "C:\\graalpy\\modules\\x"],
    };
    expect(tree(graal)).toContain("lib/pythonvm.dll <- C:\\graalpy\\lib\\pythonvm.dll");
    expect(tree(graal)).toContain("modules -> C:\\graalpy\\modules");
    expect(config(graal)).toMatchObject({ home: "C:\\graalpy\\bin", venvlauncher_command: "C:\\graalpy\\bin\\graalpy.exe" });
  });

  test("scripts stand in Scripts, batch files among them; pyvenv.cfg is written alike", () => {
    const { entries } = contents(cpython([3, 12], [`${nt}\\python.exe`]));
    const names = entries.flatMap((entry) => (entry.kind === "file" ? [entry.path] : []));
    expect(names.sort()).toEqual(
      [
        "activate",
        "activate.bat",
        "activate.csh",
        "activate.fish",
        "activate.nu",
        "activate.ps1",
        "activate.xsh",
        "activate_this.py",
        "deactivate.bat",
        "pydoc.bat",
      ]
        .map((name) => `Scripts/${name}`)
        .concat("pyvenv.cfg")
        .sort(),
    );
    const paths = environmentPaths("D:\\my env", interpreterOf(cpython([3, 12], [])));
    expect(paths).toEqual({
      purelib: "D:\\my env\\Lib\\site-packages",
      platlib: "D:\\my env\\Lib\\site-packages",
      scripts: "D:\\my env\\Scripts",
      data: "D:\\my env",
      include: "D:\\my env\\Include\\site\\python3.12",
    });
  });

  test("the same plan carried out: copies in a folder of this machine", () => {
    // A Windows Python laid out in a folder whose path has slashes: `win32` reads both.
    const prefix = join(folder, "windows-python");
    mkdirSync(join(prefix, "Lib"), { recursive: true });
    writeFileSync(join(prefix, "python.exe"), "MZ base");
    const base = cpython([3, 12], [], { executable: `${prefix}/python.exe`, prefix, stdlib: `${prefix}/Lib` });
    const made = createEnvironment({ host: { ...host, platform: "win32" }, root: join(folder, "made"), interpreter: interpreterOf(base) });
    expect(made.python).toBe(join(folder, "made", "Scripts", "python.exe"));
    expect(readFileSync(made.python, "utf8")).toBe("MZ base");
    expect(readdirSync(made.root).sort()).toEqual([".gitignore", "CACHEDIR.TAG", "Include", "Lib", "Scripts", "pyvenv.cfg"]);
  });
});

describe("macOS", () => {
  const versions = "/Library/Frameworks/Python.framework/Versions/3.12";
  const framework: Base = { version: [3, 12], platform: "darwin", executable: `${versions}/bin/python3.12`, prefix: versions };

  test("a framework is linked to, without lib64", () => {
    expect(tree(framework)).toEqual(
      [
        "bin/",
        `bin/python -> ${versions}/bin/python3.12`,
        "bin/python3 -> python",
        "bin/python3.12 -> python",
        "include/",
        "include/python3.12/",
        "lib/",
        "lib/python3.12/",
        "lib/python3.12/site-packages/",
      ].sort(),
    );
    expect(config(framework)["home"]).toBe(`${versions}/bin`);
  });

  test("a framework cannot be copied: python.org's, Homebrew's and Xcode's", () => {
    const homebrew = "/opt/homebrew/opt/python@3.12/Frameworks/Python.framework/Versions/3.12";
    const xcode = "/Library/Developer/CommandLineTools/Library/Frameworks/Python3.framework/Versions/3.9";
    for (const prefix of [versions, homebrew, xcode]) {
      const base: Base = { ...framework, executable: `${prefix}/bin/python3`, prefix };
      expect(isFramework(interpreterOf(base))).toBe(true);
      let failed: unknown;
      try {
        tree(base, true);
      } catch (error) {
        failed = error;
      }
      expect(isPenError(failed, "TARGET_UNSUPPORTED")).toBe(true);
    }
    expect(isFramework(interpreterOf({ ...framework, prefix: "/opt/local/python" }))).toBe(false);
  });

  test("a plain build is copied with its shared library", () => {
    const prefix = "/Users/me/.pyenv/versions/3.12.1";
    const base: Base = { ...framework, executable: `${prefix}/bin/python3.12`, prefix, sharedLibrary: `${prefix}/lib/libpython3.12.dylib` };
    expect(tree(base, true)).toContain(`lib/libpython3.12.dylib <- ${prefix}/lib/libpython3.12.dylib`);
    expect(tree(base, true)).toContain(`bin/python <- ${prefix}/bin/python3.12`);
  });
});

test("Linux and macOS: a free-threaded Python has the name of its build too, and a folder of its own for packages", () => {
  for (const platform of ["linux", "darwin"] as const) {
    const base: Base = { version: [3, 13], platform, executable: "/opt/python/bin/python3.13t", freeThreaded: true };
    const found = tree(base);
    expect(found.filter((line) => line.startsWith("bin/p"))).toEqual(
      [
        "bin/python -> /opt/python/bin/python3.13t",
        ...["python3", "python3.13", "python3.13t"].map((name) => `bin/${name} -> python`),
      ].sort(),
    );
    expect(found).toContain("lib/python3.13t/site-packages/");
  }
});

describe("PyPy and GraalPy", () => {
  const pypy: Base = { implementation: "pypy", version: [3, 10], platform: "linux", executable: "/opt/pypy/bin/pypy3.10" };

  test("PyPy: its names, its folder, and with copies the library beside the executable", () => {
    const names = ["pypy", "pypy3", "pypy3.10", "python3", "python3.10"].map((name) => `bin/${name} -> python`);
    const folders = ["bin/", "include/", "lib/", "lib/pypy3.10/", "lib/pypy3.10/site-packages/"];
    expect(tree(pypy)).toEqual([...folders, ...names, "bin/python -> /opt/pypy/bin/pypy3.10", "lib64 -> lib"].sort());
    const shared = { ...pypy, sharedLibrary: "/opt/pypy/bin/libpypy3.10-c.so" };
    expect(tree(shared, true)).toContain("bin/libpypy3.10-c.so <- /opt/pypy/bin/libpypy3.10-c.so");
  });

  test("PyPy before 3.8 keeps packages at the top, 3.11 names the version of headers", () => {
    expect(tree({ ...pypy, version: [3, 7] })).toContain("site-packages/");
    expect(tree({ ...pypy, version: [3, 11] })).toContain("include/pypy3.11/");
    // Headers go where pip puts them, whatever the implementation.
    expect(environmentPaths("/e", interpreterOf(pypy)).include).toBe("/e/include/site/python3.10");
  });

  test("a portable PyPy is copied with the libraries it carries, one of a distribution is not", () => {
    const files = ["libtk8.6.so", "libtcl8.6.so", "pypy3.10/os.py"].map((name) => `/opt/pypy/lib/${name}`);
    const listed = { ...pypy, files, texts: { "/opt/pypy/lib/PYPY_PORTABLE_DEPS.txt": "libtk8.6.so\n../evil\nmissing.so\n" } };
    expect(tree(listed, true).filter((line) => line.startsWith("lib/lib"))).toEqual(["lib/libtk8.6.so <- /opt/pypy/lib/libtk8.6.so"]);
    expect(tree({ ...pypy, files }, true).filter((line) => line.startsWith("lib/lib"))).toHaveLength(2);
    expect(tree({ ...pypy, files, prefix: "/usr" }, true).filter((line) => line.startsWith("lib/lib"))).toEqual([]);
    expect(tree(listed).filter((line) => line.startsWith("lib/lib"))).toEqual([]);
  });

  test("GraalPy: its name, its virtual machine, and the home of each version", () => {
    const graal: Base = {
      implementation: "graalpy",
      version: [3, 11],
      platform: "linux",
      executable: "/opt/graalpy/bin/graalpy",
      files: ["/opt/graalpy/lib/libpythonvm.so", "/opt/graalpy/jvmlibs/x"],
    };
    expect(tree(graal)).toEqual(
      [
        "bin/",
        "include/",
        "include/python3.11/",
        "lib/",
        "lib/python3.11/",
        "lib/python3.11/site-packages/",
        "lib64 -> lib",
        ...["graalpy", "python3", "python3.11"].map((name) => `bin/${name} -> python`),
        "bin/python -> /opt/graalpy/bin/graalpy",
        "lib/libpythonvm.so -> /opt/graalpy/lib/libpythonvm.so",
        "jvmlibs -> /opt/graalpy/jvmlibs",
      ].sort(),
    );
    expect(config(graal)["home"]).toBe("/opt/graalpy/bin");
    expect(config({ ...graal, version: [3, 10] })["home"]).toBe("/opt/graalpy");
    expect(config(graal)).not.toHaveProperty("venvlauncher_command");
  });

  const pypy3 = programOnPath("pypy3");
  test.skipIf(pypy3 === undefined)(
    "the PyPy of this machine: linked and copied, it runs and finds its folders as pip names them (needs pypy3)",
    async () => {
      const interpreter = await inspectInterpreter(pypy3!, { host, cacheFolder: join(folder, "cache") });
      for (const copies of [false, true]) {
        const { root, python, paths } = createEnvironment({ host, root: join(folder, `pypy-${copies}`), interpreter, copies });
        const asked =
          "import sys, sysconfig, json; print(json.dumps([sys.prefix, sys.implementation.name, sysconfig.get_path('purelib'), sys.prefix != sys.base_prefix]))";
        for (const name of ["python", "python3", "pypy", "pypy3"]) {
          const ran = run([join(dirname(python), name), "-c", asked], { env: cleanEnvironment(join(folder, "home")), cwd: folder });
          expect({ name, stderr: ran.stderr, told: JSON.parse(ran.stdout || "null") }).toEqual({
            name,
            stderr: "",
            told: [root, "pypy", paths.purelib, true],
          });
        }
        const file = `${root}/bin/activate_this.py`;
        const embedded = `import runpy, sys; runpy.run_path(${JSON.stringify(file)}); print(sys.prefix); print(sys.path[0])`;
        const active = run([pypy3!, "-S", "-c", embedded], { env: cleanEnvironment(join(folder, "home")), cwd: folder });
        expect(active).toEqual({ status: 0, stdout: `${root}\n${paths.purelib}\n`, stderr: "" });
        const documentation = run([`${root}/bin/pydoc`, "textwrap"], { env: cleanEnvironment(join(folder, "home")), cwd: folder });
        expect(documentation.stdout).toContain("textwrap");
      }
    },
    60_000,
  );
});

describe("on this machine", () => {
  test("pydoc in bin shows the documentation of the environment's own Python and packages", async () => {
    const interpreter = await inspectInterpreter(realPythons()[0]!, { host, cacheFolder: join(folder, "cache") });
    const { root, paths } = createEnvironment({ host, root: join(folder, "doc env's"), interpreter });
    writeFileSync(join(paths.purelib, "only_here.py"), '"""Words that stand only here."""\n');
    const ran = run([`${root}/bin/pydoc`, "only_here"], { env: cleanEnvironment(join(folder, "home")), cwd: folder });
    expect(ran.stdout).toContain("Words that stand only here.");
  });

  const withTk = realPythons().find(
    (path) => run([path, "-c", "import tkinter; tkinter.Tcl()"], { env: cleanEnvironment(join(folder, "home")), cwd: folder }).status === 0,
  );
  test.skipIf(withTk === undefined)("Tcl is found without TCL_LIBRARY, which virtualenv sets (needs a Python with tkinter)", async () => {
    const interpreter = await inspectInterpreter(withTk!, { host, cacheFolder: join(folder, "cache") });
    const { python } = createEnvironment({ host, root: join(folder, "tk"), interpreter });
    const code = "import tkinter; print(tkinter.Tcl().eval('info library'))";
    const [inside, outside] = [python, withTk!].map((path) =>
      run([path, "-c", code], { env: cleanEnvironment(join(folder, "home")), cwd: folder }),
    );
    expect(inside).toEqual(outside);
  });
});
