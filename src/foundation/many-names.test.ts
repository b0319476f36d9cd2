import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { closeSync, mkdirSync, mkdtempSync, openSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { allowThreads, inThread, makeMany, statusOf, threadCount } from "./index.ts";

// The threads of the program, as the program starts them.
allowThreads(new URL("../operations/thread.ts", import.meta.url).href);
const isFast = process.platform === "linux";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "pen-many-names-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** `folders` folders, some in others, and four links in each; the files are there. */
function treeOf(folders: number) {
  const names = Array.from({ length: folders }, (_, at) => join(root, "new", at % 3 === 2 ? `folder${at - 1}/inner` : `folder${at}`));
  const list = [join(root, "new"), ...names];
  mkdirSync(join(root, "store/deep"), { recursive: true });
  const [from, to]: [string[], string[]] = [[], []];
  for (const [at, folder] of names.entries()) {
    for (const name of ["ü.py", "with space", "new\nline", `${"l".repeat(200)}.py`]) {
      from.push(join(root, "store/deep", `${at}-${name}`));
      to.push(join(folder, name));
    }
  }
  for (const path of from) writeFileSync(path, path);
  return { folders: list, from, to };
}

const openFiles = (): number => {
  const descriptor = openSync(root, "r");
  closeSync(descriptor);
  return descriptor;
};

describe("folders, then hard links in them", () => {
  for (const count of [3, 60, 900]) {
    test(`${count} folders`, async () => {
      const { folders, from, to } = treeOf(count);
      const before = openFiles();
      const progress: number[] = [];
      const { left, failure } = await makeMany([{ names: folders }, { existing: from, names: to }], {
        onProgress: (done) => progress.push(done),
      });
      if (!isFast) return expect(left.map((list) => list.length)).toEqual([folders.length, to.length]);
      expect(failure).toBeUndefined();
      expect(left).toEqual([[], []]);
      expect(folders.every((path) => statusOf(path)?.kind === "folder")).toBe(true);
      expect(to.map((path) => statusOf(path)?.inode)).toEqual(from.map((path) => statusOf(path)?.inode));
      expect(progress).toEqual([...progress].sort((a, b) => a - b));
      expect(openFiles()).toBe(before);
    });
  }

  test.skipIf(!isFast)("a second list waits for the first: a failure leaves it alone", async () => {
    const { folders, from, to } = treeOf(700);
    const blocked = folders[400] ?? "";
    mkdirSync(join(root, "new"));
    writeFileSync(blocked, "a file in the way");
    const { left, failure } = await makeMany([{ names: folders.slice(1) }, { existing: from, names: to }]);
    const [first = [], second = []] = left;
    expect(failure).toMatchObject({ list: 0, at: 399, error: { code: "FILE_SYSTEM", data: { errno: "EEXIST", path: blocked } } });
    expect(first).toContain(399);
    expect(first.every((at) => at === 399 || statusOf(folders[at + 1] ?? "") === undefined)).toBe(true);
    expect(second).toHaveLength(to.length);
    expect(to.some((path) => statusOf(path) !== undefined)).toBe(false);
  });

  test.skipIf(!isFast)(
    "what cannot be made is left to the caller: a name that is there, one that no file can have, a file that is gone",
    async () => {
      writeFileSync(join(root, "one"), "1");
      writeFileSync(join(root, "there"), "2");
      for (const [existing, name, errno] of [
        ["one", "there", "EEXIST"],
        ["one", "a\0b", "ENOENT"],
        ["one", "n".repeat(300), "ENAMETOOLONG"],
        ["one", "absent/x", "ENOENT"],
        ["gone", "new", "ENOENT"],
      ] as const) {
        const list = {
          existing: ["one", existing].map((name) => join(root, name)),
          names: ["first", name].map((name) => join(root, name)),
        };
        expect(await makeMany([list])).toMatchObject({ left: [[1]], failure: { list: 0, at: 1, error: { data: { errno } } } });
        rmSync(join(root, "first"));
      }
      expect(readdirSync(root).sort()).toEqual(["one", "there"]);
      expect(await makeMany([{ names: [] }, { existing: [join(root, "one")], names: [join(root, "two")] }])).toEqual({ left: [[], []] });
      expect(await makeMany([])).toEqual({ left: [] });
    },
  );

  test.skipIf(!isFast)("names with nothing in common but the root of the file system", async () => {
    writeFileSync(join(root, "one"), "1");
    const existing = [join(root, "one"), "/etc/pen-has-no-such-file"];
    expect(await makeMany([{ existing, names: [join(root, "two"), join(root, "three")] }])).toMatchObject({ left: [[1]] });
    expect(statusOf(join(root, "one"))?.links).toBe(2);
  });

  test.skipIf(!isFast)("a signal stops all threads before it is told", async () => {
    const { folders, from, to } = treeOf(900);
    const controller = new AbortController();
    const running = makeMany(
      [
        { names: folders },
        { existing: from, names: to },
        { existing: from, names: to.map((path) => `${path}2`) },
        { existing: from, names: to.map((path) => `${path}3`) },
      ],
      { signal: controller.signal, onProgress: () => controller.abort(new Error("enough")) },
    );
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
