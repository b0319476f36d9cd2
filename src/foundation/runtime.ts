/**
 * What exists only in Bun, each with Node's way beside it. This file and ffi.ts alone may touch it.
 * Libc is opened on first use: `pen --version` never pays for it.
 */
import type { Transform } from "node:stream";
import { crypto, os, zlib } from "./builtins.ts";
import { PenError } from "./errors.ts";
import { ffi, i32, openLibrary, pointer, u64, type Ffi } from "./ffi.ts";

interface Libc {
  /** undefined when the lock is taken, else the name of the error (`EAGAIN`: another has it). */
  flock(fd: number, operation: number): string | undefined;
  isatty(fd: number): boolean;
  /** Replaces the process image. Returns only on failure, with the name of the error. */
  execve(path: string, argv: readonly string[], env: Readonly<Record<string, string | undefined>>): string;
}

export const isBun: boolean = typeof Bun !== "undefined";

/**
 * The executable starts with a compiler that hardly ever compiles (scripts/executable.ts), which halves the work of a short command. A command
 * that takes longer gets Bun's usual one after `milliseconds`. Nothing waits for it.
 */
export function easeJit(milliseconds: number): void {
  if (isBun) setTimeout(() => Bun.unsafe.setJITPolicy(1), milliseconds).unref();
}

/** For a thread whose functions run some thousand times and then never again: they are compiled when they were called `scale` times as often as usual. */
export function delayJit(scale: number): void {
  if (isBun) Bun.unsafe.setJITPolicy(scale);
}

interface Digest {
  update(content: string | Uint8Array): unknown;
  digest(encoding: "hex" | "base64url"): string;
}

/** A hash by OpenSSL's name. Bun has the usual ones at hand; loading `node:crypto` for them would cost three milliseconds. */
export function digest(algorithm: string): Digest {
  if (isBun && bunDigests.includes(algorithm)) return new Bun.CryptoHasher(algorithm as "sha256");
  return crypto().createHash(algorithm);
}

/** CRC-32 as zip and gzip have it, as an unsigned number; `seed` is the checksum of what came before. */
export function crc32(bytes: string | Uint8Array, seed = 0): number {
  return isBun ? Bun.hash.crc32(bytes, seed) : zlib().crc32(bytes, seed);
}

/** Unpacks gzip by Bun's quicker inflater, which has no limit of its own. Undefined under Node, and for what it refuses. */
export function gunzipAtOnce(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> | undefined {
  if (!isBun) return undefined;
  try {
    return Bun.gunzipSync(bytes, { library: "libdeflate" });
  } catch {
    return undefined;
  }
}

/** A zstd compressor; undefined where the runtime has none (Node before 22.15). */
export function zstdCompressor(): Transform | undefined {
  const make = (zlib() as { createZstdCompress?: () => Transform }).createZstdCompress;
  return make?.();
}

const bunDigests: readonly string[] = ["sha256", "sha384", "sha512"];

let loaded: Libc | undefined;

/** libc under Bun on Unix; `undefined` under Node and on Windows. */
export function libc(): Libc | undefined {
  return isBun && process.platform !== "win32" ? (loaded ??= load()) : undefined;
}

/** SIGPIPE and SIGXFSZ, on every system that Bun runs on: to ask for the names would load `node:os` before each program that is started. */
const ignoredByBun: readonly number[] = [13, 25];

/** What {@link load} opens. `__errno_location` is `__error` on macOS. */
interface Functions {
  flock(fd: number, operation: number): number;
  execve(path: number, argv: number, env: number): number;
  isatty(fd: number): number;
  signal(number: number, handler: number | bigint): number | bigint;
  errno(): number;
}

function openLibc(): Functions | undefined {
  const isMac = process.platform === "darwin";
  const errnoName = isMac ? "__error" : "__errno_location";
  const functions = {
    flock: { args: [i32, i32], returns: i32 },
    execve: { args: [pointer, pointer, pointer], returns: i32 },
    isatty: { args: [i32], returns: i32 },
    signal: { args: [i32, u64], returns: u64 },
    [errnoName]: { args: [], returns: pointer },
  } as const;
  const library = openLibrary(isMac ? ["libSystem.B.dylib"] : ["libc.so.6", "libc.so"], functions);
  return library === undefined
    ? undefined
    : { ...(library as Functions), errno: (library as Record<string, () => number>)[errnoName] as () => number };
}

function load(): Libc | undefined {
  const [bun, system] = [ffi(), openLibc()];
  if (bun === undefined || system === undefined) return undefined;
  const errno = (): string => errnoName(bun.read.i32(system.errno()));
  return {
    flock: (fd, operation) => (system.flock(fd, operation) === 0 ? undefined : errno()),
    isatty: (fd) => system.isatty(fd) === 1,
    execve: (path, argv, env) => {
      const keep: Buffer[] = [cString(path)];
      const entries = Object.entries(env).flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${value}`]));
      const [words, variables] = [vectorOf(bun, argv, keep), vectorOf(bun, entries, keep)];
      // Bun ignores these two, and what is ignored stays so in the new program: `yes | head` would complain.
      const ignored = ignoredByBun.map((number) => [number, system.signal(number, 0)] as const);
      system.execve(bun.ptr(keep[0] as Buffer), bun.ptr(words), bun.ptr(variables));
      const failure = errno();
      for (const [number, before] of ignored) system.signal(number, before);
      return failure;
    },
  };
}

/** The addresses of texts, ended by that of nothing. `keep` holds what they point at. */
function vectorOf(bun: Ffi, items: readonly string[], keep: Buffer[]): BigUint64Array {
  const pointers = new BigUint64Array(items.length + 1);
  items.forEach((item, at) => {
    const buffer = cString(item);
    keep.push(buffer);
    pointers[at] = BigInt(bun.ptr(buffer));
  });
  return pointers;
}

function cString(text: string): Buffer {
  if (text.includes("\0")) throw new PenError("PROCESS_FAILED", "A NUL character cannot be passed to a program");
  return Buffer.from(`${text}\0`, "utf8");
}

/** The name of an error number: `ENOENT`. */
export function errnoName(value: number): string {
  return Object.entries(os().constants.errno).find(([, known]) => known === value)?.[0] ?? `errno ${value}`;
}

/** Bun's `fetch` with its own options: a proxy (an absolute URL), authorities in PEM, no check of the certificate. */
export function fetchWithBun(
  url: string,
  init: RequestInit,
  how: { proxy: string | undefined; ca: string | undefined; insecure: boolean },
): Promise<Response> {
  const tls = { ...(how.ca === undefined ? {} : { ca: how.ca }), ...(how.insecure ? { rejectUnauthorized: false } : {}) };
  const extra = { ...(how.proxy === undefined ? {} : { proxy: how.proxy }), ...(Object.keys(tls).length === 0 ? {} : { tls }) };
  return withNoProxy(how.proxy === undefined ? "*" : "", () => fetch(url, { ...init, ...extra }));
}

/**
 * Bun's fetch reads the proxy variables of the process at the moment of the call, and they win over its own option. Which proxy
 * is used is decided by the caller, so for that moment the variables say nothing else.
 */
function withNoProxy<T>(value: string, call: () => T): T {
  const names = ["no_proxy", "NO_PROXY"];
  const before = names.map((name) => process.env[name]);
  for (const name of names) process.env[name] = value;
  try {
    return call();
  } finally {
    names.forEach((name, at) => {
      const old = before[at];
      if (old === undefined) delete process.env[name];
      else process.env[name] = old;
    });
  }
}

/** One end of the line between two threads of this process; what passes is copied, but for shared memory. */
export interface ThreadEnd {
  post(message: unknown): void;
  /** While it is held, the process does not end by itself. */
  hold(held: boolean): void;
}

/** Starts a thread at the module `entry`. `hear` gets what it posts, `fail` why it ended. Undefined under Node: pen works in one thread there. */
export function startThread(entry: string, hear: (message: unknown) => void, fail: (why: string) => void): ThreadEnd | undefined {
  if (!isBun) return undefined;
  const worker = new Worker(entry) as Worker & { ref(): void; unref(): void };
  let ended = false;
  const end = (why: string): void => {
    if (!ended) fail(why);
    ended = true;
  };
  worker.addEventListener("message", ({ data }) => hear(data));
  worker.addEventListener("error", ({ message }) => end(message));
  // What ends itself fails in nobody's eyes.
  worker.addEventListener("close", () => end("it ended before its work was done"));
  // The rule knows windows, which have origins.
  // oxlint-disable-next-line unicorn/require-post-message-target-origin
  return { post: (message) => worker.postMessage(message), hold: (held) => (held ? worker.ref() : worker.unref()) };
}

/** In a thread that {@link startThread} started: hears what the other end posts, and gives the way back. */
export function hearStarter(hear: (message: unknown) => void): (message: unknown) => void {
  globalThis.addEventListener("message", (event) => hear((event as MessageEvent<unknown>).data));
  // oxlint-disable-next-line unicorn/require-post-message-target-origin
  return (message) => postMessage(message);
}
