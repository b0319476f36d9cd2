import { describe, expect, test } from "bun:test";
import { crc32, deflateRawSync } from "node:zlib";
import { inflatePromised } from "./index.ts";

const content = Buffer.from("The quick brown fox jumps over the lazy dog. ".repeat(40));
const packed = deflateRawSync(content);
const promise = { size: content.length, crc: crc32(content) };

/** What gzip has behind its data. */
function trailer({ size, crc }: typeof promise): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32LE(crc, 0);
  bytes.writeUInt32LE(size, 4);
  return bytes;
}

const header = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);

describe("inflatePromised", () => {
  test("gives what was promised", () => {
    for (const text of ["y", content.toString(), "z".repeat(5_000_000), "é".repeat(999), ""]) {
      const bytes = Buffer.from(text);
      for (const level of [0, 1, 6, 9]) {
        const raw = deflateRawSync(bytes, { level });
        const got = inflatePromised(raw, { size: bytes.length, crc: crc32(bytes) });
        // No size can be told from the zeros of a checksum, and stored data are as long as what they hold: zlib has the word.
        if (bytes.length === 0 || raw.length > 65536) expect(got).toBeUndefined();
        else expect(got?.equals(bytes)).toBe(true);
      }
    }
  });

  const lies: Record<string, readonly [data: Buffer, promise: { size: number; crc: number }]> = {
    "another checksum": [packed, { ...promise, crc: promise.crc ^ 1 }],
    "fewer bytes": [packed, { ...promise, size: promise.size - 1 }],
    "more bytes": [packed, { ...promise, size: promise.size + 1 }],
    "more than deflate can make": [packed, { ...promise, size: 2 ** 32 + 5 }],
    "data that are cut off": [packed.subarray(0, -1), promise],
    "data that are none": [Buffer.from("\x07nothing"), promise],
    "no data": [Buffer.alloc(0), promise],
    "bytes behind the data": [Buffer.concat([packed, Buffer.from("hidden")]), promise],
    "bytes behind the data and a promise of their own": [Buffer.concat([packed, trailer(promise), Buffer.from("hidden")]), promise],
    "the promise twice": [Buffer.concat([packed, trailer(promise)]), promise],
    "a true promise of its own before another checksum": [
      Buffer.concat([packed, trailer(promise), Buffer.from("hidden")]),
      { ...promise, crc: 7 },
    ],
    "a gzip member before the data": [Buffer.concat([deflateRawSync(""), trailer({ size: 0, crc: 0 }), header, packed]), promise],
    "a gzip member behind the data": [Buffer.concat([packed, trailer(promise), header, deflateRawSync("")]), promise],
    "far more than is promised": [deflateRawSync(Buffer.alloc(60_000_000)), { size: 100, crc: 0 }],
  };
  for (const [name, [data, said]] of Object.entries(lies))
    test(`leaves to zlib: ${name}`, () => expect(inflatePromised(data, said)).toBeUndefined());

  test("never takes data with anything behind them", () => {
    for (let length = 1; length <= 24; length += 1) {
      const behind = Buffer.concat([trailer(promise), trailer(promise), trailer(promise)]).subarray(0, length);
      expect(inflatePromised(Buffer.concat([packed, behind]), promise)).toBeUndefined();
      expect(inflatePromised(Buffer.concat([packed, Buffer.alloc(length)]), promise)).toBeUndefined();
    }
  });
});
