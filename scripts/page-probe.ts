/**
 * Started as a compiled program of its own when pen is built: tells which pieces of itself are in memory after a start that does nothing.
 * In: the size of a piece in bytes, then ranges of addresses as `FROM-TO`. Out, as JSON: the numbers (address / size) of the pieces of which a page is
 * mapped. Asks /proc/self/pagemap (Linux, Documentation/admin-guide/mm/pagemap.rst: 8 bytes for each page, the highest bit says present).
 */
import { closeSync, openSync, readSync, writeSync } from "node:fs";

const page = 4096;
const [size = "", ...ranges] = process.argv.slice(2);
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
