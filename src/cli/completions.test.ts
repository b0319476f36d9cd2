import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cleanEnvironment, programOnPath } from "../../tests/support/interpreters.ts";
import { root } from "./commands.ts";
import { bashCompletion, completionPlaces, fishCompletion, zshCompletion } from "./completions.ts";

let base: string;
beforeAll(async () => {
  base = mkdtempSync(join(tmpdir(), "pen-completions-"));
  const places = await completionPlaces(root);
  for (const [name, write] of Object.entries({ bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion }))
    writeFileSync(join(base, `pen.${name}`), write(places));
  mkdirSync(join(base, "work"));
  writeFileSync(join(base, "work", "a file.txt"), "");
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

/** How a shell loads the script and then says what it would offer for the last word of `$1…`, one a line. */
const shells: Readonly<Record<string, { readonly command: readonly string[]; readonly script: string }>> = {
  bash: {
    command: ["bash", "--norc", "--noprofile", "-c"],
    script: `set -u; . "$COMPLETION"
complete -p pen >/dev/null || echo "not registered"
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); _pen
for word in "\${COMPREPLY[@]+"\${COMPREPLY[@]}"}"; do printf '%s\\n' "$word"; done`,
  },
  zsh: {
    command: ["zsh", "-f", "-c"],
    // _describe, compadd and _files work only inside the line editor: these say what they are given.
    script: `autoload -Uz compinit; compinit -D -u; . "$COMPLETION"
[[ \${_comps[pen]} == _pen ]] || echo "not registered"
_describe() { local item; for item in "\${(@P)@[-1]}"; do print -r -- "\${item%%:*}"; done }
compadd() { [[ $1 == -- ]] && shift; print -rl -- "$@" }
_files() { print -r -- "(files)" }
words=("$@"); CURRENT=$#; _pen`,
  },
  fish: {
    command: ["fish", "--no-config", "-c"],
    script: `source $COMPLETION; complete -C (string join ' ' -- $argv)`,
  },
};

const cases: ReadonlyArray<readonly [words: readonly string[], offered: readonly string[], not: readonly string[]]> = [
  [["pen", "pi"], ["pip"], ["venv", "install"]],
  [["pen", ""], ["pip", "venv", "run", "python", "cache", "completion"], ["install"]],
  [
    ["pen", "pip", "ins"],
    ["install", "inspect"],
    ["uninstall", "pip"],
  ],
  [["pen", "pip", "install", "--upg"], ["--upgrade"], ["--quiet"]],
  [["pen", "pip", "install", "-r", "a.txt", "--no-d"], ["--no-deps"], ["--no-index"]],
  [["pen", "pip", "install", "--no-comp"], ["--no-compile"], []],
  [["pen", "-q", "pip", "lis"], ["list"], []],
  [["pen", "venv", "--se"], ["--seed"], []],
  [["pen", "pip", "list", "--format", "js"], ["json"], ["columns"]],
  [["pen", "python", "f"], ["find"], ["list"]],
  [["pen", "pip", "install", "--js"], ["--json", "--json-lines"], []],
  [["pen", "run", "--upg"], [], ["--upgrade"]],
];

for (const [name, { command, script }] of Object.entries(shells)) {
  const there = programOnPath(name) !== undefined;
  describe.skipIf(!there)(there ? name : `${name} (not installed)`, () => {
    const complete = (words: readonly string[]): readonly string[] => {
      const last = words.at(-1) ?? "";
      const tail = name === "fish" ? words : name === "zsh" ? ["zsh", ...words] : ["bash", ...words];
      const ran = spawnSync(command[0]!, [...command.slice(1), script, ...tail], {
        encoding: "utf8",
        cwd: join(base, "work"),
        env: cleanEnvironment(join(base, "home"), { COMPLETION: join(base, `pen.${name}`) }),
      });
      expect([ran.stderr, ran.status]).toEqual(["", 0]);
      // zsh itself drops what does not begin as the word does; fish puts the help behind a tab.
      return ran.stdout
        .split("\n")
        .map((line) => line.split("\t")[0] ?? "")
        .filter((word) => word !== "" && word.startsWith(last));
    };
    for (const [words, offered, not] of cases) {
      test(words.join(" "), () => {
        const found = complete(words);
        for (const word of offered) expect(found).toContain(word);
        for (const word of not) expect(found).not.toContain(word);
      });
    }
    test("the script is read without an error", () => {
      const check = spawnSync(command[0]!, ["-n", join(base, `pen.${name}`)], {
        encoding: "utf8",
        env: cleanEnvironment(join(base, "home")),
      });
      expect([check.stdout + check.stderr, check.status]).toEqual(["", 0]);
    });
  });
}

test("a file completes where any text may stand (bash)", () => {
  const places = [
    { path: "", words: [["do", "help"]] as const, options: [] },
    { path: "do", words: [], options: [{ name: "file", short: "f", kind: "value" as const, help: "." }] },
  ];
  expect(bashCompletion(places)).toContain('"do --file") words="" ;;');
  expect(zshCompletion(places)).toContain("'do --file') _files; return ;;");
  expect(fishCompletion(places)).toContain("-l file -r");
});

test("no help text is executed", () => {
  const help = "a $(touch pwned) `touch pwned` 'quote' \"double\" [b]:c \\ d.";
  const places = [
    { path: "", words: [["do", help]] as const, options: [] },
    { path: "do", words: [], options: [{ name: "it", kind: "flag" as const, help }] },
  ];
  for (const [name, text] of Object.entries({ bash: bashCompletion(places), zsh: zshCompletion(places), fish: fishCompletion(places) })) {
    if (programOnPath(name) === undefined) continue;
    const file = join(base, `hostile.${name}`);
    writeFileSync(file, text);
    const { command, script } = shells[name]!;
    const ran = spawnSync(command[0]!, [...command.slice(1), script, ...(name === "fish" ? [] : [name]), "pen", "do", "--i"], {
      encoding: "utf8",
      cwd: join(base, "work"),
      env: cleanEnvironment(join(base, "home"), { COMPLETION: file }),
    });
    expect(ran.stderr).toBe("");
    expect(spawnSync("ls", [join(base, "work")], { encoding: "utf8" }).stdout).toBe("a file.txt\n");
  }
});
