/** What hears of the events and the result of a command, and whose progress line what a command prints has to take the place of. */
import type { Emit, JsonValue } from "#foundation";
import type { Terminal } from "../arguments/types.ts";

export interface Reporter {
  readonly emit: Emit;
  readonly json: boolean;
  readonly result: (value: { readonly [key: string]: JsonValue | undefined } | readonly JsonValue[]) => void;
  readonly finish: () => void;
  /** Where events are told later than they happen: ends when the last is told. */
  readonly settled?: () => Promise<void>;
}

/** What a command prints takes the place of the progress line. */
export function withoutLiveLine(terminal: Terminal, reporter: Reporter): Terminal {
  const after = (write: (text: string) => void) => (text: string) => {
    reporter.finish();
    write(text);
  };
  // All else is asked of the terminal itself, when somebody wants to know: the width of one costs ten milliseconds.
  return Object.setPrototypeOf({ out: after(terminal.out), err: after(terminal.err) }, terminal) as Terminal;
}
