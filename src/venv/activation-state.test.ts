/** After `deactivate` a shell is as it was before: all it can tell of itself, variables, functions, aliases and options, is compared. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspectInterpreter, type Interpreter } from "#python";
import { cleanEnvironment, realPythons, run, shellProgram, testHost } from "../../tests/support/interpreters.ts";
import { createEnvironment } from "./index.ts";

const base = mkdtempSync(join(tmpdir(), "pen-state-"));
const host = testHost(base);
let interpreter: Interpreter;
let count = 0;

beforeAll(async () => {
  interpreter = await inspectInterpreter(realPythons()[0]!, { host, cacheFolder: join(base, "cache") });
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

interface Shell {
  readonly command: readonly string[];
  readonly file: string;
  readonly read: (path: string) => string;
  /** Tells all that there is to tell. */
  readonly dump: string;
  /** Sets the variables of a case; `set` is exported. */
  readonly assign: (name: string, value: string | undefined, exported: boolean) => string;
  readonly first?: string;
}

const posix = (command: readonly string[], dump: string): Shell => ({
  command,
  file: "activate",
  read: (path) => `. ${path}`,
  dump,
  assign: (name, value, exported) => (value === undefined ? `unset ${name}` : `${name}='${value}'${exported ? `; export ${name}` : ""}`),
  first: "set -eu",
});
const csh: Omit<Shell, "command"> = {
  file: "activate.csh",
  read: (path) => `source ${path}`,
  dump: "set; alias; printenv | sort",
  assign: (name, value, exported) => {
    const variable = name === "PS1" ? "prompt" : name;
    if (value === undefined) return `unset ${variable}`;
    return exported ? `setenv ${name} '${value}'` : `set ${variable} = '${value}'`;
  },
};

const shells: Readonly<Record<string, Shell>> = {
  bash: posix(["bash", "--norc"], "declare -p; declare -f; alias; shopt; set -o; trap; hash"),
  zsh: posix(["zsh", "-f"], "typeset -p; functions; alias; setopt; hash"),
  dash: posix(["dash"], "set; export -p; alias; trap; command -V deactivate || :"),
  ksh: posix(["ksh"], "typeset -p; typeset -f; alias; set -o; trap"),
  mksh: posix(["mksh"], "typeset -p; typeset -f; alias; set -o; trap"),
  yash: posix(["yash"], "typeset -p; typeset -fp; alias; set -o; trap"),
  busybox: posix(["busybox", "sh"], "set; export -p; alias; trap; type deactivate || :"),
  fish: {
    command: ["fish", "--no-config"],
    file: "activate.fish",
    read: (path) => `source ${path}`,
    dump: "set --long; set -x; set -S PATH PKG_CONFIG_PATH; functions -a -n; functions --no-details fish_prompt",
    assign: (name, value, exported) => (value === undefined ? `set -e ${name}` : `set -g${exported ? "x" : "u"} ${name} '${value}'`),
    first: "function fish_prompt; printf 'own\\n> '; end",
  },
  tcsh: { ...csh, command: ["tcsh", "-f"] },
  "bsd-csh": { ...csh, command: ["bsd-csh", "-f"] },
  nu: {
    command: ["nu", "-n"],
    file: "activate.nu",
    read: (path) => `overlay use r#'${path}'#`,
    dump: "$env | reject config ENV_CONVERSIONS? | transpose k v | each {|it| $'($it.k)=($it.v | to nuon --serialize)' } | sort | print; scope aliases | get name | print; scope commands | where type == custom | get name | print; overlay list | where active | get name | print",
    assign: (name, value, exported) => {
      if (name === "PS1") return value === undefined ? "" : `$env.PROMPT_COMMAND = {|| '${value}' }`;
      return value === undefined || !exported ? "" : `$env.${name} = '${value}'`;
    },
  },
  xonsh: {
    command: ["xonsh", "--no-rc"],
    file: "activate.xsh",
    read: (path) => `source ${path}`,
    dump: "import builtins; print(sorted((k, str(v)) for k, v in __xonsh__.env.detype().items())); print(sorted(aliases)); print(sorted(n for n in globals() if n not in ('builtins',)))",
    assign: (name, value, exported) => {
      if (name === "PS1") return value === undefined ? "" : `$PROMPT = '${value}'`;
      return value === undefined || !exported ? "" : `$${name} = '${value}'`;
    },
  },
};

/** What is set before: a name with undefined is unset. Exported unless the name is PS1 and the case says otherwise. */
const cases: Readonly<Record<string, ReadonlyArray<readonly [name: string, value: string | undefined, exported: boolean]>>> = {
  "nothing set": [
    ["PS1", undefined, false],
    ["PYTHONHOME", undefined, false],
    ["PKG_CONFIG_PATH", undefined, false],
  ],
  "a prompt that is not exported, and everything set": [
    ["PS1", "% ", false],
    ["PYTHONHOME", "/nowhere", true],
    ["PKG_CONFIG_PATH", "/a b:/c", true],
    ["VIRTUAL_ENV", "/outer", true],
    ["VIRTUAL_ENV_PROMPT", "outer", true],
  ],
  "an exported prompt, and variables that are empty": [
    ["PS1", "> ", true],
    ["PYTHONHOME", "", true],
    ["PKG_CONFIG_PATH", "", true],
  ],
};

/** What changes by itself: the last word, times, random numbers, line numbers; ksh93 notes a feature at the first assignment to PATH. */
const restless =
  /^(?:(?:declare|typeset|export|integer|readonly|set)(?: -\S+(?: \d+)?)* )?(?:_|BASH_ARGC|BASH_ARGV|BASH_LINENO|BASH_COMMAND|BASH_SOURCE|LINENO|RANDOM|SRANDOM|SECONDS|EPOCH\w*|PIPESTATUS|TTYIDLE|status|last_status|pipestatus|cmd_duration|history|LAST_EXIT_CODE|CMD_DURATION_MS|ZSH_SUBSHELL|FUNCNAME|OPTIND|KSH_MATCH|fish_kill_signal|_AST_FEATURES)(?:[=\t[ (].*)?$\n?/gim;

for (const [name, shell] of Object.entries(shells)) {
  const program = shellProgram(shell.command[0] ?? name);
  if (program === undefined) {
    test.skip(`${name} after deactivate is as it was before (skipped: ${name} is not installed)`, () => {});
    continue;
  }
  describe(`${name} after deactivate is as it was before`, () => {
    for (const [what, variables] of Object.entries(cases)) {
      test(what, () => {
        const folder = join(base, `case-${(count += 1)}`);
        mkdirSync(folder);
        const { root } = createEnvironment({ host, root: join(folder, "env"), interpreter, prompt: "100% $(mine)!" });
        const read = shell.read(`${root}/bin/${shell.file}`);
        const lines = [
          ...variables.map(([variable, value, exported]) => shell.assign(variable, value, exported)),
          ...(shell.first === undefined ? [] : [shell.first]),
          // A name that the shell learns with the first dump is there before the second.
          ...(name === "xonsh" ? ["import builtins"] : []),
        ].filter(Boolean);
        const mark = name === "xonsh" ? "print('==')" : name === "nu" ? "print '=='" : "echo '=='";
        const script = [...lines, shell.dump, mark, read, read, "deactivate", shell.dump, mark, ""].join("\n");
        writeFileSync(join(folder, "script"), script);
        const env = cleanEnvironment(join(base, "home"), { TERM: "xterm" });
        const ran = run([program, ...shell.command.slice(1), join(folder, "script")], { env, cwd: folder });
        expect(ran.stderr.replace(/^.*deactivate.*not found\n/gm, "")).toBe("");
        const [before = "", after = ""] = ran.stdout.split("==\n").map((text) => text.replace(restless, ""));
        expect(before.length).toBeGreaterThan(100);
        expect(after).toBe(before);
        expect(readFileSync(join(folder, "script"), "utf8")).toBe(script);
      });
    }
  });
}
