import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, openSync, closeSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isPenError, openFolder, statusOf } from "./index.ts";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "pen-open-folder-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const names = ["plain.txt", "with space", "ünïcödé-漢字-🐍.py", "new\nline", `${"l".repeat(250)}.py`, "sub/below/file.py"];

test("new files have their content and mode, also when the folder was moved", () => {
  mkdirSync(join(root, "before/sub/below"), { recursive: true });
  const folder = openFolder(join(root, "before"));
  try {
    renameSync(join(root, "before"), join(root, "after"));
    mkdirSync(join(root, "before/sub/below"), { recursive: true });
    const isFixed = process.platform === "linux";
    for (const [at, name] of names.entries()) {
      const content = new Uint8Array(at * 70_001).fill(at + 1);
      folder.writeNew(name, content.subarray(at), at % 2 === 0 ? 0o444 : 0o555);
      const path = join(root, isFixed ? "after" : "before", name);
      expect(readFileSync(path).equals(content.subarray(at))).toBe(true);
      expect(statusOf(path)?.mode).toBe(at % 2 === 0 ? 0o444 : 0o555);
    }
  } finally {
    folder.close();
  }
});

test("a failure names the path and the error of the system", () => {
  writeFileSync(join(root, "there"), "old");
  symlinkSync("nowhere", join(root, "link"));
  const folder = openFolder(root);
  const failure = (name: string): unknown => {
    try {
      folder.writeNew(name, new Uint8Array(1), 0o444);
    } catch (error) {
      return isPenError(error, "FILE_SYSTEM") ? [error.data["errno"], error.data["path"]] : error;
    }
    return "none";
  };
  try {
    expect(failure("there")).toEqual(["EEXIST", join(root, "there")]);
    expect(failure("link")).toEqual(["EEXIST", join(root, "link")]);
    expect(failure("absent/x")).toEqual(["ENOENT", join(root, "absent/x")]);
    expect(failure("there/x")).toEqual(["ENOTDIR", join(root, "there/x")]);
    expect(failure("n".repeat(300))).toEqual(["ENAMETOOLONG", join(root, "n".repeat(300))]);
    expect(failure("漢/".repeat(2000))).toEqual(["ENAMETOOLONG", join(root, "漢/".repeat(2000))]);
    expect(failure("there\0x")).not.toBe("none");
    expect(readFileSync(join(root, "there"), "utf8")).toBe("old");
    expect(() => openFolder(join(root, "absent"))).toThrow("absent");
  } finally {
    folder.close();
  }
});

test("a closed folder keeps no descriptor", () => {
  const open = (): number => {
    const descriptor = openSync(root, "r");
    closeSync(descriptor);
    return descriptor;
  };
  const before = open();
  for (let turn = 0; turn < 50; turn += 1) {
    const folder = openFolder(root);
    folder.writeNew(`file-${turn}`, new Uint8Array(3), 0o644);
    folder.close();
  }
  expect(open()).toBe(before);
});
