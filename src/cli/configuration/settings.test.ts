import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { isPenError, readHost, type PenError } from "#foundation";
import { configurationOptions } from "../arguments/common.ts";
import { parseArguments } from "../arguments/parse.ts";
import type { OptionSpec, Parsed } from "../arguments/types.ts";
import { loadSettings } from "./settings.ts";

const home = mkdtempSync(join(tmpdir(), "pen-settings-"));
const work = join(home, "work", "deep");
const own = join(home, ".config", "pen", "pen.toml");
afterAll(() => rmSync(home, { recursive: true, force: true }));
beforeEach(() => {
  rmSync(join(home, "work"), { recursive: true, force: true });
  rmSync(own, { force: true });
  mkdirSync(work, { recursive: true });
});

const options: readonly OptionSpec[] = [
  ...configurationOptions,
  { name: "pre", kind: "flag", help: "" },
  { name: "compile-bytecode", aliases: ["compile"], negation: "no-compile", kind: "flag", help: "" },
  { name: "verbose", kind: "count", help: "" },
  { name: "index-url", kind: "value", help: "" },
  { name: "resolution", kind: "value", choices: ["highest", "lowest"], help: "" },
  { name: "timeout", kind: "value", number: true, help: "" },
  { name: "find-links", kind: "list", help: "" },
  { name: "require-hashes", kind: "flag", help: "" },
  { name: "python", kind: "value", help: "" },
];

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

interface Call {
  readonly words?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly command?: readonly string[];
  readonly projects?: boolean;
}

/** What the options are in the end, as the program puts it together. */
async function settled({ words = [], env = {}, command = ["pip", "install"], projects = true }: Call = {}): Promise<Parsed> {
  const rules = { options, arguments: [], command: `pen ${command.join(" ")}`, variables: env };
  const host = readHost({ env: { HOME: home, ...env }, cwd: work, home });
  const found = await loadSettings(parseArguments(words, rules), { host, command, options, projects });
  return parseArguments(words, { ...rules, settings: new Map([...found.project, ...found.own]) });
}

async function failureOf(call: Call = {}): Promise<PenError> {
  try {
    await settled(call);
  } catch (error) {
    if (isPenError(error)) return error;
    throw error;
  }
  throw new Error("It was taken");
}

describe("the person's own file", () => {
  test("the top and [global], then the group, then the command; lists and counts add to the command line", async () => {
    write(
      own,
      'index-url = "https://top"\nverbose = 2\n[global]\nindex-url = "https://global"\nfind-links = ["a", "b"]\n[pip]\npre = true\ntimeout = 5\n[pip.install]\npre = false\nno-compile = true\n[pip.list]\npre = true\n',
    );
    const parsed = await settled({ words: ["--find-links", "c"] });
    expect(parsed.value("index-url")).toBe("https://global");
    expect([parsed.flagIfGiven("pre"), parsed.flagIfGiven("compile-bytecode"), parsed.count("verbose")]).toEqual([false, false, 2]);
    expect([parsed.value("timeout"), parsed.list("find-links")]).toEqual(["5", ["a", "b", "c"]]);
    expect(parsed.origin("pre")).toBe(`${own}, line 10, pre in [pip.install]`);
    expect((await settled({ command: ["pip", "list"] })).flag("pre")).toBe(true);
    expect((await settled({ command: ["venv"] })).flagIfGiven("pre")).toBeUndefined();
  });
  test("the command line goes before a variable, a variable before the file", async () => {
    write(own, '[pip]\nindex-url = "https://file"\n');
    const env = { PEN_INDEX_URL: "https://variable" };
    expect((await settled()).value("index-url")).toBe("https://file");
    expect((await settled({ env })).value("index-url")).toBe("https://variable");
    expect((await settled({ env })).origin("index-url")).toBe("the variable PEN_INDEX_URL");
    expect((await settled({ env, words: ["--index-url", "https://word"] })).value("index-url")).toBe("https://word");
  });
  test("every option has a variable", async () => {
    const parsed = await settled({ env: { PEN_FIND_LINKS: "a b", PEN_TIMEOUT: "7", PEN_VERBOSE: "2", PEN_PRE: "yes" } });
    expect([parsed.list("find-links"), parsed.value("timeout"), parsed.count("verbose"), parsed.flag("pre")]).toEqual([
      ["a", "b"],
      "7",
      2,
      true,
    ]);
  });
  test("--no-config and PEN_NO_CONFIG leave it out, --config-file and PEN_CONFIG_FILE name another", async () => {
    write(own, 'index-url = "https://own"\n');
    write(join(home, "other.toml"), 'index-url = "https://other"\n');
    expect((await settled({ words: ["--no-config"] })).value("index-url")).toBeUndefined();
    expect((await settled({ env: { PEN_NO_CONFIG: "1" } })).value("index-url")).toBeUndefined();
    expect((await settled({ words: ["--config-file", join(home, "other.toml")] })).value("index-url")).toBe("https://other");
    expect((await settled({ env: { PEN_CONFIG_FILE: join(home, "other.toml") } })).value("index-url")).toBe("https://other");
    expect((await failureOf({ words: ["--config-file", "nowhere.toml"] })).code).toBe("INVALID_CONFIG");
  });
  const bad: ReadonlyArray<readonly [text: string, line: number, says: string, hint: string]> = [
    ["[pip.install]\nprre = true\n", 2, "[pip.install] has no option prre", "Did you mean pre?"],
    ["[pip]\nindx-url = 'x'\n", 2, "No command has an option indx-url", "Did you mean index-url?"],
    ["indx-url = 'x'\n", 1, "No command has an option indx-url", "Did you mean index-url?"],
    ["[pip]\npre = 'yes'\n", 2, "pre is true or false, not a text", "pre = true"],
    ["[pip]\nindex-url = 5\n", 2, "index-url is a text, not a number", 'index-url = "…"'],
    ["[pip]\nindex-url = ['a']\n", 2, "index-url is a text, not a list", ""],
    ["[pip]\nfind-links = [1]\n", 2, "find-links is a list of texts, not a number", "find-links = ["],
    ["[pip]\nverbose = 12\n", 2, "verbose is a number from 0 to 9", "verbose = 1"],
    ["[pip]\nresolution = 'lowst'\n", 2, "resolution does not know lowst", "Did you mean lowest?"],
    ["[global]\njson = true\n", 2, "json stands on the command line only", "Take the line away"],
    ["[global]\nno-config = true\n", 2, "no-config stands on the command line only", ""],
    ["pip = 1\n", 1, "pip is a section", "Write [pip]"],
    ["[pip]\npre = maybe\n", 2, "not valid TOML", ""],
  ];
  for (const [text, line, says, hint] of bad)
    test(`refused: ${JSON.stringify(text)}`, async () => {
      write(own, text);
      const error = await failureOf();
      expect([error.code, error.data["line"]]).toEqual(["INVALID_CONFIG", line]);
      expect(error.message).toContain(says);
      expect(error.hint).toContain(hint);
    });
  test("what another command has is passed over in [global] and in a group", async () => {
    write(own, '[global]\nprompt = "x"\n[pip]\nnot-required = true\n[venv]\nclear = true\n');
    expect((await settled()).flagIfGiven("pre")).toBeUndefined();
  });
});

describe("a project's file", () => {
  const places: ReadonlyArray<readonly [path: string, begin: string]> = [
    ["work/pen.toml", ""],
    ["work/deep/pen.toml", ""],
    ["work/pyproject.toml", "[tool.pen]\n"],
    ["work/deep/pyproject.toml", "[project]\nname = 'x'\n\n[tool.pen]\n"],
  ];
  for (const [path, begin] of places)
    test(`${path} says which versions are wanted`, async () => {
      write(join(home, path), `${begin}resolution = "lowest"\n`);
      const parsed = await settled();
      expect(parsed.value("resolution")).toBe("lowest");
      expect(parsed.origin("resolution")).toContain(path);
      expect((await settled({ words: ["--resolution", "highest"] })).value("resolution")).toBe("highest");
    });
  test("sections of commands, below tool.pen", async () => {
    write(join(work, "pyproject.toml"), '[tool.pen.pip.install]\nresolution = "lowest"\n[tool.pen.venv]\npython = ">=3.11"\n');
    expect((await settled()).value("resolution")).toBe("lowest");
    expect((await settled({ command: ["pip", "list"] })).value("resolution")).toBeUndefined();
    expect((await settled({ command: ["venv"] })).value("python")).toBe(">=3.11");
  });
  test("the nearest one counts, and the person's own file goes before it", async () => {
    write(join(home, "work", "pen.toml"), 'resolution = "highest"\nrequire-hashes = true\n');
    write(join(work, "pen.toml"), 'resolution = "lowest"\n');
    expect([(await settled()).value("resolution"), (await settled()).flag("require-hashes")]).toEqual(["lowest", false]);
    write(own, '[pip]\nresolution = "highest"\n');
    expect((await settled()).value("resolution")).toBe("highest");
  });
  test("is not read under pip's own name, with --no-config, and beyond the repository or the home folder", async () => {
    write(join(home, "work", "pen.toml"), 'resolution = "lowest"\n');
    expect((await settled({ projects: false })).value("resolution")).toBeUndefined();
    expect((await settled({ words: ["--no-config"] })).value("resolution")).toBeUndefined();
    mkdirSync(join(work, ".git"));
    expect((await settled()).value("resolution")).toBeUndefined();
  });
  const refused: ReadonlyArray<readonly [text: string, says: string]> = [
    ['index-url = "https://evil.example"\n', "A project may not set index-url"],
    ['[pip.install]\nindex-url = "https://evil.example"\n', "A project may not set index-url"],
    ['find-links = ["wheels"]\n', "A project may not set find-links"],
    ["compile = true\n", "A project may not set compile-bytecode"],
    ["require-hashes = false\n", "A project may only switch require-hashes on"],
  ];
  for (const [text, says] of refused)
    test(`security: refused, and not passed over: ${JSON.stringify(text)}`, async () => {
      write(join(work, "pen.toml"), text);
      const error = await failureOf();
      expect([error.code, error.message]).toEqual(["INVALID_CONFIG", says]);
      expect(error.why).toContain("pen.toml, line ");
    });
  for (const python of ["./python", "/tmp/python", "bin/python3", "3.12; x", "python"])
    test(`security: no Python by its place: ${python}`, async () => {
      write(join(work, "pen.toml"), `[venv]\npython = "${python}"\n`);
      expect((await failureOf({ command: ["venv"] })).message).toContain("by its version");
    });
  for (const python of ["3.12", "3.12.1", ">=3.11", ">=3.11,<3.14", "pypy3.10", "cpython@3.12", "~=3.11"])
    test(`a Python by its version: ${python}`, async () => {
      write(join(work, "pen.toml"), `[venv]\npython = "${python}"\n`);
      expect((await settled({ command: ["venv"] })).value("python")).toBe(python);
    });
});
