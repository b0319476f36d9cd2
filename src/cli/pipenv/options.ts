import { buildOptions } from "../arguments/builds.ts";
import { linkOptions } from "../arguments/common.ts";
import type { OptionSpec } from "../arguments/types.ts";
import { systemOption } from "./system.ts";

/** pen's own words about builds and links, which pipenv has not. */
const penOptions: readonly OptionSpec[] = [...buildOptions.filter(({ name }) => !name.startsWith("config-settings")), ...linkOptions];

const pythonChoice: OptionSpec = {
  name: "python",
  kind: "value",
  metavar: "VERSION",
  help: "The Python of the environment; one of another Python is made anew.",
};

/** Options that every command of pipenv has. */
export const commonPipenv: readonly OptionSpec[] = [
  {
    name: "pypi-mirror",
    kind: "value",
    metavar: "URL",
    variable: "PIPENV_PYPI_MIRROR",
    help: "An index that stands in for the public one.",
  },
  { name: "clear", kind: "flag", variable: "PIPENV_CLEAR", help: "Ask indexes anew instead of trusting what is cached." },
  pythonChoice,
];

export const siteOptions: readonly OptionSpec[] = [
  {
    name: "site-packages",
    negation: "no-site-packages",
    kind: "flag",
    variable: "PIPENV_SITE_PACKAGES",
    help: "Let the environment see the packages of its base Python.",
  },
];

const solvingOptions: readonly OptionSpec[] = [
  { name: "pre", kind: "flag", variable: "PIPENV_PRE", help: "Take pre-releases too." },
  {
    name: "extra-pip-args",
    kind: "value",
    metavar: "WORDS",
    variable: "PIPENV_EXTRA_PIP_ARGS",
    help: "Options of pip for this command: --no-binary NAME, --index-url URL, --config-settings K=V, …",
  },
  {
    name: "resolver",
    kind: "value",
    metavar: "NAME",
    help: "pen has one resolver of its own.",
    idle: "pen has one resolver of its own, whatever is chosen here",
    hidden: true,
  },
];

export const categoryOptions: readonly OptionSpec[] = [
  { name: "dev", short: "d", kind: "flag", variable: "PIPENV_DEV", help: "With the packages of [dev-packages]." },
  {
    name: "categories",
    kind: "value",
    metavar: "NAMES",
    variable: "PIPENV_CATEGORIES",
    help: "These tables of the Pipfile, with blanks or commas between.",
  },
  { name: "extras", kind: "value", metavar: "NAMES", variable: "PIPENV_EXTRAS", help: "These tables of the Pipfile beside [packages]." },
  { name: "all", kind: "flag", variable: "PIPENV_ALL_CATEGORIES", help: "All tables of the Pipfile." },
];

export const baseOptions: readonly OptionSpec[] = [...commonPipenv, ...solvingOptions, ...penOptions];

export const syncOptions: readonly OptionSpec[] = [...baseOptions, ...categoryOptions];

/** Options of commands that add to a Pipfile. */
export const addingOptions: readonly OptionSpec[] = [
  ...syncOptions,
  {
    name: "config-settings",
    kind: "list",
    metavar: "KEY=VALUE",
    help: "Pass a setting to the build backend of what is added; it is kept in the Pipfile.",
  },
  {
    name: "index",
    short: "i",
    kind: "value",
    metavar: "URL",
    variable: "PIP_INDEX_URL",
    help: "The source of what is added: its name, or the URL of an index.",
  },
  {
    name: "requirements",
    short: "r",
    kind: "value",
    metavar: "FILE",
    variable: "PIPENV_REQUIREMENTSTXT",
    help: "Add what a requirements file lists.",
  },
  { name: "ignore-pipfile", kind: "flag", variable: "PIPENV_IGNORE_PIPFILE", help: "Install the lock, whatever the Pipfile says." },
  { name: "editable", short: "e", kind: "list", metavar: "PATH", help: "Add a project that is worked on." },
  { name: "skip-lock", kind: "flag", variable: "PIPENV_SKIP_LOCK", help: "Lock nothing; install what the Pipfile asks for." },
  systemOption,
  ...siteOptions,
];

export const bareOption: OptionSpec = { name: "bare", kind: "flag", help: "Say nothing that is not asked for." };

export const lockOnlyOption: OptionSpec = { name: "lock-only", kind: "flag", variable: "PIPENV_LOCK_ONLY", help: "Change the lock alone." };

export const packagesArgument = { name: "PACKAGE", help: "Packages, as pip takes them.", repeated: true } as const;
