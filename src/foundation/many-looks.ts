/** The one place that looks at many files at once, to see whether they are as they were left. */
import { helpersFor, joinCrew, leadCrew, newCrew, type Crew, type Failed, type PartWork } from "./crew.ts";
import { briefMask, folderCalls, type FolderCalls } from "./folder-calls.ts";
import { callNumbers, noFollow } from "./linux-libc.ts";
import { shareText } from "./shared-text.ts";

/** Files below one folder, and how they were left: plain files that nobody may write to. */
export interface LeftFiles {
  /** Absolute. */
  readonly folder: string;
  /** Relative to {@link folder}. */
  readonly names: readonly string[];
  readonly sizes: readonly number[];
  /** Positions of those that their owner may run; the others are for reading alone. */
  readonly executables: readonly number[];
  /** Milliseconds since 1970 between which all were last written to. */
  readonly written: readonly [from: number, to: number];
}

/** What all threads see. */
interface Shared {
  readonly text: SharedArrayBuffer;
  /** For each part {@link columns} numbers. */
  readonly table: SharedArrayBuffer;
  /** The size of each file; where it is executable, -1 less the size. */
  readonly sizes: SharedArrayBuffer;
  /** 1 for each file that is not as it was left. */
  readonly differs: SharedArrayBuffer;
  readonly crew: Crew;
}

/** A part for one thread: some files of one list. */
interface Part {
  readonly list: number;
  readonly first: number;
  readonly end: number;
}

/** Of a part in the table: where the folder and the names are in the text, the first file and how many, and the two times. */
const [folderAt, namesAt, firstFile, fileCount, writtenFrom, writtenTo] = [0, 1, 2, 3, 4, 5] as const;
const columns = 6;
/** A thread takes no more at once, so that all end at about the same time. */
const largest = 500;
const share = 64;
/** What stands for {@link lookAtFiles} in a thread. */
export const lookAtFilesWork = "look-at-files";

/**
 * For each list the positions of files that one look does not settle: what is missing, is no plain file, or has another size, time or mode. Undefined where
 * nothing was looked at, for want of system calls that do this well.
 */
export async function notAsLeft(lists: readonly LeftFiles[]): Promise<number[][] | undefined> {
  const calls = folderCalls();
  const parts: Part[] = [];
  for (const [list, { names }] of lists.entries())
    for (let first = 0; first < names.length; first += largest)
      parts.push({ list, first, end: first + largest < names.length ? first + largest : names.length });
  const shared = calls === undefined ? undefined : sharedOf(lists, parts);
  if (calls === undefined || shared === undefined) return undefined;
  await leadCrew(shared.crew, {
    parts: parts.length,
    begin: (part) => beginPart(shared, part, calls),
    helpers: helpersFor(shared.differs.byteLength, parts.length),
    work: lookAtFilesWork,
    input: shared,
  });
  return positionsOf(lists, new Uint8Array(shared.differs));
}

function positionsOf(lists: readonly LeftFiles[], differs: Uint8Array): number[][] {
  let begin = 0;
  return lists.map(({ names }) => {
    const own = differs.subarray(begin, (begin += names.length));
    const found: number[] = [];
    for (let at = own.indexOf(1); at >= 0; at = own.indexOf(1, at + 1)) found.push(at);
    return found;
  });
}

function sharedOf(lists: readonly LeftFiles[], parts: readonly Part[]): Shared | undefined {
  const begins: number[] = [];
  let count = 0;
  for (const { names } of lists) {
    begins.push(count);
    count += names.length;
  }
  const sizes = new Float64Array(new SharedArrayBuffer(count * 8));
  for (const [list, { sizes: own, executables }] of lists.entries()) {
    const begin = begins[list] as number;
    sizes.set(own, begin);
    for (const at of executables) sizes[begin + at] = -1 - (sizes[begin + at] as number);
  }
  const texts: string[][] = [];
  for (const { list, first, end } of parts) texts.push([lists[list]?.folder ?? ""], lists[list]?.names.slice(first, end) ?? []);
  const shared = shareText(texts);
  if (shared === undefined) return undefined;
  const table = new Float64Array(new SharedArrayBuffer(parts.length * columns * 8));
  for (const [at, { list, first, end }] of parts.entries()) {
    const written = lists[list]?.written ?? [0, 0];
    table.set([...shared.places.slice(at * 2, at * 2 + 2), (begins[list] as number) + first, end - first, ...written], at * columns);
  }
  return { text: shared.text, table: table.buffer, sizes: sizes.buffer, differs: new SharedArrayBuffer(count), crew: newCrew() };
}

/** What another thread does for {@link notAsLeft}. */
export function lookAtFiles(shared: Shared): Failed | undefined {
  const calls = folderCalls();
  if (calls === undefined) return undefined;
  return joinCrew(shared.crew, shared.table.byteLength / 8 / columns, (part) => beginPart(shared, part, calls));
}

/** One thread's look at the files of a part, so that all it needs for one file is at hand. */
interface Looking {
  readonly calls: FolderCalls;
  readonly folder: number;
  readonly text: Uint8Array;
  readonly base: number;
  readonly sizes: Float64Array;
  readonly differs: Uint8Array;
  /** As {@link LeftFiles.written}, with {@link timeGrain}. */
  readonly from: number;
  readonly to: number;
  /** Of the next file. */
  at: number;
  name: number;
}

function beginPart(shared: Shared, part: number, calls: FolderCalls): PartWork {
  const text = new Uint8Array(shared.text);
  const row = new Float64Array(shared.table).subarray(part * columns, (part + 1) * columns);
  const base = calls.addressOf(text);
  const folder = calls.open(base + (row[folderAt] as number));
  const differs = new Uint8Array(shared.differs);
  const first = row[firstFile] as number;
  const end = first + (row[fileCount] as number);
  if (typeof folder !== "number") {
    differs.fill(1, first, end);
    return { some: () => true, end: () => {} };
  }
  const looking: Looking = {
    calls,
    folder,
    text,
    base,
    sizes: new Float64Array(shared.sizes),
    differs,
    from: (row[writtenFrom] as number) - timeGrain,
    to: (row[writtenTo] as number) + timeGrain,
    at: first,
    name: row[namesAt] as number,
  };
  return {
    some: () => {
      lookUpTo(looking, looking.at + share < end ? looking.at + share : end);
      return looking.at === end;
    },
    end: () => calls.close(folder),
  };
}

/**
 * Looks at the next files, up to `end`. Without a call between functions but that of the system, and without a second look at anything: this is not compiled before it
 * is over, and each step of the engine's counts.
 */
function lookUpTo(looking: Looking, end: number): void {
  const { calls, folder, text, base, sizes, differs, from, to } = looking;
  const { call, status } = calls;
  const { halves, words, place } = status;
  const { statx } = callNumbers;
  let { at, name } = looking;
  for (; at < end; at += 1) {
    const missing = call(statx, folder, base + name, noFollow, briefMask, place);
    name = text.indexOf(0, name) + 1;
    let size = sizes[at] as number;
    let mode = plainFile;
    if (size < 0) {
      size = -1 - size;
      mode = plainExecutable;
    }
    const mtimeMs = ((words[28] as number) + ((words[29] as number) | 0) * 4294967296) * 1000 + (words[30] as number) / 1000000;
    if (
      missing === 0 &&
      ((halves[14] as number) & modeBits) === mode &&
      (words[10] as number) + (words[11] as number) * 4294967296 === size &&
      mtimeMs >= from &&
      mtimeMs <= to
    )
      continue;
    differs[at] = 1;
  }
  looking.at = at;
  looking.name = name;
}

/** Milliseconds by which a time can be rounded on its way through the system calls. */
const timeGrain = 0.002;

/** Whether the time of a file is one of those between which all were written. */
export function isTimeAsLeft(mtimeMs: number, written: LeftFiles["written"]): boolean {
  return mtimeMs >= written[0] - timeGrain && mtimeMs <= written[1] + timeGrain;
}

/** The rights that count: the umask may take those of others away; writable or not executable by its owner a file may not be. */
const rightBits = 0o7722;
const [readable, runnable] = [0o400, 0o500] as const;
const modeBits = 0o170000 | rightBits;
const regularFile = 0o100000;
const plainFile = regularFile | readable;
const plainExecutable = regularFile | runnable;

/** Whether the mode is that of a file nobody writes to. */
export function isModeAsLeft(mode: number, executable: boolean): boolean {
  return (mode & rightBits) === (executable ? runnable : readable);
}
