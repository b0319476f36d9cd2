/** The scripts for csh, tcsh, nushell and xonsh, in the real shells: one process of each goes through all hostile names. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspectInterpreter, type Interpreter } from "#python";
import { hostileNames, shownName } from "../../tests/support/hostile-names.ts";
import { cleanEnvironment, realPythons, run, shellProgram, testHost } from "../../tests/support/interpreters.ts";
import { createEnvironment } from "./index.ts";

const base = mkdtempSync(join(tmpdir(), "pen-shells-"));
const host = testHost(base);
let interpreter: Interpreter;
let count = 0;

beforeAll(async () => {
  interpreter = await inspectInterpreter(realPythons()[0]!, { host, cacheFolder: join(base, "cache") });
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

interface Case {
  readonly name: string;
  /** An environment in a folder of the name, and one with the name as its prompt. */
  readonly a: string;
  readonly b: string;
  readonly work: string;
}

function prepare(name: string): Case {
  const folder = join(base, `case-${(count += 1)}`);
  const work = join(folder, "work");
  mkdirSync(work, { recursive: true });
  const a = createEnvironment({ host, root: `${folder}/${name}`, interpreter }).root;
  const b = createEnvironment({ host, root: `${folder}/b`, interpreter, prompt: shownName(name) }).root;
  return { name, a, b, work };
}

interface Shell {
  readonly command: readonly string[];
  readonly file: string;
  /** A literal of the shell. */
  readonly quote: (text: string) => string;
  /** Lines that go before everything: PYTHONHOME is set here. */
  readonly start: string;
  readonly enter: (folder: string) => string;
  readonly source: (path: string) => string;
  /** Writes the exported variables, `command -v python`, and what the prompt would be to files of the step. */
  readonly dump: (step: string) => string;
  /** Writes what the script has left behind to `leftovers`. */
  readonly leftovers: string;
}

const cshQuote = (text: string): string => `'${text.replaceAll("'", `'\\''`).replace(/[!\n]/g, "\\$&")}'`;
const csh: Omit<Shell, "command"> = {
  file: "activate.csh",
  quote: cshQuote,
  start: "setenv PYTHONHOME /nowhere\nset prompt = 'a%b> '\n",
  enter: (folder) => `cd ${cshQuote(folder)}`,
  source: (path) => `source ${cshQuote(path)}`,
  dump: (step) =>
    `env -0 > env-${step}\nsh -c 'command -v python || :' > python-${step}\nsh -c 'printf %s "$1"' sh $prompt:q > prompt-${step}`,
  leftovers: "(set; alias) | sh -c 'grep -a \"^_pen\\|^_OLD\\|deactivate\" || :' > leftovers",
};
const nuQuote = (text: string): string => `r##'${text}'##`;
const pyQuote = (text: string): string => JSON.stringify(text);

const shells: Readonly<Record<string, Shell>> = {
  "bsd-csh": { ...csh, command: ["bsd-csh", "-f", "-e"] },
  tcsh: { ...csh, command: ["tcsh", "-f", "-e"] },
  nu: {
    command: ["nu", "-n"],
    file: "activate.nu",
    quote: nuQuote,
    start: "$env.PYTHONHOME = '/nowhere'\n$env.PROMPT_COMMAND = {|| 'a%b> ' }\n",
    enter: (folder) => `cd ${nuQuote(folder)}`,
    source: (path) => `overlay use ${nuQuote(path)}`,
    dump: (step) =>
      `^env -0 | save -f env-${step}; ^sh -c 'command -v python || :' | save -f python-${step}; do $env.PROMPT_COMMAND | save -f prompt-${step}`,
    leftovers:
      "$env | columns | where {|name| $name =~ '(?i)pen|OLD_VIRTUAL' and $name != 'PEN_CACHE_DIR' } | str join ' ' | save -f leftovers",
  },
  xonsh: {
    command: ["xonsh", "--no-rc"],
    file: "activate.xsh",
    quote: pyQuote,
    start: [
      "$PYTHONHOME = '/nowhere'",
      "import os, shutil",
      "def dump(step):",
      "    given = __xonsh__.env.detype()",
      "    open('env-' + step, 'w').write(''.join(k + '=' + v + '\\0' for k, v in given.items() if not k.startswith('XONSH')))",
      "    found = shutil.which('python', path=given['PATH'])",
      "    open('python-' + step, 'w').write(found + '\\n' if found else '')",
      "    open('prompt-' + step, 'w').write($PROMPT)",
      "",
    ].join("\n"),
    enter: (folder) => `os.chdir(${pyQuote(folder)})`,
    source: (path) => `source @(${pyQuote(path)})`,
    // What a program would be given, without starting one: xonsh takes a tenth of a second for each.
    dump: (step) => `dump(${pyQuote(step)})`,
    leftovers:
      "open('leftovers', 'w').write(' '.join([n for n in globals() if n.startswith('_pen')] + [n for n in aliases if n == 'deactivate']))",
  },
};

const variables = (path: string): Map<string, string> =>
  new Map(
    readFileSync(path, "utf8")
      .split("\0")
      .filter(Boolean)
      .map((line): [string, string] => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)])
      .filter(
        ([name]) =>
          !["_", "SHLVL", "PWD", "OLDPWD", "FILE_PWD", "CURRENT_FILE", "PROCESS_PATH", "LAST_EXIT_CODE", "CMD_DURATION_MS"].includes(name),
      )
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );

/** Goes through one case: activates the hostile folder, leaves it, activates the hostile prompt twice, leaves it. */
const steps = (shell: Shell, { a, b, work }: Case): string =>
  [
    shell.enter(work),
    shell.dump("before"),
    shell.source(`${a}/bin/${shell.file}`),
    shell.dump("a"),
    "deactivate",
    shell.dump("after-a"),
    shell.source(`${b}/bin/${shell.file}`),
    shell.source(`${b}/bin/${shell.file}`),
    shell.dump("b"),
    "deactivate",
    shell.dump("after-b"),
    shell.leftovers,
    "",
  ].join("\n");

function inShell(shell: Shell, program: string, script: string, extra: Record<string, string> = {}): ReturnType<typeof run> {
  const path = join(base, `script-${(count += 1)}`);
  writeFileSync(path, `${shell.start}${script}\n`);
  const env = cleanEnvironment(join(base, "home"), extra);
  return run([program, ...shell.command.slice(1), path], { env, cwd: base });
}

function checkCase(shellName: string, { name, a, b, work }: Case): void {
  const at = (file: string): string => join(work, file);
  const text = (file: string): string => readFileSync(at(file), "utf8");
  const before = variables(at("env-before"));
  expect(before.get("PYTHONHOME")).toBe("/nowhere");
  for (const [step, root] of [
    ["a", a],
    ["b", b],
  ] as const) {
    const active = variables(at(`env-${step}`));
    expect(active.get("VIRTUAL_ENV")).toBe(root);
    expect(active.get("VIRTUAL_ENV_PROMPT")).toBe(shownName(name));
    expect(active.get("PATH")).toBe(`${root}/bin:${before.get("PATH")}`);
    expect(active.get("PKG_CONFIG_PATH")).toBe(`${root}/lib/pkgconfig`);
    expect(active.has("PYTHONHOME")).toBe(false);
    expect(text(`python-${step}`)).toBe(`${root}/bin/python\n`);
    expect([...variables(at(`env-after-${step}`))]).toEqual([...before]);
    expect(text(`prompt-after-${step}`)).toBe(text("prompt-before"));
    if (shellName === "nu") expect(text(`prompt-${step}`)).toBe(`(${shownName(name)}) a%b> `);
  }
  expect(text("leftovers").trim()).toBe("");
  expect(readdirSync(work).filter((file) => !/^(?:env|python|prompt)-|^leftovers$/.test(file))).toEqual([]);
}

for (const [shellName, shell] of Object.entries(shells)) {
  const program = shellProgram(shellName);
  if (program === undefined) {
    test.skip(`activation in ${shellName} (skipped: ${shellName} is not installed)`, () => {});
    continue;
  }
  describe(shellName, () => {
    test("no name or prompt is executed, and deactivate restores everything: all hostile names", () => {
      const cases = Object.values(hostileNames).map(prepare);
      const result = inShell(shell, program, cases.map((one) => steps(shell, one)).join(""));
      expect(result).toEqual({ status: 0, stdout: "", stderr: "" });
      for (const one of cases) {
        try {
          checkCase(shellName, one);
        } catch (error) {
          throw new Error(`${shellName}: ${JSON.stringify(one.name)}`, { cause: error });
        }
      }
    }, 180_000);

    test("a moved and a copied environment activates at its new place, by a relative path and through links", () => {
      const { a, b, work } = prepare("old");
      const folder = join(work, "..");
      const moved = join(folder, "new $(touch pwned) name");
      renameSync(a, moved);
      cpSync(b, join(folder, "copy"), { recursive: true, verbatimSymlinks: true });
      symlinkSync(join(b, "bin", shell.file), join(work, shell.file));
      const places: readonly (readonly [string, string])[] = [
        [`${moved}/bin/${shell.file}`, moved],
        [`../copy/bin/${shell.file}`, join(folder, "copy")],
        [`./${shell.file}`, b],
      ];
      for (const [path, root] of places) {
        const { stdout, stderr } = runIn(shell, program, { cwd: work, lines: [shell.source(path), "printenv VIRTUAL_ENV"] });
        expect({ path, stdout, stderr }).toEqual({ path, stdout: `${root}\n`, stderr: "" });
      }
      expect(readdirSync(work)).toEqual([shell.file]);
    });

    test("outside an environment it fails with a word why and changes nothing", () => {
      const { b, work } = prepare("x");
      mkdirSync(join(work, "stray", "bin"), { recursive: true });
      cpSync(join(b, "bin", shell.file), join(work, "stray", "bin", shell.file));
      const { stderr } = runIn(shell, program, { cwd: work, lines: [shell.source(`./stray/bin/${shell.file}`)] });
      expect(stderr).toContain("cannot find the environment");
    });

    test("VIRTUAL_ENV_DISABLE_PROMPT leaves the prompt alone, and an environment active outside is active again afterwards", () => {
      const { b, work } = prepare("x");
      const extra = { VIRTUAL_ENV_DISABLE_PROMPT: "1", VIRTUAL_ENV: "/outer", VIRTUAL_ENV_PROMPT: "outer" };
      const script = [
        shell.enter(work),
        shell.dump("1"),
        shell.source(`${b}/bin/${shell.file}`),
        shell.dump("2"),
        "deactivate",
        shell.dump("3"),
      ];
      expect(inShell(shell, program, script.join("\n"), extra)).toEqual({ status: 0, stdout: "", stderr: "" });
      expect(readFileSync(join(work, "prompt-2"), "utf8")).toBe(readFileSync(join(work, "prompt-1"), "utf8"));
      expect(variables(join(work, "env-2")).get("VIRTUAL_ENV")).toBe(b);
      expect([...variables(join(work, "env-3"))]).toEqual([...variables(join(work, "env-1"))]);
    });
  });
}

/** Runs lines in a working directory of the shell's own, as typed after -c: relative paths mean that folder. */
function runIn(shell: Shell, program: string, { cwd, lines }: { cwd: string; lines: readonly string[] }): ReturnType<typeof run> {
  const [, ...options] = shell.command;
  return run([program, ...options, "-c", lines.join("\n")], { env: cleanEnvironment(join(base, "home")), cwd });
}

for (const name of ["tcsh", "bsd-csh"]) {
  const program = shellProgram(name);
  if (program === undefined) continue;
  test(`${name}: variables that change how csh reads, and its options, change nothing`, () => {
    const { b, work } = prepare("a!b");
    const options = [
      "noglob",
      "nonomatch",
      "noclobber",
      "backslash_quote",
      "csubstnonl",
      "histchars = ',^'",
      "histchars = ''",
      "compat_expr",
    ];
    for (const option of options) {
      const script = `rm -f before after\nset ${option}\nset > before\nsource ${b}/bin/activate.csh\nprintenv VIRTUAL_ENV_PROMPT\ndeactivate\nset > after\n`;
      const { stdout, stderr } = run([program, "-f", "-c", script], { env: cleanEnvironment(join(base, "home")), cwd: work });
      expect({ option, stdout, stderr }).toEqual({ option, stdout: "a!b\n", stderr: "" });
      const [before, after] = ["before", "after"].map((file) =>
        readFileSync(join(work, file), "utf8").replace(/^(?:_|status)\t.*\n/gm, ""),
      );
      expect(after).toBe(before);
    }
  });

  test(`${name} shows hostile prompts as they are`, () => {
    for (const prompt of Object.values(hostileNames).map(shownName)) {
      const { b, work } = prepare("x");
      writeFileSync(join(b, "pyvenv.cfg"), `home = /x\nprompt = '${prompt}'\n`);
      const source = `set prompt = '> '\nsource ${b}/bin/activate.csh\n`;
      const options = { env: cleanEnvironment(join(base, "home")), cwd: work };
      // With its input from a pipe, only the last prompt is sure to be shown.
      expect(run([program, "-f", "-i"], { ...options, input: source }).stdout).toContain(`(${prompt}) > exit\n`);
      expect(run([program, "-f", "-i"], { ...options, input: `${source}source ${b}/bin/activate.csh\ndeactivate\n` }).stdout).toMatch(
        /(?:^|\n|# )> exit\n/,
      );
      expect(readdirSync(work)).toEqual([]);
    }
  });
}

test("activate.ps1 is ASCII, as Windows PowerShell reads other bytes in the code page, and invokes no text", () => {
  const text = readFileSync(join(prepare("x").a, "bin", "activate.ps1"), "latin1");
  expect(text).toMatch(/^[\n\x20-\x7e]+$/);
  expect(text).not.toMatch(/Invoke-Expression|\biex\b|Create\(|ExpandString/i);
});

describe("activate_this.py", () => {
  test("puts a running Python into the environment", () => {
    const { a, work } = prepare("a b'$(touch pwned)é");
    writeFileSync(
      join(work, "run.py"),
      `
import os, runpy, sys
before = list(sys.path)
for _ in range(2):
    runpy.run_path(sys.argv[1])
import inside
print(sys.prefix, os.environ["VIRTUAL_ENV"], os.environ["PATH"].split(":")[0], sys.path.count(sys.argv[2]), sep="|")
exec(open(sys.argv[1]).read(), {"__file__": sys.argv[1]})
`,
    );
    const packages = readdirSync(join(a, "lib"))[0]!;
    const site = join(a, "lib", packages, "site-packages");
    writeFileSync(join(site, "inside.py"), "");
    const base3 = realPythons()[0]!;
    const result = run([base3, join(work, "run.py"), `${a}/bin/activate_this.py`, site], {
      env: cleanEnvironment(join(base, "home")),
      cwd: work,
    });
    expect(result).toEqual({ status: 0, stdout: `${a}|${a}|${a}/bin|1\n`, stderr: "" });
    expect(readdirSync(work)).toEqual(["run.py"]);
  });

  test("refuses a Python of another version, and a place outside an environment", () => {
    const { a, work } = prepare("x");
    const env = cleanEnvironment(join(base, "home"));
    cpSync(join(a, "bin", "activate_this.py"), join(work, "activate_this.py"));
    const stray = run([realPythons()[0]!, join(work, "activate_this.py")], { env, cwd: work });
    expect(stray.stderr).toContain("cannot find the environment");
    const other = realPythons().at(-1)!;
    const wrong = run([other, join(a, "bin", "activate_this.py")], { env, cwd: work });
    if (other !== realPythons()[0]) expect(wrong.stderr).toContain("is for another Python");
  });
});
