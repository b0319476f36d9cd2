/** pip's own options, command by command: pen takes each of them, tells of it, or refuses it with a reason; none is unknown. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { commonOptions } from "../../src/cli/arguments/common.ts";
import { withPipOptions } from "../../src/cli/arguments/pip.ts";
import type { OptionSpec } from "../../src/cli/arguments/types.ts";
import { isGroup } from "../../src/cli/command.ts";
import { root } from "../../src/cli/commands.ts";
import { cleanEnvironment } from "../support/interpreters.ts";
import { pythonsThat } from "../support/pythons.ts";
import { openWorld, projects, python, type World } from "../support/world.ts";

/** The long options of pip 26.3 by command, those that every command has under `*`. */
const release26: Readonly<Record<string, string>> = {
  "*": "cache-dir cert client-cert debug default-timeout disable-pip-version-check exists-action help isolated keyring-provider local-log log log-file no-cache-dir no-color no-input no-proxy-env no-python-version-warning proxy python quiet require-venv require-virtualenv resume-retries retries timeout trusted-host use-deprecated use-feature verbose",
  install:
    "abi all-releases break-system-packages build-constraint check-build-dependencies compile config-settings constraint dry-run editable extra-index-url find-links force-reinstall group ignore-installed ignore-requires-python implementation index-url no-binary no-build-isolation no-clean no-compile no-dependencies no-deps no-index no-require-hashes no-user no-warn-conflicts no-warn-script-location only-binary only-dependencies only-deps only-final platform pre prefer-binary prefix progress-bar pypi-url python-version refresh-package report require-hashes requirement requirements-from-script root root-user-action source source-dir source-directory src target upgrade upgrade-strategy uploaded-prior-to use-pep517 user",
  lock: "all-releases build-constraint check-build-dependencies config-settings constraint editable extra-index-url find-links group ignore-requires-python index-url no-binary no-build-isolation no-clean no-dependencies no-deps no-index no-require-hashes only-binary only-dependencies only-deps only-final output pre prefer-binary progress-bar pypi-url refresh-package require-hashes requirement requirements-from-script source source-dir source-directory src uploaded-prior-to use-pep517",
  download:
    "abi all-releases build-constraint check-build-dependencies constraint dest destination-dir destination-directory extra-index-url find-links group ignore-requires-python implementation index-url no-binary no-build-isolation no-clean no-dependencies no-deps no-index no-require-hashes only-binary only-dependencies only-deps only-final platform pre prefer-binary progress-bar pypi-url python-version refresh-package require-hashes requirement requirements-from-script source source-dir source-directory src uploaded-prior-to use-pep517",
  uninstall: "break-system-packages requirement root-user-action yes",
  freeze: "all exclude exclude-editable local path requirement user",
  inspect: "local path user",
  list: "all-releases editable exclude exclude-editable extra-index-url find-links format include-editable index-url local no-binary no-index not-required only-binary only-final outdated path pre prefer-binary pypi-url refresh-package uploaded-prior-to uptodate user",
  show: "files",
  check: "",
  config: "editor global site user",
  search: "index",
  cache: "format",
  index:
    "abi all-releases extra-index-url find-links ignore-requires-python implementation index-url json no-binary no-index only-binary only-final platform pre prefer-binary pypi-url python-version refresh-package uploaded-prior-to",
  wheel:
    "all-releases build-constraint check-build-dependencies config-settings constraint editable extra-index-url find-links group ignore-requires-python index-url no-binary no-build-isolation no-clean no-dependencies no-deps no-index no-require-hashes no-verify only-binary only-dependencies only-deps only-final pre prefer-binary progress-bar pypi-url refresh-package require-hashes requirement requirements-from-script source source-dir source-directory src uploaded-prior-to use-pep517 wheel-dir",
  hash: "algorithm",
  completion: "bash fish powershell zsh",
  debug: "abi implementation platform python-version",
  help: "",
};

async function optionsOf(name: string): Promise<readonly OptionSpec[] | undefined> {
  const pip = root.commands["pip"];
  const entry = pip !== undefined && isGroup(pip) ? pip.commands[name] : undefined;
  return entry === undefined || isGroup(entry) ? undefined : withPipOptions(name, [...(await entry.load()).options, ...commonOptions]);
}

const knows = (specs: readonly OptionSpec[], option: string): boolean =>
  specs.some(({ name, negation, aliases = [] }) => [name, negation, ...aliases].includes(option));

describe("pip 26.3", () => {
  for (const [command, own] of Object.entries(release26)) {
    // \`pip help\` is no command of its own here: it shows the help of the others.
    if (command === "*" || command === "help") continue;
    test(`every option of pip ${command} is known`, async () => {
      const specs = await optionsOf(command);
      expect(specs).toBeDefined();
      const words = `${own} ${release26["*"] ?? ""}`.trim().split(/\s+/);
      expect(words.filter((option) => !knows(specs ?? [], option))).toEqual([]);
    });
  }
});

/** The newest pip of this machine, by the Python that it belongs to. */
function newestPip(): { readonly path: string; readonly version: string } | undefined {
  const tools = process.env["PEN_TEST_TOOLS"];
  const paths = [...(tools === undefined ? [] : [join(tools, "python")]), ...pythonsThat("import pip").map(({ path }) => path)];
  const found = paths.flatMap((path) => {
    const { stdout } = spawnSync(path, ["-I", "-m", "pip", "--version"], { encoding: "utf8", timeout: 30_000 });
    const version = /^pip (\S+)/.exec(stdout ?? "")?.[1];
    return version === undefined ? [] : [{ path, version }];
  });
  return found.sort((a, b) => b.version.localeCompare(a.version, "en", { numeric: true }))[0];
}

const newest = newestPip();

describe.skipIf(newest === undefined)(`the newest pip of this machine (${newest?.version ?? "needs a Python with pip"})`, () => {
  const home = mkdtempSync(join(tmpdir(), "pen-pip-options-"));
  afterAll(() => rmSync(home, { recursive: true, force: true }));
  const help = (...words: string[]): string =>
    spawnSync(newest?.path ?? "", ["-I", "-m", "pip", ...words], {
      encoding: "utf8",
      timeout: 60_000,
      env: { ...cleanEnvironment(home), COLUMNS: "200" },
    }).stdout;

  test("every command and every option of its help is known", async () => {
    const commands = [...(/^Commands:\n((?: {2}.*\n)+)/m.exec(help("help"))?.[1]?.matchAll(/^ {2}(\w+)/gm) ?? [])].map(
      ([, word = ""]) => word,
    );
    expect(commands).toContain("download");
    const missing: string[] = [];
    for (const command of commands.filter((word) => word !== "help")) {
      const specs = await optionsOf(command);
      if (specs === undefined) missing.push(command);
      const options = [...help("help", command).matchAll(/^ {2}(?:-\w, |)--([\w-]+)/gm)].map(([, option = ""]) => option);
      expect(options.length).toBeGreaterThan(10);
      missing.push(...options.filter((option) => !knows(specs ?? [], option)).map((option) => `${command} --${option}`));
    }
    expect(missing).toEqual([]);
  }, 60_000);
});

describe.skipIf(python === undefined)("what is not done is told (needs a Python with venv and ensurepip)", () => {
  let world: World;
  let environment: string;
  beforeAll(async () => {
    world = await openWorld({ projects: projects({ name: "alpha", version: "1.0" }) });
    environment = world.environment("env");
  }, 60_000);
  afterAll(() => world?.close());

  const words: Readonly<Record<string, readonly string[]>> = {
    install: ["--dry-run", "alpha"],
    download: ["-d", "files", "alpha"],
    wheel: ["-w", "files", "alpha"],
    lock: ["-o", "-", "alpha"],
    list: [],
    show: ["pip"],
    check: [],
  };
  for (const [command, rest] of Object.entries(words)) {
    test(`pip ${command}: each option without effect warns, each refused one says why`, async () => {
      const specs = (await optionsOf(command)) ?? [];
      const valued = ({ name, kind, choices, number }: OptionSpec): string[] =>
        kind === "flag" ? [`--${name}`] : [`--${name}=${choices?.[0] ?? (number === true ? "3" : "x")}`];
      const idle = specs.filter((spec) => spec.idle !== undefined);
      const ran = await world.pen(["pip", command, ...idle.flatMap(valued), ...rest], { environment });
      expect(ran.status).toBe(0);
      for (const { name } of idle) expect(ran.stderr).toContain(`--${name} changes nothing: `);
      for (const spec of specs.filter(({ refused }) => refused !== undefined)) {
        const refusedRun = await world.pen(["pip", command, ...valued(spec), ...rest], { environment });
        expect(refusedRun.status).toBe(2);
        expect(refusedRun.stderr).toContain(`does not take --${spec.name}`);
        expect(refusedRun.stderr).toContain(spec.refused?.hint ?? "");
      }
    }, 60_000);
  }

  test("a configuration for all commands is no word to one that has no use for it", async () => {
    const ran = await world.pen(["pip", "show", "pip"], {
      environment,
      env: { PIP_TIMEOUT: "20", PIP_PROXY: "http://127.0.0.1:9", PIP_RETRIES: "1" },
    });
    expect(ran).toMatchObject({ status: 0, stderr: "" });
  });
});
