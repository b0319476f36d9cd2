/** How a command that failed tells it. Loaded when one does. */
import type { JsonValue } from "#foundation";
import type { Terminal } from "../arguments/types.ts";
import type { Colours } from "../command.ts";
import { errorJson, errorText, type ErrorTextOptions } from "./errors.ts";
import { jsonText } from "./json.ts";
import { wrapLines } from "./wrap.ts";

export { errorText, exitStatus } from "./errors.ts";

export interface Telling extends ErrorTextOptions {
  readonly terminal: Terminal;
  readonly colour: Colours;
  /** As one JSON object on standard output. */
  readonly json: boolean;
  /** Further lines for people. */
  readonly notes?: string;
}

/** Prints what was thrown. For a terminal, lines are broken between words; a pipe gets them whole. */
export function tellError(error: unknown, { terminal, colour, json, notes = "", ...how }: Telling): void {
  if (json) return terminal.out(jsonText({ schemaVersion: 1, type: "error", error: errorJson(error) satisfies JsonValue }));
  const text = errorText(error, colour, how) + notes;
  terminal.err(terminal.errIsTerminal ? wrapLines(text, terminal.columns) : text);
}
