/** Differential tests: what Python's own tools say about the same input. One process per Python that is found. */
import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { pythons } from "../../tests/support/pythons.ts";
import { parseEntryPoints } from "./entry-points.ts";
import { metadataJson } from "./metadata-json.ts";
import { parseMetadata } from "./metadata.ts";
import { formatRecord, parseRecord } from "./record.ts";
import { parseSdistFilename } from "./sdist-filename.ts";
import { type TagTarget, supportedTags } from "./supported-tags.ts";
import { tagText } from "./tags.ts";
import { versionText } from "./versions.ts";
import { parseWheelFilename, tryParseWheelFilename } from "./wheel-filename.ts";

const script = fileURLToPath(new URL("./peer-tools.py", import.meta.url));

interface Answer {
  readonly implementation: string;
  readonly version: [number, number];
  readonly soabi: string | null;
  readonly platform: string;
  readonly glibc: string | null;
  readonly threads: boolean;
  readonly debug: boolean;
  readonly packaging: readonly {
    readonly release: string;
    readonly tags: string[];
    readonly mac: string[][];
    readonly wheels: readonly ([string, string, [] | [number, string], string[]] | null)[] | null;
    readonly sdists: readonly ([string, string] | null)[] | null;
  }[];
  readonly written: string[];
  readonly metadata: Record<string, unknown>[];
  readonly entries: readonly ([string, string, string][] | null)[];
  readonly installed: readonly {
    readonly folder: string;
    readonly metadata: string | null;
    readonly entryPoints: string | null;
    readonly json: Record<string, unknown> | null;
    readonly record: string | null;
    readonly rows: string[][] | null;
    readonly scripts: [string, string, string][] | null;
  }[];
}

/** A small generator of numbers, so that every run has the same cases. */
function seeded(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const random = seeded(20260);
const pick = <T>(items: readonly T[]): T => items[random(items.length)] as T;
const several = (items: readonly string[], joint: string): string => Array.from({ length: 1 + random(3) }, () => pick(items)).join(joint);

const wheelCases = Array.from({ length: 400 }, () => {
  const build = random(4) === 0 ? `-${pick(["1", "20a", "3_x", "007", "0build.1"])}` : "";
  const tags = [
    several(["py3", "py2", "cp311", "CP312", "pp310"], "."),
    several(["none", "abi3", "cp311"], "."),
    several(["any", "linux_x86_64", "win_amd64", "macosx_11_0_arm64"], "."),
  ];
  const name = `${pick(["foo", "Foo_Bar", "foo.bar", "a", "zope.interface"])}-${pick(["1.0", "1.0.post1", "2!1.0", "1.0+abc.1", "v1", "1.0rc1", "2024.1.1.dev3"])}${build}-${tags.join("-")}.whl`;
  // A third of them are damaged at one place.
  const at = random(name.length);
  return random(3) > 0 ? name : name.slice(0, at) + pick(["", "-", "_", ".", "!", "é", " ", "x"]) + name.slice(at + random(2));
});

const sdistCases = [
  "foo-1.0.tar.gz",
  "foo-2-2.tar.gz",
  "foo_bar-1.0.zip",
  "foo-bar-1.0rc1.tar.gz",
  "Foo.Bar-1!2.0+x.tar.gz",
  "foo.tar.gz",
  "foo-x.tar.gz",
  "foo-1.0.tgz",
];

const rowCases = Array.from({ length: 60 }, () =>
  Array.from({ length: 1 + random(4) }, () => [
    several(["a/b.py", 'q"q', "c,d", "line\nbreak", "blank name", "é/ü.py", "'single'"], ""),
    "sha256=abc_-",
    String(random(9999)),
  ]),
);

const head = "Metadata-Version: 2.1\nName: foo\nVersion: 1.0\n";
const metadataCases = [
  head,
  `${head}\n`,
  `${head}Summary: one\nKeywords: a, b,c\n\nBody\n\nmore: text\n`,
  `${head}Keywords: a  b\tc\nsummary: lower case\nSUMMARY: second\n\n`,
  `${head}Keywords:\nClassifier: A :: B\nClassifier: C\n`,
  `${head}License: MIT\n        second line\n          indented\n        \n        end\nRequires-Dist: a>=1\nRequires-Dist: b; python_version < "3"\n`,
  `${head}Description: first\n        second\n        \n            code\n        last\nPlatform: UNKNOWN\n`,
  `${head}Description: header\nDynamic: license\n\nbody wins`,
  `${head}Author: é, ü <a@b.c>\nProject-URL: Home, https://example.org\nProvides-Extra: x\nRequires-External: C\nDownload-URL: \n\n\n\nbody after blank lines\n`,
  `${head}no header at all\nSummary: in the body\n`,
  `${head}: no name\nSummary: after\n`,
  `${head}Summary:   spaces   \nHome-page:\thttps://example.org\nMaintainer:x\n`,
  head.replace(/\n/g, "\r\n") + "Summary: windows\r\n\r\nbody\r\nlines\r\n",
];

const entryCases = [
  "[console_scripts]\nfoo = a.b:c\nbar=m:x.y\n",
  "[console_scripts]\n# note\n; note\nFoo = m:f [x, y]\n\n[other.group]\nplain = module\n",
  "   [console_scripts]\n   a = m:f\n   b = m:g\n",
  "[a]\nfirst = m:f\n  second = m:g\n",
  "[a]\nfirst = m:f\n\n  second\n\nthird = m:h\n",
  "[a]\nurl = https://x = y\n",
  "x = before\n",
  "[a]\nno delimiter\n",
  "[a]\nx = 1\nx = 2\n",
  "[a]\n= empty\n",
];

const macCases: [[number, number], string][] = [
  [[10, 6], "x86_64"],
  [[10, 16], "x86_64"],
  [[10, 5], "ppc64"],
  [[10, 6], "ppc"],
  [[10, 9], "i386"],
  [[11, 0], "x86_64"],
  [[12, 6], "arm64"],
  [[14, 0], "x86_64"],
  [[15, 2], "arm64"],
  [[10, 9], "universal2"],
];

/** Where pip is too old to bring `packaging.tags` (as with 3.6), the one inside 3.7's pip is asked. */
const tagsOf37 = pythons().find(({ release: [, minor] }) => minor === 7);
const vendored = tagsOf37 && join(dirname(dirname(tagsOf37.path)), "lib", "python3.7", "site-packages", "pip", "_vendor");

function ask(python: string): Answer {
  const input = JSON.stringify({
    vendored: vendored !== undefined && existsSync(join(vendored, "packaging", "tags.py")) ? vendored : null,
    wheels: wheelCases,
    sdists: sdistCases,
    rows: rowCases,
    metadata: metadataCases,
    entries: entryCases,
    mac: macCases,
  });
  const result = Bun.spawnSync([python, "-I", "-B", "-W", "ignore", script], {
    stdin: Buffer.from(input),
    env: { PATH: "/usr/bin:/bin", HOME: "/nonexistent", LC_ALL: "C.UTF-8", PYTHONIOENCODING: "utf-8" },
  });
  if (!result.success) throw new Error(`${python} failed: ${result.stderr.toString().slice(-2000)}`);
  return JSON.parse(result.stdout.toString()) as Answer;
}

/** What pen's python room will also have to find out. */
function targetOf(answer: Answer): TagTarget {
  const arch = answer.platform.replace(/^linux-/, "").replace(/-/g, "_");
  const [major = 0, minor = 0] = (answer.glibc ?? "").replace("glibc ", "").split(".").map(Number);
  const flags = /^cpython-(\w+)-/.exec(answer.soabi ?? "")?.[1];
  return {
    implementation: "cpython",
    version: answer.version,
    freeThreaded: answer.threads,
    debug: answer.debug,
    ...(flags === undefined ? {} : { abi: `cp${flags}` }),
    platform: { os: "manylinux", major, minor, arch },
  };
}

/** From 26.3 on, `packaging` prefers the tag of this very machine; before, and in pen, it comes last of the Linux tags. */
function nativeLast(tags: readonly string[]): string[] {
  const groups = new Map<string, string[]>();
  for (const tag of tags) {
    const group = tag.endsWith("-any") ? tag : tag.replace(/-[^-]*$/, "");
    groups.set(group, [...(groups.get(group) ?? []), tag]);
  }
  const isNative = (tag: string): boolean => tag.includes("-linux_");
  return [...groups.values()].flatMap((group) => group.filter((tag) => !isNative(tag)).concat(group.filter(isNative)));
}

if (pythons().length === 0) test.skip("differential tests: no Python found (pyenv versions, python3 on PATH)", () => {});

for (const { path: python, version } of pythons()) {
  describe(`against ${version}${python.startsWith("/usr/") ? " of the system" : ""}`, () => {
    const answer = ask(python);
    const isGlibc = answer.implementation === "cpython" && answer.platform.startsWith("linux-") && answer.glibc !== null;

    // What this Python's tools cannot be asked is no case.
    if (isGlibc && answer.packaging.length > 0)
      test("the ordered tags are those of packaging.tags.sys_tags (CPython on glibc)", () => {
        const own = supportedTags(targetOf(answer)).ordered.map(tagText);
        for (const { tags, release } of answer.packaging) {
          // Releases before 22 did not know the tag for wheels without binary parts that need one version of CPython.
          const known = own.filter((tag) => !/^cp\d+-none-any$/.test(tag) || tags.includes(tag));
          expect({ release, tags: known }).toEqual({ release, tags: nativeLast(tags) });
        }
      });

    if (answer.packaging.length > 0)
      test("macOS platforms are those of packaging.tags.mac_platforms", () => {
        for (const { mac } of answer.packaging) {
          const own = macCases.map(([[major, minor], arch]) => {
            const tags = supportedTags({
              implementation: "other",
              version: [3, 0],
              freeThreaded: false,
              platform: { os: "macos", major, minor, arch },
            }).ordered;
            return tags.filter((tag) => tag.python === "py30" && tag.platform !== "any").map((tag) => tag.platform);
          });
          // Older releases misspell the name of the format that holds three kinds of code.
          expect(own).toEqual(mac.map((tags) => tags.map((tag) => tag.replace(/fat32$/, "fat3"))));
        }
      });

    test("wheel file names mean what packaging.utils.parse_wheel_filename says", () => {
      for (const { wheels } of answer.packaging) {
        for (const [at, theirs] of (wheels ?? []).entries()) {
          const text = wheelCases[at] ?? "";
          const own = tryParseWheelFilename(text);
          if (own === undefined) continue;
          const mine: unknown = [own.name, versionText(own.version), own.build ?? [], [...new Set(own.tags.map(tagText))].sort()];
          expect({ text, parsed: mine }).toEqual({ text, parsed: theirs });
        }
        const refused = (wheels ?? []).flatMap((theirs, at) =>
          theirs !== null && tryParseWheelFilename(wheelCases[at] ?? "") === undefined ? [wheelCases[at] ?? ""] : [],
        );
        // pen is stricter on purpose: no blanks, nothing outside ASCII, no empty or oddly written tag.
        for (const text of refused) expect(text).toMatch(/[^\x21-\x7e]|[-.]\.|\.-|\.\.|-[^-]*!\S*\.whl$|-\d[^-]*-[^-]*-[^-]*$/);
      }
    });

    test("source file names mean what packaging.utils.parse_sdist_filename says", () => {
      for (const { sdists } of answer.packaging) {
        for (const [at, theirs] of (sdists ?? []).entries()) {
          if (theirs === null) continue;
          const own = parseSdistFilename(sdistCases[at] ?? "");
          expect([own.name, versionText(own.version)] as [string, string]).toEqual(theirs);
        }
      }
    });

    test("RECORD is quoted as by csv.writer, and read back", () => {
      for (const [at, rows] of rowCases.entries()) {
        const entries = rows.map(([path = "", , size]) => ({ path, hash: { algorithm: "sha256", digest: "abc_-" }, size: Number(size) }));
        expect(formatRecord(entries)).toBe(answer.written[at] ?? "");
        expect(parseRecord(answer.written[at] ?? "")).toEqual(entries);
      }
    });

    test("entry points are read as by configparser", () => {
      for (const [at, theirs] of answer.entries.entries()) checkEntryPoints(entryCases[at] ?? "", theirs);
    });

    if (answer.metadata.length > 0)
      test("metadata in JSON is what pip prints (pip 22.2 and Python 3.10 or newer)", () => {
        for (const [at, theirs] of answer.metadata.entries()) expect(likeOldPip(metadataCases[at] ?? "")).toEqual(theirs);
      });

    test("installed distributions are read like Python reads them", () => {
      for (const found of answer.installed) {
        if (found.metadata !== null && found.json !== null) expect(likeOldPip(found.metadata)).toEqual(found.json);
        if (found.record !== null && found.rows !== null)
          expect(parseRecord(found.record).map((entry) => entry.path)).toEqual(found.rows.map(([path = ""]) => path));
        if (found.entryPoints !== null) checkEntryPoints(found.entryPoints, found.scripts);
        if (found.metadata !== null)
          expect(parseMetadata(found.metadata).version.replace(/-/g, "_")).toBe(
            found.folder.replace(/\.dist-info$/, "").split("-")[1] ?? "",
          );
      }
    });
  });
}

function checkEntryPoints(text: string, theirs: readonly [string, string, string][] | null): void {
  if (theirs === null) {
    expect(() => parseEntryPoints(text)).toThrow(/entry_points\.txt/);
    return;
  }
  const own = parseEntryPoints(text).map(({ group, name, module, attribute, extras }) => [
    group,
    name,
    `${module}${attribute && `:${attribute}`}${extras.length > 0 ? `[${extras.join(",")}]` : ""}`.replace(/\s/g, ""),
  ]);
  expect(own).toEqual(theirs.map(([group, name, value]) => [group, name, value.replace(/\s/g, "")]));
}

/** Older releases of pip do not know the fields of metadata 2.4 and 2.5. */
function likeOldPip(text: string): Record<string, unknown> {
  const newer = new Set(["license_expression", "license_file", "import_name", "import_namespace"]);
  return Object.fromEntries(Object.entries(metadataJson(parseMetadata(text))).filter(([key]) => !newer.has(key)));
}

test("a wheel's name is the same after parsing as before", () => {
  for (const text of wheelCases) if (tryParseWheelFilename(text) !== undefined) expect(parseWheelFilename(text).text).toBe(text);
});
