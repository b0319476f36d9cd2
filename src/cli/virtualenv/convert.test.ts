import { describe, expect, test } from "bun:test";
import { toBoolean, toInteger, toList } from "./convert.ts";
import { processorTime } from "../../../tests/support/processor-time.ts";

describe("words for yes and no", () => {
  const cases: ReadonlyArray<readonly [string, boolean | undefined]> = [
    ["1", true],
    ["YES", true],
    ["True", true],
    ["on", true],
    ["0", false],
    ["No", false],
    ["false", false],
    ["OFF", false],
    ["y", undefined],
    ["", undefined],
    ["2", undefined],
    [" true", undefined],
    ["constructor", undefined],
  ];
  for (const [text, value] of cases) test(JSON.stringify(text), () => expect(toBoolean(text)).toBe(value));
});

describe("whole numbers", () => {
  const cases: ReadonlyArray<readonly [string, number | undefined]> = [
    ["3", 3],
    [" 3 ", 3],
    ["+1_0", 10],
    ["-1", -1],
    ["1.0", undefined],
    ["", undefined],
    ["_1", undefined],
    ["0x1", undefined],
    ["9".repeat(100), undefined],
  ];
  for (const [text, value] of cases) test(JSON.stringify(text.slice(0, 20)), () => expect(toInteger(text)).toBe(value));
});

describe("lists", () => {
  const cases: ReadonlyArray<readonly [string, readonly string[]]> = [
    ["a", ["a"]],
    ["a,b , c", ["a", "b", "c"]],
    ["a:b,c", ["a", "b", "c"]],
    ["a,b\nc", ["a,b", "c"]],
    ["\n a \n\n b\n", ["a", "b"]],
    ["a,b\n", ["a", "b"]],
    [">=3.9,<3.12", [">=3.9,<3.12"]],
    ["cpython>=3.9, <3.12, 3.8", ["cpython>=3.9,<3.12", "3.8"]],
    ["3.8,>=3.9,<3.12", ["3.8", ">=3.9,<3.12"]],
    [",", []],
    ["", []],
    ["a\u2028b", ["a", "b"]],
  ];
  for (const [text, value] of cases) test(JSON.stringify(text), () => expect(toList(text, ":")).toEqual([...value]));

  test("security: 64 KiB of separators are answered at once", () => {
    const started = processorTime();
    for (const part of [",", "\n", ">=3,", ":", " "]) toList(part.repeat(65_536 / part.length), ":");
    expect(processorTime() - started).toBeLessThan(200);
  });
});
