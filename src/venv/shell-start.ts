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

const yashFile = `if [ -f ~/.yashrc ]; then . ~/.yashrc; fi
. "$PEN_SHELL_SCRIPT"
unset PEN_SHELL_SCRIPT
`;

/** csh and tcsh look for their file in the home folder, so HOME points here until it is read. */
const cshFile = `if ($?PEN_SHELL_HOME) then
    setenv HOME $PEN_SHELL_HOME:q
    set home = $PEN_SHELL_HOME:q
    unsetenv PEN_SHELL_HOME
    if ($?tcsh && -f ~/.tcshrc) then
        source ~/.tcshrc
    else if (-f ~/.cshrc) then
        source ~/.cshrc
    endif
else
    unsetenv HOME
    unset home
endif
source $PEN_SHELL_SCRIPT:q
unsetenv PEN_SHELL_SCRIPT
`;

/** With a file named, xonsh reads no other: this one reads the person's first, in xonsh's order. An error in one of them is told and stops nothing. */
const xonshFile = `def _pen_files():
    import glob
    import os
    for file in $XONSHRC:
        if os.path.isfile(file):
            yield file
    for folder in (__xonsh__.env.get("XONSHRC_DIR") or ()):
        yield from sorted(glob.glob(os.path.join(glob.escape(folder), "*.xsh")) + glob.glob(os.path.join(glob.escape(folder), "*.py")))


for _pen_file in list(_pen_files()):
    try:
        source @(_pen_file)
    except Exception as _pen_error:
        print("xonsh: error in", _pen_file, _pen_error)
for _pen_name in ("_pen_files", "_pen_file", "_pen_error"):
    globals().pop(_pen_name, None)
del _pen_name
source @($PEN_SHELL_SCRIPT)
del $PEN_SHELL_SCRIPT
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
      return {
        args: ["-NoLogo", "-NoExit", "-Command", ". $env:PEN_SHELL_SCRIPT; Remove-Item -LiteralPath Env:PEN_SHELL_SCRIPT"],
        env: given,
        files: [],
        readsScript: true,
      };
    case "cmd":
      // The value of a variable is not expanded again.
      return { args: ["/K", '"%PEN_SHELL_SCRIPT%"'], env: given, files: [], readsScript: true };
    case "yash":
      return { args: [`--rcfile=${folder}/yashrc`, "-i"], env: given, files: [["yashrc", yashFile]], readsScript: true };
    case "csh":
    case "tcsh":
      return {
        args: ["-i"],
        env: { ...given, HOME: folder, PEN_SHELL_HOME: env["HOME"] },
        files: [[".cshrc", cshFile]],
        readsScript: true,
      };
    case "xonsh":
      return { args: ["-i", "--rc", `${folder}/rc.xsh`], env: given, files: [["rc.xsh", xonshFile]], readsScript: true };
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
