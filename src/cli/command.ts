import type { Emit, Host, JsonValue } from "#foundation";
import type { ArgumentSpec, OptionSpec, Parsed, Terminal } from "./arguments/types.ts";

/** What a command works with. */
export interface CommandContext {
  readonly parsed: Parsed;
  readonly host: Host;
  readonly terminal: Terminal;
  /** Where operations report what they do; drawn as progress, printed as JSON lines, or dropped. */
  readonly emit: Emit;
  /** Aborted on Ctrl-C. */
  readonly signal: AbortSignal;
  readonly json: boolean;
  readonly quiet: number;
  readonly verbose: number;
  readonly colour: Colours;
  /** Prints the one JSON object of `--json` (with `schemaVersion`), or the closing event of `--json-lines`. */
  result(value: { readonly [key: string]: JsonValue | undefined } | readonly JsonValue[]): void;
  /** How the command was called, for hints: `pen pip`. */
  readonly calledAs: string;
}

/** The program was started under the name of pip: then its words are pip's alone. */
export const isCalledPip = ({ calledAs }: Pick<CommandContext, "calledAs">): boolean =>
  calledAs.startsWith("pip") && /^pip[\d.]*$/.test(calledAs);

export interface Colours {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  cyan(text: string): string;
}

/** One command: its face and its work. Modules of commands are loaded only when the command runs or its help is shown. */
export interface Command {
  readonly summary: string;
  /** Longer words for `--help`. */
  readonly description?: string;
  readonly arguments: readonly ArgumentSpec[];
  readonly options: readonly OptionSpec[];
  readonly passRest?: boolean;
  /** It looks for a Pipfile, and obeys pipenv's variables. */
  readonly forProjects?: true;
  /** Command lines worth copying, each with what it does. */
  readonly examples: ReadonlyArray<readonly [line: string, meaning: string]>;
  /** What `--help` says beyond the table because it depends on the machine. */
  readonly helpHere?: (host: Host) => Promise<HelpHere>;
  /** Exit status; 0 when nothing is returned. */
  run(context: CommandContext): Promise<number | void>;
}

export interface HelpHere {
  /** Words to add behind the help of an option, by its name. */
  readonly notes: ReadonlyMap<string, string>;
  /** The last lines. */
  readonly end: string;
}

/** A word that leads to other commands. */
export interface CommandGroup {
  readonly summary: string;
  /** What its options do where no command follows them: `pipenv --venv`. */
  readonly own?: SingleEntry;
  readonly commands: Readonly<Record<string, CommandEntry>>;
}

export interface SingleEntry {
  readonly summary: string;
  readonly load: () => Promise<Command>;
}

export type CommandEntry = SingleEntry | CommandGroup;

export const isGroup = (entry: CommandEntry): entry is CommandGroup => "commands" in entry;
