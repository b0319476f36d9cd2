/** The executable is laid out for large pages: it stays the same program, and what a start needs can be mapped 2 MiB at a time. */
import { describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fullestPages, smallPiece, writeInPieces } from "../scripts/large-pages.ts";
import { alignSegments, isElf64, largePage, segmentsOf, type Segment } from "../scripts/segments.ts";
import { program } from "./support/program.ts";

const onLinux = process.platform === "linux";

function inScratch(use: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), "pen-pages-"));
  try {
    use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe("alignSegments", () => {
  test.skipIf(!onLinux)("every segment of the executable has a place that fits its address", () => {
    const file = readFileSync(program());
    const segments = segmentsOf(file);
    expect(segments.length).toBeGreaterThan(2);
    for (const { address, offset } of segments) expect((address - offset) % largePage).toBe(0);
  });

  test.skipIf(!onLinux).each([realpathSync("/bin/sh"), process.execPath])("%s keeps the contents and addresses of its segments", (path) => {
    const file = readFileSync(path);
    const aligned = alignSegments(file);
    const before = segmentsOf(file);
    expect(segmentsOf(aligned).map(({ address, size }) => [address, size])).toEqual(before.map(({ address, size }) => [address, size]));
    const headers = 64 + file.readUInt16LE(56) * 56;
    segmentsOf(aligned).forEach(({ offset, size }, index) => {
      const start = Math.max(before[index]!.offset, headers);
      const skipped = start - before[index]!.offset;
      expect(aligned.subarray(offset + skipped, offset + size).equals(file.subarray(start, before[index]!.offset + size))).toBe(true);
    });
    expect(aligned.length - file.length).toBeLessThan(before.length * largePage);
  });

  test.skipIf(!onLinux)("a program runs as before, and what is aligned already stays as it is", () => {
    const aligned = alignSegments(readFileSync(realpathSync("/bin/sh")));
    expect(alignSegments(aligned).equals(aligned)).toBe(true);
    inScratch((folder) => {
      writeInPieces(join(folder, "sh"), aligned, []);
      expect(spawnSync(join(folder, "sh"), ["-c", "echo $((6 * 7))"], { encoding: "utf8" }).stdout).toBe("42\n");
    });
  });

  test("files of other systems are told apart", () => {
    for (const head of ["", "#!/bin/sh\n", "MZ", "\xcf\xfa\xed\xfe", "\x7fELF\x01\x01", "\x7fELF\x02\x02"])
      expect(isElf64(Buffer.from(head.padEnd(100, "\0"), "latin1"))).toBe(false);
    expect(isElf64(Buffer.from("\x7fELF\x02\x01".padEnd(100, "\0"), "latin1"))).toBe(true);
    expect(isElf64(Buffer.from("\x7fELF\x02\x01", "latin1"))).toBe(false);
  });
});

describe("fullestPages", () => {
  const segments: Segment[] = [
    { address: 8 * largePage, offset: 0, size: 20 * largePage },
    { address: 40 * largePage + 4096, offset: 24 * largePage + 4096, size: 3 * largePage },
  ];
  /** The numbers of the first `count` pieces of the large page `page`. */
  const pieces = (page: number, count: number): number[] =>
    Array.from({ length: count }, (_, index) => (page * largePage) / smallPiece + index);

  test("the fullest come first, by their places in the file", () => {
    expect(fullestPages(segments, [...pieces(9, 20), ...pieces(8, 30), ...pieces(41, 25)])).toEqual([0, 25 * largePage, largePage]);
  });

  test("a page that a segment fills only in part is left alone", () => {
    expect(fullestPages(segments, [...pieces(40, 30), ...pieces(43, 30), ...pieces(7, 30)])).toEqual([]);
  });

  test("no more than 8 MiB that nobody needs", () => {
    const half = Array.from({ length: 12 }, (_, index) => pieces(8 + index, 16)).flat();
    expect(fullestPages(segments, half)).toHaveLength(8);
  });

  test("nothing known, nothing chosen", () => {
    expect(fullestPages(segments, [])).toEqual([]);
  });
});

describe("writeInPieces", () => {
  test("writes the same bytes whatever the pieces, executable, and never over another file", () => {
    const file = Buffer.from(Array.from({ length: 5 * largePage + 12_345 }, (_, index) => (index * 31 + (index >> 12)) & 0xff));
    inScratch((folder) => {
      for (const [name, places] of [
        ["none", []],
        ["some", [largePage, 5 * largePage]],
        ["all", [0, 1, 2, 3, 4, 5].map((page) => page * largePage)],
      ] as const) {
        writeInPieces(join(folder, name), file, places);
        expect(readFileSync(join(folder, name)).equals(file)).toBe(true);
        expect(statSync(join(folder, name)).mode & 0o111).toBe(0o111);
      }
      writeFileSync(join(folder, "there"), "x");
      expect(() => writeInPieces(join(folder, "there"), file, [])).toThrow("EEXIST");
    });
  });
});

test.skipIf(!onLinux)("building leaves nothing beside the executable", () => {
  expect(readFileSync(program()).length).toBeGreaterThan(largePage);
  expect(spawnSync("ls", ["-A", join(program(), "..")], { encoding: "utf8" }).stdout).toBe("pen\n");
});
