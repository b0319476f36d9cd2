import { describe, expect, test } from "bun:test";
import { fixedVersions, isAffected, mergeAdvisories, parseAdvisory, type Advisory } from "./advisories.ts";
import { normalizeName } from "./names.ts";
import { parseVersion } from "./version-scanner.ts";
import { compareVersions, versionText } from "./versions.ts";

const flask = normalizeName("flask");

type Event = Readonly<Record<string, string>>;
const ranges = (...events: readonly Event[]): unknown => [{ type: "ECOSYSTEM", events }];

function record(affected: Record<string, unknown>, more: Record<string, unknown> = {}): Advisory {
  return parseAdvisory({ id: "PYSEC-2024-1", affected: [{ package: { ecosystem: "PyPI", name: "Flask" }, ...affected }], ...more });
}

describe("which versions a record is about", () => {
  const cases: ReadonlyArray<readonly [affected: Record<string, unknown>, yes: string, no: string]> = [
    [{ ranges: ranges({ introduced: "0" }) }, "0.0.1 1.0 99!1", ""],
    [{ ranges: ranges({ introduced: "0" }, { fixed: "2.2.5" }) }, "0.1 2.2.4 2.2.5rc1 2.2.5.dev1", "2.2.5 2.2.5.post1 2.2.5+local 3.0"],
    [{ ranges: ranges({ introduced: "1.0" }, { last_affected: "1.5" }) }, "1.0 1.5 1.5.0 1.5+cpu", "0.9 1.5.1 1.5.post1 1.0rc1"],
    // Not in order, as the schema allows.
    [
      { ranges: ranges({ fixed: "2.3.2" }, { introduced: "2.3" }, { fixed: "2.2.5" }, { introduced: "0" }) },
      "2.2.4 2.3 2.3.1",
      "2.2.5 2.2.9 2.3.2",
    ],
    [
      { ranges: [...(ranges({ introduced: "0" }, { fixed: "1" }) as []), ...(ranges({ introduced: "3" }, { fixed: "4" }) as [])] },
      "0.5 3.1",
      "1 2 4",
    ],
    [{ versions: ["1.0", "1.1.0", "not a version"] }, "1.0 1.0.0 1.1 1.1+cpu", "1.2 1.0.1"],
    [{ versions: ["9"], ranges: ranges({ introduced: "0" }, { fixed: "1" }) }, "9 0.5", "1 8"],
    [{ ranges: ranges({ introduced: "1" }, { limit: "3" }) }, "1 2", "3 4"],
    [{ ranges: ranges({ introduced: "1" }, { limit: "*" }) }, "1 2 30", "0.9"],
    [{ ranges: ranges({ introduced: "1!0" }, { fixed: "1!2" }) }, "1!0 1!1.9", "5.0 1!2"],
    [{ ranges: [{ type: "GIT", repo: "x", events: [{ introduced: "0" }] }] }, "", "1.0"],
    [{}, "", "1.0"],
  ];
  for (const [affected, yes, no] of cases)
    test(JSON.stringify(affected), () => {
      const about = record(affected);
      const judged = (text: string): string[] =>
        text
          .split(" ")
          .filter(Boolean)
          .filter((version) => isAffected(about, flask, parseVersion(version)));
      expect(judged(yes)).toEqual(yes.split(" ").filter(Boolean));
      expect(judged(no)).toEqual([]);
    });

  test("a withdrawn record, another project and another ecosystem are about nothing here", () => {
    const all = { ranges: ranges({ introduced: "0" }) };
    const one = parseVersion("1.0");
    expect(isAffected(record(all), flask, one)).toBe(true);
    expect(isAffected(record(all, { withdrawn: "2024-01-01T00:00:00Z" }), flask, one)).toBe(false);
    expect(isAffected(record(all), normalizeName("flask-login"), one)).toBe(false);
    const npm = parseAdvisory({ id: "X-1", affected: [{ package: { ecosystem: "npm", name: "flask" }, ...all }] });
    expect(isAffected(npm, flask, one)).toBe(false);
  });

  test("generated ranges: as counting through the sorted versions says", () => {
    const known = ["0.9", "1.0a1", "1.0", "1.0.post1", "1.1.dev3", "1.1", "1.2rc1", "1.2", "2.0", "1!0.1"].map(parseVersion);
    let seed = 7;
    const next = (below: number): number => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return seed % below;
    };
    for (let round = 0; round < 500; round += 1) {
      // Every interval begins and ends at other places of the list, so that no two events fall together.
      const marks = [...new Set(Array.from({ length: 2 + next(4) }, () => next(known.length)))].sort((a, b) => a - b);
      const events = marks.map((mark, at): Event => {
        const version = versionText(known[mark] as ReturnType<typeof parseVersion>);
        return at % 2 === 0 ? { introduced: version } : next(2) === 0 ? { fixed: version } : { last_affected: version };
      });
      const expected = known.filter((_, place) => {
        const begun = marks.findLastIndex((mark, at) => at % 2 === 0 && mark <= place);
        if (begun < 0) return false;
        const end = marks[begun + 1];
        if (end === undefined) return true;
        return "fixed" in (events[begun + 1] ?? {}) ? place < end : place <= end;
      });
      const shuffled = [...events].sort(() => next(3) - 1);
      const about = record({ ranges: ranges(...shuffled) });
      expect([events, known.filter((version) => isAffected(about, flask, version)).map(versionText)]).toEqual([
        events,
        expected.map(versionText),
      ]);
    }
  });
});

describe("several records of one vulnerability", () => {
  const one = (id: string, aliases: readonly string[], fixed: string, summary?: string): Advisory =>
    record({ ranges: ranges({ introduced: "0" }, { fixed }) }, { id, aliases, ...(summary === undefined ? {} : { summary }) });

  test("become one by any chain of aliases; PYSEC names it, then CVE", () => {
    const merged = mergeAdvisories([
      one("GHSA-a", ["CVE-1"], "2.0", "words"),
      one("OTHER-9", [], "1.0"),
      one("PYSEC-2", ["BIT-7"], "1.9"),
      // Joins the two others.
      one("BIT-7", ["GHSA-a"], "2.0"),
      one("GHSA-z", ["CVE-5"], "1.0"),
    ]);
    expect(merged.map(({ id, aliases }) => [id, ...aliases])).toEqual([
      ["PYSEC-2", "CVE-1", "BIT-7", "GHSA-a"],
      ["CVE-5", "GHSA-z"],
      ["OTHER-9"],
    ]);
    expect(merged[0]?.description).toBe("words");
    expect(fixedVersions(merged[0] ?? { records: [] }, flask).map(versionText)).toEqual(["1.9", "2.0"]);
  });

  test("fixed versions are sorted by PEP 440 and named once", () => {
    const about = record({
      ranges: ranges({ introduced: "0" }, { fixed: "10.0" }, { introduced: "2" }, { fixed: "9.0" }, { fixed: "9.0.0" }),
    });
    const fixes = fixedVersions({ records: [about] }, flask);
    expect(fixes.map(versionText)).toEqual(["9.0", "10.0"]);
    expect(fixes.every((version, at) => at === 0 || compareVersions(fixes[at - 1] ?? version, version) < 0)).toBe(true);
  });
});

describe("hostile records", () => {
  const pkg = { ecosystem: "PyPI", name: "flask" };
  const refused: ReadonlyArray<readonly [why: string, value: unknown]> = [
    ["no object", []],
    ["null", null],
    ["no id", { affected: [] }],
    ["an id that is a number", { id: 7 }],
    ["an id that steers the terminal", { id: "CVE-1\u001b[2J" }],
    ["an id that leads elsewhere", { id: "../../etc/passwd" }],
    ["an endless id", { id: "A".repeat(200) }],
    ["another schema", { id: "X-1", schema_version: "2.0.0" }],
    ["a schema that is a number", { id: "X-1", schema_version: 1 }],
    ["affected is no list", { id: "X-1", affected: {} }],
    ["affected holds text", { id: "X-1", affected: ["flask"] }],
    ["a package without a name", { id: "X-1", affected: [{ package: { ecosystem: "PyPI" } }] }],
    ["a name that is none", { id: "X-1", affected: [{ package: { ecosystem: "PyPI", name: "../x" } }] }],
    ["versions that are numbers", { id: "X-1", affected: [{ package: pkg, versions: [1] }] }],
    ["versions that are no list", { id: "X-1", affected: [{ package: pkg, versions: "1.0" }] }],
    ["ranges that are no list", { id: "X-1", affected: [{ package: pkg, ranges: {} }] }],
    ["a range without a type", { id: "X-1", affected: [{ package: pkg, ranges: [{ events: [] }] }] }],
    ["a range of an unknown type", { id: "X-1", affected: [{ package: pkg, ranges: [{ type: "MAGIC", events: [] }] }] }],
    ["a range without events", { id: "X-1", affected: [{ package: pkg, ranges: [{ type: "ECOSYSTEM" }] }] }],
    ["a range that begins nowhere", { id: "X-1", affected: [{ package: pkg, ranges: [{ type: "ECOSYSTEM", events: [{ fixed: "1" }] }] }] }],
    [
      "an event that is no version",
      { id: "X-1", affected: [{ package: pkg, ranges: [{ type: "ECOSYSTEM", events: [{ introduced: "soon" }] }] }] },
    ],
    [
      "an event that is a number",
      { id: "X-1", affected: [{ package: pkg, ranges: [{ type: "ECOSYSTEM", events: [{ introduced: 0 }] }] }] },
    ],
    ["aliases that are no list", { id: "X-1", aliases: "CVE-1" }],
  ];
  for (const [why, value] of refused)
    test(why, () => {
      let caught: unknown;
      try {
        parseAdvisory(value);
      } catch (error) {
        caught = error;
      }
      expect(caught).toMatchObject({ name: "PenError", code: "INVALID_ADVISORY" });
      const { message, why: reason = "" } = caught as { message: string; why?: string };
      expect(`${message}${reason}`).not.toMatch(/[\u0000-\u001f]/);
    });

  test("texts for people may be missing or of another kind; aliases that are no ids are passed over", () => {
    const about = parseAdvisory({
      id: "X-1",
      summary: 7,
      details: "a\r\n  b",
      published: {},
      aliases: ["CVE-1", "CVE-1", "\u001b[2J", "X-1"],
    });
    expect(about).toEqual({ id: "X-1", aliases: ["CVE-1"], description: "a b", published: undefined, withdrawn: false, affected: [] });
    expect(parseAdvisory({ id: "X-1" }).description).toBe("N/A");
  });
});
