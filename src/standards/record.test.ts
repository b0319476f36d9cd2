import { describe, expect, test } from "bun:test";
import { type RecordEntry, formatRecord, parseRecord } from "./record.ts";

describe("RECORD", () => {
  test("reads and writes the form of the wheel specification", () => {
    const text = "file.py,sha256=AVTFPZpEKzuHr7OvQZmhaU3LvwKz06AJw8mT_pNh2yI,3144\nfoo-1.0.dist-info/RECORD,,\n";
    const entries = parseRecord(text);
    expect(entries).toEqual([
      { path: "file.py", hash: { algorithm: "sha256", digest: "AVTFPZpEKzuHr7OvQZmhaU3LvwKz06AJw8mT_pNh2yI" }, size: 3144 },
      { path: "foo-1.0.dist-info/RECORD" },
    ]);
    expect(formatRecord(entries)).toBe(text);
  });

  test.each<[string, RecordEntry[]]>([
    ["", []],
    ["\n\r\n\n", []],
    ["a", [{ path: "a" }]],
    ["a,,\r\nb,,\rc,,", [{ path: "a" }, { path: "b" }, { path: "c" }]],
    ['"a,b",,0\n', [{ path: "a,b", size: 0 }]],
    ['"say ""hi""",,\n', [{ path: 'say "hi"' }]],
    ['"two\nlines",,\n', [{ path: "two\nlines" }]],
    ['in"side,,\n', [{ path: 'in"side' }]],
    ["a,MD5=abc==,\n", [{ path: "a", hash: { algorithm: "md5", digest: "abc" } }]],
    ["../../../bin/x,,\n/abs/x,,\n", [{ path: "../../../bin/x" }, { path: "/abs/x" }]],
  ])("%j", (text, expected) => {
    expect(parseRecord(text)).toEqual(expected);
  });

  test.each([
    ["a,,,\n", 1],
    ['a,,\n"b,,\n', 2],
    ['"a"b,,\n', 1],
    [",sha256=abc,1\n", 1],
    ["a\0b,,\n", 1],
    ["a,sha256,1\n", 1],
    ["a,sha256=a b,1\n", 1],
    ["a,,-1\n", 1],
    ["a,,1e3\n", 1],
    ['"x\ny",,\nb,,0x10\n', 3],
    ["a,,99999999999999999999\n", 1],
  ])("%j is refused, naming line %i", (text, line) => {
    expect(() => parseRecord(text)).toThrow(`Line ${line} of RECORD`);
  });

  test("rec_trav_delete, rec_abs_delete: paths are handed on unchanged, for the caller to hold against the environment", () => {
    expect(parseRecord("../../../../etc/passwd,,\n/etc/passwd,,\n").map((entry) => entry.path)).toEqual([
      "../../../../etc/passwd",
      "/etc/passwd",
    ]);
  });

  test("rec_bad_hash: a hash that cannot be one is refused, a wrong one is for the caller to find", () => {
    expect(() => parseRecord("a,sha256=!!!,1\n")).toThrow("Line 1 of RECORD");
    expect(parseRecord("a,sha256=AAAA,1\n")[0]?.hash).toEqual({ algorithm: "sha256", digest: "AAAA" });
  });

  test("generated entries survive the round trip", () => {
    let state = 3;
    const random = (below: number): number => (state = (Math.imul(state, 48271) >>> 0) % 2147483647) % below;
    for (let round = 0; round < 200; round += 1) {
      const entries: RecordEntry[] = Array.from({ length: random(6) }, () => ({
        path: Array.from({ length: 1 + random(8) }, () => 'a/,"\n\ré .'[random(9)]).join(""),
        ...(random(2) === 0 ? {} : { hash: { algorithm: "sha256", digest: `d${random(999)}_-` } }),
        ...(random(2) === 0 ? {} : { size: random(100_000) }),
      }));
      expect(parseRecord(formatRecord(entries))).toEqual(entries);
    }
  });
});
