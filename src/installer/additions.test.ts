import { expect, test } from "bun:test";
import { mkdtempSync, mkdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Batch, createAdditions, newBatch } from "./additions.ts";
import { surveyOf } from "./survey.ts";

/** Numbers that look random and are the same each time. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => (state = (state * 48_271) % 2_147_483_647) % below;
}

/** Each folder and file of a batch comes into a folder that is there by then. */
function expectParents({ folders, names }: Batch, before: ReadonlySet<string>): void {
  const there = new Set(before);
  for (const folder of folders) {
    expect(there.has(dirname(folder))).toBe(true);
    there.add(folder);
  }
  for (const name of names) expect(there.has(dirname(name))).toBe(true);
}

test("generated wheels: each batch can be made by itself, once the folders before all of them are there, and each later one after them", () => {
  const root = mkdtempSync(join(tmpdir(), "pen-additions-"));
  mkdirSync(join(root, "lib/packages"), { recursive: true });
  let [shared, own] = [0, 0];
  try {
    for (let seed = 1; seed <= 60; seed += 1) {
      const random = generator(seed);
      const builder = createAdditions(root, surveyOf(root));
      const path = (depth: number): string => Array.from({ length: depth }, () => `d${random(3)}`).join("/");
      const wanted = new Set<string>();
      for (let wheel = 0; wheel < 6; wheel += 1) {
        builder.batch(join(root, "store"), (batch) => {
          for (let file = 0; file < 8; file += 1) {
            const folder = `lib/${random(2) === 0 ? "packages" : "other"}/${random(3) === 0 ? `wheel${wheel}/` : ""}${path(1 + random(4))}`;
            const state = builder.folder(`${root}/${folder}`, `wheel${wheel}`);
            if (builder.claim(`${root}/${folder}/w${wheel}-${file}`, state, `wheel${wheel}`) !== "free") continue;
            batch.names.push(`${folder}/w${wheel}-${file}`);
          }
        });
        builder.laterBatch(join(root, "store"), (batch) => {
          for (let file = 0; file < 3; file += 1) {
            const folder = `lib/${random(2) === 0 ? "packages" : "other"}/${path(random(3))}/__pycache__`.replace("//", "/");
            const state = builder.folder(`${root}/${folder}`, `wheel${wheel}`);
            if (builder.claim(`${root}/${folder}/w${wheel}-${file}.pyc`, state, `wheel${wheel}`) !== "free") continue;
            batch.names.push(`${folder}/w${wheel}-${file}.pyc`);
          }
        });
        // Folders for links, between and after the batches.
        const linked = `lib/linked/${path(2)}`;
        builder.folder(`${root}/${linked}`, "pen");
        wanted.add(linked);
      }
      builder.settle();
      const { folders, batches, laterBatches } = builder.additions;
      const before = new Set(["lib", "lib/packages"]);
      for (const folder of folders.map((path) => path.slice(root.length + 1))) {
        expect(before.has(dirname(folder))).toBe(true);
        before.add(folder);
      }
      for (const folder of wanted) expect(before.has(folder)).toBe(true);
      const all = folders.map((path) => path.slice(root.length + 1));
      for (const batch of batches) {
        expectParents(batch, before);
        all.push(...batch.folders);
      }
      for (const folder of all) before.add(folder);
      for (const batch of laterBatches) {
        expectParents(batch, before);
        all.push(...batch.folders);
      }
      expect(new Set(all).size).toBe(all.length);
      shared += folders.length;
      own += all.length - folders.length;
    }
    expect(Math.min(shared, own)).toBeGreaterThan(100);
  } finally {
    rmSync(root, { recursive: true });
  }
});

test("a tree is one batch, and what comes into it later finds its folders there", () => {
  const root = mkdtempSync(join(tmpdir(), "pen-additions-"));
  mkdirSync(join(root, "lib/there"), { recursive: true });
  try {
    const builder = createAdditions(root, surveyOf(root));
    const tree = (name: string) => ({ ...newBatch(join(root, "lib"), join(root, "store")), folders: [name, `${name}/in`] });
    expect(builder.tree(tree("one"), "a", "batches")).toBe(true);
    expect(builder.tree(tree("one"), "b", "batches")).toBe(false);
    expect(builder.tree(tree("there"), "b", "batches")).toBe(false);
    builder.laterBatch(join(root, "store"), (batch) => {
      for (const folder of ["one/in/__pycache__", "one/in", "one"]) builder.folder(join(root, "lib", folder), "a");
      expect(batch.folders).toEqual(["lib/one/in/__pycache__"]);
    });
    builder.settle();
    const { folders, batches, newRoots } = builder.additions;
    expect([folders, batches.map(({ folders }) => folders), newRoots]).toEqual([[], [["one", "one/in"]], [join(root, "lib/one")]]);
    // A folder of a tree that another batch needs after all comes before all of them.
    builder.batch(join(root, "store"), () => builder.claim(join(root, "lib/one/x"), builder.folder(join(root, "lib/one"), "b"), "b"));
    builder.settle();
    expect(folders).toEqual([join(root, "lib/one")]);
    expect(batches.map(({ folders }) => folders)).toEqual([["one/in"], []]);
  } finally {
    rmSync(root, { recursive: true });
  }
});
