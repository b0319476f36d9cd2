import { afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { closeSync, mkdirSync, mkdtempSync, openSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { allowThreads, inThread, makeMany, statusOf, threadCount, type ManyNames } from "./index.ts";

// The threads of the program, as the program starts them.
allowThreads(new URL("../operations/thread.ts", import.meta.url).href);
const isFast = process.platform === "linux";

// A thread holds files open itself: the tests count them when all are awake.
beforeAll(() =>
  Promise.all(Array.from({ length: threadCount() }, () => inThread("wake", {}).catch(() => undefined))).then(() => undefined),
);

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "pen-many-names-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** `parts` parts of `folders` folders, some in others, and four links in each; the files are there. */
function treeOf(parts: number, folders: number): ManyNames[] {
  mkdirSync(join(root, "store/deep"), { recursive: true });
  mkdirSync(join(root, "new"));
  return Array.from({ length: parts }, (_, part) => {
    const own = Array.from({ length: folders }, (_, at) => `part${part}/${at % 3 === 2 ? `folder${at - 1}/inner` : `folder${at}`}`);
    const [existing, names]: [string[], string[]] = [[], []];
    for (const [at, folder] of own.entries()) {
      for (const name of ["ü.py", "with space", "new\nline", `${"l".repeat(200)}.py`]) {
        existing.push(`deep/${part}-${at}-${name}`);
        names.push(`${folder}/${name}`);
      }
    }
    for (const name of existing) writeFileSync(join(root, "store", name), name);
    return { to: join(root, "new"), folders: [`part${part}`, ...own], from: join(root, "store"), existing, names };
  });
}

const sizeOf = ({ folders, names }: ManyNames): number => folders.length + names.length;
const inodes = (folder: string, names: readonly string[]): unknown[] => names.map((name) => statusOf(join(folder, name))?.inode);

const openFiles = (): number => {
  const descriptor = openSync(root, "r");
  closeSync(descriptor);
  return descriptor;
};

describe("folders, then hard links in them", () => {
  for (const [parts, folders] of [
    [1, 3],
    [4, 20],
    [7, 130],
    [1, 900],
  ] as const) {
    test(`${parts} parts of ${folders} folders`, async () => {
      const tree = treeOf(parts, folders);
      const before = openFiles();
      const progress: number[] = [];
      const { made, failure } = await makeMany([tree], { onProgress: (done) => progress.push(done) });
      if (!isFast) return expect(made).toEqual([tree.map(() => 0)]);
      expect(failure).toBeUndefined();
      expect(made).toEqual([tree.map(sizeOf)]);
      for (const part of tree) {
        expect(part.folders.every((name) => statusOf(join(part.to, name))?.kind === "folder")).toBe(true);
        expect(inodes(part.to, part.names)).toEqual(inodes(part.from, part.existing));
      }
      expect(progress).toEqual([...progress].sort((a, b) => a - b));
      expect(openFiles()).toBe(before);
    });
  }

  test.skipIf(!isFast)("a failure stops the others, and a second step waits for the first", async () => {
    const tree = treeOf(5, 140);
    const first = tree[3] as ManyNames;
    mkdirSync(join(root, "new/part3"));
    writeFileSync(join(root, "new/part3/folder40"), "a file in the way");
    const second: ManyNames = { to: join(root, "new"), folders: ["second"], from: root, existing: [], names: [] };
    const blocked = { ...first, folders: first.folders.slice(1) };
    const before = openFiles();
    const parts = tree.map((part, at) => (at === 3 ? blocked : part));
    const { made, failure } = await makeMany([parts, [second]]);
    const path = join(root, "new/part3/folder40");
    expect(failure).toMatchObject({ step: 0, part: 3, error: { code: "FILE_SYSTEM", data: { errno: "EEXIST", path } } });
    expect(made[0]?.[3]).toBe(40);
    expect(made[1]).toEqual([0]);
    // What is said to be made is there, and nothing else of its part.
    for (const [at, { folders, names }] of parts.entries()) {
      const all = [...folders, ...names];
      const there = all.filter((name) => statusOf(join(root, "new", name)) !== undefined && name !== "part3/folder40");
      expect(there).toEqual(all.slice(0, made[0]?.[at]));
    }
    expect(statusOf(join(root, "new/second"))).toBeUndefined();
    expect(openFiles()).toBe(before);
  });

  test.skipIf(!isFast)("what cannot be made is left to the caller", async () => {
    writeFileSync(join(root, "one"), "1");
    writeFileSync(join(root, "there"), "2");
    const part = { to: root, folders: [], from: root };
    for (const [existing, name, errno] of [
      ["one", "there", "EEXIST"],
      ["one", "n".repeat(300), "ENAMETOOLONG"],
      ["one", "absent/x", "ENOENT"],
      ["gone", "new", "ENOENT"],
    ] as const) {
      const list = { ...part, existing: ["one", existing], names: ["first", name] };
      const path = join(root, name);
      expect(await makeMany([[list]])).toMatchObject({ made: [[1]], failure: { step: 0, part: 0, error: { data: { errno, path } } } });
      rmSync(join(root, "first"));
    }
    const nul = { ...part, existing: ["one", "one"], names: ["first", "a\0b"] };
    expect(await makeMany([[nul]])).toEqual({ made: [[0]] });
    const nowhere = { ...part, to: join(root, "absent"), existing: ["one"], names: ["first"] };
    expect(await makeMany([[nowhere]])).toMatchObject({ made: [[0]], failure: { error: { data: { errno: "ENOENT" } } } });
    expect(readdirSync(root).sort()).toEqual(["one", "there"]);
    expect(await makeMany([[], [{ ...part, existing: ["one"], names: ["two"] }]])).toEqual({ made: [[], [1]] });
    expect(await makeMany([])).toEqual({ made: [] });
  });

  test.skipIf(!isFast)("a signal stops all threads before it is told", async () => {
    const tree = treeOf(6, 150);
    const again = (number: number) => tree.map((part) => ({ ...part, folders: [], names: part.names.map((name) => `${name}${number}`) }));
    const controller = new AbortController();
    const running = makeMany([tree, again(2), again(3), again(4)], {
      signal: controller.signal,
      onProgress: () => controller.abort(new Error("enough")),
    });
    const ended = await running.then(
      () => "whole",
      (error: unknown) => String(error),
    );
    // A quick machine is done before it looks at the clock.
    expect(["whole", "Error: enough"]).toContain(ended);
    const count = (): number => readdirSync(join(root, "new"), { recursive: true }).length;
    const then = count();
    await Bun.sleep(30);
    expect(count()).toBe(then);
  });
});

test("a thread tells what it cannot do", async () => {
  expect(threadCount()).toBeGreaterThan(0);
  const failure = await inThread("fly", {}).catch((error: unknown) => error);
  expect(failure).toMatchObject({ name: "PenError", code: "INTERNAL", message: "No thread can do 'fly'" });
});
