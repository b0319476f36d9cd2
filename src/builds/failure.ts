import { PenError, printable, printableLine, redactUrl } from "#foundation";
import { findMissing, missingHint, type MissingThing } from "./missing.ts";
import type { BuildOptions, BuildSystem } from "./types.ts";

/** How a run of the backend ended badly, as the driver tells it. */
export interface FailedRun {
  readonly kind: string;
  readonly hook?: string;
  readonly error?: string;
  readonly message?: string;
  readonly module?: string;
  readonly signal?: number;
  readonly code?: number;
}

const shownLines = 20;
const shownCharacters = 4000;

/** The end of a log as a person reads it: at most twenty lines, without control characters and credentials. */
export function lastLines(log: string): string {
  const lines = log
    .replace(/\r\n/g, "\n")
    .split("\n")
    .map((line) => line.slice(line.lastIndexOf("\r") + 1).trimEnd())
    // Where the build stood for its few seconds tells nobody anything.
    .map((line) => line.replace(/(["' (]|^)\/[^"' ]*\/\.pen-tmp-\d+-[0-9a-f]{12}\//g, "$1"))
    .filter((line) => line !== "");
  return redactUrl(printable(lines.slice(-shownLines).join("\n").slice(-shownCharacters)));
}

export interface FailureFacts {
  readonly system: BuildSystem;
  readonly log: string;
  readonly options: BuildOptions;
}

/** The BUILD_FAILED error of a run: what happened, the last lines of the log, and what is missing when that can be told. */
export function buildFailure(run: FailedRun, { system, log, options }: FailureFacts): PenError {
  const missing = missingIn(run, log);
  const place = options.keepLog(log);
  const lines = lastLines(log);
  const told = lines === "" ? "It printed nothing." : `The last lines that it printed:\n${lines.replace(/^/gm, "  ")}`;
  const hints = [
    ...(missing === undefined ? [] : [missingHint(missing, system.legacy)]),
    ...(run.kind === "timeout" ? ["Give it more time with --build-timeout SECONDS (0: no limit)."] : []),
    ...(place === undefined ? [] : [`The whole log: ${printableLine(place)}`]),
  ];
  return new PenError("BUILD_FAILED", `Could not build ${printableLine(options.label)}`, {
    why: `${sentence(run, system, options)}\n${told}`,
    ...(hints.length === 0 ? {} : { hint: hints.join("\n") }),
    data: {
      what: printableLine(options.label),
      backend: system.backend,
      reason: run.kind,
      ...(run.hook === undefined ? {} : { hook: run.hook }),
      ...(missing === undefined ? {} : { missing: { ...missing } }),
      ...(place === undefined ? {} : { log: place }),
    },
  });
}

function missingIn(run: FailedRun, printed: string): MissingThing | undefined {
  const log = `${printed}\n${run.message ?? ""}`;
  if (run.kind === "crashed" && run.signal === 9) return { kind: "memory", name: "memory" };
  if (run.kind === "timeout") return undefined;
  const found = findMissing(log);
  // What the compiler misses weighs more than the import that failed first.
  if (found !== undefined && found.kind !== "module") return found;
  return run.module === undefined ? found : { kind: "module", name: run.module };
}

const signalNames: Readonly<Record<number, string>> = {
  4: "SIGILL",
  6: "SIGABRT",
  7: "SIGBUS",
  8: "SIGFPE",
  9: "SIGKILL",
  11: "SIGSEGV",
  15: "SIGTERM",
};

function sentence(run: FailedRun, { backend }: BuildSystem, options: BuildOptions): string {
  const hook = run.hook === undefined ? "" : ` (${printableLine(run.hook)})`;
  const message = printableLine(redactUrl((run.message ?? "").split("\n", 1)[0] ?? "")).slice(0, 500);
  const error = run.error === undefined ? "" : `: ${run.error}${message === "" ? "" : `: ${message}`}`;
  switch (run.kind) {
    case "timeout":
      return `Its build backend ${backend} did not end within ${Math.round((options.timeoutMs ?? 0) / 1000)} s, and was killed.`;
    case "crashed":
      return `Its build backend ${backend} was ended by ${signalNames[run.signal ?? 0] ?? `signal ${run.signal}`}${hook}.`;
    case "ended":
      return `Its build backend ${backend} ended the process${hook} with status ${run.code ?? "unknown"}.`;
    case "backend-missing":
      return `Its build backend ${backend} cannot be imported${error}.`;
    case "backend-broken":
      return `Its build backend ${backend} failed while it was imported${error}.`;
    case "backend-elsewhere":
      return `Its build backend ${backend} was to come from the project's own backend-path, and came from ${message || "somewhere else"}.`;
    case "hook-missing":
      return `Its build backend ${backend} has no ${run.hook ?? "hook"}, which every backend must have (PEP 517).`;
    case "bad-answer":
      return `Its build backend ${backend} gave an answer${hook} that PEP 517 does not allow${message === "" ? "" : `: ${message}`}.`;
    case "unsupported":
      return `Its build backend ${backend} says that it cannot do this here${error}.`;
    default:
      return `Its build backend ${backend} failed${hook}${error}.`;
  }
}
