/**
 * Writes an executable so that what every start needs is mapped by few page faults.
 *
 * Linux keeps what one `write` brought in one piece of memory where the file system can (ext4 and XFS up to 2 MiB), and a page fault maps
 * such a piece at once. So parts of which a start needs nearly all are written 2 MiB at a time. Parts that it hardly touches are written in
 * small pieces: large ones would be counted as memory of every process. It holds until the kernel drops the file from memory; afterwards the
 * executable is as quick as one that was only copied.
 */
import { closeSync, fsyncSync, openSync, writeSync } from "node:fs";
import { largePage, type Segment } from "./segments.ts";

/** What the kernel maps around a page fault by itself (`fault_around_bytes`). */
export const smallPiece: number = 64 * 1024;

/** By how much a process may grow, in bytes, by being mapped in large pages. */
const mostExtra = 8 * 1024 * 1024;

/**
 * Which large pages a start fills best. In: the segments, and the numbers (address / `smallPiece`) of pieces that a start needs. Out: the places
 * in the file, in bytes, fullest first, as many as cost no more than 8 MiB of pieces that nobody needs.
 */
export function fullestPages(segments: readonly Segment[], needed: readonly number[]): number[] {
  const within = largePage / smallPiece;
  const counts = new Map<number, number>();
  for (const piece of needed) {
    const page = Math.floor(piece / within);
    counts.set(page, (counts.get(page) ?? 0) + 1);
  }
  const places: number[] = [];
  let extra = 0;
  for (const [page, count] of [...counts].toSorted((one, other) => other[1] - one[1] || one[0] - other[0])) {
    const address = page * largePage;
    const segment = segments.find((each) => address >= each.address && address + largePage <= each.address + each.size);
    if (segment === undefined) continue;
    extra += (within - count) * smallPiece;
    if (extra > mostExtra) break;
    places.push(address - segment.address + segment.offset);
  }
  return places;
}

/** Writes `file` to the new path `path`, with one call for each of `places` (multiples of 2 MiB) and small ones for all else. */
export function writeInPieces(path: string, file: Buffer, places: readonly number[]): void {
  const whole = new Set(places);
  const handle = openSync(path, "wx", 0o755);
  try {
    let written = 0;
    while (written < file.length) {
      const page = Math.floor(written / largePage) * largePage;
      const size = whole.has(page) ? largePage : smallPiece;
      written += writeSync(handle, file, written, Math.min(file.length, (Math.floor(written / size) + 1) * size) - written);
    }
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
