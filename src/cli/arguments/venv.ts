import { indexOptions, linkOptions } from "./common.ts";
import type { OptionSpec } from "./types.ts";

/** Which Python an environment is made from. */
const pythonOptions: readonly OptionSpec[] = [
  {
    name: "python",
    short: "p",
    kind: "value",
    metavar: "PYTHON",
    variable: "PEN_PYTHON",
    help: "Which Python: 3.12, >=3.10, pypy, a path, …",
  },
  { name: "managed-python", kind: "flag", help: "Take only Pythons that uv or pen keep in folders of their own." },
  { name: "no-managed-python", kind: "flag", help: "Take none of those." },
  {
    name: "python-preference",
    kind: "value",
    metavar: "WHICH",
    choices: ["only-managed", "managed", "system", "only-system"],
    variable: "PEN_PYTHON_PREFERENCE",
    help: "The same in more shades: managed and system say which come first.",
  },
  { name: "no-python-downloads", kind: "flag", help: "Always so: pen venv downloads no Python." },
  { name: "allow-python-downloads", kind: "flag", help: "Means nothing here: pen venv downloads no Python.", hidden: true },
  {
    name: "python-fetch",
    kind: "value",
    choices: ["automatic", "manual", "never"],
    help: "Means nothing here: pen venv downloads no Python.",
    hidden: true,
  },
];

const seedOptions: readonly OptionSpec[] = [
  { name: "seed", negation: "no-seed", kind: "flag", help: "Put pip in, which is the default." },
  {
    name: "without-pip",
    aliases: ["no-pip"],
    kind: "flag",
    help: "The same as --no-seed. Careful: then the word `pip` is another Python's.",
  },
  {
    name: "seed-package",
    kind: "list",
    metavar: "PACKAGE",
    help: "Put this in beside pip (setuptools, wheel==0.45, …); may be repeated.",
  },
  { name: "no-setuptools", kind: "flag", help: "Leave setuptools out, though the configuration has it.", hidden: true },
  { name: "no-wheel", kind: "flag", help: "Leave wheel out, though the configuration has it.", hidden: true },
  { name: "upgrade-deps", kind: "flag", help: "Ask the index for the newest pip now, instead of once a week." },
];

/** What stands where the environment shall be, and where that is. */
const placeOptions: readonly OptionSpec[] = [
  { name: "clear", short: "c", negation: "no-clear", kind: "flag", help: "Make an existing environment anew." },
  { name: "allow-existing", kind: "flag", help: "Lay the environment over what is there." },
  { name: "force", kind: "flag", help: "Let --clear delete a folder that is no environment." },
  {
    name: "upgrade",
    kind: "flag",
    help: "Lead an existing environment to a newer Python of its version (or to --python); packages stay.",
  },
  { name: "directory", kind: "value", metavar: "DIR", help: "Work in this folder." },
  { name: "project", kind: "value", metavar: "DIR", help: "Without a DIR of its own, the environment goes to .venv in this folder." },
  {
    name: "no-project",
    kind: "flag",
    help: "Read neither a pen.toml nor a [tool.pen] of the project; .venv goes into the working folder in any case.",
  },
];

const contentOptions: readonly OptionSpec[] = [
  { name: "system-site-packages", kind: "flag", help: "Let the environment see the packages of its Python." },
  {
    name: "inherit",
    kind: "list",
    metavar: "ENV",
    help: "Let it see the packages of another environment, after its own; may be repeated.",
  },
  { name: "prompt", kind: "value", metavar: "TEXT", help: "What the shell shows while it is active; `.` is the folder's name." },
  { name: "copies", aliases: ["always-copy"], kind: "flag", help: "Copy the interpreter instead of linking it." },
  { name: "symlinks", kind: "flag", help: "Link the interpreter, which is the default." },
  {
    name: "relocatable",
    negation: "no-relocatable",
    kind: "flag",
    help: "Always so: every environment of pen can be moved. Writes `relocatable = true` too.",
  },
  { name: "no-vcs-ignore", aliases: ["without-scm-ignore-files"], kind: "flag", help: "Write no .gitignore and CACHEDIR.TAG." },
];

/** How the seeds are come by, as uv has it. */
const sourceOptions: readonly OptionSpec[] = [
  { name: "refresh-package", kind: "list", metavar: "NAME", help: "Ask indexes anew about this package." },
  {
    name: "exclude-newer-package",
    kind: "list",
    metavar: "DATES",
    help: "Refused: pen has one date for all packages (--exclude-newer).",
    hidden: true,
  },
  {
    name: "system-certs",
    aliases: ["native-tls"],
    negation: "no-system-certs",
    kind: "flag",
    help: "Trust the certificate authorities of this machine instead of those that pen brings.",
  },
  { name: "no-installer-metadata", kind: "flag", help: "Means nothing here: pen signs what it installs.", hidden: true },
  { name: "preview", negation: "no-preview", kind: "flag", help: "Means nothing here: pen has no previews.", hidden: true },
  { name: "preview-features", kind: "list", metavar: "NAME", help: "Means nothing here: pen has no previews.", hidden: true },
];

/** The options of `pen venv`: all of `python -m venv` (3.6 to 3.14) and of `uv venv`. */
export const venvOptions: readonly OptionSpec[] = [
  ...pythonOptions,
  ...seedOptions,
  ...contentOptions,
  ...placeOptions,
  ...linkOptions.filter(({ name }) => name === "link-mode"),
  ...sourceOptions,
  { name: "isolated", kind: "flag", help: "The same as --no-config.", hidden: true },
  ...indexOptions,
];
