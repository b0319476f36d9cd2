/** `.env` files as pen reads them, and as the python-dotenv that pipenv carries does. */
import { describe, expect, test } from "bun:test";
import { applyDotenv, parseDotenv } from "#project";
import { pick, seeded } from "../../src/standards/generated-cases.test.ts";
import { askPipenv, pipenvPython } from "./oracle.ts";

const files: readonly string[] = [
  "",
  "\n \n",
  "A=1",
  "A=1\r\nB=2\rC=3\n",
  "\ufeffA=1\n",
  "  A = 1  \n",
  "export A=1\nexport  B = 2\nexport=3\nexport\n",
  "A\nB=\nC= \n",
  "# comment\nA=1 # comment\nB=1# none\nC=#none\nD= # comment\nE = #x\n",
  "A='it is' # c\nB='a\\'b\\\\c\\n'\nC='over\ntwo lines'\n",
  'A="x # y" # c\nB="a\\"b\\\\c\\n\\t\\q\\a\\v"\nC="over\ntwo\r\nlines"\n',
  "A='open\nB=2\n",
  'A="open\nB=2\nC=3',
  'A="closed" junk\nB=2\n',
  "=x\nA=1\n a b=2\nC=3\n",
  "'A B'=1\n'C'=2\n''=3\n'D=4\n",
  "A=1\nA=2\nA=${A}3\n",
  "A=${HOME}/x\nB=${NONE}\nC=${NONE:-d}\nD=${HOME:-d}\nE=${EMPTY:-d}\nF=$HOME\nG=\\${HOME}\nH=${A}${B}${C}\n",
  "A=${B}\nB=1\nC=${B}\nB\nD=${B:-x}\n",
  "A=${NONE:-${HOME}}\nB=${:-x}\nC=${}\nD=${HO:ME}\nE=${NONE:-}\nF=${NONE-x}\n",
  "A='${HOME}'\nB=\"${HOME}\"\n",
  "HOME=/new\nB=${HOME}\nNEW=${SET:-x}\nSET=y\n",
  "A=b c d   \nB=é😀\u00a0#\nC=\u2003x\u2003#y\nD=x\u0085#y\nE=x\u2028y\n",
  "A=\ufeffx\ufeff#y\n\u001cB=1\u001c\n",
  "A:1\nB:\n",
  "a.b-c=1\nÜ=2\n1=3\n__proto__=4\nconstructor=${__proto__}\ntoString=${valueOf:-x}\n",
  'A="\\$HOME ${HOME} \\u0041"\n',
  "A=\"a\"'b'\nB='a'b\n",
  "A=`x`\nB=$(x)\nC=x;y\nD=x&&y\n",
  "A=1 #\nB=1\t#c\nC='x'#c\nD='x'#\n",
  "export 'A'=1\nexport\tB=2\nexport #c\nC=3\n",
  'A==1\nB=a=b\nC="="\n',
];

const pieces = [
  "A",
  "B",
  "HOME",
  "=",
  "=",
  "=",
  " ",
  "\t",
  "\n",
  "\n",
  "\r\n",
  "'",
  '"',
  "\\",
  "\\n",
  "#",
  " #",
  "${A}",
  "${HOME:-d}",
  "${",
  "}",
  "export ",
  "x",
  "1 2",
  "é",
  "\u0085",
  "\f",
  ":",
  "$",
];

function fileCase(seed: number): string {
  const random = seeded(seed);
  return Array.from({ length: 3 + Math.floor(random() * 25) }, () => pick(random, pieces)).join("");
}

const env = { HOME: "/home/x", EMPTY: "", SET: "of the environment" };
const texts = [...files, ...Array.from({ length: 1500 }, (_, seed) => fileCase(seed + 1))];

describe.skipIf(pipenvPython === undefined)("a .env file as pipenv reads it", () => {
  for (const override of [true, false])
    test(override ? "the file wins, as in pipenv" : "the environment wins", () => {
      const answers = askPipenv(texts.map((text) => ({ ask: "dotenv", text, env, override }) as const));
      expect(answers).toHaveLength(texts.length);
      texts.forEach((text, at) => {
        const { answer, error } = answers[at]!;
        expect(error, JSON.stringify(text)).toBeUndefined();
        const theirs = answer as {
          bindings: Array<[key: string | null, value: string | null, line: number, isFault: boolean]>;
          env: Record<string, string>;
        };
        const faults: number[] = [];
        const entries = parseDotenv(text, (line) => faults.push(line));
        const context = JSON.stringify(text);
        expect(
          entries.map(({ key, value, line }) => [key, value ?? null, line]),
          context,
        ).toEqual(theirs.bindings.filter(([key]) => key !== null).map(([key, value, line]) => [key, value, line]));
        expect(faults, context).toEqual(theirs.bindings.filter(([, , , isFault]) => isFault).map(([, , line]) => line));
        expect(new Map(Object.entries(applyDotenv(entries, env, { override }))), context).toEqual(new Map(Object.entries(theirs.env)));
      });
    });
});
