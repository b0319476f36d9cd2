/**
 * The short way for lines of `pen venv` that say nothing out of the ordinary. Understanding the others takes the tables of all options, variables and
 * configuration files, and loading those costs as much as the work itself. What is not plain in every respect goes the usual way (program.ts), which
 * comes to the same: tests/cli/plain-lines.test.ts compares the two.
 */
import { chooseQuickCalls, pathExists, type Emit, type Host, type PenEvent } from "#foundation";
import { parsedOf } from "./arguments/parsed.ts";
import type { Parsed, Terminal } from "./arguments/types.ts";
import type { Colours } from "./command.ts";
import { run } from "./commands/venv-plain.ts";
import { usualFile } from "./configuration/configuration.ts";
import { projectPlace } from "./configuration/project-place.ts";
import { openHost } from "./host.ts";
import { chooseColours } from "./output/colours.ts";
import type { Reporter } from "./output/live-line.ts";
import { perform } from "./running.ts";
import { processTerminal } from "./terminal.ts";

/** The variables of pen's that a plain machine may have, and the options that they set. Others say nothing about options. */
const variables: Readonly<Record<string, string>> = { PEN_INDEX_URL: "index-url" };
const silentVariables: readonly string[] = ["PEN_CACHE_DIR", "PEN_DATA_DIR"];

/** The words of options that are understood here: the option, and what the word says; without that the next word does. */
const options: Readonly<Record<string, readonly [option: string, says?: string]>> = {
  "-q": ["quiet", "on"],
  "--quiet": ["quiet", "on"],
  "-p": ["python"],
  "--python": ["python"],
  "--seed": ["seed", "on"],
  "--no-seed": ["seed", "off"],
  "--without-pip": ["without-pip", "on"],
  "-i": ["index-url"],
  "--index-url": ["index-url"],
  "--default-index": ["index-url"],
  "--offline": ["offline", "on"],
};

/** Runs `pen venv` with the words after it and gives its exit status; undefined, with nothing done, for what is not plain. */
export async function runPlain(words: readonly string[]): Promise<number | undefined> {
  chooseQuickCalls();
  const host = plainHost();
  const parsed = host === undefined ? undefined : parsePlain(words, host);
  if (host === undefined || parsed === undefined) return undefined;
  const terminal = processTerminal;
  const colours = (isTerminal: boolean): Colours => chooseColours("auto", host.env, isTerminal);
  const [colour, errColour] = [colours(terminal.outIsTerminal), colours(terminal.errIsTerminal)];
  const reporter = lateReporter({ terminal, parsed, colour: errColour });
  const onError = async (error: unknown): Promise<string> => {
    const { originNotes } = await import("./arguments/checks.ts");
    return originNotes(
      parsed,
      Object.values(variables).map((name) => ({ name, kind: "value", help: "" })),
      error,
    );
  };
  return perform(run, { parsed, host, terminal, reporter, colour, errColour, calledAs: "pen", asPip: false, onError });
}

/** Undefined for words that are not plain ones. */
function parsePlain(words: readonly string[], host: Host): Parsed | undefined {
  const values = new Map<string, string[]>();
  const positional: string[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] as string;
    if (word.includes("\ufffd")) return undefined;
    if (!word.startsWith("-")) {
      positional.push(word);
      continue;
    }
    const [option, says = words[(at += 1)]] = options[word] ?? [];
    if (option === undefined || says === undefined || says.includes("\ufffd")) return undefined;
    values.set(option, [...(values.get(option) ?? []), says]);
  }
  const origins = new Map<string, string>();
  for (const [variable, option] of Object.entries(variables)) {
    const text = host.env[variable];
    if (text === undefined || text === "" || values.has(option)) continue;
    values.set(option, [text]);
    origins.set(option, `the variable ${variable}`);
  }
  // Several places, and an index that is a folder or has a name.
  const parsed = parsedOf({
    arguments: positional,
    rest: [],
    knows: () => true,
    values: (name) => values.get(name),
    origin: (name) => origins.get(name),
  });
  const index = parsed.value("index-url");
  return positional.length > 1 || (index !== undefined && !/^https?:\/\//.test(index)) ? undefined : parsed;
}

/** The machine, when no configuration file and no variable but those above has a word to say. What is wrong with it is told on the usual way. */
function plainHost(): Host | undefined {
  try {
    const host = openHost();
    for (const name in host.env)
      if (name.startsWith("PEN_") && variables[name] === undefined && !silentVariables.includes(name)) return undefined;
    // One that is relative is made absolute on the usual way.
    if (host.env["PEN_CACHE_DIR"]?.startsWith("/") === false) return undefined;
    const own = usualFile(host);
    return (own !== undefined && pathExists(own)) || projectPlace(host) !== undefined ? undefined : host;
  } catch {
    return undefined;
  }
}

interface LateReporting {
  readonly terminal: Terminal;
  readonly parsed: Parsed;
  readonly colour: Colours;
}

/** Loads what tells of events when there is one to be told; those that come meanwhile are told then, in their order. */
function lateReporter({ terminal, parsed, colour }: LateReporting): Reporter {
  const isLive = terminal.errIsTerminal && parsed.count("quiet") === 0;
  const waiting: PenEvent[] = [];
  let loading: Promise<void> | undefined;
  let reporter: Reporter | undefined;
  const load = async (): Promise<void> => {
    const { openReporter } = await import("./output/reporter.ts");
    reporter = openReporter(terminal, parsed, { colour, asPip: false });
    for (const event of waiting) reporter.emit(event);
  };
  const emit: Emit = (event) => {
    if (reporter !== undefined) return reporter.emit(event);
    // Without a live line nobody sees them.
    if (!isLive && (event.type === "phase" || event.type === "progress" || event.type === "change")) return;
    waiting.push(event);
    loading ??= load();
  };
  return { json: false, emit, result: () => {}, finish: () => reporter?.finish(), settled: async () => loading };
}
