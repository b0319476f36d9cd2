import { afterEach, beforeEach, expect, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { copyProject } from "./copying.ts";

let folder = "";
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "pen-copying-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("a copy has the project's files with their times and modes, links as links, and its neighbours beside it", async () => {
  const project = join(folder, "home", "project");
  mkdirSync(join(project, "src", "deep"), { recursive: true });
  writeFileSync(join(project, "run.sh"), "#!/bin/sh\n");
  chmodSync(join(project, "run.sh"), 0o555);
  utimesSync(join(project, "run.sh"), 1_500_000_000, 1_500_000_000);
  symlinkSync("../README.md", join(project, "README.md"));
  writeFileSync(join(folder, "home", "README.md"), "neighbour");
  for (const left of ["node_modules", ".tox", "__pycache__", "src/__pycache__", ".venv"]) mkdirSync(join(project, left));
  writeFileSync(join(project, ".venv", "pyvenv.cfg"), "home = /usr/bin\n");
  const server = createServer().listen(join(project, "socket"));
  await new Promise((resolve) => server.once("listening", resolve));
  try {
    const copy = copyProject(project, join(folder, "work"));
    expect(copy).toBe(join(folder, "work", "project"));
    expect(readlinkSync(join(copy, "README.md"))).toBe("../README.md");
    expect(readFileSync(join(copy, "README.md"), "utf8")).toBe("neighbour");
    expect(existsSync(join(copy, "src", "deep"))).toBe(true);
    for (const left of ["node_modules", ".tox", "__pycache__", "src/__pycache__", ".venv", "socket"])
      expect(existsSync(join(copy, left))).toBe(false);
    // A build may rewrite what it got.
    expect(statSync(join(copy, "run.sh")).mode & 0o777).toBe(0o755);
    expect(statSync(join(copy, "run.sh")).mtimeMs).toBe(1_500_000_000_000);
  } finally {
    server.close();
  }
});

test("a folder with very many neighbours is copied alone", () => {
  const parent = join(folder, "many");
  mkdirSync(join(parent, "project"), { recursive: true });
  for (let at = 0; at < 250; at += 1) writeFileSync(join(parent, `file-${at}`), "");
  copyProject(join(parent, "project"), join(folder, "work"));
  expect(existsSync(join(folder, "work", "file-1"))).toBe(false);
  expect(lstatSync(join(folder, "work", "project")).isDirectory()).toBe(true);
});
