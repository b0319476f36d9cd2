import { describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { isPenError } from "#foundation";
import { normalizeName, parseMarker, parseSpecifiers } from "#standards";
import { formatPylock } from "./pylock-writing.ts";
import { parsePylock } from "./pylock-reading.ts";
import type { Lock, LockedPackage } from "./types.ts";
import { processorTime } from "../../tests/support/processor-time.ts";

const a = "a".repeat(64);

function locked(name: string, version: string | undefined, more: Partial<LockedPackage> = {}): LockedPackage {
  return {
    name: normalizeName(name),
    version,
    marker: undefined,
    requiresPython: undefined,
    extras: [],
    direct: undefined,
    index: undefined,
    files: [],
    requiredBy: [],
    dependencies: [],
    ...more,
  };
}

const full: Lock = {
  requiresPython: parseSpecifiers(">=3.9"),
  environments: [parseMarker("sys_platform == 'linux'"), parseMarker("sys_platform == 'win32'")],
  extras: [normalizeName("fast")],
  dependencyGroups: [normalizeName("dev")],
  defaultGroups: [normalizeName("dev")],
  packages: [
    locked("archive", "1.0", {
      direct: { url: "https://x.test/archive-1.0.zip", subdirectory: "src", info: { kind: "archive", hashes: { sha256: a } } },
      files: [
        {
          filename: "archive-1.0.zip",
          url: "https://x.test/archive-1.0.zip",
          path: undefined,
          hashes: { sha256: a },
          size: 5,
          uploadTime: undefined,
        },
      ],
    }),
    locked("attrs", "25.1.0", {
      marker: parseMarker("'fast' in extras and python_version >= '3.9'"),
      requiresPython: parseSpecifiers(">=3.8"),
      extras: [normalizeName("x")],
      index: "https://index.test/simple",
      requiredBy: ["app", 'odd "origin" \\ é'],
      dependencies: [
        { name: normalizeName("vcs"), extras: [normalizeName("y")], marker: parseMarker("os_name == 'nt'") },
        { name: normalizeName("two"), extras: [], marker: undefined },
      ],
      files: [
        {
          filename: "attrs-25.1.0-py3-none-any.whl",
          url: "https://f.test/attrs-25.1.0-py3-none-any.whl",
          path: undefined,
          hashes: { sha256: a, sha512: a + a },
          size: 63_152,
          uploadTime: 1_737_804_608_123,
        },
        {
          filename: "attrs-25.1.0-py2-none-any.whl",
          url: undefined,
          path: "wheels/attrs-25.1.0-py2-none-any.whl",
          hashes: { sha256: a },
          size: undefined,
          uploadTime: undefined,
        },
        {
          filename: "attrs-25.1.0.tar.gz",
          url: "https://f.test/attrs-25.1.0.tar.gz",
          path: undefined,
          hashes: { sha256: a },
          size: undefined,
          uploadTime: undefined,
        },
      ],
    }),
    locked("folder", undefined, { direct: { url: "file:///work/app/libs/my%20folder", info: { kind: "dir", editable: true } } }),
    locked("two", "1.0", {
      marker: parseMarker("os_name == 'nt'"),
      files: [
        {
          filename: "two-1.0-py3-none-any.whl",
          url: "https://f.test/two-1.0-py3-none-any.whl",
          path: undefined,
          hashes: { sha256: a },
          size: undefined,
          uploadTime: undefined,
        },
      ],
    }),
    locked("two", "2.0", {
      marker: parseMarker("os_name != 'nt'"),
      files: [
        {
          filename: "two-2.0-py3-none-any.whl",
          url: "https://f.test/two-2.0-py3-none-any.whl",
          path: undefined,
          hashes: { sha256: a },
          size: undefined,
          uploadTime: undefined,
        },
      ],
    }),
    locked("vcs", "1.0", {
      direct: { url: "https://x.test/vcs.git", info: { kind: "vcs", vcs: "git", requestedRevision: "main", commitId: "c0ffee" } },
    }),
  ],
};

const folder = "/work/app";

describe("pylock.toml (PEP 751)", () => {
  test("reads what it writes", () => {
    const text = formatPylock(full, { folder });
    expect(parsePylock(text, { folder })).toEqual(full);
    expect(formatPylock(parsePylock(text, { folder }), { folder })).toBe(text);
    expect(formatPylock(parsePylock(text))).toBe(text);
  });

  test("writes one layout", () => {
    expect(formatPylock({ ...full, packages: full.packages.slice(1, 3) }, { folder })).toBe(`lock-version = "1.0"
environments = [
    "sys_platform == 'linux'",
    "sys_platform == 'win32'",
]
requires-python = ">=3.9"
extras = ["fast"]
dependency-groups = ["dev"]
default-groups = ["dev"]
created-by = "pen"

[[packages]]
name = "attrs"
version = "25.1.0"
marker = "'fast' in extras and python_version >= '3.9'"
requires-python = ">=3.8"
index = "https://index.test/simple"
sdist = { name = "attrs-25.1.0.tar.gz", url = "https://f.test/attrs-25.1.0.tar.gz", hashes = { sha256 = "${a}" } }
wheels = [
    { name = "attrs-25.1.0-py3-none-any.whl", upload-time = 2025-01-25T11:30:08.123Z, url = "https://f.test/attrs-25.1.0-py3-none-any.whl", size = 63152, hashes = { sha256 = "${a}", sha512 = "${a}${a}" } },
    { name = "attrs-25.1.0-py2-none-any.whl", path = "wheels/attrs-25.1.0-py2-none-any.whl", hashes = { sha256 = "${a}" } },
]

[packages.tool.pen]
extras = ["x"]
required-by = ["app", "odd \\"origin\\" \\\\ é"]
dependencies = [
    "vcs[y] ; os_name == 'nt'",
    "two",
]

[[packages]]
name = "folder"
directory = { path = "libs/my folder", editable = true }
`);
  });

  const python = spawnSync("python3", ["-c", "import tomllib"]).status === 0;
  test.skipIf(!python)("Python's tomllib reads the same (needs python3 of 3.11 or newer)", () => {
    const script =
      "import sys, tomllib, json; print(json.dumps(tomllib.loads(sys.stdin.buffer.read().decode()), default=lambda d: d.isoformat()))";
    const answer = spawnSync("python3", ["-c", script], { input: formatPylock(full, { folder }), encoding: "utf8" });
    const data = JSON.parse(answer.stdout) as {
      packages: Array<{ name: string; wheels?: Array<{ "upload-time"?: string }>; tool?: { pen: unknown } }>;
    };
    expect(data.packages.map((one) => one.name)).toEqual(full.packages.map((one) => one.name));
    expect(data.packages[1]!.wheels![0]!["upload-time"]).toBe("2025-01-25T11:30:08.123000+00:00");
    expect(data.packages[1]!.tool!.pen).toHaveProperty("required-by", ["app", 'odd "origin" \\ é']);
  });

  test("reads the files of others: no name for a file, plain dependencies, unknown keys, offsets", () => {
    const lock = parsePylock(`lock-version = "1.1"
created-by = "other"
[[packages]]
name = "attrs"
version = "25.1"
dependencies = [{ name = "b" }]
wheels = [{ url = "https://f.test/dir/attrs-25.1.0-py3-none-any.whl#x", upload-time = 2025-01-25T12:30:08+01:00, hashes = { SHA256 = "${a.toUpperCase()}", other = "1" } }]
[packages.tool.other]
x = 1
[tool]
y = 2
`);
    expect(lock.packages[0]!.files[0]).toEqual({
      filename: "attrs-25.1.0-py3-none-any.whl",
      url: "https://f.test/dir/attrs-25.1.0-py3-none-any.whl#x",
      path: undefined,
      hashes: { sha256: a, other: "1" },
      size: undefined,
      uploadTime: 1_737_804_608_000,
    });
    expect(lock.packages[0]!.dependencies).toEqual([{ name: normalizeName("b"), extras: [], marker: undefined }]);
  });
});

const good = `lock-version = "1.0"
created-by = "x"
requires-python = ">=3.9"
[[packages]]
name = "attrs"
version = "25.1.0"
wheels = [{ name = "attrs-25.1.0-py3-none-any.whl", url = "https://f.test/a.whl", size = 5, hashes = { sha256 = "${a}" } }]
`;

function refused(text: string): { why: string; place: unknown } {
  try {
    parsePylock(text);
  } catch (error) {
    if (isPenError(error, "INVALID_LOCK")) return { why: error.why ?? "", place: error.data["place"] };
    throw error;
  }
  throw new Error(`It was read:\n${text}`);
}

describe("security: a pylock.toml that is broken or hostile is refused, with the place", () => {
  const mutations: ReadonlyArray<readonly [what: string, from: string, to: string, place: string]> = [
    ["no lock-version", 'lock-version = "1.0"', "", ""],
    ["a format of the future", '"1.0"', '"2.0"', "lock-version"],
    ["a format that is no version", '"1.0"', '"one"', "lock-version"],
    ["no created-by", 'created-by = "x"', "", ""],
    ["packages missing is not packages empty", good.slice(good.indexOf("[[packages]]")), "", ""],
    ["a bad Requires-Python", ">=3.9", ">>3", "requires-python"],
    ["a bad name", 'name = "attrs"', 'name = "../x"', "packages[0].name"],
    ["no name", 'name = "attrs"\n', "", "packages[0]"],
    ["a bad version", 'version = "25.1.0"', 'version = "latest"', "packages[0].version"],
    ["a bad marker", 'version = "25.1.0"', 'version = "25.1.0"\nmarker = "os_name ="', "packages[0].marker"],
    ["no hashes", `, hashes = { sha256 = "${a}" }`, "", "packages[0].wheels[0]"],
    ["empty hashes", `{ sha256 = "${a}" }`, "{ }", "packages[0].wheels[0].hashes"],
    ["only a weak hash", `sha256 = "${a}"`, `md5 = "${"0".repeat(32)}"`, "packages[0].wheels[0].hashes"],
    ["a short hash", a, "aa", "packages[0].wheels[0].hashes.sha256"],
    ["a negative size", "size = 5", "size = -5", "packages[0].wheels[0].size"],
    ["a size that is text", "size = 5", 'size = "5"', "packages[0].wheels[0].size"],
    ["no place to get it from", 'url = "https://f.test/a.whl", ', "", "packages[0].wheels[0]"],
    ["a strange scheme", "https://f.test/a.whl", "javascript:alert(1)", "packages[0].wheels[0].url"],
    ["a line break in a URL", "https://f.test/a.whl", "https://f.test/a.whl\\nx", "packages[0].wheels[0].url"],
    ["a path out of the folder", 'url = "https://f.test/a.whl"', 'path = "a/../../b.whl"', "packages[0].wheels[0].path"],
    ["an absolute path", 'url = "https://f.test/a.whl"', 'path = "/etc/passwd"', "packages[0].wheels[0].path"],
    ["a Windows path", 'url = "https://f.test/a.whl"', 'path = "C:/x.whl"', "packages[0].wheels[0].path"],
    ["a path with backslashes", 'url = "https://f.test/a.whl"', 'path = "..\\\\x.whl"', "packages[0].wheels[0].path"],
    ["a wheel of another project", "attrs-25.1.0-py3", "other-25.1.0-py3", "packages[0].wheels[0]"],
    ["a wheel of another version", "attrs-25.1.0-py3", "attrs-25.2.0-py3", "packages[0].wheels[0]"],
    ["no wheel's name", "attrs-25.1.0-py3-none-any.whl", "attrs.exe", "packages[0].wheels[0]"],
    ["two sources", 'version = "25.1.0"', 'version = "25.1.0"\ndirectory = { path = "." }', "packages[0]"],
    ["no source", /wheels = .*\n/.exec(good)![0], "", "packages[0]"],
    ["no wheels in wheels", /wheels = .*\n/.exec(good)![0], "wheels = []\n", "packages[0].wheels"],
    ["a date without offset", "size = 5", "upload-time = 2025-01-01T00:00:00", "packages[0].wheels[0].upload-time"],
    ["packages that are a table", "[[packages]]", "[packages]", "packages"],
  ];
  for (const [what, from, to, place] of mutations) {
    test(what, () => {
      const text = good.replace(from, to);
      expect(text).not.toBe(good);
      expect(refused(text).place).toBe(place);
    });
  }

  test("what is no TOML, with the line", () => {
    expect(refused('lock-version = "1.0"\nx = \n').why).toContain("line 2");
    expect(refused("\0").why).toContain("TOML");
  });

  test("a key of an object's prototype is a key like any other", () => {
    expect(refused(good.replace("[[packages]]", "[[__proto__]]")).why).toContain("'packages' is missing");
  });

  test("deep nesting and 64 KiB of rubbish", () => {
    for (const piece of ["[", "a=[", "{", "a.", '"', "[[packages]]\n", "a={b=", "#"]) {
      const start = processorTime();
      refused(piece.repeat(65_536 / piece.length));
      expect(processorTime() - start).toBeLessThan(200);
    }
  });

  test("1,500 random cuts and swaps: read or refused, never anything else", () => {
    let seed = 42;
    const below = (limit: number): number => (seed = (seed * 48_271) % 2_147_483_647) % limit;
    const text = formatPylock(full, { folder });
    for (let round = 0; round < 1500; round += 1) {
      const at = below(text.length);
      const end = Math.min(text.length, at + below(30));
      const mutated =
        text.slice(0, at) + ["", '"', "[", "}", "\n", text.slice(below(text.length)).slice(0, 20)][below(6)]! + text.slice(end);
      try {
        parsePylock(mutated, { folder });
      } catch (error) {
        if (!isPenError(error, "INVALID_LOCK")) throw error;
      }
    }
  });

  test("a source outside the lock's folder is not written", () => {
    const outside: Lock = {
      ...full,
      packages: [locked("x", undefined, { direct: { url: "file:///work/other", info: { kind: "dir", editable: false } } })],
    };
    expect(() => formatPylock(outside, { folder })).toThrow("cannot be locked");
    expect(() => formatPylock(outside)).toThrow("cannot be locked");
  });
});
