/**
 * Threads of this process that work beside the first one. Only pen's own program has them ({@link allowThreads}): a library starts none in
 * the process of others, and Node has none here. Whoever uses them has a way without.
 */
import { processorCount } from "./concurrency.ts";
import { isPenError, PenError, type PenErrorCode, type PenErrorDetails } from "./errors.ts";
import { silent, type Emit, type PenEvent } from "./events.ts";
import { hearStarter, startThread, type ThreadEnd } from "./runtime.ts";

/** What a thread can do, by name. The input and the answer are copied on their way, but for shared memory. */
export type ThreadWorks = Readonly<Record<string, (input: never, emit: Emit) => unknown>>;

interface Order {
  readonly work: string;
  readonly input: unknown;
}

type Reply = { readonly event: PenEvent } | { readonly value: unknown } | { readonly failure: Failure };

interface Failure extends Omit<PenErrorDetails, "cause"> {
  /** Undefined for what is no {@link PenError}. */
  readonly code?: PenErrorCode;
  readonly message: string;
  readonly stack?: string | undefined;
}

interface Task extends Order {
  readonly emit: Emit;
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** More threads than these wait for the disk and for each other. */
const mostThreads = 4;

let entry: string | undefined;
let started = 0;
const idle: ThreadEnd[] = [];
const waiting: Task[] = [];

/** From now on threads may be started, at the module `url`, which calls {@link serveThread}. */
export function allowThreads(url: string): void {
  entry = url;
}

/** How many threads may work beside this one; 0 where there are none. */
export function threadCount(): number {
  return entry === undefined ? 0 : Math.min(processorCount(), mostThreads);
}

/** True when threads are there already, at work or not. */
export function threadsAwake(): boolean {
  return started > 0;
}

/** Starts `count` threads, as far as they may be and are not there yet: so they are awake when the work comes, a moment later. */
export function wakeThreads(count: number): void {
  while (started < Math.min(count, threadCount())) start();
}

/** Lets a thread do `work`, as soon as one is free. Only where {@link threadCount} is not 0. Errors: those of the work. */
export function inThread<T>(work: string, input: unknown, emit: Emit = silent): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    waiting.push({ work, input, emit, resolve: (value) => resolve(value as T), reject });
    if (idle.length === 0 && started < threadCount()) start();
    else hireIdle();
  });
}

function hireIdle(): void {
  while (idle.length > 0 && waiting.length > 0) give(idle.pop() as ThreadEnd);
}

const current = new Map<ThreadEnd, Task>();

function give(thread: ThreadEnd): void {
  const task = waiting.shift();
  if (task === undefined) {
    idle.push(thread);
    thread.hold(false);
    return;
  }
  current.set(thread, task);
  thread.hold(true);
  thread.post({ work: task.work, input: task.input } satisfies Order);
}

function start(): void {
  started += 1;
  const thread = startThread(
    entry as string,
    (message) => hear(thread as ThreadEnd, message as Reply),
    (why) => end(thread as ThreadEnd, why),
  );
  if (thread === undefined) throw new PenError("INTERNAL", "This runtime has no threads");
  give(thread);
}

function hear(thread: ThreadEnd, reply: Reply): void {
  const task = current.get(thread);
  if (task === undefined) return;
  if ("event" in reply) return task.emit(reply.event);
  current.delete(thread);
  if ("failure" in reply) task.reject(errorOf(reply.failure));
  else task.resolve(reply.value);
  give(thread);
}

/** A thread that ended takes its task with it; another may be started. */
function end(thread: ThreadEnd, why: string): void {
  started -= 1;
  const at = idle.indexOf(thread);
  if (at >= 0) idle.splice(at, 1);
  const task = current.get(thread);
  current.delete(thread);
  // What waits has perhaps waited for this one.
  if (waiting.length > 0) start();
  task?.reject(new PenError("INTERNAL", "A thread of pen's ended", { why }));
}

function errorOf({ code, message, stack, ...details }: Failure): Error {
  const error = code === undefined ? new Error(message) : new PenError(code, message, details);
  if (stack !== undefined) error.stack = stack;
  return error;
}

let serves = false;

/** True in a thread that another one started. */
export function isHelper(): boolean {
  return serves;
}

/** The other side: waits for works and does them, one after the other. */
export function serveThread(works: ThreadWorks): void {
  serves = true;
  const post = hearStarter((message) => {
    const { work, input } = message as Order;
    void answer(works, { work, input }, (event) => post({ event } satisfies Reply)).then(post);
  });
}

async function answer(works: ThreadWorks, { work, input }: Order, emit: Emit): Promise<Reply> {
  try {
    const run = works[work];
    if (run === undefined) throw new PenError("INTERNAL", `No thread can do '${work}'`);
    return { value: await run(input as never, emit) };
  } catch (error) {
    return { failure: failureOf(error) };
  }
}

function failureOf(error: unknown): Failure {
  if (!(error instanceof Error)) return { message: String(error) };
  const { message, stack } = error;
  if (!isPenError(error)) return { message, stack };
  const { code, why, hint, data } = error;
  return { code, message, stack, data, ...(why === undefined ? {} : { why }), ...(hint === undefined ? {} : { hint }) };
}
