import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isPenError } from "#foundation";
import { cleanEnvironment, realPythons, run } from "../../tests/support/interpreters.ts";
import { environmentPaths, type LayoutInterpreter, formatPyvenvConfig, readPyvenvConfig } from "./index.ts";
import { processorTime } from "../../tests/support/processor-time.ts";

const base = mkdtempSync(join(tmpdir(), "pen-config-"));
afterAll(() => rmSync(base, { recursive: true, force: true }));
const file = join(base, "pyvenv.cfg");
const read = (text: string | Uint8Array) => {
  writeFileSync(file, text);
  return readPyvenvConfig(file)!;
};

const prompts = [
  "plain",
  "two words",
  " blanks at the ends ",
  "it's",
  'say "x"',
  `both ' and "`,
  "'quoted'",
  '"quoted"',
  "'",
  '"',
  "a\\nb",
  "\\",
  "=",
  "# no comment",
  "é☃𝒳",
  "$(x)",
  "%s",
  "prompt = x",
];

test("what is written is read back, whatever the prompt", () => {
  for (const prompt of prompts) {
    const entries = [
      ["home", "/usr/bin"],
      ["prompt", prompt],
      ["pen", "1"],
    ] as const;
    expect(read(formatPyvenvConfig(entries)).entries).toEqual(entries);
  }
});

test("a prompt that CPython's venv wrote is read back", () => {
  const python = realPythons().find((path) => /3\.1\d/.test(path));
  if (python === undefined) return;
  for (const prompt of prompts) {
    const { stdout } = run([python, "-c", "import sys; print('prompt = %a' % sys.argv[1])", prompt], {
      env: cleanEnvironment(base),
      cwd: base,
    });
    const astral = /[\u{10000}-\u{10ffff}]/u.test(prompt);
    if (!astral) expect(read(stdout).get("prompt")).toBe(prompt);
  }
});

test("files of other tools, old and odd ones", () => {
  expect(read("home = /x/bin\r\nPrompt = bare words\r\n\r\nno equals sign\r\nversion=3.9\r\nkey = a = b").entries).toEqual([
    ["home", "/x/bin"],
    ["prompt", "bare words"],
    ["version", "3.9"],
    ["key", "a = b"],
  ]);
  expect(read("\ufeffhome = /x").get("home")).toBe("/x");
  expect(read("home = /first\nhome = /second").get("home")).toBe("/first");
  expect(read("home = /old mac\rversion = 3").get("version")).toBe("3");
  expect(read("").entries).toEqual([]);
  expect(readPyvenvConfig(join(base, "missing"))).toBeUndefined();
});

test("no value can add a line to pyvenv.cfg", () => {
  for (const value of ["a\nb", "a\rb", "a\u0085b", "a\u2028b", "\u001b[31m", "\0"]) {
    for (const key of ["home", "prompt", "executable"]) {
      try {
        formatPyvenvConfig([[key, value]]);
        throw new Error("written");
      } catch (error) {
        expect(isPenError(error, "INVALID_CONFIG")).toBe(true);
      }
    }
  }
});

test("hostile input of 64 KiB is answered in under 100 ms", () => {
  for (const filler of ["=", "\n", "\\", "prompt = '\\", "\r", "a=b\n", "\\x4"]) {
    writeFileSync(file, `prompt = '${filler.repeat(65536 / filler.length)}'`);
    const start = processorTime();
    readPyvenvConfig(file);
    expect(processorTime() - start).toBeLessThan(100);
  }
});

const on = (implementation: LayoutInterpreter["implementation"], minor: number, more: object = {}): LayoutInterpreter =>
  ({
    implementation,
    versionInfo: [3, minor, 0, "final", 0],
    freeThreaded: false,
    pointerBits: 64,
    markers: { os_name: "posix", sys_platform: "linux" },
    ...more,
  }) as unknown as LayoutInterpreter;

test("site-packages by implementation, version and platform", () => {
  const purelib = (interpreter: LayoutInterpreter): string => environmentPaths("/e", interpreter).purelib;
  expect(purelib(on("cpython", 6))).toBe("/e/lib/python3.6/site-packages");
  expect(purelib(on("cpython", 13, { freeThreaded: true }))).toBe("/e/lib/python3.13t/site-packages");
  expect(purelib(on("pypy", 10))).toBe("/e/lib/pypy3.10/site-packages");
  expect(purelib(on("pypy", 7))).toBe("/e/site-packages");
  expect(purelib(on("graalpy", 11))).toBe("/e/lib/python3.11/site-packages");
  expect(environmentPaths("/e", on("cpython", 12)).include).toBe("/e/include/site/python3.12");
  expect(environmentPaths("/e", on("cpython", 12, { markers: { os_name: "nt", sys_platform: "win32" } })).scripts).toBe("\\e\\Scripts");
});
