import { errorCodes, isPenError, printable, type JsonValue } from "#foundation";
import type { Colours } from "../command.ts";

/** The exit status for anything that was thrown. */
export function exitStatus(error: unknown): number {
  if (isPenError(error)) return errorCodes[error.code].exit;
  return isAbort(error) ? errorCodes.CANCELLED.exit : errorCodes.INTERNAL.exit;
}

const isAbort = (error: unknown): boolean => error instanceof Error && error.name === "AbortError";

export interface ErrorTextOptions {
  readonly verbose: boolean;
  /** Under pip's own name the label is pip's, which scripts look for: `ERROR:`. */
  readonly asPip: boolean;
}

/** What a person reads: what happened, why, what to type next. Only a defect of pen shows a stack. */
export function errorText(error: unknown, colour: Colours, { verbose, asPip }: ErrorTextOptions): string {
  const label = colour.bold(colour.red(asPip ? "ERROR:" : "error:"));
  if (isPenError(error)) {
    const lines = [`${label} ${printable(error.message)} ${colour.dim(`[${error.code}]`)}`];
    if (error.why !== undefined) lines.push(indent(printable(error.why)));
    if (error.hint !== undefined) lines.push("", `${colour.bold(colour.cyan("hint:"))} ${printable(error.hint)}`);
    if (verbose && error.cause instanceof Error) lines.push("", colour.dim(indent(printable(error.cause.stack ?? error.cause.message))));
    return `${lines.join("\n")}\n`;
  }
  if (isAbort(error)) return `${label} Interrupted; everything is as it was before.\n`;
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `${label} This is a defect in pen. Please report it with these lines:\n${indent(printable(stack))}\n`;
}

function indent(text: string): string {
  return text
    .split("\n")
    .map((line) => (line === "" ? "" : `  ${line}`))
    .join("\n");
}

/** The same for programs: the `error` object of `--json`. */
export function errorJson(error: unknown): { readonly [key: string]: JsonValue } {
  if (!isPenError(error))
    return { code: isAbort(error) ? "CANCELLED" : "INTERNAL", message: error instanceof Error ? error.message : String(error) };
  return {
    code: error.code,
    message: error.message,
    ...(error.why === undefined ? {} : { why: error.why }),
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    data: error.data,
  };
}
