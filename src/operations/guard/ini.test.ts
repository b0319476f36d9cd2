/** Setting `require-virtualenv` in a file of pip and taking it back: byte for byte, and as Python's own reader sees it. */
import { spawnSync } from "node:child_process";
import { describe, expect, test } from "bun:test";
import { programOnPath } from "../../../tests/support/interpreters.ts";
import { iniNote, iniValues, requireInIni, undoInIni, type IniChange } from "./ini.ts";
import { processorTime } from "../../../tests/support/processor-time.ts";

/** A small generator with a seed, so that a failure comes again. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (state >> 8) % below;
  };
}

const pieces: readonly string[] = [
  "[global]",
  "[install]",
  "[list]",
  "index-url = http://user:p%40ss@host/simple",
  "trusted-host = a",
  "    b",
  "require-virtualenv = false",
  "require_virtualenv: no",
  "REQUIRE-VIRTUALENV=true",
  "--require-virtualenv = on",
  "require-virtualenv =",
  "  timeout = 60",
  "# a note",
  "; another",
  "",
  "   ",
  "extra = \u00e9\u00ff",
];

function generated(seed: number): string {
  const next = numbers(seed);
  const end = next(4) === 0 ? "\r\n" : "\n";
  const lines = Array.from({ length: next(12) }, () => pieces[next(pieces.length)] ?? "");
  const text = lines.join(end);
  return text === "" || next(3) === 0 ? text : text + end;
}

const changed = (text: string, everything = true): { text: string; change: IniChange } => {
  const result = requireInIni(text, everything);
  if (result === undefined) throw new Error("nothing to change");
  return result;
};

describe("one file", () => {
  const cases: ReadonlyArray<readonly [before: string, after: string]> = [
    ["", `[global]\n${iniNote}\nrequire-virtualenv = true\n`],
    ["[list]\nformat = json", `[list]\nformat = json\n\n[global]\n${iniNote}\nrequire-virtualenv = true\n`],
    ["[global]\ntimeout = 9\n", `[global]\n${iniNote}\nrequire-virtualenv = true\ntimeout = 9\n`],
    ["[global]", `[global]\n${iniNote}\nrequire-virtualenv = true\n`],
    ["[global]\r\n  timeout = 9\r\n", `[global]\r\n  ${iniNote}\r\n  require-virtualenv = true\r\n  timeout = 9\r\n`],
    ["[global]\nrequire_virtualenv = no", `[global]\n${iniNote}\nrequire_virtualenv = true`],
    ["[global]\nrequire-virtualenv =\n  false\nx = 1\n", `[global]\n${iniNote}\nrequire-virtualenv = true\nx = 1\n`],
  ];
  for (const [before, after] of cases) {
    test(JSON.stringify(before), () => {
      const { text, change } = changed(before);
      expect(text).toBe(after);
      expect(undoInIni(text, change)).toBe(before);
    });
  }
  test("the command's own section wins in pip, so that it is changed too", () => {
    const before = "[install]\nrequire-virtualenv = 0\n";
    const { text, change } = changed(before);
    expect(iniValues(text, "require-virtualenv").map(({ section, value }) => [section, value])).toEqual([
      ["install", "true"],
      ["global", "true"],
    ]);
    expect(undoInIni(text, change)).toBe(before);
    expect(requireInIni("[list]\na = 1\n", false)).toBeUndefined();
    expect(changed(before, false).text).not.toContain("[global]");
  });
  test("what is so already is left alone", () => expect(requireInIni("[global]\nrequire-virtualenv = yes\n", true)).toBeUndefined());
});

describe("what others changed meanwhile stays", () => {
  const { text, change } = changed("[global]\nrequire-virtualenv = false\ntimeout = 9\n");
  test("more lines and sections", () =>
    expect(undoInIni(`${text}retries = 1\n[list]\nformat = json\n`, change)).toBe(
      "[global]\nrequire-virtualenv = false\ntimeout = 9\nretries = 1\n[list]\nformat = json\n",
    ));
  test("the value itself", () =>
    expect(undoInIni(text.replace("virtualenv = true", "virtualenv = false"), change)).toBe(
      "[global]\nrequire-virtualenv = false\ntimeout = 9\n",
    ));
  test("lines in the section that pen added", () => {
    const added = changed("");
    expect(undoInIni(`${added.text}timeout = 9\n`, added.change)).toBe("[global]\ntimeout = 9\n");
  });
  test("pen's lines gone: nothing to undo", () => {
    expect(undoInIni("[global]\n", change)).toBeUndefined();
    expect(undoInIni("[global]\nrequire-virtualenv = true\n", change)).toBeUndefined();
  });
  test("what was before is lost: the lines go", () => expect(undoInIni(text, undefined)).toBe("[global]\ntimeout = 9\n"));
});

test("two thousand generated files: taken back to the byte, and changed once only", () => {
  for (let seed = 0; seed < 2000; seed += 1) {
    const before = generated(seed);
    const result = requireInIni(before, true);
    if (result === undefined) continue;
    expect([seed, undoInIni(result.text, result.change)]).toEqual([seed, before]);
    expect([seed, requireInIni(result.text, true)]).toEqual([seed, undefined]);
  }
});

const python = programOnPath("python3");
test.skipIf(python === undefined)(
  "Python's configparser reads every other option as before, and require-virtualenv as true (needs python3)",
  () => {
    const pairs = Array.from({ length: 1500 }, (_, seed) => [
      generated(seed),
      requireInIni(generated(seed), true)?.text ?? generated(seed),
    ]);
    const script = `
import configparser, json, sys
def read(text):
    parser = configparser.RawConfigParser()
    parser.read_string(text)
    return {s: {k.lower().replace('_', '-').lstrip('-'): v.strip() for k, v in parser.items(s)} for s in parser.sections()}
read_count = 0
for at, (before, after) in enumerate(json.load(sys.stdin)):
    try:
        was = read(before)
    except configparser.Error:
        continue
    now = read(after)
    read_count += 1
    assert now['global'].pop('require-virtualenv') in ('true', 'on', 'yes'), (at, after)
    assert now.get('install', {}).pop('require-virtualenv', 'true') in ('true', 'on'), (at, after)
    for one in was.values(): one.pop('require-virtualenv', None)
    for name in ('global', 'install'): was.setdefault(name, {}); now.setdefault(name, {})
    for name in now: now[name].pop('require-virtualenv', None)
    assert was == now, (at, before, after)
print(read_count)
`;
    const { stdout, stderr } = spawnSync(python ?? "", ["-I", "-c", script], { input: JSON.stringify(pairs), encoding: "utf8" });
    expect(stderr).toBe("");
    expect(Number(stdout)).toBeGreaterThan(200);
  },
);

test("a hostile file of 64 KiB takes no time", () => {
  for (const piece of ["[", "[global]\n", "require-virtualenv=false\n", " ", "a=b\n c\n", `${iniNote}\n`, "=", "\r"]) {
    const text = piece.repeat(65_536 / piece.length);
    const started = processorTime();
    const result = requireInIni(text, true);
    if (result !== undefined) undoInIni(result.text, result.change);
    expect(processorTime() - started).toBeLessThan(1000);
  }
});
