import { describe, expect, test } from "bun:test";
import { isPenError, type PenError } from "#foundation";
import { parseArguments, type ParseRules } from "./parse.ts";
import type { OptionSpec, Parsed } from "./types.ts";
import { processorTime } from "../../../tests/support/processor-time.ts";

const options: readonly OptionSpec[] = [
  { name: "upgrade", short: "U", kind: "flag", help: "." },
  { name: "quiet", short: "q", kind: "count", help: "." },
  { name: "verbose", short: "v", kind: "count", help: "." },
  { name: "requirement", short: "r", aliases: ["requirements"], kind: "list", metavar: "FILE", variable: "PEN_REQUIREMENT", help: "." },
  { name: "index-url", short: "i", kind: "value", variable: "PEN_INDEX_URL", help: "." },
  { name: "compile-bytecode", aliases: ["compile"], negation: "no-compile", kind: "flag", variable: "PEN_COMPILE", help: "." },
  { name: "color", kind: "value", choices: ["auto", "always", "never"], variable: "PEN_COLOR", help: "." },
  { name: "no-deps", kind: "flag", help: "." },
  { name: "no-index", kind: "flag", help: "." },
  { name: "secret-thing", kind: "flag", hidden: true, help: "." },
];

function parse(line: string | readonly string[], more: Partial<ParseRules> = {}): Parsed {
  const words = typeof line === "string" ? line.split(" ").filter((word) => word !== "") : line;
  return parseArguments(words, {
    options,
    arguments: [{ name: "NAME", help: ".", repeated: true }],
    command: "pen test",
    variables: {},
    ...more,
  });
}

function failureOf(work: () => unknown): PenError {
  try {
    work();
  } catch (error) {
    if (isPenError(error)) return error;
    throw error;
  }
  throw new Error("did not fail");
}

describe("options and arguments mix freely", () => {
  const cases: ReadonlyArray<readonly [line: string, seen: Record<string, unknown>]> = [
    ["", { arguments: [], upgrade: false, quiet: 0, requirement: [], index: undefined }],
    ["a -U b", { arguments: ["a", "b"], upgrade: true }],
    ["-qq -q", { quiet: 3 }],
    ["-Uqv", { upgrade: true, quiet: 1, verbose: 1 }],
    ["-Ura.txt x", { upgrade: true, requirement: ["a.txt"], arguments: ["x"] }],
    ["-Ur a.txt x", { upgrade: true, requirement: ["a.txt"], arguments: ["x"] }],
    ["-r=a.txt", { requirement: ["a.txt"] }],
    ["-r a --requirement=b --requirements c -rd", { requirement: ["a", "b", "c", "d"] }],
    ["--index-url=https://h/?a=b", { index: "https://h/?a=b" }],
    ["--index-url= x", { index: "", arguments: ["x"] }],
    ["-i one -i two", { index: "two" }],
    ["--up --verb --req a", { upgrade: true, verbose: 1, requirement: ["a"] }],
    ["--compile", { compile: true }],
    ["--compile --no-compile", { compile: false }],
    ["--no-compile --compile-bytecode", { compile: true }],
    ["--no-comp", { compile: false }],
    ["-U -- -q --bogus --", { upgrade: true, quiet: 0, arguments: ["-q", "--bogus", "--"] }],
    ["- a", { arguments: ["-", "a"] }],
    ["-r -", { requirement: ["-"] }],
    ["-r -- x", { requirement: ["--"], arguments: ["x"] }],
    ["-r -U", { requirement: ["-U"], upgrade: false }],
  ];
  for (const [line, seen] of cases) {
    test(line === "" ? "nothing" : line, () => {
      const parsed = parse(line);
      const all: Record<string, unknown> = {
        arguments: parsed.arguments,
        upgrade: parsed.flag("upgrade"),
        quiet: parsed.count("quiet"),
        verbose: parsed.count("verbose"),
        requirement: parsed.list("requirement"),
        index: parsed.value("index-url"),
        compile: parsed.flagIfGiven("compile-bytecode"),
      };
      for (const [key, value] of Object.entries(seen)) expect([key, all[key]]).toEqual([key, value]);
    });
  }
  test("a flag that was not given, and one that was turned off, differ where it matters", () => {
    expect(parse("").flagIfGiven("compile-bytecode")).toBeUndefined();
    expect(parse("--no-compile").flagIfGiven("compile-bytecode")).toBe(false);
    expect(parse("").flag("compile-bytecode")).toBe(false);
  });
  test("words that no shell would give: empty, with spaces, newlines, other scripts", () => {
    expect(parse(["", "a b", "-ré\n日本", "--index-url", ""]).arguments).toEqual(["", "a b"]);
    expect(parse(["-ré\n日本"]).list("requirement")).toEqual(["é\n日本"]);
  });
});

describe("passing the rest on", () => {
  const rest = (line: string): readonly [readonly string[], readonly string[], number] => {
    const parsed = parse(line, { passRest: true });
    return [parsed.arguments, parsed.rest, parsed.count("quiet")];
  };
  test("from the first argument on, every word is the other program's", () => {
    expect(rest("-q python -q --version -- x")).toEqual([["python"], ["-q", "--version", "--", "x"], 1]);
    expect(rest("-q -- -x -q")).toEqual([[], ["-x", "-q"], 1]);
    expect(rest("-r a.txt run -r b")).toEqual([["run"], ["-r", "b"], 0]);
    expect(rest("-q")).toEqual([[], [], 1]);
  });
});

describe("variables set what the command line does not", () => {
  const variables = { PEN_INDEX_URL: "https://variable", PEN_REQUIREMENT: " a.txt  b.txt ", PEN_COMPILE: "yes", PEN_COLOR: "never" };
  test("value, list, flag, choice", () => {
    const parsed = parse("", { variables });
    expect([parsed.value("index-url"), parsed.list("requirement"), parsed.flag("compile-bytecode"), parsed.value("color")]).toEqual([
      "https://variable",
      ["a.txt", "b.txt"],
      true,
      "never",
    ]);
  });
  test("the command line wins", () => {
    const parsed = parse("-i https://line -r c.txt --no-compile --color always", { variables });
    expect([parsed.value("index-url"), parsed.list("requirement"), parsed.flag("compile-bytecode"), parsed.value("color")]).toEqual([
      "https://line",
      ["c.txt"],
      false,
      "always",
    ]);
  });
  test("an empty one is none", () =>
    expect(parse("", { variables: { PEN_INDEX_URL: "", PEN_COMPILE: "" } }).value("index-url")).toBeUndefined());
  test("words for yes and no; any other is an error that names the variable", () => {
    for (const word of ["1", "true", "YES", "on", "y", "t"])
      expect(parse("", { variables: { PEN_COMPILE: word } }).flag("compile-bytecode")).toBe(true);
    for (const word of ["0", "False", "no", "off", "n", "f"])
      expect(parse("", { variables: { PEN_COMPILE: word } }).flagIfGiven("compile-bytecode")).toBe(false);
    const error = failureOf(() => parse("", { variables: { PEN_COMPILE: "maybe\u001b" } }).flag("compile-bytecode"));
    expect([error.code, error.message]).toEqual(["INVALID_CONFIG", "The variable PEN_COMPILE is neither yes nor no: maybe\\x1b"]);
  });
  test("a wrong choice in a variable names the variable", () => {
    const error = failureOf(() => parse("", { variables: { PEN_COLOR: "alwys" } }).value("color"));
    expect(error.message).toContain("PEN_COLOR");
    expect(error.hint).toContain("Did you mean always?");
  });
});

describe("errors say what to type", () => {
  const cases: ReadonlyArray<readonly [line: string, message: RegExp, hint: RegExp]> = [
    ["--upgrad-e", /has no option --upgrad-e/, /Did you mean --upgrade\?/],
    ["--ugprade", /has no option --ugprade/, /Did you mean --upgrade\?/],
    ["--bogus-option=1", /has no option --bogus-option$/, /pen test --help/],
    ["-x", /has no option -x/, /pen test --help/],
    ["-Ux", /has no option -x/, /pen test --help/],
    ["--no", /could be --no-compile, --no-deps, --no-index/, /in full/],
    ["--requirement", /--requirement needs a value/, /--requirement FILE/],
    ["-r", /-r needs a value/, /./],
    ["-Ui", /-i needs a value/, /./],
    ["--upgrade=yes", /--upgrade takes no value/, /./],
    ["--no-compile=1", /--no-compile takes no value/, /./],
    ["--color alwys", /--color does not know alwys/, /Did you mean always\? It takes one of: auto, always, never\./],
    ["--color=purple", /--color does not know purple/, /^It takes one of/],
    ["--secret", /has no option --secret/, /./],
  ];
  for (const [line, message, hint] of cases) {
    test(line, () => {
      const error = failureOf(() => parse(line));
      expect(error.code).toBe("USAGE");
      expect(error.message).toMatch(message);
      expect(error.hint).toMatch(hint);
    });
  }
  test("a hidden option works in full", () => expect(parse("--secret-thing").flag("secret-thing")).toBe(true));
  test("too few and too many arguments", () => {
    const one = { arguments: [{ name: "NAME", help: ".", required: true }] };
    expect(failureOf(() => parse("", one)).message).toBe("pen test needs NAME");
    expect(failureOf(() => parse("a b\u001b", one)).message).toBe("pen test does not take the argument b\\x1b");
    expect(parse("a", one).arguments).toEqual(["a"]);
    expect(failureOf(() => parse("a", { arguments: [] })).code).toBe("USAGE");
  });
  test("control characters of a word are not shown", () => expect(failureOf(() => parse(["--\u001b[31m"])).message).toContain("\\x1b[31m"));
  test("asking for an option that the command does not have is a defect", () =>
    expect(failureOf(() => parse("").flag("other")).code).toBe("INTERNAL"));
  test("64 KiB of anything answer in 100 ms", () => {
    for (const words of [
      ["-" + "q".repeat(65_536)],
      ["--" + "a".repeat(65_536)],
      Array.from({ length: 30_000 }, () => "-q"),
      Array.from({ length: 30_000 }, () => "a"),
      ["-" + "🐍".repeat(30_000)],
    ]) {
      const started = processorTime();
      try {
        parse(words);
      } catch (error) {
        if (!isPenError(error)) throw error;
      }
      expect(processorTime() - started).toBeLessThan(100);
    }
  });
});
