import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  cpSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspectInterpreter, type Interpreter } from "#python";
import { cleanEnvironment, programOnPath, realPythons, run, testHost } from "../../tests/support/interpreters.ts";
import { hostileNames, shownName as shown } from "../../tests/support/hostile-names.ts";
import { createEnvironment } from "./index.ts";

const base = mkdtempSync(join(tmpdir(), "pen-activation-"));
const host = testHost(base);
let interpreter: Interpreter;

beforeAll(async () => {
  interpreter = await inspectInterpreter(realPythons()[0]!, { host, cacheFolder: join(base, "cache") });
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

const pythonWithVenv = realPythons().find((path) => path.includes("/3.1"));

/** How each shell sources a file, dumps its environment, and expands its prompt as if it showed it. */
interface Shell {
  readonly command: readonly string[];
  readonly file: string;
  readonly source: string;
  readonly prelude: string;
  readonly prompt: string;
  readonly leftovers: string;
}

const posixPrelude = "set -eu\nexport PYTHONHOME=/nowhere\n";
const posixLeftovers = 'set | grep -a "^_pen\\|^_OLD_VIRTUAL" >leftovers || :\n';
const shells: Readonly<Record<string, Shell>> = {
  bash: {
    command: ["bash", "--norc"],
    file: "activate",
    source: ".",
    prelude: `${posixPrelude}PS1='> '\n`,
    prompt: 'printf "%s" "${PS1@P}" >prompt-$1\n',
    leftovers: posixLeftovers,
  },
  dash: {
    command: ["dash"],
    file: "activate",
    source: ".",
    prelude: `${posixPrelude}PS1='> '\n`,
    // dash shows its prompt only when it is interactive: a child with the same variables does that.
    prompt: '(export PS1; printf ":\\n" | dash -i 2>prompt-$1 || :)\n',
    leftovers: posixLeftovers,
  },
  zsh: {
    command: ["zsh", "-f"],
    file: "activate",
    source: ".",
    prelude: `${posixPrelude}PS1='> '\nsetopt promptsubst promptbang\nunset psvar\npsvar=(mine)\n`,
    prompt: 'print -rnP -- "$PS1" >prompt-$1\n',
    leftovers: `${posixLeftovers}[ "$psvar" = mine ] || echo "psvar: $psvar" >>leftovers\n`,
  },
  fish: {
    command: ["fish", "--no-config"],
    file: "activate.fish",
    source: "source",
    prelude: "set -gx PYTHONHOME /nowhere\nfunction fish_prompt\n    printf '%s> ' $status\nend\n",
    prompt: "function five; return 5; end; five; fish_prompt >prompt-$step\n",
    leftovers:
      "set -n | string match -r '^(_pen|_OLD|_old).*' >leftovers; functions -a -n | string split , | string match -r '^(_pen|_old).*|^deactivate$' >>leftovers\ntrue\n",
  },
};
for (const optional of ["ksh", "mksh", "yash", "busybox"]) {
  const command = optional === "busybox" ? ["busybox", "sh"] : [optional];
  Object.assign(shells, { [optional]: { ...shells["dash"], command, prompt: ": >prompt-$1\n" } });
}

/** A script that activates, dumps and deactivates `$A` (hostile folder) twice and then `$B` (hostile prompt). */
function scriptFor(shell: Shell): string {
  const fish = shell.source === "source";
  const dump = fish
    ? `function dump\n    set -g step $argv[1]\n    env -0 >env-$step\n    sh -c 'command -v python' >python-$step\n    ${shell.prompt}    set -e step\nend\n`
    : `dump() {\nenv -0 >env-$1\nsh -c 'command -v python' >python-$1 || :\n${shell.prompt}}\n`;
  return `${shell.prelude}${dump}dump before
${shell.source} "$A"
dump a
deactivate
dump after-a
${shell.source} "$B"
${shell.source} "$B"
dump b
deactivate
dump after-b
${shell.leftovers}`;
}

const variables = (path: string): Map<string, string> =>
  new Map(
    readFileSync(path, "utf8")
      .split("\0")
      .filter(Boolean)
      .map((line): [string, string] => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)])
      .filter(([name]) => !["_", "SHLVL", "PWD", "OLDPWD"].includes(name))
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );

let count = 0;
/** A fresh folder to work in, with the environment `a` in a folder of the name, and `b` with the name as its prompt. */
function prepare(name: string): { folder: string; a: string; b: string; work: string } {
  const folder = join(base, `case-${(count += 1)}`);
  const work = join(folder, "work");
  mkdirSync(work, { recursive: true });
  const a = createEnvironment({ host, root: `${folder}/${name}`, interpreter }).root;
  // A line break cannot be in a prompt; the other names can.
  const b = createEnvironment({ host, root: `${folder}/b`, interpreter, prompt: shown(name) }).root;
  return { folder, a, b, work };
}

for (const [shellName, shell] of Object.entries(shells)) {
  const [name = "", ...options] = shell.command;
  const there = programOnPath(name) !== undefined;
  const command = [programOnPath(name) ?? name, ...options];
  if (!there) {
    test.skip(`activation in ${shellName} (skipped: ${name} is not installed)`, () => {});
    continue;
  }
  describe(shellName, () => {
    for (const [what, name] of Object.entries(hostileNames)) {
      test(`no name or prompt is executed, and deactivate restores everything: ${what}`, () => {
        const { a, b, work } = prepare(name);
        const env = cleanEnvironment(join(base, "home"), { A: `${a}/bin/${shell.file}`, B: `${b}/bin/${shell.file}` });
        const script = join(base, "script");
        writeFileSync(script, scriptFor(shell));
        const result = run([...command, script], { env, cwd: work });
        expect(result.stderr).toBe("");
        expect(result.status).toBe(0);
        const at = (file: string): string => join(work, file);
        const before = variables(at("env-before"));
        expect(before.get("PYTHONHOME")).toBe("/nowhere");
        for (const [step, root] of [
          ["a", a],
          ["b", b],
        ] as const) {
          const active = variables(at(`env-${step}`));
          expect(active.get("VIRTUAL_ENV")).toBe(root);
          expect(active.get("VIRTUAL_ENV_PROMPT")).toBe(shown(name));
          expect(active.get("PATH")).toBe(`${root}/bin:${before.get("PATH")}`);
          expect(active.get("PKG_CONFIG_PATH")).toBe(`${root}/lib/pkgconfig`);
          expect(active.has("PYTHONHOME")).toBe(false);
          expect(readFileSync(at(`python-${step}`), "utf8")).toBe(`${root}/bin/python\n`);
          expect([...variables(at(`env-after-${step}`))]).toEqual([...before]);
          const prompt = readFileSync(at(`prompt-${step}`), "utf8");
          const wanted = `(${shown(name)}) `;
          // Before its prompt, dash complains of the missing terminal.
          if (shellName === "dash") expect(prompt).toContain(`\n${wanted}> `);
          if (shellName === "bash" || shellName === "zsh") expect(prompt).toBe(`${wanted}> `);
          if (shellName === "fish") expect(prompt).toBe(`${wanted}5> `);
        }
        expect(readFileSync(at("prompt-after-b"), "utf8")).toBe(readFileSync(at("prompt-before"), "utf8"));
        expect(readFileSync(at("leftovers"), "utf8")).toBe("");
        expect(readdirSync(work).filter((file) => !/^(?:env|python|prompt)-|^leftovers$/.test(file))).toEqual([]);
      });
    }

    const say =
      shell.source === "source" ? 'echo "$VIRTUAL_ENV|$VIRTUAL_ENV_PROMPT"' : 'printf "%s|%s\\n" "$VIRTUAL_ENV" "$VIRTUAL_ENV_PROMPT"';
    const inShell = (script: string, cwd: string, extra: Record<string, string> = {}) =>
      run([...command, "-c", script], { env: cleanEnvironment(join(base, "home"), extra), cwd });

    test("finds its place by a relative path, with dots, and through links", () => {
      const { folder, b } = prepare("x");
      symlinkSync(join(b, "bin", shell.file), join(folder, "link"));
      symlinkSync(b, join(folder, "linked"));
      for (const path of [
        `./b/bin/${shell.file}`,
        `b/bin/${shell.file}`,
        `work/../b/./bin/${shell.file}`,
        `${folder}//b/bin/${shell.file}`,
        "./link",
      ]) {
        const { stdout, stderr } = inShell(`${shell.source} '${path}'; ${say}`, folder);
        expect({ path, stdout, stderr }).toEqual({ path, stdout: `${b}|x\n`, stderr: "" });
      }
      const through = inShell(`${shell.source} linked/bin/${shell.file}; ${say}`, folder).stdout;
      expect([`${b}|x\n`, `${join(folder, "linked")}|x\n`]).toContain(through);
    });

    const awkward: Readonly<Record<string, string>> = {
      bash: "set -o posix -euf -o noclobber; shopt -s nullglob failglob extglob nocasematch; cd() { echo FUNCTION; }; IFS=/; ",
      zsh: "setopt ksharrays nounset errexit noclobber noglob extendedglob shwordsplit globsubst rcexpandparam warncreateglobal rcquotes; chpwd() { echo HOOK; }; alias cd='echo ALIAS'; IFS=/; ",
      fish: "function cd; echo FUNCTION; end; ",
    };
    test("shell options, functions, hooks and IFS of the user change nothing", () => {
      const { folder, b } = prepare("x");
      const options = awkward[shellName] ?? "set -feuC; cd() { echo FUNCTION; }; IFS=/; ";
      const { stdout, stderr } = inShell(
        `${options}${shell.source} work/../b/bin/${shell.file}; ${say}; deactivate; ${shell.source} "$B"; ${say}`,
        folder,
        {
          B: `${b}/bin/${shell.file}`,
        },
      );
      expect({ stdout, stderr }).toEqual({ stdout: `${b}|x\n${b}|x\n`, stderr: "" });
      if (shellName !== "zsh") return;
      const other = inShell(`unsetopt functionargzero; f() { . "$B"; }; f; ${say}; deactivate; emulate sh; . "$B"; ${say}`, folder, {
        B: `${b}/bin/activate`,
      });
      expect(other).toEqual({ status: 0, stdout: `${b}|x\n${b}|x\n`, stderr: "" });
    });

    test.skipIf(pythonWithVenv === undefined)("before and after an environment of CPython's venv, each undoes the other", () => {
      const { folder, b } = prepare("x");
      const theirs = join(folder, "theirs");
      run([pythonWithVenv!, "-m", "venv", "--without-pip", theirs], { env: cleanEnvironment(join(base, "home")), cwd: folder });
      // venv itself leaves an exported PS1 behind, so the prompt stays out of this.
      const variables = { VIRTUAL_ENV_DISABLE_PROMPT: "1", T: `${theirs}/bin/${shell.file}`, B: `${b}/bin/${shell.file}` };
      // Nor does it know PKG_CONFIG_PATH, which pen sets as virtualenv does.
      for (const order of ['"$T"; SOURCE "$B"', '"$B"; SOURCE "$T"']) {
        const { stdout } = inShell(
          `env | sort >before; SOURCE ${order}; deactivate; env | sort >after; diff before after`.replaceAll("SOURCE", shell.source),
          folder,
          variables,
        );
        expect(stdout.replace(/^[<>] (?:_|PKG_CONFIG_PATH)=.*\n|^\d+(?:,\d+)?[ac]\d+(?:,\d+)?\n|^---\n/gm, "")).toBe("");
      }
    });

    test("a moved environment activates at its new place", () => {
      const { folder, a } = prepare("old name");
      renameSync(a, join(folder, "new $(touch pwned) name"));
      const moved = join(folder, "new $(touch pwned) name");
      const { stdout, stderr } = inShell(`${shell.source} "$A"; ${say}; python -c "import sys; print(sys.prefix)"`, folder, {
        A: `${moved}/bin/${shell.file}`,
      });
      expect({ stdout, stderr }).toEqual({ stdout: `${moved}|new $(touch pwned) name\n${moved}\n`, stderr: "" });
      const copy = join(folder, "copy;touch pwned");
      cpSync(moved, copy, { recursive: true, verbatimSymlinks: true });
      const copied = inShell(`${shell.source} "$A"; ${say}`, folder, { A: `${copy}/bin/${shell.file}` });
      expect(copied).toMatchObject({ stdout: `${copy}|copy;touch pwned\n`, stderr: "" });
      expect(readdirSync(folder)).not.toContain("pwned");
    });

    test("one environment after the other, without deactivate between", () => {
      const { folder, a, b } = prepare("first");
      const { stdout } = inShell(
        `${shell.source} "$A"; ${shell.source} "$B"; ${say}; env | grep ^PATH=; deactivate; env | grep -c VIRTUAL_ENV`,
        folder,
        {
          A: `${a}/bin/${shell.file}`,
          B: `${b}/bin/${shell.file}`,
        },
      );
      expect(stdout).toBe(`${b}|first\nPATH=${b}/bin:/usr/local/bin:/usr/bin:/bin\n0\n`);
    });

    test("what the parent process had active is active again after deactivate", () => {
      const { folder, b } = prepare("x");
      const { stdout } = inShell(`${shell.source} "$B"; deactivate; ${say}`, folder, {
        B: `${b}/bin/${shell.file}`,
        VIRTUAL_ENV: "/other",
        VIRTUAL_ENV_PROMPT: "o",
      });
      expect(stdout).toBe("/other|o\n");
    });

    test("VIRTUAL_ENV_DISABLE_PROMPT leaves the prompt alone, the variables are set", () => {
      const { folder, b } = prepare("x");
      const prompt = shell.source === "source" ? "functions -q _old_fish_prompt; and echo wrapped" : 'PS1="> "; . "$B"; echo "$PS1"';
      const { stdout } = inShell(`${shell.source} "$B"; ${prompt}; ${say}`, folder, {
        B: `${b}/bin/${shell.file}`,
        VIRTUAL_ENV_DISABLE_PROMPT: "1",
      });
      expect(stdout).toBe(`${shell.source === "source" ? "" : "> \n"}${b}|x\n`);
    });

    // fish has neither PS1 nor set -e.
    if (shell.source !== "source")
      test("under set -eu without PS1: unset stays unset, empty stays empty", () => {
        const { folder, b } = prepare("x");
        const state = 'printf "%s" "PS1${PS1+=}$PS1_WAS PYTHONHOME${PYTHONHOME+=}|"';
        const script = `PS1_WAS=; unset PS1; PYTHONHOME=; export PYTHONHOME; set -eu; ${state}; . "$B"; ${state}; deactivate; ${state}; deactivate 2>/dev/null || echo gone`;
        const { stdout, stderr } = inShell(script, folder, { B: `${b}/bin/activate` });
        expect({ stdout, stderr }).toEqual({ stdout: "PS1 PYTHONHOME=|PS1 PYTHONHOME|PS1 PYTHONHOME=|gone\n", stderr: "" });
      });

    test("run instead of read, it says how to use it and changes nothing", () => {
      const { folder, b } = prepare("x");
      const { status, stderr } = run([...command, join(b, "bin", shell.file)], { env: cleanEnvironment(join(base, "home")), cwd: folder });
      // 33 is what virtualenv's script ends with.
      expect(status).toBe(shell.source === "source" ? 1 : 33);
      expect(stderr).toContain("is to be read by your shell, not to be run. Type:  ");
      expect(stderr).toContain(`${b}/bin/${shell.file}`);
    });

    test("outside an environment it fails and changes nothing", () => {
      const { folder, b } = prepare("x");
      mkdirSync(join(folder, "stray", "bin"), { recursive: true });
      cpSync(join(b, "bin", shell.file), join(folder, "stray", "bin", shell.file));
      const check = shell.source === "source" ? "; or echo failed" : " || echo failed";
      const { stdout, stderr } = inShell(`${shell.source} ./stray/bin/${shell.file}${check}; env | grep -c VIRTUAL_ENV`, folder);
      expect(stdout).toBe("failed\n0\n");
      expect(stderr).toContain("cannot find the environment");
    });

    test("a prompt that another program wrote into pyvenv.cfg is data, control characters do not reach the terminal", () => {
      const { folder, b } = prepare("x");
      const say2 = say.replace("$VIRTUAL_ENV|", "|").replace('"$VIRTUAL_ENV" ', '"" ');
      for (const [line, wanted] of [
        ["prompt = $(touch pwned)\u001b]0;x\u0007", "$(touch pwned)?]0;x?"],
        ["prompt=bare  ", "bare"],
        ['prompt\t=\t"two words"', "two words"],
        ["prompt = '", "'"],
        ["prompting = no", "b"],
      ] as const) {
        writeFileSync(join(b, "pyvenv.cfg"), `home = /x\n${line}\n`);
        const { stdout } = inShell(`${shell.source} "$B"; ${say2}`, folder, { B: `${b}/bin/${shell.file}` });
        expect({ line, stdout }).toEqual({ line, stdout: `|${wanted}\n` });
      }
      expect(readdirSync(folder)).not.toContain("pwned");
    });
  });
}

// The other shells tell the whole path of the file, or it is read from the open one.
for (const name of ["bash", "zsh"]) {
  const path = programOnPath(name);
  if (path === undefined) continue;
  test(`${name}: a path as Windows writes it goes through cygpath`, () => {
    const { folder, b } = prepare("x");
    mkdirSync(join(folder, "C:"));
    symlinkSync(b, join(folder, "C:", "b"));
    mkdirSync(join(folder, "tools"));
    writeFileSync(join(folder, "tools", "cygpath"), `#!/bin/sh\n[ "$1" = -u ] && printf "%s/%s\\n" '${folder}' "\${2#C:/}"\n`, {
      mode: 0o755,
    });
    const env = cleanEnvironment(join(base, "home"));
    const script = '. C:/b/bin/activate; printf "%s" "$VIRTUAL_ENV"';
    const ran = run([path, "-c", script], { env: { ...env, PATH: `${folder}/tools:${env["PATH"]}` }, cwd: folder });
    expect({ stdout: ran.stdout, stderr: ran.stderr }).toEqual({ stdout: b, stderr: "" });
  });
}

test("activation scripts are the same bytes in every environment", () => {
  const { a, b } = prepare("anything");
  for (const name of ["activate", "activate.fish"]) expect(readFileSync(join(a, "bin", name))).toEqual(readFileSync(join(b, "bin", name)));
});

test("an activation script that is a hard link finds its own environment", () => {
  const { folder, a, b } = prepare("linked");
  rmSync(join(a, "bin", "activate"));
  linkSync(join(b, "bin", "activate"), join(a, "bin", "activate"));
  const { stdout } = run(["dash", "-c", '. ./linked/bin/activate; printf %s "$VIRTUAL_ENV"'], {
    env: cleanEnvironment(join(base, "home")),
    cwd: folder,
  });
  expect(stdout).toBe(a);
});
