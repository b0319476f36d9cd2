import { describe, expect, test } from "bun:test";
import { metadataJson } from "./metadata-json.ts";
import { splitMetadata } from "./metadata-headers.ts";
import { parseMetadata } from "./metadata.ts";

const head = "Metadata-Version: 2.5\nName: Example.Package\nVersion: 1.0\n";

describe("core metadata", () => {
  test("every field of 1.0 to 2.5", () => {
    const text = `${head}Dynamic: license
Platform: linux
Supported-Platform: linux-x86_64
Summary: One line
Description-Content-Type: text/markdown; variant=GFM
Keywords: a, b c,d
Home-page: https://example.org
Download-URL: https://example.org/d
Author: A
Author-email: a@example.org
Maintainer: M
Maintainer-email: m@example.org
License: MIT
License-Expression: MIT OR Apache-2.0
License-File: LICENSE
License-File: NOTICE
Classifier: Topic :: X
Classifier: Topic :: Y
Requires-Dist: b>=1; extra == "x"
Requires-Dist: c
Requires-Python: >=3.8
Requires-External: libx
Project-URL: Docs, https://example.org/docs
Provides-Extra: x
Provides-Dist: other
Obsoletes-Dist: old
Import-Name: example
Import-Namespace: ns
Requires: m
Provides: p
Obsoletes: o

# Title

Body.
`;
    const metadata = parseMetadata(text);
    expect(metadata).toMatchObject({
      metadataVersion: "2.5",
      name: "Example.Package",
      version: "1.0",
      summary: "One line",
      description: "# Title\n\nBody.\n",
      keywords: ["a", "b c", "d"],
      licenseExpression: "MIT OR Apache-2.0",
      licenseFiles: ["LICENSE", "NOTICE"],
      requiresDist: ['b>=1; extra == "x"', "c"],
      requiresPython: ">=3.8",
      projectUrls: ["Docs, https://example.org/docs"],
      importNames: ["example"],
      importNamespaces: ["ns"],
      requires: ["m"],
      provides: ["p"],
      obsoletes: ["o"],
    });
    const json = metadataJson(metadata);
    expect(json["license_file"]).toEqual(["LICENSE", "NOTICE"]);
    expect(json["import_name"]).toEqual(["example"]);
    expect(json["keywords"]).toEqual(["a", "b c", "d"]);
    expect(json["requires"]).toBeUndefined();
    expect(Object.keys(json).slice(0, 4)).toEqual(["metadata_version", "name", "version", "dynamic"]);
  });

  test("absent fields stay absent", () => {
    expect(metadataJson(parseMetadata(head))).toEqual({ metadata_version: "2.5", name: "Example.Package", version: "1.0" });
  });

  test("field names in any case, line breaks of any system, a byte order mark", () => {
    expect(parseMetadata("\ufeffmetadata-version:1.0\r\nNAME:  x\rversion: 2\r\n\r\nbody\r\n")).toMatchObject({
      name: "x",
      version: "2",
      description: "body\r\n",
    });
  });

  test("a description in the header is unfolded, in both styles of folding", () => {
    expect(parseMetadata(`${head}Description: a\n        b\n        \n            c\n`).description).toBe("a\nb\n\n    c");
    expect(parseMetadata(`${head}Description: a\n       |b\n       |\n       |    c\n`).description).toBe("a\nb\n\n    c");
  });

  test("generated headers come back as they were written", () => {
    let state = 7;
    const random = (below: number): number => (state = (Math.imul(state, 48271) >>> 0) % 2147483647) % below;
    for (let round = 0; round < 200; round += 1) {
      const headers = Array.from({ length: 1 + random(12) }, () => ({
        name: `x-${random(99)}`,
        value: Array.from({ length: random(20) }, () => "aé:;= \t\"'\\"[random(10)])
          .join("")
          .trimStart(),
      }));
      const body = random(2) === 0 ? "" : `line ${random(9)}\n\nName: no header\n`;
      const text = `${headers.map(({ name, value }) => `${name}: ${value}\n`).join("")}\n${body}`;
      expect(splitMetadata(text)).toEqual({ headers, body });
    }
  });
});

describe("broken and hostile metadata", () => {
  test.each([
    ["", "metadata-version is missing"],
    ["Name: x\nVersion: 1\n", "metadata-version is missing"],
    ["Metadata-Version: 2.1\nVersion: 1\n", "name is missing"],
    ["Metadata-Version: 2.1\nName: x\n\nVersion: 1\n", "version is missing"],
    ["Metadata-Version: 2.1\nName:\nVersion: 1\n", "name is missing"],
    ["Metadata-Version: two\nName: x\nVersion: 1\n", "is not a version of core metadata"],
  ])("di_missing: %j", (text, expected) => {
    expect(() => parseMetadata(text)).toThrow(expected);
  });

  test("di_v2: a format with a new major version is refused, a new minor one is read", () => {
    expect(() => parseMetadata(head.replace("2.5", "3.0"))).toThrow("newer than pen");
    expect(parseMetadata(head.replace("2.5", "2.99")).metadataVersion).toBe("2.99");
  });

  test.each(["Name: other", "Version: 2.0", "Metadata-Version: 2.1", "Requires-Python: >=3\nRequires-Python: <4"])(
    "di_name, di_version: two different values are refused (%j)",
    (line) => {
      expect(() => parseMetadata(`${head}${line}\n`)).toThrow("stands there twice");
    },
  );

  test("the same value twice is harmless", () => {
    expect(parseMetadata(`${head}Name: Example.Package\n`).name).toBe("Example.Package");
  });

  for (const [rule, char] of [
    ["name_newline", "\n x"],
    ["name_esc", "\u001b[2J"],
    ["name_nul", "\0"],
  ] as const) {
    test(`${rule}: refused in the fields that decide what is installed, and never printed`, () => {
      for (const field of ["Name: ab", "Version: 1.0", "Requires-Python: >=3"]) {
        const text = `Metadata-Version: 2.1\n${field.startsWith("Name") ? "" : "Name: a\n"}${field.startsWith("Version") ? "" : "Version: 1\n"}${field.slice(0, -1)}${char}${field.slice(-1)}\n`;
        let thrown: unknown;
        try {
          parseMetadata(text);
        } catch (error) {
          thrown = error;
        }
        expect(thrown).toMatchObject({ code: "INVALID_METADATA" });
        expect(`${(thrown as Error).message}${(thrown as { why?: string }).why ?? ""}`).not.toContain(char);
      }
    });
  }

  test("name_nul: NUL is refused in every header, allowed in no field", () => {
    expect(() => parseMetadata(`${head}Summary: a\0b\n`)).toThrow("NUL");
  });

  test("req_esc: a requirement with an escape sequence is handed on as it is, for the requirement parser to judge", () => {
    expect(parseMetadata(`${head}Requires-Dist: a\u001b[31m\n`).requiresDist).toEqual(["a\u001b[31m"]);
  });

  test("headers in the body are no headers", () => {
    expect(parseMetadata(`${head}\nRequires-Dist: evil\n`).requiresDist).toEqual([]);
    expect(parseMetadata(`${head}not a header\nRequires-Dist: evil\n`).requiresDist).toEqual([]);
  });

  test("fields named like members of objects are ignored", () => {
    expect(parseMetadata(`${head}__proto__: x\nconstructor: y\n`).name).toBe("Example.Package");
  });
});
