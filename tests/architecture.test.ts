import { describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { rooms } from "../oxlint.config.mjs";

const root = join(import.meta.dirname, "..");

/** Lints one file as if it stood in a room of the real house. */
function lint(room: string, code: string): string {
  const folder = mkdtempSync(join(root, "src", room, "seeded-"));
  try {
    writeFileSync(join(folder, "violation.ts"), code);
    const { stdout, stderr } = spawnSync(
      join(root, "node_modules/.bin/oxlint"),
      ["-c", "oxlint.config.mjs", join("src", room, folder.split("/").at(-1) ?? "")],
      {
        cwd: root,
        encoding: "utf8",
      },
    );
    return stdout + stderr;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe("the guards of the house", () => {
  test("a seeded import that points up is caught, type imports too", () => {
    expect(lint("standards", 'import { install } from "#operations";\nexport const x: unknown = install;\n')).toContain(
      "standards may enter: foundation.",
    );
    expect(lint("store", 'import type { Environment } from "#venv";\nexport type X = Environment;\n')).toContain("store may enter");
  });

  test("a seeded import between siblings is caught", () => {
    expect(lint("index", 'import { openStore } from "#store";\nexport const x: unknown = openStore;\n')).toContain("index may enter");
  });

  test("a room that is entered by a path is caught", () => {
    expect(lint("venv", 'import { parseRequest } from "../../python/request.ts";\nexport const x: unknown = parseRequest;\n')).toContain(
      "A room is entered by its name",
    );
    expect(lint("venv", 'import { findInterpreter } from "#python/find.ts";\nexport const x: unknown = findInterpreter;\n')).toContain(
      "A room is entered by its index.ts",
    );
    expect(lint("venv", 'import { createEnvironment } from "#venv";\nexport const x: unknown = createEnvironment;\n')).toContain(
      "import by a relative path",
    );
  });

  test("raw file system, processes and Bun are caught outside foundation", () => {
    expect(lint("store", 'import { readFileSync } from "node:fs";\nexport const x: unknown = readFileSync;\n')).toContain(
      "the one door to the file system",
    );
    expect(lint("python", 'import { spawn } from "node:child_process";\nexport const x: unknown = spawn;\n')).toContain("runProcess");
    expect(lint("foundation", 'import { dlopen } from "bun:ffi";\nexport const x: unknown = dlopen;\n')).toContain("may touch Bun");
    expect(lint("store", "export const x: unknown = process.env;\n")).toContain("Take a Host value");
  });

  test("code that keeps the rules passes", () => {
    expect(lint("store", 'import { parseVersion } from "#standards";\nexport const x: unknown = parseVersion;\n')).toContain(
      "Found 0 warnings and 0 errors",
    );
  });

  test("every folder of src is a room of the table and has an index.ts", () => {
    const folders = readdirSync(join(root, "src"), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    for (const { name } of folders) {
      expect(Object.keys(rooms)).toContain(name);
      if (name !== "cli") expect(existsSync(join(root, "src", name, "index.ts"))).toBe(true);
    }
  });

  test("the architecture page names every room that exists", () => {
    const page = readFileSync(join(root, "docs", "architecture.md"), "utf8");
    for (const room of readdirSync(join(root, "src"))) if (!room.endsWith(".ts")) expect(page).toContain(`**${room}**`);
  });

  test("no room is loaded as a whole: what is imported when it is needed is a file, which says what it takes of a room", () => {
    // The bundler cannot tell what of a room's index somebody wants who asks for all of it, and puts the room into one piece that every command loads.
    const whole = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
      .filter((name) => /\bimport\("#/.test(readFileSync(join(root, "src", name), "utf8")));
    expect(whole).toEqual([]);
  });

  test("package-lock.json has the hash of every package, whatever platform it is for", () => {
    const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as {
      packages: Record<string, { readonly integrity?: string }>;
    };
    const fetched = Object.entries(packages).filter(([place]) => place !== "");
    expect(fetched.length).toBeGreaterThan(100);
    for (const [place, { integrity }] of fetched) expect([place, integrity]).toEqual([place, expect.stringMatching(/^sha512-/)]);
  });
});
