/** `pen hook` in the life of a shell: projects in projects, folders that go, redirects, other hooks, and no process where nothing changed. */
import { afterAll, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { programOnPath } from "../support/interpreters.ts";
import { execute, program } from "../support/program.ts";
import { forShell, fromPipe, makeEnvironment, pen, shellWorlds, typed, type World } from "../support/shell-worlds.ts";

const { world, python, remove } = shellWorlds("pen-hook-life-");
afterAll(remove);

/** How the hook is tried: an interactive process of the shell that reads lines from a pipe. */
const hooked: Readonly<Record<string, { readonly options: readonly string[]; readonly load: string; readonly turn: string }>> = {
  bash: { options: ["--norc", "-i"], load: 'eval "$(pen hook bash)"', turn: "" },
  zsh: { options: ["-f", "-i"], load: 'eval "$(pen hook zsh)"', turn: "" },
  // fish shows no prompt when it reads from a pipe.
  fish: { options: ["--no-config"], load: "pen hook fish | source", turn: "emit fish_prompt" },
};
const say = 'echo "<$VIRTUAL_ENV>"';

async function go(
  name: string,
  path: string,
  { env, folder, lines }: { env: Record<string, string>; folder: string; lines: readonly string[] },
): Promise<string[]> {
  const { options, load, turn } = hooked[name]!;
  const script = [load, ...lines.flatMap((line) => [line, turn])].join("\n");
  const { stdout } = await fromPipe(path, options, { cwd: folder, env, input: `${script}\n` });
  return stdout.split("\n").filter((line) => line.startsWith("<"));
}

const trust = async (one: World, project = one.project): Promise<void> => {
  const told = await pen(["hook", "trust", project], { cwd: one.folder, env: one.env });
  expect(told.stderr).toBe("");
};

for (const name of Object.keys(hooked)) {
  describe(name, () => {
    forShell(name, `${name}: a project in a project has its own environment, and the outer one comes back`, async (path) => {
      const one = await world("outer");
      const inner = await makeEnvironment(join(one.project, "sub", "inner"), { env: one.env, python });
      await trust(one);
      await trust(one, join(one.project, "sub", "inner"));
      const lines = [`cd ${one.project}`, say, "cd sub", say, "cd inner", say, "cd ../..", say, "cd /", say];
      const outer = `<${one.root}>`;
      expect(await go(name, path, { ...one, lines })).toEqual([outer, outer, `<${inner}>`, outer, "<>"]);
    });

    forShell(name, `${name}: a folder that is deleted while one is in it, and one that gets its environment later`, async (path) => {
      const one = await world("project");
      await trust(one);
      mkdirSync(join(one.folder, "gone"));
      const lines = [
        `cd ${one.project}`,
        "mkdir away",
        "cd away",
        "rmdir ../away",
        say,
        `cd ${one.folder}/gone`,
        `rmdir ${one.folder}/gone`,
        say,
      ];
      const later = [
        `cd ${one.folder}`,
        say,
        `mv ${one.project}/.venv ${one.folder}/.venv`,
        `pen hook trust ${one.folder}`,
        "cd /",
        `cd ${one.folder}`,
        say,
      ];
      expect(await go(name, path, { ...one, lines: [...lines, ...later] })).toEqual([`<${one.root}>`, "<>", "<>", `<${one.folder}/.venv>`]);
    });

    forShell(name, `${name}: a file .venv that names an environment elsewhere is followed`, async (path) => {
      const one = await world("project");
      const elsewhere = join(one.folder, "central");
      renameSync(one.root, elsewhere);
      writeFileSync(join(one.project, ".venv"), `${elsewhere}\n`);
      await trust(one);
      const lines = [`cd ${one.project}`, say, "cd /", say];
      expect(await go(name, path, { ...one, lines })).toEqual([`<${elsewhere}>`, "<>"]);
    });

    forShell(name, `${name}: pen is asked once on entering, not on the way about in a project or outside`, async (path) => {
      const one = await world("project");
      await trust(one);
      mkdirSync(join(one.project, "a", "b"), { recursive: true });
      const lines = [`cd ${one.project}`, "cd a", "cd b", ...Array.from({ length: 20 }, () => say), "cd ..", "cd /", "cd /usr", "cd /"];
      await go(name, path, { ...one, lines });
      expect(
        readFileSync(join(one.folder, "asked"), "utf8")
          .split("\n")
          .filter((line) => line === "hook enter"),
      ).toHaveLength(1);
    });

    forShell(name, `${name}: cd in a script and in a function that comes back changes nothing`, async (path) => {
      const one = await world("project");
      await trust(one);
      const script = join(one.folder, "script.sh");
      writeFileSync(script, `cd "${one.project}"; echo "<script $VIRTUAL_ENV>"\n`);
      const there = name === "fish" ? `function there; cd ${one.project}; cd /; end` : `there() { cd ${one.project}; cd /; }`;
      expect(await go(name, path, { ...one, lines: [there, "there", say, `sh ${script}`, say] })).toEqual(["<>", "<script >", "<>"]);
    });

    forShell(name, `${name}: the hook loaded twice, and the environment left by hand inside the project`, async (path) => {
      const one = await world("project");
      await trust(one);
      const { load } = hooked[name]!;
      const lines = [load, `cd ${one.project}`, say, "deactivate", say, "mkdir -p x", "cd x", say, "cd /", `cd ${one.project}`, say];
      expect(await go(name, path, { ...one, lines })).toEqual([`<${one.root}>`, "<>", "<>", `<${one.root}>`]);
    });
  });
}

describe("other hooks of the shell", () => {
  forShell("bash", "bash: PROMPT_COMMAND as a text and as a list is kept, and sees the status", async (path) => {
    const one = await world("project");
    await trust(one);
    for (const before of [`PROMPT_COMMAND='seen=$?'`, `PROMPT_COMMAND=('seen=$?' 'other=1')`]) {
      const script = [before, hooked["bash"]!.load, `cd ${one.project}; (exit 7)`, 'echo "<$seen $other>"', say].join("\n");
      const { stdout } = await fromPipe(path, ["--norc", "-i"], { cwd: one.folder, env: one.env, input: `${script}\n` });
      const told = stdout.split("\n").filter((line) => line.startsWith("<"));
      expect(told).toEqual([before.includes("(") ? "<7 1>" : "<7 >", `<${one.root}>`]);
    }
  });

  forShell("zsh", "zsh: functions of add-zsh-hook are kept, and options that make zsh strict", async (path) => {
    const one = await world("project");
    await trust(one);
    const strict = "setopt warncreateglobal ksharrays nounset shwordsplit globsubst noclobber";
    const first = "autoload -Uz add-zsh-hook; mine() { typeset -g seen=$?; }; add-zsh-hook precmd mine";
    const script = [
      first,
      strict,
      hooked["zsh"]!.load,
      hooked["zsh"]!.load,
      `cd ${one.project}; (exit 7)`,
      'echo "<$seen ${#precmd_functions[@]}>"',
      say,
      "cd /",
      'echo "<${VIRTUAL_ENV-}>"',
    ].join("\n");
    const { stdout, stderr } = await fromPipe(path, ["-f", "-i"], { cwd: one.folder, env: one.env, input: `${script}\n` });
    expect(stdout.split("\n").filter((line) => line.startsWith("<"))).toEqual(["<7 2>", `<${one.root}>`, "<>"]);
    expect(stderr).not.toContain("created globally");
  });

  forShell("nu", "nu: on a terminal, with its prompt, left by hand, and refused ones leave no error", async (path) => {
    const one = await world("pro ject");
    const { stdout: hook } = await pen(["hook", "nu"], { cwd: one.folder, env: one.env });
    const config = join(one.folder, "config.nu");
    writeFileSync(config, `$env.config.show_banner = false\n$env.PROMPT_COMMAND = {|| 'P' }\n${hook}`);
    const write = (file: string): string =>
      `$"($env.VIRTUAL_ENV? | default '')|($env.VIRTUAL_ENV_PROMPT? | default '')|($env.PKG_CONFIG_PATH? | default '')|(do $env.PROMPT_COMMAND)" | save -f '${one.folder}/${file}'`;
    const lines = [
      `cd '${one.project}'`,
      "n",
      write("no"),
      "cd /",
      `^pen hook trust '${one.project}'`,
      `cd '${one.project}'`,
      write("in"),
      `overlay use '${one.root}/bin/activate.nu'`,
      write("twice"),
      "overlay hide activate",
      write("once"),
      "cd /",
      write("out"),
      `cd '${one.project}'`,
      "deactivate",
      write("left"),
      "exit",
    ];
    const env = { ...one.env, TERM: "xterm", TYPIST_QUIET: "0.6" };
    const ran = await typed(python, [path, "--config", config], { cwd: one.folder, env, input: lines.join("\n") });
    const told = (file: string): string => (existsSync(join(one.folder, file)) ? readFileSync(join(one.folder, file), "utf8") : ran.stdout);
    expect(told("no")).toBe("|||P");
    expect(told("in")).toBe(`${one.root}|.venv|${one.root}/lib/pkgconfig|(.venv) P`);
    for (const file of ["twice", "once"]) expect([file, told(file)]).toEqual([file, told("in")]);
    expect(told("out")).toBe("|||P");
    expect(told("left")).toBe("|||P");
    expect(ran.stdout).not.toContain("Error");
  });
});

describe("trust", () => {
  test("an environment that was replaced by another at its path is asked about again, with the same scripts too", async () => {
    const one = await world("project");
    await trust(one);
    const enter = () => pen(["hook", "enter"], { cwd: one.project, env: one.env });
    expect((await enter()).stdout).toBe(`${one.root}/`);
    renameSync(one.root, join(one.folder, "old"));
    cpSync(join(one.folder, "old"), one.root, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
    const replaced = await enter();
    expect(replaced).toMatchObject({ status: 1, stdout: "" });
    expect(replaced.stderr).toContain("you have not said that you trust it");
    // The very one that was trusted is known when it comes back.
    rmSync(one.root, { recursive: true });
    renameSync(join(one.folder, "old"), one.root);
    expect((await enter()).stdout).toBe(`${one.root}/`);
    writeFileSync(join(one.root, "pyvenv.cfg"), `${readFileSync(join(one.root, "pyvenv.cfg"), "utf8")}prompt = other\n`);
    expect((await enter()).status).toBe(1);
  });

  test("an environment that was moved is another one", async () => {
    const one = await world("project");
    await trust(one);
    renameSync(one.project, join(one.folder, "renamed"));
    expect((await pen(["hook", "enter"], { cwd: join(one.folder, "renamed"), env: one.env })).status).toBe(1);
  });

  test("a file .venv that leads nowhere is told of, and nothing is activated", async () => {
    const one = await world("project");
    rmSync(one.root, { recursive: true });
    writeFileSync(one.root, "nowhere\n");
    const ran = await pen(["hook", "enter"], { cwd: one.project, env: one.env });
    expect(ran.stdout).toBe("");
    expect(ran.status).not.toBe(0);
  });
});

describe("cost", () => {
  const strace = programOnPath("strace");
  for (const name of ["bash", "zsh", "fish"]) {
    const path = programOnPath(name);
    const skipped = path === undefined || strace === undefined || spawnSync(strace, ["-f", "true"]).status !== 0;
    test.skipIf(skipped)(
      `${name}: where nothing changed no process is started (needs ${name} and strace)`,
      async () => {
        const one = await world("project");
        const calls = async (turns: number): Promise<number> => {
          const hook = (await pen(["hook", name], { cwd: one.folder, env: one.env })).stdout;
          writeFileSync(join(one.folder, "hook"), hook);
          const loop =
            name === "fish"
              ? `source hook\ncd /usr/share\n_pen_hook\nfor i in (seq ${turns}); _pen_hook; end`
              : `. ./hook\ncd /usr/share\n_pen_hook\nfor i in {1..${turns}}; do _pen_hook; done`;
          writeFileSync(join(one.folder, "loop"), `${loop}\n`);
          const log = join(one.folder, "strace");
          const options = name === "bash" ? ["--norc"] : name === "zsh" ? ["-f"] : ["--no-config"];
          const ran = await execute(strace!, ["-f", "-o", log, "-e", "trace=process", path!, ...options, "loop"], {
            cwd: one.folder,
            env: one.env,
          });
          expect(ran.stderr).toBe("");
          return (
            readFileSync(log, "utf8")
              .split("\n")
              // How many threads a shell has at work is a matter of the machine's load.
              .filter((line) => /\b(?:v?fork|clone3?|execve)\(/.test(line) && !line.includes("CLONE_THREAD")).length
          );
        };
        expect(await calls(50)).toBe(await calls(1));
      },
      60_000,
    );
  }

  test("the program that is asked answers without starting another", async () => {
    const one = await world("project");
    await trust(one);
    if (strace === undefined) return;
    const log = join(one.folder, "strace");
    await execute(strace, ["-f", "-o", log, "-e", "trace=execve", program(), "hook", "enter"], { cwd: one.project, env: one.env });
    expect(
      readFileSync(log, "utf8")
        .split("\n")
        .filter((line) => line.includes("execve(")),
    ).toHaveLength(1);
  });
});
