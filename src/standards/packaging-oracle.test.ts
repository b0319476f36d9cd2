/* Differential tests against the `packaging` library of a Python on this machine (or the one inside its pip), each with one process. */
import { describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { pythonThat } from "../../tests/support/pythons.ts";
import { pick, sampleVersions, seeded, specifierCase, versionCase } from "./generated-cases.test.ts";
import {
  compareVersions,
  evaluateMarker,
  isPrerelease,
  parseMarker,
  parseRequirement,
  parseSpecifiers,
  parseVersion,
  requirementText,
  specifiersContain,
  tryParseVersion,
  versionText,
  type MarkerEnvironment,
  type Specifier,
  type Version,
} from "./index.ts";

/** Older releases compare some epochs wrongly; newer ones read some markers and pre-releases in a new way. */
const known = (name: string): string => `import ${name} as p; assert p.__version__.startswith("24.")`;
const library = ["pip._vendor.packaging", "packaging"]
  .map((name) => ({ name, python: pythonThat(known(name))?.path }))
  .find(({ python }) => python !== undefined);

/** Runs `code` with the cases as `cases`, and returns the list that it leaves in `out`. */
function ask<T>(code: string, cases: unknown): T[] {
  const script = `import json,sys\ncases = json.load(sys.stdin)\nout = []\n${code}\njson.dump(out, sys.stdout)`;
  const answer = spawnSync(library!.python!, ["-I", "-c", script], {
    encoding: "utf8",
    input: JSON.stringify(cases),
    maxBuffer: 1 << 28,
    timeout: 60_000,
  });
  if (answer.status !== 0) throw new Error(answer.stderr);
  return JSON.parse(answer.stdout) as T[];
}

/** Where packaging 24 leaves the text of PEP 440, and packaging 26 and pen follow it: a bound of `>` or `<` is compared by base version. */
function knownDifference(specifier: Specifier, version: Version): boolean {
  const bound = specifier.parsed!;
  const { operator } = specifier;
  const sameBase =
    compareVersions(
      { ...bound, pre: undefined, post: undefined, dev: undefined, local: undefined },
      { ...version, pre: undefined, post: undefined, dev: undefined, local: undefined },
    ) === 0;
  if (operator === ">")
    return sameBase && (isPrerelease(bound) || bound.post !== undefined) && (version.post !== undefined || version.local !== undefined);
  return operator === "<" && sameBase && bound.post !== undefined && isPrerelease(version);
}

// Not every machine has one: then there is nothing to compare with, and no case.
if (library !== undefined)
  describe(`packaging of ${library.python}`, () => {
    test("reads and orders versions alike", () => {
      const random = seeded(1);
      const spellings = ["v", "", " "];
      const noise = ["a", "-", ".", "_", "+", "rc", "c", "post", "rev", "r", "dev", "alpha", "preview", "1", "0", "01", "!", "x"];
      const texts = Array.from({ length: 3000 }, (_, at) => {
        if (at % 2 === 0) return pick(random, spellings) + versionCase(random);
        return `1${Array.from({ length: 1 + Math.floor(random() * 6) }, () => pick(random, noise)).join("")}`;
      });
      const code = `
from ${library.name}.version import Version, InvalidVersion
def read(text):
    try: return str(Version(text))
    except InvalidVersion: return None
out = [read(text) for text in cases]
keys = sorted(set(text for text in out if text), key=lambda t: (Version(t), t))
out = [out, keys, [Version(a) == Version(b) for a, b in zip(keys, keys[1:])]]`;
      const [normalised, ascending, equal] = ask<unknown>(code, texts) as [(string | null)[], string[], boolean[]];
      for (const [at, text] of texts.entries()) {
        const version = tryParseVersion(text);
        expect([text, version === undefined ? null : versionText(version)]).toEqual([text, normalised[at]!]);
      }
      for (const [at, same] of equal.entries()) {
        const order = compareVersions(parseVersion(ascending[at]!), parseVersion(ascending[at + 1]!));
        expect([ascending[at], ascending[at + 1], order === 0, order <= 0]).toEqual([ascending[at], ascending[at + 1], same, true]);
      }
      expect(ascending.length).toBeGreaterThan(500);
    });

    test("agrees on which versions a specifier contains", () => {
      const random = seeded(2);
      const cases = Array.from({ length: 4000 }, () => {
        const specifiers = random() < 0.2 ? `${specifierCase(random)},${specifierCase(random)}` : specifierCase(random);
        return [specifiers, versionText(sampleVersions(random, 1)[0]!)] as const;
      });
      const code = `
from ${library.name}.specifiers import SpecifierSet
for text, version in cases:
    found = SpecifierSet(text)
    out.append([found.contains(version, prereleases=True), found.contains(version)])`;
      const answers = ask<[boolean, boolean]>(code, cases);
      let compared = 0;
      for (const [at, [text, versionGiven]] of cases.entries()) {
        const [set, version] = [parseSpecifiers(text), parseVersion(versionGiven)];
        if (set.specifiers.some((specifier) => knownDifference(specifier, version))) continue;
        compared += 1;
        expect([text, versionGiven, specifiersContain(set, version, { prereleases: true })]).toEqual([text, versionGiven, answers[at]![0]]);
        // packaging 24 does not yet count a pre-release after < or > as asking for pre-releases.
        if (set.specifiers.some(({ operator, parsed }) => (operator === "<" || operator === ">") && isPrerelease(parsed!))) continue;
        expect([text, versionGiven, specifiersContain(set, version)]).toEqual([text, versionGiven, answers[at]![1]]);
      }
      expect(compared).toBeGreaterThan(3500);
    });

    test("agrees on markers", () => {
      const random = seeded(3);
      const environments: MarkerEnvironment[] = ["2.7.18", "3.8.0", "3.8.0rc1", "3.10.4", "3.13.0"].map((full, at) => ({
        implementation_name: at % 2 === 0 ? "cpython" : "pypy",
        implementation_version: at % 2 === 0 ? full : "7.3.11",
        os_name: pick(random, ["posix", "nt"]),
        platform_machine: pick(random, ["x86_64", "arm64"]),
        platform_python_implementation: at % 2 === 0 ? "CPython" : "PyPy",
        platform_release: pick(random, ["5.10", "6.1"]),
        platform_system: pick(random, ["Linux", "Windows"]),
        platform_version: "10",
        python_full_version: full,
        python_version: parseVersion(full).release.slice(0, 2).join("."),
        sys_platform: pick(random, ["linux", "win32", "darwin"]),
      }));
      const comparison = (): string => {
        const operator = pick(random, ["==", "!=", "<", "<=", ">", ">="]);
        switch (Math.floor(random() * 6)) {
          case 0:
            return `python_version ${operator} '${pick(random, ["2.7", "3", "3.8", "3.10"])}'`;
          case 1:
            return `python_full_version ${operator} '${pick(random, ["3.8", "3.8.0rc1", "3.10.4", "3.13"])}'`;
          case 2:
            return `${pick(random, ["sys_platform", "os_name", "platform_machine"])} ${operator} '${pick(random, ["linux", "nt", "x86_64", "posix"])}'`;
          case 3:
            return pick(random, [
              "python_version in '2.7 3.10'",
              "python_version not in '3.8'",
              "'lin' in sys_platform",
              "sys_platform not in 'linux darwin'",
              "python_version == '3.*'",
              "python_version ~= '3.8'",
            ]);
          case 4:
            return `${pick(random, ["platform_release", "implementation_version", "platform_version"])} ${operator} '${pick(random, ["5.10", "7.3", "9.9"])}'`;
          default:
            return pick(random, [
              "extra == 'Test_A'",
              "extra != 'test-a'",
              "extra == 'b'",
              "platform.machine == 'arm64'",
              "python_implementation == 'PyPy'",
            ]);
        }
      };
      const texts = Array.from({ length: 1500 }, () => {
        return Array.from({ length: 1 + Math.floor(random() * 3) }, () =>
          random() < 0.3 ? `(${comparison()} or ${comparison()})` : comparison(),
        ).join(random() < 0.5 ? " and " : " or ");
      });
      const code = `
from ${library.name}.markers import Marker
for text in cases[0]:
    marker = Marker(text)
    out.append([marker.evaluate(dict(env, extra=extra)) for env in cases[1] for extra in ("", "test-a")])`;
      const answers = ask<boolean[]>(code, [texts, environments]);
      for (const [at, text] of texts.entries()) {
        const marker = parseMarker(text);
        const outcomes = environments.flatMap((environment) =>
          [new Set<string>(), new Set(["test-a"])].map((extras) => evaluateMarker(marker, environment, extras)),
        );
        expect([text, outcomes]).toEqual([text, answers[at]!]);
      }
    });

    test("reads our requirement texts back as the same requirement", () => {
      const random = seeded(4);
      const texts = Array.from({ length: 800 }, () => {
        const extras = pick(random, ["", "[a]", "[b, A_c]", " [ ]"]);
        const source = pick(random, [
          "",
          ` ${specifierCase(random)}`,
          `(${specifierCase(random)}, ${specifierCase(random)})`,
          " @ https://host/a.whl#sha256=0 ",
        ]);
        return `Some.Name${extras}${source}${pick(random, ["", "; os_name == 'a'", " ;(python_version<'3' or extra=='x-y')and os_name=='b'"])}`;
      });
      const code = `
from ${library.name}.requirements import Requirement
for given, ours in cases:
    a, b = Requirement(given), Requirement(ours)
    out.append([a.name == b.name, sorted(e.lower().replace("_", "-") for e in a.extras) == sorted(b.extras), a.specifier == b.specifier, a.url == b.url, str(a.marker) == str(b.marker)])`;
      const answers = ask<boolean[]>(
        code,
        texts.map((text) => [text, requirementText(parseRequirement(text))]),
      );
      for (const [at, text] of texts.entries()) expect([text, answers[at]!]).toEqual([text, [true, true, true, true, true]]);
    });
  });
