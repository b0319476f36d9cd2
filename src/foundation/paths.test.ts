import { expect, test } from "bun:test";
import * as path from "node:path";
import { basename, delimiter, dirname, isAbsolute, join, normalize, posix, relative, resolve, sep, win32 } from "./paths.ts";

const pieces = [
  "",
  "/",
  ".",
  "..",
  "a",
  ".venv",
  "..b",
  "c.",
  "é",
  " ",
  "\\",
  "a/b",
  "/a",
  "/a/",
  "a//b",
  "./a",
  "../a",
  "/..",
  "/.a/..b",
  "a/.",
  "a/..",
  "...",
  "//",
  "//a",
];

test("all answer as node:path does, for every pair and triple of odd parts", () => {
  for (const one of pieces) {
    expect(dirname(one)).toBe(path.dirname(one));
    expect(basename(one)).toBe(path.basename(one));
    expect(isAbsolute(one)).toBe(path.isAbsolute(one));
    expect(posix.dirname(one)).toBe(path.posix.dirname(one));
    expect(join(one)).toBe(path.join(one));
    expect(resolve(one)).toBe(path.resolve(one));
    expect(normalize(one)).toBe(path.normalize(one));
    expect(posix.normalize(one)).toBe(path.posix.normalize(one));
    for (const other of pieces) {
      expect(join(one, other)).toBe(path.join(one, other));
      expect(resolve(one, other)).toBe(path.resolve(one, other));
      expect(relative(one, other)).toBe(path.relative(one, other));
      expect(relative(`/${one}`, `/${other}`)).toBe(path.relative(`/${one}`, `/${other}`));
      expect(dirname(`${one}/${other}`)).toBe(path.dirname(`${one}/${other}`));
      for (const third of pieces) {
        expect(join(one, other, third)).toBe(path.join(one, other, third));
        expect(resolve(one, other, third)).toBe(path.resolve(one, other, third));
        expect(normalize(one + other + third)).toBe(path.normalize(one + other + third));
        expect(dirname(one + other + third)).toBe(path.dirname(one + other + third));
        expect(basename(one + other + third)).toBe(path.basename(one + other + third));
        expect(relative(`/${one}`, `/${one}/${other}${third}`)).toBe(path.relative(`/${one}`, `/${one}/${other}${third}`));
      }
    }
  }
});

test("Windows has its own", () => {
  expect(win32()).toBe(path.win32);
  expect([sep, delimiter]).toEqual([path.sep, path.delimiter]);
});

test("join of nothing is the working directory", () => {
  expect(join()).toBe(path.join());
});
