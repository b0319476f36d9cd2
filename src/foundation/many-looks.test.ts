import { afterEach, beforeEach, expect, test } from "bun:test";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { allowThreads, isModeAsLeft, isTimeAsLeft, notAsLeft, statusOf, type LeftFiles } from "./index.ts";

// The threads of the program, as the program starts them.
allowThreads(new URL("../operations/thread.ts", import.meta.url).href);
const isFast = process.platform === "linux";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "pen-many-looks-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** What a look at each path by itself says. */
function bySingleLooks({ folder, names, sizes, executables, written }: LeftFiles): number[] {
  return names.flatMap((name, at) => {
    const status = statusOf(join(folder, name));
    const isLeft =
      status?.kind === "file" &&
      status.size === sizes[at] &&
      isTimeAsLeft(status.mtimeMs, written) &&
      isModeAsLeft(status.mode, executables.includes(at));
    return isLeft ? [] : [at];
  });
}

test.skipIf(!isFast)("one look at many says what a look at each says", async () => {
  mkdirSync(join(root, "sub/below"), { recursive: true });
  const names = ["plain.txt", "with space", "ünïcödé-漢字-🐍.py", "new\nline", `${"l".repeat(200)}.py`, "sub/below/file.py"];
  const modes = [0o444, 0o555, 0o400, 0o500, 0o644, 0o600, 0o4444, 0o2555, 0o1444, 0o440, 0o755, 0o111];
  const times = [-3.25, 0, 1, 1_600_000_000.123456, 1_700_000_000.654321, 4_300_000_000.5, 5e9];
  const kinds: string[] = [];
  for (const [at, mode] of modes.entries()) {
    for (const [number, time] of times.entries()) {
      const name = `${names[(at + number) % names.length] ?? ""}-${at}-${number}`;
      writeFileSync(join(root, name), "x".repeat(at));
      utimesSync(join(root, name), 1, time);
      chmodSync(join(root, name), mode);
      kinds.push(name);
    }
  }
  writeFileSync(join(root, "sparse"), "");
  truncateSync(join(root, "sparse"), 5 * 2 ** 30 + 7);
  utimesSync(join(root, "sparse"), 1, 1);
  chmodSync(join(root, "sparse"), 0o444);
  symlinkSync("plain.txt-0-0", join(root, "link"));
  kinds.push("sparse", "link", "sub", "sub/below", "absent", "plain.txt-0-0/below", "sub/absent/x");
  const sizes = kinds.map((name) => statusOf(join(root, name))?.size ?? 0);
  let [settled, unsettled] = [0, 0];
  for (const written of [
    [-4000, 2000],
    [1_600_000_000_123, 1_600_000_000_124],
    [0, 5e12],
  ] as const) {
    for (const wrong of [0, 1]) {
      for (const runs of [[], [...kinds.keys()], [...kinds.keys()].filter((at) => at % 2 === 0)]) {
        const list = {
          folder: root,
          names: kinds,
          sizes: sizes.map((size, at) => (at % 5 === 0 ? size + wrong : size)),
          executables: runs,
          written,
        };
        const wanted = bySingleLooks(list);
        expect(await notAsLeft([list])).toEqual([wanted]);
        unsettled += wanted.length;
        settled += kinds.length - wanted.length;
      }
    }
  }
  expect(Math.min(settled, unsettled)).toBeGreaterThan(50);
});

test.skipIf(!isFast)("lists that several threads share, one that is gone, one that is empty", async () => {
  const lists = Array.from({ length: 9 }, (_, list) => {
    const folder = join(root, `list${list}`);
    mkdirSync(folder);
    const names = Array.from({ length: 700 }, (_, at) => `file${at}`);
    for (const name of names) writeFileSync(join(folder, name), name, { mode: 0o444 });
    return { folder, names, sizes: names.map((name) => name.length), executables: [], written: [0, 5e12] as const };
  });
  for (const [list, at] of [
    [0, 0],
    [3, 499],
    [3, 500],
    [8, 699],
  ] as const)
    chmodSync(join(root, `list${list}`, `file${at}`), 0o644);
  rmSync(join(root, "list5"), { recursive: true });
  const empty = { folder: root, names: [], sizes: [], executables: [], written: [0, 0] as const };
  const found = await notAsLeft([...lists, empty]);
  expect(found).toEqual([[0], [], [], [499, 500], [], [...Array(700).keys()], [], [], [699], []]);
  expect(await notAsLeft([])).toEqual([]);
});

test("a name that no file can have is left to single looks", async () => {
  expect(await notAsLeft([{ folder: root, names: ["a\0b"], sizes: [1], executables: [], written: [0, 1] }])).toBeUndefined();
});
