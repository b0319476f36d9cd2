/** Launchers for Windows, against distlib itself, which pip carries: the same bytes after the program, and real programs to put in front. */
import { afterAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { isPenError } from "#foundation";
import { cleanEnvironment, realPythons, run } from "../../tests/support/interpreters.ts";
import { pythonThat } from "../../tests/support/pythons.ts";
import { parseEntryPoints } from "./entry-points.ts";
import { launcherFileName, launcherStubName, windowsCommands, windowsEntryPoint, windowsLauncher } from "./windows-launchers.ts";

const folder = mkdtempSync(join(tmpdir(), "pen-launchers-"));
const env = cleanEnvironment(join(folder, "home"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A folder with the `pip` of a Python's own ensurepip, whose distlib is the one to compare with. */
function unpackedPip(): string | undefined {
  const python = pythonThat("import ensurepip, sys; sys.exit(sys.version_info < (3, 10))")?.path;
  if (python === undefined) return undefined;
  const code = `
import ensurepip, glob, os, sys, zipfile
wheel = glob.glob(os.path.join(os.path.dirname(ensurepip.__file__), "_bundled", "pip-*.whl"))[0]
zipfile.ZipFile(wheel).extractall(sys.argv[1])
`;
  const place = join(folder, "pip");
  mkdirSync(place);
  return run([python, "-c", code, place], { env, cwd: folder }).status === 0 ? place : undefined;
}
const pip = unpackedPip();
const python = realPythons().at(-1)!;

const asDistlib = `
import base64, os, sys
sys.path.insert(0, sys.argv[1])
os.linesep = "\\r\\n"
os.environ["SOURCE_DATE_EPOCH"] = "315532800"
from pip._vendor.distlib.scripts import ScriptMaker
stub, script, target, ext, options = sys.argv[2:7]
maker = ScriptMaker(None, target)
maker._is_nt = True
maker._get_launcher = lambda kind: open(stub, "rb").read()
maker.executable = "<launcher_dir>\\\\python%s.exe" % ("w" if ext == "pyw" else "")
# Bytes of the archive say which system made it.
sys.platform = "win32"
shebang = maker._get_shebang("utf-8", (" " + options).encode() if options else b"")
sys.platform = "linux"
import pip._vendor.distlib.scripts as scripts
class Info(scripts.ZipInfo):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.create_system = 0
scripts.ZipInfo = Info
maker._write_script(["name"], shebang, open(script, "rb").read(), [], ext)
`;

describe.skipIf(pip === undefined)("against distlib (needs a Python with ensurepip)", () => {
  const stubs = (): string => join(pip!, "pip", "_vendor", "distlib");

  test("the same bytes for a console and a windowed script, with and without options", () => {
    for (const [gui, options, script] of [
      [false, "", "print('é ☃')\n"],
      [true, "", ""],
      [false, "-u -I", "x = 1\n".repeat(5000)],
    ] as const) {
      const name = launcherStubName({ gui, machine: "amd64" });
      const file = join(folder, "script.py");
      const target = mkdtempSync(join(folder, "out-"));
      writeFileSync(file, script);
      const made = run([python, "-c", asDistlib, pip!, join(stubs(), name), file, target, gui ? "pyw" : "py", options], {
        env,
        cwd: folder,
      });
      expect(made.stderr).toBe("");
      const ours = windowsLauncher({ stub: readFileSync(join(stubs(), name)), gui, script, options });
      expect(readdirSync(target)).toEqual([launcherFileName("name")]);
      expect(Buffer.compare(readFileSync(join(target, "name.exe")), ours)).toBe(0);
    }
  });

  test("every kind of program that is named is in pip, and knows <launcher_dir>", () => {
    for (const gui of [false, true]) {
      for (const machine of ["x86", "amd64", "arm64"] as const) {
        const stub = readFileSync(join(stubs(), launcherStubName({ gui, machine })));
        expect(stub.subarray(0, 2).toString()).toBe("MZ");
        expect(stub.includes(Buffer.from("<launcher_dir>", "utf16le"))).toBe(true);
      }
    }
  });

  test("the seeded pip on Windows: its commands, made of its own programs, for every machine", () => {
    const info = readdirSync(pip!).find((name) => name.endsWith(".dist-info")) ?? "";
    const points = parseEntryPoints(readFileSync(join(pip!, info, "entry_points.txt"), "utf8"));
    const own = points.filter(({ name }) => name === "pip" || name === "pip3").map((point) => ({ ...point, gui: false }));
    const commands = [...own, { ...own[0]!, name: "pip3.12" }];
    const program = (name: string): Uint8Array => readFileSync(join(stubs(), name));
    for (const [arch, name] of [
      ["x86", "t32.exe"],
      ["x86_64", "t64.exe"],
      ["arm64", "t64-arm.exe"],
    ] as const) {
      const made = windowsCommands(commands, { os: "windows", arch }, program);
      expect([...made.keys()].sort()).toEqual(["pip.exe", "pip3.12.exe", "pip3.exe"]);
      // pip's and ours: the program, the line, and a script that starts pip.
      for (const bytes of made.values()) {
        expect(Buffer.compare(Buffer.from(bytes).subarray(0, program(name).length), Buffer.from(program(name)))).toBe(0);
        expect(Buffer.from(bytes).includes("#!<launcher_dir>\\python.exe\n\r\n")).toBe(true);
        expect(Buffer.from(bytes).includes("from pip._internal.cli.main import main")).toBe(true);
      }
    }
    const place = join(folder, "pip.exe");
    writeFileSync(place, windowsCommands(commands, { os: "windows", arch: "x86_64" }, program).get("pip.exe")!);
    const ran = run([python, place, "--version"], { env: { ...env, PYTHONPATH: pip! }, cwd: folder });
    expect([ran.status, ran.stdout.startsWith("pip ")]).toEqual([0, true]);
  });

  test("Python runs the archive, as the program does when it gives it the whole file", () => {
    const stub = readFileSync(join(stubs(), launcherStubName({ gui: false, machine: "amd64" })));
    const place = join(folder, "run");
    mkdirSync(place);
    writeFileSync(
      join(place, "my_tool.py"),
      "import sys\nclass Main:\n    @staticmethod\n    def go():\n        print(sys.argv)\n        return 7\n",
    );
    writeFileSync(join(place, "tool.exe"), windowsEntryPoint({ module: "my_tool", attribute: "Main.go" }, { stub, gui: false }));
    const ran = run([python, join(place, "tool.exe"), "a b"], { env: { ...env, PYTHONPATH: place }, cwd: folder });
    expect(ran).toEqual({ status: 7, stdout: `['${join(place, "tool")}', 'a b']\n`, stderr: "" });
    expect(dirname(place)).toBe(folder);
  });
});

test("a platform without launchers, and a wheel without the program, are refused", () => {
  const command = { name: "tool", module: "tool", attribute: "main", gui: true };
  const bytes = new Uint8Array([1]);
  expect([
    ...windowsCommands([command], { os: "windows", arch: "x86_64" }, (name) => (name === "w64.exe" ? bytes : undefined)).keys(),
  ]).toEqual(["tool.exe"]);
  for (const [target, program] of [
    [{ os: "windows", arch: "arm32" }, bytes],
    [{ os: "manylinux", major: 2, minor: 28, arch: "x86_64" }, bytes],
    [{ os: "other", tag: "wasi" }, bytes],
    [{ os: "windows", arch: "x86_64" }, undefined],
  ] as const) {
    let failed: unknown;
    try {
      windowsCommands([command], target, () => program);
    } catch (error) {
      failed = error;
    }
    expect([target, isPenError(failed, "TARGET_UNSUPPORTED")]).toEqual([target, true]);
  }
});

test("the names of the programs", () => {
  expect(launcherStubName({ gui: false, machine: "amd64" })).toBe("t64.exe");
  expect(launcherStubName({ gui: true, machine: "arm64" })).toBe("w64-arm.exe");
  expect(launcherStubName({ gui: true, machine: "x86" })).toBe("w32.exe");
});

test("an entry point that is no dotted name is refused: it would become code", () => {
  let failed: unknown;
  try {
    windowsEntryPoint({ module: "os;evil", attribute: "x" }, { stub: new Uint8Array(), gui: false });
  } catch (error) {
    failed = error;
  }
  expect(isPenError(failed, "INVALID_ENTRY_POINT")).toBe(true);
});
