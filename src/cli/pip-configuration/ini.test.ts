import { spawnSync } from "node:child_process";
import { expect, test } from "bun:test";
import { pythonThat } from "../../../tests/support/pythons.ts";
import type { Ini } from "#standards";
import { iniItems, isProblem, readIni, setInIni, unsetInIni } from "./ini.ts";

function read(text: string): Ini {
  const ini = readIni(text);
  if (isProblem(ini)) throw new Error(`${ini.line}: ${ini.problem}`);
  return ini;
}

const itemsOf = (text: string): Record<string, string> => Object.fromEntries(iniItems(read(text)).map(({ id, value }) => [id, value]));

const samples: readonly string[] = [
  "",
  "# nothing\n",
  "[global]\nindex-url = https://example.org/simple\n",
  "[global]\r\nA_b:  1\r\n  two\r\n\r\n  three \r\n\r\n[x]\r\n",
  "[global]\nempty =\nother=a=b:c\n; note\n  more\n#x\n",
  "[DEFAULT]\ntimeout = 3\n[install]\nno-deps = true\n[list]\ntimeout = 4\n",
  "  [global]\n  a = 1\n  b = 2\n    more\n",
  "[a]b]\nx = 1 # no comment\n",
  "[global]\n--Trusted_Host =\n    one\n\n    two\n[install]\nx = [y]\n",
];

const python = pythonThat("import configparser")?.path;
const script = `
import configparser, json, sys
class P(configparser.RawConfigParser):
    def optionxform(self, s):
        s = s.lower().replace("_", "-")
        return s[2:] if s.startswith("--") else s
out = []
for text in json.load(sys.stdin):
    p = P()
    try:
        p.read_string(text)
        out.append({s + "." + k: v for s in p.sections() for k, v in p.items(s)})
    except configparser.Error as e:
        out.append(type(e).__name__)
json.dump(out, sys.stdout)
`;

const pythonReads = (texts: readonly string[]): unknown[] => {
  const { stdout, stderr } = spawnSync(python ?? "", ["-I", "-c", script], { input: JSON.stringify(texts), encoding: "utf8" });
  if (stdout === "") throw new Error(stderr);
  return JSON.parse(stdout) as unknown[];
};

test.skipIf(python === undefined)("the same as Python's configparser (needs a Python)", () => {
  const broken = ["a = 1\n", "[global]\nx\n", "[global]\na=1\nA=2\n", "[global]\n[global]\n", "[global]\n= 1\n"];
  const answers = pythonReads([...samples, ...broken].map((text) => text.replaceAll("\r\n", "\n")));
  samples.forEach((text, at) => expect([text, itemsOf(text)]).toEqual([text, answers[at] as Record<string, string>]));
  broken.forEach((text, at) => {
    expect([text, typeof answers[samples.length + at]]).toEqual([text, "string"]);
    expect([text, isProblem(readIni(text))]).toEqual([text, true]);
  });
});

/** A small generator with a seed, so that a failure can be had again. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

test.skipIf(python === undefined)(
  "made files: what is set is read again by Python, all else stays, and unset takes it back (needs a Python)",
  () => {
    const random = generator(7);
    const pick = <T>(from: readonly T[]): T => from[random(from.length)] as T;
    const lines = ["# note", "; note", "", "  ", "a = 1", "b_c: 2", "long =", "    more", "  deep = 3", "d=4\r"];
    const texts: string[] = [];
    const wanted: Array<Record<string, string>> = [];
    for (let round = 0; round < 400; round += 1) {
      const body = (): string => Array.from({ length: random(5) }, () => pick(lines)).join("\n");
      const text = `${body().replace(/^[^#;\s].*$|^\s+\S.*$/gm, "# x")}\n[global]\n${body()}\n[install]\n${body()}${pick(["", "\n"])}`;
      const ini = readIni(text);
      if (isProblem(ini)) continue;
      const [section, name, value] = [
        pick(["global", "install", "list"]),
        pick(["a", "b-c", "long", "fresh"]),
        pick(["x", "", "one\ntwo", "a = b", "#hash"]),
      ];
      const changed = setInIni(ini, section, name, value);
      const kept = iniItems(ini).filter(({ id }) => id !== `${section}.${name}`);
      texts.push(changed.replaceAll("\r\n", "\n"));
      wanted.push({ ...Object.fromEntries(kept.map(({ id, value: old }) => [id, old])), [`${section}.${name}`]: value });
      const without = itemsOf(unsetInIni(read(changed), section, name));
      expect([text, without]).toEqual([text, Object.fromEntries(kept.map(({ id, value: old }) => [id, old]))]);
      // Every comment is still there.
      const comments = (of: string): string[] =>
        of
          .split("\n")
          .map((line) => line.trim())
          .filter((line) => /^[#;]/.test(line) && line !== "#hash");
      if (ini.options.every((option) => option.section !== section || option.name !== name))
        expect(comments(changed)).toEqual(comments(text));
    }
    expect(texts.length).toBeGreaterThan(100);
    const answers = pythonReads(texts);
    texts.forEach((text, at) => expect([text, answers[at]]).toEqual([text, wanted[at]]));
  },
);

test("set keeps comments, order, spelling and line breaks", () => {
  const text = "# mine\r\n[global]\r\nTime_Out : 5\r\n; after\r\nindex-url = a\r\n";
  expect(setInIni(read(text), "global", "timeout", "9")).toBe(
    "# mine\r\n[global]\r\nTime_Out : 5\r\n; after\r\nindex-url = a\r\ntimeout = 9\r\n",
  );
  expect(setInIni(read(text), "global", "time-out", "9")).toBe("# mine\r\n[global]\r\nTime_Out : 9\r\n; after\r\nindex-url = a\r\n");
  expect(setInIni(read(text), "list", "format", "json")).toBe(`${text}\r\n[list]\r\nformat = json\r\n`);
  expect(setInIni(read(""), "global", "find-links", "a\nb")).toBe("[global]\nfind-links = a\n    b\n");
  expect(setInIni(read("[global]"), "global", "x", "1")).toBe("[global]\nx = 1\n");
});

test("unset takes a section away that holds nothing more, and leaves one with a comment", () => {
  expect(unsetInIni(read("[global]\na = 1\n\n[list]\nformat = json\n"), "list", "format")).toBe("[global]\na = 1\n");
  expect(unsetInIni(read("[list]\n# why\nformat = json\n[global]\na = 1\n"), "list", "format")).toBe("[list]\n# why\n[global]\na = 1\n");
});
