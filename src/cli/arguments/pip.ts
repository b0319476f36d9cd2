import type { OptionSpec } from "./types.ts";

/** What every command of pip takes. Where a command has an option of the name itself, that one stands. */
const generalOptions: readonly OptionSpec[] = [
  { name: "isolated", kind: "flag", help: "Read neither PIP_* variables nor your own pip.conf.", hidden: true },
  {
    name: "log",
    aliases: ["log-file", "local-log"],
    kind: "value",
    metavar: "FILE",
    help: "Add all that happens to this file.",
    hidden: true,
  },
  { name: "no-input", kind: "flag", help: "Always so: nothing is asked.", hidden: true },
  { name: "no-proxy-env", kind: "flag", help: "Go through no proxy that a variable names.", hidden: true },
  { name: "disable-pip-version-check", kind: "flag", help: "Always so: pen never looks for a newer pip.", hidden: true },
  { name: "require-virtualenv", aliases: ["require-venv"], kind: "flag", help: "Always so: the golden rule.", hidden: true },
  { name: "no-python-version-warning", kind: "flag", help: "Always so.", hidden: true },
  { name: "version", short: "V", kind: "flag", help: "Show the version.", hidden: true },
  {
    name: "python",
    kind: "value",
    metavar: "PYTHON",
    help: "Means nothing here.",
    hidden: true,
    idle: "changes nothing: this command works on no environment",
  },
  {
    name: "debug",
    kind: "flag",
    help: "Means nothing here.",
    hidden: true,
    idle: "changes nothing: a defect of pen always shows where it arose, and -v says more of other errors",
  },
  {
    name: "exists-action",
    kind: "list",
    choices: ["s", "i", "w", "b", "a", "switch", "ignore", "wipe", "backup", "abort"],
    help: "Means nothing here.",
    hidden: true,
    idle: "changes nothing: pen never stops to ask about a path that exists",
  },
  {
    name: "use-feature",
    kind: "list",
    metavar: "FEATURE",
    help: "Means nothing here.",
    hidden: true,
    idle: "changes nothing: it chooses among ways of pip's own",
  },
  {
    name: "use-deprecated",
    kind: "list",
    metavar: "FEATURE",
    help: "Means nothing here.",
    hidden: true,
    idle: "changes nothing: it chooses among ways of pip's own",
  },
  {
    name: "resume-retries",
    kind: "value",
    number: true,
    help: "Means nothing here.",
    hidden: true,
    idle: "changes nothing: a download that broke off goes on where it was, as often as --retries says",
  },
];

const asksNoIndex = "changes nothing: this command asks no index";

/** Options of pip's network for the commands that have no use for it: pip takes them everywhere. */
const offlineOptions: readonly OptionSpec[] = [
  ...["proxy", "cert", "client-cert"].map((name): OptionSpec => ({
    name,
    kind: "value",
    help: "Means nothing here.",
    hidden: true,
    idle: asksNoIndex,
  })),
  {
    name: "keyring-provider",
    kind: "value",
    choices: ["auto", "disabled", "import", "subprocess"],
    help: "Means nothing here.",
    hidden: true,
    idle: asksNoIndex,
  },
  { name: "retries", kind: "value", number: true, help: "Means nothing here.", hidden: true, idle: asksNoIndex },
  {
    name: "timeout",
    aliases: ["default-timeout"],
    kind: "value",
    number: true,
    help: "Means nothing here.",
    hidden: true,
    idle: asksNoIndex,
  },
  { name: "trusted-host", kind: "list", help: "Means nothing here.", hidden: true, idle: asksNoIndex },
];

/** What pip takes wherever it asks an index. */
const onlineOptions: readonly OptionSpec[] = [
  { name: "prefer-binary", kind: "flag", help: "Take an older version with a wheel before a newer one that must be built." },
  {
    name: "client-cert",
    kind: "value",
    metavar: "FILE",
    help: "Refused: pen shows no certificate of its own.",
    hidden: true,
    refused: {
      why: "pen's connections carry no certificate of the client, so a server that asks for one would refuse them.",
      hint: "Take credentials instead: in the URL of the index, in ~/.netrc or from keyring.",
    },
  },
];

const buildsNothing = "changes nothing: nothing is built here";

/** Options of setup.py, which newer releases of pip do not have any more. */
const setupOptions: readonly OptionSpec[] = ["global-option", "build-option"].map((name) => ({
  name,
  kind: "list",
  metavar: "WORD",
  help: "Refused: setup.py takes no options any more.",
  hidden: true,
  refused: {
    why: "It passed options on to setup.py, which pip dropped as well: projects are built by their build backends.",
    hint: "Give the backend a setting: --config-settings KEY=VALUE",
  },
}));

/** What pip takes wherever it solves requirements, for the commands that do not have it otherwise. */
const solvingOptions: readonly OptionSpec[] = [
  ...setupOptions,
  { name: "build-constraint", kind: "list", metavar: "FILE", help: "Means nothing here.", hidden: true, idle: buildsNothing },
  { name: "no-build-isolation", kind: "flag", help: "Means nothing here.", hidden: true, idle: buildsNothing },
  { name: "use-pep517", kind: "flag", help: "Always so: there is no other way to build.", hidden: true },
  {
    name: "check-build-dependencies",
    kind: "flag",
    help: "Means nothing here.",
    hidden: true,
    idle: "changes nothing: a build has what it asks for, and one with --no-build-isolation says what it misses",
  },
  {
    name: "config-settings",
    short: "C",
    kind: "list",
    metavar: "KEY=VALUE",
    help: "Means nothing here.",
    hidden: true,
    idle: buildsNothing,
  },
  {
    name: "src",
    aliases: ["source", "source-dir", "source-directory"],
    kind: "value",
    metavar: "DIR",
    help: "Means nothing here.",
    hidden: true,
    idle: "changes nothing: no repository is checked out to be kept",
  },
  {
    name: "no-clean",
    kind: "flag",
    help: "Means nothing here.",
    hidden: true,
    idle: "changes nothing: pen leaves no folders of builds behind to look at",
  },
];

/** Commands of pip that solve requirements. */
const solving: ReadonlySet<string> = new Set(["install", "download", "wheel", "lock", "sync", "compile"]);

/** The options of one command of pip: its own, and those that pip has for every command. */
export function withPipOptions(command: string, own: readonly OptionSpec[]): readonly OptionSpec[] {
  const isOnline = own.some(({ name }) => name === "index-url");
  const more = [...generalOptions, ...(isOnline ? onlineOptions : offlineOptions), ...(solving.has(command) ? solvingOptions : [])];
  const taken = new Set<string>();
  for (const { name, short, aliases, negation } of own) {
    taken.add(name);
    if (short !== undefined) taken.add(short);
    if (negation !== undefined) taken.add(negation);
    if (aliases !== undefined) for (const alias of aliases) taken.add(alias);
  }
  return [...own, ...more.filter(({ name }) => !taken.has(name)).map((spec) => without(spec, taken))];
}

/** The option without the short and further names that others have; mostly the option itself. */
function without(spec: OptionSpec, taken: ReadonlySet<string>): OptionSpec {
  const isFree = (name: string): boolean => !taken.has(name);
  if ((spec.short === undefined || isFree(spec.short)) && spec.aliases?.every(isFree) !== false) return spec;
  const { short, aliases, ...rest } = spec;
  return {
    ...rest,
    ...(short === undefined || !isFree(short) ? {} : { short }),
    ...(aliases === undefined ? {} : { aliases: aliases.filter(isFree) }),
  };
}

/** The value-taking options that may stand before the command: `pip --proxy URL install`. */
export const takesValueEarly: (word: string) => boolean = (word) =>
  [...generalOptions, ...offlineOptions].some(
    ({ kind, name, aliases = [] }) => (kind === "value" || kind === "list") && [name, ...aliases].some((known) => word === `--${known}`),
  );
