import { describe, expect, test } from "bun:test";
import { isPenError } from "#foundation";
import {
  andMarkers,
  evaluateMarker,
  extraMarker,
  falseMarker,
  markerMentionsExtra,
  markerText,
  orMarkers,
  parseMarker,
  restrictMarker,
  trueMarker,
  type MarkerEnvironment,
} from "./index.ts";

const environment: MarkerEnvironment = {
  implementation_name: "cpython",
  implementation_version: "3.11.4",
  os_name: "posix",
  platform_machine: "x86_64",
  platform_python_implementation: "CPython",
  platform_release: "5.15.0-91-generic",
  platform_system: "Linux",
  platform_version: "#101-Ubuntu SMP",
  python_full_version: "3.11.4",
  python_version: "3.11",
  sys_platform: "linux",
};

const holds = (text: string, changes: Partial<MarkerEnvironment> = {}): boolean =>
  evaluateMarker(parseMarker(text), { ...environment, ...changes });

describe("PEP 508 evaluation", () => {
  test.each([
    ["python_version == '3.11'", true],
    ["python_version >= '3.9'", true],
    ["python_version < '3.9'", false],
    ["python_version ~= '3.5'", true],
    ["python_version == '3.*'", true],
    ["python_version != '3.11.*'", false],
    ["'3.9' <= python_version", true],
    ["'3.12' > python_version", true],
    ["python_version in '2.7 3.11'", true],
    ["python_version not in '2.7, 3.5'", true],
    ["python_version === '3.11'", true],
    ["python_full_version < '3.11.10'", true],
    ["python_full_version === '3.11'", false],
    ["implementation_version >= '3.11.4'", true],
    ["os_name == 'posix'", true],
    ['os_name == "nt"', false],
    ["sys_platform in 'linux darwin'", true],
    ["'lin' in sys_platform", true],
    ["'win' not in sys_platform", true],
    ["sys_platform != 'win32' and platform_machine == 'x86_64'", true],
    ["platform_release >= '5.10'", true],
    ["platform_version == '2'", false],
    ["platform_system >= 'Linux'", true],
    ["platform_system ~= 'Linux'", false],
    ["os.name == 'posix' and sys.platform == 'linux'", true],
    ["platform.machine == 'x86_64' or platform.version == ''", true],
    ["python_implementation == 'CPython' and platform.python_implementation == 'CPython'", true],
    // Precedence: "and" binds tighter
    ["os_name == 'posix' or os_name == 'b' and os_name == 'c'", true],
    ["(os_name == 'posix' or os_name == 'b') and os_name == 'c'", false],
    ["os_name == 'a' and os_name == 'b' or os_name == 'posix'", true],
    ["extra == 'test'", false],
    ["extra != 'test'", true],
  ])("%s is %p", (text, expected) => {
    expect(holds(text)).toBe(expected);
  });

  test("a release that is a version compares as one", () => {
    expect(holds("platform_release >= '5.10'", { platform_release: "5.9" })).toBe(false);
    expect(holds("platform_release >= '5.10'", { platform_release: "5.100.1" })).toBe(true);
  });

  test("a pre-release of Python, and one built from a checkout", () => {
    expect(holds("python_full_version >= '3.13'", { python_full_version: "3.13.0rc1" })).toBe(false);
    expect(holds("python_full_version < '3.13'", { python_full_version: "3.13.0rc1" })).toBe(false);
    expect(holds("python_full_version >= '3.14.0a1'", { python_full_version: "3.14.0a1+" })).toBe(true);
  });

  test("extras and groups are chosen by normalised name", () => {
    const chosen = new Set(["my-extra"]);
    expect(evaluateMarker(parseMarker("extra == 'My_Extra'"), environment, chosen)).toBe(true);
    expect(evaluateMarker(parseMarker("extra != 'my.extra'"), environment, chosen)).toBe(false);
    expect(evaluateMarker(parseMarker("extra in 'other, my-extra'"), environment, chosen)).toBe(true);
    expect(evaluateMarker(parseMarker("'my_extra' in extras"), environment, { extras: chosen })).toBe(true);
    expect(evaluateMarker(parseMarker("'dev' in dependency_groups"), environment, { extras: chosen })).toBe(false);
    expect(evaluateMarker(parseMarker("'dev' in dependency_groups"), environment, { dependencyGroups: new Set(["dev"]) })).toBe(true);
  });
});

describe("syntax", () => {
  test.each([
    ["os_name=='a'and(os_name=='b')", "os_name == 'a' and os_name == 'b'"],
    ['os_name == "it\'s"', 'os_name == "it\'s"'],
    ["'3.8' < python_version", "python_version > '3.8'"],
    ["(os_name == 'a' or os_name == 'b') and extra == 'X_y'", "(os_name == 'a' or os_name == 'b') and extra == 'x-y'"],
    ["os_name == 'a' or (os_name == 'b' or os_name == 'c')", "os_name == 'a' or os_name == 'b' or os_name == 'c'"],
    ["'a' in sys_platform", "'a' in sys_platform"],
    ["'Dev' not in dependency_groups", "'dev' not in dependency_groups"],
    ["sys_platform not  in 'a'", "sys_platform not in 'a'"],
  ])("%s", (given, expected) => {
    expect(markerText(parseMarker(given))).toBe(expected);
    expect(parseMarker(expected)).toEqual(parseMarker(given));
  });

  test.each([
    ["", 1],
    ["python_version", 15],
    ["python_version >", 17],
    ["python_version = '3'", 16],
    ["python_version >= '3", 19],
    ["python_version >= '3' os_name == 'a'", 23],
    ["python_version >= '3' and", 26],
    ["python_version >= '3' xor os_name == 'a'", 23],
    ["(python_version >= '3'", 23],
    ["python_version >= '3')", 22],
    ["'a' == 'b'", 8],
    ["os_name == sys_platform", 12],
    ["unknown == 'a'", 1],
    ["os_name not == 'a'", 13],
    ["extra >= 'a'", 1],
    ["'a' in extra", 8],
    ["extra == 'not a name'", 10],
    ["extras == 'a'", 1],
    ["'3.1' ~= python_version", 1],
  ])("%j is refused at column %d", (given, column) => {
    try {
      parseMarker(given);
      expect.unreachable();
    } catch (error) {
      if (!isPenError(error, "INVALID_MARKER")) throw error;
      expect(error.data["column"]).toBe(column);
    }
  });
});

describe("joining", () => {
  const a = parseMarker("os_name == 'a'");
  const b = parseMarker("os_name == 'b'");

  test("constants and missing markers are folded", () => {
    expect(andMarkers(a, trueMarker, undefined)).toBe(a);
    expect(andMarkers(a, falseMarker)).toBe(falseMarker);
    expect(orMarkers(a, undefined)).toBe(trueMarker);
    expect(orMarkers(a, falseMarker)).toBe(a);
    expect(andMarkers()).toBe(trueMarker);
    expect(markerText(andMarkers(orMarkers(a, b), extraMarker("X")))).toBe("(os_name == 'a' or os_name == 'b') and extra == 'x'");
  });

  test("a constant has a text with the same meaning", () => {
    expect(evaluateMarker(parseMarker(markerText(trueMarker)), environment)).toBe(true);
    expect(evaluateMarker(parseMarker(markerText(falseMarker)), environment)).toBe(false);
  });

  test("extras can be answered beforehand", () => {
    const marker = parseMarker("(extra == 'x' and os_name == 'a') or (extra == 'y' and os_name == 'b')");
    expect(markerText(restrictMarker(marker, new Set(["x"])))).toBe("os_name == 'a'");
    expect(restrictMarker(marker, new Set())).toEqual(falseMarker);
    expect(markerMentionsExtra(marker)).toBe(true);
    expect(markerMentionsExtra(a)).toBe(false);
  });
});
