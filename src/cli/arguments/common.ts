import type { OptionSpec } from "./types.ts";

/** Which configuration file is read. */
export const configurationOptions: readonly OptionSpec[] = [
  {
    name: "config-file",
    kind: "value",
    metavar: "FILE",
    variable: "PEN_CONFIG_FILE",
    help: "Read this configuration file instead of ~/.config/pen/pen.toml.",
  },
  { name: "no-config", kind: "flag", variable: "PEN_NO_CONFIG", help: "Read no configuration file of pen's." },
];

/** Options that every command has. */
export const commonOptions: readonly OptionSpec[] = [
  { name: "help", short: "h", kind: "flag", help: "Show this help." },
  { name: "quiet", short: "q", kind: "count", help: "Say less; twice: only errors." },
  { name: "verbose", short: "v", kind: "count", help: "Say more." },
  { name: "json", kind: "flag", help: "Print one JSON object (docs/json.md has the schema)." },
  { name: "json-lines", kind: "flag", help: "Print events as JSON lines while they happen." },
  {
    name: "color",
    kind: "value",
    metavar: "WHEN",
    choices: ["auto", "always", "never"],
    variable: "PEN_COLOR",
    help: "Colours: auto, always or never. NO_COLOR is obeyed.",
  },
  { name: "no-color", kind: "flag", help: "The same as --color never." },
  {
    name: "progress-bar",
    kind: "value",
    metavar: "WHEN",
    choices: ["auto", "on", "off", "raw"],
    variable: "PEN_PROGRESS_BAR",
    help: "off: no progress line, which is drawn on terminals only.",
    hidden: true,
  },
  { name: "no-progress", kind: "flag", help: "The same as --progress-bar off.", hidden: true },
  {
    name: "no-cache-dir",
    short: "n",
    aliases: ["no-cache"],
    kind: "flag",
    variable: "PEN_NO_CACHE",
    help: "Use a store and caches of their own for this one command, and remove them.",
  },
  { name: "cache-dir", kind: "value", metavar: "DIR", variable: "PEN_CACHE_DIR", help: "Where pen keeps its store and caches." },
  ...configurationOptions,
];

/** The options of a command with those that every command has; where it has the name for something of its own, that one stands. */
export function withCommonOptions(own: readonly OptionSpec[]): readonly OptionSpec[] {
  const taken = new Set<string>();
  for (const { name, aliases, negation } of own) {
    taken.add(name);
    if (negation !== undefined) taken.add(negation);
    if (aliases !== undefined) for (const alias of aliases) taken.add(alias);
  }
  const all = [...own];
  for (const option of commonOptions) if (!taken.has(option.name)) all.push(option);
  return all;
}

/** Options of commands that ask an index. */
export const indexOptions: readonly OptionSpec[] = [
  {
    name: "index-url",
    short: "i",
    aliases: ["pypi-url", "default-index"],
    kind: "value",
    metavar: "URL",
    variable: "PEN_INDEX_URL",
    help: "The package index to use.",
  },
  {
    name: "extra-index-url",
    aliases: ["index"],
    kind: "list",
    metavar: "URL",
    variable: "PEN_EXTRA_INDEX_URL",
    help: "A further index; may be repeated.",
  },
  { name: "no-index", kind: "flag", help: "Ask no index; only --find-links." },
  {
    name: "find-links",
    short: "f",
    kind: "list",
    metavar: "PLACE",
    variable: "PEN_FIND_LINKS",
    help: "A folder, or a page with links, that holds distributions.",
  },
  {
    name: "index-strategy",
    kind: "value",
    metavar: "HOW",
    choices: ["first-index", "best-match", "unsafe-best-match", "unsafe-first-match"],
    variable: "PEN_INDEX_STRATEGY",
    help: "first-index: the first index that has a project is the only one for it (safe); best-match: the best version of all.",
  },
  { name: "offline", negation: "no-offline", kind: "flag", variable: "PEN_OFFLINE", help: "Use only what is on this machine." },
  { name: "refresh", negation: "no-refresh", kind: "flag", help: "Ask indexes anew instead of trusting recent answers." },
  {
    name: "exclude-newer",
    aliases: ["uploaded-prior-to"],
    kind: "value",
    metavar: "WHEN",
    variable: "PEN_EXCLUDE_NEWER",
    help: "Ignore files newer than a date (2026-01-31) or an age (7 days).",
  },
  {
    name: "keyring-provider",
    kind: "value",
    metavar: "HOW",
    choices: ["disabled", "subprocess", "auto", "import"],
    variable: "PEN_KEYRING_PROVIDER",
    help: "subprocess: ask the keyring program for credentials, which auto and import mean too.",
  },
  {
    name: "trusted-host",
    aliases: ["allow-insecure-host"],
    kind: "list",
    metavar: "HOST",
    help: "Do not check the certificate of this host.",
  },
  { name: "cert", kind: "value", metavar: "PATH", help: "Trust the authorities in this PEM file or folder instead." },
  { name: "proxy", kind: "value", metavar: "URL", help: "Go through this proxy instead of the one that HTTPS_PROXY names." },
  { name: "retries", kind: "value", number: true, metavar: "N", help: "How often to try again after a network fault." },
  {
    name: "timeout",
    aliases: ["default-timeout"],
    kind: "value",
    number: true,
    metavar: "SECONDS",
    help: "Give a connection up after so long without a byte.",
  },
];

/** How files get into an environment. */
export const linkOptions: readonly OptionSpec[] = [
  {
    name: "link-mode",
    kind: "value",
    metavar: "MODE",
    choices: ["auto", "clone", "hardlink", "copy", "symlink"],
    variable: "PEN_LINK_MODE",
    help: "How files come from the store. symlink is the fastest and binds the environment to the store.",
  },
  {
    name: "compile-bytecode",
    aliases: ["compile"],
    negation: "no-compile",
    kind: "flag",
    variable: "PEN_COMPILE_BYTECODE",
    help: "Compile all modules now, once for all environments.",
  },
];

export const pythonOption: OptionSpec = {
  name: "python",
  short: "p",
  kind: "value",
  metavar: "PYTHON",
  variable: "PEN_PYTHON",
  help: "The environment (or the Python in one) to work on.",
};

/** Words of pip that ask for what pen does anyway; taken so that a line written for pip works. */
export const pipHabits: readonly OptionSpec[] = [
  { name: "disable-pip-version-check", kind: "flag", help: "Always so: pen never looks for a newer pip.", hidden: true },
  { name: "require-virtualenv", aliases: ["require-venv"], kind: "flag", help: "Always so: the golden rule.", hidden: true },
  { name: "no-python-version-warning", kind: "flag", help: "Always so.", hidden: true },
  { name: "no-warn-script-location", kind: "flag", help: "Always so: scripts go into the environment's own folder.", hidden: true },
  {
    name: "root-user-action",
    kind: "value",
    choices: ["ignore", "warn"],
    help: "Nobody is warned: nothing global is touched.",
    hidden: true,
  },
  { name: "prefer-binary", kind: "flag", help: "Take an older version with a wheel before a newer one that must be built." },
];
