/**
 * Every parser of text that comes from outside answers 64 KiB of hostile text in under 100 ms, with a value or a PenError: files of projects and locks, of
 * pip, virtualenv and environments, answers of indexes and programs, and words of the command line. The guard at the end finds parsers that are missing here.
 */
import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { findMissing } from "../src/builds/missing.ts";
import { parseGitUrl } from "../src/builds/git-url.ts";
import { readIni } from "../src/cli/pip-configuration/ini.ts";
import { extraPipArguments } from "../src/cli/pipenv/extra-pip-arguments.ts";
import { parseIni } from "../src/cli/virtualenv/ini.ts";
import { isPenError, readHost } from "../src/foundation/index.ts";
import { proxyUrl } from "../src/foundation/proxies.ts";
import { decodeEntities, scanHtml } from "../src/index/html.ts";
import { parseExcludeNewer } from "../src/index/exclude-newer.ts";
import { parseNetrc } from "../src/index/netrc.ts";
import { parsePage } from "../src/index/page.ts";
import { parseRetryAfter } from "../src/index/retry.ts";
import { decodeOnce, locationUrl, splitCredentials } from "../src/index/urls.ts";
import {
  hasMergeMarks,
  parseConflictingLocks,
  parsePipfileLock,
  parsePylock,
  preferencesFromRequirements,
  requiresPythonText,
} from "../src/lock/index.ts";
import { jsonFault } from "../src/lock/json-fault.ts";
import { iniValues, requireInIni } from "../src/operations/guard/ini.ts";
import { parsePlace } from "../src/operations/building/direct-places.ts";
import {
  editPipfile,
  editPyproject,
  expandVariables,
  lockedVersions,
  migratePyproject,
  migrateRequirements,
  parseDotenv,
  parsePipfile,
  parsePyproject,
  parseRequirementArgument,
  parseRequirementsText,
  pyprojectKind,
  shellWords,
} from "../src/project/index.ts";
import { readConstraint } from "../src/project/pyproject/constraints.ts";
import { logicalLines } from "../src/project/requirements-file/lines.ts";
import { readToml } from "../src/project/toml/reading.ts";
import { parseRedirect } from "../src/python/redirect.ts";
import { parseRegistryText } from "../src/python/registry.ts";
import { parseMuslVersion } from "../src/python/platform-target.ts";
import { isRequestWord, parseRequest, parseWord } from "../src/python/request.ts";
import { parseVirtualenvSpec } from "../src/python/virtualenv-spec.ts";
import * as standards from "../src/standards/index.ts";
import { splitMetadata } from "../src/standards/metadata-headers.ts";
import { parseManifest, unseal } from "../src/store/manifest.ts";
import { editedConfig } from "../src/venv/config-editing.ts";
import { inheritedFolder } from "../src/venv/inheritance.ts";
import { parsePyvenvConfig } from "../src/venv/pyvenv-config.ts";
import { processorTime } from "./support/processor-time.ts";

const size = 65_536;
const host = readHost({ env: {}, cwd: "/nowhere", home: "/nowhere" });
const here = { file: "requirements.txt", folder: "/nowhere", variables: {} };
const page = (contentType: string) => (text: string) =>
  parsePage(text, { url: "https://index.test/simple/a/", contentType, emit: () => {} });
const bytes = (text: string): Uint8Array => Buffer.from(text, "utf8");
const lock = '{"_meta": {"hash": {"sha256": "00"}, "pipfile-spec": 6, "requires": {}, "sources": []}, "default": ';

/** Texts are a prefix, one of the seeds until 64 KiB are full, and the suffix. */
type Parser = readonly [name: string, parse: (text: string) => unknown, prefixes?: readonly string[], suffix?: string];

const parsers: readonly Parser[] = [
  // standards
  ["parseVersion", standards.parseVersion, ["1."]],
  ["tryParseVersion", standards.tryParseVersion, ["1+"]],
  ["parseSpecifiers", standards.parseSpecifiers, [">=1,"]],
  ["parseMarker", standards.parseMarker, ["os_name == 'a' or ", "("]],
  ["parseRequirement", standards.parseRequirement, ["a[", "a @ ", "a; "]],
  ["parseTagSet", standards.parseTagSet, ["py3-none-"]],
  ["parseTargetPlatform", standards.parseTargetPlatform, ["manylinux_2_17_"]],
  ["parseWheelFilename", standards.parseWheelFilename, ["foo-1.0-py3-none-"], ".whl"],
  ["tryParseWheelFilename", standards.tryParseWheelFilename, ["foo-"], ".whl"],
  ["parseSdistFilename", (text) => standards.parseSdistFilename(text), ["foo-"], ".tar.gz"],
  ["tryParseSdistFilename", (text) => standards.tryParseSdistFilename(text), ["foo-"], ".zip"],
  ["briefMetadata", standards.briefMetadata, ["Metadata-Version: 2.1\nName: a\nVersion: 1\nRequires-Dist: "]],
  ["parseMetadata", standards.parseMetadata, ["Metadata-Version: 2.1\nName: a\nVersion: 1\n"]],
  ["splitMetadata", splitMetadata, ["a: b\n"]],
  ["scanIni", (text) => standards.scanIni(text, standards.pipName), ["[a]\n"]],
  ["parseRecord", standards.parseRecord, ['"', "a,"]],
  ["parseEntryPoints", standards.parseEntryPoints, ["[console_scripts]\n"]],
  ["parseDirectUrl", standards.parseDirectUrl, ['{"url": "']],
  ["parseHash", standards.parseHash, ["sha256:"]],
  ["normalizeName", standards.normalizeName],
  ["tryNormalizeName", standards.tryNormalizeName],
  ["isOwnLauncher", standards.isOwnLauncher, ["#!/bin/sh\n"]],
  // project
  ["parsePipfile", (text) => parsePipfile(text, "Pipfile"), ["[packages]\n", '[packages]\na = "']],
  ["editPipfile", (text) => editPipfile(text, [{ kind: "put", category: "packages", name: "new", value: "*" }]), ["[packages]\n"]],
  ["expandVariables", (text) => expandVariables(text, {}), ["${"]],
  ["parsePyproject", (text) => parsePyproject(text, "pyproject.toml"), ["[project]\ndependencies = [", '[project]\ndependencies = ["a']],
  ["editPyproject", (text) => editPyproject(text, [{ kind: "put", place: { kind: "main" }, requirement: "new" }]), ["[project]\n"]],
  ["pyprojectKind", (text) => pyprojectKind(text, "pyproject.toml"), ["[tool.poetry]\n"]],
  ["migratePyproject", (text) => migratePyproject(text, "pyproject.toml"), ["[tool.poetry.dependencies]\n"]],
  ["lockedVersions", (text) => lockedVersions(text, "poetry.lock"), ["[[package]]\n"]],
  ["migrateRequirements", migrate, ["a\n"]],
  ["readConstraint", readConstraint, ["^1", ">=1 "]],
  ["readToml", (text) => readToml({ path: "a.toml", text }), ["a = ", "[a."]],
  ["parseDotenv", (text) => parseDotenv(text), ["A=", 'A="']],
  ["parseRequirementsText", (text) => parseRequirementsText(text, here), ["a \\\n", "--hash=", "-r ", "a --config-settings=", "# "]],
  ["parseRequirementArgument", (text) => parseRequirementArgument(text, "/nowhere"), ["git+https://h/", "file:", "./"]],
  ["logicalLines", (text) => logicalLines(text, {}), ["\\\n", "${A"]],
  ["shellWords", shellWords, ["'"]],
  // lock
  ["parsePylock", (text) => parsePylock(text), ['lock-version = "1.0"\n', "[[packages]]\n"]],
  ["parsePipfileLock", (text) => parsePipfileLock(text, "Pipfile.lock"), [lock, `${lock}{"a": `]],
  ["parseConflictingLocks", (text) => parseConflictingLocks(text, "Pipfile.lock"), ["<<<<<<< a\n", "<<<<<<< a\n{}\n=======\n"]],
  ["hasMergeMarks", hasMergeMarks, ["<<<<<<< "]],
  ["jsonFault", jsonFault, ['{"a": ', "["]],
  ["preferencesFromRequirements", preferencesFromRequirements, ["a==1 \\\n"]],
  ["requiresPythonText", requiresPythonText, [">="]],
  // python and its environments
  ["parseRequest", (text) => parseRequest(text, host), ["3.", ">=3,", "cpython@"]],
  ["parseWord", parseWord, ["3.", "pypy"]],
  ["isRequestWord", isRequestWord, ["3"]],
  ["parseVirtualenvSpec", parseVirtualenvSpec, ["python3.", ">="]],
  ["parseRegistryText", parseRegistryText, ["HKEY_LOCAL_MACHINE\\SOFTWARE\\Python\\PythonCore\n    DisplayName    REG_SZ    "]],
  ["parseMuslVersion", parseMuslVersion, ["musl libc (x86_64)\nVersion "]],
  ["parseRedirect", (text) => parseRedirect(bytes(text)), ["../"]],
  ["parsePyvenvConfig", parsePyvenvConfig, ["home = "]],
  ["editedConfig", (text) => editedConfig(text, "prompt", ["x"]), ["prompt = "]],
  ["inheritedFolder", inheritedFolder, ["import "]],
  // index
  ["parsePage", page("application/vnd.pypi.simple.v1+json"), ['{"meta": {"api-version": "1.0"}, "name": "a", "files": [']],
  ["parsePage", page("text/html"), ["<a href=", '<a href="a-1.0-py3-none-any.whl#']],
  ["scanHtml", scanHtml, ["<!--", "<a ", "<script>"]],
  ["decodeEntities", decodeEntities, ["&#"]],
  ["parseNetrc", parseNetrc, ["machine "]],
  ["parseRetryAfter", (text) => parseRetryAfter(text, 0)],
  ["parseExcludeNewer", (text) => parseExcludeNewer(text, 0), ["2024-", "P"]],
  ["splitCredentials", splitCredentials, ["https://"]],
  ["decodeOnce", decodeOnce, ["%2"]],
  ["locationUrl", (text) => locationUrl(text, "/nowhere"), ["https://", "file:"]],
  ["proxyUrl", proxyUrl, ["http://"]],
  // configuration of other tools
  ["readIni", readIni, ["[global]\n"]],
  ["parseIni", parseIni, ["[virtualenv]\n"]],
  ["iniValues", (text) => iniValues(text, "require-virtualenv"), ["[global]\n"]],
  ["requireInIni", (text) => requireInIni(text, true), ["[global]\n"]],
  ["extraPipArguments", extraPipArguments, ["--"]],
  // store and builds
  ["parseManifest", (text) => parseManifest(bytes(text), "0".repeat(64)), ['{"checksum":"']],
  ["unseal", unseal, ['{"checksum":"00000000",']],
  ["parseGitUrl", parseGitUrl, ["git+https://h/a@"]],
  ["parsePlace", parsePlace, ["https://h/", "file:///"]],
  ["findMissing", findMissing, ["error: ", "fatal error: "]],
];

const plain = [
  "a",
  "1",
  "0.",
  "a.",
  "a-",
  "1.post",
  "-",
  "_",
  "%",
  "\\",
  "@",
  "/",
  "é",
  "\ud800",
  "\0",
  "\u001b",
  "&#x",
  "${",
  "$(",
  "^1 || ",
  "--a ",
];
const lines = [
  " ",
  "\t",
  "\n",
  "\r",
  "\n    \n",
  " a\n",
  "[a]\n",
  "[[a]]\n",
  "a=b:c\n",
  "a = 1\n",
  "x: y\n",
  "x:\n y\n",
  "#\n",
  " #",
  "; ",
  "\\\n",
];
const brackets = ["(", "[", "{", "<", "<a ", "<!--", '{"a":', '[{"a":[', "{a = ", "a.b = [", "os_name == 'a' or ", "not in "];
const quotes = ['"', '""', "'", "'''", '"""', '\\"', ",", "a,", "=", "==", "~=", ":", "<<<<<<< a\n", "=======\n"];
const seeds = [...plain, ...lines, ...brackets, ...quotes];

for (const [name, parse, prefixes = [], suffix = ""] of parsers)
  test(`${name}: 64 KiB of hostile text`, () => {
    for (const prefix of ["", ...prefixes])
      for (const seed of seeds) {
        const text = prefix + seed.repeat(Math.ceil(size / seed.length)).slice(0, size) + suffix;
        expect({ prefix, seed, slow: slowness(() => parse(text)) }).toEqual({ prefix, seed, slow: false });
      }
  });

/** The time it took where that is too long, twice in a row: the first call may be the one that compiles. Anything thrown but a PenError is thrown on. */
function slowness(run: () => unknown): number | false {
  let elapsed = 0;
  for (const _ of [1, 2]) {
    const start = processorTime();
    const fault = attempt(run);
    elapsed = processorTime() - start;
    if (fault !== undefined) {
      if (!isPenError(fault)) throw fault;
      // What the error says must not be the text itself.
      expect(`${fault.message}${fault.why ?? ""}${fault.hint ?? ""}`.length).toBeLessThan(3000);
    }
    if (elapsed < 100) return false;
  }
  return elapsed;
}

function attempt(run: () => unknown): unknown {
  try {
    run();
    return undefined;
  } catch (error) {
    return error;
  }
}

function migrate(text: string): unknown {
  const migration = { folder: "/nowhere", read: () => text, nameOf: () => undefined, isDefaultIndex: () => false };
  return migrateRequirements([{ path: "/nowhere/requirements.txt", category: "packages" }], migration);
}

/** Exported functions of `src` whose first parameter is text from outside, by the names that such parameters have. */
function parsersOfTheHouse(): string[] {
  const src = join(import.meta.dirname, "..", "src");
  return readdirSync(src, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
    .flatMap((file) => [
      ...readFileSync(join(src, file), "utf8").matchAll(
        /^export (?:async )?function (\w+)(?:<[^>]*>)?\(\s*(?:text|bytes|source|line|location): /gm,
      ),
    ])
    .map(([, name = ""]) => name)
    .filter((name) => name !== "parsed");
}

test("no parser is missing here", () => {
  const named = new Set(parsers.map(([name]) => name));
  const all = parsersOfTheHouse();
  expect(all.filter((name) => named.has(name)).length).toBeGreaterThan(50);
  expect(all.filter((name) => /^(?:tryP|p)arse|^scan|^split|^migrate|^read(?:Toml|Ini|Constraint)/.test(name) && !named.has(name))).toEqual(
    [],
  );
});
