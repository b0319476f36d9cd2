/** The one place that looks at many files at once, to see whether they are as they were left. */
import { constants } from "node:fs";
import { helpersFor, joinCrew, leadCrew, newCrew, type Crew, type Failed, type PartWork } from "./crew.ts";
import { folderCalls, type FolderCalls, type PlainStatus } from "./folder-calls.ts";
import { namesFrom, shareText } from "./shared-text.ts";

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
  const parts = lists.flatMap(({ names }, list) =>
    Array.from({ length: Math.ceil(names.length / largest) }, (_, at): Part => ({
      list,
      first: at * largest,
      end: Math.min((at + 1) * largest, names.length),
    })),
  );
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
  const shared = shareText(
    parts.flatMap(({ list, first, end }) => [[lists[list]?.folder ?? ""], lists[list]?.names.slice(first, end) ?? []]),
  );
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

function beginPart(shared: Shared, part: number, calls: FolderCalls): PartWork {
  const text = new Uint8Array(shared.text);
  const row = new Float64Array(shared.table).subarray(part * columns, (part + 1) * columns);
  const folder = calls.open(calls.addressOf(text) + (row[folderAt] as number));
  const name = namesFrom(text, row[namesAt] as number, calls);
  const sizes = new Float64Array(shared.sizes);
  const differs = new Uint8Array(shared.differs);
  const written = [row[writtenFrom] as number, row[writtenTo] as number] as const;
  const status: PlainStatus = { mode: 0, size: 0, mtimeMs: 0 };
  let at = row[firstFile] as number;
  const end = at + (row[fileCount] as number);
  return {
    some: () => {
      for (const rest = Math.min(at + share, end); at < rest; at += 1) {
        const isLeft =
          typeof folder === "number" && calls.look(folder, name(), status) === undefined && isAsLeft(status, sizes[at] as number, written);
        if (!isLeft) differs[at] = 1;
      }
      return at === end;
    },
    end: () => {
      if (typeof folder === "number") calls.close(folder);
    },
  };
}

/** Milliseconds by which a time can be rounded on its way through the system calls. */
const timeGrain = 0.002;

/** Whether the time of a file is one of those between which all were written. */
export function isTimeAsLeft(mtimeMs: number, written: LeftFiles["written"]): boolean {
  return mtimeMs >= written[0] - timeGrain && mtimeMs <= written[1] + timeGrain;
}

/** Whether the mode is that of a file nobody writes to. The umask may take the rights of others away; writable or not executable by its owner it may not be. */
export function isModeAsLeft(mode: number, executable: boolean): boolean {
  return (mode & 0o7222) === 0 && (mode & 0o500) === (executable ? 0o500 : 0o400);
}

function isAsLeft({ mode, size, mtimeMs }: PlainStatus, sizeAndKind: number, written: LeftFiles["written"]): boolean {
  const executable = sizeAndKind < 0;
  return (
    (mode & constants.S_IFMT) === constants.S_IFREG &&
    size === (executable ? -1 - sizeAndKind : sizeAndKind) &&
    isTimeAsLeft(mtimeMs, written) &&
    isModeAsLeft(mode, executable)
  );
}
