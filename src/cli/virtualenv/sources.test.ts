import { describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isPenError, readHost } from "#foundation";
import { commonOptions } from "../arguments/common.ts";
import { parseArguments } from "../arguments/parse.ts";
import { allActivators, readChoices, type Choices } from "./choices.ts";
import { helpHere } from "./help.ts";
import { readConfigFile } from "./ini.ts";
import { configurableOptions, virtualenvOptions } from "./options.ts";
import { openValues, type Values } from "./sources.ts";

const options = [...virtualenvOptions, ...commonOptions];

interface Case {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly ini?: string;
}

const folder = mkdtempSync(join(tmpdir(), "pen-sources-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
const iniPath = join(folder, "virtualenv.ini");

function open(given: Case): {
  values: Values;
  host: ReturnType<typeof readHost>;
  warnings: string[];
  file: ReturnType<typeof readConfigFile>;
} {
  writeFileSync(iniPath, `[virtualenv]\n${given.ini ?? ""}`);
  const host = readHost({ env: { VIRTUALENV_CONFIG_FILE: iniPath, ...given.env }, cwd: folder, home: folder });
  const file = readConfigFile(host);
  const warnings: string[] = [];
  const parsed = parseArguments(["env", ...(given.args ?? [])], {
    options,
    arguments: [{ name: "DEST", help: "" }],
    command: "virtualenv",
    variables: {},
  });
  const values = openValues({ options, parsed, variables: host.env, file, separator: ":", warn: (text) => void warnings.push(text) });
  return { values, host, warnings, file };
}

const choose = (given: Case): Choices => {
  const { values, host } = open(given);
  return readChoices(values, host);
};

const cases: readonly Case[] = [
  {},
  { args: ["--clear"] },
  { env: { VIRTUALENV_CLEAR: "yes" } },
  { env: { VIRTUALENV_CLEAR: "off" }, ini: "clear = on\n" },
  { env: { VIRTUALENV_CLEAR: "" }, ini: "clear = on\n" },
  { env: { VIRTUALENV_CLEAR: "maybe" }, ini: "clear = on\n" },
  { ini: "clear = maybe\n" },
  { args: ["-p", "3.12", "--python=3.11", "-p3.10"], env: { VIRTUALENV_PYTHON: "3.9" } },
  { env: { VIRTUALENV_PYTHON: "3.9,>=3.10,<3.12" }, ini: "python = 3.8\n" },
  { env: { VIRTUALENV_P: "3.9:3.8" } },
  { ini: "python =\n  3.9\n  3.8\n" },
  { env: { VIRTUALENV_TRY_FIRST_WITH: "/a:/b" }, args: [] },
  { args: ["--try-first-with", "/a", "--try-first-with", "/b"] },
  { args: ["--copies"] },
  { args: ["--always-copy"] },
  { args: ["--symlinks"], env: { VIRTUALENV_COPIES: "1" } },
  { env: { VIRTUALENV_ALWAYS_COPY: "1" } },
  { env: { VIRTUALENV_SYMLINKS: "1" }, ini: "copies = 1\n" },
  { env: { VIRTUALENV_SYMLINKS: "1", VIRTUALENV_COPIES: "1" } },
  { env: { VIRTUALENV_SYMLINKS: "0" } },
  { ini: "symlinks = 0\ncopies = 0\n" },
  { args: ["--download"] },
  { args: ["--never-download"], env: { VIRTUALENV_DOWNLOAD: "1" } },
  { env: { VIRTUALENV_DOWNLOAD: "1" }, ini: "no_download = 1\n" },
  { env: { VIRTUALENV_DOWNLOAD: "1", VIRTUALENV_NO_DOWNLOAD: "1" } },
  { env: { VIRTUALENV_NO_DOWNLOAD: "0" } },
  { env: { VIRTUALENV_NEVER_DOWNLOAD: "1" } },
  { args: ["--venv-redirect", "--no-venv-redirect"] },
  { args: ["--no-venv-redirect", "--venv-redirect"] },
  { env: { VIRTUALENV_NO_VENV_REDIRECT: "1" } },
  { env: { VIRTUALENV_VENV_REDIRECT: "0" } },
  { env: { VIRTUALENV_VENV_REDIRECT: "1" }, ini: "no_venv_redirect = 1\n" },
  { ini: "venv_redirect = 1\nno_venv_redirect = 1\n" },
  { args: ["--pip", " 24.0.0 ", "--setuptools", "v70.1-RC.1"] },
  { env: { VIRTUALENV_PIP: "embed", VIRTUALENV_SETUPTOOLS: "none" } },
  { ini: "pip = 1.0.post-3\n" },
  { args: ["--no-pip", "--no-setuptools"] },
  { env: { VIRTUALENV_WITHOUT_PIP: "1" } },
  { args: ["--activators", "fish, bash"] },
  { args: ["--activators", ""] },
  { ini: "activators =\n  fish\n  bash\n" },
  { ini: "activators =\n" },
  { args: ["-vv"] },
  { args: ["-q"], env: { VIRTUALENV_VERBOSE: "4" } },
  { env: { VIRTUALENV_VERBOSE: "x", VIRTUALENV_QUIET: "1" } },
  { args: ["-v"], env: { VIRTUALENV_V: "0" } },
  { args: ["-qqqq"] },
  { args: ["--prompt", "."], env: { VIRTUALENV_PROMPT: "other" } },
  { ini: "prompt = 100% %(x)s\n" },
  { args: ["--extra-search-dir", "/a", "/b", "--extra-search-dir", "/c"] },
  { env: { VIRTUALENV_EXTRA_SEARCH_DIR: "/a:/b\n/c" } },
  { args: ["--system-site-packages", "--no-vcs-ignore", "--no-periodic-update", "--symlink-app-data", "--with-traceback"] },
  { env: { VIRTUALENV_SYSTEM_SITE_PACKAGES: "true", VIRTUALENV_NO_VCS_IGNORE: "ON" } },
  { args: ["--seeder", "pip"], env: { VIRTUALENV_SEEDER: "app-data" } },
];

const oracle = `
import json, os, sys
from virtualenv.run import build_parser
from virtualenv.create.via_global_ref.api import ViaGlobalRefApi
import logging
logging.disable(logging.CRITICAL)
path = sys.argv[1]
out = []
base = {key: value for key, value in os.environ.items() if not key.startswith("VIRTUALENV_")}
for case in json.load(sys.stdin):
    with open(path, "w") as file:
        file.write("[virtualenv]\\n" + case.get("ini", ""))
    env = {**base, "VIRTUALENV_CONFIG_FILE": path, "VIRTUALENV_DISCOVERY": "builtin", **case.get("env", {})}
    shown = {"python": env.pop("VIRTUALENV_PYTHON", None), "p": env.pop("VIRTUALENV_P", None)}
    args = ["env", *case.get("args", [])]
    from virtualenv.config.cli.parser import VirtualEnvConfigParser
    import virtualenv.discovery.builtin as builtin
    builtin.Builtin.run = lambda self: current
    from python_discovery import PythonInfo
    current = PythonInfo.current_system()
    for key, value in shown.items():
        if value is not None: env["VIRTUALENV_" + key.upper()] = value
    parser, elements = build_parser(args, None, False, env)
    found = parser.parse_args(args)
    activators = elements[2].active if found.activators is not elements[2].default else elements[2].possible
    out.append({
        "clear": found.clear, "python": found.python, "tryFirstWith": found.try_first_with,
        "copies": not ViaGlobalRefApi._should_symlink(found), "download": found.download, "redirect": found.venv_redirect,
        "pip": "none" if found.no_pip or found.no_seed else found.pip,
        "activators": sorted(activators), "verbosity": found.verbosity, "prompt": found.prompt,
        "extraSearchFolders": [str(one) for one in found.extra_search_dir], "seeder": found.seeder,
        "systemSitePackages": found.system_site, "vcsIgnore": not found.no_vcs_ignore,
        "periodicUpdate": not found.no_periodic_update, "symlinkAppData": getattr(found, "symlink_app_data", False), "withTraceback": found.with_traceback,
        "setuptools": "none" if found.no_setuptools or found.no_seed else found.setuptools,
    })
json.dump(out, sys.stdout)
`;

const tools = process.env["PEN_TEST_TOOLS"];
const python = tools === undefined ? undefined : join(tools, "python");
const usable = python !== undefined && existsSync(python) && spawnSync(python, ["-c", "import virtualenv"]).status === 0;

test.skipIf(!usable)("every source, as virtualenv's own parser reads it (needs PEN_TEST_TOOLS with virtualenv 21)", () => {
  const { stdout, stderr, status } = spawnSync(python ?? "", ["-c", oracle, join(folder, "oracle.ini")], {
    input: JSON.stringify(cases),
    encoding: "utf8",
    env: { PATH: "/usr/bin:/bin", HOME: folder, LANG: "C.UTF-8" },
  });
  expect([status, status === 0 ? "" : stderr]).toEqual([0, ""]);
  const answers = JSON.parse(stdout) as Array<Record<string, unknown>>;
  for (const [at, given] of cases.entries()) {
    const { options: chosen, verbosity, withTraceback } = choose(given);
    const ours = {
      clear: chosen.clear,
      python: chosen.python,
      tryFirstWith: chosen.tryFirstWith,
      copies: chosen.copies,
      download: chosen.download ?? null,
      redirect: chosen.redirect ?? null,
      pip: chosen.pip ?? "bundle",
      // The default depends on the Python, which the reference has chosen already.
      setuptools: chosen.setuptools ?? answers[at]?.["setuptools"],
      activators: [...(chosen.activators ?? allActivators)].sort(),
      verbosity,
      prompt: chosen.prompt ?? null,
      extraSearchFolders: chosen.extraSearchFolders,
      seeder: chosen.seeder,
      systemSitePackages: chosen.systemSitePackages,
      vcsIgnore: chosen.vcsIgnore,
      periodicUpdate: chosen.periodicUpdate,
      symlinkAppData: chosen.symlinkAppData,
      withTraceback,
    };
    expect([given, ours as unknown]).toEqual([given, answers[at]]);
  }
});

describe("what is refused", () => {
  const refused: readonly Case[] = [
    { args: ["-v", "-q"] },
    { args: ["--symlinks", "--copies"] },
    { args: ["--download", "--no-download"] },
    { args: ["--activators", "bash,bogus"] },
    { env: { VIRTUALENV_ACTIVATORS: "batch" } },
    { args: ["--pip", "bogus"] },
    { args: ["--setuptools", "1.0+local.zip"] },
    { args: ["--wheel", "bogus"] },
    { args: ["--seeder", "other"] },
    { args: ["--seeder", "pip", "--symlink-app-data"] },
    { env: { VIRTUALENV_SEEDER: "other" } },
    { env: { VIRTUALENV_DISCOVERY: "other" } },
    { args: ["--clear=1"] },
    { args: ["--bogus"] },
    { args: ["--pip"] },
    { args: ["second"] },
  ];
  for (const given of refused)
    test(JSON.stringify(given), () => {
      let error: unknown;
      try {
        choose(given);
      } catch (thrown) {
        error = thrown;
      }
      expect(isPenError(error, "USAGE")).toBe(true);
    });
});

test("values that are not understood are named and passed over", () => {
  const { values, host, warnings } = open({ env: { VIRTUALENV_CLEAR: "maybe" }, ini: "no_vcs_ignore = often\n" });
  expect(readChoices(values, host).options).toMatchObject({ clear: false, vcsIgnore: true });
  expect(warnings.join("\n")).toContain('The variable VIRTUALENV_CLEAR is passed over: it cannot be "maybe".');
  expect(warnings.join("\n")).toContain("no_vcs_ignore in ");
});

test("the words that do nothing are noticed wherever they stand", () => {
  expect(
    [{}, { args: ["--no-wheel"] }, { env: { VIRTUALENV_WHEEL: "0.45" } }, { ini: "no_wheel = 1\n" }].map((one) => choose(one).saysWheel),
  ).toEqual([false, true, true, true]);
});

test("the folder of application data: the option, else its variable, else the variable that overrides the default", () => {
  const of = (given: Case) => choose(given).appData.folder;
  expect(of({})).toBeUndefined();
  expect(of({ env: { VIRTUALENV_OVERRIDE_APP_DATA: " " } })).toBeUndefined();
  expect(of({ env: { VIRTUALENV_OVERRIDE_APP_DATA: "/o" } })).toBe("/o");
  expect(of({ env: { VIRTUALENV_OVERRIDE_APP_DATA: "/o", VIRTUALENV_APP_DATA: "/v" } })).toBe("/v");
  expect(of({ env: { VIRTUALENV_APP_DATA: "/v" }, args: ["--app-data", "/c"] })).toBe("/c");
});

test("help names the file, and where a value comes from", () => {
  const { values, file } = open({ env: { VIRTUALENV_CLEAR: "1" }, ini: "prompt = mine\n" });
  const { notes, end } = helpHere(values, file, options);
  expect(notes.get("clear")).toBe(" (default: true -> from env var VIRTUALENV_CLEAR)");
  expect(notes.get("prompt")).toBe(" (default: mine -> from file)");
  expect(notes.get("seeder")).toBe(" (default: app-data)");
  expect(end).toContain(`config file ${iniPath} active (changed via env var VIRTUALENV_CONFIG_FILE)`);
});

test("security: control characters in values are shown as text", () => {
  const { values, file } = open({ env: { VIRTUALENV_PROMPT: "\u001b[31mred" } });
  expect(helpHere(values, file, options).notes.get("prompt")).not.toContain("\u001b");
});

describe("where each value comes from", () => {
  type Option = (typeof options)[number];
  const keyFor = (name: string): string => name.replaceAll("-", "_");
  const names = ({ name, negation }: Option): string[] => [name, ...(negation === undefined ? [] : [negation])];
  const valueFor = ({ name, kind, choices }: Option): string =>
    kind === "flag" ? "yes" : kind === "count" ? "3" : (choices?.[0] ?? `some-${name}`);
  const lines = (of: readonly Option[], place: (key: string) => string): string[] =>
    of.flatMap((option) => names(option).map((name) => `--${name} is ${valueFor(option)} (from ${place(keyFor(name))})`));
  test("a variable of every option", () => {
    const pairs = configurableOptions.flatMap((option) =>
      names(option).map((name) => [`VIRTUALENV_${keyFor(name).toUpperCase()}`, valueFor(option)] as const),
    );
    const { values } = open({ env: Object.fromEntries(pairs) });
    expect(pairs.length).toBeGreaterThan(30);
    expect(values.origins(configurableOptions)).toEqual(
      lines(configurableOptions, (key) => `the variable VIRTUALENV_${key.toUpperCase()}`),
    );
  });
  test("virtualenv.ini, of every option; nothing of what the command line says", () => {
    const ini = configurableOptions.flatMap((option) => names(option).map((name) => `${keyFor(name)} = ${valueFor(option)}\n`)).join("");
    const { values } = open({ ini, args: ["--clear"] });
    const expected = configurableOptions.filter(({ name }) => name !== "clear");
    expect(values.origins(configurableOptions)).toEqual(lines(expected, (key) => `${iniPath}, ${key} in [virtualenv]`));
  });
});
