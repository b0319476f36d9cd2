import { expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, realpathSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readHost } from "#foundation";
import { locatePipfile } from "../index.ts";

test("a Pipfile is found upwards, or where PIPENV_PIPFILE says", () => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "pen-pipfile-")));
  const deep = join(root, "a/b/c");
  mkdirSync(deep, { recursive: true });
  writeFileSync(join(root, "Pipfile"), "");
  const locate = (env: Record<string, string>, cwd = deep) => locatePipfile(readHost({ env, cwd }));
  expect(locate({})).toBe(join(root, "Pipfile"));
  expect(locate({ PIPENV_MAX_DEPTH: "3" })).toBeUndefined();
  expect(locate({ PIPENV_MAX_DEPTH: "4" })).toBe(join(root, "Pipfile"));
  expect(locate({ PIPENV_NO_INHERIT: "1" })).toBeUndefined();
  expect(locate({ PIPENV_NO_INHERIT: "1" }, root)).toBe(join(root, "Pipfile"));
  expect(locate({ PIPENV_PIPFILE: "../../../Pipfile" })).toBe(join(root, "Pipfile"));
  expect(() => locate({ PIPENV_PIPFILE: "Pipfile" })).toThrow("PIPENV_PIPFILE names no file");
  expect(() => locate({ PIPENV_MAX_DEPTH: "deep" })).toThrow("PIPENV_MAX_DEPTH is no number");
});
