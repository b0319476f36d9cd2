/** The one place that makes many folders and hard links. */
import { helpersFor, joinCrew, leadCrew, newCrew, type Crew, type Failed, type PartWork } from "./crew.ts";
import { failureOf } from "./open-folder.ts";
import { folderCalls, type FolderCalls } from "./folder-calls.ts";
import { callNumbers } from "./linux-libc.ts";
import { shareText } from "./shared-text.ts";

/** Names that shall come to be below one folder, by one thread and in this order: folders, then files in them. */
export interface ManyNames {
  /** The folder above them, which is there. Absolute. */
  readonly to: string;
  /** Relative to {@link to}, parents first. */
  readonly folders: readonly string[];
  /** The folder above the existing files. Absolute. */
  readonly from: string;
  /** Relative to {@link from}. */
  readonly existing: readonly string[];
  /** `names[n]`, relative to {@link to}, becomes a second name of the file `existing[n]`. */
  readonly names: readonly string[];
  /** With this there are no {@link names}: each is that of the existing file without its first `cut` bytes. */
  readonly cut?: number;
}

/** The new name of a file, relative to `to`. */
export function nameAt({ existing, names, cut }: ManyNames, at: number): string {
  return (cut === undefined ? names[at] : existing[at]?.slice(cut)) ?? "";
}

export interface MakingOptions {
  /** Called now and then with how many are done. */
  readonly onProgress?: (done: number) => void;
  readonly signal?: AbortSignal | undefined;
}

/** What was made without a judgement, and what was not. */
export interface Made {
  /** For each part of each step how many are made, folders first: all after them are not. */
  readonly made: ReadonlyArray<readonly number[]>;
  /** Why the first name of a part that is not made could not be: FILE_SYSTEM. Missing where nothing was tried, for want of system calls that do this well. */
  readonly failure?: { readonly step: number; readonly part: number; readonly error: Error };
}

/** What all threads see of one step. */
interface Shared {
  readonly text: SharedArrayBuffer;
  /** For each part {@link columns} numbers. */
  readonly table: SharedArrayBuffer;
  /** How many of each part are made. */
  readonly made: SharedArrayBuffer;
  readonly crew: Crew;
}

/** Of a part in the table: where the folders above, the folders, the existing files and the names are in the text; how many folders and how many files; what is cut. */
const [toAt, fromAt, foldersAt, existingAt, namesAt, folderCount, fileCount, cutLength] = [0, 1, 2, 3, 4, 5, 6, 7] as const;
const columns = 8;
/** Stands for what is cut where the names are not ends of the existing ones. */
const ownNames = -1;
/** Made between two looks at whether to stop: less than a millisecond of work. */
const share = 64;
/** What stands for {@link makeNames} in a thread. */
export const makeNamesWork = "make-names";

/**
 * Makes the names of each step when the step before it is whole. The parts of a step do not need each other: each is made by one thread, the largest
 * first, for threads that work in one folder wait for each other. Ends at the first failure; whoever asked judges it and makes the rest one by one.
 * When this ends, by `signal` too, no thread works on the names any more.
 */
export async function makeMany(steps: ReadonlyArray<readonly ManyNames[]>, options: MakingOptions = {}): Promise<Made> {
  const made = steps.map((parts) => parts.map(() => 0));
  const calls = folderCalls();
  if (calls === undefined) return { made };
  let before = 0;
  for (const [step, given] of steps.entries()) {
    const numbered = given.map((part, at) => ({ part, at })).sort((a, b) => sizeOf(b.part) - sizeOf(a.part));
    const parts = numbered.map(({ part }) => part);
    const shared = sharedOf(parts);
    if (shared === undefined) return { made };
    const counts = new Int32Array(shared.made);
    const failed = await makeStep(shared, parts, { ...options, calls, before });
    for (const [number, { at }] of numbered.entries()) (made[step] as number[])[at] = counts[number] as number;
    if (failed !== undefined) {
      const error = errorOf(parts[failed.part] as ManyNames, counts[failed.part] as number, failed);
      return { made, failure: { step, part: numbered[failed.part]?.at ?? 0, error } };
    }
    before += sum(counts);
  }
  return { made };
}

const sizeOf = (part: ManyNames): number => part.folders.length + part.existing.length;

function sum(numbers: ArrayLike<number>): number {
  let total = 0;
  for (let at = 0; at < numbers.length; at += 1) total += numbers[at] as number;
  return total;
}

function errorOf(part: ManyNames, made: number, { errno }: Failed): Error {
  const isFolder = made < part.folders.length;
  const name = isFolder ? part.folders[made] : nameAt(part, made - part.folders.length);
  return failureOf(isFolder ? "create the folder" : "link", `${part.to}/${name ?? ""}`, errno);
}

function sharedOf(parts: readonly ManyNames[]): Shared | undefined {
  const texts: Array<readonly string[]> = [];
  for (const { to, from, folders, existing, names } of parts) texts.push([to], [from], folders, existing, names);
  const shared = shareText(texts);
  if (shared === undefined) return undefined;
  const table = new Int32Array(new SharedArrayBuffer(parts.length * columns * 4));
  for (const [at, { folders, existing, cut }] of parts.entries()) {
    const places = shared.places.slice(at * folderCount, (at + 1) * folderCount);
    table.set([...places, folders.length, existing.length, cut ?? ownNames], at * columns);
  }
  return { text: shared.text, table: table.buffer, made: new SharedArrayBuffer(parts.length * 4), crew: newCrew() };
}

interface Making extends MakingOptions {
  readonly calls: FolderCalls;
  /** How many the steps before have made. */
  readonly before: number;
}

function makeStep(shared: Shared, parts: readonly ManyNames[], { calls, before, onProgress, signal }: Making): Promise<Failed | undefined> {
  const counts = new Int32Array(shared.made);
  return leadCrew(shared.crew, {
    parts: parts.length,
    begin: (part) => beginPart(shared, part, calls),
    helpers: helpersFor(sum(parts.map(sizeOf)), parts.length),
    work: makeNamesWork,
    input: shared,
    pause: async () => {
      onProgress?.(before + sum(counts));
      await new Promise((resolve) => setImmediate(resolve));
      signal?.throwIfAborted();
    },
  });
}

/** What another thread does for {@link makeMany}. */
export function makeNames(shared: Shared): Failed | undefined {
  const calls = folderCalls();
  if (calls === undefined) return undefined;
  return joinCrew(shared.crew, shared.made.byteLength / 4, (part) => beginPart(shared, part, calls));
}

/** One thread's making of a part, so that all it needs for one name is at hand. */
interface Progress {
  readonly calls: FolderCalls;
  /** Open folders: of the names, and of the existing files. */
  readonly to: number;
  readonly from: number;
  readonly text: Uint8Array;
  readonly base: number;
  readonly folderEnd: number;
  readonly cut: number;
  /** How many are made. */
  done: number;
  /** Where the next of each kind is in the text. */
  folder: number;
  existing: number;
  name: number;
}

function beginPart(shared: Shared, part: number, calls: FolderCalls): PartWork {
  const made = new Int32Array(shared.made);
  const text = new Uint8Array(shared.text);
  const row = new Int32Array(shared.table).subarray(part * columns, (part + 1) * columns);
  const opened = openBoth(text, row, calls);
  if (typeof opened === "string") return { some: () => opened, end: () => {} };
  const folderEnd = row[folderCount] as number;
  const end = folderEnd + (row[fileCount] as number);
  const progress: Progress = {
    calls,
    to: opened[0],
    from: opened[1],
    text,
    base: calls.addressOf(text),
    folderEnd,
    cut: row[cutLength] as number,
    done: 0,
    folder: row[foldersAt] as number,
    existing: row[existingAt] as number,
    name: row[namesAt] as number,
  };
  return {
    some: () => {
      const errno = makeUpTo(progress, progress.done + share < end ? progress.done + share : end);
      made[part] = progress.done;
      return errno ?? progress.done === end;
    },
    end: () => {
      calls.close(opened[0]);
      if (opened[1] !== opened[0]) calls.close(opened[1]);
    },
  };
}

/**
 * Makes the next names, until `end` are made or one could not be; then its error. Without a call between functions but that of the system: this is not
 * compiled before it is over.
 */
function makeUpTo(progress: Progress, end: number): string | undefined {
  const { calls, to, from, text, base, folderEnd, cut } = progress;
  const { call } = calls;
  const { mkdirat, linkat } = callNumbers;
  const isCut = cut !== ownNames;
  let { done, folder, existing, name } = progress;
  let errno: string | undefined;
  for (; done < end && done < folderEnd; done += 1) {
    if (call(mkdirat, to, base + folder, 0o777, 0, 0) !== 0) {
      errno = calls.errno();
      break;
    }
    folder = text.indexOf(0, folder) + 1;
  }
  for (; errno === undefined && done < end; done += 1) {
    const source = base + existing;
    if (call(linkat, from, source, to, isCut ? source + cut : base + name, 0) !== 0) {
      errno = calls.errno();
      break;
    }
    existing = text.indexOf(0, existing) + 1;
    if (!isCut) name = text.indexOf(0, name) + 1;
  }
  progress.done = done;
  progress.folder = folder;
  progress.existing = existing;
  progress.name = name;
  return errno;
}

/** The folder of the names, and that of the existing files where there are any; or the name of the error. */
function openBoth(text: Uint8Array, row: Int32Array, calls: FolderCalls): string | [number, number] {
  const base = calls.addressOf(text);
  const to = calls.open(base + (row[toAt] as number));
  if (typeof to === "string" || row[fileCount] === 0) return typeof to === "string" ? to : [to, to];
  const from = calls.open(base + (row[fromAt] as number));
  if (typeof from !== "string") return [to, from];
  calls.close(to);
  return from;
}
