import { afterAll, describe, expect, test } from "bun:test";
import * as fs from "node:fs";
import { join } from "node:path";
import { PenError } from "#foundation";
import { makeMachine, writeScript, writeStandIn, answerOf, quote, type StandIn } from "../../tests/python-stand-ins.ts";
import { abiOf } from "./assemble.ts";
import { checkAnswer } from "./answer.ts";
import { homeOf } from "./base-executable.ts";
import { describeInterpreter } from "./describe.ts";
import { readElf } from "./elf.ts";
import { inspectInterpreter } from "./inspect.ts";
import { parseMuslVersion, platformTargetOf, type PlatformAnswer } from "./platform-target.ts";
import { parseRegistryText } from "./registry.ts";

const machine = makeMachine();
afterAll(() => machine.remove());

const options = { ...machine.search, timeoutMs: 5000 };
let count = 0;
const place = () => join(machine.root, `python-${(count += 1)}`, "bin", "python3");

async function failure(path: string, timeoutMs = 5000): Promise<PenError> {
  try {
    await inspectInterpreter(path, { ...options, timeoutMs });
  } catch (error) {
    if (error instanceof PenError) return error;
    throw error;
  }
  throw new Error("It was taken for a Python.");
}

const inspectStandIn = (standIn: StandIn = {}) => inspectInterpreter(writeStandIn(place(), standIn), options);

test("Homebrew: environments point at the link that outlives an upgrade, not at the version in the Cellar", async () => {
  const brew = join(machine.root, "homebrew");
  const version = join(brew, "Cellar", "python@3.12", "3.12.1");
  const path = writeStandIn(join(version, "bin", "python3.12"), {});
  fs.mkdirSync(join(brew, "opt"));
  const link = join(brew, "opt", "python@3.12");
  fs.symlinkSync("../Cellar/python@3.12/3.12.1", link);
  expect((await inspectInterpreter(path, options)).baseExecutable).toBe(join(link, "bin", "python3.12"));
  // A link that leads to another version is none for this one.
  const other = writeStandIn(join(brew, "Cellar", "python@3.12", "3.12.0", "bin", "python3.12"), {});
  expect((await inspectInterpreter(other, options)).baseExecutable).toBe(other);
});

describe("interpreters that misbehave", () => {
  test("rubbish around the answer does not disturb", async () => {
    const noise = `echo '<abc:{"version_info":1}:abc>'; echo '{}'; printf '\\377\\376\\000'; echo "Loading license..." >&2`;
    const interpreter = await inspectStandIn({ before: `${noise}; echo "$@"`, after: `${noise}; echo "$mark"` });
    expect(interpreter.version).toBe("3.12.1");
  });

  test("a wrong exit status after a whole answer does not disturb", async () => {
    expect((await inspectStandIn({ after: "exit 3" })).version).toBe("3.12.1");
  });

  test("the same answer twice is one answer; two different ones are broken", async () => {
    const again = place();
    const frame = (version: string) => `printf '<%s:%s:%s>' "$mark" ${quote(JSON.stringify(answerOf(again, { version })))} "$mark"`;
    writeScript(again, `${frame("3.12.1")}; ${frame("3.12.1")}`);
    expect((await inspectInterpreter(again, options)).version).toBe("3.12.1");
    const error = await failure(writeScript(place(), `${frame("3.12.1")}; ${frame("3.11.1")}`));
    expect(error.code).toBe("PYTHON_BROKEN");
    expect(error.why).toContain("contradict");
  });

  test("only rubbish", async () => {
    const error = await failure(writeScript(place(), "echo hello"));
    expect(error.code).toBe("PYTHON_BROKEN");
    expect(error.why).toContain("without answering");
  });

  test("a failing start shows the last words, without control characters", async () => {
    const error = await failure(writeScript(place(), "echo first >&2; printf 'libpython3.9.so: \\033[31mnot found\\n' >&2; exit 127"));
    expect(error.why).toContain("status 127");
    expect(error.why).toContain("libpython3.9.so: \\x1b[31mnot found");
    expect(error.why).not.toContain("first");
  });

  test("a crash names the signal", async () => {
    const error = await failure(writeScript(place(), "kill -SEGV $$"));
    expect(error.code).toBe("PYTHON_BROKEN");
    expect(error.why).toContain("SIGSEGV");
  });

  test("a hang is ended, with its children", async () => {
    const pidFile = join(machine.root, "child.pid");
    const started = performance.now();
    const error = await failure(writeScript(place(), `sleep 60 & echo $! >${quote(pidFile)}; wait`), 300);
    expect(performance.now() - started).toBeLessThan(4000);
    expect(error.why).toContain("did not answer within 0.3 s");
    const pid = fs.readFileSync(pidFile, "utf8").trim();
    const state = () => (fs.existsSync(`/proc/${pid}/stat`) ? fs.readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.[0] : "gone");
    for (let tries = 0; tries < 50 && state() !== "gone" && state() !== "Z"; tries += 1) await Bun.sleep(20);
    expect(["gone", "Z"]).toContain(state() ?? "gone");
  });

  test("reading standard input ends at once", async () => {
    expect((await failure(writeScript(place(), "cat; exit 4"))).why).toContain("status 4");
  });

  test("a flood of output is cut, and an answer after it is lost", async () => {
    const flood = "head -c 20000000 /dev/zero | tr '\\000' x";
    const error = await failure(writeStandIn(place(), { before: flood }));
    expect(error.code).toBe("PYTHON_BROKEN");
    expect((await inspectStandIn({ after: flood })).version).toBe("3.12.1");
  });

  test("an endless flood ends with the time-out", async () => {
    expect((await failure(writeScript(place(), "exec yes"), 500)).why).toContain("did not answer");
  });

  const wrong: ReadonlyArray<readonly [string, Record<string, unknown>]> = [
    ["version_info", { version_info: "3.12" }],
    ["version_info", { version_info: [3, -1, 0, "final", 0] }],
    ["version_info", { version_info: [3, 12.5, 0, "final", 0] }],
    ["executable", { executable: 7 }],
    ["prefix", { prefix: null }],
    ["prefix", { prefix: "x".repeat(20_000) }],
    ["prefix", { prefix: "a\0b" }],
    ["paths", { paths: [] }],
    ["stdlib", { paths: { purelib: "/x" } }],
    ["variables", { variables: null }],
    ["EXT_SUFFIX", { variables: { EXT_SUFFIX: {} } }],
    ["system", { system: ["Linux"] }],
    ["pointer_bits", { pointer_bits: 16 }],
    ["own_version", { own_version: [7] }],
    ["implementation", { implementation: true }],
    ["libc", { libc: 2.36 }],
  ];
  for (const [field, changes] of wrong) {
    test(`a wrong type is named: ${JSON.stringify(changes).slice(0, 60)}`, async () => {
      const value = { ...answerOf("/x/bin/python"), ...changes };
      expect(() => checkAnswer(value)).toThrow(PenError);
      try {
        checkAnswer(value);
      } catch (error) {
        expect((error as PenError).code).toBe("PYTHON_BROKEN");
        expect((error as PenError).why).toContain(`'${field}'`);
      }
    });
  }

  test("an answer of wrong types from a program names the program", async () => {
    const path = writeStandIn(place(), { answer: { prefix: 5 } });
    const error = await failure(path);
    expect(error.message).toContain(path);
    expect(error.why).toContain("'prefix'");
  });

  test("a folder name that is not UTF-8 is refused in words", () => {
    expect(() => checkAnswer({ ...answerOf("/x/bin/python"), prefix: "/x/\udcff" })).toThrow(/not UTF-8/);
  });

  test("a file that is no program", async () => {
    const path = place();
    fs.mkdirSync(join(path, ".."), { recursive: true });
    fs.writeFileSync(path, new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 9, 9, 9]), { mode: 0o755 });
    const error = await failure(path);
    expect(error.code).toBe("PYTHON_BROKEN");
    expect(error.why).toContain("no program for this machine");
  });

  test("security: text that is no script is not handed to a shell", async () => {
    const path = place();
    const witness = join(machine.root, "witness");
    fs.mkdirSync(join(path, ".."), { recursive: true });
    fs.writeFileSync(path, `touch ${quote(witness)}\n`, { mode: 0o755 });
    expect((await failure(path)).why).toContain("no program for this machine");
    expect(fs.existsSync(witness)).toBe(false);
  });

  test("a file without permission, a first line that leads nowhere", async () => {
    const locked = writeScript(place(), "echo");
    fs.chmodSync(locked, 0o644);
    expect((await failure(locked)).why).toContain("EACCES");
    const orphan = place();
    fs.mkdirSync(join(orphan, ".."), { recursive: true });
    fs.writeFileSync(orphan, "#!/nowhere/python\n", { mode: 0o755 });
    expect((await failure(orphan)).why).toContain("ENOENT");
  });

  test("nothing there, a dangling link, a folder without a Python", async () => {
    expect((await failure(join(machine.root, "nothing"))).code).toBe("PYTHON_NOT_FOUND");
    const dangling = join(machine.root, "dangling");
    fs.symlinkSync("/nowhere/python", dangling);
    const gone = await failure(dangling);
    expect(gone.code).toBe("PYTHON_BROKEN");
    expect(gone.message).toContain("gone");
    expect((await failure(machine.home)).code).toBe("PYTHON_NOT_FOUND");
    const environment = join(machine.root, "broken env");
    fs.mkdirSync(join(environment, "bin"), { recursive: true });
    fs.symlinkSync("/nowhere/python", join(environment, "bin", "python"));
    expect((await failure(environment)).message).toContain("gone");
  });

  test("an environment whose base is gone is said to have lost it", async () => {
    const path = place();
    const root = join(path, "..", "..");
    fs.mkdirSync(root, { recursive: true });
    fs.writeFileSync(join(root, "pyvenv.cfg"), "home = /nowhere/bin\n");
    writeStandIn(path, { answer: { base_prefix: "/nowhere", config: join(root, "pyvenv.cfg") } });
    const error = await failure(path);
    expect(error.code).toBe("PYTHON_BROKEN");
    expect(error.message).toContain("lost its base");
  });

  test("environments that name each other as home end in an error, not in a loop", async () => {
    const [one, two] = [place(), place()];
    for (const [path, other] of [
      [one, two],
      [two, one],
    ] as const) {
      fs.mkdirSync(join(path, "..", ".."), { recursive: true });
      fs.writeFileSync(join(path, "..", "..", "pyvenv.cfg"), `home = ${join(other, "..")}\n`);
      writeStandIn(path, { answer: { base_prefix: "/nowhere", config: join(path, "..", "..", "pyvenv.cfg") } });
    }
    expect((await failure(one)).message).toContain("lost its base");
  });

  test("variables that bend a Python do not reach it", async () => {
    const path = place();
    const seen = join(machine.root, "seen");
    writeStandIn(path, { before: `env >${quote(seen)}` });
    const env = {
      PYTHONHOME: "/evil",
      PYTHONPATH: "/evil",
      PYTHONSTARTUP: "/evil",
      __PYVENV_LAUNCHER__: "/evil",
      _PYTHON_HOST_PLATFORM: "evil",
      KEPT: "yes",
    };
    await inspectInterpreter(path, machine.with({ env }));
    const shown = fs.readFileSync(seen, "utf8");
    expect(shown).not.toContain("evil");
    expect(shown).toContain("KEPT=yes");
  });

  test("the working directory may be gone", async () => {
    const path = writeStandIn(place());
    expect((await inspectInterpreter(path, machine.with({ cwd: join(machine.root, "gone") }))).executable).toBe(path);
  });
});

describe("implementations and builds", () => {
  test("PyPy", async () => {
    const interpreter = await inspectStandIn({ implementation: "pypy", version: "3.10.14" });
    expect(interpreter.implementation).toBe("pypy");
    expect(interpreter.markers.implementation_version).toBe("7.3.17");
    expect(interpreter.tagTarget).toMatchObject({
      implementation: "pypy",
      version: [3, 10],
      implementationVersion: [7, 3],
      abi: "pypy310_pp73",
    });
    expect(describeInterpreter(interpreter).key).toBe("pypy-3.10.14-linux-x86_64-gnu");
  });

  test("a free-threaded pre-release", async () => {
    const interpreter = await inspectStandIn({ version: "3.14.0rc2", freeThreaded: true });
    expect(interpreter).toMatchObject({ version: "3.14.0rc2", freeThreaded: true, debug: false });
    expect(interpreter.markers.implementation_version).toBe("3.14.0c2");
    expect(interpreter.tagTarget.abi).toBe("cp314t");
    expect(describeInterpreter(interpreter).key).toBe("cpython-3.14.0rc2+freethreaded-linux-x86_64-gnu");
  });

  test("a build from a checkout has a version with a local part", async () => {
    expect((await inspectStandIn({ answer: { full_version: "3.15.0a1+" } })).markers.python_full_version).toBe("3.15.0a1+local");
  });

  for (const [suffix, abi] of [
    [".cpython-37m-x86_64-linux-gnu.so", "cp37m"],
    [".cpython-313t-darwin.so", "cp313t"],
    [".cp311-win_amd64.pyd", "cp311"],
    [".pypy310-pp73-x86_64-linux-gnu.so", "pypy310_pp73"],
    [".graalpy242-311-native-x86_64-linux.so", "graalpy242_311_native"],
    [".pyd", undefined],
    [".so", undefined],
    ["rubbish", undefined],
    [undefined, undefined],
  ] as const) {
    test(`the binary interface of ${suffix}`, () => expect(abiOf(suffix)).toBe(abi));
  }

  const linux: PlatformAnswer = {
    platform: "linux-x86_64",
    pointerBits: 64,
    macVersion: undefined,
    libc: "glibc 2.36",
    system: ["Linux", "", "", "x86_64"],
  };
  const hardFloat = { bits: 32, machine: 40, flags: 0x05000400, loader: undefined } as const;
  const platforms: ReadonlyArray<
    readonly [
      string,
      PlatformAnswer,
      ReturnType<typeof platformTargetOf>,
      Parameters<typeof platformTargetOf>[1]?,
      (readonly [number, number])?,
    ]
  > = [
    ["glibc", linux, { os: "manylinux", major: 2, minor: 36, arch: "x86_64" }],
    ["a 32-bit Python on a 64-bit kernel", { ...linux, pointerBits: 32 }, { os: "manylinux", major: 2, minor: 36, arch: "i686" }],
    [
      "32-bit Arm",
      { ...linux, platform: "linux-aarch64", pointerBits: 32 },
      { os: "manylinux", major: 2, minor: 36, arch: "armv8l" },
      hardFloat,
    ],
    [
      "soft-float Arm",
      { ...linux, platform: "linux-armv7l", pointerBits: 32 },
      { os: "other", tag: "linux_armv7l" },
      { ...hardFloat, flags: 0x05000200 },
    ],
    ["musl", { ...linux, libc: undefined }, { os: "musllinux", major: 1, minor: 2, arch: "x86_64" }, undefined, [1, 2]],
    ["an unknown C library", { ...linux, libc: undefined }, { os: "other", tag: "linux_x86_64" }],
    [
      "macOS",
      { ...linux, platform: "macosx-11.0-arm64", macVersion: "14.5", libc: undefined, system: ["Darwin", "", "", "arm64"] },
      { os: "macos", major: 14, minor: 5, arch: "arm64" },
    ],
    ["Windows", { ...linux, platform: "win-amd64", libc: undefined }, { os: "windows", arch: "amd64" }],
    ["32-bit Windows", { ...linux, platform: "win32", libc: undefined }, { os: "windows", arch: "x86" }],
    ["FreeBSD", { ...linux, platform: "freebsd-14.1-RELEASE-amd64", libc: undefined }, { os: "other", tag: "freebsd_14_1_release_amd64" }],
  ];
  for (const [name, answer, target, elf, musl] of platforms) {
    test(`platform: ${name}`, () => expect(platformTargetOf(answer, elf, musl)).toEqual(target));
  }

  test("the words of a musl loader", () => {
    expect(parseMuslVersion("musl libc (x86_64)\nVersion 1.2.4\nDynamic Program Loader\n")).toEqual([1, 2]);
    expect(parseMuslVersion("ld.so: 1.2\n")).toBeUndefined();
    expect(parseMuslVersion("musl libc (x86_64)\nVersion x\n")).toBeUndefined();
  });
});

describe("files around an interpreter", () => {
  test("the head of an ELF file", () => {
    if (process.platform !== "linux") return;
    const facts = readElf(process.execPath);
    expect(facts?.bits).toBe(64);
    expect(facts?.loader).toMatch(/^\/.*ld-/);
  });

  test("a damaged ELF file is none", () => {
    const path = join(machine.root, "damaged");
    const bytes = Buffer.alloc(64, 0xff);
    bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1]);
    fs.writeFileSync(path, bytes);
    const started = performance.now();
    readElf(path);
    expect(performance.now() - started).toBeLessThan(100);
    fs.writeFileSync(path, bytes.subarray(0, 20));
    expect(readElf(path)).toBeUndefined();
    expect(readElf(join(machine.root, "no file"))).toBeUndefined();
    expect(readElf(machine.root)).toBeUndefined();
  });

  test("home in pyvenv.cfg", () => {
    expect(homeOf("home = /usr/bin\nversion = 3\n")).toBe("/usr/bin");
    expect(homeOf("include-system-site-packages = false\r\nHOME=/a b\r\n")).toBe("/a b");
    expect(homeOf("prompt = 'home = /x'\n")).toBeUndefined();
    expect(homeOf("home =\n")).toBeUndefined();
  });

  test("the registry's text (PEP 514)", () => {
    const text = [
      "HKEY_CURRENT_USER\\Software\\Python\\PythonCore\\3.12",
      "    DisplayName    REG_SZ    Python 3.12 (64-bit)",
      "",
      "HKEY_CURRENT_USER\\Software\\Python\\PythonCore\\3.12\\InstallPath",
      "    (Default)    REG_SZ    C:\\Users\\x y\\Python312\\",
      "    ExecutablePath    REG_SZ    C:\\Users\\x y\\Python312\\python.exe",
      "    WindowedExecutablePath    REG_SZ    C:\\Users\\x y\\Python312\\pythonw.exe",
      "HKEY_CURRENT_USER\\Software\\Python\\PyLauncher\\x\\InstallPath",
      "    ExecutablePath    REG_SZ    C:\\Windows\\py.exe",
      "HKEY_LOCAL_MACHINE\\Software\\Wow6432Node\\Python\\Contoso\\3.9-32\\InstallPath",
      "    (Standard)    REG_EXPAND_SZ    C:\\Contoso",
      "HKEY_LOCAL_MACHINE\\Software\\Python\\Empty\\1\\InstallPath",
      "rubbish",
    ].join("\r\n");
    expect(parseRegistryText(text)).toEqual([
      {
        company: "PythonCore",
        tag: "3.12",
        executable: "C:\\Users\\x y\\Python312\\python.exe",
        installFolder: "C:\\Users\\x y\\Python312\\",
      },
      { company: "Contoso", tag: "3.9-32", executable: undefined, installFolder: "C:\\Contoso" },
    ]);
    const started = performance.now();
    parseRegistryText(`HKEY_${"\\Python".repeat(10_000)}`);
    parseRegistryText(`    ${" x".repeat(32_000)}`);
    expect(performance.now() - started).toBeLessThan(200);
  });
});
