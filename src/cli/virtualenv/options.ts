import { commonOptions, indexOptions } from "../arguments/common.ts";
import type { OptionSpec } from "../arguments/types.ts";

const flag = (name: string, help: string, more: Partial<OptionSpec> = {}): OptionSpec => ({ name, kind: "flag", help, ...more });
const value = (name: string, metavar: string, help: string): OptionSpec => ({ name, kind: "value", metavar, help });

/** pen's own: where an index is needed. Hidden, so that the beginnings of virtualenv's names stay as short as they are. */
const hiddenIndexOptions: readonly OptionSpec[] = indexOptions.map((option) => ({ ...option, hidden: true }));

/** The options of virtualenv 21, in its order, without those that every command of pen has (`-v`, `-q`, `-h`). */
export const virtualenvOptions: readonly OptionSpec[] = [
  flag("version", "Show the version of virtualenv whose options these are, and where pen is."),
  flag("with-traceback", "After a failure show the stack, too."),
  flag("read-only-app-data", "Write nothing into the folder of --app-data, which must exist. Seeds that are there are copied."),
  value("app-data", "DIR", "Cache in the folder `pen` below DIR instead of in pen's own cache. virtualenv's files there are left alone."),
  flag("reset-app-data", "Forget which seeds were chosen and what Pythons said. Stored wheels stay: `pen cache clean` removes them."),
  flag("upgrade-embed-wheels", "Ask the index for the newest seeds of every Python here, for new environments to start with, and end."),
  {
    name: "discovery",
    kind: "value",
    metavar: "HOW",
    choices: ["builtin"],
    help: "How Pythons are found. Plugins of virtualenv are not run: there is only builtin.",
  },
  {
    name: "python",
    short: "p",
    kind: "list",
    metavar: "PY",
    help: "Which Python: 3.12, 311, pypy3.10, cpython3.12-64, '>=3.10,<3.13', a name on PATH or a path. May be repeated: the first that is found.",
  },
  { name: "try-first-with", kind: "list", metavar: "PATH", help: "Look at this interpreter before all others; may be repeated." },
  value("creator", "NAME", "builtin, venv or cpython3-posix (pypy3-posix, graalpy-posix). In pen all make the layout of `python -m venv`."),
  {
    name: "seeder",
    kind: "value",
    metavar: "HOW",
    choices: ["app-data", "pip"],
    help: "app-data: link pip from pen's store. pip: copy it. The same files either way.",
  },
  flag("no-seed", "Put nothing in; also --without-pip.", { aliases: ["without-pip"] }),
  value("activators", "LIST", "Which activation scripts: bash,cshell,fish,nushell,powershell,python,xonsh. Empty: none."),
  flag("clear", "Make an existing environment anew. A folder that is no environment is not cleared without --force."),
  flag("force", "Let --clear delete a folder that is no environment, and let an environment replace files of the same names."),
  flag("no-vcs-ignore", "Write no .gitignore."),
  flag("venv-redirect", "Let a file .venv beside the environment lead to it (PEP 832). By itself only beside a pyproject.toml.", {
    negation: "no-venv-redirect",
  }),
  flag("system-site-packages", "Let the environment see the packages of its Python."),
  flag("symlinks", "Link the interpreter, which is what happens anyway."),
  flag("copies", "Copy the interpreter, its shared library too; also --always-copy.", { aliases: ["always-copy"] }),
  flag("download", "Ask the index for the newest seeds now, instead of once a week."),
  flag("no-download", "Take seeds from this machine; ask the index only when there are none; also --never-download.", {
    aliases: ["never-download"],
  }),
  {
    name: "extra-search-dir",
    kind: "list",
    metavar: "DIR",
    greedy: true,
    help: "Folders with wheels that may be taken as seeds, too. Takes all words up to the next option; may be repeated.",
  },
  value("pip", "VERSION", "bundle (the newest for this Python), embed (the one it brings along), none, or an exact version."),
  value("setuptools", "VERSION", "The same for setuptools; default none from Python 3.12 on, else bundle."),
  { ...value("wheel", "VERSION", "Does nothing: wheel is no seed any more."), hidden: true },
  flag("no-pip", "Do not put pip in."),
  flag("no-setuptools", "Do not put setuptools in."),
  flag("no-wheel", "Does nothing: wheel is no seed any more.", { hidden: true }),
  flag(
    "no-periodic-update",
    "Keep the seeds that were chosen once; without it the index is asked again after a week. Nothing runs in the background.",
  ),
  flag("symlink-app-data", "Let the seeds be links into the store, which then has to stay."),
  value("prompt", "TEXT", "What the shell shows while it is active; `.` is the name of the working directory."),
  ...hiddenIndexOptions,
];

/** Those that variables and the file of virtualenv set. */
export const configurableOptions: readonly OptionSpec[] = [
  ...virtualenvOptions.filter((option) => !hiddenIndexOptions.includes(option)),
  ...commonOptions.filter(({ name }) => name === "verbose" || name === "quiet"),
];
