/** The executable is laid out for large pages: it stays the same program, and what a start needs can be mapped 2 MiB at a time. */
import { describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { largePieces, smallPiece, writeInPieces, type Piece } from "../scripts/large-pages.ts";
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

describe("largePieces", () => {
  const segments: Segment[] = [
    { address: 8 * largePage, offset: 0, size: 20 * largePage },
    { address: 40 * largePage + 4096, offset: 24 * largePage + 4096, size: 3 * largePage },
  ];
  /** The numbers of `count` pieces of the large page `page`, from its piece `first`. */
  const pieces = (page: number, count: number, first = 0): number[] =>
    Array.from({ length: count }, (_, index) => (page * largePage) / smallPiece + first + index);
  const sizes = (needed: readonly number[]): [number, number][] =>
    largePieces(segments, needed).map(({ offset, size }) => [offset / smallPiece, size / smallPiece]);

  test("what a start needs whole or nearly so is one piece, by its place in the file", () => {
    expect(sizes(pieces(9, 32))).toEqual([[32, 32]]);
    expect(sizes([...pieces(9, 29), ...pieces(41, 32)])).toEqual([
      [32, 32],
      [25 * 32, 32],
    ]);
  });

  test("a part of it is a smaller piece", () => {
    expect(sizes(pieces(9, 8, 8))).toEqual([[40, 8]]);
    expect(sizes([...pieces(9, 4), ...pieces(9, 2, 30)])).toEqual([
      [32, 4],
      [62, 2],
    ]);
  });

  test("one that stands alone, or nothing, is no reason for a large piece", () => {
    expect(sizes([])).toEqual([]);
    expect(sizes([...pieces(9, 1, 3), ...pieces(11, 1, 31)])).toEqual([]);
  });

  test("no piece reaches beyond its segment", () => {
    for (const { offset, size } of largePieces(segments, [...pieces(40, 32), ...pieces(43, 32)])) {
      expect(offset).toBeGreaterThanOrEqual(24 * largePage + 4096);
      expect(offset + size).toBeLessThanOrEqual(27 * largePage + 4096);
    }
    expect(sizes(pieces(7, 32))).toEqual([]);
  });

  test("for any needs: pieces of powers of two at multiples of their size, none twice, and what is idle costs less than the faults it saves", () => {
    let seed = 7;
    const chance = (): number => (seed = (seed * 1103515245 + 12345) % 2147483648) / 2147483648;
    for (let round = 0; round < 200; round += 1) {
      const share = chance();
      const needed = Array.from({ length: 20 }, (_, page) => pieces(8 + page, 32))
        .flat()
        .filter(() => chance() < share);
      const seen = new Set<number>();
      for (const [offset, size] of sizes(needed)) {
        expect([2, 4, 8, 16, 32]).toContain(size);
        expect(offset % size).toBe(0);
        const held = needed.filter((piece) => piece - 256 >= offset && piece - 256 < offset + size).length;
        expect(size - held).toBeLessThanOrEqual((held - 1) * 4);
        for (let at = offset; at < offset + size; at += 1) {
          expect(seen.has(at)).toBe(false);
          seen.add(at);
        }
      }
    }
  });
});

describe("writeInPieces", () => {
  test("writes the same bytes whatever the pieces, executable, and never over another file", () => {
    const file = Buffer.from(Array.from({ length: 5 * largePage + 12_345 }, (_, index) => (index * 31 + (index >> 12)) & 0xff));
    inScratch((folder) => {
      const whole = (page: number): Piece => ({ offset: page * largePage, size: largePage });
      const ways: Record<string, Piece[]> = {
        none: [],
        some: [whole(1), { offset: 3 * largePage + 2 * smallPiece, size: 2 * smallPiece }],
        all: [0, 1, 2, 3, 4, 5].map(whole),
      };
      for (const [name, large] of Object.entries(ways)) {
        writeInPieces(join(folder, name), file, large);
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
