/** Project files and .env files that nobody wrote in good faith. */
import { describe, expect, test } from "bun:test";
import { isPenError, type PenError } from "#foundation";
import {
  applyDotenv,
  editPipfile,
  editPyproject,
  expandVariables,
  parseDotenv,
  parsePipfile,
  parsePyproject,
  pipfileHashes,
  pipfileRequirement,
  scriptCommands,
} from "./index.ts";

function fault(text: string): PenError {
  try {
    parsePipfile(text, "Pipfile");
  } catch (error) {
    if (isPenError(error, "INVALID_PROJECT")) return error;
    throw error;
  }
  throw new Error("no error");
}

/** Each with the place and a piece of what is said. */
const bad: ReadonlyArray<readonly [title: string, text: string, line: number, column: number, said: string]> = [
  ["no TOML", "[packages]\nflask\n", 2, 6, "is not valid TOML"],
  ["a quote that is not closed", '[packages]\nflask = "*\n', 2, 11, "is not valid TOML"],
  ["a key twice", '[packages]\na = "*"\na = "1"\n', 3, 1, "is not valid TOML"],
  ["a table twice", '[packages]\na = "*"\n[packages]\n', 3, 2, "is not valid TOML"],
  ["a control character", '[packages]\na = "\u0007"\n', 2, 6, "is not valid TOML"],
  [
    "one package in two spellings",
    '[packages]\nFoo_Bar = "*"\n"foo.bar" = "*"\n',
    3,
    1,
    "names one package twice: 'Foo_Bar' and 'foo.bar'",
  ],
  ["an unknown key", '[packages]\na = {version = "*", commit = "x"}\n', 2, 21, "has an unknown key 'commit' for 'a'"],
  ["an unknown key of a table of its own", '[packages.a]\nversion = "*"\nfoo = 1\n', 3, 1, "has an unknown key 'foo' for 'a'"],
  ["a name with a dot", '[packages]\nzope.interface = "*"\n', 2, 1, "has an unknown key 'interface' for 'zope'"],
  ["a name that is none", '[packages]\n"a b" = "*"\n', 2, 1, "has an entry 'a b', which is no name of a package"],
  ["extras in the name", '[packages]\n"a[x]" = "*"\n', 2, 1, "has an entry 'a[x]'"],
  ["the name of every object's prototype", '[packages]\n__proto__ = "*"\n', 2, 1, "has an entry '__proto__'"],
  ["a specifier", '[packages]\na = "=>1"\n', 2, 1, "has a version for 'a' that cannot be understood"],
  ["a specifier in a table", '[packages]\na = {version = "1 2"}\n', 2, 6, "has a version for 'a'"],
  ["a marker", "[packages]\na = {markers = \"sys_platform = 'x'\"}\n", 2, 6, "has a marker for 'a'"],
  ["a marker's variable", '[packages]\na = {version = "*", sys_platform = "win32"}\n', 2, 21, "has a marker for 'a'"],
  ["a number for a version", "[packages]\na = 1.0\n", 2, 1, "has a number for 'a'"],
  ["a list for a version", '[packages]\na = ["1"]\n', 2, 1, "has a list for 'a'"],
  ["a flag that is none", '[packages]\na = {version = "*", editable = "yes"}\n', 2, 21, "has a text as editable of 'a'"],
  ["extras that are no list", '[packages]\na = {extras = "x"}\n', 2, 6, "has a extras of 'a' that is no list of texts"],
  ["an extra that is none", '[packages]\na = {extras = ["x y"]}\n', 2, 6, "has an extra 'x y' for 'a'"],
  ["a hash that is none", '[packages]\na = {hashes = ["12"]}\n', 2, 6, "has a hash for 'a' that is none"],
  ["two places", '[packages]\na = {path = ".", git = "https://h/x"}\n', 2, 6, "has both git and path for 'a'"],
  ["a revision of nothing", '[packages]\na = {version = "*", ref = "x"}\n', 2, 21, "has a ref for 'a'"],
  ["another name inside", '[packages]\na = {version = "*", name = "b"}\n', 2, 21, "calls 'a' 'b' as well"],
  ["packages that are no table", "packages = 1\n", 1, 1, "has a number called 'packages'"],
  ["packages in two brackets", '[[packages]]\na = "*"\n', 1, 1, "has a list called 'packages'"],
  ["the lock's name of a category", '[default]\na = "*"\n', 1, 1, "has a table called default"],
  ["a package outside of all", 'flask = "*"\n', 1, 1, "has a text called 'flask' outside"],
  ["a source with one bracket", '[source]\nname = "a"\n', 1, 1, "has a table called source"],
  ["a source without a URL", '[[source]]\nname = "a"\n', 1, 1, "has a source without url"],
  ["a source without a name", '[[source]]\nurl = "https://h/"\n', 1, 1, "has a source without name"],
  [
    "a second source without a name",
    '[[source]]\nname = "a"\nurl = "https://h/"\n[[source]]\nurl = "https://i/"\n',
    4,
    1,
    "has a source without name",
  ],
  [
    "two sources of one name",
    '[[source]]\nname = "a"\nurl = "https://h/"\n[[source]]\nname = "a"\nurl = "https://i/"\n',
    5,
    1,
    "names two sources 'a'",
  ],
  ["verify_ssl in quotes", '[[source]]\nname = "a"\nurl = "https://h/"\nverify_ssl = "true"\n', 4, 1, "has a verify_ssl"],
  ["a Python that is a number", "[requires]\npython_version = 3.11\n", 2, 1, "has a python_version that is no text"],
  ["a Python that cannot be", '[requires]\npython_version = "three"\n', 2, 1, "asks for a Python that cannot be: 'three'"],
  ["a setting of the wrong kind", '[pipenv]\nallow_prereleases = "yes"\n', 2, 1, "has the setting allow_prereleases with a text"],
  ["a time that is none", "[pipenv]\nresolver_timeout_seconds = -1\n", 2, 1, "has a setting resolver_timeout_seconds that is no time"],
  ["days that are none", '[pipenv]\ncool-down-period = "30"\n', 2, 1, "has a cool-down-period that is no number of days"],
  ["a script that is a number", "[scripts]\nx = 1\n", 2, 1, "has a script 'x' that is a number"],
  ["an empty script", '[scripts]\nx = " "\n', 2, 1, "has a script 'x' that is empty"],
  ["an empty list of commands", "[scripts]\nx = []\n", 2, 1, "has a script 'x' that is empty"],
  ["a script that calls nothing", '[scripts]\nx = {call = "module"}\n', 2, 1, "whose call is not written as module:function"],
  ["a script of something else", '[scripts]\nx = {cmd = "y"}\n', 2, 1, "that is a table of something else than call"],
  ["scripts that are no table", "scripts = 1\n", 1, 1, "has a number where scripts must be a table"],
  ["a build system", '[build-system]\nrequires = "x"\n', 2, 1, "has a build-system.requires"],
];

describe("bad input is one error with its place", () => {
  for (const [title, text, line, column, said] of bad)
    test(title, () => {
      const error = fault(text);
      expect(error.message).toContain(said);
      expect(error.data).toEqual({ path: "Pipfile", line, column });
      const shown = text.split("\n")[line - 1] ?? "";
      expect(error.why).toContain(shown.replace(/[\u0000-\u001f]/g, "\ufffd"));
      expect(error.why?.split("\n").at(-1)).toBe(`  ${" ".repeat(column - 1)}^`);
    });

  test("hints", () => {
    expect(fault('[packages]\nzope.interface = "*"\n').hint).toContain('"zope.interface" = ');
    expect(fault('[packages]\na = {extra = ["x"]}\n').hint).toBe("Pipfiles call it extras.");
    expect(fault('[packages]\na = {versoin = "*"}\n').hint).toBe("Did you mean version?");
    expect(fault("[packages]\na = 1.0\n").hint).toBe('Write the version in quotes: a = "==1"');
  });

  test("what is passed over is said", () => {
    const { warnings } = parsePipfile('[pipenv]\nallow_prerelease = true\n[requires]\npython = "3"\n', "Pipfile");
    expect(warnings).toEqual([
      { message: "[requires] knows no key 'python'; it is passed over.", hint: undefined, line: 4 },
      { message: "[pipenv] knows no setting 'allow_prerelease'; it is passed over.", hint: "Did you mean allow_prereleases?", line: 2 },
    ]);
  });

  test("a password in the line of an error is covered", () => {
    const error = fault('[[source]]\nname = "a"\nurl = "https://me:secret@h/", x = 1\n');
    expect(JSON.stringify([error.message, error.why, error.hint, error.data])).not.toContain("secret");
    expect(error.data).toMatchObject({ line: 3 });
  });

  test("terminal escapes do not leave an error", () => {
    const error = fault('[packages]\n"a\\u001b[31m" = "*"\n# \u202e\n');
    expect(error.message).not.toMatch(/\u001b/);
    expect(fault('[packages]\nb = {"\u202e\u009b" = 1}\n').why).not.toMatch(/[\u202e\u009b]/);
  });
});

describe("names that JavaScript knows", () => {
  test("as categories, scripts, settings and keys", () => {
    const text = `[__proto__]\na = "*"\n[constructor]\nb = "*"\n[toString]\nconstructor = "*"\n[scripts]\n__proto__ = "x"\n[pipenv]\n__proto__ = 1\n[requires]\n__proto__ = "y"\n`;
    const pipfile = parsePipfile(text, "Pipfile");
    expect([...pipfile.categories.keys()]).toEqual(["packages", "dev-packages", "__proto__", "constructor", "toString"]);
    expect(pipfile.scripts.get("__proto__")).toEqual({ kind: "shell", text: "x" });
    expect(pipfile.warnings).toHaveLength(2);
    expect(Object.keys(pipfile.requires.raw)).toEqual(["__proto__"]);
    expect(pipfileHashes(pipfile).current).toMatch(/^[0-9a-f]{64}$/);
    expect(({} as Record<string, unknown>)["a"]).toBeUndefined();
    const edited = editPipfile(text, [{ kind: "put", category: "__proto__", name: "c", value: "*" }]);
    expect(edited).toContain('[__proto__]\na = "*"\nc = "*"\n');
    expect(fault('[packages]\na = {__proto__ = "x"}\n').message).toContain("has an unknown key '__proto__'");
    const env = applyDotenv(parseDotenv("__proto__=1\nx=${constructor}\n"), {}, { override: true });
    expect(Object.entries(env)).toEqual([
      ["__proto__", "1"],
      ["x", ""],
    ]);
  });
});

describe("paths", () => {
  const place = (line: string) => {
    const pipfile = parsePipfile(`[packages]\n${line}\n`, "/p/q/Pipfile");
    const { source } = pipfileRequirement(pipfile.categories.get("packages")![0]!, pipfile);
    return source.kind === "location" ? source.location : source.requirement.url;
  };

  test("stand in the Pipfile's folder, also those that lead out of it: a person may keep libraries beside a project", () => {
    expect(place('a = {path = "../lib"}')).toBe("/p/lib");
    expect(place('a = {path = "/abs/lib"}')).toBe("/abs/lib");
    expect(place('a = {path = "x\\\\..\\\\y"}')).toBe("/p/q/x\\..\\y");
    expect(place('a = {file = "dist/a.whl"}')).toBe("/p/q/dist/a.whl");
    expect(place('a = {file = "file:///x/a%20b.whl"}')).toBe("/x/a b.whl");
    expect(place('a = {file = "file:./a.whl"}')).toBe("/p/q/a.whl");
    expect(place('a = {file = "file://elsewhere/a.whl"}')).toBe("file://elsewhere/a.whl");
    expect(place('a = {git = "https://h/x", subdirectory = "../../etc"}')).toBe("git+https://h/x#subdirectory=../../etc");
    expect(() => place('a = {path = "x\\u0000y"}')).toThrow("has a path of 'a' with a control character");
    expect(() => place('a = {git = "--upload-pack=x"}')).toThrow("that begins like an option");
    expect(() => place('a = {git = "https://h/x", ref = "--x"}')).toThrow("that begins like an option");
  });
});

describe("great and deep ones", () => {
  const size = 64 * 1024;
  const filled = (line: (at: number) => string, head = "[packages]\n"): string => {
    let text = head;
    for (let at = 0; text.length < size; at += 1) text += line(at);
    return text;
  };

  /** The least of three, in milliseconds of the processor: other processes share the machine. */
  const least = (run: () => void): number => {
    const times = [0, 1, 2].map(() => {
      const start = process.cpuUsage();
      run();
      const { user, system } = process.cpuUsage(start);
      return (user + system) / 1000;
    });
    return Math.min(...times);
  };

  const great: ReadonlyArray<readonly [title: string, text: string]> = [
    ["many entries", filled((at) => `package-${at} = {version = ">=1.${at}", extras = ["a"], markers = "os_name == 'nt'"} # c\n`)],
    ["many tables", filled((at) => `[packages.p${at}]\nversion = "*"\n`, "")],
    ["many categories", filled((at) => `[c${at}]\np = "*"\n`, "")],
    ["many dotted keys", filled((at) => `p${at}.version = "*"\np${at}.index = "i"\n`)],
    ["many comments", filled(() => "# comment [x] = 'y'\n")],
    ["one long marker", `[packages]\na = {markers = "${"os_name == 'a' or ".repeat(size / 17)}os_name == 'b'"}\n`],
    ["one long text", `[scripts]\na = '''\n${"x ".repeat(size / 2)}'''\n`],
    ["many keys in one table", `[packages.a]\n${Array.from({ length: 4000 }, (_, at) => `k${at} = 1`).join("\n")}\n`],
    ["a deep list", `[packages]\na = ${"[".repeat(size / 2)}${"]".repeat(size / 2)}\n`],
    ["a deep list that is not closed", `[packages]\na = ${"[".repeat(size)}`],
    ["a deep table", `[packages]\na = ${"{a = ".repeat(size / 6)}1${"}".repeat(size / 6)}\n`],
    ["a deep key", `[packages]\n${"a.".repeat(size / 2)}a = 1\n`],
    ["a deep header", `[packages.${"a.".repeat(size / 2)}a]\n`],
    ["a deep marker", `[packages]\na = {markers = "${"(".repeat(size)}"}\n`],
    ["only brackets", "[".repeat(size)],
    ["only quotes", '"'.repeat(size)],
    ["only spaces", " ".repeat(size)],
  ];

  for (const [title, text] of great)
    test(`${title}: read, hashed and edited in less than 100 ms`, () => {
      const read = (): void => {
        try {
          const pipfile = parsePipfile(text, "Pipfile");
          pipfileHashes(pipfile);
        } catch (error) {
          if (!isPenError(error, "INVALID_PROJECT")) throw error;
          expect((error.message + (error.why ?? "")).length).toBeLessThan(2000);
        }
      };
      const edit = (): void => {
        try {
          editPipfile(text, [{ kind: "put", category: "packages", name: "new", value: "*" }]);
        } catch (error) {
          if (!isPenError(error, "INVALID_PROJECT")) throw error;
        }
      };
      expect(least(read)).toBeLessThan(100);
      expect(least(edit)).toBeLessThan(100);
    });

  const lines: ReadonlyArray<readonly [title: string, text: string]> = [
    ["blank lines before what goes", `[packages]\n${"\n".repeat(size)}a = "*"\nb = "*"\n`],
    ["blank lines behind it", `[packages]\nb = "*"\n${"\n".repeat(size)}`],
    ["spaces", `[packages]\n${" ".repeat(size)}\nb = "*"\n${" ".repeat(size)}\n`],
    ["a table over lines", `[packages]\nb = {\n${"# c\n".repeat(size / 4)}version = "*", # c\n${"\n".repeat(size)}index = "i",\n}\n`],
  ];

  for (const [title, text] of lines)
    test(`${title}: an entry is removed, and changed, in less than 100 ms`, () => {
      const entry = { category: "packages", name: "b" };
      expect(least(() => void editPipfile(text, [{ kind: "remove", ...entry }]))).toBeLessThan(100);
      expect(least(() => void editPipfile(text, [{ kind: "put", ...entry, value: { index: "j" } }]))).toBeLessThan(100);
    });

  test("variables that are not closed, in less than 100 ms", () => {
    const open = "${".repeat(size / 2);
    expect(least(() => void expandVariables(`https://${open}@h/${open}`, {}))).toBeLessThan(100);
  });

  const pyprojects: ReadonlyArray<readonly [title: string, text: string]> = [
    ["many dependencies", `[project]\ndependencies = [\n${filled((at) => `  "p${at}>=1; os_name == 'nt'", # c\n`, "")}]\n`],
    ["many of one name", `[project]\ndependencies = [${filled(() => `"new", `, "")}]\n`],
    [
      "many groups",
      filled((at) => `g${at} = ["a", {include-group = "G${at - 1}"}]\n`, "[dependency-groups]\ng-1 = []\n")
        .slice(0, 4000)
        .replace(/\n[^\n]*$/, "\n"),
    ],
    ["spaces in a list", `[project]\ndependencies = ["a"${" ".repeat(size)}]\n`],
    ["comments in a list", `[project]\ndependencies = [\n${"# c\n".repeat(size / 4)}]\n`],
    ["many tables of poetry", filled((at) => `[tool.poetry.group.g${at}.dependencies]\np = "^1"\n`, "")],
    ["a constraint of spaces", `[tool.poetry.dependencies]\na = "^1${" ".repeat(size)}<2${" ".repeat(size)}"\n`],
    ["a constraint of alternatives", `[tool.poetry.dependencies]\na = "${"^1 || ".repeat(size / 6)}^2"\n`],
    ["a deep list", `[project]\ndependencies = ${"[".repeat(size)}`],
    ["a deep key", `[tool.uv.sources]\n${"a.".repeat(size / 2)}a = 1\n`],
  ];

  for (const [title, text] of pyprojects)
    test(`a pyproject.toml with ${title} in less than 100 ms`, () => {
      const quietly = (run: () => void): void => {
        try {
          run();
        } catch (error) {
          if (!isPenError(error, "INVALID_PROJECT")) throw error;
        }
      };
      expect(least(() => quietly(() => void parsePyproject(text, "pyproject.toml")))).toBeLessThan(100);
      expect(
        least(() => quietly(() => void editPyproject(text, [{ kind: "put", place: { kind: "main" }, requirement: "new" }]))),
      ).toBeLessThan(100);
    });

  const dotenvs: ReadonlyArray<readonly [title: string, text: string]> = [
    ["many statements", filled((at) => `A${at}="x\${A${at - 1}:-y}" # c\n`, "")],
    ["one long value", `A="${"\\n ".repeat(size / 3)}"`],
    ["a quote that is not closed", `A="${"\\n ".repeat(size / 3)}`],
    ["spaces", `A=x${" ".repeat(size)}y${" ".repeat(size)}`],
    ["quotes", "'".repeat(size)],
    ["open references", `A=${"${".repeat(size / 2)}`],
    ["lines that are none", filled(() => "=x\n", "")],
  ];

  for (const [title, text] of dotenvs)
    test(`a .env file with ${title} in less than 100 ms`, () => {
      expect(least(() => applyDotenv(parseDotenv(text), {}, { override: true }))).toBeLessThan(100);
    });
});

test("a script whose quotes are open is an error when its words are needed", () => {
  const { scripts } = parsePipfile(`[scripts]\nx = "echo 'a"\n`, "Pipfile");
  expect(() => scriptCommands("x", scripts.get("x")!)).toThrow("The script 'x' cannot be split into words");
});
