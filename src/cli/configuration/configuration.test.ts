import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isPenError, readHost, type PenError, type PenEvent } from "#foundation";
import { parseArguments } from "../arguments/parse.ts";
import { configurationOptions } from "../arguments/common.ts";
import { loadConfiguration, type Configuration } from "./configuration.ts";
import { lineOf } from "./lines.ts";
import { processorTime } from "../../../tests/support/processor-time.ts";

let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), "pen-config-"))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Call {
  readonly words?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly warnings?: string[];
}

function load({ words = [], env = {}, warnings = [] }: Call = {}): Promise<Configuration> {
  const variables = { HOME: folder, ...env };
  const host = readHost({ env: variables, cwd: folder, home: folder });
  const emit = (event: PenEvent): void => void (event.type === "log" && warnings.push(event.message));
  return loadConfiguration(parseArguments(words, { options: configurationOptions, arguments: [], command: "pen test", variables }), {
    host,
    emit,
  });
}

async function failureOf(text: string): Promise<PenError> {
  const file = join(folder, "bad.toml");
  writeFileSync(file, text);
  try {
    await load({ words: ["--config-file", file] });
  } catch (error) {
    if (isPenError(error)) return error;
    throw error;
  }
  throw new Error(`${JSON.stringify(text)} was taken`);
}

const withText = (text: string, warnings: string[] = []): Promise<Configuration> => {
  writeFileSync(join(folder, "good.toml"), text);
  return load({ words: ["--config-file", "good.toml"], warnings });
};

describe("which file", () => {
  test("none: nothing is configured", async () => expect(await load()).toEqual({}));
  test("the usual places, and those that are named, in their order", async () => {
    const write = (name: string, pip: string): string => {
      const file = join(folder, name);
      mkdirSync(join(file, ".."), { recursive: true });
      writeFileSync(file, `[seed]\npip = "==${pip}"\n`);
      return file;
    };
    write(".config/pen/pen.toml", "1");
    write("xdg/pen/pen.toml", "2");
    const third = write("third.toml", "3");
    write("fourth.toml", "4");
    write("pen.toml", "9");
    const pip = async (call: Call): Promise<unknown> => (await load(call)).seed?.pip;
    expect(await pip({})).toBe("==1");
    expect(await pip({ env: { XDG_CONFIG_HOME: join(folder, "xdg") } })).toBe("==2");
    expect(await pip({ env: { XDG_CONFIG_HOME: "xdg" } })).toBe("==1");
    expect(await pip({ env: { XDG_CONFIG_HOME: join(folder, "empty") } })).toBeUndefined();
    expect(await pip({ env: { XDG_CONFIG_HOME: join(folder, "xdg"), PEN_CONFIG_FILE: third } })).toBe("==3");
    expect(await pip({ env: { PEN_CONFIG_FILE: third }, words: ["--config-file", "fourth.toml"] })).toBe("==4");
    expect(await pip({ env: { PEN_CONFIG_FILE: "" } })).toBe("==1");
    expect(await pip({ env: { PEN_CONFIG_FILE: third }, words: ["--no-config"] })).toBeUndefined();
    expect(await pip({ env: { PEN_NO_CONFIG: "1" } })).toBeUndefined();
    rmSync(join(folder, ".config"), { recursive: true });
  });
  test("security: a file in the working folder is not read", async () => {
    writeFileSync(join(folder, "pen.toml"), '[seed]\npackages = ["evil"]\n');
    expect(await load()).toEqual({});
  });
  test("one that is named has to be there, and to be a file", async () => {
    for (const call of [
      { words: ["--config-file", "nowhere.toml"] },
      { env: { PEN_CONFIG_FILE: "/nowhere" } },
      { words: ["--config-file", folder] },
    ]) {
      const error = await load(call).catch((thrown: unknown) => thrown);
      expect(isPenError(error, "INVALID_CONFIG")).toBe(true);
    }
  });
});

describe("[seed]", () => {
  const good: ReadonlyArray<readonly [string, Configuration]> = [
    ["", {}],
    ["[seed]\n", { seed: { pip: undefined, packages: [] } }],
    ["[seed]\npip = false\n", { seed: { pip: false, packages: [] } }],
    ['seed = { pip = true, packages = ["wheel"] }\n', { seed: { pip: true, packages: ["wheel"] } }],
    ['seed.pip = ">=24, <26"\n', { seed: { pip: ">=24, <26", packages: [] } }],
    [
      '[seed]\npackages = [\n  "setuptools",  # old\n  "wheel==0.45",\n]\n',
      { seed: { pip: undefined, packages: ["setuptools", "wheel==0.45"] } },
    ],
  ];
  for (const [text, wanted] of good) test(JSON.stringify(text), async () => expect(await withText(text)).toEqual(wanted));
  test("a section that pen does not know is a warning with the nearest one", async () => {
    const warnings: string[] = [];
    expect(await withText("\n[sed]\nx = 1\n", warnings)).toEqual({});
    expect(warnings.join()).toContain("line 2: pen knows no section [sed]; did you mean [seed]?");
  });
  const bad: ReadonlyArray<readonly [text: string, line: number, says: string, hint: string]> = [
    ["[seed]\npi = true\n", 2, "no key pi", "Did you mean pip?"],
    ["# x\n\n[seed]\npip = 25\n", 4, "not a number", "==25.0"],
    ['[seed]\npip = "25.0"\n', 2, "which versions", "==25.0"],
    ['[seed]\npip = ""\n', 2, "which versions", "==25.0"],
    ['[seed]\npackages = "wheel"\n', 2, "a list of texts", "packages = ["],
    ["[seed]\npip = true\npackages = [1]\n", 3, "one of them is a number", ""],
    ['[seed]\npackages = ["a b"]\n', 2, "is no requirement", ""],
    ['[seed]\npackages = ["pip==25"]\n', 2, "a key of its own", "pip = "],
    ["seed = 1\n", 1, "is a section", "[seed]"],
    ["x = 1\n[[seed]]\n", 2, "is a section", ""],
    ["[seed]\npip = tru\n", 2, "not valid TOML", ""],
    ["[seed]\npip = true\npip = true\n", 3, "not valid TOML", ""],
  ];
  for (const [text, line, says, hint] of bad)
    test(`refused: ${JSON.stringify(text)}`, async () => {
      const error = await failureOf(text);
      expect([error.code, error.data["line"]]).toEqual(["INVALID_CONFIG", line]);
      expect(error.why).toContain(`bad.toml, line ${line}`);
      expect(error.message).toContain(says);
      expect(error.hint).toContain(hint);
    });
});

test("lines of keys, tables and dotted names; texts of several lines are passed by", () => {
  const text = 'a = """\n[seed]\npip = 1\n"""\n[ x . "y z" ]\n"k" = 1\nb.c = 2\n[[list]]\nd = { e = 1 }\n';
  const places: ReadonlyArray<readonly [readonly string[], number | undefined]> = [
    [["a"], 1],
    [["seed", "pip"], undefined],
    [["x", "y z"], 5],
    [["x", "y z", "k"], 6],
    [["x", "y z", "b", "c"], 7],
    [["x", "y z", "none"], 5],
    [["list", "d", "e"], 9],
  ];
  for (const [path, line] of places) expect(lineOf(text, path)).toBe(line as never);
  const started = processorTime();
  lineOf(`${"a.".repeat(16_000)}=1\n${"[".repeat(32_000)}`, ["q"]);
  expect(processorTime() - started).toBeLessThan(100);
});
