import { expect, test } from "bun:test";
import { letGo } from "./index.ts";

test("memory that is wholly a buffer's own is given back", () => {
  const bytes = new Uint8Array(100_000);
  letGo(bytes);
  expect([bytes.length, bytes.buffer.byteLength]).toEqual([0, 0]);
});

test("memory that others may look at stays", () => {
  const shared = Buffer.alloc(100_000, 7);
  const slab = Buffer.from(new ArrayBuffer(8192), 0, 4000).fill(7);
  const parts = [shared.subarray(0, 50_000), shared.subarray(1), slab, new Uint8Array(new SharedArrayBuffer(100_000)).fill(7)];
  for (const part of parts) {
    letGo(part);
    expect(part.length).toBeGreaterThan(0);
    expect(part.every((byte) => byte === 7)).toBe(true);
  }
});
