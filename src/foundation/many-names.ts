/** The one place that makes many folders or hard links: all threads of pen take from one list until it is done. */
import * as fs from "node:fs";
import { errnoOf } from "./file-errors.ts";
import { failureOf, openDescriptor } from "./open-folder.ts";
import { folderCalls, type FolderCalls } from "./runtime.ts";
import { inThread, threadCount } from "./threads.ts";

/** Names that shall come to be. All paths are absolute. */
export interface ManyNames {
  /** Folders, parents first; with {@link existing} files, whose folders are there. */
  readonly names: readonly string[];
  /** `names[n]` becomes a second name of the file `existing[n]`. */
  readonly existing?: readonly string[];
}

export interface MakingOptions {
  /** Called now and then with how many are done. */
  readonly onProgress?: (done: number) => void;
  readonly signal?: AbortSignal | undefined;
}

/** What all threads see of one list. */
interface Shared {
  /** Open folders: that of the existing files (-1: folders are made), and that of the names. */
  readonly from: number;
  readonly to: number;
  /** Names below the open folders, each ended by a NUL: all new ones, and for links all existing ones behind them. */
  readonly text: SharedArrayBuffer;
  /** Where each name begins in the text. */
  readonly places: SharedArrayBuffer;
  /** 1 for each of the list that is made. */
  readonly made: SharedArrayBuffer;
  /** 1 when all shall stop, how many are made, and how many are taken of each part of the list. */
  readonly counts: SharedArrayBuffer;
  /**
   * Where the parts of the list begin. Each thread has a part, for two that work in one folder wait for each other; who is done with its own helps
   * with another.
   */
  readonly starts: readonly number[];
}

const [stopped, made, taken] = [0, 1, 2] as const;
/** Taken at once: some hundred microseconds of work. */
const share = 16;
/** Milliseconds of work before signals and the screen get their turn. */
const breath = 30;
/** Fewer names than these in all are made before another thread is awake; and of a list that is shorter than `divides` a part is no help. */
const pays = 3000;
const divides = 400;
/** What stands for {@link makeNames} in a thread. */
export const makeNamesWork = "make-names";

/** What could not be made without a judgement. */
export interface Unmade {
  /** For each list the positions that were not made, ascending: all that were not done when the first one failed, and all of the lists after it. */
  readonly left: ReadonlyArray<readonly number[]>;
  /** What failed: the position in its list, and FILE_SYSTEM. Missing where nothing was tried, for want of system calls that do this well. */
  readonly failure?: { readonly list: number; readonly at: number; readonly error: Error };
}

/**
 * Makes lists of names, each when the one before it is whole. What stands above the names is opened once and never walked again. Ends at the first
 * failure; whoever asked judges it and makes the rest one by one. When this ends, by `signal` too, no thread works on the lists any more.
 */
export async function makeMany(lists: readonly ManyNames[], options: MakingOptions = {}): Promise<Unmade> {
  const left: Array<readonly number[]> = [];
  const calls = folderCalls();
  const threads = lists.reduce((sum, { names }) => sum + names.length, 0) < pays ? 1 : Math.max(1, threadCount());
  let next = calls === undefined ? undefined : openShared(lists[0], threads);
  try {
    for (; calls !== undefined && left.length < lists.length;) {
      const list = left.length;
      const shared = next;
      next = undefined;
      // While the other threads are at work on this list, the next one is made ready.
      const meanwhile = (): void => void (next = openShared(lists[list + 1], threads));
      if (shared === undefined) {
        if (lists[list]?.names.length !== 0) break;
        meanwhile();
        left.push([]);
        continue;
      }
      const failed = await makeOne(shared, calls, { ...options, meanwhile });
      left.push(unmadeOf(shared));
      if (failed !== undefined)
        return { left: withRest(left, lists), failure: { list, at: failed.at, error: errorOf(lists[list], failed) } };
    }
    return { left: withRest(left, lists) };
  } finally {
    close(next);
  }
}

function unmadeOf({ made: marks, counts }: Shared): readonly number[] {
  if (Atomics.load(new Int32Array(counts), made) === marks.byteLength) return [];
  return [...new Uint8Array(marks).entries()].flatMap(([at, is]) => (is === 1 ? [] : [at]));
}

/** Nothing is made of the lists that `left` does not know of. */
function withRest(left: ReadonlyArray<readonly number[]>, lists: readonly ManyNames[]): Unmade["left"] {
  return [...left, ...lists.slice(left.length).map(({ names }) => [...names.keys()])];
}

interface Failed {
  readonly at: number;
  readonly errno: string;
}

function errorOf(list: ManyNames | undefined, { at, errno }: Failed): Error {
  return failureOf(list?.existing === undefined ? "create the folder" : "link", list?.names[at] ?? "", errno);
}

async function makeOne(shared: Shared, calls: FolderCalls, options: MakingOptions & { meanwhile(): void }): Promise<Failed | undefined> {
  const others: Array<Promise<Failed | undefined>> = [];
  try {
    for (let part = 1; part < shared.starts.length; part += 1) others.push(inThread(makeNamesWork, { ...shared, part }));
    options.meanwhile();
    const own = await makeWithPauses(shared, calls, options);
    return [own, ...(await Promise.all(others))].find((failed) => failed !== undefined);
  } finally {
    Atomics.store(new Int32Array(shared.counts), stopped, 1);
    await Promise.allSettled(others);
    close(shared);
  }
}

function close(shared: Shared | undefined): void {
  for (const descriptor of shared === undefined ? [] : [shared.from, shared.to]) if (descriptor >= 0) fs.closeSync(descriptor);
}

async function makeWithPauses(shared: Shared, calls: FolderCalls, { onProgress, signal }: MakingOptions): Promise<Failed | undefined> {
  const counts = new Int32Array(shared.counts);
  const turn = turnOf(shared, 0, calls);
  let last = performance.now();
  for (;;) {
    const ended = turn();
    if (ended !== undefined) return ended === "done" ? undefined : ended;
    if (performance.now() - last < breath) continue;
    onProgress?.(Atomics.load(counts, made));
    await new Promise((resolve) => setImmediate(resolve));
    signal?.throwIfAborted();
    last = performance.now();
  }
}

/** What another thread does for {@link makeMany}. */
export function makeNames({ part, ...shared }: Shared & { readonly part: number }): Failed | undefined {
  const calls = folderCalls();
  if (calls === undefined) return undefined;
  const turn = turnOf(shared, part, calls);
  for (;;) {
    const ended = turn();
    if (ended !== undefined) return ended === "done" ? undefined : ended;
  }
}

/** A function that takes the next ones of the list and makes them. Gives what failed, or that there is no more to do. */
function turnOf(shared: Shared, own: number, calls: FolderCalls): () => Failed | "done" | undefined {
  const { from, to, starts } = shared;
  const [counts, places, done] = [new Int32Array(shared.counts), new Int32Array(shared.places), new Uint8Array(shared.made)];
  const base = calls.addressOf(new Uint8Array(shared.text));
  const total = done.length;
  let [part, tried] = [own, 0];
  return () => {
    const first = (starts[part] as number) + Atomics.add(counts, taken + part, share);
    const end = Math.min(first + share, starts[part + 1] ?? total);
    for (let at = first; at < end; at += 1) {
      if (Atomics.load(counts, stopped) === 1) return "done";
      const name = base + (places[at] as number);
      const errno =
        from < 0 ? makeFolderSoon({ calls, folder: to, name, counts }) : calls.link(from, base + (places[total + at] as number), to, name);
      if (errno !== undefined) {
        // Whoever stops the others knows why; what fails because of that says nothing.
        return Atomics.exchange(counts, stopped, 1) === 0 ? { at, errno } : "done";
      }
      done[at] = 1;
      Atomics.add(counts, made, 1);
    }
    if (first < end) return undefined;
    part = (part + 1) % starts.length;
    tried += 1;
    return tried < starts.length ? undefined : "done";
  };
}

/** The folder above may be one that another thread has just taken and will have made in a moment. */
function makeFolderSoon(one: { calls: FolderCalls; folder: number; name: number; counts: Int32Array }): string | undefined {
  const { calls, folder, name, counts } = one;
  for (let waits = 0; ; waits += 1) {
    const errno = calls.makeFolder(folder, name);
    if (errno !== "ENOENT" || waits === mostWaits || Atomics.load(counts, stopped) === 1) return errno;
    Atomics.wait(counts, made, Atomics.load(counts, made), 1);
  }
}

/** Milliseconds, about. */
const mostWaits = 2000;

/** Opens what the names have in common; undefined where that is nothing, or may be passed but not read. */
function openShared({ names, existing }: ManyNames = { names: [] }, threads: number): Shared | undefined {
  if (names.length === 0) return undefined;
  const opened: OpenedFolder[] = [];
  try {
    for (const paths of existing === undefined ? [names] : [names, existing]) opened.push(openCommon(paths));
  } catch {
    for (const { descriptor } of opened) fs.closeSync(descriptor);
    return undefined;
  }
  const [to, from] = opened;
  const below = cut(names, to);
  const starts = startsOf(below, names.length < divides ? 1 : threads);
  return {
    from: from?.descriptor ?? -1,
    to: to?.descriptor ?? -1,
    starts,
    made: new SharedArrayBuffer(names.length),
    counts: new SharedArrayBuffer((taken + starts.length) * 4),
    ...textOf(existing === undefined ? below : [...below, ...cut(existing, from)]),
  };
}

/** Cuts a list into `parts` of about the same length, if it can before a name high up in the tree: then hardly one folder is missing because another thread has yet to make it. */
function startsOf(names: readonly string[], parts: number): number[] {
  const size = Math.ceil(names.length / parts);
  return Array.from({ length: parts }, (_, part) => (part === 0 ? 0 : highestNear(names, part * size, size >> 2)));
}

function highestNear(names: readonly string[], middle: number, reach: number): number {
  let best = middle;
  let least = Infinity;
  for (let at = middle - reach; at < Math.min(names.length, middle + reach); at += 1) {
    const depth = (names[at] ?? "").split("/").length;
    if (depth > least || (depth === least && Math.abs(at - middle) >= Math.abs(best - middle))) continue;
    [best, least] = [at, depth];
  }
  return best;
}

interface OpenedFolder {
  readonly path: string;
  readonly descriptor: number;
}

/** The deepest folder that holds all paths and is there already. */
function openCommon(paths: readonly string[]): OpenedFolder {
  for (let path = commonFolder(paths); ; path = parentOf(path)) {
    try {
      return { path, descriptor: openDescriptor(`${path}/`) };
    } catch (error) {
      if (errnoOf(error) !== "ENOENT" || path === "") throw error;
    }
  }
}

function cut(paths: readonly string[], folder: OpenedFolder | undefined): string[] {
  const length = folder === undefined ? 0 : folder.path.length + 1;
  const names = [...paths];
  for (let at = 0; at < paths.length; at += 1) names[at] = (paths[at] as string).slice(length);
  return names;
}

/** The names one after the other as the system reads them. A name that no file can have gets one that is refused. */
function textOf(given: readonly string[]): Pick<Shared, "text" | "places"> {
  const names = given.join("").includes("\0") ? given.map((name) => (name.includes("\0") ? "" : name)) : given;
  const whole = names.join("\0");
  // The NUL behind the last one is there already.
  const text = new SharedArrayBuffer(Buffer.byteLength(whole) + 1);
  const bytes = Buffer.from(text);
  bytes.write(whole);
  const isAscii = bytes.length === whole.length + 1;
  let next = 0;
  // Not at once in the array that is shared: before code is compiled, a number is put into one of these by the slow way.
  const begins = names.map((name) => {
    const begin = next;
    next = isAscii ? begin + name.length + 1 : bytes.indexOf(0, begin) + 1;
    return begin;
  });
  const places = new Int32Array(new SharedArrayBuffer(begins.length * 4));
  places.set(begins);
  return { text, places: places.buffer };
}

/** The deepest folder that holds all paths; empty where that is the root. */
function commonFolder(paths: readonly string[]): string {
  let common = `${parentOf(paths[0] ?? "")}/`;
  for (const path of paths) while (common !== "/" && !path.startsWith(common)) common = `${parentOf(common.slice(0, -1))}/`;
  return common.slice(0, -1);
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}
