/** How a command runs once its words are understood, whichever way they were (program.ts, plain.ts). */
import type { Emit, Host } from "#foundation";
import type { Parsed, Terminal } from "./arguments/types.ts";
import type { Colours, Command, CommandContext } from "./command.ts";
import { listenForInterrupt } from "./interrupt.ts";
import type { errorText as ErrorText } from "./output/errors.ts";
import { withoutLiveLine, type Reporter } from "./output/live-line.ts";

export interface Running {
  readonly parsed: Parsed;
  readonly host: Host;
  readonly terminal: Terminal;
  readonly reporter: Reporter;
  readonly colour: Colours;
  readonly errColour: Colours;
  readonly calledAs: string;
  readonly asPip: boolean;
  /** What comes before the command itself, and may refuse it. */
  readonly before?: (emit: Emit) => Promise<void>;
  /** Hears of what was thrown before it is told, with the maker of its text, and gives further lines for people. */
  readonly onError?: (error: unknown, textOf: typeof ErrorText) => string | Promise<string>;
}

/** Runs a command and gives its exit status. What it throws is told; this throws nothing. */
export async function perform(run: Command["run"], running: Running): Promise<number> {
  const { parsed, host, terminal, reporter, colour, calledAs } = running;
  const interrupt = listenForInterrupt();
  const context: CommandContext = {
    parsed,
    host,
    terminal: withoutLiveLine(terminal, reporter),
    emit: reporter.emit,
    signal: interrupt.signal,
    json: reporter.json,
    quiet: parsed.count("quiet"),
    verbose: parsed.count("verbose"),
    colour,
    result: reporter.result,
    calledAs,
  };
  try {
    await running.before?.(reporter.emit);
    const status = (await run(context)) ?? 0;
    await reporter.settled?.();
    return status;
  } catch (error) {
    await reporter.settled?.();
    reporter.finish();
    const { errorText, exitStatus, tellError } = await import("./output/failing.ts");
    const notes = (await running.onError?.(error, errorText)) ?? "";
    const { asPip } = running;
    tellError(error, { terminal, colour: running.errColour, json: reporter.json, notes, verbose: context.verbose > 0, asPip });
    return interrupt.status() ?? exitStatus(error);
  } finally {
    reporter.finish();
    interrupt.stop();
  }
}
