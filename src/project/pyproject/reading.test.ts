import { describe, expect, test } from "bun:test";
import { isPenError, type PenError } from "#foundation";
import { requirementText, specifiersText } from "#standards";
import { parsePyproject, type Pyproject } from "../index.ts";
import { readConstraint } from "./constraints.ts";

const read = (text: string): Pyproject => parsePyproject(text, "pyproject.toml");

/** Every group on a line: where it is from, its name, and its requirements with what PEP 508 cannot say. */
function shown({ groups }: Pyproject): string[] {
  return groups.map(({ place, from, requirements, optional }) => {
    const items = requirements.map(({ requirement, origin, editable, index, prereleases }) => {
      const { kind, ...where } = origin;
      const more = [
        kind === "index" ? undefined : `${kind} ${Object.values(where).filter(Boolean).join(" ")}`,
        editable ? "editable" : undefined,
        index === undefined ? undefined : `from ${index}`,
        prereleases ? "prereleases" : undefined,
      ].filter(Boolean);
      return `${requirementText(requirement)}${more.length === 0 ? "" : ` (${more.join(", ")})`}`;
    });
    return `${from} ${place.kind === "main" ? "main" : `${place.kind} ${place.name}`}${optional ? "?" : ""}: ${items.join(" | ")}`;
  });
}

function fault(text: string): PenError {
  try {
    read(text);
  } catch (error) {
    if (isPenError(error, "INVALID_PROJECT")) return error;
    throw error;
  }
  throw new Error("no error");
}

describe("the standards' tables", () => {
  test("dependencies, extras, and groups with those that they include", () => {
    const found = read(`
[project]
name = "Demo"
version = "1.0"
requires-python = ">=3.9"
dynamic = ["readme"]
dependencies = [
  "requests[socks]>=2,<3; python_version >= '3.9'", # why
  "x @ https://h.example/x.zip",
  "y @ git+https://h.example/y.git@v1#subdirectory=s",
]
[project.optional-dependencies]
Dev = ["pytest"]
[dependency-groups]
base = ["a"]
all = ["b", {include-group = "Base"}, "c"]
`);
    expect(found).toMatchObject({ name: "Demo", version: "1.0", dynamic: ["readme"], warnings: [], indexes: [] });
    expect(specifiersText(found.requiresPython!)).toBe(">=3.9");
    expect(shown(found)).toEqual([
      "standard main: requests[socks]>=2,<3; python_version >= '3.9' | x (file https://h.example/x.zip) | y (vcs git https://h.example/y.git v1 s)",
      "standard extra Dev: pytest",
      "standard group base: a",
      "standard group all: b | a | c",
    ]);
  });

  test("an empty file", () => {
    expect(shown(read(""))).toEqual(["standard main: "]);
    expect(read("").requiresPython).toBeUndefined();
  });
});

test("uv's sources, indexes and old development dependencies", () => {
  const found = read(`
[project]
dependencies = ["a>=1", "b[x]", "c", "d", "e", "f", "g"]
[tool.uv]
dev-dependencies = ["pytest", "A"]
constraint-dependencies = ["z<1"]
[tool.uv.sources]
A = { git = "https://h.example/a", tag = "v1", subdirectory = "s" }
b = { path = "../b", editable = true }
c = { url = "https://h.example/c.whl" }
d = { index = "private" }
e = { workspace = true }
f = [{ index = "private", marker = "sys_platform == 'linux'" }, { index = "other" }]
[[tool.uv.index]]
name = "private"
url = "https://p.example/simple"
explicit = true
[[tool.uv.index]]
url = "https://d.example/simple"
default = true
`);
  expect(shown(found)).toEqual([
    "standard main: a (vcs git https://h.example/a v1 s) | b[x] (path ../b, editable) | c (file https://h.example/c.whl) | d (from private) | e | f; sys_platform == 'linux' (from private) | g",
    "uv group dev: pytest | A (vcs git https://h.example/a v1 s)",
  ]);
  expect(found.indexes).toEqual([
    { name: "private", url: "https://p.example/simple", isDefault: false, isExplicit: true },
    { name: "index-2", url: "https://d.example/simple", isDefault: true, isExplicit: false },
  ]);
  expect(found.warnings.map(({ line }) => line)).toEqual([6, 12, 13]);
});

describe("poetry", () => {
  test("its own tables alone", () => {
    const found = read(`
[tool.poetry]
name = "demo"
version = "0.1.0"
description = "A demo"
[tool.poetry.dependencies]
python = "^3.9"
requests = "^2.28.1"
Django = { version = "~4.2", extras = ["argon2"], python = ">=3.10" }
local = { path = "../local", develop = true }
repo = { git = "https://h.example/r.git", branch = "main" }
archive = { url = "https://h.example/a.tar.gz" }
private = { version = "*", source = "corp", allow-prereleases = true }
pg = { version = ">=2,<3", optional = true }
win = { version = "1.0", platform = "win32", markers = "python_version < '3.12'" }
two = [{ version = "^1", python = "<3.10" }, { version = "^2", python = ">=3.10.1" }]
[tool.poetry.extras]
db = ["PG"]
[tool.poetry.dev-dependencies]
black = "*"
[tool.poetry.group.docs]
optional = true
[tool.poetry.group.docs.dependencies]
sphinx = "7.*"
[[tool.poetry.source]]
name = "corp"
url = "https://c.example/simple"
priority = "explicit"
[[tool.poetry.source]]
name = "PyPI"
priority = "primary"
`);
    expect(found).toMatchObject({ name: "demo", version: "0.1.0", description: "A demo", warnings: [] });
    expect(specifiersText(found.requiresPython!)).toBe(">=3.9,<4.0");
    expect(shown(found)).toEqual([
      [
        "poetry main: requests>=2.28.1,<3.0.0",
        "Django[argon2]>=4.2,<4.3; python_version >= '3.10'",
        "local (path ../local, editable)",
        "repo (vcs git https://h.example/r.git main)",
        "archive (file https://h.example/a.tar.gz)",
        "private (from corp, prereleases)",
        "win==1.0; sys_platform == 'win32' and python_version < '3.12'",
        "two>=1,<2; python_version < '3.10'",
        "two>=2,<3; python_full_version >= '3.10.1'",
      ].join(" | "),
      "poetry extra db: pg>=2,<3",
      "poetry group dev: black",
      "poetry group docs?: sphinx==7.*",
    ]);
    expect(found.indexes).toEqual([{ name: "corp", url: "https://c.example/simple", isDefault: false, isExplicit: true }]);
  });

  test("beside [project] it only says where packages come from", () => {
    const found = read(`
[project]
requires-python = ">=3.11"
dependencies = ["a>=1", "b"]
[tool.poetry.dependencies]
python = "^3.9"
a = { source = "corp" }
b = { git = "https://h.example/b" }
[tool.poetry.group.dev.dependencies]
c = "*"
`);
    expect(shown(found)).toEqual(["standard main: a>=1 (from corp) | b (vcs git https://h.example/b)", "poetry group dev: c"]);
    expect(specifiersText(found.requiresPython!)).toBe(">=3.11");
  });

  const constraints: ReadonlyArray<readonly [text: string, pep440: string | undefined]> = [
    ["^1.2.3", ">=1.2.3,<2.0.0"],
    ["^1.2", ">=1.2,<2.0"],
    ["^1", ">=1,<2"],
    ["^0.2.3", ">=0.2.3,<0.3.0"],
    ["^0.0.3", ">=0.0.3,<0.0.4"],
    ["^0.0", ">=0.0,<0.1"],
    ["^0", ">=0,<1"],
    ["^1.2.3rc1", ">=1.2.3rc1,<2.0.0"],
    ["~1.2.3", ">=1.2.3,<1.3.0"],
    ["~1.2", ">=1.2,<1.3"],
    ["~1", ">=1,<2"],
    ["~=1.2", "~=1.2"],
    ["*", ""],
    ["1.*", "==1.*"],
    ["1.2.x", "==1.2.*"],
    ["1.2", "==1.2"],
    ["v1.2", "==1.2"],
    ["==1.2", "==1.2"],
    [">= 1.2, < 2", ">=1.2,<2"],
    [">=1.2 <2", ">=1.2,<2"],
    ["!=1.5,^1.2", "!=1.5,>=1.2,<2.0"],
    ["^2.7 || ^3.6", ">=3.6,<4.0"],
    ["^", undefined],
    ["^x", undefined],
    ["latest", undefined],
    [">=", undefined],
  ];
  test("version constraints in PEP 440", () => {
    for (const [text, pep440] of constraints) {
      const found = readConstraint(text);
      expect(found === undefined ? undefined : specifiersText(found.specifiers), text).toBe(pep440);
      expect(found?.isCut ?? false, text).toBe(text.includes("||"));
    }
  });
});

describe("bad input is one error with its place", () => {
  const bad: ReadonlyArray<readonly [text: string, line: number, said: string]> = [
    ["[project\n", 1, "is not valid TOML"],
    ["project = 1\n", 1, "has a number where project must be a table"],
    ['[project]\ndependencies = "x"\n', 2, "has a project.dependencies that is no list of texts"],
    ["[project]\nname = 1\n", 2, "has a number as project.name"],
    ['[project]\ndependencies = ["a b"]\n', 2, "has a requirement in project.dependencies"],
    ['[project]\nrequires-python = "three"\n', 2, "has a requires-python that cannot be understood"],
    ['[project.optional-dependencies]\nx = ["=="]\n', 2, "has a requirement in project.optional-dependencies.x"],
    ["[dependency-groups]\na = 1\n", 2, "has a number as the group a"],
    ["[dependency-groups]\na = []\nA = []\n", 3, "has two groups called a"],
    ['[dependency-groups]\n"a b" = []\n', 2, "has a group called a b"],
    ['[dependency-groups]\na = [{include-group = "b"}]\nb = [{include-group = "a"}]\n', 3, "that includes itself: a → b → a"],
    ['[dependency-groups]\na = [{include-group = "b"}]\n', 2, "includes a group b that it does not have"],
    ["[dependency-groups]\na = [{x = 1}]\n", 2, "neither a requirement nor"],
    ['[tool.poetry.dependencies]\na = "latest"\n', 2, "has a version constraint that cannot be understood: 'latest'"],
    ["[tool.poetry.dependencies]\na = 1\n", 2, "has a number for 'a'"],
    ['[tool.poetry.dependencies]\na = {version = "*", markers = "x"}\n', 2, "has a marker that cannot be understood"],
    ["[tool.uv]\nsources = 1\n", 2, "has a number where tool.uv.sources must be a table"],
    ["[[tool.uv.index]]\nname = 'x'\n", 1, "has an index of uv without a url"],
  ];
  for (const [text, line, said] of bad)
    test(said, () => {
      const error = fault(text);
      expect(error.message).toContain(said);
      expect(error.data["line"]).toBe(line);
      expect(error.why?.split("\n").at(-1)).toMatch(/^ +\^$/);
    });
});
