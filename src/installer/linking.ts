import {
  nameAt,
  changeMode,
  copyFile,
  errnoOf,
  hardLink,
  makeFolder,
  makeMany,
  mayClone,
  PenError,
  setTime,
  statusOf,
  targetStatusOf,
  warn,
  type Emit,
  type MakingOptions,
  type Made,
  type ManyNames,
} from "#foundation";
import type { LinkMode } from "./types.ts";

/** The ways to make a file of the store appear in an environment. */
export type FileMode = "clone" | "hardlink" | "copy";

interface Linker {
  /** Makes the file `from` of the store appear at `to`, which must not exist. `failed` is why a hard link could not be made. */
  link(from: string, to: string, failed?: Error): void;
  /** The mode in use after the fallbacks so far. */
  mode(): FileMode;
}

/** What says that a mode cannot work between these two places, or on this file system. */
const impossible = new Set(["EXDEV", "EPERM", "EACCES", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EINVAL", "ENOTTY"]);

/**
 * A name of the store that another process replaces by an equal file (two compile the same module) has no file to be linked for a moment, and the system says
 * ENOENT of what is there: so often in a row it is tried again.
 */
const mostReplaced = 3;

interface LinkingOptions extends MakingOptions {
  readonly emit: Emit;
}

/** Milliseconds of work before signals and the screen get their turn, and how many files come between two looks at the clock. */
const breath = 30;
const stride = 64;

/** What comes to be in an environment: the parts of each step when the step before is whole. The parts of one do not need each other. */
type Steps = ReadonlyArray<readonly ManyNames[]>;

/**
 * Makes folders, and files of the store appear in them, which must not exist. Starts with `wanted` and steps down (clone, hard link, copy) when
 * the file system cannot. Stepping down from a mode that a person asked for is told once; `auto` steps down in silence, but for the last step.
 * Gives the mode in use at the end. Errors: FILE_SYSTEM, FILE_CONFLICT, STORE_DAMAGED, and the reason of `signal`.
 */
export async function placeFiles(steps: Steps, wanted: LinkMode, options: LinkingOptions): Promise<FileMode> {
  const linker = createLinker(modesFor(wanted, steps), options.emit, wanted);
  const pause = pausesOf(options);
  const makeRest = async (parts: Steps, { made, failure }: Made): Promise<void> => {
    for (const [step, own] of parts.entries())
      for (const [part, names] of own.entries()) {
        const done = made[step]?.[part] ?? 0;
        if (done === names.folders.length + names.existing.length) continue;
        const failed = failure?.step === step && failure.part === part ? failure.error : undefined;
        await makeOneByOne(names, { linker, pause, done, failed });
      }
  };
  const make = async (parts: Steps): Promise<void> => makeRest(parts, await makeMany(parts, options));
  if (linker.mode() === "hardlink") {
    const divided: Array<readonly ManyNames[]> = [];
    for (const parts of steps) divided.push(...divideLargest(parts));
    await make(divided);
    return linker.mode();
  }
  await make(steps.map((parts) => parts.map((part) => withoutFiles(part))));
  const files = steps.map((parts) => parts.map((part) => ({ ...part, folders: [] })));
  // One file tells whether it is hard links after all.
  const first = files.flat().find(({ existing }) => existing.length > 0);
  if (first !== undefined) linker.link(`${first.from}/${first.existing[0] ?? ""}`, `${first.to}/${nameAt(first, 0)}`);
  const rest = files.map((parts) => parts.map((part) => (part === first ? withoutFirst(part) : part)));
  if (linker.mode() === "hardlink") await make(rest);
  else await makeRest(rest, { made: [] });
  return linker.mode();
}

function withoutFiles(part: ManyNames): ManyNames {
  return { ...part, existing: [], names: [] };
}

function withoutFirst(part: ManyNames): ManyNames {
  return { ...part, existing: part.existing.slice(1), names: part.names.slice(1) };
}

/** So many names in one part, and more than in all others together, are too much for one thread. */
const large = 2000;
const pieces = 4;

/** Once its folders are there, the files of the largest part can be made by several. */
function divideLargest(parts: readonly ManyNames[]): ReadonlyArray<readonly ManyNames[]> {
  let [total, largest, at] = [0, 0, 0];
  for (const [number, { folders, existing }] of parts.entries()) {
    const size = folders.length + existing.length;
    total += size;
    if (size > largest) [largest, at] = [size, number];
  }
  const part = parts[at];
  if (part === undefined || largest <= large || largest <= total / 2) return [parts];
  const size = Math.ceil(part.existing.length / pieces);
  const divided = Array.from({ length: pieces }, (_, piece) => ({
    ...part,
    folders: [],
    existing: part.existing.slice(piece * size, (piece + 1) * size),
    names: part.names.slice(piece * size, (piece + 1) * size),
  }));
  return [[withoutFiles(part)], [...parts.slice(0, at), ...divided, ...parts.slice(at + 1)]];
}

interface OneByOne {
  readonly linker: Linker;
  readonly pause: () => Promise<void> | undefined;
  /** How many of the names are there already. */
  readonly done: number;
  /** Why the next one could not be made. */
  readonly failed: Error | undefined;
}

async function makeOneByOne(part: ManyNames, { linker, pause, done, failed }: OneByOne): Promise<void> {
  const { to, from, folders, existing } = part;
  for (let at = done; at < folders.length + existing.length; at += 1) {
    await pause();
    const error = at === done ? failed : undefined;
    const file = at - folders.length;
    if (file < 0) makeNewFolder(`${to}/${folders[at] ?? ""}`, error);
    else linker.link(`${from}/${existing[file] ?? ""}`, `${to}/${nameAt(part, file)}`, error);
  }
}

/** `failed` is why it could not be made. */
function makeNewFolder(path: string, failed: Error | undefined): void {
  if (failed !== undefined && errnoOf(failed) !== "EEXIST") throw failed;
  // A Python that runs meanwhile may have made a `__pycache__`; anything else there is not ours.
  if (!makeFolder(path) && statusOf(path)?.kind !== "folder")
    throw new PenError("FILE_CONFLICT", `${path} is in the way`, { why: "It appeared while pen was installing.", data: { path } });
}

/** A function to be called before each file that is made by itself: now and then it lets signals and the screen have their turn. */
function pausesOf({ onProgress, signal }: LinkingOptions): () => Promise<void> | undefined {
  let [done, last] = [0, performance.now()];
  const rest = async (): Promise<void> => {
    onProgress?.(done);
    await new Promise((resolve) => setImmediate(resolve));
    signal?.throwIfAborted();
    last = performance.now();
  };
  return () => {
    done += 1;
    return done % stride === 0 && performance.now() - last > breath ? rest() : undefined;
  };
}

/** The modes to try, in this order. */
function modesFor(wanted: LinkMode, steps: Steps): readonly FileMode[] {
  if (wanted === "copy") return ["copy"];
  const place = steps[0]?.[0]?.to;
  const isClone = wanted === "clone" || (wanted === "auto" && (place === undefined || mayClone(place)));
  return isClone ? ["clone", "hardlink", "copy"] : ["hardlink", "copy"];
}

function createLinker(modes: readonly FileMode[], emit: Emit, wanted: LinkMode): Linker {
  let at = 0;
  const make = (mode: FileMode, from: string, to: string): void => (mode === "hardlink" ? hardLink(from, to) : copy(mode, from, to));
  const stepDown = (error: unknown, to: string): void => {
    const failed = modes[at] ?? "copy";
    const next = modes[at + 1];
    if (next === undefined || !impossible.has(errnoOf(error) ?? "")) throw error;
    // A folder that may not be written to refuses every mode alike.
    if (isRefusedPlace(errnoOf(error), to)) throw error;
    at += 1;
    if (wanted === failed || next === "copy")
      warn(
        emit,
        "link-mode",
        `Files of the store cannot be ${failed === "clone" ? "cloned" : "hard-linked"} into this place (${errnoOf(error)}): using ${next}`,
      );
  };
  return {
    mode: () => modes[at] ?? "copy",
    link: (from, to, failed) => {
      let patience = mostReplaced;
      // Another file may have shown meanwhile that there are no hard links here.
      for (let known = modes[at] === "hardlink" ? failed : undefined; ; known = undefined) {
        try {
          if (known !== undefined) throw known;
          return make(modes[at] ?? "copy", from, to);
        } catch (error) {
          if (errnoOf(error) === "ENOENT" && (patience -= 1) >= 0 && statusOf(from) !== undefined) continue;
          // This one file has as many names as the file system allows.
          if (modes[at] === "hardlink" && errnoOf(error) === "EMLINK") return make("copy", from, to);
          stepDown(error, to);
        }
      }
    },
  };
}

function isRefusedPlace(errno: string | undefined, to: string): boolean {
  if (errno !== "EACCES" && errno !== "EPERM") return false;
  const folder = targetStatusOf(to.slice(0, to.lastIndexOf("/")));
  return folder === undefined || (folder.mode & 0o222) === 0;
}

function copy(mode: "clone" | "copy", from: string, to: string): void {
  const status = statusOf(from);
  if (status === undefined)
    throw new PenError("STORE_DAMAGED", `The store lost ${from}`, {
      hint: "Run the command again with --reinstall, or `pen cache verify`.",
      data: { path: from },
    });
  copyFile(from, to, { clone: mode === "clone" });
  // The copy is the environment's own: it may be edited, and its bytecode is checked against the time of the original.
  changeMode(to, (status.mode & 0o111) === 0 ? 0o644 : 0o755);
  setTime(to, status.mtimeMs);
}
