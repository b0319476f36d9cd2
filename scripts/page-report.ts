/** The second part of page-probe.ts, a module of its own so that loading one is part of what is measured. */
import { closeSync, openSync, readSync, writeSync } from "node:fs";

const page = 4096;

/** Writes the answer of page-probe.ts to standard output. In: its words. */
export function reportPages([size = "", ...ranges]: readonly string[]): void {
  const pieces = new Set<number>();
  const map = openSync("/proc/self/pagemap", "r");
  for (const range of ranges) {
    const [from = 0, to = 0] = range.split("-").map((word) => Math.floor(Number(word) / page));
    const entries = Buffer.alloc((to - from) * 8);
    const read = readSync(map, entries, 0, entries.length, from * 8);
    for (let at = 0; at < read; at += 8) {
      if (entries[at + 7]! >= 0x80) pieces.add(Math.floor(((from + at / 8) * page) / Number(size)));
    }
  }
  closeSync(map);
  writeSync(1, JSON.stringify([...pieces]));
}
