import { expect, test } from "bun:test";
import { pick, seeded } from "../standards/generated-cases.test.ts";
import { jsonFault } from "./json-fault.ts";

const cases: ReadonlyArray<readonly [text: string, line: number, column: number, isEnd: boolean]> = [
  ["", 1, 1, true],
  ["lock = true\n", 1, 1, false],
  ['{\n  "a": 1,\n}', 3, 1, false],
  ['{"a" 1}', 1, 6, false],
  ['{"a": [1, 2}', 1, 12, false],
  ["[1,,2]", 1, 4, false],
  ["[01]", 1, 3, false],
  ["{} {}", 1, 4, false],
  ["{a: 1}", 1, 2, false],
  ["{'a': 1}", 1, 2, false],
  ['["a\nb"]', 1, 2, false],
  ['["a\\x"]', 1, 2, false],
  ['{"a": {"b": [1, 2', 1, 18, true],
  ['{"a": "half', 1, 7, true],
  ['{"a": tru', 1, 7, true],
];

for (const [text, line, column, isEnd] of cases) test(JSON.stringify(text), () => expect(jsonFault(text)).toEqual({ line, column, isEnd }));

test("generated: it finds a fault exactly where the runtime's own parser finds one", () => {
  const pieces = ["{", "}", "[", "]", ",", ":", '"a"', '"\\u00e9"', "1", "-0.5e+3", "true", "null", " ", "\n", "x", '"', "01", "\\"];
  for (let seed = 1; seed <= 4000; seed += 1) {
    const random = seeded(seed);
    const whole = JSON.stringify({ a: [1, { b: null }, "x"], c: {}, d: [] }, null, Math.floor(random() * 3));
    const at = Math.floor(random() * whole.length);
    const made = Array.from({ length: 1 + Math.floor(random() * 6) }, () => pick(random, pieces)).join("");
    const text = random() < 0.5 ? made : whole.slice(0, at) + (random() < 0.5 ? made : "") + whole.slice(at + Math.floor(random() * 3));
    let isJson = true;
    try {
      JSON.parse(text);
    } catch {
      isJson = false;
    }
    expect([text, jsonFault(text) === undefined]).toEqual([text, isJson]);
  }
});
