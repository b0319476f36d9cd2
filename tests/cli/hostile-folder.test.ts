import { afterAll, expect, test } from "bun:test";
import { existsSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spawnSync } from "node:child_process";
import { program } from "../support/program.ts";

const folder = mkdtempSync(join(realpathSync(tmpdir()), "pen-hostile-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (...words: string[]) =>
  spawnSync(program(), words, { cwd: folder, env: { PATH: process.env["PATH"] ?? "", HOME: folder }, encoding: "utf8" });

test("a bunfig.toml in the working folder runs nothing", () => {
  writeFileSync(join(folder, "evil.ts"), `require("node:fs").writeFileSync(${JSON.stringify(join(folder, "ran"))}, "");`);
  writeFileSync(join(folder, "bunfig.toml"), 'preload = ["./evil.ts"]\n');
  expect(run("--version").status).toBe(0);
  expect(run("cache", "dir").status).toBe(0);
  expect(existsSync(join(folder, "ran"))).toBe(false);
});

test("a .env in the working folder sets nothing", () => {
  for (const name of [".env", ".env.local", ".env.development", ".env.production"]) {
    writeFileSync(join(folder, name), `PEN_CACHE_DIR=${join(folder, "elsewhere")}\nPEN_INDEX_URL=http://evil.invalid/\n`);
  }
  expect(run("cache", "dir").stdout.trim()).toBe(join(folder, ".cache", "pen"));
});
