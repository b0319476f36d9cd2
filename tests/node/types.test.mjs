/** The types of the built package as a program sees them: tests/types, and every example of README.md and docs/library.md. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { root } from "./world.mjs";

const compilerOptions = {
  noEmit: true,
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: false,
  target: "es2022",
  lib: ["es2022"],
  types: ["node"],
  typeRoots: [join(root, "node_modules", "@types")],
};

/** What the compiler says of some modules that stand in a program of their own, beside an installed pen-env; nothing is good. */
function compile(modules, resolution) {
  const folder = mkdtempSync(join(tmpdir(), "pen-types-"));
  try {
    mkdirSync(join(folder, "node_modules"));
    symlinkSync(root, join(folder, "node_modules", "pen-env"));
    writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
    for (const [name, text] of Object.entries(modules)) writeFileSync(join(folder, name), text);
    const module = resolution === "bundler" ? "esnext" : resolution;
    writeFileSync(
      join(folder, "tsconfig.json"),
      JSON.stringify({ compilerOptions: { ...compilerOptions, module, moduleResolution: resolution } }),
    );
    return spawnSync(join(root, "node_modules", ".bin", "tsc"), ["-p", folder], { encoding: "utf8" }).stdout;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The TypeScript blocks of a page, by the name of the module that each becomes. */
function examples(page) {
  const blocks = [...readFileSync(join(root, page), "utf8").matchAll(/^```ts\n(.*?)^```$/gms)].map((match) => match[1]);
  assert.ok(blocks.length > 0, `${page} has no example`);
  return blocks.map((text, at) => [`${page.replace(/\W/g, "-")}-${at + 1}.ts`, `${text}\nexport {};\n`]);
}

const tests = readdirSync(join(root, "tests", "types")).map((name) => [name, readFileSync(join(root, "tests", "types", name), "utf8")]);
const modules = Object.fromEntries([...tests, ...examples("README.md"), ...examples(join("docs", "library.md"))]);

for (const resolution of ["nodenext", "bundler"]) {
  test(`the public types hold, and the examples compile (${resolution})`, () => assert.equal(compile(modules, resolution), ""));
}

test("a wrong use does not compile", () => {
  assert.match(compile({ "wrong.ts": 'import { install } from "pen-env";\nawait install({ requirements: 1 });\n' }, "nodenext"), /TS2322/);
});
