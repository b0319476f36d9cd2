import {
  PenError,
  errnoOf,
  isPenError,
  printableLine,
  readRange,
  runProcess,
  type Host,
  type ProcessResult,
  randomHex,
  dirname,
} from "#foundation";
import { checkAnswer, type ProbeAnswer } from "./answer.ts";
import { readElf } from "./elf.ts";
import { probeScript } from "./probe-script.ts";

/** A real answer is under 3 KiB; rubbish before it may be longer, floods are cut. */
const maxOutput = 256 * 1024;
const defaultTimeoutMs = 10_000;

/** What ends the asking before there is an answer. */
export interface AskLimits {
  /** Default 10 s. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Starts the interpreter at `path` once and returns its checked answer. Errors: PYTHON_BROKEN when it cannot be started,
 * crashes, hangs or answers rubbish (`data.transient` when the next try may go better); TARGET_UNSUPPORTED when it is older than 3.6.
 */
export async function askInterpreter(path: string, host: Host, limits: AskLimits = {}): Promise<ProbeAnswer> {
  const { timeoutMs = defaultTimeoutMs, signal } = limits;
  const first = await start(path, ["-I", "-S"], { host, timeoutMs, signal });
  if (first.result.status === 2 && /unknown option:? -I/i.test(first.result.stderr)) {
    // Python 2 does not know -I: ask once more, so that it can say in words how old it is.
    return readAnswer(path, await start(path, ["-E", "-s", "-S"], { host, timeoutMs, signal }), timeoutMs);
  }
  return readAnswer(path, first, timeoutMs);
}

interface Run {
  readonly result: ProcessResult;
  readonly mark: string;
}

async function start(
  path: string,
  flags: readonly string[],
  options: { host: Host; timeoutMs: number; signal: AbortSignal | undefined },
): Promise<Run> {
  if (options.host.platform === "linux" && !looksLikeProgram(path)) {
    throw new PenError("PYTHON_BROKEN", `${path} cannot be started`, {
      why: startFailures["ENOEXEC"] ?? "",
      hint: otherPythonHint,
      data: { path },
    });
  }
  const mark = randomHex(12);
  try {
    const result = await runProcess(path, [...flags, "-c", probeScript, mark], {
      env: cleanEnvironment(options.host),
      cwd: dirname(path), // The caller's folder may be gone, and must not matter.
      timeoutMs: options.timeoutMs,
      maxOutput,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    return { result, mark };
  } catch (error) {
    if (!isPenError(error, "PROCESS_FAILED")) throw error;
    const errno = errnoOf(error.cause) ?? "";
    throw new PenError("PYTHON_BROKEN", `${path} cannot be started`, {
      why: startFailures[errno] ?? error.why ?? "The operating system refused to start it.",
      hint: otherPythonHint,
      data: { path, transient: !(errno in startFailures) },
      cause: error,
    });
  }
}

/** Node hands a file that the kernel refuses to `sh`, which would run whatever words it finds in it. Unreadable files are the kernel's to judge. */
function looksLikeProgram(path: string): boolean {
  try {
    const head = readRange(path, 0, 4);
    return (head[0] === 0x23 && head[1] === 0x21) || readElf(path) !== undefined;
  } catch {
    return true;
  }
}

const otherPythonHint = "See the Pythons that work with `pen python list`.";

/** The caller's environment without whatever bends an interpreter: PYTHON*, the launcher's variables, cross-building. */
function cleanEnvironment(host: Host): Record<string, string | undefined> {
  const kept = Object.entries(host.env).filter(([name]) => !/^_?PYTHON|^__PYVENV_LAUNCHER__$/i.test(name));
  // Without it, a Python built for an old macOS is told that it runs on 10.16.
  return { ...Object.fromEntries(kept), ...(host.platform === "darwin" ? { SYSTEM_VERSION_COMPAT: "0" } : {}) };
}

const startFailures: Readonly<Record<string, string>> = {
  EACCES: "You have no permission to execute it (EACCES).",
  ENOEXEC: "It is no program for this machine: another architecture, or not a program at all (ENOEXEC).",
  ENOENT: "It, the program its first line names, or the loader it was linked for does not exist (ENOENT).",
};

function readAnswer(path: string, run: Run, timeoutMs: number): ProbeAnswer {
  const frames = framesIn(run.result.stdout, run.mark);
  const [frame] = frames;
  if (frame === undefined || frames.length > 1) throw brokenError(path, failureOf(run.result, frames.length, timeoutMs), run.result);
  const value = parseJson(frame);
  if (typeof value === "object" && value !== null && "unsupported" in value) throw unsupportedError(path, value.unsupported);
  try {
    return checkAnswer(value);
  } catch (error) {
    if (!isPenError(error)) throw error;
    throw new PenError(error.code, `${path}: ${error.message}`, {
      why: error.why ?? "",
      hint: error.hint ?? otherPythonHint,
      data: { path },
      cause: error,
    });
  }
}

/** The different texts between frames; a wrapper that shows the same answer twice gave one answer. */
function framesIn(output: string, mark: string): string[] {
  const open = `<${mark}:`;
  const close = `:${mark}>`;
  const found = new Set<string>();
  for (let at = output.indexOf(open); at >= 0; at = output.indexOf(open, at + 1)) {
    const end = output.indexOf(close, at);
    if (end < 0) break;
    found.add(output.slice(at + open.length, end));
  }
  return [...found];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function failureOf(result: ProcessResult, frames: number, timeoutMs: number): string {
  if (result.timedOut) return `It did not answer within ${timeoutMs / 1000} s and was stopped.`;
  if (frames > 1) return "It gave several answers that contradict each other.";
  if (result.signal !== undefined) return `It crashed with ${result.signal}.`;
  if (result.status !== 0) return `It ended with status ${result.status} instead of answering.`;
  return "It ended without answering: it is probably no Python.";
}

/** Signals that come from people and from a machine short of memory, not from a broken Python. */
const outsideSignals: ReadonlySet<string> = new Set(["SIGKILL", "SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT"]);

function brokenError(path: string, failure: string, result: ProcessResult): PenError {
  const last = result.stderr.trimEnd().split("\n").at(-1)?.trim() ?? "";
  return new PenError("PYTHON_BROKEN", `${path} is no working Python`, {
    why: last === "" ? failure : `${failure} Its last words: ${printableLine(last.slice(0, 500))}`,
    hint: otherPythonHint,
    data: {
      path,
      transient: result.timedOut || outsideSignals.has(result.signal ?? ""),
      status: result.status ?? null,
      signal: result.signal ?? null,
    },
  });
}

function unsupportedError(path: string, version: unknown): PenError {
  const shown = typeof version === "string" && /^[\d.]{1,20}$/.test(version) ? version : "of an unknown version";
  return new PenError("TARGET_UNSUPPORTED", `${path} is Python ${shown}`, {
    why: "pen works with Python 3.6 and newer.",
    hint: otherPythonHint,
    data: { path, version: shown },
  });
}
