import { describe, expect, test } from "bun:test";
import { isPenError } from "#foundation";
import { briefMetadata, parseMetadata } from "./index.ts";

const start = "Metadata-Version: 2.1\nName: A.b-c\nVersion: 1.0\n";
const texts: readonly string[] = [
  start,
  `${start}\nbody\nRequires-Dist: not-this\n`,
  `${start}Requires-Dist: a>=1\nrequires-dist: b ; extra == "x"\nRequires-Python: >=3.8\nProvides-Extra: x\n\nbody`,
  `${start}Requires-Dist: a\n  >=1\n`,
  `${start}Requires-Dist:a\nSummary: one\n   two\n\tthree\nRequires-Dist: b\n`,
  `${start}Name: other\n`,
  `${start}Requires-Python: >=3\nRequires-Python: >=4\n`,
  `${start}Requires-Python: >=3\u0001\n`,
  `${start}this is no header\nRequires-Dist: in-the-body\n`,
  `${start.replaceAll("\n", "\r\n")}Requires-Dist: a\r\n`,
  `\ufeff${start}Requires-Dist: a\n`,
  `Name: first\n${start}`,
  `${start}Requires-Dist:   spaced  \n`,
  `${start}License: a\0b\n`,
  `${start}:\nRequires-Dist: a\n`,
  "Metadata-Version: 3.0\nName: a\nVersion: 1\n",
  "Metadata-Version: 2.1\nName: a\n",
  "",
];

describe("what it answers is what parseMetadata answers", () => {
  for (const text of texts)
    test(JSON.stringify(text.slice(0, 120)), () => {
      const brief = briefMetadata(text);
      if (brief === undefined) return expect(brief).toBeUndefined();
      const { name, version, requiresDist, requiresPython } = parseMetadata(text);
      return expect(brief).toEqual({ name, version, requiresDist, requiresPython });
    });
  test("any mixture of lines", () => {
    const lines = [
      "Requires-Dist: a",
      " folded",
      "Requires-Python: >=3",
      "Summary: x",
      "",
      "no header",
      "NAME: b",
      "requires-dist : c",
      "\tx",
      "Keywords:",
    ];
    let seed = 7;
    const next = (): number => (seed = (seed * 1103515245 + 12345) % 2147483648);
    let answered = 0;
    for (let round = 0; round < 2000; round += 1) {
      const text = `${start}${Array.from({ length: next() % 5 }, () => `${lines[next() % lines.length] ?? ""}\n`).join("")}`;
      const brief = briefMetadata(text);
      if (brief === undefined) continue;
      answered += 1;
      let full: ReturnType<typeof parseMetadata> | undefined;
      try {
        full = parseMetadata(text);
      } catch (error) {
        if (!isPenError(error)) throw error;
      }
      expect([text, brief]).toEqual([
        text,
        {
          name: full?.name ?? "",
          version: full?.version ?? "",
          requiresDist: full?.requiresDist ?? [],
          requiresPython: full?.requiresPython,
        },
      ]);
    }
    expect(answered).toBeGreaterThan(500);
  });
});
