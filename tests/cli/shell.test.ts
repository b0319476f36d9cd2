/** `pen shell` in every shell, interactive on a terminal, after the person's own start-up files. */
import { afterAll, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { program } from "../support/program.ts";
import { forShell, pen, shellWorlds, typed } from "../support/shell-worlds.ts";

const { world, python, remove } = shellWorlds("pen-shell-");
afterAll(remove);

interface Start {
  /** The person's own start-up file, below the home. */
  readonly file: string;
  readonly text: string;
  readonly program?: string;
  /** What is typed: writes `own`, `path`, `env` and, after leaving, `after`. */
  readonly lines: readonly string[];
}

const posixLines = [
  'printf "%s" "$OWN" >own',
  "printenv PATH >path",
  "printenv VIRTUAL_ENV >env",
  "env | grep PEN_SHELL_ >left",
  "deactivate",
  "printenv VIRTUAL_ENV >after",
  "exit",
];
const posix = (file: string): Start => ({ file, text: "OWN=read; PATH=/own:$PATH\n", lines: posixLines });
const csh: Start = {
  file: ".cshrc",
  text: "set OWN = read; setenv PATH /own:$PATH\n",
  lines: ["echo -n $OWN >own", ...posixLines.slice(1, 3), "echo $HOME >home", ...posixLines.slice(3)],
};
const starts: Readonly<Record<string, Start>> = {
  bash: posix(".bashrc"),
  zsh: posix(".zshrc"),
  dash: posix(".shrc"),
  ksh: posix(".shrc"),
  mksh: posix(".shrc"),
  yash: posix(".yashrc"),
  fish: {
    file: ".config/fish/config.fish",
    text: "set -g OWN read; set -gx PATH /own $PATH\n",
    lines: ['printf "%s" "$OWN" >own', ...posixLines.slice(1)],
  },
  csh: { ...csh, program: "bsd-csh" },
  tcsh: { ...csh, file: ".tcshrc" },
  nu: {
    file: ".config/nushell/config.nu",
    text: "$env.config.show_banner = false\n$env.OWN = 'read'\n$env.PATH = ($env.PATH | prepend '/own')\n",
    lines: [
      "$env.OWN | save -f own",
      "^printenv PATH | save -f path",
      "^printenv VIRTUAL_ENV | save -f env",
      "^env | lines | where {|it| $it =~ '^PEN_SHELL_' } | str join | save -f left",
      "deactivate",
      "^sh -c 'printenv VIRTUAL_ENV || :' | save -f after",
      "exit",
    ],
  },
  xonsh: {
    file: ".config/xonsh/rc.xsh",
    text: "$OWN = 'read'\n$PATH.insert(0, '/own')\n",
    lines: [
      "open('own', 'w').write($OWN) and None",
      "printenv PATH > path",
      "printenv VIRTUAL_ENV > env",
      "sh -c 'env | grep PEN_SHELL_ >left'",
      "deactivate",
      "sh -c 'printenv VIRTUAL_ENV >after'",
      "exit",
    ],
  },
};

describe("pen shell starts an interactive shell with the environment active, after its own start-up files", () => {
  for (const [name, { file, text, lines, program: named = name }] of Object.entries(starts)) {
    forShell(named, name, async (path) => {
      const { folder, home, project, root, env } = await world("a b'$(touch pwned)\"`touch pwned`!");
      mkdirSync(join(home, file, ".."), { recursive: true });
      writeFileSync(join(home, file), text);
      const own = {
        ...env,
        TERM: "xterm",
        // The folder that holds pen's start-up files is hostile too; mksh cannot be told of such a one.
        PEN_CACHE_DIR: `${folder}/ca ${name === "mksh" ? "" : "$(touch pwned)!"}`,
        TYPIST_QUIET: ["nu", "xonsh"].includes(name) ? "0.6" : "0.15",
        ...(file === ".shrc" ? { ENV: join(home, file) } : {}),
      };
      const ran = await typed(python, [program(), "shell", "--shell", path], { cwd: project, env: own, input: lines.join("\n") });
      const told = (what: string): string =>
        existsSync(join(project, what)) ? readFileSync(join(project, what), "utf8") : `no ${what}: ${ran.stdout}`;
      expect(told("own").trim()).toBe("read");
      expect(told("path")).toBe(`${root}/bin:/own:${env["PATH"]}\n`);
      expect(told("env")).toBe(`${root}\n`);
      expect(told("left").trim()).toBe("");
      expect(told("after").trim()).toBe("");
      if (name.includes("csh")) expect(told("home")).toBe(`${home}\n`);
      expect([...readdirSync(project), ...readdirSync(folder)]).not.toContain("pwned");
    });
  }

  test("the shell in a shell is refused, and a shell that is not installed is named", async () => {
    const { project, root, env } = await world("x");
    const inside = await pen(["shell"], { cwd: project, env: { ...env, SHELL: "/bin/sh", PEN_SHELL: root } });
    expect(inside.stderr).toContain("This shell was started by `pen shell` already");
    const missing = await pen(["shell", "--shell", "powershell"], { cwd: project, env: { ...env, PATH: "/nowhere" } });
    expect(missing.stderr).toContain("The shell powershell is not installed");
  });

  test("for cmd there is a script on Windows alone", async () => {
    const { project, env } = await world("x");
    const { status, stderr } = await pen(["activate", "--shell", "cmd"], { cwd: project, env });
    expect(status).not.toBe(0);
    expect(stderr).toContain("cmd runs on Windows alone");
  });
});
