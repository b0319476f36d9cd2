/** From the words of a command line to the command that they mean, and the words that are left for it. */
import { closest, PenError, printableLine } from "#foundation";
import { commonOptions, pythonOption } from "./arguments/common.ts";
import { isGroup, type Command, type CommandGroup } from "./command.ts";
import { root } from "./commands.ts";

/** The name by which the program goes, and what of its words it stands for. */
export interface CalledAs {
  /** `pen`, or the tool's name under which the program was started. */
  readonly calledAs: string;
  /** How many of the words stand for that name. */
  readonly modeWords: number;
}

export interface Located {
  readonly name: string;
  readonly entry: Command | CommandGroup;
  readonly rest: readonly string[];
}

/** Finds the command. Errors: `USAGE`, and `UNKNOWN_COMMAND` under pip, with the word that was probably meant. */
export async function locate(words: readonly string[], options: CalledAs): Promise<Located> {
  let group: CommandGroup = root;
  let name = "pen";
  // Options may stand before the command that they are for, as in `pip -q install`.
  const early: string[] = [];
  for (let at = 0; at <= words.length; at += 1) {
    const word = words[at];
    if (word === undefined) return { name, entry: await ownCommand(group, early), rest: early };
    if (word.startsWith("-")) {
      const taken = takesNext(word) || (name !== "pen" && (await import("./arguments/pip.ts")).takesValueEarly(word)) ? 2 : 1;
      early.push(...words.slice(at, at + taken));
      at += taken - 1;
      continue;
    }
    if (word === "help" && at >= options.modeWords) return locate([...words.slice(0, at), ...words.slice(at + 1), "--help"], options);
    const entry: CommandGroup["commands"][string] | undefined = group.commands[word];
    if (entry === undefined) throw unknownCommand(name, word, group);
    name = at < options.modeWords ? options.calledAs : `${name} ${word}`;
    if (!isGroup(entry)) return { name, entry: await entry.load(), rest: [...early, ...words.slice(at + 1)] };
    group = entry;
  }
  return { name, entry: group, rest: early };
}

/** What a group does by itself with options alone; without any, and for help and version, the group. */
async function ownCommand(group: CommandGroup, words: readonly string[]): Promise<Command | CommandGroup> {
  const isAbout = words.every((word) => ["--json", "--json-lines", "--help", "-h", "--version", "-V"].includes(word));
  return group.own === undefined || isAbout ? group : group.own.load();
}

/** True for an option before the command whose value is the next word. */
function takesNext(word: string): boolean {
  if (word === "--pypi-mirror") return true;
  const spec = [...commonOptions, pythonOption].find((option) => word === `--${option.name}` || word === `-${option.short}`);
  return spec?.kind === "value";
}

function unknownCommand(name: string, word: string, group: CommandGroup): PenError {
  const near = closest(word, Object.keys(group.commands));
  const deeper = Object.entries(root.commands).flatMap(([outer, entry]) =>
    isGroup(entry) ? Object.keys(entry.commands).map((inner) => [inner, `pen ${outer} ${inner}`] as const) : [],
  );
  const meant = closest(
    word,
    deeper.map(([inner]) => inner),
  );
  const suggestion =
    word === "version" ? `${name} --version` : near !== undefined ? `${name} ${near}` : deeper.find(([inner]) => inner === meant)?.[1];
  // pip ends with another status there than for an option that it does not have.
  return new PenError(/^(?:pen pip|pip3?)$/.test(name) ? "UNKNOWN_COMMAND" : "USAGE", `${name} has no command ${printableLine(word)}`, {
    hint: suggestion === undefined ? `See: ${name} --help` : `Did you mean: ${suggestion}`,
  });
}
