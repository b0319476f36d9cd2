import type { ChildProcess, ChildProcessWithoutNullStreams } from "node:child_process";
import { childProcess, os } from "./builtins.ts";
import { explainErrno, PenError } from "./errors.ts";
import { errnoOf } from "./file-errors.ts";
import { isFolder } from "./files.ts";
import { libc } from "./runtime.ts";

export interface ProcessOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** Text for standard input; without it standard input is empty. */
  readonly input?: string;
  /** Milliseconds until the process and its children are killed. */
  readonly timeoutMs?: number;
  /** Bytes kept of each output stream: the first ones of stdout, the last ones of stderr. Default 16 MiB. */
  readonly maxOutput?: number;
  readonly signal?: AbortSignal;
  /** Receives standard error piece by piece while the process runs. */
  readonly onError?: (bytes: Uint8Array) => void;
  /**
   * Milliseconds between a polite end (SIGTERM to the process alone) and the kill of its group, which is then also killed when the process ended by
   * itself. Default: killed at once, and only when it is stopped.
   */
  readonly graceMs?: number;
}

export interface ProcessResult {
  /** Exit status; undefined when a signal ended it. */
  readonly status: number | undefined;
  readonly signal: string | undefined;
  readonly stdout: string;
  readonly stderr: string;
  readonly timedOut: boolean;
}

/**
 * Runs a program in a process group of its own, without a shell, and waits for it. A failing program is an
 * answer, not an error; a program that cannot be started is `PROCESS_FAILED`.
 */
export async function runProcess(command: string, args: readonly string[], options: ProcessOptions = {}): Promise<ProcessResult> {
  const limit = options.maxOutput ?? 16 * 1024 * 1024;
  const { signal } = options;
  signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
    const child = startChild(command, args, options);
    const kill = () => (options.graceMs === undefined ? killGroup(child.pid) : endGently(child, options.graceMs));
    let timedOut = false;
    const timer = options.timeoutMs === undefined ? undefined : setTimeout(() => ((timedOut = true), kill()), options.timeoutMs);
    const out = collectStart(limit);
    const err = collectEnd(limit);
    child.stdout.on("data", out.add);
    child.stderr.on("data", err.add);
    if (options.onError !== undefined) child.stderr.on("data", options.onError);
    child.stdin.on("error", () => {}); // The program may end without reading its input.
    child.stdin.end(options.input ?? "");
    signal?.addEventListener("abort", kill, { once: true });
    child.on("error", (error) => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", kill);
      reject(startError(command, error, options.cwd));
    });
    child.on("exit", (status, endedBy) => {
      clearTimeout(timer);
      // Whoever gets time to tidy up gets an end of it, too: nothing of the group outlives the program.
      if (options.graceMs !== undefined) killGroup(child.pid);
      const settle = () => {
        clearTimeout(patience);
        signal?.removeEventListener("abort", kill);
        child.stdout.destroy();
        child.stderr.destroy();
        if (signal?.aborted === true) return reject(signal.reason as Error);
        resolve({ status: status ?? undefined, signal: endedBy ?? undefined, stdout: out.text(), stderr: err.text(), timedOut });
      };
      // A grandchild may keep the pipes open after the program itself ended: do not wait for "close" forever.
      const patience = setTimeout(() => (killGroup(child.pid), settle()), 1000);
      child.on("close", settle);
    });
  });
}

function startChild(command: string, args: readonly string[], options: ProcessOptions): ChildProcessWithoutNullStreams {
  try {
    return childProcess().spawn(command, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: ["pipe", "pipe", "pipe"],
      detached: process.platform !== "win32",
    });
  } catch (error) {
    // Bun throws for a file that is no program (ENOEXEC); Node reports it as an event.
    throw startError(command, error, options.cwd);
  }
}

function startError(command: string, error: unknown, cwd?: string): PenError {
  const errno = errnoOf(error);
  const isFolderMissing = errno === "ENOENT" && cwd !== undefined && !isFolder(cwd);
  const fallback = error instanceof Error ? error.message : String(error);
  const why = isFolderMissing
    ? `The folder to start it in does not exist: ${cwd}`
    : errno === undefined || errno.startsWith("ERR_")
      ? fallback
      : `${explainErrno(errno)[0]} (${errno})`;
  return new PenError("PROCESS_FAILED", `Could not start ${command}`, {
    why,
    cause: error,
    ...(errno === undefined ? {} : { data: { errno } }),
  });
}

function endGently(child: ChildProcess, graceMs: number): void {
  child.kill("SIGTERM");
  const timer = setTimeout(() => killGroup(child.pid), graceMs);
  child.on("exit", () => clearTimeout(timer));
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === "win32" ? pid : -pid, "SIGKILL");
  } catch {
    // It is gone already.
  }
}

/** True while a process with this number lives, whoever owns it. */
export function isProcessAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errnoOf(error) === "EPERM";
  }
}

interface Collector {
  add(chunk: Buffer): void;
  text(): string;
}

function collectStart(limit: number): Collector {
  const chunks: Buffer[] = [];
  let size = 0;
  return {
    add: (chunk) => {
      if (size < limit) chunks.push(chunk.subarray(0, limit - size));
      size += chunk.length;
    },
    text: () => Buffer.concat(chunks).toString("utf8"),
  };
}

function collectEnd(limit: number): Collector {
  let chunks: Buffer[] = [];
  let size = 0;
  return {
    add: (chunk) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size > 2 * limit) {
        chunks = [Buffer.concat(chunks).subarray(-limit)];
        size = limit;
      }
    },
    text: () => Buffer.concat(chunks).subarray(-limit).toString("utf8"),
  };
}

/**
 * Hands this process over to another program: replaces the process image where the runtime can, else starts
 * the program with this terminal, passes signals on and ends as it ended. Returns only by throwing (`PROCESS_FAILED`) or ending.
 * `path` is not searched for; `argv` begins with the name that the program sees as its own.
 */
export async function becomeProcess(
  path: string,
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<never> {
  const system = libc();
  if (system !== undefined) {
    let errno = system.execve(path, argv, env);
    // As shells and Node do it: a script without a #! line is one for sh.
    if (errno === "ENOEXEC") errno = system.execve("/bin/sh", ["sh", path, ...argv.slice(1)], env);
    throw startError(path, Object.assign(new Error("execve"), { code: errno }));
  }
  const signals = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const;
  const [status, endedBy] = await new Promise<readonly [number | null, NodeJS.Signals | null]>((resolve, reject) => {
    let child: ChildProcess | undefined;
    // Before the program starts: one that comes while it does must not end us and leave it behind.
    for (const name of signals) {
      // The terminal itself sends these two to both of us.
      const isFromTerminal = process.stdin.isTTY && (name === "SIGINT" || name === "SIGQUIT");
      process.on(name, () => void (isFromTerminal || child?.kill(name)));
    }
    child = startInherited(path, argv, env);
    child.on("error", (error) => reject(startError(path, error)));
    child.on("exit", (code, signal) => resolve([code, signal]));
  });
  if (endedBy !== null) {
    for (const name of signals) process.removeAllListeners(name);
    process.kill(process.pid, endedBy);
  }
  process.exit(status ?? 128 + (endedBy === null ? 0 : os().constants.signals[endedBy]));
}

function startInherited(path: string, argv: readonly string[], env: Readonly<Record<string, string | undefined>>): ChildProcess {
  try {
    return childProcess().spawn(path, argv.slice(1), { stdio: "inherit", env, ...(argv[0] === undefined ? {} : { argv0: argv[0] }) });
  } catch (error) {
    throw startError(path, error);
  }
}
