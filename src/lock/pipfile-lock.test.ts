import { describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { isPenError, type JsonValue } from "#foundation";
import { formatPipfileLock } from "./pipfile-lock-writing.ts";
import { hasMergeMarks, newPipfileLockEntry, parsePipfileLock } from "./pipfile-lock-reading.ts";
import { joinLocks, parseConflictingLocks } from "./pipfile-lock-conflict.ts";
import { lockOfCategories } from "./pipfile-lock-selection.ts";
import { normalizeName } from "#standards";

const sha = (letter: string): string => `sha256:${letter.repeat(64)}`;

interface Parts {
  readonly meta?: Record<string, JsonValue>;
  readonly default?: JsonValue;
  readonly develop?: JsonValue;
  readonly [category: string]: JsonValue | undefined;
}

function lockText({ meta = {}, ...categories }: Parts = {}): string {
  const _meta = { hash: { sha256: "0".repeat(64) }, "pipfile-spec": 6, requires: {}, sources: [], ...meta };
  return JSON.stringify({ _meta, default: {}, develop: {}, ...categories });
}

function failure(text: string): { readonly why: string; readonly place: string; readonly reason: unknown; readonly hint: string } {
  try {
    parsePipfileLock(text, "Pipfile.lock");
  } catch (error) {
    if (!isPenError(error, "INVALID_LOCK")) throw error;
    return { why: error.why ?? "", place: String(error.data["place"]), reason: error.data["reason"], hint: error.hint ?? "" };
  }
  throw new Error("It was read.");
}

describe("reading", () => {
  test("every kind of entry", () => {
    const text = lockText({
      meta: { sources: [{ name: "pypi", url: "https://${USER}@x.test/simple", verify_ssl: false }], requires: { python_version: "3.11" } },
      default: {
        six: { version: "==1.16.0", hashes: [sha("a"), sha("b")], index: "pypi", markers: "python_version >= '2.7'", extras: ["b", "a"] },
        lib: { path: "./lib", editable: true },
        old: { file: "https://x.test/old-1.0.zip", hashes: [sha("c")] },
        repo: { git: "https://x.test/repo.git", ref: "f".repeat(40), subdirectory: "py" },
        unsolved: { version: "*", unknown: [1, null] },
        native: { version: "==2.0", no_binary: true },
      },
    });
    const { meta, categories } = parsePipfileLock(text, "Pipfile.lock");
    expect(meta.hash).toBe("0".repeat(64));
    expect(meta.sources).toEqual([{ name: "pypi", url: "https://${USER}@x.test/simple", verifySsl: false }]);
    const byName = new Map(categories.get("default")?.map((one) => [String(one.name), one]));
    expect([...byName.keys()]).toEqual(["lib", "native", "old", "repo", "six", "unsolved"]);
    expect(byName.get("six")).toMatchObject({
      version: "1.16.0",
      index: "pypi",
      markerText: "python_version >= '2.7'",
      extras: ["b", "a"],
    });
    expect(byName.get("lib")).toMatchObject({ version: undefined, origin: { kind: "path", path: "./lib" }, editable: true });
    expect(byName.get("old")?.origin).toEqual({ kind: "file", url: "https://x.test/old-1.0.zip" });
    expect(byName.get("repo")?.origin).toMatchObject({ kind: "vcs", vcs: "git", ref: "f".repeat(40), subdirectory: "py" });
    expect(byName.get("unsolved")).toMatchObject({ version: undefined, origin: { kind: "index" }, raw: { unknown: [1, null] } });
    expect(byName.get("native")?.noBinary).toBe(true);
  });

  test("what pipenv writes of a package of other platforms has no version", () => {
    const lock = parsePipfileLock(
      lockText({ default: { a: { markers: "sys_platform == 'win32'", version: "==<0.4.6" } } }),
      "Pipfile.lock",
    );
    expect(lock.categories.get("default")).toMatchObject([{ name: "a", version: undefined, raw: { version: "==<0.4.6" } }]);
  });

  const cases: ReadonlyArray<readonly [what: string, text: string, why: RegExp, place?: string]> = [
    ["nothing", "", /empty/],
    ["a lock cut off", lockText().slice(0, -20), /cut off/],
    ["no JSON", "{'_meta': 1}", /not JSON/],
    ["a list", "[]", /must be a table/],
    ["a newer format", lockText({ meta: { "pipfile-spec": 7 } }), /of format 7/, "_meta.pipfile-spec"],
    ["no _meta", '{"default": {}, "develop": {}}', /'_meta' is missing/],
    ["no default", '{"_meta": {}, "develop": {}}', /'default' is missing/],
    ["no develop", '{"_meta": {}, "default": {}}', /'develop' is missing/],
    ["a key twice", lockText().replace('"default":{}', '"default":{"a":{"version":"==1"},"a":{"version":"==2"}}'), /a stands twice/],
    [
      "a key twice, with blanks before colons",
      lockText().replace('"default":{}', '"default" :{"a"\n:{"version":"==1"},"a" : {"version":"==2"}}'),
      /a stands twice/,
    ],
    ["two spellings of a name", lockText({ default: { "a.b": { version: "==1" }, A_B: { version: "==1" } } }), /same package/, "default"],
    ["a name that leads out", lockText({ default: { "../../evil": { version: "==1" } } }), /not a name/, "default.../../evil"],
    ["no version", lockText({ default: { a: {} } }), /neither a version/, "default.a"],
    ["a range", lockText({ default: { a: { version: ">=1" } } }), /not one exact version/, "default.a.version"],
    ["a version with an option", lockText({ default: { a: { version: "==1 --pre" } } }), /not one exact/],
    ["a wildcard", lockText({ default: { a: { version: "==1.*" } } }), /not one exact/],
    ["no hash", lockText({ default: { a: { version: "==1", hashes: ["sha256:abc"] } } }), /64 hexadecimal/, "default.a.hashes[0]"],
    ["hashes as text", lockText({ default: { a: { version: "==1", hashes: sha("a") } } }), /must be an array/, "default.a.hashes"],
    [
      "no marker",
      lockText({ default: { a: { version: "==1", markers: "os is linux" } } }),
      /Not a valid marker|marker/i,
      "default.a.markers",
    ],
    ["two origins", lockText({ default: { a: { path: ".", git: "https://x.test" } } }), /git, path/, "default.a"],
    ["an option for git", lockText({ default: { a: { git: "--upload-pack=touch x" } } }), /neither a path nor a URL/, "default.a.git"],
    ["a revision that is an option", lockText({ default: { a: { git: "https://x.test/a", ref: "-x" } } }), /no revision/, "default.a.ref"],
    ["a folder outside of the repository", lockText({ default: { a: { git: "g", subdirectory: "../x" } } }), /leads out/],
    ["a control character", lockText({ default: { a: { path: "lib\nimport os" } } }), /control character/, "default.a.path"],
    ["an entry that is text", lockText({ default: { a: "==1" } }), /must be a table/, "default.a"],
  ];
  for (const [what, text, why, place] of cases) {
    test(`refuses ${what}`, () => {
      const found = failure(text);
      expect(found.why).toMatch(why);
      expect(found.hint).toContain("pen lock");
      if (place !== undefined) expect(found.place).toBe(place);
    });
  }

  test("the marks of a merge have an error of their own", () => {
    const text = lockText().replace("{", "{\n<<<<<<< HEAD\n=======\n>>>>>>> other\n");
    expect(failure(text)).toMatchObject({ reason: "merge-conflict", hint: "Mend it with: pen lock --resolve-conflict" });
    expect(hasMergeMarks("a <<<<<<< b\n")).toBe(false);
  });

  test("a text that looks like a key is none", () => {
    const text = lockText({ default: { a: { version: "==1", markers: 'os_name == "a" or "version":' } } });
    expect(failure(text).place).toBe("default.a.markers");
    const plain = lockText({ default: { a: { version: "==1", note: 'says "version": and "a" :' } } });
    expect(parsePipfileLock(plain, "Pipfile.lock").categories.get("default")).toHaveLength(1);
  });

  test("a mark at the beginning and Windows line ends are read", () => {
    expect(parsePipfileLock(`\ufeff${lockText().replaceAll("{", "{\r\n")}`, "Pipfile.lock").meta.hash).toBe("0".repeat(64));
  });
});

/** The values of generated locks: the same seed, the same locks. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function generatedLock(random: () => number): string {
  const pick = <T>(choices: readonly T[]): T => choices[Math.floor(random() * choices.length)] as T;
  const texts = ["plain", "é", "\u007f", "𝔘nicode", "\ud83d\ude00", 'quote " and \\', "\u2028", "/"];
  const entry = (): JsonValue => ({
    ...pick<Record<string, JsonValue>>([{ version: "==1.0" }, { path: pick(["./lib", "../é"]) }, { git: "https://x.test/é", ref: "main" }]),
    ...(random() < 0.5 ? { hashes: [sha("a"), sha("b")].slice(0, Math.floor(random() * 3)) } : {}),
    ...(random() < 0.3 ? { markers: "sys_platform == 'win32'" } : {}),
    ...(random() < 0.3
      ? { [pick(texts)]: pick<JsonValue>([true, false, null, 12, pick(texts), [], {}, [{ z: 1, a: [pick(texts)] }]]) }
      : {}),
  });
  const category = (): JsonValue => Object.fromEntries(Array.from({ length: Math.floor(random() * 4) }, (_, at) => [`p${at}`, entry()]));
  return lockText({
    meta: { requires: { [pick(texts)]: pick(texts) } },
    default: category(),
    develop: category(),
    ...(random() < 0.5 ? { [pick(texts)]: category(), "\uffff": {}, "\ud83d\ude00": {} } : {}),
  });
}

describe("writing", () => {
  test("what was read is written again, to the byte", () => {
    const text = formatPipfileLock(parsePipfileLock(lockText({ default: { a: { version: "==1", hashes: [] } } }), "Pipfile.lock"));
    expect(text).toBe(`{
    "_meta": {
        "hash": {
            "sha256": "${"0".repeat(64)}"
        },
        "pipfile-spec": 6,
        "requires": {},
        "sources": []
    },
    "default": {
        "a": {
            "hashes": [],
            "version": "==1"
        }
    },
    "develop": {}
}
`);
    expect(formatPipfileLock(parsePipfileLock(text, "Pipfile.lock"), { newline: "\r\n" })).toBe(text.replaceAll("\n", "\r\n"));
  });

  const python = spawnSync("python3", ["-c", "pass"]).status === 0;
  test.skipIf(!python)("two hundred generated locks come out as Python's json writes them (needs python3)", () => {
    const random = generator(7);
    const locks = Array.from({ length: 200 }, () => generatedLock(random));
    const script = `
import json, sys
locks = json.load(sys.stdin)
print(json.dumps([json.dumps(json.loads(one), indent=4, separators=(",", ": "), sort_keys=True) + "\\n" for one in locks]))`;
    const { stdout, stderr } = spawnSync("python3", ["-c", script], { input: JSON.stringify(locks), encoding: "utf8" });
    expect(stderr).toBe("");
    const expected = JSON.parse(stdout) as string[];
    for (const [at, lock] of locks.entries()) {
      const text = formatPipfileLock(parsePipfileLock(lock, "Pipfile.lock"));
      expect(text).toBe(expected[at]!);
      expect(formatPipfileLock(parsePipfileLock(text, "Pipfile.lock"))).toBe(text);
    }
  });

  test("an entry that could not be read again is not made", () => {
    expect(() => newPipfileLockEntry(normalizeName("a"), { version: ">=1" })).toThrow();
    expect(newPipfileLockEntry(normalizeName("a"), { version: "==1" })).toMatchObject({ name: "a", version: "1" });
  });
});

describe("a merge that is not finished", () => {
  const entry = (version: string): JsonValue => ({ version: `==${version}`, hashes: [sha("a")] });
  const written = (packages: Record<string, JsonValue>): string =>
    formatPipfileLock(parsePipfileLock(lockText({ default: packages }), "Pipfile.lock"));
  const [ours, theirs] = [written({ a: entry("1.0"), b: entry("2.0") }), written({ a: entry("1.10"), b: entry("1.9"), c: entry("1") })];
  const whole = `<<<<<<< HEAD\n${ours}||||||| base\n${lockText()}\n=======\n${theirs}>>>>>>> branch\n`;

  test("both sides are read, and joined to the newer versions", () => {
    const sides = parseConflictingLocks(whole, "Pipfile.lock");
    expect(formatPipfileLock(sides.ours)).toBe(ours);
    expect(formatPipfileLock(sides.theirs)).toBe(theirs);
    const joined = joinLocks(sides).categories.get("default")!;
    expect(joined.map(({ name, version }) => `${name} ${version}`)).toEqual(["a 1.10", "b 2.0", "c 1"]);
  });

  test("what both share stands on both sides; Windows line ends are read", () => {
    const parts = `{"_meta": {},\n"default": {\n<<<<<<< ours\n"a": {"version": "==1"}\n=======\n"a": {"version": "==2"}\n>>>>>>> theirs\n},\n"develop": {}}\n`;
    for (const text of [parts, parts.replaceAll("\n", "\r\n")]) {
      const sides = parseConflictingLocks(text, "Pipfile.lock");
      expect([sides.ours, sides.theirs].map(({ categories }) => categories.get("default")?.[0]?.version)).toEqual(["1", "2"]);
    }
    expect(parseConflictingLocks(ours, "Pipfile.lock").theirs.categories.get("default")).toBeArrayOfSize(2);
  });

  test("a side that is no lock is an error that names the side", () => {
    expect(() => parseConflictingLocks(`<<<<<<< a\n${ours}=======\n{\n>>>>>>> b\n`, "Pipfile.lock")).toThrow(
      "Pipfile.lock (theirs) is not a valid lock",
    );
  });
});

describe("the lock of some categories", () => {
  const lock = parsePipfileLock(
    lockText({
      meta: { sources: [{ name: "main", url: "https://x.test/simple", verify_ssl: true }] },
      default: {
        a: { version: "==1", hashes: [sha("a")], markers: "sys_platform == 'win32'", extras: ["x"], index: "main" },
        lib: { path: "./lib", editable: true },
      },
      develop: {
        a: { version: "==1", hashes: [sha("a")], markers: "sys_platform == 'linux'" },
        wheel: { file: "dist/w-1.0-py3-none-any.whl", hashes: [sha("d")] },
        repo: { git: "https://x.test/r.git", ref: "f".repeat(40) },
      },
    }),
    "Pipfile.lock",
  );

  test("joins what several want", () => {
    const { packages } = lockOfCategories(lock, ["default", "develop"], "/work");
    expect(packages.map(({ name }) => String(name))).toEqual(["a", "lib", "repo", "wheel"]);
    const [a, lib, repo, wheel] = packages;
    expect(a).toMatchObject({ version: "1", extras: ["x"], files: [{ filename: "", hashes: { sha256: "a".repeat(64) } }] });
    expect(a?.marker?.kind).toBe("or");
    expect(lib?.direct).toEqual({ url: "file:///work/lib", info: { kind: "dir", editable: true } });
    expect(repo?.direct).toEqual({ url: "https://x.test/r.git", info: { kind: "vcs", vcs: "git", commitId: "f".repeat(40) } });
    expect(wheel?.direct).toMatchObject({ url: "file:///work/dist/w-1.0-py3-none-any.whl" });
    expect(lockOfCategories(lock, ["default"], "/work").packages[0]?.index).toBe("https://x.test/simple");
  });

  test("a category that is not there is an error that names the others", () => {
    expect(() => lockOfCategories(lock, ["docs"], "/work")).toThrow("no category docs");
  });
});
