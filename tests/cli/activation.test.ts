/** `pen activate`, `pen shell` and `pen hook` with real shells, on folders whose names a shell would take for more than names. */
import { afterAll, describe, expect, test } from "bun:test";
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hostileNames } from "../support/hostile-names.ts";
import { schemaProblems } from "../support/json-schema.ts";
import { execute, executeOnTerminal, program, type Ran } from "../support/program.ts";
import { forShell, fromPipe, pen, shellWorlds, type World } from "../support/shell-worlds.ts";

const { world, python, remove } = shellWorlds("pen-hooks-");
afterAll(remove);

const schema = JSON.parse(readFileSync(join(import.meta.dirname, "..", "..", "docs", "schema", "output.json"), "utf8")) as {
  readonly $defs: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
};
const definition = (name: string): Readonly<Record<string, unknown>> => schema.$defs[name] ?? {};

const evaluations: Readonly<Record<string, { readonly options: readonly string[]; readonly script: (shell: string) => string }>> = {
  ...Object.fromEntries(
    ["sh", "bash", "zsh", "dash", "ksh", "mksh"].map((name) => [
      name,
      {
        options: name === "zsh" ? ["-f"] : [],
        script: () => `eval "$(pen activate --shell ${name})"; printenv VIRTUAL_ENV; deactivate; printenv VIRTUAL_ENV || :`,
      },
    ]),
  ),
  fish: {
    options: ["--no-config"],
    script: () => "pen activate --shell fish | source; printenv VIRTUAL_ENV; deactivate; printenv VIRTUAL_ENV; true",
  },
  ...Object.fromEntries(
    ["tcsh", "bsd-csh"].map((name) => [
      name,
      { options: ["-f"], script: () => 'eval "`pen activate --shell csh`"\nprintenv VIRTUAL_ENV\ndeactivate\nprintenv VIRTUAL_ENV\ntrue' },
    ]),
  ),
  xonsh: { options: ["--no-rc"], script: () => "execx($(pen activate --shell xonsh))\nprintenv VIRTUAL_ENV\n" },
};

describe("pen activate prints a line in which a path is nothing but a path", () => {
  for (const [name, { options, script }] of Object.entries(evaluations)) {
    forShell(name, name, async (path) => {
      for (const hostile of name === "xonsh" ? ["a'b\"$HOME\n\\"] : Object.values(hostileNames)) {
        const { project, root, env } = await world(hostile);
        if (name.endsWith("csh") && hostile.includes("\n")) {
          const refused = await pen(["activate", "--shell", "csh"], { cwd: project, env });
          expect(refused.stderr).toContain("There is a line break in the path");
          continue;
        }
        const ran = await execute(path, [...options, "-c", script(name)], { cwd: project, env });
        expect({ hostile, stdout: ran.stdout, stderr: ran.stderr }).toEqual({ hostile, stdout: `${root}\n`, stderr: "" });
        expect(readdirSync(project)).toEqual([".venv"]);
      }
    });
  }

  forShell("nu", "nu", async (path) => {
    const { project, root, env } = await world("a'#b$(touch pwned)\n##'c");
    const { stdout: line } = await pen(["activate", "--shell", "nu"], { cwd: project, env });
    const ran = await execute(path, ["-n", "-c", `${line}\n^printenv VIRTUAL_ENV`], { cwd: project, env });
    expect(ran).toMatchObject({ stdout: `${root}\n`, stderr: "" });
  });

  test("it says what is wrong when there is no environment, no script and no such shell", async () => {
    const { folder, project, root, env } = await world("x");
    const at = { cwd: project, env };
    expect((await pen(["activate", "--shell", "bash"], { cwd: folder, env })).stderr).toContain("There is no virtual environment here");
    expect((await pen(["activate", "--shell", "elvish"], at)).stderr).toContain("does not know the shell elvish");
    expect((await pen(["activate"], at)).stderr).toContain("SHELL is not set");
    expect((await pen(["activate", ".."], { cwd: project, env: { ...env, SHELL: "/bin/zsh" } })).stderr).toContain(
      "is no virtual environment",
    );
    rmSync(join(root, "bin", "activate"));
    expect((await pen(["activate", "--shell", "zsh"], at)).stderr).toContain("pen venv --allow-existing");
    const json = await pen(["activate", "--shell", "/usr/bin/fish", "--json"], at);
    expect(schemaProblems(JSON.parse(json.stdout), definition("activate"), schema)).toEqual([]);
    expect(JSON.parse(json.stdout)).toMatchObject({
      schemaVersion: 1,
      environment: root,
      shell: "fish",
      script: `${root}/bin/activate.fish`,
    });
  });
});

describe("pen shell starts the person's shell with the environment active", () => {
  const starts: Readonly<Record<string, readonly [file: string, text: string]>> = {
    bash: [".bashrc", "OWN=read; PATH=/own:$PATH\n"],
    zsh: [".zshrc", "OWN=read; PATH=/own:$PATH\n"],
    fish: [".config/fish/config.fish", "set -g OWN read; set -gx PATH /own $PATH\n"],
    dash: [".shrc", "OWN=read; PATH=/own:$PATH\n"],
    ksh: [".shrc", "OWN=read; PATH=/own:$PATH\n"],
    mksh: [".shrc", "OWN=read; PATH=/own:$PATH\n"],
  };
  for (const [name, [file, text]] of Object.entries(starts)) {
    forShell(name, `${name}: after its own start-up files`, async (path) => {
      const { folder, home, project, root, env } = await world("a b'$(touch pwned)\"`touch pwned`");
      mkdirSync(join(home, file, ".."), { recursive: true });
      writeFileSync(join(home, file), text);
      // The folder that holds pen's start-up files is hostile too.
      const own = {
        ...env,
        SHELL: path,
        PEN_CACHE_DIR: `${folder}/ca ${name === "mksh" ? "" : "$(touch pwned)"}`,
        ...(file === ".shrc" ? { ENV: join(home, file) } : {}),
      };
      const input =
        'echo "<$OWN>"\nprintenv PATH VIRTUAL_ENV PEN_SHELL\nprintenv PEN_SHELL_SCRIPT ZDOTDIR PEN_SHELL_ENV\npen shell\ndeactivate\nprintenv VIRTUAL_ENV\nexit\n';
      const { stdout, stderr } = await fromPipe(program(), ["shell"], { cwd: project, env: own, input });
      const lines = stdout.split("\n").filter((line) => !line.startsWith("\u001b"));
      expect(lines).toContain("<read>");
      expect(lines).toContain(`${root}/bin:/own:${env["PATH"]}`);
      expect(lines.filter((line) => line === root)).toHaveLength(2);
      expect(stdout).not.toContain("/cache");
      expect(stderr).toContain("This shell was started by `pen shell` already");
      expect([...readdirSync(project), ...readdirSync(folder)]).not.toContain("pwned");
    });
  }
});

/** How the hook is tried in each shell: a process of it, interactive, that reads lines from a pipe. */
const hooked: Readonly<Record<string, { readonly options: readonly string[]; readonly load: string; readonly turn: string }>> = {
  bash: { options: ["--norc", "-i"], load: 'eval "$(pen hook bash)"', turn: "" },
  zsh: { options: ["-f", "-i"], load: 'eval "$(pen hook zsh)"', turn: "" },
  // fish shows no prompt when it reads from a pipe.
  fish: { options: ["--no-config"], load: "pen hook fish | source", turn: "emit fish_prompt" },
};

describe("pen hook", () => {
  for (const [name, { options, load, turn }] of Object.entries(hooked)) {
    const go = async (path: string, { env, folder }: World, lines: readonly string[]): Promise<string[]> => {
      const script = [load, ...lines.flatMap((line) => [line, turn])].join("\n");
      const { stdout } = await fromPipe(path, options, { cwd: folder, env, input: `${script}\n` });
      return stdout.split("\n").filter((line) => line.startsWith("<"));
    };
    const say = 'echo "<$VIRTUAL_ENV>"';

    forShell(name, `${name}: nothing is activated before it is trusted; then on entering, and undone on leaving`, async (path) => {
      const one = await world("a b'$(touch pwned)\"`touch pwned`;!");
      const lines = ["cd $PROJECT", say, "cd /", say, "mkdir -p $PROJECT/deep/er", "cd $PROJECT/deep/er", say, "cd ..", say, "cd /", say];
      const quoted = { ...one, env: { ...one.env, PROJECT: one.project } };
      const inQuotes = lines.map((line) => line.replace(/(\$PROJECT\S*)/g, '"$1"'));
      expect(await go(path, quoted, inQuotes)).toEqual(["<>", "<>", "<>", "<>", "<>"]);
      expect((await pen(["hook", "trust"], { cwd: one.project, env: one.env })).stdout).toContain("The hook activates it from now on");
      const active = `<${one.root}>`;
      expect(await go(path, quoted, inQuotes)).toEqual([active, "<>", active, active, "<>"]);
      expect(readdirSync(one.project).sort()).toEqual([".venv", "deep"]);
      expect(readdirSync(one.folder)).not.toContain("pwned");
    });

    forShell(name, `${name}: an environment that the person activated or left is left alone`, async (path) => {
      const one = await world("project");
      const other = await world("other");
      await pen(["hook", "trust", one.project], { cwd: "/", env: one.env });
      const file = name === "fish" ? "activate.fish" : "activate";
      const read = `${name === "fish" ? "source" : "."} ${other.root}/bin/${file}`;
      const lines = [`cd ${one.project}`, "deactivate", say, `cd ${one.folder}`, read, `cd ${one.project}`, say, "cd /", say];
      expect(await go(path, one, lines)).toEqual(["<>", `<${other.root}>`, `<${other.root}>`]);
    });

    forShell(name, `${name}: asks on the terminal, and activates after a yes`, async (path) => {
      const { project, root, folder, env } = await world("pro ject");
      const script = [load, 'cd "$PROJECT"', "_pen_hook", say, "cd /", "_pen_hook", say].join("\n");
      const given = { cwd: folder, env: { ...env, PROJECT: project } };
      const words = [path, ...options.filter((option) => option !== "-i"), "-c", script];
      const seen = (ran: Ran): string[] => ran.stdout.split(/\r?\n/).filter((line) => line.startsWith("<"));
      const asked = await executeOnTerminal(python, words, { ...given, input: "y" });
      expect(asked.stdout).toContain("Do you trust it?");
      expect(seen(asked)).toEqual([`<${root}>`, "<>"]);
      const again = await executeOnTerminal(python, words, given);
      expect(again.stdout).not.toContain("trust");
      expect(seen(again)).toEqual([`<${root}>`, "<>"]);
    });

    forShell(name, `${name}: the status of the last command stays, and set -u is no trouble`, async (path) => {
      const one = await world("project");
      const status = name === "fish" ? 'echo "<$status>"' : 'echo "<$?>"';
      const lines = name === "fish" ? ["false"] : ["set -u", "false"];
      const script = [load, ...lines, ...(name === "fish" ? ["false", "_pen_hook"] : []), status].join("\n");
      const { stdout } = await fromPipe(path, options, { cwd: one.folder, env: one.env, input: `${script}\n` });
      expect(stdout.split("\n").filter((line) => line.startsWith("<"))).toEqual(["<1>"]);
    });
  }

  forShell("nu", "nu: activates on entering and undoes it on leaving", async (path) => {
    const one = await world("a b'$(touch pwned)\"`");
    await pen(["hook", "trust"], { cwd: one.project, env: one.env });
    const { stdout: hook } = await pen(["hook", "nu"], { cwd: one.project, env: one.env });
    const say = "print $\"<($env.VIRTUAL_ENV? | default '')|($env.PATH | first)>\"";
    const script = `${hook}\ncd $env.PROJECT\n_pen_hook\n${say}\n_pen_hook\n${say}\ncd /\n_pen_hook\n${say}\n`;
    const { stdout, stderr } = await execute(path, ["-n", "-c", script], { cwd: one.folder, env: { ...one.env, PROJECT: one.project } });
    const active = `<${one.root}|${one.root}/bin>`;
    expect({ stdout, stderr }).toEqual({ stdout: `${active}\n${active}\n<|${one.folder}/bin>\n`, stderr: "" });
  });

  test("asks once, remembers yes and no, and asks again when the activation script is another one", async () => {
    const { project, root, env } = await world("project");
    const enter = (input: string): Promise<Ran> => executeOnTerminal(python, [program(), "hook", "enter"], { cwd: project, env, input });
    const no = await enter("n");
    expect(no.stdout).toContain("Do you trust it?");
    expect(no.stdout).toContain("you are not asked again");
    expect((await enter("y")).stdout).toBe("");
    await pen(["hook", "untrust"], { cwd: project, env });
    expect((await enter("y")).stdout).toContain(`${root}/`);
    expect((await pen(["hook", "enter"], { cwd: project, env })).stdout).toBe(`${root}/`);
    appendFileSync(join(root, "bin", "activate"), "touch pwned\n");
    const changed = await pen(["hook", "enter"], { cwd: project, env });
    expect(changed).toMatchObject({ status: 1, stdout: "" });
    expect(changed.stderr).toContain("you have not said that you trust it");
  });

  test("prints what the schema says, and knows which shells have a hook", async () => {
    const { project, env } = await world("project");
    for (const words of [["bash"], ["powershell"], ["trust"], ["untrust", project]]) {
      const { stdout } = await pen(["hook", ...words, "--json"], { cwd: project, env });
      expect(schemaProblems(JSON.parse(stdout), definition("hook"), schema)).toEqual([]);
    }
    expect((await pen(["hook", "elvish"], { cwd: project, env })).stderr).toContain("There is no hook for elvish");
    expect((await pen(["hook", "trust", "/"], { cwd: project, env })).stderr).toContain("There is no virtual environment in /");
  });

  test("a list of trusted environments that is damaged trusts nobody", async () => {
    const { project, env } = await world("project");
    await pen(["hook", "trust"], { cwd: project, env });
    const list = join(env["PEN_DATA_DIR"]!, "trusted.json");
    expect(existsSync(list)).toBe(true);
    for (const text of ["{", "[]", '{"environments": 3}', '{"environments": [null, {"path": 1}]}']) {
      writeFileSync(list, text);
      expect((await pen(["hook", "enter"], { cwd: project, env })).status).toBe(1);
    }
  });
});
