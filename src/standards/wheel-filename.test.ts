import { describe, expect, test } from "bun:test";
import { normalizeName } from "./names.ts";
import { parseSdistFilename, tryParseSdistFilename } from "./sdist-filename.ts";
import { tagText } from "./tags.ts";
import { versionText } from "./versions.ts";
import { parseWheelFilename, tryParseWheelFilename, wheelVersionsOf } from "./wheel-filename.ts";

describe("wheel file names", () => {
  test("all parts", () => {
    const wheel = parseWheelFilename("Example_Package.Name-2!1.0rc1+local.1-1build-py2.py3-none-any.whl");
    expect(wheel.name).toBe(normalizeName("example-package-name"));
    expect(versionText(wheel.version)).toBe("2!1.0rc1+local.1");
    expect(wheel.versionText).toBe("2!1.0rc1+local.1");
    expect(wheel.build).toEqual([1, "build"]);
    expect(wheel.tagSet).toBe("py2.py3-none-any");
    expect(wheel.tags.map(tagText)).toEqual(["py2-none-any", "py3-none-any"]);
    expect(wheel.tags).toBe(wheel.tags);
  });

  test("the example of PEP 427", () => {
    const wheel = parseWheelFilename("distribution-1.0-1-py27-none-any.whl");
    expect<readonly unknown[]>([wheel.name, wheel.versionText, wheel.build, wheel.tagSet]).toEqual([
      "distribution",
      "1.0",
      [1, ""],
      "py27-none-any",
    ]);
  });

  test("memory of the last name and version never leaks into the next file", () => {
    expect(parseWheelFilename("foo-1.0-py3-none-any.whl").name).toBe(normalizeName("foo"));
    expect(parseWheelFilename("bar-2.0-py3-none-any.whl").versionText).toBe("2.0");
    expect(versionText(parseWheelFilename("bar-1.0-py3-none-any.whl").version)).toBe("1.0");
  });

  test.each([
    "foo-1.0-py3-none-any.WHL",
    "foo-1.0-py3-none.whl",
    "foo-1.0-x1-py3-none-any.whl",
    "foo-1.0-1-2-py3-none-any.whl",
    "foo--py3-none-any.whl",
    "foo-one-py3-none-any.whl",
    "-1.0-py3-none-any.whl",
    "foo__bar-1.0-py3-none-any.whl",
    "_foo-1.0-py3-none-any.whl",
    "../foo-1.0-py3-none-any.whl",
    "a/foo-1.0-py3-none-any.whl",
    "foo\\x-1.0-py3-none-any.whl",
    "%2e%2e%2ffoo-1.0-py3-none-any.whl",
    " foo-1.0-py3-none-any.whl",
    "foo-1.0 -py3-none-any.whl",
    "föö-1.0-py3-none-any.whl",
    "foo-1.0-py3-none-any.whl.txt",
    "",
  ])("%j is refused", (text) => {
    expect(tryParseWheelFilename(text)).toBeUndefined();
    expect(() => parseWheelFilename(text)).toThrow("is not the file name of a wheel");
  });

  for (const [rule, char] of [
    ["name_newline", "\n"],
    ["name_esc", "\u001b"],
    ["name_nul", "\0"],
  ] as const) {
    test(`${rule}: a control character anywhere in the name is refused, and never printed`, () => {
      const good = "foo-1.0-1-py3-none-any.whl";
      for (let at = 0; at <= good.length; at += 1) {
        const bad = good.slice(0, at) + char + good.slice(at);
        expect(tryParseWheelFilename(bad)).toBeUndefined();
        expect(message(() => parseWheelFilename(bad))).not.toContain(char);
      }
    });
  }

  test("name_long: longer than any file system allows is refused", () => {
    expect(tryParseWheelFilename(`${"a".repeat(600)}-1.0-py3-none-any.whl`)).toBeUndefined();
  });
});

describe("source file names", () => {
  test.each([
    ["example_package-1.0.tar.gz", undefined, "example-package", "1.0", "tar.gz"],
    ["Example.Package-1.0.post1.zip", undefined, "example-package", "1.0.post1", "zip"],
    ["foo-2-2.tar.gz", undefined, "foo-2", "2", "tar.gz"],
    ["foo-2-2.tar.gz", "foo-2", "foo-2", "2", "tar.gz"],
    ["foo-1.0-beta.tar.gz", "foo", "foo", "1.0-beta", "tar.gz"],
    ["foo-bar-1.0-rc.1.tar.bz2", "foo-bar", "foo-bar", "1.0-rc.1", "tar.bz2"],
    ["foo-1.0+local.tgz", "foo", "foo", "1.0+local", "tgz"],
  ] as const)("%s (of %s) is %s %s", (text, expected, ...parts) => {
    const sdist = parseSdistFilename(text, expected === undefined ? undefined : normalizeName(expected));
    expect([sdist.name, sdist.versionText, sdist.extension].join(" ")).toBe(parts.join(" "));
  });

  test("foo-2-2: a file of one project is never a release of another", () => {
    expect(tryParseSdistFilename("foo-2-2.tar.gz", normalizeName("foo"))).toBeUndefined();
    expect(message(() => parseSdistFilename("foo-2-2.tar.gz", normalizeName("foo")))).toContain("source distribution of foo");
    expect(tryParseSdistFilename("foo-bar-1.0.tar.gz", normalizeName("foo"))).toBeUndefined();
    expect(tryParseSdistFilename("foobar-1.0.tar.gz", normalizeName("foo"))).toBeUndefined();
  });

  test.each([
    "foo.tar.gz",
    "foo-.tar.gz",
    "-1.0.tar.gz",
    "foo-1.0.exe",
    "foo-1.0",
    "foo-x.tar.gz",
    "../foo-1.0.tar.gz",
    "a/foo-1.0.tar.gz",
    "foo-1.0\n.tar.gz",
    "foo- 1.0.tar.gz",
    `${"-".repeat(500)}.zip`,
  ])("%j is refused", (text) => {
    expect(tryParseSdistFilename(text)).toBeUndefined();
    expect(tryParseSdistFilename(text, normalizeName("foo"))).toBeUndefined();
  });
});

function message(action: () => unknown): string {
  try {
    action();
    return "";
  } catch (error) {
    return `${(error as Error).message} ${(error as { why?: string }).why ?? ""}`;
  }
}

test("the versions of a page's wheels are those that each name has by itself, in whatever order the names come", () => {
  const starts = [
    "a_b-1.0",
    "A.b-1.0",
    "a_b-2.0rc1",
    "a__b-1.0",
    "other-1.0",
    "a_b-x",
    "a_b-",
    "-1.0",
    "a_b",
    "a b-1.0",
    `a_b-1.0+${"x".repeat(500)}`,
  ];
  const ends = [
    "py3-none-any",
    "1-py3-none-any",
    "x-py3-none-any",
    "cp312-cp312-manylinux_2_28_x86_64",
    "py3-none",
    "py3-none-any.",
    "",
    "py3--any",
  ];
  const names = starts.flatMap((start) => ends.map((end) => `${start}-${end}.whl`)).concat("a_b-1.0-py3-none-any.zip", "a_b.whl", "");
  let seed = 11;
  const next = (): number => (seed = (seed * 1103515245 + 12345) % 2147483648);
  const name = normalizeName("a-b");
  for (let round = 0; round < 20; round += 1) {
    const versionOf = wheelVersionsOf(name);
    for (const filename of names
      .map((one) => [next(), one] as const)
      .sort(([a], [b]) => a - b)
      .map(([, one]) => one)) {
      const wheel = tryParseWheelFilename(filename);
      expect([filename, versionOf(filename)]).toEqual([filename, wheel?.name === name ? wheel.version : undefined]);
    }
  }
});
