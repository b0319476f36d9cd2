/**
 * Writes an executable so that what every start needs is mapped by few page faults.
 *
 * Linux keeps what one `write` brought in one piece of memory where the file system can (ext4 and XFS up to 2 MiB), and a page fault maps
 * such a piece at once. So parts of which a start needs nearly all are written in large pieces. Parts that it hardly touches are written in
 * small ones: large ones would be counted as memory of every process. It holds until the kernel drops the file from memory; afterwards the
 * executable is as quick as one that was only copied.
 */
import { closeSync, fsyncSync, openSync, writeSync } from "node:fs";
import { largePage, type Segment } from "./segments.ts";

/** What the kernel maps around a page fault by itself, in bytes (`fault_around_bytes`). */
export const smallPiece: number = 64 * 1024;

/** How many bytes that nobody needs may be mapped to save one page fault. */
const worthOfFault = 256 * 1024;

/** Bytes of the file that are written by one call. */
export interface Piece {
  readonly offset: number;
  readonly size: number;
}

interface Choice {
  readonly pieces: readonly Piece[];
  /** In bytes, a page fault counted as `worthOfFault`. */
  readonly cost: number;
}

/** The cheaper of one piece and two halves, each chosen in the same way. */
function choose(segment: Segment, needed: ReadonlySet<number>, address: number, size: number): Choice {
  const piece = { offset: address - segment.address + segment.offset, size };
  if (size === smallPiece) return { pieces: [piece], cost: needed.has(address / smallPiece) ? worthOfFault : 0 };
  const halves = [choose(segment, needed, address, size / 2), choose(segment, needed, address + size / 2, size / 2)] as const;
  const split: Choice = { pieces: halves.flatMap(({ pieces }) => pieces), cost: halves[0].cost + halves[1].cost };
  // The kernel maps a piece at once only where all of it belongs to one segment.
  if (split.cost === 0 || address < segment.address || address + size > segment.address + segment.size) return split;
  let idle = 0;
  for (let at = address; at < address + size; at += smallPiece) if (!needed.has(at / smallPiece)) idle += smallPiece;
  return worthOfFault + idle <= split.cost ? { pieces: [piece], cost: worthOfFault + idle } : split;
}

/**
 * The pieces larger than `smallPiece` that make starting quick. In: the segments, aligned (see segments.ts), and the numbers (address / `smallPiece`) of
 * what a start needs. Out: pieces from 128 KiB to 2 MiB, each at a multiple of its size, in no order.
 */
export function largePieces(segments: readonly Segment[], needed: readonly number[]): Piece[] {
  const wanted = new Set(needed);
  return segments.flatMap((segment) => {
    const pieces: Piece[] = [];
    const first = Math.floor(segment.address / largePage) * largePage;
    for (let address = first; address < segment.address + segment.size; address += largePage)
      pieces.push(...choose(segment, wanted, address, largePage).pieces.filter(({ size }) => size > smallPiece));
    return pieces;
  });
}

/** Writes `file` to the new path `path`: each of `pieces` by one call, and all else by calls of at most `rest` bytes. */
export function writeInPieces(path: string, file: Buffer, pieces: readonly Piece[], rest: number = smallPiece): void {
  const sizes = new Map(pieces.map(({ offset, size }) => [offset, size]));
  const handle = openSync(path, "wx", 0o755);
  try {
    let written = 0;
    while (written < file.length) {
      const end = written + (sizes.get(written) ?? rest - (written % rest));
      written += writeSync(handle, file, written, Math.min(file.length, end) - written);
    }
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
