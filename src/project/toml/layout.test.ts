import { describe, expect, test } from "bun:test";
import { parseTOML, type AST } from "toml-eslint-parser";
import { inlinePairs, tomlLayout } from "./layout.ts";

/** Keys and values as another parser of TOML finds them: path, text of the key, text of the value. */
function oracle(text: string): string[] {
  const found: string[] = [];
  const slice = ({ range }: { range: [number, number] }): string => text.slice(...range);
  const pathOf = (key: AST.TOMLKey): string[] => key.keys.map((part) => (part.type === "TOMLBare" ? part.name : part.value));
  const pair = (base: readonly string[], node: AST.TOMLKeyValue): void => {
    const path = [...base, ...pathOf(node.key)];
    found.push(`${path.join("/")} | ${slice(node.key)} | ${slice(node.value)}`);
    if (node.value.type === "TOMLInlineTable") for (const inner of node.value.body) pair(path, inner);
  };
  for (const node of parseTOML(text).body[0].body) {
    if (node.type === "TOMLKeyValue") pair([], node);
    else {
      found.push(`${pathOf(node.key).join("/")} | ${text.slice(node.range[0], node.key.range[1]).trim()}`);
      for (const inner of node.body) pair(pathOf(node.key), inner);
    }
  }
  return found;
}

function own(text: string): string[] {
  const found: string[] = [];
  const slice = ({ start, end }: { start: number; end: number }): string => text.slice(start, end);
  const pair = (base: readonly string[], { path, key, value }: ReturnType<typeof inlinePairs>[number]): void => {
    const full = [...base, ...path];
    found.push(`${full.join("/")} | ${slice(key)} | ${slice(value)}`);
    if (text[value.start] === "{") for (const inner of inlinePairs(text, value)) pair(full, inner);
  };
  for (const { kind, path, header, pairs } of tomlLayout(text)) {
    if (kind !== "root") found.push(`${path.join("/")} | ${slice(header).replace(/\s*\]+$/, "")}`);
    for (const inner of pairs) pair(path, inner);
  }
  return found;
}

const documents: ReadonlyArray<readonly [title: string, text: string]> = [
  ["nothing", ""],
  ["a comment", "# only\n"],
  ["simple pairs", 'a = 1\nb = "x" # c\nc=true\n'],
  ["dotted and quoted keys", `a.b."c.d" = 1\n'x y'.z = 2\n"\\u00e9\\"" = 3\n a . b . e = 4\n`],
  ["headers", `[a]\nx = 1\n[ a.b ]\n[[c]] # d\ny = 2\n[[ c . "d" ]]\nz = 3\n`],
  [
    "strings with everything",
    `a = "x # [ \\" ]" # c\nb = 'y # \\'\nc = """\n"quoted" \\"""\nend"""\nd = '''\nit's''' # e\ne = """x"""""\n`,
  ],
  ["lists over lines", `a = [ # open\n  "x", # [ no\n  'y]', [1, 2], {b = "}"},\n] # close\nb = []\n`],
  ["inline tables", `a = {b = "c", d = {e = [1, {f = 2}]}, "g h" = ']'}\nb = {}\n`],
  ["numbers and dates", "a = 1979-05-27 07:32:00Z # d\nb = +1_000\nc = -inf\nd = 0xff\ne = 07:32:00\nf = [1, 2.5,3]\n"],
  ["carriage returns", '[a]\r\nx = "1"\r\ny = [\r\n 1,\r\n]\r\n'],
  ["no newline at the end", '[a]\nx = "1"'],
];

describe("where things stand, as another parser sees it", () => {
  for (const [title, text] of documents) test(title, () => expect(own(text)).toEqual(oracle(text)));
});
