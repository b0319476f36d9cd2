import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isPenError } from "#foundation";
import { writeProject } from "../../tests/support/sources.ts";
import { readBuildSystem } from "./project-file.ts";
import { readStaticMetadata } from "./static-metadata.ts";

let folder = "";
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "pen-project-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const legacy = { requires: ["setuptools>=40.8.0"], backend: "setuptools.build_meta:__legacy__", backendPath: [], legacy: true };

describe("the build system of a project (PEP 517, 518)", () => {
  const read = (files: Record<string, string>) => readBuildSystem(writeProject(folder, files), "demo");
  const ruleOf = (files: Record<string, string>): unknown => {
    try {
      read(files);
      return "accepted";
    } catch (error) {
      return isPenError(error, "INVALID_SOURCE") ? error.data["rule"] : error;
    }
  };
  const table = (text: string): Record<string, string> => ({ "pyproject.toml": `[build-system]\n${text}\n` });

  test("a setup.py without pyproject.toml, and a pyproject.toml without the table, mean setuptools", () => {
    expect(read({ "setup.py": "" })).toEqual(legacy);
    expect(read({ "pyproject.toml": "[tool.black]\nline-length = 100\n" })).toEqual(legacy);
  });

  test("a table without a backend means setuptools beside what it requires", () => {
    expect(read(table('requires = ["setuptools>=60", "cython"]'))).toEqual({ ...legacy, requires: ["setuptools>=60", "cython"] });
    expect(read(table('requires = ["wheel"]'))).toEqual({ ...legacy, requires: ["wheel", "setuptools>=40.8.0"] });
  });

  test("a backend of its own, and one in the project", () => {
    expect(read(table('requires = ["flit_core<4"]\nbuild-backend = "flit_core.buildapi"'))).toMatchObject({
      backend: "flit_core.buildapi",
      legacy: false,
    });
    mkdirSync(join(folder, "inside"));
    expect(read(table('requires = []\nbuild-backend = "own:build"\nbackend-path = ["inside", "."]')).backendPath).toEqual([
      join(folder, "inside"),
      folder,
    ]);
  });

  test.each([
    ["no project at all", {}, "no-project"],
    ["no TOML", { "pyproject.toml": "build-system = [" }, "project-file"],
    ["a table that is none", { "pyproject.toml": 'build-system = "x"' }, "project-file"],
    ["no requires", table('build-backend = "x"'), "project-file"],
    ["requires that is no list", table('requires = "x"'), "project-file"],
    ["a requirement that is none", table('requires = ["not a == requirement"]'), "project-file"],
    ["a backend that is code", table('requires = []\nbuild-backend = "os.system(1)"'), "project-file"],
    ["a backend-path that leads out", table('requires = []\nbuild-backend = "x"\nbackend-path = ["../x"]'), "backend-path"],
    ["an absolute backend-path", table('requires = []\nbuild-backend = "x"\nbackend-path = ["/tmp"]'), "backend-path"],
    ["a backend-path that is not there", table('requires = []\nbuild-backend = "x"\nbackend-path = ["gone"]'), "backend-path"],
  ])("%s is refused", (_what, files, rule) => expect(ruleOf(files)).toBe(rule));

  test("a backend-path that leads out by a link is refused", () => {
    symlinkSync(tmpdir(), join(folder, "link"));
    expect(ruleOf(table('requires = []\nbuild-backend = "x"\nbackend-path = ["link"]'))).toBe("backend-path");
  });
});

describe("metadata that is read without running anything", () => {
  const read = (files: Record<string, string>) => readStaticMetadata(writeProject(folder, files), "demo");
  const info = (version: string, more = ""): Record<string, string> => ({
    "PKG-INFO": `Metadata-Version: ${version}\nName: Demo\nVersion: 1.0\nRequires-Python: >=3.8\nRequires-Dist: a>=1\n${more}\n`,
  });

  test("PKG-INFO from metadata 2.2 on", () => {
    expect(read(info("2.2"))).toMatchObject({ name: "demo", versionText: "1.0", requiresDist: ["a>=1"], requiresPython: ">=3.8" });
    expect(read(info("2.4", "Dynamic: License\nProvides-Extra: x"))).toMatchObject({ providesExtra: ["x"] });
  });

  test.each([
    ["an older PKG-INFO", info("2.1")],
    ["dynamic dependencies", info("2.2", "Dynamic: Requires-Dist")],
    ["a dynamic version, in small letters", info("2.3", "Dynamic: version")],
    ["a PKG-INFO that is none", { "PKG-INFO": "hello" }],
    ["no file that says anything", { "setup.py": "" }],
  ])("%s is no answer", (_what, files) => expect(read(files)).toBeUndefined());

  const project = (text: string): Record<string, string> => ({ "pyproject.toml": `[project]\n${text}\n` });
  test("[project] of pyproject.toml (PEP 621), with extras", () => {
    const found = read(
      project(
        'name = "Demo_X"\nversion = "2.0"\nrequires-python = ">=3.9"\ndependencies = ["b[x] ; python_version > \'3\'"]\n[project.optional-dependencies]\n"All_It" = ["c", "d ; os_name == \'nt\' or os_name == \'posix\'"]',
      ),
    );
    expect(found).toMatchObject({ name: "demo-x", versionText: "2.0", requiresPython: ">=3.9", providesExtra: ["all-it"] });
    expect(found?.requiresDist).toEqual([
      "b[x]; python_version > '3'",
      "c; extra == 'all-it'",
      "d; (os_name == 'nt' or os_name == 'posix') and extra == 'all-it'",
    ]);
  });

  test.each([
    ["a dynamic version", project('name = "a"\ndynamic = ["version"]')],
    ["dynamic dependencies", project('name = "a"\nversion = "1"\ndynamic = ["dependencies"]')],
    ["no version", project('name = "a"')],
    ["a requirement that pen does not understand", project('name = "a"\nversion = "1"\ndependencies = ["not a == requirement"]')],
    ["wrong types", project('name = "a"\nversion = "1"\ndependencies = "b"')],
  ])("%s: the backend must be asked", (_what, files) => expect(read(files)).toBeUndefined());

  test("PKG-INFO weighs more: it says what the backend made of the project", () => {
    expect(read({ ...info("2.2"), ...project('name = "demo"\nversion = "9"') })?.versionText).toBe("1.0");
  });
});
