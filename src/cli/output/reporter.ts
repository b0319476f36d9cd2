/** Where events and the result of a command go: progress lines, one JSON object, or JSON lines. */
import type { Emit, JsonValue } from "#foundation";
import type { Parsed, Terminal } from "../arguments/types.ts";
import type { Colours } from "../command.ts";
import { jsonText } from "./json.ts";
import type { LogFile } from "./log-file.ts";
import type { Reporter } from "./live-line.ts";
import { ProgressReporter } from "./progress.ts";

type Result = Parameters<Reporter["result"]>[0];

const isList = (value: Result): value is readonly JsonValue[] => Array.isArray(value);

/** A list stands in the key `items`, so that every answer is an object. */
const fieldsOf = (value: Result): { readonly [key: string]: JsonValue | undefined } => (isList(value) ? { items: value } : value);

export function openReporter(
  terminal: Terminal,
  parsed: Parsed,
  { colour, asPip }: { readonly colour: Colours; readonly asPip: boolean },
): Reporter {
  const line = (value: unknown): void => terminal.out(jsonText(value));
  if (parsed.flag("json-lines")) {
    const result: Reporter["result"] = (value) => line({ schemaVersion: 1, type: "result", result: fieldsOf(value) });
    return { json: true, emit: (event) => line({ schemaVersion: 1, ...event }), result, finish: () => {} };
  }
  const json = parsed.flag("json");
  const quiet = json ? Math.max(1, parsed.count("quiet")) : parsed.count("quiet");
  const progress = new ProgressReporter(terminal, {
    colour,
    asPip,
    quiet,
    verbose: parsed.count("verbose"),
    bars: parsed.value("progress-bar") !== "off" && !parsed.flag("no-progress"),
  });
  const result: Reporter["result"] = (value) => line({ schemaVersion: 1, ...fieldsOf(value) });
  return { json, emit: progress.emit, result, finish: () => progress.finish() };
}

export function logging(reporter: Reporter, log: LogFile | undefined): Reporter {
  if (log === undefined) return reporter;
  const emit: Emit = (event) => {
    log.take(event);
    reporter.emit(event);
  };
  return { ...reporter, emit };
}
