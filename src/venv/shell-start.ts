import type { ShellName } from "./shells.ts";
import { activationLine } from "./shells.ts";

/** How to start a shell so that it activates an environment after the person's own start-up files. */
export interface ShellStart {
  /** Words after the program's name. */
  readonly args: readonly string[];
  /** Variables beside those of the person; undefined takes one away. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Files that must stand in the folder given: the same for every environment. */
  readonly files: ReadonlyArray<readonly [name: string, text: string]>;
  /** False where a shell has no such way: then only its variables are set. */
  readonly readsScript: boolean;
}

export interface ShellStartOptions {
  /** The activation script, absolute. */
  readonly script: string;
  /** Where the start-up files will stand, absolute. */
  readonly folder: string;
  /** The person's variables. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

const bashFile = `if [ -f ~/.bashrc ]; then . ~/.bashrc; fi
. "$PEN_SHELL_SCRIPT"
unset PEN_SHELL_SCRIPT
`;

/** zsh looks for the next file where ZDOTDIR points, so it points here until the last one was read. */
const zshFirst = `_pen_folder=$ZDOTDIR
if [[ -n \${PEN_SHELL_ZDOTDIR+set} ]]; then ZDOTDIR=$PEN_SHELL_ZDOTDIR; else unset ZDOTDIR; fi
unset PEN_SHELL_ZDOTDIR
if [[ -f \${ZDOTDIR-$HOME}/.zshenv ]]; then . "\${ZDOTDIR-$HOME}/.zshenv"; fi
_pen_own=\${ZDOTDIR-}
_pen_set=\${ZDOTDIR+set}
ZDOTDIR=$_pen_folder
`;
const zshLast = `if [[ -n $_pen_set ]]; then ZDOTDIR=$_pen_own; else unset ZDOTDIR; fi
unset _pen_folder _pen_own _pen_set
if [[ -f \${ZDOTDIR-$HOME}/.zshrc ]]; then . "\${ZDOTDIR-$HOME}/.zshrc"; fi
. "$PEN_SHELL_SCRIPT"
unset PEN_SHELL_SCRIPT
`;

const posixFile = `if [ -n "\${PEN_SHELL_ENV+set}" ]; then ENV=$PEN_SHELL_ENV; else unset ENV; fi
unset PEN_SHELL_ENV PEN_SHELL_FILE
if [ -n "\${ENV-}" ]; then
    case $ENV in
        *[\\$\\\`]*) ;;
        *) if [ -f "$ENV" ]; then . "$ENV"; fi ;;
    esac
fi
. "$PEN_SHELL_SCRIPT"
unset PEN_SHELL_SCRIPT
`;

/** What starts an interactive `shell` with the environment active. Pure: `files` are to be written by the caller. */
export function shellStart(shell: ShellName, { script, folder, env }: ShellStartOptions): ShellStart {
  const given = { PEN_SHELL_SCRIPT: script };
  switch (shell) {
    case "bash":
      return { args: ["--rcfile", `${folder}/bashrc`, "-i"], env: given, files: [["bashrc", bashFile]], readsScript: true };
    case "zsh":
      return {
        args: ["-i"],
        env: { ...given, ZDOTDIR: folder, PEN_SHELL_ZDOTDIR: env["ZDOTDIR"] },
        files: [
          [".zshenv", zshFirst],
          [".zshrc", zshLast],
        ],
        readsScript: true,
      };
    case "fish":
      return { args: ["-i", "-C", "source $PEN_SHELL_SCRIPT; set -e PEN_SHELL_SCRIPT"], env: given, files: [], readsScript: true };
    case "mksh":
      return mkshStart({ script, folder, env });
    case "sh":
    case "dash":
    case "ksh":
      return {
        args: ["-i"],
        // These shells expand what ENV holds: a reference to another variable is expanded once, and the path in that one not again.
        env: { ...given, ENV: "$PEN_SHELL_FILE", PEN_SHELL_FILE: `${folder}/shrc`, PEN_SHELL_ENV: env["ENV"] },
        files: [["shrc", posixFile]],
        readsScript: true,
      };
    case "nu":
      return { args: ["-e", activationLine("nu", script)], env: {}, files: [], readsScript: true };
    case "powershell":
      return { args: ["-NoLogo", "-NoExit", "-Command", ". $env:PEN_SHELL_SCRIPT"], env: given, files: [], readsScript: true };
    case "csh":
    case "tcsh":
    case "xonsh":
      return { args: ["-i"], env: {}, files: [], readsScript: false };
  }
}

/** Versions of mksh differ in whether they expand what ENV holds, so only a path that holds nothing to expand may stand there. */
function mkshStart({ script, folder, env }: ShellStartOptions): ShellStart {
  const file = `${folder}/shrc`;
  if (!/^\/[\w./ @%+=:,-]*$/.test(file)) return { args: ["-i"], env: {}, files: [], readsScript: false };
  return {
    args: ["-i"],
    env: { PEN_SHELL_SCRIPT: script, ENV: file, PEN_SHELL_ENV: env["ENV"] },
    files: [["shrc", posixFile]],
    readsScript: true,
  };
}
