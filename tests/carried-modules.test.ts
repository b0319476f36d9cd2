import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";

test("every module of the runtime that the sources fetch at run time is compiled into the executable", () => {
  const root = join(import.meta.dir, "..");
  const sources = [...new Bun.Glob("src/**/*.ts").scanSync({ cwd: root })].filter((path) => !path.endsWith(".test.ts"));
  const fetched = sources.flatMap((path) =>
    [...readFileSync(join(root, path), "utf8").matchAll(/getBuiltinModule\("([^"]+)"\)/g)].map(([, name]) => name),
  );
  const carried = [...readFileSync(join(root, "scripts", "carried-modules.ts"), "utf8").matchAll(/ from "([^"]+)";$/gm)];
  expect(new Set(fetched)).toEqual(new Set(carried.map(([, name]) => name)));
  expect(carried.length).toBeGreaterThan(0);
});
