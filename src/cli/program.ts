import {
  chooseQuickCalls,
  closest,
  makeTemporaryFolder,
  PenError,
  penVersion,
  pipenvRelease,
  pipRelease,
  printableLine,
  redactUrl,
  removeTree,
  type Emit,
  type Host,
} from "#foundation";
import { checkOptions, originNotes, tellOrigins } from "./arguments/checks.ts";
import { withCommonOptions } from "./arguments/common.ts";
import { parseArguments, type ParseRules } from "./arguments/parse.ts";
import type { OptionSettings, Parsed, Terminal } from "./arguments/types.ts";
import { isCalledPip, type Colours, type Command, type CommandGroup } from "./command.ts";
import { loadSettings, type Settings } from "./configuration/settings.ts";
import { checkEncoding, openHost } from "./host.ts";
import { prepareForWork } from "./longer-work.ts";
import type { HelpPage } from "./help.ts";
import { locate, type CalledAs, type Located } from "./locating.ts";
import { chooseColours, type ColourChoice } from "./output/colours.ts";
import type { errorText } from "./output/errors.ts";
import { jsonText } from "./output/json.ts";
import type { LogFile } from "./output/log-file.ts";
import { logging, openReporter } from "./output/reporter.ts";
import { perform } from "./running.ts";

export { processTerminal } from "./terminal.ts";

export interface ProgramOptions extends CalledAs {
  readonly terminal: Terminal;
  readonly host?: Host;
}

/** For files: no colours. */
const plainColours: Colours = chooseColours("never", {}, false);

/** Runs one command line and gives its exit status. Never throws. */
export async function runProgram(words: readonly string[], options: ProgramOptions): Promise<number> {
  chooseQuickCalls();
  const { terminal } = options;
  const wantsJson = words.includes("--json") || words.includes("--json-lines");
  try {
    const host = options.host ?? openHost();
    checkEncoding(words);
    const located = await locate(words, options);
    if (!("run" in located.entry)) return await showGroup(located, located.entry, { terminal, host });
    prepareForWork();
    return await runCommand(located, located.entry, { ...options, host });
  } catch (error) {
    const { exitStatus, tellError } = await import("./output/failing.ts");
    const colour = chooseColours("auto", options.host?.env ?? process.env, terminal.errIsTerminal);
    const verbose = words.includes("-v") || words.includes("--verbose");
    tellError(error, { terminal, colour, json: wantsJson, verbose, asPip: isCalledPip(options) });
    return exitStatus(error);
  }
}

async function showGroup(
  { name, rest }: Located,
  group: CommandGroup,
  { terminal, host }: { terminal: Terminal; host: Host },
): Promise<number> {
  const option = rest.find((word) => word !== "--json" && word !== "--json-lines");
  if (option === "--version" || option === "-V") {
    terminal.out(rest.length > 1 ? jsonText({ schemaVersion: 1, version: penVersion }) : versionText({ calledAs: name, host }));
    return 0;
  }
  const { groupHelp } = await import("./help.ts");
  if (option === undefined || option === "--help" || option === "-h") {
    terminal.out(groupHelp(name, group, helpPage(terminal, host)));
    return 0;
  }
  const meant = closest(option, ["--help", "--version"]);
  throw new PenError("USAGE", `${name} has no option ${printableLine(option)}`, {
    hint: meant === undefined ? `See: ${name} --help` : `Did you mean: ${name} ${meant}`,
  });
}

/** A pipe has no width: help is written for it as wide as it reads well. */
const helpPage = (terminal: Terminal, { env }: Host): HelpPage => ({
  colour: chooseColours("auto", env, terminal.outIsTerminal),
  columns: terminal.outIsTerminal ? terminal.columns : Number.POSITIVE_INFINITY,
});

async function runCommand({ name, rest }: Located, command: Command, options: ProgramOptions & { readonly host: Host }): Promise<number> {
  const { terminal } = options;
  if (wantsHelp(command, rest)) {
    const { commandHelp } = await import("./help.ts");
    const here = await command.helpHere?.(options.host);
    terminal.out(commandHelp(name, command, helpPage(terminal, options.host), here));
    return 0;
  }
  const { rules, parsed } = await readCommandLine({ name, rest }, command, options);
  if (pipCommand(name) !== undefined && parsed.flag("version")) {
    terminal.out(versionText(options));
    return 0;
  }
  const passing = parsed.flagIfGiven("no-cache-dir") === true ? makeTemporaryFolder(options.host.tmp) : undefined;
  const host = hostFor(parsed, withCacheFolder(options.host, passing ?? parsed.value("cache-dir")));
  const choice = (parsed.flag("no-color") ? "never" : (parsed.value("color") ?? "auto")) as ColourChoice;
  const colour = chooseColours(choice, host.env, terminal.outIsTerminal);
  const log = await openLog(parsed, host);
  const asPip = isCalledPip(options);
  const errColour = chooseColours(choice, host.env, terminal.errIsTerminal);
  const reporter = logging(openReporter(terminal, parsed, { colour: errColour, asPip }), log);
  log?.write(`Command line: ${[name, ...rest].map(redactUrl).join(" ")}`);
  const before = async (emit: Emit): Promise<void> => {
    if (parsed.count("verbose") > 0) await tellSettings(command, { parsed, rules, host: options.host, emit });
    checkOptions(parsed, rules.options, { command: name, emit });
  };
  const onError = (error: unknown, textOf: typeof errorText): string => {
    log?.write(textOf(error, plainColours, { verbose: true, asPip }));
    return originNotes(parsed, rules.options, error);
  };
  const calledAs = name.split(" ").slice(0, -1).join(" ") || name;
  try {
    return await perform((context) => command.run(context), {
      parsed,
      host,
      terminal,
      reporter,
      colour,
      errColour,
      calledAs,
      asPip,
      before,
      onError,
    });
  } finally {
    if (passing !== undefined) removeTree(passing);
  }
}

/** With `-v`: where each value comes from that does not stand on the command line. */
export async function tellSettings(
  command: Command,
  { parsed, rules, host, emit }: { readonly parsed: Parsed; readonly rules: ParseRules; readonly host: Host; readonly emit: Emit },
): Promise<void> {
  tellOrigins(parsed, rules.options, emit);
  const { tellFurtherOrigins } = await import("./further-origins.ts");
  await tellFurtherOrigins({ command, options: rules.options, host, emit });
}

/** Programs that start pip read its release here. */
const versionText = ({ calledAs, host }: { readonly calledAs: string; readonly host: Host }): string =>
  calledAs === "pipenv"
    ? `pipenv, version ${pipenvRelease} (pen ${penVersion})\n`
    : /^pip3?$/.test(calledAs)
      ? `pip ${pipRelease} from ${host.executable} (pen ${penVersion})\n`
      : `pen ${penVersion}\n`;

/** The word after `pip`, for its commands; undefined for all others. */
function pipCommand(name: string): string | undefined {
  const [first, second, third] = name.split(" ");
  if (first === "pen") return second === "pip" ? third : undefined;
  return first === "pip" || first === "pip3" ? second : undefined;
}

async function rulesOf(name: string, command: Command, host: Host): Promise<ParseRules> {
  const own = withCommonOptions(command.options);
  const pip = pipCommand(name);
  return {
    options: pip === undefined ? own : (await import("./arguments/pip.ts")).withPipOptions(pip, own),
    arguments: command.arguments,
    passRest: command.passRest ?? false,
    command: name,
    variables: host.env,
  };
}

/** What a command is told: by the words behind its name, by variables and by configuration files. Errors: `USAGE`, `INVALID_CONFIG`. */
export async function readCommandLine(
  { name, rest }: Pick<Located, "name" | "rest">,
  command: Command,
  options: ProgramOptions & { readonly host: Host },
): Promise<{ readonly rules: ParseRules; readonly parsed: Parsed }> {
  const rules = await rulesOf(name, command, options.host);
  return { rules, parsed: await parseWithSettings(rest, rules, options) };
}

/** The words of the command line, and behind them what configuration files say; for the commands of pip pip's own, too. */
async function parseWithSettings(
  words: readonly string[],
  rules: ParseRules,
  options: ProgramOptions & { readonly host: Host },
): Promise<Parsed> {
  const parsed = parseArguments(words, rules);
  const asPip = isCalledPip(options);
  const [first = "", ...rest] = rules.command.split(" ");
  const command = first === "pen" ? rest : [asPip ? "pip" : first, ...rest];
  // virtualenv has a file of its own.
  if (command[0] === "virtualenv") return parsed;
  const files = await loadSettings(parsed, { host: options.host, command, options: rules.options, projects: !asPip });
  const pip = pipCommand(rules.command);
  const settings =
    pip === undefined ? new Map([...files.project, ...files.own]) : await withPipSettings(pip, { parsed, rules, files, options });
  return settings.size === 0 ? parsed : parseArguments(words, { ...rules, settings });
}

async function withPipSettings(
  command: string,
  how: {
    readonly parsed: Parsed;
    readonly rules: ParseRules;
    readonly files: Settings;
    readonly options: ProgramOptions & { readonly host: Host };
  },
): Promise<OptionSettings> {
  const { loadPipSettings } = await import("./pip-configuration/loading.ts");
  const { host } = how.options;
  return loadPipSettings(how.parsed, { host, command, options: how.rules.options, asPip: isCalledPip(how.options), files: how.files });
}

const proxyVariable = /^(?:https?|all)_proxy$/i;

/** The machine without the proxies that variables name, where the command line wants it so. */
function hostFor(parsed: Parsed, host: Host): Host {
  if (!parsed.knows("no-proxy-env") || !parsed.flag("no-proxy-env")) return host;
  return { ...host, env: Object.fromEntries(Object.entries(host.env).filter(([name]) => !proxyVariable.test(name))) };
}

/** For commands that pass words on, only a `--help` before the first of them is ours. */
function wantsHelp(command: Command, rest: readonly string[]): boolean {
  for (const word of rest) {
    if (word === "--" || (command.passRest === true && !word.startsWith("-"))) return false;
    if (word === "--help" || word === "-h") return true;
  }
  return false;
}

function withCacheFolder(host: Host, folder: string | undefined): Host {
  return folder === undefined
    ? host
    : { ...host, env: { ...host.env, PEN_CACHE_DIR: folder.startsWith("/") ? folder : `${host.cwd}/${folder}` } };
}

/** The file of `--log`, for the commands that have it. */
async function openLog(parsed: Parsed, host: Host): Promise<LogFile | undefined> {
  const path = parsed.knows("log") ? parsed.value("log") : undefined;
  if (path === undefined) return undefined;
  const { LogFile } = await import("./output/log-file.ts");
  return new LogFile(path, host);
}
