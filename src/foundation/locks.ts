/**
 * Locks between processes that die with their process: the kernel's `flock`. Under Bun it is called directly;
 * Node has no such call, so there a small child takes the lock on the open file that it inherits from us.
 */
import { childProcess, fs } from "./builtins.ts";
import { fileSystemError, PenError } from "./errors.ts";
import { libc } from "./runtime.ts";
import { silent, type Emit } from "./events.ts";
import { makeFolders } from "./file-changes.ts";
import { errnoOf } from "./file-errors.ts";
import { readTextIfAny, statusOf } from "./files.ts";
import { dirname } from "./paths.ts";
import { quickCalls } from "./quick-calls.ts";
import type { LockedFile } from "./quick-changes.ts";

const LOCK_SHARED = 1;
const LOCK_EXCLUSIVE = 2;
const LOCK_NON_BLOCKING = 4;

export interface LockOptions {
  readonly shared?: boolean;
  /** Milliseconds to wait for the holder; default five minutes. */
  readonly timeoutMs?: number;
  /** Receives one `waiting` event when the lock is not ours after a second. */
  readonly emit?: Emit;
  /** What people call the thing: "the environment .venv". */
  readonly resource?: string;
  /** Ends the waiting with the signal's reason. */
  readonly signal?: AbortSignal;
}

export interface HeldLock {
  release(): void;
}

/**
 * Takes the lock file at `path` (made when missing, with its folder). Errors: `LOCK_HELD` after the time-out, `FILE_SYSTEM` when the
 * file cannot be opened or is a link. The lock is also let go when the process ends, however it ends.
 */
export async function acquireLock(path: string, options: LockOptions = {}): Promise<HeldLock> {
  const shared = options.shared === true;
  const resource = options.resource ?? path;
  const timeout = options.timeoutMs ?? 300_000;
  const started = Date.now();
  let told = false;
  for (let pause = 2; ; pause = Math.min(pause * 1.5, 100)) {
    const held = tryOnce(path, shared);
    if (held !== undefined) return held;
    const waited = Date.now() - started;
    if (waited > timeout) throw heldError(path, resource, timeout);
    if (!told && waited > 1000) {
      told = true;
      const pid = holderOf(path);
      (options.emit ?? silent)({ type: "waiting", resource, ...(pid === undefined ? {} : { pid }) });
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
    options.signal?.throwIfAborted();
  }
}

/** Opened anew for each try: whoever removes the file meanwhile leaves nobody with the lock of a file that is gone. */
function tryOnce(path: string, shared: boolean): HeldLock | undefined {
  const operation = shared ? LOCK_SHARED : LOCK_EXCLUSIVE;
  const quick = quickCalls()?.lock(path, operation | LOCK_NON_BLOCKING);
  if (quick !== undefined) return quick === "taken" ? undefined : holdLock(quick, shared);
  const descriptor = openLockFile(path);
  let keep = false;
  try {
    keep = tryLock(descriptor, path, operation) && isAt(path, descriptor);
    return keep ? holdLock(lockedFile(descriptor), shared) : undefined;
  } finally {
    if (!keep) fs().closeSync(descriptor);
  }
}

function openLockFile(path: string): number {
  // A link here, in a folder that somebody else made, could lead to any file of the user's.
  const flags = fs().constants.O_RDWR | fs().constants.O_CREAT | (fs().constants.O_NOFOLLOW ?? 0) | (fs().constants.O_NONBLOCK ?? 0);
  try {
    return fs().openSync(path, flags, 0o644);
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw fileSystemError("open the lock", path, error);
  }
  makeFolders(dirname(path));
  try {
    return fs().openSync(path, flags, 0o644);
  } catch (error) {
    throw fileSystemError("open the lock", path, error);
  }
}

function isAt(path: string, descriptor: number): boolean {
  const [opened, standing] = [fs().fstatSync(descriptor), statusOf(path)];
  return standing?.inode === opened.ino && standing.device === opened.dev;
}

function tryLock(descriptor: number, path: string, operation: number): boolean {
  const system = libc();
  if (system === undefined) return lockByChild(descriptor, operation);
  const errno = system.flock(descriptor, operation | LOCK_NON_BLOCKING);
  if (errno === undefined) return true;
  if (errno === "EAGAIN" || errno === "EWOULDBLOCK" || errno === "EINTR") return false;
  throw fileSystemError("take the lock", path, Object.assign(new Error("flock"), { code: errno }));
}

/** Programs that lock the open file they inherit as descriptor 3, and exit with 0 (ours), 1 (another's) or anything else (cannot). */
function lockers(operation: number): ReadonlyArray<readonly [string, ...string[]]> {
  const flags = operation | LOCK_NON_BLOCKING;
  return [
    ["flock", operation === LOCK_SHARED ? "-s" : "-x", "-n", "3"],
    ["perl", "-e", `open(F, "+<&=", 3) or exit 9; exit(flock(F, ${flags}) ? 0 : 1)`],
    ["python3", "-ISc", `import fcntl, sys\ntry: fcntl.flock(3, ${flags})\nexcept OSError: sys.exit(1)`],
  ];
}

/** A flock belongs to the open file, which the child shares with us: it stays ours when the child has ended. */
function lockByChild(descriptor: number, operation: number): boolean {
  if (process.platform === "win32") throw new PenError("TARGET_UNSUPPORTED", "Locks need the pen executable on Windows");
  for (const [command, ...args] of lockers(operation)) {
    const { status } = childProcess().spawnSync(command, args, { stdio: ["ignore", "ignore", "ignore", descriptor] });
    if (status === 0 || status === 1) return status === 0;
  }
  throw new PenError("TARGET_UNSUPPORTED", "This system has nothing that can take a lock for Node", {
    why: "None of flock, perl and python3 could be started.",
    hint: "Use the pen executable, or put python3 on PATH.",
  });
}

function lockedFile(descriptor: number): LockedFile {
  return {
    note: (text) => {
      try {
        fs().ftruncateSync(descriptor, 0);
        fs().writeSync(descriptor, text, 0);
      } catch {
        // On a full disk the lock is held without it.
      }
    },
    close: () => fs().closeSync(descriptor),
  };
}

function holdLock(file: LockedFile, shared: boolean): HeldLock {
  // The file's content is only for the words 'waiting for PID': the lock itself is the kernel's.
  if (!shared) file.note(`${process.pid}\n`);
  let open = true;
  return {
    release: () => {
      if (!open) return;
      open = false;
      if (!shared) file.note("");
      file.close();
    },
  };
}

/** The process that says it holds the lock, unless it is gone: whoever holds it then (shared) left no number. */
function holderOf(path: string): number | undefined {
  const pid = Number.parseInt(readTextIfAny(path) ?? "", 10);
  if (!Number.isFinite(pid) || pid <= 0) return undefined;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (errnoOf(error) === "ESRCH") return undefined; // EPERM: it lives, and is another user's.
  }
  return pid;
}

function heldError(path: string, resource: string, timeout: number): PenError {
  const pid = holderOf(path);
  return new PenError("LOCK_HELD", `Another process works on ${resource}`, {
    why: `${pid === undefined ? "Its holder" : `Process ${pid}`} did not let go of the lock within ${Math.round(timeout / 1000)} s.`,
    hint: "Wait for it to end, or stop it, and run the command again.",
    data: pid === undefined ? { path } : { path, pid },
  });
}
