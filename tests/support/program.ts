/**
 * The executable as a person starts it: built once for a test run, in an environment of its own, to its end, with what it printed.
 * Nothing here blocks, so that an index server of the same process can answer it.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildExecutable } from "../../scripts/executable.ts";

const root = join(import.meta.dirname, "..", "..");

/** Where things stand that are slow to make: they outlive the test file and the run, and are made anew when what they are made of changes. */
const keptRoot = join(tmpdir(), `pen-tests-${process.getuid?.() ?? ""}`);
const longestKept = 15 * 60_000;

/** A folder filled by `make`, kept under its name and `key` for later test files and runs; old ones are removed. */
export function keptFolder(name: string, key: string, make: (folder: string) => void): string {
  const place = join(keptRoot, `${name}-${createHash("sha256").update(key).digest("hex").slice(0, 16)}`);
  if (existsSync(place)) {
    utimesSync(place, new Date(), new Date());
    return place;
  }
  mkdirSync(keptRoot, { recursive: true, mode: 0o755 });
  for (const entry of readdirSync(keptRoot)) {
    const path = join(keptRoot, entry);
    if (Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) > longestKept)
      rmSync(path, { recursive: true, force: true });
  }
  const making = mkdtempSync(join(keptRoot, "making-"));
  chmodSync(making, 0o755);
  make(making);
  try {
    renameSync(making, place);
  } catch (error) {
    // Another run was quicker.
    rmSync(making, { recursive: true, force: true });
    if (!existsSync(place)) throw error;
  }
  return place;
}

function sourceStamps(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sourceStamps(path);
    if (entry.name.endsWith(".test.ts")) return [];
    const { mtimeMs, size } = statSync(path);
    return [`${path} ${mtimeMs} ${size}`];
  });
}

let built: string | undefined;

/** The path of an executable made of the present sources. */
export function program(): string {
  built ??= join(
    keptFolder(
      "build",
      [...["src", "scripts"].flatMap((name) => sourceStamps(join(root, name))), process.versions["bun"]].join("\n"),
      (folder) => buildExecutable(join(folder, "pen")),
    ),
    "pen",
  );
  return built;
}

export interface RunOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Text for standard input; without it, standard input is empty. */
  readonly input?: string;
  /** Called once with the process, to send it signals. */
  readonly started?: (child: { kill(signal: NodeJS.Signals): void; readonly pid: number }) => void;
}

export interface Ran {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly milliseconds: number;
}

const longest = 60_000;

/** Runs a program to its end. */
export function execute(path: string, args: readonly string[], options: RunOptions): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const started = Date.now();
    const child = spawn(path, args, { cwd: options.cwd, env: options.env, stdio: ["pipe", "pipe", "pipe"], timeout: longest });
    const parts: Record<"stdout" | "stderr", Buffer[]> = { stdout: [], stderr: [] };
    for (const stream of ["stdout", "stderr"] as const) child[stream].on("data", (part: Buffer) => void parts[stream].push(part));
    child.on("error", reject);
    child.on("close", (status, signal) => {
      const text = (stream: "stdout" | "stderr"): string => Buffer.concat(parts[stream]).toString("utf8");
      resolve({ status, signal, stdout: text("stdout"), stderr: text("stderr"), milliseconds: Date.now() - started });
    });
    child.stdin.on("error", () => {});
    child.stdin.end(options.input ?? "");
    options.started?.({ kill: (signal) => void child.kill(signal), pid: child.pid ?? 0 });
  });
}

/** Opens a terminal of 100 columns (or TERMINAL_COLUMNS), runs the command in it, and copies all that is drawn there to standard output. */
const terminalScript = `
import fcntl, os, pty, struct, sys, termios
columns = int(os.environ.get("TERMINAL_COLUMNS", "100"))
pid, terminal = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], sys.argv[1:])
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 30, columns, 0, 0))
answer = os.environ.get("TERMINAL_ANSWER", "")
while True:
    try:
        data = os.read(terminal, 65536)
    except OSError:
        break
    if not data:
        break
    os.write(1, data)
    if answer and b"[y/N]" in data:
        os.write(terminal, (answer + "\\n").encode())
        answer = ""
_, status = os.waitpid(pid, 0)
sys.exit(os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status))
`;

/** The same on a terminal: both streams arrive as one in `stdout`, as a person sees them. `input` answers the first question. */
export function executeOnTerminal(python: string, command: readonly string[], options: RunOptions): Promise<Ran> {
  const { input = "", ...rest } = options;
  return execute(python, ["-I", "-c", terminalScript, ...command], { ...rest, env: { ...options.env, TERMINAL_ANSWER: input } });
}
