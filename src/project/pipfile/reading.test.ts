import { describe, expect, test } from "bun:test";
import { isPenError, type PenError } from "#foundation";
import { markerText, specifiersText } from "#standards";
import { expandVariables, parsePipfile, pipfileHashes, pipfileRequirement } from "../index.ts";
import type { PipfileEntry } from "../index.ts";

const read = (text: string) => parsePipfile(text, "/p/Pipfile");

function entry(line: string): PipfileEntry {
  const [found] = read(`[packages]\n${line}\n`).categories.get("packages") ?? [];
  return found!;
}

/** The error of a Pipfile. */
function fault(text: string): PenError {
  try {
    read(text);
  } catch (error) {
    if (isPenError(error)) return error;
    throw error;
  }
  throw new Error("no error");
}

describe("a Pipfile's entries", () => {
  const specifiers = (line: string): string => specifiersText(entry(line).specifiers);
  const marker = (line: string): string | undefined => {
    const found = entry(line).marker;
    return found === undefined ? undefined : markerText(found);
  };

  test("versions", () => {
    expect(specifiers('a = "*"')).toBe("");
    expect(specifiers('a = ""')).toBe("");
    expect(specifiers('a = "==*"')).toBe("");
    expect(specifiers('a = "2.23.0"')).toBe("==2.23.0");
    expect(specifiers('a = ">=1, <2"')).toBe(">=1,<2");
    expect(specifiers('a = "(>=1,<2)"')).toBe(">=1,<2");
    expect(specifiers('a = "~=1.4"')).toBe("~=1.4");
    expect(specifiers('a = {version = "2.0"}')).toBe("==2.0");
    expect(specifiers("a = {extras = ['x']}")).toBe("");
    expect(marker(`a = "==1; sys_platform == 'win32'"`)).toBe(`sys_platform == 'win32'`);
  });

  test("markers are joined by and", () => {
    expect(marker(`a = {version = "*", sys_platform = "== 'win32'", markers = "python_version < '3.9' or os_name == 'nt'"}`)).toBe(
      `sys_platform == 'win32' and (python_version < '3.9' or os_name == 'nt')`,
    );
    expect(marker(`a = {version = "*", os_markers = "os_name == 'nt'"}`)).toBe(`os_name == 'nt'`);
    expect(marker('a = {version = "*"}')).toBeUndefined();
  });

  test("places", () => {
    expect(entry('a = {git = "https://h/x.git", ref = "main", subdirectory = "s", editable = true}')).toMatchObject({
      origin: { kind: "vcs", vcs: "git", url: "https://h/x.git", ref: "main", subdirectory: "s" },
      editable: true,
      form: "table",
    });
    expect(entry('a = "git+https://user@h/x.git@v1#egg=a&subdirectory=s"')).toMatchObject({
      origin: { kind: "vcs", vcs: "git", url: "https://user@h/x.git", ref: "v1", subdirectory: "s" },
      form: "text",
    });
    expect(entry('a = {git = "git@h:o/x.git"}').origin).toEqual({
      kind: "vcs",
      vcs: "git",
      url: "git@h:o/x.git",
      ref: undefined,
      subdirectory: undefined,
    });
    expect(entry('a = {path = "./x"}').origin).toEqual({ kind: "path", path: "./x" });
    expect(entry('a = {file = "https://h/x.whl"}').origin).toEqual({ kind: "file", url: "https://h/x.whl" });
  });

  test("what the resolver takes", () => {
    const taken = (line: string, env?: Record<string, string>) => pipfileRequirement(entry(line), { path: "/p/Pipfile" }, env);
    expect(taken('Foo_Bar = {version = ">=1", extras = ["X"]}')).toMatchObject({
      source: { kind: "named", requirement: { name: "foo-bar", rawName: "Foo_Bar", extras: ["x"] } },
      editable: false,
      origin: { file: "Pipfile", line: 2 },
    });
    expect(taken('a = {path = ".", editable = true}').source).toEqual({ kind: "location", location: "/p", extras: [], marker: undefined });
    expect(taken('a = {path = "../b"}').source).toMatchObject({ location: "/b" });
    expect(taken('a = {file = "https://h/${V}.whl"}', { V: "x" }).source).toMatchObject({ location: "https://h/x.whl" });
    expect(taken('a = {git = "https://h/x", ref = "r", subdirectory = "s"}').source).toMatchObject({
      requirement: { url: "git+https://h/x@r#subdirectory=s" },
    });
  });
});

describe("the whole file", () => {
  test("sources, categories, requirements of Python", () => {
    const found = read(
      `[[source]]\nname = "a"\nurl = "https://\${U}@h/simple"\n\n[requires]\npython_version = "3.11"\n\n[docs]\nsphinx = "*"\n\n[packages]\nb = "*"\n`,
    );
    expect(found.sources).toEqual([{ name: "a", url: "https://${U}@h/simple", verifySsl: true }]);
    expect([...found.categories.keys()]).toEqual(["packages", "dev-packages", "docs"]);
    expect(specifiersText(found.requires.specifiers)).toBe("==3.11.*");
    expect(found.requires.raw).toEqual({ python_version: "3.11" });
    expect(pipfileHashes(found).current).toMatch(/^[0-9a-f]{64}$/);
  });

  test("without packages, for what only runs", () => {
    const text = '[packages]\n"no name" = 1\n[scripts]\nx = "y"\n[pipenv]\nvenv_in_project = true\n';
    const found = parsePipfile(text, "/p/Pipfile", { entries: false });
    expect([...found.categories]).toEqual([]);
    expect(found.scripts.get("x")).toEqual({ kind: "shell", text: "y" });
    expect(found.settings.venvInProject).toBe(true);
    expect(() => read(text)).toThrow("which is no name of a package");
  });

  test("errors show the place", () => {
    const error = fault('[packages]\nflask = "*"\nrequests = {version = "*", commit = "x"}\n');
    expect(error.code).toBe("INVALID_PROJECT");
    expect(error.message).toBe("/p/Pipfile has an unknown key 'commit' for 'requests' (line 3, column 28)");
    expect(error.why).toBe(`  requests = {version = "*", commit = "x"}\n  ${" ".repeat(27)}^`);
    expect(error.hint).toBe("Pipfiles call it ref.");
    expect(fault("[packages]\nflask = \n").data).toMatchObject({ line: 2 });
    expect(fault('[packages]\nFoo_Bar = "*"\nfoo-bar = "*"\n').data).toEqual({ path: "/p/Pipfile", line: 3, column: 1 });
  });
});

test("variables of a source", () => {
  const env = { USER: "me", PASSWORD: "p@ss:/%", TOKEN: "user:secret", HOST: "h" };
  expect(expandVariables("https://$USER:${PASSWORD}@${HOST}/$USER", env)).toBe("https://me:p%40ss%3A%2F%25@h/me");
  expect(expandVariables("https://${TOKEN}@h/", env)).toBe("https://user:secret@h/");
  expect(() => expandVariables("https://${MISSING}@h/", env)).toThrow("The variable MISSING is not set");
});
