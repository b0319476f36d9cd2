import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { isPenError, readHost, type Host } from "#foundation";
import { commonOptions } from "../arguments/common.ts";
import { parseArguments } from "../arguments/parse.ts";
import { withPipOptions } from "../arguments/pip.ts";
import type { OptionSettings, OptionSpec, Parsed } from "../arguments/types.ts";
import { isGroup } from "../command.ts";
import { root } from "../commands.ts";
import { isReversed, pipKeys, wholeValues } from "./keys.ts";
import { readPipConfiguration } from "./reading.ts";
import { optionSettings } from "./settings.ts";
import { processorTime } from "../../../tests/support/processor-time.ts";

const base = mkdtempSync(join(tmpdir(), "pen-pip-configuration-"));
afterAll(() => rmSync(base, { recursive: true, force: true }));

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(base, "x-"));
});

const write = (path: string, text: string): string => {
  const place = join(folder, path);
  mkdirSync(dirname(place), { recursive: true });
  writeFileSync(place, text);
  return place;
};

const hostWith = (env: Readonly<Record<string, string>> = {}): Host =>
  readHost({
    env: { HOME: join(folder, "home"), XDG_CONFIG_DIRS: join(folder, "global"), ...env },
    home: join(folder, "home"),
    cwd: folder,
    platform: "linux",
  });

interface Asked {
  readonly command: string;
  readonly options: readonly OptionSpec[];
  readonly env?: Readonly<Record<string, string>>;
  readonly isolated?: boolean;
}

function settingsOf({ command, options, env = {}, isolated = false }: Asked): OptionSettings {
  const host = hostWith(env);
  return optionSettings(readPipConfiguration({ host, environment: join(folder, "env"), isolated }), { host, command, options });
}

async function optionsOf(command: string): Promise<readonly OptionSpec[]> {
  const pip = root.commands["pip"];
  const entry = pip !== undefined && isGroup(pip) ? pip.commands[command] : undefined;
  if (entry === undefined || isGroup(entry)) throw new Error(`There is no command ${command}`);
  return withPipOptions(command, [...(await entry.load()).options, ...commonOptions]);
}

const parse = (words: readonly string[], options: readonly OptionSpec[], settings?: OptionSettings): Parsed =>
  parseArguments(words, { options, arguments: [{ name: "X", help: "", repeated: true }], command: "pen pip x", variables: {}, settings });

const stateOf = (parsed: Parsed, { name, kind }: OptionSpec): unknown =>
  kind === "flag" ? parsed.flagIfGiven(name) : kind === "count" ? parsed.count(name) : parsed.list(name);

const pipCommands =
  "install download wheel lock uninstall freeze inspect list show check config cache index hash debug completion search".split(" ");

describe("a variable and a key of a file have the effect of the option", () => {
  for (const command of pipCommands) {
    test(`pip ${command}`, async () => {
      const options = await optionsOf(command);
      let compared = 0;
      for (const spec of options) {
        for (const key of [spec.name, ...(spec.aliases ?? []), ...(spec.negation === undefined ? [] : [spec.negation])].filter((name) =>
          pipKeys.has(name),
        )) {
          const isFlag = spec.kind === "flag" || spec.kind === "count";
          // What switches something off is switched on by `no`.
          const value = isFlag ? (isReversed(key, command) ? "no" : "yes") : (spec.choices?.[0] ?? (spec.number === true ? "7" : "one"));
          const wanted = stateOf(parse([isFlag ? `--${key}` : `--${key}=${value}`], options), spec);
          const variable = `PIP_${key.toUpperCase().replaceAll("-", "_")}`;
          expect([key, stateOf(parse([], options, settingsOf({ command, options, env: { [variable]: value } })), spec)]).toEqual([
            key,
            wanted,
          ]);
          for (const [section, written] of [
            ["global", key],
            [command, key.replaceAll("-", "_")],
            [command, `--${key.toUpperCase()}`],
          ] as const) {
            write("home/.config/pip/pip.conf", `[${section}]\n${written} = ${value}\n`);
            expect([key, section, stateOf(parse([], options, settingsOf({ command, options })), spec)]).toEqual([key, section, wanted]);
          }
          rmSync(join(folder, "home"), { recursive: true });
          compared += 1;
        }
      }
      expect(compared).toBeGreaterThan(15);
    });
  }
});

const options: readonly OptionSpec[] = [
  { name: "index-url", kind: "value", help: "", variable: "PEN_INDEX_URL" },
  { name: "extra-index-url", aliases: ["index"], kind: "list", help: "" },
  { name: "timeout", kind: "value", number: true, help: "" },
  { name: "no-deps", kind: "flag", help: "" },
  { name: "no-binary", kind: "list", help: "" },
  { name: "verbose", kind: "count", help: "" },
  { name: "no-cache-dir", kind: "flag", help: "" },
  { name: "no-warn-conflicts", kind: "flag", help: "" },
  { name: "compile-bytecode", aliases: ["compile"], negation: "no-compile", kind: "flag", help: "" },
  { name: "cache-dir", kind: "value", help: "" },
  { name: "link-mode", kind: "value", help: "" },
  { name: "upgrade-strategy", kind: "value", choices: ["eager", "only-if-needed"], help: "" },
];

const value = (name: string, more: Partial<Asked> = {}): readonly string[] | undefined =>
  settingsOf({ command: "install", options, ...more }).get(name)?.values;

test("the order: global < user < site < PIP_CONFIG_FILE < variable, the command's section over [global]", () => {
  const env: Record<string, string> = {};
  write("global/pip/pip.conf", "[global]\nindex-url = g\n");
  expect(value("index-url")).toEqual(["g"]);
  write("home/.pip/pip.conf", "[global]\nindex-url = old\n");
  expect(value("index-url")).toEqual(["old"]);
  write("home/.config/pip/pip.conf", "[global]\nindex-url = u\n");
  expect(value("index-url")).toEqual(["u"]);
  write("env/pip.conf", "[global]\nindex-url = s\n");
  expect(value("index-url")).toEqual(["s"]);
  env["PIP_CONFIG_FILE"] = write("named.conf", "[global]\nindex-url = n\n");
  expect(value("index-url", { env })).toEqual(["n"]);
  write("global/pip/pip.conf", "[install]\nindex-url = section\n");
  expect(value("index-url", { env })).toEqual(["section"]);
  expect(value("index-url", { env, command: "list" })).toEqual(["n"]);
  env["PIP_INDEX_URL"] = "v";
  expect(value("index-url", { env })).toEqual(["v"]);
});

test("the command line goes before variables of pen, and those before what pip's configuration says", () => {
  const settings = settingsOf({ command: "install", options, env: { PIP_INDEX_URL: "pip" } });
  const parsed = (words: readonly string[], variables: Record<string, string>): Parsed =>
    parseArguments(words, { options, arguments: [], command: "x", variables, settings });
  expect(parsed([], {}).value("index-url")).toBe("pip");
  expect(parsed([], {}).origin("index-url")).toBe("the variable PIP_INDEX_URL");
  expect(parsed([], { PEN_INDEX_URL: "pen" }).value("index-url")).toBe("pen");
  expect(parsed([], { PEN_INDEX_URL: "pen" }).origin("index-url")).toBe("the variable PEN_INDEX_URL");
  expect(parsed(["--index-url=line"], { PEN_INDEX_URL: "pen" }).value("index-url")).toBe("line");
  expect(parsed(["--index-url=line"], {}).origin("index-url")).toBeUndefined();
});

test("the command line adds to lists and counts, as in pip", () => {
  const settings = settingsOf({ command: "install", options, env: { PIP_EXTRA_INDEX_URL: "a  b", PIP_VERBOSE: "2" } });
  expect(parse(["--extra-index-url", "c", "--verbose"], options, settings).list("extra-index-url")).toEqual(["a", "b", "c"]);
  expect(parse(["--verbose"], options, settings).count("verbose")).toBe(3);
});

test("a named file takes the place of the person's own; the null device that of all", () => {
  write("home/.config/pip/pip.conf", "[global]\ntimeout = 1\n");
  write("global/pip/pip.conf", "[global]\nno-deps = yes\n");
  expect(value("timeout", { env: { PIP_CONFIG_FILE: write("empty.conf", "") } })).toBeUndefined();
  expect(value("timeout", { env: { PIP_CONFIG_FILE: join(folder, "absent.conf") } })).toEqual(["1"]);
  expect(value("no-deps", { env: { PIP_CONFIG_FILE: write("empty.conf", "") } })).toEqual(["on"]);
  expect(value("no-deps", { env: { PIP_CONFIG_FILE: "/dev/null", PIP_TIMEOUT: "9" } })).toBeUndefined();
  expect(value("timeout", { env: { PIP_CONFIG_FILE: "/dev/null", PIP_TIMEOUT: "9" } })).toEqual(["9"]);
});

test("--isolated: neither variables nor the person's own file, but the others", () => {
  write("home/.config/pip/pip.conf", "[global]\ntimeout = 1\n");
  write("env/pip.conf", "[global]\nno-deps = yes\n");
  const asked = { isolated: true, env: { PIP_INDEX_URL: "v" } };
  expect(value("timeout", asked)).toBeUndefined();
  expect(value("index-url", asked)).toBeUndefined();
  expect(value("no-deps", asked)).toEqual(["on"]);
});

test("an empty value takes a weaker one away, within its section", () => {
  write("global/pip/pip.conf", "[global]\ntimeout = 1\n[install]\nindex-url = i\n");
  write("home/.config/pip/pip.conf", "[global]\ntimeout =\nindex-url =\n");
  expect(value("timeout")).toBeUndefined();
  expect(value("index-url")).toEqual(["i"]);
  expect(value("index-url", { env: { PIP_INDEX_URL: "" } })).toEqual(["i"]);
});

test("names that pip does not have mean nothing, also where pen has an option of the name", () => {
  const env = {
    PIP_LINK_MODE: "copy",
    PIP_INDEX: "http://elsewhere.invalid/pypi",
    PIP_COMPILE_BYTECODE: "1",
    PIP_NONSENSE: "x",
    PIP_VERSION: "1",
    PIP_HELP: "1",
  };
  expect([...settingsOf({ command: "install", options, env }).keys()]).toEqual([]);
});

test("pip's truth values, counts and what is the wrong way round", () => {
  for (const word of ["1", "y", "Yes", "t", "TRUE", "on"]) expect(value("no-deps", { env: { PIP_NO_DEPS: word } })).toEqual(["on"]);
  for (const word of ["0", "n", "No", "f", "FALSE", "off"]) expect(value("no-deps", { env: { PIP_NO_DEPS: word } })).toEqual(["off"]);
  for (const word of ["0", "1"]) expect(value("no-cache-dir", { env: { PIP_NO_CACHE_DIR: word } })).toEqual(["on"]);
  expect(value("compile-bytecode", { env: { PIP_NO_COMPILE: "no" } })).toEqual(["off"]);
  expect(value("compile-bytecode", { env: { PIP_NO_COMPILE: "yes" } })).toEqual(["on"]);
  expect(value("compile-bytecode", { env: { PIP_COMPILE: "yes" } })).toEqual(["on"]);
  expect(value("no-warn-conflicts", { env: { PIP_NO_WARN_CONFLICTS: "no" } })).toEqual(["on"]);
  expect(value("no-warn-conflicts", { env: { PIP_NO_WARN_CONFLICTS: "yes" } })).toEqual(["off"]);
  expect(value("verbose", { env: { PIP_VERBOSE: "3" } })).toHaveLength(3);
  expect(value("verbose", { env: { PIP_VERBOSE: "no" } })).toEqual([]);
  expect(value("verbose", { env: { PIP_VERBOSE: "99999999999" } })).toHaveLength(100);
});

test("lists are split at blanks and lines; those that pip takes whole are not; ~ is the home folder", () => {
  write("home/.config/pip/pip.conf", "[global]\nextra-index-url =\n    a\n    # no\n    b c\nno-binary = a,b\ncache-dir = ~/cache\n");
  expect(value("extra-index-url")).toEqual(["a", "b", "c"]);
  expect(value("no-binary")).toEqual(["a,b"]);
  expect(wholeValues.has("no-binary")).toBe(true);
  expect(value("cache-dir")).toEqual([join(folder, "home", "cache")]);
});

function failureOf(work: () => unknown): { readonly message: string; readonly why: string | undefined; readonly hint: string | undefined } {
  try {
    work();
  } catch (error) {
    if (isPenError(error, "INVALID_CONFIG")) return error;
    throw error;
  }
  throw new Error("It did not fail");
}

test("a bad value is an error that names the key, the file and the line, or the variable", () => {
  const file = write("home/.config/pip/pip.conf", "[global]\n# how long\ntimeout = soon\n");
  const first = failureOf(() => value("timeout"));
  expect(first.message).toBe("soon is not a valid value for timeout");
  expect(first.why).toContain(`${file}, line 3, timeout in [global]`);
  rmSync(file);
  for (const [variable, text] of [
    ["PIP_NO_DEPS", "maybe"],
    ["PIP_UPGRADE_STRATEGY", "never"],
    ["PIP_VERBOSE", "-1"],
    ["PIP_TIMEOUT", "\u001b[31m"],
  ] as const) {
    const { message, why, hint } = failureOf(() => value("timeout", { env: { [variable]: text } }));
    expect(why).toContain(`the variable ${variable}`);
    expect(hint).toContain(`unset ${variable}`);
    expect(message).not.toContain("\u001b");
  }
});

test("a file that is no configuration is an error with its line; a folder and an unreadable place are passed over, as in pip", () => {
  for (const [text, line] of [
    ["timeout = 1\n", 1],
    ["[global]\nfoo\n", 2],
    ["[global]\na = 1\n[install]\n[global]\n", 4],
    ["[global]\ntime_out = 1\n--time-out = 2\n", 3],
  ] as const) {
    const file = write("home/.config/pip/pip.conf", text);
    const { message, why } = failureOf(() => value("timeout"));
    expect(message).toContain(file);
    expect(why).toContain(`Line ${line}:`);
  }
  writeFileSync(join(folder, "home/.config/pip/pip.conf"), Buffer.from([0x5b, 0xff, 0xfe, 0x5d]));
  expect(failureOf(() => value("timeout")).why).toContain("UTF-8");
  rmSync(join(folder, "home/.config/pip/pip.conf"));
  mkdirSync(join(folder, "home/.config/pip/pip.conf"));
  expect(value("timeout")).toBeUndefined();
});

test("what a project folder holds is never read", () => {
  for (const name of ["pip.conf", ".pip/pip.conf", ".config/pip/pip.conf", "pip/pip.conf", "setup.cfg", "pip.ini"])
    write(name, "[global]\ntimeout = 1\n");
  write("pyproject.toml", "[tool.pip]\ntimeout = 1\n");
  // Relative places are no places: they would be below the working folder.
  expect(value("timeout", { env: { XDG_CONFIG_DIRS: "pip:.", XDG_CONFIG_HOME: ".config" } })).toBeUndefined();
});

test("64 KiB of anything answer in 100 ms", () => {
  for (const piece of ["[", "]", "=", " ", "\n ", "[a]\n", "a=\n", "a\n", "\t#", "[global]\nx=1\n", "é", "--"]) {
    const file = write("home/.config/pip/pip.conf", piece.repeat(65_536 / piece.length));
    const started = processorTime();
    try {
      value("timeout");
    } catch (error) {
      if (!isPenError(error, "INVALID_CONFIG")) throw error;
    }
    expect([piece, processorTime() - started < 100]).toEqual([piece, true]);
    rmSync(file);
  }
});
